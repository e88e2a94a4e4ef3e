"""What doctor reports: which figures and limits are available, and why others are not."""

from __future__ import annotations

from dockpit.cli.doctor_availability import NOTHING_RUNS, Capability, figure_capabilities, limit_capabilities
from dockpit.metrics.samples import Pressure
from dockpit.metrics.snapshot import Entry
from dockpit.model.container_limits import EnforcedLimits
from dockpit.model.host_figures import HostFigures
from tests.builders import MIB, engine, entry, snapshot

FULL = {
    "cpu_ns": 1, "periods": 1, "memory_unreclaimable_bytes": MIB, "memory_peak_bytes": MIB, "net_rx_bytes": 1,
    "block_read_bytes": 1, "cpu_pressure": Pressure(1, 1), "swap_bytes": 0, "in_force": EnforcedLimits(),
    "oom_kills": 0,
}  # fmt: skip


def figure(name: str, entries: tuple[Entry, ...], pressure: bool = True, **about: object) -> Capability:
    """The capability of one figure."""
    found = figure_capabilities(snapshot(entries, engine=engine(**about)), pressure)
    return next(capability for capability in found if capability.name == name)


def test_figures_that_samples_have_are_available() -> None:
    found = figure_capabilities(snapshot([entry(sampled=FULL)], engine=engine(local=True)), True)
    assert [capability.name for capability in found if not capability.available] == []
    assert all(capability.why == "" for capability in found if capability.name != "OOM kills")


def test_a_figure_of_one_container_is_available() -> None:
    assert figure("network", (entry("a"), entry("b", sampled=FULL))).available


def test_without_a_running_container_availability_is_unknown() -> None:
    down = entry(about={"state": "exited"})
    assert figure("CPU", (down,)) == Capability("CPU", None, NOTHING_RUNS)


def test_missing_figures_have_a_reason() -> None:
    bare = (entry(),)
    block = figure("block I/O", bare, cgroup_version=1)
    assert block.why == "on cgroup v1 this kernel counts it only with a throttle rule"
    assert figure("memory peak", bare, cgroup_version=2).why == "the Engine API gives it on cgroup v1 only"
    assert figure("pressure (PSI) of containers", bare).why.startswith("no version of the Engine API has it")
    assert figure("CPU", bare, cgroup_driver="none").why == "the engine runs without cgroups"
    assert figure("throttling", bare, cpu_cfs=False) == Capability("throttling", False, "the kernel has no CFS quota")
    assert figure("network", bare).why == "all containers have the network of the host, or none"


def test_podman_s_api_gives_less() -> None:
    throttling = figure("throttling", (entry(sampled=FULL),), product="Podman")
    assert throttling == Capability("throttling", False, "Podman's API always says 0")
    memory = figure("memory that cannot be reclaimed", (entry(),), product="Podman")
    assert memory.why == "Podman's API gives no breakdown; OOM risk is judged on memory used"


def test_host_figures_are_of_a_local_engine_only() -> None:
    assert figure("host", ()) == Capability("host", False, "the engine is not on this machine")
    assert figure("host", (), local=True).available
    by_host = figure_capabilities(snapshot(engine=engine(), host=HostFigures(memory_some_percent=0.0)), False)
    assert [capability.available for capability in by_host[-2:]] == [True, True]
    assert "psi=0" in figure("pressure (PSI) of the host", (), pressure=False, local=True).why


def test_limits_are_available_as_the_engine_reports() -> None:
    assert all(capability.available for capability in limit_capabilities(engine()))
    lacking = limit_capabilities(engine(swap_limit=False, cpuset=False, cgroup_version=1, kernel="6.1.0"))
    refused = {capability.name: capability.why for capability in lacking if not capability.available}
    assert set(refused) == {"memory + swap", "CPU set and memory nodes", "block I/O weight"}
    assert "swapaccount=1" in refused["memory + swap"]
    (rootless,) = [
        capability
        for capability in limit_capabilities(engine(rootless=True, cpu_cfs=False))
        if not capability.available
    ]
    assert rootless.why == "rootless: the controller is not delegated to the user"
    assert [capability.available for capability in limit_capabilities(engine(os="windows"))] == [False]


def test_the_kernel_s_files_give_more_and_lack_figures_for_other_reasons() -> None:
    kernel = (entry(sampled={"source": "kernel"}),)
    assert "psi=0" in figure("pressure (PSI) of containers", kernel).why
    assert figure("memory peak", kernel, cgroup_version=2).why == "it needs Linux 5.19 or newer"
    assert "needs root" in figure("block I/O", kernel, cgroup_version=1).why
    assert "io controller" in figure("block I/O", kernel, cgroup_version=2).why
    summed = (entry(sampled=FULL | {"source": "kernel"}),)
    assert figure("block I/O", summed, cgroup_version=1).why.startswith("added up over the processes")
    assert figure("OOM kills", summed).why == "counted by the kernel, child processes included"
    assert figure("throttling", summed, product="Podman").available
