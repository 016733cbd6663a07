# SPDX-License-Identifier: GPL-2.0-only
"""The reference implementation, one package for each era, and the simulated machine.

Each era is complete in itself and meant to be read beside the kernel's file of the same name.
Nothing here judges: an era package mirrors its code with its defects, and the rules say
which of them are known.
"""
