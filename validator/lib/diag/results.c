#include "diag/results.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/character.h"
#include "base/digest.h"
#include "base/files.h"

#include <stdio.h>
#include <stdlib.h>

const char *case_outcome_name(enum case_outcome outcome)
{
	static const char *const names[CASE_OUTCOME_COUNT] = {
		[CASE_PASSED] = "passed",     [CASE_FAILED] = "failed", [CASE_WAIVED] = "waived",
		[CASE_NOT_RUN] = "not run",   [CASE_BROKEN] = "broken", [CASE_MANUAL] = "manual",
		[CASE_LEFT_OUT] = "left out",
	};
	return names[outcome];
}

const struct rule *rule_first(const struct rule *a, const struct rule *b)
{
	if (!a || !b || a == b)
		return a ? a : b;
	return strcmp(a->id, b->id) <= 0 ? a : b;
}

int case_outcome_weight(enum case_outcome outcome)
{
	static const int weight[CASE_OUTCOME_COUNT] = {
		[CASE_PASSED] = 0,  [CASE_WAIVED] = 1, [CASE_LEFT_OUT] = 2, [CASE_MANUAL] = 3,
		[CASE_NOT_RUN] = 4, [CASE_BROKEN] = 5, [CASE_FAILED] = 6,
	};
	return weight[outcome];
}

const struct rule_override *results_override(const struct results *results, const struct rule *rule)
{
	for (size_t i = 0; results->overrides && i < results->rule_count; i++)
		if (results->rules[i] == rule)
			return results->overrides[i].set ? &results->overrides[i] : NULL;
	return NULL;
}

#define ADD(results, list, count, room)                                                            \
	do {                                                                                       \
		void *bigger = list_grown_in(&(results)->arena, (list), (count), &(room),          \
					     sizeof(*(list)));                                     \
		if (!bigger)                                                                       \
			return NULL;                                                               \
		(list) = bigger;                                                                   \
		memset(&(list)[(count)], 0, sizeof(*(list)));                                      \
		return &(list)[(count)++];                                                         \
	} while (0)

/* Room for so many more; returns from the function that it is in. */
#define EXPECT(results, list, count, room, more)                                                   \
	do {                                                                                       \
		void *bigger = list_expected_in(&(results)->arena, (list), (count), &(room),       \
						(more), sizeof(*(list)));                          \
		if (bigger)                                                                        \
			(list) = bigger;                                                           \
		return bigger || !(more) ? 0 : -1;                                                 \
	} while (0)

int results_expect_messages(struct results *results, size_t more)
{
	enum { MOST_EXPECTED = 64 * 1024 };
	more = more < MOST_EXPECTED ? more : MOST_EXPECTED;
	EXPECT(results, results->messages, results->message_count, results->message_room, more);
}

struct message_result *results_add_message(struct results *results)
{
	ADD(results, results->messages, results->message_count, results->message_room);
}

struct case_result *results_add_case(struct results *results)
{
	ADD(results, results->cases, results->case_count, results->case_room);
}

struct requirement_result *results_add_requirement(struct results *results)
{
	ADD(results, results->requirements, results->requirement_count, results->requirement_room);
}

struct pack_result *results_add_pack(struct results *results)
{
	ADD(results, results->packs, results->pack_count, results->pack_room);
}

struct expected_finding *case_add_expected(struct results *results, struct case_result *one)
{
	ADD(results, one->expects, one->expects_count, one->expects_room);
}

struct case_fault *case_add_fault(struct results *results, struct case_result *one)
{
	ADD(results, one->faults, one->fault_count, one->fault_room);
}

struct record_change *case_add_record(struct results *results, struct case_result *one)
{
	ADD(results, one->records, one->record_count, one->record_room);
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static struct input_result *add_input(struct results *results)
{
	ADD(results, results->inputs, results->input_count, results->input_room);
}

struct input_result *results_add_input(struct results *results, const char *pack, const char *role,
				       const char *name)
{
	for (size_t i = 0; i < results->input_count; i++) {
		struct input_result *known = &results->inputs[i];
		if (same(known->pack, pack) && same(known->role, role) && same(known->name, name))
			return known;
	}
	struct input_result *input = add_input(results);
	if (!input)
		return NULL;
	input->pack = pack ? arena_copy(&results->arena, str_of(pack)) : NULL;
	input->role = arena_copy(&results->arena, str_of(role));
	input->name = arena_copy(&results->arena, str_of(name));
	return input->role && input->name && (input->pack || !pack) ? input : NULL;
}

int results_note_input(struct results *results, const char *pack, const char *role,
		       const char *name, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct input_result *input = results_add_input(results, pack, role,
						       name    ? name
						       : slash ? slash + 1
							       : path);
	struct buf bytes;
	char why[256];
	if (!input)
		return -1;
	if (input->sha256[0])
		return 0;
	buf_init(&bytes, (size_t)1 << 30);
	if (files_read(path, &bytes, why, sizeof(why))) {
		input->bytes = bytes.n;
		digest_sha256(buf_view(&bytes), input->sha256);
	}
	buf_release(&bytes);
	return 0;
}

static struct evidence_result *add_evidence(struct results *results)
{
	ADD(results, results->evidence, results->evidence_count, results->evidence_room);
}

struct evidence_result *results_add_evidence(struct results *results, const char *name)
{
	for (size_t i = 0; i < results->evidence_count; i++)
		if (same(results->evidence[i].name, name))
			return &results->evidence[i];
	struct evidence_result *evidence = add_evidence(results);
	if (!evidence)
		return NULL;
	evidence->name = arena_copy(&results->arena, str_of(name));
	return evidence->name ? evidence : NULL;
}

int evidence_add_slot(struct results *results, struct evidence_result *evidence, const char *slot)
{
	for (size_t i = 0; i < evidence->slot_count; i++)
		if (same(evidence->slots[i], slot))
			return 0;
	const char **more =
		arena_alloc(&results->arena, (evidence->slot_count + 1) * sizeof(*more));
	if (!more)
		return -1;
	if (evidence->slot_count)
		memcpy(more, evidence->slots, evidence->slot_count * sizeof(*more));
	more[evidence->slot_count] = arena_copy(&results->arena, str_of(slot));
	evidence->slots = more;
	evidence->slot_count++;
	return results->arena.failed ? -1 : 0;
}

static int by_role_and_name(const void *a, const void *b)
{
	const struct input_result *x = a, *y = b;
	const char *const keys[][2] = { { x->pack, y->pack },
					{ x->role, y->role },
					{ x->name, y->name } };
	for (size_t i = 0; i < 3; i++) {
		int order = strcmp(keys[i][0] ? keys[i][0] : "", keys[i][1] ? keys[i][1] : "");
		if (order)
			return order;
	}
	return 0;
}

/* The inputs of a pack; pack NULL: of the run, and its evidence. Free it; NULL: out of memory. */
static struct input_result *gather_inputs(const struct results *results, const char *pack,
					  size_t *count)
{
	size_t most = results->input_count + results->evidence_count;
	struct input_result *list = calloc(most + 1, sizeof(*list));
	*count = 0;
	for (size_t i = 0; list && i < results->input_count; i++)
		if (!pack || same(results->inputs[i].pack, pack))
			list[(*count)++] = results->inputs[i];
	for (size_t i = 0; list && !pack && i < results->evidence_count; i++) {
		struct input_result *to = &list[(*count)++];
		to->role = "evidence";
		to->name = results->evidence[i].name;
		memcpy(to->sha256, results->evidence[i].sha256, sizeof(to->sha256));
	}
	if (*count)
		qsort(list, *count, sizeof(*list), by_role_and_name);
	return list;
}

void results_digest(const struct results *results, const char *pack, char sha256[65])
{
	struct buf lines;
	size_t count;
	struct input_result *list = gather_inputs(results, pack, &count);
	buf_init(&lines, SIZE_MAX / 2);
	sha256[0] = '\0';
	for (size_t i = 0; i < count; i++)
		buf_printf(&lines, "%s  %s %s\n", list[i].sha256[0] ? list[i].sha256 : "-",
			   list[i].role, list[i].name);
	if (count && !lines.failed)
		digest_sha256(buf_view(&lines), sha256);
	buf_release(&lines);
	free(list);
}

int message_expect_findings(struct results *results, struct message_result *message, size_t more)
{
	EXPECT(results, message->findings, message->finding_count, message->finding_room, more);
}

struct finding *message_add_finding(struct results *results, struct message_result *message)
{
	ADD(results, message->findings, message->finding_count, message->finding_room);
}

struct finding *message_add_behind(struct results *results, struct message_result *message)
{
	ADD(results, message->behind, message->behind_count, message->behind_room);
}

struct sent_result *results_add_sent(struct results *results)
{
	ADD(results, results->sent, results->sent_count, results->sent_room);
}

/* The first value is what all others must be, as an organisation's code also in small letters. Of a
 * value that may not be read there is a digest. */
static void check_same(const struct sent_result *first, const struct sent_result *one,
		       const char *known, const char *value, const char *what, struct buf *out)
{
	if (str_same_letters(str_of(known), str_of(value)))
		return;
	buf_text(out, out->n ? "; " : "");
	if (known[0] == '#' || value[0] == '#')
		buf_printf(out,
			   "'%s' is of another %s than '%s': evidence is of one "
			   "system",
			   one->file, what, first->file);
	else
		buf_printf(out,
			   "'%s' is of the %s %s, and '%s' of %s: evidence is of one "
			   "system",
			   one->file, what, value, first->file, known);
}

static int by_number(const void *a, const void *b)
{
	const struct sent_result *const *x = a, *const *y = b;
	long long first = strtoll((*x)->number, NULL, 10), second = strtoll((*y)->number, NULL, 10);
	bool plain = (*x)->number[0] != '#' && (*y)->number[0] != '#';
	if (plain && first != second)
		return first < second ? -1 : 1;
	int order = plain ? 0 : strcmp((*x)->number, (*y)->number);
	return order ? order : strcmp((*x)->file, (*y)->file);
}

/* A gap is not a fault: not every file that a system uploads is evidence. */
static void check_numbers(const struct sent_result *before, const struct sent_result *after,
			  struct buf *faults, struct buf *unknown)
{
	bool repeated = strcmp(before->number, after->number) == 0;
	bool plain = before->number[0] != '#' && after->number[0] != '#';
	bool older = before->made && after->made && after->made < before->made;
	if (strcmp(before->file, after->file) == 0)
		return;
	if (repeated)
		buf_printf(faults, "%s'%s' and '%s' have the same sequence number%s%s (PAIR-011)",
			   faults->n ? "; " : "", before->file, after->file, plain ? " " : "",
			   plain ? after->number : "");
	else if (!plain)
		buf_printf(unknown,
			   "%swhether '%s' comes before '%s' is not known: a number is "
			   "not kept (PAIR-011)",
			   unknown->n ? "; " : "", before->file, after->file);
	else if (older)
		buf_printf(faults,
			   "%s'%s' has the sequence number %s and was made before "
			   "'%s', which has %s (PAIR-011)",
			   faults->n ? "; " : "", after->file, after->number, before->file,
			   before->number);
}

void sent_check(const struct sent_result *sent, size_t count, const char *pack, struct buf *faults,
		struct buf *unknown)
{
	const struct sent_result *authority = NULL, *asid = NULL;
	const struct sent_result **uploads = calloc(count + 1, sizeof(*uploads));
	size_t upload_count = 0;
	faults->failed = faults->failed || !uploads;
	for (size_t i = 0; uploads && i < count; i++) {
		const struct sent_result *one = &sent[i];
		if (!same(one->pack, pack))
			continue;
		authority = authority || !one->authority ? authority : one;
		asid = asid || !one->asid ? asid : one;
		if (one->authority)
			check_same(authority, one, authority->authority, one->authority,
				   "authority", faults);
		if (one->asid)
			check_same(asid, one, asid->asid, one->asid, "ASID", faults);
		if (one->number)
			uploads[upload_count++] = one;
	}
	if (upload_count)
		qsort(uploads, upload_count, sizeof(*uploads), by_number);
	for (size_t i = 1; i < upload_count; i++)
		check_numbers(uploads[i - 1], uploads[i], faults, unknown);
	free(uploads);
}

struct shard_result *results_add_shard(struct results *results)
{
	ADD(results, results->shards, results->shard_count, results->shard_room);
}

static struct root_result *add_root(struct results *results)
{
	ADD(results, results->roots, results->root_count, results->root_room);
}

struct root_result *results_add_root(struct results *results, const char *path)
{
	for (size_t i = 0; i < results->root_count; i++)
		if (same(results->roots[i].path, path))
			return &results->roots[i];
	struct root_result *root = add_root(results);
	if (!root)
		return NULL;
	root->path = arena_copy(&results->arena, str_of(path));
	return root->path ? root : NULL;
}

static struct file_result *add_file(struct results *results)
{
	ADD(results, results->files, results->file_count, results->file_room);
}

struct file_result *results_add_file(struct results *results, const char *path)
{
	struct file_result *file = add_file(results);
	if (!file)
		return NULL;
	file->path = arena_copy(&results->arena, str_of(path));
	return file->path ? file : NULL;
}

static struct unlisted_messages *add_unlisted(struct results *results)
{
	ADD(results, results->unlisted, results->unlisted_count, results->unlisted_room);
}

struct unlisted_messages *results_add_unlisted(struct results *results, enum cpis_verdict verdict)
{
	for (size_t i = 0; i < results->unlisted_count; i++)
		if (results->unlisted[i].verdict == verdict)
			return &results->unlisted[i];
	struct unlisted_messages *added = add_unlisted(results);
	if (added)
		added->verdict = verdict;
	return added;
}

static struct named_value *add_meta(struct results *results)
{
	ADD(results, results->meta, results->meta_count, results->meta_room);
}

int results_add_meta(struct results *results, const char *name, const char *value)
{
	struct named_value *entry = add_meta(results);
	if (!entry)
		return -1;
	entry->name = arena_copy(&results->arena, str_of(name));
	entry->value = arena_copy(&results->arena, str_of(value));
	return entry->name && entry->value ? 0 : -1;
}

static struct named_value *add_command_word(struct results *results)
{
	ADD(results, results->command, results->command_count, results->command_room);
}

const char *apart_words(enum apart why)
{
	static const char *const words[APART_COUNT] = {
		[APART_IN_ONE_SOURCE] =
			"only uploads in files of their own are compared: unpack them",
		[APART_IN_RESULTS] = "they were not made with --shard",
		[APART_AS_FIXED] = "the messages as they would be were judged one by one",
	};
	return words[why];
}

/* By the reason, which is ours: what is left out has names of files in it. */
bool results_judged_apart(const struct results *results)
{
	bool found = results_lack_parts(results);
	for (size_t i = 0; i < results->left_out_count; i++)
		for (enum apart why = 0; why < APART_COUNT; why++)
			found = found || strcmp(results->left_out[i].why, apart_words(why)) == 0;
	return found;
}

int results_note_apart(struct results *results, const char *what, enum apart why)
{
	if (results->options.skip_stages & 1u << CPIS_RULES)
		return 0;
	for (size_t i = 0; i < results->left_out_count; i++)
		if (strcmp(results->left_out[i].what, what) == 0)
			return 0;
	return results_add_left_out(results, what, apart_words(why));
}

int results_add_command_word(struct results *results, const char *word)
{
	struct named_value *entry = add_command_word(results);
	if (!entry)
		return -1;
	entry->value = arena_copy(&results->arena, str_of(word));
	results->date_set |= strcmp(word, "--now") == 0 || strncmp(word, "--now=", 6) == 0;
	return entry->value ? 0 : -1;
}

const char *results_name(struct results *results, const char *name)
{
	if (!name || !character_name_differs(name))
		return name;
	struct buf out;
	buf_init(&out, SIZE_MAX / 2);
	character_write_name(&out, str_of(name));
	const char *written = out.failed ? NULL : arena_copy(&results->arena, buf_view(&out));
	results->arena.failed = results->arena.failed || !written;
	buf_release(&out);
	return written ? written : "";
}

static struct omission *add_left_out(struct results *results)
{
	ADD(results, results->left_out, results->left_out_count, results->left_out_room);
}

int results_add_left_out(struct results *results, const char *what, const char *why)
{
	struct omission *entry = add_left_out(results);
	if (!entry)
		return -1;
	entry->what = arena_copy(&results->arena, str_of(what));
	entry->why = arena_copy(&results->arena, str_of(why));
	return entry->what && entry->why ? 0 : -1;
}

void message_add_omission(struct results *results, struct message_result *message, const char *what,
			  const char *why)
{
	size_t room = message->omission_count;
	struct omission *list = arena_alloc(&results->arena, (room + 1) * sizeof(*list));
	if (!list)
		return;
	if (room)
		memcpy(list, message->omissions, room * sizeof(*list));
	list[room] = (struct omission){ arena_copy(&results->arena, str_of(what)),
					arena_copy(&results->arena, str_of(why)) };
	message->omissions = list;
	message->omission_count++;
}

static struct unlisted *grow_unlisted(struct results *results, struct message_result *message)
{
	ADD(results, message->unlisted, message->unlisted_count, message->unlisted_room);
}

int message_add_unlisted(struct results *results, struct message_result *message,
			 const struct unlisted *unlisted)
{
	struct unlisted *entry = grow_unlisted(results, message);
	if (!entry)
		return -1;
	*entry = *unlisted;
	return 0;
}

static struct doubt *grow_doubts(struct results *results, struct message_result *message)
{
	ADD(results, message->doubts, message->doubt_count, message->doubt_room);
}

void message_add_doubt(struct results *results, struct message_result *message,
		       const struct doubt *doubt)
{
	struct doubt *entry = grow_doubts(results, message);
	if (entry)
		*entry = *doubt;
	if (results->options.shards)
		message->written_doubts = message->doubt_count;
}

size_t message_count_findings(const struct message_result *message, enum cpis_severity severity)
{
	size_t count = 0;
	for (size_t i = 0; i < message->finding_count; i++)
		count += !message->findings[i].waived && message->findings[i].severity == severity;
	for (size_t i = 0; i < message->unlisted_count; i++)
		if (message->unlisted[i].severity == severity)
			count += message->unlisted[i].count;
	return count;
}

bool severity_fails(const struct results *results, enum cpis_severity severity)
{
	switch (results->options.fail_on) {
	case CPIS_FAIL_ON_ERROR:
		return severity >= CPIS_ERROR;
	case CPIS_FAIL_ON_WARNING:
		return severity >= CPIS_WARNING;
	case CPIS_FAIL_ON_NEVER:
		break;
	}
	return false;
}

bool finding_fails(const struct results *results, const struct finding *finding)
{
	return !finding->waived && severity_fails(results, finding->severity);
}

const char *accepted_word(bool by_baseline)
{
	return by_baseline ? "accepted" : "waived";
}

const char *accepted_heading(bool by_baseline)
{
	return by_baseline ? "Accepted" : "Waived";
}

/* Those of the count that nothing accepts for certain. */
static size_t count_certain(const struct message_result *message, enum cpis_severity severity)
{
	size_t count = message_count_findings(message, severity);
	for (size_t i = 0; i < message->unlisted_count; i++)
		if (message->unlisted[i].unsure && message->unlisted[i].severity == severity)
			count -= message->unlisted[i].count;
	return count;
}

static bool message_fails(const struct results *results, const struct message_result *message)
{
	for (unsigned severity = CPIS_INFO; severity <= CPIS_ERROR; severity++)
		if (severity_fails(results, (enum cpis_severity)severity) &&
		    count_certain(message, (enum cpis_severity)severity))
			return true;
	return false;
}

void message_doubt_unlisted(struct results *results, struct message_result *message,
			    bool (*accepts)(const void *context, const char *rule),
			    const void *context)
{
	for (size_t i = 0; i < message->unlisted_count; i++) {
		struct unlisted *unlisted = &message->unlisted[i];
		if (unlisted->unsure || !severity_fails(results, unlisted->severity) ||
		    !accepts(context, unlisted->rule->id))
			continue;
		unlisted->unsure = 1;
		const char *what = arena_printf(
			&results->arena, "whether %zu more finding%s of %s %s accepted",
			unlisted->count, unlisted->count == 1 ? "" : "s", unlisted->rule->id,
			unlisted->count == 1 ? "is" : "are");
		if (what)
			message_add_omission(results, message, what,
					     "not all findings are listed (--max-findings)");
	}
}

enum cpis_verdict message_verdict(const struct results *results,
				  const struct message_result *message)
{
	if (message_fails(results, message))
		return CPIS_FAIL;
	return message->omission_count || results->arena.failed ? CPIS_INCOMPLETE : CPIS_PASS;
}

enum cpis_verdict message_settle(struct results *results, struct message_result *message)
{
	/* Where errors fail no message (--fail-on never), they explain nothing. */
	bool error = count_certain(message, CPIS_ERROR) > 0 && severity_fails(results, CPIS_ERROR);
	if (message_fails(results, message))
		return message->verdict = CPIS_FAIL;
	for (size_t i = 0; i < message->doubt_count; i++) {
		struct doubt *doubt = &message->doubts[i];
		if (!doubt->listed && !(doubt->by_any_error && error))
			message_add_omission(results, message, doubt->what, doubt->why);
		doubt->listed = doubt->listed || !(doubt->by_any_error && error);
	}
	return message->verdict = message_verdict(results, message);
}

/* What a case's outcome means for the run. */
static enum cpis_verdict case_verdict(enum case_outcome outcome)
{
	switch (outcome) {
	case CASE_FAILED:
	case CASE_BROKEN:
		return CPIS_FAIL;
	case CASE_NOT_RUN:
	case CASE_MANUAL:
		return CPIS_INCOMPLETE;
	case CASE_PASSED:
	case CASE_WAIVED:
	case CASE_LEFT_OUT:
	case CASE_OUTCOME_COUNT:
		break;
	}
	return CPIS_PASS;
}

bool results_of_packs(const struct results *results)
{
	for (size_t i = 0; i < results->case_count; i++)
		if (results->cases[i].from != CASE_OF_RUN)
			return true;
	return results->pack_count > 0;
}

bool outcome_passes(enum case_outcome outcome)
{
	return case_verdict(outcome) == CPIS_PASS;
}

bool results_unfinished(const struct results *results)
{
	return results->arena.failed || results->streams ||
	       (results->joined && results_lack_parts(results)) || !results_parts_agree(results);
}

/* A run over packs is judged by its cases; a bad message that a case expects does not fail the run.
 */
enum cpis_verdict results_verdict(const struct results *results)
{
	enum cpis_verdict worst = results_unfinished(results) ? CPIS_INCOMPLETE : CPIS_PASS;
	for (size_t i = 0; i < results->case_count; i++) {
		enum cpis_verdict verdict = case_verdict(results->cases[i].outcome);
		worst = verdict > worst ? verdict : worst;
	}
	/* A message that a case judged counts as its case says; cases are in order of messages. */
	size_t of_case = 0;
	for (size_t i = 0; i < results->message_count; i++) {
		enum cpis_verdict verdict = results->messages[i].verdict;
		while (of_case < results->case_count &&
		       results->cases[of_case].first_message +
				       results->cases[of_case].message_count <=
			       i)
			of_case++;
		bool judged =
			of_case < results->case_count && results->cases[of_case].first_message <= i;
		worst = !judged && verdict > worst ? verdict : worst;
	}
	for (size_t i = 0; i < results->unlisted_count; i++) {
		const struct unlisted_messages *unlisted = &results->unlisted[i];
		if (unlisted->messages && unlisted->verdict > worst)
			worst = unlisted->verdict;
	}
	return worst;
}

bool results_lack_parts(const struct results *results)
{
	return results->shard_count && results->shard_count < results->shards[0].of;
}

int results_check_doubts(const struct results *results, struct cpis_failure *failure)
{
	/* Those that were judged here name no version. */
	if (!results->tool || (results->shard_count && strcmp(results->tool, CPIS_VERSION) == 0))
		return 0;
	*failure = (struct cpis_failure){
		.kind = CPIS_FAILURE_CONFIGURATION,
		.text = "findings are accepted when messages are judged, or in parts made with "
			"--shard by this version: other results do not say what was not judged "
			"because of an error",
	};
	return -1;
}

bool results_parts_agree(const struct results *results)
{
	for (size_t i = 1; i < results->shard_count; i++)
		if (strcmp(results->shards[i].listing, results->shards[0].listing) != 0)
			return false;
	return true;
}

bool results_rule_off(const struct results *results, const char *rule)
{
	for (size_t i = 0; i < results->rule_count && results->overrides; i++)
		if (results->overrides[i].set && results->overrides[i].off &&
		    (!rule || strcmp(results->rules[i]->id, rule) == 0))
			return true;
	return false;
}

bool results_may_miss(const struct results *results, size_t first_message)
{
	for (size_t i = first_message; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		if (message->omission_count || message->doubt_count || message->unlisted_count)
			return true;
	}
	return results->options.skip_stages;
}

const char left_out_by_wish[] = "--exclude or the settings leave it out";

static bool lacks_files(const struct results *results)
{
	for (size_t i = 0; i < results->left_out_count; i++)
		if (strcmp(results->left_out[i].why, left_out_by_wish) == 0)
			return true;
	return false;
}

const char *results_meta_named(const struct results *results, const char *name)
{
	for (size_t i = 0; i < results->meta_count; i++)
		if (strcmp(results->meta[i].name, name) == 0)
			return results->meta[i].value;
	return NULL;
}

bool results_left_out(const struct results *results)
{
	return results->options.skip_stages || results_rule_off(results, NULL) ||
	       lacks_files(results) || results_lack_parts(results) ||
	       results_count_cases(results, CASE_LEFT_OUT) ||
	       results_meta_named(results, META_NOT_WRITTEN) ||
	       results_meta_named(results, META_COUNTS_FIXED);
}

static bool has_errors(const struct results *results)
{
	for (size_t i = 0; i < results->message_count; i++)
		if (message_count_findings(&results->messages[i], CPIS_ERROR))
			return true;
	for (size_t i = 0; i < results->unlisted_count; i++)
		if (results->unlisted[i].errors)
			return true;
	return false;
}

/* Whether a rule says that the rest of a message was not read. */
static bool ends_reading(const struct rule *rule)
{
	static const char *const ends[] = { "XML-001", "XML-002", "XML-003" };
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(rule->id, ends[i]) == 0)
			return true;
	return false;
}

bool message_is_unread(const struct message_result *message)
{
	bool found = !message->type;
	for (size_t i = 0; i < message->finding_count && !found; i++)
		found = ends_reading(message->findings[i].rule);
	for (size_t i = 0; i < message->unlisted_count && !found; i++)
		found = ends_reading(message->unlisted[i].rule);
	return found;
}

bool message_is_aside(const struct message_result *message)
{
	return message->verdict == CPIS_PASS && same(message->type, "DTSControl");
}

const struct omission *message_unsaid(const struct message_result *message)
{
	static const struct omission unrecognised = { "the message", "it was not recognised" };
	static const struct omission unread = { "the rest of the message",
						"it was not read to its end" };
	if (message->omission_count || !message_is_unread(message))
		return NULL;
	return message->type ? &unread : &unrecognised;
}

static bool read_nothing(const struct results *results)
{
	for (size_t i = 0; i < results->message_count; i++)
		if (!message_is_unread(&results->messages[i]))
			return false;
	if (results->listed_elsewhere)
		return (results->message_count || results->unlisted_count) &&
		       !results->read_elsewhere;
	return results->message_count && !results->unlisted_count;
}

static enum cpis_stage stage_of(const struct rule *rule)
{
	static const char *const prefixes[CPIS_RULES] = { "TRN-", "XML-", "SCH-" };
	for (unsigned stage = 0; stage < CPIS_RULES; stage++)
		if (strncmp(rule->id, prefixes[stage], strlen(prefixes[stage])) == 0)
			return (enum cpis_stage)stage;
	return CPIS_RULES;
}

enum cpis_rule_state results_rule_state(const struct results *results, size_t place)
{
	const struct rule_tally *tally = &results->tallies[place];
	const struct rule_override *override =
		results->overrides ? &results->overrides[place] : NULL;
	if (override && override->set && override->off)
		return CPIS_RULE_OFF;
	if (tally->judged)
		return tally->failed ? CPIS_RULE_FAILED : CPIS_RULE_HELD;
	if (tally->blocked)
		return CPIS_RULE_BLOCKED;
	if (results->options.skip_stages & 1u << stage_of(results->rules[place]))
		return CPIS_RULE_SKIPPED;
	return !tally->not_applicable && read_nothing(results) ? CPIS_RULE_SKIPPED
							       : CPIS_RULE_NOT_APPLICABLE;
}

bool results_partial(const struct results *results)
{
	bool never = results->options.fail_on == CPIS_FAIL_ON_NEVER;
	return results_left_out(results) ||
	       (never && (results_of_packs(results) || has_errors(results)));
}

const char *results_tool(const struct results *results)
{
	return results->tool ? results->tool : CPIS_VERSION;
}

const char *results_dms(const struct results *results)
{
	return results->dms ? results->dms : CPIS_DMS;
}

/* Four hashes in step, because each alone waits for its own last multiplication. */
static uint64_t hash_of(struct str text)
{
	enum { LANES = 4 };
	uint64_t lanes[LANES] = { text.n, 1, 2, 3 };
	const uint64_t prime = 0x100000001b3u;
	size_t i = 0;
	for (; i + LANES <= text.n; i += LANES)
		for (size_t k = 0; k < LANES; k++)
			lanes[k] = (lanes[k] ^ (unsigned char)text.p[i + k]) * prime;
	for (; i < text.n; i++)
		lanes[0] = (lanes[0] ^ (unsigned char)text.p[i]) * prime;
	return ((lanes[0] * prime + lanes[1]) * prime + lanes[2]) * prime + lanes[3];
}

struct ruleset results_ruleset(const struct results *results)
{
	struct ruleset made = { .digest = "" };
	uint64_t hash = 0;
	if (results->ruleset.digest[0])
		return results->ruleset;
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule *rule = results->rules[i];
		const char *const said[] = { rule->id, rule->name, rule->title, rule->cite };
		hash = hash * 31 + (uint64_t)rule->severity;
		for (size_t k = 0; k < sizeof(said) / sizeof(said[0]); k++)
			hash = hash * 31 + hash_of(str_of(said[k]));
	}
	snprintf(made.digest, sizeof(made.digest), "%016llx", (unsigned long long)hash);
	return made;
}

size_t results_count_findings(const struct results *results, enum cpis_severity severity)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		count += message_count_findings(&results->messages[i], severity);
	for (size_t i = 0; i < results->unlisted_count; i++)
		count += severity == CPIS_ERROR	    ? results->unlisted[i].errors
			 : severity == CPIS_WARNING ? results->unlisted[i].warnings
						    : results->unlisted[i].infos;
	return count;
}

size_t results_count_messages(const struct results *results, enum cpis_verdict verdict)
{
	size_t count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		count += results->messages[i].verdict == verdict;
	for (size_t i = 0; i < results->unlisted_count; i++)
		count +=
			results->unlisted[i].verdict == verdict ? results->unlisted[i].messages : 0;
	return count;
}

size_t results_count_cases(const struct results *results, enum case_outcome outcome)
{
	size_t count = 0;
	for (size_t i = 0; i < results->case_count; i++)
		count += results->cases[i].outcome == outcome;
	return count;
}

void results_report_progress(struct results *results, size_t done, size_t total)
{
	if (!results->options.progress)
		return;
	for (; results->counted_messages < results->message_count; results->counted_messages++)
		results->counted_findings +=
			results->messages[results->counted_messages].finding_count;
	const struct cpis_progress progress = { done, total, results->counted_findings };
	results->options.progress(results->options.progress_context, &progress);
}

int results_give(void *to, size_t room, const void *from, size_t bytes)
{
	size_t known = room < bytes ? room : bytes;
	memcpy(to, from, known);
	memset((char *)to + known, 0, room - known);
	return 0;
}
