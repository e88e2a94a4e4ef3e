"""An `ssh` program that needs no server: it forwards to, or dials, a socket of this machine, or fails as ssh does."""

from __future__ import annotations

import sys
from pathlib import Path

SSH_SCRIPT = """#!{python} -ISs
import os, select, socket, sys, threading, time

args = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write("\\t".join(args) + "\\n")
mode = open({mode!r}).read().split()[0 if "-N" in args else 1]

def fail(text, status=255):
    sys.stderr.write(text + "\\n")
    sys.exit(status)

if mode == "denied":
    fail("ops@h: Permission denied (publickey).")
if mode == "old":
    fail("Bad local forwarding specification")
if mode == "missing":
    fail("sh: 1: docker: not found", 127)
if mode == "mute":
    sys.exit(1)
if mode == "hang":
    time.sleep(600)

def connect():
    engine = socket.socket(socket.AF_UNIX)
    engine.connect({engine!r})
    return engine

def copy(source, sink):
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)

if mode == "dial":
    engine = connect()
    while True:
        ready, _, _ = select.select([0, engine], [], [])
        if 0 in ready:
            data = os.read(0, 65536)
            if not data:
                sys.exit(0)
            engine.sendall(data)
        if engine in ready:
            data = engine.recv(65536)
            if not data:
                sys.exit(0)
            os.write(1, data)

listener = socket.socket(socket.AF_UNIX)
listener.bind(args[args.index("-L") + 1].split(":")[0])
listener.listen(100)
while True:
    client, _ = listener.accept()
    if mode == "refuse":
        sys.stderr.write("channel 2: open failed: administratively prohibited: open failed\\n")
        client.close()
        continue
    engine = connect()
    threading.Thread(target=copy, args=(client, engine), daemon=True).start()
    threading.Thread(target=copy, args=(engine, client), daemon=True).start()
"""


class FakeSsh:
    """An `ssh` program for the PATH; its modes: forward, refuse, dial, old, denied, missing, mute, hang."""

    def __init__(self, folder: Path, engine: Path) -> None:
        self.folder = folder / "bin"
        self._log = folder / "ssh.log"
        self._mode = folder / "ssh.mode"
        self.folder.mkdir()
        script = self.folder / "ssh"
        script.write_text(
            SSH_SCRIPT.format(python=sys.executable, log=str(self._log), mode=str(self._mode), engine=str(engine))
        )
        script.chmod(0o700)

    def set_modes(self, forwarding: str, dialling: str = "denied") -> None:
        """Set its mode when called with -N (forwarding) and without (dial-stdio)."""
        self._mode.write_text(f"{forwarding} {dialling}")

    @property
    def calls(self) -> list[list[str]]:
        """The arguments of each call so far."""
        return [line.split("\t") for line in self._log.read_text().splitlines()] if self._log.exists() else []
