# SPDX-License-Identifier: GPL-2.0-only
"""`.. scenario:: CASE`: an example in prose that is run while the pages are made, and drawn.

    .. scenario:: hardware-batch-full/hardware-walker
       :port: ref
       :rule: walk.hardware-never-a-freed-table
       :expect: passed (as-written) S5

A case is `scenario/arch[/config]` or `litmus/arch`.  It is put to the port, `ref` unless another is named, and the
rule is judged.  `expect` is the verdict that the text speaks of, with the erratum for a known defect; any other verdict
fails the build.  Where something is found, its shortest schedule is drawn, with the same in words below.
"""

from __future__ import annotations

from typing import ClassVar

import drawings
from docutils import nodes
from docutils.parsers.rst import directives
from mmu_gather_conformance import one_case, ports
from mmu_gather_conformance.replaying import repeat
from mmu_gather_conformance.report import CaseResult, Found
from mmu_gather_spec.rules import RULES
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata


class Unfit(Exception):
    """What a directive asks cannot be asked."""


def result_of(case_id: str, port: str, rule: str) -> CaseResult:
    """What becomes of a case, judged by one rule.  Errors: Unfit for a name that stands for nothing."""
    if rule not in RULES:
        raise Unfit(f"no rule has this id: {rule}")
    try:
        return one_case.result_of(case_id, ports.open_port(port), [RULES[rule]])
    except ports.UnknownPort as error:
        raise Unfit(f"no port of this name: {port}") from error
    except one_case.NoSuchCase as error:
        raise Unfit(f"no case of this name: {case_id}") from error


def said_of(result: CaseResult, rule: str) -> str:
    """The verdict in words, as `expect` has it."""
    if rule not in result.rules:
        return "not judged"
    errata = sorted({found.erratum for found in _found(result, rule) if found.erratum})
    return " ".join((result.rules[rule].value, *errata))


def _found(result: CaseResult, rule: str) -> list[Found]:
    return [found for found in result.found if found.rule == rule]


class ScenarioDirective(SphinxDirective):
    """A case that is run, compared with what the text says of it, and drawn."""

    required_arguments = 1
    option_spec: ClassVar = {
        "port": directives.unchanged,
        "rule": directives.unchanged_required,
        "expect": directives.unchanged_required,
    }

    def run(self) -> list[nodes.Node]:
        """The verdict, and the drawing if there is something to draw."""
        case, port = self.arguments[0], self.options.get("port", "ref")
        rule, expected = self.options.get("rule", ""), self.options.get("expect", "")
        try:
            result = result_of(case, port, rule)
        except Unfit as error:
            raise self.error(str(error)) from error
        said = said_of(result, rule)
        if said != expected:
            raise self.error(f"{case}, {port}, {rule}: expected {expected!r}, and it is {said!r}")
        caption, _ = self.parse_inline(f":law:rule:`{rule}`, ``{case}``, ``{port}``: {said}.")
        shown: list[nodes.Node] = [nodes.paragraph("", "", *caption, classes=["scenario"])]
        if found := _found(result, rule):
            shortest = min(found, key=lambda each: each.steps)
            drawn = drawings.style() + drawings.markup(repeat(shortest.failure, port, in_process=True))
            shown.append(nodes.raw("", drawn, format="html"))
        return shown


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive with Sphinx."""
    app.add_directive("scenario", ScenarioDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
