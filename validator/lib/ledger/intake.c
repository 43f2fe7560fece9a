/* What the messages of a source say, to learn which they are. */
#include "ledger/answers.h"
#include "ledger/index.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"

/* How much of a large document is looked at for the head of an upload. */
enum { PEEK_BYTES = 16384, PEEK_LEAST = 4 * PEEK_BYTES };

struct survey {
	struct index *index;
	long long source;
	struct arena arena;
	size_t places[MESSAGE_RESPONSE + 1];
	size_t twice;
	bool in_upload;	      /* whose head was taken */
	struct answer answer; /* what an acknowledgement says, until it is complete */
	/* Of a response, the same: */
	struct answered_plan {
		struct str authority, start, end;
		enum plan_kind kind;
	} * plans;
	size_t plan_count, plan_room;
	struct str about; /* the NHS number of a response that is read */
};

static long long time_of(const struct timestamp *time)
{
	return time->moment.ok ? time->moment.seconds : 0;
}

static long long count_of(const struct value *value)
{
	struct str text = str_trim(value->text);
	long long count = 0;
	if (!str_is_digits(text))
		return -1;
	for (size_t i = 0; i < text.n && count < 1000000000; i++)
		count = count * 10 + (text.p[i] - '0');
	return count;
}

static long long add(struct survey *survey, struct index_message message)
{
	message.place = ++survey->places[message.kind];
	long long id = index_add(survey->index, survey->source, &message);
	survey->twice += id == 0;
	return id;
}

static void take_detail(struct survey *survey, const struct record_detail *detail)
{
	struct answer_detail one = { .code = state_code_of(str_trim(detail->code.text)) };
	struct str location = str_trim(detail->location.text);
	bool numbered = false;
	if (one.code == CODE_UNANSWERED)
		return;
	if (!location_is_usual(location, &one.record, &numbered) || !numbered)
		one.record = 0;
	if (!one.record)
		one.location = arena_str(&survey->arena, location);
	answer_add_detail(&survey->arena, &survey->answer, one);
}

/* first: its first record, or NULL. Two files that say the same of themselves are one file only
 * where they begin with the same person. */
static void take_upload(struct survey *survey, const struct upload *upload,
			const struct record *first)
{
	if (!survey->in_upload)
		add(survey,
		    (struct index_message){ .kind = MESSAGE_UPLOAD,
					    .authority = str_trim(upload->sender.id.extension.text),
					    .number = str_trim(upload->id.extension.text),
					    .made = time_of(&upload->created),
					    .records = count_of(&upload->quantity),
					    .first = first ? answer_person(first) : STR("") });
	survey->in_upload = true;
}

static void take_returned(struct survey *survey, const struct record *record)
{
	struct arena *arena = &survey->arena;
	if (strcmp(record->part.element, "invalidCP-ISRecord") == 0)
		answer_add_returned(
			arena, &survey->answer,
			(struct answer_returned){ arena_str(arena, answer_person(record)),
						  answer_plans(record) });
}

static void keep_detail(struct index *index, long long message, size_t place,
			const struct answer_detail *detail)
{
	sqlite3_stmt *added = index_statement(index, ADD_REFUSAL);
	store_number(added, 1, message);
	store_number(added, 2, (long long)place);
	store_number(added, 3, (long long)detail->record);
	store_number(added, 4, detail->code);
	store_run(index->state, added);
	if (!detail->location.n)
		return;
	added = index_statement(index, ADD_LOCATED);
	store_number(added, 1, message);
	store_number(added, 2, (long long)place);
	store_text(added, 3, detail->location);
	store_run(index->state, added);
}

static void keep_returned(struct index *index, long long message, size_t place,
			  const struct answer_returned *returned)
{
	sqlite3_stmt *added = index_statement(index, ADD_RETURNED);
	store_number(added, 1, message);
	store_number(added, 2, (long long)place);
	store_text(added, 3, returned->person);
	store_run(index->state, added);
	added = index_statement(index, ADD_RETURNED_PLANS);
	store_number(added, 1, message);
	store_number(added, 2, (long long)place);
	store_number(added, 3, returned->plans);
	store_run(index->state, added);
}

/* Which records were loaded matters where it is not plain which were refused. */
static void keep_answer(struct survey *survey, long long message)
{
	struct index *index = survey->index;
	const struct answer *answer = &survey->answer;
	bool plain = answer_is_plain(answer, &survey->arena);
	for (size_t i = 0; i < answer->detail_count; i++)
		if (!plain || answer_refuses(answer->details[i].code))
			keep_detail(index, message, i, &answer->details[i]);
	for (size_t i = 0; i < answer->returned_count; i++)
		keep_returned(index, message, i, &answer->returned[i]);
	sqlite3_stmt *counted = index_statement(index, ADD_COUNTED);
	store_number(counted, 1, message);
	store_number(counted, 2, answer->refused);
	store_run(index->state, counted);
}

/* Of several codes of the file the one that refuses it. */
static enum state_code file_code(const struct acknowledgement *answer)
{
	enum state_code code = CODE_UNANSWERED;
	for (size_t i = 0; i < answer->file_count; i++) {
		enum state_code one = state_code_of(str_trim(answer->files[i].code.text));
		if (code == CODE_UNANSWERED || (one != CODE_CPF02 && one != CODE_UNANSWERED))
			code = one;
	}
	return code;
}

static void take_answer(struct survey *survey, const struct acknowledgement *answer)
{
	long long id = add(
		survey,
		(struct index_message){ .kind = MESSAGE_ACKNOWLEDGEMENT,
					.authority = str_trim(answer->receiver.id.extension.text),
					.number = str_trim(answer->id.extension.text),
					.made = time_of(&answer->created),
					.records = count_of(&answer->quantity),
					.code = file_code(answer) });
	survey->answer.file = file_code(answer);
	survey->answer.records = count_of(&answer->quantity);
	survey->answer.refused = count_of(&answer->failed);
	if (id)
		keep_answer(survey, id);
	survey->answer = (struct answer){ 0 };
}

static void take_inactive(struct survey *survey, const struct inactive_patient *patient)
{
	const struct part *around = part_ancestor(&patient->part, PART_INACTIVE_NOTIFICATION);
	const struct inactive_notification *notification = (const void *)around;
	const char *replacements[17] = { NULL };
	struct cpis_failure failure;
	long long at = notification ? time_of(&notification->effective) : 0;
	for (size_t i = 0; i < patient->replacement_count && i < 16; i++)
		replacements[i] = arena_copy(&survey->arena,
					     str_trim(patient->replacements[i].extension.text));
	for (size_t i = 0; i < patient->id_count; i++)
		if (patient->ids[i].is_nhs)
			state_number_inactive(survey->index->state,
					      str_trim(patient->ids[i].extension.text),
					      replacements, at, &failure);
}

/* A response is about the number that its queries asked for, and its records have. */
static void take_number(struct survey *survey, struct str number)
{
	if (!survey->about.n)
		survey->about = arena_str(&survey->arena, number);
}

/* The plans of a record that a response returns. */
static void take_answered(struct survey *survey, const struct record *record)
{
	struct arena *arena = &survey->arena;
	take_number(survey, answer_person(record));
	for (size_t i = 0; i < record->plan_count; i++) {
		const struct plan *plan = &record->plans[i];
		struct answered_plan *grown =
			list_grown_in(arena, survey->plans, survey->plan_count, &survey->plan_room,
				      sizeof(*grown));
		if (!grown)
			return;
		survey->plans = grown;
		grown[survey->plan_count++] = (struct answered_plan){
			.authority =
				arena_str(arena, str_trim(record->authority.id.extension.text)),
			.kind = (enum plan_kind)plan->part.role,
			.start = arena_str(arena, str_trim(plan->start.value.text)),
			.end = arena_str(arena, str_trim(plan->end.value.text)),
		};
	}
}

static void take_response(struct survey *survey, const struct response *response)
{
	long long id =
		add(survey, (struct index_message){ .kind = MESSAGE_RESPONSE,
						    .authority = str_trim(response->id.text),
						    .number = survey->about,
						    .made = time_of(&response->effective),
						    .records = (long long)response->record_count });
	for (size_t i = 0; id && i < survey->plan_count; i++) {
		const struct answered_plan *plan = &survey->plans[i];
		sqlite3_stmt *added = index_statement(survey->index, ADD_ANSWERED_PLAN);
		store_number(added, 1, id);
		store_number(added, 2, (long long)i);
		store_text(added, 3, plan->authority);
		store_number(added, 4, plan->kind);
		store_text(added, 5, plan->start);
		store_text(added, 6, plan->end);
		store_run(survey->index->state, added);
	}
	survey->plan_count = 0;
	survey->about = (struct str){ 0 };
}

static void take_query(struct survey *survey, const struct query *query)
{
	struct str number =
		query->nhs_number_count ? query->nhs_numbers[0].extension.text : (struct str){ 0 };
	if (query->part.role != QUERY_ASKED && part_ancestor(&query->part, PART_RESPONSE))
		take_number(survey, str_trim(number));
	if (query->part.role != QUERY_ASKED)
		return;
	add(survey, (struct index_message){ .kind = MESSAGE_QUERY,
					    .authority = str_trim(query->id.text),
					    .number = str_trim(number),
					    .made = time_of(&query->effective),
					    .code = query_is_silent(query) ? 1 : 0 });
}

static void survey_part(void *context, const struct part *part)
{
	struct survey *survey = context;
	const void *it = part;
	switch ((int)part->kind) {
	case PART_RECORD:
		if (part->parent && part->parent->kind == PART_UPLOAD)
			take_upload(survey, (const struct upload *)(const void *)part->parent, it);
		else if (part->parent && part->parent->kind == PART_ACKNOWLEDGEMENT)
			take_returned(survey, it);
		else if (part_ancestor(part, PART_RESPONSE))
			take_answered(survey, it);
		break;
	case PART_UPLOAD:
		take_upload(survey, it, NULL);
		survey->in_upload = false;
		break;
	case PART_RECORD_DETAIL:
		take_detail(survey, it);
		break;
	case PART_ACKNOWLEDGEMENT:
		take_answer(survey, it);
		break;
	case PART_INACTIVE_PATIENT:
		take_inactive(survey, it);
		break;
	case PART_INACTIVE_NOTIFICATION: {
		const struct inactive_notification *notice = it;
		add(survey, (struct index_message){
				    .kind = MESSAGE_INACTIVE,
				    .authority = str_trim(notice->recipient.id.extension.text),
				    .number = str_trim(notice->id.text),
				    .made = time_of(&notice->effective) });
		break;
	}
	case PART_ACCESS_NOTIFICATION: {
		const struct access_notification *notice = it;
		add(survey, (struct index_message){
				    .kind = MESSAGE_ACCESS,
				    .authority = str_trim(notice->recipient.id.extension.text),
				    .number = str_trim(notice->id.text),
				    .made = time_of(&notice->effective),
				    .records = (long long)notice->access_count });
		break;
	}
	case PART_RESPONSE:
		take_response(survey, it);
		break;
	case PART_QUERY:
		take_query(survey, it);
		break;
	default:
		break;
	}
}

static void peek_part(void *context, const struct part *part)
{
	if (part->kind == PART_RECORD && part->parent && part->parent->kind == PART_UPLOAD)
		take_upload(context, (const struct upload *)(const void *)part->parent,
			    (const struct record *)(const void *)part);
}

static bool starts_as_xml(struct str bytes)
{
	bytes = str_from(bytes, str_mark_bytes(bytes));
	return bytes.n && bytes.p[0] == '<';
}

/* The head of a large upload is enough: its records are read when they are loaded. */
static bool peek(struct survey *survey, struct str bytes)
{
	char head[PEEK_BYTES + 1];
	struct cpis_failure failure;
	if (bytes.n < PEEK_LEAST || !starts_as_xml(bytes))
		return false;
	memcpy(head, bytes.p, PEEK_BYTES);
	head[PEEK_BYTES] = '\0';
	engine_visit((struct str){ head, PEEK_BYTES }, peek_part, survey, &failure);
	return survey->in_upload;
}

int intake_survey(struct index *index, long long source, const char *path, size_t *twice,
		  struct cpis_failure *failure)
{
	struct survey survey = { .index = index, .source = source };
	struct source bytes;
	const char *why = NULL;
	int status = 0;
	if (source_open(&bytes, path, INDEX_MOST_BYTES, &why) != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "it cannot be read: %s",
				   why);
	arena_init(&survey.arena);
	if (!peek(&survey, bytes.bytes))
		status = engine_visit(bytes.bytes, survey_part, &survey, failure);
	if (status == 0 && survey.arena.failed)
		status = failure_out_of_memory(failure);
	if (status == 0)
		status = store_result(index->state, failure);
	*twice += survey.twice;
	arena_release(&survey.arena);
	source_close(&bytes);
	return status;
}
