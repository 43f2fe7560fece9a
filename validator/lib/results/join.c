#include "results/read.h"

#include "base/files.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/engine.h"
#include "engine/shard.h"
#include "engine/upload.h"
#include "results/document.h"

#include <stdlib.h>

struct joining {
	const char *const *paths;
	size_t count;
	const struct join *how;
	enum join_keep keep; /* all of results that are not parts, until the end */
	struct cpis_failure *failure;
	struct results *made;
	struct spool *spool;	      /* NULL: none */
	struct arena arena;	      /* of the uploads */
	size_t parts, of;	      /* that are here; that there are */
	bool whole;		      /* nothing is missing */
	struct upload_entry *uploads; /* of all parts; place: the document and the message in it */
	size_t upload_count, upload_room;
	const struct upload_entry **late; /* those that follow nothing, by document and message */
	size_t late_count;
};

/* A message of a document, in one number: five bits of each byte are the message's. */
enum { MESSAGE_BITS = sizeof(size_t) * 5 };
#define PLACE(document, message) ((size_t)(document) << MESSAGE_BITS | (message))
#define DOCUMENT_OF(place)	 ((size_t)(place) >> MESSAGE_BITS)
#define MESSAGE_OF(place)	 ((size_t)(place) & (((size_t)1 << MESSAGE_BITS) - 1))

static int no_memory(const struct joining *joining)
{
	return failure_out_of_memory(joining->failure);
}

static void release(struct results *results)
{
	cpis_results_free(results_outside(results));
}

/* NULL with the reason. */
static struct results *read_one(const struct joining *joining, size_t i)
{
	struct results *results = engine_setup() == 0 ? results_read_new() : NULL;
	if (!results) {
		no_memory(joining);
		return NULL;
	}
	if (results_read_file(results, joining->paths[i], joining->failure) == 0)
		return results;
	release(results);
	return NULL;
}

/* Uploads of all parts, before any part is joined */

static const char *keep(struct joining *joining, const char *text)
{
	return text ? arena_copy(&joining->arena, str_of(text)) : NULL;
}

static int gather_upload(struct joining *joining, size_t document, size_t message,
			 const struct message_result *from)
{
	struct upload_entry *more = list_grown(joining->uploads, joining->upload_count,
					       &joining->upload_room, sizeof(*more));
	struct upload_fact *fact = arena_alloc(&joining->arena, sizeof(*fact));
	if (!more || !fact)
		return no_memory(joining);
	joining->uploads = more;
	*fact = (struct upload_fact){ .organisation = keep(joining, from->upload->organisation),
				      .number = keep(joining, from->upload->number),
				      .made = keep(joining, from->upload->made) };
	more[joining->upload_count++] =
		(struct upload_entry){ .fact = fact,
				       .source = keep(joining, from->source),
				       .place = PLACE(document, message) };
	return joining->arena.failed ? no_memory(joining) : 0;
}

static int look_into(struct joining *joining, size_t i)
{
	struct results *part = read_one(joining, i);
	if (!part)
		return -1;
	int status = 0;
	joining->parts += part->shard_count;
	joining->of = part->shard_count ? part->shards[0].of : joining->of;
	for (size_t k = 0; status == 0 && k < part->message_count; k++)
		if (part->messages[k].upload_count)
			status = gather_upload(joining, i, k, &part->messages[k]);
	release(part);
	return status;
}

static int by_source(const void *a, const void *b)
{
	const struct upload_entry *x = a, *y = b;
	int order = shard_order(x->source, y->source);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int by_place(const void *a, const void *b)
{
	const struct upload_entry *const *x = a, *const *y = b;
	return ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
}

/* Uploads of one time are in order of path, wherever they were judged. */
static int order_uploads(struct joining *joining)
{
	size_t count = joining->upload_count;
	joining->late = calloc(count + 1, sizeof(*joining->late));
	size_t *places = calloc(count + 1, sizeof(*places));
	if (!joining->late || !places) {
		free(places);
		return no_memory(joining);
	}
	if (count > 1)
		qsort(joining->uploads, count, sizeof(*joining->uploads), by_source);
	for (size_t i = 0; i < count; i++) {
		places[i] = joining->uploads[i].place;
		joining->uploads[i].place = i;
	}
	upload_order(joining->uploads, count);
	for (size_t i = 0; i < count; i++) {
		struct upload_entry *entry = &joining->uploads[i];
		entry->place = places[entry->place];
		if (entry->before)
			joining->late[joining->late_count++] = entry;
	}
	free(places);
	if (joining->late_count > 1)
		qsort(joining->late, joining->late_count, sizeof(*joining->late), by_place);
	return 0;
}

static int look_ahead(struct joining *joining)
{
	int status = 0;
	for (size_t i = 0; status == 0 && i < joining->count; i++)
		status = look_into(joining, i);
	joining->whole = joining->parts && joining->parts == joining->of;
	return status == 0 && joining->whole ? order_uploads(joining) : status;
}

/* One part after the other */

/* Its uploads that follow none, among all. */
static int judge_late(struct joining *joining, size_t document, struct results *part)
{
	size_t low = 0, high = joining->late_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (DOCUMENT_OF(joining->late[middle]->place) < document)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < joining->late_count && DOCUMENT_OF(joining->late[low]->place) == document;
	     low++) {
		/* Where it is, this document says. */
		struct upload_entry entry = *joining->late[low];
		size_t message = MESSAGE_OF(entry.place);
		if (message >= part->message_count || !part->messages[message].upload_count)
			return failure_of_file(joining->failure, joining->paths[document],
					       "the results were changed while they were read");
		entry.fact = part->messages[message].upload;
		if (upload_judge(part, message, &entry, joining->failure) != 0)
			return -1;
	}
	for (size_t i = 0; joining->whole && i < part->message_count; i++)
		part->messages[i].upload_count = 0;
	return 0;
}

static int spool_message(const struct joining *joining, const struct results *part, size_t i,
			 struct buf *bytes)
{
	size_t number_at, number_end;
	bytes->n = 0;
	if (results_xml_write_message(part, i, bytes, &number_at, &number_end) != 0)
		return no_memory(joining);
	struct str all = buf_view(bytes);
	/* What could not be written is said at the end. */
	spool_add(joining->spool, str_of(part->messages[i].source),
		  (struct str){ all.p, number_at }, str_from(all, number_end));
	return 0;
}

static int spool_all(const struct joining *joining, const struct results *part)
{
	struct buf bytes;
	int status = spool_begin(joining->spool) == 0 ? 0 : no_memory(joining);
	buf_init(&bytes, SIZE_MAX / 2);
	for (size_t i = 0; status == 0 && i < part->message_count; i++) {
		status = spool_message(joining, part, i, &bytes);
		if (!message_is_unread(&part->messages[i]))
			joining->made->read_elsewhere = true;
	}
	buf_release(&bytes);
	return status;
}

static int count_message(struct results *results, const struct message_result *message)
{
	struct unlisted_messages *count = results_add_unlisted(results, message->verdict);
	if (!count)
		return -1;
	count->messages++;
	count->records += message->records;
	count->errors += message_count_findings(message, CPIS_ERROR);
	count->warnings += message_count_findings(message, CPIS_WARNING);
	count->infos += message_count_findings(message, CPIS_INFO);
	for (size_t i = 0; i < message->finding_count; i++) {
		count->waived += message->findings[i].waived != NULL;
		count->by_baseline += message->findings[i].by_baseline;
	}
	count->suppressed += message->suppressed;
	count->omissions += message->omission_count;
	count->turned_off += message->turned_off;
	count->unread += message_unsaid(message) != NULL;
	count->unrecognised += message_unsaid(message) && !message->type;
	count->uploads += message->upload_count;
	return 0;
}

/* The same rule of the results that all parts go into. */
static const struct rule *same_rule(void *context, const struct rule *rule)
{
	const struct results *made = context;
	for (size_t i = 0; i < made->rule_count; i++)
		if (strcmp(made->rules[i]->id, rule->id) == 0)
			return made->rules[i];
	return rule;
}

static int keep_message(struct results *made, const struct message_result *message)
{
	struct message_result *kept = results_add_message(made);
	if (!kept)
		return -1;
	*kept = *message;
	record_copy(&message_record, kept, &made->arena, same_rule, made);
	kept->doubt_count = kept->doubt_room = kept->written_doubts;
	kept->behind_count = kept->behind_room = kept->written_behind;
	return made->arena.failed ? -1 : 0;
}

/* Messages that are not to be listed leave the part and are counted; the others leave it as copies,
 * so that nothing is left of its memory. */
static int take_messages(const struct joining *joining, struct results *part, bool first)
{
	size_t count = part->message_count;
	struct message_result *messages = part->messages;
	int status = joining->spool ? spool_all(joining, part) : 0;
	if (joining->keep == JOIN_ALL)
		return status;
	part->message_count = part->message_room = 0;
	part->messages = NULL;
	for (size_t i = 0; status == 0 && i < count; i++) {
		bool listed = joining->keep == JOIN_FAILED && messages[i].verdict != CPIS_PASS;
		struct results *into = first || !joining->made ? part : joining->made;
		status = listed ? keep_message(into, &messages[i])
				: count_message(part, &messages[i]);
	}
	return status == 0 ? 0 : no_memory(joining);
}

static int join_one(struct joining *joining, size_t i)
{
	struct results *part = read_one(joining, i);
	if (!part)
		return -1;
	if (joining->upload_count > 1 && joining->whole && upload_rule(part) == SIZE_MAX) {
		failure_of_file(joining->failure, joining->paths[i],
				"uploads in sequence can be judged by the version that made the "
				"parts alone, %s",
				results_tool(part));
		release(part);
		return -1;
	}
	if (!joining->made) {
		joining->made = part;
		return judge_late(joining, i, part) == 0 ? take_messages(joining, part, true) : -1;
	}
	int status = judge_late(joining, i, part);
	if (status == 0)
		status = take_messages(joining, part, false);
	if (status == 0)
		status = results_merge(joining->made, part, joining->paths[i], joining->failure);
	release(part);
	return status;
}

/* The end */

static int by_number(const void *a, const void *b)
{
	const struct shard_result *x = a, *y = b;
	return (x->number > y->number) - (x->number < y->number);
}

/* What waited for all parts; of messages that are not here, judge_late has done it. */
static int settle(struct joining *joining)
{
	struct results *made = joining->made;
	if (!made->shard_count)
		return 0;
	qsort(made->shards, made->shard_count, sizeof(*made->shards), by_number);
	made->joined = results_lack_parts(made);
	for (size_t i = 0; i < joining->upload_count && joining->whole; i++)
		if (joining->uploads[i].follows)
			made->tallies[upload_rule(made)].judged++;
	if (!joining->spool)
		return shard_settle(made, joining->failure);
	if (joining->whole && shard_judge_roots(made) != 0)
		return no_memory(joining);
	if (shard_sort(made) != 0)
		return no_memory(joining);
	return take_messages(joining, made, true);
}

static int note_command(const struct joining *joining)
{
	for (size_t i = 0; joining->count > 1 && i < joining->how->command_count; i++)
		if (results_add_command_word(joining->made, joining->how->command[i]) != 0)
			return no_memory(joining);
	return 0;
}

/* The messages go where the document of all the rest has none. */
static int write_document(const struct joining *joining)
{
	struct results part = *joining->made;
	struct buf document;
	size_t messages_at;
	if (joining->spool) {
		part.unlisted_count = 0;
		joining->made->listed_elsewhere = true;
	}
	buf_init(&document, SIZE_MAX / 2);
	int status = results_xml_write_around(joining->made, &part, &document, &messages_at,
					      joining->failure);
	if (status == 0 && document.failed)
		status = no_memory(joining);
	struct files_output *output = status == 0
					      ? files_create(joining->how->document, FILES_REPLACE,
							     "the report", joining->failure)
					      : NULL;
	struct str all = buf_view(&document);
	if (output) {
		files_append(output, (struct str){ all.p, messages_at });
		status = joining->spool ? spool_write(joining->spool, output, joining->failure) : 0;
		files_append(output, str_from(all, messages_at));
		if (status == 0)
			status = files_commit(output, joining->failure);
		else
			files_abandon(output);
	}
	buf_release(&document);
	return output ? status : -1;
}

/* Results that are not parts are all in memory by now. */
static int list_failed(const struct joining *joining)
{
	struct results *made = joining->made;
	size_t count = made->message_count;
	if (results_of_packs(made))
		return failure_of_file(joining->failure, joining->paths[0],
				       "--summary is for messages, and these are results of packs");
	made->message_count = 0;
	for (size_t i = 0; i < count; i++)
		if (made->messages[i].verdict != CPIS_PASS)
			made->messages[made->message_count++] = made->messages[i];
		else if (count_message(made, &made->messages[i]) != 0)
			return no_memory(joining);
	return 0;
}

static int join_all(struct joining *joining)
{
	int status = joining->keep == JOIN_ALL ? 0 : look_ahead(joining);
	if (!joining->parts)
		joining->keep = JOIN_ALL;
	if (status == 0 && joining->keep == JOIN_NONE &&
	    !(joining->spool = spool_open(joining->how->document, joining->failure)))
		return -1;
	for (size_t i = 0; status == 0 && i < joining->count; i++)
		status = join_one(joining, i);
	if (status != 0 || !joining->made)
		return -1;
	status = settle(joining);
	if (status == 0 && joining->keep == JOIN_ALL && joining->how->keep == JOIN_FAILED)
		status = list_failed(joining);
	if (status == 0)
		status = note_command(joining);
	return status == 0 && joining->how->keep == JOIN_NONE ? write_document(joining) : status;
}

int results_join(struct results **made, const char *const *paths, size_t count,
		 const struct join *how, struct cpis_failure *failure)
{
	struct joining joining = {
		.paths = paths, .count = count, .how = how, .keep = how->keep, .failure = failure
	};
	int status = join_all(&joining);
	spool_close(joining.spool);
	arena_release(&joining.arena);
	free(joining.uploads);
	free(joining.late);
	if (status == 0)
		*made = joining.made;
	else
		release(joining.made);
	return status;
}
