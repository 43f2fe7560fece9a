/*
 * What a zip archive says beside its members: its directory, which lists them, must say what they
 * say themselves, and between them, before and after them nothing is lost.
 */
#include "base/arena.h"
#include "transport/layer.h"
#include "transport/unwrap.h"

#include <stdlib.h>

struct zip {
	struct unwrapping *unwrapping;
	const struct parcel *parcel;
	bool broken; /* a fault of the archive as a whole was reported: its directory is not looked
			at */
	bool no_memory;
};

static size_t little_endian(const char *p, size_t bytes)
{
	size_t number = 0;
	while (bytes--)
		number = number << 8 | (unsigned char)p[bytes];
	return number;
}

/* A zip archive says all of its members twice: in their own headers, and in the directory at its
 * end (PKWARE APPNOTE 4.3.7 and 4.3.12). Offsets are in the parcel. */
struct directory {
	size_t archive; /* where the archive starts */
	size_t start, end, count;
};

struct listed {
	size_t start, end; /* of the member with its header */
	bool measured;	   /* its sizes may come after its bytes */
};

enum { MEMBER_BYTES = 30, ENTRY_BYTES = 46, LONGEST_MEASURES = 24, MOST_PACKED_NOTHING = 64 };

static bool is_wide(size_t size)
{
	return size == 0xffffffff;
}

/* What one of the two headers of a member says of it. */
struct said {
	size_t flags, method, checksum, packed, size, offset;
};

/* The numbers that have no room in 32 bits are in an extra field, in this order (APPNOTE 4.5.3);
 * each is there when its own field says so. */
static void widen(struct said *said, struct str extra)
{
	enum { WIDE_FIELD = 1, HEAD_BYTES = 4, NUMBER_BYTES = 8 };
	size_t *const numbers[] = { &said->size, &said->packed, &said->offset };
	while (extra.n >= HEAD_BYTES && little_endian(extra.p, 2) != WIDE_FIELD) {
		size_t field = HEAD_BYTES + little_endian(extra.p + 2, 2);
		extra = str_from(extra, field < extra.n ? field : extra.n);
	}
	size_t room = extra.n < HEAD_BYTES ? 0 : little_endian(extra.p + 2, 2);
	extra = extra.n < HEAD_BYTES ? extra : str_from(extra, HEAD_BYTES);
	room = room < extra.n ? room : extra.n;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		if (!is_wide(*numbers[i]))
			continue;
		if (room < NUMBER_BYTES)
			return;
		*numbers[i] = little_endian(extra.p, NUMBER_BYTES);
		extra = str_from(extra, NUMBER_BYTES);
		room -= NUMBER_BYTES;
	}
}

/* Flags, method, checksum and both sizes, as the directory and as the member says them. A member
 * whose sizes come after its bytes may have noughts for them. */
static const char *contradiction(const struct said *entry, const struct said *member, bool measured)
{
	enum { ENCRYPTED = 1 };
	const struct {
		size_t outer, inner;
		const char *name;
		bool may_come_later;
	} said[] = {
		{ entry->flags & ENCRYPTED, member->flags & ENCRYPTED, "mark of encryption",
		  false },
		{ entry->method, member->method, "method of compression", false },
		{ entry->checksum, member->checksum, "checksum", true },
		{ entry->packed, member->packed, "compressed size", true },
		{ entry->size, member->size, "size", true },
	};
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		if (said[i].outer != said[i].inner &&
		    !(said[i].may_come_later && measured && !said[i].inner))
			return said[i].name;
	return NULL;
}

static bool same_name(const char *entry, const char *member)
{
	size_t name_bytes = little_endian(entry + 28, 2);
	return name_bytes == little_endian(member + 26, 2) &&
	       memcmp(entry + ENTRY_BYTES, member + MEMBER_BYTES, name_bytes) == 0;
}

static struct said said_by_entry(const char *entry)
{
	struct said said = {
		.flags = little_endian(entry + 8, 2),
		.method = little_endian(entry + 10, 2),
		.checksum = little_endian(entry + 16, 4),
		.packed = little_endian(entry + 20, 4),
		.size = little_endian(entry + 24, 4),
		.offset = little_endian(entry + 42, 4),
	};
	widen(&said, (struct str){ entry + ENTRY_BYTES + little_endian(entry + 28, 2),
				   little_endian(entry + 30, 2) });
	return said;
}

/* extra: its extra field. */
static struct said said_by_member(const char *member, struct str extra)
{
	struct said said = {
		.flags = little_endian(member + 6, 2),
		.method = little_endian(member + 8, 2),
		.checksum = little_endian(member + 14, 4),
		.packed = little_endian(member + 18, 4),
		.size = little_endian(member + 22, 4),
	};
	widen(&said, extra);
	return said;
}

static void directory_fault(struct zip *zip, size_t at, const char *text)
{
	unwrap_fault(zip->unwrapping, zip->parcel, at, RULE_TRN_005,
		     "the directory at the end of the archive %s", text);
}

/* The member that an entry lists. False: it is not known where it is, or it is not as listed. */
static bool find_listed(struct zip *zip, const struct directory *directory, const char *entry,
			struct listed *listed)
{
	enum { MEASURED = 8 };
	struct str bytes = zip->parcel->bytes;
	size_t at = (size_t)(entry - bytes.p), room = directory->start - directory->archive;
	const struct said outer = said_by_entry(entry);
	const char *member = outer.offset > room || room - outer.offset < MEMBER_BYTES
				     ? NULL
				     : bytes.p + directory->archive + outer.offset;
	if (!member || memcmp(member, "PK\3\4", 4) != 0) {
		directory_fault(zip, at, "lists a member that is not there");
		return false;
	}
	room -= outer.offset;
	size_t head = MEMBER_BYTES + little_endian(member + 26, 2) + little_endian(member + 28, 2);
	if (head > room || outer.packed > room - head) {
		directory_fault(zip, at, "lists a member that is longer than there are bytes");
		return false;
	}
	if (!outer.size && outer.packed > MOST_PACKED_NOTHING) {
		directory_fault(zip, at, "lists a member of no bytes that has some");
		return false;
	}
	const struct str extra = { member + MEMBER_BYTES + little_endian(member + 26, 2),
				   little_endian(member + 28, 2) };
	const struct said inner = said_by_member(member, extra);
	listed->start = directory->archive + outer.offset;
	listed->end = listed->start + head + outer.packed;
	listed->measured = outer.flags & MEASURED;
	unwrap_look_beside(zip->unwrapping, zip->parcel, extra, "the extra field of a zip member");
	const char *what = contradiction(&outer, &inner, listed->measured);
	if (!what && !same_name(entry, member))
		what = "name";
	if (what)
		unwrap_fault(zip->unwrapping, zip->parcel, listed->start, RULE_TRN_005,
			     "the %s of a member is not that in the directory at the end of the "
			     "archive",
			     what);
	return !what;
}

static int by_start(const void *a, const void *b)
{
	const struct listed *one = a, *other = b;
	return (one->start > other->start) - (one->start < other->start);
}

/* What is between the members, and before and after them. */
static void list_gaps(struct zip *zip, const struct directory *directory, struct listed *listed,
		      size_t count)
{
	size_t reached = directory->archive;
	bool measured = false;
	if (count)
		qsort(listed, count, sizeof(*listed), by_start);
	for (size_t i = 0; i <= count; i++) {
		size_t until = i < count ? listed[i].start : directory->start;
		bool measures = measured && until > reached && until - reached <= LONGEST_MEASURES;
		if (until > reached && !measures)
			unwrap_list_bytes(
				zip->unwrapping, zip->parcel, reached, until,
				"between the members that the directory of the zip archive "
				"lists");
		if (i < count && listed[i].end > reached) {
			reached = listed[i].end;
			measured = listed[i].measured;
		}
	}
}

static void judge_directory(struct zip *zip, const struct directory *directory)
{
	struct str bytes = zip->parcel->bytes;
	struct listed *listed = NULL;
	size_t count = 0, room = 0, entries = 0, at = directory->start;
	bool whole = true;
	while (directory->end - at >= ENTRY_BYTES && memcmp(bytes.p + at, "PK\1\2", 4) == 0) {
		const char *entry = bytes.p + at;
		size_t fixed = ENTRY_BYTES + little_endian(entry + 28, 2);
		size_t n = fixed + little_endian(entry + 30, 2) + little_endian(entry + 32, 2);
		if (n > directory->end - at)
			break;
		unwrap_look_beside(
			zip->unwrapping, zip->parcel, (struct str){ entry + fixed, n - fixed },
			"the directory of the zip archive, as an extra field or comment");
		struct listed *more = list_grown(listed, count, &room, sizeof(*more));
		zip->no_memory = zip->no_memory || !more;
		if (!more)
			break;
		listed = more;
		bool found = find_listed(zip, directory, entry, &listed[count]);
		count += found;
		whole = whole && found;
		entries++;
		at += n;
	}
	if (!zip->no_memory && entries != directory->count &&
	    (entries & 0xffff) != directory->count)
		directory_fault(zip, directory->start, "has not as many members as it says");
	else if (whole && !zip->no_memory)
		list_gaps(zip, directory, listed, count);
	free(listed);
}

/*
 * The end record says where the directory starts, counted from the start of the archive, and how
 * large it is (PKWARE APPNOTE 4.3.16). In an archive of more than 4 GiB, or in one that might have
 * been, two others are before it, of which the first has the numbers that have no room here. False:
 * it is not where it says. at: of the end record.
 */
static bool find_directory(struct str bytes, size_t at, struct directory *directory)
{
	enum { WIDE_BYTES = 56, LOCATOR_BYTES = 20 };
	const char *end = bytes.p + at, *wide = NULL;
	size_t count = little_endian(end + 10, 2);
	size_t size = little_endian(end + 12, 4), offset = little_endian(end + 16, 4);
	if (at >= WIDE_BYTES + LOCATOR_BYTES && memcmp(end - LOCATOR_BYTES, "PK\6\7", 4) == 0 &&
	    memcmp(end - LOCATOR_BYTES - WIDE_BYTES, "PK\6\6", 4) == 0)
		wide = end - LOCATOR_BYTES - WIDE_BYTES;
	directory->end = wide ? (size_t)(wide - bytes.p) : at;
	directory->count = wide && count == 0xffff ? little_endian(wide + 32, 8) : count;
	size = wide && is_wide(size) ? little_endian(wide + 40, 8) : size;
	offset = wide && is_wide(offset) ? little_endian(wide + 48, 8) : offset;
	if (size > directory->end || offset > directory->end - size)
		return false;
	directory->archive = directory->end - size - offset;
	directory->start = directory->archive + offset;
	return true;
}

/* The end record of a zip is the last 22 bytes but for its comment. */
static void judge_ends(struct zip *zip)
{
	enum { END_BYTES = 22, COMMENT_BYTES_AT = 20 };
	struct str bytes = zip->parcel->bytes;
	for (size_t at = bytes.n < END_BYTES ? 0 : bytes.n - END_BYTES + 1; at-- > 0;) {
		const char *end = bytes.p + at;
		struct directory directory;
		if (memcmp(end, "PK\5\6", 4) != 0)
			continue;
		size_t after = at + END_BYTES + little_endian(end + COMMENT_BYTES_AT, 2);
		bool found = find_directory(bytes, at, &directory);
		if (found)
			unwrap_list_bytes(zip->unwrapping, zip->parcel, 0, directory.archive,
					  "before the zip archive");
		if (found && !zip->broken)
			judge_directory(zip, &directory);
		else if (!zip->broken)
			directory_fault(zip, at, "is not where its end record says");
		if (after > bytes.n)
			after = bytes.n;
		unwrap_look_beside(zip->unwrapping, zip->parcel,
				   (struct str){ end + END_BYTES, after - at - END_BYTES },
				   "the comment of the zip archive");
		unwrap_list_bytes(zip->unwrapping, zip->parcel, after, bytes.n,
				  "after the end of the zip archive");
		return;
	}
	if (!zip->broken)
		unwrap_fault(zip->unwrapping, zip->parcel, 0, RULE_TRN_005,
			     "the archive is cut short: its end, which lists its members, is "
			     "missing");
}

int zip_judge_rest(struct unwrapping *unwrapping, const struct parcel *parcel, bool broken)
{
	struct zip zip = { .unwrapping = unwrapping, .parcel = parcel, .broken = broken };
	judge_ends(&zip);
	return zip.no_memory ? -1 : 0;
}
