#include "transport/parcel.h"

static struct parcel inside(const struct parcel *around)
{
	struct parcel parcel = {
		.around = around,
		.layer_count = around->layer_count,
		.damaged = around->damaged,
		.mini_service = around->mini_service,
		.carrier = around->carrier,
		.ebxml = around->ebxml,
		.enclosure = around->enclosure,
	};
	for (size_t i = 0; i < around->layer_count; i++)
		parcel.layers[i] = around->layers[i];
	/* The first of the known layers is the one that was opened. */
	for (size_t i = 0; i < MOST_KNOWN_LAYERS && around->known[i]; i++)
		parcel.known[i] = around->known[i + 1];
	return parcel;
}

struct parcel parcel_slice(const struct parcel *around, size_t from, size_t n)
{
	struct parcel parcel = inside(around);
	parcel.bytes = (struct str){ around->bytes.p + from, n };
	parcel.form = PARCEL_AS_SENT;
	parcel.start = from;
	return parcel;
}

struct parcel parcel_decoded(const struct parcel *around, struct str bytes, size_t start)
{
	struct parcel parcel = inside(around);
	parcel.bytes = bytes;
	parcel.form = PARCEL_DECODED;
	parcel.start = start;
	return parcel;
}

bool parcel_add_layer(struct parcel *parcel, const char *name)
{
	if (parcel->layer_count == MOST_PARCEL_LAYERS)
		return false;
	parcel->layers[parcel->layer_count++] = name;
	return true;
}

const struct carrier *parcel_http(const struct parcel *parcel)
{
	for (; parcel; parcel = parcel->around)
		if (parcel->carrier && (parcel->carrier->status || parcel->carrier->method.n))
			return parcel->carrier;
	return NULL;
}

const struct parcel *parcel_source(const struct parcel *parcel)
{
	while (parcel->around && !parcel->member)
		parcel = parcel->around;
	return parcel;
}

/* The last piece that starts at or before an offset. */
static size_t outer_of_piece(const struct parcel *parcel, size_t offset)
{
	size_t low = 0, high = parcel->piece_count;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;
		if (parcel->pieces[middle].at <= offset)
			low = middle;
		else
			high = middle;
	}
	return parcel->piece_count ? parcel->pieces[low].outer + (offset - parcel->pieces[low].at)
				   : parcel->start;
}

struct origin parcel_origin(const struct parcel *parcel, size_t offset)
{
	struct origin origin = { .offset = offset };
	for (; parcel->around && !parcel->member; parcel = parcel->around) {
		switch (parcel->form) {
		case PARCEL_AS_SENT:
			origin.offset += parcel->start;
			break;
		case PARCEL_IN_PIECES:
			origin.offset = outer_of_piece(parcel, origin.offset);
			break;
		case PARCEL_DECODED:
			if (!origin.decoded) {
				origin.decoded = parcel;
				origin.inner = origin.offset;
			}
			origin.offset = parcel->start;
			break;
		}
	}
	return origin;
}

void parcel_describe(const struct parcel *parcel, struct buf *out)
{
	bool named = false;
	for (; parcel->around && !parcel->member; parcel = parcel->around) {
		if (parcel->form == PARCEL_DECODED) {
			const struct parcel *packed = parcel->around;
			buf_text(out, out->n == 0 ? "" : named ? " in " : " ");
			buf_text(out, packed->layer_count ? packed->layers[packed->layer_count - 1]
							  : "");
			named = false;
		} else if (parcel->name) {
			buf_text(out, out->n == 0 ? "" : named ? " in " : " ");
			buf_text(out, parcel->name);
			named = true;
		}
	}
}
