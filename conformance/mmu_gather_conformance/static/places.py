# SPDX-License-Identifier: GPL-2.0-only
"""Where a port is, and by which name a type checker imports it.

A module is looked for as Python would, and never imported.  A file is imported by its own name, from the folder above
its package; one whose name cannot be imported, or is a library's, is copied to a name that can.
"""

from __future__ import annotations

import hashlib
import keyword
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mmu_gather_spec.record import record

from mmu_gather_conformance.static.verdict import NotThere

#: Modules of these names are not the port's.
TAKEN: Final = frozenset(
    {*sys.stdlib_module_names, "mmu_gather_spec", "mmu_gather_reference", "mmu_gather_arch", "mmu_gather_conformance"}
)


@record(frozen=True, slots=True)
class Place:
    """Where a port is."""

    #: as it was named, without the kind
    named: str
    #: its file, from the current folder where it is below that
    path: Path
    #: its dotted name
    module: str
    #: the folder from which that name is found
    root: Path

    def importable(self, folder: Path, /) -> str:
        """The name by which a checker imports it; `folder` is searched, too."""
        parts = self.module.split(".")
        names = all(part.isidentifier() and not keyword.iskeyword(part) for part in parts)
        if names and (parts[0] not in TAKEN or len(parts) > 1):
            return self.module
        name = f"port_{digest(str(self.path.resolve()))}"
        shutil.copyfile(self.path, folder / f"{name}.py")
        return name


def find(port: str, /) -> Place:
    """The place of a file or a module.

    Errors: NotThere for one that is not there.
    """
    target = port.removeprefix("py:")
    path = Path(target)
    if path.suffix == ".py":
        if not path.is_file():
            raise NotThere(f"no such file: {target}")
        return _of_file(target, path)
    for root in dict.fromkeys(["", *sys.path]):
        below = Path(root or ".", *target.split("."))
        for found in (below.with_name(f"{below.name}.py"), below / "__init__.py"):
            if found.is_file():
                return Place(target, _short(found), target, Path(root or ".").resolve())
    raise NotThere(f"no module named {target!r}: a file is named with its .py")


def _of_file(named: str, path: Path) -> Place:
    """A file, as part of the package that it is in."""
    root = path.resolve().parent
    parts = [] if path.stem == "__init__" else [path.stem]
    while (root / "__init__.py").exists() and root.name.isidentifier():
        parts.insert(0, root.name)
        root = root.parent
    return Place(named, path, ".".join(parts), root)


def _short(path: Path) -> Path:
    try:
        return path.resolve().relative_to(Path.cwd())
    except ValueError:
        return path


def digest(text: str, /) -> str:
    """A name for a text, the same every time."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@contextmanager
def workshop() -> Iterator[Path]:
    """The folder for probes and caches: one that stays, or where none can be made, one for this time."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mmu-gather" / "types"
    try:
        cache.mkdir(parents=True, exist_ok=True)
        writable = os.access(cache, os.W_OK)
    except (OSError, RuntimeError):
        writable = False
    if writable:
        yield cache
        return
    with tempfile.TemporaryDirectory(prefix="mmu-gather-") as folder:
        yield Path(folder)
