# SPDX-License-Identifier: GPL-2.0-only
"""Cases as a port runs them: the reference, the reference with some functions replaced, or a port in one module.

A port in one module is the reference's own text with one thing changed: what a port's author would have written.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mmu_gather_conformance import ports
from mmu_gather_conformance.cases import find
from mmu_gather_conformance.recorder import Recorder, Recording, Run

ROOT: Final = Path(__file__).resolve().parents[2]
SEED: Final = tuple(
    ROOT / "reference/mmu_gather_reference/rfc_2010" / f"{name}.py"
    for name in ("mmu_table_batch", "asm_generic_tlb", "memory")
)
HASH64: Final = tuple(ROOT / "arch/mmu_gather_arch" / f"{name}.py" for name in ("hash64", "pgalloc_64", "pgalloc"))


def recorder_of(case_id: str, port: str = "ref") -> Recorder:
    """A recorder for one case of a port."""
    case = find(case_id)
    assert case is not None
    return Recorder(ports.open_port(port).image(case.config), case.scenario, case.config)


def record(case_id: str, port: str = "ref") -> Recording:
    """All runs of one case."""
    return recorder_of(case_id, port).record()


def first_run(case_id: str, port: str = "ref") -> Run:
    """The run with the ordinary answers."""
    return recorder_of(case_id, port).run(())[0]


def overridden(case_id: str, **functions: Callable[..., object]) -> Recording:
    """The recording of a case by the reference with some functions replaced."""
    case = find(case_id)
    assert case is not None
    image = ports.reference("rfc-2010", "overridden", dict(functions)).image(case.config)
    return Recorder(image, case.scenario, case.config).record()


def one_module(folder: Path, files: tuple[Path, ...], old: str = "", new: str = "", *, first: str = "") -> str:
    """A port whose one module holds these files, with `old` replaced; its name as it is typed.

    first: what stands at the module's top.  The name has the folder's in it, since one process loads a
    module of one name once.
    """
    trees = [ast.parse(path.read_text("utf-8")) for path in files]
    own = {name for tree in trees for node in tree.body for name in _defines(node)}
    source = "\n".join([first, *(_without_imports_of(own, tree) for tree in trees)])
    source = source.replace("MAX_PGTABLE_INDEX_SIZE()", "MAX_PGTABLE_INDEX_SIZE")
    assert old in source, f"nothing to replace: {old}"
    path = folder / f"port_{folder.name}.py"
    path.write_text(source.replace(old, new), "utf-8")
    return f"py:{path}"


def _defines(node: ast.stmt) -> tuple[str, ...]:
    """The name that a statement defines, if it does."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return (node.name,)
    return (node.target.id,) if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) else ()


def _without_imports_of(own: set[str], tree: ast.Module) -> str:
    """A source that imports neither what is in the module anyway nor anything from the future."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            node.names = [name for name in node.names if name.name not in own and node.module != "__future__"]
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom) or node.names]
    return ast.unparse(tree)
