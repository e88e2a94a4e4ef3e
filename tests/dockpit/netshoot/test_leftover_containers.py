"""Debug containers whose dockpit is gone are found; those of a running one are not."""

from __future__ import annotations

from pathlib import Path

from dockpit.engine.temporary_containers import create_container, remove_container
from dockpit.netshoot import launcher
from dockpit.netshoot.leftover_containers import FOREIGN_HOST_SECONDS, find_leftovers, is_abandoned, owner_label_value
from tests.dockpit.netshoot.debug_containers import client_with_image, debug_container_names, find_container
from tests.dockpit.simulated_session import all_have_rates, running_session


def test_a_container_is_abandoned_when_its_owner_is_gone() -> None:
    here, pid, start = owner_label_value().rsplit("/", 2)
    assert not is_abandoned(owner_label_value(), 10 * FOREIGN_HOST_SECONDS), "this process is alive"
    assert is_abandoned(f"{here}/{pid}/{float(start) - 1000}", 1.0), "another process had this number"
    assert is_abandoned(f"{here}/4194305/1.0", 1.0)
    assert not is_abandoned(f"elsewhere/{pid}/{start}", FOREIGN_HOST_SECONDS - 1)
    assert is_abandoned(f"elsewhere/{pid}/{start}", 1e6)
    for strange in ("", "1", "a/b/c", f"{here}/-1/0", f"{here}/{10**30}/0", f"{here}/1/nan"):
        assert is_abandoned(strange, 1.0)


async def test_leftovers_are_found_by_label_and_removed(tmp_path: Path) -> None:
    async with running_session(tmp_path) as running:
        await running.until(all_have_rates)
        client, now = client_with_image(running), running.session.now()
        target = launcher.find_debug_target(running.entry("spin").container, find_container)
        body = launcher.create_body(launcher.DEFAULT_IMAGE, target, (), tty=True)
        ours = await create_container(client, body)
        body["Labels"]["dockpit.owner"] = "elsewhere/7/1.0"
        theirs = await create_container(client, body, "theirs")
        assert await find_leftovers(client, now) == ()
        assert await find_leftovers(client, now + 2 * FOREIGN_HOST_SECONDS) == ((theirs, "theirs"),)
        for container_id in (ours, theirs, theirs):
            await remove_container(client, container_id)
        assert debug_container_names(running) == []
