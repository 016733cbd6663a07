# SPDX-License-Identifier: GPL-2.0-only
"""Where the kernel's two files are: an unpacked tree, a tarball of one, or a folder that holds just these two.

mm/mmu_gather.c and include/asm-generic/tlb.h are all that is taken of a kernel, and they are taken as they are.  What
was unpacked is kept in the user's cache, since looking through a tarball takes some ten seconds.
Which era they are of, the text says: stable trees carry later changes under earlier numbers, so the version is only
told, and never relied upon.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
from pathlib import Path
from typing import Final

from mmu_gather_spec.record import record

from mmu_gather_conformance.build import cache
from mmu_gather_conformance.image import ProtocolError

SOURCE: Final = "mm/mmu_gather.c"
HEADER: Final = "include/asm-generic/tlb.h"
MAKEFILE: Final = "Makefile"
FILES: Final = (SOURCE, HEADER, MAKEFILE)
#: No file of a kernel that is read here is larger, in bytes.
FILE_BOUND: Final = 1 << 20

#: What an era's files say that those of earlier eras do not; the last of these that is found decides.
MARKS: Final = (
    ("v6.1", r"\btlb_remove_table_sync_one\b"),
    ("v6.12", r"\bencoded_page\b"),
    ("v7.0", r"\btlb_remove_table_sync_rcu\b"),
)


@record(frozen=True, slots=True)
class KernelFiles:
    """The two files, by their text, and what the tree's Makefile says of its version."""

    source: bytes
    header: bytes
    #: such as 6.12.117; empty where there is no Makefile
    version: str = ""

    def era(self) -> str | None:
        """The era that the text is of, or None if it is of none that is known to have such files."""
        text = (self.source + self.header).decode(errors="replace")
        found = [era for era, mark in MARKS if re.search(mark, text)]
        return found[-1] if found else None

    def unshares(self) -> bool:
        """Whether shared PMD tables are left through a gather: stable series took that over in the middle of an era."""
        return b"tlb_flush_unshared_tables" in self.header

    def includes(self) -> tuple[str, ...]:
        """What the two files include from the rest of the kernel, each once, in order."""
        text = (self.source + b"\n" + self.header).decode(errors="replace")
        found = re.findall(r"^\s*#\s*include\s*<([\w/.-]+)>", text, re.MULTILINE)
        return tuple(dict.fromkeys(name for name in found if not {"", ".."} & set(name.split("/"))))


def find(place: str, /) -> KernelFiles:
    """The files of a kernel.

    place: an unpacked tree, a tarball, or a folder with the two files.
    Errors: ProtocolError, in one line, where they are not there.
    """
    path = Path(place)
    if path.is_dir():
        found = _in_folder(path)
    elif path.is_file():
        found = _once_unpacked(path)
    else:
        raise ProtocolError(f"no such tree: {place}")
    missing = [name for name in (SOURCE, HEADER) if name not in found]
    if missing:
        raise ProtocolError(f"{place} is no kernel tree: it has no {' and no '.join(missing)}")
    return KernelFiles(found[SOURCE], found[HEADER], _version(found.get(MAKEFILE, b"")))


def _in_folder(path: Path) -> dict[str, bytes]:
    return {name: _read(path / name) for name in FILES if (path / name).is_file()}


def _once_unpacked(path: Path) -> dict[str, bytes]:
    """The files out of a tarball, or as they were kept when it was looked through before."""
    state = path.stat()
    which = f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"
    kept = cache() / f"tree-{hashlib.sha256(which.encode()).hexdigest()[:16]}"
    if not kept.is_dir():
        found = _unpacked(path)
        try:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                for name, content in found.items():
                    (Path(folder) / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
                    (Path(folder) / "tree" / name).write_bytes(content)
                if found:
                    (Path(folder) / "tree").rename(kept)
        except OSError:
            return found  # it is found again the next time; or somebody else has kept it meanwhile
    return _in_folder(kept)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(FILE_BOUND)
    except OSError as error:
        raise ProtocolError(f"{path}: {error.strerror}") from error


def _unpacked(path: Path) -> dict[str, bytes]:
    """The files out of a tarball, whose members lie in one folder or in none; it is read no further than needed."""
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(path, "r|*") as tar:
            for member in tar:
                name = _wanted(member.name)
                if name is None or name in found or not member.isfile():
                    continue
                file = tar.extractfile(member)
                assert file is not None, "a regular file has a content"
                found[name] = file.read(FILE_BOUND)
                if len(found) == len(FILES):
                    break
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ProtocolError(f"{path} is neither a folder nor a tarball: {error}") from error
    return found


def _wanted(name: str) -> str | None:
    """Which of the files a member is, if it is one: `linux-6.12/mm/mmu_gather.c`, or without its first folder."""
    plain = name.removeprefix("./")
    for each in (plain, plain.partition("/")[2]):
        if each in FILES:
            return each
    return None


def _version(makefile: bytes) -> str:
    """VERSION.PATCHLEVEL.SUBLEVEL, as the first lines of the top Makefile set them."""
    text = makefile.decode(errors="replace")
    parts = [re.search(rf"^{name} = *(\d+) *$", text, re.MULTILINE) for name in ("VERSION", "PATCHLEVEL", "SUBLEVEL")]
    return ".".join(part[1] for part in parts if part)
