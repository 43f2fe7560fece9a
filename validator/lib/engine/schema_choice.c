#include "engine/schema_choice.h"

#include "diag/failure.h"
#include "message/parts.h"
#include "rules/judge.h"
#include "schema/validation.h"
#include "xml/markup.h"
#include "xml/xsd.h"

#include <stdlib.h>

struct schema_choice {
	struct xsd_folder *folder;	/* NULL: the built-in schemas */
	const struct schema *schemas[]; /* of the folder, by the type's place in the catalogue */
};

bool schema_choice_is_published(const struct message_type *type)
{
	return type->ns == NS_HL7 && !type->smsp && type->schema;
}

static int load(struct schema_choice *choice, struct cpis_failure *failure)
{
	for (size_t i = 0; i < message_type_count; i++) {
		const struct message_type *type = &message_types[i];
		const struct xsd_file *file =
			schema_choice_is_published(type)
				? xsd_folder_root(choice->folder, type->root, type->id)
				: NULL;
		if (file && xsd_open(&choice->schemas[i], choice->folder, file, failure) != 0)
			return -1;
	}
	return 0;
}

int schema_choice_new(struct schema_choice **out, const char *folder, struct cpis_failure *failure)
{
	struct schema_choice *choice =
		calloc(1, sizeof(*choice) + message_type_count * sizeof(choice->schemas[0]));
	if (!choice)
		return failure_out_of_memory(failure);
	if (folder && (xsd_folder_open(&choice->folder, folder, failure) != 0 ||
		       load(choice, failure) != 0)) {
		schema_choice_free(choice);
		return -1;
	}
	*out = choice;
	return 0;
}

void schema_choice_free(struct schema_choice *choice)
{
	if (!choice)
		return;
	for (size_t i = 0; i < message_type_count; i++)
		xsd_close(choice->schemas[i]);
	xsd_folder_close(choice->folder);
	free(choice);
}

const struct schema *schema_choice_built_in(const char *path)
{
	return schema_compiled(path);
}

/*
 * What Spine sends against its schema. A fault alone does not show whether it is that: what follows
 * it is looked at ahead, so that only the whole form is taken for Spine's.
 */

/* The document from a place on, and what was passed on the way to its last tag. */
struct ahead {
	struct str document;
	size_t at;
	struct str local;  /* of the last tag */
	bool text;	   /* something visible came before it */
	struct str inside; /* of the last element with a text alone, as it is written */
};

/* Past the next tag. What is not closed is taken for the end of the document. */
static enum markup_kind pass(struct ahead *ahead)
{
	struct str document = ahead->document;
	struct markup markup;
	ahead->text = false;
	do {
		size_t at = ahead->at;
		markup = markup_next(document, at);
		struct str before = { document.p + at, markup.start - at };
		struct str inside = { document.p + markup.from, markup.until - markup.from };
		ahead->text |= !str_is_blank(before) ||
			       (markup.kind == MARKUP_CDATA && !str_is_blank(inside));
		ahead->at = markup.end;
	} while (markup.kind > MARKUP_END);
	ahead->local = markup_local(document, &markup);
	return markup.closed ? markup.kind : MARKUP_NONE;
}

/* Past the end of an element whose start was passed; false: it has no end. */
static bool pass_inside(struct ahead *ahead)
{
	for (size_t open = 1; open > 0;) {
		enum markup_kind markup = pass(ahead);
		if (markup == MARKUP_NONE)
			return false;
		open += (markup == MARKUP_START);
		open -= (markup == MARKUP_END);
	}
	return true;
}

/* Past one element and all that is in it. */
static bool pass_element(struct ahead *ahead, const char *local)
{
	enum markup_kind markup = pass(ahead);
	return (markup == MARKUP_EMPTY || markup == MARKUP_START) && !ahead->text &&
	       str_is(ahead->local, local) && (markup == MARKUP_EMPTY || pass_inside(ahead));
}

/* Past one element with a text alone in it. */
static bool pass_text(struct ahead *ahead, const char *local)
{
	if (pass(ahead) != MARKUP_START || !str_is(ahead->local, local))
		return false;
	struct str rest = str_from(ahead->document, ahead->at);
	bool alone = pass(ahead) == MARKUP_END && ahead->text;
	ahead->inside = (struct str){ rest.p, (size_t)(ahead->document.p + ahead->at - rest.p) };
	return alone;
}

/* Whether a text may be a message, escaped or in a CDATA section: no one would look into it. */
static bool may_hide_message(struct str text)
{
	return memmem(text.p, text.n, "xmlns", 5) || memmem(text.p, text.n, "?xml", 4);
}

static bool pass_end(struct ahead *ahead)
{
	return pass(ahead) == MARKUP_END && !ahead->text;
}

static struct ahead ahead_of(const struct xml_tag *tag)
{
	return (struct ahead){ .document = { tag->document, tag->document_bytes },
			       .at = tag->offset };
}

static const struct wrapper *wrapper_of(const struct spine_place *place)
{
	return (const struct wrapper *)(const void *)part_ancestor(place->part, PART_WRAPPER);
}

/* Whether the wrapper says so of what it answers. */
static bool says(const struct spine_place *place, const char *type)
{
	const struct wrapper *wrapper = wrapper_of(place);
	return wrapper && str_is(str_trim(wrapper->acknowledgement_type.text), type);
}

/* ControlActEvent ends with detail, a text, after author1: in the reply to an upload, which says
 * AA however the upload went. */
static bool is_detail(const struct spine_place *place)
{
	const struct xml_tag *tag = place->tag;
	if (!tag || tag->ns != NS_HL7 || strcmp(tag->local, "detail") != 0 || tag->count ||
	    !says(place, "AA") || !wrapper_of(place)->author_count ||
	    wrapper_of(place)->reason_count)
		return false;
	struct ahead ahead = ahead_of(tag);
	return pass_text(&ahead, "detail") && !may_hide_message(ahead.inside) && pass_end(&ahead);
}

/* The answer in the same call that a query failed: its reason has a qualifier. */
static bool is_failed_query(const struct spine_place *place)
{
	bool qualified = false;
	for (size_t i = 0; says(place, "AE") && i < wrapper_of(place)->reason_count; i++)
		for (size_t k = 0; k < wrapper_of(place)->reasons[i].qualifier_count; k++)
			qualified |= value_filled(&wrapper_of(place)->reasons[i].qualifiers[k]);
	return qualified;
}

/* The answer to an upload that failed as a whole: no counts, no receiver. */
static bool is_refusal(const struct spine_place *place)
{
	return place->carried && says(place, "AE") &&
	       strcmp(wrapper_of(place)->part.element, "REPC_IN000003GB01") == 0;
}

/* In that, the id has the number of the file as a value. */
static bool is_id_of_refusal(const struct spine_place *place)
{
	const struct xml_tag *tag = place->tag;
	if (!is_refusal(place) || !tag || tag->count != 1 || tag->attributes[0].uri ||
	    strcmp(tag->attributes[0].local, "value") != 0 ||
	    (!str_is_digits(tag->attributes[0].value) && !str_is(tag->attributes[0].value, "-1")))
		return false;
	struct ahead ahead = ahead_of(tag);
	return pass_element(&ahead, "id") && pass_element(&ahead, "transmissionQuantity") &&
	       pass_element(&ahead, "acknowledgementFile") && pass_end(&ahead);
}

/* All previous queries are in the one pertinentInformation13. */
static bool is_list_of_queries(const struct spine_place *place)
{
	const struct response *response = (const void *)part_ancestor(place->part, PART_RESPONSE);
	if (!response || !place->tag)
		return false;
	/* What follows is looked at once. */
	if (place->queries->response == response->part.offset + 1)
		return place->queries->in_one;
	struct ahead ahead = ahead_of(place->tag);
	place->queries->response = response->part.offset + 1;
	place->queries->in_one = response->access_count == 1 && pass_inside(&ahead) &&
				 pass(&ahead) != MARKUP_NONE &&
				 !str_is(ahead.local, "pertinentInformation13");
	return place->queries->in_one;
}

/* The child that the response is about has no id. */
static bool is_child_without_id(const struct spine_place *place)
{
	if (!place->tag)
		return false;
	struct ahead ahead = ahead_of(place->tag);
	return pass_element(&ahead, "childPerson") && pass_end(&ahead);
}

/* And the family name comes before the given one. */
static bool is_family_before_given(const struct spine_place *place)
{
	const struct part *subject = part_ancestor(place->part, PART_SUBJECT);
	if (!place->tag || strcmp(place->tag->local, "family") != 0 || !subject ||
	    subject->role != SUBJECT_CHILD)
		return false;
	struct ahead ahead = ahead_of(place->tag);
	return pass_text(&ahead, "family") && pass_text(&ahead, "given") && pass_end(&ahead);
}

static const struct {
	const char *type;
	enum schema_fault_kind kind;
	size_t depth;
	const char *begins, *ends; /* the sentence, of the built-in schemas or of libxml2 */
	bool (*is)(const struct spine_place *place);
} spine_sends[] = {
	{ "MCCI_IN010000UK13", SCHEMA_ELEMENT_UNEXPECTED, 2, "", "the end of ControlActEvent",
	  is_detail },
	{ "MCCI_IN010000UK13", SCHEMA_ELEMENT_UNEXPECTED, 2,
	  "detail: This element is not expected.", "reason )", is_detail },
	{ "QUQI_IN010000UK14", SCHEMA_ELEMENT_MISSING, 1, "queryAck is missing after ", "",
	  is_failed_query },
	{ "QUQI_IN010000UK14", SCHEMA_ELEMENT_MISSING, 1,
	  "ControlActEvent: Missing child element(s).", "queryAck )", is_failed_query },
	{ "REPC_MT000003GB01", SCHEMA_ELEMENT_MISSING, 0, "communicationFunctionRcv, failed",
	  "are missing after acknowledgementFile", is_refusal },
	{ "REPC_MT000003GB01", SCHEMA_ELEMENT_MISSING, 0, "FileResponse: Missing child element(s).",
	  "( acknowledgementRecord, communicationFunctionRcv )", is_refusal },
	{ "REPC_MT000003GB01", SCHEMA_ATTRIBUTE_MISSING, 1,
	  "id/@extension: ", "required but missing", is_id_of_refusal },
	{ "REPC_MT000003GB01", SCHEMA_ATTRIBUTE_UNEXPECTED, 1, "the attribute ",
	  "is not allowed on FileResponse/id; did you mean extension?", is_id_of_refusal },
	{ "REPC_MT000003GB01", SCHEMA_ATTRIBUTE_UNEXPECTED, 1, "id/@value: ", "not allowed",
	  is_id_of_refusal },
	/* Of the query response with the built-in schemas alone: libxml2 does not judge what is in
	   an element that it did not expect. */
	{ "REPC_IN000007GB01", SCHEMA_ELEMENT_UNEXPECTED, 5, "",
	  " pertinentCP-ISNHSQuery in pertinentInformation13: at most 1 is allowed",
	  is_list_of_queries },
	{ "REPC_IN000007GB01", SCHEMA_ELEMENT_MISSING, 10, "id is missing ",
	  "at the start of COCT_TP145101GB01.Child", is_child_without_id },
	{ "REPC_IN000007GB01", SCHEMA_ELEMENT_MISSING, 12, "given is missing ",
	  "at the start of name", is_family_before_given },
};

bool schema_choice_is_spines(const struct spine_place *place, const struct schema_fault *fault)
{
	struct str message = str_of(fault->message);
	for (size_t i = 0; place->type && i < sizeof(spine_sends) / sizeof(spine_sends[0]); i++)
		if (strcmp(spine_sends[i].type, place->type->id) == 0 &&
		    spine_sends[i].kind == fault->kind && spine_sends[i].depth == place->depth &&
		    str_starts(message, str_of(spine_sends[i].begins)) &&
		    str_ends(message, str_of(spine_sends[i].ends)) && spine_sends[i].is(place))
			return true;
	return false;
}

static const char *kept_text(struct judge *judge, const char *text)
{
	return text ? arena_copy(&judge->draft->arena, str_of(text)) : NULL;
}

void schema_choice_say(struct judge *judge, struct draft_finding *finding,
		       const struct schema_fault *fault)
{
	enum mask_kind mask = fault->actual_mask ? (enum mask_kind)fault->actual_mask : MASK_VALUE;
	finding->stage = CPIS_SCHEMA;
	finding->offset = fault->offset;
	finding->document = judge->document;
	finding->message = kept_text(judge, fault->message);
	finding->fix = kept_text(judge, fault->fix);
	finding->expected = kept_text(judge, fault->expected);
	if (fault->actual.p)
		finding->actual = judge_show(judge, mask, fault->actual);
}

const char *schema_choice_patch_a(const struct schema_fault *fault)
{
#define OF_PATCH_A(code)                                                                           \
	{                                                                                          \
		code, "versionCode " code " is in the schema set of RC5 Patch A, and not in that " \
		      "of RC5"                                                                     \
	}
	static const char *const added[][2] = {
		OF_PATCH_A("v3CPI_DMSv1.0:RC5"),
		OF_PATCH_A("v3CPIMS_DMSv1.0:RC1"),
	};
	if (fault->kind != SCHEMA_VALUE_OF_SET ||
	    !str_starts(str_of(fault->message), STR("code of versionCode ")))
		return NULL;
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		if (str_is(str_trim(fault->actual), added[i][0]))
			return added[i][1];
	return NULL;
}

const struct schema *schema_choice_message(struct schema_choice *choice,
					   const struct message_type *type, const char **why)
{
	const struct schema *schema = choice->folder && schema_choice_is_published(type)
					      ? choice->schemas[type - message_types]
				      : type->schema ? schema_compiled(type->schema)
						     : NULL;
	if (!type->schema)
		*why = "it is not a message of CP-IS, and cpis has no schema for it";
	else if (!schema)
		*why = choice->folder ? "the folder of --schemas declares no such root element"
				      : "there is no built-in schema for it";
	return schema;
}

void schema_choice_let_through(struct draft_finding *finding, const char *patch_a)
{
	if (patch_a)
		finding->message = patch_a;
	finding->fix = patch_a ? "Nothing, where the receiver has the schemas of Patch A."
			       : SPINE_SENDS_IT;
}
