/* SPDX-License-Identifier: GPL-2.0-only */
/* setjmp.h - of the process that a port of 32 bits runs in; see host.c */
#ifndef MMU_GATHER_HOST_SETJMP_H
#define MMU_GATHER_HOST_SETJMP_H

typedef unsigned long jmp_buf[6];

int setjmp(jmp_buf kept) __attribute__((returns_twice));
void longjmp(jmp_buf kept, int value) __attribute__((noreturn));

#endif /* MMU_GATHER_HOST_SETJMP_H */
