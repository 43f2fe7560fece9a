
#include "results/summary.h"

struct telling {
	struct buf line;
	void (*each)(void *context, const char *line);
	void *context;
};

static void tell(struct telling *telling)
{
	if (!telling->line.failed)
		telling->each(telling->context, buf_view(&telling->line).p);
}

static void tell_rest(struct telling *telling, const char *what, size_t count)
{
	buf_reset(&telling->line);
	buf_printf(&telling->line, "%s: %zu more.", what, count);
	tell(telling);
}

static void tell_skipped(struct telling *telling, const struct results *results, size_t most)
{
	for (size_t i = 0; i < results->left_out_count && i < most; i++) {
		buf_reset(&telling->line);
		buf_printf(&telling->line, "Skipped: %s, because %s.", results->left_out[i].what,
			   results->left_out[i].why);
		tell(telling);
	}
	if (results->left_out_count > most)
		tell_rest(telling, "Skipped", results->left_out_count - most);
}

static const char *new_severity(const struct rule_override *override)
{
	static const char *const words[] = { "a note", "a warning", "an error" };
	return override->off ? "off" : words[override->severity];
}

static void tell_profile(struct telling *telling, const struct results *results, size_t most)
{
	size_t count = 0;
	for (size_t i = 0; i < results->rule_count; i++) {
		const struct rule_override *override = override_at(results, i);
		if (!override || count++ >= most)
			continue;
		buf_reset(&telling->line);
		buf_printf(&telling->line, "Profile%s%s: %s is %s: %s", results->profile ? " " : "",
			   results->profile ? results->profile : "", results->rules[i]->id,
			   new_severity(override),
			   override->reason ? override->reason : "no reason was given");
		tell(telling);
	}
	if (count > most)
		tell_rest(telling, "Profile", count - most);
}

int remarks_each(const struct results *results, enum remark_kind kinds, size_t most,
		 void (*each)(void *context, const char *line), void *context)
{
	struct telling telling = { .each = each, .context = context };
	buf_init(&telling.line, SIZE_MAX / 2);
	if (kinds & REMARK_SKIPPED)
		tell_skipped(&telling, results, most);
	if (kinds & REMARK_PROFILE)
		tell_profile(&telling, results, most);
	int status = telling.line.failed ? -1 : 0;
	buf_release(&telling.line);
	return status;
}
