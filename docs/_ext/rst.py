# SPDX-License-Identifier: GPL-2.0-only
"""reStructuredText, as much of it as the generated pages need: headings, fields, lists, and words marked as code.

The specification's own texts are plain English with names of C and Python in them.  `inline` marks those names, so
that a page shows them as code and reStructuredText does not take their underscores for links.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

SPDX = ".. SPDX-License-Identifier: GPL-2.0-only\n\n"

#: What is code in a sentence: `quoted`, a file, a name with an underscore, with its arguments if it has any, a call.
_CODE = re.compile(
    r"`(?P<quoted>[^`]+)`"
    r"|(?P<file>(?:[\w.-]+/)*\w[\w{},*-]*\.(?:[ch]|rst)\b)"
    r"|(?P<name>\w*_\w+(?:->\w+)?(?:\([^()]{0,40}\))?|\w+\(\))"
)


def inline(text: str) -> str:
    """A sentence of the specification with its code marked as code."""
    return _CODE.sub(lambda found: f"``{found[found.lastgroup or 0]}``", " ".join(text.split()))


def paragraphs(text: str) -> str:
    """A docstring, paragraph by paragraph."""
    return "".join(f"{inline(each)}\n\n" for each in text.split("\n\n"))


def title(text: str, under: str = "=") -> str:
    """A heading."""
    return f"{text}\n{under * len(text)}\n\n"


def label(kind: str, name: str) -> str:
    """What a link to a rule, an erratum, a function or a mutant is called."""
    return f"{kind}-" + re.sub(r"[^\w-]", "-", name)


def target(kind: str, name: str) -> str:
    """The place that such a link leads to."""
    return f".. _{label(kind, name)}:\n\n"


def ref(kind: str, name: str, shown: str = "") -> str:
    """A link.  One to a rule is checked by the domain of the law, any other by its label."""
    if kind == "rule":
        return f":rule:`{shown} <{name}>`" if shown else f":rule:`{name}`"
    return f":ref:`{shown or name} <{label(kind, name)}>`"


def directive(name: str, argument: str, content: str = "") -> str:
    """A directive, with all that stands in it moved to the right."""
    body = "".join(f"   {line}".rstrip() + "\n" for line in content.splitlines())
    return f".. {name}:: {argument}".rstrip() + "\n" + (f"\n{body}\n" if body else "\n")


def field(name: str, text: str) -> str:
    """One line of a field list."""
    return f":{name}: {text}\n"


def fields(name: str, texts: Iterable[str]) -> str:
    """A field with one value or with several."""
    values = list(texts)
    return field(name, values[0]) if len(values) == 1 else f":{name}:\n" + "".join(f"   * {text}\n" for text in values)


def definition(term: str, text: str) -> str:
    """One entry of a definition list."""
    return f"{term}\n   {text}\n\n"


def table(header: Iterable[str], rows: Iterable[Iterable[str]], widths: str = "auto") -> str:
    """A table with a header row."""
    made = f".. list-table::\n   :header-rows: 1\n   :widths: {widths}\n\n"
    for row in (header, *rows):
        for column, cell in enumerate(row):
            made += f"   {'* -' if column == 0 else '  -'} {cell}".rstrip() + "\n"
    return made + "\n"


def toctree(pages: Iterable[str]) -> str:
    """The pages below this one."""
    return ".. toctree::\n   :maxdepth: 1\n\n" + "".join(f"   {page}\n" for page in pages) + "\n"


def code(text: str, language: str = "none") -> str:
    """A block of code."""
    return (
        f".. code-block:: {language}\n\n" + "".join(f"   {line}".rstrip() + "\n" for line in text.splitlines()) + "\n"
    )


def html(file: str) -> str:
    """A file of markup as it is; elsewhere than on a page in HTML nothing."""
    return f".. raw:: html\n   :file: {file}\n\n"
