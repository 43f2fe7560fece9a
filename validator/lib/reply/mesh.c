/*
 * The mailboxes of MESH, in the file of the state: what a client sends to the service's mailbox is
 * answered in its own, in one transaction.
 *
 * Source: MESH API specification and sandbox: calls, headers, status and error codes.
 */
#include "reply/made.h"

#include "base/digest.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "state/store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <zlib.h>

enum { STATUS_COMING, STATUS_ACCEPTED, STATUS_ACKNOWLEDGED };

static const char tables[] =
	"CREATE TABLE IF NOT EXISTS mesh_message (number INTEGER PRIMARY KEY, id TEXT UNIQUE,"
	" box TEXT, sender TEXT, workflow TEXT, subject TEXT, local_id TEXT, encoding TEXT,"
	" chunks INTEGER, status INTEGER, at INTEGER, report INTEGER, code TEXT, words TEXT,"
	" linked TEXT);"
	"CREATE TABLE IF NOT EXISTS mesh_chunk (id TEXT, place INTEGER, bytes BLOB,"
	" PRIMARY KEY (id, place));"
	"CREATE TABLE IF NOT EXISTS mesh_token (token TEXT PRIMARY KEY);"
	"CREATE TABLE IF NOT EXISTS mesh_box (box TEXT, authority TEXT, PRIMARY KEY (box, "
	"authority));";

static const char emptying[] = "DELETE FROM mesh_message; DELETE FROM mesh_chunk;"
			       "DELETE FROM mesh_token; DELETE FROM mesh_box;";

static int fail(struct service *service, struct cpis_failure *failure)
{
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "the mailboxes: %s",
			   sqlite3_errmsg(service->state->db));
}

int mesh_setup(struct service *service, struct cpis_failure *failure)
{
	return sqlite3_exec(service->state->db, tables, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : fail(service, failure);
}

int mesh_reset(struct service *service, struct cpis_failure *failure)
{
	return sqlite3_exec(service->state->db, emptying, NULL, NULL, NULL) == SQLITE_OK
		       ? 0
		       : fail(service, failure);
}

/* A request to a mailbox. */
struct errand {
	struct service *service;
	const struct cpis_call *call;
	struct made_reply *made;
	struct cpis_failure *failure;
	const char *box, *first, *second, *third; /* of the path; NULL: there is no more */
	bool v2;
};

/* SQL */

static sqlite3_stmt *prepare(const struct errand *errand, const char *sql)
{
	sqlite3_stmt *statement = NULL;
	sqlite3_prepare_v2(errand->service->state->db, sql, -1, &statement, NULL);
	return statement;
}

static void bind(sqlite3_stmt *statement, int at, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, at, text, -1, SQLITE_TRANSIENT);
}

static int finish(const struct errand *errand, sqlite3_stmt *statement)
{
	int status = statement ? sqlite3_step(statement) : SQLITE_ERROR;
	sqlite3_finalize(statement);
	return status == SQLITE_DONE || status == SQLITE_ROW
		       ? 0
		       : fail(errand->service, errand->failure);
}

/* Answers */

static int refuse(const struct errand *errand, unsigned status, const char *code, const char *words)
{
	char text[512];
	int n = errand->v2
			? snprintf(text, sizeof(text),
				   "{\"detail\": [{\"event\": \"SEND\", \"code\": \"%s\", \"msg\": "
				   "\"%s\"}]}\n",
				   code, words)
			: snprintf(text, sizeof(text),
				   "{\"errorEvent\": \"SEND\", \"errorCode\": \"%s\", "
				   "\"errorDescription\": \"%s\"}\n",
				   code, words);
	reply_status(errand->made, status, "application/json");
	reply_text(errand->made, (struct str){ text, (size_t)n });
	return 0;
}

static int say(const struct errand *errand, unsigned status, const char *text)
{
	reply_status(errand->made, status,
		     errand->v2 ? "application/vnd.mesh.v2+json" : "application/json");
	reply_text(errand->made, str_of(text));
	return 0;
}

/* Authorization: NHSMESH mailbox:nonce:count:yyyyMMddHHmm:hash */

static bool token_is_new(const struct errand *errand, const char *token)
{
	sqlite3_stmt *added = prepare(errand, "INSERT INTO mesh_token VALUES (?)");
	bind(added, 1, token);
	bool fresh = added && sqlite3_step(added) == SQLITE_DONE;
	sqlite3_finalize(added);
	return fresh;
}

static bool is_authorized(const struct errand *errand)
{
	enum { MOST_TOKEN = 1024, HOURS = 2 };
	static const char scheme[] = "NHSMESH ";
	const struct service *service = errand->service;
	const char *header = call_header(errand->call, "Authorization");
	char parts[5][128], text[MOST_TOKEN], expected[65];
	long long at;
	if (errand->call->trusted)
		return true;
	if (service->mesh_canned)
		return header &&
		       (strcmp(header, "VALID") == 0 || strcasecmp(header, "NHSMESH VALID") == 0);
	if (!service->mesh_key)
		return true;
	if (!header || strncasecmp(header, scheme, sizeof(scheme) - 1) != 0 ||
	    sscanf(header + sizeof(scheme) - 1, " %127[^:]:%127[^:]:%127[^:]:%127[^:]:%127s",
		   parts[0], parts[1], parts[2], parts[3], parts[4]) != 5)
		return false;
	snprintf(text, sizeof(text), "%s+0000", parts[3]);
	if (strcmp(parts[0], errand->box) != 0 || cpis_time(text, &at) != 0 ||
	    llabs(at - errand->call->now) > HOURS * 3600LL)
		return false;
	snprintf(text, sizeof(text), "%s:%s:%s:%s:%s", parts[0], parts[1], parts[2],
		 service->mesh_password, parts[3]);
	digest_hmac(str_of(service->mesh_key), str_of(text), expected);
	if (strcasecmp(expected, parts[4]) != 0)
		return false;
	snprintf(text, sizeof(text), "%s:%s:%s", parts[0], parts[1], parts[2]);
	return token_is_new(errand, text);
}

static int know_box(const struct errand *errand, const char *authority)
{
	sqlite3_stmt *added = prepare(errand, "INSERT OR IGNORE INTO mesh_box VALUES (?, ?)");
	bind(added, 1, errand->box);
	bind(added, 2, authority);
	return finish(errand, added);
}

static int handshake(const struct errand *errand)
{
	char text[256];
	if (!call_header(errand->call, "Mex-ClientVersion") ||
	    !call_header(errand->call, "Mex-OSName") || !call_header(errand->call, "Mex-OSVersion"))
		return refuse(errand, 400, "06",
			      "Mex-ClientVersion, Mex-OSName and Mex-OSVersion are required");
	if (know_box(errand, "") != 0)
		return -1;
	snprintf(text, sizeof(text), "{\"mailboxId\": \"%.100s\"}\n", errand->box);
	return say(errand, 200, text);
}

/* Messages on their way */

struct parcel_note {
	const char *id, *box, *sender, *workflow, *subject, *local_id, *encoding, *code, *words,
		*linked;
	long long chunks;
	int status, report;
};

static int add_message(const struct errand *errand, const struct parcel_note *note)
{
	sqlite3_stmt *added = prepare(
		errand, "INSERT INTO mesh_message (id, box, sender, workflow, subject, local_id,"
			" encoding, chunks, status, at, report, code, words, linked)"
			" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	bind(added, 1, note->id);
	bind(added, 2, note->box);
	bind(added, 3, note->sender);
	bind(added, 4, note->workflow);
	bind(added, 5, note->subject);
	bind(added, 6, note->local_id);
	bind(added, 7, note->encoding);
	sqlite3_bind_int64(added, 8, note->chunks);
	sqlite3_bind_int(added, 9, note->status);
	sqlite3_bind_int64(added, 10, errand->call->now);
	sqlite3_bind_int(added, 11, note->report);
	bind(added, 12, note->code);
	bind(added, 13, note->words);
	bind(added, 14, note->linked);
	return finish(errand, added);
}

static int add_chunk(const struct errand *errand, const char *id, long long place, struct str bytes)
{
	sqlite3_stmt *added = prepare(errand, "INSERT OR REPLACE INTO mesh_chunk VALUES (?, ?, ?)");
	bind(added, 1, id);
	sqlite3_bind_int64(added, 2, place);
	sqlite3_bind_blob64(added, 3, bytes.p, bytes.n, SQLITE_STATIC);
	return finish(errand, added);
}

static void new_id(struct id_maker *maker, char id[UUID_BYTES])
{
	id_maker_uuid(maker, id);
}

static void maker_of(struct service *service, struct id_maker *maker)
{
	char salt[40];
	int n = snprintf(salt, sizeof(salt), "mesh-%llu", service->calls++);
	id_maker_init(maker, service->seed, (struct str){ salt, (size_t)n });
}

static bool gunzip(struct buf *out, struct str bytes)
{
	enum { ANY_HEADER = 32 + 15 };
	z_stream stream = { .next_in = (Bytef *)(uintptr_t)bytes.p, .avail_in = (uInt)bytes.n };
	if (inflateInit2(&stream, ANY_HEADER) != Z_OK)
		return false;
	int status = Z_OK;
	while (status == Z_OK && !out->failed) {
		char piece[1 << 14];
		stream.next_out = (Bytef *)piece;
		stream.avail_out = sizeof(piece);
		status = inflate(&stream, Z_NO_FLUSH);
		buf_add(out, piece, sizeof(piece) - stream.avail_out);
	}
	inflateEnd(&stream);
	return status == Z_STREAM_END && !out->failed;
}

/* Of a message, with all its chunks, decoded. */
enum { MOST_DECODED = 100 * 1000 * 1000 };

/* All chunks of a message, decoded. False: one is missing, or does not decode, or they are too
 * many. */
static bool assemble(const struct errand *errand, const char *id, bool gzip, struct buf *out)
{
	sqlite3_stmt *rows =
		prepare(errand, "SELECT bytes FROM mesh_chunk WHERE id = ? ORDER BY place");
	bool good = rows != NULL;
	bind(rows, 1, id);
	while (good && sqlite3_step(rows) == SQLITE_ROW) {
		struct str bytes = { sqlite3_column_blob(rows, 0),
				     (size_t)sqlite3_column_bytes(rows, 0) };
		if (gzip)
			good = gunzip(out, bytes);
		else
			buf_str(out, bytes);
	}
	sqlite3_finalize(rows);
	buf_char(out, 0);
	out->n -= !out->failed;
	return good && !out->failed;
}

/* An upload for the service */

static int put_reply(const struct errand *errand, const struct visit *visit,
		     const struct answer *answer, const struct parcel_note *request)
{
	char id[UUID_BYTES];
	struct id_maker maker;
	maker_of(errand->service, &maker);
	new_id(&maker, id);
	bool report = visit->content.kind == REFUSE_REPORT;
	const struct parcel_note note = {
		.id = id,
		.box = request->sender,
		.sender = errand->service->identity.mailbox,
		.workflow =
			errand->service->workflow ? errand->service->workflow : request->workflow,
		.subject = report ? "NDR" : "CP-IS acknowledgement",
		.local_id = request->local_id,
		.chunks = 1,
		.status = STATUS_ACCEPTED,
		.report = report,
		.code = report ? visit->content.code : "00",
		.words = report ? visit->content.text : "Transferred to recipient mailbox",
		.linked = request->id,
	};
	if (add_message(errand, &note) != 0)
		return -1;
	return report ? 0 : add_chunk(errand, id, 1, buf_view(&answer->body));
}

static int settle(const struct errand *errand, struct visit *visit, struct answer *answer,
		  const struct parcel_note *request)
{
	struct service *service = errand->service;
	char authority[64];
	if (!visit->settled && visit_ask_state(visit, errand->failure) != 0)
		return -1;
	if (answer_write(answer, &visit->request, &visit->content, &service->identity,
			 &visit->maker, visit->now) != 0)
		return failure_out_of_memory(errand->failure);
	snprintf(authority, sizeof(authority), "%.*s", STR_ARG(visit->request.authority.code));
	if (visit->content.has_outcome && know_box(errand, authority) != 0)
		return -1;
	return put_reply(errand, visit, answer, request);
}

/* The last part of a message has come: with the lock, in a transaction. */
static int take_whole(const struct errand *errand, const struct parcel_note *note,
		      struct visit *visit, struct answer *answer)
{
	sqlite3_stmt *accepted =
		prepare(errand, "UPDATE mesh_message SET status = ?, box = ? WHERE id = ?"
				" AND status = 0");
	const char *mailbox = errand->service->identity.mailbox;
	bool ours = note->box && mailbox && strcmp(note->box, mailbox) == 0;
	sqlite3_bind_int(accepted, 1, ours ? STATUS_ACKNOWLEDGED : STATUS_ACCEPTED);
	bind(accepted, 2, note->box);
	bind(accepted, 3, note->id);
	if (finish(errand, accepted) != 0)
		return -1;
	/* Its last part came twice at the same time. */
	if (sqlite3_changes(errand->service->state->db) != 1)
		return failure_set(errand->failure, CPIS_FAILURE_CONFIGURATION,
				   "the message is complete already");
	return ours ? settle(errand, visit, answer, note) : 0;
}

static int judge_upload(const struct errand *errand, struct visit *visit, struct answer *answer)
{
	struct made_reply *made = errand->made;
	buf_str(&made->answer, buf_view(&answer->body));
	reply_describe(made, visit, answer);
	if (made->reply.code)
		made->reply.code = arena_copy(&made->arena, str_of(made->reply.code));
	made->reply.request_capture = made->request.p;
	made->reply.request_size = made->request.n;
	made->reply.reply_capture = made->answer.p;
	made->reply.reply_size = made->answer.n;
	return reply_judge(made, visit, answer, errand->failure);
}

/* Commit, or forget all of it. */
static int conclude(const struct errand *errand, int status)
{
	if (status == 0 && state_commit(errand->service->state, errand->failure) == 0)
		return 0;
	state_rollback(errand->service->state);
	return -1;
}

/* As one call that sent all of it: what its fields say is judged too. */
static int capture_whole(struct buf *out, const struct parcel_note *note, struct str body)
{
	const struct cpis_header fields[] = {
		{ "Mex-From", note->sender },	      { "Mex-To", note->box },
		{ "Mex-WorkflowID", note->workflow }, { "Mex-Subject", note->subject },
		{ "Mex-LocalID", note->local_id },
	};
	struct cpis_header given[sizeof(fields) / sizeof(fields[0])];
	char target[512];
	struct cpis_call call = { .method = "POST", .target = target, .headers = given };
	snprintf(target, sizeof(target), "/messageexchange/%s/outbox", note->sender);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].value)
			given[call.header_count++] = fields[i];
	call.body = body.p;
	call.size = body.n;
	return reply_capture_request(out, &call);
}

static int accept_whole(const struct errand *errand, const struct parcel_note *note)
{
	struct service *service = errand->service;
	struct made_reply *made = errand->made;
	const char *mailbox = service->identity.mailbox;
	bool ours = note->box && mailbox && strcmp(note->box, mailbox) == 0;
	bool gzip = note->encoding && strcasecmp(note->encoding, "gzip") == 0;
	struct answer answer;
	struct buf body;
	buf_init(&body, MOST_DECODED);
	if (!assemble(errand, note->id, gzip, &body))
		buf_reset(&body);
	if (capture_whole(&made->request, note, buf_view(&body)) != 0) {
		buf_release(&body);
		return failure_out_of_memory(errand->failure);
	}
	struct visit visit = {
		.service = service,
		.bytes = buf_view(&body),
		.capture = buf_view(&made->request),
		.now = errand->call->now,
		.channel = CHANNEL_MESH,
		.scenario = call_header(errand->call, "Cpis-Scenario"),
		.pairs = true,
	};
	answer_init(&answer);
	/* Judging takes long: the lock is for others meanwhile. */
	pthread_mutex_unlock(&service->lock);
	int status = ours ? visit_decide(&visit, errand->failure) : 0;
	pthread_mutex_lock(&service->lock);
	if (status == 0)
		status = state_begin(service->state, errand->failure);
	if (status == 0)
		status = conclude(errand, take_whole(errand, note, &visit, &answer));
	if (status == 0 && ours) {
		pthread_mutex_unlock(&service->lock);
		status = judge_upload(errand, &visit, &answer);
		pthread_mutex_lock(&service->lock);
	}
	answer_release(&answer);
	if (ours)
		visit_release(&visit);
	buf_release(&body);
	return status;
}

/* outbox */

static bool box_is_known(const struct errand *errand, const char *box)
{
	sqlite3_stmt *rows = prepare(errand, "SELECT 1 FROM mesh_box WHERE box = ? LIMIT 1");
	bind(rows, 1, box);
	bool known = rows && sqlite3_step(rows) == SQLITE_ROW;
	sqlite3_finalize(rows);
	return known || strcmp(box, errand->service->identity.mailbox) == 0;
}

/* "n:m" */
static bool read_range(const char *text, long long *place, long long *total)
{
	char *end;
	if (!text) {
		*place = *total = 1;
		return true;
	}
	*place = strtoll(text, &end, 10);
	if (*end != ':')
		return false;
	*total = strtoll(end + 1, &end, 10);
	return !*end && *place > 0 && *total > 0;
}

static int send_answer(const struct errand *errand, const char *id)
{
	char text[160];
	snprintf(text, sizeof(text),
		 errand->v2 ? "{\"message_id\": \"%s\"}\n" : "{\"messageID\": \"%s\"}\n", id);
	return say(errand, 202, text);
}

static int send_message(const struct errand *errand)
{
	const struct cpis_call *call = errand->call;
	const char *to = call_header(call, "Mex-To"),
		   *workflow = call_header(call, "Mex-WorkflowID");
	const char *encoding = call_header(call, "Content-Encoding");
	long long place, total;
	char id[UUID_BYTES];
	struct id_maker maker;
	if (!to || !*to)
		return refuse(errand, 417, "12", "Mex-To is missing");
	if (!workflow || !*workflow)
		return refuse(errand, 417, "07", "Mex-WorkflowID is missing");
	if (!read_range(call_header(call, "Mex-Chunk-Range"), &place, &total) || place != 1)
		return refuse(errand, 417, "19", "Mex-Chunk-Range should be 1:N");
	if (encoding && strcasecmp(encoding, "gzip") != 0)
		return refuse(errand, 422, "06", "Content-Encoding is not gzip");
	if (!call->size)
		return refuse(errand, 417, "02", "the body is empty");
	if (!box_is_known(errand, to))
		return refuse(errand, 417, "12", "Unregistered to address");
	maker_of(errand->service, &maker);
	new_id(&maker, id);
	const struct parcel_note note = {
		.id = id,
		.box = to,
		.sender = errand->box,
		.workflow = workflow,
		.subject = call_header(call, "Mex-Subject"),
		.local_id = call_header(call, "Mex-LocalID"),
		.encoding = encoding,
		.chunks = total,
		.status = STATUS_COMING,
	};
	if (know_box(errand, "") != 0 || add_message(errand, &note) != 0 ||
	    add_chunk(errand, id, 1, call_body(call)) != 0)
		return -1;
	if (total == 1 && accept_whole(errand, &note) != 0)
		return -1;
	return send_answer(errand, id);
}

static const char *column(const struct errand *errand, sqlite3_stmt *row, int at)
{
	const char *text = (const char *)sqlite3_column_text(row, at);
	return text ? arena_copy(&errand->made->arena, str_of(text)) : NULL;
}

/* A message that the mailbox sent (sender) or has (box). False: there is none. */
static bool find_message(const struct errand *errand, const char *id, bool sent,
			 struct parcel_note *note)
{
	sqlite3_stmt *row = prepare(
		errand, sent ? "SELECT id, box, sender, workflow, subject, local_id, encoding,"
			       " code, words, linked, chunks, status, report FROM mesh_message"
			       " WHERE id = ? AND sender = ?"
			     : "SELECT id, box, sender, workflow, subject, local_id, encoding,"
			       " code, words, linked, chunks, status, report FROM mesh_message"
			       " WHERE id = ? AND box = ? AND status > 0");
	bind(row, 1, id);
	bind(row, 2, errand->box);
	bool found = row && sqlite3_step(row) == SQLITE_ROW;
	if (found)
		*note = (struct parcel_note){
			.id = column(errand, row, 0),
			.box = column(errand, row, 1),
			.sender = column(errand, row, 2),
			.workflow = column(errand, row, 3),
			.subject = column(errand, row, 4),
			.local_id = column(errand, row, 5),
			.encoding = column(errand, row, 6),
			.code = column(errand, row, 7),
			.words = column(errand, row, 8),
			.linked = column(errand, row, 9),
			.chunks = sqlite3_column_int64(row, 10),
			.status = sqlite3_column_int(row, 11),
			.report = sqlite3_column_int(row, 12),
		};
	sqlite3_finalize(row);
	return found;
}

static int send_chunk(const struct errand *errand)
{
	struct parcel_note note;
	long long place, total;
	const char *encoding = call_header(errand->call, "Content-Encoding");
	if (!find_message(errand, errand->second, true, &note))
		return refuse(errand, 404, "20", "Message not found");
	if (note.status != STATUS_COMING)
		return refuse(errand, 423, "18", "the message is complete");
	if (!read_range(call_header(errand->call, "Mex-Chunk-Range"), &place, &total) ||
	    place != strtoll(errand->third, NULL, 10))
		return refuse(errand, 417, "19", "Mex-Chunk-Range is not that of the path");
	if (place > note.chunks || total != note.chunks)
		return refuse(errand, 406, "19", "there are not so many chunks");
	if ((encoding != NULL) != (note.encoding != NULL))
		return refuse(errand, 417, "19", "Content-Encoding differs from the first chunk's");
	if (add_chunk(errand, note.id, place, call_body(errand->call)) != 0)
		return -1;
	if (place == note.chunks && accept_whole(errand, &note) != 0)
		return -1;
	return send_answer(errand, note.id);
}

static int track(const struct errand *errand)
{
	const char *query = strchr(errand->call->target, '?');
	const char *id = query ? strchr(query, '=') : NULL;
	struct parcel_note note;
	char text[512];
	static const char *const words[] = { "Uploading", "Accepted", "Acknowledged" };
	if (!id || !find_message(errand, id + 1, true, &note))
		return refuse(errand, 404, "20", "Message not found");
	snprintf(
		text, sizeof(text),
		"{\"%s\": \"%s\", \"recipient\": \"%.64s\", \"%s\": \"%.64s\", \"status\": \"%s\", "
		"\"%s\": %lld}\n",
		errand->v2 ? "message_id" : "messageId", note.id, note.box,
		errand->v2 ? "workflow_id" : "workflowId", note.workflow, words[note.status],
		errand->v2 ? "total_chunks" : "chunkCount", note.chunks);
	return say(errand, 200, text);
}

/* Notices that wait for the authorities of a mailbox */

static int put_notice(const struct errand *errand, struct buf *body, const char *subject)
{
	char id[UUID_BYTES];
	struct id_maker maker;
	maker_of(errand->service, &maker);
	new_id(&maker, id);
	const struct parcel_note note = {
		.id = id,
		.box = errand->box,
		.sender = errand->service->identity.mailbox,
		.workflow = errand->service->workflow ? errand->service->workflow : "CPIS_NOTICE",
		.subject = subject,
		.chunks = 1,
		.status = STATUS_ACCEPTED,
		.code = "00",
		.words = "Transferred to recipient mailbox",
	};
	return add_message(errand, &note) == 0 ? add_chunk(errand, id, 1, buf_view(body)) : -1;
}

static int write_access(const struct errand *errand, struct arena *arena,
			const struct state_authority *authority, const struct state_notice *notices,
			size_t count)
{
	struct piece_organisation recipient = piece_of_authority(authority);
	struct piece_access *accesses = arena_alloc(arena, (count + 1) * sizeof(*accesses));
	char id[UUID_BYTES], effective[TIME_BYTES];
	struct id_maker maker;
	struct buf body;
	size_t kept = 0;
	for (size_t i = 0; accesses && i < count; i++) {
		if (notices[i].kind != NOTICE_ACCESS)
			continue;
		accesses[kept] = piece_of_access(arena, &notices[i].access);
		accesses[kept].nhs_number = notices[i].number;
		accesses[kept].upload = notices[i].file;
		if (notices[i].local_id.n) {
			accesses[kept].local_id = notices[i].local_id;
			accesses[kept].local_authority = local_authority(arena, authority);
		}
		kept++;
	}
	if (!kept)
		return 0;
	maker_of(errand->service, &maker);
	id_maker_uuid(&maker, id);
	time_hl7(errand->call->now, effective);
	const struct access_notice notice = { str_of(effective), str_of(id), &recipient, accesses,
					      kept };
	buf_init(&body, SIZE_MAX / 2);
	int status = write_access_notice(&body, &notice) == 0
			     ? put_notice(errand, &body, "CP-IS access to service notification")
			     : failure_out_of_memory(errand->failure);
	buf_release(&body);
	return status;
}

static int write_inactive(const struct errand *errand, struct arena *arena,
			  const struct state_authority *authority,
			  const struct state_notice *notices, size_t count)
{
	struct piece_organisation recipient = piece_of_authority(authority);
	struct inactive_number *numbers = arena_alloc(arena, (count + 1) * sizeof(*numbers));
	char id[UUID_BYTES], effective[TIME_BYTES];
	struct id_maker maker;
	struct buf body;
	size_t kept = 0;
	for (size_t i = 0; numbers && i < count; i++) {
		if (notices[i].kind != NOTICE_INACTIVE)
			continue;
		numbers[kept++] = (struct inactive_number){
			.nhs_number = notices[i].number,
			.local_id = notices[i].local_id.n ? notices[i].local_id : (struct str){ 0 },
			.local_authority = local_authority(arena, authority),
			.replacement = notices[i].replacement_count ? notices[i].replacements[0]
								    : (struct str){ 0 },
			.upload = notices[i].file,
		};
	}
	if (!kept)
		return 0;
	maker_of(errand->service, &maker);
	id_maker_uuid(&maker, id);
	time_hl7(errand->call->now, effective);
	const struct inactive_notice notice = { str_of(effective), str_of(id), &recipient, numbers,
						kept };
	buf_init(&body, SIZE_MAX / 2);
	int status = write_inactive_notice(&body, &notice) == 0
			     ? put_notice(errand, &body, "CP-IS inactive NHS number notification")
			     : failure_out_of_memory(errand->failure);
	buf_release(&body);
	return status;
}

static int deliver_to(const struct errand *errand, struct arena *arena,
		      const struct state_authority *authority)
{
	struct state *state = errand->service->state;
	struct state_notice *notices;
	size_t count;
	if (state_notices(state, arena, authority->id, &notices, &count, errand->failure) != 0)
		return -1;
	if (!count)
		return 0;
	if (write_access(errand, arena, authority, notices, count) != 0 ||
	    write_inactive(errand, arena, authority, notices, count) != 0)
		return -1;
	return state_notices_sent(state, authority->id, notices[count - 1].id, errand->failure);
}

static bool box_is_of(const struct errand *errand, const struct state_authority *authority)
{
	char code[64];
	sqlite3_stmt *row = prepare(
		errand, "SELECT 1 FROM mesh_box WHERE box = ? AND authority = ? " ODS_CODE_SQL);
	snprintf(code, sizeof(code), "%.*s", STR_ARG(authority->code));
	bind(row, 1, errand->box);
	bind(row, 2, code);
	bool is = row && sqlite3_step(row) == SQLITE_ROW;
	sqlite3_finalize(row);
	return is;
}

static int deliver(const struct errand *errand, struct arena *arena)
{
	struct state_authority *all;
	size_t count;
	if (state_authorities(errand->service->state, arena, &all, &count, errand->failure) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (box_is_of(errand, &all[i]) && deliver_to(errand, arena, &all[i]) != 0)
			return -1;
	return 0;
}

static int deliver_notices(const struct errand *errand)
{
	struct arena arena;
	if (state_begin(errand->service->state, errand->failure) != 0)
		return -1;
	arena_init(&arena);
	int status = conclude(errand, deliver(errand, &arena));
	arena_release(&arena);
	return status;
}

/* inbox */

/* What a parameter of the target has; NULL: it is not given. */
static const char *parameter(const struct errand *errand, const char *name)
{
	const char *at = strchr(errand->call->target, '?');
	size_t n = strlen(name);
	for (; at; at = strchr(at, '&'))
		if (strncmp(++at, name, n) == 0 && at[n] == '=')
			return arena_copy(&errand->made->arena,
					  (struct str){ at + n + 1, strcspn(at + n + 1, "&") });
	return NULL;
}

enum { LEAST_LISTED = 10, USUALLY_LISTED = 500, MOST_LISTED = 5000 };

/* The ids of an inbox, as a client asks for them: so many, after one of them, of some workflows. */
static sqlite3_stmt *select_inbox(const struct errand *errand, long long most)
{
	const char *filter = parameter(errand, "workflow_filter");
	bool not = filter && *filter == '!';
	sqlite3_stmt *rows = prepare(
		errand,
		not ? "SELECT id FROM mesh_message WHERE box = ? AND status = 1 AND number >"
		      " coalesce((SELECT number FROM mesh_message WHERE id = ?), 0)"
		      " AND workflow NOT GLOB ? ORDER BY number LIMIT ?"
		    : "SELECT id FROM mesh_message WHERE box = ? AND status = 1 AND number >"
		      " coalesce((SELECT number FROM mesh_message WHERE id = ?), 0)"
		      " AND workflow GLOB ? ORDER BY number LIMIT ?");
	bind(rows, 1, errand->box);
	bind(rows, 2, parameter(errand, "continue_from"));
	bind(rows, 3, filter ? filter + (*filter == '!' || *filter == '=') : "*");
	sqlite3_bind_int64(rows, 4, most);
	return rows;
}

static int list_inbox(const struct errand *errand)
{
	struct buf text;
	size_t count = 0;
	const char *asked = parameter(errand, "max_results");
	char *end = NULL;
	long long most = asked ? strtoll(asked, &end, 10) : USUALLY_LISTED;
	if (most < LEAST_LISTED || most > MOST_LISTED || (end && *end))
		return refuse(errand, 400, "06", "max_results is a number from 10 to 5000");
	if (deliver_notices(errand) != 0)
		return -1;
	sqlite3_stmt *rows = select_inbox(errand, most);
	buf_init(&text, SIZE_MAX / 2);
	buf_text(&text, "{\"messages\": [");
	for (; rows && sqlite3_step(rows) == SQLITE_ROW; count++)
		buf_printf(&text, "%s\"%s\"", count ? ", " : "",
			   (const char *)sqlite3_column_text(rows, 0));
	sqlite3_finalize(rows);
	buf_char(&text, ']');
	if (errand->v2)
		buf_printf(&text, ", \"approx_inbox_count\": %zu", count);
	buf_text(&text, "}\n");
	say(errand, 200, text.failed ? "" : text.p);
	buf_release(&text);
	return 0;
}

static void add_header(const struct errand *errand, const char *name, const char *value)
{
	if (value && *value)
		reply_header(errand->made, name, value);
}

static int read_inbox(const struct errand *errand)
{
	struct parcel_note note;
	char range[64];
	long long place = errand->third ? strtoll(errand->third, NULL, 10) : 1;
	if (!find_message(errand, errand->second, false, &note))
		return refuse(errand, 404, "20", "Message not found");
	if (note.status == STATUS_ACKNOWLEDGED)
		return refuse(errand, 410, "20", "Message was acknowledged");
	if (place < 1 || place > note.chunks)
		return refuse(errand, 404, "20", "Chunk not found");
	reply_status(errand->made, place < note.chunks ? 206 : 200, "application/octet-stream");
	snprintf(range, sizeof(range), "%lld:%lld", place, note.chunks);
	add_header(errand, "Mex-Chunk-Range", range);
	add_header(errand, "Mex-MessageID", note.id);
	add_header(errand, "Mex-From", note.sender);
	add_header(errand, "Mex-To", note.box);
	add_header(errand, "Mex-WorkflowID", note.workflow);
	add_header(errand, "Mex-Subject", note.subject);
	add_header(errand, "Mex-LocalID", note.local_id);
	add_header(errand, "Mex-MessageType", note.report ? "REPORT" : "DATA");
	add_header(errand, "Mex-StatusCode", note.code ? note.code : "00");
	add_header(errand, "Mex-StatusSuccess", note.report ? "ERROR" : "SUCCESS");
	add_header(errand, "Mex-StatusDescription", note.words);
	add_header(errand, "Mex-LinkedMsgID", note.linked);
	add_header(errand, "Mex-StatusEvent", note.report ? "SEND" : "TRANSFER");
	add_header(errand, "Content-Encoding", note.encoding);
	sqlite3_stmt *row =
		prepare(errand, "SELECT bytes FROM mesh_chunk WHERE id = ? AND place = ?");
	bind(row, 1, note.id);
	sqlite3_bind_int64(row, 2, place);
	if (row && sqlite3_step(row) == SQLITE_ROW && strcmp(errand->call->method, "HEAD") != 0)
		reply_text(errand->made, (struct str){ sqlite3_column_blob(row, 0),
						       (size_t)sqlite3_column_bytes(row, 0) });
	sqlite3_finalize(row);
	return 0;
}

static int acknowledge(const struct errand *errand)
{
	char text[160];
	struct parcel_note note;
	if (!find_message(errand, errand->second, false, &note))
		return refuse(errand, 404, "20", "Message not found");
	sqlite3_stmt *done = prepare(errand, "UPDATE mesh_message SET status = 2 WHERE id = ?");
	bind(done, 1, note.id);
	if (finish(errand, done) != 0)
		return -1;
	snprintf(text, sizeof(text), "{\"messageId\": \"%s\"}\n", note.id);
	return say(errand, 200, text);
}

static int count_inbox(const struct errand *errand)
{
	char text[64];
	sqlite3_stmt *row =
		prepare(errand, "SELECT count(*) FROM mesh_message WHERE box = ? AND status = 1");
	bind(row, 1, errand->box);
	long long count = row && sqlite3_step(row) == SQLITE_ROW ? sqlite3_column_int64(row, 0) : 0;
	sqlite3_finalize(row);
	snprintf(text, sizeof(text), "{\"count\": %lld}\n", count);
	return say(errand, 200, text);
}

/* Where a file for an organisation and a workflow goes. Whoever the service is stands for everyone.
 */
static int look_up(const struct errand *errand, const char *ods, const char *workflow)
{
	const struct service *service = errand->service;
	char text[512], id[UUID_BYTES];
	struct id_maker maker;
	if (!workflow || (ods && strcasecmp(ods, service->identity.ods) != 0) ||
	    (service->workflow && strcmp(workflow, service->workflow) != 0))
		return refuse(errand, 404, "EPL-151", "No mailbox matched");
	maker_of(errand->service, &maker);
	new_id(&maker, id);
	snprintf(text, sizeof(text),
		 errand->v2 ? "{\"query_id\": \"%s\", \"results\": [{\"address\": \"%.64s\","
			      " \"description\": \"CP-IS\", \"endpoint_type\": \"MESH\"}]}\n"
			    : "{\"queryID\": \"%s\", \"results\": [{\"address\": \"%.64s\","
			      " \"description\": \"CP-IS\", \"endpointType\": \"MESH\"}]}\n",
		 id, service->identity.mailbox);
	return say(errand, 200, text);
}

static bool is(const char *word, const char *wanted)
{
	return word && strcmp(word, wanted) == 0;
}

static int run_errand(const struct errand *errand)
{
	const char *method = errand->call->method;
	bool post = is(method, "POST"), get = is(method, "GET"), put = is(method, "PUT");
	if (is(errand->box, "endpointlookup") && get)
		return look_up(errand, errand->first, errand->second);
	if (is(errand->box, "workflowsearch") && get)
		return look_up(errand, NULL, errand->first);
	if (!is_authorized(errand))
		return refuse(errand, 403, "02", "the request is not authorized");
	if (!errand->first && (get || post))
		return handshake(errand);
	if (is(errand->first, "outbox") && !errand->second && post)
		return send_message(errand);
	if (is(errand->first, "outbox") && is(errand->second, "tracking") && get)
		return track(errand);
	if (is(errand->first, "outbox") && errand->third && post)
		return send_chunk(errand);
	if (is(errand->first, "inbox") && !errand->second && get)
		return list_inbox(errand);
	if (is(errand->first, "inbox") && is(errand->third, "status") && put)
		return acknowledge(errand);
	if (is(errand->first, "inbox") && errand->second && (get || is(method, "HEAD")))
		return read_inbox(errand);
	if (is(errand->first, "count") && get)
		return count_inbox(errand);
	return refuse(errand, 404, "20", "there is no such call");
}

int mesh_call(struct service *service, const struct cpis_call *call, const char *rest,
	      struct made_reply *made, struct cpis_failure *failure)
{
	const char *accept = call_header(call, "Accept");
	char *path = arena_copy(&made->arena, str_of(rest));
	struct errand errand = {
		.service = service,
		.call = call,
		.made = made,
		.failure = failure,
		.v2 = accept && strstr(accept, "mesh.v2"),
	};
	const char **words[] = { &errand.box, &errand.first, &errand.second, &errand.third };
	if (!path)
		return failure_out_of_memory(failure);
	path[strcspn(path, "?")] = 0;
	char *next = path;
	for (size_t i = 0; i < 4 && next; i++) {
		char *word = strsep(&next, "/");
		if (*word)
			*words[i] = word;
	}
	if (!errand.box)
		return refuse(&errand, 404, "20", "the path names no mailbox");
	pthread_mutex_lock(&service->lock);
	int status = run_errand(&errand);
	pthread_mutex_unlock(&service->lock);
	return status;
}
