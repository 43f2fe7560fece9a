/*
 * sandboxc: write the filter of system calls of the program's sandbox as C, for the machine that it
 * is compiled on. libseccomp makes it here, once, so that the program need not load it.
 *
 * What is not listed is refused with "not permitted". What opens a file is listed: which files is
 * said by Landlock, in cli/sandbox.c.
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

/* The filter as the kernel takes it: an array of struct sock_filter. */
static void write_filter(const char *name, enum reach reach)
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
	printf("\nextern const struct sock_filter %s[];\nextern const unsigned short %s_length;\n\n"
	       "const struct sock_filter %s[] = {\n",
	       name, name, name);
	struct {
		uint16_t code;
		uint8_t yes, no;
		uint32_t k;
	} step;
	size_t count = 0;
	for (; fread(&step, sizeof(step), 1, binary) == 1; count++)
		printf("\t{ 0x%02x, %u, %u, 0x%08x },\n", step.code, step.yes, step.no, step.k);
	printf("};\nconst unsigned short %s_length = %zu;\n", name, count);
	fclose(binary);
	seccomp_release(filter);
}

int main(void)
{
	printf("/* Made by sandboxc. */\n#include <linux/filter.h>\n");
	write_filter("sandbox_filter", READS);
	write_filter("sandbox_serving_filter", SERVES);
	write_filter("sandbox_calling_filter", CALLS);
	return fflush(stdout) == 0 ? 0 : 1;
}
