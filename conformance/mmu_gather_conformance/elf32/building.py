# SPDX-License-Identifier: GPL-2.0-only
"""The program of the process, and how a port of 32 bits is compiled: by a compiler that makes such code, and no more.

A compiler for x86-64 does, with -m32; what it may lack is a C library of 32 bits, and none is asked for.  What was
built is kept in the user's cache, by the digest of all that went into it.
`python -m mmu_gather_conformance.elf32.building` prints the flags for a port.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from mmu_gather_conformance import build
from mmu_gather_conformance.image import ProtocolError

HERE: Final = Path(__file__).parent
SOURCE: Final = HERE / "host.c"
#: What a port needs of a C library, as headers.
INCLUDE: Final = HERE / "include"
#: Before all other flags, for a port.
FLAGS: Final = ("-m32", "-fno-stack-protector", f"-I{INCLUDE}")
LINK_FLAGS: Final = ("-shared", "-m32", "-nostdlib")
#: A program at a fixed address, whose loops are no calls of what it defines itself.
_HOST_FLAGS: Final = (
    "-m32", "-O1", "-Wall", "-Wextra", "-ffreestanding", "-fno-builtin", "-fno-stack-protector", "-fno-pie", "-no-pie",
    "-static", "-nostdlib", "-nostartfiles",
)  # fmt: skip


class Only64Bits(ProtocolError):
    """There are no words of 32 bits here: the compiler makes no such code, or the machine runs none."""


def host() -> Path:
    """The program of the process; what was built before is not built again.

    Errors: Only64Bits with what the compiler or the kernel said; ProtocolError where there is no place to build.
    """
    command = [build.compiler(), *_HOST_FLAGS]
    digest = hashlib.sha256(SOURCE.read_bytes() + "\0".join(command).encode()).hexdigest()[:16]
    out = build.cache() / f"host-{digest}"
    if not out.exists():
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=out.parent) as folder:
                made = Path(folder) / "host"
                _run([*command, "-o", str(made), str(SOURCE)])
                _try(made)
                made.replace(out)  # all of it or nothing, whoever else is building
        except OSError as error:
            raise ProtocolError(f"cannot build in {out.parent}: {error.strerror}") from error
    return out


def _try(program: Path) -> None:
    """Run it where nobody tells it anything: it ends at once."""
    try:
        code = subprocess.run([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode
    except OSError as error:
        raise Only64Bits(f"words of 32 bits: this machine runs no such program: {error.strerror}") from error
    if code:
        raise Only64Bits(f"words of 32 bits: this machine runs no such program: it ended with {code}")


def main() -> None:
    """The flags, for who compiles a port by hand."""
    sys.stdout.write(" ".join((*FLAGS, "-nostdlib")) + "\n")


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError as error:
        raise Only64Bits(f"there is no compiler {command[0]!r}: set CC to one") from error
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip())
        raise Only64Bits(f"words of 32 bits: {command[0]} makes no such code with -m32: {said}")


if __name__ == "__main__":
    main()
