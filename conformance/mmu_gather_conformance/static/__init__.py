# SPDX-License-Identifier: GPL-2.0-only
"""The static verdict: which functions of the contract a port has, and in which shape, before anything runs.

`bindings` reads what a port's source binds to a name; `probe` asks a type checker about it, one question a line;
`checkers` runs mypy or pyright once over all questions; `judging` makes a verdict for each function of both.  A checker
is asked only whether there is an error on a line, so that no verdict depends on how it words one.  `headers` does
the same for C.  Nothing here imports a port.
"""
