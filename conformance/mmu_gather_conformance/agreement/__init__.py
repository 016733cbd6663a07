# SPDX-License-Identifier: GPL-2.0-only
"""Exact agreement: two implementations of one era's text have the same effects, event by event.

`fates` compares what a user of memory could notice, and leaves the rest open.  Here nothing is open: both are the same
code, so that any difference is somebody's mistake.  `runs` compares, where the ports are; `random_calls` makes up
callers; `driver` asks the workers; `columns` prints two runs side by side.
"""
