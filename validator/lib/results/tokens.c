#include "results/tokens.h"

#include "base/buf.h"
#include "diag/results.h"

/* The nouns of diag/mask.c; without one a token stands behind the noun that it would have. */
static const char *const nouns[] = {
	"",	    "NHS number ", "local id ", "name ", "birth date ", "phone number ",
	"user id ", "value ",
};

/* "[NHS number #12]" at the start of text: how long it is up to its number, or 0. */
static size_t token_at(const char *text, size_t *number, size_t *digits)
{
	for (size_t i = 0; text[0] == '[' && i < sizeof(nouns) / sizeof(nouns[0]); i++) {
		size_t n = 1 + strlen(nouns[i]);
		if (strncmp(text + 1, nouns[i], n - 1) != 0 || text[n] != '#')
			continue;
		*number = 0;
		*digits = 0;
		for (n++; char_is_digit(text[n + *digits]) && *digits < 9; ++*digits)
			*number = *number * 10 + (size_t)(text[n + *digits] - '0');
		if (*digits && text[n + *digits] == ']')
			return n;
	}
	return 0;
}

static void note_highest(const char *text, size_t *highest)
{
	size_t number, digits;
	for (const char *p = text ? strchr(text, '[') : NULL; p; p = strchr(p + 1, '['))
		if (token_at(p, &number, &digits) && number > *highest)
			*highest = number;
}

size_t tokens_highest(const struct results *results)
{
	size_t highest = 0;
	for (size_t i = 0; i < results->case_count; i++) {
		note_highest(results->cases[i].actual, &highest);
		note_highest(results->cases[i].reason, &highest);
	}
	for (size_t i = 0; i < results->message_count; i++) {
		const struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			const struct finding *finding = &message->findings[k];
			note_highest(finding->message, &highest);
			note_highest(finding->fix, &highest);
			note_highest(finding->expected, &highest);
			note_highest(finding->actual, &highest);
			note_highest(finding->excerpt, &highest);
		}
	}
	return highest;
}

/* The text with its tokens renumbered; what stands before *caret may grow, and it moves with it. */
static const char *shifted(struct results *results, const char *text, size_t by, size_t *caret)
{
	struct buf out;
	size_t highest = 0, number, digits, before = caret ? *caret : 0, seen = 0;
	note_highest(text, &highest);
	if (!highest)
		return text;
	buf_init(&out, 1 << 20);
	for (const char *p = text; *p;) {
		size_t n = token_at(p, &number, &digits);
		if (!n) {
			seen += ((unsigned char)*p & 0xc0) != 0x80;
			buf_char(&out, *p++);
			continue;
		}
		size_t start = out.n;
		buf_add(&out, p, n);
		buf_printf(&out, "%zu", number + by);
		seen += n + digits;
		p += n + digits;
		if (caret && seen <= before)
			*caret += out.n - start - n - digits;
	}
	results->arena.failed = results->arena.failed || out.failed;
	const char *kept = arena_copy(&results->arena, buf_view(&out));
	buf_release(&out);
	return kept;
}

int tokens_shift(struct results *results, size_t by)
{
	if (!by || results->options.show_values)
		return 0;
	for (size_t i = 0; i < results->case_count; i++) {
		struct case_result *one = &results->cases[i];
		one->actual = shifted(results, one->actual, by, NULL);
		one->reason = shifted(results, one->reason, by, NULL);
	}
	for (size_t i = 0; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		for (size_t k = 0; k < message->finding_count; k++) {
			struct finding *finding = &message->findings[k];
			finding->message = shifted(results, finding->message, by, NULL);
			finding->fix = shifted(results, finding->fix, by, NULL);
			finding->expected = shifted(results, finding->expected, by, NULL);
			finding->actual = shifted(results, finding->actual, by, NULL);
			finding->excerpt = shifted(results, finding->excerpt, by, &finding->caret);
		}
	}
	return results->arena.failed ? -1 : 0;
}
