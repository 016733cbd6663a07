# SPDX-License-Identifier: GPL-2.0-only
"""arch/powerpc/Kconfig until v6.10: directories of huge pages are tables of their own (ARCH_HAS_HUGEPD).

They were given up in v6.11, and with them two kinds of tables that pgtable_free() knows.
"""

from __future__ import annotations

from typing import Final

#: With huge pages.
CONFIG_ARCH_HAS_HUGEPD: Final = 1
