/* Content that is recognised, but not opened by this program: it is reported, never skipped. */
#include "transport/layer.h"
#include "transport/unwrap.h"

static const struct {
	struct str mark;
	const char *what;
} kinds[] = {
	{ { "7z\xbc\xaf\x27\x1c", 6 }, "a 7-Zip archive" },
	{ { "Rar!\x1a\x07", 6 }, "a RAR archive" },
	{ { "\xfd"
	    "7zXZ\0",
	    6 },
	  "xz-compressed" },
	{ { "BZh", 3 }, "bzip2-compressed" },
	{ { "\x28\xb5\x2f\xfd", 4 }, "zstd-compressed" },
	{ { "-----BEGIN PGP MESSAGE-----", 27 }, "encrypted (PGP)" },
	{ { "-----BEGIN PKCS7-----", 21 }, "encrypted (PKCS #7)" },
	{ { "-----BEGIN CMS-----", 19 }, "encrypted (CMS)" },
	{ { "Salted__", 8 }, "encrypted (OpenSSL)" },
};
enum { KIND_COUNT = sizeof(kinds) / sizeof(kinds[0]) };

static size_t kind_of(struct str bytes)
{
	size_t i = 0;
	while (i < KIND_COUNT && !str_starts(bytes, kinds[i].mark))
		i++;
	return i;
}

static enum bid bid_for_unopened(const struct parcel *parcel)
{
	return kind_of(parcel->bytes) < KIND_COUNT ? BID_SURE : NO_BID;
}

static void open_unopened(struct unwrapping *unwrapping, const struct parcel *parcel)
{
	size_t kind = kind_of(parcel->bytes);
	unwrap_unopened(unwrapping, parcel, 0, "it is %s, which this program does not open",
			kind < KIND_COUNT ? kinds[kind].what : "of a kind");
}

const struct layer unopened_layer = {
	.name = "unopened",
	.sign = "the bytes at its start",
	.bid = bid_for_unopened,
	.open = open_unopened,
};
