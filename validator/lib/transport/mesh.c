#include "transport/mesh.h"

#include "transport/layer.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { LOOK_AHEAD_BYTES = 4096, LONGEST_WHY = 256, DEEPEST = 32, LONGEST_FIELD = 64 };

static bool ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);
	return n > m && strcasecmp(name + n - m, ending) == 0;
}

bool mesh_is_control_name(const char *name)
{
	return ends_in(name, ".ctl");
}

bool mesh_is_data_name(const char *name)
{
	return ends_in(name, ".dat");
}

bool mesh_partner_name(const char *name, size_t way, char *partner, size_t room)
{
	static const char *const endings[][3] = {
		[MESH_CONTROL] = { ".dat", ".DAT", ".Dat" },
		[MESH_DATA] = { ".ctl", ".CTL", ".Ctl" },
	};
	enum mesh_role role = mesh_is_control_name(name) ? MESH_CONTROL : MESH_DATA;
	size_t n = strlen(name);
	if (way >= sizeof(endings[0]) / sizeof(endings[0][0]) || n < 4 || n >= room)
		return false;
	snprintf(partner, room, "%.*s%s", (int)(n - 4), name, endings[role][way]);
	return true;
}

/* The control document while it is read: its root, and the children that matter here. */
struct reading {
	size_t depth;
	struct mesh_control *control;
	char root[LONGEST_FIELD], field[LONGEST_FIELD], text[LONGEST_FIELD];
	size_t root_offset, text_length;
};

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	if (++reading->depth == 1) {
		snprintf(reading->root, sizeof(reading->root), "%s", tag->local);
		reading->root_offset = tag->offset;
	}
	if (reading->depth == 2)
		snprintf(reading->field, sizeof(reading->field), "%s", tag->local);
	reading->text_length = 0;
	return 0;
}

static int on_text(void *context, struct str text, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	size_t room = sizeof(reading->text) - 1 - reading->text_length;
	size_t n = text.n < room ? text.n : room;
	memcpy(reading->text + reading->text_length, text.p, n);
	reading->text_length += n;
	return 0;
}

static int on_end(void *context, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	struct str text = str_trim((struct str){ reading->text, reading->text_length });
	if (reading->depth-- == 2) {
		if (strcmp(reading->field, "Encrypted") == 0)
			reading->control->encrypted = text.n && (*text.p == 'Y' || *text.p == 'y');
		if (strcmp(reading->field, "MessageType") == 0)
			reading->control->report = str_is(text, "Report");
	}
	reading->text_length = 0;
	return 0;
}

enum mesh_reading mesh_read_control(struct xml_reader *reader, struct str bytes,
				    struct mesh_control *control, size_t *offset, char *why)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	static const struct xml_limits limits = { .max_depth = DEEPEST,
						  .max_attribute_bytes = MOST_CONTROL_BYTES };
	struct reading reading = { .control = control };
	struct xml_fault fault;
	*control = (struct mesh_control){ 0 };
	*offset = 0;
	if (bytes.n > MOST_CONTROL_BYTES) {
		snprintf(why, LONGEST_WHY, "it is larger than a control file can be");
		return MESH_NO_CONTROL;
	}
	char *copy = malloc(bytes.n + 1);
	if (!copy) {
		snprintf(why, LONGEST_WHY, "out of memory");
		return MESH_UNREADABLE;
	}
	memcpy(copy, bytes.p, bytes.n);
	copy[bytes.n] = '\0';
	enum xml_outcome outcome = xml_read(reader, (struct str){ copy, bytes.n }, &limits,
					    &handler, &reading, &fault);
	free(copy);
	if (outcome != XML_READ) {
		bool unread = outcome == XML_LIMIT || outcome == XML_INTERNAL;
		*offset = fault.offset;
		snprintf(why, LONGEST_WHY, "%.200s", fault.text);
		return unread ? MESH_UNREADABLE : MESH_NO_CONTROL;
	}
	if (strcmp(reading.root, "DTSControl") != 0) {
		*offset = reading.root_offset;
		snprintf(why, LONGEST_WHY, "its root element is %s; expected DTSControl",
			 reading.root);
		return MESH_NO_CONTROL;
	}
	return MESH_READ;
}

/* Whether the first element, after declaration and comments, is called DTSControl. */
static bool root_is_control(struct str bytes)
{
	bytes.n = bytes.n < LOOK_AHEAD_BYTES ? bytes.n : LOOK_AHEAD_BYTES;
	if (str_starts(bytes, STR("\xef\xbb\xbf")))
		bytes = str_from(bytes, 3);
	for (;;) {
		while (bytes.n && char_is_space(bytes.p[0]))
			bytes = str_from(bytes, 1);
		bool comment = str_starts(bytes, STR("<!--"));
		if (!comment && !str_starts(bytes, STR("<?")))
			break;
		const char *close =
			memmem(bytes.p, bytes.n, comment ? "-->" : "?>", comment ? 3 : 2);
		if (!close)
			return false;
		bytes = str_from(bytes, (size_t)(close - bytes.p) + (comment ? 3 : 2));
	}
	return str_starts(bytes, STR("<DTSControl"));
}

static enum bid bid_for_mesh(const struct parcel *parcel)
{
	if (parcel->mesh)
		return BID_TOLD;
	return root_is_control(parcel->bytes) ? BID_SURE : NO_BID;
}

static void open_data(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct parcel data = parcel_slice(parcel, 0, parcel->bytes.n);
	if (parcel->mesh->control.encrypted)
		unwrap_unopened(unwrapping, parcel, 0,
				"its control file says that it is encrypted");
	else if (parcel->mesh->control.unread)
		unwrap_unopened(unwrapping, parcel, 0, "its control file cannot be read");
	else
		unwrap_part(unwrapping, &data);
}

static void open_mesh(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct mesh_control control;
	size_t offset;
	char why[LONGEST_WHY];
	if (parcel->mesh && parcel->mesh->role == MESH_DATA) {
		open_data(unwrapping, parcel);
		return;
	}
	switch (mesh_read_control(unwrapping->reader, parcel->bytes, &control, &offset, why)) {
	case MESH_READ:
		break;
	case MESH_NO_CONTROL:
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_007,
			     "the control file is not a DTSControl document: %s", why);
		return;
	case MESH_UNREADABLE:
		unwrap_unopened(unwrapping, parcel, offset, "%s", why);
		return;
	}
	bool has_data = parcel->mesh && parcel->mesh->has_data;
	if (!has_data && !control.report)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is a MESH control file, but no .dat file of the same name "
			     "beside it");
	else if (unwrapping->sink->left_out)
		unwrapping->sink->left_out(
			unwrapping->sink->context, parcel, NULL,
			has_data ? "it is the control file of the .dat file beside it"
				 : "it reports on a transfer: it has no data");
}

const struct layer mesh_layer = {
	.name = "mesh",
	.sign = "a control file and its data",
	.rule = RULE_TRN_007,
	.bid = bid_for_mesh,
	.open = open_mesh,
};
