/* What people answered to the manual questions of a pack: answers.yaml in the evidence. */
#include "base/near.h"
#include "config/value.h"
#include "diag/failure.h"
#include "pack/case.h"
#include "pack/evidence.h"

#include <stdio.h>

static const char *const answers[] = { [ANSWER_PASS] = "pass", [ANSWER_FAIL] = "fail", NULL };
static const char *const roles[] = {
	[ROLE_SUPPLIER] = "supplier",
	[ROLE_ASSESSOR] = "assessor",
	NULL,
};

static const struct field answer_fields[] = {
	{ "case", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_answer, case_id) },
	{ "pack", FIELD_TEXT, .offset = offsetof(struct pack_answer, pack) },
	{ "answer", FIELD_CHOICE, .required = true, .choices = answers,
	  .offset = offsetof(struct pack_answer, answer) },
	{ "by", FIELD_TEXT, .required = true, .offset = offsetof(struct pack_answer, by) },
	{ "role", FIELD_CHOICE, .choices = roles, .offset = offsetof(struct pack_answer, role) },
	{ "on", FIELD_TEXT, .required = true, .check = value_is_date,
	  .offset = offsetof(struct pack_answer, on) },
	{ "note", FIELD_TEXT, .offset = offsetof(struct pack_answer, note) },
	{ "attachment", FIELD_TEXT, .check = value_is_slot,
	  .offset = offsetof(struct pack_answer, attachment) },
};

const struct mapping answer_mapping = {
	.what = "an answer",
	.bytes = sizeof(struct pack_answer),
	FIELDS(answer_fields),
};

const char *answer_role(const struct pack_answer *answer)
{
	return roles[answer->role.value];
}

static bool is_of(const struct pack_answer *answer, const struct pack *pack)
{
	return !answer->pack.text || strcmp(answer->pack.text, pack->name.text) == 0;
}

bool answer_is_of(const struct pack_answer *answer, const struct pack *pack,
		  const struct pack_case *test)
{
	return is_of(answer, pack) && strcmp(answer->case_id.text, test->id.text) == 0;
}

/* The answers while they are checked. */
struct checking {
	const struct pack_session *session;
	const char *path;
	struct problems *problems;
};

static const struct pack_case *find_case(const struct pack *pack, const char *id, struct near *near)
{
	for (size_t i = 0; i < pack->case_count; i++) {
		if (!pack->cases[i].id.text)
			continue;
		if (strcmp(pack->cases[i].id.text, id) == 0)
			return &pack->cases[i];
		if (pack->cases[i].manual)
			near_offer(near, pack->cases[i].id.text);
	}
	return NULL;
}

/* An answer to one question, of this pack or of another pack of the run. */
static void check_case(const struct checking *checking, const struct pack_answer *answer)
{
	const struct pack_session *session = checking->session;
	const struct config_text *id = &answer->case_id;
	/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): it is in the answer */
	struct near near = near_start(str_of(id->text));
	char hint[128];
	const struct pack *asking = NULL;
	bool known = false, named = false;
	for (size_t i = 0; i < session->pack_count; i++) {
		const struct pack *pack = session->packs[i];
		const struct pack_case *test = NULL;
		if (!pack->name.text || !is_of(answer, pack))
			continue;
		named = true;
		test = find_case(pack, id->text, &near);
		known = known || test;
		if (!test || !test->manual)
			continue;
		if (asking && strcmp(asking->name.text, pack->name.text) != 0)
			problem_add(checking->problems, checking->path, id->place,
				    "'%s' is a question of the packs '%s' and '%s': say of which "
				    "with 'pack'",
				    id->text, asking->name.text, pack->name.text);
		asking = pack;
	}
	if (asking)
		return;
	if (!named)
		problem_add(checking->problems, checking->path, answer->pack.place,
			    "the run has no pack '%s'", answer->pack.text);
	else if (known)
		problem_add(checking->problems, checking->path, id->place,
			    "the case '%s' asks no question: it has no 'manual'", id->text);
	else
		problem_add(checking->problems, checking->path, id->place, "no case '%s'%s",
			    id->text, problem_hint(&near, hint, sizeof(hint)));
}

static void check_dates(const struct checking *checking, const struct pack_answer *answer)
{
	const struct pack_session *session = checking->session;
	long long end = value_date_end(answer->on.text), now = session->results->options.now;
	if (now && value_date_start(answer->on.text) > now)
		problem_add(checking->problems, checking->path, answer->on.place,
			    "the answer is of %s, which is after the date of the run",
			    answer->on.text);
	if (session->not_before && end <= session->not_before)
		problem_add(checking->problems, checking->path, answer->on.place,
			    "the answer is of %s, which is too old for this run", answer->on.text);
}

/* One answer by each role, so that nothing depends on their order. */
static void check_repeated(const struct checking *checking, size_t place)
{
	const struct pack_answer *list = checking->session->answers, *answer = &list[place];
	for (size_t i = 0; i < place; i++) {
		const char *a = list[i].pack.text, *b = answer->pack.text;
		if (!list[i].case_id.text || (a && b && strcmp(a, b) != 0) ||
		    strcmp(list[i].case_id.text, answer->case_id.text) != 0 ||
		    list[i].role.value != answer->role.value)
			continue;
		problem_add(checking->problems, checking->path, answer->case_id.place,
			    "the %s answers '%s' twice%s: the other answer is on line %zu",
			    answer_role(answer), answer->case_id.text,
			    list[i].answer.value == answer->answer.value ? "" : ", and differently",
			    list[i].place.line);
		return;
	}
}

const struct evidence_file *answer_attachment(const struct pack_session *session,
					      const struct pack_answer *answer)
{
	for (size_t i = 0; i < session->evidence->count; i++)
		if (strcmp(session->evidence->items[i].name, answer->attachment.text) == 0)
			return &session->evidence->items[i];
	return NULL;
}

static void check_attachment(const struct checking *checking, const struct pack_answer *answer)
{
	const struct config_text *name = &answer->attachment;
	if (!name->text)
		return;
	const struct evidence_file *file = answer_attachment(checking->session, answer);
	if (strstr(name->text, "://"))
		problem_add(checking->problems, checking->path, name->place,
			    "an attachment is a file of the evidence, so that it can be kept with "
			    "it: not a link");
	else if (!file)
		problem_add(checking->problems, checking->path, name->place,
			    "the evidence has no file '%s'", name->text);
	else if (file->why)
		problem_add(checking->problems, checking->path, name->place,
			    "the attachment '%s' cannot be read: %s", name->text, file->why);
	else if (file->size == 0)
		problem_add(checking->problems, checking->path, name->place,
			    "the attachment '%s' is empty", name->text);
	else if (strcmp(name->text, "answers.yaml") == 0)
		problem_add(checking->problems, checking->path, name->place,
			    "the attachment is the file of the answers itself");
}

static int read_file(struct pack_session *session, const struct evidence_file *file,
		     struct problems *problems)
{
	const struct loader loader = { &session->scratch, file->name, problems, false };
	struct buf bytes;
	char why[256];
	void *items = NULL;
	buf_init(&bytes, 1 << 24);
	if (evidence_read(file, &bytes, why, sizeof(why))) {
		struct yaml_node *root =
			yaml_read(&session->scratch, file->name, buf_view(&bytes), problems);
		if (root)
			load_list(&loader, &answer_mapping, root, &items, &session->answer_count);
	} else {
		problem_add(problems, file->name, (struct config_place){ 0, 0 },
			    "cannot be read: %s", why);
	}
	buf_release(&bytes);
	session->answers = items;
	return problems_any(problems) ? -1 : 0;
}

int answers_read(struct pack_session *session, struct cpis_failure *failure)
{
	const struct evidence *evidence = session->evidence;
	struct problems problems;
	problems_init(&problems);
	for (size_t i = 0; evidence && i < evidence->count; i++) {
		const struct evidence_file *file = &evidence->items[i];
		if (strcmp(file->name, "answers.yaml") != 0)
			continue;
		const struct checking checking = { session, file->name, &problems };
		if (read_file(session, file, &problems) != 0)
			break;
		for (size_t k = 0; k < session->answer_count; k++) {
			check_case(&checking, &session->answers[k]);
			check_dates(&checking, &session->answers[k]);
			check_repeated(&checking, k);
			check_attachment(&checking, &session->answers[k]);
		}
	}
	return problems_close(&problems, session->options->problem, session->options->context,
			      failure);
}

/* One answer in words: "yes, by A. Tester (supplier) on 2026-10-28: a note". */
static void describe(struct case_run *run, const struct pack_answer *answer)
{
	struct pack_session *session = run->session;
	if (run->actual.n)
		buf_text(&run->actual, "; ");
	buf_printf(&run->actual, "%s, by %s (%s) on %s",
		   answer->answer.value == ANSWER_PASS ? "yes" : "no", answer->by.text,
		   answer_role(answer), answer->on.text);
	const struct evidence_file *file =
		answer->attachment.text ? answer_attachment(session, answer) : NULL;
	if (file)
		buf_printf(&run->actual, ", with %s (SHA-256 %s)", file->name, file->sha256);
	const char *note = answer->note.text
				   ? masker_value(session->results->masker, &session->scratch,
						  MASK_VALUE, str_of(answer->note.text))
				   : NULL;
	if (note)
		buf_printf(&run->actual, ": %s", note);
}

void run_manual(struct case_run *run, enum case_outcome *outcome)
{
	const struct pack_session *session = run->session;
	size_t given = 0, refused = 0;
	const char *unread = session->evidence ? session->evidence->unread : NULL;
	buf_text(&run->expected, run->test->manual->question.text);
	for (size_t i = 0; i < session->answer_count; i++) {
		const struct pack_answer *answer = &session->answers[i];
		if (!answer_is_of(answer, session->pack, run->test))
			continue;
		given++;
		refused += answer->answer.value == ANSWER_FAIL;
		if (answer->role.value == ROLE_ASSESSOR)
			run->kept.answered_by = ANSWERED_BY_ASSESSOR;
		else if (!run->kept.answered_by)
			run->kept.answered_by = ANSWERED_BY_SUPPLIER;
		describe(run, answer);
	}
	if (unread) {
		buf_printf(&run->reason, EVIDENCE_UNREAD, unread);
		*outcome = CASE_MANUAL;
	} else if (!given) {
		buf_text(&run->reason, "not answered yet (answers.yaml in the evidence folder)");
		*outcome = CASE_MANUAL;
	} else if (refused) {
		case_fault(run, refused < given ? "an answer is 'no'" : "the answer is 'no'");
	}
}
