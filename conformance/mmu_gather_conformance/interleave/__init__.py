# SPDX-License-Identifier: GPL-2.0-only
"""Every interleaving: a port's recorded behaviour as one agent among walkers, hardware, RCU and interrupts.

The path of the data, one file each::

    recording -> lift -> automaton \
                                    product -> movers -> search -> witness -> judge
    program   -> lift -> automaton /

A port is recorded once and never run again; a walker is a small program, recorded the same way.  `effects`
says what each event means to the machine, `slices` what it means to the rules.  `product` packs both into one
integer.  `movers`, `stubborn` and `symmetry` leave out interleavings that differ in nothing; `search` visits
the rest.

What this package must not know: how a port is run, and what is right.  It carries the rules' own monitors.
"""
