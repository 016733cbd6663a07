# SPDX-License-Identifier: GPL-2.0-only
"""Who wants a page for itself, and looks through the reverse maps for those who have it mapped.

A driver takes back the pages that a VMA of its maps, and page_mkclean() takes a page of a file for clean so that it may
be written out.  Either sees to each mapping that it finds.  Where it finds none it goes ahead, since nobody can reach
the page; who still does, through a translation that was not flushed, writes to what is another's by then.

What it leaves out: what is done about a mapping that is found, which is another gather; and the locks of the reverse
maps, since a look is one step.
source: mm/memory.c of 2.6.37, unmap_mapping_range(), and mm/rmap.c, page_mkclean()
"""

from __future__ import annotations

from mmu_gather_spec.events import FindMapping

from mmu_gather_reference.machine.gup import Steps


def _look(cpu: int, agent: str, page: int) -> Steps:
    """A mapping is found, or none is."""
    yield (FindMapping(cpu, agent, page, False), FindMapping(cpu, agent, page, True))


def unmap_mapping_range(cpu: int, agent: str, page: int) -> Steps:
    """unmap_mapping_range - a driver takes a page back that nobody counts"""
    yield from _look(cpu, agent, page)


def page_mkclean(cpu: int, agent: str, page: int) -> Steps:
    """page_mkclean - a page of a file is made clean, so that who writes to it has to ask again"""
    yield from _look(cpu, agent, page)
