#include "config/problem.h"

#include "base/arena.h"
#include "base/near.h"
#include "diag/failure.h"
#include "diag/mask.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PROBLEMS = 500 };

void problems_init(struct problems *problems)
{
	*problems = (struct problems){ 0 };
}

void problems_release(struct problems *problems)
{
	free(problems->items);
	problems_init(problems);
}

size_t problems_count(const struct problems *problems)
{
	return problems->count + problems->dropped + problems->failed;
}

bool problems_any(const struct problems *problems)
{
	return problems_count(problems) > 0;
}

static struct cpis_failure *add(struct problems *problems)
{
	if (problems->count >= MOST_PROBLEMS) {
		problems->dropped++;
		return NULL;
	}
	struct cpis_failure *items =
		list_grown(problems->items, problems->count, &problems->room, sizeof(*items));
	if (!items) {
		problems->failed = true;
		return NULL;
	}
	problems->items = items;
	struct cpis_failure *problem = &problems->items[problems->count++];
	memset(problem, 0, sizeof(*problem));
	return problem;
}

/* What a problem quotes of a file may be the number of a person, whatever file it is. */
static void hide_numbers(char *text)
{
	static const char hidden[] = "…";
	enum { HIDDEN = sizeof(hidden) - 1 };
	for (size_t at = 0; text[at]; at++) {
		size_t n = char_is_digit(text[at]) ? mask_number_at(str_of(text), at) : 0;
		if (!n)
			continue;
		memmove(text + at + HIDDEN, text + at + n, strlen(text + at + n) + 1);
		memcpy(text + at, hidden, HIDDEN);
		at += HIDDEN - 1;
	}
}

void problem_add(struct problems *problems, const char *file, struct config_place place,
		 const char *format, ...)
{
	struct cpis_failure *problem = add(problems);
	if (!problem)
		return;
	problem->kind = CPIS_FAILURE_CONFIGURATION;
	problem->line = place.line;
	problem->column = place.column;
	snprintf(problem->file, sizeof(problem->file), "%s", file ? file : "");
	va_list args;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	hide_numbers(problem->text);
}

void problem_add_internal(struct problems *problems, const char *file, const char *text)
{
	struct cpis_failure *problem = add(problems);
	if (!problem)
		return;
	problem->kind = CPIS_FAILURE_INTERNAL;
	snprintf(problem->file, sizeof(problem->file), "%s", file ? file : "");
	snprintf(problem->text, sizeof(problem->text), "%s", text);
}

const char *problem_hint(const struct near *near, char *buffer, size_t bytes)
{
	const char *best = near_best(near);
	if (best)
		snprintf(buffer, bytes, ": did you mean '%s'?", best);
	else
		buffer[0] = '\0';
	return buffer;
}

static bool same_file(const struct cpis_failure *a, const struct cpis_failure *b)
{
	return strcmp(a->file, b->file) == 0;
}

static bool comes_before(const struct cpis_failure *a, const struct cpis_failure *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* Where the problem at i belongs among those before it, which are in order. */
static size_t place_for(const struct cpis_failure *items, size_t i)
{
	size_t to = i;
	while (to > 0 && !same_file(&items[to - 1], &items[i]))
		to--;
	if (to == 0)
		return i;
	while (to > 0 && same_file(&items[to - 1], &items[i]) &&
	       comes_before(&items[i], &items[to - 1]))
		to--;
	return to;
}

/* An insertion sort: stable, and the list is short. */
void problems_sort(struct problems *problems)
{
	for (size_t i = 1; i < problems->count; i++) {
		const struct cpis_failure moved = problems->items[i];
		size_t to = place_for(problems->items, i);
		memmove(&problems->items[to + 1], &problems->items[to], (i - to) * sizeof(moved));
		problems->items[to] = moved;
	}
}

void problems_summary(const struct problems *problems, struct cpis_failure *failure)
{
	if (!problems->count) {
		failure_out_of_memory(failure);
		return;
	}
	*failure = problems->items[0];
	size_t more = problems->count - 1 + problems->dropped;
	size_t used = strlen(failure->text);
	if (more)
		snprintf(failure->text + used, sizeof(failure->text) - used,
			 " (and %zu more problem%s)", more, more == 1 ? "" : "s");
}

int problems_close(struct problems *problems,
		   void (*report)(void *context, const struct cpis_failure *problem), void *context,
		   struct cpis_failure *failure)
{
	int status = problems_any(problems) ? -1 : 0;
	problems_sort(problems);
	for (size_t i = 0; report && i < problems->count; i++)
		report(context, &problems->items[i]);
	if (status != 0)
		problems_summary(problems, failure);
	problems_release(problems);
	return status;
}
