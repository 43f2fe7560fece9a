/* The public functions of cpis.h that judge, over the folders that do the work. */
#include "cpis.h"

#include "base/near.h"
#include "diag/failure.h"
#include "diag/options.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/engine.h"
#include "engine/own_rules.h"
#include "engine/schema_choice.h"
#include "engine/worker.h"
#include "message/catalogue.h"
#include "message/timestamp.h"
#include "policy/waivers.h"
#include "rules/catalogue.h"
#include "xml/xsd.h"

#include <stdio.h>
#include <stdlib.h>

size_t cpis_rule_count(void)
{
	return engine_setup() == 0 ? rules_count() : 0;
}

int cpis_rule(size_t index, struct cpis_rule_info *rule, size_t size)
{
	const struct rule *row = engine_setup() == 0 ? rules_at(index) : NULL;
	if (!row)
		return -1;
	const struct cpis_rule_info one = {
		.id = row->id,
		.name = row->name,
		.title = row->title,
		.why = row->why,
		.fix = row->fix,
		.citation = row->cite,
		.severity = row->severity,
		.basis = row->basis,
		.family = rules_family(row),
	};
	return results_give(rule, size, &one, sizeof(one));
}

const char *cpis_message_type_at(size_t index, const char **name, const char **title)
{
	if (index >= message_type_count)
		return NULL;
	*name = message_types[index].alias;
	*title = message_types[index].title;
	return message_types[index].id;
}

/* Whether a table, or one that it opens, has a part of a kind. */
static bool table_has(const struct binding_table *table, enum part_kind kind, unsigned depth)
{
	enum { DEEPEST = 16 };
	if (table->part == kind)
		return true;
	for (size_t i = 0; i < table->count && depth < DEEPEST; i++)
		if (table->rows[i].table && table_has(table->rows[i].table, kind, depth + 1))
			return true;
	return false;
}

/* Those without a kind judge every document. */
static bool kind_applies(enum part_kind kind, const struct message_type *type)
{
	bool applies = kind == PART_NONE || table_has(type->table, kind, 0);
	for (size_t i = 0; i < frame_type_count; i++)
		applies = applies || table_has(frame_types[i].table, kind, 0);
	return applies;
}

int cpis_rule_applies(const char *rule, const char *type)
{
	const struct rule *row = engine_setup() == 0 ? rules_find(rule) : NULL;
	const struct message_type *message = row ? catalogue_find(type) : NULL;
	if (!message)
		return -1;
	bool applies = kind_applies(row->on, message);
	for (const struct rule_on *also = row->also; also && also->on != PART_NONE; also++)
		applies = applies || kind_applies(also->on, message);
	return applies;
}

/* The catalogue, and after it the user's own rules. */
static void take_rules(struct results *results)
{
	size_t own = own_rules_count(results->own);
	results->rule_count = rules_count() + own;
	results->tallies =
		arena_alloc(&results->arena, (results->rule_count + 1) * sizeof(*results->tallies));
	const struct rule **all =
		arena_alloc(&results->arena, (results->rule_count + 1) * sizeof(*results->rules));
	for (size_t i = 0; all && i < results->rule_count; i++)
		all[i] = i < rules_count() ? rules_at(i)
					   : own_rules_at(results->own, i - rules_count());
	results->rules = all;
}

static int refuse_type(const char *wanted, struct cpis_failure *failure)
{
	struct near near = near_start(str_of(wanted));
	for (size_t i = 0; i < message_type_count; i++) {
		near_offer(&near, message_types[i].id);
		near_offer(&near, message_types[i].alias);
	}
	const char *best = near_best(&near);
	return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "--as: unknown message type%s%s%s",
			   best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
}

int cpis_results_new(struct cpis_results **results, const struct cpis_options *options,
		     struct cpis_failure *failure)
{
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	if (options->as_type && !catalogue_find(options->as_type))
		return refuse_type(options->as_type, failure);
	if (options->phase && !options->schematron_count)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "--phase %.100s: it is of your own rules, and needs "
				   "--schematron FILE",
				   options->phase);
	struct results *made = calloc(1, sizeof(*made));
	if (!made)
		return failure_out_of_memory(failure);
	made->options = *options;
	made->masker = masker_new(options->show_values);
	if (options->schematron_count &&
	    own_rules_open(&made->own, options->schematron, options->schematron_count,
			   options->phase, failure) != 0) {
		cpis_results_free(results_outside(made));
		return -1;
	}
	take_rules(made);
	options_copy_strings(&made->options, &made->arena);
	if (!made->masker || !made->tallies || !made->rules || made->arena.failed) {
		cpis_results_free(results_outside(made));
		return failure_out_of_memory(failure);
	}
	*results = results_outside(made);
	return 0;
}

void cpis_results_free(struct cpis_results *results)
{
	if (!results)
		return;
	streams_release(results_inside(results));
	worker_free(results_inside(results)->worker);
	own_rules_close(results_inside(results)->own);
	masker_free(results_inside(results)->masker);
	arena_release(&results_inside(results)->arena);
	free(results);
}

int cpis_validate_pair(struct cpis_results *results, const char *request, const char *response,
		       struct cpis_failure *failure)
{
	if (results_require_open(results, failure) != 0)
		return -1;
	if (strcmp(request, "-") == 0 && strcmp(response, "-") == 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "standard input can be the request or the response, not both");
	return engine_judge_files(results_inside(results), request, response, failure);
}

int cpis_results_meta(struct cpis_results *results, const char *name, const char *value,
		      struct cpis_failure *failure)
{
	if (results_add_meta(results_inside(results), name, value) != 0)
		return failure_out_of_memory(failure);
	return 0;
}

int cpis_results_command_word(struct cpis_results *results, const char *word,
			      struct cpis_failure *failure)
{
	if (results_add_command_word(results_inside(results), word) != 0)
		return failure_out_of_memory(failure);
	return 0;
}

/* ISO 8601 without its punctuation is what HL7 writes; a final Z is +0000. */
int cpis_time(const char *text, long long *seconds_since_1970)
{
	char digits[64];
	size_t n = 0, date_dashes = 0;
	for (const char *p = text; *p && n + 6 < sizeof(digits); p++) {
		bool date_dash = *p == '-' && p - text < 10 && date_dashes < 2 &&
				 (p - text == 4 || p - text == 7);
		date_dashes += date_dash;
		if (!date_dash && *p != ':' && *p != 'T')
			digits[n++] = *p;
	}
	if (n && digits[n - 1] == 'Z') {
		n--;
		for (const char *zone = "+0000"; *zone; zone++)
			digits[n++] = *zone;
	}
	struct moment moment = moment_of((struct str){ digits, n });
	if (!moment.ok)
		return -1;
	*seconds_since_1970 = moment.seconds;
	return 0;
}

/* Rules of a file of waivers are checked, so the tables come first. */
int cpis_waivers_open(struct cpis_waivers **waivers, const char *path, struct cpis_failure *failure)
{
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	return waivers_open(waivers, path, failure);
}

/* Schemas of a folder */

struct note_taker {
	void (*take)(void *context, const struct cpis_schema_note *note);
	void *context;
};

static void pass_notes(const struct note_taker *taker, const struct xsd_folder *folder)
{
	static const char *const kinds[] = {
		[XSD_REPAIRED] = "repaired",
		[XSD_MISSING] = "missing",
		[XSD_OUTSIDE] = "outside",
		[XSD_UNREADABLE] = "unreadable",
	};
	for (size_t i = 0; i < folder->note_count; i++) {
		const struct xsd_note *from = &folder->notes[i];
		struct cpis_schema_note note = { kinds[from->kind], from->file, from->line,
						 from->count, from->text };
		taker->take(taker->context, &note);
	}
}

/* 1 for a message that can be judged, 0 for one without a schema, -1 for one whose schema is
 * refused.
 */
static int check_message(const struct note_taker *taker, const struct xsd_folder *folder,
			 const struct message_type *type)
{
	const struct xsd_file *file = xsd_folder_root(folder, type->root, type->id);
	const struct schema *schema = NULL;
	struct cpis_failure failure;
	char text[sizeof(failure.file) + sizeof(failure.text) + 32];
	if (!schema_choice_is_published(type) || !file)
		return 0;
	int status = xsd_open(&schema, folder, file, &failure);
	xsd_close(schema);
	if (status == 0)
		snprintf(text, sizeof(text), "%s, root element %s%s%s", type->title, type->root,
			 file->version ? ", version " : "", file->version ? file->version : "");
	else
		snprintf(text, sizeof(text), "%s:%zu: %s", failure.file, failure.line,
			 failure.text);
	struct cpis_schema_note note = { status == 0 ? "message" : "refused", file->path, 0, 1,
					 text };
	taker->take(taker->context, &note);
	return status == 0 ? 1 : -1;
}

static void pass_total(const struct note_taker *taker, const char *path, size_t found)
{
	size_t published = 0;
	char text[96];
	for (size_t i = 0; i < message_type_count; i++)
		published += schema_choice_is_published(&message_types[i]);
	snprintf(text, sizeof(text), "%zu of %zu messages can be judged by these schemas", found,
		 published);
	struct cpis_schema_note note = { "total", path, 0, 1, text };
	taker->take(taker->context, &note);
}

int cpis_schemas_check(const char *path,
		       void (*tell)(void *context, const struct cpis_schema_note *note),
		       void *context, struct cpis_failure *failure)
{
	struct xsd_folder *folder = NULL;
	struct note_taker taker = { tell, context };
	size_t found = 0, refused = 0;
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	if (xsd_folder_open(&folder, path, failure) != 0)
		return -1;
	for (size_t i = 0; i < message_type_count; i++) {
		int status = check_message(&taker, folder, &message_types[i]);
		found += status > 0;
		refused += status < 0;
	}
	pass_notes(&taker, folder);
	xsd_folder_close(folder);
	pass_total(&taker, path, found);
	if (found && !refused)
		return 0;
	return failure_of_file(failure, path, "%s",
			       found || refused ? "a message's schema cannot be used"
						: "no CP-IS message is declared in the folder");
}
