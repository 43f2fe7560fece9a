/* Any bytes through the layers alone, with little room, so that limits are met. */
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Every byte that is handed over can be read, and is followed by a NUL. */
static void on_document(void *context, const struct parcel *parcel)
{
	size_t *sum = context;
	for (size_t i = 0; i < parcel->bytes.n; i++)
		*sum += (unsigned char)parcel->bytes.p[i];
	if (parcel->bytes.p[parcel->bytes.n])
		abort();
}

static void on_no_document(void *context, const struct parcel *parcel, const char *what)
{
	size_t *sum = context;
	*sum += parcel->bytes.n + strlen(what);
}

static void on_fault(void *context, const struct parcel *parcel, size_t offset, const char *rule,
		     const char *text)
{
	size_t *sum = context;
	if (offset > parcel->bytes.n)
		abort();
	*sum += strlen(rule) + strlen(text);
}

static void on_unopened(void *context, const struct parcel *parcel, size_t offset, const char *why)
{
	size_t *sum = context;
	(void)parcel;
	*sum += offset + strlen(why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	static struct xml_reader *reader;
	size_t sum = 0;
	const struct unwrap_sink sink = { .context = &sum,
					  .document = on_document,
					  .no_document = on_no_document,
					  .fault = on_fault,
					  .unopened = on_unopened };
	if (!reader) {
		xml_setup();
		reader = xml_reader_new();
	}
	char *text = malloc(bytes + 1);
	if (!text || !reader)
		abort();
	memcpy(text, data, bytes);
	text[bytes] = '\0';
	struct unwrapping unwrapping = {
		.sink = &sink,
		.limits = { .max_decoded_bytes = 1 << 20, .max_parts = 64, .max_layers = 8 },
		.reader = reader
	};
	struct parcel parcel = { .bytes = { text, bytes } };
	unwrap(&unwrapping, &parcel);
	free(text);
	return 0;
}
