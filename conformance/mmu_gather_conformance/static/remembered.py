# SPDX-License-Identifier: GPL-2.0-only
"""What a checker answered last time, for as long as nothing has changed that it read.

pyright begins anew every time.  Its answer depends on the questions, on the checker, and on the files that the imports
of a probe lead to; so it is kept under a digest of all these.  The files are looked for anew each time, wherever
a checker might look: one that appears, a stub say, changes the digest as well as one that is edited.

Python's own modules come with the checker.  Of an installed package those files are looked at that are imported, and
not what they import in turn, for it is replaced as a whole; the specification's are followed like the port's.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmu_gather_conformance.static.places import digest

#: The package whose files are followed, wherever they are installed.
FOLLOWED = "mmu_gather_"


def key(told: str, folder: Path, files: list[str], roots: Iterable[str], /) -> str:
    """The digest under which an answer is kept.

    told: the checker, its version and its configuration.  files: the probes, in `folder`.
    """
    searched = list(dict.fromkeys(map(Path, roots)))
    reached = sorted(_reached([folder / name for name in files], searched, folder))
    return digest(json.dumps([told, sys.version, [str(root) for root in searched], reached]))


def recall(folder: Path, of: str, /) -> dict[str, set[int]] | None:
    """The lines with errors, if they are known."""
    try:
        kept = json.loads((folder / f"answer_{of}.json").read_text(encoding="utf-8"))
        return {str(name): set(map(int, lines)) for name, lines in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def remember(folder: Path, of: str, lines: dict[str, set[int]], /) -> None:
    """Keep them."""
    text = json.dumps({name: sorted(found) for name, found in lines.items()})
    (folder / f"answer_{of}.json").write_text(text, encoding="utf-8")


def _reached(start: list[Path], roots: list[Path], folder: Path) -> Iterator[tuple[str, ...]]:
    """The files that imports lead to: of the probes what they say, of others which they are."""
    seen: set[Path] = set()
    waiting = list(start)
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        if path.parent == folder:
            yield path.name, path.read_text(encoding="utf-8")
        else:
            status = path.stat()
            yield str(path), str(status.st_mtime_ns), str(status.st_size), str(status.st_ino)
        own = any(path.is_relative_to(root) for root in roots) and "site-packages" not in path.parts
        if own or any(part.startswith(FOLLOWED) for part in path.parts):
            waiting += [found for name in _imports(path) for found in _candidates(name, path, roots)]


def _imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, with a dot in front for each level that it goes up."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return  # whatever the checker makes of it, it makes of this file alone
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield module
            yield from (f"{module}.{alias.name}" if node.module else f"{module}{alias.name}" for alias in node.names)


def _candidates(name: str, importing: Path, roots: list[Path]) -> Iterator[Path]:
    """The files in which a checker might find a module, and the packages that it is in."""
    level = len(name) - len(name.lstrip("."))
    parts = [part for part in name.lstrip(".").split(".") if part]
    if level:
        places = [importing.parents[level - 1]] if level <= len(importing.parents) else []
    elif parts and parts[0] in sys.stdlib_module_names:
        places = roots  # a module of one's own may have the name of Python's
    else:
        places = [*roots, *(Path(entry) for entry in sys.path if entry)]
    for place in places:
        # The packages that a module is in are read as well.
        for length in range(0 if level else 1, len(parts) + 1):
            yield from _files(place.joinpath(*parts[:length]))
            if length:
                yield from _files(place.joinpath(f"{parts[0]}-stubs", *parts[1:length]))


def _files(module: Path) -> Iterator[Path]:
    """The files that a module or package may be, at this place."""
    for suffix in (".py", ".pyi"):
        for found in (module / f"__init__{suffix}", module.with_name(f"{module.name}{suffix}")):
            if found.is_file():
                yield found
