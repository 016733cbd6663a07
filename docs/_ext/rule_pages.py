# SPDX-License-Identifier: GPL-2.0-only
"""The law as pages: one for each mechanism, a table of all rules, and the errata.

A rule's page shows what is known of the rule, and nothing else is kept here.  The theory of a mechanism is the head of
the file that its monitors are in.
"""

from __future__ import annotations

import importlib
import inspect
from enum import Enum

import editions
import era_pages
import result_pages
import rst
import rule_facts
from drawings import Drawing, drawings
from mmu_gather_conformance import defects
from mmu_gather_conformance.defects import SHOWN
from mmu_gather_conformance.falsify.breakers import Breaker, Kind
from mmu_gather_conformance.scenarios import SCENARIOS
from mmu_gather_conformance.verdict import Verdict
from mmu_gather_spec import EDITION, errata, rule
from mmu_gather_spec.eras import DEFAULT_ERA, ERAS
from mmu_gather_spec.errata import ERRATA, EXPLAINED, Erratum, lines
from mmu_gather_spec.history import in_a_row, mended_in
from mmu_gather_spec.rows import CHECKED_BY, OUTSIDE
from mmu_gather_spec.rule import Rule, Source
from mmu_gather_spec.rules import RULES
from sphinx.pycode import ModuleAnalyzer

#: What is said of an erratum that is about the build.
NOT_DRAWN = "no, since it is about what is built: :doc:`../kconfig` shows it"
MECHANISMS = tuple(dict.fromkeys(each.mechanism for each in RULES.values()))

PREAMBLE = f"""\
{len(RULES)} rules, edition {EDITION}. Cite a rule by its id together with the edition.

*The seed* is the mail in which Benjamin Herrenschmidt answers Peter Zijlstra's patch "mm, powerpc: Move the RCU
page-table freeing into generic code" (16/21), 29 November 2010. It quotes the whole patch. *Seed lines* are the
lines of that mail as the list archives show it, the subject being line 1.

A rule says what holds, never how a port gets there. What is right is decided by its monitor, a small automaton that
reads one trace; the sentence is for people. Where the two seem to disagree, that is a fault of this specification.

"""


def comments(enum: type[Enum]) -> dict[str, str]:
    """What the source says of each member of an enumeration."""
    found = ModuleAnalyzer.for_module(enum.__module__).find_attr_docs()
    return {each.name: " ".join(found.get((enum.__name__, each.name), [])).strip() for each in enum}


def words() -> str:
    """What the words on a rule's page mean."""
    text = rst.title("What the words mean", "-")
    for enum in (rule.Level, rule.Binds, rule.Evidence, rule.Standing):
        said = comments(enum)
        members = "; ".join(
            f"*{each.value}*" + (f", {rst.inline(said[each.name])}" if said[each.name] else "") for each in enum
        )
        text += rst.definition(enum.__name__, f"{rst.inline(inspect.getdoc(enum) or '')} {members}.")
    return text


def index() -> str:
    """Every rule in one table, and the pages that hold them."""
    rows = (
        (rst.ref("rule", each.id), each.level.value, each.binds.value, rst.inline(each.sentence))
        for each in RULES.values()
    )
    table = rst.table(("id", "level", "binds", "sentence"), rows, "28 8 12 52")
    pages = rst.toctree(f"rules-{mechanism}" for mechanism in MECHANISMS)
    return rst.SPDX + rst.title("The rules") + PREAMBLE + pages + table + accounted_for() + words()


def accounted_for() -> str:
    """The rows of the research notes that are no rules of their own."""
    text = rst.title("What is no rule of its own", "-")
    text += (
        "The notes that this law was made from have 84 rows. These are checked by another's rule, or not at all.\n\n"
    )
    rows = [(row, f"{rst.ref('rule', rule)}: {rst.inline(why)}") for row, (rule, why) in CHECKED_BY.items()]
    rows += [(row, f"outside the model: {rst.inline(why)}") for row, why in OUTSIDE.items()]
    return text + rst.table(("row", "where it is, or why it is not"), rows, "10 90")


def mechanism_page(mechanism: str) -> str:
    """The theory of one mechanism, then its rules."""
    rules = [each for each in RULES.values() if each.mechanism == mechanism]
    modules = dict.fromkeys(type(each.monitor).__module__ for each in rules)
    theory = "".join(rst.paragraphs(inspect.getdoc(importlib.import_module(name)) or "") for name in modules)
    return rst.SPDX + rst.title(f"Rules: {mechanism}") + theory + "".join(map(entry, rules))


def entry(each: Rule) -> str:
    """One rule, with all that is known of it."""
    said = (
        f"**{each.level.value}.** {rst.inline(each.sentence)} {rst.ref('rule', each.id)}\n\n"
        + rst.field("Binds", f"the {each.binds.value}")
        + rst.field("Where", rst.inline(each.where))
        + rst.field("Architectures", ", ".join(f"``{name}``" for name in rule_facts.archs(each)) or "none")
        + rst.field("Evidence", f"{each.evidence.value}")
        + rst.fields("Source", map(source, each.sources))
        + rst.fields("Asked by", askers(each))
        + rst.fields("Broken by", breakers(each))
        + rst.fields("History", history(each))
        + "\n"
        + "In each era, with what the known implementations came to:\n\n"
        + result_pages.of_rule(each)
        + monitor(each)
    )
    return rst.directive("rule", each.id, said)


def monitor(each: Rule) -> str:
    """The monitor, with a link to its code."""
    kind = type(each.monitor)
    summary = (inspect.getdoc(kind) or "").partition("\n\n")[0]
    said = f":module: {kind.__module__}\n\n{rst.inline(summary)}"
    return "Its monitor:\n\n" + rst.directive("py:class", kind.__name__, said).replace("\n\n", "\n", 1)


def askers(each: Rule) -> list[str]:
    """The scenarios and litmus tests that are about a rule."""
    asking = {"scenario": rule_facts.scenarios(each), "litmus": rule_facts.litmuses(each)}
    found = {kind: ", ".join(rst.ref(kind, name) for name in names) for kind, names in asking.items() if names}
    words = {"scenario": "scenarios", "litmus": "litmus tests"}
    return [f"{words[kind]}: {links}" for kind, links in found.items()] or ["every scenario"]


def history(each: Rule) -> list[str]:
    """What became of a rule, in the editions of this specification."""
    return [rst.inline(line) for line in editions.history(each.id, editions.published())] or ["not published yet"]


def source(each: Source) -> str:
    """Where a sentence can be read."""
    return f"{rst.inline(each.file)}: ``{each.phrase}``" + (f", {lines(each.seed)}" if each.seed else "")


def breakers(each: Rule) -> list[str]:
    """What breaks the rule: a mutant, or somebody who leaves out a duty."""
    found = [shown(broken) for broken in rule_facts.broken_by(each)]
    return found or ["traces written by hand, in ``spec/tests``; no port alone can"]


def shown(broken: Breaker) -> str:
    """One thing that is wrong, and the case that shows it."""
    name = broken.case.partition("/")[0]
    case = rst.ref("scenario" if name in SCENARIOS else "litmus", name, broken.case)
    match broken.kind:
        case Kind.MUTANT | Kind.LINK:
            return f"{rst.ref('port', broken.port)}, in {case}"
        case Kind.AS_WRITTEN:
            return f"the era's own code, in {case}"
        case Kind.CALLER | Kind.WALKER:
            return f"a {broken.kind.value}, in {case}"


def errata_page() -> str:
    """The defects of the eras' own code, and the rules that are as-written because of them."""
    text = rst.SPDX + ":hide-toc:\n\n" + rst.title("Errata") + rst.paragraphs(inspect.getdoc(errata) or "")
    text += (
        "A port passes such a rule with the defect or without it, and the report says which. It does not pass with "
        "another defect against the same rule.\n\n"
        "Each is drawn: time goes down, each CPU has its lane, and the last step, which offends, is marked. The "
        "numbers on the left are steps, and lines of the seed. Where the defect does its harm to somebody else it is "
        "an interleaving, a shortest one of all those of all :doc:`litmus tests <litmus>`. Where nobody else is needed "
        "to see it, it is a run of the port alone, and no :doc:`scenario <scenarios>` on any architecture shows it "
        "sooner. The code is the reference's, of the era that ports are held to, or of the first era that has the "
        "defect. ``mmu-gather replay`` takes a number or the file, steps through it, and puts the same question to "
        "another port; ``mmu-gather show`` and a number tells the rest.\n\n"
    )
    text += "In which era each is known, and in which it was mended:\n\n" + era_pages.errata_table()
    text += rst.html("room.html") + rst.html("drawings.html") + "".join(map(erratum_entry, ERRATA.values()))
    text += rst.title("Not errata", "-") + "What the notes on the seed list besides.\n\n"
    return text + "".join(rst.definition(number, rst.inline(reason)) for number, reason in EXPLAINED.items())


def _known(rule: str, number: str) -> str:
    """The eras in which a rule is broken by a defect."""
    return in_a_row(era for era in ERAS if number in RULES[rule].status_in(era).errata)


def erratum_entry(each: Erratum) -> str:
    """One defect."""
    drawing = drawings().get(each.number)
    known = [f"{rst.ref('rule', name)} in ``{_known(name, each.number)}``" for name in defects.rules_of(each.number)]
    return (
        rst.target("erratum", each.number)
        + rst.title(f"{each.number}: {each.title}", "-")
        + rst.field("Needs", rst.inline(each.needs))
        + rst.field("Harmless", rst.inline(each.benign))
        + rst.field("Where", rst.inline(each.place))
        + rst.fields("As written", known)
        + rst.field("Mended", _mended(each.number))
        + (rst.field("Drawn", NOT_DRAWN) + "\n" if drawing is None else _drawn(each, drawing))
    )


def _case(case_id: str) -> str:
    """A link to the scenario or the litmus of a case."""
    name = case_id.partition("/")[0]
    return rst.ref("scenario" if name in SCENARIOS else "litmus", name, case_id)


def _mended(number: str) -> str:
    """Which era mended a defect, and what its code does in the case in which the era before shows it."""
    era = mended_in(number)
    if era is None:
        return "not yet"
    if number not in SHOWN:
        return f"in ``{era}``"
    shown, result, last = SHOWN[number], defects.mended(number), defects.found_last(number)
    assert result is not None
    verdict = result.rules.get(shown.rule)
    did = "keeps" if verdict is Verdict.PASSED else f"{verdict.value if verdict else 'not judged'}:"
    asked = f": *{result.answer}*, in {result.states} states" if result.answer else ""
    case = f"{_case(shown.later)}, in which ``{last.failure.era}`` still shows it," if shown.later else "the same case"
    return f"in ``{era}``, which in {case} {did} {rst.ref('rule', shown.rule)}{asked}"


def _drawn(each: Erratum, drawing: Drawing) -> str:
    """The shortest run that shows a defect, and how to repeat it."""
    found, shown = drawing.found, SHOWN[each.number]
    era = "" if found.failure.era == DEFAULT_ERA else f" of ``{found.failure.era}``"
    where = f"{_case(shown.case)}{era}, at step {drawing.replayed.at}"
    return (
        rst.field("Drawn", f"{where}: {rst.inline(found.reason)} ({rst.ref('rule', found.rule)})")
        + (rst.field("Why alone", rst.inline(shown.alone)) if shown.alone else "")
        + rst.field("Replay", f"``mmu-gather replay {each.number} --step``, or :download:`{each.number}.json`")
        + "\n"
        + rst.html(f"{each.number}.html")
    )
