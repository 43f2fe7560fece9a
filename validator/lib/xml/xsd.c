#include "xml/xsd.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/inputs.h"
#include "cpis.h"
#include "diag/failure.h"
#include "diag/mask.h"
#include "xml/alloc.h"
#include "xml/locate.h"
#include "xml/reader.h"
#include "xml/versions.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlschemastypes.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder: read, repaired, kept in memory */

#define XSD_NAMESPACE "http://www.w3.org/2001/XMLSchema"

enum {
	MOST_FILES = 4096,
	DEEPEST_FOLDER = 16,
	MOST_FOLDERS = 1000,
	LARGEST_FILE_BYTES = 16 * 1024 * 1024
};

static int refuse(struct cpis_failure *failure, const char *file, size_t line, const char *text)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION, .line = line };
	failure->column = line ? 1 : 0;
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	snprintf(failure->text, sizeof(failure->text), "%s", text);
	return -1;
}

static void note(struct xsd_folder *folder, enum xsd_note_kind kind, const char *file, size_t line,
		 const char *text)
{
	for (size_t i = 0; i < folder->note_count; i++) {
		struct xsd_note *old = &folder->notes[i];
		if (kind == XSD_REPAIRED && old->kind == kind && old->file == file &&
		    strcmp(old->text, text) == 0) {
			old->count++;
			return;
		}
	}
	struct xsd_note *more = list_grown_in(&folder->arena, folder->notes, folder->note_count,
					      &folder->note_room, sizeof(*more));
	if (!more)
		return;
	folder->notes = more;
	folder->notes[folder->note_count++] =
		(struct xsd_note){ kind, file, line, arena_copy(&folder->arena, str_of(text)), 1 };
}

static bool is_xsd(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       strcmp((const char *)node->ns->href, XSD_NAMESPACE) == 0 &&
	       strcmp((const char *)node->name, name) == 0;
}

/* An attribute's value in the arena; NULL where it is not there. */
static const char *value_of(struct xsd_folder *folder, xmlNode *node, const char *name)
{
	xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
	const char *copy = value ? arena_copy(&folder->arena, str_of((const char *)value)) : NULL;
	xmlFree(value);
	return copy;
}

/* A prohibited attribute needs no type: it may not be sent. */
static void mend_prohibited(struct xsd_folder *folder, const char *file, xmlNode *attribute)
{
	const char *use = value_of(folder, attribute, "use");
	if (!use || strcmp(use, "prohibited") != 0)
		return;
	for (xmlNode *child = attribute->children, *next; child; child = next) {
		next = child->next;
		if (!is_xsd(child, "simpleType"))
			continue;
		note(folder, XSD_REPAIRED, file, (size_t)xmlGetLineNo(attribute),
		     "a prohibited attribute declares a type inside: removed");
		xmlUnlinkNode(child);
		xmlFreeNode(child);
	}
}

/*
 * libxml2 counts {n,m} of branches that begin alike together, and lets 16 digits and more pass by
 * the published pattern of timestamps. The same language digit by digit, from the fourteenth to the
 * first.
 */
#define ZONE "([+\\-][0-9][0-9]?[0-9]?[0-9]?)"
#define D14  "[0-9](\\.[0-9]+)?" ZONE "?"
#define D13  "[0-9](" ZONE "|" D14 ")?"
#define D12  "[0-9](" ZONE "|" D13 ")?"
#define D11  "[0-9](" ZONE "|" D12 ")?"
#define D10  "[0-9](" ZONE "|" D11 ")?"
#define D9   "[0-9](" ZONE "|" D10 ")?"
#define D5   "[0-9]([0-9]([0-9]([0-9](" D9 ")?)?)?)?"
#define D1   "[0-9]([0-9]([0-9]([0-9](" D5 ")?)?)?)?"

static void mend_pattern(struct xsd_folder *folder, const char *file, xmlNode *pattern)
{
	static const char published[] =
		"[0-9]{1,8}|([0-9]{9,14}|[0-9]{14,14}\\.[0-9]+)([+\\-][0-9]{1,4})?";
	static const char repaired[] = D1;
	const char *value = value_of(folder, pattern, "value");
	if (!value || strcmp(value, published) != 0)
		return;
	note(folder, XSD_REPAIRED, file, (size_t)xmlGetLineNo(pattern),
	     "a pattern that libxml2 miscounts: written digit by digit");
	xmlSetProp(pattern, (const xmlChar *)"value", (const xmlChar *)repaired);
}

static void mend(struct xsd_folder *folder, const char *file, xmlNode *node)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (is_xsd(child, "attribute"))
			mend_prohibited(folder, file, child);
		else if (is_xsd(child, "pattern"))
			mend_pattern(folder, file, child);
		mend(folder, file, child);
	}
}

/* A location beside a file, as a path below the folder without . and ..; NULL when it leads
 * outside. */
static const char *resolve(struct xsd_folder *folder, const char *from, const char *location)
{
	char path[1024];
	const char *slash = strrchr(from, '/');
	int n = snprintf(path, sizeof(path), "%.*s/%s", slash ? (int)(slash - from) : 0, from,
			 location);
	if (n < 0 || (size_t)n >= sizeof(path) || strstr(location, "://") || location[0] == '/')
		return NULL;
	char out[1024];
	size_t length = 0;
	for (char *rest, *step = strtok_r(path, "/", &rest); step;
	     step = strtok_r(NULL, "/", &rest)) {
		if (strcmp(step, ".") == 0)
			continue;
		if (strcmp(step, "..") == 0) {
			if (length == 0)
				return NULL;
			while (length > 0 && out[--length] != '/')
				;
			continue;
		}
		length += (size_t)snprintf(out + length, sizeof(out) - length, "%s%s",
					   length ? "/" : "", step);
	}
	return arena_copy(&folder->arena, (struct str){ out, length });
}

static void take_reference(struct xsd_folder *folder, struct xsd_file *file, xmlNode *node)
{
	const char *location = value_of(folder, node, "schemaLocation");
	if (!location)
		return;
	const char *path = resolve(folder, file->path, location);
	size_t line = (size_t)xmlGetLineNo(node);
	if (!path) {
		note(folder, XSD_OUTSIDE, file->path, line, location);
		path = location;
	}
	file->asked_for[file->asked_count] = path;
	file->asked_line[file->asked_count++] = line;
}

static void take_top(struct xsd_folder *folder, struct xsd_file *file, xmlNode *root)
{
	size_t children = xmlChildElementCount(root);
	file->elements = arena_alloc(&folder->arena, (children + 1) * sizeof(*file->elements));
	file->asked_for = arena_alloc(&folder->arena, (children + 1) * sizeof(*file->asked_for));
	file->asked_line = arena_alloc(&folder->arena, (children + 1) * sizeof(*file->asked_line));
	if (!file->elements || !file->asked_for || !file->asked_line)
		return;
	file->version = value_of(folder, root, "version");
	file->namespace_uri = value_of(folder, root, "targetNamespace");
	for (xmlNode *child = root->children; child; child = child->next) {
		if (is_xsd(child, "element"))
			file->elements[file->element_count++] = value_of(folder, child, "name");
		else if (is_xsd(child, "include") || is_xsd(child, "import") ||
			 is_xsd(child, "redefine"))
			take_reference(folder, file, child);
	}
}

static int read_bytes(struct xsd_folder *folder, const char *path, struct str *bytes)
{
	char whole[4096];
	snprintf(whole, sizeof(whole), "%s/%s", folder->path, path);
	/* Not to hang on a pipe that no one writes to. */
	int fd = open(whole, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "rb");
	struct stat status;
	if (!in && fd >= 0)
		close(fd);
	if (!in)
		return -1;
	char *p = NULL;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_size <= LARGEST_FILE_BYTES)
		p = arena_alloc(&folder->arena, (size_t)status.st_size + 1);
	size_t n = p ? fread(p, 1, (size_t)status.st_size, in) : 0;
	inputs_note_open(fd);
	fclose(in);
	*bytes = (struct str){ p, n };
	return p ? 0 : -1;
}

/* Whether the loader may serve the bytes of a file as they are. */
static bool is_utf8(const xmlDoc *doc)
{
	return !doc->encoding || xmlStrcasecmp(doc->encoding, (const xmlChar *)"UTF-8") == 0;
}

/* libxml2 cannot switch the encoding of an input that has no buffer of its own, not even to ASCII:
 * "switching encoding: no input". */
static void keep_as_utf8(struct xsd_folder *folder, struct xsd_file *file, xmlDoc *doc)
{
	xmlChar *text = NULL;
	int length = 0;
	xmlDocDumpMemoryEnc(doc, &text, &length, "UTF-8");
	if (text)
		file->bytes =
			arena_str(&folder->arena, (struct str){ (char *)text, (size_t)length });
	xmlFree(text);
}

struct mending {
	struct xsd_folder *folder;
	struct xsd_file *file;
	xmlDoc *doc;
};

static void mend_and_take(void *context)
{
	const struct mending *mending = context;
	struct xsd_folder *folder = mending->folder;
	struct xsd_file *file = mending->file;
	xmlNode *root = xmlDocGetRootElement(mending->doc);
	size_t before = folder->note_count ? folder->notes[folder->note_count - 1].count : 0;
	size_t notes = folder->note_count;
	mend(folder, file->path, root);
	take_top(folder, file, root);
	bool corrected =
		folder->note_count != notes || (notes && folder->notes[notes - 1].count != before);
	if (corrected || !is_utf8(mending->doc))
		keep_as_utf8(folder, file, mending->doc);
}

static void read_file(struct xsd_folder *folder, struct xsd_file *file)
{
	if (read_bytes(folder, file->path, &file->bytes) != 0) {
		note(folder, XSD_UNREADABLE, file->path, 0, "it cannot be read");
		return;
	}
	bool lacking;
	xmlParserCtxt *parser = xmlNewParserCtxt();
	xmlDoc *doc =
		xml_document(parser, file->bytes, file->path, NULL,
			     XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING, &lacking);
	xmlFreeParserCtxt(parser);
	folder->lacking = folder->lacking || lacking;
	if (lacking)
		return;
	struct mending mending = { folder, file, doc };
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (!root || !is_xsd(root, "schema") || doc->intSubset)
		note(folder, XSD_UNREADABLE, file->path, 0, "it is not an XML schema");
	else if (!xml_attempt(mend_and_take, &mending)) {
		folder->lacking = true;
		return;
	}
	xmlFreeDoc(doc);
}

/* The folders listed so far: a link may lead back to one. */
struct listed {
	size_t count;
	struct {
		dev_t device;
		ino_t number;
	} folders[MOST_FOLDERS];
};

static bool is_new(struct listed *listed, const char *path)
{
	struct stat status;
	if (stat(path, &status) != 0 || listed->count == MOST_FOLDERS)
		return false;
	for (size_t i = 0; i < listed->count; i++)
		if (listed->folders[i].device == status.st_dev &&
		    listed->folders[i].number == status.st_ino)
			return false;
	listed->folders[listed->count].device = status.st_dev;
	listed->folders[listed->count++].number = status.st_ino;
	return true;
}

static void find_files(struct xsd_folder *folder, struct listed *listed, const char *below,
		       int depth)
{
	char whole[4096];
	snprintf(whole, sizeof(whole), "%s%s%s", folder->path, *below ? "/" : "", below);
	struct dirent **names = NULL;
	int count = depth > DEEPEST_FOLDER || !is_new(listed, whole)
			    ? 0
			    : scandir(whole, &names, NULL, alphasort);
	folder->lacking = folder->lacking || (count < 0 && errno == ENOMEM);
	for (int i = 0; i < count; i++) {
		const char *path = arena_printf(&folder->arena, "%s%s%s", below, *below ? "/" : "",
						names[i]->d_name);
		struct stat status;
		bool hidden = names[i]->d_name[0] == '.';
		free(names[i]);
		if (hidden || !path)
			continue;
		snprintf(whole, sizeof(whole), "%s/%s", folder->path, path);
		if (stat(whole, &status) != 0)
			continue;
		if (S_ISDIR(status.st_mode))
			find_files(folder, listed, path, depth + 1);
		else if (str_ends(str_of(path), STR(".xsd")) && folder->file_count < MOST_FILES)
			folder->files[folder->file_count++].path = path;
	}
	free(names);
}

/* What is asked for and is not there, once all files are known. */
static void note_missing(struct xsd_folder *folder)
{
	for (size_t i = 0; i < folder->file_count; i++) {
		struct xsd_file *file = &folder->files[i];
		for (size_t k = 0; k < file->asked_count; k++)
			if (!xsd_folder_file(folder, file->asked_for[k]))
				note(folder, XSD_MISSING, file->path, file->asked_line[k],
				     file->asked_for[k]);
	}
}

int xsd_folder_open(struct xsd_folder **out, const char *path, struct cpis_failure *failure)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return refuse(failure, path, 0, strerror(errno));
	if (!S_ISDIR(status.st_mode))
		return refuse(failure, path, 0,
			      "it is not a folder: --schemas needs the folder of the schemas");
	if (access(path, R_OK | X_OK) != 0)
		return refuse(failure, path, 0, strerror(errno));
	struct xsd_folder *folder = calloc(1, sizeof(*folder));
	if (!folder)
		return failure_out_of_memory(failure);
	folder->path = arena_copy(&folder->arena, str_of(path));
	folder->files = arena_alloc(&folder->arena, MOST_FILES * sizeof(*folder->files));
	struct listed *listed = calloc(1, sizeof(*listed));
	if (folder->path && folder->files && listed)
		find_files(folder, listed, "", 0);
	folder->lacking = folder->lacking || !listed;
	free(listed);
	for (size_t i = 0; folder->files && i < folder->file_count; i++)
		read_file(folder, &folder->files[i]);
	bool lacking = folder->lacking || !folder->files || folder->arena.failed;
	if (!lacking)
		note_missing(folder);
	if (lacking || folder->file_count == 0) {
		xsd_folder_close(folder);
		return lacking ? failure_out_of_memory(failure)
			       : refuse(failure, path, 0, "there is no .xsd file in the folder");
	}
	*out = folder;
	return 0;
}

void xsd_folder_close(struct xsd_folder *folder)
{
	if (folder)
		arena_release(&folder->arena);
	free(folder);
}

const struct xsd_file *xsd_folder_file(const struct xsd_folder *folder, const char *path)
{
	for (size_t i = 0; i < folder->file_count; i++)
		if (strcmp(folder->files[i].path, path) == 0)
			return &folder->files[i];
	return NULL;
}

const struct xsd_file *xsd_folder_root(const struct xsd_folder *folder, const char *root,
				       const char *type_id)
{
	const struct xsd_file *found = NULL;
	for (size_t i = 0; i < folder->file_count; i++) {
		const struct xsd_file *file = &folder->files[i];
		bool declares = false;
		for (size_t k = 0; k < file->element_count; k++)
			declares = declares ||
				   (file->elements[k] && strcmp(file->elements[k], root) == 0);
		if (declares && strstr(file->path, type_id))
			return file;
		if (declares && !found)
			found = file;
	}
	return found;
}

static int complete_from(const struct xsd_folder *folder, const struct xsd_file *file, bool *seen,
			 struct cpis_failure *failure)
{
	seen[file - folder->files] = true;
	for (size_t i = 0; i < file->asked_count; i++) {
		const struct xsd_file *next = xsd_folder_file(folder, file->asked_for[i]);
		if (!next) {
			char text[512], place[512];
			snprintf(text, sizeof(text),
				 "it asks for %s, which is not in the folder %s",
				 file->asked_for[i], folder->path);
			snprintf(place, sizeof(place), "%s/%s", folder->path, file->path);
			return refuse(failure, place, file->asked_line[i], text);
		}
		if (!seen[next - folder->files] && complete_from(folder, next, seen, failure) != 0)
			return -1;
	}
	return 0;
}

int xsd_folder_complete(const struct xsd_folder *folder, const struct xsd_file *file,
			struct cpis_failure *failure)
{
	bool *seen = calloc(folder->file_count, sizeof(*seen));
	int status =
		seen ? complete_from(folder, file, seen, failure) : failure_out_of_memory(failure);
	free(seen);
	return status;
}

/* The engine */

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
	xmlParserInputBufferPtr buffer = xmlParserInputBufferCreateMem(
		file->bytes.p, (int)file->bytes.n, XML_CHAR_ENCODING_NONE);
	xmlParserInputPtr input =
		buffer ? xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE) : NULL;
	if (!input)
		xmlFreeParserInputBuffer(buffer);
	else
		input->filename = (char *)xmlStrdup((const xmlChar *)url);
	return input;
}

static void on_load_error(void *context, xml_error error)
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

struct compiling {
	const struct xsd_file *file;
	xmlSchemaPtr schema;
};

static void try_to_compile(void *context)
{
	struct compiling *compiling = context;
	xmlSchemaParserCtxtPtr parser = xmlSchemaNewParserCtxt(compiling->file->path);
	if (parser) {
		xmlSchemaSetParserStructuredErrors(parser, on_load_error, NULL);
		compiling->schema = xmlSchemaParse(parser);
	}
	xmlSchemaFreeParserCtxt(parser);
}

static xmlSchemaPtr compile(const struct xsd_folder *folder, const struct xsd_file *file,
			    struct cpis_failure *failure)
{
	struct compiling compiling = { file, NULL };
	pthread_mutex_lock(&loading);
	xmlExternalEntityLoader usual = xmlGetExternalEntityLoader();
	served_folder = folder;
	loading_failure = failure;
	xmlSetExternalEntityLoader(serve);
	/* What the library makes once must stay whole. */
	xmlSchemaInitTypes();
	bool good = xml_attempt(try_to_compile, &compiling);
	xmlSetExternalEntityLoader(usual);
	served_folder = NULL;
	pthread_mutex_unlock(&loading);
	if (good)
		return compiling.schema;
	failure_out_of_memory(failure);
	return NULL;
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
	struct buf escaped;    /* their values, & written as libxml2's reader writes it */
	struct arena prefixes; /* of xsi:type: libxml2 keeps pointers to them */
	char told[128];	       /* the attribute that the last fault of this event was about */
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
	return out->failed ? "the structure differs from the schema" : out->p;
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

static void on_error(void *context, xml_error error)
{
	struct schema_validation *validation = context;
	char attribute[128];
	if (!error->message)
		return;
	attribute_named(error->message, attribute);
	/* A value that does not meet a facet is reported again as not of its type. */
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

/* The declaration that xsi:type needs. Returns how many were filled in, or -1. */
static int fill_namespace(struct schema_validation *validation, const struct xml_tag *tag,
			  const xmlChar *declaration[2])
{
	struct str prefix, local;
	if (!xml_tag_type(tag, &prefix, &local) || !tag->type_bound || !tag->type_uri)
		return 0;
	declaration[0] = (const xmlChar *)arena_str(&validation->prefixes, prefix).p;
	declaration[1] = (const xmlChar *)tag->type_uri;
	return validation->prefixes.failed ? -1 : 1;
}

static int element(struct schema_validation *validation, const struct xml_tag *tag)
{
	const xmlChar *declaration[2];
	int declared = fill_namespace(validation, tag, declaration);
	if (declared < 0 || push_name(validation, tag) != 0 ||
	    fill_attributes(validation, tag) != 0)
		return -1;
	validation->tag = tag;
	validation->offset = tag->offset;
	validation->told[0] = '\0';
	validation->sax->startElementNs(validation->sax_context, (const xmlChar *)tag->local,
					(const xmlChar *)tag->prefix, (const xmlChar *)tag->uri,
					declared, declaration, (int)tag->count, 0,
					validation->five);
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
	arena_release(&validation->prefixes);
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
	if (!xsd)
		return failure_out_of_memory(failure);
	xsd->compiled = compile(folder, file, failure);
	if (!xsd->compiled) {
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
