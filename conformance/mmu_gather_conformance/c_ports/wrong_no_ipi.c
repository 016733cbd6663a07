/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * wrong_no_ipi.c - rfc_2010.c with one thing wrong: the fallback interrupts nobody
 *
 * It breaks separation.waited-for-every-cpu: without a batch a table is freed under walkers.
 */
#define WRONG_NO_IPI
#include "rfc_2010.c"
