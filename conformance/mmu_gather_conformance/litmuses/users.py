# SPDX-License-Identifier: GPL-2.0-only
"""mm_users, which the shortcut reads: who is counted, who is not, and who comes and goes meanwhile.

Below two users the seed frees a table at once, since "there cannot be a concurrent page-table walk".  A kernel
thread that holds mm_count only is not counted, and walks.
"""

from __future__ import annotations

from typing import Final

from mmu_gather_conformance.litmus import Litmus, gather, runs
from mmu_gather_conformance.scenario import Table

LITMUSES: Final = (
    Litmus(
        "aio-below-two-users",
        "A thread of aio has adopted the mm by mm_count alone, and the only user unmaps (S2).",
        (gather(0, Table()), runs(1, "aio", "a0")),
        users=1,
        sister="aio-two-users",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "aio-two-users",
        "As long as another user is counted, aio's thread is waited for with the rest.",
        (gather(0, Table()), runs(1, "aio", "a0")),
        sister="aio-below-two-users",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "aio-nobody-walks",
        "What the seed's comment says of the shortcut, asked by itself (S2).",
        (gather(0, Table()), runs(1, "aio", "a0")),
        users=1,
        sister="aio-two-users",
        forbidden="walk.nobody-below-two-users",
    ),
    Litmus(
        "vhost-below-two-users",
        "A worker of vhost takes a user for as long as it walks, and puts it then.",
        (gather(0, Table()), runs(1, "vhost", "a0")),
        sister="vhost-puts-first",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "vhost-puts-first",
        "A worker that puts its user before it walks is as bad as one that never had any (S2).",
        (gather(0, Table()), runs(1, "vhost_puts_first", "a0")),
        sister="vhost-below-two-users",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "vhost-nobody-walks",
        "For who is counted the comment is true.",
        (gather(0, Table()), runs(1, "vhost", "a0")),
        sister="vhost-puts-first",
        forbidden="walk.nobody-below-two-users",
    ),
    Litmus(
        "late-user",
        "Somebody becomes the second user after mm_users was read: the table was unhooked before, so it is not found.",
        (gather(0, Table()), runs(1, "late_user", "a0")),
        users=1,
        sister="aio-below-two-users",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "late-user-two-tables",
        "The second user comes between two tables: one is freed at once, the other waits.",
        (gather(0, Table(count=2)), runs(1, "late_user", "a0", "a1")),
        users=1,
        sister="aio-two-tables",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "aio-two-tables",
        "Without a user of its own a walker loses either table (S2).",
        (gather(0, Table(count=2)), runs(1, "aio", "a0", "a1")),
        users=1,
        sister="late-user-two-tables",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "users-fall",
        "The other user exits in the middle of the gather, and aio's thread goes on walking (S2).",
        (gather(0, Table()), runs(1, "aio", "a0"), runs(2, "exit")),
        sister="users-fall-to-two",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "users-fall-to-two",
        "One of three exits: two are left, and the shortcut is not taken.",
        (gather(0, Table()), runs(1, "aio", "a0"), runs(2, "exit")),
        users=3,
        sister="users-fall",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "users-rise-and-fall",
        "A thread is started and ends in mid-gather: before and after it the only user is the one that unmaps (S2).",
        (gather(0, Table(count=2)), runs(1, "aio", "a0", "a1"), runs(2, "clone_and_exit")),
        users=1,
        sister="users-rise-and-fall-above-two",
        forbidden="walk.never-a-freed-table",
    ),
    Litmus(
        "users-rise-and-fall-above-two",
        "The same where there are two users all the time.",
        (gather(0, Table(count=2)), runs(1, "aio", "a0", "a1"), runs(2, "clone_and_exit")),
        sister="users-rise-and-fall",
        forbidden="walk.never-a-freed-table",
    ),
)
