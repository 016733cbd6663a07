# SPDX-License-Identifier: GPL-2.0-only
"""The static verdict of a C port's header: the same questions, put to the C compiler.

The probe includes the header and asks one question a line; of the compiler's answer only file, line and "error" are
read.  A function's type is compared with the contract's prototype.  A name may be a macro as well, as pte_free_tlb() is
in the kernel: then it is used with the contract's arguments, and with one that no contract knows in the place of
each.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mmu_gather_spec.contract import CONTRACT_ERAS, contract_of
from mmu_gather_spec.eras import DEFAULT_ERA
from mmu_gather_spec.record import record

from mmu_gather_conformance import build
from mmu_gather_conformance.c_header import Prototype, prototype
from mmu_gather_conformance.c_tables import CROSSINGS
from mmu_gather_conformance.static.verdict import CannotCheck, FunctionVerdict, NotThere, PortTypes, Static
from mmu_gather_conformance.static.wanted import HALVES

#: A pointer of another type, or a number for a pointer, is an error whatever the compiler thinks of it by itself.
STRICT: Final = ("-Werror=incompatible-pointer-types", "-Werror=int-conversion")
FLAGS: Final = ("-std=gnu11", "-fsyntax-only", *STRICT, "-fmax-errors=0")

#: Tags that a prototype may be the first to name: in there they would be another type.
TAGS: Final = ("mmu_gather", "mm_struct", "page", "ptdesc", "vm_area_struct")

#: A thing that no contract knows, by value and by address.  Nothing converts a struct; `void *` takes any address.
STRANGER: Final = "struct mmu_gather_stranger"
STRANGERS: Final = {"value": f"{STRANGER} ", "address": f"{STRANGER} *"}

#: A diagnostic as C compilers print it, in the form of the GNU coding standards: file, line, column, kind.
DIAGNOSTIC: Final = re.compile(
    r"^(?P<file>[^:\n]+):(?P<line>\d+):(?:\d+:)? (?:fatal )?error: (?P<said>.*)$", re.MULTILINE
)

#: Of which era the suite's header is, as the preprocessor lists it.
ERA: Final = re.compile(r'^#define MMU_GATHER_ERA "(?P<era>[^"]*)"', re.MULTILINE)

#: Comments, which may hold a name without declaring it.
COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


@record(frozen=True, slots=True)
class _Question:
    function: str
    kind: str


class _Probe:
    """The lines of a probe, and which of them are questions."""

    def __init__(self, header: Path) -> None:
        self.lines = ["#include <stdbool.h>", *(f"struct {tag};" for tag in TAGS), f"{STRANGER} {{ int value; }};"]
        self.lines.append(f'#include "{header.resolve()}"')
        # Right in any case: an error here is of a header that ends in the middle of something.
        self.lines.append("struct mmu_gather_behind_the_header;")
        self.at_end = len(self.lines)
        # In a header that includes the suite's, the names of the link are calls through it, and no declarations.
        self.lines += ["#ifdef MMU_GATHER_H", *(f"#undef {name}" for name in CROSSINGS), "#endif"]
        self.questions: dict[int, _Question] = {}
        # Wrong in any case: no error here means that the compiler did not look.
        self.lines.append(f"{STRANGER} *mmu_gather_probe = {{ {STRANGERS['value']}}};")
        self.at_error = len(self.lines)

    def ask(self, function: str, kind: str, body: str, parameters: str = "void") -> None:
        number = len(self.lines) + 1
        self.lines.append(f"static void mmu_gather_probe_{number}({parameters}) {{ {body} }}")
        self.questions[number] = _Question(function, kind)

    def function(self, of: Prototype) -> None:
        """All that is asked about one function."""
        kinds = [kind.strip() for kind, _ in of.parameters]
        self.ask(of.name, "there", f"(void)&({of.name});")
        self.ask(of.name, "fits", _has_type(of, kinds))
        self.ask(of.name, "more", _has_type(of, [*kinds, STRANGERS["address"]]))
        self.lines.append(f"#ifdef {of.name}")
        self.ask(of.name, "no macro", '_Static_assert(0, "");')
        self._use(of, "macro fits", kinds)
        for place, kind in enumerate(kinds):
            for how, stranger in STRANGERS.items():
                if how == "value" or (kind.endswith("*") and kind != "void *"):
                    self._use(of, f"macro stranger {place} {how}", [*kinds[:place], stranger, *kinds[place + 1 :]])
        self.lines.append("#endif")

    def _use(self, of: Prototype, kind: str, kinds: list[str]) -> None:
        """A use of a macro, with arguments of these types."""
        result = "" if of.result == "void" else f"{of.returned}result = "
        parameters = ", ".join(f"{kind} a{place}" for place, kind in enumerate(kinds)) or "void"
        self.ask(of.name, kind, f"{result}{of.name}({', '.join(f'a{n}' for n in range(len(kinds)))});", parameters)

    def constant(self, name: str) -> None:
        """All that is asked about a constant: an expression of an integer type."""
        self.ask(name, "there", f"(void)({name});")
        kinds = "int: 0, unsigned int: 0, long: 0, unsigned long: 0"
        self.ask(name, "fits", f"(void)_Generic(({name}), {kinds});")


def _has_type(of: Prototype, kinds: list[str]) -> str:
    pointer = f"{of.returned}(*)({', '.join(kinds) or 'void'})"
    return f'_Static_assert(__builtin_types_compatible_p(__typeof__(&({of.name})), {pointer}), "");'


def check_header(header: str, *, era: str | None = None, halves: Sequence[str] = ()) -> PortTypes:
    """The static verdict of a C port's header.

    header: a file.  era: the contract that it is held to; None for that of the suite's header that it includes.
    halves: `generic`, `arch`; none for those of which it declares something.
    Errors: NotThere if it cannot be read, CannotCheck if it does not compile or its era is none.
    """
    path = Path(header)
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise NotThere(f"{header}: {error.strerror}") from error
    era = own_era(path, header) if era is None else era
    of = contract_of(era)
    names = {"generic": (*of.generic_half, *of.other_callers), "arch": (*of.arch_half, *of.hash64_half)}
    probe = _Probe(path)
    for name in of.functions:
        probe.function(prototype(name, era))
    for name in of.constants:
        probe.constant(name)
    errors = _compile(path, header, probe)
    verdicts: dict[str, FunctionVerdict] = {}
    for name in (*of.constants, *of.functions):
        kinds = {q.kind: line in errors for line, q in probe.questions.items() if q.function == name}
        expected = f"{name}: an integer" if name in of.constants else shown(prototype(name, era))
        verdicts[name] = _judge(name, kinds, expected, header, text)
    there = {name for name, verdict in verdicts.items() if verdict.verdict is not Static.MISSING}
    found = [half for half in HALVES if there.intersection(names[half])]
    chosen = tuple(halves) or tuple(found) or HALVES
    optional = {*of.other_callers, *(() if there.intersection(of.hash64_half) else of.hash64_half)} - there
    wanted = [name for half in chosen for name in (*(of.constants if half == "arch" else ()), *names[half])]
    functions = tuple(verdicts[name] for name in wanted if name not in optional)
    return PortTypes(header, era, _version(), functions)


def own_era(path: Path, header: str, /) -> str:
    """The era that the suite's header, if it is included, is of; the default era otherwise.

    Errors: CannotCheck for one that there is not.
    """
    macros = _ran("-E", "-dM", f"-I{build.C_PORTS}", str(path)).stdout.decode(errors="replace")
    said = ERA.search(macros)
    if said is None:
        return DEFAULT_ERA
    if said["era"] not in CONTRACT_ERAS:
        raise CannotCheck(f"{header} is of {said['era']!r}, which is no era")
    return said["era"]


def shown(of: Prototype, /) -> str:
    """A prototype as a header has it."""
    return f"{of.returned}{of.name}({of.declared});"


def _compile(path: Path, header: str, probe: _Probe) -> set[int]:
    """The lines of the probe on which there are errors.

    A header may want the suite's to be included before it.
    Errors: CannotCheck if the header itself does not compile.
    """
    with tempfile.TemporaryDirectory(prefix="mmu-gather-") as folder:
        source = Path(folder) / "probe.c"
        source.write_text("\n".join(probe.lines) + "\n", encoding="utf-8")
        said = _run(source)
        if any(each["file"] != str(source) for each in DIAGNOSTIC.finditer(said)):
            said = _run(source, "-include", "mmu_gather.h")
        for each in DIAGNOSTIC.finditer(said):
            if each["file"] != str(source):
                raise CannotCheck(f"{header} does not compile: {each['file']}:{each['line']}: {each['said']}")
    lines = {int(each["line"]) for each in DIAGNOSTIC.finditer(said)}
    if probe.at_end in lines:
        raise CannotCheck(f"{header} does not compile: it ends in the middle of a declaration")
    if probe.at_error not in lines:
        raise CannotCheck(f"{build.compiler()} could not check {header}: {said.strip() or 'it found nothing wrong'}")
    return lines


def _run(source: Path, *options: str) -> str:
    """What the compiler says.  Macros go first, so that what is wrong in one is wrong where it is used."""
    expanded = source.with_suffix(".i")
    first = _ran("-E", *options, f"-I{build.C_PORTS}", str(source))
    expanded.write_bytes(first.stdout)
    said = first.stderr + _ran(*FLAGS, str(expanded)).stderr
    return said.decode(errors="replace")


def _ran(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = [build.compiler(), *arguments]
    try:
        return subprocess.run(command, env={**os.environ, "LC_ALL": "C"}, capture_output=True, check=False)
    except OSError as error:
        raise NotThere(f"{build.compiler()}: {error.strerror}") from error


def _version() -> str:
    """The compiler and its version, as it says it."""
    said = subprocess.run([build.compiler(), "-dumpversion"], capture_output=True, encoding="utf-8", check=False)
    return f"{build.compiler()} {said.stdout.strip()}".strip()


def _judge(name: str, errors: dict[str, bool], expected: str, header: str, text: str) -> FunctionVerdict:
    """The verdict on one name."""
    line, got = _declared(name, text)
    verdict, reason = _verdict(errors)
    if verdict in (Static.OK, Static.MISSING):
        got = ""
    return FunctionVerdict(name, verdict, header, 1 if verdict is Static.MISSING else line, expected, got, reason)


def _verdict(errors: dict[str, bool]) -> tuple[Static, str]:
    if not errors["there"]:
        if errors["fits"]:
            return Static.SIGNATURE, ""
        if not errors.get("more", True):
            return Static.UNTYPED, "it is declared without its parameters"
        return Static.OK, ""
    if not errors.get("no macro", False):
        return Static.MISSING, ""
    if errors["macro fits"]:
        return Static.SIGNATURE, "the macro does not take these arguments"
    for kind, error in errors.items():
        if kind.startswith("macro stranger") and not error:
            return Static.UNTYPED, f"the macro takes anything as parameter {int(kind.split()[2]) + 1}"
    return Static.OK, ""


def _declared(name: str, text: str) -> tuple[int, str]:
    """Where a header declares a name, and how, in one line; for a person only."""
    code = COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), text)
    macro = rf"^[ \t]*#[ \t]*define[ \t]+{re.escape(name)}\b(?:\([^)\n]*\))?"
    function = rf"^[ \t]*(?:\w[\w \t\n]*?[\s*]+)\(?{re.escape(name)}\)?\s*\([^;{{#]*\)"
    found = [each for each in (re.search(pattern, code, re.MULTILINE) for pattern in (function, macro)) if each]
    if not found:
        return 1, ""
    where = code.index(name, found[0].start())
    return code.count("\n", 0, where) + 1, " ".join(found[0][0].split())
