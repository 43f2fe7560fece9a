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

enum {
	FIRST_STEP_BYTES = 16 * 1024, /* most members have no more */
	LARGEST_STEP_BYTES = 256 * 1024,
	LONGEST_NAME = 1024,
	LONGEST_WHY = 200,
	TAR_MARK_AT = 257
};

/* A file in the archive that takes part in a MESH transfer. */
struct member {
	char *name;
	struct mesh_control control;
};

/* A member of a tar by its whole name, and where its headers start. */
struct named {
	char *name;
	size_t at;
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
	size_t learned;	     /* control files that were read for what they say */
	struct named *named; /* of a tar with a hard link: all of them, by name and place */
	size_t named_count, named_room;
	bool indexed;
	size_t decoded_bytes;
	size_t end;	    /* of the last member that was read, with what fills up its block */
	bool at_end;	    /* there is no other member */
	struct str message; /* in the head of a member, where none is looked for; empty: none */
	/* Of the archive, and of the one that is open beside it: libarchive makes one itself, and
	 * does not look whether it was made. */
	struct archive_entry *entry, *entry_beside;
	bool no_memory; /* it is not known what is in it, or which files belong together */
};

static enum bid bid_for_zip(const struct parcel *parcel)
{
	bool zip = str_starts(parcel->bytes, STR("PK\x03\x04")) ||
		   str_starts(parcel->bytes, STR("PK\x05\x06"));
	/* Office documents are zip archives too, without messages. */
	return zip && !kind_of_marked(parcel->bytes) ? BID_SURE : NO_BID;
}

/* The checksum in the head of a member is the sum of its bytes, in octal digits, where those of the
 * checksum count as spaces (POSIX ustar). */
static bool has_checksum_of_tar(struct str bytes)
{
	enum { HEAD_BYTES = 512, AT = 148, FIELD_BYTES = 8 };
	unsigned said = 0, sum = 0;
	if (bytes.n < HEAD_BYTES)
		return false;
	struct str digits = str_trim((struct str){ bytes.p + AT, FIELD_BYTES });
	size_t n = 0;
	for (; n < digits.n && digits.p[n] >= '0' && digits.p[n] <= '7'; n++)
		said = said * 8 + (unsigned)(digits.p[n] - '0');
	if (n == 0 || (n < digits.n && digits.p[n]))
		return false;
	for (size_t i = 0; i < HEAD_BYTES; i++)
		sum += i - AT < FIELD_BYTES ? ' ' : (unsigned char)bytes.p[i];
	return sum == said;
}

/* Older forms have no mark, nor has the label of a volume. */
static enum bid bid_for_tar(const struct parcel *parcel)
{
	struct str mark = str_from(parcel->bytes, TAR_MARK_AT);
	return str_starts(mark, STR("ustar")) || has_checksum_of_tar(parcel->bytes) ? BID_SURE
										    : NO_BID;
}

/* The bytes of a name as they are, whatever its language: reports show what cannot be written. */
static const char *whole_name_of(struct archive_entry *entry)
{
	const char *utf8 = archive_entry_pathname_utf8(entry);
	const char *name = utf8 ? utf8 : archive_entry_pathname(entry);
	return name ? name : "";
}

static void name_of(struct archive_entry *entry, char name[LONGEST_NAME])
{
	const char *text = whole_name_of(entry);
	snprintf(name, LONGEST_NAME, "%s", *text ? text : "(without a name)");
	size_t n = strlen(name);
	while (n == LONGEST_NAME - 1 && name[n - 1] & 0x80)
		name[--n] = '\0';
}

/* Whether it holds bytes of its own. */
static bool is_file(struct archive_entry *entry)
{
	return !archive_entry_hardlink(entry) && archive_entry_filetype(entry) == AE_IFREG;
}

/* Folders hold nothing. libarchive reads no bytes of those of a zip: their size has to be known. */
static bool is_folder(struct archive *archive, struct archive_entry *entry)
{
	char byte;
	return archive_entry_filetype(entry) == AE_IFDIR && !archive_entry_hardlink(entry) &&
	       archive_entry_size(entry) == 0 && archive_read_data(archive, &byte, 1) == 0;
}

/* NULL: it is broken at the start, or out of memory. */
static struct archive *open_archive(struct opening *opening, size_t from)
{
	struct archive *archive = archive_read_new();
	struct str bytes = str_from(opening->parcel->bytes, from);
	opening->no_memory = opening->no_memory || !archive;
	if (!archive)
		return NULL;
	if (opening->support(archive) == ARCHIVE_OK &&
	    archive_read_open_memory(archive, bytes.p, bytes.n) == ARCHIVE_OK)
		return archive;
	opening->no_memory = opening->no_memory || archive_errno(archive) == ENOMEM;
	archive_read_free(archive);
	return NULL;
}

static bool lacks_memory(struct opening *opening, struct archive *archive, int status)
{
	bool lacks = status != ARCHIVE_OK && archive_errno(archive) == ENOMEM;
	opening->no_memory = opening->no_memory || lacks;
	return lacks;
}

/* The next entry that is not a folder; 0 at the end, -1 when the archive is broken. *end: how many
 * bytes were read before it. A header that is broken may be of a message: what comes after it is
 * not looked for. */
static int next_file(struct opening *opening, struct archive *archive, struct archive_entry *entry,
		     size_t *end)
{
	for (;;) {
		if (archive_file_count(archive) > 0)
			archive_read_data_skip(archive);
		*end = (size_t)archive_filter_bytes(archive, 0);
		int status = archive_read_next_header2(archive, entry);
		if (status == ARCHIVE_EOF)
			return 0;
		if (lacks_memory(opening, archive, status) ||
		    (status != ARCHIVE_OK && status != ARCHIVE_WARN))
			return -1;
		if (!is_folder(archive, entry))
			return 1;
	}
}

/* Hard links of a tar: the bytes of a member before them, by its name. */

static int by_name_and_place(const void *a, const void *b)
{
	const struct named *one = a, *other = b;
	int order = strcmp(one->name, other->name);
	return order ? order : (one->at > other->at) - (one->at < other->at);
}

/* Where each member is, by name: once, and only where a link asks. */
static void index_members(struct opening *opening)
{
	struct archive *archive = open_archive(opening, 0);
	struct archive_entry *entry = opening->entry_beside;
	size_t end;
	while (archive && !opening->no_memory && next_file(opening, archive, entry, &end) == 1) {
		struct named *more = list_grown(opening->named, opening->named_count,
						&opening->named_room, sizeof(*more));
		char *name = more ? strdup(whole_name_of(entry)) : NULL;
		opening->named = more ? more : opening->named;
		opening->no_memory = opening->no_memory || !name;
		if (name)
			opening->named[opening->named_count++] =
				(struct named){ name,
						(size_t)archive_read_header_position(archive) };
	}
	archive_read_free(archive);
	if (opening->named_count)
		qsort(opening->named, opening->named_count, sizeof(*opening->named),
		      by_name_and_place);
	opening->indexed = true;
}

/* The last member of a name whose headers start before a place; NULL: there is none. */
static const struct named *find_before(const struct opening *opening, const char *name, size_t at)
{
	size_t low = 0, high = opening->named_count;
	const struct named key = { .name = (char *)(uintptr_t)name, .at = at };
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (by_name_and_place(&opening->named[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	const struct named *found = low ? &opening->named[low - 1] : NULL;
	return found && strcmp(found->name, name) == 0 ? found : NULL;
}

/* The archive once more, at the file that a hard link names; NULL: it names none before it. */
static struct archive *follow_link(struct opening *opening, struct archive *archive,
				   struct archive_entry *link)
{
	size_t at = (size_t)archive_read_header_position(archive), end;
	if (!opening->indexed)
		index_members(opening);
	const char *utf8 = archive_entry_hardlink_utf8(link);
	const struct named *named =
		find_before(opening, utf8 ? utf8 : archive_entry_hardlink(link), at);
	struct archive *other = named ? open_archive(opening, named->at) : NULL;
	struct archive_entry *entry = opening->entry_beside;
	if (other && next_file(opening, other, entry, &end) == 1 && is_file(entry) &&
	    strcmp(whole_name_of(entry), named->name) == 0)
		return other;
	archive_read_free(other);
	return NULL;
}

/* Where the bytes of an entry are read; a hard link has no bytes of its own, and another archive
 * than this is the caller's to free. NULL: why not. */
static struct archive *holder_of(struct opening *opening, struct archive *archive,
				 struct archive_entry *entry, const char **why)
{
	if (is_file(entry))
		return archive;
	bool tar = opening->support == archive_read_support_format_tar;
	bool link = archive_entry_hardlink(entry) != NULL;
	mode_t type = archive_entry_filetype(entry);
	*why = link		  ? "it is a hard link, and names no file before it in the archive"
	       : type == AE_IFLNK ? "it is a link, and links are not followed"
	       : type == AE_IFDIR ? "it is marked as a folder, but there are bytes in it: some "
				    "programs unpack it as a file"
				  : "it is not a file";
	bool bare = link && archive_entry_size(entry) == 0;
	return tar && bare ? follow_link(opening, archive, entry) : NULL;
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
		size_t step = out->n < FIRST_STEP_BYTES ? FIRST_STEP_BYTES : out->n;
		step = step < LARGEST_STEP_BYTES ? step : LARGEST_STEP_BYTES;
		step = step < left ? step : left;
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

/* What a control file says; it is judged as a file of its own later. Past the limits it is not
 * known. */
static void learn_control(struct opening *opening, struct archive *archive, struct member *member)
{
	struct buf bytes;
	size_t offset;
	char why[256];
	size_t room = room_of(opening);
	member->control.unread = true;
	if (opening->learned++ >= opening->unwrapping->limits.max_parts ||
	    unwrap_is_too_dense(opening->parcel->bytes.n, opening->decoded_bytes))
		return;
	buf_init(&bytes, room < MOST_CONTROL_BYTES ? room : MOST_CONTROL_BYTES);
	enum read_end end = read_file(archive, &bytes);
	if (end >= READ_BROKEN)
		lacks_memory(opening, archive, ARCHIVE_FATAL);
	if (end == READ_WHOLE)
		member->control.unread =
			mesh_read_control(opening->unwrapping->reader, buf_view(&bytes),
					  &member->control, &offset, why) == MESH_UNREADABLE;
	unwrap_decoded(opening->unwrapping, bytes.n);
	opening->decoded_bytes += bytes.n;
	buf_release(&bytes);
}

/* It is there, whether or not it can be read. */
static void learn_member(struct opening *opening, struct archive *archive,
			 struct archive_entry *entry, const char *name)
{
	const char *why;
	struct member *member = add_member(opening, name);
	if (!member) {
		opening->no_memory = true;
		return;
	}
	if (!mesh_is_control_name(name))
		return;
	struct archive *holder = holder_of(opening, archive, entry, &why);
	member->control.unread = !holder;
	if (holder)
		learn_control(opening, holder, member);
	if (holder != archive)
		archive_read_free(holder);
}

/* Before anything is judged: which files belong together, and what the control files say. All names
 * are learned: a file that is past a limit is not one that is missing. */
static void learn_members(struct opening *opening)
{
	struct archive *archive = open_archive(opening, 0);
	struct archive_entry *entry = opening->entry;
	char name[LONGEST_NAME];
	size_t end;
	while (archive && !opening->no_memory && next_file(opening, archive, entry, &end) == 1) {
		opening->files++;
		name_of(entry, name);
		if (mesh_is_control_name(name) || mesh_is_data_name(name))
			learn_member(opening, archive, entry, name);
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

/* A file of which no byte, or not every byte, can be read. A method of compression that this build
 * does not have is not a fault of the file: libarchive tells it from one by the words alone. */
static void report_unreadable(struct opening *opening, const struct parcel *part,
			      struct archive *holder)
{
	const char *why = archive_error_string(holder);
	const char *method = why && strncmp(why, "Unsupported ZIP compression", 27) == 0
				     ? strchr(why, '(')
				     : NULL;
	char plain[LONGEST_WHY], unknown[2 * LONGEST_WHY];
	fields_plain(str_of(method ? method : why ? why : "it is broken"), plain, sizeof(plain));
	opening->broken = opening->broken || !method;
	snprintf(unknown, sizeof(unknown), "it is compressed by a method that is not known here %s",
		 plain);
	report_unread(opening, part, method ? RULE_NONE : RULE_TRN_005, method ? unknown : plain);
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
	const char *note = unwrap_skips_note(name, bytes);
	const char *kind = kind_of_content(bytes);
	char why[64];
	if (!note && sink->file)
		return unwrap_count(opening->unwrapping, opening->parcel) == 0
			       ? sink->file(sink->context, &part)
			       : -1;
	if (!note && (part.mesh || unwrap_is_worth_judging(bytes, name)))
		return unwrap_part(opening->unwrapping, &part);
	snprintf(why, sizeof(why), "it is %s", kind ? kind : "");
	if (sink->left_out)
		sink->left_out(sink->context, opening->parcel, name,
			       note   ? note
			       : kind ? why
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
	const char *refusal;
	struct archive *holder = holder_of(opening, archive, entry, &refusal);
	if (!holder) {
		report_unread(opening, &part, RULE_NONE, refusal);
		return unwrap_count(opening->unwrapping, opening->parcel);
	}
	if (archive_entry_is_encrypted(entry)) {
		report_unread(opening, &part, RULE_NONE, "it is encrypted");
		return 0;
	}
	struct buf bytes;
	buf_init(&bytes, room_of(opening));
	enum read_end end = read_file(holder, &bytes);
	unwrap_decoded(opening->unwrapping, bytes.n);
	opening->decoded_bytes += bytes.n;
	int status = 0;
	if (end >= READ_BROKEN && lacks_memory(opening, holder, ARCHIVE_FATAL)) {
		status = -1;
	} else if (end == READ_BROKEN || end == READ_NO_FURTHER) {
		report_unreadable(opening, &part, holder);
		status = end == READ_NO_FURTHER ? -1 : 0;
	} else if (end == READ_TOO_MUCH ||
		   unwrap_is_too_dense(opening->parcel->bytes.n, opening->decoded_bytes)) {
		unwrap_too_large(opening->unwrapping, opening->parcel);
		status = -1;
	} else {
		status = hand_over(opening, name, buf_view(&bytes));
	}
	buf_release(&bytes);
	if (holder != archive)
		archive_read_free(holder);
	return status;
}

/* A tar has names, links and lists of rights that are long in blocks before the head of a member.
 */
static void look_at_head(struct opening *opening, struct archive *archive)
{
	size_t start = (size_t)archive_filter_bytes(archive, 0);
	struct str bytes = opening->parcel->bytes;
	if (opening->message.n || archive_format(archive) == ARCHIVE_FORMAT_ZIP ||
	    start > bytes.n || start < opening->end)
		return;
	bytes = (struct str){ bytes.p + opening->end, start - opening->end };
	if (unwrap_holds_message(bytes))
		opening->message = bytes;
}

static void open_files(struct opening *opening)
{
	struct archive *archive = open_archive(opening, 0);
	struct archive_entry *entry = opening->entry;
	int status = archive ? 1 : -1;
	while (status == 1) {
		status = next_file(opening, archive, entry, &opening->end);
		if (status != 1)
			break;
		look_at_head(opening, archive);
		if (open_file(opening, archive, entry) != 0)
			break;
	}
	opening->at_end = status == 0;
	if (status < 0 && !opening->no_memory) {
		const char *why = archive ? archive_error_string(archive) : NULL;
		char plain[LONGEST_WHY];
		why = fields_plain(str_of(why ? why : "it cannot be read"), plain, sizeof(plain));
		size_t at = opening->end < opening->parcel->bytes.n ? opening->end : 0;
		opening->broken = true;
		unwrap_fault(opening->unwrapping, opening->parcel, at, RULE_TRN_005,
			     "the archive is broken: %s", why);
	}
	archive_read_free(archive);
}

static size_t big_endian(const char *p, size_t bytes)
{
	size_t number = 0;
	while (bytes--)
		number = number << 8 | (unsigned char)*p++;
	return number;
}

/*
 * Whether it is AppleDouble (RFC 1740), whole, and without a message: a head that lists what comes
 * after it, each with its offset and length. There are 15 kinds of that.
 */
static bool is_apple_double(struct str bytes)
{
	enum { HEAD_BYTES = 26, COUNT_AT = 24, LISTED_BYTES = 12, MOST_LISTED = 15 };
	bool first = str_starts(bytes, (struct str){ "\0\5\26\7\0\1\0\0", 8 });
	bool second = str_starts(bytes, (struct str){ "\0\5\26\7\0\2\0\0", 8 });
	if ((!first && !second) || bytes.n < HEAD_BYTES)
		return false;
	size_t count = big_endian(bytes.p + COUNT_AT, 2);
	size_t head = HEAD_BYTES + count * LISTED_BYTES;
	if (count > MOST_LISTED || head > bytes.n || unwrap_may_hold_a_message(bytes))
		return false;
	for (size_t i = 0; i <= 2 * count; i++) {
		/* What comes after the head, what is listed, and what comes after that. */
		const char *listed = bytes.p + HEAD_BYTES + i / 2 * LISTED_BYTES;
		size_t at = i < 2 * count ? big_endian(listed + 4, 4) : head;
		size_t n = i < 2 * count ? big_endian(listed + 8, 4) : 0;
		if (at > bytes.n || n > bytes.n - at ||
		    unwrap_is_worth_judging(str_trim(str_from(bytes, i % 2 ? at + n : at)), ""))
			return false;
	}
	return true;
}

const char *unwrap_skips_note(const char *name, struct str bytes)
{
	static const struct {
		const char *name, *note;
	} leftovers[] = {
		{ ".DS_Store", "it holds what a Mac notes about a folder" },
		{ "Thumbs.db", "it holds what Windows notes about a folder" },
		{ "desktop.ini", "it holds what Windows notes about a folder" },
	};
	const char *slash = strrchr(name, '/');
	name = slash ? slash + 1 : name;
	if (strncmp(name, "._", 2) == 0 && name[2] && is_apple_double(bytes))
		return "it holds what a Mac notes about another file";
	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		if (strcmp(name, leftovers[i].name) == 0 && !unwrap_may_hold_a_message(bytes))
			return leftovers[i].note;
	return NULL;
}

static void list_bytes_of_zip(struct opening *opening)
{
	if (zip_judge_rest(opening->unwrapping, opening->parcel, opening->broken) != 0)
		opening->no_memory = true;
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
		unwrap_list_bytes(opening->unwrapping, opening->parcel, opening->end,
				  opening->parcel->bytes.n, "after the end of the tar archive");
	unwrap_look_beside(opening->unwrapping, opening->parcel, opening->message,
			   "the head of a tar member");
}

static void open_with(struct unwrapping *unwrapping, const struct parcel *parcel,
		      int (*support)(struct archive *archive),
		      void (*list_others)(struct opening *opening))
{
	struct opening opening = { .unwrapping = unwrapping, .parcel = parcel, .support = support };
	struct name_locale names = names_as_utf8();
	opening.entry = archive_entry_new();
	opening.entry_beside = archive_entry_new();
	opening.no_memory = !opening.entry || !opening.entry_beside;
	if (!opening.no_memory)
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
	for (size_t i = 0; i < opening.named_count; i++)
		free(opening.named[i].name);
	free(opening.named);
	archive_entry_free(opening.entry);
	archive_entry_free(opening.entry_beside);
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
	.sign = "the word ustar in its first block, or the checksum of that block",
	.rules = { RULE_TRN_005 },
	.bid = bid_for_tar,
	.open = open_tar,
};
