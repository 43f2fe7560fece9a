#include "reply/service.h"

#include "base/calendar.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/engine.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_FINDINGS = 1000000 };

struct str visit_judged(const struct visit *visit)
{
	return visit->capture.n ? visit->capture : visit->bytes;
}

static int judge(struct cpis_results **judged, struct visit *visit, unsigned skip_stages,
		 struct cpis_failure *failure)
{
	const struct cpis_options options = { .now = visit->now,
					      .max_findings = MOST_FINDINGS,
					      .skip_stages = skip_stages };
	if (cpis_results_new(judged, &options, failure) != 0)
		return -1;
	const struct engine_input input = { .name = "request", .bytes = visit_judged(visit) };
	struct results *results = results_inside(*judged);
	return visit->pairs && !skip_stages
		       ? engine_judge_request(results, &input, &visit->asked, failure)
		       : engine_judge(results, &input, failure);
}

static int decide(struct decision *decision, struct visit *visit, struct cpis_results *judged)
{
	const struct results *results = results_inside(judged);
	return decision_make(decision, &visit->request, results, 0, results->message_count);
}

/*
 * Spine's own checks look at parts, and know nothing of schemas: what a schema calls a missing
 * element has a code of its own there.
 */
static int decide_as_spine(struct visit *visit, struct cpis_failure *failure)
{
	const struct refusal *row = visit->decision.refusal;
	struct cpis_results *judged = NULL;
	struct decision second;
	if (!row || row->basis == REFUSAL_PUBLISHED || visit->request.channel == CHANNEL_ITK ||
	    strncmp(visit->decision.finding->rule->id, "SCH-", 4) != 0)
		return 0;
	if (judge(&judged, visit, 1u << CPIS_SCHEMA, failure) != 0) {
		cpis_results_free(judged);
		return -1;
	}
	int status = decide(&second, visit, judged);
	/* The finding goes with its results; its rule, which is static, does not. */
	if (status == 0 && second.refusal && second.refusal->basis == REFUSAL_PUBLISHED &&
	    second.refusal->kind == REFUSE_MCCI) {
		second.finding = NULL;
		visit->decision = second;
	}
	cpis_results_free(judged);
	return status == 0 ? 0 : failure_out_of_memory(failure);
}

/* Scenarios, and who may ask */

/* An invented child, for a number that the state need not know: the same for the same number. */
static void invent(struct visit *visit)
{
	struct arena *arena = &visit->request.arena;
	static const struct piece_organisation authority = {
		.code = { "E9X30", 5 },
		.name = { "North Wexley County Council", 27 },
		.telecoms = { { { "tel:01632960114", 15 }, { "EC", 2 } },
			      { { "tel:01632960200", 15 }, { "WP", 2 } } },
		.telecom_count = 2,
	};
	char start[TIME_BYTES], birth[TIME_BYTES];
	time_hl7(visit->now - 40LL * DAY_SECONDS, start);
	time_hl7(visit->now - 8LL * YEAR_SECONDS, birth);
	struct piece_record *record = arena_alloc(arena, sizeof(*record));
	if (!record)
		return;
	*record = (struct piece_record){
		.authority = authority,
		.plan_count = 1,
		.plans = { { PLAN_CHILD_PROTECTION,
			     arena_str(arena, (struct str){ start, 12 }),
			     { 0 },
			     { 0 } } },
		.subject_count = 1,
		.subjects = { { .kind = SUBJECT_CHILD,
				.nhs_number = visit->request.nhs_number,
				.birth = arena_str(arena, (struct str){ birth, 8 }),
				.given = { "Odhr\303\241n", 7 },
				.family = { "Kestrelby", 9 } } },
	};
	visit->content.response.records = record;
	visit->content.response.record_count = 1;
}

/* The query itself, as the one access that is listed; a silent read is not. */
struct echo {
	struct visit *visit;
	struct piece_access *access;
};

static struct str keep(struct arena *arena, const struct value *value)
{
	return value_there(value) ? arena_str(arena, str_trim(value->text)) : (struct str){ 0 };
}

static void echo_organisation(struct arena *arena, struct piece_organisation *into,
			      const struct organisation *from)
{
	into->root = keep(arena, &from->id.root);
	into->code = keep(arena, &from->id.extension);
	into->name = keep(arena, &from->name);
}

static struct str *echo_names(struct arena *arena, const struct value *values, size_t count)
{
	struct str *names = arena_alloc(arena, (count + 1) * sizeof(*names));
	for (size_t i = 0; names && i < count; i++)
		names[i] = keep(arena, &values[i]);
	return names;
}

static void echo_role(struct arena *arena, struct piece_code *into, const struct job_role *from)
{
	into->code = keep(arena, &from->code);
	into->system = keep(arena, &from->code_system);
	into->name = keep(arena, &from->display_name);
}

static void echo_person(struct arena *arena, struct piece_author *into,
			const struct author_person *from)
{
	echo_role(arena, &into->role, &from->role);
	for (size_t i = 0; i < from->id_count; i++) {
		bool user = str_is(from->ids[i].root.text, OID_SDS_USER);
		struct str *to = user ? &into->user : &into->role_profile;
		if (!to->n)
			*to = keep(arena, &from->ids[i].extension);
	}
	into->name = (struct piece_name){
		.words = keep(arena, &from->name),
		.prefixes = echo_names(arena, from->prefixes, from->prefix_count),
		.prefix_count = from->prefix_count,
		.given = echo_names(arena, from->given, from->given_count),
		.given_count = from->given_count,
		.families = echo_names(arena, from->families, from->family_count),
		.family_count = from->family_count,
		.suffixes = echo_names(arena, from->suffixes, from->suffix_count),
		.suffix_count = from->suffix_count,
	};
	echo_organisation(arena, &into->organisation, &from->organisation);
}

static void look_for_query(void *context, const struct part *part)
{
	struct echo *echo = context;
	struct arena *arena = &echo->visit->request.arena;
	const struct query *query = (const struct query *)part;
	if (part->kind != PART_QUERY || part->role != QUERY_ASKED || query_is_silent(query))
		return;
	struct piece_access *access = arena_alloc(arena, sizeof(*access));
	if (!access)
		return;
	*access = (struct piece_access){
		.effective = keep(arena, &query->effective.value),
		.id = keep(arena, &query->id),
		.nhs_number = echo->visit->request.nhs_number,
	};
	if (query->device_count) {
		access->author.device = true;
		access->author.asid = keep(arena, &query->device.id.extension);
		echo_organisation(arena, &access->author.organisation, &query->device.organisation);
	} else {
		echo_person(arena, &access->author, &query->person);
	}
	echo->access = access;
}

static void answer_invented(struct visit *visit)
{
	struct echo echo = { .visit = visit };
	struct cpis_failure ignored;
	visit->content = (struct content){ 0 };
	visit->content.response.nhs_number = visit->request.nhs_number;
	invent(visit);
	engine_visit(visit->bytes, look_for_query, &echo, &ignored);
	visit->content.response.accesses = echo.access;
	visit->content.response.access_count = echo.access ? 1 : 0;
}

static void apply_scenario(struct visit *visit)
{
	const struct scenario_key key = {
		.name = visit->scenario,
		.nhs_number = visit->request.nhs_number,
		.message_id = visit->request.soap_id.n ? visit->request.soap_id
						       : visit->request.message_id,
		.channel = visit->request.channel,
	};
	pthread_mutex_lock(&visit->service->lock);
	const struct scenario_step *step =
		scenarios_next(&visit->service->scenarios, &key, &visit->scenario_name);
	if (step)
		visit->step = *step;
	pthread_mutex_unlock(&visit->service->lock);
}

static bool user_is_known(const struct visit *visit)
{
	struct str user = visit->request.user;
	if (visit->client && !str_is(user, visit->client))
		return false;
	for (size_t i = 0; i < visit->service->user_count; i++)
		if (str_is(user, visit->service->users[i]))
			return true;
	return visit->service->user_count == 0;
}

/* Whether a refusal is of the envelope, so that no one looks at the number in it. */
static bool is_of_envelope(const struct refusal *row)
{
	return row && row->kind != REFUSE_STATUS && row->kind != REFUSE_QUQI &&
	       row->kind != REFUSE_RECORD &&
	       !(row->kind == REFUSE_MCCI && row->basis == REFUSAL_NOT_PUBLIC);
}

/* An upload that is refused as a whole: its id, where it can be read. None of its records is looked
 * at, so their number is not known. */
static void refuse_file(struct visit *visit, const char *code)
{
	struct str id = visit->request.file_id;
	visit->content.kind = REFUSE_FILE;
	visit->content.has_outcome = true;
	visit->content.outcome = (struct upload_outcome){
		.file_id = -1,
		.quantity = -1,
		.file_text = id.n && str_is_digits(id) ? id : (struct str){ 0 },
		.code = code,
		.sender = &visit->request.authority,
	};
}

/* "tel:" and digits, with a + before them or not. */
static bool is_telephone(struct str text)
{
	struct str digits = str_from(text, 4);
	if (digits.n && digits.p[0] == '+')
		digits = str_from(digits, 1);
	return str_starts(text, STR("tel:")) && digits.n && str_is_digits(digits);
}

static bool is_use(struct str text)
{
	static const char *const uses[] = { "H", "HP", "HV", "WP", "AS", "EC", "PG", "MC" };
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++)
		if (str_is(text, uses[i]))
			return true;
	return false;
}

/* In place of a name that shows nothing. */
static struct str name_of_authority(struct str name)
{
	return character_shows_nothing(name) ? STR("Name not given") : name;
}

/* What a message must have of an authority, where its upload does not say it. */
static void complete_authority(struct piece_organisation *authority)
{
	size_t kept = 0;
	if (!authority->code.n)
		authority->code = STR("UNKNWN");
	if (!str_is(authority->root, "2.16.840.1.113883.2.1.3.2.4.19.2"))
		authority->root = STR("2.16.840.1.113883.2.1.3.2.4.19.1");
	authority->name = name_of_authority(authority->name);
	for (size_t i = 0; i < authority->telecom_count; i++)
		if (is_telephone(authority->telecoms[i].value) &&
		    is_use(authority->telecoms[i].use))
			authority->telecoms[kept++] = authority->telecoms[i];
	if (!kept)
		authority->telecoms[kept++] =
			(struct piece_telecom){ STR("tel:01632960000"), STR("EC") };
	authority->telecom_count = kept;
}

static void refuse(struct visit *visit)
{
	const struct refusal *row = visit->decision.refusal;
	visit->refusal = row;
	if (row->kind == REFUSE_FILE && visit->request.has_authority) {
		refuse_file(visit, row->code);
	} else if (row->kind == REFUSE_FILE) {
		row = visit->refusal = refusal_of_nameless(visit->request.channel);
		visit->content =
			(struct content){ .kind = row->kind, .code = row->code, .text = row->text };
	} else {
		content_of_decision(&visit->content, &visit->decision);
	}
}

static bool refused_as_a_whole(const struct visit *visit)
{
	const struct refusal *row = visit->decision.refusal;
	return row && !(row->kind == REFUSE_RECORD && visit->request.record_count);
}

/* An acknowledgement returns the records that it refuses, by the schema of records. */
static bool has_a_record_that_cannot_be_returned(const struct visit *visit)
{
	const struct request *request = &visit->request;
	if (request->asked != ASKED_UPLOAD)
		return false;
	if (!request->whole)
		return true;
	for (size_t i = 0; i < request->record_count; i++)
		if (!piece_record_is_whole(&request->records[i]))
			return true;
	return false;
}

/* Nothing that can be asked is in it, or the door does not take it: the mini service is for queries
 * alone, which wait for their reply. */
static bool asks_nothing(const struct visit *visit)
{
	const struct request *request = &visit->request;
	if (request->channel == CHANNEL_ITK && !is_of_envelope(visit->decision.refusal) &&
	    (request->asked == ASKED_UPLOAD ||
	     str_ends(request->service, STR(":sendDistEnvelope"))))
		return true;
	return (request->asked == ASKED_UNKNOWN || !request->whole) && !visit->decision.refusal;
}

static void refuse_unknown(struct visit *visit)
{
	static const struct content contents[] = {
		{ .kind = REFUSE_SPINE_FAULT,
		  .code = "101",
		  .text = "HTTP Header - SOAPAction",
		  .basis = REFUSAL_INFERRED,
		  .cite = CITE_STUB },
		{ .kind = REFUSE_EBXML,
		  .code = "ValueNotRecognized",
		  .text = "eb:Action",
		  .basis = REFUSAL_INFERRED,
		  .cite = CITE_EBXML },
		{ .kind = REFUSE_ITK_FAULT,
		  .code = "1000",
		  .text = "Service not supported",
		  .basis = REFUSAL_INFERRED,
		  .cite = CITE_WS_FDT },
		{ .kind = REFUSE_REPORT,
		  .code = "15",
		  .text = "bad CP-IS file",
		  .basis = REFUSAL_INFERRED,
		  .cite = CITE_MESH },
	};
	size_t at = 0;
	for (unsigned bit = CHANNEL_SPINE; bit < (unsigned)visit->request.channel; bit <<= 1)
		at++;
	visit->content = contents[at < 4 ? at : 3];
}

/* A query is not answered as an upload is, nor at one door as at another: the reply is normal then.
 */
static bool scenario_fits(const struct visit *visit)
{
	enum asked asked = visit->request.asked;
	const struct decision *decision = &visit->decision;
	switch (visit->step.reply.value) {
	case SCENARIO_FOUND: /* the query is listed: it must be sound, but for the stubs' numbers */
		return asked == ASKED_QUERY && visit->request.nhs_number.n == 10 &&
		       str_is_digits(visit->request.nhs_number) &&
		       (!decision->refusal ||
			(decision->finding &&
			 strncmp(decision->finding->rule->id, "NHS-", 4) == 0));
	case SCENARIO_NOT_FOUND:
		return asked == ASKED_QUERY;
	case SCENARIO_STATUS:
		return asked == ASKED_QUERY && visit->request.channel == CHANNEL_ITK;
	case SCENARIO_ITK_FAULT:
		return visit->request.channel == CHANNEL_ITK;
	case SCENARIO_SPINE_FAULT:
	case SCENARIO_EBXML_ERROR:
	case SCENARIO_MCCI:
		return (visit->request.channel & (CHANNEL_SPINE | CHANNEL_EBXML)) != 0;
	case SCENARIO_FILE:
		return asked == ASKED_UPLOAD && visit->request.channel != CHANNEL_ITK;
	default:
		return true;
	}
}

/* What a scenario says of an upload's file or records waits for the state. */
static bool scenario_decides(struct visit *visit)
{
	if (!visit->scenario_name || !scenario_fits(visit))
		return false;
	switch (visit->step.reply.value) {
	case SCENARIO_FOUND:
		answer_invented(visit);
		return true;
	case SCENARIO_FILE:
		refuse_file(visit, visit->step.code.text);
		return true;
	case SCENARIO_NORMAL:
	case SCENARIO_RECORD:
		return false;
	default:
		return scenario_content(&visit->content, &visit->step, &visit->request);
	}
}

int visit_decide(struct visit *visit, struct cpis_failure *failure)
{
	char salt[32];
	pthread_mutex_lock(&visit->service->lock);
	int n = snprintf(salt, sizeof(salt), "%llu", visit->service->calls++);
	pthread_mutex_unlock(&visit->service->lock);
	id_maker_init(&visit->maker, visit->service->seed, (struct str){ salt, (size_t)n });
	if (request_read(&visit->request, visit->bytes, visit->channel) != 0)
		return failure_out_of_memory(failure);
	if (visit->pairs)
		summary_init(&visit->asked);
	if (judge(&visit->judged, visit, 0, failure) != 0)
		return -1;
	if (decide(&visit->decision, visit, visit->judged) != 0)
		return failure_out_of_memory(failure);
	if (decide_as_spine(visit, failure) != 0)
		return -1;
	complete_authority(&visit->request.authority);
	bool envelope = is_of_envelope(visit->decision.refusal);
	if (!envelope || visit->scenario)
		apply_scenario(visit);
	visit->settled = scenario_decides(visit);
	if (visit->settled)
		return 0;
	visit->settled = true;
	if (!envelope && visit->request.channel == CHANNEL_ITK && !user_is_known(visit)) {
		static const struct content unknown = { .kind = REFUSE_ITK_FAULT,
							.code = "3000",
							.text = "Access denied",
							.diagnostic = "The user name is not known",
							.cite = CITE_HOST_TESTS };
		visit->content = unknown;
	} else if (asks_nothing(visit)) {
		refuse_unknown(visit);
	} else if (refused_as_a_whole(visit)) {
		refuse(visit);
	} else if (has_a_record_that_cannot_be_returned(visit)) {
		refuse_file(visit, "CPF01");
		visit->content.basis = REFUSAL_NOT_PUBLIC;
		visit->content.cite = CITE_NO_SOURCE;
	} else {
		visit->settled = false;
	}
	return 0;
}

void visit_release(struct visit *visit)
{
	cpis_results_free(visit->judged);
	if (visit->pairs)
		summary_release(&visit->asked);
	request_release(&visit->request);
}

/* From the state */

static struct str present(struct str text)
{
	return text.n ? text : (struct str){ 0 };
}

/* The names that the state keeps in one text, a line each. */
static struct str *split(struct arena *arena, struct str text, size_t *count)
{
	enum { MOST_NAMES = 16 };
	struct str *names = arena_alloc(arena, MOST_NAMES * sizeof(*names));
	*count = 0;
	while (names && text.n && *count < MOST_NAMES) {
		const char *end = memchr(text.p, '\n', text.n);
		size_t n = end ? (size_t)(end - text.p) : text.n;
		names[(*count)++] = (struct str){ text.p, n };
		text = str_from(text, n + 1);
	}
	return names;
}

static struct piece_name name_of(struct arena *arena, const struct state_author *from)
{
	struct piece_name name = { .words = present(from->name) };
	name.prefixes = split(arena, from->prefix, &name.prefix_count);
	name.given = split(arena, from->given, &name.given_count);
	name.families = split(arena, from->family, &name.family_count);
	name.suffixes = split(arena, from->suffix, &name.suffix_count);
	return name;
}

static struct piece_author author_of(struct arena *arena, const struct state_author *from)
{
	struct piece_author author = {
		.device = from->device,
		.organisation = { .root = present(from->organisation_root),
				  .code = from->organisation,
				  .name = from->organisation_name },
	};
	struct piece_code role = { from->role_code, from->role_system, from->role_name };
	if (!from->device) {
		author.role = role;
		author.user = from->id;
		author.role_profile = present(from->role_profile);
		author.name = name_of(arena, from);
		return author;
	}
	author.asid = from->id;
	struct piece_authority *authority = arena_alloc(arena, sizeof(*authority));
	if (authority && from->role_code.n) {
		*authority = (struct piece_authority){ role, name_of(arena, from) };
		author.authorities = authority;
		author.authority_count = 1;
	}
	return author;
}

struct piece_access piece_of_access(struct arena *arena, const struct state_access *from)
{
	return (struct piece_access){
		.effective = from->effective,
		.id = from->id,
		.author = author_of(arena, &from->author),
	};
}

struct piece_organisation piece_of_authority(const struct state_authority *from)
{
	struct piece_organisation organisation = {
		.root = present(from->root),
		.code = from->code,
		.name = from->name,
	};
	for (size_t i = 0; i < 2; i++)
		if (from->phones[i].n)
			organisation.telecoms[organisation.telecom_count++] =
				(struct piece_telecom){ from->phones[i], from->uses[i] };
	complete_authority(&organisation);
	return organisation;
}

struct str local_authority(struct arena *arena, const struct state_authority *authority)
{
	struct str name = name_of_authority(authority->name);
	return str_of(arena_printf(arena, "%.*s:%.*s", STR_ARG(authority->code), STR_ARG(name)));
}

static bool counts_more(const struct state_entry *entry, const struct state_entry *than)
{
	if (entry->subject != than->subject)
		return entry->subject == SUBJECT_MOTHER;
	return entry->last->taken > than->last->taken;
}

/* One person has one birth date and one name, which the service has from PDS: here they are those
 * of the upload that was taken last; of one that says that the person is a mother, if there is one:
 * she was not born after her plan started. */
static const struct state_entry *latest_of(const struct state_person *person)
{
	const struct state_entry *latest = NULL;
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_entry *held = person->plans[i].held;
		if (held && person->plans[i].shown != SHOWN_NOT &&
		    (!latest || counts_more(held, latest)))
			latest = held;
	}
	return latest;
}

/* FACT_ENDS_AT_18: the service has ended what was sent as open, or with a later end. */
static struct str end_of(struct arena *arena, const struct state_plan *plan)
{
	if (plan->standing != STANDING_ADULT)
		return present(plan->held->end);
	struct moment day = moment_of_seconds(plan->ends);
	return str_of(arena_printf(arena, "%04d%02d%02d0000", day.year, day.month, day.day));
}

/* A plan that was to start after the 18th birthday never does. */
static bool is_given(const struct state_plan *plan)
{
	if (plan->shown == SHOWN_NOT || !plan->held)
		return false;
	struct moment start = moment_of(plan->held->start);
	return plan->standing != STANDING_ADULT || !start.ok || start.seconds <= plan->ends;
}

static void add_plan(struct arena *arena, struct piece_record *record,
		     const struct state_plan *plan, const struct state_person *person)
{
	const struct state_entry *held = plan->held, *who = latest_of(person);
	struct piece_subject *subject = NULL;
	if (record->plan_count < MOST_RECORD_PLANS)
		record->plans[record->plan_count++] = (struct piece_plan){
			.kind = plan->kind, .start = held->start, .end = end_of(arena, plan)
		};
	for (size_t i = 0; i < record->subject_count; i++)
		if (record->subjects[i].kind == held->subject)
			subject = &record->subjects[i];
	if (subject || record->subject_count == MOST_RECORD_SUBJECTS)
		return;
	subject = &record->subjects[record->subject_count++];
	*subject = (struct piece_subject){
		.kind = held->subject,
		.nhs_number = person->number,
		.local_id = present(held->local_id),
		.birth = who->birth,
		.given = who->given,
		.family = who->family,
	};
	if (subject->local_id.p)
		subject->local_authority = local_authority(arena, plan->authority);
}

/* A record for each authority that holds a plan which is shown. */
static void take_records(struct visit *visit, const struct state_person *person)
{
	struct arena *arena = &visit->request.arena;
	struct query_response *response = &visit->content.response;
	struct piece_record *records =
		arena_alloc(arena, (person->plan_count + 1) * sizeof(*records));
	const struct state_authority *last = NULL;
	for (size_t i = 0; records && i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		if (!is_given(plan))
			continue;
		if (plan->authority != last)
			records[response->record_count++] = (struct piece_record){
				.authority = piece_of_authority(plan->authority)
			};
		last = plan->authority;
		add_plan(arena, &records[response->record_count - 1], plan, person);
	}
	response->records = records;
}

static void take_answer(struct visit *visit, const struct state_answer *answer)
{
	struct arena *arena = &visit->request.arena;
	struct query_response *response = &visit->content.response;
	struct piece_access *accesses =
		arena_alloc(arena, (answer->access_count + 1) * sizeof(*accesses));
	visit->content = (struct content){ 0 };
	response->nhs_number = visit->request.nhs_number;
	take_records(visit, &answer->person);
	if (!response->record_count) {
		content_not_found(&visit->content, visit->request.channel);
		return;
	}
	for (size_t i = 0; accesses && i < answer->access_count; i++)
		accesses[i] = piece_of_access(arena, &answer->accesses[i]);
	response->accesses = accesses;
	response->access_count = accesses ? answer->access_count : 0;
}

/* What the state is given, in the order of the message. */
struct giving {
	struct visit *visit;
	struct cpis_failure *failure;
	int status;
	bool begun;
	struct state_file file;
	struct upload_detail *details;
	size_t count;
	enum state_code code;
};

static void give_query(struct giving *giving, const struct query *query)
{
	struct visit *visit = giving->visit;
	struct state_answer answer;
	if (query->part.role != QUERY_ASKED)
		return;
	giving->status = state_query(visit->service->state, &visit->request.arena, query,
				     visit->now, &answer, giving->failure);
	if (giving->status == 0)
		take_answer(visit, &answer);
}

static enum state_code code_of(const struct visit *visit, size_t index)
{
	const struct refusal *row =
		index < visit->request.record_count ? visit->decision.records[index] : NULL;
	if (visit->scenario_name && visit->step.reply.value == SCENARIO_RECORD)
		return state_code_of(str_of(visit->step.code.text));
	if (!row)
		return CODE_ASK;
	enum state_code code = row->code ? state_code_of(str_of(row->code)) : CODE_CPR07;
	return code == CODE_UNANSWERED ? CODE_CPR07 : code;
}

static void give_record(struct giving *giving, const struct record *record)
{
	struct visit *visit = giving->visit;
	struct state *state = visit->service->state;
	struct state_outcome outcome;
	const struct upload *upload =
		(const struct upload *)(const void *)part_ancestor(&record->part, PART_UPLOAD);
	if (!upload || giving->count >= visit->request.record_count)
		return;
	if (!giving->begun)
		giving->status = state_upload_begin(state, upload, visit->now, CODE_ASK,
						    &giving->file, giving->failure);
	giving->begun = true;
	size_t index = giving->count;
	if (giving->status == 0)
		giving->status = state_upload_record(state, record, code_of(visit, index), &outcome,
						     giving->failure);
	if (giving->status != 0)
		return;
	const struct refusal *row = visit->decision.records[index];
	struct upload_detail *detail = &giving->details[giving->count++];
	*detail = (struct upload_detail){
		.number = giving->count,
		.code = state_code_text(outcome.code),
	};
	if (row && row->code && strcmp(detail->code, "CPR07") == 0) {
		detail->why = row->code;
		detail->why_text = row->text;
	}
}

static void give(void *context, const struct part *part)
{
	struct giving *giving = context;
	if (giving->status != 0)
		return;
	if (part->kind == PART_QUERY)
		give_query(giving, (const struct query *)(const void *)part);
	else if (part->kind == PART_RECORD)
		give_record(giving, (const struct record *)(const void *)part);
}

static int end_upload(struct giving *giving)
{
	struct visit *visit = giving->visit;
	struct request *request = &visit->request;
	enum state_code code = CODE_ASK;
	if (!giving->begun)
		return failure_set(giving->failure, CPIS_FAILURE_INTERNAL,
				   "the upload has no record");
	if (state_upload_end(visit->service->state, &code, giving->failure) != 0)
		return -1;
	visit->content = (struct content){ .has_outcome = true };
	visit->content.outcome = (struct upload_outcome){
		.file_id = strtoll(request->file_id.n ? request->file_id.p : "-1", NULL, 10),
		.quantity = (long long)giving->count,
		.file_text = request->file_id,
		.code = state_code_text(code),
		.sender = &request->authority,
		.details = giving->details,
		.records = request->records,
		.record_count = giving->count,
	};
	if (code == CODE_CPF04 || code == CODE_CPF03) {
		visit->content.kind = REFUSE_RECORD;
		visit->content.cite = state_fact(FACT_NUMBER_FORMAT)->source;
	}
	visit->refusal = visit->decision.refusal;
	return 0;
}

int visit_ask_state(struct visit *visit, struct cpis_failure *failure)
{
	struct giving giving = { .visit = visit, .failure = failure };
	giving.details = arena_alloc(&visit->request.arena,
				     (visit->request.record_count + 1) * sizeof(*giving.details));
	if (!giving.details)
		return failure_out_of_memory(failure);
	if (engine_visit(visit->bytes, give, &giving, failure) != 0 || giving.status != 0)
		return -1;
	return visit->request.asked == ASKED_UPLOAD ? end_upload(&giving) : 0;
}

static int ask_in_transaction(struct visit *visit, struct cpis_failure *failure)
{
	struct state *state = visit->service->state;
	if (state_begin(state, failure) != 0)
		return -1;
	if (visit_ask_state(visit, failure) == 0 && state_commit(state, failure) == 0)
		return 0;
	state_rollback(state);
	return -1;
}

int visit_answer(struct visit *visit, struct answer *answer, struct cpis_failure *failure)
{
	struct service *service = visit->service;
	if (visit_decide(visit, failure) != 0)
		return -1;
	if (!visit->settled) {
		pthread_mutex_lock(&service->lock);
		int status = ask_in_transaction(visit, failure);
		pthread_mutex_unlock(&service->lock);
		if (status != 0)
			return -1;
	}
	if (answer_write(answer, &visit->request, &visit->content, &service->identity,
			 &visit->maker, visit->now) != 0)
		return failure_out_of_memory(failure);
	return 0;
}

/* The service itself */

static const char *or_default(struct arena *arena, const char *text, const char *otherwise)
{
	return arena_copy(arena, str_of(text ? text : otherwise));
}

struct service *service_new(const char *path, const char *seed, const struct identity *identity,
			    struct cpis_failure *failure)
{
	const struct identity *usual = &default_identity;
	if (engine_setup() != 0) {
		failure_set(failure, CPIS_FAILURE_INTERNAL,
			    "the internal tables could not be built");
		return NULL;
	}
	struct service *service = calloc(1, sizeof(*service));
	if (!service) {
		failure_out_of_memory(failure);
		return NULL;
	}
	struct arena *arena = &service->arena;
	arena_init(arena);
	pthread_mutex_init(&service->lock, NULL);
	service->scenarios.stubs = true;
	service->identity = (struct identity){
		.asid = or_default(arena, identity->asid, usual->asid),
		.party = or_default(arena, identity->party, usual->party),
		.ods = or_default(arena, identity->ods, usual->ods),
		.user = or_default(arena, identity->user, usual->user),
		.address = or_default(arena, identity->address, usual->address),
		.mailbox = or_default(arena, identity->mailbox, usual->mailbox),
	};
	service->seed = arena_str(arena, str_of(seed ? seed : "cpis"));
	service->state = state_open(path, failure);
	if (!service->state || arena->failed) {
		service_free(service);
		return NULL;
	}
	return service;
}

void service_tell_lacks(const struct service *service, const char *path,
			void (*problem)(void *context, const struct cpis_failure *problem),
			void *context)
{
	struct cpis_failure lack;
	if (!problem || !state_is_index(service->state))
		return;
	failure_of_file(&lack, path,
			"it is the index of a ledger, which holds plans and no accesses: replies "
			"list only queries that are made from now on");
	problem(context, &lack);
}

void service_free(struct service *service)
{
	if (!service)
		return;
	state_close(service->state);
	pthread_mutex_destroy(&service->lock);
	arena_release(&service->arena);
	free(service);
}
