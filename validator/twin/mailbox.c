#include "mailbox.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	CHUNK_BYTES = 20 << 20,
	MOST_PATH = 256,
	ID_ROOM = 96,
	FIRST_PAUSE_MS = 100,
	LONGEST_PAUSE_MS = 5000,
	MOST_HEADERS = 12,
	MOST_OTHERS = 4096,
};

struct mailbox {
	struct mailbox_settings settings;
	bool shaken;
	unsigned long long calls, files;
	char *request, *answer; /* captures of the first part that was sent, and of what came */
	size_t request_size;
	char **others; /* ids in the inbox that are not ours */
	size_t other_count;
	char why[512];
};

struct mailbox *mailbox_open(const struct mailbox_settings *settings)
{
	struct mailbox *mailbox = calloc(1, sizeof(*mailbox));
	if (!mailbox)
		return NULL;
	mailbox->settings = *settings;
	mailbox->others = calloc(MOST_OTHERS, sizeof(*mailbox->others));
	if (mailbox->others)
		return mailbox;
	mailbox_close(mailbox);
	return NULL;
}

void mailbox_close(struct mailbox *mailbox)
{
	if (!mailbox)
		return;
	for (size_t i = 0; mailbox->others && i < mailbox->other_count; i++)
		free(mailbox->others[i]);
	free(mailbox->others);
	free(mailbox->request);
	free(mailbox->answer);
	free(mailbox);
}

const char *mailbox_why(const struct mailbox *mailbox)
{
	return mailbox->why;
}

/* "NHSMESH mailbox:nonce:count:yyyyMMddHHmm:hash"; the hash is of the same with the password. */
static void authorize(struct mailbox *mailbox, char *header, size_t room)
{
	const struct mailbox_settings *settings = &mailbox->settings;
	unsigned char nonce[16], digest[32];
	char text[1024], hex[65], id[33], minute[16];
	time_t now = time(NULL);
	struct tm parts;
	gnutls_rnd(GNUTLS_RND_NONCE, nonce, sizeof(nonce));
	for (size_t i = 0; i < sizeof(nonce); i++)
		snprintf(id + 2 * i, 3, "%02x", nonce[i]);
	gmtime_r(&now, &parts);
	strftime(minute, sizeof(minute), "%Y%m%d%H%M", &parts);
	snprintf(text, sizeof(text), "%s:%s:%llu:%s:%s", settings->own, id, mailbox->calls,
		 settings->password ? settings->password : "", minute);
	gnutls_hmac_fast(GNUTLS_MAC_SHA256, settings->key, strlen(settings->key), text,
			 strlen(text), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	snprintf(header, room, "NHSMESH %s:%s:%llu:%s:%s", settings->own, id, mailbox->calls,
		 minute, hex);
}

struct part {
	const void *bytes;
	size_t size;
	const char *range, *local_id; /* NULL: of a call without a file */
};

static bool call(struct mailbox *mailbox, const char *method, const char *path,
		 const struct part *part, struct wire_reply *reply)
{
	const struct mailbox_settings *settings = &mailbox->settings;
	char url[1024], authorization[512];
	struct cpis_header headers[MOST_HEADERS] = {
		{ "Accept", "application/vnd.mesh.v2+json" },
		{ "Mex-ClientVersion", "cpis==" CPIS_VERSION },
		{ "Mex-OSName", "Linux" },
		{ "Mex-OSVersion", "1" },
	};
	size_t count = 4;
	if (part->range) {
		headers[count++] = (struct cpis_header){ "Content-Type", "application/xml" };
		headers[count++] = (struct cpis_header){ "Mex-To", settings->to };
		headers[count++] = (struct cpis_header){ "Mex-WorkflowID", settings->workflow };
		headers[count++] = (struct cpis_header){ "Mex-Chunk-Range", part->range };
		headers[count++] = (struct cpis_header){ "Mex-LocalID", part->local_id };
	}
	if (settings->key) {
		authorize(mailbox, authorization, sizeof(authorization));
		headers[count++] = (struct cpis_header){ "Authorization", authorization };
	}
	mailbox->calls++;
	snprintf(url, sizeof(url), "%s/%s%s", settings->base, settings->own, path);
	const struct wire_request request = { .method = method,
					      .url = url,
					      .headers = headers,
					      .header_count = count,
					      .body = part->bytes,
					      .size = part->size };
	if (wire_call(settings->wire, &request, reply))
		return true;
	snprintf(mailbox->why, sizeof(mailbox->why), "%s", wire_why(settings->wire));
	return false;
}

static const struct part nothing = { 0 };

static bool refused(struct mailbox *mailbox, const char *what, const struct wire_reply *reply)
{
	snprintf(mailbox->why, sizeof(mailbox->why),
		 "the mailbox service answers the %s with HTTP "
		 "%u",
		 what, reply->status);
	return false;
}

static bool shake_hands(struct mailbox *mailbox)
{
	struct wire_reply reply;
	if (mailbox->shaken)
		return true;
	if (!call(mailbox, "POST", "", &nothing, &reply))
		return false;
	if (reply.status != 200)
		return refused(mailbox, "handshake", &reply);
	mailbox->shaken = true;
	return true;
}

/* What the wire has is gone with its next call. */
static bool keep(struct mailbox *mailbox, char **kept, const void *bytes, size_t size)
{
	char *copy = malloc(size + 1);
	if (!copy) {
		snprintf(mailbox->why, sizeof(mailbox->why), "out of memory");
		return false;
	}
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	free(*kept);
	*kept = copy;
	return true;
}

/* The id of what was sent, in either version of the JSON. */
static bool read_id(const struct wire_reply *reply, char id[ID_ROOM])
{
	static const char *const names[] = { "message_id", "messageID", "messageId" };
	struct json_object *said = json_tokener_parse(reply->body);
	struct json_object *value = NULL;
	for (size_t i = 0; !value && i < sizeof(names) / sizeof(names[0]); i++)
		json_object_object_get_ex(said, names[i], &value);
	bool good = value && json_object_is_type(value, json_type_string) &&
		    strlen(json_object_get_string(value)) < ID_ROOM;
	if (good)
		snprintf(id, ID_ROOM, "%s", json_object_get_string(value));
	json_object_put(said);
	return good;
}

enum sent { SENT, SENT_REFUSED, SENT_NOT };

static enum sent send_parts(struct mailbox *mailbox, const char *body, size_t size,
			    const char *local_id, char id[ID_ROOM], struct wire_reply *reply)
{
	size_t total = size ? (size + CHUNK_BYTES - 1) / CHUNK_BYTES : 1;
	for (size_t i = 0; i < total; i++) {
		char range[64], path[MOST_PATH] = "/outbox";
		size_t start = i * CHUNK_BYTES;
		const struct part part = {
			.bytes = body + start,
			.size = size - start < CHUNK_BYTES ? size - start : CHUNK_BYTES,
			.range = range,
			.local_id = local_id,
		};
		snprintf(range, sizeof(range), "%zu:%zu", i + 1, total);
		if (i)
			snprintf(path, sizeof(path), "/outbox/%s/%zu", id, i + 1);
		if (!call(mailbox, "POST", path, &part, reply))
			return SENT_NOT;
		if (i == 0)
			mailbox->request_size = reply->request_size;
		if (i == 0 &&
		    !keep(mailbox, &mailbox->request, reply->request, reply->request_size))
			return SENT_NOT;
		if (reply->status != 202)
			return SENT_REFUSED;
		if (i == 0 && !read_id(reply, id)) {
			snprintf(mailbox->why, sizeof(mailbox->why),
				 "the answer of the outbox has no message id");
			return SENT_NOT;
		}
	}
	return SENT;
}

static bool is_other(const struct mailbox *mailbox, const char *id)
{
	for (size_t i = 0; i < mailbox->other_count; i++)
		if (strcmp(mailbox->others[i], id) == 0)
			return true;
	return false;
}

static void note_other(struct mailbox *mailbox, const char *id)
{
	char *kept = mailbox->other_count < MOST_OTHERS ? strdup(id) : NULL;
	if (kept)
		mailbox->others[mailbox->other_count++] = kept;
}

/* Whether a message of the inbox answers what was sent: it is read then, and acknowledged later. */
static bool read_message(struct mailbox *mailbox, const char *id, const char *sent,
			 struct wire_reply *reply)
{
	char path[MOST_PATH], linked[ID_ROOM];
	snprintf(path, sizeof(path), "/inbox/%s", id);
	if (!call(mailbox, "GET", path, &nothing, reply) || reply->status != 200)
		return false;
	if (wire_header(reply, "Mex-LinkedMsgID", linked, sizeof(linked)) &&
	    strcmp(linked, sent) == 0)
		return true;
	note_other(mailbox, id);
	return false;
}

/* The id of a message in the inbox that answers what was sent; false: there is none yet, or, with a
 * phrase in why, there was no list. */
static bool look(struct mailbox *mailbox, const char *sent, char found[ID_ROOM],
		 struct wire_reply *reply)
{
	struct json_object *list = NULL;
	bool is_there = false;
	mailbox->why[0] = '\0';
	if (!call(mailbox, "GET", "/inbox", &nothing, reply))
		return false;
	if (reply->status != 200)
		return refused(mailbox, "question for the inbox", reply);
	struct json_object *said = json_tokener_parse(reply->body);
	json_object_object_get_ex(said, "messages", &list);
	size_t count =
		json_object_is_type(list, json_type_array) ? json_object_array_length(list) : 0;
	for (size_t i = 0; !is_there && i < count; i++) {
		const char *id = json_object_get_string(json_object_array_get_idx(list, i));
		if (!id || strlen(id) >= ID_ROOM || is_other(mailbox, id))
			continue;
		snprintf(found, ID_ROOM, "%s", id);
		is_there = read_message(mailbox, id, sent, reply);
	}
	json_object_put(said);
	return is_there;
}

static void pause_ms(long ms)
{
	const struct timespec pause = { ms / 1000, ms % 1000 * 1000000 };
	nanosleep(&pause, NULL);
}

static bool wait_for(struct mailbox *mailbox, const char *sent, char found[ID_ROOM],
		     struct wire_reply *reply)
{
	long waited = 0, step = FIRST_PAUSE_MS;
	while (!look(mailbox, sent, found, reply)) {
		if (mailbox->why[0])
			return false;
		if (waited >= mailbox->settings.seconds * 1000L) {
			snprintf(mailbox->why, sizeof(mailbox->why),
				 "no answer was in the mailbox within %u seconds (see --timeout)",
				 mailbox->settings.seconds);
			return false;
		}
		pause_ms(step);
		waited += step;
		step = step * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : step * 2;
	}
	return true;
}

static bool acknowledge(struct mailbox *mailbox, const char *id)
{
	char path[MOST_PATH];
	struct wire_reply reply;
	snprintf(path, sizeof(path), "/inbox/%s/status/acknowledged", id);
	if (!call(mailbox, "PUT", path, &nothing, &reply))
		return false;
	return reply.status == 200 ? true : refused(mailbox, "acknowledgement", &reply);
}

/* The answer, read and acknowledged. */
static bool take_answer(struct mailbox *mailbox, const char *sent, struct wire_reply *reply)
{
	char found[ID_ROOM], range[32];
	if (!wait_for(mailbox, sent, found, reply))
		return false;
	if (wire_header(reply, "Mex-Chunk-Range", range, sizeof(range)) &&
	    strcmp(range, "1:1") != 0) {
		snprintf(mailbox->why, sizeof(mailbox->why),
			 "the answer comes in parts, which are not put together");
		return false;
	}
	if (!keep(mailbox, &mailbox->answer, reply->reply, reply->reply_size))
		return false;
	reply->reply = mailbox->answer;
	reply->body = mailbox->answer + reply->reply_size - reply->body_size;
	reply->headers = mailbox->answer;
	return acknowledge(mailbox, found);
}

bool mailbox_send(struct mailbox *mailbox, const void *body, size_t size, struct wire_reply *reply)
{
	char id[ID_ROOM] = "", local_id[64];
	if (!shake_hands(mailbox))
		return false;
	snprintf(local_id, sizeof(local_id), "cpis-send-%lld-%llu", (long long)time(NULL),
		 ++mailbox->files);
	enum sent sent = send_parts(mailbox, body, size, local_id, id, reply);
	if (sent == SENT_NOT || (sent == SENT && !take_answer(mailbox, id, reply)))
		return false;
	reply->request = mailbox->request;
	reply->request_size = mailbox->request_size;
	return true;
}
