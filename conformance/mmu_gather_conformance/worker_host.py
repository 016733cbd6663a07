# SPDX-License-Identifier: GPL-2.0-only
"""A port in a process of its own: asked over pipes, timed, and replaced when it dies, hangs or talks nonsense.

What the port does to its process costs it one case.  The suite's process only reads frames, and none of them is
trusted to be a program.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import TYPE_CHECKING

import msgspec

from mmu_gather_conformance import forms, ports, wire, worker
from mmu_gather_conformance.case import Case
from mmu_gather_conformance.hosts import CASE_SECONDS, Broke, Described, One, whole
from mmu_gather_conformance.recorder import Outcome, Recording, Run
from mmu_gather_conformance.verdict import Verdict

if TYPE_CHECKING:
    from mmu_gather_conformance.agreement.runs import Compared


def _request(case: Case, one: One | None) -> wire.Request:
    """What is asked of the worker."""
    asked = wire.Request(case.id, forms.encode(case.scenario), asdict(case.config))
    if one is None:
        return asked
    return msgspec.structs.replace(
        asked, choices=one.choices, fill=one.fill, nested_at=one.nested_at, by_service=one.by_service
    )


def _reading(answer: wire.Answer) -> Recording | Broke:
    """What an answer means."""
    if answer.error:
        return Broke(Verdict.PROTOCOL_ERROR, answer.error)
    if answer.fault:
        return Broke(Verdict.SUITE_ERROR, answer.fault)
    return whole(wire.unpack(answer))


class InWorker:
    """The port runs in a worker process, which is replaced when it breaks."""

    def __init__(self, name: str, era: str | None, halves: tuple[str, ...], seconds: float = CASE_SECONDS) -> None:
        self._name = name
        self._arguments = {"port": name, "era": era, "halves": halves}
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._to = self._from = -1
        self._words = tempfile.NamedTemporaryFile(prefix="mmu-gather-")  # noqa: SIM115 - lives as long as the host
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - as above

    def _start(self) -> None:
        ports.prepare(self._name)
        self._words.truncate(0)
        self._words.truncate(4096)
        theirs_in, self._to = os.pipe()
        self._from, theirs_out = os.pipe()
        where = {"requests": theirs_in, "answers": theirs_out, "words": self._words.name}
        command = [
            sys.executable,
            "-P",  # a port's folder may hold a signal.py
            "-m",
            worker.__name__,
            msgspec.json.encode({**self._arguments, **where}).decode(),
        ]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log, pass_fds=(theirs_in, theirs_out),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)

    def record(self, case: Case, one: One | None = None) -> tuple[Recording | Broke, float]:
        """Send the case, wait for the answer, and see what became of the process."""
        answer = self._ask(_request(case, one))
        if isinstance(answer, Broke):
            return answer, 0.0
        try:
            return _reading(answer), answer.seconds
        except (msgspec.ValidationError, ValueError, KeyError, IndexError) as error:
            return self._nonsense(error), 0.0

    def described(self) -> Described | Broke:
        """What the port is for; or how it broke while it was loaded."""
        answer = self._ask(wire.Request("", b"", {}))
        if isinstance(answer, Broke):
            return answer
        if answer.error:
            return Broke(Verdict.PROTOCOL_ERROR, answer.error)
        return Described(answer.archs, answer.era, answer.bits, answer.version)

    def compare(self, request: wire.Request) -> Compared | Broke:
        """Let the worker compare its port with another, event by event."""
        from mmu_gather_conformance.agreement import over_the_wire  # noqa: PLC0415 - few hosts are asked

        answer = self._ask(request)
        if isinstance(answer, Broke):
            return answer
        if answer.error or answer.fault:
            return Broke(Verdict.PROTOCOL_ERROR if answer.error else Verdict.SUITE_ERROR, answer.error or answer.fault)
        return over_the_wire.unpack(answer)

    def _ask(self, request: wire.Request) -> wire.Answer | Broke:
        """One request and its answer; the process is replaced when it breaks."""
        if self._process is None:
            self._start()
        try:
            wire.write(self._to, request)
            if not select.select([self._from], [], [], self._seconds)[0]:
                return self._hangs()
            return msgspec.msgpack.decode(wire.read(self._from), type=wire.Answer)
        except (EOFError, BrokenPipeError):
            return self._died()
        except (msgspec.DecodeError, ValueError) as error:
            return self._nonsense(error)

    def _nonsense(self, error: Exception) -> Broke:
        self._stop()
        return Broke(Verdict.PROTOCOL_ERROR, f"its worker answered nonsense: {error}")

    def _last_run(self) -> Run | None:
        """Which run was under way, by the worker's last words."""
        self._words.seek(0)
        said = self._words.read().split(b"\0", 1)[0]
        if not said:
            return None
        choices, fill, nested_at = msgspec.json.decode(said, type=tuple[tuple[int, ...], int, int])
        return Run(choices, fill, (), Outcome.CRASHED, "", nested_at)

    def _hangs(self) -> Broke:
        run = self._last_run()
        self._stop()
        return Broke(Verdict.TIMED_OUT, f"no answer within {self._seconds:g} s", run)

    def _died(self) -> Broke:
        assert self._process is not None
        code = self._process.wait()
        run = self._last_run()
        self._stop()
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return Broke(Verdict.CRASHED, f"{how}{self._last_line()}", run)

    def _last_line(self) -> str:
        self._log.seek(0)
        lines = self._log.read().decode(errors="replace").strip().splitlines()
        return f" ({lines[-1][:100]})" if lines else ""

    def output(self) -> str:
        """What the port wrote to its standard output and error."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")

    def _stop(self) -> None:
        """Kill the process, if one is running."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            os.close(self._to)
            os.close(self._from)
            self._process = None

    def close(self) -> None:
        """Kill the process, and give its files back."""
        self._stop()
        self._words.close()
        self._log.close()
