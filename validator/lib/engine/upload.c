#include "engine/upload.h"

#include "base/character.h"
#include "diag/failure.h"
#include "diag/mask.h"
#include "engine/limits.h"
#include "rules/catalogue.h"
#include "rules/pair.h"

#include <stdlib.h>

/* Keeping */

/* Its place in the document is found with those of the findings. */
static struct draft_finding to_place(const struct summary_value *value)
{
	const struct rule *rule = rules_stage(RULE_PAIR_011);
	return (struct draft_finding){ .rule = rule,
				       .severity = rule->severity,
				       .offset = value->value.offset,
				       .document = value->document };
}

static bool is_plain(enum mask_kind kind, struct str text)
{
	return mask_shown(kind, text) == text.n;
}

/* What is kept may be read by anyone: it goes into results as it is, but for the code of a sender,
 * of which a digest may do. */
static bool may_be_kept(const struct message_summary *summary)
{
	const struct str sender = summary->organisation.value.text;
	return (is_plain(MASK_NONE, sender) || mask_is_code(sender)) &&
	       is_plain(MASK_NONE, summary->file_id.value.text) &&
	       (!summary->made.moment.ok || is_plain(MASK_TIME, summary->made.at.value.text));
}

void upload_note(struct draft *draft, size_t document, const struct cpis_options *options)
{
	const struct message_summary *summary = draft->summary;
	long long number;
	if (!summary || summary->kind != SUMMARY_UPLOAD || summary->count != 1 ||
	    summary->root.document != document || !value_there(&summary->organisation.value) ||
	    !judge_number(summary->file_id.value.text, &number))
		return;
	struct draft_upload *upload = arena_alloc(&draft->arena, sizeof(*upload));
	if (!upload) {
		draft->failed = true;
		return;
	}
	upload->message = summary->root.message;
	upload->plain = options->show_values || may_be_kept(summary);
	const struct str sender = summary->organisation.value.text;
	bool shown = options->show_values || is_plain(MASK_NONE, sender);
	upload->organisation =
		shown ? arena_copy(&draft->arena, sender) : mask_kept(&draft->arena, sender);
	upload->number = arena_copy(&draft->arena, summary->file_id.value.text);
	upload->places[upload->place_count++] = to_place(&summary->file_id);
	if (summary->made.moment.ok) {
		upload->made = arena_copy(&draft->arena, summary->made.at.value.text);
		upload->places[upload->place_count++] = to_place(&summary->made.at);
	}
	draft->upload = upload;
}

void upload_settle(struct draft *draft)
{
	if (!draft->upload)
		return;
	if (!draft->summary || draft->summary->count != 1)
		draft->upload = NULL;
}

void upload_note_apart(struct draft *draft, const struct message_summary *compared,
		       const struct cpis_options *options)
{
	size_t uploads = 0;
	for (size_t i = 0; i < draft->message_count; i++)
		uploads += text_same(draft->messages[i].type, "REPC_MT000002GB01");
	bool beside = uploads && compared && compared->count > 1;
	if ((uploads < 2 && !beside) || options->skip_stages & 1u << CPIS_RULES)
		return;
	draft_add_left_out(draft,
			   arena_printf(&draft->arena,
					"%c%c%s%c!(the sequence of its uploads, PAIR-011)",
					MASK_OPEN, MASK_FILE, draft->source, MASK_CLOSE),
			   apart_words(APART_IN_ONE_SOURCE));
}

/* Judging */

static int compare_numbers(long long a, long long b)
{
	return (a > b) - (a < b);
}

static int by_number(const void *a, const void *b)
{
	const struct upload_entry *x = a, *y = b;
	int order = ods_code_order(str_of(x->fact->organisation), str_of(y->fact->organisation));
	if (order == 0)
		order = compare_numbers(x->number, y->number);
	if (order == 0)
		order = compare_numbers(x->seconds, y->seconds);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* As it was when the upload was read. */
static struct message_summary summary_of_fact(const struct upload_entry *entry)
{
	const struct upload_fact *fact = entry->fact;
	struct message_summary summary = {
		.source = entry->source,
		.kind = SUMMARY_UPLOAD,
		.count = 1,
		.plain = true,
		.organisation.value.text = str_of(fact->organisation),
		.file_id.value.text = str_of(fact->number),
	};
	if (fact->place_count > 0)
		summary.file_id.value.offset = fact->places[0].offset;
	if (!fact->made)
		return summary;
	summary.made.at.value.text = str_of(fact->made);
	summary.made.moment = moment_of(str_of(fact->made));
	if (fact->place_count > 1)
		summary.made.at.value.offset = fact->places[1].offset;
	return summary;
}

void upload_order(struct upload_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct message_summary summary = summary_of_fact(&entries[i]);
		entries[i].number = 0;
		judge_number(summary.file_id.value.text, &entries[i].number);
		entries[i].seconds = summary.made.moment.seconds;
		entries[i].before = NULL;
		entries[i].follows = false;
	}
	if (count > 1)
		qsort(entries, count, sizeof(*entries), by_number);
	for (size_t i = 1; i < count; i++) {
		struct message_summary earlier = summary_of_fact(&entries[i - 1]);
		struct message_summary later = summary_of_fact(&entries[i]);
		enum pair_sequence sequence = pair_sequence(&earlier, &later);
		entries[i].follows = sequence == SEQUENCE_NEXT;
		if (sequence != SEQUENCE_NEXT && sequence != SEQUENCE_NONE)
			entries[i].before = &entries[i - 1];
	}
}

size_t upload_rule(const struct results *results)
{
	const struct rule *rule = rules_stage(RULE_PAIR_011);
	size_t place = rules_index(rule);
	bool same = place < results->rule_count &&
		    strcmp(results->rules[place]->id, rule->id) == 0 &&
		    text_same(results_tool(results), CPIS_VERSION);
	return same ? place : SIZE_MAX;
}

static void put(struct draft_finding *finding, const struct upload_fact *fact)
{
	size_t which = fact->place_count > 1 && finding->offset == fact->places[1].offset;
	if (which >= fact->place_count)
		return;
	const struct upload_place *place = &fact->places[which];
	finding->at = place->at;
	finding->inner = place->inner;
	finding->layer = place->layer;
	finding->path = place->path;
	finding->excerpt = place->excerpt;
	finding->caret = place->caret;
}

/* Rules of results that were read are their own copies. */
static void hand_over(struct draft *draft, const struct upload_fact *fact, const struct rule *ours,
		      const struct rule *theirs)
{
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++) {
			struct draft_finding *finding = &draft->messages[i].findings[k];
			if (finding->rule != ours)
				continue;
			put(finding, fact);
			finding->rule = theirs;
		}
}

/* As the system has it: a sentence writes it anew. NULL when out of memory. */
static const char *read_source(struct arena *arena, const char *written)
{
	char *name = arena_alloc(arena, strlen(written) + 1);
	if (name)
		character_read_whole_name(written, name);
	return name;
}

int upload_judge(struct results *results, size_t message, const struct upload_entry *entry,
		 struct cpis_failure *failure)
{
	const struct rule *rule = rules_stage(RULE_PAIR_011);
	size_t place = rules_index(rule);
	struct draft draft;
	if (!results->masker)
		results->masker = masker_new(results->options.show_values);
	if (!results->masker)
		return failure_out_of_memory(failure);
	masker_restart(results->masker);
	if (draft_init(&draft, entry->source, rules_count(), limits_findings(&results->options)) !=
	    0)
		return failure_out_of_memory(failure);
	draft.only = rule;
	struct message_summary earlier = summary_of_fact(entry->before);
	struct message_summary later = summary_of_fact(entry);
	struct judge judge = { .options = &results->options, .draft = &draft };
	earlier.source = read_source(&draft.arena, entry->before->source);
	if (draft_add_message(&draft))
		pair_judge(&judge, &earlier, &later, 0);
	hand_over(&draft, entry->fact, rule, results->rules[place]);
	draft.failed = draft.failed || draft.arena.failed;
	int status = draft_commit_late(results, message, &draft, results->rules[place], place);
	draft_release(&draft);
	return status == 0 ? 0 : failure_out_of_memory(failure);
}
