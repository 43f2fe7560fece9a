/*
 * Archives, zip and tar, by libarchive: every file in one is a source of its own,
 * "archive.zip!name". They are read from memory. Nothing is written to disk: a name in an archive
 * is only a name.
 */
#include "base/arena.h"
#include "base/character.h"
#include "transport/fields.h"
#include "transport/layer.h"
#include "transport/mesh.h"
#include "transport/unwrap.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEP_BYTES = 256 * 1024, LONGEST_NAME = 1024, LONGEST_WHY = 200, TAR_MARK_AT = 257 };

/* A file in the archive that takes part in a MESH transfer. */
struct member {
	char *name;
	struct mesh_control control;
};

/* An archive while it is opened. */
struct opening {
	bool broken; /* a fault of the archive as a whole was reported */
	struct unwrapping *unwrapping;
	const struct parcel *parcel;
	int (*support)(struct archive *archive);
	size_t files;		/* all of them */
	struct member *members; /* those called .ctl and .dat */
	size_t member_count, member_room;
	size_t decoded_bytes;
	size_t end;	/* of the last member that was read, with what fills up its block */
	bool at_end;	/* there is no other member */
	bool no_memory; /* it is not known what is in it, or which files belong together */
};

static enum bid bid_for_zip(const struct parcel *parcel)
{
	bool zip = str_starts(parcel->bytes, STR("PK\x03\x04")) ||
		   str_starts(parcel->bytes, STR("PK\x05\x06"));
	/* Office documents are zip archives too, without messages. */
	return zip && !kind_of_marked(parcel->bytes) ? BID_SURE : NO_BID;
}

static enum bid bid_for_tar(const struct parcel *parcel)
{
	struct str mark = str_from(parcel->bytes, TAR_MARK_AT);
	return str_starts(mark, STR("ustar")) ? BID_SURE : NO_BID;
}

/* The bytes of a name as they are, whatever its language: reports show what cannot be written. */
static void name_of(struct archive_entry *entry, char name[LONGEST_NAME])
{
	const char *utf8 = archive_entry_pathname_utf8(entry);
	const char *text = utf8 ? utf8 : archive_entry_pathname(entry);
	snprintf(name, LONGEST_NAME, "%s", text && *text ? text : "(without a name)");
	size_t n = strlen(name);
	while (n == LONGEST_NAME - 1 && name[n - 1] & 0x80)
		name[--n] = '\0';
}

/* What a Mac packs beside each file, by the same name after "._". */
static bool is_apple_double(struct str bytes)
{
	return str_starts(bytes, (struct str){ "\0\5\26\7", 4 });
}

/* Why an entry holds no bytes of its own; NULL: it is a file. */
static const char *refusal_of(struct archive_entry *entry)
{
	if (archive_entry_hardlink(entry) || archive_entry_filetype(entry) == AE_IFLNK)
		return "it is a link, and links are not followed";
	return archive_entry_filetype(entry) == AE_IFREG ? NULL : "it is not a file";
}

/* NULL: it is broken at the start, or out of memory. */
static struct archive *open_archive(struct opening *opening)
{
	struct archive *archive = archive_read_new();
	opening->no_memory = opening->no_memory || !archive;
	if (!archive)
		return NULL;
	if (opening->support(archive) == ARCHIVE_OK &&
	    archive_read_open_memory(archive, opening->parcel->bytes.p, opening->parcel->bytes.n) ==
		    ARCHIVE_OK)
		return archive;
	opening->no_memory = opening->no_memory || archive_errno(archive) == ENOMEM;
	archive_read_free(archive);
	return NULL;
}

/* The next entry that is not a folder; 0 at the end, -1 when the archive is broken. *end: how many
 * bytes were read before it. */
static int next_file(struct archive *archive, struct archive_entry **entry, size_t *end)
{
	for (;;) {
		if (archive_file_count(archive) > 0)
			archive_read_data_skip(archive);
		*end = (size_t)archive_filter_bytes(archive, 0);
		int status = archive_read_next_header(archive, entry);
		if (status == ARCHIVE_EOF)
			return 0;
		if (status == ARCHIVE_RETRY)
			continue;
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			return -1;
		if (archive_entry_hardlink(*entry) || archive_entry_filetype(*entry) != AE_IFDIR)
			return 1;
	}
}

/* How many bytes the next member may have before the archive is too large, or too dense. */
static size_t room_of(const struct opening *opening)
{
	size_t room = unwrap_room(opening->unwrapping);
	size_t most = unwrap_least_dense(opening->parcel->bytes.n);
	size_t left = most > opening->decoded_bytes ? most - opening->decoded_bytes : 0;
	return room < left ? room : left;
}

enum read_end { READ_WHOLE, READ_TOO_MUCH, READ_BROKEN, READ_NO_FURTHER };

/* READ_NO_FURTHER: it is broken, and the archive cannot be read any further. */
static enum read_end read_file(struct archive *archive, struct buf *out)
{
	for (;;) {
		size_t left = out->max_bytes - out->n;
		size_t step = left < STEP_BYTES ? left : STEP_BYTES;
		if (step == 0 || !buf_reserve(out, step))
			return READ_TOO_MUCH;
		la_ssize_t got = archive_read_data(archive, out->p + out->n, step);
		if (got < 0)
			return got == ARCHIVE_FATAL ? READ_NO_FURTHER : READ_BROKEN;
		if (got == 0)
			return READ_WHOLE;
		out->n += (size_t)got;
		out->p[out->n] = '\0';
	}
}

static struct member *add_member(struct opening *opening, const char *name)
{
	struct member *more = list_grown(opening->members, opening->member_count,
					 &opening->member_room, sizeof(*more));
	if (!more)
		return NULL;
	opening->members = more;
	struct member *member = &opening->members[opening->member_count];
	*member = (struct member){ .name = strdup(name) };
	if (!member->name)
		return NULL;
	opening->member_count++;
	return member;
}

/* What a control file says; it is judged as a file of its own later. */
static void learn_control(struct opening *opening, struct archive *archive, struct member *member)
{
	struct buf bytes;
	size_t offset;
	char why[256];
	size_t room = room_of(opening);
	buf_init(&bytes, room < MOST_CONTROL_BYTES ? room : MOST_CONTROL_BYTES);
	if (read_file(archive, &bytes) != READ_WHOLE ||
	    mesh_read_control(opening->unwrapping->reader, buf_view(&bytes), &member->control,
			      &offset, why) == MESH_UNREADABLE)
		member->control.unread = true;
	unwrap_decoded(opening->unwrapping, bytes.n);
	opening->decoded_bytes += bytes.n;
	buf_release(&bytes);
}

/* Before anything is judged: which files belong together, and what the control files say. */
static void learn_members(struct opening *opening)
{
	struct archive *archive = open_archive(opening);
	struct archive_entry *entry;
	char name[LONGEST_NAME];
	size_t end;
	while (archive && opening->member_count < opening->unwrapping->limits.max_parts &&
	       !unwrap_is_too_dense(opening->parcel->bytes.n, opening->decoded_bytes) &&
	       next_file(archive, &entry, &end) == 1) {
		opening->files++;
		name_of(entry, name);
		if (refusal_of(entry))
			continue;
		if (!mesh_is_control_name(name) && !mesh_is_data_name(name))
			continue;
		struct member *member = add_member(opening, name);
		if (!member)
			opening->no_memory = true;
		else if (mesh_is_control_name(name))
			learn_control(opening, archive, member);
	}
	archive_read_free(archive);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* The other half of a pair; NULL: it is not there. *count: files that may be it. */
static const struct member *partner_of(const struct opening *opening, const char *name,
				       size_t *count)
{
	char other[LONGEST_NAME];
	struct member key = { .name = other };
	const struct member *partner = NULL;
	for (size_t i = 0;
	     opening->member_count && mesh_partner_name(name, i, other, sizeof(other)); i++) {
		const struct member *found = bsearch(&key, opening->members, opening->member_count,
						     sizeof(key), by_name);
		*count += found != NULL;
		partner = partner ? partner : found;
	}
	return partner;
}

/* False: it takes no part in a MESH transfer. */
static bool find_pair(const struct opening *opening, const char *name, struct mesh *mesh)
{
	bool control = mesh_is_control_name(name);
	if (!control && !mesh_is_data_name(name))
		return false;
	size_t partners = 0;
	const struct member *partner = partner_of(opening, name, &partners);
	*mesh = (struct mesh){ .role = control ? MESH_CONTROL : MESH_DATA,
			       .has_data = partner,
			       .personal_name = mesh_name_is_personal(name),
			       .partners = partners };
	if (!control && partner)
		mesh->control = partner->control;
	return control || partner;
}

/* A file that cannot be read. */
static void report_unread(struct opening *opening, const struct parcel *part, enum stage_rule rule,
			  const char *why)
{
	const struct unwrap_sink *sink = opening->unwrapping->sink;
	if (sink->member_begins)
		sink->member_begins(sink->context, part);
	if (rule)
		unwrap_fault(opening->unwrapping, part, 0, rule,
			     "the file cannot be read from the archive: %s", why);
	else
		unwrap_unopened(opening->unwrapping, part, 0, "%s", why);
	if (sink->member_ends)
		sink->member_ends(sink->context, part);
}

static int hand_over(struct opening *opening, const char *name, struct str bytes)
{
	const struct unwrap_sink *sink = opening->unwrapping->sink;
	struct parcel part = parcel_decoded(opening->parcel, bytes, 0);
	struct mesh mesh;
	part.member = name;
	part.siblings = opening->files;
	part.carrier = NULL;
	if (find_pair(opening, name, &mesh))
		part.mesh = &mesh;
	bool attributes = is_apple_double(bytes);
	const char *kind = kind_of_content(bytes);
	char why[64];
	if (!attributes && (part.mesh || unwrap_is_worth_judging(bytes, name)))
		return unwrap_part(opening->unwrapping, &part);
	snprintf(why, sizeof(why), "it is %s", kind ? kind : "");
	if (sink->left_out)
		sink->left_out(sink->context, opening->parcel, name,
			       attributes ? "it holds what a Mac notes about another file"
			       : kind	  ? why
					  : "it does not look like a message");
	return unwrap_count(opening->unwrapping, opening->parcel);
}

/* -1: stop here. */
static int open_file(struct opening *opening, struct archive *archive, struct archive_entry *entry)
{
	char name[LONGEST_NAME];
	name_of(entry, name);
	struct parcel part = parcel_decoded(opening->parcel, STR(""), 0);
	part.member = name;
	part.carrier = NULL;
	const char *refusal = refusal_of(entry);
	if (refusal) {
		report_unread(opening, &part, RULE_NONE, refusal);
		return unwrap_count(opening->unwrapping, opening->parcel);
	}
	if (archive_entry_is_encrypted(entry)) {
		report_unread(opening, &part, RULE_NONE, "it is encrypted");
		return 0;
	}
	struct buf bytes;
	buf_init(&bytes, room_of(opening));
	enum read_end end = read_file(archive, &bytes);
	unwrap_decoded(opening->unwrapping, bytes.n);
	opening->decoded_bytes += bytes.n;
	int status = 0;
	if (end == READ_BROKEN || end == READ_NO_FURTHER) {
		const char *why = archive_error_string(archive);
		char plain[LONGEST_WHY];
		fields_plain(str_of(why ? why : "it is broken"), plain, sizeof(plain));
		opening->broken = true;
		report_unread(opening, &part, RULE_TRN_005, plain);
		status = end == READ_NO_FURTHER ? -1 : 0;
	} else if (end == READ_TOO_MUCH ||
		   unwrap_is_too_dense(opening->parcel->bytes.n, opening->decoded_bytes)) {
		unwrap_too_large(opening->unwrapping, opening->parcel);
		status = -1;
	} else {
		status = hand_over(opening, name, buf_view(&bytes));
	}
	buf_release(&bytes);
	return status;
}

static void open_files(struct opening *opening)
{
	struct archive *archive = open_archive(opening);
	struct archive_entry *entry;
	int status = archive ? 1 : -1;
	while (status == 1) {
		status = next_file(archive, &entry, &opening->end);
		if (status == 1 && open_file(opening, archive, entry) != 0)
			break;
	}
	opening->at_end = status == 0;
	if (status < 0 && !opening->no_memory) {
		const char *why = archive ? archive_error_string(archive) : NULL;
		char plain[LONGEST_WHY];
		why = fields_plain(str_of(why ? why : "it cannot be read"), plain, sizeof(plain));
		opening->broken = true;
		unwrap_fault(opening->unwrapping, opening->parcel, 0, RULE_TRN_005,
			     "the archive is broken: %s", why);
	}
	archive_read_free(archive);
}

/* Bytes before or after an archive. Zeros hold nothing: writers fill up blocks with them. */
static void list_bytes(struct opening *opening, size_t from, size_t until, const char *why)
{
	const struct unwrap_sink *sink = opening->unwrapping->sink;
	char name[64];
	while (from < until && !opening->parcel->bytes.p[from])
		from++;
	snprintf(name, sizeof(name), "(%zu bytes from byte %zu)", until - from, from);
	if (until > from && sink->left_out)
		sink->left_out(sink->context, opening->parcel, name, why);
}

static size_t little_endian(const char *p, size_t bytes)
{
	size_t number = 0;
	while (bytes--)
		number = number << 8 | (unsigned char)p[bytes];
	return number;
}

/*
 * The end record of a zip is the last 22 bytes but for its comment, and says where the directory
 * starts, counted from the start of the archive (PKWARE APPNOTE 4.3.16). An archive of more than 4
 * GiB has other records.
 */
static void list_bytes_of_zip(struct opening *opening)
{
	enum { END_BYTES = 22, DIRECTORY_BYTES_AT = 12, DIRECTORY_AT = 16, COMMENT_BYTES_AT = 20 };
	struct str bytes = opening->parcel->bytes;
	for (size_t at = bytes.n < END_BYTES ? 0 : bytes.n - END_BYTES + 1; at-- > 0;) {
		const char *end = bytes.p + at;
		if (memcmp(end, "PK\5\6", 4) != 0)
			continue;
		size_t directory = little_endian(end + DIRECTORY_BYTES_AT, 4) +
				   little_endian(end + DIRECTORY_AT, 4);
		size_t after = at + END_BYTES + little_endian(end + COMMENT_BYTES_AT, 2);
		if (directory <= at && little_endian(end + DIRECTORY_AT, 4) != 0xffffffff)
			list_bytes(opening, 0, at - directory, "they are before the zip archive");
		list_bytes(opening, after < bytes.n ? after : bytes.n, bytes.n,
			   "they are after the end of the zip archive");
		return;
	}
	if (!opening->broken)
		unwrap_fault(opening->unwrapping, opening->parcel, 0, RULE_TRN_005,
			     "the archive is cut short: its end, which lists its members, is "
			     "missing");
}

static bool is_zeros(struct str bytes)
{
	for (size_t i = 0; i < bytes.n; i++)
		if (bytes.p[i])
			return false;
	return true;
}

/* After the members come two blocks of zeros, and what fills up the last record (POSIX ustar). */
static void list_bytes_of_tar(struct opening *opening)
{
	enum { END_BYTES = 1024 };
	struct str rest = str_from(opening->parcel->bytes, opening->end);
	if (opening->at_end && (rest.n < END_BYTES || !is_zeros((struct str){ rest.p, END_BYTES })))
		unwrap_fault(opening->unwrapping, opening->parcel, 0, RULE_TRN_005,
			     "the archive is cut short: the two blocks of zeros that end it are "
			     "missing");
	if (opening->at_end)
		list_bytes(opening, opening->end, opening->parcel->bytes.n,
			   "they are after the end of the tar archive");
}

static void open_with(struct unwrapping *unwrapping, const struct parcel *parcel,
		      int (*support)(struct archive *archive),
		      void (*list_others)(struct opening *opening))
{
	struct opening opening = { .unwrapping = unwrapping, .parcel = parcel, .support = support };
	struct name_locale names = names_as_utf8();
	learn_members(&opening);
	if (opening.member_count)
		qsort(opening.members, opening.member_count, sizeof(*opening.members), by_name);
	if (!opening.no_memory) {
		open_files(&opening);
		if (unwrapping->sink->archive_ends)
			unwrapping->sink->archive_ends(unwrapping->sink->context);
		list_others(&opening);
	}
	if (opening.no_memory)
		unwrap_unopened(unwrapping, parcel, 0, "out of memory");
	for (size_t i = 0; i < opening.member_count; i++)
		free(opening.members[i].name);
	free(opening.members);
	names_as_before(names);
}

static void open_zip(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	open_with(unwrapping, parcel, archive_read_support_format_zip, list_bytes_of_zip);
}

static void open_tar(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	open_with(unwrapping, parcel, archive_read_support_format_tar, list_bytes_of_tar);
}

const struct layer zip_layer = {
	.name = "zip",
	.sign = "the bytes PK at its start",
	.rules = { RULE_TRN_005 },
	.bid = bid_for_zip,
	.open = open_zip,
};

const struct layer tar_layer = {
	.name = "tar",
	.sign = "the word ustar in its first block",
	.rules = { RULE_TRN_005 },
	.bid = bid_for_tar,
	.open = open_tar,
};
