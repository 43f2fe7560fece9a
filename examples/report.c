/*
 * report FORMAT - judge the message on standard input as it arrives, and write a report to standard
 * output: how a service reads a request and answers it.
 */
#include <cpis.h>
#include <stdio.h>
#include <time.h>

static int send(void *context, const void *bytes, size_t size)
{
	return fwrite(bytes, 1, size, context) == size ? 0 : -1;
}

/* 0, or -1 with the reason in *failure. The stream is closed in either case. */
static int receive(struct cpis_stream *stream, FILE *in, struct cpis_failure *failure)
{
	char chunk[4096];
	size_t n;
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		if (cpis_stream_write(stream, chunk, n, failure) != 0)
			break; /* Too much: the message will be incomplete, and the report says why.
				*/
	/* What was cut off must not be judged as if it were whole. */
	return ferror(in) ? cpis_stream_cancel(stream, failure)
			  : cpis_stream_close(stream, failure);
}

static int answer(struct cpis_results *results, const char *format, struct cpis_failure *failure)
{
	struct cpis_stream *stream;
	if (cpis_stream_open(&stream, results, "request", failure) != 0 ||
	    receive(stream, stdin, failure) != 0)
		return -1;
	return cpis_report_write(results, format, send, stdout, failure);
}

int main(int argc, char **argv)
{
	/* A stranger's message: no more than 64 MiB of it is kept. */
	struct cpis_options options = { .now = time(NULL), .max_input_bytes = 64 << 20 };
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	int status = 0;
	if (cpis_results_new(&results, &options, &failure) != 0 ||
	    answer(results, argc > 1 ? argv[1] : "json", &failure) != 0) {
		fprintf(stderr, "report: %s\n", failure.text);
		status = failure.kind == CPIS_FAILURE_CONFIGURATION ? 2 : 3;
	}
	cpis_results_free(results);
	return status;
}
