"""The images that tests run, built from busybox and a C program, so that no registry is needed.

They are streamed to the engine as tar archives, which works the same for a local and for a remote one.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import docker
from docker.errors import ImageNotFound

BUSYBOX_IMAGE = "dockpit-test/busybox:latest"
WORKLOAD_IMAGE = "dockpit-test/work:latest"
NETSHOOT_IMAGE = "nicolaka/netshoot:latest"
DIGEST_LABEL = "dockpit.test.digest"
SOURCE_LABEL = "dockpit.test.source"
STAND_IN_LABEL = "dockpit.test.stand-in"

SHELL_SCRIPT = b'#!/bin/sh\nexec /bin/sh "$@"\n'
"""bash and zsh in the stand-in for netshoot."""


class CannotBuild(Exception):
    """A tool needed to build the images is missing on this machine; the text names it."""


def busybox_files() -> dict[str, bytes]:
    """The static busybox of this machine, by its path in the image. Raises CannotBuild."""
    path = shutil.which("busybox")
    if path is None:
        raise CannotBuild("no busybox on this machine: apt-get install busybox-static")
    return {"bin/busybox": Path(path).read_bytes()}


def busybox_links() -> dict[str, str]:
    """Every applet of busybox as a link beside it. Raises CannotBuild."""
    busybox_files()
    applets = subprocess.run(["busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    return {f"bin/{applet}": "busybox" for applet in applets if applet != "busybox"}


def workload_files(folder: Path) -> dict[str, bytes]:
    """workload.c, compiled in `folder`, by its path in the image. Raises CannotBuild."""
    if shutil.which("gcc") is None:
        raise CannotBuild("no C compiler on this machine: apt-get install gcc libc6-dev")
    program = folder / "work"
    source = Path(__file__).with_name("workload.c")
    command = ["gcc", "-static", "-O2", "-pthread", "-o", str(program), str(source)]
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        raise CannotBuild(f"workload.c does not compile: {completed.stderr}")
    return {"bin/work": program.read_bytes()}


def archive(files: Mapping[str, bytes], links: Mapping[str, str], folders: Sequence[str] = ("tmp", "etc")) -> bytes:
    """A tar of executables, links and empty folders; the same content gives the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name in ("bin", *folders):
            tar.addfile(_entry(name, tarfile.DIRTYPE))
        for name, content in sorted(files.items()):
            entry = _entry(name, tarfile.REGTYPE)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
        for name, target in sorted(links.items()):
            entry = _entry(name, tarfile.SYMTYPE)
            entry.linkname = target
            tar.addfile(entry)
    return buffer.getvalue()


def _entry(name: str, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.mode = stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH
    return entry


def import_image(engine: docker.DockerClient, reference: str, tar: bytes, *changes: str) -> str:
    """Import a tar as `reference` unless the engine has the same content under that name; returns `reference`."""
    digest = hashlib.sha256(tar + "\n".join(changes).encode()).hexdigest()
    if image_label(engine, reference, DIGEST_LABEL) != digest:
        repository, tag = reference.split(":")
        engine.api.import_image_from_data(tar, repository, tag, [*changes, f"LABEL {DIGEST_LABEL}={digest}"])
    return reference


def image_label(engine: docker.DockerClient, reference: str, label: str) -> str | None:
    """A label of an image; None if the image or the label does not exist."""
    try:
        return engine.images.get(reference).labels.get(label)
    except ImageNotFound:
        return None


def build_busybox(engine: docker.DockerClient) -> str:
    """busybox with all its applets; its reference. Raises CannotBuild."""
    return import_image(engine, BUSYBOX_IMAGE, archive(busybox_files(), busybox_links()), 'CMD ["sh"]')


def build_workload(engine: docker.DockerClient, folder: Path) -> str:
    """busybox and the workload program, which is the entry point; its reference. Raises CannotBuild.

    Without a compiler here, an image is used that another machine built on the engine from the same source.
    """
    source = hashlib.sha256(Path(__file__).with_name("workload.c").read_bytes()).hexdigest()
    if shutil.which("gcc") is None and image_label(engine, WORKLOAD_IMAGE, SOURCE_LABEL) == source:
        return WORKLOAD_IMAGE
    tar = archive(busybox_files() | workload_files(folder), busybox_links())
    changes = ('ENTRYPOINT ["/bin/work"]', 'CMD ["idle"]', f"LABEL {SOURCE_LABEL}={source}")
    return import_image(engine, WORKLOAD_IMAGE, tar, *changes)


def build_netshoot_stand_in(engine: docker.DockerClient) -> str:
    """busybox under netshoot's name, with netshoot's shells; its reference. Raises CannotBuild."""
    files = busybox_files() | {"bin/bash": SHELL_SCRIPT, "bin/zsh": SHELL_SCRIPT}
    tar = archive(files, busybox_links())
    return import_image(engine, NETSHOOT_IMAGE, tar, 'CMD ["zsh"]', f"LABEL {STAND_IN_LABEL}=1")
