/* What months of messages come to: which children a clinician would not see. */
#include "cli.h"

#include "base/buf.h"

#include <stdint.h>
#include <string.h>

enum { DAY_SECONDS = 24 * 60 * 60 };

/* A day alone means its end. */
static long long end_of(long long at)
{
	return at && at % DAY_SECONDS == 0 ? at + DAY_SECONDS - 1 : at;
}

/* Text on its way to a terminal: lines are broken between words, and go on further in. */
struct bender {
	size_t width, column, indent;
	bool inside; /* the line has a word */
	struct buf word;
};

static size_t columns_of(struct str text)
{
	size_t count = 0;
	for (size_t i = 0; i < text.n; i++)
		count += ((unsigned char)text.p[i] & 0xc0) != 0x80;
	return count;
}

static void put_word(struct bender *bender)
{
	enum { FURTHER = 2 };
	size_t n = columns_of(buf_view(&bender->word)), start = bender->indent + FURTHER;
	if (n == 0)
		return;
	if (bender->inside && bender->column + 1 + n > bender->width) {
		printf("\n%*s", (int)start, "");
		bender->column = start;
	} else if (bender->inside) {
		putchar(' ');
		bender->column++;
	}
	fwrite(bender->word.p, 1, bender->word.n, stdout);
	bender->column += n;
	bender->inside = true;
	buf_reset(&bender->word);
}

/* As cpis_write. */
static int bend(void *context, const void *bytes, size_t size)
{
	struct bender *bender = context;
	const char *text = bytes;
	for (size_t i = 0; i < size; i++) {
		if (text[i] != ' ' && text[i] != '\n') {
			buf_char(&bender->word, text[i]);
			continue;
		}
		put_word(bender);
		if (text[i] == '\n') {
			putchar('\n');
			bender->column = bender->indent = 0;
			bender->inside = false;
		} else if (!bender->inside) {
			putchar(' ');
			bender->column = ++bender->indent;
		}
	}
	return bender->word.failed || ferror(stdout);
}

int cmd_ledger(struct request *request)
{
	if (request->input_count == 0)
		return usage_error("ledger: name the folder with the messages");
	const struct report_request *report = request->report_count ? &request->reports[0] : NULL;
	struct bender bender = { .width = terminal_width() };
	bool bent = bender.width && (!report || (!report->path && !strcmp(report->format, "text")));
	buf_init(&bender.word, SIZE_MAX / 2);
	const struct cpis_ledger_options options = {
		.index = request->index,
		.expected = request->expected,
		.at = end_of(request->at),
		.since = request->since,
		.now = request->options.now,
		.fail_on = request->options.fail_on,
		.show_values = request->options.show_values,
		.all = request->every_child,
		.format = report ? report->format : NULL,
		.path = report ? report->path : NULL,
		.quiet = request->quiet && !report,
		.write = bent ? bend : NULL,
		.write_context = &bender,
		.problem = print_problem,
	};
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	int status = cpis_ledger((const char *const *)request->inputs, request->input_count,
				 &options, &verdict, &failure);
	buf_release(&bender.word);
	return status == 0 ? exit_code_of(verdict) : print_failure(&failure);
}
