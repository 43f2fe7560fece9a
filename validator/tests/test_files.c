/* Files that the program writes: whole or not at all. */
#include "base/files.h"

#include "base/inputs.h"

#include "cpis.h"

#include <dirent.h>
#include <fcntl.h>
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
	struct cpis_failure failure;
	char folder[64], path[128], other[128];
};

static int set_up(void **state)
{
	struct desk *desk = calloc(1, sizeof(*desk));
	strcpy(desk->folder, "/var/tmp/cpis-files-XXXXXX");
	if (!mkdtemp(desk->folder))
		return -1;
	snprintf(desk->path, sizeof(desk->path), "%s/file", desk->folder);
	snprintf(desk->other, sizeof(desk->other), "%s/other", desk->folder);
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
	free(desk);
	return 0;
}

static int put(struct desk *desk, const char *path, enum files_how how, struct str bytes)
{
	return files_write(path, how, "the list", bytes, &desk->failure);
}

static void assert_holds(const char *path, const char *text)
{
	struct buf got;
	char why[128];
	buf_init(&got, 1024 * 1024);
	assert_true(files_read(path, &got, why, sizeof(why)));
	assert_string_equal(buf_view(&got).p, text);
	buf_release(&got);
}

static mode_t mode_of(const char *path)
{
	struct stat status;
	assert_int_equal(lstat(path, &status), 0);
	return status.st_mode;
}

static void make_file(const char *path, mode_t mode)
{
	int file = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(file >= 0);
	assert_int_equal(write(file, "old", 3), 3);
	assert_int_equal(fchmod(file, mode), 0);
	assert_int_equal(close(file), 0);
}

static void test_a_new_file_is_as_the_umask_says(void **state)
{
	struct desk *desk = *state;
	mode_t before = umask(027);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
	umask(before);
	assert_holds(desk->path, "new");
	assert_int_equal(mode_of(desk->path) & 07777, 0640);
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_a_name_without_a_folder_is_in_the_current_one(void **state)
{
	struct desk *desk = *state;
	char before[PATH_MAX];
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(desk->folder), 0);
	int status = put(desk, "file", FILES_REPLACE, STR("new"));
	assert_int_equal(chdir(before), 0);
	assert_int_equal(status, 0);
	assert_holds(desk->path, "new");
}

static void test_an_old_file_keeps_its_mode(void **state)
{
	struct desk *desk = *state;
	static const mode_t modes[] = { 0600, 0640, 0664, 0755 };
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		make_file(desk->path, modes[i]);
		assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
		assert_int_equal(mode_of(desk->path) & 07777, modes[i]);
		assert_holds(desk->path, "new");
		unlink(desk->path);
	}
}

static void test_an_old_file_keeps_its_owner(void **state)
{
	struct desk *desk = *state;
	struct stat status;
	if (geteuid() != 0)
		skip();
	make_file(desk->path, 0640);
	assert_int_equal(chown(desk->path, 65533, 65532), 0);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
	assert_int_equal(stat(desk->path, &status), 0);
	assert_int_equal(status.st_uid, 65533);
	assert_int_equal(status.st_gid, 65532);
	assert_int_equal(status.st_mode & 07777, 0640);
}

static void test_a_link_to_a_file_stays_a_link(void **state)
{
	struct desk *desk = *state;
	make_file(desk->path, 0600);
	assert_int_equal(symlink("file", desk->other), 0);
	assert_int_equal(put(desk, desk->other, FILES_REPLACE, STR("new")), 0);
	assert_true(S_ISLNK(mode_of(desk->other)));
	assert_holds(desk->path, "new");
	assert_int_equal(entries_of(desk->folder), 2);
}

static void test_a_device_and_a_link_to_one_are_written_to(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(symlink("/dev/null", desk->path), 0);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
	assert_true(S_ISLNK(mode_of(desk->path)));
	assert_int_equal(put(desk, "/dev/null", FILES_REPLACE, STR("new")), 0);
	assert_true(S_ISCHR(mode_of("/dev/null")));
}

static void test_a_fifo_gets_the_bytes_and_stays(void **state)
{
	struct desk *desk = *state;
	char got[8] = "";
	assert_int_equal(mkfifo(desk->path, 0600), 0);
	int reader = open(desk->path, O_RDONLY | O_NONBLOCK);
	assert_true(reader >= 0);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
	assert_int_equal(read(reader, got, sizeof(got)), 3);
	assert_string_equal(got, "new");
	close(reader);
	assert_true(S_ISFIFO(mode_of(desk->path)));
}

static void test_a_full_device_is_a_failure(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(put(desk, "/dev/full", FILES_REPLACE, STR("new")), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_INTERNAL);
	assert_string_equal(desk->failure.file, "/dev/full");
	assert_string_equal(desk->failure.text, "cannot write the list: No space left on device");
}

static void test_a_secret_is_for_its_owner_alone_whatever_the_umask(void **state)
{
	struct desk *desk = *state;
	mode_t before = umask(0);
	assert_int_equal(put(desk, desk->path, FILES_SECRET, STR("new")), 0);
	umask(0777);
	assert_int_equal(put(desk, desk->other, FILES_NEW, STR("new")), 0);
	umask(before);
	assert_int_equal(mode_of(desk->path) & 07777, 0600);
	assert_int_equal(mode_of(desk->other) & 07777, 0644);
}

static void test_a_new_file_takes_no_name_that_is_in_use(void **state)
{
	struct desk *desk = *state;
	make_file(desk->path, 0600);
	assert_int_equal(symlink("nowhere", desk->other), 0);
	const char *const paths[] = { desk->path, desk->other, "/dev/null" };
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(put(desk, paths[i], FILES_NEW, STR("new")), -1);
		assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
		assert_non_null(strstr(desk->failure.text, "not overwritten"));
	}
	assert_holds(desk->path, "old");
	assert_int_equal(entries_of(desk->folder), 2);
}

/* The name is taken between files_create and files_commit. */
static void test_a_new_file_takes_no_name_that_came_into_use(void **state)
{
	struct desk *desk = *state;
	struct files_output *output =
		files_create(desk->path, FILES_SECRET, "the list", &desk->failure);
	assert_non_null(output);
	assert_true(files_append(output, STR("new")));
	make_file(desk->path, 0600);
	assert_int_equal(files_commit(output, &desk->failure), -1);
	assert_holds(desk->path, "old");
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_the_old_file_stays_until_the_new_one_is_complete(void **state)
{
	struct desk *desk = *state;
	make_file(desk->path, 0600);
	struct files_output *output =
		files_create(desk->path, FILES_REPLACE, "the list", &desk->failure);
	assert_true(files_append(output, STR("ne")));
	assert_holds(desk->path, "old");
	assert_true(files_append(output, STR("w")));
	assert_int_equal(files_commit(output, &desk->failure), 0);
	assert_holds(desk->path, "new");
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_an_abandoned_file_leaves_nothing(void **state)
{
	struct desk *desk = *state;
	struct files_output *output =
		files_create(desk->path, FILES_REPLACE, "the list", &desk->failure);
	assert_true(files_append(output, STR("new")));
	assert_int_equal(entries_of(desk->folder), 1);
	files_abandon(output);
	files_abandon(NULL);
	assert_int_equal(entries_of(desk->folder), 0);
}

/* As on a disk that is full. */
static void test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else(void **state)
{
	struct desk *desk = *state;
	static char large[4096];
	struct rlimit before, small;
	make_file(desk->path, 0600);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 512;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	int status = put(desk, desk->path, FILES_REPLACE, (struct str){ large, sizeof(large) });
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_DFL);
	assert_int_equal(status, -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_INTERNAL);
	assert_holds(desk->path, "old");
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_a_missing_folder_is_named(void **state)
{
	struct desk *desk = *state;
	char path[160];
	snprintf(path, sizeof(path), "%s/no/such/list", desk->folder);
	assert_int_equal(put(desk, path, FILES_REPLACE, STR("new")), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_string_equal(desk->failure.file, path);
	assert_non_null(strstr(desk->failure.text, "/no/such does not exist"));
}

static void test_a_folder_is_not_written_to(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(put(desk, desk->folder, FILES_REPLACE, STR("new")), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_int_equal(entries_of(desk->folder), 0);
}

static void test_an_input_is_not_written_over(void **state)
{
	struct desk *desk = *state;
	struct stat file;
	make_file(desk->path, 0600);
	assert_int_equal(link(desk->path, desk->other), 0);
	inputs_follow();
	assert_holds(desk->path, "old"); /* reads it */
	assert_int_equal(put(desk, desk->other, FILES_REPLACE, STR("new")), -1);
	assert_int_equal(desk->failure.kind, CPIS_FAILURE_CONFIGURATION);
	assert_non_null(strstr(desk->failure.text, "would overwrite an input"));
	/* One that something passed over is still an input of what read it before. */
	assert_int_equal(stat(desk->path, &file), 0);
	inputs_note(&file);
	inputs_pass_over(desk->path);
	assert_true(inputs_have(&file));
	inputs_pass_over(desk->path);
	assert_false(inputs_have(&file));
	inputs_note(&file);
	inputs_own(desk->path);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), 0);
	inputs_forget();
	assert_holds(desk->path, "new");
	assert_holds(desk->other, "old");
}

/* It may come to be one while its replacement is written. */
static void test_a_file_that_is_read_late_is_not_written_over(void **state)
{
	struct desk *desk = *state;
	make_file(desk->path, 0600);
	inputs_follow();
	struct files_output *output =
		files_create(desk->path, FILES_REPLACE, "the list", &desk->failure);
	assert_non_null(output);
	files_append(output, STR("new"));
	assert_holds(desk->path, "old");
	assert_int_equal(files_commit(output, &desk->failure), -1);
	inputs_forget();
	assert_holds(desk->path, "old");
	assert_int_equal(entries_of(desk->folder), 1);
}

static void test_many_inputs_are_known(void **state)
{
	(void)state;
	enum { MANY = 1000 };
	inputs_follow();
	for (ino_t i = 0; i < MANY; i++)
		inputs_note(&(struct stat){ .st_dev = i % 3, .st_ino = i, .st_mode = S_IFREG });
	for (ino_t i = 0; i < MANY; i++) {
		assert_true(inputs_have(&(struct stat){ .st_dev = i % 3, .st_ino = i }));
		assert_false(inputs_have(&(struct stat){ .st_dev = i % 3 + 1, .st_ino = i }));
	}
	inputs_forget();
	assert_false(inputs_have(&(struct stat){ .st_ino = 0 }));
}

static void test_a_link_to_nothing_is_refused(void **state)
{
	struct desk *desk = *state;
	assert_int_equal(symlink("nowhere", desk->path), 0);
	assert_int_equal(put(desk, desk->path, FILES_REPLACE, STR("new")), -1);
	assert_non_null(strstr(desk->failure.text, "a link to a file that does not exist"));
	assert_int_equal(entries_of(desk->folder), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_a_new_file_is_as_the_umask_says),
		TEST(test_a_name_without_a_folder_is_in_the_current_one),
		TEST(test_an_old_file_keeps_its_mode),
		TEST(test_an_old_file_keeps_its_owner),
		TEST(test_a_link_to_a_file_stays_a_link),
		TEST(test_a_device_and_a_link_to_one_are_written_to),
		TEST(test_a_fifo_gets_the_bytes_and_stays),
		TEST(test_a_full_device_is_a_failure),
		TEST(test_a_secret_is_for_its_owner_alone_whatever_the_umask),
		TEST(test_a_new_file_takes_no_name_that_is_in_use),
		TEST(test_a_new_file_takes_no_name_that_came_into_use),
		TEST(test_the_old_file_stays_until_the_new_one_is_complete),
		TEST(test_an_abandoned_file_leaves_nothing),
		TEST(test_a_write_that_breaks_off_leaves_the_old_file_and_nothing_else),
		TEST(test_a_missing_folder_is_named),
		TEST(test_a_folder_is_not_written_to),
		TEST(test_an_input_is_not_written_over),
		TEST(test_a_file_that_is_read_late_is_not_written_over),
		TEST(test_many_inputs_are_known),
		TEST(test_a_link_to_nothing_is_refused),
	};
	return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
