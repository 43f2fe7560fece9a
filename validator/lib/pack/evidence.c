#include "pack/evidence.h"

#include "base/character.h"
#include "base/digest.h"
#include "base/files.h"
#include "cpis.h"
#include "engine/limits.h"
#include "transport/layer.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEEPEST = 32, MOST_FILES = 100000 };

static const size_t most_file_bytes = (size_t)1 << 30;
static const size_t most_archive_bytes = (size_t)2 << 30;

static int no(char *why, size_t n, const char *text)
{
	snprintf(why, n, "%s", text);
	return -1;
}

/* name is in the arena; NULL: out of memory. */
static struct evidence_file *add(struct evidence *evidence, const char *name)
{
	struct evidence_file *more = list_grown_in(&evidence->arena, evidence->items,
						   evidence->count, &evidence->room, sizeof(*more));
	if (!more || !name)
		return NULL;
	evidence->items = more;
	struct evidence_file *file = &evidence->items[evidence->count++];
	*file = (struct evidence_file){ .name = name };
	return file;
}

static void skip(struct evidence *evidence, const char *name, const char *why)
{
	struct evidence_skipped *more =
		list_grown_in(&evidence->arena, evidence->skipped, evidence->skipped_count,
			      &evidence->skipped_room, sizeof(*more));
	if (!more)
		return;
	evidence->skipped = more;
	more[evidence->skipped_count++] =
		(struct evidence_skipped){ arena_copy(&evidence->arena, str_of(name)),
					   arena_copy(&evidence->arena, str_of(why)) };
}

/* Folders */

/* What cannot be opened as a file, in words; NULL: it can, or the reading will say why not. */
static const char *kind_of(const char *root, const char *path, bool *is_folder)
{
	struct stat status, target;
	*is_folder = false;
	if (files_used() && files_used()->find) {
		*is_folder = files_is_folder(path);
		return NULL;
	}
	if (lstat(path, &status) != 0)
		return NULL;
	bool link = S_ISLNK(status.st_mode);
	if (link && stat(path, &target) != 0)
		return errno == ENOENT ? "it is a link that leads nowhere"
				       : "it is a link that cannot be followed";
	if (link && !files_is_inside(root, path))
		return "it is a link out of the evidence folder";
	mode_t mode = link ? target.st_mode : status.st_mode;
	if (S_ISDIR(mode) && link)
		return "it is a link to a folder";
	*is_folder = S_ISDIR(mode);
	if (S_ISFIFO(mode))
		return "it is a FIFO";
	return S_ISREG(mode) || S_ISDIR(mode) ? NULL : "it is not a regular file";
}

/* Size and digest of a file of the disk, the last of the list. */
static void take_digest(struct evidence *evidence, struct evidence_file *file)
{
	struct buf bytes;
	const char *note = NULL;
	char why[256];
	buf_init(&bytes, most_file_bytes);
	if (!file->why && !files_read(file->path, &bytes, why, sizeof(why)))
		file->why = arena_copy(&evidence->arena, str_of(why));
	if (file->why) {
		files_refused(file->path, file->why);
	} else if ((note = unwrap_skips_note(file->name, buf_view(&bytes)))) {
		skip(evidence, file->name, note);
		evidence->count--;
	} else {
		file->size = bytes.n;
		digest_sha256(buf_view(&bytes), file->sha256);
	}
	buf_release(&bytes);
}

/* The names in one folder. */
struct names {
	struct arena *arena;
	const char **items;
	size_t count, room;
};

static void offer(void *context, const char *name)
{
	struct names *names = context;
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	const char **more = list_grown_in(names->arena, names->items, names->count, &names->room,
					  sizeof(*more));
	if (!more)
		return;
	names->items = more;
	names->items[names->count++] = arena_copy(names->arena, str_of(name));
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return strcmp(*x, *y);
}

/* False with errno. */
static bool list_names(const char *path, struct names *names)
{
	const struct files *files = files_used();
	if (files && files->list) {
		errno = ENOENT;
		return files->list(files->context, path, offer, names);
	}
	DIR *folder = opendir(path);
	if (!folder)
		return false;
	for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder))
		offer(names, entry->d_name);
	closedir(folder);
	return true;
}

static bool list_folder(struct evidence *evidence, const char *path, const char *prefix, int depth);

static void list_entry(struct evidence *evidence, const char *folder, const char *prefix,
		       const char *name, int depth)
{
	struct arena *arena = &evidence->arena;
	struct evidence_file *file = add(evidence, arena_printf(arena, "%s%s", prefix, name));
	if (!file)
		return;
	size_t place = evidence->count - 1;
	file->path = arena_printf(arena, "%s/%s", folder, name);
	if (!file->path)
		return;
	file->why = kind_of(evidence->root, file->path, &file->is_folder);
	if (!file->is_folder) {
		take_digest(evidence, file);
		return;
	}
	const char *deeper = arena_printf(arena, "%s%s/", prefix, name);
	evidence->items[place].why = "it is a folder";
	if (depth < DEEPEST && deeper && list_folder(evidence, file->path, deeper, depth + 1))
		return;
	/* What is in it is not known: like a file that cannot be read, it must be seen. */
	evidence->items[place].why = "it is a folder that cannot be listed";
	evidence->items[place].is_folder = false;
}

static bool list_folder(struct evidence *evidence, const char *path, const char *prefix, int depth)
{
	struct names names = { .arena = &evidence->arena };
	if (!list_names(path, &names))
		return false;
	if (evidence->arena.failed)
		return true;
	if (names.count)
		qsort(names.items, names.count, sizeof(*names.items), by_text);
	for (size_t i = 0; i < names.count && evidence->count < MOST_FILES; i++)
		if (!i || strcmp(names.items[i - 1], names.items[i]) != 0)
			list_entry(evidence, path, prefix, names.items[i], depth);
	return true;
}

/* Archives */

/* The name without what stands for the folder itself; NULL where it leads out of it. */
static const char *plain_name(const char *name)
{
	while (strncmp(name, "./", 2) == 0)
		name += 2;
	if (!*name || name[0] == '/' || strchr(name, '\\'))
		return NULL;
	for (const char *part = name; part; part = strchr(part, '/')) {
		part += part[0] == '/';
		if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || !part[2]))
			return NULL;
	}
	return name;
}

/* Messages pack to a tenth, or a fiftieth where they are much alike. */
enum { MOST_TIMES_PACKED = 100, MOST_UNPACKED_OF_FEW = 16 * 1024 * 1024 };

/* A tar that is packed counts twice: as a whole, and by its members. */
static size_t most_unpacked(size_t packed)
{
	size_t most = packed < most_archive_bytes / MOST_TIMES_PACKED ? packed * MOST_TIMES_PACKED
								      : most_archive_bytes;
	return 2 * (most < MOST_UNPACKED_OF_FEW ? MOST_UNPACKED_OF_FEW : most);
}

static const char not_evidence[] =
	"it is neither a folder nor a zip or tar: name the folder that the files are in";

/* An archive while its files are taken. */
struct taking {
	struct evidence *evidence;
	struct evidence_file *unread; /* whose reason is about to be given; NULL: none */
	const struct unwrapping *by;
	bool refused; /* the archive as a whole, for the reason in why */
	bool limited; /* the reason is a limit of the run */
	char *why;
	size_t n;
};

static void refuse(struct taking *taking, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first reason counts. */
static void refuse(struct taking *taking, const char *format, ...)
{
	va_list args;
	if (taking->refused)
		return;
	taking->refused = true;
	va_start(args, format);
	vsnprintf(taking->why, taking->n, format, args);
	va_end(args);
}

/* NULL: the archive is refused. */
static struct evidence_file *add_member(struct taking *taking, const struct parcel *parcel)
{
	const char *name = plain_name(parcel->member);
	if (!name)
		refuse(taking, "the member %.200s leads out of the archive", parcel->member);
	else if (taking->evidence->count >= MOST_FILES)
		refuse(taking, "it has too many members");
	if (taking->refused)
		return NULL;
	/* As what unpacks it as a file calls it: it may fill a slot. */
	struct str plain = str_of(name);
	while (str_ends(plain, STR("/")))
		plain.n--;
	struct evidence_file *file =
		add(taking->evidence, arena_copy(&taking->evidence->arena, plain));
	if (!file)
		refuse(taking, "out of memory");
	return file;
}

static int take_file(void *context, const struct parcel *parcel)
{
	struct taking *taking = context;
	struct evidence_file *file = add_member(taking, parcel);
	if (!file)
		return -1;
	if (parcel->bytes.n > most_file_bytes) {
		file->why = "it is too large";
		return 0;
	}
	file->bytes = arena_str(&taking->evidence->arena, parcel->bytes);
	file->size = parcel->bytes.n;
	digest_sha256(parcel->bytes, file->sha256);
	return 0;
}

static void begin_unread(void *context, const struct parcel *parcel)
{
	struct taking *taking = context;
	taking->unread = add_member(taking, parcel);
}

static void end_unread(void *context, const struct parcel *parcel)
{
	struct taking *taking = context;
	(void)parcel;
	taking->unread = NULL;
}

static void take_unopened(void *context, const struct parcel *parcel, size_t offset,
			  const char *why)
{
	struct taking *taking = context;
	(void)parcel, (void)offset;
	if (taking->unread) {
		taking->unread->why = arena_copy(&taking->evidence->arena, str_of(why));
		return;
	}
	taking->limited = taking->limited || (taking->by->limited && !taking->refused);
	refuse(taking, "%s", why);
}

static void take_fault(void *context, const struct parcel *parcel, size_t offset,
		       enum stage_rule rule, const char *text)
{
	(void)parcel, (void)offset, (void)rule;
	refuse(context, "the archive is damaged: %s", text);
}

static void take_skipped(void *context, const struct parcel *parcel, const char *member,
			 const char *why)
{
	struct taking *taking = context;
	const char *name = plain_name(member);
	(void)parcel;
	skip(taking->evidence, name ? name : member, why);
}

static void take_layer(void *context, const struct parcel *parcel, const struct layer *layer)
{
	static const char *const archives[] = { "gzip", "zip", "tar" };
	const char *name = parcel->layers[parcel->layer_count - 1];
	/* It says itself what it is. */
	if (layer == &unopened_layer)
		return;
	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++)
		if (strcmp(name, archives[i]) == 0)
			return;
	refuse(context, "%s", not_evidence);
}

static void take_document(void *context, const struct parcel *parcel)
{
	(void)parcel;
	refuse(context, "%s", not_evidence);
}

static void take_no_document(void *context, const struct parcel *parcel, const char *what)
{
	(void)what;
	take_document(context, parcel);
}

/* A part of the files could pass for all of them. */
static void leave_unread(struct evidence *evidence, const char *why)
{
	evidence->unread = arena_copy(&evidence->arena, str_of(why));
	evidence->count = 0;
	evidence->skipped_count = 0;
}

/* By the reader of archives that judges messages in them: what it finds wrong is not evidence. */
static int read_members(struct evidence *evidence, struct str packed,
			const struct cpis_options *options, char *why, size_t n)
{
	const size_t most = most_unpacked(packed.n);
	struct taking taking = { .evidence = evidence, .why = why, .n = n };
	const struct unwrap_sink sink = {
		.context = &taking,
		.document = take_document,
		.no_document = take_no_document,
		.opened = take_layer,
		.file = take_file,
		.member_begins = begin_unread,
		.member_ends = end_unread,
		.left_out = take_skipped,
		.fault = take_fault,
		.unopened = take_unopened,
	};
	struct unwrapping unwrapping = {
		.sink = &sink,
		.limits = limits_unwrap(options),
		.reader = xml_reader_new(),
	};
	const struct parcel parcel = { .bytes = packed };
	if (!unwrapping.reader)
		return no(why, n, "out of memory");
	bool own = most <= unwrapping.limits.max_decoded_bytes;
	if (own)
		unwrapping.limits.max_decoded_bytes = most;
	taking.by = &unwrapping;
	unwrap(&unwrapping, &parcel);
	xml_reader_free(unwrapping.reader);
	if (own && unwrap_room(&unwrapping) == 0) {
		snprintf(why, n, "it unpacks to more than %d times its size", MOST_TIMES_PACKED);
		return -1;
	}
	if (taking.limited)
		leave_unread(evidence, why);
	return taking.refused && !taking.limited ? -1 : 0;
}

/* A folder was packed with its own name: the slots are in it. */
static void strip_one_folder(struct evidence *evidence)
{
	const char *first = evidence->count ? evidence->items[0].name : "";
	size_t n = strcspn(first, "/");
	if (!first[n])
		return;
	for (size_t i = 1; i < evidence->count; i++)
		if (strncmp(evidence->items[i].name, first, n + 1) != 0)
			return;
	for (size_t i = 0; i < evidence->count; i++)
		evidence->items[i].name += n + 1;
}

static int by_name(const void *a, const void *b)
{
	const struct evidence_file *x = a, *y = b;
	return strcmp(x->name, y->name);
}

static int check_members(struct evidence *evidence, char *why, size_t n)
{
	if (!evidence->count)
		return no(why, n, "it is neither a folder nor a zip or tar with files in it");
	qsort(evidence->items, evidence->count, sizeof(*evidence->items), by_name);
	for (size_t i = 1; i < evidence->count; i++)
		if (strcmp(evidence->items[i - 1].name, evidence->items[i].name) == 0) {
			snprintf(why, n, "the member %.200s is in it twice",
				 evidence->items[i].name);
			return -1;
		}
	strip_one_folder(evidence);
	return 0;
}

static int open_archive(struct evidence *evidence, const char *path,
			const struct cpis_options *options, char *why, size_t n)
{
	struct buf packed;
	buf_init(&packed, most_archive_bytes);
	int status = -1;
	if (!files_read(path, &packed, why, n)) {
		status = -1;
	} else if (packed.n > limits_input_bytes(options)) {
		leave_unread(evidence, limits_input_too_large);
		status = 0;
	} else {
		status = read_members(evidence, buf_view(&packed), options, why, n);
	}
	buf_release(&packed);
	return status == 0 && !evidence->unread ? check_members(evidence, why, n) : status;
}

int evidence_open(struct evidence *evidence, const char *path, const struct cpis_options *options,
		  char *why, size_t n)
{
	*evidence = (struct evidence){ .root = path };
	if (!files_is_folder(path)) {
		if (open_archive(evidence, path, options, why, n) != 0)
			return -1;
	} else if (!list_folder(evidence, path, "", 0)) {
		return no(why, n, strerror(errno));
	}
	if (evidence->count >= MOST_FILES)
		return no(why, n, "it has too many files");
	return evidence->arena.failed ? no(why, n, "out of memory") : 0;
}

void evidence_close(struct evidence *evidence)
{
	arena_release(&evidence->arena);
	*evidence = (struct evidence){ 0 };
}

bool evidence_matches(const struct evidence_file *file, const char *pattern)
{
	return fnmatch(pattern, file->name, FNM_PATHNAME | FNM_PERIOD) == 0;
}

bool evidence_read(const struct evidence_file *file, struct buf *out, char *why, size_t n)
{
	if (file->why)
		return no(why, n, file->why) == 0;
	if (file->path)
		return files_read(file->path, out, why, n);
	buf_str(out, file->bytes);
	return !out->failed || no(why, n, "out of memory") == 0;
}
