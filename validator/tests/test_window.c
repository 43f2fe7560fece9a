/* A window over a mapped file: every byte is the file's, at every time, wherever pieces lie. */
#include "base/window.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

enum { BYTES = 18 * WINDOW_PIECE_BYTES + 12345, STEP = 32 * 1024 };

static struct trial {
	int file;
	char *mapped;
	struct window *window;
	atomic_size_t at, kept; /* where one thread is; from where on the other one reads */
} trial;

/* What the file holds at a place; no two pieces are alike. */
static char byte_at(size_t at)
{
	return (char)(at * 2654435761u >> 13 ^ at / WINDOW_PIECE_BYTES);
}

static int setup(void **state)
{
	(void)state;
	trial = (struct trial){ .file = open("/tmp", O_TMPFILE | O_RDWR, 0600) };
	char *bytes = malloc(BYTES);
	for (size_t i = 0; bytes && i < BYTES; i++)
		bytes[i] = byte_at(i);
	bool written = bytes && trial.file >= 0 && write(trial.file, bytes, BYTES) == BYTES;
	free(bytes);
	trial.mapped = window_reserve(BYTES + 1);
	if (!written || !trial.mapped ||
	    mmap(trial.mapped, BYTES, PROT_READ, MAP_PRIVATE | MAP_FIXED, trial.file, 0) ==
		    MAP_FAILED)
		return -1;
	trial.window = window_open(trial.mapped, BYTES, trial.file);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	window_close(trial.window);
	munmap(trial.mapped, BYTES + 1);
	close(trial.file);
	return 0;
}

static bool is_right(size_t from, size_t to)
{
	for (size_t i = from; i < to && i < BYTES; i += 511)
		if (trial.mapped[i] != byte_at(i))
			return false;
	return true;
}

/* Not every system can move pages. */
static bool has_window(void)
{
	return trial.window != NULL;
}

static void test_what_is_read_is_the_file(void **state)
{
	(void)state;
	if (!has_window())
		skip();
	for (size_t at = 0; at < BYTES; at += STEP) {
		enum window_state lies = window_follow(trial.window, at);
		assert_true(lies == WINDOW_LIES || lies == WINDOW_OFF);
		assert_true(is_right(at, at + 2 * STEP));
		assert_true(is_right(at + WINDOW_PIECE_BYTES, at + WINDOW_PIECE_BYTES + STEP));
		assert_true(is_right(at < BYTES / 2 ? 0 : at / 2,
				     (at < BYTES / 2 ? 0 : at / 2) + STEP));
	}
	assert_true(is_right(0, BYTES));
	assert_int_equal(trial.mapped[BYTES], '\0');
}

static void test_pieces_may_be_passed_over(void **state)
{
	(void)state;
	if (!has_window())
		skip();
	const size_t steps[] = { 0, 1, 100, 2, 3 * WINDOW_PIECE_BYTES, STEP, WINDOW_PIECE_BYTES };
	for (size_t i = 0, at = 0; at < BYTES; at += steps[i++ % 7]) {
		window_follow(trial.window, at);
		assert_true(is_right(0, BYTES));
	}
}

/* A piece that lies is a copy: what is written to the file meanwhile shows when it was taken back.
 */
static void test_pieces_lie_and_are_taken_back(void **state)
{
	(void)state;
	if (!has_window())
		skip();
	const size_t at = 1 * WINDOW_PIECE_BYTES + 511;
	const char other = (char)~byte_at(at);
	if (window_follow(trial.window, 0) == WINDOW_OFF)
		skip();
	assert_int_equal(pwrite(trial.file, &other, 1, (off_t)at), 1);
	assert_int_equal(trial.mapped[at], byte_at(at));
	assert_int_equal(window_follow(trial.window, WINDOW_PIECE_BYTES), WINDOW_LIES);
	assert_int_equal(trial.mapped[at], byte_at(at));
	assert_int_equal(window_follow(trial.window, 2 * WINDOW_PIECE_BYTES), WINDOW_LIES);
	assert_int_equal(trial.mapped[at], other);
}

static void *read_ahead(void *wrong)
{
	size_t faults = 0, at;
	while ((at = atomic_load(&trial.at)) < BYTES) {
		atomic_store(&trial.kept, at);
		for (size_t ahead = 0; ahead < 3; ahead++)
			faults += !is_right(at + ahead * WINDOW_PIECE_BYTES / 2,
					    at + ahead * WINDOW_PIECE_BYTES / 2 + STEP);
	}
	*(size_t *)wrong = faults;
	return NULL;
}

static void test_another_thread_reads_meanwhile(void **state)
{
	(void)state;
	if (!has_window())
		skip();
	pthread_t thread;
	size_t wrong = 0;
	atomic_store(&trial.at, 0);
	atomic_store(&trial.kept, 0);
	assert_int_equal(pthread_create(&thread, NULL, read_ahead, &wrong), 0);
	for (size_t at = 0; at < BYTES; at += STEP / 4) {
		atomic_store(&trial.at, at);
		/* However long the other thread is stopped: it reads nothing before what it keeps.
		 */
		while (at > atomic_load(&trial.kept) + WINDOW_PIECE_BYTES)
			sched_yield();
		window_follow(trial.window, atomic_load(&trial.kept));
	}
	atomic_store(&trial.at, BYTES);
	pthread_join(thread, NULL);
	assert_int_equal(wrong, 0);
}

static void test_a_file_that_becomes_shorter_is_told(void **state)
{
	(void)state;
	if (!has_window())
		skip();
	enum window_state lies = window_follow(trial.window, WINDOW_PIECE_BYTES);
	if (lies == WINDOW_OFF)
		skip();
	assert_int_equal(ftruncate(trial.file, 3 * WINDOW_PIECE_BYTES + 100), 0);
	assert_int_equal(window_follow(trial.window, 2 * WINDOW_PIECE_BYTES), WINDOW_CUT);
	assert_int_equal(window_follow(trial.window, 3 * WINDOW_PIECE_BYTES), WINDOW_CUT);
	assert_true(is_right(0, 3 * WINDOW_PIECE_BYTES));
}

static void test_a_small_file_has_none(void **state)
{
	(void)state;
	assert_null(window_open(trial.mapped, 3 * WINDOW_PIECE_BYTES, trial.file));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_is_read_is_the_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces_may_be_passed_over, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pieces_lie_and_are_taken_back, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_another_thread_reads_meanwhile, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_file_that_becomes_shorter_is_told, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_a_small_file_has_none, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
