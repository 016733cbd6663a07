# SPDX-License-Identifier: GPL-2.0-only
"""How long `mmu-gather check-types` takes on a port of fifteen functions: `python check_types_bench.py [ROUNDS]`.

Cold is the first time, with an empty cache; warm is every other time; edited is the time after the port was changed.
The command is run as a user runs it, in a process of its own, and the bars are those of the project: 6 seconds cold,
1 second warm.  The machine's other work is in the figures, so the median of some rounds is told, and the best.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

PORT: Final = Path(__file__).resolve().parents[1] / "typing" / "ports" / "both_halves.py"
BARS: Final = {"cold": 6.0, "warm": 1.0}


def seconds(port: Path, checker: str, cache: Path) -> float:
    """How long one call takes; it has to end with 0."""
    command = [sys.executable, "-m", "mmu_gather_conformance.cli", "check-types", str(port), "--checker", checker]
    begun = time.perf_counter()
    subprocess.run(command, env={**os.environ, "XDG_CACHE_HOME": str(cache)}, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def measure(checker: str, rounds: int) -> dict[str, list[float]]:
    """Cold, warm and edited, in turn, each round with a cache of its own."""
    taken: dict[str, list[float]] = {"cold": [], "warm": [], "edited": []}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="mmu-gather-") as folder:
            port, cache = Path(folder) / "port.py", Path(folder) / "cache"
            port.write_bytes(PORT.read_bytes())
            taken["cold"].append(seconds(port, checker, cache))
            taken["warm"].append(seconds(port, checker, cache))
            port.write_bytes(PORT.read_bytes() + b"\n# changed\n")
            taken["edited"].append(seconds(port, checker, cache))
    return taken


def main() -> None:
    """Print a line for each checker and state of its cache."""
    rounds = int(sys.argv[1]) if sys.argv[1:] else 5
    for checker in ("mypy", "pyright"):
        for state, taken in measure(checker, rounds).items():
            bar = BARS.get(state)
            met = "" if bar is None else f"  under {bar:.0f} s: {'met' if statistics.median(taken) < bar else 'missed'}"
            figures = f"median {statistics.median(taken):5.2f} s  best {min(taken):5.2f} s"
            sys.stdout.write(f"{checker:8} {state:7} {figures}{met}\n")


if __name__ == "__main__":
    main()
