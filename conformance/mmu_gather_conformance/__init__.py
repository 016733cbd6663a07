# SPDX-License-Identifier: GPL-2.0-only
"""The conformance suite: record what a port does, judge what was recorded.

`check.check(port)` is the suite as a function; the command and the tests are thin over it.
"""
