"""How long this machine's disk takes to flush a few bytes: no commit that outlives a power cut is faster."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter

_TIMES = 200
_BYTES = 512


def flushes(folder: Path) -> list[float]:
    """How long each of some flushes took, in ms: a file that exists already, written a little further each time."""
    took: list[float] = []
    path = folder / "flushed"
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        os.write(file, b"\0" * _BYTES * _TIMES)
        os.fsync(file)
        os.lseek(file, 0, os.SEEK_SET)
        for _ in range(_TIMES):
            os.write(file, b"\1" * _BYTES)
            began = perf_counter()
            os.fsync(file)
            took.append((perf_counter() - began) * 1000)
    finally:
        os.close(file)
        path.unlink()
    return took
