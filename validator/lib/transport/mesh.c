#include "transport/mesh.h"

#include "base/calendar.h"
#include "diag/mask.h"
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <ctype.h>
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
	enum { CASES = 3, SPELLINGS = 2 };
	static const char *const endings[][CASES] = {
		[MESH_CONTROL] = { ".dat", ".DAT", ".Dat" },
		[MESH_DATA] = { ".ctl", ".CTL", ".Ctl" },
	};
	enum mesh_role role = mesh_is_control_name(name) ? MESH_CONTROL : MESH_DATA;
	const char *here = "";
	if (way >= (size_t)CASES * (*name == '/' ? 1 : SPELLINGS))
		return false;
	if (way >= CASES && strncmp(name, "./", 2) == 0)
		name += 2;
	else if (way >= CASES)
		here = "./";
	size_t n = strlen(name);
	if (n < MESH_ENDING_BYTES || n + strlen(here) >= room)
		return false;
	snprintf(partner, room, "%s%.*s%s", here, (int)(n - MESH_ENDING_BYTES), name,
		 endings[role][way % CASES]);
	return true;
}

/* Whether an NHS number starts at a place and ends there: ten digits of which the last is a check
 * digit, by modulus 11. A blank or a hyphen may part them as 3, 3 and 4. Those that are in use, and
 * those for tests, begin with 3 and more: what is lower is a count or a time in seconds. */
static bool is_nhs_number(struct str text, size_t at)
{
	enum { DIGITS = 10 };
	unsigned digits[DIGITS], sum = 0;
	size_t count = 0;
	if ((at > 0 && char_is_digit(text.p[at - 1])) || text.p[at] < '3')
		return false;
	for (; at < text.n && count < DIGITS; at++) {
		char c = text.p[at];
		if (char_is_digit(c))
			digits[count++] = (unsigned)(c - '0');
		else if ((count != 3 && count != 6) || (c != ' ' && c != '-') ||
			 !char_is_digit(text.p[at - 1]))
			return false;
	}
	if (count != DIGITS || (at < text.n && char_is_digit(text.p[at])))
		return false;
	for (size_t i = 0; i + 1 < DIGITS; i++)
		sum += digits[i] * (unsigned)(DIGITS - i);
	return (11 - sum % 11) % 11 == digits[DIGITS - 1];
}

/* Ten digits that are an hour of a day of this century, as ids are made of: 2026013109. */
static bool is_hour(struct str text)
{
	enum { DIGITS = 10 };
	if (text.n < DIGITS || !str_is_digits((struct str){ text.p, DIGITS }))
		return false;
	const char *p = text.p;
	int month = (p[4] - '0') * 10 + p[5] - '0', day = (p[6] - '0') * 10 + p[7] - '0';
	int hour = (p[8] - '0') * 10 + p[9] - '0';
	return p[0] == '2' && p[1] == '0' && month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
	       hour < 24;
}

static bool has_nhs_number(struct str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (char_is_digit(text.p[i]) && is_nhs_number(text, i) &&
		    !is_hour(str_from(text, i)))
			return true;
	return false;
}

bool mesh_name_is_personal(const char *path)
{
	const char *slash = strrchr(path, '/');
	return has_nhs_number(str_of(slash ? slash + 1 : path));
}

/* The fields of a control file. Those with values have one of them, in any case, or are blank. */
enum { MOST_VALUES = 5 };
static const struct field {
	const char *name, *values[MOST_VALUES], *expected;
	const char *header; /* that says the same of a call over HTTP; NULL: none does */
	bool of_status;	    /* it is in a StatusRecord */
	bool generated;	    /* by the client: its digits are of no person */
	bool time;	    /* its value is yyyymmddhhmmss */
} known_fields[] = {
	{ .name = "Version", .header = "Mex-Version", .values = { "1.0" }, .expected = "1.0" },
	{ .name = "AddressType",
	  .header = "Mex-AddressType",
	  .values = { "ALL", "DTS", "SMTP", "ESMTP" },
	  .expected = "ALL or DTS" },
	{ .name = "MessageType",
	  .header = "Mex-MessageType",
	  .values = { "Data", "Report" },
	  .expected = "Data or Report" },
	{ .name = "WorkflowId", .header = "Mex-WorkflowID" },
	{ .name = "From_DTS", .header = "Mex-From" },
	{ .name = "To_DTS", .header = "Mex-To" },
	{ .name = "From_ESMTP" },
	{ .name = "To_ESMTP" },
	{ .name = "Subject", .header = "Mex-Subject" },
	{ .name = "LocalId", .header = "Mex-LocalID" },
	{ .name = "DTSId", .header = "Mex-MessageID", .generated = true },
	{ .name = "PartnerId", .header = "Mex-PartnerID" },
	{ .name = "Compress", .values = { "Y", "N" }, .expected = "Y or N" },
	{ .name = "Encrypted", .values = { "Y", "N" }, .expected = "Y or N" },
	{ .name = "AllowChunking", .values = { "Y", "N" }, .expected = "Y or N" },
	{ .name = "ProcessId" },
	{ .name = "DataChecksum", .header = "Mex-Content-Checksum", .generated = true },
	{ .name = "IsCompressed", .values = { "Y", "N" }, .expected = "Y or N" },
	{ .name = "DateTime",
	  .header = "Mex-StatusTimestamp",
	  .expected = "yyyymmddhhmmss",
	  .of_status = true,
	  .generated = true,
	  .time = true },
	{ .name = "Event",
	  .header = "Mex-StatusEvent",
	  .values = { "TRANSFER", "SEND", "COLLECT", "RECEIVE" },
	  .expected = "TRANSFER, SEND, COLLECT or RECEIVE",
	  .of_status = true },
	{ .name = "Status",
	  .header = "Mex-StatusSuccess",
	  .values = { "SUCCESS", "ERROR" },
	  .expected = "SUCCESS or ERROR",
	  .of_status = true },
	{ .name = "StatusCode", .header = "Mex-StatusCode", .of_status = true },
	{ .name = "Description", .header = "Mex-StatusDescription", .of_status = true },
};
enum { KNOWN_FIELDS = sizeof(known_fields) / sizeof(known_fields[0]) };

/* One of them has to be there, with a text. */
static const char *const needed_fields[][2] = {
	{ "WorkflowId", NULL },
	{ "From_DTS", "From_ESMTP" },
	{ "To_DTS", "To_ESMTP" },
};

enum { MOST_FAULTS = 8 };

/* What a StatusRecord, or the header of a call, says of the transfer. A name NULL: it does not say.
 */
struct status {
	const char *status, *code; /* what the fields are called there */
	size_t status_offset, code_offset;
	bool error, success;	   /* the Status */
	bool failure;		   /* by the code */
	char shown[LONGEST_SHOWN]; /* the code */
};

/* What is wrong with the fields, for who judges the file. */
struct field_faults {
	const char *whose; /* "the control file" */
	struct {
		size_t offset;
		char text[2 * LONGEST_SHOWN];
	} faults[MOST_FAULTS];
	size_t count;
	const char *personal; /* the field with an NHS number; NULL: none has one */
	struct status status; /* of several, the first that reports a failure */
};

/* The control document while it is read: its root, and the children that matter here. */
struct reading {
	size_t depth;
	struct mesh_control *control;
	struct field_faults *faults; /* NULL: they are not wanted */
	char root[LONGEST_FIELD], field[LONGEST_FIELD], status[LONGEST_FIELD];
	bool in_namespace; /* the root */
	bool headers;	   /* the fields are those of a call over HTTP */
	char text[LONGEST_TEXT];
	size_t root_offset, field_offset, text_length;
	size_t message; /* where what looks like a message begins in it; 0: nothing does */
	bool seen[KNOWN_FIELDS], filled[KNOWN_FIELDS];
};

static bool is_field(const struct reading *reading, const char *name)
{
	return strcmp(reading->field, name) == 0;
}

static bool is_of_failure(const struct status *status)
{
	return status->error || status->failure;
}

/* A StatusRecord begins. */
static void forget_success(struct reading *reading)
{
	if (reading->faults && !is_of_failure(&reading->faults->status))
		reading->faults->status = (struct status){ 0 };
}

/* Each StatusRecord has its own fields. */
static void forget_status(struct reading *reading)
{
	for (size_t i = 0; i < KNOWN_FIELDS; i++)
		reading->seen[i] = reading->seen[i] && !known_fields[i].of_status;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	bool known = tag->ns == NS_HL7 || tag->ns == NS_ITK || tag->ns == NS_SOAP11 ||
		     tag->ns == NS_SOAP12;
	if (known && reading->depth && !reading->message)
		reading->message = tag->offset;
	if (++reading->depth == 1) {
		snprintf(reading->root, sizeof(reading->root), "%s", tag->local);
		reading->root_offset = tag->offset;
		reading->in_namespace = tag->uri && *tag->uri;
	}
	if (reading->depth == 2) {
		snprintf(reading->field, sizeof(reading->field), "%s", tag->local);
		forget_status(reading);
		if (is_field(reading, "StatusRecord"))
			forget_success(reading);
	}
	if (reading->depth == 3)
		snprintf(reading->status, sizeof(reading->status), "%s", tag->local);
	reading->field_offset = tag->offset;
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

static __attribute__((format(printf, 3, 4))) void add_fault(struct field_faults *faults,
							    size_t offset, const char *format, ...)
{
	va_list args;
	if (faults->count == MOST_FAULTS)
		return;
	faults->faults[faults->count].offset = offset;
	va_start(args, format);
	vsnprintf(faults->faults[faults->count].text, sizeof(faults->faults[0].text), format, args);
	va_end(args);
	faults->count++;
}

/* So many digits of a text as a number. */
static int number_at(struct str text, size_t at, size_t digits)
{
	int number = 0;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + text.p[at + i] - '0';
	return number;
}

static bool is_time(struct str text)
{
	enum { TIME_DIGITS = 14 };
	if (text.n != TIME_DIGITS || !str_is_digits(text))
		return false;
	int day = number_at(text, 6, 2);
	return day >= 1 && day <= days_in_month(number_at(text, 0, 4), number_at(text, 4, 2)) &&
	       number_at(text, 8, 2) < 24 && number_at(text, 10, 2) < 60 &&
	       number_at(text, 12, 2) < 60;
}

static bool is_one_of_its_values(const struct field *field, struct str text)
{
	if (field->time)
		return is_time(text);
	for (size_t i = 0; i < MOST_VALUES && field->values[i]; i++)
		if (fields_is(text, field->values[i]))
			return true;
	return !field->values[0];
}

/* Mail may be addressed by person, by the NHS number, in this form alone. */
static bool may_name_a_person(const char *name, struct str text)
{
	return strcmp(name, "To_DTS") == 0 && fields_starts(text, "GPPROVIDER_");
}

static size_t place_of(const char *name, bool of_status)
{
	size_t i = 0;
	while (i < KNOWN_FIELDS &&
	       (known_fields[i].of_status != of_status || strcmp(known_fields[i].name, name) != 0))
		i++;
	return i;
}

/* A field that ends: of the file, or of a StatusRecord. */
static void judge_field(struct reading *reading, size_t place, bool of_status, struct str text)
{
	char shown[LONGEST_SHOWN];
	struct field_faults *faults = reading->faults;
	const struct field *field = place < KNOWN_FIELDS ? &known_fields[place] : NULL;
	const char *name = !field ? "A field" : reading->headers ? field->header : field->name;
	if (!(field && field->generated) && !(field && may_name_a_person(field->name, text)) &&
	    has_nhs_number(text))
		faults->personal = name;
	if (!field)
		return;
	if (reading->seen[place])
		add_fault(faults, reading->field_offset, "%s%s has %s more than once",
			  of_status ? "a StatusRecord of " : "", faults->whose, name);
	reading->seen[place] = true;
	reading->filled[place] = reading->filled[place] || text.n;
	/* How a header writes a time is not public. */
	if (text.n && !(reading->headers && field->time) && !is_one_of_its_values(field, text))
		add_fault(faults, reading->field_offset, "%s of %s is %s; it should be %s", name,
			  faults->whose, fields_shown(text, shown), field->expected);
}

static void judge_needed(struct reading *reading)
{
	for (size_t i = 0; i < sizeof(needed_fields) / sizeof(needed_fields[0]); i++) {
		const char *name = needed_fields[i][0], *other = needed_fields[i][1];
		size_t place = place_of(name, false);
		if (!reading->filled[place] && !(other && reading->filled[place_of(other, false)]))
			add_fault(reading->faults, reading->root_offset,
				  reading->seen[place] ? "%s of the control file is blank"
						       : "the control file has no %s",
				  name);
	}
}

/* Codes of success have no other digit than 0. */
static bool is_code_of_failure(struct str code)
{
	for (size_t i = 0; i < code.n; i++)
		if (code.p[i] != '0')
			return true;
	return false;
}

/* As MESH numbers its errors: 15, or EPL-150 where a mailbox was looked up. */
static bool is_form_of_code(struct str code)
{
	enum { DIGITS = 2, DIGITS_OF_LOOKUP = 3 };
	struct str lookup = STR("EPL-");
	bool looks_up = str_starts(code, lookup);
	struct str digits = looks_up ? str_from(code, lookup.n) : code;
	return digits.n == (looks_up ? DIGITS_OF_LOOKUP : DIGITS) && str_is_digits(digits);
}

/* A code is of no person where it has the form of one. */
static void show_code(struct str code, char *shown)
{
	enum { MOST_CHARACTERS = 80 };
	char plain[MOST_CHARACTERS + 1];
	fields_plain(code, plain, sizeof(plain));
	if (is_form_of_code(code))
		snprintf(shown, LONGEST_SHOWN, "%s", plain);
	else
		snprintf(shown, LONGEST_SHOWN, "%c%c%s%c", MASK_OPEN, MASK_VALUE, plain,
			 MASK_CLOSE);
}

static void note_end(const struct reading *reading, struct status *status, const char *called,
		     struct str text)
{
	bool error = fields_is(text, "ERROR");
	if (status->status && (status->error || !error))
		return;
	status->status = called;
	status->status_offset = reading->field_offset;
	status->error = error;
	status->success = fields_is(text, "SUCCESS");
}

static void note_code(const struct reading *reading, struct status *status, const char *called,
		      struct str text)
{
	bool failure = is_code_of_failure(text);
	if (status->code && (status->failure || !failure))
		return;
	status->code = called;
	status->code_offset = reading->field_offset;
	status->failure = failure;
	show_code(text, status->shown);
}

/* What became of the transfer: of a field that is repeated the first text, or the first that is of
 * a failure. */
static void note_status(struct reading *reading, size_t place, struct str text)
{
	const char *name = place < KNOWN_FIELDS ? known_fields[place].name : "";
	struct status noted = { 0 };
	struct status *status = reading->faults ? &reading->faults->status : &noted;
	const char *called = reading->headers && *name ? known_fields[place].header : name;
	if (strcmp(name, "Status") == 0 && text.n)
		note_end(reading, status, called, text);
	if (strcmp(name, "StatusCode") == 0 && text.n)
		note_code(reading, status, called, text);
	reading->control->failed = reading->control->failed || is_of_failure(status);
}

static void take_field(struct reading *reading, struct str text)
{
	struct mesh_control *control = reading->control;
	char letter = text.n ? (char)(*text.p & ~0x20) : '\0';
	if (is_field(reading, "Encrypted"))
		control->encrypted = letter == 'Y';
	if (is_field(reading, "IsCompressed"))
		control->compressed = letter;
	if (is_field(reading, "MessageType"))
		control->report = fields_is(text, "Report");
	if (is_field(reading, "StatusRecord"))
		control->transferred = true;
	else if (reading->faults)
		judge_field(reading, place_of(reading->field, false), false, text);
	size_t place = place_of(reading->field, true);
	if (place == KNOWN_FIELDS)
		return;
	/* What it says holds all the same. */
	note_status(reading, place, text);
	if (reading->faults)
		add_fault(reading->faults, reading->field_offset,
			  "%s of the control file is not in a StatusRecord", reading->field);
}

static void take_status(struct reading *reading, struct str text)
{
	size_t place = place_of(reading->status, true);
	note_status(reading, place, text);
	if (reading->faults)
		judge_field(reading, place, true, text);
}

static int on_end(void *context, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	struct str text = str_trim((struct str){ reading->text, reading->text_length });
	if (!reading->message && unwrap_holds_message(text))
		reading->message = reading->field_offset;
	if (reading->depth == 3 && is_field(reading, "StatusRecord"))
		take_status(reading, text);
	if (reading->depth-- == 2)
		take_field(reading, text);
	reading->text_length = 0;
	return 0;
}

static enum mesh_reading read_control(struct xml_reader *reader, struct str bytes,
				      struct reading *reading, size_t *offset, char *why)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	static const struct xml_limits limits = { .max_depth = DEEPEST,
						  .max_attribute_bytes = MOST_CONTROL_BYTES };
	struct xml_fault fault;
	*reading->control = (struct mesh_control){ 0 };
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
	enum xml_outcome outcome =
		xml_read(reader, (struct str){ copy, bytes.n }, &limits, &handler, reading, &fault);
	free(copy);
	if (outcome != XML_READ) {
		bool unread = outcome == XML_LIMIT || outcome == XML_INTERNAL;
		*offset = fault.offset;
		snprintf(why, LONGEST_WHY, "%.200s", fault.text);
		return unread ? MESH_UNREADABLE : MESH_NO_CONTROL;
	}
	*offset = reading->root_offset;
	if (strcmp(reading->root, "DTSControl") != 0) {
		char shown[LONGEST_SHOWN];
		snprintf(why, LONGEST_WHY, "its root element is %s; expected DTSControl",
			 fields_shown(str_of(reading->root), shown));
		return MESH_NO_CONTROL;
	}
	if (reading->in_namespace) {
		snprintf(why, LONGEST_WHY, "its root element is in a namespace; expected none");
		return MESH_NO_CONTROL;
	}
	/* A report comes from MESH itself: no mailbox sent it. */
	if (reading->faults && !reading->control->report)
		judge_needed(reading);
	return MESH_READ;
}

enum mesh_reading mesh_read_control(struct xml_reader *reader, struct str bytes,
				    struct mesh_control *control, size_t *offset, char *why)
{
	struct reading reading = { .control = control };
	return read_control(reader, bytes, &reading, offset, why);
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

/* Whether data is known not to be compressed: it is text, or something that holds other things as
 * they are. Text may be base64 of what is compressed. */
static bool is_not_compressed(struct str data)
{
	char start[LONGEST_TEXT];
	const struct parcel again = { .bytes = data };
	if (http_layer.bid(&again) || mime_layer.bid(&again) || tar_layer.bid(&again))
		return true;
	if (!kind_is_text(data))
		return false;
	size_t n = base64_layer.bid(&again) ? base64_start(data, start, sizeof(start)) : 0;
	return !compressed_is((struct str){ start, n });
}

/* Whether data that is said to be encrypted is XML in which a message can be read. XML may have
 * parts that are encrypted. */
static bool is_readable(struct str data)
{
	char room[2 * KIND_HEAD_BYTES];
	size_t inflated = 0;
	if (compressed_start(data.p, data.n, room, sizeof(room), &inflated) != 0)
		return false;
	if (inflated)
		data = (struct str){ room, inflated };
	return kind_root_name(data).n && !memmem(data.p, data.n, "Encrypted", 9) &&
	       unwrap_holds_message(data);
}

bool mesh_is_encrypted(const struct mesh_control *control, struct str data)
{
	return control->encrypted && !is_readable(data);
}

/* Whether compressed data is compressed again: who undoes it once finds no message. */
static bool is_compressed_twice(struct str data)
{
	char room[KIND_HEAD_BYTES];
	size_t inflated;
	return compressed_start(data.p, data.n, room, sizeof(room), &inflated) == 0 &&
	       compressed_is((struct str){ room, inflated });
}

/* What IsCompressed says of a transfer that took place may be how the data was on its way. */
void mesh_judge_data(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		     struct str data, const struct mesh_control *control)
{
	bool sent = !control->transferred;
	const char *whose = control->headers ? "HTTP header" : "control file";
	const char *field = control->headers ? "Mex-Content-Compressed" : "IsCompressed";
	const char *encrypted = control->headers ? "Mex-Content-Encrypted" : "Encrypted";
	if (control->report)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_046,
			     "its %s says that it is a Report, which has no data", whose);
	/* What was compressed and then encrypted does not look compressed. */
	if (sent && control->compressed == 'Y' && !control->encrypted && is_not_compressed(data))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_046,
			     "its %s says %s Y, but it is not compressed", whose, field);
	if (sent && control->compressed == 'Y' && !control->coded && is_compressed_twice(data))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_046,
			     "its %s says %s Y, but it is compressed twice", whose, field);
	if (sent && control->compressed == 'N' && compressed_is(data))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_046,
			     "its %s says %s N, but it is compressed", whose, field);
	if (control->encrypted && is_readable(data))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_046,
			     "its %s says %s Y, but it is XML that can be read", whose, encrypted);
}

static void open_data(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct parcel data = parcel_slice(parcel, 0, parcel->bytes.n);
	const struct mesh_control *control = &parcel->mesh->control;
	bool many = parcel->mesh->partners > 1, swapped = is_control(parcel->bytes);
	if (!many && !swapped)
		mesh_judge_data(unwrapping, parcel, 0, parcel->bytes, control);
	if (many)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is more than one control file for this .dat file: their names "
			     "differ in case alone");
	else if (swapped)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "the .dat file is a DTSControl document: the names of the control "
			     "file and the data file may be swapped");
	else if (mesh_is_encrypted(control, parcel->bytes))
		unwrap_unopened(unwrapping, parcel, 0,
				"its control file says that it is encrypted");
	else if (control->unread)
		unwrap_unopened(unwrapping, parcel, 0, "its control file cannot be read");
	else
		unwrap_part(unwrapping, &data);
}

static void judge_status(struct unwrapping *unwrapping, const struct parcel *parcel,
			 const struct status *status, const char *whose)
{
	if (status->error)
		unwrap_fault(unwrapping, parcel, status->status_offset, RULE_TRN_039,
			     "%s says that the transfer ended with %s ERROR%s%s%s%s", whose,
			     status->status, status->code ? ", " : "",
			     status->code ? status->code : "", status->code ? " " : "",
			     status->shown);
	else if (status->failure)
		unwrap_fault(unwrapping, parcel, status->code_offset, RULE_TRN_039,
			     "%s has %s %s, which is not that of success%s%s%s", whose,
			     status->code, status->shown, status->success ? ", beside " : "",
			     status->success ? status->status : "",
			     status->success ? " SUCCESS" : "");
}

/* What a control file, or the header of a call, says, but for where its data is. Whether there is a
 * fault. */
static bool judge_control(struct unwrapping *unwrapping, const struct parcel *parcel,
			  const struct field_faults *faults, size_t offset)
{
	bool personal_name = parcel->mesh && parcel->mesh->personal_name;
	if (faults->personal)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_038, "%s of %s has an NHS number",
			     faults->personal, faults->whose);
	else if (personal_name)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_038,
			     "the name of the control file has an NHS number");
	judge_status(unwrapping, parcel, &faults->status, faults->whose);
	for (size_t i = 0; i < faults->count; i++)
		unwrap_fault(unwrapping, parcel, faults->faults[i].offset, RULE_TRN_045, "%s",
			     faults->faults[i].text);
	return faults->personal || personal_name || is_of_failure(&faults->status) || faults->count;
}

static void open_control(struct unwrapping *unwrapping, const struct parcel *parcel,
			 const struct mesh_control *control, const struct field_faults *faults,
			 bool has_message)
{
	const struct unwrap_sink *sink = unwrapping->sink;
	bool has_data = parcel->mesh && parcel->mesh->has_data;
	bool faulty = judge_control(unwrapping, parcel, faults, 0) || has_message;
	if (has_data && parcel->mesh->partners > 1)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is more than one .dat file for this control file: their names "
			     "differ in case alone");
	else if (!has_data && !control->report)
		unwrap_fault(unwrapping, parcel, 0, RULE_TRN_007,
			     "there is a MESH control file, but no .dat file of the same name "
			     "beside it");
	else if (faulty && sink->control)
		sink->control(sink->context, parcel);
	else if (!faulty && sink->left_out)
		sink->left_out(sink->context, parcel, NULL,
			       has_data ? MESH_HAS_DATA : MESH_IS_REPORT);
}

/* A count from 1 on. */
static bool read_count(struct str text, size_t *count)
{
	enum { MOST_DIGITS = 9 };
	if (text.n == 0 || text.n > MOST_DIGITS || !str_is_digits(text))
		return false;
	*count = (size_t)number_at(text, 0, text.n);
	return *count > 0;
}

/* "2:3": of three chunks the second. */
static bool read_range(struct str text, size_t *chunk, size_t *chunks)
{
	const char *colon = text.n ? memchr(text.p, ':', text.n) : NULL;
	struct str first = { text.p, colon ? (size_t)(colon - text.p) : 0 };
	return read_count(first, chunk) && read_count(str_from(text, first.n + 1), chunks) &&
	       *chunk <= *chunks;
}

/* Which chunk the body is, and of how many: the larger count where there are two. */
static void take_chunks(struct reading *reading, struct str name, struct str text)
{
	struct mesh_control *control = reading->control;
	char shown[LONGEST_SHOWN];
	bool range = fields_is(name, "Mex-Chunk-Range");
	size_t chunk = 0, chunks = 0;
	if ((!range && !fields_is(name, "Mex-Total-Chunks")) || text.n == 0)
		return;
	if (!(range ? read_range(text, &chunk, &chunks) : read_count(text, &chunks))) {
		add_fault(reading->faults, reading->field_offset, "%s of %s is %s; it should be %s",
			  range ? "Mex-Chunk-Range" : "Mex-Total-Chunks", reading->faults->whose,
			  fields_shown(text, shown),
			  range ? "the chunk and how many there are, as 1:3" : "a number, as 3");
		return;
	}
	control->chunk = range ? chunk : control->chunk;
	control->chunks = chunks > control->chunks ? chunks : control->chunks;
}

static bool says_yes(struct str text)
{
	return fields_is(text, "Y") || fields_is(text, "true");
}

static bool says_no(struct str text)
{
	return fields_is(text, "N") || fields_is(text, "false");
}

static void take_header(struct reading *reading, struct str name, struct str text)
{
	struct mesh_control *control = reading->control;
	size_t place = 0;
	while (place < KNOWN_FIELDS &&
	       !(known_fields[place].header && fields_is(name, known_fields[place].header)))
		place++;
	take_chunks(reading, name, text);
	if (fields_is(name, "Mex-Content-Encrypted"))
		control->encrypted = says_yes(text);
	if (fields_is(name, "Mex-Content-Compressed") && text.n)
		control->compressed = says_yes(text) ? 'Y' : says_no(text) ? 'N' : '\0';
	if (fields_is(name, "Mex-MessageType"))
		control->report = fields_is(text, "Report");
	note_status(reading, place, text);
	if (!fields_is(name, "Mex-LinkedMsgID"))
		judge_field(reading, place, false, text);
}

/* What has to be there where a message is given to MESH. */
static void judge_needed_headers(struct reading *reading)
{
	static const char *const needed[] = { "To_DTS", "WorkflowId" };
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		size_t place = place_of(needed[i], false);
		if (!reading->filled[place])
			add_fault(reading->faults, reading->root_offset,
				  reading->seen[place] ? "%s of %s is blank"
						       : "%s of %s is missing",
				  known_fields[place].header, reading->faults->whose);
	}
}

/* Whether a head says that the body is encoded, whole or on its way: who reads it undoes that
 * first. */
static bool is_coded(struct str head)
{
	static const char *const fields[] = { "Content-Encoding", "Transfer-Encoding" };
	struct str list, coding;
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		for (size_t next = 0; (list = fields_next(head, fields[i], &next)).p;)
			for (size_t at = 0; (coding = fields_list_next(list, &at)).p;)
				if (coding.n && !fields_is(coding, "chunked") &&
				    !fields_is(coding, "identity"))
					return true;
	return false;
}

/* Only gzip may be the coding of a body that is given to MESH: it answers others with 422. */
static void judge_coding(struct reading *reading, const struct parcel *parcel, struct str coding)
{
	char shown[LONGEST_SHOWN];
	if (coding.n == 0 || fields_is(coding, "gzip") || fields_is(coding, "identity"))
		return;
	add_fault(reading->faults, (size_t)(coding.p - parcel->bytes.p),
		  "Content-Encoding of %s is %s; it should be gzip", reading->faults->whose,
		  fields_shown(coding, shown));
}

/* The next part of a path between slashes, which it is cut off with; empty at its end. Two slashes
 * in a row are one to a server. */
static struct str next_segment(struct str *path)
{
	while (path->n && path->p[0] == '/')
		*path = str_from(*path, 1);
	const char *slash = path->n ? memchr(path->p, '/', path->n) : NULL;
	struct str segment = { path->p, slash ? (size_t)(slash - path->p) : path->n };
	*path = str_from(*path, segment.n);
	return segment;
}

/* The words of a path that are known here are shorter; a longer one is cut. */
enum { SEGMENT_BYTES = 24 };

struct mesh_call mesh_read_call(struct str request_line)
{
	struct mesh_call call = { 0 };
	char word[SEGMENT_BYTES];
	bool post = str_starts(request_line, STR("POST "));
	const char *end = memmem(request_line.p, request_line.n, " HTTP/", 6);
	struct str path = { request_line.p, end ? (size_t)(end - request_line.p) : 0 };
	const char *query = path.n ? memchr(path.p, '?', path.n) : NULL;
	path.n = query ? (size_t)(query - path.p) : path.n;
	if (!post && !str_starts(request_line, STR("GET ")))
		return call;
	while (path.n && !str_is(fields_unescaped(next_segment(&path), word, sizeof(word)),
				 "messageexchange"))
		;
	next_segment(&path); /* the mailbox */
	struct str folder = fields_unescaped(next_segment(&path), word, sizeof(word));
	if (!fields_is(folder, post ? "outbox" : "inbox"))
		return call;
	struct str id = next_segment(&path);
	call.sends = post && id.n == 0;
	read_count(fields_unescaped(next_segment(&path), word, sizeof(word)), &call.chunk);
	return call;
}

/* The path against Mex-Chunk-Range: which chunk the body is. */
static void take_call(struct reading *reading, const struct mesh_call *call)
{
	struct mesh_control *control = reading->control;
	if (control->chunk && call->chunk && control->chunk != call->chunk) {
		add_fault(reading->faults, reading->root_offset,
			  "Mex-Chunk-Range of %s says that it is chunk " MESH_COUNT
			  ", but its path says that it is chunk " MESH_COUNT,
			  reading->faults->whose, control->chunk, call->chunk);
		return;
	}
	control->chunks = call->chunk > control->chunks ? call->chunk : control->chunks;
}

void mesh_judge_headers(struct unwrapping *unwrapping, const struct parcel *parcel, size_t start,
			struct str head, const struct mesh_call *call, struct mesh_control *control)
{
	struct field_faults faults = { .whose = "the HTTP header" };
	struct reading reading = {
		.control = control, .faults = &faults, .headers = true, .root_offset = start
	};
	struct str coding = fields_value(head, "Content-Encoding");
	*control = (struct mesh_control){ .headers = true, .transferred = !call->sends };
	for (size_t at = 0; at < head.n;) {
		struct str name, text = fields_next_any(head, &at, &name);
		if (!fields_starts(name, "Mex-"))
			continue;
		reading.field_offset = (size_t)(name.p - parcel->bytes.p);
		take_header(&reading, name, text);
	}
	/* What is compressed by its coding was not when it was handed to the client. */
	control->coded = is_coded(head);
	if (control->coded && control->compressed == 'N')
		control->compressed = '\0';
	take_call(&reading, call);
	if (call->sends) {
		judge_needed_headers(&reading);
		judge_coding(&reading, parcel, coding);
	}
	judge_control(unwrapping, parcel, &faults, start);
}

static void open_mesh(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	struct mesh_control control;
	struct field_faults faults = { .whose = "the control file" };
	struct reading reading = { .control = &control, .faults = &faults };
	size_t offset;
	char why[LONGEST_WHY];
	if (parcel->mesh && parcel->mesh->role == MESH_DATA) {
		open_data(unwrapping, parcel);
		return;
	}
	switch (read_control(unwrapping->reader, parcel->bytes, &reading, &offset, why)) {
	case MESH_READ:
		open_control(unwrapping, parcel, &control, &faults, reading.message != 0);
		if (reading.message)
			unwrap_unopened(unwrapping, parcel, reading.message,
					"what looks like a message is in the control file, where "
					"none is looked for");
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
	.rules = { RULE_TRN_007, RULE_TRN_038, RULE_TRN_039, RULE_TRN_045, RULE_TRN_046 },
	.bid = bid_for_mesh,
	.open = open_mesh,
};
