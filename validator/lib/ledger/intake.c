/* What the messages of a source say: once to learn which they are, and the uploads once more, when
 * their place and their acknowledgement are known, to load their records. */
#include "ledger/index.h"

#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "rules/location.h"

#include <stdlib.h>

static const size_t most_bytes = (size_t)4 << 30;

/* How much of a large document is looked at for the head of an upload. */
enum { PEEK_BYTES = 16384, PEEK_LEAST = 4 * PEEK_BYTES };

struct survey {
	struct index *index;
	long long source;
	struct arena arena;
	size_t places[MESSAGE_RESPONSE + 1];
	size_t twice;
	bool in_upload; /* whose head was taken */
	/* Of an acknowledgement, kept until it is complete: */
	struct answered {
		size_t record;
		enum state_code code;
	} * refusals;
	size_t refusal_count, refusal_room;
	struct str *returned;
	size_t returned_count, returned_room;
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
	enum state_code code = state_code_of(str_trim(detail->code.text));
	size_t record = 0;
	bool numbered = false;
	if (code == CODE_CPR06 || code == CODE_UNANSWERED)
		return;
	if (!location_is_usual(str_trim(detail->location.text), &record, &numbered) || !numbered)
		record = 0;
	struct answered *grown =
		list_grown_in(&survey->arena, survey->refusals, survey->refusal_count,
			      &survey->refusal_room, sizeof(*grown));
	if (!grown)
		return;
	survey->refusals = grown;
	grown[survey->refusal_count++] = (struct answered){ record, code };
}

/* The person that a record is about: its NHS number, or else its local id. */
static struct str person_of(const struct record *record)
{
	struct str local = { 0 };
	for (size_t i = 0; i < record->subject_count; i++)
		for (size_t k = 0; k < record->subjects[i].id_count; k++) {
			const struct identifier *id = &record->subjects[i].ids[k];
			if (id->is_nhs && !str_is_blank(id->extension.text))
				return str_trim(id->extension.text);
			if (!local.n)
				local = str_trim(id->extension.text);
		}
	return local;
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
					    .first = first ? person_of(first) : STR("") });
	survey->in_upload = true;
}

static void take_returned(struct survey *survey, const struct record *record)
{
	if (strcmp(record->part.element, "invalidCP-ISRecord") != 0)
		return;
	struct str *grown = list_grown_in(&survey->arena, survey->returned, survey->returned_count,
					  &survey->returned_room, sizeof(*grown));
	if (!grown)
		return;
	survey->returned = grown;
	grown[survey->returned_count++] = arena_str(&survey->arena, person_of(record));
}

static void keep_answer(struct survey *survey, long long message)
{
	struct index *index = survey->index;
	for (size_t i = 0; message && i < survey->refusal_count; i++) {
		sqlite3_stmt *added = index_statement(index, ADD_REFUSAL);
		store_number(added, 1, message);
		store_number(added, 2, (long long)i);
		store_number(added, 3, (long long)survey->refusals[i].record);
		store_number(added, 4, survey->refusals[i].code);
		store_run(index->state, added);
	}
	for (size_t i = 0; message && i < survey->returned_count; i++) {
		sqlite3_stmt *added = index_statement(index, ADD_RETURNED);
		store_number(added, 1, message);
		store_number(added, 2, (long long)i);
		store_text(added, 3, survey->returned[i]);
		store_run(index->state, added);
	}
	survey->refusal_count = survey->returned_count = 0;
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
	keep_answer(survey, id);
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
	take_number(survey, person_of(record));
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
	if (source_open(&bytes, path, most_bytes, &why) != 0)
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

/* An upload of the source, and what its acknowledgement says of its records. */
struct upload_wanted {
	long long message, answer, taken;
	size_t place;
	bool wanted;
	struct state_file file; /* ordinal 0: it was not loaded before */
	struct answered *refusals;
	struct str *returned;
	size_t refusal_count, returned_count;
	bool located; /* each refusal names a record that was returned */
};

struct load {
	struct index *index;
	struct arena arena;
	struct upload_wanted *uploads;
	size_t count, room;
	size_t place; /* of the upload that is read, from 1 */
	bool begun;
	size_t record;
	struct upload_wanted *upload; /* NULL: the one that is read is not wanted */
	struct cpis_failure failure;
	bool failed;
};

static int by_record(const void *a, const void *b)
{
	const struct answered *x = a, *y = b;
	return (x->record > y->record) - (x->record < y->record);
}

static void read_answer(struct load *load, struct upload_wanted *upload)
{
	size_t refusal_room = 0, returned_room = 0;
	struct state *state = load->index->state;
	sqlite3_stmt *rows = index_statement(load->index, REFUSALS);
	store_number(rows, 1, upload->answer);
	while (store_row(state, rows)) {
		struct answered *grown =
			list_grown_in(&load->arena, upload->refusals, upload->refusal_count,
				      &refusal_room, sizeof(*grown));
		if (!grown)
			break;
		upload->refusals = grown;
		grown[upload->refusal_count++] =
			(struct answered){ (size_t)sqlite3_column_int64(rows, 0),
					   (enum state_code)sqlite3_column_int(rows, 1) };
	}
	store_reset(rows);
	rows = index_statement(load->index, RETURNED);
	store_number(rows, 1, upload->answer);
	while (store_row(state, rows)) {
		struct str *grown =
			list_grown_in(&load->arena, upload->returned, upload->returned_count,
				      &returned_room, sizeof(*grown));
		if (!grown)
			break;
		upload->returned = grown;
		grown[upload->returned_count++] = store_column(&load->arena, rows, 0);
	}
	store_reset(rows);
	upload->located = upload->refusal_count > 0;
	for (size_t i = 0; i < upload->refusal_count; i++)
		upload->located = upload->located && upload->refusals[i].record;
	if (upload->located)
		qsort(upload->refusals, upload->refusal_count, sizeof(*upload->refusals),
		      by_record);
}

static int list_uploads(struct load *load, long long source, struct cpis_failure *failure)
{
	sqlite3_stmt *rows = index_statement(load->index, PENDING_UPLOADS);
	store_number(rows, 1, source);
	while (store_row(load->index->state, rows)) {
		struct upload_wanted *grown = list_grown_in(
			&load->arena, load->uploads, load->count, &load->room, sizeof(*grown));
		if (!grown)
			break;
		load->uploads = grown;
		bool answered = sqlite3_column_int64(rows, 4) != 0;
		grown[load->count++] = (struct upload_wanted){
			.message = sqlite3_column_int64(rows, 0),
			.place = (size_t)sqlite3_column_int64(rows, 1),
			.answer = sqlite3_column_int64(rows, 4),
			.taken = sqlite3_column_int64(rows, answered ? 6 : 5),
			.wanted = sqlite3_column_int(rows, 8) != 0,
			.file = { .authority = (size_t)sqlite3_column_int64(rows, 2),
				  .ordinal = (size_t)sqlite3_column_int64(rows, 3),
				  .code = answered ? (enum state_code)sqlite3_column_int(rows, 7)
						   : CODE_UNANSWERED },
		};
	}
	store_reset(rows);
	for (size_t i = 0; i < load->count; i++)
		if (load->uploads[i].answer)
			read_answer(load, &load->uploads[i]);
	return load->arena.failed ? failure_out_of_memory(failure)
				  : store_result(load->index->state, failure);
}

/* The code of the i-th record that was returned: theirs come in the same order. */
static enum state_code code_returned(const struct upload_wanted *upload, size_t at)
{
	return upload->refusal_count == upload->returned_count ? upload->refusals[at].code
							       : CODE_CPR07;
}

/*
 * What became of a record. The acknowledgement says it twice: by the place of the record, and by
 * returning it. Where its places can be read, they are taken; else the NHS numbers of what it
 * returned.
 */
static enum state_code code_of(const struct upload_wanted *upload, size_t record, struct str person)
{
	enum state_code file = upload->file.code;
	if (!upload->answer)
		return CODE_UNANSWERED;
	if (upload->located) {
		const struct answered key = { record, CODE_UNANSWERED };
		const struct answered *found =
			bsearch(&key, upload->refusals, upload->refusal_count,
				sizeof(*upload->refusals), by_record);
		if (found)
			return found->code;
	}
	for (size_t i = 0; !upload->located && i < upload->returned_count; i++)
		if (str_equal(upload->returned[i], person))
			return code_returned(upload, i);
	return file == CODE_CPF02 || file == CODE_CPF03 || file == CODE_UNANSWERED ? CODE_CPR06
										   : file;
}

static void begin(struct load *load, const struct upload *upload)
{
	struct state *state = load->index->state;
	load->place++;
	load->begun = true;
	load->record = 0;
	load->upload = NULL;
	for (size_t i = 0; i < load->count; i++)
		if (load->uploads[i].place == load->place && load->uploads[i].wanted)
			load->upload = &load->uploads[i];
	if (!load->upload || load->failed)
		return;
	struct state_file *file = &load->upload->file;
	enum state_code code = file->code;
	if (file->ordinal) {
		file->taken = load->upload->taken;
		load->failed = state_upload_again(state, file, &load->failure) != 0;
	} else {
		load->failed = state_upload_begin(state, upload, load->upload->taken, code, file,
						  &load->failure) != 0;
	}
}

/* Which NHS numbers a local id was sent with. */
static void keep_local(struct load *load, const struct record *record)
{
	for (size_t i = 0; i < record->subject_count; i++) {
		struct str number = { 0 }, local = { 0 };
		for (size_t k = 0; k < record->subjects[i].id_count; k++) {
			const struct identifier *id = &record->subjects[i].ids[k];
			if (id->is_nhs)
				number = str_trim(id->extension.text);
			else if (id->is_local)
				local = str_trim(id->extension.text);
		}
		if (!number.n || !local.n)
			continue;
		sqlite3_stmt *added = index_statement(load->index, ADD_LOCAL);
		store_number(added, 1, (long long)load->upload->file.authority);
		store_text(added, 2, local);
		store_text(added, 3, number);
		store_run(load->index->state, added);
	}
}

static void load_record(struct load *load, const struct record *record)
{
	struct state_outcome outcome;
	load->record++;
	if (!load->upload || load->failed)
		return;
	size_t repeats = load->upload->file.repeats;
	enum state_code code = code_of(load->upload, load->record, person_of(record));
	load->failed = state_upload_record(load->index->state, record, code, &outcome,
					   &load->failure) != 0;
	if (!load->failed && load->upload->file.repeats == repeats)
		keep_local(load, record);
}

static void end(struct load *load)
{
	enum state_code code;
	load->begun = false;
	if (!load->upload || load->failed)
		return;
	load->failed = state_upload_end(load->index->state, &code, &load->failure) != 0;
	sqlite3_stmt *done = index_statement(load->index, SET_LOADED);
	store_number(done, 1, load->upload->message);
	store_number(done, 2, (long long)load->upload->file.authority);
	store_number(done, 3, (long long)load->upload->file.ordinal);
	store_run(load->index->state, done);
}

static void load_part(void *context, const struct part *part)
{
	struct load *load = context;
	if (part->kind == PART_UPLOAD) {
		if (!load->begun)
			begin(load, (const struct upload *)(const void *)part);
		end(load);
	} else if (part->kind == PART_RECORD && part->parent && part->parent->kind == PART_UPLOAD) {
		if (!load->begun)
			begin(load, (const struct upload *)(const void *)part->parent);
		load_record(load, (const struct record *)(const void *)part);
	}
}

int intake_load(struct index *index, long long source, const char *path,
		struct cpis_failure *failure)
{
	struct load load = { .index = index };
	struct source bytes;
	const char *why = NULL;
	if (source_open(&bytes, path, most_bytes, &why) != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "it cannot be read: %s",
				   why);
	arena_init(&load.arena);
	int status = list_uploads(&load, source, failure);
	if (status == 0)
		status = engine_visit(bytes.bytes, load_part, &load, failure);
	if (status == 0 && load.failed) {
		*failure = load.failure;
		status = -1;
	}
	if (status == 0)
		status = store_result(index->state, failure);
	arena_release(&load.arena);
	source_close(&bytes);
	return status;
}
