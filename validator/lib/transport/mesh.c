#include "transport/mesh.h"

#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { LONGEST_WHY = 256, DEEPEST = 32, LONGEST_FIELD = 64, LONGEST_TEXT = 512 };

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
	char root[LONGEST_FIELD], field[LONGEST_FIELD], status[LONGEST_FIELD];
	char text[LONGEST_TEXT];
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
	if (reading->depth == 3)
		snprintf(reading->status, sizeof(reading->status), "%s", tag->local);
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

/* Whether ten digits that form an NHS number start at a place and end there: its last digit is a
 * check digit, by modulus 11. Blanks and hyphens may part them. */
static bool is_nhs_number(struct str text, size_t at)
{
	enum { DIGITS = 10 };
	unsigned digits[DIGITS], sum = 0;
	size_t count = 0;
	if (at > 0 && char_is_digit(text.p[at - 1]))
		return false;
	for (; at < text.n && (char_is_digit(text.p[at]) || strchr(" -", text.p[at])); at++) {
		if (!char_is_digit(text.p[at]))
			continue;
		if (count == DIGITS)
			return false;
		digits[count++] = (unsigned)(text.p[at] - '0');
	}
	if (count != DIGITS)
		return false;
	for (size_t i = 0; i + 1 < DIGITS; i++)
		sum += digits[i] * (unsigned)(DIGITS - i);
	return (11 - sum % 11) % 11 == digits[DIGITS - 1];
}

static bool has_nhs_number(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (char_is_digit(text.p[i]) && is_nhs_number(text, i))
			return true;
	return false;
}

static bool is_field(const struct reading *reading, const char *name)
{
	return strcmp(reading->field, name) == 0;
}

static void take_field(struct reading *reading, struct str text)
{
	struct mesh_control *control = reading->control;
	bool yes = text.n && (*text.p == 'Y' || *text.p == 'y');
	if (is_field(reading, "Encrypted"))
		control->encrypted = yes;
	if (is_field(reading, "MessageType"))
		control->report = str_is(text, "Report");
	if (is_field(reading, "LocalId") && has_nhs_number(text))
		control->with_nhs_number = "LocalId";
	if (is_field(reading, "Subject") && has_nhs_number(text))
		control->with_nhs_number = "Subject";
}

/* StatusRecord says what became of the transfer. */
static void take_status(struct reading *reading, struct str text)
{
	struct mesh_control *control = reading->control;
	if (strcmp(reading->status, "Status") == 0)
		control->failed = control->failed || fields_is(text, "ERROR");
	if (strcmp(reading->status, "StatusCode") == 0)
		fields_plain(text, control->status_code, sizeof(control->status_code));
}

static int on_end(void *context, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	struct str text = str_trim((struct str){ reading->text, reading->text_length });
	if (reading->depth == 3 && is_field(reading, "StatusRecord"))
		take_status(reading, text);
	if (reading->depth-- == 2)
		take_field(reading, text);
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
		char shown[LONGEST_SHOWN];
		*offset = reading.root_offset;
		snprintf(why, LONGEST_WHY, "its root element is %s; expected DTSControl",
			 fields_shown(str_of(reading.root), shown));
		return MESH_NO_CONTROL;
	}
	return MESH_READ;
}

static bool is_control(struct str bytes)
{
	return str_is(kind_root_name(bytes), "DTSControl");
}

static enum bid bid_for_mesh(const struct parcel *parcel)
{
	if (parcel->mesh)
		return BID_TOLD;
	return is_control(parcel->bytes) ? BID_SURE : NO_BID;
}

static void open_data(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct parcel data = parcel_slice(parcel, 0, parcel->bytes.n);
	if (parcel->mesh->partners > 1)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is more than one control file for this .dat file: their names "
			     "differ in case alone");
	if (is_control(parcel->bytes))
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "the .dat file is a DTSControl document: the names of the control "
			     "file and the data file may be swapped");
	else if (parcel->mesh->control.encrypted)
		unwrap_unopened(unwrapping, parcel, 0,
				"its control file says that it is encrypted");
	else if (parcel->mesh->control.unread)
		unwrap_unopened(unwrapping, parcel, 0, "its control file cannot be read");
	else
		unwrap_part(unwrapping, &data);
}

/* What a control file says, but for where its data is. */
static void judge_control(struct unwrapping *unwrapping, const struct parcel *parcel,
			  const struct mesh_control *control)
{
	if (control->with_nhs_number)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_038,
			     "%s of the control file has an NHS number", control->with_nhs_number);
	if (control->failed && !control->report)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_039,
			     "the control file says that the transfer ended with Status ERROR%s%s",
			     control->status_code[0] ? ", StatusCode " : "", control->status_code);
}

static void open_control(struct unwrapping *unwrapping, const struct parcel *parcel,
			 const struct mesh_control *control)
{
	bool has_data = parcel->mesh && parcel->mesh->has_data;
	judge_control(unwrapping, parcel, control);
	if (has_data && parcel->mesh->partners > 1)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is more than one .dat file for this control file: their names "
			     "differ in case alone");
	else if (!has_data && !control->report)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is a MESH control file, but no .dat file of the same name "
			     "beside it");
	else if (unwrapping->sink->left_out)
		unwrapping->sink->left_out(
			unwrapping->sink->context, parcel, NULL,
			has_data ? "it is the control file of the .dat file beside it"
				 : "it reports on a transfer: it has no data");
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
		open_control(unwrapping, parcel, &control);
		break;
	case MESH_NO_CONTROL:
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_007,
			     "the control file is not a DTSControl document: %s", why);
		break;
	case MESH_UNREADABLE:
		unwrap_unopened(unwrapping, parcel, offset, "%s", why);
		break;
	}
}

const struct layer mesh_layer = {
	.name = "mesh",
	.sign = "a control file and its data",
	.rules = { RULE_TRN_007, RULE_TRN_038, RULE_TRN_039 },
	.bid = bid_for_mesh,
	.open = open_mesh,
};
