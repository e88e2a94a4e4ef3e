"""The garbage collector waits while a command loads what stays for good: it would go through all of it, for nothing."""

from __future__ import annotations

import gc


def wait() -> None:
    """Collect nothing from now on."""
    gc.disable()


def settled() -> None:
    """All is loaded: collect again, where it had to wait, but never go through what is there now."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
