from __future__ import annotations

import asyncio
import json
from typing import Any

import aiodocker
import aiohttp
import pytest

from dockpit.simulate import lifecycle, scenario
from dockpit.simulate.container_spec import ContainerSpec, Scenario
from tests.dockpit.simulate.conftest import START, Rig, Serve

ONE = Scenario(
    "one",
    "",
    (ContainerSpec("one", age_seconds=60.0), ContainerSpec("off", state="exited")),
    images=("nicolaka/netshoot",),
    warmup=0,
)


async def lines(answer: aiohttp.ClientResponse, rig: Rig, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        found.append(json.loads(await rig.passing(answer.content.readline())))
    return found


async def test_ping_says_which_api(rigged: Serve) -> None:
    async with rigged(ONE) as rig, rig.http.get("/_ping") as answer:
        assert await answer.text() == "OK"
        assert answer.headers["Api-Version"] == "1.45"
        assert answer.headers["Ostype"] == "linux"
        assert answer.headers["Server"] == "Docker/26.1.5 (linux)"


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/v1.99/info", 400, "client version 1.99 is too new. Maximum supported API version is 1.45"),
        ("GET", "/v1.12/info", 400, "client version 1.12 is too old. Minimum supported API version is 1.24, please"),
        ("GET", "/nothing", 404, "page not found"),
        ("DELETE", "/info", 405, "method not allowed"),
        ("GET", "/containers/nope/json", 404, "No such container: nope"),
        ("GET", "/containers/nope/stats", 404, "No such container: nope"),
        ("GET", "/containers/json?filters=nonsense", 400, "invalid filter"),
        ("GET", '/containers/json?filters={"odd":["1"]}', 400, "invalid filter 'odd'"),
        ("GET", "/containers/one/stats?stream=1&one-shot=1", 400, "cannot have stream=true and one-shot=true"),
        ("GET", "/containers/one/logs", 400, "Bad parameters: you must choose at least one stream"),
        ("GET", "/containers/off/top", 409, "is not running"),
        ("GET", "/events?since=yesterday", 400, "failed to parse value as time or duration"),
        ("GET", "/images/none/json", 404, "No such image: none:latest"),
        ("POST", "/images/create", 400, "invalid reference format"),
        ("POST", "/containers/off/exec", 409, "is not running"),
        ("POST", "/containers/one/exec", 400, "No exec command specified"),
        ("POST", "/containers/one/kill?signal=NOPE", 400, "Invalid signal: NOPE"),
        ("POST", "/containers/one/rename?name=off", 409, "is already in use by container"),
        ("POST", "/containers/one/rename?name=%2Fx", 400, "only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"),
        ("POST", "/containers/one/resize?h=a&w=1", 400, "invalid resize"),
        ("POST", "/containers/off/resize?h=1&w=1", 409, "is not running"),
        ("POST", "/exec/nope/start", 404, "No such exec instance: nope"),
        ("POST", "/containers/create", 400, "config cannot be empty"),
    ],
)
async def test_refusals_in_the_engines_words(rigged: Serve, method: str, path: str, status: int, message: str) -> None:
    async with rigged(ONE) as rig:
        got, body = await rig.json(method, path)
        assert (got, message in body["message"]) == (status, True), body


async def test_aiodocker_reads_it(rigged: Serve) -> None:
    async with rigged(scenario("throttled")) as rig:
        assert (await rig.docker.version())["ApiVersion"] == "1.45"
        info = await rig.docker.system.info()
        assert (info["CgroupVersion"], info["NCPU"], info["ContainersRunning"]) == ("2", 4, 2)
        listed = await rig.docker.containers.list()
        spin = await rig.docker.containers.get("spin")
        assert spin["HostConfig"]["NanoCpus"] == 200_000_000
        assert spin.id in {container.id for container in listed}
        assert (await (await rig.docker.containers.get(spin.id[:10])).show())["Name"] == "/spin"


async def test_list_filters(rigged: Serve) -> None:
    async with rigged(scenario("fleet")) as rig:

        async def names(**filters: list[str]) -> set[str]:
            params = {"all": "1", "filters": json.dumps(filters)}
            _, rows = await rig.json("GET", "/v1.41/containers/json", params=params)
            return {row["Names"][0] for row in rows}

        assert len(await names()) == 17
        assert await names(status=["paused"]) == {"/staging-worker"}
        assert await names(label=["com.docker.compose.project=shop", "com.docker.compose.service=db"]) == {"/shop-db-1"}
        assert await names(name=["backup"]) == {"/backup-nightly"}
        assert await names(id=[rig.world.find("jupyter").id[:12]]) == {"/jupyter"}
        assert await names(ancestor=["redis"]) == {"/shop-cache-1"}
        _, rows = await rig.json("GET", "/containers/json", params={"limit": "3"})
        assert len(rows) == 3


async def test_rows_say_how_it_is_going(rigged: Serve) -> None:
    async with rigged(scenario("fleet")) as rig:
        _, rows = await rig.json("GET", "/containers/json?all=1")
        status = {row["Names"][0][1:]: row["Status"] for row in rows}
        assert status["obs-api-1"] == "Up 9 hours (unhealthy)"
        assert status["staging-worker"] == "Up 24 hours (Paused)"
        assert status["report-2024-q4"] == "Exited (137) 26 hours ago"
        assert status["shop-db-1"] == "Up 6 days (healthy)"
        _, body = await rig.json("GET", "/containers/obs-api-1/json")
        assert body["State"]["Health"]["FailingStreak"] >= 3
        assert len(body["State"]["Health"]["Log"]) == 5
        _, body = await rig.json("GET", "/containers/obs-sidecar-1/json")
        assert body["HostConfig"]["NetworkMode"] == f"container:{rig.world.find('obs-api-1').id}"
        assert body["NetworkSettings"]["Networks"] == {}


async def test_stats_stream_follows_the_clock(rigged: Serve) -> None:
    async with rigged(scenario("throttled")) as rig, rig.http.get("/containers/spin/stats") as answer:
        first, second, third = await lines(answer, rig, 3)
        assert first["preread"].startswith("0001-")
        assert first["precpu_stats"]["cpu_usage"]["total_usage"] == 0
        assert second["preread"] == first["read"]
        assert third["precpu_stats"] == second["cpu_stats"]
        assert third["memory_stats"]["limit"] == 64 * 1024 * 1024


async def test_stats_of_a_container_that_stops_starts_and_goes(rigged: Serve) -> None:
    async with rigged(ONE) as rig, rig.http.get("/containers/one/stats") as answer:
        (live,) = await lines(answer, rig, 1)
        await rig.json("POST", "/containers/one/stop")
        gone, zero = await lines(answer, rig, 2)
        assert (gone["read"][:5], gone["preread"]) == ("0001-", live["read"])
        assert gone["memory_stats"] == {} and zero["preread"][:5] == "0001-"
        await rig.json("POST", "/containers/one/start")
        again = (await lines(answer, rig, 1))[0]
        while again["read"].startswith("0001-"):
            again = (await lines(answer, rig, 1))[0]
        assert again["preread"].startswith("0001-")
        assert again["cpu_stats"]["cpu_usage"]["total_usage"] < live["cpu_stats"]["cpu_usage"]["total_usage"]
        await rig.json("DELETE", "/containers/one?force=1")
        assert await rig.passing(answer.content.read()) == b""


async def test_single_samples(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        _, once = await rig.json("GET", "/containers/one/stats?stream=0&one-shot=1")
        assert once["preread"].startswith("0001-")
        _, two = await rig.passing(rig.json("GET", "/containers/one/stats?stream=0"))
        assert two["preread"][:4] == "2023"
        _, none = await rig.json("GET", "/containers/off/stats?stream=0")
        assert none["read"].startswith("0001-")


async def test_events_replay_inclusively_and_go_on(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        await rig.json("POST", "/containers/one/pause")
        await rig.json("POST", "/containers/one/unpause")
        ns = rig.world.event_log.all[-1]["timeNano"]
        filters = json.dumps(
            {"type": {"container": True}, "container": [rig.world.find("one").id], "event": ["unpause", "rename"]}
        )
        since = f"{ns // 10**9}.{ns % 10**9:09d}"
        async with rig.http.get("/events", params={"since": since, "filters": filters}) as answer:
            assert (await lines(answer, rig, 1))[0]["timeNano"] == ns
            await rig.json("POST", "/containers/one/rename?name=two")
            renamed = (await lines(answer, rig, 1))[0]
            assert renamed["Actor"]["Attributes"]["oldName"] == "/one"


async def test_events_up_to_a_time_end(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        await rig.json("POST", "/containers/one/pause")
        async with rig.http.get("/events", params={"until": str(int(START) + 1)}) as answer:
            assert b'"pause"' in await rig.passing(answer.content.read())
        async with rig.http.get("/events", params={"since": "10m", "until": "2023-11-14T22:13:25Z"}) as answer:
            lifecycle.unpause(rig.world, rig.world.find("one"), START + 1)
            assert b'"unpause"' in await rig.passing(answer.content.read())


async def test_autonomous_events_come_by_themselves(rigged: Serve) -> None:
    async with rigged(scenario("leak")) as rig:
        params = {"filters": json.dumps({"event": ["oom", "die", "start"], "type": ["container"]})}
        async with rig.http.get("/events", params=params) as answer:
            seen = await lines(answer, rig, 4)
            assert [message["Action"] for message in seen] == ["oom", "oom", "die", "start"]
            assert seen[2]["Actor"]["Attributes"]["exitCode"] == "137"


async def test_update_through_aiodocker(rigged: Serve) -> None:
    async with rigged(scenario("throttled")) as rig:
        body = {"NanoCpus": 10**9}
        answer = await rig.docker._query_json("containers/spin/update", method="POST", data=body)
        assert answer == {"Warnings": None}
        with pytest.raises(aiodocker.DockerError) as refused:
            await rig.docker._query_json("containers/spin/update", method="POST", data={"NanoCpus": 10**12})
        assert refused.value.status == 400
        status, _ = await rig.json("POST", "/containers/spin/update", data=b"{nonsense")
        assert status == 400
        status, _ = await rig.json("POST", "/containers/spin/update", data=b"[]")
        assert status == 400


async def test_actions_and_their_events(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        wanted = ("start", "restart", "pause", "unpause", "kill?signal=SIGUSR1", "kill", "stop", "start", "stop")
        done = [(await rig.json("POST", f"/containers/one/{action}"))[0] for action in wanted]
        assert done == [304, 204, 204, 204, 204, 204, 304, 204, 204]
        kinds = [m["Action"] for m in rig.world.event_log.all if m["Type"] == "container"]
        assert kinds[:6] == ["kill", "kill", "die", "stop", "start", "restart"]
        assert kinds[6:11] == ["pause", "unpause", "kill", "kill", "die"]
        await rig.json("DELETE", "/containers/one")
        assert rig.world.event_log.all[-1]["Action"] == "destroy"


async def test_top_emits_an_event(rigged: Serve) -> None:
    async with rigged(scenario("fleet")) as rig:
        _, body = await rig.json("GET", "/containers/shop-db-1/top")
        assert body["Titles"][-1] == "CMD"
        assert body["Processes"][1][-1] == "postgres: checkpointer"
        assert rig.world.event_log.all[-1]["Action"] == "top"


async def test_wait_for_the_exit_and_for_the_removal(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        ended = asyncio.ensure_future(rig.json("POST", "/containers/one/wait"))
        next_exit = asyncio.ensure_future(rig.json("POST", "/containers/one/wait?condition=next-exit"))
        removed = asyncio.ensure_future(rig.json("POST", "/containers/one/wait?condition=removed"))
        await rig.until(lambda: rig.world.event_log.subscriber_count == 3)
        await rig.json("POST", "/containers/one/kill")
        assert await ended == (200, {"StatusCode": 137})
        assert await next_exit == (200, {"StatusCode": 137})
        assert not removed.done()
        await rig.json("DELETE", "/containers/one")
        assert await removed == (200, {"StatusCode": 137})


async def test_pull_tells_its_progress_and_makes_the_image_present(rigged: Serve) -> None:
    async with rigged(scenario("empty")) as rig:
        status, body = await rig.json("POST", "/containers/create", json={"Image": "nicolaka/netshoot"})
        assert (status, body["message"]) == (404, "No such image: nicolaka/netshoot:latest")
        pulled = await rig.passing(rig.docker.images.pull("docker.io/nicolaka/netshoot:latest"))
        assert pulled[0] == {"status": "Pulling from nicolaka/netshoot", "id": "latest"}
        assert {"Downloading", "Extracting", "Pull complete"} <= {message["status"] for message in pulled}
        assert 4 < rig.clock.wall() - START < 20
        assert pulled[-1]["status"] == "Status: Downloaded newer image for nicolaka/netshoot:latest"
        again = await rig.passing(rig.docker.images.pull("nicolaka/netshoot:latest"))
        assert again[-1]["status"] == "Status: Image is up to date for nicolaka/netshoot:latest"
        image = await rig.docker.images.inspect("nicolaka/netshoot")
        assert image["RepoTags"] == ["nicolaka/netshoot:latest"]
        assert [row["Id"] for row in await rig.docker.images.list()] == [image["Id"]]


async def test_a_pull_can_fail_in_band(rigged: Serve) -> None:
    async with rigged(scenario("empty")) as rig:
        with pytest.raises(aiodocker.DockerError, match="manifest unknown"):
            await rig.passing(rig.docker.images.pull("broken/image:1"))
        assert rig.world.images == {}


async def test_what_readiness_asks_for(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        _, layers = await rig.json("GET", "/images/nicolaka/netshoot/history")
        assert layers[0]["Tags"] == ["nicolaka/netshoot:latest"] and layers[1]["Id"] == "<missing>"
        _, changed = await rig.json("GET", "/containers/one/changes")
        assert {change["Kind"] for change in changed} == {0, 1}


async def test_a_created_container_runs_its_command_to_the_end(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        made = [
            (await rig.json("POST", "/containers/create", json={"Image": "nicolaka/netshoot", "Cmd": command}))[1]["Id"]
            for command in (["sleep", "2"], ["tail", "-f", "/dev/null"], ["sh", "-c", "sleep 1; exit 7"])
        ]
        for container in made:
            await rig.json("POST", f"/containers/{container}/start")
        rig.clock.advance(10)
        states = [(await rig.json("GET", f"/containers/{container}/json"))[1] for container in made]
        assert [state["State"]["Status"] for state in states] == ["exited", "running", "exited"]
        assert [state["State"]["ExitCode"] for state in states] == [0, 0, 7]
        assert len({state["Name"] for state in states}) == 3


async def test_a_network_whose_owner_is_gone(rigged: Serve) -> None:
    async with rigged(scenario("fleet")) as rig:
        await rig.json("DELETE", "/containers/obs-api-1?force=1")
        _, sample = await rig.json("GET", "/containers/obs-sidecar-1/stats?stream=0&one-shot=1")
        assert "networks" not in sample


async def test_disk_usage(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        _, body = await rig.json("GET", "/system/df")
        assert len(body["Containers"]) == 2 and body["LayersSize"] > 0


async def test_drop_and_resume(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        async with rig.http.get("/containers/one/stats") as answer:
            await lines(answer, rig, 1)
            await rig.engine.drop()
            with pytest.raises(aiohttp.ClientError):
                await rig.passing(answer.content.read())
        with pytest.raises(aiohttp.ClientError):
            await rig.json("GET", "/info")
        await rig.engine.resume()
        assert (await rig.json("GET", "/info"))[0] == 200


async def test_a_hanging_engine_answers_when_it_goes_on(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        rig.engine.hang()
        asked = asyncio.ensure_future(rig.json("GET", "/info"))
        await rig.until(lambda: ("GET", "/info") in rig.engine.requests)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), 0.05)
        rig.engine.hang(False)
        assert (await asked)[0] == 200


async def test_refused_like_by_a_proxy_that_lets_reads_through(rigged: Serve) -> None:
    async with rigged(ONE) as rig:
        rig.engine.refuse("^(POST|DELETE) ", 403, "<html><body><h1>403 Forbidden</h1></body></html>")
        async with rig.http.post("/v1.41/containers/one/stop") as answer:
            assert (answer.status, answer.content_type) == (403, "text/html")
        assert (await rig.json("GET", "/containers/json"))[0] == 200
        rig.engine.refuse("^GET /info", 500, "boom")
        assert await rig.json("GET", "/info") == (500, {"message": "boom"})
        rig.engine.allow()
        assert (await rig.json("POST", "/containers/one/stop"))[0] == 204
        assert ("POST", "/containers/one/stop") in rig.engine.requests


async def test_clients_that_vanish_leave_nothing_behind(rigged: Serve) -> None:
    async with rigged(scenario("fleet")) as rig:
        for path in ("/containers/shop-web-1/stats", "/events", "/containers/shop-web-1/logs?stdout=1&follow=1"):
            answer = await rig.http.get(path)
            answer.close()
        await rig.until(lambda: not rig.world.event_log.subscriber_count)
        assert (await rig.json("GET", "/info"))[0] == 200
