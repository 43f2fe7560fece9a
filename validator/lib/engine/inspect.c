/*
 * A source as judging opens it, shown instead of judged: its layers as a tree (cpis_inspect), or
 * its text with personal values masked (cpis_mask_bytes).
 */
#include "cpis.h"

#include "diag/failure.h"
#include "diag/mask.h"
#include "engine/bytes.h"
#include "engine/document.h"
#include "engine/limits.h"
#include "engine/place.h"
#include "engine/source.h"
#include "engine/walk.h"
#include "engine/worker.h"
#include "message/parts.h"
#include "rules/catalogue.h"
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <stdlib.h>

/* A line of the tree. Its id may come later than the line. */
struct node {
	struct cpis_layer seen;
	size_t document; /* the number of the document that it is an element of; 0: none */
	size_t offset;	 /* of the element in the document */
	struct node *next;
};

struct inspection {
	struct arena arena;
	struct masker *masker; /* nothing here names a person */
	struct node *first, **last;
	struct node *leaf; /* the line of the last document */
	size_t document;
	enum cpis_verdict verdict;
};

static const char *shown(struct inspection *inspection, enum mask_kind kind, struct str text)
{
	return text.p ? masker_value(inspection->masker, &inspection->arena, kind, text) : NULL;
}

/* The media type of a header and its charset; what else it says is left out. */
static const char *content_type(struct inspection *inspection, struct str said)
{
	struct str charset = fields_parameter(said, "charset");
	const char *type = shown(inspection, MASK_NONE, fields_media_type(said));
	if (!charset.n)
		return type;
	return arena_printf(&inspection->arena, "%s; charset=%s", type,
			    shown(inspection, MASK_NONE, charset));
}

static struct node *add(struct inspection *inspection, size_t depth, const char *name,
			const char *about)
{
	struct node *node = arena_alloc(&inspection->arena, sizeof(*node));
	if (!node)
		return NULL;
	*node = (struct node){
		.seen = { .depth = depth,
			  .name = shown(inspection, MASK_FILE, str_of(name)),
			  .about = about ? masker_resolve(inspection->masker, &inspection->arena,
							  str_of(about))
					 : NULL },
	};
	*inspection->last = node;
	inspection->last = &node->next;
	return node;
}

/*
 * How deep a parcel lies: each layer around is a line above it, and so is each name on the way, and
 * each document that it was text in. (Then it lists more layers than the document: the envelopes.)
 */
static size_t depth_of(const struct parcel *parcel, bool opened)
{
	size_t depth = 1 + parcel->layer_count;
	for (; parcel->around; parcel = parcel->around, opened = true) {
		depth += parcel->name || parcel->member;
		depth += parcel->layer_count > parcel->around->layer_count + (opened ? 1 : 0);
	}
	return depth;
}

/* Where a parcel, or what it was decoded from, starts in its source. */
static size_t start_of(const struct parcel *parcel)
{
	return parcel_origin(parcel, 0).offset;
}

/* The line of a part, a payload or a member, above what is in it. */
static void add_name(struct inspection *inspection, const struct parcel *parcel, size_t depth)
{
	if (!parcel->around || (!parcel->name && !parcel->member))
		return;
	struct node *node =
		add(inspection, depth, parcel->member ? parcel->member : parcel->name, NULL);
	if (!node)
		return;
	node->seen.about =
		parcel->content_type.n ? content_type(inspection, parcel->content_type) : NULL;
	node->seen.id = parcel->id && parcel->id[0]
				? shown(inspection, MASK_NONE, str_of(parcel->id))
				: NULL;
	node->seen.offset = start_of(parcel);
	node->seen.bytes = parcel->bytes.n;
}

/* Up to a blank, which is taken too. */
static struct str take_word(struct str *line)
{
	const char *blank = memchr(line->p, ' ', line->n);
	struct str word = { line->p, blank ? (size_t)(blank - line->p) : line->n };
	*line = str_from(*line, word.n + 1);
	return word;
}

/* The words of a text that are known. Short numbers side by side may be one that is long. */
static const char *known_words(struct inspection *inspection, struct str text)
{
	const char *made = "";
	size_t numbers = 0;
	for (size_t i = 0; i < text.n; i++)
		numbers += char_is_digit(text.p[i]) && (i == 0 || !char_is_digit(text.p[i - 1]));
	if (numbers > 1 && memchr(text.p, ' ', text.n))
		return shown(inspection, MASK_NONE, text);
	while (made && text.n)
		made = arena_printf(&inspection->arena, "%s%s%s", made, made[0] ? " " : "",
				    shown(inspection, MASK_NONE, str_trim(take_word(&text))));
	return made;
}

/* The request line or the status line: the version and the status say nothing of a person. */
static const char *start_line(struct inspection *inspection, const struct parcel *parcel)
{
	static const struct str version = { " HTTP/", 6 };
	enum { STATUS_DIGITS = 3 };
	size_t next;
	struct str line = fields_line(parcel->bytes, 0, &next);
	struct str first = take_word(&line), second = { 0 }, last = { 0 };
	const char *ends = memmem(line.p, line.n, version.p, version.n);
	if (str_starts(first, str_from(version, 1))) {
		struct str phrase = line;
		second = take_word(&phrase);
		/* Where a status is not there, all of it is one text. */
		bool status = second.n == STATUS_DIGITS && str_is_digits(second);
		line = status ? phrase : line;
		second.n = status ? second.n : 0;
	} else if (ends) {
		last = str_from(line, (size_t)(ends - line.p) + 1);
		line.n -= last.n + 1;
	}
	const struct str parts[] = { first, second, line, last };
	const char *made = "";
	for (size_t i = 0; made && i < sizeof(parts) / sizeof(parts[0]); i++)
		if (parts[i].n)
			made = arena_printf(&inspection->arena, "%s%s%s", made, made[0] ? " " : "",
					    known_words(inspection, parts[i]));
	return made;
}

static void on_layer(void *context, const struct parcel *parcel, const struct layer *layer)
{
	struct inspection *inspection = context;
	size_t depth = depth_of(parcel, true) - 1;
	if (depth)
		add_name(inspection, parcel, depth - 1);
	struct node *node = add(inspection, depth, layer->name, NULL);
	if (!node)
		return;
	if (layer == &http_layer)
		node->seen.about = start_line(inspection, parcel);
	node->seen.sign = parcel->known[0] ? "the layer around says so" : layer->sign;
	node->seen.offset = start_of(parcel);
	node->seen.bytes = parcel->bytes.n;
}

/* By what something is read as XML; NULL: because it is nothing else. */
static const char *sign_of(struct str document)
{
	if (str_mark_bytes(document) || str_starts(document, STR("\xff\xfe")) ||
	    str_starts(document, STR("\xfe\xff")))
		return "its byte order mark";
	return str_starts(str_trim(document), STR("<")) ? "a '<' at its start" : NULL;
}

static void on_leaf(void *context, const struct parcel *parcel, const char *what)
{
	struct inspection *inspection = context;
	size_t depth = depth_of(parcel, false);
	add_name(inspection, parcel, depth - 1);
	inspection->document++;
	struct node *node = add(inspection, depth, what ? "no document" : "document", what);
	if (!node)
		return;
	inspection->leaf = node;
	node->seen.sign = what ? NULL : sign_of(parcel->bytes);
	node->seen.offset = start_of(parcel);
	node->seen.bytes = parcel->bytes.n;
}

static void on_element(void *context, const struct parcel *document, size_t offset,
		       size_t envelopes, const char *name, const char *title)
{
	struct inspection *inspection = context;
	struct node *node = add(inspection, depth_of(document, false) + 1 + envelopes, name, title);
	if (!node)
		return;
	node->document = inspection->document;
	node->offset = offset;
	node->seen.offset = parcel_origin(document, offset).offset;
	node->seen.sign = title ? "its root element" : "its element";
}

/* What identifies a message or an envelope: where its part has it. */
static const struct {
	enum part_kind kind;
	size_t field;
} identities[] = {
	{ PART_SOAP, offsetof(struct soap, wsa_2005.message_id) },
	{ PART_SOAP, offsetof(struct soap, wsa_2004.message_id) },
	{ PART_ENVELOPE, offsetof(struct envelope, tracking_id) },
	{ PART_WRAPPER, offsetof(struct wrapper, id) },
	{ PART_UPLOAD, offsetof(struct upload, id.extension) },
	{ PART_QUERY, offsetof(struct query, id) },
	{ PART_RESPONSE, offsetof(struct response, id) },
	{ PART_ACKNOWLEDGEMENT, offsetof(struct acknowledgement, id.extension) },
	{ PART_ACCESS_NOTIFICATION, offsetof(struct access_notification, id) },
	{ PART_INACTIVE_NOTIFICATION, offsetof(struct inactive_notification, id) },
	{ PART_INFRASTRUCTURE_RESPONSE, offsetof(struct infrastructure_response, tracking_id) },
};

static void on_part(void *context, const struct part *part)
{
	struct inspection *inspection = context;
	for (size_t i = 0; i < sizeof(identities) / sizeof(identities[0]); i++) {
		if (identities[i].kind != part->kind)
			continue;
		const struct value *id = (const struct value *)(const void *)((const char *)part +
									      identities[i].field);
		for (struct node *node = inspection->leaf; node; node = node->next)
			if (node->document == inspection->document &&
			    node->offset == part->offset && node->document && !node->seen.id)
				node->seen.id = shown(inspection, MASK_NONE, id->text);
	}
}

static void on_trouble(void *context, const struct parcel *parcel, size_t offset, size_t lines,
		       const char *rule, const char *why)
{
	struct inspection *inspection = context;
	enum cpis_verdict verdict = !rule				       ? CPIS_INCOMPLETE
				    : rules_find(rule)->severity == CPIS_ERROR ? CPIS_FAIL
									       : CPIS_PASS;
	struct node *node = add(inspection, depth_of(parcel, lines == 0) + lines,
				rule ? rule : "unopened", why);
	if (verdict > inspection->verdict)
		inspection->verdict = verdict;
	if (node)
		node->seen.offset = parcel_origin(parcel, offset).offset;
}

static int run(const struct observer *observer, const struct source *source, const char *path,
	       const struct cpis_options *options, struct cpis_failure *failure)
{
	struct worker *worker = worker_new(options, NULL, failure);
	struct draft draft;
	if (!worker)
		return -1;
	if (draft_init(&draft, path, rules_count(), 1) != 0) {
		worker_free(worker);
		return failure_out_of_memory(failure);
	}
	worker_observe(worker, observer);
	worker_judge(worker, source, &draft);
	bool failed = draft.failed;
	draft_release(&draft);
	worker_free(worker);
	return failed ? failure_out_of_memory(failure) : 0;
}

static int inspect_source(const struct source *source, const char *path,
			  const struct cpis_options *options, cpis_layer_seen seen, void *context,
			  enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct inspection inspection = { .masker = masker_new(0) };
	const struct observer observer = {
		.context = &inspection,
		.layer = on_layer,
		.leaf = on_leaf,
		.element = on_element,
		.part = on_part,
		.trouble = on_trouble,
	};
	inspection.last = &inspection.first;
	if (!inspection.masker)
		return failure_out_of_memory(failure);
	struct node *root = add(&inspection, 0, path, NULL);
	if (root)
		root->seen.bytes = source->bytes.n;
	int status = run(&observer, source, path, options, failure);
	if (status == 0 && inspection.arena.failed)
		status = failure_out_of_memory(failure);
	for (struct node *node = inspection.first; status == 0 && node; node = node->next)
		seen(context, &node->seen);
	if (status == 0 && inspection.verdict > *verdict)
		*verdict = inspection.verdict;
	arena_release(&inspection.arena);
	masker_free(inspection.masker);
	return status;
}

/* Neither structure nor rules are judged. */
static struct cpis_options opening_only(const struct cpis_options *options)
{
	struct cpis_options opening = *options;
	opening.skip_stages = 1u << CPIS_SCHEMA | 1u << CPIS_RULES;
	return opening;
}

static int set_up(const struct cpis_options *options, struct cpis_failure *failure)
{
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	return 0;
}

/* Shown as what cannot be opened is: the files after it are shown too. */
static int show_unread(const char *path, const char *why, cpis_layer_seen seen, void *context,
		       enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct inspection inspection = { .masker = masker_new(0) };
	inspection.last = &inspection.first;
	bool shown_whole = inspection.masker && add(&inspection, 0, path, NULL) &&
			   add(&inspection, 1, "unopened", why) && !inspection.arena.failed;
	for (struct node *node = inspection.first; shown_whole && node; node = node->next)
		seen(context, &node->seen);
	if (*verdict < CPIS_INCOMPLETE)
		*verdict = CPIS_INCOMPLETE;
	arena_release(&inspection.arena);
	masker_free(inspection.masker);
	return shown_whole ? 0 : failure_out_of_memory(failure);
}

/* -1: out of memory. *verdict becomes the worse of the two. */
static int inspect_file(const char *path, const struct cpis_options *options, cpis_layer_seen seen,
			void *context, enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	const struct cpis_options opening = opening_only(options);
	struct source source;
	const char *why = NULL;
	if (limits_open_source(&source, path, options, &why) != 0)
		return show_unread(path, why, seen, context, verdict, failure);
	int status = inspect_source(&source, path, &opening, seen, context, verdict, failure);
	source_close(&source);
	return status;
}

int cpis_inspect(const char *path, const struct cpis_options *options, cpis_layer_seen seen,
		 void *context, enum cpis_verdict *verdict, struct cpis_failure *failure)
{
	struct walk walk = { .options = options };
	enum cpis_verdict worst = CPIS_PASS;
	if (set_up(options, failure) != 0)
		return -1;
	if (walk_path(&walk, path, failure) != 0) {
		walk_release(&walk);
		return -1;
	}
	for (size_t i = 0; i < walk.count; i++)
		walk_settle_unopened(&walk.entries[i]);
	int status = walk_require_one(&walk, 0, walk.count, path, failure);
	for (size_t i = 0; status == 0 && i < walk.count; i++)
		if (!walk.entries[i].passed_over)
			status = inspect_file(walk.entries[i].path, options, seen, context, &worst,
					      failure);
	walk_release(&walk);
	if (status == 0)
		*verdict = worst;
	return status;
}

int cpis_inspect_bytes(const struct cpis_bytes *source, const struct cpis_options *options,
		       cpis_layer_seen seen, void *context, enum cpis_verdict *verdict,
		       struct cpis_failure *failure)
{
	struct engine_input input;
	enum cpis_verdict found = CPIS_PASS;
	if (set_up(options, failure) != 0 || bytes_take(&input, source, options, failure) != 0)
		return -1;
	const struct cpis_options opening = opening_only(options);
	const struct source opened = { .bytes = input.bytes };
	int status = inspect_source(&opened, input.name, &opening, seen, context, &found, failure);
	bytes_release(&input);
	if (status == 0)
		*verdict = found;
	return status;
}

/* Masking */

/* A document that lies in the source as it is. */
struct span {
	size_t from, until;
	bool well_formed;
};

/* Those that are in no other, in order. */
struct masking {
	struct arena arena;
	struct str text;
	struct span *spans;
	size_t count, room;
};

/* One that is the text of another comes after it, and is masked as text. */
static void on_read(void *context, const struct parcel *document, bool well_formed)
{
	struct masking *masking = context;
	size_t n = document->bytes.n;
	struct origin first = parcel_origin(document, 0), end = parcel_origin(document, n);
	if (parcel_source(document)->around || first.decoded || end.offset - first.offset != n)
		return;
	struct span span = { first.offset, end.offset, well_formed };
	if (masking->count && masking->spans[masking->count - 1].until > span.from)
		return;
	struct span *spans = list_grown_in(&masking->arena, masking->spans, masking->count,
					   &masking->room, sizeof(*spans));
	if (!spans)
		return;
	masking->spans = spans;
	spans[masking->count++] = span;
}

static void write_masked(const struct masking *masking, struct buf *out)
{
	size_t at = 0;
	for (size_t i = 0; i < masking->count; i++) {
		const struct span *span = &masking->spans[i];
		place_mask(out, (struct str){ masking->text.p + at, span->from - at }, false);
		place_mask(out,
			   (struct str){ masking->text.p + span->from, span->until - span->from },
			   span->well_formed);
		at = span->until;
	}
	place_mask(out, str_from(masking->text, at), false);
}

/* What is a value and what is markup is known of its documents alone. */
static int mask(struct buf *out, const struct source *source, const char *name,
		const struct cpis_options *options, struct cpis_failure *failure)
{
	struct masking masking = { .text = source->bytes };
	const struct observer observer = { .context = &masking, .read = on_read };
	const struct cpis_options opening = opening_only(options);
	int status = run(&observer, source, name, &opening, failure);
	if (status == 0 && masking.arena.failed)
		status = failure_out_of_memory(failure);
	if (status == 0)
		write_masked(&masking, out);
	arena_release(&masking.arena);
	return status;
}

int cpis_mask_bytes(const struct cpis_bytes *source, const struct cpis_options *options,
		    char **text, size_t *size, struct cpis_failure *failure)
{
	struct engine_input input;
	struct buf out;
	if (set_up(options, failure) != 0 || bytes_take(&input, source, options, failure) != 0)
		return -1;
	const struct source opened = { .bytes = input.bytes };
	int status = 0;
	buf_init(&out, SIZE_MAX / 2);
	buf_reserve(&out, input.bytes.n);
	buf_text(&out, "");
	if (options->show_values)
		buf_str(&out, input.bytes);
	else
		status = mask(&out, &opened, input.name, options, failure);
	if (status == 0 && out.failed)
		status = failure_out_of_memory(failure);
	bytes_release(&input);
	if (status == 0) {
		*text = out.p;
		*size = out.n;
		out.p = NULL;
	}
	buf_release(&out);
	return status;
}
