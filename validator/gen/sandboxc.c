/*
 * sandboxc: write the filter of system calls of the program's sandbox as C, for the machine that it
 * is compiled on. libseccomp makes it here, once, so that the program need not load it.
 *
 * The kernel translates the filter at each start of the program, and takes as long as the filter
 * is: a comparison for each call that is listed makes it three times as long as a table of bits. So
 * it is written anew, as a table, and each answer of the two is compared before it is used.
 *
 * What is not listed is refused with "not permitted". What opens a file is listed: which files is
 * said by Landlock, in cli/sandbox.c.
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* A name that this machine does not have is passed over. */
static const char *const allowed[] = {
	/* Reading and writing what is open. */
	"read",
	"readv",
	"pread64",
	"preadv",
	"preadv2",
	"write",
	"writev",
	"pwrite64",
	"pwritev",
	"lseek",
	"_llseek",
	"close",
	"close_range",
	"dup",
	"dup2",
	"dup3",
	"pipe",
	"pipe2",
	"poll",
	"ppoll",
	"ppoll_time64",
	"select",
	"_newselect",
	"pselect6",
	"pselect6_time64",
	"fcntl",
	"fcntl64",
	"flock",
	"fsync",
	"fdatasync",
	"ftruncate",
	"ftruncate64",
	"fallocate",
	"fadvise64",
	"fadvise64_64",
	"copy_file_range",
	"sendfile",
	"sendfile64",
	/* Files by name: Landlock says which. */
	"open",
	"openat",
	"creat",
	"stat",
	"stat64",
	"lstat",
	"lstat64",
	"fstat",
	"fstat64",
	"fstatat64",
	"newfstatat",
	"statx",
	"statfs",
	"statfs64",
	"fstatfs",
	"fstatfs64",
	"access",
	"faccessat",
	"faccessat2",
	"readlink",
	"readlinkat",
	"getdents",
	"getdents64",
	"getcwd",
	"umask",
	"mkdir",
	"mkdirat",
	"rmdir",
	"unlink",
	"unlinkat",
	"rename",
	"renameat",
	"renameat2",
	"fchmod",
	"fchown",
	"fchown32",
	"futimens",
	"utimensat",
	/* Memory. */
	"brk",
	"mmap",
	"mmap2",
	"mprotect",
	"mremap",
	"munmap",
	"madvise",
	"mlock",
	"munlock",
	/* Threads. */
	"futex",
	"futex_time64",
	"set_robust_list",
	"get_robust_list",
	"rseq",
	"set_tid_address",
	"gettid",
	"getpid",
	"getppid",
	"sched_yield",
	"sched_getaffinity",
	"sched_getparam",
	"sched_getscheduler",
	"membarrier",
	"exit",
	"exit_group",
	"arch_prctl",
	"set_thread_area",
	/* Signals, of and to this program. */
	"rt_sigaction",
	"rt_sigprocmask",
	"rt_sigreturn",
	"sigreturn",
	"rt_sigpending",
	"rt_sigsuspend",
	"rt_sigtimedwait",
	"sigaltstack",
	"tgkill",
	"pause",
	"alarm",
	"setitimer",
	"getitimer",
	"restart_syscall",
	/* What time it is, and on what machine. */
	"clock_gettime",
	"clock_gettime64",
	"clock_getres",
	"clock_nanosleep",
	"clock_nanosleep_time64",
	"nanosleep",
	"gettimeofday",
	"time",
	"times",
	"getrusage",
	"getrandom",
	"sysinfo",
	"uname",
	"getuid",
	"getuid32",
	"geteuid",
	"geteuid32",
	"getgid",
	"getgid32",
	"getegid",
	"getegid32",
	"getrlimit",
	"ugetrlimit",
	"prlimit64",
};

/* And what a service calls when it listens already: it opens no connection. */
static const char *const serving[] = {
	"accept",      "accept4",      "recv",	      "recvfrom",     "recvmsg",
	"send",	       "sendto",       "sendmsg",     "shutdown",     "getsockname",
	"getpeername", "getsockopt",   "setsockopt",  "epoll_create", "epoll_create1",
	"epoll_ctl",   "epoll_wait",   "epoll_pwait", "epoll_pwait2", "eventfd",
	"eventfd2",    "memfd_create",
};

/* And what a program calls that opens connections of its own: to a server, to those who know names.
 */
static const char *const calling[] = { "socket", "socketpair", "connect", "bind",
				       "listen", "sendmmsg",   "recvmmsg" };

/* TCGETS2, which the C library asks from 2.42 on; its own headers have no struct for it. */
enum { TERMIOS2_BYTES = 44 };
#define ASK_TERMIOS2 _IOC(_IOC_READ, 'T', 0x2a, TERMIOS2_BYTES)

/* What a terminal is asked; nothing else may be asked of a device. */
static const unsigned long questions[] = { TCGETS, ASK_TERMIOS2, TIOCGWINSZ, FIONREAD };

/* A thread has these; without the last, clone makes a process. */
enum { THREAD = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD };

static void must(int result, const char *what)
{
	if (result < 0) {
		fprintf(stderr, "sandboxc: %s: error %d\n", what, -result);
		exit(1);
	}
}

static void allow(scmp_filter_ctx filter, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);
	if (call >= 0)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0), name);
}

/* Each has what those before it have. */
enum reach { READS, SERVES, CALLS };

static void fill(scmp_filter_ctx filter, enum reach reach)
{
	must(seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2), "optimize");
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		allow(filter, allowed[i]);
	for (size_t i = 0; reach >= SERVES && i < sizeof(serving) / sizeof(serving[0]); i++)
		allow(filter, serving[i]);
	for (size_t i = 0; reach >= CALLS && i < sizeof(calling) / sizeof(calling[0]); i++)
		allow(filter, calling[i]);
	if (reach >= CALLS)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      SCMP_A1(SCMP_CMP_EQ, FIONBIO, 0)),
		     "ioctl");
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      SCMP_A1(SCMP_CMP_EQ, questions[i], 0)),
		     "ioctl");
	must(seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
			      SCMP_A0(SCMP_CMP_MASKED_EQ, THREAD, THREAD)),
	     "clone");
	/* Its flags lie in memory, where no filter sees them: the C library then takes clone. */
	must(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0), "clone3");
}

/* The filter as the kernel takes it. */
struct program {
	struct sock_filter steps[BPF_MAXINSNS];
	size_t count;
};

enum {
	TABLE_CALLS = 512, /* calls with a bit in the table, by number */
	WORD_BITS = 32,
	TABLE_WORDS = TABLE_CALLS / WORD_BITS,
	FIRST_OF_X32 = 0x40000000,
	ARGUMENTS_AT = offsetof(struct seccomp_data, args)
};

/* What a program answers to a call. *asked: from which step on it looked at the arguments; 0: it
 * did not. */
static uint32_t answer(const struct program *program, const struct seccomp_data *call,
		       size_t *asked)
{
	uint32_t a = 0, x = 0;
	*asked = 0;
	for (size_t at = 0; at < program->count; at++) {
		const struct sock_filter *step = &program->steps[at];
		bool yes = false;
		switch (step->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (step->k >= ARGUMENTS_AT && !*asked)
				*asked = at;
			memcpy(&a, (const char *)call + step->k, sizeof(a));
			continue;
		case BPF_LD | BPF_IMM:
			a = step->k;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= step->k;
			continue;
		case BPF_ALU | BPF_RSH | BPF_K:
			a >>= step->k;
			continue;
		case BPF_ALU | BPF_RSH | BPF_X:
			a >>= x;
			continue;
		case BPF_MISC | BPF_TAX:
			x = a;
			continue;
		case BPF_JMP | BPF_JA:
			at += step->k;
			continue;
		case BPF_RET | BPF_K:
			return step->k;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == step->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= step->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > step->k;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			yes = a & step->k;
			break;
		default:
			must(-EINVAL, "a step of the filter");
		}
		at += yes ? step->jt : step->jf;
	}
	must(-EINVAL, "the end of the filter");
	return 0;
}

static uint32_t answer_to(const struct program *program, uint32_t arch, uint32_t number)
{
	size_t asked;
	return answer(program, &(struct seccomp_data){ .arch = arch, .nr = (int)number }, &asked);
}

static void add(struct program *program, uint16_t code, size_t yes, size_t no, uint32_t k)
{
	if (program->count == BPF_MAXINSNS || yes > UINT8_MAX || no > UINT8_MAX)
		must(-E2BIG, "the table");
	program->steps[program->count++] =
		(struct sock_filter){ code, (uint8_t)yes, (uint8_t)no, k };
}

/* The steps of a program from one on that can be come to, as the end of another program. */
static void add_rest(struct program *to, const struct program *from, size_t first)
{
	bool reached[BPF_MAXINSNS] = { 0 };
	size_t place[BPF_MAXINSNS + 1] = { 0 };
	reached[first] = true;
	for (size_t at = first; at < from->count; at++) {
		const struct sock_filter *step = &from->steps[at];
		place[at + 1] = place[at] + reached[at];
		if (!reached[at] || BPF_CLASS(step->code) == BPF_RET)
			continue;
		if (step->code == (BPF_JMP | BPF_JA))
			reached[at + 1 + step->k] = true;
		else if (BPF_CLASS(step->code) == BPF_JMP)
			reached[at + 1 + step->jt] = reached[at + 1 + step->jf] = true;
		else
			reached[at + 1] = true;
	}
	for (size_t at = first; at < from->count; at++) {
		const struct sock_filter *step = &from->steps[at];
		if (!reached[at])
			continue;
		size_t next = place[at + 1];
		if (step->code == (BPF_JMP | BPF_JA))
			add(to, step->code, 0, 0, (uint32_t)(place[at + 1 + step->k] - next));
		else if (BPF_CLASS(step->code) == BPF_JMP)
			add(to, step->code, place[at + 1 + step->jt] - next,
			    place[at + 1 + step->jf] - next, step->k);
		else
			add(to, step->code, 0, 0, step->k);
	}
}

/* A search for the word of A among those from first to before end; then to the step `after`. */
static void add_words(struct program *to, const uint32_t words[], uint32_t first, uint32_t end,
		      size_t after)
{
	if (end - first == 1) {
		add(to, BPF_LD | BPF_IMM, 0, 0, words[first]);
		add(to, BPF_JMP | BPF_JA, 0, 0, (uint32_t)(after - to->count - 1));
		return;
	}
	uint32_t middle = first + (end - first) / 2;
	/* A word takes two steps, and each but the last one more to tell it from the next. */
	add(to, BPF_JMP | BPF_JGE | BPF_K, (middle - first) * 3 - 1, 0, middle);
	add_words(to, words, first, middle, after);
	add_words(to, words, middle, end, after);
}

/* A call whose answer is not in the table. */
static bool is_apart(const struct program *whole, uint32_t arch, uint32_t number, size_t *asked)
{
	struct seccomp_data call = { .arch = arch, .nr = (int)number };
	uint32_t said = answer(whole, &call, asked);
	return *asked || (said != SECCOMP_RET_ALLOW && said != (SECCOMP_RET_ERRNO | EPERM));
}

static void make_table(struct program *table, const struct program *whole, uint32_t arch)
{
	uint32_t words[TABLE_WORDS] = { 0 };
	size_t asked;
	*table = (struct program){ .count = 0 };
	add(table, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, arch));
	add(table, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, arch);
	add(table, BPF_RET | BPF_K, 0, 0, answer_to(whole, ~arch, 0));
	add(table, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	add(table, BPF_JMP | BPF_JGE | BPF_K, 0, 4, TABLE_CALLS);
	add(table, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, UINT32_MAX);
	add(table, BPF_JMP | BPF_JGE | BPF_K, 1, 0, FIRST_OF_X32);
	add(table, BPF_RET | BPF_K, 0, 0, answer_to(whole, arch, TABLE_CALLS));
	add(table, BPF_RET | BPF_K, 0, 0, answer_to(whole, arch, FIRST_OF_X32));
	for (uint32_t number = 0; number < TABLE_CALLS; number++) {
		if (!is_apart(whole, arch, number, &asked)) {
			if (answer_to(whole, arch, number) == SECCOMP_RET_ALLOW)
				words[number / WORD_BITS] |= (uint32_t)1 << number % WORD_BITS;
			continue;
		}
		size_t test = table->count;
		add(table, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, number);
		if (asked)
			add_rest(table, whole, asked);
		else
			add(table, BPF_RET | BPF_K, 0, 0, answer_to(whole, arch, number));
		if (table->count - test - 1 > UINT8_MAX)
			must(-E2BIG, "the table");
		table->steps[test].jf = (uint8_t)(table->count - test - 1);
	}
	add(table, BPF_ALU | BPF_AND | BPF_K, 0, 0, WORD_BITS - 1);
	add(table, BPF_MISC | BPF_TAX, 0, 0, 0);
	add(table, BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, nr));
	add(table, BPF_ALU | BPF_RSH | BPF_K, 0, 0, 5); /* by WORD_BITS */
	add_words(table, words, 0, TABLE_WORDS, table->count + (size_t)TABLE_WORDS * 3 - 1);
	add(table, BPF_ALU | BPF_RSH | BPF_X, 0, 0, 0);
	add(table, BPF_JMP | BPF_JSET | BPF_K, 0, 1, 1);
	add(table, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
	add(table, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM);
}

/* Whether two programs answer a call alike. *looked: either looked at the arguments. */
static bool agree_on(const struct program *a, const struct program *b,
		     const struct seccomp_data *call, bool *looked)
{
	size_t asked_a, asked_b;
	bool alike = answer(a, call, &asked_a) == answer(b, call, &asked_b);
	*looked = asked_a || asked_b;
	return alike;
}

/* With arguments that the first compares with, and with one bit of those changed. */
static bool agree_on_arguments(const struct program *a, const struct program *b,
			       struct seccomp_data call)
{
	enum { BITS = 64, ARGUMENTS = sizeof(call.args) / sizeof(call.args[0]) };
	bool looked;
	for (size_t k = 0; k < a->count; k++)
		for (unsigned bit = 0; bit <= BITS; bit++) {
			uint64_t change = bit < BITS ? (uint64_t)1 << bit : 0;
			for (size_t i = 0; i < ARGUMENTS; i++)
				call.args[i] = a->steps[k].k ^ change;
			if (!agree_on(a, b, &call, &looked))
				return false;
		}
	return true;
}

/* To each call of any number that a kernel has, of this machine and of others. */
static bool agree(const struct program *a, const struct program *b, uint32_t arch)
{
	static const uint32_t beyond[] = { FIRST_OF_X32 - 1, FIRST_OF_X32,   FIRST_OF_X32 + 1,
					   INT32_MAX,	     UINT32_MAX - 1, UINT32_MAX };
	enum { MOST_NUMBER = 4096, BEYOND = sizeof(beyond) / sizeof(beyond[0]) };
	bool looked;
	for (uint32_t i = 0; i < MOST_NUMBER + BEYOND; i++) {
		uint32_t number = i < MOST_NUMBER ? i : beyond[i - MOST_NUMBER];
		struct seccomp_data call = { .arch = arch, .nr = (int)number };
		struct seccomp_data other = { .arch = ~arch, .nr = (int)number };
		if (!agree_on(a, b, &other, &looked) || !agree_on(a, b, &call, &looked) ||
		    (looked && !agree_on_arguments(a, b, call)))
			return false;
	}
	return true;
}

static void take(struct program *program, enum reach reach)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter)
		must(-ENOMEM, "filter");
	fill(filter, reach);
	FILE *binary = tmpfile();
	if (!binary)
		must(-errno, "temporary file");
	must(seccomp_export_bpf(filter, fileno(binary)), "export");
	rewind(binary);
	program->count = fread(program->steps, sizeof(program->steps[0]), BPF_MAXINSNS, binary);
	fclose(binary);
	seccomp_release(filter);
}

static void write_filter(const char *name, enum reach reach)
{
	static struct program whole, table;
	uint32_t arch = seccomp_arch_native();
	take(&whole, reach);
	make_table(&table, &whole, arch);
	/* On a machine with larger numbers, or another order of bytes, they do not. */
	const struct program *filter = agree(&whole, &table, arch) ? &table : &whole;
	printf("\nextern const struct sock_filter %s[];\nextern const unsigned short %s_length;\n\n"
	       "const struct sock_filter %s[] = {\n",
	       name, name, name);
	for (size_t i = 0; i < filter->count; i++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", filter->steps[i].code,
		       filter->steps[i].jt, filter->steps[i].jf, filter->steps[i].k);
	printf("};\nconst unsigned short %s_length = %zu;\n", name, filter->count);
}

int main(void)
{
	printf("/* Made by sandboxc. */\n#include <linux/filter.h>\n");
	write_filter("sandbox_filter", READS);
	write_filter("sandbox_serving_filter", SERVES);
	write_filter("sandbox_calling_filter", CALLS);
	return fflush(stdout) == 0 ? 0 : 1;
}
