#include "compare/difference.h"

const char *difference_word(enum difference_kind kind)
{
	static const char *const words[] = {
		[DIFFERENCE_MISSING] = "missing",
		[DIFFERENCE_CHANGED] = "changed",
		[DIFFERENCE_ADDED] = "added",
	};
	return words[kind];
}

const char *difference_value(struct masker *masker, struct arena *arena, enum mask_kind mask,
			     struct str value)
{
	if (!value.n)
		return "nothing";
	const char *shown = masker_value(masker, arena, mask, value);
	return shown ? shown : "";
}

const char *difference_record(struct masker *masker, struct arena *arena,
			      const struct child_record *record)
{
	const char *name = "";
	if (record->nhs_number.n)
		name = difference_value(masker, arena, MASK_NHS_NUMBER, record->nhs_number);
	else if (record->local_id.n)
		name = difference_value(masker, arena, MASK_LOCAL_ID, record->local_id);
	else if (record->family.n)
		name = difference_value(masker, arena, MASK_NAME, record->family);
	const char *words = *name ? arena_printf(arena, "record %zu (%s)", record->number, name)
				  : arena_printf(arena, "record %zu", record->number);
	return words ? words : "";
}

/* What is expected comes first, and so gets the first token. */
void difference_field(struct masker *masker, struct arena *arena,
		      const struct field_difference *field, struct buf *out)
{
	const char *expected = difference_value(masker, arena, field->mask, field->expected);
	const char *found = difference_value(masker, arena, field->mask, field->found);
	buf_printf(out, "%s: expected %s, found %s", field->name, expected, found);
}

void difference_describe(struct masker *masker, struct arena *arena,
			 const struct record_difference *difference, struct buf *out)
{
	const struct child_record *record =
		difference->expected ? difference->expected : difference->found;
	buf_printf(out, "%s: %s", difference_word(difference->kind),
		   difference_record(masker, arena, record));
	for (size_t i = 0; i < difference->field_count; i++) {
		buf_text(out, i ? "; " : ": ");
		difference_field(masker, arena, &difference->fields[i], out);
	}
}
