#include "engine/bytes.h"

#include "base/buf.h"
#include "diag/draft.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/engine.h"
#include "engine/limits.h"
#include "engine/worker.h"

#include <stdlib.h>

int results_require_open(const struct cpis_results *results, struct cpis_failure *failure)
{
	if (!results)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "there are no results to judge into");
	if (results_inside_const(results)->tool)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "nothing can be judged into results that were read back");
	return 0;
}

/* Add a source that could not be judged: one message, incomplete. */
static int omit(struct results *results, const char *name, const char *why,
		struct cpis_failure *failure)
{
	struct draft draft = { 0 };
	int status =
		draft_init(&draft, name, results->rule_count, limits_findings(&results->options));
	if (status == 0) {
		worker_omit(&draft, why);
		status = draft_commit(results, &draft);
	}
	draft_release(&draft);
	return status == 0 ? 0 : failure_out_of_memory(failure);
}

/* Sources in memory */

static int require_bytes(const struct cpis_bytes *source, struct cpis_failure *failure)
{
	if (!source || !source->name)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "the source has no name");
	if (source->size && !source->bytes)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "the source has no bytes");
	return 0;
}

static bool is_too_large(const struct cpis_bytes *source, const struct cpis_options *options)
{
	return source->size > limits_input_bytes(options);
}

int bytes_take(struct engine_input *input, const struct cpis_bytes *source,
	       const struct cpis_options *options, struct cpis_failure *failure)
{
	if (require_bytes(source, failure) != 0)
		return -1;
	if (is_too_large(source, options))
		return failure_of_file(failure, source->name, "%s", limits_input_too_large);
	char *p = source->size < SIZE_MAX ? malloc(source->size + 1) : NULL;
	if (!p)
		return failure_out_of_memory(failure);
	if (source->size)
		memcpy(p, source->bytes, source->size);
	p[source->size] = '\0';
	*input = (struct engine_input){ .name = source->name, .bytes = { p, source->size } };
	return 0;
}

void bytes_release(struct engine_input *input)
{
	free((char *)(uintptr_t)input->bytes.p);
	*input = (struct engine_input){ 0 };
}

int cpis_validate_bytes(struct cpis_results *results, const struct cpis_bytes *source,
			struct cpis_failure *failure)
{
	struct engine_input input = { 0 };
	if (results_require_open(results, failure) != 0 || require_bytes(source, failure) != 0)
		return -1;
	struct results *into = results_inside(results);
	if (is_too_large(source, &into->options))
		return omit(into, source->name, limits_input_too_large, failure);
	if (bytes_take(&input, source, &into->options, failure) != 0)
		return -1;
	int status = engine_judge(into, &input, failure);
	bytes_release(&input);
	return status;
}

int cpis_validate_pair_bytes(struct cpis_results *results, const struct cpis_bytes *request,
			     const struct cpis_bytes *response, struct cpis_failure *failure)
{
	struct engine_input asked = { 0 }, answered = { 0 };
	if (results_require_open(results, failure) != 0)
		return -1;
	struct results *into = results_inside(results);
	if (bytes_take(&asked, request, &into->options, failure) != 0)
		return -1;
	int status = bytes_take(&answered, response, &into->options, failure);
	if (status == 0) {
		status = engine_judge_pair(into, &asked, &answered, failure);
		bytes_release(&answered);
	}
	bytes_release(&asked);
	return status;
}

/* Streams */

struct cpis_stream {
	struct results *results;
	struct cpis_stream *next;
	char *name;
	struct buf bytes;
	const char *refused; /* why no more is accepted; NULL: it is */
};

static void stream_free(struct cpis_stream *stream)
{
	buf_release(&stream->bytes);
	free(stream->name);
	free(stream);
}

int cpis_stream_open(struct cpis_stream **stream, struct cpis_results *results, const char *name,
		     struct cpis_failure *failure)
{
	if (results_require_open(results, failure) != 0)
		return -1;
	if (!name)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "the source has no name");
	struct cpis_stream *made = calloc(1, sizeof(*made));
	if (!made)
		return failure_out_of_memory(failure);
	made->results = results_inside(results);
	made->name = strdup(name);
	size_t most = limits_input_bytes(&made->results->options);
	buf_init(&made->bytes, most < SIZE_MAX / 2 ? most : SIZE_MAX / 2);
	if (!made->name) {
		stream_free(made);
		return failure_out_of_memory(failure);
	}
	made->next = made->results->streams;
	made->results->streams = made;
	*stream = made;
	return 0;
}

int cpis_stream_write(struct cpis_stream *stream, const void *bytes, size_t size,
		      struct cpis_failure *failure)
{
	if (!stream || (size && !bytes))
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   stream ? "the chunk has no bytes" : "there is no stream");
	if (!stream->refused && size > stream->bytes.max_bytes - stream->bytes.n)
		stream->refused = limits_input_too_large;
	if (!stream->refused)
		buf_add(&stream->bytes, bytes, size);
	if (stream->bytes.failed)
		stream->refused = "out of memory";
	if (!stream->refused)
		return 0;
	buf_release(&stream->bytes);
	return failure_set(failure, CPIS_FAILURE_INTERNAL, "%s: %s", stream->name, stream->refused);
}

static void take_out(struct cpis_stream *stream)
{
	struct cpis_stream **at = &stream->results->streams;
	while (*at != stream)
		at = &(*at)->next;
	*at = stream->next;
}

/* why: it is not judged; NULL: it is. */
static int finish(struct cpis_stream *stream, const char *why, struct cpis_failure *failure)
{
	if (!stream)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "there is no stream");
	take_out(stream);
	const struct engine_input input = { .name = stream->name,
					    .bytes = buf_view(&stream->bytes) };
	int status = why ? omit(stream->results, stream->name, why, failure)
			 : engine_judge(stream->results, &input, failure);
	stream_free(stream);
	return status;
}

int cpis_stream_close(struct cpis_stream *stream, struct cpis_failure *failure)
{
	return finish(stream, stream ? stream->refused : NULL, failure);
}

int cpis_stream_cancel(struct cpis_stream *stream, struct cpis_failure *failure)
{
	return finish(stream, "it did not arrive whole", failure);
}

void streams_release(struct results *results)
{
	while (results->streams) {
		struct cpis_stream *stream = results->streams;
		results->streams = stream->next;
		stream_free(stream);
	}
}
