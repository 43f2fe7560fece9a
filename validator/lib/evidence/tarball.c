#include "evidence/tarball.h"

#include "base/arena.h"
#include "base/character.h"
#include "base/digest.h"
#include "base/files.h"
#include "cpis.h"
#include "transport/unwrap.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <zlib.h>

static int no(char *why, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));

static int no(char *why, size_t n, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(why, n, format, args);
	va_end(args);
	return -1;
}

static bool part_is_plain(const char *part, size_t n)
{
	return n && !(n == 1 && part[0] == '.') && !(n == 2 && memcmp(part, "..", 2) == 0);
}

bool tarball_name_is_plain(const char *name)
{
	if (!*name || strlen(name) > TARBALL_MOST_NAME)
		return false;
	for (const char *p = name; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || *p == '\\')
			return false;
	for (;;) {
		size_t n = strcspn(name, "/");
		if (!part_is_plain(name, n))
			return false;
		if (!name[n])
			return true;
		name += n + 1;
	}
}

/* Packs, results, a report and messages shrink to a tenth or a thirtieth together. */
enum { MOST_TIMES_PACKED = 100 };

static bool begins_member(struct str packed)
{
	static const unsigned char header[] = { 0x1f, 0x8b, 8 };
	return packed.n >= sizeof(header) && memcmp(packed.p, header, sizeof(header)) == 0;
}

/* zlib checks the sum of each member, of which gzip data may have several; libarchive's own reader
 * of gzip does not. */
static int unpack(struct str packed, struct buf *tar, char *why, size_t n)
{
	/* Whatever packed it last may have put a time and a name there: they are not of the bundle.
	 */
	z_stream stream = { 0 };
	struct str rest = packed;
	int state = Z_OK;
	if (!begins_member(packed))
		return no(why, n, "its first bytes are not those of a bundle");
	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		return no(why, n, "out of memory");
	while (state == Z_OK) {
		if (!buf_reserve(tar, 1 << 20)) {
			inflateEnd(&stream);
			return no(why, n, "it is larger than this program unpacks");
		}
		stream.next_in = (Bytef *)(uintptr_t)rest.p;
		stream.avail_in = rest.n > 1 << 30 ? 1 << 30 : (uInt)rest.n;
		stream.next_out = (Bytef *)tar->p + tar->n;
		stream.avail_out = 1 << 20;
		state = inflate(&stream, Z_NO_FLUSH);
		rest = str_from(rest, (size_t)((const char *)stream.next_in - rest.p));
		tar->n += (1 << 20) - (size_t)stream.avail_out;
		if (state == Z_STREAM_END && begins_member(rest))
			state = inflateReset(&stream);
		if (tar->n > DENSE_FROM_BYTES && tar->n / MOST_TIMES_PACKED > packed.n) {
			inflateEnd(&stream);
			return no(why, n, "it unpacks to more than %d times its size",
				  MOST_TIMES_PACKED);
		}
	}
	inflateEnd(&stream);
	if (state != Z_STREAM_END)
		return no(why, n, "the packed data is damaged near byte %zu", packed.n - rest.n);
	if (rest.n)
		return no(why, n, "%zu bytes follow its end", rest.n);
	return 0;
}

/* The name of a member, without what stands for the folder that was packed. */
static const char *path_of(struct archive_entry *entry)
{
	const char *path = archive_entry_pathname(entry);
	while (path && strncmp(path, "./", 2) == 0)
		path += 2;
	return path ? path : "";
}

/* The folder of a bundle, one in it or the one around it, which tar writes too: it has no bytes
 * that count. */
static bool is_own_folder(struct archive_entry *entry)
{
	char name[TARBALL_MOST_NAME + 2];
	const char *path = path_of(entry);
	size_t folder = sizeof(TARBALL_FOLDER) - 1, n = strlen(path);
	if (archive_entry_filetype(entry) != AE_IFDIR || archive_entry_size(entry) > 0 ||
	    archive_entry_hardlink(entry) || archive_entry_symlink(entry))
		return false;
	if (n == 0 || strcmp(path, ".") == 0)
		return true;
	if (n < folder || n - folder >= sizeof(name) || memcmp(path, TARBALL_FOLDER, folder) != 0)
		return false;
	memcpy(name, path + folder, n - folder + 1);
	n -= folder;
	if (n && name[n - 1] == '/')
		name[n - 1] = '\0';
	return n == 0 || tarball_name_is_plain(name);
}

/* What may be in a bundle, and as what. */
static int check_entry(struct archive_entry *entry, const char **name, char *why, size_t n)
{
	const char *path = path_of(entry);
	size_t folder = sizeof(TARBALL_FOLDER) - 1;
	if (strncmp(path, TARBALL_FOLDER, folder) != 0 || !tarball_name_is_plain(path + folder))
		return no(why, n, "the member %.200s is not in " TARBALL_FOLDER, path);
	if (archive_entry_hardlink(entry) || archive_entry_symlink(entry) ||
	    archive_entry_filetype(entry) != AE_IFREG)
		return no(why, n, "the member %.200s is not a plain file", path + folder);
	if (archive_entry_uid(entry) != 0 || archive_entry_gid(entry) != 0 ||
	    archive_entry_perm(entry) != 0644)
		return no(why, n, "the member %.200s has an owner or special permissions",
			  path + folder);
	*name = path + folder;
	return 0;
}

static struct tarball_member *add_member(struct tarball *tarball, const char *name)
{
	struct tarball_member *more = list_grown_in(&tarball->arena, tarball->members,
						    tarball->count, &tarball->room, sizeof(*more));
	if (!more)
		return NULL;
	tarball->members = more;
	struct tarball_member *member = &tarball->members[tarball->count];
	*member = (struct tarball_member){ .name = arena_copy(&tarball->arena, str_of(name)) };
	if (!member->name)
		return NULL;
	tarball->count++;
	return member;
}

/* Where they lie in the tar in one piece, which is all that tar and we write, they stay there. */
static int take_bytes(struct tarball *tarball, struct archive *tar, size_t size, struct str *bytes)
{
	const struct buf *all = &tarball->tar;
	char *copy = NULL;
	size_t got = 0, n;
	while (got < size) {
		const void *block;
		la_int64_t offset;
		if (archive_read_data_block(tar, &block, &n, &offset) != ARCHIVE_OK || offset < 0 ||
		    (size_t)offset > size || n > size - (size_t)offset)
			return -1;
		const char *from = block;
		if (n == size && from >= all->p && from + n <= all->p + all->n) {
			*bytes = (struct str){ from, n };
			return 0;
		}
		copy = copy ? copy : arena_alloc(&tarball->arena, size + 1);
		if (!copy)
			return -1;
		if (n)
			memcpy(copy + offset, from, n);
		got = (size_t)offset + n;
	}
	*bytes = (struct str){ copy ? copy : "", size };
	return 0;
}

/* A NUL after each: in the tar, over padding or a header that has been read. */
static void end_members(struct tarball *tarball)
{
	struct buf *all = &tarball->tar;
	for (size_t i = 0; i < tarball->count; i++) {
		struct str bytes = tarball->members[i].bytes;
		if (bytes.n && bytes.p >= all->p && bytes.p + bytes.n <= all->p + all->n)
			all->p[(size_t)(bytes.p - all->p) + bytes.n] = '\0';
	}
}

static int read_member(struct tarball *tarball, struct archive *tar, struct archive_entry *entry,
		       char *why, size_t n)
{
	const char *name = NULL;
	if (is_own_folder(entry))
		return 0;
	if (check_entry(entry, &name, why, n) != 0)
		return -1;
	la_int64_t size = archive_entry_size(entry);
	if (tarball->count == TARBALL_MOST_MEMBERS)
		return no(why, n, "it has more than %d members", TARBALL_MOST_MEMBERS);
	if (size < 0 || (size_t)size > tarball->tar.n)
		return no(why, n, "the member %.200s is longer than the archive", name);
	struct tarball_member *member = add_member(tarball, name);
	if (!member)
		return no(why, n, "out of memory");
	if (take_bytes(tarball, tar, (size_t)size, &member->bytes) != 0)
		return no(why, n, "the member %.200s is cut short", name);
	digest_sha256(member->bytes, member->sha256);
	return 0;
}

/* After the members come two blocks of zeros, and zeros that fill up the last record. */
static int check_end(const struct tarball *tarball, size_t end, char *why, size_t n)
{
	enum { END_BYTES = 1024 };
	struct str rest = str_from(buf_view(&tarball->tar), end);
	size_t zeros = 0;
	while (zeros < rest.n && !rest.p[zeros])
		zeros++;
	if (zeros < END_BYTES)
		return no(why, n, "the two blocks of zeros that end the archive are missing");
	if (zeros < rest.n)
		return no(why, n, "%zu bytes follow the end of the archive", rest.n - zeros);
	return 0;
}

/* What is between the members is read by no one: names, links and lists of rights. */
static int check_head(const struct tarball *tarball, struct archive *tar, size_t end, char *why,
		      size_t n)
{
	size_t start = (size_t)archive_filter_bytes(tar, 0);
	const struct str head = { tarball->tar.p + end, start - end };
	if (start < end || start > tarball->tar.n || !unwrap_holds_message(head))
		return 0;
	return no(why, n, "what looks like a message is in the head of a member");
}

/* entry: to read heads into. libarchive has one itself, and does not look whether it was made. */
static int read_members(struct tarball *tarball, struct archive *tar, struct archive_entry *entry,
			char *why, size_t n)
{
	size_t end = 0;
	int state;
	if (archive_read_support_format_tar(tar) != ARCHIVE_OK ||
	    archive_read_open_memory(tar, tarball->tar.p, tarball->tar.n) != ARCHIVE_OK)
		return no(why, n, "it is not a tar archive");
	while ((state = archive_read_next_header2(tar, entry)) == ARCHIVE_OK) {
		if (check_head(tarball, tar, end, why, n) != 0 ||
		    read_member(tarball, tar, entry, why, n) != 0)
			return -1;
		archive_read_data_skip(tar);
		end = (size_t)archive_filter_bytes(tar, 0);
	}
	if (state != ARCHIVE_EOF)
		return no(why, n, "the archive is damaged after %s: %s",
			  tarball->count ? tarball->members[tarball->count - 1].name : "its start",
			  archive_error_string(tar) ? archive_error_string(tar)
						    : "it cannot be read");
	return check_end(tarball, end, why, n);
}

static int by_name(const void *a, const void *b)
{
	const struct tarball_member *const *x = a, *const *y = b;
	return strcmp((*x)->name, (*y)->name);
}

/* The members by name, each name once. */
static int sort_members(struct tarball *tarball, char *why, size_t n)
{
	tarball->sorted =
		arena_alloc(&tarball->arena, (tarball->count + 1) * sizeof(*tarball->sorted));
	if (!tarball->sorted)
		return no(why, n, "out of memory");
	for (size_t i = 0; i < tarball->count; i++)
		tarball->sorted[i] = &tarball->members[i];
	if (tarball->count)
		qsort(tarball->sorted, tarball->count, sizeof(*tarball->sorted), by_name);
	for (size_t i = 1; i < tarball->count; i++)
		if (strcmp(tarball->sorted[i - 1]->name, tarball->sorted[i]->name) == 0)
			return no(why, n, "the member %.200s is in it twice",
				  tarball->sorted[i]->name);
	return 0;
}

int tarball_read(struct tarball *tarball, struct str packed, size_t most_bytes, char *why, size_t n)
{
	*tarball = (struct tarball){ 0 };
	struct name_locale names = names_as_utf8();
	buf_init(&tarball->tar, most_bytes);
	int status = unpack(packed, &tarball->tar, why, n);
	struct archive *tar = status == 0 ? archive_read_new() : NULL;
	struct archive_entry *entry = tar ? archive_entry_new() : NULL;
	if (entry)
		status = read_members(tarball, tar, entry, why, n);
	else if (status == 0)
		status = no(why, n, "out of memory");
	archive_read_free(tar);
	archive_entry_free(entry);
	names_as_before(names);
	end_members(tarball);
	if (status == 0)
		status = sort_members(tarball, why, n);
	if (status != 0)
		tarball_release(tarball);
	return status;
}

void tarball_release(struct tarball *tarball)
{
	buf_release(&tarball->tar);
	arena_release(&tarball->arena);
	*tarball = (struct tarball){ 0 };
}

const struct tarball_member *tarball_find(const struct tarball *tarball, const char *name)
{
	const struct tarball_member wanted = { .name = name }, *key = &wanted;
	const struct tarball_member *const *found =
		tarball->count ? bsearch(&key, tarball->sorted, tarball->count,
					 sizeof(*tarball->sorted), by_name)
			       : NULL;
	return found ? *found : NULL;
}

/* libarchive makes the tar; zlib packs it, because its header then says neither time nor name. */
struct tarball_writer {
	char path[512];
	struct files_output *file;
	struct archive *tar;
	z_stream packer;
	bool packing, failed;
	int error; /* of errno, with which it could not be written; 0: it could */
	unsigned char out[65536];
};

static int fail(struct tarball_writer *writer, struct cpis_failure *failure, const char *text)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->file, sizeof(failure->file), "%s", writer->path);
	snprintf(failure->text, sizeof(failure->text), "cannot write the bundle: %s", text);
	return -1;
}

static bool pack(struct tarball_writer *writer, const void *bytes, size_t n, int flush)
{
	int state = Z_OK;
	/* zlib takes its input by a pointer that is not const, and does not write through it. */
	writer->packer.next_in = (Bytef *)(uintptr_t)bytes;
	writer->packer.avail_in = (uInt)n;
	do {
		writer->packer.next_out = writer->out;
		writer->packer.avail_out = sizeof(writer->out);
		state = deflate(&writer->packer, flush);
		size_t made = sizeof(writer->out) - writer->packer.avail_out;
		if (state == Z_STREAM_ERROR)
			return false;
		if (!files_append(writer->file, (struct str){ (char *)writer->out, made })) {
			writer->error = writer->error ? writer->error : errno;
			return false;
		}
	} while (writer->packer.avail_out == 0 || (flush == Z_FINISH && state != Z_STREAM_END));
	return true;
}

static la_ssize_t take(struct archive *tar, void *context, const void *bytes, size_t n)
{
	struct tarball_writer *writer = context;
	if (pack(writer, bytes, n, Z_NO_FLUSH))
		return (la_ssize_t)n;
	archive_set_error(tar, errno ? errno : EIO, "it cannot be packed");
	return -1;
}

static int open_tar(struct tarball_writer *writer)
{
	writer->tar = archive_write_new();
	if (!writer->tar || archive_write_set_format_pax_restricted(writer->tar) != ARCHIVE_OK ||
	    archive_write_add_filter_none(writer->tar) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(writer->tar, 10240) != ARCHIVE_OK)
		return -1;
	/* 15 + 16: a gzip header and trailer around what zlib makes. */
	if (deflateInit2(&writer->packer, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	writer->packing = true;
	return archive_write_open(writer->tar, writer, NULL, take, NULL) == ARCHIVE_OK ? 0 : -1;
}

int tarball_create(struct tarball_writer **out, const char *path, bool is_private,
		   struct cpis_failure *failure)
{
	struct tarball_writer *writer = calloc(1, sizeof(*writer));
	if (!writer) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
		return -1;
	}
	snprintf(writer->path, sizeof(writer->path), "%.511s", path);
	writer->file = files_create(path, is_private ? FILES_PRIVATE : FILES_REPLACE, "the bundle",
				    failure);
	if (!writer->file || open_tar(writer) != 0) {
		if (writer->file)
			fail(writer, failure, "out of memory");
		tarball_abandon(writer);
		return -1;
	}
	*out = writer;
	return 0;
}

int tarball_add(struct tarball_writer *writer, const char *name, struct str bytes,
		long long seconds, struct cpis_failure *failure)
{
	char whole[TARBALL_MOST_NAME + sizeof(TARBALL_FOLDER)];
	if (!tarball_name_is_plain(name)) {
		snprintf(whole, sizeof(whole), "the name %.200s cannot be kept", name);
		return fail(writer, failure, whole);
	}
	snprintf(whole, sizeof(whole), TARBALL_FOLDER "%s", name);
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return fail(writer, failure, "out of memory");
	struct name_locale names = names_as_utf8();
	archive_entry_set_pathname(entry, whole);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, (time_t)seconds, 0);
	archive_entry_set_size(entry, (la_int64_t)bytes.n);
	/* A name that is not UTF-8 is kept as bytes, with a warning. */
	int written = archive_write_header(writer->tar, entry);
	bool good = written == ARCHIVE_OK || written == ARCHIVE_WARN;
	while (good && bytes.n) {
		la_ssize_t n = archive_write_data(writer->tar, bytes.p, bytes.n);
		good = n > 0;
		bytes = str_from(bytes, good ? (size_t)n : 0);
	}
	archive_entry_free(entry);
	names_as_before(names);
	const char *why =
		writer->error ? strerror(writer->error) : archive_error_string(writer->tar);
	return good ? 0 : fail(writer, failure, why ? why : "libarchive does not say why");
}

int tarball_close(struct tarball_writer *writer, struct cpis_failure *failure)
{
	bool good = archive_write_close(writer->tar) == ARCHIVE_OK && pack(writer, "", 0, Z_FINISH);
	int status = -1;
	if (good || !files_append(writer->file, (struct str){ 0 })) {
		status = files_commit(writer->file, failure);
		writer->file = NULL;
	} else {
		fail(writer, failure, "it cannot be packed");
	}
	tarball_abandon(writer);
	return status;
}

void tarball_abandon(struct tarball_writer *writer)
{
	if (!writer)
		return;
	if (writer->tar)
		archive_write_free(writer->tar);
	if (writer->packing)
		deflateEnd(&writer->packer);
	files_abandon(writer->file);
	free(writer);
}
