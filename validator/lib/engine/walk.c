#include "engine/walk.h"

#include "base/arena.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/source.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEPEST_FOLDER = 64 };

/* Why a name in a folder is not judged. */
static const char hidden[] = "it is hidden";
static const char listed_before[] = "its files were found by another way already";
static const char found_before[] = "the same file is there before it";
static const char found_again[] = "the same file is there by another name";

static const char own_report[] = "it is a report of cpis";
static const char no_message[] = "it does not begin like any kind of message";

/* The path as it is known whatever the folder around it is called. */
static struct str shard_key(const struct walk *walk, const char *path)
{
	struct str key = str_from(str_of(path), walk->root_bytes);
	if (mesh_is_control_name(path) || mesh_is_data_name(path))
		key.n -= key.n < MESH_ENDING_BYTES ? key.n : MESH_ENDING_BYTES;
	return key;
}

/* Whether an entry is in the part that is judged. It is counted in any case. */
static bool is_ours(const struct walk *walk, const char *path, bool counts)
{
	struct walk_shard *shard = walk->shard;
	if (!shard || !path)
		return true;
	struct str key = shard_key(walk, path);
	if (counts) {
		shard->files++;
		digest_add(&shard->listing, str_from(str_of(path), walk->root_bytes));
		digest_add(&shard->listing, (struct str){ "", 1 });
	}
	return digest_number(key) % shard->of == shard->number - 1;
}

/* path is in the walk's arena; NULL: out of memory. */
static int add_kept(struct walk *walk, const char *path, bool doubtful)
{
	struct walk_entry *more =
		list_grown(walk->entries, walk->count, &walk->room, sizeof(*more));
	if (!more)
		return -1;
	walk->entries = more;
	walk->entries[walk->count++] =
		(struct walk_entry){ .path = path, .doubtful = doubtful, .beside = walk->beside };
	return path ? 0 : -1;
}

static int pass_over(struct walk *walk, const char *path, const char *why)
{
	if (!is_ours(walk, path, false))
		return 0;
	if (add_kept(walk, arena_copy(&walk->arena, str_of(path)), false) != 0)
		return -1;
	walk->entries[walk->count - 1].passed_over = why;
	walk->entries[walk->count - 1].no_message = why != listed_before && why != found_before;
	return 0;
}

/* The path with links in its folders resolved, and with the last name resolved too if it may be a
 * link. False: it has no such path. */
static bool settle_path(const char *path, bool last, char settled[PATH_MAX])
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	if (last)
		return realpath(path, settled) != NULL;
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path + 1) : 1,
		 slash ? path : ".");
	if (!realpath(folder, settled))
		return false;
	size_t n = strlen(settled);
	const char *name = slash ? slash + 1 : path;
	return (size_t)snprintf(settled + n, PATH_MAX - n, "/%s", name) < PATH_MAX - n;
}

/*
 * Whether a path is a file that is known again: named twice, found by a link, or in a folder that
 * is named too. A hard link is a file of its own: who keeps equal files once has sent each of them.
 * So is a link to the data of a MESH transfer. *status then stands for the path, not the file.
 */
static bool is_known_again(const char *path, struct stat *status)
{
	char settled[PATH_MAX];
	bool data = mesh_is_data_name(path);
	if (strcmp(path, "-") == 0 || stat(path, status) != 0 || !S_ISREG(status->st_mode))
		return false;
	if (!data && status->st_nlink == 1)
		return true;
	if (!settle_path(path, !data, settled))
		return false;
	status->st_dev = (dev_t)-1;
	status->st_ino = (ino_t)digest_number(str_of(settled));
	return true;
}

/* before may be NULL. Entries move. */
static int pass_over_again(struct walk *walk, const char *path, struct walk_entry *before)
{
	size_t count = walk->count;
	bool untold = walk->beside || (before && before->beside);
	if (before && !walk->beside)
		before->beside = false;
	int result = pass_over(walk, path, found_before);
	if (walk->count > count)
		walk->entries[count].untold = untold;
	return result;
}

/* A file that was found before: by a name that decides as much, or by one that decides less, and is
 * passed over for this one. What is named on the command line is judged, whatever it is, and so is
 * what is named like a message. */
static int add_again(struct walk *walk, const char *path, bool doubtful, struct file_row *file)
{
	struct walk_entry *before = file->value ? &walk->entries[file->value - 1] : NULL;
	bool wins = !file->own && unwrap_is_named_like_a_message(path);
	if (before && !doubtful)
		before->doubtful = false;
	if (!doubtful || wins)
		file->own = true;
	if (!doubtful || !wins)
		return pass_over_again(walk, path, before);
	if (before)
		before->passed_over = found_again, before->doubtful = false;
	file->value = is_ours(walk, path, true) ? walk->count + 1 : 0;
	return file->value ? add_kept(walk, arena_copy(&walk->arena, str_of(path)), true) : 0;
}

/* Each file of one folder is there once, but for links: only when another name comes do they
 * have to be known. */
static bool know_earlier(struct walk *walk)
{
	for (; walk->known_count < walk->count; walk->known_count++) {
		const struct walk_entry *entry = &walk->entries[walk->known_count];
		struct stat status;
		if (entry->passed_over || !is_known_again(entry->path, &status))
			continue;
		struct file_row *file = file_table_add(&walk->files, &status);
		if (!file)
			return false;
		if (!file->value)
			file->value = walk->known_count + 1;
		file->own = file->own || !entry->doubtful ||
			    unwrap_is_named_like_a_message(entry->path);
	}
	return true;
}

static int add_new(struct walk *walk, const char *path, bool doubtful)
{
	struct stat status;
	struct file_row *file = NULL;
	if (walk->has_names && is_known_again(path, &status)) {
		size_t before = walk->files.count;
		file = file_table_add(&walk->files, &status);
		if (!file)
			return -1;
		if (walk->files.count == before)
			return add_again(walk, path, doubtful, file);
		file->own = !doubtful || unwrap_is_named_like_a_message(path);
	}
	if (!is_ours(walk, path, true))
		return 0;
	if (file)
		file->value = walk->count + 1;
	return add_kept(walk, arena_copy(&walk->arena, str_of(path)), doubtful);
}

static int add(struct walk *walk, const char *path, bool doubtful)
{
	walk->has_names = walk->has_names || walk->shard;
	if (walk->has_names && !know_earlier(walk))
		return -1;
	int result = add_new(walk, path, doubtful);
	if (walk->has_names)
		walk->known_count = walk->count;
	return result;
}

/* What comes after "frame N SHA256" and a line feed, which only the journal of --resume starts
 * with; absent: it starts otherwise. */
static struct str after_frame_line(struct str head)
{
	static const char hex[] = "0123456789abcdef";
	const struct str start = STR("frame ");
	enum { DIGEST_DIGITS = 64 };
	if (!str_starts(head, start))
		return (struct str){ 0 };
	struct str rest = str_from(head, start.n);
	while (rest.n && char_is_digit(rest.p[0]))
		rest = str_from(rest, 1);
	if (rest.n < 1 + DIGEST_DIGITS + 1 || rest.p[0] != ' ' || rest.p[1 + DIGEST_DIGITS] != '\n')
		return (struct str){ 0 };
	for (size_t i = 1; i <= DIGEST_DIGITS; i++)
		if (!memchr(hex, rest.p[i], sizeof(hex) - 1))
			return (struct str){ 0 };
	return str_from(rest, 1 + DIGEST_DIGITS + 1);
}

/* A report of an earlier run that begins like a message, or what a run that was stopped has left.
 * The first element decides: a message may say anything further on. The writers' own tests keep
 * this true. */
static bool is_own_report(struct str head, const char *path)
{
	static const struct {
		const char *start, *root, *mark; /* mark: anywhere after it. root NULL: any */
	} reports[] = {
		{ "<?xml", "results", "\n<results xmlns=\"urn:cpis:results:" },
		{ "<?xml", "testsuites", "\n<testsuites>\n <testsuite name=\"cpis." },
		{ "<!DOCTYPE html>", NULL, "<meta name=\"generator\" content=\"cpis " },
	};
	if (!unwrap_is_named_like_a_message(path) && after_frame_line(head).n)
		head = after_frame_line(head);
	struct str root = kind_root_name(head);
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		const char *mark = reports[i].mark;
		if (str_starts(head, str_of(reports[i].start)) &&
		    (!reports[i].root || str_is(root, reports[i].root)) &&
		    memmem(head.p, head.n, mark, strlen(mark)))
			return true;
	}
	return false;
}

/* White space that leaves little of a head for what it is in front of. */
static size_t blank_bytes(struct str bytes)
{
	size_t n = 0;
	while (n < bytes.n && char_is_space(bytes.p[n]))
		n++;
	return n > WALK_HEAD_BYTES / 2 ? n : 0;
}

void walk_settle(struct walk_entry *entry, struct str head)
{
	head = str_from(head, blank_bytes(head));
	if (head.n > WALK_HEAD_BYTES)
		head.n = WALK_HEAD_BYTES;
	if (entry->doubtful && is_own_report(head, entry->path))
		entry->passed_over = own_report, entry->no_message = true;
	else if (entry->doubtful && !unwrap_is_worth_judging(head, entry->path))
		entry->passed_over = no_message, entry->no_message = true;
	entry->doubtful = false;
}

void walk_settle_unopened(struct walk_entry *entry)
{
	char head[WALK_HEAD_BYTES];
	struct stat status;
	size_t blank = 0;
	if (!entry->doubtful)
		return;
	int fd = open(entry->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool is_file = fd >= 0 && fstat(fd, &status) == 0 && !source_refusal(status.st_mode);
	ssize_t got = is_file ? read(fd, head, sizeof(head)) : -1;
	while (got > 0 && (blank = blank_bytes((struct str){ head, (size_t)got }))) {
		size_t rest = (size_t)got - blank;
		memmove(head, head + blank, rest);
		got = read(fd, head + rest, sizeof(head) - rest);
		got = got < 0 ? got : got + (ssize_t)rest;
	}
	if (fd >= 0)
		close(fd);
	if (got >= 0)
		walk_settle(entry, (struct str){ head, (size_t)got });
	entry->doubtful = false;
}

/* The entries of one folder. */
struct listing {
	struct arena arena;
	struct name {
		uint64_t key; /* of the order: names with other keys are in their order */
		const char *path;
		const char *passed_over; /* why it is not opened; NULL: it is */
		bool is_folder;
		bool may_be_link;
	} * names;
	size_t count, room;
};

/* By its name, or by the end of its path below the folder that was named: "*.bak", or a folder of
 * it. What that folder is called, and where it lies, does not matter. */
static bool is_excluded(const struct cpis_options *options, const char *path, const char *name)
{
	for (size_t i = 0; options && i < options->exclude_count; i++) {
		const char *pattern = options->exclude[i];
		if (fnmatch(pattern, name, 0) == 0)
			return true;
		for (const char *part = path; part; part = strchr(part, '/')) {
			part += strspn(part, "/");
			if (fnmatch(pattern, part, FNM_LEADING_DIR) == 0)
				return true;
		}
	}
	return false;
}

/* A link that leads nowhere, a pipe or a device is taken all the same: it must show as incomplete,
 * not vanish. */
static void look_at(const struct walk *walk, struct name *name, const struct dirent *entry)
{
	struct stat status;
	if (entry->d_name[0] == '.')
		name->passed_over = hidden;
	else if (is_excluded(walk->options, name->path + walk->root_bytes, entry->d_name))
		name->passed_over = left_out_by_wish;
	if (name->passed_over || entry->d_type == DT_REG || stat(name->path, &status) != 0)
		return;
	name->is_folder = S_ISDIR(status.st_mode);
}

static int list(struct listing *listing, const struct walk *walk, struct str folder,
		const struct dirent *entry)
{
	struct name *more =
		list_grown(listing->names, listing->count, &listing->room, sizeof(*more));
	if (!more)
		return -1;
	listing->names = more;
	size_t slash = !str_ends(folder, STR("/")), n = strlen(entry->d_name);
	char *path = arena_alloc(&listing->arena, folder.n + slash + n + 1);
	if (!path)
		return -1;
	memcpy(path, folder.p, folder.n);
	memcpy(path + folder.n, "/", slash);
	memcpy(path + folder.n + slash, entry->d_name, n);
	struct name *name = &listing->names[listing->count++];
	*name = (struct name){ .path = path, .may_be_link = entry->d_type != DT_REG };
	look_at(walk, name, entry);
	return 0;
}

static int by_path(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	return x->key != y->key ? (x->key < y->key ? -1 : 1) : strcmp(x->path, y->path);
}

/* A path is compared by the first eight bytes that not all paths share, as one number. */
static void sort(struct listing *listing)
{
	if (listing->count == 0)
		return;
	const char *first = listing->names[0].path;
	size_t shared = strlen(first);
	for (size_t i = 1; i < listing->count; i++)
		for (size_t k = 0; k < shared; k++)
			if (listing->names[i].path[k] != first[k])
				shared = k;
	for (size_t i = 0; i < listing->count; i++) {
		struct str rest = str_of(listing->names[i].path + shared);
		for (size_t k = 0; k < sizeof(uint64_t); k++)
			listing->names[i].key = listing->names[i].key << 8 |
						(k < rest.n ? (unsigned char)rest.p[k] : 0);
	}
	qsort(listing->names, listing->count, sizeof(*listing->names), by_path);
}

/* 0; 1: the folder cannot be read to its end; -1: out of memory. */
static int list_folder(struct listing *listing, const struct walk *walk, const char *folder)
{
	DIR *stream = opendir(folder);
	if (!stream)
		return 1;
	int result = 0;
	const struct dirent *entry;
	errno = 0;
	while (result == 0 && (entry = readdir(stream)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = list(listing, walk, str_of(folder), entry), errno = 0;
	if (result == 0 && errno)
		result = 1;
	closedir(stream);
	sort(listing);
	return result;
}

/* 1: the folder was listed before; else it is noted. -1 when out of memory. */
static int visit(struct walk *walk, const char *folder)
{
	struct stat status;
	if (stat(folder, &status) != 0)
		return 0;
	for (size_t i = 0; i < walk->folder_count; i++)
		if (walk->folders[i].device == status.st_dev &&
		    walk->folders[i].number == status.st_ino)
			return 1;
	struct walk_folder *more =
		list_grown(walk->folders, walk->folder_count, &walk->folder_room, sizeof(*more));
	if (!more)
		return -1;
	walk->folders = more;
	walk->folders[walk->folder_count++] = (struct walk_folder){ status.st_dev, status.st_ino };
	return 0;
}

static int walk_folder(struct walk *walk, const char *folder, int depth);

static int walk_name(struct walk *walk, const struct name *name, int depth)
{
	if (name->passed_over)
		return pass_over(walk, name->path, name->passed_over);
	if (name->is_folder)
		return walk_folder(walk, name->path, depth + 1);
	walk->has_names = walk->has_names || name->may_be_link;
	return add(walk, name->path, true);
}

static int walk_folder(struct walk *walk, const char *folder, int depth)
{
	struct listing listing = { 0 };
	int visited = visit(walk, folder);
	if (visited != 0)
		return visited < 0 ? -1 : pass_over(walk, folder, listed_before);
	int result = depth > DEEPEST_FOLDER ? 1 : list_folder(&listing, walk, folder);
	/* What cannot be listed is judged: it must show as incomplete, not vanish. */
	if (result > 0)
		result = add(walk, folder, false);
	for (size_t i = 0; result == 0 && i < listing.count; i++)
		result = walk_name(walk, &listing.names[i], depth);
	free(listing.names);
	arena_release(&listing.arena);
	return result;
}

/* Either file of a MESH transfer means the other one too: each is judged with it alone. */
static int add_file(struct walk *walk, const char *path)
{
	char partner[4096];
	if (add(walk, path, false) != 0)
		return -1;
	if (!source_find_partner(path, partner, sizeof(partner)))
		return 0;
	walk->has_names = true;
	walk->beside = true;
	int result = add(walk, partner, false);
	walk->beside = false;
	return result;
}

static int walk_root(struct walk *walk, const char *path)
{
	struct str folder = str_of(path);
	walk->was_folder = true;
	walk->root_bytes = folder.n + !str_ends(folder, STR("/"));
	int result = walk_folder(walk, path, 0);
	walk->root_bytes = 0;
	return result;
}

int walk_path(struct walk *walk, const char *path, struct cpis_failure *failure)
{
	struct stat status;
	int result;
	walk->root_bytes = 0;
	walk->was_folder = false;
	walk->has_names = walk->has_names || walk->count;
	if (strcmp(path, "-") == 0)
		result = add(walk, path, false);
	else if (stat(path, &status) != 0)
		return failure_of_file(failure, path, "%s", strerror(errno));
	else if (S_ISDIR(status.st_mode))
		result = walk_root(walk, path);
	else
		result = add_file(walk, path);
	return result == 0 ? 0 : failure_out_of_memory(failure);
}

int walk_add_unread(struct walk *walk, const char *path, struct cpis_failure *failure)
{
	walk->root_bytes = 0;
	return add(walk, path, false) == 0 ? 0 : failure_out_of_memory(failure);
}

int walk_require_one(const struct walk *walk, size_t from, size_t until, const char *path,
		     struct cpis_failure *failure)
{
	for (size_t i = from; i < until; i++)
		if (!walk->entries[i].no_message)
			return 0;
	return failure_of_file(failure, path, "no messages found in the folder");
}

void walk_release(struct walk *walk)
{
	free(walk->entries);
	free(walk->folders);
	file_table_release(&walk->files);
	arena_release(&walk->arena);
	*walk = (struct walk){ 0 };
}
