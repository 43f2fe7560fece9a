/* The attributes of a start tag, xsi: ones included. */
#include "schema/validation.h"

#include "base/near.h"
#include "schema/value.h"
#include "xml/locate.h"
#include "xml/markup.h"

/* Attributes that the HL7 model fixes and CP-IS never sends. */
static const char *const fixed_by_model[] = {
	"classCode",	  "moodCode",		"typeCode",
	"determinerCode", "templateId",		"typeId",
	"realmCode",	  "contextControlCode", "contextConductionInd",
	"inversionInd",	  "negationInd",	"type",
	"typeID",
};

static bool is_fixed_by_model(const struct schema_tables *tables, const struct schema_type *type,
			      const char *local)
{
	if (strcmp(tables->text + type->target, xml_namespace_uris[NS_HL7]) != 0)
		return false;
	for (size_t i = 0; i < sizeof(fixed_by_model) / sizeof(fixed_by_model[0]); i++)
		if (strcmp(fixed_by_model[i], local) == 0)
			return true;
	/* An identifier that takes an extension alone has its root from the model. */
	bool extension = false;
	for (size_t i = 0; i < type->use_count; i++)
		extension = extension ||
			    !strcmp(local_name(tables, tables->uses[type->first_use + i].name),
				    "extension");
	return extension && strcmp(local, "root") == 0;
}

/* Which of the uses of a type has a name; their count: none. Most come in the order of the schema.
 */
static inline unsigned use_of(const struct schema_type *type, const struct schema_use *uses,
			      unsigned name, size_t likely)
{
	if (likely < type->use_count && uses[likely].name == name)
		return (unsigned)likely;
	unsigned use = 0;
	while (use < type->use_count && uses[use].name != name)
		use++;
	return use;
}

/* The uses of a type by their bits, as a tag has them that has an attribute unknown to the type. */
struct uses_met {
	bool known;
	uint64_t sent;
	uint64_t misnamed; /* those that unknown attributes were meant to be, as was reported */
};

static uint64_t uses_sent(const struct schema_tables *tables, const struct schema_type *type,
			  const struct xml_tag *tag)
{
	uint64_t sent = 0;
	for (size_t i = 0; i < tag->count; i++) {
		unsigned use = use_of(type, &tables->uses[type->first_use],
				      name_index(tables, tag->attributes[i].name), i);
		if (use < type->use_count)
			sent |= (uint64_t)1 << use;
	}
	return sent;
}

/* Whether HL7 data types have their value in an attribute of this name. */
static bool holds_value(const char *local)
{
	return strcmp(local, "value") == 0 || strcmp(local, "extension") == 0 ||
	       strcmp(local, "code") == 0;
}

/*
 * The attribute that one unknown to the type was meant to be, of those that the tag does not send:
 * the one with nearly this name; or the only one that is missing, where both are for the value of
 * an element. It is noted, too. NULL: it is not clear.
 */
static const char *meant_by(const struct schema_tables *tables, const struct schema_type *type,
			    const struct xml_attribute *sent, struct uses_met *met)
{
	struct near near = near_start(str_of(sent->local));
	const char *lacking = NULL;
	size_t lacking_count = 0;
	if (!sent->uri && is_fixed_by_model(tables, type, sent->local))
		return NULL;
	for (size_t i = 0; i < type->use_count; i++) {
		unsigned name = tables->uses[type->first_use + i].name;
		if (met->sent >> i & 1)
			continue;
		near_offer(&near, local_name(tables, name));
		if (type->required >> i & 1) {
			lacking = local_name(tables, name);
			lacking_count++;
		}
	}
	bool other = lacking_count == 1 && !sent->uri && holds_value(sent->local) &&
		     (holds_value(lacking) || strcmp(lacking, "root") == 0);
	const char *meant = near_best(&near);
	if (!meant && other)
		meant = lacking;
	for (size_t i = 0; meant && i < type->use_count; i++)
		if (strcmp(local_name(tables, tables->uses[type->first_use + i].name), meant) == 0)
			met->misnamed |= (uint64_t)1 << i;
	return meant;
}

/* Whether the text of an element is in an attribute, and the element is empty. */
static bool is_text_of_element(const struct schema_validation *v, const struct xml_tag *tag,
			       const char *local)
{
	const struct schema_type *type = v->frames[v->depth].type;
	struct str document = { tag->document, tag->document_bytes };
	if (type->slot_count || (type->content != SCHEMA_SIMPLE && type->content != SCHEMA_MIXED) ||
	    (!holds_value(local) && strcmp(local, "text") != 0 && strcmp(local, tag->local) != 0))
		return false;
	struct markup markup = markup_at(document, tag->offset);
	size_t end = markup.end;
	while (end < document.n && char_is_space(document.p[end]))
		end++;
	return markup.kind == MARKUP_EMPTY || str_starts(str_from(document, end), STR("</"));
}

static void say_uses(struct schema_validation *v, const struct schema_type *type)
{
	for (size_t i = 0; i < type->use_count; i++) {
		if (i)
			buf_text(&v->expected, i + 1 == type->use_count ? " or " : ", ");
		say_name(v, &v->expected, v->tables->uses[type->first_use + i].name);
	}
	if (!type->use_count)
		buf_text(&v->expected, "no attributes");
}

/* Returns flags of the frame. */
static uint8_t report_unexpected(struct schema_validation *v, const struct xml_tag *tag, size_t i,
				 const struct schema_element *element, struct uses_met *met)
{
	const struct xml_attribute *attribute = &tag->attributes[i];
	const struct schema_type *type = v->frames[v->depth].type;
	enum schema_fault_kind kind = SCHEMA_ATTRIBUTE_UNEXPECTED;
	uint8_t flags = 0;
	buf_text(&v->message, "the attribute ");
	say_local(&v->message, attribute->local);
	if (attribute->uri) {
		buf_text(&v->message, " in the namespace ");
		mask_write(&v->message, MASK_NONE, str_of(attribute->uri));
	}
	buf_text(&v->message, " is not allowed on ");
	say_owner(v, local_name(v->tables, element->name));
	if (!met->known)
		met->sent = uses_sent(v->tables, type, tag);
	met->known = true;
	const char *meant = meant_by(v->tables, type, attribute, met);
	const char *unprefixed = attribute->uri ? " without a prefix" : "";
	if (!attribute->uri && is_fixed_by_model(v->tables, type, attribute->local)) {
		kind = SCHEMA_FIXED_BY_MODEL;
		buf_text(&v->message, ": its value is fixed by the model");
		buf_text(&v->fix, "Leave it out: its value is fixed by the model.");
	} else if (meant && strcmp(meant, attribute->local) == 0) {
		buf_printf(&v->fix, "Write %s%s.", meant, unprefixed);
	} else if (meant) {
		buf_printf(&v->message, "; did you mean %s?", meant);
		buf_printf(&v->fix, "Name it %s%s.", meant, unprefixed);
	} else if (!attribute->uri && is_text_of_element(v, tag, attribute->local)) {
		flags = FRAME_TEXT_ASIDE;
		buf_text(&v->message, ": its text seems to be sent as an attribute");
		buf_printf(&v->fix, "Write the value as text: <%s>...</%s>.", tag->local,
			   tag->local);
	}
	say_uses(v, type);
	report(v, kind, xml_tag_attribute_offset(tag, i), str_of(attribute->local), MASK_WORD);
	return flags;
}

static bool is_derived(const struct schema_validation *v, const struct schema_type *type,
		       const struct schema_type *from)
{
	while (type != from && type->base)
		type = &v->tables->types[type->base];
	return type == from;
}

/* The type of a name, one that is derived from the declared one where several have it; NULL: none.
 */
static const struct schema_type *type_of_name(const struct schema_validation *v, const char *uri,
					      struct str local, const struct schema_type *declared)
{
	const struct schema_type *found = NULL;
	for (size_t i = 1; i < v->tables->type_count; i++) {
		const struct schema_type *type = &v->tables->types[i];
		if (!type->name || !str_is(local, v->tables->text + type->name) ||
		    strcmp(v->tables->text + type->target, uri ? uri : "") != 0)
			continue;
		if (!found || is_derived(v, type, declared))
			found = type;
	}
	return found;
}

static void report_xsi_type(struct schema_validation *v, const struct frame *frame,
			    const struct xml_tag *tag, const char *reason)
{
	size_t i = 0;
	while (tag->attributes[i].ns != NS_XSI || strcmp(tag->attributes[i].local, "type") != 0)
		i++;
	struct str value = str_trim(tag->attributes[i].value);
	buf_text(&v->message, "xsi:type cannot make ");
	say_name(v, &v->message, v->tables->elements[frame->element].name);
	buf_text(&v->message, " a \"");
	mask_write(&v->message, MASK_NONE, value);
	buf_printf(&v->message, "\": %s", reason);
	buf_text(&v->fix, "Leave xsi:type out.");
	report(v, SCHEMA_ATTRIBUTE_UNEXPECTED, xml_tag_attribute_offset(tag, i), value, MASK_NONE);
}

void type_choose(struct schema_validation *v, struct frame *frame, const struct xml_tag *tag)
{
	struct str prefix, local;
	const struct schema_type *type = NULL;
	const char *reason = NULL;
	if (!xml_tag_type(tag, &prefix, &local))
		return;
	if (!tag->type_bound)
		reason = "its prefix is not declared";
	else if (!(type = type_of_name(v, tag->type_uri, local, frame->type)))
		reason = "the element can have no such type";
	else if (!is_derived(v, type, frame->type))
		reason = "it is not derived from the type of the element";
	else if (type->abstract)
		reason = "it is abstract";
	if (reason) {
		report_xsi_type(v, frame, tag, reason);
		return;
	}
	frame->type = type;
	frame->content = type->content;
	frame->state = type->start;
}

static uint8_t judge_nil(struct schema_validation *v, const struct xml_tag *tag, size_t i,
			 const struct schema_element *element)
{
	struct str value = tag->attributes[i].value;
	int nil = value_boolean(value);
	if (nil >= 0 && element->nillable)
		return nil ? FRAME_NIL : 0;
	if (nil < 0) {
		buf_text(&v->message, "xsi:nil is neither true nor false: \"");
		mask_write(&v->message, MASK_NONE, value);
		buf_text(&v->message, "\"");
	} else {
		buf_text(&v->message, "xsi:nil is not allowed on ");
		say_name(v, &v->message, element->name);
		buf_text(&v->message, ", which must have content");
		buf_text(&v->fix, "Leave xsi:nil out and send the content.");
	}
	report(v, SCHEMA_NIL, xml_tag_attribute_offset(tag, i), value, MASK_NONE);
	return nil ? FRAME_NIL_DOUBT : 0;
}

static bool wildcard_takes(const struct schema_tables *tables, const struct schema_type *type,
			   const struct xml_attribute *attribute)
{
	return type->any_attribute == SCHEMA_ANY_ATTRIBUTE ||
	       (type->any_attribute == SCHEMA_OTHER_ATTRIBUTE && attribute->uri &&
		strcmp(attribute->uri, tables->text + type->target) != 0);
}

/* An attribute that the type does not declare. Returns flags of the frame. */
static uint8_t judge_undeclared(struct schema_validation *v, const struct xml_tag *tag, size_t i,
				const struct schema_element *element, struct uses_met *met)
{
	const struct xml_attribute *attribute = &tag->attributes[i];
	const struct schema_type *type = v->frames[v->depth].type;
	if (attribute->ns == NS_XSI) {
		if (strcmp(attribute->local, "nil") == 0)
			return judge_nil(v, tag, i, element);
		if (strcmp(attribute->local, "type") == 0 ||
		    strcmp(attribute->local, "schemaLocation") == 0 ||
		    strcmp(attribute->local, "noNamespaceSchemaLocation") == 0)
			return 0;
	}
	return wildcard_takes(v->tables, type, attribute)
		       ? 0
		       : report_unexpected(v, tag, i, element, met);
}

static void report_value(struct schema_validation *v, const struct xml_tag *tag, size_t i,
			 const struct schema_element *element, const struct schema_use *use,
			 bool fit)
{
	const struct schema_simple *simple = &v->tables->simples[use->simple];
	struct str value = tag->attributes[i].value;
	const char *local = local_name(v->tables, use->name);
	const char *owner = local_name(v->tables, element->name);
	enum mask_kind mask = mask_kind_of(owner, local);
	size_t offset = xml_tag_value_offset(tag, i);
	enum schema_fault_kind cause = 0;
	if (!fit) {
		cause = say_value(v, simple, value, owner, local);
		report(v, cause, offset, value, mask);
	}
	if (!use->fixed)
		return;
	const char *fixed = v->tables->text + use->fixed;
	buf_printf(&v->message, "%s of ", local);
	say_owner(v, owner);
	buf_text(&v->message, " is \"");
	mask_write(&v->message, mask, value);
	buf_printf(&v->message, "\", but must be \"%s\"", fixed);
	buf_text(&v->expected, fixed);
	buf_printf(&v->fix, "Leave it out, or write \"%s\".", fixed);
	report_behind(v, SCHEMA_FIXED_DIFFERS, cause, offset, value, mask);
}

/* Where a value is kept that fits, or would be; NULL: it is not of a length to be kept. */
static inline struct known_value *known_value(struct schema_validation *v,
					      const struct schema_use *use, struct str value)
{
	size_t place = (size_t)(use - v->tables->uses) + value.n;
	return value.n >= KNOWN_LEAST_BYTES && value.n <= KNOWN_MOST_BYTES
		       ? &v->known[place % KNOWN_VALUES]
		       : NULL;
}

/* One that the first look did not settle. known: where it is to be kept; or NULL. */
static void judge_value(struct schema_validation *v, const struct xml_tag *tag, size_t i,
			const struct schema_element *element, const struct schema_use *use,
			struct known_value *known)
{
	const struct schema_simple *simple = &v->tables->simples[use->simple];
	struct str value = tag->attributes[i].value;
	bool fit = fits(v, simple, value);
	if (!fit ||
	    (use->fixed && !value_is(simple, value, v->tables->text + use->fixed, &v->scratch))) {
		v->failed = v->failed || v->scratch.failed;
		report_value(v, tag, i, element, use, fit);
	} else if (known) {
		known->use = use;
		known->n = value.n;
		memcpy(known->bytes, value.p, value.n);
	}
}

static void say_missing(struct schema_validation *v, const struct schema_element *element,
			unsigned name)
{
	buf_printf(&v->message, "the attribute %s of ", local_name(v->tables, name));
	say_owner(v, local_name(v->tables, element->name));
	buf_text(&v->message, " is missing");
}

static void report_missing(struct schema_validation *v, const struct xml_tag *tag,
			   const struct schema_element *element, const struct schema_use *use,
			   bool misnamed)
{
	say_missing(v, element, use->name);
	say_name(v, &v->expected, use->name);
	report_behind(v, SCHEMA_ATTRIBUTE_MISSING, misnamed ? SCHEMA_ATTRIBUTE_UNEXPECTED : 0,
		      tag->offset, (struct str){ 0 }, MASK_NONE);
}

void attributes_are_text(struct schema_validation *v, const struct frame *frame)
{
	const struct schema_element *element = &v->tables->elements[frame->element];
	say_missing(v, element, frame->lacking);
	buf_reset(&v->scratch);
	buf_str(&v->scratch, buf_view(&v->message));
	v->failed = v->failed || v->scratch.failed;
	struct schema_fault was = { .kind = SCHEMA_ATTRIBUTE_MISSING,
				    .offset = frame->offset,
				    .message = buf_view(&v->scratch).p };
	buf_text(&v->message, ": its value seems to be sent as text");
	buf_printf(&v->fix, "Write it as the attribute %s of %s.",
		   local_name(v->tables, frame->lacking), local_name(v->tables, element->name));
	say_name(v, &v->expected, frame->lacking);
	report_amended(v, &was, SCHEMA_ATTRIBUTE_MISSING, frame->offset, (struct str){ 0 });
}

static inline bool is_known(const struct known_value *known, const struct schema_use *use,
			    struct str value)
{
	return known->use == use && known->n == value.n &&
	       memcmp(known->bytes, value.p, value.n) == 0;
}

uint8_t attributes_judge(struct schema_validation *v, const struct xml_tag *tag,
			 const struct schema_element *element)
{
	const struct schema_tables *tables = v->tables;
	const struct schema_type *type = v->frames[v->depth].type;
	const struct schema_use *uses = &tables->uses[type->first_use];
	uint64_t seen = 0;
	struct uses_met met = { 0 };
	uint8_t flags = 0;
	for (size_t i = 0; i < tag->count; i++) {
		unsigned use = use_of(type, uses, name_index(tables, tag->attributes[i].name), i);
		if (use == type->use_count) {
			flags |= judge_undeclared(v, tag, i, element, &met);
			continue;
		}
		struct str value = tag->attributes[i].value;
		struct known_value *known = known_value(v, &uses[use], value);
		seen |= (uint64_t)1 << use;
		if (known ? !is_known(known, &uses[use], value)
			  : uses[use].fixed ||
				    !value_fits_at_once(tables, &tables->simples[uses[use].simple],
							value))
			judge_value(v, tag, i, element, &uses[use], known);
	}
	uint64_t missing = type->required & ~seen, unsent = missing & ~met.misnamed;
	if (unsent && !(unsent & (unsent - 1)))
		v->frames[v->depth].lacking = uses[__builtin_ctzll(unsent)].name;
	for (size_t use = 0; missing >> use; use++)
		if (missing >> use & 1)
			report_missing(v, tag, element, &uses[use], met.misnamed >> use & 1);
	return flags;
}
