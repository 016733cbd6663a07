# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's own mm/mmu_gather.c as a port: found in a tree, compiled as it is, held to its era.

`tree` finds the two files, `compiling` makes a library of them and of `shim/`, and `port` is what `linux:TREE` opens.
`agreement` compares it with the reference of its era, event by event.  No code of the kernel is kept here.
"""
