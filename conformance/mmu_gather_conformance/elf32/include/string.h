/* SPDX-License-Identifier: GPL-2.0-only */
/* string.h - as much of it as the process has that a port of 32 bits runs in; see host.c */
#ifndef MMU_GATHER_HOST_STRING_H
#define MMU_GATHER_HOST_STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *at, int value, size_t size);
int memcmp(const void *one, const void *other, size_t size);
size_t strlen(const char *text);
int strcmp(const char *one, const char *other);

#endif /* MMU_GATHER_HOST_STRING_H */
