"""A private dockerd on this machine, which tests stop, kill and start again."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import docker
import psutil
from docker.errors import DockerException

from tests.engine.container_factory import connect
from tests.engine.waiting import until

REQUEST_SECONDS = 30.0
START_SECONDS = 60.0
END_SECONDS = 20.0


def can_run() -> bool:
    """Whether this machine and user can run one, if dockerd is installed."""
    return sys.platform == "linux" and os.geteuid() == 0


def missing_requirement() -> str:
    """What is missing here to run a private engine; "" for nothing."""
    if not can_run():
        return "an engine of one's own takes root on Linux"
    if shutil.which("unshare") is None:
        return "no unshare on this machine: apt-get install util-linux"
    return "" if shutil.which("dockerd") else "no dockerd on this machine: apt-get install docker.io"


class OwnEngine:
    """A dockerd with its own containerd, folder, socket and network namespace.

    Without the namespace it would take away the bridge of the machine's other engine: `--bridge none` deletes docker0.
    Its namespace in containerd is not named after the folder: containerd refuses a name that begins or ends with "_",
    as one in seventeen that mkdtemp makes does, and says so only when the first container is to start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = folder / "docker.sock"
        self._namespace = f"dockpit-{uuid.uuid4().hex}"
        self._process: subprocess.Popen[bytes] | None = None
        (folder / "daemon.json").write_text("{}")

    @property
    def url(self) -> str:
        """The address of its socket."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start dockerd; it answers a little later."""
        for stale in ("docker.pid", "exec/containerd/containerd.pid"):
            (self._folder / stale).unlink(missing_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command(), stdout=log, stderr=log, start_new_session=True)

    def _command(self) -> list[str]:
        folder, name = self._folder, self._namespace
        return [
            *("unshare", "--net", "dockerd"),
            *("--config-file", f"{folder}/daemon.json", "--host", self.url, "--pidfile", f"{folder}/docker.pid"),
            *("--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec"),
            *("--containerd-namespace", name, "--containerd-plugins-namespace", f"{name}-plugins"),
            *("--bridge", "none", "--iptables=false"),
        ]

    async def wait_until_ready(self) -> docker.DockerClient:
        """A client as soon as the engine answers. Raises AssertionError with the end of its log if it does not."""
        try:
            return await until(self._client, START_SECONDS, "the engine of our own answers")
        except AssertionError as error:
            raise AssertionError(f"{error}\n{(self._folder / 'log').read_text()[-4000:]}") from None

    def _client(self) -> docker.DockerClient | None:
        with suppress(DockerException):
            return connect(self.url, REQUEST_SECONDS)
        return None

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to dockerd alone, not to containerd or the shims."""
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """End dockerd and its containerd at once; the containers run on."""
        assert self._process is not None
        children = psutil.Process(self._process.pid).children()
        self._process.kill()
        self._process.wait()
        for process in children:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def remove(self) -> None:
        """End dockerd and all processes it started, and unmount its mounts."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGCONT)
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        _, alive = psutil.wait_procs(self._kill_all(), END_SECONDS)
        for mount in self._mounts():
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)
        assert not alive and not self._mounts()

    def _kill_all(self) -> list[psutil.Process]:
        """Kill every process whose command line names the engine's folder, and its descendants."""
        killed = []
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if any(str(self._folder) in argument for argument in process.cmdline()):
                    for member in (process, *process.children(recursive=True)):
                        member.kill()
                        killed.append(member)
        return killed

    def _mounts(self) -> list[str]:
        """The mount points below the engine's folder, innermost first."""
        points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
        return sorted((point for point in points if point.startswith(f"{self._folder}/")), reverse=True)


@contextmanager
def own_engine() -> Iterator[OwnEngine]:
    """A private engine until the block is left, then removed with all it started."""
    with tempfile.TemporaryDirectory(prefix="dockpit-engine-", ignore_cleanup_errors=True) as folder:
        engine = OwnEngine(Path(folder))
        try:
            engine.start()
            yield engine
        finally:
            engine.remove()
