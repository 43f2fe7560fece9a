#include "diag/draft.h"

#include "base/arena.h"

#include <stdlib.h>

static void free_findings(struct draft *draft)
{
	for (size_t i = 0; i < draft->message_count; i++)
		free(draft->messages[i].findings);
}

static int begin(struct draft *draft, const char *source)
{
	draft->source = arena_copy(&draft->arena, str_of(source));
	if (draft->source && draft->tallies)
		return 0;
	draft_release(draft);
	return -1;
}

int draft_init(struct draft *draft, const char *source, size_t rule_count, size_t max_findings)
{
	*draft = (struct draft){ .rule_count = rule_count, .max_findings = max_findings };
	draft->tallies = arena_alloc(&draft->arena, (rule_count + 1) * sizeof(*draft->tallies));
	return begin(draft, source);
}

int draft_renew(struct draft *draft, const char *source, struct draft_tally *tallies,
		size_t rule_count, size_t max_findings)
{
	free_findings(draft);
	arena_restart(&draft->arena);
	*draft = (struct draft){
		.arena = draft->arena,
		.messages = draft->messages,
		.message_room = draft->message_room,
		.left_out = draft->left_out,
		.left_out_room = draft->left_out_room,
		.tallies = tallies,
		.shares_tallies = true,
		.rule_count = rule_count,
		.max_findings = max_findings,
	};
	return begin(draft, source);
}

void draft_release(struct draft *draft)
{
	free_findings(draft);
	free(draft->messages);
	free(draft->left_out);
	arena_release(&draft->arena);
	*draft = (struct draft){ 0 };
}

struct draft_message *draft_add_message(struct draft *draft)
{
	void *list = list_grown(draft->messages, draft->message_count, &draft->message_room,
				sizeof(*draft->messages));
	if (!list) {
		draft->failed = true;
		return NULL;
	}
	draft->messages = list;
	struct draft_message *message = &draft->messages[draft->message_count++];
	*message = (struct draft_message){ 0 };
	return message;
}

struct draft_finding *draft_add_finding(struct draft *draft, struct draft_message *message)
{
	if (message->finding_count >= draft->max_findings) {
		message->suppressed++;
		message->past_limit = true;
		return NULL;
	}
	void *list = list_grown(message->findings, message->finding_count, &message->finding_room,
				sizeof(*message->findings));
	if (!list) {
		draft->failed = true;
		return NULL;
	}
	message->findings = list;
	struct draft_finding *finding = &message->findings[message->finding_count++];
	*finding = (struct draft_finding){ 0 };
	return finding;
}

void draft_add_omission(struct draft *draft, struct draft_message *message, const char *what,
			const char *why)
{
	size_t most = sizeof(message->omissions) / sizeof(message->omissions[0]);
	if (message->omission_count == most)
		return;
	struct omission *omission = &message->omissions[message->omission_count++];
	omission->what = arena_copy(&draft->arena, str_of(what));
	omission->why = arena_copy(&draft->arena, str_of(why));
	if (!omission->what || !omission->why) {
		omission->what = omission->why = "memory is out";
		draft->failed = true;
	}
}

void draft_add_left_out(struct draft *draft, const char *what, const char *why)
{
	void *list = list_grown(draft->left_out, draft->left_out_count, &draft->left_out_room,
				sizeof(*draft->left_out));
	if (list)
		draft->left_out = list;
	struct omission entry = { arena_copy(&draft->arena, str_of(what)),
				  arena_copy(&draft->arena, str_of(why)) };
	if (list && entry.what && entry.why)
		draft->left_out[draft->left_out_count++] = entry;
	else
		draft->failed = true;
}
