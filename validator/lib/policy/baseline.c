#include "policy/baseline.h"

#include "base/arena.h"
#include "base/files.h"
#include "config/fields.h"
#include "diag/draft.h"
#include "diag/failure.h"
#include "diag/results.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct entry {
	struct config_place place;
	struct config_text rule, path, reason;
	struct config_text message; /* the one that it is about, as reports name it; NULL: any */
	struct config_text value;   /* a digest that older versions wrote: read and not used */
};

/* An entry of the file, or of the list of new ones. */
struct known {
	const struct entry *entry;
	bool used;
	bool off; /* its rule: no one looked for it */
};

struct cpis_baseline {
	struct arena arena;
	const char *path;
	bool updating;
	size_t lacking;	       /* findings that were not listed, while it is being made */
	bool unsure;	       /* the run that it was used for did not look for everything */
	struct entry *entries; /* as the file has them */
	size_t count;
	struct known *old; /* of one that is made again: its entries, in order of key */
	size_t old_count;
	struct known *known; /* in order of key: from the file, or noted in this run */
	size_t known_count, known_room;
};

static const struct field entry_fields[] = {
	{ "rule", FIELD_TEXT, .required = true, .offset = offsetof(struct entry, rule) },
	{ "path", FIELD_TEXT, .required = true, .may_be_empty = true,
	  .offset = offsetof(struct entry, path) },
	{ "message", FIELD_TEXT, .offset = offsetof(struct entry, message) },
	{ "value", FIELD_TEXT, .offset = offsetof(struct entry, value) },
	{ "reason", FIELD_TEXT, .offset = offsetof(struct entry, reason) },
};

const struct mapping baseline_mapping = {
	.what = "an accepted finding",
	.bytes = sizeof(struct entry),
	FIELDS(entry_fields),
};

/* A run of "." says "./a.xml" of what another run calls "a.xml". */
static const char *plain_name(const struct entry *entry)
{
	const char *name = entry->message.text ? entry->message.text : "";
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	return name;
}

static int compare_keys(const struct entry *a, const struct entry *b)
{
	const char *one = plain_name(a), *other = plain_name(b);
	int order = strcmp(a->rule.text, b->rule.text);
	order = order ? order : strcmp(a->path.text, b->path.text);
	return order ? order : strcmp(one, other);
}

static int by_key(const void *a, const void *b)
{
	return compare_keys(((const struct known *)a)->entry, ((const struct known *)b)->entry);
}

static struct known *find(struct known *list, size_t count, const struct entry *key)
{
	const struct known wanted = { .entry = key };
	return count ? bsearch(&wanted, list, count, sizeof(wanted), by_key) : NULL;
}

static int take(struct cpis_baseline *baseline, const struct entry *entry)
{
	struct known *list = list_grown(baseline->known, baseline->known_count,
					&baseline->known_room, sizeof(*list));
	if (!list)
		return -1;
	baseline->known = list;
	baseline->known[baseline->known_count++] = (struct known){ .entry = entry };
	return 0;
}

/* Of several with one key, the first of the file. */
static int by_key_and_place(const void *a, const void *b)
{
	const struct known *x = a, *y = b;
	int order = by_key(a, b);
	return order ? order : (x->entry > y->entry) - (x->entry < y->entry);
}

/* In order, and each once: older versions had an entry for each value, and a run has many findings
 * of one. */
static void sort(struct cpis_baseline *baseline)
{
	size_t count = 0;
	if (baseline->known_count)
		qsort(baseline->known, baseline->known_count, sizeof(*baseline->known),
		      by_key_and_place);
	for (size_t i = 0; i < baseline->known_count; i++)
		if (count == 0 || by_key(&baseline->known[count - 1], &baseline->known[i]) != 0)
			baseline->known[count++] = baseline->known[i];
	baseline->known_count = count;
}

static int open_file(struct cpis_baseline *baseline, struct cpis_failure *failure)
{
	struct problems problems;
	void *items = NULL;
	const struct loader loader = { &baseline->arena, baseline->path, &problems, false };
	problems_init(&problems);
	if (!baseline->updating || access(baseline->path, F_OK) == 0)
		load_list_file(&loader, &baseline_mapping, &items, &baseline->count);
	baseline->entries = items;
	if (problems_close(&problems, NULL, NULL, failure) != 0)
		return -1;
	for (size_t i = 0; i < baseline->count; i++)
		if (take(baseline, &baseline->entries[i]) != 0)
			return failure_out_of_memory(failure);
	sort(baseline);
	if (!baseline->updating)
		return 0;
	baseline->old = baseline->known;
	baseline->old_count = baseline->known_count;
	baseline->known = NULL;
	baseline->known_count = baseline->known_room = 0;
	return 0;
}

int cpis_baseline_open(struct cpis_baseline **baseline, const char *path, int update,
		       struct cpis_failure *failure)
{
	struct cpis_baseline *made = calloc(1, sizeof(*made));
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	if (!made)
		return -1;
	arena_init(&made->arena);
	made->updating = update != 0;
	made->path = arena_copy(&made->arena, str_of(path));
	if (!made->path || open_file(made, failure) != 0) {
		cpis_baseline_free(made);
		return -1;
	}
	*baseline = made;
	return 0;
}

void cpis_baseline_free(struct cpis_baseline *baseline)
{
	if (!baseline)
		return;
	arena_release(&baseline->arena);
	free(baseline->old);
	free(baseline->known);
	free(baseline);
}

/* What the file had of it so far; NULL: nothing. */
static const struct entry *old_entry(const struct cpis_baseline *baseline, const struct entry *key)
{
	const struct known *known = find(baseline->old, baseline->old_count, key);
	return known ? known->entry : NULL;
}

/* message NULL: of any. */
static struct entry key_of(const char *message, const struct finding *finding)
{
	return (struct entry){
		.rule.text = finding->rule->id,
		.path.text = finding->path ? finding->path : "",
		.message.text = message,
	};
}

/* A finding; of one message only where the file said so before. */
static void note(struct cpis_baseline *baseline, const char *message, const struct finding *finding)
{
	const struct entry of_any = key_of(NULL, finding), of_message = key_of(message, finding);
	struct entry *kept = arena_alloc(&baseline->arena, sizeof(*kept));
	const struct entry *old = old_entry(baseline, &of_message);
	const struct entry *key = old ? &of_message : &of_any;
	if (!kept)
		return;
	old = old ? old : old_entry(baseline, key);
	*kept = (struct entry){ 0 };
	if (key->message.text)
		kept->message.text = arena_copy(&baseline->arena, str_of(key->message.text));
	kept->rule.text = arena_copy(&baseline->arena, str_of(key->rule.text));
	kept->path.text = arena_copy(&baseline->arena, str_of(key->path.text));
	kept->reason.text = old ? old->reason.text : NULL;
	if (baseline->arena.failed || take(baseline, kept) != 0)
		baseline->arena.failed = true;
}

/* The entry of a finding; NULL: there is none. */
static struct known *entry_of(struct cpis_baseline *baseline, const char *message,
			      const struct finding *finding)
{
	const struct entry of_any = key_of(NULL, finding), of_message = key_of(message, finding);
	struct known *known = find(baseline->known, baseline->known_count, &of_message);
	return known ? known : find(baseline->known, baseline->known_count, &of_any);
}

void baseline_meets(struct cpis_baseline *baseline, const char *message,
		    const struct finding *finding)
{
	struct known *known = baseline->updating ? NULL : entry_of(baseline, message, finding);
	if (known)
		known->used = true;
}

bool baseline_accepts(struct cpis_baseline *baseline, const char *message,
		      const struct finding *finding, const char **reason)
{
	if (baseline->updating) {
		note(baseline, message, finding);
		*reason = NULL;
		return true;
	}
	struct known *known = entry_of(baseline, message, finding);
	if (!known)
		return false;
	known->used = true;
	*reason = known->entry->reason.text;
	return true;
}

bool baseline_names(const struct cpis_baseline *baseline, const char *rule)
{
	for (size_t i = 0; i < baseline->known_count; i++)
		if (strcmp(baseline->known[i].entry->rule.text, rule) == 0)
			return true;
	return baseline->updating;
}

/* A digest of a value is as good as the value, for who can try all values. */
static void report_digests(const struct cpis_baseline *baseline,
			   void (*tell)(void *context, const struct cpis_failure *stale),
			   void *context)
{
	const struct entry *first = NULL;
	for (size_t i = baseline->count; i-- > 0;)
		first = baseline->entries[i].value.text ? &baseline->entries[i] : first;
	if (!first || !tell)
		return;
	struct cpis_failure old = { .kind = CPIS_FAILURE_CONFIGURATION,
				    .line = first->value.place.line,
				    .column = first->value.place.column };
	snprintf(old.file, sizeof(old.file), "%s", baseline->path);
	snprintf(old.text, sizeof(old.text),
		 "'value' is a digest of personal values, which this version does not use: write "
		 "the "
		 "file again with --update-baseline, and delete the old one");
	tell(context, &old);
}

const char *baseline_path(const struct cpis_baseline *baseline)
{
	return baseline->path;
}

void baseline_begin(struct cpis_baseline *baseline, const struct results *results)
{
	baseline->unsure = baseline->unsure || results_lack_parts(results);
	for (size_t i = 0; i < baseline->known_count; i++) {
		struct known *known = &baseline->known[i];
		known->off = results_rule_off(results, known->entry->rule.text);
	}
}

void baseline_miss(struct cpis_baseline *baseline)
{
	baseline->unsure = true;
}

void baseline_lack(struct cpis_baseline *baseline, size_t count)
{
	baseline->lacking += baseline->updating ? count : 0;
}

size_t cpis_baseline_stale(const struct cpis_baseline *baseline,
			   void (*tell)(void *context, const struct cpis_failure *stale),
			   void *context)
{
	size_t count = 0;
	if (!baseline->updating)
		report_digests(baseline, tell, context);
	for (size_t i = 0; !baseline->updating && i < baseline->known_count; i++) {
		const struct known *known = &baseline->known[i];
		if (known->used || known->off || baseline->unsure)
			continue;
		count++;
		struct cpis_failure stale = { .kind = CPIS_FAILURE_CONFIGURATION,
					      .line = known->entry->place.line,
					      .column = known->entry->place.column };
		snprintf(stale.file, sizeof(stale.file), "%s", baseline->path);
		snprintf(stale.text, sizeof(stale.text),
			 "stale: %s at %s was not found in this run: remove it",
			 known->entry->rule.text, known->entry->path.text);
		if (tell)
			tell(context, &stale);
	}
	return count;
}

static void quote(struct buf *out, const char *text)
{
	buf_char(out, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"' || *p == '\\')
			buf_char(out, '\\');
		buf_char(out, *p);
	}
	buf_char(out, '"');
}

static void write_entries(const struct cpis_baseline *baseline, struct buf *out)
{
	buf_text(out, "# Accepted findings: a new finding fails the run, and one that is gone is "
		      "reported.\n"
		      "# Give each a reason. Reasons are kept when the file is made again.\n");
	if (!baseline->known_count)
		buf_text(out, "[]\n");
	for (size_t i = 0; i < baseline->known_count; i++) {
		const struct entry *entry = baseline->known[i].entry;
		buf_printf(out, "- rule: %s\n  path: ", entry->rule.text);
		quote(out, entry->path.text);
		buf_char(out, '\n');
		if (entry->message.text) {
			buf_text(out, "  message: ");
			quote(out, entry->message.text);
			buf_char(out, '\n');
		}
		if (entry->reason.text) {
			buf_text(out, "  reason: ");
			quote(out, entry->reason.text);
			buf_char(out, '\n');
		}
	}
}

int cpis_baseline_write(struct cpis_baseline *baseline, struct cpis_failure *failure)
{
	struct buf text;
	if (baseline->lacking) {
		failure_set(failure, CPIS_FAILURE_INTERNAL,
			    "the baseline is not written: %zu more finding%s not listed, and it "
			    "would lack %s: give a larger --max-findings",
			    baseline->lacking, baseline->lacking == 1 ? " is" : "s are",
			    baseline->lacking == 1 ? "it" : "them");
		return -1;
	}
	sort(baseline);
	buf_init(&text, SIZE_MAX / 2);
	write_entries(baseline, &text);
	int status = -1;
	if (text.failed || baseline->arena.failed)
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
	else
		status = files_write(baseline->path, FILES_RENEW, "the baseline", buf_view(&text),
				     failure);
	buf_release(&text);
	return status;
}

void baseline_mark(struct finding *finding, const char *reason, struct arena *arena)
{
	finding->by_baseline = 1;
	finding->waived =
		reason ? arena_copy(arena, str_of(reason)) : "in the baseline, without a reason";
}

static bool accepts_rule(const void *context, const char *rule)
{
	return baseline_names(context, rule);
}

static void take_finding(struct cpis_baseline *baseline, struct results *results,
			 const struct message_result *message, struct finding *finding)
{
	const char *reason = NULL;
	if (finding->waived)
		baseline_meets(baseline, message->source, finding);
	else if (baseline_accepts(baseline, message->source, finding, &reason))
		baseline_mark(finding, reason, &results->arena);
}

int cpis_results_baseline(struct cpis_results *public_results, struct cpis_baseline *baseline,
			  struct cpis_failure *failure)
{
	struct results *results = results_inside(public_results);
	if (results_check_doubts(results, failure) != 0)
		return -1;
	baseline_begin(baseline, results);
	if (results_may_miss(results, 0))
		baseline_miss(baseline);
	for (size_t i = 0; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		struct finding *behind;
		for (size_t k = 0; k < message->finding_count; k++)
			take_finding(baseline, results, message, &message->findings[k]);
		do
			for (size_t at = 0; (behind = message_uncovered(results, message, &at));)
				take_finding(baseline, results, message, behind);
		while (message_reveal(results, message));
		for (size_t k = 0; k < message->unlisted_count; k++)
			baseline_lack(baseline, message->unlisted[k].count);
		message_doubt_unlisted(results, message, accepts_rule, baseline);
		message_settle(results, message);
	}
	/* One that is being made need not be there yet. */
	if (access(baseline->path, F_OK) == 0 &&
	    results_note_input(results, NULL, "baseline", NULL, baseline->path) != 0)
		return failure_out_of_memory(failure);
	return results->arena.failed ? failure_out_of_memory(failure) : 0;
}
