#include "xml/xsd_folder.h"

#include "base/arena.h"
#include "cpis.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define XSD_NAMESPACE "http://www.w3.org/2001/XMLSchema"

enum { MOST_FILES = 4096, DEEPEST_FOLDER = 16, LARGEST_FILE_BYTES = 16 * 1024 * 1024 };

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
		if (kind == XSD_MENDED && old->kind == kind && old->file == file &&
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

/* A prohibited attribute needs no type: nobody may send it. */
static void mend_prohibited(struct xsd_folder *folder, const char *file, xmlNode *attribute)
{
	const char *use = value_of(folder, attribute, "use");
	if (!use || strcmp(use, "prohibited") != 0)
		return;
	for (xmlNode *child = attribute->children, *next; child; child = next) {
		next = child->next;
		if (!is_xsd(child, "simpleType"))
			continue;
		note(folder, XSD_MENDED, file, (size_t)xmlGetLineNo(attribute),
		     "a prohibited attribute declares a type inside: left out");
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
	static const char mended[] = D1;
	const char *value = value_of(folder, pattern, "value");
	if (!value || strcmp(value, published) != 0)
		return;
	note(folder, XSD_MENDED, file, (size_t)xmlGetLineNo(pattern),
	     "a pattern that libxml2 miscounts: written digit by digit");
	xmlSetProp(pattern, (const xmlChar *)"value", (const xmlChar *)mended);
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
	for (char *step = strtok(path, "/"); step; step = strtok(NULL, "/")) {
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
	FILE *in = fopen(whole, "rb");
	struct stat status;
	if (!in)
		return -1;
	char *p = NULL;
	if (fstat(fileno(in), &status) == 0 && status.st_size <= LARGEST_FILE_BYTES)
		p = arena_alloc(&folder->arena, (size_t)status.st_size + 1);
	size_t n = p ? fread(p, 1, (size_t)status.st_size, in) : 0;
	fclose(in);
	*bytes = (struct str){ p, n };
	return p ? 0 : -1;
}

static void read_file(struct xsd_folder *folder, struct xsd_file *file)
{
	if (read_bytes(folder, file->path, &file->bytes) != 0) {
		note(folder, XSD_UNREADABLE, file->path, 0, "it cannot be read");
		return;
	}
	xmlDoc *doc = xmlReadMemory(file->bytes.p, (int)file->bytes.n, file->path, NULL,
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	xmlNode *root = doc ? xmlDocGetRootElement(doc) : NULL;
	if (!root || !is_xsd(root, "schema") || doc->intSubset) {
		note(folder, XSD_UNREADABLE, file->path, 0, "it is no XML schema");
		xmlFreeDoc(doc);
		return;
	}
	size_t before = folder->note_count ? folder->notes[folder->note_count - 1].count : 0;
	size_t notes = folder->note_count;
	mend(folder, file->path, root);
	take_top(folder, file, root);
	if (folder->note_count != notes || (notes && folder->notes[notes - 1].count != before)) {
		xmlChar *text = NULL;
		int length = 0;
		xmlDocDumpMemory(doc, &text, &length);
		if (text)
			file->bytes = arena_str(&folder->arena,
						(struct str){ (char *)text, (size_t)length });
		xmlFree(text);
	}
	xmlFreeDoc(doc);
}

static void find_files(struct xsd_folder *folder, const char *below, int depth)
{
	char whole[4096];
	snprintf(whole, sizeof(whole), "%s%s%s", folder->path, *below ? "/" : "", below);
	struct dirent **names = NULL;
	int count = depth > DEEPEST_FOLDER ? 0 : scandir(whole, &names, NULL, alphasort);
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
			find_files(folder, path, depth + 1);
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
			      "it is no folder: --schemas wants the folder of the schemas");
	struct xsd_folder *folder = calloc(1, sizeof(*folder));
	if (!folder)
		return refuse(failure, path, 0, "memory is out");
	folder->path = arena_copy(&folder->arena, str_of(path));
	folder->files = arena_alloc(&folder->arena, MOST_FILES * sizeof(*folder->files));
	if (folder->path && folder->files)
		find_files(folder, "", 0);
	if (!folder->files || folder->file_count == 0) {
		xsd_folder_close(folder);
		return refuse(failure, path, 0, "there is no .xsd file in the folder");
	}
	for (size_t i = 0; i < folder->file_count; i++)
		read_file(folder, &folder->files[i]);
	note_missing(folder);
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
	int status = seen ? complete_from(folder, file, seen, failure) : -1;
	free(seen);
	return status;
}
