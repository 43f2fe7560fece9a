/* Sources: their layers, their documents, the way from bytes to a verdict, and messages beside each
 * other. */
#include "fuzz.h"

#include "diag/results.h"
#include "report/sink.h"
#include "results/read.h"
#include "transport/mesh.h"
#include "transport/unwrap.h"
#include "xml/reader.h"

#include <stdlib.h>

static struct results *inside(struct cpis_results *results)
{
	return (struct results *)(void *)results;
}

static struct cpis_bytes source_of(struct str bytes)
{
	return (struct cpis_bytes){ .name = "input.xml", .bytes = bytes.p, .size = bytes.n };
}

static void judge(struct cpis_results *results, struct str bytes)
{
	struct cpis_failure failure;
	const struct cpis_bytes source = source_of(bytes);
	must(cpis_validate_bytes(results, &source, &failure) == 0);
}

/* In two chunks, where the input says. */
static void judge_stream(struct cpis_results *results, struct str bytes)
{
	struct cpis_stream *stream;
	struct cpis_failure failure;
	size_t first = bytes.n ? str_hash(bytes) % bytes.n : 0;
	must(cpis_stream_open(&stream, results, "input.xml", &failure) == 0);
	must(cpis_stream_write(stream, bytes.p, first, &failure) == 0);
	must(cpis_stream_write(stream, bytes.p + first, bytes.n - first, &failure) == 0);
	must(cpis_stream_close(stream, &failure) == 0);
}

/* What one reading leaves in a parser or a table must not affect the next. */
static void compare_halves(const struct results *results)
{
	size_t half = results->message_count / 2;
	must(results->message_count % 2 == 0);
	for (size_t i = 0; i < half; i++) {
		const struct message_result *first = &results->messages[i];
		const struct message_result *second = &results->messages[half + i];
		must(first->verdict == second->verdict);
		must(first->finding_count == second->finding_count);
		must(first->omission_count == second->omission_count);
		for (size_t k = 0; k < first->finding_count; k++)
			must(first->findings[k].rule == second->findings[k].rule);
	}
}

/* The document of the run can be read back, and is then written the same. */
static void read_back(const struct cpis_results *results)
{
	char *bytes, *again;
	size_t n, again_n;
	struct cpis_failure failure;
	must(cpis_report_bytes(results, "xml", &bytes, &n, &failure) == 0);
	struct results *second = results_read_new();
	must(second && results_read(second, (struct str){ bytes, n }, "results", &failure) == 0);
	must(cpis_report_bytes((struct cpis_results *)(void *)second, "xml", &again, &again_n,
			       &failure) == 0);
	must(n == again_n && memcmp(bytes, again, n) == 0);
	cpis_results_free((struct cpis_results *)(void *)second);
	cpis_free(again);
	cpis_free(bytes);
}

void fuzz_message(struct str input)
{
	struct cpis_results *results = fuzz_results_new();
	judge(results, input);
	/* Some of them, for speed; which, the input says. */
	if (input.n % 8 == 0) {
		judge_stream(results, input);
		compare_halves(inside(results));
	}
	if (input.n % 8 == 1)
		read_back(results);
	cpis_results_free(results);
}

/* Every byte that is handed over can be read, and is followed by a NUL. */
static void on_document(void *context, const struct parcel *parcel)
{
	size_t *sum = context;
	for (size_t i = 0; i < parcel->bytes.n; i++)
		*sum += (unsigned char)parcel->bytes.p[i];
	must(!parcel->bytes.p[parcel->bytes.n]);
}

static void on_no_document(void *context, const struct parcel *parcel, const char *what)
{
	size_t *sum = context;
	*sum += parcel->bytes.n + strlen(what);
}

static void on_fault(void *context, const struct parcel *parcel, size_t offset,
		     enum stage_rule rule, const char *text)
{
	size_t *sum = context;
	must(offset <= parcel->bytes.n);
	*sum += (size_t)rule + strlen(text);
}

static void on_unopened(void *context, const struct parcel *parcel, size_t offset, const char *why)
{
	size_t *sum = context;
	(void)parcel;
	*sum += offset + strlen(why);
}

static void on_layer(void *context, const struct cpis_layer *layer)
{
	size_t *sum = context;
	*sum += layer->depth + strlen(layer->name);
}

static struct xml_reader *the_reader(void)
{
	static struct xml_reader *reader;
	if (!reader) {
		xml_setup();
		reader = xml_reader_new();
		must(reader);
	}
	return reader;
}

static size_t count_lines(const char *text, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < size; i++)
		count += text[i] == '\n';
	return count;
}

/* A masked text has the lines of what it is made of. */
static void keep_lines(const struct cpis_bytes *source, const struct cpis_options *options)
{
	struct cpis_failure failure;
	char *text;
	size_t size;
	must(cpis_mask_bytes(source, options, &text, &size, &failure) == 0);
	must(count_lines(text, size) == count_lines(source->bytes, source->size));
	cpis_free(text);
}

/* The layers alone, with little room; their tree, as `inspect` prints it, and the masked text. */
void fuzz_transport(struct str input)
{
	size_t sum = 0;
	const struct unwrap_sink sink = { .context = &sum,
					  .document = on_document,
					  .no_document = on_no_document,
					  .fault = on_fault,
					  .unopened = on_unopened };
	struct unwrapping unwrapping = {
		.sink = &sink,
		.limits = { .max_decoded_bytes = 1 << 20, .max_parts = 64, .max_layers = 8 },
		.reader = the_reader()
	};
	const struct parcel parcel = { .bytes = input };
	unwrap(&unwrapping, &parcel);
	static const struct cpis_options options = { .max_decoded_bytes = 1 << 20,
						     .max_parts = 64 };
	const struct cpis_bytes source = source_of(input);
	enum cpis_verdict verdict;
	struct cpis_failure failure;
	if (input.n % 4 == 0)
		must(cpis_inspect_bytes(&source, &options, on_layer, &sum, &verdict, &failure) ==
		     0);
	if (input.n % 4 == 1)
		keep_lines(&source, &options);
}

/* All that is seen of a document by whoever judges it, as one number. */
struct echo {
	uint64_t sum;
	size_t left; /* events before it wants no more */
};

static void hear(struct echo *echo, struct str text)
{
	echo->sum = (echo->sum ^ text.n ^ (text.p ? str_hash(text) : 7)) * 0x100000001b3u;
}

static void hear_number(struct echo *echo, size_t number)
{
	echo->sum = (echo->sum ^ number) * 0x100000001b3u;
}

static int hear_start(void *context, const struct xml_tag *tag)
{
	struct echo *echo = context;
	hear_number(echo, tag->name);
	hear_number(echo, tag->ns);
	hear_number(echo, tag->offset);
	hear_number(echo, tag->count);
	hear_number(echo, (size_t)tag->type_sent * 2 + tag->type_bound);
	hear(echo, str_of(tag->local));
	hear(echo, str_of(tag->prefix));
	hear(echo, str_of(tag->uri));
	hear(echo, str_of(tag->type_uri));
	hear(echo, tag->raw);
	hear_number(echo, tag->document_bytes);
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		hear_number(echo, attribute->name);
		hear_number(echo, attribute->ns);
		hear(echo, str_of(attribute->local));
		hear(echo, str_of(attribute->prefix));
		hear(echo, str_of(attribute->uri));
		hear(echo, attribute->value);
	}
	return echo->left-- ? 0 : -1;
}

static int hear_end(void *context, size_t offset)
{
	struct echo *echo = context;
	hear_number(echo, offset);
	return echo->left-- ? 0 : -1;
}

static int hear_text(void *context, struct str text, size_t offset)
{
	struct echo *echo = context;
	hear_number(echo, offset);
	hear(echo, text);
	return echo->left-- ? 0 : -1;
}

/* Read ahead on another thread, a document is the same. This build hands over small batches. */
void fuzz_relay(struct str input)
{
	static const struct xml_handler handler = { hear_start, hear_end, hear_text };
	static const struct xml_limits limits = { .max_depth = 64, .max_attribute_bytes = 4096 };
	struct xml_fault fault = { 0 }, ahead_fault = { 0 };
	size_t stop = input.n % 4 ? SIZE_MAX : str_hash(input) % 256;
	struct echo echo = { 0, stop }, ahead_echo = { 0, stop };
	enum xml_outcome outcome = xml_read(the_reader(), input, &limits, &handler, &echo, &fault);
	must(xml_read_ahead(the_reader(), input, &limits, &handler, &ahead_echo, &ahead_fault) ==
	     outcome);
	must(echo.sum == ahead_echo.sum);
	if (outcome != XML_READ && outcome != XML_STOPPED)
		must(fault.offset == ahead_fault.offset &&
		     strcmp(fault.text, ahead_fault.text) == 0);
}

/* A request and its reply, or an upload and the next one. */
void fuzz_pair(struct str input)
{
	struct fuzz_files files;
	struct cpis_failure failure;
	fuzz_split(input, &files);
	struct cpis_results *results = fuzz_results_new();
	if (files.count >= 2) {
		const struct cpis_bytes request = source_of(files.items[0].bytes);
		const struct cpis_bytes response = source_of(files.items[1].bytes);
		must(cpis_validate_pair_bytes(results, &request, &response, &failure) == 0);
	}
	if (input.n % 8 == 1)
		read_back(results);
	cpis_results_free(results);
	fuzz_release(&files);
}

/* A folder of messages: uploads in order of their numbers, transfers of MESH. */
void fuzz_folder(struct str input)
{
	struct fuzz_files files;
	struct cpis_failure failure;
	fuzz_split(input, &files);
	struct cpis_results *results = fuzz_results_new();
	if (cpis_validate(results, fuzz_folder_with(&files), &failure) != 0)
		must(failure.text[0]);
	cpis_results_free(results);
	fuzz_release(&files);
}

/* The same; and control files by themselves. */
void fuzz_mesh(struct str input)
{
	struct fuzz_files files;
	fuzz_split(input, &files);
	for (size_t i = 0; i < files.count; i++) {
		struct mesh_control control;
		char why[256] = "";
		size_t offset = 0;
		if (mesh_read_control(the_reader(), files.items[i].bytes, &control, &offset, why) ==
		    MESH_READ)
			must(offset == 0 || offset <= files.items[i].bytes.n);
	}
	fuzz_release(&files);
	fuzz_folder(input);
}
