#include "diag/draft.h"

#include "base/arena.h"
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

static void free_findings(struct draft *draft)
{
	for (size_t i = 0; i < draft->message_count; i++) {
		free(draft->messages[i].findings);
		free(draft->messages[i].behind);
	}
}

static int begin(struct draft *draft, const char *source)
{
	draft->source = arena_copy(&draft->arena, str_of(source));
	if (draft->source && draft->tallies)
		return 0;
	draft_release(draft);
	return -1;
}

int draft_init(struct draft *draft, const char *source, size_t rule_count, size_t max_findings)
{
	*draft = (struct draft){ .rule_count = rule_count, .max_findings = max_findings };
	draft->tallies = arena_alloc(&draft->arena, (rule_count + 1) * sizeof(*draft->tallies));
	return begin(draft, source);
}

int draft_renew(struct draft *draft, const char *source, struct draft_tally *tallies,
		size_t rule_count, size_t max_findings)
{
	free_findings(draft);
	arena_restart(&draft->arena);
	*draft = (struct draft){
		.arena = draft->arena,
		.messages = draft->messages,
		.message_room = draft->message_room,
		.left_out = draft->left_out,
		.left_out_room = draft->left_out_room,
		.tallies = tallies,
		.shares_tallies = true,
		.rule_count = rule_count,
		.max_findings = max_findings,
	};
	return begin(draft, source);
}

void draft_release(struct draft *draft)
{
	free_findings(draft);
	free(draft->messages);
	free(draft->left_out);
	arena_release(&draft->arena);
	*draft = (struct draft){ 0 };
}

void draft_discard(struct draft *draft)
{
	free_findings(draft);
	draft->message_count = draft->left_out_count = 0;
	draft->upload = NULL;
}

struct draft_message *draft_add_message(struct draft *draft)
{
	void *list = list_grown(draft->messages, draft->message_count, &draft->message_room,
				sizeof(*draft->messages));
	if (!list) {
		draft->failed = true;
		return NULL;
	}
	draft->messages = list;
	struct draft_message *message = &draft->messages[draft->message_count++];
	*message = (struct draft_message){ 0 };
	return message;
}

const struct rule BLOCKED_BY_NONE = { .id = "" };

/* NULL when out of memory. */
static struct draft_unlisted *unlisted_of(struct draft *draft, struct draft_message *message,
					  const struct rule *rule, enum cpis_severity severity)
{
	struct draft_unlisted *entry = message->unlisted;
	while (entry && (entry->rule != rule || entry->severity != severity))
		entry = entry->next;
	if (entry)
		return entry;
	entry = arena_alloc(&draft->arena, sizeof(*entry));
	if (!entry) {
		draft->failed = true;
		return NULL;
	}
	*entry = (struct draft_unlisted){ .next = message->unlisted,
					  .rule = rule,
					  .severity = severity };
	return message->unlisted = entry;
}

static void count_unlisted(struct draft *draft, struct draft_message *message,
			   const struct rule *rule, enum cpis_severity severity)
{
	struct draft_unlisted *entry = unlisted_of(draft, message, rule, severity);
	message->suppressed++;
	if (entry)
		entry->count++;
}

void draft_amend_unlisted(struct draft *draft, struct draft_message *message,
			  const struct rule *was, const struct rule *is)
{
	struct draft_unlisted *from = unlisted_of(draft, message, was, was->severity);
	struct draft_unlisted *to = unlisted_of(draft, message, is, is->severity);
	if (!from || !to || !from->count)
		return;
	from->count--;
	to->count++;
}

/* The last finding in the list that is less severe, which is then unlisted; NULL: there is none. */
static struct draft_finding *take_place(struct draft *draft, struct draft_message *message,
					enum cpis_severity severity)
{
	for (unsigned lower = CPIS_INFO; lower < (unsigned)severity; lower++) {
		size_t *until = &message->listed_until[lower];
		while (*until > 0) {
			struct draft_finding *finding = &message->findings[--*until];
			if (finding->severity != (enum cpis_severity)lower)
				continue;
			count_unlisted(draft, message, finding->rule, finding->severity);
			message->listed_until[severity] = message->finding_count;
			return finding;
		}
	}
	return NULL;
}

struct draft_finding *draft_add_finding(struct draft *draft, struct draft_message *message,
					const struct rule *rule, enum cpis_severity severity)
{
	if (draft->only && rule != draft->only)
		return NULL;
	if (message->finding_count >= draft->max_findings) {
		struct draft_finding *taken = take_place(draft, message, severity);
		if (taken)
			*taken = (struct draft_finding){ .rule = rule, .severity = severity };
		else
			count_unlisted(draft, message, rule, severity);
		return taken;
	}
	void *list = list_grown(message->findings, message->finding_count, &message->finding_room,
				sizeof(*message->findings));
	if (!list) {
		draft->failed = true;
		return NULL;
	}
	message->findings = list;
	struct draft_finding *finding = &message->findings[message->finding_count++];
	*finding = (struct draft_finding){ .rule = rule, .severity = severity };
	for (unsigned any = CPIS_INFO; any <= CPIS_ERROR; any++)
		message->listed_until[any] = message->finding_count;
	return finding;
}

struct draft_finding *draft_add_behind(struct draft *draft, struct draft_message *message,
				       const struct rule *rule, const struct rule *cause)
{
	bool kept = false;
	for (size_t i = 0; i < message->behind_count && !kept; i++)
		kept = message->behind[i].rule == rule && message->behind[i].cause == cause;
	if ((kept && message->behind_count >= draft->max_findings) ||
	    (draft->only && rule != draft->only))
		return NULL;
	void *list = list_grown(message->behind, message->behind_count, &message->behind_room,
				sizeof(*message->behind));
	if (!list) {
		draft->failed = true;
		return NULL;
	}
	message->behind = list;
	struct draft_finding *finding = &message->behind[message->behind_count++];
	*finding =
		(struct draft_finding){ .rule = rule, .severity = rule->severity, .cause = cause };
	return finding;
}

size_t draft_withdraw(struct draft *draft, struct draft_message *message, const struct rule *rule,
		      size_t document, const size_t *offsets, size_t count)
{
	size_t left = 0, withdrawn = 0, at = 0;
	if (count == 0 || (draft->only && rule != draft->only))
		return 0;
	for (size_t i = 0; i < message->finding_count; i++) {
		const struct draft_finding *finding = &message->findings[i];
		bool one = finding->rule == rule && finding->document == document;
		while (one && at < count && offsets[at] < finding->offset)
			at++;
		if (one && at < count && offsets[at] == finding->offset)
			withdrawn++;
		else
			message->findings[left++] = *finding;
	}
	message->finding_count = left;
	for (unsigned any = CPIS_INFO; any <= CPIS_ERROR; any++)
		message->listed_until[any] = left;
	struct draft_unlisted *rest =
		withdrawn < count ? unlisted_of(draft, message, rule, rule->severity) : NULL;
	size_t unlisted = rest && rest->count < count - withdrawn ? rest->count : count - withdrawn;
	if (!rest)
		return withdrawn;
	rest->count -= unlisted;
	message->suppressed -= unlisted;
	return withdrawn + unlisted;
}

/* false when out of memory. */
static bool note_blocked(struct arena *arena, const struct rule ***list, size_t rule_count,
			 size_t place, const struct rule *by)
{
	if (!*list)
		*list = arena_alloc(arena, (rule_count + 1) * sizeof(**list));
	if (*list && !(*list)[place])
		(*list)[place] = by ? by : &BLOCKED_BY_NONE;
	return *list != NULL;
}

void draft_note_blocked(struct draft *draft, struct draft_message *message, size_t place,
			const struct rule *by)
{
	if (!note_blocked(&draft->arena, &message->blocked, draft->rule_count, place, by))
		draft->failed = true;
}

void draft_note_blocked_around(struct draft *draft, struct draft_message *message, size_t place,
			       const struct rule *by, size_t count, size_t document)
{
	if (!note_blocked(&draft->arena, &message->around, draft->rule_count, place, by))
		draft->failed = true;
	message->around_count = count;
	message->around_document = document;
}

void draft_add_omission(struct draft *draft, struct draft_message *message, const char *what,
			const char *why)
{
	size_t most = sizeof(message->omissions) / sizeof(message->omissions[0]);
	if (message->omission_count == most)
		return;
	struct omission *omission = &message->omissions[message->omission_count++];
	omission->what = arena_copy(&draft->arena, str_of(what));
	omission->why = arena_copy(&draft->arena, str_of(why));
	if (!omission->what || !omission->why) {
		omission->what = omission->why = "out of memory";
		draft->failed = true;
	}
}

void draft_add_left_out(struct draft *draft, const char *what, const char *why)
{
	void *list = list_grown(draft->left_out, draft->left_out_count, &draft->left_out_room,
				sizeof(*draft->left_out));
	if (list)
		draft->left_out = list;
	struct omission entry = { arena_copy(&draft->arena, str_of(what)),
				  arena_copy(&draft->arena, str_of(why)) };
	if (list && entry.what && entry.why)
		draft->left_out[draft->left_out_count++] = entry;
	else
		draft->failed = true;
}

static void add_tallies(struct draft_tally *to, const struct draft_tally *from, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		to[i].judged += from[i].judged;
		to[i].failed += from[i].failed;
		to[i].not_applicable += from[i].not_applicable;
		to[i].blocked += from[i].blocked;
		to[i].blocked_by = rule_first(to[i].blocked_by, from[i].blocked_by);
	}
}

static const char *kept(struct draft *draft, const char *text)
{
	return text ? arena_copy(&draft->arena, str_of(text)) : NULL;
}

/* Everything but the list itself, which is moved. */
static void keep_findings(struct draft *draft, struct draft_finding *list, size_t count,
			  size_t documents)
{
	for (size_t i = 0; i < count; i++) {
		struct draft_finding *finding = &list[i];
		finding->document += documents;
		finding->message = kept(draft, finding->message);
		finding->fix = kept(draft, finding->fix);
		finding->expected = kept(draft, finding->expected);
		finding->actual = kept(draft, finding->actual);
		finding->layer = kept(draft, finding->layer);
		finding->path = kept(draft, finding->path);
		finding->excerpt = kept(draft, finding->excerpt);
	}
}

static void *kept_bytes(struct draft *draft, const void *bytes, size_t n)
{
	void *copy = bytes ? arena_room(&draft->arena, n) : NULL;
	return copy ? memcpy(copy, bytes, n) : NULL;
}

/* Its findings are the draft's from here on. */
static void take_message(struct draft *draft, struct draft_message *to, struct draft_message *from,
			 const struct draft_member *member, size_t documents)
{
	*to = *from;
	from->findings = from->behind = NULL;
	to->member = member;
	to->type = kept(draft, from->type);
	to->title = kept(draft, from->title);
	to->recognised_by = kept(draft, from->recognised_by);
	keep_findings(draft, to->findings, to->finding_count, documents);
	keep_findings(draft, to->behind, to->behind_count, documents);
	struct draft_unlisted **link = &to->unlisted;
	while (*link && (*link = kept_bytes(draft, *link, sizeof(**link))))
		link = &(*link)->next;
	to->blocked =
		kept_bytes(draft, from->blocked, draft->rule_count * sizeof(const struct rule *));
	to->around =
		kept_bytes(draft, from->around, draft->rule_count * sizeof(const struct rule *));
	to->around_document += documents;
	for (size_t i = 0; i < to->omission_count; i++) {
		to->omissions[i].what = kept(draft, from->omissions[i].what);
		to->omissions[i].why = kept(draft, from->omissions[i].why);
	}
}

static const struct draft_member *kept_member(struct draft *draft,
					      const struct draft_member *member)
{
	struct draft_member *copy = kept_bytes(draft, member, sizeof(*member));
	if (copy)
		copy->name = kept(draft, member->name);
	return copy;
}

void draft_join(struct draft *draft, struct draft *other, size_t documents)
{
	const struct draft_member *last = NULL, *member = NULL;
	for (size_t i = 0; i < other->message_count; i++) {
		struct draft_message *from = &other->messages[i], *to = draft_add_message(draft);
		if (!to)
			break;
		if (from->member != last)
			member = kept_member(draft, from->member);
		last = from->member;
		take_message(draft, to, from, member, documents);
	}
	for (size_t i = 0; i < other->left_out_count; i++)
		draft_add_left_out(draft, other->left_out[i].what, other->left_out[i].why);
	add_tallies(draft->tallies, other->tallies, draft->rule_count);
	draft->failed = draft->failed || other->failed || draft->arena.failed;
}

static const char *resolve(struct results *results, const char *text)
{
	return text ? masker_resolve(results->masker, &results->arena, str_of(text)) : NULL;
}

static const char *copy(struct results *results, const char *text)
{
	return text ? arena_copy(&results->arena, str_of(text)) : NULL;
}

/* A name from outside: what cannot be seen in it is written so that every document can hold it. */
static const char *visible(struct results *results, const char *name)
{
	return name ? masker_value(results->masker, &results->arena, MASK_FILE, str_of(name))
		    : NULL;
}

/*
 * How often each rule failed at each path of a message so far, so that two faults of one rule at
 * one path are told apart. Not by their values: a digest of an NHS number is as good as the number.
 */
struct occasions {
	struct {
		uint64_t hash;
		uint64_t count; /* 0: the place is free */
	} * places;
	size_t room; /* a power of two, more than twice what comes in */
};

static int occasions_init(struct occasions *occasions, size_t findings)
{
	occasions->room = 4;
	while (occasions->room < findings * 2 + 1)
		occasions->room *= 2;
	occasions->places = calloc(occasions->room, sizeof(*occasions->places));
	return occasions->places ? 0 : -1;
}

/* The number of this occasion, from 0. */
static uint64_t occasion(struct occasions *occasions, uint64_t hash)
{
	size_t i = (size_t)(hash ^ hash >> 32) & (occasions->room - 1);
	while (occasions->places[i].count && occasions->places[i].hash != hash)
		i = (i + 1) & (occasions->room - 1);
	occasions->places[i].hash = hash;
	return occasions->places[i].count++;
}

static uint64_t hash_of(const char *source, const struct rule *rule, const char *path)
{
	uint64_t hash = str_hash(str_of(source));
	hash = hash * 31 + str_hash(str_of(rule->id));
	return hash * 31 + str_hash(str_of(path ? path : ""));
}

/* The same fault at the same path keeps its fingerprint when lines move or other text changes. */
static const char *fingerprint(struct results *results, struct occasions *occasions,
			       const char *source, const struct draft_finding *from)
{
	uint64_t hash = hash_of(source, from->rule, from->path);
	hash += occasion(occasions, hash) * 0x9e3779b97f4a7c15u;
	return arena_printf(&results->arena, "%016llx", (unsigned long long)hash);
}

/*
 * Something was not read, or not recognised: whatever a profile makes of the rule, this is what it
 * means. Where no message was recognised, any error of the document or its layers may be why. Where
 * the check itself finds no error, because Spine sent it so, all was read.
 */
static bool says_unread(const struct message_result *message, const struct rule *rule,
			enum cpis_severity found)
{
	bool outside = strncmp(rule->id, "XML-", 4) == 0 || strncmp(rule->id, "TRN-", 4) == 0;
	return rule->severity == CPIS_ERROR && found == CPIS_ERROR &&
	       (rule->extent == NOT_READ || (!message->type && outside));
}

/* Something was not read: whatever becomes of the finding, the message does not pass. */
static void doubt_unread(struct results *results, struct message_result *message,
			 const struct rule *rule)
{
	const struct doubt doubt = {
		.what = "the whole of the source",
		.why = arena_printf(&results->arena,
				    "%s (%s) does not fail the message in this run", rule->id,
				    rule->title),
	};
	if (doubt.why)
		message_add_doubt(results, message, &doubt);
}

static void commit_finding(struct results *results, struct message_result *message,
			   struct occasions *occasions, const struct draft_finding *from)
{
	if (says_unread(message, from->rule, from->severity))
		doubt_unread(results, message, from->rule);
	const struct rule_override *override = results_override(results, from->rule);
	if (override && override->off) {
		message->turned_off += !from->cause;
		return;
	}
	struct finding *finding = from->cause ? message_add_behind(results, message)
					      : message_add_finding(results, message);
	if (!finding)
		return;
	finding->cause = from->cause;
	finding->rule = from->rule;
	finding->severity = override ? override->severity : from->severity;
	finding->stage = from->stage;
	finding->offset = from->offset;
	finding->at = from->at;
	finding->inner = from->inner;
	finding->other = from->other_at;
	finding->layer = copy(results, from->layer);
	finding->path = copy(results, from->path ? from->path : "");
	finding->message = resolve(results, from->message ? from->message : "");
	finding->fix = from->fix ? resolve(results, from->fix) : from->rule->fix;
	finding->expected = resolve(results, from->expected);
	finding->actual = resolve(results, from->actual);
	finding->excerpt = copy(results, from->excerpt);
	finding->caret = from->caret;
	finding->fingerprint = fingerprint(results, occasions, message->source, from);
}

/* A finding added last moves up to its place. */
static void settle_last(struct message_result *message)
{
	size_t i = message->finding_count;
	if (i-- == 0)
		return;
	struct finding last = message->findings[i];
	for (; i > 0 && message->findings[i - 1].offset > last.offset; i--)
		message->findings[i] = message->findings[i - 1];
	message->findings[i] = last;
}

static bool is_covered(const struct results *results, const struct message_result *message,
		       const struct finding *behind)
{
	const struct rule_override *override = results_override(results, behind->cause);
	enum cpis_severity severity = override ? override->severity : behind->cause->severity;
	bool accepted = false;
	for (size_t i = 0; i < message->finding_count; i++)
		accepted = accepted || (message->findings[i].waived &&
					message->findings[i].rule == behind->cause);
	return !accepted && !(override && override->off) && severity >= behind->severity;
}

struct finding *message_uncovered(const struct results *results,
				  const struct message_result *message, size_t *at)
{
	while (*at < message->behind_count) {
		struct finding *behind = &message->behind[(*at)++];
		if (!is_covered(results, message, behind))
			return behind;
	}
	return NULL;
}

/* It fails its rule from now on. */
static void add_behind(struct results *results, struct message_result *message,
		       const struct finding *behind)
{
	message->findings[message->finding_count] = *behind;
	message->findings[message->finding_count++].cause = NULL;
	settle_last(message);
	for (size_t i = 0; i < results->rule_count; i++)
		results->tallies[i].failed += results->rules[i] == behind->rule;
}

bool message_reveal(struct results *results, struct message_result *message)
{
	const struct message_result before = *message;
	size_t room = before.finding_count + before.behind_count, left = 0;
	struct finding *list =
		before.behind_count ? arena_alloc(&results->arena, room * sizeof(*list)) : NULL;
	if (!list)
		return false;
	if (before.finding_count)
		memcpy(list, before.findings, before.finding_count * sizeof(*list));
	message->findings = list;
	message->finding_room = room;
	for (size_t i = 0; i < before.behind_count; i++) {
		struct finding behind = before.behind[i];
		if (is_covered(results, &before, &behind))
			message->behind[left++] = behind;
		else
			add_behind(results, message, &behind);
	}
	message->behind_count = left;
	message->written_behind = results->options.shards ? left : 0;
	return left < before.behind_count;
}

static int by_place(const void *a, const void *b)
{
	const struct draft_finding *x = a, *y = b;
	if (x->document != y->document)
		return x->document < y->document ? -1 : 1;
	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return strcmp(x->rule->id, y->rule->id);
}

static int commit_findings(struct results *results, struct message_result *message,
			   struct draft_message *from)
{
	struct occasions occasions;
	if (from->finding_count == 0 && from->behind_count == 0)
		return 0;
	if (message_expect_findings(results, message, from->finding_count) != 0 ||
	    occasions_init(&occasions, from->finding_count + from->behind_count) != 0)
		return -1;
	if (from->finding_count)
		qsort(from->findings, from->finding_count, sizeof(*from->findings), by_place);
	for (size_t i = 0; i < from->finding_count; i++)
		commit_finding(results, message, &occasions, &from->findings[i]);
	if (from->behind_count)
		qsort(from->behind, from->behind_count, sizeof(*from->behind), by_place);
	for (size_t i = 0; i < from->behind_count; i++)
		commit_finding(results, message, &occasions, &from->behind[i]);
	free(occasions.places);
	message_reveal(results, message);
	return 0;
}

/* Its message has counted them among those that are suppressed. */
static int commit_unlisted_of(struct results *results, struct message_result *message,
			      const struct draft_unlisted *entry)
{
	const struct rule_override *override = results_override(results, entry->rule);
	const struct unlisted unlisted = {
		.rule = entry->rule,
		.severity = override ? override->severity : entry->severity,
		.count = entry->count,
	};
	if (entry->count && says_unread(message, entry->rule, entry->severity))
		doubt_unread(results, message, entry->rule);
	if (override && override->off) {
		message->turned_off += entry->count;
		message->suppressed -= entry->count;
		return 0;
	}
	return entry->count ? message_add_unlisted(results, message, &unlisted) : 0;
}

static int commit_unlisted(struct results *results, struct message_result *message,
			   const struct draft_message *from)
{
	for (const struct draft_unlisted *entry = from->unlisted; entry; entry = entry->next)
		if (commit_unlisted_of(results, message, entry) != 0)
			return -1;
	return 0;
}

/* What a message says of a rule's faults in a document: none, none that is an error in this run, or
 * an error. */
enum says { SAYS_NOTHING, SAYS_NO_ERROR, SAYS_ERROR };

static enum says severest(const struct results *results, const struct rule *rule,
			  enum cpis_severity severity, enum says before)
{
	const struct rule_override *override = results_override(results, rule);
	bool error = override ? !override->off && override->severity == CPIS_ERROR
			      : severity == CPIS_ERROR;
	return error ? SAYS_ERROR : before == SAYS_ERROR ? before : SAYS_NO_ERROR;
}

/* rule NULL: of any rule. Of findings that are not listed, the document is not known. */
static enum says what_is_said(const struct results *results, const struct draft_message *message,
			      const struct rule *rule, size_t document)
{
	enum says says = SAYS_NOTHING;
	for (size_t i = 0; i < message->finding_count && says != SAYS_ERROR; i++) {
		const struct draft_finding *finding = &message->findings[i];
		if (finding->document == document && (!rule || finding->rule == rule))
			says = severest(results, finding->rule, finding->severity, says);
	}
	for (const struct draft_unlisted *at = message->unlisted; at && says != SAYS_ERROR;
	     at = at->next)
		if (at->count && (!rule || at->rule == rule))
			says = severest(results, at->rule, at->severity, says);
	return says;
}

/*
 * Of a message and those before it in its document, the last with an error of the rule; where none
 * says anything of that, the last with any error. Else itself: a fault that is lowered to a warning
 * explains nothing.
 */
static struct draft_message *explained_with(const struct results *results,
					    struct draft_message *message, const struct rule *by)
{
	const struct rule *const asked[] = { by, NULL };
	for (size_t k = 0; k < sizeof(asked) / sizeof(asked[0]); k++) {
		bool said = false;
		for (size_t back = 0; back <= message->around_count; back++) {
			enum says says = what_is_said(results, message - back, asked[k],
						      message->around_document);
			if (says == SAYS_ERROR)
				return message - back;
			said = said || says != SAYS_NOTHING;
		}
		if (said)
			break;
	}
	return message;
}

/* What is around several messages is judged with the last of them, but what is wrong with it may be
 * said with an earlier one, which is then the one that is blocked. */
static int place_blocked(struct results *results, struct draft_message *message)
{
	const struct rule *last = NULL;
	struct draft_message *with = message;
	for (size_t i = 0; message->around && i < results->rule_count; i++) {
		const struct rule *by = message->around[i];
		if (!by)
			continue;
		if (by != last)
			with = explained_with(results, message, by);
		last = by;
		if (!note_blocked(&results->arena, &with->blocked, results->rule_count, i, by))
			return -1;
	}
	return 0;
}

/* The rules that could not judge what is broken, unless an error of the message says how. */
static void commit_blocked(struct results *results, struct message_result *message,
			   const struct draft_message *from)
{
	enum { MOST_NAMES_BYTES = 64 * 1024 };
	struct buf names;
	size_t count = 0;
	buf_init(&names, MOST_NAMES_BYTES);
	for (size_t i = 0; from->blocked && i < results->rule_count; i++) {
		const struct rule_override *override = results_override(results, results->rules[i]);
		if (!from->blocked[i] || (override && override->off))
			continue;
		/* What reached a limit has an omission, which names it. */
		if (strcmp(from->blocked[i]->id, "TRN-008") == 0)
			continue;
		buf_text(&names, count++ ? ", " : "");
		buf_text(&names, results->rules[i]->id);
	}
	bool never = results->options.fail_on == CPIS_FAIL_ON_NEVER;
	struct doubt doubt = {
		.what = count ? arena_printf(&results->arena, "%s %s",
					     count == 1 ? "the rule" : "the rules", names.p)
			      : NULL,
		.why = never ? "what it checks is broken, and no error counts by --fail-on never"
		       : count == 1
			       ? "what it checks is broken, and no error in the message explains it"
			       : "what they check is broken, and no error in the message explains "
				 "it",
		.by_any_error = true,
	};
	if (doubt.what)
		message_add_doubt(results, message, &doubt);
	buf_release(&names);
}

/* Nothing passes unrecognised, whether or not something says why. */
static void commit_recognition(struct results *results, struct message_result *message)
{
	static const struct doubt doubt = { .what = "the source",
					    .why = "no message was recognised in it" };
	if (!message->type && !message->omission_count && !message->doubt_count)
		message_add_doubt(results, message, &doubt);
}

/* What is kept of an upload stays with its message. */
static void commit_upload(struct results *results, struct message_result *message,
			  const struct draft_upload *from)
{
	struct upload_fact *fact = arena_alloc(&results->arena, sizeof(*fact));
	struct upload_place *places = arena_alloc(&results->arena, UPLOAD_PLACES * sizeof(*places));
	if (!fact || !places)
		return;
	for (size_t i = 0; i < from->place_count; i++) {
		const struct draft_finding *place = &from->places[i];
		places[i] = (struct upload_place){
			.offset = place->offset,
			.at = place->at,
			.inner = place->inner,
			.layer = copy(results, place->layer),
			.path = copy(results, place->path),
			.excerpt = copy(results, place->excerpt),
			.caret = place->caret,
		};
	}
	*fact = (struct upload_fact){ copy(results, from->organisation),
				      copy(results, from->number), copy(results, from->made),
				      places, from->place_count };
	message->upload = fact;
	message->upload_count = 1;
}

/* Its place among others cannot be said when all are there. */
static void commit_unplaced(struct results *results, struct message_result *message,
			    const struct draft_upload *from)
{
	const struct rule_override *override = results_override(results, from->places[0].rule);
	if (!override || !override->off)
		message_add_omission(results, message, "its place among the uploads (PAIR-011)",
				     "its sender, number or creation time is not a plain code or "
				     "time, so it is kept with --show-values alone");
}

/* Whether a profile turns a rule off, and what it finds does not say that something was not read.
 */
static bool is_silent(const struct results *results, const struct rule *rule)
{
	const struct rule_override *override = results_override(results, rule);
	return rule->extent != NOT_READ && override && override->off;
}

/* Whether it is nothing but a file that has no fault. A finding of a rule that is not off is
 * listed, however low, and it is counted: so is what it is about. */
static bool is_left_out(const struct results *results, const struct draft_message *from)
{
	if (!from->aside || from->omission_count)
		return false;
	for (size_t i = 0; i < from->finding_count; i++)
		if (!is_silent(results, from->findings[i].rule))
			return false;
	for (const struct draft_unlisted *entry = from->unlisted; entry; entry = entry->next)
		if (entry->count && !is_silent(results, entry->rule))
			return false;
	return true;
}

static const char *name_of(struct results *results, const struct draft *draft,
			   const struct draft_message *from)
{
	const struct draft_member *member = from->member;
	return visible(results,
		       member ? arena_printf(&results->arena, "%s!%s", draft->source, member->name)
			      : draft->source);
}

static int leave_out(struct results *results, const struct draft *draft,
		     const struct draft_message *from)
{
	const char *why =
		from->finding_count
			? arena_printf(&results->arena, "it is a %s, and %s is off in this run",
				       from->title, from->findings[0].rule->id)
			: arena_printf(&results->arena, "it is a %s", from->title);
	return results_add_left_out(results, name_of(results, draft, from), why);
}

static int commit_message(struct results *results, const struct draft *draft,
			  struct draft_message *from)
{
	if (!draft->failed && is_left_out(results, from))
		return leave_out(results, draft, from);
	struct message_result *message = results_add_message(results);
	if (!message)
		return -1;
	const struct draft_member *member = from->member;
	message->source = name_of(results, draft, from);
	message->type = copy(results, from->type);
	message->title = copy(results, from->title);
	message->recognised_by = resolve(results, from->recognised_by);
	message->layers = arena_alloc(&results->arena, (from->layer_count + 1) * sizeof(char *));
	for (size_t i = 0; message->layers && i < from->layer_count; i++)
		message->layers[message->layer_count++] = copy(results, from->layers[i]);
	memcpy(message->sha256, member ? member->sha256 : draft->sha256, sizeof(message->sha256));
	message->bytes = member ? member->bytes : draft->bytes;
	message->records = from->records;
	message->suppressed = from->suppressed;
	message->paired = from->paired;
	if (commit_findings(results, message, from) != 0 ||
	    commit_unlisted(results, message, from) != 0)
		return -1;
	for (size_t i = 0; i < from->omission_count; i++)
		message_add_omission(results, message, resolve(results, from->omissions[i].what),
				     resolve(results, from->omissions[i].why));
	if (draft->failed)
		message_add_omission(results, message, "the source", "out of memory");
	commit_recognition(results, message);
	commit_blocked(results, message, from);
	if (draft->upload && from == &draft->messages[draft->upload->message])
		(draft->upload->plain ? commit_upload : commit_unplaced)(results, message,
									 draft->upload);
	message_settle(results, message);
	return results->arena.failed ? -1 : 0;
}

void draft_commit_tallies(struct results *results, const struct draft_tally *tallies,
			  size_t rule_count)
{
	for (size_t i = 0; i < results->rule_count && i < rule_count; i++) {
		struct rule_tally *to = &results->tallies[i];
		const struct draft_tally *from = &tallies[i];
		to->judged += from->judged;
		to->failed += from->failed;
		to->not_applicable += from->not_applicable;
		to->blocked += from->blocked;
		to->blocked_by = rule_first(to->blocked_by, from->blocked_by);
	}
}

int draft_commit(struct results *results, const struct draft *draft)
{
	/* Out of memory before there was a message that could say so. */
	if (draft->failed && draft->message_count == 0)
		return -1;
	/* In a part of a run, tokens must not depend on what else is in it. */
	if (results->options.shards)
		masker_restart(results->masker);
	for (size_t i = 0; i < draft->message_count; i++)
		if (place_blocked(results, &draft->messages[i]) != 0)
			return -1;
	for (size_t i = 0; i < draft->message_count; i++)
		if (commit_message(results, draft, &draft->messages[i]) != 0)
			return -1;
	for (size_t i = 0; i < draft->left_out_count; i++)
		if (results_add_left_out(results, resolve(results, draft->left_out[i].what),
					 resolve(results, draft->left_out[i].why)) != 0)
			return -1;
	if (!draft->shares_tallies)
		draft_commit_tallies(results, draft->tallies, draft->rule_count);
	return 0;
}

static void commit_late_finding(struct results *results, struct message_result *to, size_t most,
				struct occasions *occasions, const struct draft_finding *from)
{
	size_t before = to->finding_count;
	const struct draft_unlisted one = { .rule = from->rule,
					    .severity = from->severity,
					    .count = 1 };
	if (before >= most) {
		to->suppressed++;
		commit_unlisted_of(results, to, &one);
		return;
	}
	commit_finding(results, to, occasions, from);
	if (to->finding_count > before)
		settle_last(to);
}

int draft_commit_late(struct results *results, size_t message, const struct draft *draft,
		      const struct rule *rule, size_t tally)
{
	struct message_result *to = &results->messages[message];
	struct occasions occasions;
	size_t most = to->finding_count;
	for (size_t i = 0; i < draft->message_count; i++)
		most += draft->messages[i].finding_count;
	if (occasions_init(&occasions, most) != 0)
		return -1;
	for (size_t i = 0; i < to->finding_count; i++)
		if (to->findings[i].rule == rule)
			occasion(&occasions, hash_of(to->source, rule, to->findings[i].path));
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].rule == rule)
				commit_late_finding(results, to, draft->max_findings, &occasions,
						    &draft->messages[i].findings[k]);
	free(occasions.places);
	results->tallies[tally].judged += draft->tallies[tally].judged;
	results->tallies[tally].failed += draft->tallies[tally].failed;
	message_settle(results, to);
	return results->arena.failed || draft->failed ? -1 : 0;
}
