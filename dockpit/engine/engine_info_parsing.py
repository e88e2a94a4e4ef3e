"""What the engine is and supports, parsed from GET /version and GET /info."""

from __future__ import annotations

from dockpit.engine.json_values import JsonObject, as_count, as_epoch_seconds, as_list, as_object, as_text
from dockpit.model.engine_info import EngineInfo


def parse_engine_info(
    version: JsonObject, info: JsonObject, *, api_version: str, address: str = "", context: str = ""
) -> EngineInfo:
    """The answers of GET /version and GET /info."""
    components = [as_text(as_object(part).get("Name")) for part in as_list(version.get("Components"))]
    security_options = [as_text(option) for option in as_list(info.get("SecurityOptions"))]
    cgroup_version = as_text(info.get("CgroupVersion"))
    return EngineInfo(
        id=as_text(info.get("ID")),
        name=as_text(info.get("Name")),
        version=as_text(version.get("Version")) or as_text(info.get("ServerVersion")),
        api_version=api_version,
        product="Podman" if any("Podman" in name for name in components) else "Docker",
        os=as_text(version.get("Os")) or as_text(info.get("OSType")) or "linux",
        kernel=as_text(info.get("KernelVersion")) or as_text(version.get("KernelVersion")),
        cgroup_version=int(cgroup_version) if cgroup_version in ("1", "2") else None,
        cgroup_driver=as_text(info.get("CgroupDriver")),
        cpus=as_count(info.get("NCPU")) or 0,
        memory_bytes=as_count(info.get("MemTotal")) or 0,
        rootless=any("name=rootless" in option for option in security_options),
        memory_limit=info.get("MemoryLimit") is not False,
        swap_limit=info.get("SwapLimit") is not False,
        cpu_cfs=info.get("CpuCfsQuota") is not False,
        cpu_shares=info.get("CPUShares") is not False,
        cpuset=info.get("CPUSet") is not False,
        pids_limit=info.get("PidsLimit") is not False,
        data_root=as_text(info.get("DockerRootDir")),
        warnings=tuple(as_text(warning) for warning in as_list(info.get("Warnings")) if as_text(warning)),
        system_time=as_epoch_seconds(info.get("SystemTime")),
        address=address,
        context=context,
    )
