# SPDX-License-Identifier: GPL-2.0-only
"""Kernel threads that adopt an mm: use_mm(), and who has raised which counter for it.

aio takes only mm_count: the mm stays in memory, but mm_users does not know of the thread.  vhost takes a user
(get_task_mm), and drops it when it is done.  Both then walk as any task does.  The seed's comment holds that below
two users nobody can be walking; this pair shows for whom that is true.  A worker that puts its user too soon is one
that holds mm_count only; somebody who takes a user late, when mm_users was read already, finds no table any more.

What it leaves out: the switch to the mm and back, which no rule here reads.
"""

from __future__ import annotations

from collections.abc import Sequence

from mmu_gather_spec.events import MmGet, MmPut

from mmu_gather_reference.machine.gup import Steps, get_user_pages_fast


def aio(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """aio's retry thread - it holds mm_count only.  source: fs/aio.c of 2.6.37, use_mm(ctx->mm)"""
    yield from get_user_pages_fast(cpu, agent, tables)


def vhost(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """vhost's worker - it is one of mm_users until it ends.  source: drivers/vhost/vhost.c, get_task_mm"""
    yield from get_user_pages_fast(cpu, agent, tables)
    yield (MmPut(cpu, agent),)


def vhost_puts_first(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """The same, with the user dropped before the walk"""
    yield (MmPut(cpu, agent),)
    yield from get_user_pages_fast(cpu, agent, tables)


def late_user(cpu: int, agent: str, tables: Sequence[int]) -> Steps:
    """Somebody who becomes a user of another's mm for one walk: get_task_mm() and mmput()"""
    yield (MmGet(cpu, agent),)
    yield from get_user_pages_fast(cpu, agent, tables)
    yield (MmPut(cpu, agent),)
