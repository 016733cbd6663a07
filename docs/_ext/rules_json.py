# SPDX-License-Identifier: GPL-2.0-only
"""`rules.json`: every rule for other programs, with the schema of the document beside it.

Both are written into the built site.  The links are those of the site itself, by way of the domain, so that a
rule that stands on no page is an error and not a dead link.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import editions
import msgspec
import results
import rule_facts
from law_domain import law_of
from mmu_gather_spec import EDITION
from mmu_gather_spec.rule import Binds, Evidence, Level, Rule, Standing
from mmu_gather_spec.rules import RULES
from msgspec import Meta
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.util.typing import ExtensionMetadata

FILE: Final = "rules.json"
SCHEMA: Final = "rules.schema.json"


class Source(msgspec.Struct, frozen=True):
    """Where a sentence can be read."""

    file: str
    phrase: str
    seed: Annotated[tuple[int, int] | None, Meta(description="first and last line of the seed, if it is there")]


class Status(msgspec.Struct, frozen=True):
    """What a rule is in one era."""

    standing: Standing
    errata: Annotated[tuple[str, ...], Meta(description="the known defects of the era's own code")]


class Entry(msgspec.Struct, frozen=True):
    """One rule."""

    id: Annotated[str, Meta(pattern=r"^[a-z]+\.[a-z0-9-]+$", description="never given to another rule")]
    level: Level
    binds: Annotated[Binds, Meta(description="whose duty it is")]
    sentence: str
    where: Annotated[str, Meta(description="where it applies, in words")]
    evidence: Evidence
    eras: Annotated[tuple[str, ...], Meta(description="those that are held to it, in the order of time")]
    status: Annotated[dict[str, Status], Meta(description="by era, for every era that there is")]
    arches: Annotated[tuple[str, ...], Meta(description="those on some machine of which it applies")]
    checksum: Annotated[
        str,
        Meta(
            pattern="^sha256:[0-9a-f]{64}$",
            description="of id, level, binds, where and sentence, joined by line feeds; it changes when the rule does",
        ),
    ]
    sources: Annotated[tuple[Source, ...], Meta(min_length=1)]
    monitor: Annotated[str, Meta(description="the class that checks it")]
    scenarios: tuple[str, ...]
    litmuses: tuple[str, ...]
    mutants: tuple[str, ...]
    verdicts: Annotated[
        dict[str, results.Judged],
        Meta(description="of each known implementation that is held to it, over the cases that bind somebody to it"),
    ]
    link: Annotated[str, Meta(description="to its page, from where this document is")]


class Document(msgspec.Struct, frozen=True):
    """The rules of one edition."""

    format: Literal[1]
    edition: str
    rules: tuple[Entry, ...]


def entry(rule: Rule, link: str, /) -> Entry:
    """A rule as the document has it."""
    monitor = type(rule.monitor)
    return Entry(
        id=rule.id,
        level=rule.level,
        binds=rule.binds,
        sentence=" ".join(rule.sentence.split()),
        where=rule.where,
        evidence=rule.evidence,
        eras=tuple(era for era, status in rule.status.items() if status.judges()),
        status={era: Status(each.standing, tuple(sorted(each.errata))) for era, each in rule.status.items()},
        arches=rule_facts.archs(rule),
        checksum=editions.checksum(rule),
        sources=tuple(Source(each.file, each.phrase, each.seed) for each in rule.sources),
        monitor=f"{monitor.__module__}.{monitor.__qualname__}",
        scenarios=rule_facts.scenarios(rule),
        litmuses=rule_facts.litmuses(rule),
        mutants=rule_facts.mutants(rule),
        verdicts={port.port: port.rules[rule.id] for port in results.known() if rule.id in port.rules},
        link=link,
    )


def document(link: Callable[[str], str], /) -> Document:
    """All of it.  link: the address of a rule, by its id."""
    return Document(1, EDITION, tuple(entry(rule, link(rule.id)) for rule in RULES.values()))


def schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Document)}


def write(folder: Path, link: Callable[[str], str], /) -> None:
    """Write both files."""
    for name, what in ((FILE, document(link)), (SCHEMA, schema())):
        (folder / name).write_bytes(msgspec.json.format(msgspec.json.encode(what), indent=1) + b"\n")


def finished(app: Sphinx, error: Exception | None) -> None:
    """Write them into a site that was built."""
    builder: Builder = app.builder
    if error is None and builder.name in ("html", "dirhtml"):
        pages = law_of(app.env).rules
        write(Path(app.outdir), lambda rule: f"{builder.get_target_uri(pages[rule])}#{rule}")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Have them written when a build is over."""
    app.connect("build-finished", finished)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
