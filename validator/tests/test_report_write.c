/* Reports as files: whole or not at all. */
#include "report/sink.h"

#include "cpis.h"
#include "sample_results.h"

#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct desk {
	struct results results;
	struct cpis_failure failure;
	char folder[64], path[128];
};

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	sample_fill(&desk->results, SAMPLE_VALIDATE);
	strcpy(desk->folder, "/var/tmp/cpis-report-XXXXXX");
	if (!mkdtemp(desk->folder))
		return -1;
	snprintf(desk->path, sizeof(desk->path), "%s/report.json", desk->folder);
	*state = desk;
	return 0;
}

static size_t entries_of(const char *folder)
{
	size_t count = 0;
	DIR *dir = opendir(folder);
	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count - 2;
}

static int tear_down(void **state)
{
	struct desk *desk = *state;
	char path[PATH_MAX];
	DIR *dir = opendir(desk->folder);
	if (!dir)
		return -1;
	for (struct dirent *entry; (entry = readdir(dir));) {
		snprintf(path, sizeof(path), "%s/%s", desk->folder, entry->d_name);
		unlink(path);
	}
	closedir(dir);
	rmdir(desk->folder);
	sample_release(&desk->results);
	free(desk);
	return 0;
}

static void make_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static size_t file_size(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return (size_t)status.st_size;
}

static int write_json(struct desk *desk, const char *path)
{
	return report_write(&desk->results, "json", path, NULL, &desk->failure);
}

static void test_a_file_is_all_that_is_left(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(write_json(desk, desk->path), 0);
	assert_true(file_size(desk->path) > 1000);
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_a_new_report_takes_the_place_of_the_old(void **state)
{
	struct desk *desk = *state;
	make_file(desk->path, "old");
	assert_int_equal(write_json(desk, desk->path), 0);
	assert_true(file_size(desk->path) > 1000);
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_a_link_stays_a_link(void **state)
{
	struct desk *desk = *state;
	char link[128];
	struct stat status;
	snprintf(link, sizeof(link), "%s/link", desk->folder);
	make_file(desk->path, "old");
	assert_int_equal(symlink("report.json", link), 0);
	assert_int_equal(write_json(desk, link), 0);
	assert_int_equal(lstat(link, &status), 0);
	assert_true(S_ISLNK(status.st_mode));
	assert_true(file_size(desk->path) > 1000);
}

static void test_a_device_stays_a_device(void **state)
{
	struct desk *desk = *state;
	struct stat status;
	assert_int_equal(write_json(desk, "/dev/null"), 0);
	assert_int_equal(stat("/dev/null", &status), 0);
	assert_true(S_ISCHR(status.st_mode));
}

static void test_a_full_device_is_told(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(write_json(desk, "/dev/full"), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_INTERNAL);
	assert_string_equal(desk->failure.file, "/dev/full");
}

static void test_a_missing_folder_is_named(void **state)
{
	struct desk *desk = *state;
	char path[128];
	snprintf(path, sizeof(path), "%s/no/such/report.json", desk->folder);
	assert_int_equal(write_json(desk, path), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(desk->failure.file, path);
	assert_non_null(strstr(desk->failure.text, "/no/such does not exist"));
	assert_int_equal(entries_of(desk->folder), 0);
}

static void test_a_folder_is_no_report(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(write_json(desk, desk->folder), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
}

static void test_an_unknown_format_names_the_known_ones(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(report_write(&desk->results, "pdf", desk->path, NULL, &desk->failure), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_non_null(strstr(desk->failure.text, "\"pdf\""));
	assert_non_null(strstr(desk->failure.text, "text, short, json, html"));
	assert_null(strstr(desk->failure.text, "text-colour"));
	assert_int_equal(entries_of(desk->folder), 0);
}

/* A write that breaks off half way, as on a disk that is full. */
static void test_a_broken_write_leaves_the_old_report(void **state)
{
	struct desk *desk = *state;
	struct rlimit before, small;
	make_file(desk->path, "old");
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 512;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int status = write_json(desk, desk->path);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(status, -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_INTERNAL);
	assert_int_equal(file_size(desk->path), 3);
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_a_stream_gets_the_same_bytes(void **state)
{
	struct desk *desk = *state;
	FILE *stream = tmpfile();
	assert_non_null(stream);
	assert_int_equal(report_write(&desk->results, "json", NULL, stream, &desk->failure), 0);
	assert_int_equal(write_json(desk, desk->path), 0);
	assert_int_equal(ftell(stream), file_size(desk->path));
	fclose(stream);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_file_is_all_that_is_left),
		TEST(test_a_new_report_takes_the_place_of_the_old),
		TEST(test_a_link_stays_a_link),
		TEST(test_a_device_stays_a_device),
		TEST(test_a_full_device_is_told),
		TEST(test_a_missing_folder_is_named),
		TEST(test_a_folder_is_no_report),
		TEST(test_an_unknown_format_names_the_known_ones),
		TEST(test_a_broken_write_leaves_the_old_report),
		TEST(test_a_stream_gets_the_same_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
