/* The ITK distribution envelope. */
#include "rules/chapters.h"
#include "rules/judge.h"

#define ENVELOPE "ITK distribution envelope, urn:nhs-itk:ns:201005"

static bool is_upper_uuid(struct str text)
{
	static const char shape[] = "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX";
	if (text.n != sizeof(shape) - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bool hex = char_is_digit(text.p[i]) || (text.p[i] >= 'A' && text.p[i] <= 'F');
		if (shape[i] == 'X' ? !hex : text.p[i] != '-')
			return false;
	}
	return true;
}

static enum outcome tracking_id_is_uuid(struct judge *judge, const struct envelope *envelope)
{
	if (!value_there(&envelope->tracking_id))
		return BLOCKED;
	if (is_upper_uuid(envelope->tracking_id.text))
		return HOLDS;
	judge_expect(judge, "an upper-case UUID");
	return judge_fail(judge, &envelope->tracking_id, MASK_NONE,
			  "trackingid \"%s\" is not exactly one upper-case UUID",
			  judge_plain(judge, envelope->tracking_id.text));
}

static enum outcome manifest_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said;
	if (!judge_number(envelope->manifest_total.text, &said))
		return BLOCKED;
	if (said == (long long)envelope->item_count)
		return HOLDS;
	judge_expect(judge, "%zu", envelope->item_count);
	return judge_fail(judge, &envelope->manifest_total, MASK_NONE,
			  "the manifest's count says %lld, it holds %zu manifestitem%s", said,
			  envelope->item_count, envelope->item_count == 1 ? "" : "s");
}

static enum outcome payload_count_is_right(struct judge *judge, const struct envelope *envelope)
{
	long long said, manifest;
	if (!judge_number(envelope->payload_total.text, &said))
		return BLOCKED;
	judge_expect(judge, "%zu", envelope->payload_count);
	if (said != (long long)envelope->payload_count)
		return judge_fail(judge, &envelope->payload_total, MASK_NONE,
				  "the payloads' count says %lld, there %s %zu payload%s", said,
				  envelope->payload_count == 1 ? "is" : "are", envelope->payload_count,
				  envelope->payload_count == 1 ? "" : "s");
	judge->expected = NULL;
	/* Where the manifest miscounts itself, ITK-003 has said so. */
	if (!judge_number(envelope->manifest_total.text, &manifest) ||
	    manifest != (long long)envelope->item_count || manifest == said)
		return HOLDS;
	judge_expect(judge, "%lld", said);
	return judge_fail(judge, &envelope->manifest_total, MASK_NONE,
			  "the manifest's count says %lld, the payloads' count %lld", manifest, said);
}

static size_t kept(size_t count)
{
	return count < MOST_PAYLOADS ? count : MOST_PAYLOADS;
}

static size_t payloads_with_id(const struct envelope *envelope, struct str id)
{
	size_t count = 0;
	for (size_t i = 0; i < kept(envelope->payload_count); i++)
		count += str_equal(envelope->payloads[i].id.text, id);
	return count;
}

static size_t items_with_id(const struct envelope *envelope, struct str id)
{
	size_t count = 0;
	for (size_t i = 0; i < kept(envelope->item_count); i++)
		count += str_equal(envelope->items[i].id.text, id);
	return count;
}

static enum outcome items_name_payloads(struct judge *judge, const struct envelope *envelope)
{
	/* A different number of items and payloads is ITK-004's. */
	if (envelope->item_count != envelope->payload_count || envelope->item_count == 0)
		return NOT_APPLICABLE;
	enum outcome outcome = HOLDS;
	for (size_t i = 0; i < kept(envelope->item_count); i++) {
		const struct value *id = &envelope->items[i].id;
		size_t count = payloads_with_id(envelope, id->text);
		if (count == 1 && items_with_id(envelope, id->text) == 1)
			continue;
		outcome = judge_fail(judge, id, MASK_NONE,
				     count == 0 ? "the manifest names %s, no payload has this id"
				     : count > 1 ? "the manifest names %s, more than one payload has this id"
						 : "the manifest names %s more than once",
				     judge_plain(judge, id->text));
	}
	return outcome;
}

const struct rule itk_rules[] = {
	{
		.id = "ITK-002", .name = "tracking-id-is-no-uuid", .severity = CPIS_ERROR,
		.on = PART_ENVELOPE, .basis = CPIS_BASIS_ITK, .cite = ENVELOPE ", header/@trackingid",
		.title = "trackingid is not exactly one upper-case UUID",
		.why = "A message that cannot be traced cannot be found when something went wrong.",
		.fix = "Send a fresh upper-case UUID for every envelope, without prefix or braces.",
		.check = { .envelope = tracking_id_is_uuid },
	},
	{
		.id = "ITK-003", .name = "manifest-count-differs", .severity = CPIS_ERROR,
		.on = PART_ENVELOPE, .basis = CPIS_BASIS_ITK, .cite = ENVELOPE ", manifest/@count",
		.title = "The manifest's count differs from its items",
		.why = "Receivers that trust the count overlook a payload or wait for one.",
		.fix = "Set count to the number of manifestitem elements.",
		.check = { .envelope = manifest_count_is_right },
	},
	{
		.id = "ITK-004", .name = "payload-count-differs", .severity = CPIS_ERROR,
		.on = PART_ENVELOPE, .basis = CPIS_BASIS_ITK, .cite = ENVELOPE ", payloads/@count",
		.title = "The payloads' count differs from the payloads or from the manifest",
		.why = "Receivers that trust the count overlook a payload or wait for one.",
		.fix = "Set both counts to the number of payloads.",
		.check = { .envelope = payload_count_is_right },
	},
	{
		.id = "ITK-005", .name = "manifest-and-payload-ids-differ", .severity = CPIS_ERROR,
		.on = PART_ENVELOPE, .basis = CPIS_BASIS_ITK,
		.cite = ENVELOPE ", manifestitem/@id and payload/@id",
		.title = "A manifest item does not name exactly one payload",
		.why = "The receiver cannot tell what the payload is, or reads it as another.",
		.fix = "Give each payload an id of its own and name it once in the manifest.",
		.check = { .envelope = items_name_payloads },
	},
};
const size_t itk_rule_count = sizeof(itk_rules) / sizeof(itk_rules[0]);
