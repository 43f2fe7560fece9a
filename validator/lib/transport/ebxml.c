/*
 * The envelope of ebXML Message Service 2.0: read in one pass, before the parts of the message are
 * handed over.
 */
#include "transport/ebxml.h"
#include "base/calendar.h"
#include "transport/fields.h"
#include "xml/reader.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { DEEPEST = 64 };

/* Where in an ebXML envelope an element is, as far as it is read. */
enum place {
	AT_TOP,
	IN_ENVELOPE,
	IN_HEADER,
	IN_BODY,
	IN_MESSAGE_HEADER,
	IN_FROM,
	IN_TO,
	IN_MESSAGE_DATA,
	IN_MANIFEST,
	IN_ACKNOWLEDGMENT,
	IN_ACKNOWLEDGER,
	IN_ERROR_LIST,
	IN_RECEIVER,
	IN_RECEIVING_DEVICE,
	IN_SENDER,
	IN_SENDING_DEVICE,
	ELSEWHERE
};

#define TEXT(member) .kept = true, .field = offsetof(struct ebxml, member)

/* The elements that are read. Others of these names are not. */
static const struct step {
	enum place around;
	const char *element;
	enum place place; /* of what is in it */
	bool kept;	  /* its text, in a field */
	size_t field;
	enum xml_namespace ns; /* NS_NONE: that of ebXML, or of SOAP for what SOAP itself has */
} steps[] = {
	{ AT_TOP, "Envelope", .place = IN_ENVELOPE },
	{ IN_ENVELOPE, "Header", .place = IN_HEADER },
	{ IN_ENVELOPE, "Body", .place = IN_BODY },
	{ IN_HEADER, "MessageHeader", .place = IN_MESSAGE_HEADER },
	{ IN_MESSAGE_HEADER, "From", .place = IN_FROM },
	{ IN_MESSAGE_HEADER, "To", .place = IN_TO },
	{ IN_FROM, "PartyId", ELSEWHERE, TEXT(from) },
	{ IN_TO, "PartyId", ELSEWHERE, TEXT(to) },
	{ IN_MESSAGE_HEADER, "CPAId", ELSEWHERE, TEXT(cpa_id) },
	{ IN_MESSAGE_HEADER, "ConversationId", ELSEWHERE, TEXT(conversation_id) },
	{ IN_MESSAGE_HEADER, "Service", ELSEWHERE, TEXT(service) },
	{ IN_MESSAGE_HEADER, "Action", ELSEWHERE, TEXT(action) },
	{ IN_MESSAGE_HEADER, "MessageData", .place = IN_MESSAGE_DATA },
	{ IN_MESSAGE_DATA, "MessageId", ELSEWHERE, TEXT(message_id) },
	{ IN_MESSAGE_DATA, "Timestamp", ELSEWHERE, TEXT(timestamp) },
	{ IN_MESSAGE_DATA, "RefToMessageId", ELSEWHERE, TEXT(answers) },
	{ IN_MESSAGE_DATA, "TimeToLive", ELSEWHERE, TEXT(time_to_live) },
	{ IN_BODY, "Manifest", .place = IN_MANIFEST },
	{ IN_MANIFEST, "Reference", .place = ELSEWHERE },
	{ IN_HEADER, "Acknowledgment", .place = IN_ACKNOWLEDGMENT },
	{ IN_ACKNOWLEDGMENT, "Timestamp", ELSEWHERE, TEXT(acknowledgments[0].at) },
	{ IN_ACKNOWLEDGMENT, "RefToMessageId", ELSEWHERE, TEXT(acknowledgments[0].of) },
	{ IN_ACKNOWLEDGMENT, "From", .place = IN_ACKNOWLEDGER },
	{ IN_ACKNOWLEDGER, "PartyId", ELSEWHERE, TEXT(acknowledgments[0].from) },
	{ IN_HEADER, "ErrorList", .place = IN_ERROR_LIST },
	{ IN_ERROR_LIST, "Error", .place = ELSEWHERE },
	{ IN_HEADER, "Action", ELSEWHERE, TEXT(wsa_action_2004), .ns = NS_WSA_2004 },
	{ IN_HEADER, "Action", ELSEWHERE, TEXT(wsa_action_2005), .ns = NS_WSA_2005 },
	{ IN_HEADER, "communicationFunctionRcv", .place = IN_RECEIVER, .ns = NS_HL7 },
	{ IN_HEADER, "communicationFunctionSnd", .place = IN_SENDER, .ns = NS_HL7 },
	{ IN_RECEIVER, "device", .place = IN_RECEIVING_DEVICE, .ns = NS_HL7 },
	{ IN_SENDER, "device", .place = IN_SENDING_DEVICE, .ns = NS_HL7 },
	{ IN_RECEIVING_DEVICE, "id", .place = ELSEWHERE, .ns = NS_HL7 },
	{ IN_SENDING_DEVICE, "id", .place = ELSEWHERE, .ns = NS_HL7 },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]), LEVELS = 6 };

/* An element of ebXML in its order. */
struct rank {
	const char *element;
	bool many; /* it may be there more than once */
};

/* A root part while it is read. */
struct reading {
	struct ebxml *ebxml;
	char *root, *field; /* field: where text goes; NULL: nowhere */
	size_t depth, length;
	enum place places[LEVELS]; /* of what is at each depth, as far as is read */
	/* In each place: the rank of the last element, from 1, and one bit for each that was there.
	 */
	unsigned ranks[ELSEWHERE], seen[ELSEWHERE];
	bool envelope;
	bool party;   /* the text is that of a PartyId */
	bool untyped; /* which has no type */
};

static bool is_envelope(const struct xml_tag *tag)
{
	if (tag->ns == NS_ITK)
		return strcmp(tag->local, "DistributionEnvelope") == 0;
	return (tag->ns == NS_SOAP11 || tag->ns == NS_SOAP12) &&
	       strcmp(tag->local, "Envelope") == 0;
}

/* Where an element is that starts. */
static enum place place_around(const struct reading *reading)
{
	return reading->depth < LEVELS ? reading->places[reading->depth] : ELSEWHERE;
}

/* The step that an element takes; NULL: it is not read. */
static const struct step *step_of(const struct reading *reading, const struct xml_tag *tag)
{
	enum place around = place_around(reading);
	bool soap = tag->ns == NS_SOAP11 || tag->ns == NS_SOAP12;
	for (size_t i = 0; i < STEPS; i++) {
		const struct step *step = &steps[i];
		bool own = around <= IN_ENVELOPE ? soap : tag->ns == NS_EBXML;
		if (step->around == around && (step->ns ? tag->ns == step->ns : own) &&
		    strcmp(step->element, tag->local) == 0)
			return step;
	}
	return NULL;
}

static bool is_of_xlink(const struct xml_attribute *attribute, const char *local)
{
	return strcmp(attribute->local, local) == 0 && attribute->uri &&
	       strcmp(attribute->uri, "http://www.w3.org/1999/xlink") == 0;
}

/* The value of an attribute in a namespace, without white space around it; absent: it is not there.
 */
static struct str value_of(const struct xml_tag *tag, enum xml_namespace ns, const char *local)
{
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].ns == ns && strcmp(tag->attributes[i].local, local) == 0)
			return str_trim(tag->attributes[i].value);
	return (struct str){ 0 };
}

/* A part that the Manifest lists: xlink:href is cid: and its Content-ID (RFC 2392, section 2).
 * Others are elsewhere. */
static void note_reference(struct ebxml *ebxml, const struct xml_tag *tag)
{
	struct str href = { 0 };
	for (size_t i = 0; i < tag->count; i++) {
		struct str value = str_trim(tag->attributes[i].value);
		if (is_of_xlink(&tag->attributes[i], "href"))
			href = value;
		else if (is_of_xlink(&tag->attributes[i], "type") && !str_is(value, "simple"))
			fields_plain(value.n ? value : STR("\"\""), ebxml->link_type,
				     sizeof(ebxml->link_type));
	}
	if (href.n == 0) {
		ebxml->reference_to_nothing = true;
	} else if (!fields_starts(href, "cid:")) {
		fields_plain(href, ebxml->elsewhere, sizeof(ebxml->elsewhere));
	} else {
		if (ebxml->reference_count < MOST_REFERENCES)
			fields_unescaped(str_from(href, 4),
					 ebxml->references[ebxml->reference_count].id,
					 LONGEST_EBXML_FIELD);
		ebxml->reference_count++;
	}
}

/* The elements of ebXML that say of what version they are; those of the SOAP Header must be
 * understood besides (ebXML Message Service 2.0, sections 2.3.7 and 2.3.8). */
static const char *const versioned[] = { "MessageHeader",  "SyncReply",	   "AckRequested",
					 "Acknowledgment", "MessageOrder", "Manifest" };

/* The name of an element in that list; NULL: it is another. */
static const char *versioned_name(const struct xml_tag *tag)
{
	for (size_t i = 0; i < sizeof(versioned) / sizeof(versioned[0]); i++)
		if (tag->ns == NS_EBXML && strcmp(tag->local, versioned[i]) == 0)
			return versioned[i];
	return NULL;
}

/* The attributes that an element of ebXML has to have. */
static void note_attributes(struct ebxml *ebxml, const struct xml_tag *tag, bool in_header)
{
	const char *name = versioned_name(tag);
	struct str version = { 0 };
	bool must = false;
	for (size_t i = 0; i < tag->count && name; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		struct str value = str_trim(attribute->value);
		if (attribute->ns == NS_EBXML && strcmp(attribute->local, "version") == 0)
			version = value;
		else if (attribute->ns == NS_SOAP11 &&
			 strcmp(attribute->local, "mustUnderstand") == 0)
			must = xml_is_flag_set(value, NS_SOAP11);
	}
	if (name && !str_is(version, "2.0") && !ebxml->unversioned) {
		ebxml->unversioned = name;
		fields_plain(version, ebxml->version, sizeof(ebxml->version));
	}
	if (name && in_header && !must && !ebxml->ignorable)
		ebxml->ignorable = name;
}

/* What some elements of the SOAP Header say besides (sections 4.2.3, 4.3.1 and 6.3.1). */
static void note_element(struct ebxml *ebxml, const struct xml_tag *tag)
{
	struct str actor = value_of(tag, NS_SOAP11, "actor");
	struct str asked = value_of(tag, NS_EBXML, "signed");
	if (tag->ns != NS_EBXML)
		return;
	if (strcmp(tag->local, "ErrorList") == 0)
		fields_plain(value_of(tag, NS_EBXML, "highestSeverity"), ebxml->highest,
			     sizeof(ebxml->highest));
	if (strcmp(tag->local, "SyncReply") == 0)
		ebxml->reply_for_another |=
			!str_is(actor, "http://schemas.xmlsoap.org/soap/actor/next");
	if (strcmp(tag->local, "AckRequested") == 0)
		ebxml->signing_unsaid |= !str_is(asked, "true") && !str_is(asked, "false") &&
					 !str_is(asked, "1") && !str_is(asked, "0");
}

/* Whether ebXML Message Service 2.0 defines an element of the SOAP Header. */
static bool is_of_ebxml(const struct xml_tag *tag)
{
	static const char *const elements[] = { "MessageHeader", "ErrorList",	   "SyncReply",
						"AckRequested",	 "Acknowledgment", "MessageOrder" };
	if (tag->ns != NS_EBXML)
		return tag->uri && strcmp(tag->local, "Signature") == 0 &&
		       strcmp(tag->uri, "http://www.w3.org/2000/09/xmldsig#") == 0;
	for (size_t i = 0; i < sizeof(elements) / sizeof(elements[0]); i++)
		if (strcmp(tag->local, elements[i]) == 0)
			return true;
	return false;
}

/* The mustUnderstand of an element of the SOAP Header that SOAP 1.1 does not know. That of elements
 * which must be understood is looked at with them. */
static void note_flag(struct ebxml *ebxml, const struct xml_tag *tag)
{
	if (versioned_name(tag))
		return;
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (attribute->ns != NS_SOAP11 || strcmp(attribute->local, "mustUnderstand") != 0 ||
		    xml_is_flag(attribute->value, NS_SOAP11))
			continue;
		fields_plain(str_of(tag->local), ebxml->flagged, sizeof(ebxml->flagged));
		fields_plain(str_trim(attribute->value), ebxml->flag, sizeof(ebxml->flag));
	}
}

/* An element of the SOAP Header that the receiver has to understand, and cannot. */
static void note_unknown(struct ebxml *ebxml, const struct xml_tag *tag)
{
	if (xml_tag_must_understand(tag, NS_SOAP11) < tag->count && !is_of_ebxml(tag))
		fields_plain(str_of(tag->local), ebxml->unknown, sizeof(ebxml->unknown));
}

static bool is_party(enum place place)
{
	return place == IN_FROM || place == IN_TO || place == IN_ACKNOWLEDGER;
}

/* The elements of ebXML in a place, in their order (ebXML Message Service 2.0, appendix A); NULL:
 * it is not looked at. */
static const struct rank *order_in(enum place place)
{
	static const struct rank header[] = { { .element = "From" },
					      { .element = "To" },
					      { .element = "CPAId" },
					      { .element = "ConversationId" },
					      { .element = "Service" },
					      { .element = "Action" },
					      { .element = "MessageData" },
					      { .element = "DuplicateElimination" },
					      { .element = "Description", .many = true },
					      { .element = NULL } };
	static const struct rank party[] = { { .element = "PartyId", .many = true },
					     { .element = "Role" },
					     { .element = NULL } };
	static const struct rank data[] = { { .element = "MessageId" },
					    { .element = "Timestamp" },
					    { .element = "RefToMessageId" },
					    { .element = "TimeToLive" },
					    { .element = NULL } };
	static const struct rank acknowledgment[] = { { .element = "Timestamp" },
						      { .element = "RefToMessageId" },
						      { .element = "From" },
						      { .element = NULL } };
	static const struct rank errors[] = { { .element = "Error", .many = true },
					      { .element = NULL } };
	return place == IN_MESSAGE_HEADER   ? header
	       : is_party(place)	    ? party
	       : place == IN_MESSAGE_DATA   ? data
	       : place == IN_ACKNOWLEDGMENT ? acknowledgment
	       : place == IN_ERROR_LIST	    ? errors
					    : NULL;
}

static void note_repeated(struct ebxml *ebxml, const char *element)
{
	if (!ebxml->repeated)
		ebxml->repeated = element;
}

/* An element that is where ebXML has none, or another, or is there again. What is of others comes
 * last. */
static void note_order(struct reading *reading, const struct xml_tag *tag)
{
	struct ebxml *ebxml = reading->ebxml;
	enum place around = place_around(reading);
	const struct rank *order = order_in(around), *at = order;
	if (!order)
		return;
	while (at->element && (tag->ns != NS_EBXML || strcmp(tag->local, at->element) != 0))
		at++;
	unsigned rank = (unsigned)(at - order) + 1, bit = 1U << rank;
	if (tag->ns == NS_EBXML && !at->element)
		fields_plain(str_of(tag->local), ebxml->undefined, sizeof(ebxml->undefined));
	else if (at->element && !at->many && reading->seen[around] & bit)
		note_repeated(ebxml, at->element);
	else if (rank < reading->ranks[around] && !ebxml->late)
		ebxml->late = at->element;
	else
		reading->ranks[around] = rank;
	reading->seen[around] |= bit;
}

/* In any case: the examples of ebXML Message Service 2.0 have small letters, and its schema a
 * capital. */
static bool is_severity(struct str text)
{
	return fields_is(text, "Error") || fields_is(text, "Warning");
}

/* An error in the list; a warning refuses nothing. */
static void note_error(struct ebxml *ebxml, const struct xml_tag *tag)
{
	struct str severity = value_of(tag, NS_EBXML, "severity");
	bool warning = fields_is(severity, "Warning");
	ebxml->has_warning |= warning;
	ebxml->empty_list = false;
	ebxml->without_code |= value_of(tag, NS_EBXML, "errorCode").n == 0;
	ebxml->without_severity |= severity.n == 0;
	if (!is_severity(severity))
		fields_plain(severity, ebxml->severity, sizeof(ebxml->severity));
	ebxml->has_error |= fields_is(severity, "Error");
	if (!warning && !ebxml->error[0])
		fields_plain(value_of(tag, NS_EBXML, "errorCode"), ebxml->error,
			     sizeof(ebxml->error));
}

/* An Error of the list may be severe or not: it has another severity than those of ebXML, or none.
 */
static bool is_of_unknown_severity(const struct ebxml *ebxml)
{
	return ebxml->severity[0] || ebxml->without_severity;
}

/* Whether an ErrorList refuses a message: by the errors in it, or what it says where they do not.
 */
static bool refuses(const struct ebxml *ebxml)
{
	return ebxml->has_error || ((is_of_unknown_severity(ebxml) || !ebxml->has_warning) &&
				    fields_is(str_of(ebxml->highest), "Error"));
}

/* How many of the acknowledgments are kept. */
static unsigned kept_acknowledgments(const struct ebxml *ebxml)
{
	enum { MOST = sizeof(ebxml->acknowledgments) / sizeof(ebxml->acknowledgments[0]) };
	return ebxml->acknowledgment_count < MOST ? ebxml->acknowledgment_count : MOST;
}

/* Of those that have started, of which there is one. */
static struct ebxml_acknowledgment *last_acknowledgment(struct ebxml *ebxml)
{
	return &ebxml->acknowledgments[kept_acknowledgments(ebxml) - 1];
}

/* Each handler on the way may have its own (ebXML Message Service 2.0, section 6.3.2.1). */
static void note_acknowledgment(struct ebxml *ebxml, const struct xml_tag *tag)
{
	bool last = !str_is(value_of(tag, NS_SOAP11, "actor"),
			    "urn:oasis:names:tc:ebxml-msg:actor:nextMSH");
	ebxml->acknowledgment_count++;
	*last_acknowledgment(ebxml) = (struct ebxml_acknowledgment){ 0 };
	if (ebxml->actors[last]++)
		note_repeated(ebxml, "Acknowledgment");
}

static void note_error_list(struct ebxml *ebxml)
{
	if (ebxml->error_list)
		note_repeated(ebxml, "ErrorList");
	ebxml->error_list = ebxml->empty_list = true;
}

/* A system of Spine's, by its ASID. */
static void note_system(struct ebxml *ebxml, const struct step *step, const struct xml_tag *tag)
{
	bool receiver = step->around == IN_RECEIVING_DEVICE;
	char *asid = receiver ? ebxml->receiver_asid : ebxml->sender_asid;
	if (!str_is(value_of(tag, NS_NONE, "root"), "1.2.826.0.1285.0.2.0.107"))
		return;
	fields_plain(value_of(tag, NS_NONE, "extension"), asid, LONGEST_EBXML_FIELD);
	++*(receiver ? &ebxml->receiver_count : &ebxml->sender_count);
}

/* Where the text of an element goes that is read. */
static void take_text(struct reading *reading, const struct step *step)
{
	struct ebxml *ebxml = reading->ebxml;
	char *field = (char *)ebxml + step->field;
	struct ebxml_acknowledgment *first = ebxml->acknowledgments;
	bool addressing = field == ebxml->wsa_action_2004 || field == ebxml->wsa_action_2005;
	if (step->around == IN_ACKNOWLEDGMENT || step->around == IN_ACKNOWLEDGER)
		field += (char *)last_acknowledgment(ebxml) - (char *)first;
	/* Each version of WS-Addressing has one. */
	if (addressing && *field)
		note_repeated(ebxml, "wsa:Action");
	reading->field = field;
}

/* An element that is read starts. */
static void take_step(struct reading *reading, const struct step *step, const struct xml_tag *tag)
{
	struct ebxml *ebxml = reading->ebxml;
	if (step->place == IN_MESSAGE_HEADER && ebxml->in_place)
		note_repeated(ebxml, step->element);
	ebxml->in_place |= step->place == IN_MESSAGE_HEADER;
	ebxml->manifests += step->place == IN_MANIFEST;
	if (step->around == IN_MANIFEST)
		note_reference(ebxml, tag);
	if (step->around == IN_ERROR_LIST)
		note_error(ebxml, tag);
	if (step->place == IN_ACKNOWLEDGMENT || step->place == IN_ERROR_LIST)
		ebxml->signal = tag->offset;
	if (step->place == IN_ACKNOWLEDGMENT)
		note_acknowledgment(ebxml, tag);
	if (step->place == IN_ERROR_LIST)
		note_error_list(ebxml);
	if (step->around == IN_RECEIVING_DEVICE || step->around == IN_SENDING_DEVICE)
		note_system(ebxml, step, tag);
	if (step->place < ELSEWHERE)
		reading->ranks[step->place] = reading->seen[step->place] = 0;
	if (step->place == IN_ACKNOWLEDGER)
		last_acknowledgment(ebxml)->has_from = true;
	if (step->kept)
		take_text(reading, step);
	reading->party = is_party(step->around);
	reading->untyped = reading->party && value_of(tag, NS_EBXML, "type").n == 0;
	reading->length = 0;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct reading *reading = context;
	enum place around = place_around(reading);
	const struct step *step = step_of(reading, tag);
	reading->field = NULL;
	if (around == IN_HEADER || around == IN_BODY)
		note_attributes(reading->ebxml, tag, around == IN_HEADER);
	if (around == IN_HEADER) {
		note_flag(reading->ebxml, tag);
		note_unknown(reading->ebxml, tag);
		note_element(reading->ebxml, tag);
	}
	note_order(reading, tag);
	if (step)
		take_step(reading, step, tag);
	if (reading->depth++ == 0) {
		snprintf(reading->root, LONGEST_EBXML_FIELD, "%s", tag->local);
		reading->envelope = is_envelope(tag);
	}
	if (reading->depth < LEVELS)
		reading->places[reading->depth] = step ? step->place : ELSEWHERE;
	reading->ebxml->has_header |=
		tag->ns == NS_EBXML && strcmp(tag->local, "MessageHeader") == 0;
	return 0;
}

/* Text between the elements of one of ebXML's. That in those of SOAP is its schema's. */
static void note_mixed(struct reading *reading, struct str text)
{
	enum place place = place_around(reading);
	bool holds = (place >= IN_MESSAGE_HEADER && place <= IN_ERROR_LIST) && !str_is_blank(text);
	for (size_t i = 0; holds && i < STEPS; i++)
		if (steps[i].place == place && !reading->ebxml->mixed)
			reading->ebxml->mixed = steps[i].element;
}

static int on_text(void *context, struct str text, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	if (!reading->field) {
		note_mixed(reading, text);
		return 0;
	}
	size_t room = LONGEST_EBXML_FIELD - 1 - reading->length;
	size_t n = text.n < room ? text.n : room;
	memcpy(reading->field + reading->length, text.p, n);
	reading->length += n;
	reading->field[reading->length] = '\0';
	return 0;
}

/* A scheme, a colon and more, without white space (RFC 2396, section 3). */
static bool is_uri(struct str text)
{
	size_t n = 0;
	while (n < text.n && (char_is_letter(text.p[n]) || char_is_digit(text.p[n]) ||
			      text.p[n] == '+' || text.p[n] == '-' || text.p[n] == '.'))
		n++;
	bool scheme = n && char_is_letter(text.p[0]) && n + 1 < text.n && text.p[n] == ':';
	for (; n < text.n; n++)
		if (char_is_space(text.p[n]))
			return false;
	return scheme;
}

/* A PartyId without a type is a URI (ebXML Message Service 2.0, section 3.1.1.1). A blank one has a
 * sentence of its own. */
static void note_party(struct ebxml *ebxml, struct str party)
{
	if (party.n && !is_uri(party))
		fields_plain(party, ebxml->untyped, sizeof(ebxml->untyped));
}

/* One more of the names of a party. One that does not fit is left out. */
static void add_party(char *parties, struct str party)
{
	size_t n = strlen(parties);
	if (party.n && n + party.n + 1 < LONGEST_PARTIES)
		snprintf(parties + n, LONGEST_PARTIES - n, "%.*s%c", (int)party.n, party.p,
			 PARTY_END);
}

static int on_end(void *context, size_t offset)
{
	(void)offset;
	struct reading *reading = context;
	struct ebxml *ebxml = reading->ebxml;
	struct str text = str_trim(str_of(reading->field && reading->length ? reading->field : ""));
	if (reading->field && reading->party && !text.n)
		ebxml->blank_party = true;
	if (reading->field == ebxml->from)
		add_party(ebxml->senders, text);
	if (reading->field == ebxml->to)
		add_party(ebxml->receivers, text);
	if (reading->field && reading->untyped && reading->length)
		note_party(ebxml, text);
	reading->depth--;
	reading->field = NULL;
	return 0;
}

enum root ebxml_read(struct xml_reader *reader, struct str bytes, struct ebxml *ebxml, char *name)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	static const struct xml_limits limits = { .max_depth = DEEPEST,
						  .max_attribute_bytes = MOST_ROOT_BYTES };
	struct reading reading = { .ebxml = ebxml, .root = name };
	struct xml_fault fault;
	*ebxml = (struct ebxml){ 0 };
	*name = '\0';
	if (bytes.n > MOST_ROOT_BYTES)
		return ROOT_UNREADABLE;
	char *copy = malloc(bytes.n + 1);
	if (!copy)
		return ROOT_FAILED;
	memcpy(copy, bytes.p, bytes.n);
	copy[bytes.n] = '\0';
	enum xml_outcome outcome = xml_read(reader, (struct str){ copy, bytes.n }, &limits,
					    &handler, &reading, &fault);
	ebxml->instruction = xml_reader_instruction(reader);
	ebxml->has_instruction = ebxml->instruction != SIZE_MAX;
	free(copy);
	if (outcome == XML_MALFORMED && !*name)
		return ROOT_IS_NOT_XML;
	if (outcome == XML_INTERNAL)
		return ROOT_FAILED;
	if (outcome != XML_READ)
		return outcome == XML_LIMIT ? ROOT_UNREADABLE : ROOT_BROKEN;
	return reading.envelope ? ROOT_IS_ENVELOPE : ROOT_IS_OTHER;
}

/* The number of two digits at a place, from least to most; -1: it is not one. */
static int two_digits(struct str text, size_t at, int least, int most)
{
	if (at + 2 > text.n || !char_is_digit(text.p[at]) || !char_is_digit(text.p[at + 1]))
		return -1;
	int number = (text.p[at] - '0') * 10 + text.p[at + 1] - '0';
	return number >= least && number <= most ? number : -1;
}

/* Days from the first of the year 0 to a date. */
static long long days_to(int year, int month, int day)
{
	long long days = year * 365LL + (year + 3) / 4 - (year + 99) / 100 + (year + 399) / 400;
	for (int i = 1; i < month; i++)
		days += days_in_month(year, i);
	return days + day - 1;
}

/* The zone of a time, in minutes: none, Z or +01:00. false: it is of another form. */
static bool read_zone(struct str zone, int *minutes)
{
	*minutes = 0;
	if (zone.n == 0 || str_is(zone, "Z"))
		return true;
	int hours = zone.n == 6 ? two_digits(zone, 1, 0, 14) : -1;
	int rest = zone.n == 6 ? two_digits(zone, 4, 0, 59) : -1;
	if (hours < 0 || rest < 0 || (zone.p[0] != '+' && zone.p[0] != '-') || zone.p[3] != ':')
		return false;
	*minutes = (hours * 60 + rest) * (zone.p[0] == '-' ? -1 : 1);
	return true;
}

/* An xs:dateTime, as 2026-10-28T13:04:23Z, of a day that exists: its seconds in UTC, without
 * their fraction. A time without zone counts as UTC. */
static bool read_date_time(struct str text, long long *seconds)
{
	static const char form[] = "0000-00-00T00:00:00";
	size_t n = sizeof(form) - 1;
	int zone;
	if (text.n < n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == '0' ? !char_is_digit(text.p[i]) : text.p[i] != form[i])
			return false;
	int year = two_digits(text, 0, 0, 99) * 100 + two_digits(text, 2, 0, 99);
	int month = two_digits(text, 5, 1, 12);
	int day = two_digits(text, 8, 1, days_in_month(year, month));
	bool midnight = str_is((struct str){ text.p + 11, 8 }, "24:00:00");
	int hour = midnight ? 24 : two_digits(text, 11, 0, 23);
	int minute = two_digits(text, 14, 0, 59), second = two_digits(text, 17, 0, 59);
	struct str rest = str_from(text, n);
	if (rest.n > 1 && rest.p[0] == '.')
		for (rest = str_from(rest, 1); rest.n && char_is_digit(rest.p[0]);)
			rest = str_from(rest, 1);
	if (day < 0 || hour < 0 || minute < 0 || second < 0 || !read_zone(rest, &zone))
		return false;
	*seconds = ((days_to(year, month, day) * 24 + hour) * 60 + minute - zone) * 60 + second;
	return true;
}

/* When the message was made, and until when it is of use. */
static void judge_times(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
			const struct ebxml *ebxml)
{
	struct str made = str_trim(str_of(ebxml->timestamp));
	struct str until = str_trim(str_of(ebxml->time_to_live));
	char shown[LONGEST_SHOWN], other[LONGEST_SHOWN];
	long long begin, end;
	bool made_known = read_date_time(made, &begin), until_known = read_date_time(until, &end);
	if (made.n && !made_known)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the Timestamp %s of the ebXML header is not a date and time",
			     fields_shown(made, shown));
	if (until.n && !until_known)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the TimeToLive %s of the ebXML header is not a date and time",
			     fields_shown(until, shown));
	if (made_known && until_known && end < begin)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the TimeToLive %s of the ebXML header is before its Timestamp, %s",
			     fields_shown(until, shown), fields_shown(made, other));
}

/* Whether the last PartyId of a party is blank, or it has none: that has a sentence of its own. */
static bool lacks_party(const struct ebxml *ebxml)
{
	bool lacks = str_is_blank(str_of(ebxml->from)) || str_is_blank(str_of(ebxml->to));
	for (unsigned i = 0; i < kept_acknowledgments(ebxml); i++)
		lacks = lacks || (ebxml->acknowledgments[i].has_from &&
				  str_is_blank(str_of(ebxml->acknowledgments[i].from)));
	return lacks;
}

/* What is wrong with the fields of a MessageHeader that are there. */
static void judge_fields(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
			 const struct ebxml *ebxml)
{
	struct str id = str_trim(str_of(ebxml->message_id));
	struct str answers = str_trim(str_of(ebxml->answers));
	char shown[LONGEST_SHOWN];
	judge_times(unwrapping, parcel, offset, ebxml);
	if (id.n && str_same_letters(id, answers))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "RefToMessageId is the MessageId of this message itself");
	if (ebxml->blank_party && !lacks_party(ebxml))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "a PartyId of the ebXML header is blank");
	if (ebxml->untyped[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the PartyId %s has no eb:type, and is not a URI",
			     fields_shown(str_of(ebxml->untyped), shown));
	if (ebxml->undefined[0])
		unwrap_fault(
			unwrapping, parcel, offset, RULE_TRN_036,
			"the ebXML header has the element %s, which ebXML does not define there",
			fields_shown(str_of(ebxml->undefined), shown));
	if (ebxml->late)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "%s comes too late in the ebXML header: its elements have an order",
			     ebxml->late);
	if (ebxml->repeated)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the ebXML header has %s more than once", ebxml->repeated);
	if (ebxml->mixed)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "%s has text, but may only have elements", ebxml->mixed);
}

/* What an element of ebXML says of itself. */
static void judge_attributes(struct unwrapping *unwrapping, const struct parcel *parcel,
			     size_t offset, const struct ebxml *ebxml)
{
	char shown[LONGEST_SHOWN];
	if (ebxml->unversioned && ebxml->version[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "%s has eb:version %s; it should be 2.0", ebxml->unversioned,
			     fields_shown(str_of(ebxml->version), shown));
	else if (ebxml->unversioned)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "%s has no eb:version, or it is blank; it should be 2.0",
			     ebxml->unversioned);
	if (ebxml->ignorable)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "%s does not have SOAP's mustUnderstand, or it is not 1",
			     ebxml->ignorable);
	if (ebxml->reply_for_another)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "SyncReply does not have SOAP's actor, or it is not "
			     "http://schemas.xmlsoap.org/soap/actor/next");
	if (ebxml->signing_unsaid)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "AckRequested does not have eb:signed, or it is not true or false");
}

/* What an Acknowledgment says of the message that it is of (ebXML Message Service 2.0, section
 * 6.3.2). */
static void judge_acknowledgment(struct unwrapping *unwrapping, const struct parcel *parcel,
				 size_t offset, const struct ebxml *ebxml,
				 const struct ebxml_acknowledgment *acknowledgment)
{
	struct str at = str_trim(str_of(acknowledgment->at));
	struct str of = str_trim(str_of(acknowledgment->of));
	const char *unsaid = !at.n ? "Timestamp" : !of.n ? "RefToMessageId" : NULL;
	char shown[LONGEST_SHOWN];
	long long seconds;
	if (unsaid)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the Acknowledgment has no %s, or it is blank", unsaid);
	if (acknowledgment->has_from && str_is_blank(str_of(acknowledgment->from)))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the From of the Acknowledgment has no PartyId, or it is blank");
	if (of.n && str_same_letters(of, str_trim(str_of(ebxml->message_id))))
		unwrap_fault(
			unwrapping, parcel, offset, RULE_TRN_036,
			"RefToMessageId of the Acknowledgment is the MessageId of this message "
			"itself");
	if (at.n && !read_date_time(at, &seconds))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the Timestamp %s of the Acknowledgment is not a date and time",
			     fields_shown(at, shown));
}

/* What an ErrorList has to say (ebXML Message Service 2.0, section 4.2.3). */
static void judge_error_list(struct unwrapping *unwrapping, const struct parcel *parcel,
			     size_t offset, const struct ebxml *ebxml)
{
	struct str highest = str_of(ebxml->highest);
	char shown[LONGEST_SHOWN];
	if (!ebxml->error_list)
		return;
	if (!is_severity(highest))
		unwrap_fault(
			unwrapping, parcel, offset, RULE_TRN_036,
			"highestSeverity of the ErrorList is %s; it should be Error or Warning",
			highest.n ? fields_shown(highest, shown) : "missing or blank");
	if (ebxml->empty_list)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the ErrorList has no Error");
	if (ebxml->without_code)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "an Error of the ErrorList has no eb:errorCode, or it is blank");
	if (ebxml->without_severity)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "an Error of the ErrorList has no eb:severity, or it is blank");
	if (ebxml->severity[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "an Error of the ErrorList has the eb:severity %s; it should be Error "
			     "or Warning",
			     fields_shown(str_of(ebxml->severity), shown));
}

/* The highestSeverity of an ErrorList is that of its errors (ebXML Message Service 2.0, section
 * 4.2.3.1). */
static void judge_severity(struct unwrapping *unwrapping, const struct parcel *parcel,
			   size_t offset, const struct ebxml *ebxml)
{
	struct str highest = str_of(ebxml->highest);
	if (ebxml->has_error && fields_is(highest, "Warning"))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "highestSeverity of the ErrorList is Warning, but it has an Error of "
			     "another severity");
	if (ebxml->has_warning && !ebxml->has_error && !is_of_unknown_severity(ebxml) &&
	    fields_is(highest, "Error"))
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "highestSeverity of the ErrorList is Error, but it has warnings only");
}

/* What a receiver needs of a MessageHeader (ebXML Message Service 2.0, section 3.1). */
static void judge_header(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
			 const struct ebxml *ebxml)
{
	const struct {
		const char *name, *value;
	} fields[] = {
		{ "CPAId", ebxml->cpa_id },	    { "ConversationId", ebxml->conversation_id },
		{ "Service", ebxml->service },	    { "Action", ebxml->action },
		{ "MessageId", ebxml->message_id }, { "Timestamp", ebxml->timestamp },
		{ "From/PartyId", ebxml->from },    { "To/PartyId", ebxml->to },
	};
	if (!ebxml->in_place) {
		unwrap_fault(
			unwrapping, parcel, offset, RULE_TRN_036,
			"MessageHeader is not in the SOAP Header, where receivers look for it");
		return;
	}
	judge_attributes(unwrapping, parcel, offset, ebxml);
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (str_is_blank(str_of(fields[i].value)))
			unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
				     "the ebXML header has no %s, or it is blank", fields[i].name);
	judge_fields(unwrapping, parcel, offset, ebxml);
	for (unsigned i = 0; i < kept_acknowledgments(ebxml); i++)
		judge_acknowledgment(unwrapping, parcel, offset, ebxml, &ebxml->acknowledgments[i]);
	judge_error_list(unwrapping, parcel, offset, ebxml);
	judge_severity(unwrapping, parcel, offset, ebxml);
	if (refuses(ebxml) && ebxml->manifests)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_036,
			     "the ebXML header has an ErrorList of severity Error, but there is a "
			     "Manifest");
}

/* What the Manifest says, but for the parts that it lists. */
static void judge_manifest(struct unwrapping *unwrapping, const struct parcel *parcel,
			   size_t offset, const struct ebxml *ebxml)
{
	char shown[LONGEST_SHOWN];
	if (ebxml->reference_count > MOST_REFERENCES)
		unwrap_unopened(unwrapping, parcel, offset, "the Manifest lists more than %d parts",
				MOST_REFERENCES);
	if (ebxml->manifests > 1)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_037,
			     "the SOAP Body has more than one Manifest");
	if (ebxml->reference_to_nothing)
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_037,
			     "a Reference of the Manifest has no xlink:href, or it is blank");
	if (ebxml->link_type[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_037,
			     "xlink:type of a Reference of the Manifest is %s; it should be simple",
			     fields_shown(str_of(ebxml->link_type), shown));
	if (ebxml->elsewhere[0])
		unwrap_unopened(unwrapping, parcel, offset,
				"the Manifest refers to %s, which is not a part of the message",
				fields_shown(str_of(ebxml->elsewhere), shown));
}

void ebxml_judge(struct unwrapping *unwrapping, const struct parcel *parcel, size_t offset,
		 const struct ebxml *ebxml)
{
	char shown[LONGEST_SHOWN], value[LONGEST_SHOWN];
	if (ebxml->flagged[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_022,
			     "mustUnderstand of the header %s is \"%s\"; it should be 0 or 1",
			     fields_shown(str_of(ebxml->flagged), shown),
			     fields_shown(str_of(ebxml->flag), value));
	if (ebxml->unknown[0])
		unwrap_fault(unwrapping, parcel, offset, RULE_TRN_022,
			     "the header %s has mustUnderstand, but ebXML does not define it",
			     fields_shown(str_of(ebxml->unknown), shown));
	if (ebxml->has_instruction)
		unwrap_fault(
			unwrapping, parcel, ebxml->instruction, RULE_TRN_048,
			"the ebXML envelope has a processing instruction, and SOAP forbids it");
	judge_header(unwrapping, parcel, offset, ebxml);
	judge_manifest(unwrapping, parcel, offset, ebxml);
}

static void judge_acknowledged(struct unwrapping *unwrapping, const struct parcel *parcel,
			       const struct ebxml *ebxml,
			       const struct ebxml_acknowledgment *acknowledgment)
{
	struct str said = str_trim(str_of(acknowledgment->of));
	struct str answers = str_trim(str_of(ebxml->answers));
	char shown[LONGEST_SHOWN], other[LONGEST_SHOWN];
	if (said.n && answers.n && !str_same_letters(said, answers))
		unwrap_fault(
			unwrapping, parcel, ebxml->signal, RULE_TRN_036,
			"RefToMessageId of the Acknowledgment is %s, but that of MessageData is "
			"%s",
			fields_shown(said, shown), fields_shown(answers, other));
}

/* Alone it is of ebXML's own service (ebXML Message Service 2.0, sections 4.2.4.3 and 6.3.2.7).
 * Some handlers add the action to its name. */
static void judge_service(struct unwrapping *unwrapping, const struct parcel *parcel,
			  const struct ebxml *ebxml)
{
	static const char own[] = "urn:oasis:names:tc:ebxml-msg:service";
	struct str action = str_trim(str_of(ebxml->action));
	struct str service = str_trim(str_of(ebxml->service));
	const char *meant = ebxml->error_list ? "MessageError" : "Acknowledgment";
	char shown[LONGEST_SHOWN];
	if (action.n && !str_is(action, "Acknowledgment") && !str_is(action, "MessageError"))
		unwrap_fault(unwrapping, parcel, ebxml->signal, RULE_TRN_036,
			     "eb:Action is %s, but the message only has the header of ebXML; it "
			     "should be %s",
			     fields_shown(action, shown), meant);
	struct str rest = str_starts(service, str_of(own)) ? str_from(service, sizeof(own) - 1)
							   : (struct str){ 0 };
	bool added = rest.n > 1 && (rest.p[0] == ':' || rest.p[0] == '/');
	if (service.n && !str_is(service, own) && !added)
		unwrap_fault(unwrapping, parcel, ebxml->signal, RULE_TRN_036,
			     "eb:Service is %s, but the message only has the header of ebXML; it "
			     "should be %s",
			     fields_shown(service, shown), own);
}

void ebxml_judge_signal(struct unwrapping *unwrapping, const struct parcel *parcel,
			const struct ebxml *ebxml)
{
	struct str action = str_trim(str_of(ebxml->action));
	struct str error = str_trim(str_of(ebxml->error));
	char shown[LONGEST_SHOWN];
	judge_service(unwrapping, parcel, ebxml);
	if (!ebxml->acknowledgment_count && str_is(action, "Acknowledgment"))
		unwrap_fault(unwrapping, parcel, ebxml->signal, RULE_TRN_036,
			     "eb:Action is Acknowledgment, but the header has an ErrorList and no "
			     "Acknowledgment");
	if (!ebxml->error_list && str_is(action, "MessageError"))
		unwrap_fault(
			unwrapping, parcel, ebxml->signal, RULE_TRN_036,
			"eb:Action is MessageError, but the header has an Acknowledgment and no "
			"ErrorList");
	for (unsigned i = 0; i < kept_acknowledgments(ebxml); i++)
		judge_acknowledged(unwrapping, parcel, ebxml, &ebxml->acknowledgments[i]);
	if (refuses(ebxml))
		unwrap_fault(unwrapping, parcel, ebxml->signal, RULE_TRN_049,
			     "the receiver refused the message: the ErrorList has %s%s",
			     error.n		? "the error "
			     : ebxml->has_error ? "an error"
						: "the highestSeverity Error",
			     error.n ? fields_shown(error, shown) : "");
}
