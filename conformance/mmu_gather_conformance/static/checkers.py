# SPDX-License-Identifier: GPL-2.0-only
"""The type checkers: each is run once over any number of probes, and says on which lines it finds errors.

They are run in a folder of their own with a configuration of their own, so that nothing a port's project has switched
off is switched off here.  Of the answer only file, line and severity are read; what else was said is kept for a person,
in case that there is no answer.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeAlias

import mmu_gather_spec
from mmu_gather_spec.record import record

from mmu_gather_conformance.static import remembered
from mmu_gather_conformance.static.places import digest
from mmu_gather_conformance.static.verdict import CannotCheck, NotThere

#: A checker that hangs is a failure and not a wait.
TIMEOUT_SECONDS: Final = 300

#: An error has to mean that types do not fit, and not that they could be better; so nothing here is strict.
MYPY_CONFIG: Final = "[mypy]\nfollow_imports = silent\n"
PYRIGHT_CONFIG: Final = {"typeCheckingMode": "standard"}


@record(frozen=True, slots=True)
class Answer:
    """The lines with errors, by the file's name, and what the checker said besides."""

    lines: dict[str, set[int]]
    said: list[str]


def version(checker: str, /) -> str:
    """The checker with its version, for the report.

    Errors: NotThere if it is not installed.
    """
    _command(checker)
    try:
        return f"{checker} {metadata.version(checker)}"
    except metadata.PackageNotFoundError:
        return checker


def ask(checker: str, folder: Path, files: list[str], roots: Iterable[Path], /) -> Answer:
    """Put files of a folder to a checker, in one process.

    folder: whatever the checker keeps for the next time is kept there.  roots: where modules are looked for.
    Errors: NotThere if it is not installed, CannotCheck if it does not answer.
    """
    searched = [str(root) for root in dict.fromkeys((*roots, *_spec_root()))]
    try:
        return CHECKERS[checker](folder, files, searched)
    except subprocess.TimeoutExpired:
        raise CannotCheck(f"{checker} did not answer within {TIMEOUT_SECONDS} seconds") from None


def _command(checker: str) -> list[str]:
    """A checker as it is called: the one of this environment, or the one of the user's."""
    if importlib.util.find_spec(checker):
        return [sys.executable, "-m", checker]
    found = shutil.which(checker)
    if found is None:
        raise NotThere(f"{checker} is not installed: pip install {checker}")
    return [found]


def _spec_root() -> list[Path]:
    """Where the specification is, unless it is installed: a checker finds installed packages by itself."""
    (package,) = mmu_gather_spec.__path__
    root = Path(package).resolve().parent
    return [] if root.name in ("site-packages", "dist-packages") else [root]


def _ran(command: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


def mypy(folder: Path, files: list[str], roots: list[str], /) -> Answer:
    """mypy: a line of JSON for each thing that it finds."""
    (folder / "mypy.ini").write_text(MYPY_CONFIG, encoding="utf-8")
    options = ["--config-file=mypy.ini", "--output=json", "--no-error-summary", "--soft-error-limit=-1"]
    options += [f"--python-executable={sys.executable}", "--cache-dir=mypy", "--no-pretty"]
    ran = _ran([*_command("mypy"), *options, "--", *files], folder, MYPYPATH=os.pathsep.join(roots))
    answer = Answer({name: set() for name in files}, ran.stderr.splitlines())
    for text in ran.stdout.splitlines():
        try:
            found: Any = json.loads(text)
        except ValueError:
            answer.said.append(text)
            continue
        _note(answer, Path(found["file"]), found["line"], found["severity"], found["message"])
    return answer


def pyright(folder: Path, files: list[str], roots: list[str], /) -> Answer:
    """pyright: one JSON document; it counts lines from 0, and keeps nothing, so that its answer is kept here."""
    config = {**PYRIGHT_CONFIG, "include": files, "extraPaths": roots}
    text = json.dumps(config)
    key = remembered.key(f"{version('pyright')} {text}", folder, files, roots)
    known = remembered.recall(folder, key)
    if known is not None:
        return Answer(known, [])
    project = folder / f"pyright_{digest(text)}.json"
    project.write_text(text, encoding="utf-8")
    options = ["--outputjson", "--project", project.name, "--pythonpath", sys.executable]
    ran = _ran([*_command("pyright"), *options], folder, PYRIGHT_PYTHON_IGNORE_WARNINGS="1")
    answer = Answer({name: set() for name in files}, ran.stderr.splitlines())
    try:
        document: Any = json.loads(ran.stdout)
    except ValueError:
        answer.said.extend(ran.stdout.splitlines())
        return answer
    for found in document["generalDiagnostics"]:
        line = found["range"]["start"]["line"] + 1 if "range" in found else 0
        _note(answer, Path(found["file"]), line, found["severity"], found["message"])
    if all(answer.lines.values()):  # each probe has a line that is wrong in any case
        remembered.remember(folder, key, answer.lines)
    return answer


def _note(answer: Answer, file: Path, line: int, severity: str, message: str) -> None:
    if file.name in answer.lines:
        if severity == "error":
            answer.lines[file.name].add(line)
    else:
        answer.said.append(f"{file}:{line}: {message}")


_Checker: TypeAlias = Callable[[Path, list[str], list[str]], Answer]
CHECKERS: Final[dict[str, _Checker]] = {"mypy": mypy, "pyright": pyright}
