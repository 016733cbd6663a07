# SPDX-License-Identifier: GPL-2.0-only
"""Ports in C whose words have 32 bits: an ELF file of i386, in a process of its own that has such words.

`building` has the compiler make the process's program, which is `host.c`; `elf` lays a library out, `process` starts
the process and talks with it, `structs` reads what both sides know, and `port` is the port as the suite sees it.  None
of it needs a 32-bit C library: a compiler that makes such code is enough.
"""
