/* The days that times of data sets and expectations are relative to: that of keying, which the
 * evidence gives in keyed.yaml, or the pack for messages of its own, and that of the message. */
#include "config/value.h"
#include "config/when.h"
#include "diag/failure.h"
#include "pack/case.h"
#include "pack/evidence.h"

struct keyed {
	struct config_place place;
	struct config_text keyed, by;
};

static const struct field keyed_fields[] = {
	{ "keyed", FIELD_TEXT, .required = true, .check = value_is_date,
	  .offset = offsetof(struct keyed, keyed) },
	{ "by", FIELD_TEXT, .offset = offsetof(struct keyed, by) },
};

const struct mapping keyed_mapping = {
	.what = "a day of keying",
	.bytes = sizeof(struct keyed),
	FIELDS(keyed_fields),
};

static void read_file(struct pack_session *session, const struct evidence_file *file,
		      struct keyed *keyed, struct problems *problems)
{
	const struct loader loader = { &session->scratch, file->name, problems, false };
	struct buf bytes;
	char why[256];
	buf_init(&bytes, 1 << 24);
	if (evidence_read(file, &bytes, why, sizeof(why))) {
		struct yaml_node *root =
			yaml_read(&session->scratch, file->name, buf_view(&bytes), problems);
		if (root)
			load_mapping(&loader, &keyed_mapping, root, keyed);
	} else {
		problem_add(problems, file->name, (struct config_place){ 0, 0 },
			    "cannot be read: %s", why);
	}
	buf_release(&bytes);
}

static void check_day(const struct pack_session *session, const struct config_text *day,
		      struct problems *problems)
{
	const long long now = session->results->options.now;
	if (now && value_date_start(day->text) > now)
		problem_add(problems, KEYED_FILE, day->place,
			    "the data was keyed on %s, which is after the date of the run",
			    day->text);
}

int keyed_read(struct pack_session *session, struct cpis_failure *failure)
{
	const struct evidence *evidence = session->evidence;
	struct problems problems;
	problems_init(&problems);
	for (size_t i = 0; evidence && i < evidence->count; i++) {
		struct keyed keyed = { 0 };
		if (strcmp(evidence->items[i].name, KEYED_FILE) != 0)
			continue;
		read_file(session, &evidence->items[i], &keyed, &problems);
		if (problems_any(&problems))
			break;
		check_day(session, &keyed.keyed, &problems);
		session->keyed = keyed.keyed;
	}
	return problems_close(&problems, session->options->problem, session->options->context,
			      failure);
}

struct when_days case_days(const struct case_run *run, const char *made)
{
	const struct pack_session *session = run->session;
	const struct config_text *keyed =
		case_has_slot(run->test) ? &session->keyed : &session->pack->keyed;
	struct when_days days = { "", "" };
	if (keyed->text)
		when_set_day(days.keyed, keyed->text);
	memcpy(days.message, made, sizeof(days.message));
	return days;
}

void case_day_is_unknown(struct case_run *run, enum when_anchor anchor)
{
	if (anchor == WHEN_MESSAGE)
		case_fault(run, "the message does not say when it was made, and times that are "
				"expected are relative to that");
	else
		case_unjudged(run, "the evidence has no " KEYED_FILE
				   ", which says on which day the data was entered");
}

void check_days(const struct pack *pack, const struct pack_case *test,
		const struct child_records *records, struct problems *problems)
{
	const struct pack_expect *expect = test->expect;
	const struct config_text *relative = NULL;
	if (pack->keyed.text || !expect || case_has_slot(test))
		return;
	if (expect->records && records && records->relative & WHEN_KEYED)
		relative = expect->records->from.text ? &expect->records->from : &test->given;
	for (size_t i = 0; i < expect->assert_count; i++) {
		const struct pack_assert *assert = &expect->asserts[i];
		const struct config_text *const times[] = { &assert->on, &assert->not_before,
							    &assert->not_after };
		for (size_t k = 0; k < sizeof(times) / sizeof(times[0]); k++)
			if (times[k]->text && when_anchor_of(times[k]->text) == WHEN_KEYED)
				relative = times[k];
	}
	if (relative)
		problem_add(problems, pack->file, relative->place,
			    "'%s' is relative to the day of keying: the pack must give it for its "
			    "own messages, as 'keyed: 2026-10-11'",
			    relative->text);
}
