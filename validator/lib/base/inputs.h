/*
 * inputs.h - files by device and number, so that each is one file whatever its names; and those
 * that this process has read as inputs, so that none is written over.
 *
 * Whatever reads a file notes it (files_read, source_open and the few others that open one);
 * whatever writes one asks (files_create). Only the program follows its inputs, in commands that
 * end: a library must not say what its caller may write, and in what runs on for days the system
 * gives numbers of files again.
 */
#ifndef CPIS_BASE_INPUTS_H
#define CPIS_BASE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct file_row {
	dev_t device;
	ino_t number;
	bool used; /* else it is free, and this is where the file belongs */
	bool own;  /* this and the value are the caller's */
	size_t value;
};

/* Starts zeroed. */
struct file_table {
	struct file_row *rows; /* of open addresses, at most half full */
	size_t count, room;
};

/* The row of a file; NULL: it is not there. */
const struct file_row *file_table_find(const struct file_table *table, const struct stat *file);
/* The same, added where it is not there: zeroed, but for the file. NULL when out of memory. Earlier
 * pointers into the table die. */
struct file_row *file_table_add(struct file_table *table, const struct stat *file);
void file_table_release(struct file_table *table);

/* The inputs of the process */

/* From now on, from none. Not while files are read. */
void inputs_follow(void);
/* No longer. Not while files are read. */
void inputs_forget(void);

/* This file is read. What is not a regular file is not noted. Any thread. */
void inputs_note(const struct stat *file);
/* The same, of an open file. */
void inputs_note_open(int fd);
/* The file at this path is read to be written anew, and is not an input: a message that is fixed.
 * One that is not there is nothing to note. */
void inputs_own(const char *path);
/* The file at this path was noted, and is not an input after all: a file of a folder that is passed
 * over. It stays one where something else has read it too. */
void inputs_pass_over(const char *path);
/* Whether this file is an input: it was read, and not to be written anew. Any thread. */
bool inputs_have(const struct stat *file);

#endif
