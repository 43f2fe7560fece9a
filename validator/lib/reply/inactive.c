/* POST /admin/inactive: PDS takes NHS numbers out of use, which no message to the service says. */
#include "reply/made.h"

#include "message/identifiers.h"

#include <stdio.h>

enum { MOST_NUMBERS = 16 };

/* What a query string says, in order. */
struct asked_numbers {
	char number[16];
	char replacements[MOST_NUMBERS][16];
	const char *list[MOST_NUMBERS + 1]; /* of replacements; ends with NULL */
	size_t count;
};

static bool is_number(struct str text)
{
	struct nhs_number number = nhs_number_of(text);
	return number.has_shape && nhs_number_is_valid(&number);
}

/* False: *why says what is wrong with it. */
static bool take(struct asked_numbers *asked, struct str name, struct str value, const char **why)
{
	bool number = str_is(name, "nhs-number"), replacement = str_is(name, "replacement");
	*why = NULL;
	if (!number && !replacement)
		*why = "the parameters are nhs-number and replacement";
	else if (!is_number(value))
		*why = "an NHS number has ten digits, of which the last is a check digit";
	else if (number && asked->number[0])
		*why = "nhs-number is given twice: say one number in a call";
	else if (replacement && asked->count == MOST_NUMBERS)
		*why = "there are more than 16 replacements";
	if (*why)
		return false;
	char *to = number ? asked->number : asked->replacements[asked->count];
	snprintf(to, sizeof(asked->number), "%.*s", STR_ARG(value));
	if (replacement) {
		asked->list[asked->count] = to;
		asked->list[++asked->count] = NULL;
	}
	return true;
}

static bool read_numbers(struct asked_numbers *asked, const char *target, const char **why)
{
	const char *at = strchr(target, '?');
	*asked = (struct asked_numbers){ .list = { NULL } };
	while (at && *at) {
		const char *name = at + 1;
		size_t whole = strcspn(name, "&"), split = strcspn(name, "=&");
		struct str value = { name + split + 1, whole > split ? whole - split - 1 : 0 };
		if (whole && !take(asked, (struct str){ name, split }, value, why))
			return false;
		at = name + whole;
	}
	*why = "a number is not its own replacement";
	for (size_t i = 0; i < asked->count; i++)
		if (strcmp(asked->list[i], asked->number) == 0)
			return false;
	*why = "nhs-number is missing: POST /admin/inactive?nhs-number=...&replacement=...";
	return asked->number[0] != 0;
}

int inactive_call(struct service *service, const struct cpis_call *call, struct made_reply *made,
		  struct cpis_failure *failure)
{
	struct asked_numbers asked;
	const char *why;
	if (!read_numbers(&asked, call->target, &why)) {
		reply_status(made, 400, "text/plain; charset=UTF-8");
		reply_text(made, str_of(arena_printf(&made->arena, "%s\n", why)));
		return 0;
	}
	struct state *state = service->state;
	pthread_mutex_lock(&service->lock);
	int status = state_begin(state, failure);
	if (status == 0)
		status = state_number_inactive(state, str_of(asked.number), asked.list, call->now,
					       failure);
	if (status == 0)
		status = state_commit(state, failure);
	if (status != 0)
		state_rollback(state);
	pthread_mutex_unlock(&service->lock);
	reply_status(made, 204, NULL);
	return status;
}
