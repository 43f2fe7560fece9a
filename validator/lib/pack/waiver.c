#include "pack/waiver.h"

#include "config/value.h"

static bool is_of(const struct pack_waiver *waiver, const struct case_run *run)
{
	return strcmp(waiver->case_id.text, run->test->id.text) == 0;
}

static bool has_expired(const struct pack_waiver *waiver, const struct pack_session *session)
{
	return session->now >= value_date_end(waiver->expires.text);
}

static bool covers(struct case_run *run, const struct pack_waiver *waiver,
		   const struct judged *judged, const struct finding *finding)
{
	if (!is_of(waiver, run) || strcmp(waiver->rule.text, finding->rule->id) != 0)
		return false;
	const char **paths;
	size_t count;
	if (!waiver->at.text)
		return true;
	return case_paths(run, judged, waiver->at.text, &paths, &count) &&
	       case_stands_at(finding, paths, count);
}

bool waiver_accepts(struct case_run *run, const struct judged *judged, struct finding *finding)
{
	struct pack_session *session = run->session;
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (!covers(run, waiver, judged, finding))
			continue;
		session->waiver_used[i] = true;
		if (has_expired(waiver, session))
			continue;
		finding->waived =
			arena_printf(&session->results->arena, "%s (%s, until %s)",
				     waiver->reason.text, waiver->owner.text, waiver->expires.text);
		case_separate(run);
		buf_printf(&run->reason, "%s is waived: %s", finding->rule->id,
			   finding->waived ? finding->waived : "");
		run->waived = true;
		return finding->waived != NULL;
	}
	return false;
}

void waivers_close(struct case_run *run)
{
	const struct pack_session *session = run->session;
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (!is_of(waiver, run))
			continue;
		if (has_expired(waiver, session))
			case_fault(run, "the waiver of %s on line %zu expired on %s",
				   waiver->rule.text, waiver->place.line, waiver->expires.text);
		else if (!session->waiver_used[i])
			case_fault(run, "the waiver of %s on line %zu is not needed: remove it",
				   waiver->rule.text, waiver->place.line);
	}
}
