#include "pack/records.h"

#include "compare/dataset.h"
#include "compare/difference.h"

enum { MOST_TOLD = 10 };

static const char *from(const struct pack_case *test)
{
	const struct pack_records *records = test->expect->records;
	return records->from.text ? records->from.text : test->given.text;
}

static void tell(struct case_run *run, const struct comparison *comparison)
{
	struct pack_session *session = run->session;
	for (size_t i = 0; i < comparison->difference_count && i < MOST_TOLD; i++) {
		struct buf words;
		buf_init(&words, 1 << 20);
		difference_describe(session->results->masker, &session->scratch,
				    &comparison->differences[i], &words);
		case_fault(run, "%s", words.p ? words.p : "out of memory");
		buf_release(&words);
	}
	if (comparison->difference_count > MOST_TOLD)
		case_fault(run, "and %zu more records differ",
			   comparison->difference_count - MOST_TOLD);
}

void records_check(struct case_run *run, const struct judged *judged)
{
	struct arena *scratch = &run->session->scratch;
	struct child_records expected = { 0 }, found = { 0 };
	struct comparison comparison;
	struct cpis_failure failure;
	struct problems problems;
	problems_init(&problems);
	const char *path =
		arena_printf(scratch, "%s%s", run->session->pack->folder, from(run->test));
	if (!path || dataset_read(&expected, scratch, path, &problems) != 0)
		case_fault(run, "'%s' cannot be used: %s", from(run->test),
			   problems.count ? problems.items[0].text : "out of memory");
	else if (dataset_of_message(&found, scratch, judged->bytes, &failure) != 0)
		case_fault(run, "its records cannot be compared: %s", failure.text);
	else if (records_compare(scratch, &expected, &found,
				 (enum record_match)run->test->expect->records->match.value,
				 &comparison) != 0)
		case_fault(run, "its records cannot be compared: out of memory");
	else
		tell(run, &comparison);
	problems_release(&problems);
}

void records_describe(const struct pack_case *test, struct buf *out)
{
	bool exact = test->expect->records->match.value == MATCH_EXACT;
	buf_printf(out, "; records %s %s", exact ? "exactly as in" : "that contain those of",
		   from(test));
}
