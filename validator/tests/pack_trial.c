#include "pack_trial.h"

#include "diag/results.h"
#include "base/files.h"

#include <dirent.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

const long long pack_trial_now = 1793491200;

static void note(void *context, const struct cpis_failure *problem)
{
	buf_printf(context, "%zu:%zu: %s\n", problem->line, problem->column, problem->text);
}

void pack_trial_write(const struct pack_trial *trial, const char *name, const char *text)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", trial->folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* Copies, because a pack may not lead out of its folder. */
static void copy_messages(const struct pack_trial *trial)
{
	DIR *messages = opendir("testcases/messages");
	assert_non_null(messages);
	pack_trial_folder(trial, "messages");
	for (const struct dirent *entry; (entry = readdir(messages));) {
		char name[300], from[320];
		struct stat info;
		snprintf(name, sizeof(name), "messages/%.255s", entry->d_name);
		snprintf(from, sizeof(from), "testcases/%s", name);
		if (stat(from, &info) == 0 && S_ISREG(info.st_mode))
			pack_trial_copy(trial, name, from);
	}
	closedir(messages);
}

void pack_trial_begin(struct pack_trial *trial)
{
	*trial = (struct pack_trial){ .folder = "/var/tmp/cpis-pack-XXXXXX" };
	assert_non_null(mkdtemp(trial->folder));
	copy_messages(trial);
	buf_init(&trial->problems, 1 << 20);
	trial->options.problem = note;
	trial->options.context = &trial->problems;
	const struct cpis_options options = { .now = pack_trial_now };
	assert_int_equal(cpis_results_new(&trial->opaque, &options, &trial->failure), 0);
	trial->results = (struct results *)(void *)trial->opaque;
}

void pack_trial_run(struct pack_trial *trial, const char *yaml)
{
	pack_trial_write(trial, "pack.yaml", yaml);
	trial->status =
		cpis_run_pack(trial->opaque, trial->folder, &trial->options, &trial->failure);
}

void pack_trial_folder(const struct pack_trial *trial, const char *name)
{
	char path[512];
	snprintf(path, sizeof(path), "%s/%s", trial->folder, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

void pack_trial_copy(const struct pack_trial *trial, const char *name, const char *from)
{
	struct buf bytes;
	char why[128];
	buf_init(&bytes, 1 << 24);
	assert_true(files_read(from, &bytes, why, sizeof(why)));
	pack_trial_write(trial, name, bytes.p);
	buf_release(&bytes);
}

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status, (void)kind, (void)walk;
	return remove(path);
}

void pack_trial_end(struct pack_trial *trial)
{
	cpis_results_free(trial->opaque);
	buf_release(&trial->problems);
	assert_int_equal(nftw(trial->folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS), 0);
}
