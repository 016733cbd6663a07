# SPDX-License-Identifier: GPL-2.0-only
"""arch/s390/Kconfig of v7.0: what is queued is a ptdesc and nothing more, so that a single table waits by its rcu_head.

It lies over s390_ptdesc.py.  Nothing on s390 says so; it follows from MMU_GATHER_RCU_TABLE_FREE, which is selected, and
HAVE_ARCH_TLB_REMOVE_TABLE, which is not.  Unverified: the text of v7.0 was not at hand, and these lines are as the
mails have them that proposed them.
"""

from __future__ import annotations

from typing import Final

CONFIG_PT_RECLAIM: Final = 1
