# SPDX-License-Identifier: GPL-2.0-only
"""Names that a person has typed: each is known, or is refused in one line with the nearest ones.

A name is looked up where its kind is kept, and nothing is opened or run for it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mmu_gather_conformance.refused import Refused, Unknown


def known_arch(archs: tuple[str, ...], /) -> tuple[str, ...]:
    """Architectures.  Errors: Unknown."""
    from mmu_gather_spec.arch import ARCHS  # noqa: PLC0415

    for arch in archs:
        if arch not in ARCHS:
            raise Unknown("arch", arch, ARCHS)
    return archs


def known_era(era: str | None, /) -> str | None:
    """An era that can be run, or none.  Errors: Unknown."""
    from mmu_gather_spec.eras import ERAS  # noqa: PLC0415

    if era is not None and era not in ERAS:
        raise Unknown("era", era, ERAS)
    return era


def known_contract(era: str | None, /) -> str:
    """An era that has a contract; the default era if none was typed.  Errors: Unknown."""
    from mmu_gather_spec.contract import CONTRACT_ERAS  # noqa: PLC0415
    from mmu_gather_spec.eras import DEFAULT_ERA  # noqa: PLC0415

    if era is not None and era not in CONTRACT_ERAS:
        raise Unknown("era", era, CONTRACT_ERAS)
    return era or DEFAULT_ERA


def known_rule(pattern: str, /) -> str:
    """A glob over rule ids that some match.  Errors: Unknown."""
    import fnmatch  # noqa: PLC0415

    from mmu_gather_spec.rules import RULES  # noqa: PLC0415

    if not fnmatch.filter(RULES, pattern):
        raise Unknown("rule", pattern, RULES)
    return pattern


def known_port(name: str, /) -> str:
    """A port's name, as far as it can be checked without opening it.  Errors: Unknown, Refused."""
    from mmu_gather_conformance import names  # noqa: PLC0415

    kind, colon, target = name.partition(":")
    known = names.ports()
    if name in known:
        return name
    if kind in ("py", "so", "linux") and target:
        _there(kind, target)
        return name
    if kind == "automatic":
        return _known_change(name, target)
    if kind in ("py", "so", "linux") and colon:
        raise Refused(f"{kind}: needs a {'module or file' if kind == 'py' else 'path'} behind the colon")
    raise Unknown("port", name, known)


def _known_change(name: str, target: str) -> str:
    from mmu_gather_conformance.falsify import automatic  # noqa: PLC0415

    changes = [mutant.name for mutant in automatic.every()]
    if target not in changes:
        raise Unknown("automatic mutant", target, changes)
    return name


def _there(kind: str, target: str) -> None:
    """A file or module that is not there is a wrong name, and no broken port."""
    from importlib.machinery import PathFinder  # noqa: PLC0415

    path = Path(target)
    if kind in ("so", "linux") or path.suffix == ".py":
        if path.exists():
            return
        near = [str(each) for each in path.parent.glob(f"*{path.suffix}")] if path.suffix else []
        raise Unknown("file", target, near) if near else Refused(f"no such file: {target}")
    if PathFinder.find_spec(target.partition(".")[0], ["", *sys.path]) is None:
        raise Refused(f"no module named {target!r}: a file is named with its .py")
