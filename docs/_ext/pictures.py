# SPDX-License-Identifier: GPL-2.0-only
"""The pictures by the names of their files: each a part that a page includes with `rst.html`, made at every build.

A page that includes one also includes `drawings.html`, which makes it follow the reader's theme.
"""

from __future__ import annotations

import batch_picture
import life_picture
import path_picture


def files() -> dict[str, str]:
    """Every picture's markup."""
    return {
        "life-of-a-table.html": life_picture.markup(),
        "batch-filling.html": batch_picture.markup(),
        "path-of-the-data.html": path_picture.markup(),
    }
