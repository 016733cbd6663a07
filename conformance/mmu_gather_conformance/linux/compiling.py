# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's file, compiled as it is against the shim, into a library that the suite can load.

Every `#include <...>` of the two files resolves to an empty file, but asm-generic/tlb.h, which is the tree's own, and
asm/tlb.h, which is the shim's.  Where shim and kernel do not mean the same by a name, that is an error; other warnings
are kept beside the library, and there are none where nothing was changed.  What a build needs and has not got is told
by name, all of it and not the first.

What was built is kept in the user's cache, by the digest of all that went into it.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mmu_gather_spec.words import STRUCT_PAGE

from mmu_gather_conformance import c_header
from mmu_gather_conformance.build import cache, compiler
from mmu_gather_conformance.elf32 import building
from mmu_gather_conformance.elf32.elf import Elf32
from mmu_gather_conformance.image import ProtocolError
from mmu_gather_conformance.linux.tree import HEADER, SOURCE, KernelFiles

SHIM: Final = Path(__file__).parent / "shim"
#: The dialect and the promises that the kernel's own build makes; and, unlike it, position-independent code.
FLAGS: Final = ("-std=gnu11", "-O1", "-g", "-fPIC", "-fno-strict-aliasing", "-fwrapv", "-Wall")
#: Warnings that say that a name means something else here than there.
ERRORS: Final = (
    "-Werror=implicit-function-declaration",
    "-Werror=implicit-int",
    "-Werror=incompatible-pointer-types",
    "-Werror=int-conversion",
    "-Werror=return-type",
)
#: An undefined name is found by the linker here, and not when the library is loaded.
LINK_FLAGS: Final = ("-shared", "-Wl,-z,defs")

#: How compilers and linkers say that a name is missing.
_LACKS: Final = (
    r"implicit declaration of function '(\w+)'",
    r"call to undeclared function '(\w+)'",
    r"'(\w+)' undeclared",
    r"use of undeclared identifier '(\w+)'",
    r"unknown type name '(\w+)'",
    r"invalid use of undefined type '((?:struct|union|enum) \w+)'",
    r"incomplete definition of type '((?:struct|union|enum) \w+)'",
    r"'((?:struct|union|enum) \w+)' declared inside parameter list",
    r"'((?:struct|union) \w+)' has no member named '(\w+)'",
    r"no member named '(\w+)' in '((?:struct|union) \w+)'",
    r"undefined reference to [`'](\w+)'",
    r"fatal error: '?([\w/.-]+\.h)'?",
)


class CannotCompile(ProtocolError):
    """The shim does not serve this kernel: the names that it lacks, or else what the compiler said first."""

    def __init__(self, said: str, /) -> None:
        self.lacks = lacking(said)
        self.said = said
        line = next((each for each in said.splitlines() if "error" in each), said.strip() or "the compiler failed")
        super().__init__(f"the shim lacks: {', '.join(self.lacks)}" if self.lacks else f"it does not compile: {line}")


def lacking(said: str, /) -> tuple[str, ...]:
    """The names that a compiler or a linker has missed, in its order, each once; a member with its struct."""
    plain = said.replace("\u2018", "'").replace("\u2019", "'")
    found: list[tuple[int, str]] = []
    for pattern in _LACKS:
        for match in re.finditer(pattern, plain):
            found.append((match.start(), _told(match)))
    return tuple(dict.fromkeys(name for _, name in sorted(found)))


def _told(match: re.Match[str]) -> str:
    one, *more = match.groups()
    if not more:
        return str(one)
    struct, member = (one, more[0]) if " " in one else (more[0], one)
    return f"{member} in {struct}"


def number_of(era: str, /) -> int:
    """An era's version as the shim compares it: 612 for v6.12.  source: the era's name."""
    major, minor = era.removeprefix("v").split(".")[:2]
    return 100 * int(major) + int(minor)


def compile_command(files: KernelFiles, era: str, defines: Sequence[str], bits: int = 64, /) -> list[str]:
    """How the kernel's file is compiled for an era, for words of so many bits; includes aside."""
    unshares = ("SHIM_UNSHARES",) if files.unshares() else ()
    facts = (f'SHIM_VERSION="{files.version}"', f"SHIM_ERA={number_of(era)}", f"SHIM_STRUCT_PAGE={STRUCT_PAGE}")
    narrow = building.FLAGS if bits == 32 else ()
    return [compiler(), *narrow, *FLAGS, *ERRORS, *(f"-D{each}" for each in (*defines, *unshares, *facts))]


def library(files: KernelFiles, era: str, defines: Sequence[str], bits: int = 64, /) -> Path:
    """A library of the kernel's file; one that was built before is not built again.

    era: whose contract it is a port of.  defines: macros, as -D has them.  bits: of a word.
    Errors: CannotCompile; ProtocolError where there is no compiler, or none for such words, or no place to build.
    """
    host = building.host() if bits == 32 else None
    command = compile_command(files, era, defines, bits)
    out = cache() / f"linux-{files.version or 'tree'}-{_digest(files, era, command)}.so"
    if not out.exists():
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=out.parent) as folder:
                built, said = _built(files, era, command, Path(folder), host)
                warnings_of(out).write_text(said)
                built.replace(out)  # all of it or nothing, whoever else is building
        except OSError as error:
            raise ProtocolError(f"cannot build in {out.parent}: {error.strerror}") from error
    return out


def warnings_of(library: Path, /) -> Path:
    """Where the compiler's warnings about a library are kept."""
    return library.with_suffix(".txt")


def _digest(files: KernelFiles, era: str, command: Sequence[str]) -> str:
    headers = (SHIM / "shim.h", SHIM / "asm" / "tlb.h", *sorted(building.INCLUDE.iterdir()))
    ours = (path.read_bytes() for path in (*headers, SHIM / "port.c"))
    parts = [files.source, files.header, *ours, c_header.render(era).encode(), "\0".join(command).encode()]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def _built(files: KernelFiles, era: str, command: Sequence[str], folder: Path, host: Path | None) -> tuple[Path, str]:
    """The library, made in a folder of its own, and what the compiler warned of.

    host: the program that it will run in, if it is not this one: it has what a C library has otherwise.
    """
    includes, objects, said = lay_out(files, era, folder), [], ""
    for source in (folder / SOURCE, SHIM / "port.c"):
        objects.append(folder / f"{source.stem}.o")
        said += _run([*command, *includes, "-c", "-o", str(objects[-1]), str(source)])
    out = folder / "kernel.so"
    flags = LINK_FLAGS if host is None else building.LINK_FLAGS
    said += _run([command[0], *flags, "-o", str(out), *map(str, objects)])
    if host is not None:
        missing = Elf32(out).missing(Elf32(host).addresses())
        if missing:
            raise CannotCompile("\n".join(f"undefined reference to `{name}'" for name in missing))
    return out, said


def lay_out(files: KernelFiles, era: str, folder: Path, /) -> list[str]:
    """Put the two files into a folder, unmodified, and empty ones for what they include; how to read them."""
    empty = folder / "empty"
    for name in files.includes():
        if name not in ("asm/tlb.h", "asm-generic/tlb.h"):
            _write(empty / name, b"")
    _write(folder / SOURCE, files.source)
    _write(folder / HEADER, files.header)
    _write(folder / "port" / "mmu_gather.h", c_header.render(era).encode())
    places = [SHIM, folder / "include", empty, folder / "port"]
    return ["-include", str(SHIM / "shim.h"), *(f"-I{place}" for place in places)]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _run(command: Sequence[str]) -> str:
    """Run the compiler; what it warned of.  Errors: CannotCompile with the names that it missed."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False, env={**os.environ, "LC_ALL": "C"}
        )
    except FileNotFoundError as error:
        raise ProtocolError(f"there is no compiler {command[0]!r}: set CC to one") from error
    if done.returncode:
        raise CannotCompile(done.stderr)
    return done.stderr
