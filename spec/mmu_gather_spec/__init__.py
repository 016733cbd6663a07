# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The mmu_gather specification: the law, and nothing that could break it.

What lives here: the alphabet of events, the kernel API and the kernel's services
as typed contracts, the facts of an architecture, the eras, and the rules with
the monitors that check them.

What this package must not know: how an implementation works, how a run was
made, or how a verdict is printed.  It imports the standard library only, so that
any port may be held to it without taking anything else along.

Two good places to start reading: `contract`, which says what a port provides, and
`rules.ordering`, which is the oldest part of the law: unhook, invalidate, free.
"""

from typing import Final

#: The edition of this specification, to be cited together with a rule's id.
EDITION: Final = "2026.1"
