/* cpis_lint_pack_age: fixed times by which evidence that is made later would be judged otherwise.
 */
#include "compare/compare.h"
#include "cpis.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "pack/case.h"

#include <stdio.h>

struct aging {
	const struct pack *pack;
	long long now, until;
	void (*warn)(void *context, const struct cpis_failure *warning);
	void *context;
};

static void add_warning(const struct aging *aging, const char *path,
			const struct child_record *record, const struct moment *when,
			const char *what)
{
	struct cpis_failure warning = { .kind = CPIS_FAILURE_CONFIGURATION, .line = record->line };
	snprintf(warning.file, sizeof(warning.file), "%s", path);
	snprintf(warning.text, sizeof(warning.text),
		 "%s on %04d-%02d-%02d, whenever the evidence is made: write the time relative to "
		 "the day of keying, such as keyed + 90 days",
		 what, when->year, when->month, when->day);
	aging->warn(aging->context, &warning);
}

static bool is_fixed(struct str time, struct moment *when)
{
	if (!time.n || when_anchor_of(time.p) != WHEN_FIXED)
		return false;
	*when = moment_of(time);
	return when->ok;
}

static bool comes(const struct aging *aging, const struct moment *when)
{
	return when->seconds > aging->now && when->seconds <= aging->until;
}

/* One warning for a record is enough. */
static void look(const struct aging *aging, const char *path, const struct child_record *record)
{
	struct moment when;
	if (record->subject == SUBJECT_CHILD && is_fixed(record->birth, &when)) {
		struct moment birthday = moment_18th_birthday(&when);
		if (comes(aging, &birthday)) {
			add_warning(aging, path, record, &birthday, "this child becomes 18");
			return;
		}
	}
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct child_plan *plan = &record->plans[i];
		const struct {
			struct str time;
			const char *what;
		} times[] = { { plan->start, "a plan starts" },
			      { plan->end, "a plan ends" },
			      { plan->deleted, "a plan is deleted" } };
		for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
			if (is_fixed(times[k].time, &when) && comes(aging, &when)) {
				add_warning(aging, path, record, &when, times[k].what);
				return;
			}
	}
}

/* The data set that evidence of the case is compared with; NULL: there is none. */
static const char *data_of(const struct pack_case *test)
{
	const struct pack_records *records = test->expect ? test->expect->records : NULL;
	if (!records || (!test->evidence.text && !test->evidence_request.text))
		return NULL;
	const char *name = records->from.text ? records->from.text : test->given.text;
	return name && dataset_is_yaml(name) ? name : NULL;
}

static bool was_looked_at(const struct pack *pack, size_t place, const char *name)
{
	for (size_t i = 0; i < place; i++) {
		const char *other = data_of(&pack->cases[i]);
		if (other && strcmp(other, name) == 0)
			return true;
	}
	return false;
}

static void look_at_all(const struct aging *aging, struct problems *problems)
{
	const struct pack *pack = aging->pack;
	struct arena arena;
	arena_init(&arena);
	for (size_t i = 0; i < pack->case_count; i++) {
		struct child_records records = { 0 };
		const char *name = data_of(&pack->cases[i]);
		const char *path = name && !was_looked_at(pack, i, name)
					   ? arena_printf(&arena, "%s%s", pack->folder, name)
					   : NULL;
		if (!path || dataset_read(&records, &arena, path, problems) != 0)
			continue;
		for (size_t k = 0; k < records.count; k++)
			look(aging, path, &records.items[k]);
	}
	if (arena.failed)
		problem_add_internal(problems, pack->file, "out of memory");
	arena_release(&arena);
}

int cpis_lint_pack_age(const char *path, long long now, long long until,
		       void (*warning)(void *context, const struct cpis_failure *warning),
		       void *context, struct cpis_failure *failure)
{
	struct problems problems;
	if (engine_setup() != 0)
		return failure_out_of_memory(failure);
	problems_init(&problems);
	struct pack *pack = pack_load(path, false, &problems);
	const struct aging aging = { pack, now, until, warning, context };
	if (pack && !problems_any(&problems))
		look_at_all(&aging, &problems);
	pack_free(pack);
	return problems_close(&problems, NULL, NULL, failure);
}
