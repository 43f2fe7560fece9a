#include "engine/hidden.h"

#include "engine/delivery.h"
#include "engine/document.h"
#include "rules/catalogue.h"
#include "transport/unwrap.h"

static const char no_place[] = "it is in a place where no message is looked for";

void hidden_leave_unopened(struct document *document, size_t offset, const char *what,
			   const char *why)
{
	const struct observer *observer = document->observer;
	struct judge *judge = &document->judge;
	struct draft_message *message = &judge->draft->messages[judge->message];
	const struct rule *rule = rules_stage(RULE_TRN_008);
	struct draft_finding *finding =
		draft_add_finding(judge->draft, message, rule, rule->severity);
	if (finding) {
		finding->stage = CPIS_TRANSPORT;
		finding->offset = offset;
		finding->document = judge->document;
		finding->message = judge_text(judge, "%s: %s", what, why);
	}
	draft_add_omission(judge->draft, message, what, why);
	document->delivery->unopened = true;
	if (observer && observer->trouble)
		observer->trouble(observer->context, document->parcel, offset,
				  1 + document->frame_count, NULL, why);
}

void hidden_element(struct document *document, const struct xml_tag *tag)
{
	const struct message_type *type = catalogue_message(tag, false);
	const struct frame_type *frame = type ? NULL : catalogue_frame(tag);
	if (!document->frame_count || (!type && !frame))
		return;
	hidden_leave_unopened(document, tag->offset, type ? type->title : frame->root, no_place);
	document->skipped_depth = document->depth;
}

void hidden_text(struct document *document, struct str text, size_t offset)
{
	if (document->frame_count && !document->type && !document->skipped_depth &&
	    !document->payload_depth && unwrap_holds_message(text))
		hidden_leave_unopened(document, offset, "a message as text", no_place);
}

void hidden_in_reply(struct document *document, const struct part *part)
{
	const struct plain_message *reply = (const struct plain_message *)(const void *)part;
	if (strcmp(part->element, "SimpleMessageResponse") != 0)
		return;
	int is = payload_is_hidden_message(reply->text.text, &document->judge.draft->arena);
	if (is < 0)
		document->failure = "out of memory";
	else if (is)
		hidden_leave_unopened(document, reply->text.offset, "a message as text", no_place);
}

void hidden_over_limit(struct document *document, const struct part *part)
{
	struct judge *judge = &document->judge;
	if (document->limited == judge->message + 1)
		return;
	document->limited = judge->message + 1;
	hidden_leave_unopened(
		document, part->offset, judge_word(judge, str_of(part->element)),
		judge_text(judge,
			   "it has a list of more than %d entries, which is a limit "
			   "of this program",
			   part->kind == PART_INACTIVE_PATIENT ? MOST_REPLACEMENTS : MOST_KEPT));
}
