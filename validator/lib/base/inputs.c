#include "base/inputs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

enum { FIRST_ROOM = 64 }; /* a power of two */

static struct file_row *place_of(struct file_row *rows, size_t room, dev_t device, ino_t number)
{
	uint64_t mixed = ((uint64_t)number ^ (uint64_t)device << 32) * 0x9e3779b97f4a7c15u;
	size_t at = (size_t)(mixed >> 32) & (room - 1);
	while (rows[at].used && (rows[at].device != device || rows[at].number != number))
		at = (at + 1) & (room - 1);
	return &rows[at];
}

static bool grow(struct file_table *table)
{
	size_t room = table->room ? 2 * table->room : FIRST_ROOM;
	struct file_row *rows = calloc(room, sizeof(*rows));
	if (!rows)
		return false;
	for (size_t i = 0; i < table->room; i++) {
		const struct file_row *row = &table->rows[i];
		if (row->used)
			*place_of(rows, room, row->device, row->number) = *row;
	}
	free(table->rows);
	table->rows = rows;
	table->room = room;
	return true;
}

const struct file_row *file_table_find(const struct file_table *table, const struct stat *file)
{
	if (!table->room)
		return NULL;
	const struct file_row *row = place_of(table->rows, table->room, file->st_dev, file->st_ino);
	return row->used ? row : NULL;
}

struct file_row *file_table_add(struct file_table *table, const struct stat *file)
{
	if (2 * (table->count + 1) > table->room && !grow(table))
		return NULL;
	struct file_row *row = place_of(table->rows, table->room, file->st_dev, file->st_ino);
	if (!row->used)
		*row = (struct file_row){ file->st_dev, file->st_ino, .used = true };
	else
		return row;
	table->count++;
	return row;
}

void file_table_release(struct file_table *table)
{
	free(table->rows);
	*table = (struct file_table){ 0 };
}

/* The value of a row: how often the file was noted, and not passed over. own: inputs_own. */
static struct {
	pthread_mutex_t mutex;
	atomic_bool follows; /* read without the mutex */
	bool is_lost;	     /* there was no memory for one of them */
	struct file_table files;
} inputs = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static void start_over(bool follows)
{
	pthread_mutex_lock(&inputs.mutex);
	file_table_release(&inputs.files);
	inputs.is_lost = false;
	inputs.follows = follows;
	pthread_mutex_unlock(&inputs.mutex);
}

void inputs_follow(void)
{
	start_over(true);
}

void inputs_forget(void)
{
	start_over(false);
}

enum change { NOTE, OWN, PASS_OVER };

static void take(const struct stat *file, enum change change)
{
	pthread_mutex_lock(&inputs.mutex);
	struct file_row *row = file_table_add(&inputs.files, file);
	inputs.is_lost = inputs.is_lost || !row;
	if (row && change == NOTE)
		row->value++;
	else if (row && change == OWN)
		row->own = true;
	else if (row && row->value)
		row->value--;
	pthread_mutex_unlock(&inputs.mutex);
}

static void take_path(const char *path, enum change change)
{
	struct stat file;
	if (inputs.follows && stat(path, &file) == 0)
		take(&file, change);
}

void inputs_note(const struct stat *file)
{
	if (inputs.follows && S_ISREG(file->st_mode))
		take(file, NOTE);
}

void inputs_note_open(int fd)
{
	struct stat file;
	if (inputs.follows && fstat(fd, &file) == 0)
		inputs_note(&file);
}

void inputs_own(const char *path)
{
	take_path(path, OWN);
}

void inputs_pass_over(const char *path)
{
	take_path(path, PASS_OVER);
}

bool inputs_have(const struct stat *file)
{
	pthread_mutex_lock(&inputs.mutex);
	const struct file_row *row = file_table_find(&inputs.files, file);
	/* Where one could not be noted, each may be it. */
	bool have = inputs.is_lost || (row && row->value && !row->own);
	pthread_mutex_unlock(&inputs.mutex);
	return have;
}
