# SPDX-License-Identifier: GPL-2.0-only
"""A port to fill in, made from the contract: it builds, it runs, and it fails until it is written.

Whoever fills it in reads nothing else: the page made beside it holds the contract, the services, the rules and
the commands.  All of that is printed from the specification; only what ties it together stands here.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from mmu_gather_spec import contract, kernel
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.rule import Binds, Level
from mmu_gather_spec.rules import RULES

LANGUAGES: Final = ("python", "c")
TEMPLATES: Final = Path(__file__).parent / "templates"


class NotEmpty(Exception):
    """The folder holds something already, and nothing is overwritten."""


def make(language: str, folder: Path, /) -> list[Path]:
    """Make a port of `language` in `folder`; the files that were made.

    Errors: NotEmpty if the folder has anything in it.
    """
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(f"{folder} is not empty; name a new folder")
    folder.mkdir(parents=True, exist_ok=True)
    files = _python() if language == "python" else _c()
    made = []
    for name, text in files.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made


def _fill(template: str, **parts: str) -> str:
    """A template with its parts filled in; a part is `@name@` on a line or inside one."""
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, part in parts.items():
        text = text.replace(f"@{name}@", part)
    return text


def generic_functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """The contract of the generic half, in its order."""
    for name in contract.GENERIC_HALF:
        yield name, contract.functions()[name]


def _python() -> dict[str, str]:
    stubs = "\n\n\n".join(_python_stub(name, function) for name, function in generic_functions())
    return {
        "port.py": _fill("port.py.txt", stubs=stubs),
        "README.md": _readme("python"),
    }


def _python_stub(name: str, function: Callable[..., object]) -> str:
    signature = str(inspect.signature(function)).replace("(self, ", "(").replace("'", "")
    doc = textwrap.indent(inspect.getdoc(function) or "", "    ").strip()
    return f'def {name}{signature}:\n    """{doc}\n    """\n    raise NotImplementedError("{name} is not written yet")'


def _readme(language: str) -> str:
    return _fill(
        f"README.{language}.txt",
        era=f"{DEFAULT_ERA} ({ERAS[DEFAULT_ERA].summary})",
        functions="\n".join(_entry(name, function) for name, function in generic_functions()),
        linked="\n".join(_entry(name, contract.functions()[name]) for name in LINKED),
        services="\n".join(_service_list()),
        rules="\n".join(_rule_list()),
    )


#: What the generic half calls in the arch half.
LINKED: Final = (
    "tlb_flush",
    "__tlb_remove_table",
    "__pte_free_tlb",
    "__pmd_free_tlb",
    "__tlb_remove_tlb_entry",
)


def _entry(name: str, function: Callable[..., object]) -> str:
    title, _, body = (inspect.getdoc(function) or "").partition("\n\n")
    summary = title.partition(" - ")[2]
    signature = str(inspect.signature(function)).replace("(self, ", "(").replace("'", "").replace(", /", "")
    return f"- `{name}{signature}`: {summary}. " + body.replace("\n", " ")


def _service_list() -> Iterator[str]:
    """The kernel's services that a generic half may call, each with its first sentence."""
    for name, function in vars(kernel).items():
        if not inspect.isfunction(function) or function.__module__ != kernel.__name__:
            continue
        if name in ("booted", "running") or re.search(r"hash|tlbi|flush_tlb|cpu_var", name):
            continue
        signature = str(inspect.signature(function)).replace("'", "").replace(", /", "").replace(" = ", '=""')
        yield f"- `{name}{signature}`: " + " ".join((inspect.getdoc(function) or "").split())


def _rule_list() -> Iterator[str]:
    """What a port is held to in the default era."""
    for rule in RULES.values():
        status = rule.status_in(DEFAULT_ERA)
        if rule.binds is Binds.PORT and status.judges() and not rule.id.startswith(("walk.", "arch.")):
            permitted = (
                f" (known defects of the era are permitted: {', '.join(sorted(status.errata))})"
                if status.errata
                else ""
            )
            may = "" if rule.level is Level.MUST else f" [{rule.level.value}]"
            yield f"- `{rule.id}`{may}: {rule.sentence}{permitted}"


def _c() -> dict[str, str]:
    from mmu_gather_conformance import c_header  # noqa: PLC0415 - only for ports in C

    stubs = "\n".join(c_header.stub(name) for name in contract.GENERIC_HALF)
    return {
        "port.c": _fill("port.c.txt", stubs=stubs),
        "mmu_gather.h": c_header.render(),
        "Makefile": _fill("Makefile.txt"),
        "README.md": _readme("c"),
    }
