# SPDX-License-Identifier: GPL-2.0-only
"""Mutants: the reference with one thing wrong, each named after what it omits or swaps.

A mutant is a small delta, a module with the functions that replace the reference's.  `BREAKS` is the
rule that catches it, and the module's docstring says in one sentence what is wrong.
"""
