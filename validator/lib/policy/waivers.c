#include "policy/waivers.h"

#include "cpis.h"

#include "base/buf.h"
#include "config/fields.h"
#include "config/value.h"
#include "diag/draft.h"
#include "diag/failure.h"
#include "diag/results.h"

#include <stdio.h>
#include <stdlib.h>

struct waiver {
	struct config_place place;
	struct config_text rule, case_id, pack, path, reason, owner, expires;
	bool faulty;	   /* there is a problem in it already */
	bool met;	   /* it accepted something, or would have before it expired */
	bool said;	   /* what is wrong with it is a fault of its case */
	bool off;	   /* the profile turns off what it may accept */
	const char *known; /* the pack of the run that has its case; NULL: none */
};

struct cpis_waivers {
	struct arena arena;
	const char *path;
	struct waiver *items;
	size_t count;
	long long now; /* of the run */
	bool partial;  /* something was not looked for: what met nothing might have met it */
};

static const struct field waiver_fields[] = {
	{ "rule", FIELD_TEXT, .check = value_is_rule, .offset = offsetof(struct waiver, rule) },
	{ "case", FIELD_TEXT, .check = value_is_id, .offset = offsetof(struct waiver, case_id) },
	{ "pack", FIELD_TEXT, .check = value_is_id, .offset = offsetof(struct waiver, pack) },
	{ "path", FIELD_TEXT, .elsewhere = "at", .offset = offsetof(struct waiver, path) },
	{ "reason", FIELD_TEXT, .required = true, .offset = offsetof(struct waiver, reason) },
	{ "owner", FIELD_TEXT, .required = true, .offset = offsetof(struct waiver, owner) },
	{ "expires", FIELD_TEXT, .required = true, .check = value_is_date,
	  .offset = offsetof(struct waiver, expires) },
};

const struct mapping supplier_waiver_mapping = {
	.what = "a waiver",
	.bytes = sizeof(struct waiver),
	.faulty_offset = offsetof(struct waiver, faulty),
	FIELDS(waiver_fields),
};

static void check(const char *path, const struct waiver *waiver, struct problems *problems)
{
	if (!waiver->rule.text && !waiver->case_id.text)
		problem_add(problems, path, waiver->place,
			    "a waiver needs a rule, a case, or both");
	else if (!waiver->case_id.text && waiver->pack.text)
		problem_add(problems, path, waiver->pack.place, "'pack' needs a case");
	if (!waiver->rule.text && waiver->path.text)
		problem_add(problems, path, waiver->path.place,
			    "'path' needs a rule: a failure of a case has no path");
	if (waiver->rule.text && !waiver->case_id.text && !waiver->path.text)
		problem_add(
			problems, path, waiver->place,
			"a waiver of a rule needs a path or a case: it must not accept the rule "
			"everywhere");
}

/* Its entries, in the arena; NULL where the file cannot be read as a list. */
static struct waiver *load(struct arena *arena, const char *path, size_t *count,
			   struct problems *problems)
{
	void *items = NULL;
	const struct loader loader = { arena, path, problems, false };
	load_list_file(&loader, &supplier_waiver_mapping, &items, count);
	struct waiver *list = items;
	for (size_t i = 0; list && i < *count; i++)
		if (!list[i].faulty)
			check(path, &list[i], problems);
	return list;
}

void waivers_check(const char *path, struct problems *problems)
{
	struct arena arena;
	size_t count = 0;
	arena_init(&arena);
	load(&arena, path, &count, problems);
	if (arena.failed)
		problem_add_internal(problems, path, "out of memory");
	arena_release(&arena);
}

static int read_file(struct cpis_waivers *waivers, struct cpis_failure *failure)
{
	struct problems problems;
	problems_init(&problems);
	waivers->items = load(&waivers->arena, waivers->path, &waivers->count, &problems);
	if (waivers->arena.failed) {
		problems_release(&problems);
		return failure_out_of_memory(failure);
	}
	return problems_close(&problems, NULL, NULL, failure);
}

int waivers_open(struct cpis_waivers **waivers, const char *path, struct cpis_failure *failure)
{
	struct cpis_waivers *made = calloc(1, sizeof(*made));
	if (!made)
		return failure_out_of_memory(failure);
	arena_init(&made->arena);
	made->path = arena_copy(&made->arena, str_of(path));
	if (!made->path ? failure_out_of_memory(failure) != 0 : read_file(made, failure) != 0) {
		cpis_waivers_free(made);
		return -1;
	}
	*waivers = made;
	return 0;
}

void cpis_waivers_free(struct cpis_waivers *waivers)
{
	if (!waivers)
		return;
	arena_release(&waivers->arena);
	free(waivers);
}

const char *waivers_path(const struct cpis_waivers *waivers)
{
	return waivers->path;
}

static bool has_expired(const struct waiver *waiver, long long now)
{
	return now >= value_date_end(waiver->expires.text);
}

static bool is_of(const struct waiver *waiver, const struct waivers_case *of)
{
	return waiver->case_id.text && of && strcmp(waiver->case_id.text, of->id) == 0 &&
	       (!waiver->pack.text || strcmp(waiver->pack.text, of->pack) == 0);
}

static bool names(const struct waiver *waiver, const struct waivers_case *of, const char *rule)
{
	return waiver->rule.text && strcmp(waiver->rule.text, rule) == 0 &&
	       (!waiver->case_id.text || is_of(waiver, of));
}

static bool covers(const struct waiver *waiver, const struct waivers_case *of,
		   const struct finding *finding)
{
	if (!names(waiver, of, finding->rule->id))
		return false;
	return !waiver->path.text ||
	       strcmp(waiver->path.text, finding->path ? finding->path : "") == 0;
}

static const char *words_of(const struct waiver *waiver, struct arena *arena)
{
	return arena_printf(arena, "%s (%s, until %s)", waiver->reason.text, waiver->owner.text,
			    waiver->expires.text);
}

const char *waivers_take(struct cpis_waivers *waivers, const struct waivers_case *of,
			 const struct finding *finding, long long now, struct arena *arena)
{
	const char *words = NULL;
	for (size_t i = 0; i < waivers->count; i++) {
		struct waiver *waiver = &waivers->items[i];
		if (!covers(waiver, of, finding))
			continue;
		waiver->met = true;
		if (!words && !has_expired(waiver, now))
			words = words_of(waiver, arena);
	}
	return words;
}

bool waivers_name(const struct cpis_waivers *waivers, const struct waivers_case *of,
		  const char *rule, long long now)
{
	for (size_t i = 0; i < waivers->count; i++)
		if (names(&waivers->items[i], of, rule) && !has_expired(&waivers->items[i], now))
			return true;
	return false;
}

const char *waivers_take_failure(struct cpis_waivers *waivers, const struct waivers_case *of,
				 long long now, struct arena *arena)
{
	const char *words = NULL;
	for (size_t i = 0; i < waivers->count; i++) {
		struct waiver *waiver = &waivers->items[i];
		if (waiver->rule.text || !is_of(waiver, of))
			continue;
		waiver->met = true;
		if (!words && !has_expired(waiver, now))
			words = words_of(waiver, arena);
	}
	return words;
}

void waivers_begin(struct cpis_waivers *waivers, const struct results *results, bool partial)
{
	waivers->now = results->options.now;
	waivers->partial = waivers->partial || partial || results->options.skip_stages;
	for (size_t i = 0; i < waivers->count; i++)
		waivers->items[i].off = results_rule_off(results, waivers->items[i].rule.text);
}

void waivers_miss(struct cpis_waivers *waivers)
{
	waivers->partial = true;
}

void waivers_know_case(struct cpis_waivers *waivers, const struct waivers_case *of,
		       struct problems *problems)
{
	for (size_t i = 0; i < waivers->count; i++) {
		struct waiver *waiver = &waivers->items[i];
		if (!is_of(waiver, of))
			continue;
		if (!waiver->known)
			waiver->known = arena_copy(&waivers->arena, str_of(of->pack));
		if (!waiver->known)
			problem_add_internal(problems, waivers->path, "out of memory");
		else if (strcmp(waiver->known, of->pack) != 0)
			problem_add(problems, waivers->path, waiver->case_id.place,
				    "'%s' is a case of the packs '%s' and '%s': say of which with "
				    "'pack'",
				    of->id, waiver->known, of->pack);
	}
}

/* What is wrong with a waiver at the end; NULL: nothing. unsure: not all was looked for. */
static const char *wrong_with(const struct waiver *waiver, long long now, bool unsure)
{
	if (has_expired(waiver, now))
		return "has expired";
	return waiver->met || waiver->off || unsure ? NULL : "is not needed: remove it";
}

void waivers_close_case(struct cpis_waivers *waivers, const struct waivers_case *of,
			const struct results *results, size_t first_message,
			void (*tell)(void *context, const char *sentence), void *context)
{
	char sentence[512];
	const char *slash = strrchr(waivers->path, '/');
	const char *name = slash ? slash + 1 : waivers->path;
	bool unsure = results_may_miss(results, first_message);
	for (size_t i = 0; i < waivers->count; i++) {
		struct waiver *waiver = &waivers->items[i];
		const char *wrong = wrong_with(waiver, results->options.now, unsure);
		if (!is_of(waiver, of) || !wrong)
			continue;
		waiver->said = true;
		snprintf(sentence, sizeof(sentence), "the waiver of %s on line %zu of %s %s",
			 waiver->rule.text ? waiver->rule.text : "the case", waiver->place.line,
			 name, wrong);
		tell(context, sentence);
	}
}

/* What is wrong with a waiver when all is judged; NULL: nothing, or it is a fault of its case. */
static const char *wrong_at_end(const struct cpis_waivers *waivers, const struct waiver *waiver)
{
	if (waiver->said)
		return NULL;
	if (waiver->case_id.text && !waiver->known)
		return "names a case that this run does not have";
	/* Of its own case it was settled with it, or the case was left out. */
	return wrong_with(waiver, waivers->now, waivers->partial || waiver->known != NULL);
}

static const char *name_of(const struct waiver *waiver)
{
	return waiver->rule.text ? waiver->rule.text : waiver->case_id.text;
}

static void report(const struct cpis_waivers *waivers, const struct waiver *waiver,
		   const char *wrong, void (*each)(void *context, const struct cpis_failure *wrong),
		   void *context)
{
	struct cpis_failure failure = { .kind = CPIS_FAILURE_CONFIGURATION,
					.line = waiver->place.line,
					.column = waiver->place.column };
	snprintf(failure.file, sizeof(failure.file), "%s", waivers->path);
	snprintf(failure.text, sizeof(failure.text), "the waiver of %s %s", name_of(waiver), wrong);
	if (each)
		each(context, &failure);
}

size_t cpis_waivers_stale(const struct cpis_waivers *waivers,
			  void (*each)(void *context, const struct cpis_failure *stale),
			  void *context)
{
	size_t count = 0;
	for (size_t i = 0; i < waivers->count; i++) {
		const struct waiver *waiver = &waivers->items[i];
		const char *wrong = wrong_at_end(waivers, waiver);
		if (!wrong)
			continue;
		report(waivers, waiver, wrong, each, context);
		count++;
	}
	return count;
}

int cpis_results_close_waivers(struct cpis_results *public_results,
			       const struct cpis_waivers *waivers, struct cpis_failure *failure)
{
	enum { MOST_WORDS = 64 * 1024 };
	struct results *results = (struct results *)(void *)public_results;
	const char *slash = strrchr(waivers->path, '/');
	const char *file = slash ? slash + 1 : waivers->path;
	struct buf words;
	buf_init(&words, MOST_WORDS);
	for (size_t i = 0; i < waivers->count && words.n < MOST_WORDS / 2; i++) {
		const struct waiver *waiver = &waivers->items[i];
		const char *wrong = wrong_at_end(waivers, waiver);
		if (wrong)
			buf_printf(&words, "%sthe waiver of %s on line %zu of %s %s",
				   words.n ? "; " : "", name_of(waiver), waiver->place.line, file,
				   wrong);
	}
	struct case_result *to = words.n ? results_add_case(results) : NULL;
	if (to) {
		bool of_pack = results->pack_count > 0;
		*to = (struct case_result){
			.pack = of_pack ? results->packs[0].name
					: arena_copy(&results->arena, str_of(file)),
			.from = CASE_OF_RUN,
			.id = WAIVERS_CASE,
			.title = "The waivers as a whole",
			.outcome = CASE_FAILED,
			.expected = "every waiver is in force, and something meets it",
			.reason = arena_copy(&results->arena, buf_view(&words)),
			.first_message = results->message_count,
		};
	}
	int status = words.failed || results->arena.failed ? failure_out_of_memory(failure) : 0;
	buf_release(&words);
	return status;
}

/* Waivers, and the time by which they are in force. */
struct in_force {
	const struct cpis_waivers *waivers;
	long long now;
};

static bool accepts_rule(const void *context, const char *rule)
{
	const struct in_force *in_force = context;
	return waivers_name(in_force->waivers, NULL, rule, in_force->now);
}

int cpis_results_waive(struct cpis_results *public_results, struct cpis_waivers *waivers,
		       struct cpis_failure *failure)
{
	struct results *results = (struct results *)(void *)public_results;
	if (!results->options.now)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "waivers expire: results need a time (now)");
	if (results_check_doubts(results, failure) != 0)
		return -1;
	/* What nothing met may be met in a part that is missing. */
	waivers_begin(waivers, results,
		      results_lack_parts(results) || results->unlisted_count ||
			      results_may_miss(results, 0));
	const struct in_force in_force = { waivers, results->options.now };
	for (size_t i = 0; i < results->message_count; i++) {
		struct message_result *message = &results->messages[i];
		bool waived = message->unlisted_count > 0;
		message_doubt_unlisted(results, message, accepts_rule, &in_force);
		for (size_t k = 0; k < message->finding_count; k++) {
			struct finding *finding = &message->findings[k];
			if (finding->waived)
				continue;
			finding->waived = waivers_take(waivers, NULL, finding, results->options.now,
						       &results->arena);
			waived = waived || finding->waived;
		}
		struct finding *behind;
		do
			for (size_t at = 0; (behind = message_uncovered(results, message, &at));)
				behind->waived =
					waivers_take(waivers, NULL, behind, results->options.now,
						     &results->arena);
		while (message_reveal(results, message));
		if (waived)
			message_settle(results, message);
	}
	if (results_note_input(results, NULL, "waivers", NULL, waivers->path) != 0 ||
	    results->arena.failed)
		return failure_out_of_memory(failure);
	return 0;
}
