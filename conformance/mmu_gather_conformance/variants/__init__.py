# SPDX-License-Identifier: GPL-2.0-only
"""Legal variants: correct implementations that differ from the reference.

They keep the rules from being the reference's own trace in disguise: every one of them must pass.
Each is a small delta, as a mutant is, and says in one sentence what it does otherwise and why it may.
"""
