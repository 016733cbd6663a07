# SPDX-License-Identifier: GPL-2.0-only
"""A Sphinx domain for the law: a rule is an object with an id, as a function is one in Python's domain.

`.. rule:: ID` is the place where a rule stands, and `:rule:`ID`` is a link to it.  A link to a rule that stands nowhere
is an error of the build, and so is a rule that stands in two places.  The ids are in `objects.inv`, so that other
people's pages can link to them by intersphinx, and each is the fragment of its own address.

What a rule says is not known here: that is the text below the directive, which is made from the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any, ClassVar, Final

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode
from sphinx.util.typing import ExtensionMetadata

NAME: Final = "law"

logger = logging.getLogger(__name__)


class RuleDirective(SphinxDirective):
    """A section with the id of a rule for its title, and what is said of the rule in it."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The section."""
        rule = self.arguments[0]
        section = nodes.section(ids=[rule], classes=["rule"])
        section += nodes.title(rule, rule)
        self.set_source_info(section)
        self.state.document.note_explicit_target(section)
        law_of(self.env).note(rule, self.env.docname, section)
        section += self.parse_content_to_nodes()
        return [section]


class LawDomain(Domain):
    """Rules by their ids."""

    name = NAME
    label = "Law"
    object_types: ClassVar = {"rule": ObjType("rule", "rule")}
    directives: ClassVar = {"rule": RuleDirective}
    roles: ClassVar = {"rule": XRefRole(innernodeclass=nodes.literal, warn_dangling=True)}
    initial_data: ClassVar[dict[str, Any]] = {"rules": {}}
    data_version = 1
    #: what a link to nothing says
    dangling_warnings: ClassVar = {"rule": "no rule has this id: %(target)s"}

    @property
    def rules(self) -> dict[str, str]:
        """The page that each rule is on."""
        found: dict[str, str] = self.data["rules"]
        return found

    def note(self, rule: str, docname: str, where: nodes.Node, /) -> None:
        """Take down where a rule stands."""
        if rule in self.rules:
            logger.warning("rule %s stands in %s as well", rule, self.rules[rule], location=where, type=NAME)
        self.rules[rule] = docname

    def clear_doc(self, docname: str) -> None:
        """Forget what is on a page that is read anew."""
        self.data["rules"] = {rule: page for rule, page in self.rules.items() if page != docname}

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process has read."""
        self.rules.update({rule: page for rule, page in otherdata["rules"].items() if page in docnames})

    def resolve_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        typ: str,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> nodes.reference | None:
        """The link, or None for an unknown id, which Sphinx then warns of."""
        if target not in self.rules:
            return None
        return make_refnode(builder, fromdocname, self.rules[target], target, contnode, target)

    def resolve_any_xref(
        self,
        env: BuildEnvironment,
        fromdocname: str,
        builder: Builder,
        target: str,
        node: pending_xref,
        contnode: nodes.Element,
    ) -> list[tuple[str, nodes.reference]]:
        """The same for the role `any`."""
        found = self.resolve_xref(env, fromdocname, builder, "rule", target, node, contnode)
        return [] if found is None else [(f"{NAME}:rule", found)]

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """What goes into `objects.inv` and into the search."""
        for rule, docname in self.rules.items():
            yield rule, rule, "rule", docname, rule, 1


def law_of(env: BuildEnvironment, /) -> LawDomain:
    """The domain of a build."""
    domain = env.get_domain(NAME)
    assert isinstance(domain, LawDomain)
    return domain


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the domain with Sphinx."""
    app.add_domain(LawDomain)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
