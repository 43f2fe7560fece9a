/* cpis_ledger: replay what an authority sent and received, and report what it comes to. */
#include "cpis_service.h"

#include "base/calendar.h"
#include "base/files.h"
#include "diag/failure.h"
#include "ledger/ledger.h"
#include "rules/catalogue.h"

#include <stdio.h>

static void note(struct ledger *ledger, struct unread **list, size_t *count, size_t *room,
		 const char *path, const char *why)
{
	struct unread *grown = list_grown_in(&ledger->arena, *list, *count, room, sizeof(*grown));
	if (!grown)
		return;
	*list = grown;
	grown[(*count)++] = (struct unread){ arena_copy(&ledger->arena, str_of(path)),
					     arena_copy(&ledger->arena, str_of(why)) };
}

static void note_unread(void *context, const char *path, const char *why)
{
	struct ledger *ledger = context;
	note(ledger, &ledger->unread, &ledger->unread_count, &ledger->unread_room, path, why);
}

static void note_skipped(void *context, const char *path, const char *why)
{
	struct ledger *ledger = context;
	note(ledger, &ledger->skipped, &ledger->skipped_count, &ledger->skipped_room, path, why);
}

/* What an index holds is read again only where all of it can be. */
static int keep_all_read(const struct ledger *ledger, const char *index,
			 struct cpis_failure *failure)
{
	size_t gone = ledger->read.not_given, lost = ledger->index.lost_sources;
	if (lost)
		return failure_of_file(failure, index,
				       "is an index that lost the name%s of %zu file%s that %s "
				       "read for it: begin a new index",
				       lost == 1 ? "" : "s", lost, lost == 1 ? "" : "s",
				       lost == 1 ? "was" : "were");
	if (gone == 0)
		return 0;
	return failure_of_file(
		failure, index, "%s, and %zu %s read for it %s not among these: begin a new index",
		ledger->index.doubt ? ledger->index.doubt : "has a file that changed since", gone,
		gone == 1 ? "file that was" : "files that were", gone == 1 ? "is" : "are");
}

/* A file that changed after it was read makes all that was worked out from it doubtful. */
static int read_all(struct ledger *ledger, const char *const *paths, size_t count,
		    const char *index, struct cpis_failure *failure)
{
	bool changed = false;
	if (index_read(&ledger->index, paths, count, &changed, &ledger->read, note_skipped, ledger,
		       failure) != 0)
		return -1;
	if (changed || ledger->index.doubt) {
		if (keep_all_read(ledger, index, failure) != 0)
			return -1;
		ledger->read = (struct index_counts){ 0 };
		if (index_reset(&ledger->index, failure) != 0 ||
		    index_read(&ledger->index, paths, count, &changed, &ledger->read, note_skipped,
			       ledger, failure) != 0)
			return -1;
	}
	return index_each_unread(&ledger->index, note_unread, ledger, failure);
}

static enum cpis_verdict verdict_of(const struct ledger *ledger, enum cpis_fail_on fail_on)
{
	enum cpis_severity least = fail_on == CPIS_FAIL_ON_WARNING ? CPIS_WARNING : CPIS_ERROR;
	if (ledger->compared && ledger->comparison.difference_count)
		return CPIS_FAIL;
	for (size_t i = 0; fail_on != CPIS_FAIL_ON_NEVER && i < ledger->finding_count; i++)
		if (ledger->findings[i].rule->severity >= least)
			return CPIS_FAIL;
	/* Without an upload nothing was replayed: it must not pass as if all were well. */
	return ledger->unread_count || !ledger->counts.uploads ? CPIS_INCOMPLETE : CPIS_PASS;
}

/* Where a report goes. */
struct destination {
	struct files_output *file; /* NULL: standard output, or the caller's function */
	cpis_write write;
	void *context;
};

static bool put(void *context, struct str bytes)
{
	const struct destination *to = context;
	if (to->file)
		return files_append(to->file, bytes);
	if (to->write)
		return to->write(to->context, bytes.p, bytes.n) == 0;
	return fwrite(bytes.p, 1, bytes.n, stdout) == bytes.n;
}

static int finish(struct destination *to, bool failed, struct cpis_failure *failure)
{
	if (to->file)
		return files_commit(to->file, failure);
	if (failed || (!to->write && fflush(stdout) != 0))
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the ledger could not be written");
	return 0;
}

/* path NULL: to what the destination says. */
static int write_report(struct ledger_report report, const char *format, const char *path,
			struct destination to, struct cpis_failure *failure)
{
	if (path && !to.write)
		to.file = files_create(path, FILES_REPLACE, "the ledger", failure);
	int status = path && !to.write && !to.file ? -1 : 0;
	report.flush = put;
	report.context = &to;
	arena_init(&report.arena);
	buf_init(&report.buf, SIZE_MAX / 2);
	if (status == 0)
		status = ledger_write(&report, format ? format : "text", failure);
	if (status == 0)
		status = finish(&to, report.failed, failure);
	else
		files_abandon(to.file);
	buf_release(&report.buf);
	arena_release(&report.arena);
	return status;
}

/* A person has the same token in all of them. One that cannot be written does not keep the others
 * from being written: the first failure counts. */
static int write_reports(struct ledger *ledger, const struct cpis_ledger_options *options,
			 enum cpis_verdict verdict, struct cpis_failure *failure)
{
	const struct destination to = { .write = options->write,
					.context = options->write_context };
	const struct ledger_report report = {
		.ledger = ledger,
		.verdict = verdict,
		.all = options->all != 0,
		.masker = masker_new(options->show_values),
	};
	struct cpis_failure other;
	if (!report.masker)
		return failure_out_of_memory(failure);
	int status = write_report(report, options->format, options->path, to, failure);
	for (size_t i = 0; i < options->file_count; i++)
		if (write_report(report, options->files[i].format, options->files[i].path,
				 (struct destination){ 0 }, status ? &other : failure) != 0)
			status = -1;
	masker_free(report.masker);
	return status;
}

static int compare(struct ledger *ledger, const struct cpis_ledger_options *options,
		   struct cpis_failure *failure)
{
	struct problems problems;
	problems_init(&problems);
	int status = expected_compare(ledger, options->expected, &problems, failure);
	if (problems_close(&problems, options->problem, options->context,
			   status == 0 ? failure : &(struct cpis_failure){ 0 }) != 0)
		status = -1;
	return status;
}

/* A folder of no messages is a wrong folder: it must not pass as one in which all is well. */
static int require_messages(const struct ledger *ledger, const char *path,
			    struct cpis_failure *failure)
{
	const struct ledger_counts *counts = &ledger->counts;
	if (ledger->unread_count || counts->uploads || counts->answers || counts->notices ||
	    counts->accesses || counts->queries || counts->responses)
		return 0;
	return failure_of_file(failure, path, "no messages found");
}

/* The last second of a day is that of a day in the United Kingdom, which in summer is an hour
 * earlier. */
static long long end_of_uk_day(long long at)
{
	struct moment utc = moment_of_seconds(at);
	return at % DAY_SECONDS == DAY_SECONDS - 1 ? at - (moment_by_uk_clock(&utc).seconds - at)
						   : at;
}

/* One so large would not fit a thread's stack. */
static int make(struct ledger *ledger, const char *const *paths, size_t count,
		const struct cpis_ledger_options *options, enum cpis_verdict *verdict,
		struct cpis_failure *failure)
{
	ledger->at = end_of_uk_day(options->at ? options->at : options->now);
	ledger->since = options->since;
	if (index_open(&ledger->index, options->index, failure) != 0)
		return -1;
	int status = read_all(ledger, paths, count, options->index, failure);
	if (status == 0)
		status = causes_find(ledger, failure);
	if (status == 0)
		status = require_messages(ledger, count ? paths[0] : "", failure);
	if (status == 0 && options->expected)
		status = compare(ledger, options, failure);
	if (status == 0)
		*verdict = verdict_of(ledger, options->fail_on);
	if (status == 0 && !options->quiet)
		status = write_reports(ledger, options, *verdict, failure);
	index_close(&ledger->index);
	return status;
}

int cpis_ledger(const char *const *paths, size_t count, const struct cpis_ledger_options *options,
		enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct arena arena;
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (!options->at && !options->now)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "a ledger needs the day that it is of: at or now");
	arena_init(&arena);
	struct ledger *ledger = arena_alloc(&arena, sizeof(*ledger));
	int status = -1;
	if (ledger) {
		arena_init(&ledger->arena);
		status = make(ledger, paths, count, options, verdict, failure);
		arena_release(&ledger->arena);
	} else {
		failure_out_of_memory(failure);
	}
	arena_release(&arena);
	return status;
}
