# SPDX-License-Identifier: GPL-2.0-only
"""Falsifiability: what is wrong has to be seen to fail, and this room makes what is wrong.

`operators` change one place of a function; `automatic` has every such change to the reference as a port; `fate` says
what became of one; `matrix` puts rules and mutants side by side.  The mutants that a person wrote, and the variants
that are correct, are modules of their own beside this room.

Nothing here knows a rule.  What is right the rules say, and what is the same the recorded automata say.
"""
