#include "results/read.h"

#include "base/calendar.h"
#include "diag/options.h"
#include "diag/mask.h"
#include "diag/results.h"
#include "results/summary.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct merging {
	struct results *into, *shard;
	const char *name; /* of the shard */
	struct cpis_failure *failure;
};

static int refuse(const struct merging *merging, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int refuse(const struct merging *merging, const char *format, ...)
{
	va_list args;
	*merging->failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(merging->failure->file, sizeof(merging->failure->file), "%s", merging->name);
	va_start(args, format);
	vsnprintf(merging->failure->text, sizeof(merging->failure->text), format, args);
	va_end(args);
	return -1;
}

static int out_of_memory(struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL, .text = "out of memory" };
	return -1;
}

static bool same_rules(const struct results *a, const struct results *b)
{
	if (strcmp(results_ruleset(a).digest, results_ruleset(b).digest) != 0 ||
	    a->rule_count != b->rule_count)
		return false;
	for (size_t i = 0; i < a->rule_count; i++)
		if (strcmp(a->rules[i]->id, b->rules[i]->id) != 0)
			return false;
	return true;
}

static bool same_profile(const struct results *a, const struct results *b)
{
	if (!text_same(a->profile, b->profile) || !a->overrides != !b->overrides)
		return false;
	for (size_t i = 0; a->overrides && i < a->rule_count; i++)
		if (a->overrides[i].set != b->overrides[i].set ||
		    a->overrides[i].off != b->overrides[i].off ||
		    a->overrides[i].severity != b->overrides[i].severity)
			return false;
	return true;
}

/* Whether a waiver, a baseline or a known failure accepts anything, which may be until a day. */
static bool accepts_anything(const struct results *results)
{
	for (size_t i = 0; i < results->case_count; i++)
		if (results->cases[i].outcome == CASE_WAIVED)
			return true;
	for (size_t i = 0; i < results->unlisted_count; i++)
		if (results->unlisted[i].waived)
			return true;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++)
			if (results->messages[i].findings[k].waived)
				return true;
	return false;
}

/* Whether both were judged by one date of --now, or both by the clock. */
static bool same_date_set(const struct results *a, const struct results *b)
{
	return a->date_set == b->date_set && (!a->date_set || a->options.now == b->options.now);
}

/* Results have one date, the latest: what was accepted before may have expired by then. */
static int check_dates(const struct merging *merging)
{
	const long long a = merging->into->options.now, b = merging->shard->options.now;
	char before[32], here[32];
	if (merging->into->shard_count && merging->shard->shard_count &&
	    !same_date_set(merging->into, merging->shard))
		return refuse(merging, "cannot be merged: it was made with a different --now: "
				       "parts of one run need one date");
	if (a / DAY_SECONDS == b / DAY_SECONDS ||
	    !accepts_anything(a < b ? merging->into : merging->shard))
		return 0;
	summary_time(before, a);
	summary_time(here, b);
	return refuse(merging,
		      "cannot be merged: it was judged on %.10s, and the one before on %.10s: what "
		      "is accepted until a day needs one date for all parts (--now)",
		      here, before);
}

/* A part of a run of packs has cases only, and all others messages that no case judged. */
static int check_kind(const struct merging *merging)
{
	bool packs = results_of_packs(merging->into);
	if (packs == results_of_packs(merging->shard))
		return 0;
	return refuse(merging,
		      "cannot be merged: it is of %s, and the one before of %s, so they are "
		      "not parts of one run",
		      packs ? "messages" : "a test pack", packs ? "a test pack" : "messages");
}

/* Two runs are one only if they were judged alike. The time may differ. */
static int check_alike(const struct merging *merging)
{
	const struct results *a = merging->into, *b = merging->shard;
	const char *other = NULL;
	if (!text_same(results_tool(a), results_tool(b)))
		other = "version of cpis";
	else if (!same_rules(a, b))
		other = "rule set";
	else if (!text_same(results_dms(a), results_dms(b)))
		other = "specification";
	else if (!same_profile(a, b))
		other = "profile";
	if (other)
		return refuse(merging, "cannot be merged: it was made with a different %s", other);
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded && row->kind != OPTION_TIME &&
		    !option_agrees(row, &a->options, &b->options))
			return refuse(merging,
				      "cannot be merged: it was made with a different --%s",
				      row->name);
	return 0;
}

/* What --fix did to the files of a part is of that part. */
static bool adds_up(const char *name)
{
	return strcmp(name, META_NOT_WRITTEN) == 0 || strcmp(name, META_COUNTS_FIXED) == 0;
}

static int merge_value(struct merging *merging, struct named_value *to,
		       const struct named_value *from)
{
	if (text_same(to->value, from->value))
		return 0;
	if (!adds_up(from->name))
		return refuse(merging, "%s is \"%s\" here, but \"%s\" before", from->name,
			      from->value, to->value);
	to->value = arena_printf(&merging->into->arena, "%s, %s", to->value, from->value);
	return to->value ? 0 : out_of_memory(merging->failure);
}

static int merge_meta(struct merging *merging)
{
	struct results *into = merging->into;
	for (size_t i = 0; i < merging->shard->meta_count; i++) {
		const struct named_value *from = &merging->shard->meta[i];
		bool known = false;
		for (size_t k = 0; k < into->meta_count && !known; k++) {
			known = text_same(into->meta[k].name, from->name);
			if (known && merge_value(merging, &into->meta[k], from) != 0)
				return -1;
		}
		if (!known && results_add_meta(into, from->name, from->value) != 0)
			return out_of_memory(merging->failure);
	}
	return 0;
}

static int merge_packs(struct merging *merging)
{
	struct results *into = merging->into;
	for (size_t i = 0; i < merging->shard->pack_count; i++) {
		const struct pack_result *from = &merging->shard->packs[i];
		const struct pack_result *known = pack_named(into, from->name);
		if (known && (strcmp(known->sha256, from->sha256) != 0 ||
			      !text_same(known->version, from->version)))
			return refuse(merging, "the pack %s differs from the one before",
				      from->name);
		struct pack_result *to = known ? NULL : results_add_pack(into);
		if (to)
			*to = *from;
		else if (!known)
			return out_of_memory(merging->failure);
	}
	return 0;
}

/* Each shard says what is wrong with the evidence or the waivers as a whole: the same, and then
 * once. */
static bool is_same_fault(const struct case_result *one, const struct case_result *other)
{
	return one->outcome == CASE_FAILED && other->outcome == CASE_FAILED &&
	       !one->message_count && !other->message_count && !one->requirement_count &&
	       text_same(one->title, other->title) && text_same(one->reason, other->reason);
}

/* The case of the evidence as a whole: what each part saw of it is joined. */
static bool is_of_all_evidence(const struct case_result *one)
{
	return one->from == CASE_OF_EVIDENCE && !one->message_count && !one->line &&
	       text_same(one->id, EVIDENCE_CASE);
}

/* Keep the cases of one side that were run, or that the other side does not have. */
static size_t keep_cases(struct case_result *to, const struct results *of,
			 const struct sorted_cases *others, size_t first_message, bool first)
{
	size_t kept = 0;
	for (size_t i = 0; i < of->case_count; i++) {
		const struct case_result *one = &of->cases[i];
		const struct case_result *other = cases_find(others, one->pack, one->id);
		/* If both left it out, the first is kept. */
		if (other && one->outcome == CASE_LEFT_OUT &&
		    !(first && other->outcome == CASE_LEFT_OUT))
			continue;
		if (other && !first && (is_same_fault(one, other) || is_of_all_evidence(one)))
			continue;
		to[kept] = *one;
		to[kept++].first_message += first_message;
	}
	return kept;
}

/* Each side may have cases of a pack that the other has not. Of packs with one name, each keeps its
 * own number. */
static void count_of_packs(struct results *results)
{
	for (size_t i = 0; i < results->pack_count; i++) {
		size_t named = 0, cases = 0;
		for (size_t k = 0; k < results->pack_count; k++)
			named += text_same(results->packs[k].name, results->packs[i].name);
		for (size_t k = 0; k < results->case_count; k++)
			cases += results->cases[k].from != CASE_OF_RUN &&
				 text_same(results->cases[k].pack, results->packs[i].name);
		if (named == 1)
			results->packs[i].case_count = cases;
	}
}

/* Another sentence of a case about all evidence, unless it says that already. */
static int say_more(struct merging *merging, struct case_result *one, const char *more)
{
	if (!more || (one->reason && strstr(one->reason, more)))
		return 0;
	bool covers = !one->reason || strstr(more, one->reason);
	one->reason = !covers ? arena_printf(&merging->into->arena, "%s; %s", one->reason, more)
			      : arena_copy(&merging->into->arena, str_of(more));
	return one->reason ? 0 : out_of_memory(merging->failure);
}

/* What is wrong with the evidence for each of the parts; the second one drops its case. */
static int join_evidence_cases(struct merging *merging, const struct sorted_cases *theirs)
{
	for (size_t i = 0; i < merging->into->case_count; i++) {
		struct case_result *one = &merging->into->cases[i];
		const struct case_result *other =
			is_of_all_evidence(one) ? cases_find(theirs, one->pack, one->id) : NULL;
		if (!other)
			continue;
		if (say_more(merging, one, other->reason) != 0)
			return -1;
		if (case_outcome_weight(other->outcome) > case_outcome_weight(one->outcome))
			one->outcome = other->outcome;
	}
	return 0;
}

static int merge_cases(struct merging *merging)
{
	struct results *into = merging->into, *shard = merging->shard;
	struct sorted_cases ours, theirs;
	size_t room = into->case_count + shard->case_count;
	struct case_result *both = arena_alloc(&into->arena, (room + 1) * sizeof(*both));
	if (!both || cases_sort(&ours, &into->arena, into) != 0 ||
	    cases_sort(&theirs, &shard->arena, shard) != 0)
		return out_of_memory(merging->failure);
	for (size_t i = 0; i < shard->case_count; i++) {
		const struct case_result *one = &shard->cases[i];
		const struct case_result *other = cases_find(&ours, one->pack, one->id);
		if (other && other->outcome != CASE_LEFT_OUT && one->outcome != CASE_LEFT_OUT &&
		    one->from != CASE_OF_RUN && !is_same_fault(one, other) &&
		    !is_of_all_evidence(one))
			return refuse(merging, "the case %s/%s has already been run", one->pack,
				      one->id);
	}
	if (join_evidence_cases(merging, &theirs) != 0)
		return -1;
	size_t kept = keep_cases(both, into, &theirs, 0, true);
	kept += keep_cases(both + kept, shard, &ours, into->message_count, false);
	into->cases = both;
	into->case_count = kept;
	into->case_room = room;
	return 0;
}

/* The case of a pack for the evidence as a whole; a new one that nothing is wrong with yet. */
static struct case_result *case_of_all_evidence(struct results *into, const char *pack)
{
	for (size_t i = 0; i < into->case_count; i++)
		if (is_of_all_evidence(&into->cases[i]) && text_same(into->cases[i].pack, pack))
			return &into->cases[i];
	struct case_result *one = results_add_case(into);
	if (one)
		*one = (struct case_result){
			.pack = pack,
			.from = CASE_OF_EVIDENCE,
			.id = EVIDENCE_CASE,
			.title = "The evidence as a whole",
			.outcome = CASE_PASSED,
			.expected = EVIDENCE_EXPECTED,
			.first_message = into->message_count,
		};
	return one;
}

/* What a pack checks over all evidence, once more over that of both sides. */
static int check_evidence(struct merging *merging, const char *pack)
{
	struct results *into = merging->into;
	struct buf faults, unknown;
	int status = 0;
	buf_init(&faults, SIZE_MAX / 2);
	buf_init(&unknown, SIZE_MAX / 2);
	sent_check(into->sent, into->sent_count, pack, &faults, &unknown);
	bool any = faults.n || unknown.n;
	struct case_result *one = any ? case_of_all_evidence(into, pack) : NULL;
	if (faults.failed || unknown.failed || (any && !one))
		status = out_of_memory(merging->failure);
	if (status == 0 && faults.n) {
		one->outcome = CASE_FAILED;
		status = say_more(merging, one, buf_view(&faults).p);
	}
	if (status == 0 && unknown.n) {
		if (one->outcome == CASE_PASSED)
			one->outcome = CASE_NOT_RUN;
		status = say_more(merging, one, buf_view(&unknown).p);
	}
	buf_release(&faults);
	buf_release(&unknown);
	return status;
}

/* After merge_cases and merge_messages. */
static int merge_sent(struct merging *merging)
{
	struct results *into = merging->into;
	for (size_t i = 0; i < merging->shard->sent_count; i++) {
		struct sent_result *sent = results_add_sent(into);
		if (!sent)
			return out_of_memory(merging->failure);
		*sent = merging->shard->sent[i];
	}
	for (size_t i = 0; i < into->pack_count; i++)
		if (check_evidence(merging, into->packs[i].name) != 0)
			return -1;
	count_of_packs(into);
	return 0;
}

static enum case_outcome worst_of(const struct requirement_result *requirement,
				  const struct sorted_cases *sorted)
{
	enum case_outcome worst = requirement->case_count ? CASE_PASSED : CASE_NOT_RUN;
	for (size_t i = 0; i < requirement->case_count; i++) {
		const struct case_result *one =
			cases_find(sorted, requirement->pack, requirement->cases[i]);
		if (one && case_outcome_weight(one->outcome) > case_outcome_weight(worst))
			worst = one->outcome;
	}
	return worst;
}

/* After merge_cases: the outcome of a requirement is the worst of all its cases. */
static int merge_requirements(struct merging *merging)
{
	struct results *into = merging->into;
	struct sorted_cases sorted;
	size_t ours = into->requirement_count;
	if (cases_sort(&sorted, &into->arena, into) != 0)
		return out_of_memory(merging->failure);
	for (size_t i = 0; i < merging->shard->requirement_count; i++) {
		const struct requirement_result *from = &merging->shard->requirements[i];
		struct requirement_result *known = NULL;
		for (size_t k = 0; k < ours && !known; k++)
			if (text_same(into->requirements[k].pack, from->pack) &&
			    text_same(into->requirements[k].id, from->id))
				known = &into->requirements[k];
		if (known) {
			known->outcome = worst_of(known, &sorted);
			continue;
		}
		struct requirement_result *to = results_add_requirement(into);
		if (!to)
			return out_of_memory(merging->failure);
		*to = *from;
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

/* Sources of messages that no case judged: each may be judged once only. */
static size_t add_sources(const char **sources, const struct results *results)
{
	size_t count = 0, cursor = 0;
	for (size_t i = 0; i < results->message_count; i++)
		if (!case_of_message(results, i, &cursor))
			sources[count++] = results->messages[i].source;
	if (count)
		qsort(sources, count, sizeof(*sources), by_text);
	return count;
}

static int refuse_message_twice(struct merging *merging)
{
	struct results *into = merging->into, *shard = merging->shard;
	const char **ours = arena_alloc(&shard->arena, (into->message_count + 1) * sizeof(*ours));
	const char **theirs =
		arena_alloc(&shard->arena, (shard->message_count + 1) * sizeof(*theirs));
	if (!ours || !theirs)
		return out_of_memory(merging->failure);
	size_t our_count = add_sources(ours, into), their_count = add_sources(theirs, shard);
	/* Within a shard, several messages may come from one archive or envelope. */
	for (size_t i = 0; our_count && i < their_count; i++)
		if (bsearch(&theirs[i], ours, our_count, sizeof(*ours), by_text))
			return refuse(merging, "the message %s has already been checked",
				      theirs[i]);
	return 0;
}

static void own_rules(const struct results *into, const struct rule_index *index,
		      struct finding *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		list[i].rule = into->rules[rule_index_of(index, list[i].rule)];
		if (list[i].cause)
			list[i].cause = into->rules[rule_index_of(index, list[i].cause)];
	}
}

static int merge_messages(struct merging *merging, const struct rule_index *index)
{
	struct results *into = merging->into;
	for (size_t i = 0; i < merging->shard->message_count; i++) {
		struct message_result *to = results_add_message(into);
		if (!to)
			return out_of_memory(merging->failure);
		*to = merging->shard->messages[i];
		own_rules(into, index, to->findings, to->finding_count);
		own_rules(into, index, to->behind, to->behind_count);
		for (size_t k = 0; k < to->unlisted_count; k++)
			to->unlisted[k].rule =
				into->rules[rule_index_of(index, to->unlisted[k].rule)];
	}
	return 0;
}

/* Files that the shards read: all of them read the same. */
static int merge_inputs(struct merging *merging)
{
	struct results *into = merging->into;
	for (size_t i = 0; i < merging->shard->input_count; i++) {
		const struct input_result *from = &merging->shard->inputs[i];
		size_t known = into->input_count;
		struct input_result *to =
			results_add_input(into, from->pack, from->role, from->name);
		if (!to)
			return out_of_memory(merging->failure);
		if (into->input_count == known && strcmp(to->sha256, from->sha256) != 0)
			return refuse(merging, "%s differs from the one before", from->name);
		to->bytes = from->bytes;
		memcpy(to->sha256, from->sha256, sizeof(to->sha256));
	}
	for (size_t i = 0; i < merging->shard->evidence_count; i++) {
		const struct evidence_result *from = &merging->shard->evidence[i];
		size_t known = into->evidence_count;
		struct evidence_result *to = results_add_evidence(into, from->name);
		if (!to)
			return out_of_memory(merging->failure);
		if (into->evidence_count == known && strcmp(to->sha256, from->sha256) != 0)
			return refuse(merging, "the evidence %s differs from that before",
				      from->name);
		if (into->evidence_count > known) {
			const char *name = to->name;
			*to = *from;
			to->name = name;
		}
	}
	return 0;
}

/* Parts of one run: each once, of the same inputs. */
static int check_parts(const struct merging *merging)
{
	const struct results *a = merging->into, *b = merging->shard;
	if (!a->shard_count != !b->shard_count)
		return refuse(merging, "cannot be merged: parts made with --shard go together only "
				       "with such parts");
	for (size_t i = 0; i < b->shard_count; i++) {
		const struct shard_result *part = &b->shards[i], *first = &a->shards[0];
		if (part->of != first->of)
			return refuse(merging,
				      "cannot be merged: it is a part of %zu, and the ones before "
				      "are of %zu",
				      part->of, first->of);
		if (strcmp(part->inputs, first->inputs) != 0)
			return refuse(merging, "cannot be merged: it is a part of other inputs");
		for (size_t k = 0; k < a->shard_count; k++)
			if (a->shards[k].number == part->number)
				return refuse(merging, "part %zu of %zu is there twice",
					      part->number, part->of);
	}
	return 0;
}

static void unlisted_add(struct unlisted_messages *to, const struct unlisted_messages *from)
{
	to->messages += from->messages;
	to->records += from->records;
	to->errors += from->errors;
	to->warnings += from->warnings;
	to->infos += from->infos;
	to->waived += from->waived;
	to->suppressed += from->suppressed;
	to->omissions += from->omissions;
	to->turned_off += from->turned_off;
	to->unread += from->unread;
	to->unrecognised += from->unrecognised;
	to->by_baseline += from->by_baseline;
	to->uploads += from->uploads;
}

static int merge_parts(struct merging *merging)
{
	struct results *into = merging->into, *shard = merging->shard;
	for (size_t i = 0; i < shard->shard_count; i++) {
		struct shard_result *part = results_add_shard(into);
		if (!part)
			return out_of_memory(merging->failure);
		*part = shard->shards[i];
	}
	for (size_t i = 0; i < shard->root_count; i++) {
		struct root_result *root = results_add_root(into, shard->roots[i].path);
		if (!root)
			return out_of_memory(merging->failure);
		root->kept += shard->roots[i].kept;
	}
	for (size_t i = 0; i < shard->file_count; i++) {
		struct file_result *file = results_add_file(into, shard->files[i].path);
		if (!file)
			return out_of_memory(merging->failure);
		const char *path = file->path;
		*file = shard->files[i];
		file->path = path;
	}
	for (size_t i = 0; i < shard->unlisted_count; i++) {
		const struct unlisted_messages *from = &shard->unlisted[i];
		struct unlisted_messages *to = results_add_unlisted(into, from->verdict);
		if (!to)
			return out_of_memory(merging->failure);
		unlisted_add(to, from);
	}
	return 0;
}

static bool has_upload(const struct results *results)
{
	size_t cursor = 0;
	for (size_t i = 0; i < results->message_count; i++)
		if (text_same(results->messages[i].type, "REPC_MT000002GB01") &&
		    !case_of_message(results, i, &cursor))
			return true;
	return false;
}

/* Runs that were not divided by --shard keep nothing to judge uploads by. */
static int note_uploads_apart(struct merging *merging)
{
	static const char what[] = "the sequence of uploads in different results (PAIR-011)";
	struct results *into = merging->into;
	if (into->shard_count || !has_upload(into) || !has_upload(merging->shard))
		return 0;
	return results_note_apart(into, what, APART_IN_RESULTS) == 0
		       ? 0
		       : out_of_memory(merging->failure);
}

static int merge_left_out(struct merging *merging)
{
	const struct results *shard = merging->shard;
	for (size_t i = 0; i < shard->left_out_count; i++)
		if (results_add_left_out(merging->into, shard->left_out[i].what,
					 shard->left_out[i].why) != 0)
			return out_of_memory(merging->failure);
	return 0;
}

static void merge_tallies(struct merging *merging, const struct rule_index *index)
{
	for (size_t i = 0; i < merging->into->rule_count; i++) {
		struct rule_tally *to = &merging->into->tallies[i];
		const struct rule_tally *from = &merging->shard->tallies[i];
		to->judged += from->judged;
		to->failed += from->failed;
		to->not_applicable += from->not_applicable;
		to->blocked += from->blocked;
		if (from->blocked_by)
			to->blocked_by = rule_first(
				to->blocked_by,
				merging->into->rules[rule_index_of(index, from->blocked_by)]);
	}
}

/* Tokens such as "[NHS number #2]": the same value has the same number within one run only. */

static void note_highest(const char *text, size_t *highest)
{
	size_t number, digits;
	for (const char *p = text ? strchr(text, '[') : NULL; p; p = strchr(p + 1, '['))
		if (mask_token_at(p, &number, &digits) && number > *highest)
			*highest = number;
}

static void note_record(const struct record_change *record, size_t *highest)
{
	note_highest(record->expected, highest);
	note_highest(record->found, highest);
	for (size_t i = 0; i < record->value_count; i++) {
		note_highest(record->values[i].expected, highest);
		note_highest(record->values[i].found, highest);
	}
}

/* The highest number of any token; 0: there is no token. */
static size_t highest_token(const struct results *results)
{
	size_t highest = 0;
	for (size_t i = 0; i < results->case_count; i++) {
		note_highest(results->cases[i].actual, &highest);
		note_highest(results->cases[i].reason, &highest);
		for (size_t k = 0; k < results->cases[i].record_count; k++)
			note_record(&results->cases[i].records[k], &highest);
	}
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			const struct finding *finding = &message->findings[k];
			note_highest(finding->message, &highest);
			note_highest(finding->fix, &highest);
			note_highest(finding->expected, &highest);
			note_highest(finding->actual, &highest);
			note_highest(finding->excerpt, &highest);
		}
	}
	return highest;
}

/* The text with its tokens renumbered. Where the text before *caret grows, *caret moves. */
static const char *shifted(struct results *results, const char *text, size_t by, size_t *caret)
{
	struct buf out;
	size_t highest = 0, number, digits, before = caret ? *caret : 0, seen = 0;
	note_highest(text, &highest);
	if (!highest)
		return text;
	buf_init(&out, 1 << 20);
	for (const char *p = text; *p;) {
		size_t n = mask_token_at(p, &number, &digits);
		if (!n) {
			seen += ((unsigned char)*p & 0xc0) != 0x80;
			buf_char(&out, *p++);
			continue;
		}
		size_t start = out.n;
		buf_add(&out, p, n);
		buf_printf(&out, "%zu", number + by);
		seen += n + digits;
		p += n + digits;
		if (caret && seen <= before)
			*caret += out.n - start - n - digits;
	}
	results->arena.failed = results->arena.failed || out.failed;
	const char *kept = arena_copy(&results->arena, buf_view(&out));
	buf_release(&out);
	return kept;
}

static void shift_case(struct results *results, struct case_result *one, size_t by)
{
	one->actual = shifted(results, one->actual, by, NULL);
	one->reason = shifted(results, one->reason, by, NULL);
	for (size_t i = 0; i < one->fault_count; i++)
		one->faults[i].text = shifted(results, one->faults[i].text, by, NULL);
	for (size_t i = 0; i < one->record_count; i++) {
		struct record_change *record = &one->records[i];
		record->expected = shifted(results, record->expected, by, NULL);
		record->found = shifted(results, record->found, by, NULL);
		for (size_t k = 0; k < record->value_count; k++) {
			struct value_change *value = &record->values[k];
			value->expected = shifted(results, value->expected, by, NULL);
			value->found = shifted(results, value->found, by, NULL);
		}
	}
}

/* Add to the number of every token. -1 when out of memory. */
static int shift_tokens(struct results *results, size_t by)
{
	if (!by || results->options.show_values)
		return 0;
	for (size_t i = 0; i < results->case_count; i++)
		shift_case(results, &results->cases[i], by);
	for (size_t i = 0; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			struct finding *finding = &message->findings[k];
			finding->message = shifted(results, finding->message, by, NULL);
			finding->fix = shifted(results, finding->fix, by, NULL);
			finding->expected = shifted(results, finding->expected, by, NULL);
			finding->actual = shifted(results, finding->actual, by, NULL);
			finding->excerpt = shifted(results, finding->excerpt, by, &finding->caret);
		}
	}
	return results->arena.failed ? -1 : 0;
}

static int merge(struct merging *joined, bool parts)
{
	struct results *results = joined->into, *shard = joined->shard;
	struct cpis_failure *failure = joined->failure;
	struct merging merging = *joined;
	if ((!parts && refuse_message_twice(&merging) != 0) || merge_meta(&merging) != 0 ||
	    merge_packs(&merging) != 0)
		return -1;
	struct rule_index *index = rule_index_new(shard);
	int status = index && (parts || shift_tokens(shard, highest_token(results)) == 0)
			     ? 0
			     : out_of_memory(failure);
	if (status == 0)
		status = merge_parts(&merging);
	if (status == 0)
		status = merge_cases(&merging);
	if (status == 0)
		status = merge_requirements(&merging);
	if (status == 0)
		status = note_uploads_apart(&merging);
	if (status == 0)
		status = merge_messages(&merging, index);
	if (status == 0)
		status = merge_sent(&merging);
	if (status == 0)
		status = merge_left_out(&merging);
	if (status == 0)
		status = merge_inputs(&merging);
	if (status == 0)
		merge_tallies(&merging, index);
	rule_index_free(index);
	if (shard->options.now > results->options.now)
		results->options.now = shard->options.now;
	results->date_set |= shard->date_set;
	results->command_count = 0;
	/* Where all of it was copied, its memory goes with it. */
	if (status != 0 || shard->message_count || shard->case_count || shard->pack_count ||
	    shard->requirement_count)
		arena_take(&results->arena, &shard->arena);
	return status;
}

int results_merge(struct results *results, struct results *shard, const char *name,
		  struct cpis_failure *failure)
{
	struct merging merging = {
		.into = results, .shard = shard, .name = name, .failure = failure
	};
	if (check_alike(&merging) != 0 || check_kind(&merging) != 0 || check_dates(&merging) != 0 ||
	    check_parts(&merging) != 0)
		return -1;
	return merge(&merging, results->shard_count > 0);
}

static bool same_inputs(const struct results *a, const struct results *b)
{
	bool same = a->input_count == b->input_count;
	for (size_t i = 0; same && i < a->input_count; i++)
		same = text_same(a->inputs[i].role, b->inputs[i].role) &&
		       text_same(a->inputs[i].name, b->inputs[i].name) &&
		       strcmp(a->inputs[i].sha256, b->inputs[i].sha256) == 0;
	return same;
}

bool results_are_of_part(struct results *results, struct results *earlier)
{
	struct cpis_failure failure;
	struct merging merging = {
		.into = results, .shard = earlier, .name = "", .failure = &failure
	};
	const struct shard_result *part = results->shards, *known = earlier->shards;
	return results->shard_count == 1 && earlier->shard_count == 1 && !earlier->joined &&
	       !earlier->unlisted_count && part->number == known->number && part->of == known->of &&
	       strcmp(part->inputs, known->inputs) == 0 && check_alike(&merging) == 0 &&
	       same_date_set(results, earlier) && same_inputs(results, earlier);
}

int results_take_earlier(struct results *results, struct results *earlier, const char *name,
			 struct cpis_failure *failure)
{
	struct merging merging = {
		.into = results, .shard = earlier, .name = name, .failure = failure
	};
	size_t words = results->command_count;
	earlier->shard_count = earlier->meta_count = 0;
	int status = merge(&merging, true);
	results->command_count = words;
	return status;
}
