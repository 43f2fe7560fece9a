/* The public functions of cpis.h that name values and read results. */
#include "cpis.h"
#include "diag/failure.h"
#include "diag/mask.h"
#include "diag/results.h"

#include <stdarg.h>
#include <stdio.h>

const char *cpis_version(void)
{
	return CPIS_VERSION;
}

/* Values come from outside: any number may be one. */
static const char *name_at(const char *const *names, size_t count, size_t value)
{
	return value < count ? names[value] : "";
}

#define NAME(names, value) name_at(names, sizeof(names) / sizeof((names)[0]), (size_t)(value))

const char *cpis_severity_name(enum cpis_severity severity)
{
	static const char *const names[] = { "info", "warning", "error" };
	return NAME(names, severity);
}

const char *cpis_verdict_name(enum cpis_verdict verdict)
{
	static const char *const names[] = { "pass", "incomplete", "fail" };
	return NAME(names, verdict);
}

const char *cpis_stage_name(enum cpis_stage stage)
{
	static const char *const names[CPIS_STAGE_COUNT] = { "transport", "xml", "schema",
							     "rules" };
	return NAME(names, stage);
}

const char *cpis_basis_name(enum cpis_basis basis)
{
	static const char *const names[CPIS_BASIS_COUNT] = {
		[CPIS_BASIS_SCHEMA] = "schema",
		[CPIS_BASIS_DMS] = "DMS",
		[CPIS_BASIS_SPINE] = "Spine",
		[CPIS_BASIS_ITK] = "ITK",
		[CPIS_BASIS_TMS] = "TMS",
		[CPIS_BASIS_DICTIONARY] = "dictionary",
		[CPIS_BASIS_CONTRADICTION] = "contradiction",
		[CPIS_BASIS_GOOD_PRACTICE] = "good practice",
		[CPIS_BASIS_OWN] = "own rule",
	};
	return NAME(names, basis);
}

const char *cpis_rule_state_name(enum cpis_rule_state state)
{
	static const char *const names[CPIS_RULE_STATE_COUNT] = {
		[CPIS_RULE_HELD] = "held",
		[CPIS_RULE_FAILED] = "failed",
		[CPIS_RULE_NOT_APPLICABLE] = "not applicable",
		[CPIS_RULE_BLOCKED] = "blocked",
		[CPIS_RULE_SKIPPED] = "skipped",
		[CPIS_RULE_OFF] = "off",
	};
	return NAME(names, state);
}

_Static_assert((int)CPIS_CASE_PASSED == (int)CASE_PASSED &&
		       (int)CPIS_CASE_FAILED == (int)CASE_FAILED &&
		       (int)CPIS_CASE_WAIVED == (int)CASE_WAIVED &&
		       (int)CPIS_CASE_NOT_RUN == (int)CASE_NOT_RUN &&
		       (int)CPIS_CASE_BROKEN == (int)CASE_BROKEN &&
		       (int)CPIS_CASE_MANUAL == (int)CASE_MANUAL &&
		       (int)CPIS_CASE_LEFT_OUT == (int)CASE_LEFT_OUT &&
		       (int)CPIS_CASE_OUTCOME_COUNT == (int)CASE_OUTCOME_COUNT,
	       "outcomes of cases have the same values inside and outside");

const char *cpis_outcome_name(enum cpis_outcome outcome)
{
	return (size_t)outcome < CPIS_CASE_OUTCOME_COUNT
		       ? case_outcome_name((enum case_outcome)outcome)
		       : "";
}

enum cpis_verdict cpis_results_verdict(const struct cpis_results *results)
{
	return results ? results_verdict(results_inside_const(results)) : CPIS_INCOMPLETE;
}

int cpis_results_partial(const struct cpis_results *results)
{
	return results && results_partial(results_inside_const(results));
}

size_t cpis_results_message_count(const struct cpis_results *results)
{
	return results ? results_inside_const(results)->message_count : 0;
}

/* NULL: there is no message of this index. */
static const struct message_result *message_at(const struct cpis_results *results, size_t index)
{
	return index < cpis_results_message_count(results)
		       ? &results_inside_const(results)->messages[index]
		       : NULL;
}

int cpis_results_message(const struct cpis_results *results, size_t index,
			 struct cpis_message *message, size_t size)
{
	const struct message_result *from = message_at(results, index);
	if (!from)
		return -1;
	const struct cpis_message one = {
		.source = from->source,
		.type = from->type,
		.title = from->title,
		.recognised_by = from->recognised_by,
		.sha256 = from->sha256[0] ? from->sha256 : NULL,
		.layers = from->layers,
		.layer_count = from->layer_count,
		.verdict = from->verdict,
		.bytes = from->bytes,
		.records = from->records,
		.finding_count = from->finding_count,
		.omission_count = from->omission_count,
		.suppressed = from->suppressed,
		.turned_off = from->turned_off,
		.errors = message_count_findings(from, CPIS_ERROR),
		.warnings = message_count_findings(from, CPIS_WARNING),
		.notes = message_count_findings(from, CPIS_INFO),
		.file = from->file ? from->file : from->source,
	};
	return results_give(message, size, &one, sizeof(one));
}

static const char *or_null(const char *text)
{
	return text && text[0] ? text : NULL;
}

int cpis_results_finding(const struct cpis_results *results, size_t message, size_t index,
			 struct cpis_finding *finding, size_t size)
{
	const struct message_result *of = message_at(results, message);
	if (!of || index >= of->finding_count)
		return -1;
	const struct finding *from = &of->findings[index];
	const struct rule *rule = from->rule;
	const struct cpis_finding one = {
		.rule = rule->id,
		.title = rule->title,
		.why = rule->why,
		.citation = rule->cite,
		.basis = rule->basis,
		.severity = from->severity,
		.stage = from->stage,
		.fails = finding_fails(results_inside_const(results), from),
		.line = from->at.line,
		.column = from->at.column,
		.layer = from->layer,
		.layer_line = from->inner.line,
		.layer_column = from->inner.column,
		.other_line = from->other.line,
		.other_column = from->other.column,
		.path = or_null(from->path),
		.message = or_null(from->message) ? from->message : rule->title,
		.fix = from->fix ? from->fix : rule->fix,
		.expected = from->expected,
		.found = from->actual,
		.excerpt = from->excerpt,
		.caret = from->caret,
		.fingerprint = or_null(from->fingerprint),
		.waived = from->waived,
	};
	return results_give(finding, size, &one, sizeof(one));
}

static int give_omission(const struct omission *from, struct cpis_omission *omission, size_t size)
{
	const struct cpis_omission one = { .what = from->what, .why = from->why };
	return results_give(omission, size, &one, sizeof(one));
}

int cpis_results_omission(const struct cpis_results *results, size_t message, size_t index,
			  struct cpis_omission *omission, size_t size)
{
	const struct message_result *of = message_at(results, message);
	if (!of || index >= of->omission_count)
		return -1;
	return give_omission(&of->omissions[index], omission, size);
}

size_t cpis_results_passed_over_count(const struct cpis_results *results)
{
	return results ? results_inside_const(results)->left_out_count : 0;
}

int cpis_results_passed_over(const struct cpis_results *results, size_t index,
			     struct cpis_omission *omission, size_t size)
{
	if (index >= cpis_results_passed_over_count(results))
		return -1;
	return give_omission(&results_inside_const(results)->left_out[index], omission, size);
}

/* Why a rule in this state was not judged; NULL: it was. */
static const char *reason_of(enum cpis_rule_state state, const struct rule_tally *tally)
{
	static const char *const reasons[CPIS_RULE_STATE_COUNT] = {
		[CPIS_RULE_NOT_APPLICABLE] = "no message has the part that it checks",
		[CPIS_RULE_BLOCKED] = "the part that it checks was broken",
		[CPIS_RULE_SKIPPED] = "its stage was left out, or no message could be read",
		[CPIS_RULE_OFF] = "the profile turns it off",
	};
	if (state == CPIS_RULE_NOT_APPLICABLE && tally->not_applicable)
		return "the part that it checks has nothing for it to judge";
	return reasons[state];
}

size_t cpis_results_rule_count(const struct cpis_results *results)
{
	return results ? results_inside_const(results)->rule_count : 0;
}

int cpis_results_rule(const struct cpis_results *results, size_t index,
		      struct cpis_rule_result *rule, size_t size)
{
	if (index >= cpis_results_rule_count(results))
		return -1;
	const struct results *of = results_inside_const(results);
	const struct rule *from = of->rules[index];
	const struct rule_tally *tally = &of->tallies[index];
	const struct rule_override *override =
		of->overrides && of->overrides[index].set ? &of->overrides[index] : NULL;
	enum cpis_rule_state state = results_rule_state(of, index);
	const struct cpis_rule_result one = {
		.rule = from->id,
		.title = from->title,
		.state = state,
		.judged = tally->judged,
		.failed = tally->failed,
		.not_applicable = tally->not_applicable,
		.blocked = tally->blocked,
		.blocked_by = tally->blocked_by ? tally->blocked_by->id : NULL,
		.why = reason_of(state, tally),
		.severity = override && !override->off ? override->severity : from->severity,
		.profile_reason = override ? override->reason : NULL,
	};
	return results_give(rule, size, &one, sizeof(one));
}

size_t cpis_results_case_count(const struct cpis_results *results)
{
	return results ? results_inside_const(results)->case_count : 0;
}

size_t cpis_results_selected_count(const struct cpis_results *results)
{
	return results ? results_inside_const(results)->case_count -
				 results_count_cases(results_inside_const(results), CASE_LEFT_OUT)
		       : 0;
}

int cpis_results_case_took(struct cpis_results *results, size_t index, size_t milliseconds)
{
	if (index >= cpis_results_case_count(results))
		return -1;
	results_inside(results)->cases[index].milliseconds = milliseconds;
	return 0;
}

/* NULL: it is not known. */
static const char *file_of_pack(const struct results *results, const char *pack)
{
	for (size_t i = 0; i < results->pack_count; i++)
		if (strcmp(results->packs[i].name, pack) == 0)
			return results->packs[i].source;
	return NULL;
}

int cpis_results_case(const struct cpis_results *results, size_t index, struct cpis_case *test,
		      size_t size)
{
	if (index >= cpis_results_case_count(results))
		return -1;
	const struct case_result *from = &results_inside_const(results)->cases[index];
	const struct cpis_case one = {
		.pack = from->pack,
		.id = from->id,
		.title = from->title,
		.requirements = from->requirements,
		.requirement_count = from->requirement_count,
		.tags = from->tags,
		.tag_count = from->tag_count,
		.outcome = (enum cpis_outcome)from->outcome,
		.expected = from->expected,
		.found = from->actual,
		.reason = from->reason,
		.first_message = from->first_message,
		.message_count = from->message_count,
		.file = file_of_pack(results_inside_const(results), from->pack),
		.line = from->line,
	};
	return results_give(test, size, &one, sizeof(one));
}

/* A value between marks is one of a message, and a failure is shown as it is: it has "…". */
static void hide_marked(char *text)
{
	static const char hidden[] = "…";
	char *to = text;
	for (const char *from = text; *from;) {
		if (*from != MASK_OPEN) {
			*to++ = *from++;
			continue;
		}
		const char *start = from;
		while (*from && *from != MASK_CLOSE)
			from++;
		from += *from == MASK_CLOSE;
		size_t room = (size_t)(from - start), n = strlen(hidden);
		memcpy(to, hidden, room < n ? 0 : n);
		to += room < n ? 0 : n;
	}
	*to = '\0';
}

static void tell(struct cpis_failure *failure, const char *format, va_list args)
	__attribute__((format(printf, 2, 0)));

static void tell(struct cpis_failure *failure, const char *format, va_list args)
{
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	hide_marked(failure->text);
}

int failure_set(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = kind };
	va_start(args, format);
	tell(failure, format, args);
	va_end(args);
	return -1;
}

int failure_of_file(struct cpis_failure *failure, const char *file, const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	va_start(args, format);
	tell(failure, format, args);
	va_end(args);
	return -1;
}

int failure_out_of_memory(struct cpis_failure *failure)
{
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "out of memory");
}

int failure_unless_zero(const size_t *reserved, size_t count, struct cpis_failure *failure)
{
	for (size_t i = 0; i < count; i++)
		if (reserved[i])
			return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
					   "an option is set that libcpis " CPIS_VERSION
					   " does not know");
	return 0;
}
