/* The records of uploads, when their place and their acknowledgement are known. */
#include "ledger/answers.h"
#include "ledger/index.h"

#include "cpis.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "engine/source.h"

/* An upload of the source, and what its acknowledgement says of its records. */
struct upload_wanted {
	long long message, taken;
	size_t place;
	bool wanted;
	bool answered, plain;	/* plain: the numbers of its details are all that is needed */
	struct state_file file; /* ordinal 0: it was not loaded before */
	struct answer answer;
	struct answered_upload settled; /* where it is not plain */
	size_t refused;			/* records so far */
	bool again;			/* it was loaded before */
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

static void read_answer(struct load *load, struct upload_wanted *upload, long long message)
{
	struct state *state = load->index->state;
	struct answer *answer = &upload->answer;
	sqlite3_stmt *rows = index_statement(load->index, REFUSALS);
	store_number(rows, 1, message);
	while (store_row(state, rows))
		answer_add_detail(&load->arena, answer,
				  (struct answer_detail){
					  (size_t)sqlite3_column_int64(rows, 0),
					  (enum state_code)sqlite3_column_int(rows, 1),
					  store_column(&load->arena, rows, 2),
				  });
	store_reset(rows);
	rows = index_statement(load->index, RETURNED);
	store_number(rows, 1, message);
	while (store_row(state, rows))
		answer_add_returned(
			&load->arena, answer,
			(struct answer_returned){ store_column(&load->arena, rows, 0),
						  (unsigned)sqlite3_column_int(rows, 1) });
	store_reset(rows);
	upload->plain = answer_is_plain(answer, &load->arena);
	if (upload->plain)
		answer_sort(answer);
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
		long long answer = sqlite3_column_int64(rows, 4);
		bool answered = answer != 0;
		enum state_code code =
			answered ? (enum state_code)sqlite3_column_int(rows, 7) : CODE_UNANSWERED;
		grown[load->count++] = (struct upload_wanted){
			.message = sqlite3_column_int64(rows, 0),
			.place = (size_t)sqlite3_column_int64(rows, 1),
			.answered = answered,
			.plain = true,
			.taken = sqlite3_column_int64(rows, answered ? 6 : 5),
			.wanted = sqlite3_column_int(rows, 8) != 0,
			.file = { .authority = (size_t)sqlite3_column_int64(rows, 2),
				  .ordinal = (size_t)sqlite3_column_int64(rows, 3),
				  .code = code },
			.answer = { .file = code,
				    .records = sqlite3_column_int64(rows, 9),
				    .refused = sqlite3_column_int64(rows, 10) },
		};
		if (answered)
			read_answer(load, &grown[load->count - 1], answer);
	}
	store_reset(rows);
	return load->arena.failed ? failure_out_of_memory(failure)
				  : store_result(load->index->state, failure);
}

static struct upload_wanted *wanted_at(struct load *load, size_t place)
{
	for (size_t i = 0; i < load->count; i++)
		if (load->uploads[i].place == place && load->uploads[i].wanted)
			return &load->uploads[i];
	return NULL;
}

/* What became of a record. */
static enum state_code code_of(struct upload_wanted *upload, size_t record)
{
	if (!upload->answered)
		return CODE_UNANSWERED;
	if (!upload->plain && record <= upload->settled.count)
		return upload->settled.records[record - 1].code;
	const struct answer_detail *detail = answer_find(&upload->answer, record);
	return detail ? detail->code : answer_of_others(&upload->answer);
}

static void begin(struct load *load, const struct upload *upload)
{
	struct state *state = load->index->state;
	load->place++;
	load->begun = true;
	load->record = 0;
	load->upload = wanted_at(load, load->place);
	if (!load->upload || load->failed)
		return;
	struct state_file *file = &load->upload->file;
	load->upload->refused = 0;
	load->upload->again = file->ordinal != 0;
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
	enum state_code code = code_of(load->upload, load->record);
	load->upload->refused += answer_refuses(code);
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
	if (!load->upload->settled.unnamed && !load->upload->again)
		return;
	sqlite3_stmt *unnamed = index_statement(load->index, SET_UNNAMED);
	store_number(unnamed, 1, (long long)load->upload->file.authority);
	store_number(unnamed, 2, (long long)load->upload->file.ordinal);
	store_number(unnamed, 3, (long long)load->upload->settled.unnamed);
	store_run(load->index->state, unnamed);
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

/* The uploads of one document, as far as it is not plain which of their records were refused. */
struct count {
	struct load *load;
	struct message_summary summary;
	size_t before, place; /* uploads before the document, and until now */
	bool begun;
};

static void count_part(void *context, const struct part *part)
{
	struct count *count = context;
	struct load *load = count->load;
	bool record =
		part->kind == PART_RECORD && part->parent && part->parent->kind == PART_UPLOAD;
	summary_take(&count->summary, part);
	if (!count->begun && (record || part->kind == PART_UPLOAD))
		count->place++;
	count->begun = record || (count->begun && part->kind != PART_UPLOAD);
	struct upload_wanted *upload = record ? wanted_at(load, count->place) : NULL;
	if (!upload || upload->plain)
		return;
	const struct record *from = (const struct record *)(const void *)part;
	struct answered_upload *settled = &upload->settled;
	struct answered_record *grown = list_grown_in(
		&load->arena, settled->records, settled->count, &settled->room, sizeof(*grown));
	if (!grown)
		return;
	settled->records = grown;
	grown[settled->count++] =
		(struct answered_record){ .person = arena_str(&load->arena, answer_person(from)),
					  .plans = answer_plans(from) };
}

/* Locations are looked for in the document, where it has one upload. */
static int settle_document(struct load *load, struct str bytes, size_t *place,
			   struct cpis_failure *failure)
{
	struct count count = { .load = load, .before = *place, .place = *place };
	struct location_upload where = { .summary = &count.summary };
	summary_init(&count.summary);
	count.summary.upload = bytes;
	int status = engine_visit(bytes, count_part, &count, failure);
	if (status == 0 && count.summary.arena.failed)
		status = failure_out_of_memory(failure);
	for (size_t i = count.before + 1; status == 0 && i <= count.place; i++) {
		struct upload_wanted *upload = wanted_at(load, i);
		if (upload && !upload->plain)
			answer_settle(&upload->answer,
				      count.place - count.before == 1 ? &where : NULL,
				      &upload->settled, &load->arena);
	}
	*place = count.place;
	location_release(&where);
	summary_release(&count.summary);
	return status;
}

static bool any_is_wanted(const struct load *load, bool plain)
{
	for (size_t i = 0; i < load->count; i++)
		if (load->uploads[i].wanted && load->uploads[i].plain == plain)
			return true;
	return false;
}

/* Settle all that is not plain. */
static int settle(struct load *load, struct str bytes, struct cpis_failure *failure)
{
	const struct cpis_options options = { 0 };
	struct engine_documents documents = { 0 };
	size_t place = 0;
	if (!any_is_wanted(load, false))
		return 0;
	int status = engine_documents(&documents, bytes, &options) == 0
			     ? 0
			     : failure_out_of_memory(failure);
	for (size_t i = 0; status == 0 && i < documents.count; i++)
		if (documents.items[i].has_message)
			status = settle_document(load, documents.items[i].bytes, &place, failure);
	arena_release(&documents.arena);
	if (status == 0 && load->arena.failed)
		status = failure_out_of_memory(failure);
	return status;
}

static int read_records(struct load *load, struct str bytes, struct cpis_failure *failure)
{
	load->place = 0;
	int status = engine_visit(bytes, load_part, load, failure);
	if (status == 0 && load->failed) {
		*failure = load->failure;
		status = -1;
	}
	return status;
}

/* Only those are wanted again of which fewer records were refused than it says. */
static void want_again(struct load *load)
{
	for (size_t i = 0; i < load->count; i++) {
		struct upload_wanted *upload = &load->uploads[i];
		upload->wanted = upload->wanted && upload->answered && upload->plain &&
				 answer_lacks(&upload->answer, upload->refused);
		upload->plain = upload->plain && !upload->wanted;
	}
}

static int load_all(struct load *load, struct str bytes, struct cpis_failure *failure)
{
	if (settle(load, bytes, failure) != 0 || read_records(load, bytes, failure) != 0)
		return -1;
	want_again(load);
	if (!any_is_wanted(load, false))
		return 0;
	if (settle(load, bytes, failure) != 0)
		return -1;
	return read_records(load, bytes, failure);
}

int intake_load(struct index *index, long long source, const char *path,
		struct cpis_failure *failure)
{
	struct load load = { .index = index };
	struct source bytes;
	const char *why = NULL;
	if (source_open(&bytes, path, INDEX_MOST_BYTES, &why) != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "it cannot be read: %s",
				   why);
	arena_init(&load.arena);
	int status = list_uploads(&load, source, failure);
	if (status == 0)
		status = load_all(&load, bytes.bytes, failure);
	if (status == 0)
		status = store_result(index->state, failure);
	arena_release(&load.arena);
	source_close(&bytes);
	return status;
}
