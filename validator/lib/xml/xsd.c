#include "xml/xsd.h"

#include "base/arena.h"
#include "base/buf.h"
#include "cpis.h"
#include "diag/mask.h"
#include "xml/reader.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct xsd_schema {
	struct schema schema; /* first: what others see of it */
	xmlSchemaPtr compiled;
};

/* Loading: libxml2 asks for included files by name, through one loader for the whole process. */

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static const struct xsd_folder *served_folder; /* while a schema is compiled */
static struct cpis_failure *loading_failure;

static xmlParserInputPtr serve(const char *url, const char *id, xmlParserCtxtPtr parser)
{
	(void)id;
	const struct xsd_file *file =
		served_folder && url ? xsd_folder_file(served_folder, url) : NULL;
	if (!file)
		return NULL;
	xmlParserInputPtr input = xmlNewInputStream(parser);
	if (!input)
		return NULL;
	input->filename = (char *)xmlStrdup((const xmlChar *)url);
	input->base = input->cur = (const xmlChar *)file->bytes.p;
	input->end = input->base + file->bytes.n;
	return input;
}

static void on_load_error(void *context, xmlErrorPtr error)
{
	(void)context;
	if (loading_failure->text[0] || error->level < XML_ERR_ERROR)
		return;
	loading_failure->kind = CPIS_FAILURE_CONFIGURATION;
	loading_failure->line = (size_t)error->line;
	loading_failure->column = 1;
	snprintf(loading_failure->file, sizeof(loading_failure->file), "%s/%s", served_folder->path,
		 error->file ? error->file : "");
	struct str text = str_trim(str_of(error->message ? error->message : "libxml2 refuses it"));
	snprintf(loading_failure->text, sizeof(loading_failure->text), "%.*s", STR_ARG(text));
}

static xmlSchemaPtr compile(const struct xsd_folder *folder, const struct xsd_file *file,
			    struct cpis_failure *failure)
{
	pthread_mutex_lock(&loading);
	xmlExternalEntityLoader usual = xmlGetExternalEntityLoader();
	served_folder = folder;
	loading_failure = failure;
	xmlSetExternalEntityLoader(serve);
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(file->path);
	xmlSchemaPtr schema = NULL;
	if (parser) {
		xmlSchemaSetParserStructuredErrors(parser, on_load_error, NULL);
		schema = xmlSchemaParse(parser);
	}
	xmlSchemaFreeParserCtxt(parser);
	xmlSetExternalEntityLoader(usual);
	served_folder = NULL;
	pthread_mutex_unlock(&loading);
	return schema;
}

/* Validation */

/* Pointers of the reader's dictionary, which outlives the document. */
struct open_name {
	const char *local, *uri;
};

struct schema_validation {
	struct schema_sink sink;
	xmlSchemaValidCtxtPtr context;
	xmlSchemaSAXPlugPtr plug;
	xmlSAXHandlerPtr sax;
	void *sax_context;

	/* the event that faults are about */
	const struct xml_tag *tag;
	size_t offset;
	struct open_name *open; /* of the open elements */
	size_t depth, room;

	const xmlChar **five; /* attributes as libxml2 hands them over */
	size_t five_room;
	struct buf escaped; /* their values, & written as libxml2's reader writes it */
	char told[128];	    /* the attribute that the last fault of this event was about */
	struct buf sentence;
};

/* What libxml2's codes mean, and how its sentence begins in ours. */
static const struct {
	int code;
	enum schema_fault_kind kind;
} kinds[] = {
	{ XML_SCHEMAV_ELEMENT_CONTENT, SCHEMA_ELEMENT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_ELT_1, SCHEMA_ELEMENT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_1, SCHEMA_ATTRIBUTE_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_3_2_2, SCHEMA_ATTRIBUTE_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_4, SCHEMA_ATTRIBUTE_MISSING },
	{ XML_SCHEMAV_CVC_ENUMERATION_VALID, SCHEMA_VALUE_OF_SET },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_2_1, SCHEMA_TEXT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_2_2, SCHEMA_TEXT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_2_3, SCHEMA_TEXT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_COMPLEX_TYPE_2_4, SCHEMA_ELEMENT_UNEXPECTED },
	{ XML_SCHEMAV_CVC_ELT_3_1, SCHEMA_NIL },
	{ XML_SCHEMAV_CVC_ELT_3_2_1, SCHEMA_NIL },
	{ XML_SCHEMAV_CVC_ELT_3_2_2, SCHEMA_NIL },
	{ XML_SCHEMAV_CVC_ELT_5_2_2_2_1, SCHEMA_FIXED_DIFFERS },
	{ XML_SCHEMAV_CVC_ELT_5_2_2_2_2, SCHEMA_FIXED_DIFFERS },
	{ XML_SCHEMAV_CVC_AU, SCHEMA_FIXED_DIFFERS },
};

static enum schema_fault_kind kind_of(const xmlError *error)
{
	if (error->code == XML_SCHEMAV_ELEMENT_CONTENT && strstr(error->message, "Missing child"))
		return SCHEMA_ELEMENT_MISSING;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].code == error->code)
			return kinds[i].kind;
	return SCHEMA_VALUE_OF_TYPE;
}

/* The name in "attribute 'x'" of libxml2's sentence; empty when it is about the element. */
static void attribute_named(const char *message, char out[128])
{
	out[0] = '\0';
	const char *p = strstr(message, ", attribute '");
	const char *not_allowed = strstr(message, "The attribute '");
	if (p)
		p += strlen(", attribute '");
	else if (not_allowed)
		p = not_allowed + strlen("The attribute '");
	if (p)
		snprintf(out, 128, "%.*s", (int)strcspn(p, "'"), p);
}

/* libxml2's sentence without the place it begins with and without {namespaces}; values are marked.
 */
static const char *in_our_words(struct schema_validation *validation, const char *message,
				const char *attribute)
{
	struct buf *out = &validation->sentence;
	const char *element =
		validation->depth ? validation->open[validation->depth - 1].local : "";
	const char *body = strstr(message, "': ");
	struct str rest = str_trim(str_of(body ? body + 3 : message));
	buf_reset(out);
	buf_text(out, element);
	if (attribute[0])
		buf_printf(out, "/@%s", attribute);
	buf_text(out, ": ");
	while (rest.n) {
		if (str_starts(rest, STR("alue '"))) {
			const char *close = memchr(rest.p + 6, '\'', rest.n - 6);
			size_t n = close ? (size_t)(close - rest.p) - 6 : rest.n - 6;
			buf_text(out, "alue '");
			mask_write(out, mask_kind_of(element, attribute[0] ? attribute : NULL),
				   (struct str){ rest.p + 6, n });
			rest = str_from(rest, 6 + n);
		} else if (rest.p[0] == '{') {
			const char *close = memchr(rest.p, '}', rest.n);
			rest = str_from(rest, close ? (size_t)(close - rest.p) + 1 : 1);
		} else {
			buf_char(out, rest.p[0]);
			rest = str_from(rest, 1);
		}
	}
	while (out->n && (out->p[out->n - 1] == '.' || out->p[out->n - 1] == ' '))
		out->p[--out->n] = '\0';
	return out->failed ? "the structure is not as the schema has it" : out->p;
}

static size_t culprit_offset(const struct schema_validation *validation, const char *attribute,
			     enum schema_fault_kind kind)
{
	const struct xml_tag *tag = validation->tag;
	for (size_t i = 0; tag && attribute[0] && i < tag->count; i++) {
		const char *colon = strchr(attribute, '}');
		if (strcmp(tag->attributes[i].local, colon ? colon + 1 : attribute) != 0)
			continue;
		return kind == SCHEMA_ATTRIBUTE_UNEXPECTED ? xml_tag_attribute_offset(tag, i)
							   : xml_tag_value_offset(tag, i);
	}
	return validation->offset;
}

static void on_error(void *context, xmlErrorPtr error)
{
	struct schema_validation *validation = context;
	char attribute[128];
	if (!error->message)
		return;
	attribute_named(error->message, attribute);
	/* A value that misses a facet is told of again as not of its type. */
	if (attribute[0] && strcmp(attribute, validation->told) == 0)
		return;
	memcpy(validation->told, attribute, sizeof(attribute));
	enum schema_fault_kind kind = kind_of(error);
	const char *name = strchr(attribute, '}');
	struct schema_fault fault = {
		.kind = kind,
		.offset = culprit_offset(validation, attribute, kind),
		.message = in_our_words(validation, error->message, name ? name + 1 : attribute),
	};
	validation->sink.fault(validation->sink.context, &fault);
}

static struct schema_validation *start(const struct schema *schema, const struct schema_sink *sink)
{
	const struct xsd_schema *xsd = (const struct xsd_schema *)(const void *)schema;
	struct schema_validation *validation = calloc(1, sizeof(*validation));
	if (!validation)
		return NULL;
	validation->sink = *sink;
	buf_init(&validation->escaped, SIZE_MAX / 4);
	buf_init(&validation->sentence, 64 * 1024);
	validation->context = xmlSchemaNewValidCtxt(xsd->compiled);
	if (validation->context) {
		xmlSchemaSetValidStructuredErrors(validation->context, on_error, validation);
		validation->plug = xmlSchemaSAXPlug(validation->context, &validation->sax,
						    &validation->sax_context);
	}
	if (validation->plug)
		return validation;
	xmlSchemaFreeValidCtxt(validation->context);
	free(validation);
	return NULL;
}

static int push_name(struct schema_validation *validation, const struct xml_tag *tag)
{
	struct open_name *more =
		list_grown(validation->open, validation->depth, &validation->room, sizeof(*more));
	if (!more)
		return -1;
	validation->open = more;
	validation->open[validation->depth++] = (struct open_name){ tag->local, tag->uri };
	return 0;
}

/* libxml2 hands attribute values to its validator with & as &#38; so that is what it gets. */
static int fill_attributes(struct schema_validation *validation, const struct xml_tag *tag)
{
	size_t needed = 0;
	for (size_t i = 0; i < tag->count; i++)
		needed += 1 + tag->attributes[i].value.n * 5;
	buf_reset(&validation->escaped);
	if (!buf_reserve(&validation->escaped, needed))
		return -1;
	if (tag->count > validation->five_room) {
		const xmlChar **more = realloc(validation->five, tag->count * 5 * sizeof(*more));
		if (!more)
			return -1;
		validation->five = more;
		validation->five_room = tag->count;
	}
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		size_t from = validation->escaped.n;
		for (size_t k = 0; k < attribute->value.n; k++)
			if (attribute->value.p[k] == '&')
				buf_text(&validation->escaped, "&#38;");
			else
				buf_char(&validation->escaped, attribute->value.p[k]);
		const xmlChar **five = validation->five + i * 5;
		five[0] = (const xmlChar *)attribute->local;
		five[1] = (const xmlChar *)attribute->prefix;
		five[2] = (const xmlChar *)attribute->uri;
		five[3] = (const xmlChar *)validation->escaped.p + from;
		five[4] = (const xmlChar *)validation->escaped.p + validation->escaped.n;
	}
	return validation->escaped.failed ? -1 : 0;
}

static int element(struct schema_validation *validation, const struct xml_tag *tag)
{
	if (push_name(validation, tag) != 0 || fill_attributes(validation, tag) != 0)
		return -1;
	validation->tag = tag;
	validation->offset = tag->offset;
	validation->told[0] = '\0';
	validation->sax->startElementNs(validation->sax_context, (const xmlChar *)tag->local,
					(const xmlChar *)tag->prefix, (const xmlChar *)tag->uri, 0,
					NULL, (int)tag->count, 0, validation->five);
	validation->tag = NULL;
	return 0;
}

static int text(struct schema_validation *validation, struct str piece, size_t offset)
{
	validation->offset = offset;
	validation->told[0] = '\0';
	validation->sax->characters(validation->sax_context, (const xmlChar *)piece.p,
				    (int)piece.n);
	return 0;
}

static int end_element(struct schema_validation *validation, size_t offset)
{
	validation->offset = offset;
	validation->told[0] = '\0';
	if (validation->depth == 0)
		return 0;
	const struct open_name *name = &validation->open[validation->depth - 1];
	validation->sax->endElementNs(validation->sax_context, (const xmlChar *)name->local, NULL,
				      (const xmlChar *)name->uri);
	validation->depth--;
	return 0;
}

static void finish(struct schema_validation *validation)
{
	if (!validation)
		return;
	free(validation->open);
	free(validation->five);
	buf_release(&validation->escaped);
	buf_release(&validation->sentence);
	xmlSchemaSAXUnplug(validation->plug);
	xmlSchemaFreeValidCtxt(validation->context);
	free(validation);
}

static const struct schema_engine engine = { start, element, text, end_element, finish };

int xsd_open(const struct schema **out, const struct xsd_folder *folder,
	     const struct xsd_file *file, struct cpis_failure *failure)
{
	*failure = (struct cpis_failure){ 0 };
	if (xsd_folder_complete(folder, file, failure) != 0)
		return -1;
	struct xsd_schema *xsd = calloc(1, sizeof(*xsd));
	if (xsd)
		xsd->compiled = compile(folder, file, failure);
	if (!xsd || !xsd->compiled) {
		free(xsd);
		if (!failure->text[0])
			*failure =
				(struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						       .text = "the schemas cannot be compiled" };
		return -1;
	}
	xsd->schema.engine = &engine;
	*out = &xsd->schema;
	return 0;
}

void xsd_close(const struct schema *schema)
{
	if (!schema)
		return;
	struct xsd_schema *xsd = (struct xsd_schema *)(uintptr_t)schema;
	xmlSchemaFree(xsd->compiled);
	free(xsd);
}
