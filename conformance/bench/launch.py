# SPDX-License-Identifier: GPL-2.0-only
"""Run a program, then write its exit status, seconds and peak memory as the last line of the errors.

A process' peak begins with what its memory was before its exec, and that is the parent's.  So the parent is
this small interpreter (started with -I -S), and not the benchmark: no figure can be less than some megabytes
of its own, and a Python program's never is.
"""

import os
import sys
import time

KILOBYTE = 1 if sys.platform == "darwin" else 1024  # what ru_maxrss counts in

start = time.perf_counter()
child = os.fork()
if child == 0:
    try:
        os.execvp(sys.argv[1], sys.argv[1:])
    except OSError as error:
        os.write(2, f"{sys.argv[1]}: {error.strerror}\n".encode())
        os._exit(127)
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - start
os.write(2, f"\n{os.waitstatus_to_exitcode(status)} {seconds} {used.ru_maxrss * KILOBYTE}\n".encode())
