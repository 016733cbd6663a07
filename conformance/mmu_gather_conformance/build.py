# SPDX-License-Identifier: GPL-2.0-only
"""Building ports in C with whatever C compiler there is."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

#: Where the header and the ports of the suite are.
C_PORTS: Final = Path(__file__).parent / "c_ports"
FLAGS: Final = ("-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra", "-Werror", f"-I{C_PORTS}")


class CannotBuild(Exception):
    """There is no compiler, or it says no."""


def compiler() -> str:
    """The C compiler, as it is called."""
    return os.environ.get("CC", "cc")


def cache() -> Path:
    """Where what is built for a user, or unpacked, is kept."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mmu-gather"


def shared_library(source: Path, out: Path, defines: Sequence[str] = (), /, flags: Sequence[str] = ()) -> Path:
    """Compile one file to a shared library.

    defines: macros to set.  flags: before all others.  Errors: CannotBuild with what the compiler said.
    """
    command = [
        compiler(),
        *flags,
        *FLAGS,
        *(f"-D{name}" for name in defines),
        "-Wno-unused-function",
        "-o",
        str(out),
        str(source),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise CannotBuild(f"{compiler()}: {error.strerror}") from error
    if done.returncode:
        raise CannotBuild(done.stderr.strip() or f"{compiler()} exits with {done.returncode}")
    return out
