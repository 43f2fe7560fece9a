/* Control files of MESH, for whoever exchanges files with a client of it, and files that are kept.
 */
#include "cpis_service.h"

#include "base/arena.h"
#include "base/files.h"
#include "diag/failure.h"
#include "transport/mesh.h"
#include "write/ids.h"
#include "write/messages.h"
#include "xml/reader.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 32, LONGEST_NAME = 64 };

/* A control file with its memory. */
struct kept {
	struct cpis_control control; /* first: what a caller has is this */
	struct arena arena;
};

static const struct {
	const char *element;
	size_t at;
} fields[] = {
	{ "From_DTS", offsetof(struct cpis_control, from) },
	{ "To_DTS", offsetof(struct cpis_control, to) },
	{ "WorkflowId", offsetof(struct cpis_control, workflow) },
	{ "Subject", offsetof(struct cpis_control, subject) },
	{ "LocalId", offsetof(struct cpis_control, local_id) },
	{ "DTSId", offsetof(struct cpis_control, id) },
};

struct reading {
	struct kept *kept;
	size_t depth;
	char root[LONGEST_NAME], field[LONGEST_NAME];
	struct buf text;
	size_t end; /* of the root's end tag: the byte after it */
};

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	reading->depth++;
	if (reading->depth <= 2)
		snprintf(reading->depth == 1 ? reading->root : reading->field, LONGEST_NAME, "%s",
			 tag->local);
	reading->text.n = 0;
	return 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct reading *reading = context;
	(void)offset;
	buf_str(&reading->text, text);
	return 0;
}

static int on_end(void *context, size_t offset)
{
	struct reading *reading = context;
	struct kept *kept = reading->kept;
	if (reading->depth == 1)
		reading->end = offset;
	for (size_t i = 0; reading->depth == 2 && i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcmp(reading->field, fields[i].element) == 0)
			*(const char **)(void *)((char *)&kept->control + fields[i].at) =
				arena_copy(&kept->arena, str_trim(buf_view(&reading->text)));
	reading->depth--;
	reading->text.n = 0;
	return 0;
}

/* bytes ends with a NUL. */
static int read_into(struct reading *reading, struct str bytes, struct cpis_failure *failure)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	static const struct xml_limits limits = { .max_depth = DEEPEST,
						  .max_attribute_bytes = MOST_CONTROL_BYTES };
	struct xml_fault fault;
	xml_setup();
	struct xml_reader *reader = xml_reader_new();
	if (!reader)
		return failure_out_of_memory(failure);
	enum xml_outcome outcome = xml_read(reader, bytes, &limits, &handler, reading, &fault);
	xml_reader_free(reader);
	if (reading->text.failed || reading->kept->arena.failed)
		return failure_out_of_memory(failure);
	if (outcome != XML_READ)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "%.200s", fault.text);
	if (strcmp(reading->root, "DTSControl") != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "its root element is not DTSControl");
	return 0;
}

/* *kept is of an arena of its own, whatever comes of it. */
static int read_control(struct kept **made, const void *bytes, size_t size, size_t *end,
			struct cpis_failure *failure)
{
	struct kept *kept = calloc(1, sizeof(*kept));
	struct reading reading = { .kept = kept };
	if (!kept)
		return failure_out_of_memory(failure);
	arena_init(&kept->arena);
	buf_init(&reading.text, MOST_CONTROL_BYTES);
	const char *copy = arena_copy(&kept->arena, (struct str){ bytes, size });
	int status = -1;
	if (size > MOST_CONTROL_BYTES)
		failure_set(failure, CPIS_FAILURE_CONFIGURATION,
			    "it is larger than a control file can be");
	else if (!copy)
		failure_out_of_memory(failure);
	else
		status = read_into(&reading, (struct str){ copy, size }, failure);
	buf_release(&reading.text);
	*end = reading.end;
	*made = kept;
	return status;
}

int cpis_control_read(struct cpis_control **control, const void *bytes, size_t size,
		      struct cpis_failure *failure)
{
	struct kept *kept = NULL;
	size_t end;
	int status = read_control(&kept, bytes, size, &end, failure);
	if (status == 0)
		*control = &kept->control;
	else
		cpis_control_free(kept ? &kept->control : NULL);
	return status;
}

void cpis_control_free(struct cpis_control *control)
{
	struct kept *kept = (struct kept *)(void *)control;
	if (kept)
		arena_release(&kept->arena);
	free(kept);
}

static struct str given(const char *text)
{
	return text && *text ? str_of(text) : (struct str){ 0 };
}

/* The bytes of a buffer, for cpis_free. */
static int hand_out(struct buf *out, int status, char **bytes, size_t *size,
		    struct cpis_failure *failure)
{
	if (status != 0 || out->failed || !buf_reserve(out, 1)) {
		buf_release(out);
		return failure_out_of_memory(failure);
	}
	out->p[out->n] = '\0';
	*bytes = out->p;
	*size = out->n;
	return 0;
}

/* The digits of a time in UTC, from the year to the second. */
static void digits_of(long long seconds, char digits[TIME_BYTES])
{
	size_t n = 0;
	time_iso(seconds, digits);
	for (const char *p = digits; *p; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	digits[n] = '\0';
}

static struct transfer_control transfer_of(const struct cpis_control *control,
					   char digits[TIME_BYTES])
{
	bool good = control->code && strcmp(control->code, "00") == 0;
	digits_of(control->at, digits);
	return (struct transfer_control){
		.from = given(control->from),
		.to = given(control->to),
		.workflow = given(control->workflow),
		.local_id = given(control->local_id),
		.subject = given(control->subject),
		.message_id = given(control->id),
		.report = control->report != 0,
		.event = control->event && *control->event ? control->event : NULL,
		.status = good ? "SUCCESS" : "ERROR",
		.status_code = control->code ? control->code : "",
		.description = control->description ? control->description : "",
		.timestamp = str_of(digits),
	};
}

int cpis_control_write(const struct cpis_control *control, char **bytes, size_t *size,
		       struct cpis_failure *failure)
{
	struct buf out;
	char digits[TIME_BYTES];
	if (FAILURE_UNLESS_RESERVED_ZERO(control, failure) != 0)
		return -1;
	const struct transfer_control transfer = transfer_of(control, digits);
	buf_init(&out, SIZE_MAX / 2);
	return hand_out(&out, write_mesh_control(&out, &transfer), bytes, size, failure);
}

int cpis_control_settle(const void *bytes, size_t size, const struct cpis_control *became,
			char **out, size_t *out_size, struct cpis_failure *failure)
{
	struct kept *kept = NULL;
	struct buf text;
	char digits[TIME_BYTES];
	size_t end = 0;
	if (FAILURE_UNLESS_RESERVED_ZERO(became, failure) != 0)
		return -1;
	int status = read_control(&kept, bytes, size, &end, failure);
	cpis_control_free(kept ? &kept->control : NULL);
	if (status != 0)
		return -1;
	/* The root may be empty: then it has no end tag. */
	const char *sent = bytes;
	size_t at = end;
	while (at > 0 && sent[--at] != '<')
		;
	if (strncmp(sent + at, "</", 2) != 0)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "it says nothing");
	const struct transfer_control transfer = transfer_of(became, digits);
	buf_init(&text, SIZE_MAX / 2);
	buf_str(&text, (struct str){ sent, at });
	status = write_mesh_status(&text, &transfer);
	buf_str(&text, (struct str){ sent + at, size - at });
	return hand_out(&text, status, out, out_size, failure);
}

int cpis_keep_file(const char *path, const void *bytes, size_t size, struct cpis_failure *failure)
{
	return files_write(path, FILES_REPLACE, "the file", (struct str){ bytes, size }, failure);
}
