/* The sandbox, from inside: what a fault in a parser could still do. */
#include "../cli/cli.h"
#include "run_cli.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The folder that each test works in: in/ is the input, out/ is for reports. */
static char home[200];

static void in_home(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", home, name);
}

static void put(const char *name)
{
	char path[256];
	in_home(path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("x", file);
	fclose(file);
}

static int make_home(void **state)
{
	char path[256], target[256];
	(void)state;
	snprintf(home, sizeof(home), "%s", scratch_path("sandbox"));
	assert_int_equal(mkdir(home, 0700), 0);
	in_home(path, "in");
	mkdir(path, 0700);
	in_home(path, "out");
	mkdir(path, 0700);
	put("in/message.xml");
	put("secret");
	put("linked");
	in_home(target, "linked");
	in_home(path, "in/link");
	return symlink(target, path);
}

static int remove_home(void **state)
{
	static const char *const names[] = { "in/message.xml", "in/link", "out/report", "out/made",
					     "secret",	       "linked",  "in",		"out" };
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[256];
		in_home(path, names[i]);
		remove(path);
	}
	return rmdir(home);
}

/* The error of opening a file of the folder so; 0: it was opened. */
static int opening(const char *name, int flags)
{
	char path[256];
	in_home(path, name);
	int fd = open(path, flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int error_of(long result)
{
	return result < 0 ? errno : 0;
}

static int reads_what_is_named(void)
{
	return opening("in/message.xml", O_RDONLY) || opening("in/link", O_RDONLY);
}

static int writes_where_reports_go(void)
{
	char from[256], to[256];
	in_home(from, "out/made");
	in_home(to, "out/report");
	return opening("out/made", O_WRONLY | O_CREAT | O_EXCL) || error_of(rename(from, to));
}

static void *nothing(void *context)
{
	return context;
}

static int makes_threads(void)
{
	pthread_t thread;
	int error = pthread_create(&thread, NULL, nothing, NULL);
	return error ? error : pthread_join(thread, NULL);
}

static int reads_a_secret(void)
{
	return opening("secret", O_RDONLY);
}

static int reads_the_passwords(void)
{
	return error_of(open("/etc/passwd", O_RDONLY));
}

static int lists_a_home(void)
{
	return opendir("/root") || opendir("/home") ? 0 : errno;
}

static int writes_an_input(void)
{
	return opening("in/message.xml", O_WRONLY);
}

static int adds_to_the_input(void)
{
	return opening("in/more.xml", O_WRONLY | O_CREAT);
}

static int writes_elsewhere(void)
{
	return opening("more", O_WRONLY | O_CREAT);
}

static int shortens_an_input(void)
{
	char path[256];
	in_home(path, "in/message.xml");
	return error_of(truncate(path, 0));
}

static int links_a_secret(void)
{
	char from[256], to[256];
	in_home(from, "secret");
	in_home(to, "out/linked");
	return error_of(symlink(from, to)) && error_of(link(from, to)) ? EPERM : 0;
}

static int runs_a_program(void)
{
	char *const arguments[] = { "true", NULL };
	return error_of(execv("/bin/true", arguments));
}

static int makes_a_process(void)
{
	pid_t child = fork();
	if (child == 0)
		_exit(0);
	return error_of(child);
}

static int opens_a_socket(void)
{
	return error_of(socket(AF_INET, SOCK_STREAM, 0)) && error_of(socket(AF_UNIX, SOCK_DGRAM, 0))
		       ? EPERM
		       : 0;
}

static int signals_another(void)
{
	return error_of(kill(getppid(), 0));
}

static int traces_another(void)
{
	return error_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int makes_a_file_in_memory(void)
{
	return error_of(syscall(SYS_memfd_create, "x", 0));
}

static int leaves_for_a_namespace(void)
{
	return error_of(unshare(CLONE_NEWUSER));
}

static int types_into_the_terminal(void)
{
	char letter = 'x';
	return error_of(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, &letter));
}

static int dumps_its_memory(void)
{
	struct rlimit limit;
	getrlimit(RLIMIT_CORE, &limit);
	return limit.rlim_max == 0 ? EPERM : 0;
}

struct deed {
	const char *name;
	int (*deed)(void); /* 0: it was done */
	bool allowed;
};

static const struct deed deeds[] = {
	{ "reads what is named", reads_what_is_named, true },
	{ "writes where reports go", writes_where_reports_go, true },
	{ "makes threads", makes_threads, true },
	{ "reads a secret", reads_a_secret, false },
	{ "reads the passwords", reads_the_passwords, false },
	{ "lists a home", lists_a_home, false },
	{ "writes an input", writes_an_input, false },
	{ "adds to the input", adds_to_the_input, false },
	{ "writes elsewhere", writes_elsewhere, false },
	{ "shortens an input", shortens_an_input, false },
	{ "links a secret", links_a_secret, false },
	{ "runs a program", runs_a_program, false },
	{ "makes a process", makes_a_process, false },
	{ "opens a socket", opens_a_socket, false },
	{ "signals another", signals_another, false },
	{ "traces another", traces_another, false },
	{ "makes a file in memory", makes_a_file_in_memory, false },
	{ "leaves for a namespace", leaves_for_a_namespace, false },
	{ "types into the terminal", types_into_the_terminal, false },
	{ "dumps its memory", dumps_its_memory, false },
};

enum { DONE, REFUSED, NO_SANDBOX };

/* In a process of its own, which enters the sandbox of a validation. */
static int try_deed(const struct deed *deed, const struct request *request)
{
	pid_t child = fork();
	if (child == 0) {
		struct sandbox sandbox = sandbox_enter(request);
		if (sandbox.absent || !sandbox.files || !sandbox.calls)
			_exit(NO_SANDBOX);
		_exit(deed->deed() == 0 ? DONE : REFUSED);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* What the kernel has, asked of the kernel; the builds of the sanitizers have no sandbox. */
static void skip_without_sandbox(void)
{
	const char *mode = getenv("MODE");
	bool built = !mode || (strcmp(mode, "san") != 0 && strcmp(mode, "tsan") != 0);
	if (built && syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* its version */) > 0)
		return;
	print_message("SKIPPED: this build or this kernel has no sandbox\n");
	skip();
}

/* The program enters it before a command runs. */
static void test_the_program_is_in_it(void **state)
{
	(void)state;
	skip_without_sandbox();
	struct said said = run_program("doctor");
	assert_non_null(strstr(said.out, "(Landlock "));
	assert_non_null(strstr(said.out, "(seccomp)"));
	run_release(&said);
}

static void test_break_out(void **state)
{
	char input[256], report[256];
	(void)state;
	skip_without_sandbox();
	in_home(input, "in");
	in_home(report, "out/report");
	const char *inputs[] = { input };
	struct report_request reports[] = { { "xml", report } };
	struct request request = { .command = command_find("validate"),
				   .inputs = inputs,
				   .input_count = 1,
				   .reports = reports,
				   .report_count = 1 };
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
		int result = try_deed(&deeds[i], &request);
		assert_int_not_equal(result, NO_SANDBOX);
		if ((result == DONE) != deeds[i].allowed)
			fail_msg("in the sandbox a program %s%s",
				 deeds[i].allowed ? "no longer " : "", deeds[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_break_out),
					    cmocka_unit_test(test_the_program_is_in_it) };
	return cmocka_run_group_tests(tests, make_home, remove_home);
}
