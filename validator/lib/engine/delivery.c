#include "engine/delivery.h"

#include "diag/mask.h"
#include "rules/catalogue.h"
#include "rules/judge.h"
#include "transport/parcel.h"

void delivery_begin(struct delivery *delivery, struct draft *draft,
		    const struct draft_member *member)
{
	*delivery = (struct delivery){
		.draft = draft,
		.member = member,
		.begun = draft->message_count,
	};
	delivery->last_none = delivery->side.nones = &delivery->first_none;
}

const char *delivery_name(const struct delivery *delivery, const char *member)
{
	const char *outer = delivery->member ? delivery->member->name : NULL;
	return arena_printf(&delivery->draft->arena, "%c%c%s%s%s%s%s%c", MASK_OPEN, MASK_FILE,
			    delivery->draft->source, outer ? "!" : "", outer ? outer : "",
			    member ? "!" : "", member ? member : "", MASK_CLOSE);
}

static int add(struct delivery *delivery, size_t *message)
{
	struct draft_message *added = draft_add_message(delivery->draft);
	if (!added)
		return -1;
	added->member = delivery->member;
	*message = delivery->draft->message_count - 1;
	return 0;
}

static void list_layers(struct draft_message *message, const struct parcel *parcel)
{
	message->layer_count = 0;
	for (size_t i = 0; i < parcel->layer_count && i < MOST_LAYERS; i++)
		message->layers[message->layer_count++] = parcel->layers[i];
}

/* Findings were expected, or a message, and there were none: the place for them goes. */
static void drop_waiting(struct delivery *delivery)
{
	struct draft *draft = delivery->draft;
	if (!delivery->waiting)
		return;
	const struct draft_message *last = &draft->messages[delivery->slot];
	if (last->finding_count == 0 && last->omission_count == 0 && last->suppressed == 0)
		draft->message_count--;
	delivery->waiting = false;
}

/* ANSWERS: no request waits. */
static enum answer least_needed(const struct delivery *delivery)
{
	enum answer least = ANSWER_TO_NO_MESSAGE;
	while (least < ANSWERS && !delivery->open[least])
		least++;
	return least;
}

/* One does. */
static enum answer most_needed(const struct delivery *delivery)
{
	enum answer most = ANSWERS - 1;
	while (most > ANSWER_TO_NO_MESSAGE && !delivery->open[most])
		most--;
	return most;
}

/* A mailbox answers for itself. */
static void wait_for_response(struct delivery *delivery, enum answer expected)
{
	const struct side *request = &delivery->side;
	if (least_needed(delivery) == ANSWERS)
		delivery->asked = request->nones;
	delivery->open[!request->taken	  ? ANSWER_TO_NO_MESSAGE
		       : request->by_mesh ? ANSWER_OF_ANY_KIND
					  : expected]++;
}

void delivery_next(struct delivery *delivery, enum exchange_side side, enum answer expected)
{
	drop_waiting(delivery);
	delivery->apart = delivery->taken;
	const struct side *last = &delivery->side;
	bool asks = last->there && !last->response;
	if (asks && (!last->unsaid || side == EXCHANGE_RESPONSE))
		wait_for_response(delivery, expected);
	/* One exchange may be within another, whose response follows its own. */
	if (delivery->in_turn && side == EXCHANGE_REQUEST)
		memset(delivery->open, 0, sizeof(delivery->open));
	delivery->in_turn = false;
	delivery->side = (struct side){ .there = true,
					.response = side == EXCHANGE_RESPONSE,
					.unsaid = side == EXCHANGE_UNSAID,
					.nones = delivery->last_none };
}

int delivery_message(struct delivery *delivery, const struct parcel *parcel, size_t *message)
{
	if (!delivery->has_slot || delivery->apart) {
		if (add(delivery, &delivery->slot) != 0)
			return -1;
		delivery->has_slot = true;
		delivery->waiting = delivery->apart;
		delivery->apart = false;
		list_layers(&delivery->draft->messages[delivery->slot], parcel);
	}
	*message = delivery->taken ? delivery->draft->message_count - 1 : delivery->slot;
	return 0;
}

size_t delivery_first(const struct delivery *delivery)
{
	size_t count = delivery->draft->message_count;
	if (!delivery->has_slot)
		return count;
	return delivery->taken ? count - 1 : delivery->slot;
}

int delivery_claim(struct delivery *delivery, const struct parcel *parcel, size_t *message)
{
	if (!delivery->taken || delivery->apart || delivery->waiting) {
		if (delivery_message(delivery, parcel, message) != 0)
			return -1;
	} else if (add(delivery, message) != 0) {
		return -1;
	}
	const struct carrier *carrier = parcel_http(parcel);
	delivery->side.by_mesh |= carrier && carrier->by_mesh;
	delivery->side.taken = true;
	delivery->taken = true;
	delivery->waiting = false;
	list_layers(&delivery->draft->messages[*message], parcel);
	return 0;
}

static void note_layers(struct no_message *none, const struct parcel *parcel)
{
	for (size_t i = 0; i < parcel->layer_count && i < MOST_LAYERS; i++)
		none->layers[none->layer_count++] = parcel->layers[i];
}

void delivery_skip(struct delivery *delivery, const struct parcel *parcel, const char *why)
{
	struct no_message *first = &delivery->first_skipped;
	if (delivery->skipped++ > 0)
		return;
	first->what = arena_copy(&delivery->draft->arena, str_of(why));
	note_layers(first, parcel);
}

void delivery_no_message(struct delivery *delivery, const struct parcel *parcel,
			 const struct no_message *what)
{
	struct no_message *none = arena_alloc(&delivery->draft->arena, sizeof(*none));
	if (!none) {
		delivery->draft->failed = true;
		return;
	}
	*none = *what;
	note_layers(none, parcel);
	*delivery->last_none = none;
	delivery->last_none = &none->next;
}

/* A fault of a control file or of what was not read, or of the structure of an envelope without a
 * place for a message. */
static bool explains(const struct delivery *delivery, const struct draft_finding *finding)
{
	return finding->rule->extent != ALL_READ ||
	       (finding->stage == CPIS_SCHEMA && finding->rule->severity == CPIS_ERROR &&
		!delivery->first_none);
}

/* Whether a finding already says why no message was found. */
static bool is_explained(const struct delivery *delivery)
{
	if (!delivery->has_slot)
		return false;
	const struct draft_message *message = &delivery->draft->messages[delivery->slot];
	for (size_t i = 0; i < message->finding_count; i++)
		if (explains(delivery, &message->findings[i]))
			return true;
	return message->omission_count > 0;
}

/* none: what the finding is about. */
static void find(struct delivery *delivery, const struct draft_finding *what,
		 const struct no_message *none)
{
	struct parcel nothing = { 0 };
	size_t message;
	if (delivery_message(delivery, &nothing, &message) != 0)
		return;
	struct draft *draft = delivery->draft;
	struct draft_message *found = &draft->messages[message];
	if (!found->type && none->layer_count) {
		memcpy(found->layers, none->layers, sizeof(found->layers));
		found->layer_count = none->layer_count;
	}
	struct draft_finding *finding =
		draft_add_finding(draft, &draft->messages[message], what->rule, what->severity);
	runner_tally(draft, RULE_TRN_001, true);
	if (finding)
		*finding = *what;
}

static const char *text_of_nothing(struct delivery *delivery)
{
	struct arena *arena = &delivery->draft->arena;
	const char *why = delivery->first_skipped.what;
	if (delivery->skipped == 1 && why)
		return arena_printf(arena,
				    "no CP-IS message found: the one file in it was "
				    "skipped, because %s",
				    why);
	if (delivery->skipped && why)
		return arena_printf(arena,
				    "no CP-IS message found: all %zu files in it were "
				    "skipped, the first because %s",
				    delivery->skipped, why);
	return "no CP-IS message found: there is nothing in it";
}

/* No message was found, and no finding says why. */
static void find_none(struct delivery *delivery)
{
	const struct rule *rule = rules_stage(RULE_TRN_001);
	struct draft_finding nothing = {
		.rule = rule,
		.severity = rule->severity,
		.stage = CPIS_TRANSPORT,
		.at = { 1, 1 },
		.message = text_of_nothing(delivery),
	};
	const struct no_message *best = delivery->first_none;
	for (const struct no_message *none = best; none; none = none->next)
		if (none->nearly && !best->nearly)
			best = none;
	find(delivery, best ? &best->finding : &nothing, best ? best : &delivery->first_skipped);
}

/* The part that is where a message is expected: one that is nearly a message, or else the first.
 * NULL: there is no such part. */
static struct no_message *in_its_place(struct no_message *from, const struct no_message *end)
{
	struct no_message *best = NULL;
	for (struct no_message *none = from; none != end; none = none->next)
		if (none->instead && !none->told && (!best || (none->nearly && !best->nearly)))
			best = none;
	return best;
}

/* The part that is at fault in an exchange whose response was read; NULL: there is none. */
static struct no_message *part_at_fault(const struct delivery *delivery, bool answers)
{
	const struct side *side = &delivery->side;
	if (!side->taken)
		return in_its_place(*side->nones, NULL);
	bool asked = side->by_mesh || most_needed(delivery) != ANSWER_TO_NO_MESSAGE;
	return answers && !asked ? in_its_place(*delivery->asked, *side->nones) : NULL;
}

static void tell(struct delivery *delivery, struct no_message *none)
{
	none->told = true;
	if (delivery->waiting && is_explained(delivery))
		return;
	/* Of a response, with what was found in it before; of a request, after the response. */
	delivery->apart |= delivery->side.taken;
	find(delivery, &none->finding, none);
}

void delivery_side_ends(struct delivery *delivery, const struct exchange *exchange)
{
	const struct side *side = &delivery->side;
	if (!side->there || !side->response || least_needed(delivery) == ANSWERS)
		return;
	struct no_message *none = part_at_fault(delivery, exchange_answers_query(exchange));
	if (none)
		tell(delivery, none);
	bool most = side->taken && !side->empty;
	delivery->open[most ? most_needed(delivery) : least_needed(delivery)]--;
	delivery->in_turn = exchange_answers_last(exchange);
}

enum answer delivery_expects(const struct delivery *delivery)
{
	enum answer least = least_needed(delivery);
	bool known = delivery->side.response && least != ANSWERS;
	return known ? least : ANSWER_TO_NO_MESSAGE;
}

/* Beside a message: what is nearly one is a fault, and anything else is listed. */
static void settle_beside(struct delivery *delivery)
{
	struct draft *draft = delivery->draft;
	for (const struct no_message *none = delivery->first_none; none; none = none->next) {
		if (none->told)
			continue;
		if (none->nearly)
			find(delivery, &none->finding, none);
		else if (none->what)
			draft_add_left_out(
				draft,
				arena_printf(&draft->arena, "%s: %s", delivery_name(delivery, NULL),
					     none->what),
				"it is not a CP-IS message, and was sent together with one");
	}
}

void delivery_end(struct delivery *delivery)
{
	drop_waiting(delivery);
	delivery->apart = false;
	bool silent = delivery->draft->message_count == delivery->begun && !delivery->left_out;
	bool without = delivery->has_slot || delivery->first_none || silent;
	if (delivery->taken)
		settle_beside(delivery);
	else if (without && !is_explained(delivery))
		find_none(delivery);
	runner_tally(delivery->draft, RULE_TRN_008, delivery->unopened);
}

void delivery_leave_unopened(struct delivery *delivery, struct judge *judge, size_t offset,
			     const char *what, const char *why)
{
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
	delivery->unopened = true;
}

void delivery_over_limit(struct delivery *delivery, struct judge *judge, const struct part *part)
{
	int most = part->kind == PART_INACTIVE_PATIENT ? MOST_REPLACEMENTS : MOST_KEPT;
	if (delivery->limited == judge->message + 1)
		return;
	delivery->limited = judge->message + 1;
	delivery_leave_unopened(delivery, judge, part->offset,
				judge_word(judge, str_of(part->element)),
				judge_text(judge,
					   "it has a list of more than %d entries, which is a "
					   "limit of this program",
					   most));
}
