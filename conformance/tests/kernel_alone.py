# SPDX-License-Identifier: GPL-2.0-only
"""The scripted kernel without a port: a test calls its services as a port would, and reads what it wrote down."""

from __future__ import annotations

from mmu_gather_conformance.config import CONFIGS, small
from mmu_gather_conformance.scenario import Answers
from mmu_gather_conformance.script import Script
from mmu_gather_conformance.scripted_kernel import ScriptedKernel
from mmu_gather_spec import events as ev
from mmu_gather_spec.words import rcu_head_p


def machine(*choices: int, answers: Answers = Answers(), fill: int = 0) -> ScriptedKernel:  # noqa: B008 - frozen
    """A hash64 machine with tiny pages, answering with these choices."""
    return ScriptedKernel(small(CONFIGS["hash64"][0]), answers, Script(choices), fill)


def happened(kernel: ScriptedKernel, *kinds: type[ev.Event]) -> list[ev.AnyEvent]:
    """The events of some kinds, in their order."""
    return [event for event in kernel.trace if isinstance(event, kinds)]


def faults(kernel: ScriptedKernel) -> list[tuple[ev.FaultKind, int]]:
    """What went wrong, and where."""
    return [(event.kind, event.addr) for event in kernel.trace if isinstance(event, ev.Fault)]


def page_of(kernel: ScriptedKernel) -> int:
    """A page that was just handed out."""
    page = kernel.get_free_pages(0, 0)
    assert page is not None
    return page.value


def nothing(head: rcu_head_p) -> None:
    """A callback that does nothing."""
