"""Reproducible randomness: pure functions of a seed and a position, the same on every machine."""

from __future__ import annotations

import hashlib
import math

_MASK = 0xFFFFFFFF


def jitter(seed: int, position: int) -> float:
    """A pseudo-random number in 0..1 that depends on `seed` and `position` alone."""
    mixed = (seed * 0x9E3779B1 + position * 0x85EBCA6B + 0x27D4EB2F) & _MASK
    mixed = ((mixed ^ (mixed >> 15)) * 0x2C1B3C6D) & _MASK
    mixed = ((mixed ^ (mixed >> 12)) * 0x297A2D39) & _MASK
    return (mixed ^ (mixed >> 15)) / (_MASK + 1)


def wave(seed: int, seconds: float, period: float) -> float:
    """A smooth, uneven wave in 0..1 of three sines, the longest with a period of `period` seconds."""
    phase = (seed % 6283) / 1000
    turn = 6.283185307179586 * seconds / period
    amplitude = (
        0.55 * math.sin(turn + phase) + 0.3 * math.sin(turn * 2.7 + phase * 2) + 0.15 * math.sin(turn * 7.3 + phase)
    )
    return 0.5 + 0.5 * amplitude


def burst(seed: int, seconds: float, every: float, share: float) -> bool:
    """Whether `seconds` lies in a burst: one in each `every` seconds, at a random place, for `share` of them."""
    slot, position = divmod(seconds / every, 1.0)
    begin = jitter(seed, int(slot)) * (1 - share)
    return begin <= position < begin + share


def sha256_hex(*parts: object) -> str:
    """The SHA-256 of `parts` as 64 hex digits: the id of a container, image, network or exec."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def seed_of(*parts: object) -> int:
    """A 32-bit seed made of `parts`."""
    return int(sha256_hex(*parts)[:8], 16)
