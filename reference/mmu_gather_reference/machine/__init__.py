# SPDX-License-Identifier: GPL-2.0-only
"""The simulated machine: what a port runs on, one small file for each part of the kernel.

A part keeps state and answers questions; it writes no events and decides nothing.  The suite
puts the parts together, scripts their answers, and writes down what happened.
"""
