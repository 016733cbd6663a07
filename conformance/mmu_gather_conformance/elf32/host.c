/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.c - a process whose words have 32 bits, for a port whose words have
 *
 * It has no C library, no heap and no opinion. It maps the memory that it shares with the suite, where the port has
 * been laid out, and does what it is told on standard input: change the rights of a page, call a function, take the
 * answer to a service. A service is one of the numbered entries below. That one was called the suite is told on
 * standard output, by its number and by where the arguments are; the stack is in the shared memory, too.
 *
 * It leaves with 4 where it is told what cannot be done, with 5 where the memory cannot be had, and with 0 where the
 * suite is gone.
 *
 * The end of the file is what the header of a port, and a compiler by itself, ask of a C library.
 */
#define SYS_EXIT 1
#define SYS_READ 3
#define SYS_WRITE 4
#define SYS_GETPPID 64
#define SYS_MMAP 90
#define SYS_MPROTECT 125
#define SYS_PRCTL 172

#define PR_SET_PDEATHSIG 1
#define SIGKILL 9
#define MAP_SHARED 0x01
#define MAP_FIXED_NOREPLACE 0x100000

/* What the suite says: a kind and what belongs to it. All words are used by CALL alone. */
enum { MAP, PROTECT, CALL, ANSWER };
enum { WORDS = 10, ARGUMENTS = 2 };
/* What it is told. */
enum { RETURNED, SERVICE };

typedef unsigned int word;
typedef word (*function)(word, word, word, word, word, word, word, word);

static long system_call(long number, long one, long two, long three)
{
	long result;

	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(one), "c"(two), "d"(three) : "memory");
	return result;
}

static void leave(int status)
{
	for (;;)
		system_call(SYS_EXIT, status, 0, 0);
}

/* Several messages may have come at once. */
static word buffer[64 * WORDS];
static unsigned int taken, filled;

static const word *hear(void)
{
	const word *message;

	while (filled < taken + WORDS * sizeof(word)) {
		long got;

		if (taken == filled)
			taken = filled = 0;
		got = system_call(SYS_READ, 0, (long)((char *)buffer + filled), sizeof(buffer) - filled);
		if (got <= 0)
			leave(0);	/* the suite is gone */
		filled += got;
	}
	message = buffer + taken / sizeof(word);
	taken += WORDS * sizeof(word);
	return message;
}

static void tell(word kind, word number, word value)
{
	word message[] = { kind, number, value };

	if (system_call(SYS_WRITE, 1, (long)message, sizeof(message)) != sizeof(message))
		leave(0);
}

/* Do as told, until the answer comes to the service that we are in. */
static word obey(void)
{
	for (;;) {
		const word *said = hear(), *with = said + ARGUMENTS;

		if (said[0] == ANSWER)
			return said[1];
		if (said[0] == PROTECT && system_call(SYS_MPROTECT, said[1], with[0], with[1]))
			leave(4);
		if (said[0] == CALL)
			tell(RETURNED, 0, ((function)said[1])(with[0], with[1], with[2], with[3], with[4], with[5],
							      with[6], with[7]));
	}
}

/* Called by the entries: the number of the service, and where its arguments are. */
__attribute__((used)) word ask(word number, word arguments)
{
	tell(SERVICE, number, arguments);
	return obey();
}

/* An entry for each service, of eight bytes; how many there are the suite reads from the symbols around them. */
__asm__(".globl services, services_end\n"
	"	.balign 8\n"
	"services:\n"
	"	.set .Lnumber, 0\n"
	"	.rept 128\n"
	"	.balign 8\n"
	"	pushl $.Lnumber\n"
	"	jmp 1f\n"
	"	.set .Lnumber, .Lnumber + 1\n"
	"	.endr\n"
	"	.balign 8\n"
	"services_end:\n"
	"1:	leal 8(%esp), %eax\n"
	"	pushl %eax\n"
	"	pushl 4(%esp)\n"
	"	call ask\n"
	"	addl $12, %esp\n"
	"	ret\n");

/* Go on with another stack; nothing of the one before is needed. */
__attribute__((noreturn)) static void on_stack(word top)
{
	__asm__ volatile("movl %0, %%esp\n\tcall obey_for_ever" : : "r"(top) : "memory");
	__builtin_unreachable();
}

__attribute__((used)) static void obey_for_ever(void)
{
	obey();
	leave(4);	/* an answer that nobody has asked for */
}

void _start(void);
void _start(void)
{
	const word *said = hear(), *with = said + ARGUMENTS;
	/* address, length, rights, flags, file, offset */
	word map[] = { said[1], with[0], 0, MAP_SHARED | MAP_FIXED_NOREPLACE, with[1], 0 };

	/* Whoever made this process takes it along, even out of a loop. */
	system_call(SYS_PRCTL, PR_SET_PDEATHSIG, SIGKILL, 0);
	if (said[0] != MAP || (word)system_call(SYS_GETPPID, 0, 0, 0) != with[3])
		leave(4);
	if ((word)system_call(SYS_MMAP, (long)map, 0, 0) != said[1])
		leave(5);
	if (system_call(SYS_MPROTECT, with[2] - with[4], with[4], 3))
		leave(5);
	on_stack(with[2]);
}

int setjmp(word *kept);
__attribute__((noreturn)) void longjmp(word *kept, int value);

/*
 * Kept are the four registers that a function has to keep, the stack, and where to go on. The name with an underscore is
 * what the header of a whole C library makes of the other.
 */
__asm__(".globl setjmp, _setjmp, longjmp\n"
	"setjmp:\n"
	"_setjmp:\n"
	"	movl 4(%esp), %eax\n"
	"	movl %ebx, (%eax)\n"
	"	movl %esi, 4(%eax)\n"
	"	movl %edi, 8(%eax)\n"
	"	movl %ebp, 12(%eax)\n"
	"	leal 4(%esp), %ecx\n"
	"	movl %ecx, 16(%eax)\n"
	"	movl (%esp), %ecx\n"
	"	movl %ecx, 20(%eax)\n"
	"	xorl %eax, %eax\n"
	"	ret\n"
	"longjmp:\n"
	"	movl 4(%esp), %edx\n"
	"	movl 8(%esp), %eax\n"
	"	testl %eax, %eax\n"
	"	jnz 1f\n"
	"	incl %eax\n"
	"1:	movl (%edx), %ebx\n"
	"	movl 4(%edx), %esi\n"
	"	movl 8(%edx), %edi\n"
	"	movl 12(%edx), %ebp\n"
	"	movl 16(%edx), %esp\n"
	"	jmp *20(%edx)\n");

void *memcpy(void *to, const void *from, word size);
void *memcpy(void *to, const void *from, word size)
{
	for (word at = 0; at < size; at++)
		((char *)to)[at] = ((const char *)from)[at];
	return to;
}

void *memmove(void *to, const void *from, word size);
void *memmove(void *to, const void *from, word size)
{
	if (to <= from)
		return memcpy(to, from, size);
	while (size--)
		((char *)to)[size] = ((const char *)from)[size];
	return to;
}

void *memset(void *at, int value, word size);
void *memset(void *at, int value, word size)
{
	while (size--)
		((char *)at)[size] = value;
	return at;
}

int memcmp(const void *one, const void *other, word size);
int memcmp(const void *one, const void *other, word size)
{
	for (word at = 0; at < size; at++)
		if (((const unsigned char *)one)[at] != ((const unsigned char *)other)[at])
			return ((const unsigned char *)one)[at] - ((const unsigned char *)other)[at];
	return 0;
}

word strlen(const char *text);
word strlen(const char *text)
{
	word size = 0;

	while (text[size])
		size++;
	return size;
}

int strcmp(const char *one, const char *other);
int strcmp(const char *one, const char *other)
{
	while (*one && *one == *other)
		one++, other++;
	return *(const unsigned char *)one - *(const unsigned char *)other;
}
