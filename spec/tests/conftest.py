# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Makes `traces`, the hand-written traces beside this file, importable by the tests of this room."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
