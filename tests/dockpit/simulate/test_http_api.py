from __future__ import annotations

import asyncio
import json
from typing import Any

import aiodocker
import aiohttp
import pytest

from dockpit.simulate import lifecycle, scenario
from dockpit.simulate.scenario_spec import ContainerSpec, Scenario
from tests.dockpit.simulate.conftest import START, ServedWorld, ServeWorld

ONE = Scenario(
    "one",
    "",
    (ContainerSpec("one", age_seconds=60.0), ContainerSpec("off", state="exited")),
    images=("nicolaka/netshoot",),
    warmup_seconds=0,
)


async def read_json_lines(answer: aiohttp.ClientResponse, served: ServedWorld, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while len(found) < count:
        found.append(json.loads(await served.advancing(answer.content.readline())))
    return found


async def test_ping_headers_give_the_api_version(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served, served.http.get("/_ping") as answer:
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
async def test_refusals_use_the_engines_words(
    serve_world: ServeWorld, method: str, path: str, status: int, message: str
) -> None:
    async with serve_world(ONE) as served:
        got, body = await served.json(method, path)
        assert (got, message in body["message"]) == (status, True), body


async def test_aiodocker_reads_the_api(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("throttled")) as served:
        assert (await served.docker.version())["ApiVersion"] == "1.45"
        info = await served.docker.system.info()
        assert (info["CgroupVersion"], info["NCPU"], info["ContainersRunning"]) == ("2", 4, 2)
        listed = await served.docker.containers.list()
        spin = await served.docker.containers.get("spin")
        assert spin["HostConfig"]["NanoCpus"] == 200_000_000
        assert spin.id in {container.id for container in listed}
        assert (await (await served.docker.containers.get(spin.id[:10])).show())["Name"] == "/spin"


async def test_list_filters(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:

        async def names(**filters: list[str]) -> set[str]:
            params = {"all": "1", "filters": json.dumps(filters)}
            _, rows = await served.json("GET", "/v1.41/containers/json", params=params)
            return {row["Names"][0] for row in rows}

        assert len(await names()) == 17
        assert await names(status=["paused"]) == {"/staging-worker"}
        assert await names(label=["com.docker.compose.project=shop", "com.docker.compose.service=db"]) == {"/shop-db-1"}
        assert await names(name=["backup"]) == {"/backup-nightly"}
        assert await names(id=[served.world.find("jupyter").id[:12]]) == {"/jupyter"}
        assert await names(ancestor=["redis"]) == {"/shop-cache-1"}
        _, rows = await served.json("GET", "/containers/json", params={"limit": "3"})
        assert len(rows) == 3


async def test_list_and_inspect_show_status_and_health(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:
        _, rows = await served.json("GET", "/containers/json?all=1")
        status = {row["Names"][0][1:]: row["Status"] for row in rows}
        assert status["obs-api-1"] == "Up 9 hours (unhealthy)"
        assert status["staging-worker"] == "Up 24 hours (Paused)"
        assert status["report-2024-q4"] == "Exited (137) 26 hours ago"
        assert status["shop-db-1"] == "Up 6 days (healthy)"
        _, body = await served.json("GET", "/containers/obs-api-1/json")
        assert body["State"]["Health"]["FailingStreak"] >= 3
        assert len(body["State"]["Health"]["Log"]) == 5
        _, body = await served.json("GET", "/containers/obs-sidecar-1/json")
        assert body["HostConfig"]["NetworkMode"] == f"container:{served.world.find('obs-api-1').id}"
        assert body["NetworkSettings"]["Networks"] == {}


async def test_stats_stream_follows_the_clock(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("throttled")) as served, served.http.get("/containers/spin/stats") as answer:
        first, second, third = await read_json_lines(answer, served, 3)
        assert first["preread"].startswith("0001-")
        assert first["precpu_stats"]["cpu_usage"]["total_usage"] == 0
        assert second["preread"] == first["read"]
        assert third["precpu_stats"] == second["cpu_stats"]
        assert third["memory_stats"]["limit"] == 64 * 1024 * 1024


async def test_stats_stream_through_stop_start_and_removal(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served, served.http.get("/containers/one/stats") as answer:
        (live,) = await read_json_lines(answer, served, 1)
        await served.json("POST", "/containers/one/stop")
        gone, zero = await read_json_lines(answer, served, 2)
        assert (gone["read"][:5], gone["preread"]) == ("0001-", live["read"])
        assert gone["memory_stats"] == {} and zero["preread"][:5] == "0001-"
        await served.json("POST", "/containers/one/start")
        again = (await read_json_lines(answer, served, 1))[0]
        while again["read"].startswith("0001-"):
            again = (await read_json_lines(answer, served, 1))[0]
        assert again["preread"].startswith("0001-")
        assert again["cpu_stats"]["cpu_usage"]["total_usage"] < live["cpu_stats"]["cpu_usage"]["total_usage"]
        await served.json("DELETE", "/containers/one?force=1")
        assert await served.advancing(answer.content.read()) == b""


async def test_stats_without_a_stream(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        _, once = await served.json("GET", "/containers/one/stats?stream=0&one-shot=1")
        assert once["preread"].startswith("0001-")
        _, two = await served.advancing(served.json("GET", "/containers/one/stats?stream=0"))
        assert two["preread"][:4] == "2023"
        _, none = await served.json("GET", "/containers/off/stats?stream=0")
        assert none["read"].startswith("0001-")


async def test_events_since_a_time_include_it_and_continue(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        await served.json("POST", "/containers/one/pause")
        await served.json("POST", "/containers/one/unpause")
        ns = served.world.event_log.all[-1]["timeNano"]
        filters = json.dumps(
            {"type": {"container": True}, "container": [served.world.find("one").id], "event": ["unpause", "rename"]}
        )
        since = f"{ns // 10**9}.{ns % 10**9:09d}"
        async with served.http.get("/events", params={"since": since, "filters": filters}) as answer:
            assert (await read_json_lines(answer, served, 1))[0]["timeNano"] == ns
            await served.json("POST", "/containers/one/rename?name=two")
            renamed = (await read_json_lines(answer, served, 1))[0]
            assert renamed["Actor"]["Attributes"]["oldName"] == "/one"


async def test_events_end_at_until(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        await served.json("POST", "/containers/one/pause")
        async with served.http.get("/events", params={"until": str(int(START) + 1)}) as answer:
            assert b'"pause"' in await served.advancing(answer.content.read())
        async with served.http.get("/events", params={"since": "10m", "until": "2023-11-14T22:13:25Z"}) as answer:
            lifecycle.unpause(served.world, served.world.find("one"), START + 1)
            assert b'"unpause"' in await served.advancing(answer.content.read())


async def test_events_come_without_a_request(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("leak")) as served:
        params = {"filters": json.dumps({"event": ["oom", "die", "start"], "type": ["container"]})}
        async with served.http.get("/events", params=params) as answer:
            seen = await read_json_lines(answer, served, 4)
            assert [message["Action"] for message in seen] == ["oom", "oom", "die", "start"]
            assert seen[2]["Actor"]["Attributes"]["exitCode"] == "137"


async def test_update_through_aiodocker(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("throttled")) as served:
        body = {"NanoCpus": 10**9}
        answer = await served.docker._query_json("containers/spin/update", method="POST", data=body)
        assert answer == {"Warnings": None}
        with pytest.raises(aiodocker.DockerError) as refused:
            await served.docker._query_json("containers/spin/update", method="POST", data={"NanoCpus": 10**12})
        assert refused.value.status == 400
        status, _ = await served.json("POST", "/containers/spin/update", data=b"{nonsense")
        assert status == 400
        status, _ = await served.json("POST", "/containers/spin/update", data=b"[]")
        assert status == 400


async def test_actions_and_their_events(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        wanted = ("start", "restart", "pause", "unpause", "kill?signal=SIGUSR1", "kill", "stop", "start", "stop")
        done = [(await served.json("POST", f"/containers/one/{action}"))[0] for action in wanted]
        assert done == [304, 204, 204, 204, 204, 204, 304, 204, 204]
        kinds = [m["Action"] for m in served.world.event_log.all if m["Type"] == "container"]
        assert kinds[:6] == ["kill", "kill", "die", "stop", "start", "restart"]
        assert kinds[6:11] == ["pause", "unpause", "kill", "kill", "die"]
        await served.json("DELETE", "/containers/one")
        assert served.world.event_log.all[-1]["Action"] == "destroy"


async def test_top_emits_an_event(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:
        _, body = await served.json("GET", "/containers/shop-db-1/top")
        assert body["Titles"][-1] == "CMD"
        assert body["Processes"][1][-1] == "postgres: checkpointer"
        assert served.world.event_log.all[-1]["Action"] == "top"


async def test_wait_conditions(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        ended = asyncio.ensure_future(served.json("POST", "/containers/one/wait"))
        next_exit = asyncio.ensure_future(served.json("POST", "/containers/one/wait?condition=next-exit"))
        removed = asyncio.ensure_future(served.json("POST", "/containers/one/wait?condition=removed"))
        await served.until(lambda: served.world.event_log.subscriber_count == 3)
        await served.json("POST", "/containers/one/kill")
        assert await ended == (200, {"StatusCode": 137})
        assert await next_exit == (200, {"StatusCode": 137})
        assert not removed.done()
        await served.json("DELETE", "/containers/one")
        assert await removed == (200, {"StatusCode": 137})


async def test_pull_streams_progress_and_adds_the_image(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("empty")) as served:
        status, body = await served.json("POST", "/containers/create", json={"Image": "nicolaka/netshoot"})
        assert (status, body["message"]) == (404, "No such image: nicolaka/netshoot:latest")
        pulled = await served.advancing(served.docker.images.pull("docker.io/nicolaka/netshoot:latest"))
        assert pulled[0] == {"status": "Pulling from nicolaka/netshoot", "id": "latest"}
        assert {"Downloading", "Extracting", "Pull complete"} <= {message["status"] for message in pulled}
        assert 4 < served.clock.wall() - START < 20
        assert pulled[-1]["status"] == "Status: Downloaded newer image for nicolaka/netshoot:latest"
        again = await served.advancing(served.docker.images.pull("nicolaka/netshoot:latest"))
        assert again[-1]["status"] == "Status: Image is up to date for nicolaka/netshoot:latest"
        image = await served.docker.images.inspect("nicolaka/netshoot")
        assert image["RepoTags"] == ["nicolaka/netshoot:latest"]
        assert [row["Id"] for row in await served.docker.images.list()] == [image["Id"]]


async def test_a_failed_pull_reports_its_error_in_band(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("empty")) as served:
        with pytest.raises(aiodocker.DockerError, match="manifest unknown"):
            await served.advancing(served.docker.images.pull("broken/image:1"))
        assert served.world.images == {}


async def test_image_history_and_container_changes(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        _, layers = await served.json("GET", "/images/nicolaka/netshoot/history")
        assert layers[0]["Tags"] == ["nicolaka/netshoot:latest"] and layers[1]["Id"] == "<missing>"
        _, changed = await served.json("GET", "/containers/one/changes")
        assert {change["Kind"] for change in changed} == {0, 1}


async def test_a_created_container_runs_its_command_to_the_end(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        made = [
            (await served.json("POST", "/containers/create", json={"Image": "nicolaka/netshoot", "Cmd": command}))[1][
                "Id"
            ]
            for command in (["sleep", "2"], ["tail", "-f", "/dev/null"], ["sh", "-c", "sleep 1; exit 7"])
        ]
        for container in made:
            await served.json("POST", f"/containers/{container}/start")
        served.clock.advance(10)
        states = [(await served.json("GET", f"/containers/{container}/json"))[1] for container in made]
        assert [state["State"]["Status"] for state in states] == ["exited", "running", "exited"]
        assert [state["State"]["ExitCode"] for state in states] == [0, 0, 7]
        assert len({state["Name"] for state in states}) == 3


async def test_stats_without_network_when_its_owner_was_removed(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:
        await served.json("DELETE", "/containers/obs-api-1?force=1")
        _, sample = await served.json("GET", "/containers/obs-sidecar-1/stats?stream=0&one-shot=1")
        assert "networks" not in sample


async def test_disk_usage_lists_containers_and_layers(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        _, body = await served.json("GET", "/system/df")
        assert len(body["Containers"]) == 2 and body["LayersSize"] > 0


async def test_drop_and_resume(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        async with served.http.get("/containers/one/stats") as answer:
            await read_json_lines(answer, served, 1)
            await served.engine.drop()
            with pytest.raises(aiohttp.ClientError):
                await served.advancing(answer.content.read())
        with pytest.raises(aiohttp.ClientError):
            await served.json("GET", "/info")
        await served.engine.resume()
        assert (await served.json("GET", "/info"))[0] == 200


async def test_a_hanging_engine_answers_after_the_hang(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        served.engine.hang()
        asked = asyncio.ensure_future(served.json("GET", "/info"))
        await served.until(lambda: ("GET", "/info") in served.engine.requests)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(asked), 0.05)
        served.engine.hang(False)
        assert (await asked)[0] == 200


async def test_refusals_by_pattern_as_a_read_only_proxy_gives_them(serve_world: ServeWorld) -> None:
    async with serve_world(ONE) as served:
        served.engine.refuse("^(POST|DELETE) ", 403, "<html><body><h1>403 Forbidden</h1></body></html>")
        async with served.http.post("/v1.41/containers/one/stop") as answer:
            assert (answer.status, answer.content_type) == (403, "text/html")
        assert (await served.json("GET", "/containers/json"))[0] == 200
        served.engine.refuse("^GET /info", 500, "boom")
        assert await served.json("GET", "/info") == (500, {"message": "boom"})
        served.engine.allow()
        assert (await served.json("POST", "/containers/one/stop"))[0] == 204
        assert ("POST", "/containers/one/stop") in served.engine.requests


async def test_disconnected_clients_leave_no_subscription(serve_world: ServeWorld) -> None:
    async with serve_world(scenario("fleet")) as served:
        for path in ("/containers/shop-web-1/stats", "/events", "/containers/shop-web-1/logs?stdout=1&follow=1"):
            answer = await served.http.get(path)
            answer.close()
        await served.until(lambda: not served.world.event_log.subscriber_count)
        assert (await served.json("GET", "/info"))[0] == 200
