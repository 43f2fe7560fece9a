/* On a terminal: progress is shown, and nowhere else; no line is wider than it. */
#include "cpis.h"
#include "run_cli.h"

#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MANY = 2500 };

/* A folder with many copies of one message: long enough to wait for. */
static const char *many_files(void)
{
	static char folder[512];
	if (folder[0])
		return folder;
	size_t n;
	char *bytes = read_file("testcases/messages/upload-five.xml", &n);
	snprintf(folder, sizeof(folder), "%s", scratch_path("many"));
	assert_int_equal(mkdir(folder, 0777), 0);
	for (int i = 0; i < MANY; i++) {
		char path[600];
		snprintf(path, sizeof(path), "%s/%d.xml", folder, i);
		FILE *file = fopen(path, "w");
		assert_non_null(file);
		assert_int_equal(fwrite(bytes, 1, n, file), n);
		assert_int_equal(fclose(file), 0);
	}
	free(bytes);
	return folder;
}

/* What the program writes to a terminal, cut to what fits. */
static size_t on_terminal(const char *option, char *said, size_t room)
{
	const char *program = getenv("CPIS_PROGRAM");
	const char *folder = many_files();
	int terminal;
	pid_t child = forkpty(&terminal, NULL, NULL, NULL);
	assert_true(child >= 0);
	if (child == 0) {
		execl(program ? program : "build/cpis", "cpis", "validate", "--now", "20261101",
		      option, folder, "--report", "json=/dev/null", (char *)NULL);
		_exit(127);
	}
	size_t n = 0;
	for (;;) {
		char piece[4096];
		ssize_t got = read(terminal, piece, sizeof(piece));
		if (got <= 0)
			break;
		size_t kept = n + (size_t)got < room ? (size_t)got : room - 1 - n;
		memcpy(said + n, piece, kept);
		n += kept;
	}
	said[n] = '\0';
	close(terminal);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return n;
}

static void test_a_terminal_is_told_how_far_a_long_run_has_come(void **state)
{
	(void)state;
	static char said[65536];
	char total[64];
	on_terminal("-j1", said, sizeof(said));
	snprintf(total, sizeof(total), " of %d done, 0 findings", MANY);
	assert_non_null(strstr(said, total));
	/* The line is gone before the report begins. */
	const char *last = NULL;
	for (const char *p = said; (p = strstr(p, total)); p++)
		last = p;
	assert_true(last && strstr(last, "\r\033[K"));
}

static void test_quiet_is_quiet(void **state)
{
	(void)state;
	static char said[65536];
	assert_int_equal(on_terminal("-q", said, sizeof(said)), 0);
}

static void test_a_pipe_is_told_nothing(void **state)
{
	(void)state;
	struct said said = run_program("validate %s --report json=/dev/null", many_files());
	assert_int_equal(said.exit_code, 0);
	assert_string_equal(said.err, "");
	assert_null(strstr(said.out, " done, "));
	run_release(&said);
}

enum { COLUMNS = 80 };

/* What one command writes to a terminal of 80 columns has no wider line. */
static void expect_narrow(char *const *arguments)
{
	const struct winsize size = { .ws_row = 24, .ws_col = COLUMNS };
	const char *program = getenv("CPIS_PROGRAM");
	int terminal;
	pid_t child = forkpty(&terminal, NULL, NULL, &size);
	assert_true(child >= 0);
	if (child == 0) {
		unsetenv("COLUMNS");
		setenv("TERM", "dumb", 1);
		execv(program ? program : "build/cpis", arguments);
		_exit(127);
	}
	size_t column = 0, lines = 0;
	char piece[4096];
	for (ssize_t got; (got = read(terminal, piece, sizeof(piece))) > 0;)
		for (ssize_t i = 0; i < got; i++) {
			lines += piece[i] == '\n';
			column = piece[i] == '\n' || piece[i] == '\r' ? 0 : column + 1;
			assert_true(column <= COLUMNS);
		}
	close(terminal);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_true(lines > 5);
}

static void test_no_line_is_wider_than_the_terminal(void **state)
{
	(void)state;
	static char *const commands[][8] = {
		{ "cpis", "rules" },
		{ "cpis", "explain", "child" },
		{ "cpis", "ledger", "testcases/messages" },
		{ "cpis", "validate", "testcases/rules/UPL-001", "--group", "rule" },
		{ "cpis", "run", "testcases/packs/la-upload/certify.yaml", "--evidence",
		  "testcases/packs/la-upload/evidence" },
		{ "cpis", "run", "testcases/packs/nhs-query/certify.yaml", "--evidence",
		  "testcases/packs/nhs-query/evidence" },
	};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		expect_narrow(commands[i]);
}

struct seen {
	size_t calls, done, total, findings;
};

static void see(void *context, const struct cpis_progress *progress)
{
	struct seen *seen = context;
	assert_int_equal(progress->done, seen->done + 1);
	*seen = (struct seen){ seen->calls + 1, progress->done, progress->total,
			       progress->findings };
}

static void test_the_library_tells_each_case_once_with_the_findings_so_far(void **state)
{
	(void)state;
	struct seen seen = { 0 };
	struct cpis_results *results;
	struct cpis_failure failure;
	const struct cpis_options options = { .progress = see, .progress_context = &seen };
	const struct cpis_pack_options pack = { 0 };
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_run_pack(results, "testcases/packs/la-upload", &pack, &failure), 0);
	assert_int_equal(seen.calls, seen.total);
	assert_true(seen.findings > 20);
	cpis_results_free(results);
}

struct reading {
	size_t calls, read, bytes;
};

static void see_reading(void *context, size_t read, size_t bytes)
{
	struct reading *reading = context;
	assert_true(read > reading->read && read < bytes);
	*reading = (struct reading){ reading->calls + 1, read, bytes };
}

static void test_the_library_tells_how_far_a_large_document_is(void **state)
{
	enum { ROOM = 8 * 1024 * 1024 };
	(void)state;
	char *upload = malloc(ROOM);
	FILE *maker = popen("scripts/make-upload 5000", "r");
	assert_true(upload && maker);
	size_t size = fread(upload, 1, ROOM, maker);
	assert_int_equal(pclose(maker), 0);
	for (unsigned shape = 0; shape < 2; shape++) {
		/* a small one, and a large one */
		struct reading seen = { 0 };
		struct cpis_results *results;
		struct cpis_failure failure;
		struct cpis_options options = { .reading = see_reading, .progress_context = &seen };
		const struct cpis_bytes source = { "upload.xml", upload, shape ? size : 1000 };
		assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
		assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
		assert_int_equal(seen.calls > 0, shape > 0);
		if (shape) {
			assert_true(seen.calls >= 90 && seen.calls <= 101);
			assert_int_equal(seen.bytes, source.size);
			assert_true(seen.read > source.size * 95 / 100);
		}
		cpis_results_free(results);
	}
	free(upload);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_terminal_is_told_how_far_a_long_run_has_come),
		cmocka_unit_test(test_quiet_is_quiet),
		cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
		cmocka_unit_test(test_a_pipe_is_told_nothing),
		cmocka_unit_test(test_the_library_tells_each_case_once_with_the_findings_so_far),
		cmocka_unit_test(test_the_library_tells_how_far_a_large_document_is),
	};
	return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
