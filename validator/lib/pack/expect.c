/* What a case expects of what was judged: findings, verdict, records. */
#include "pack/case.h"

#include "compare/compare.h"
#include "config/value.h"
#include "config/when.h"
#include "diag/draft.h"
#include "pack/documents.h"
#include "policy/baseline.h"
#include "policy/waivers.h"

#include <stdlib.h>

enum { MOST_NAMED = 10 }; /* in one sentence */

/* An entry of the expectation, and what it has of the findings. */
struct wanted {
	const struct pack_expected *entry;
	const char **paths; /* of its "at" */
	size_t path_count;
	bool of_request;	/* of a pair */
	bool unplaced;		/* a document is beyond a limit: its places are not known */
	size_t missing;		/* how many of its findings were not found */
	size_t unsure;		/* how many may be there, not listed */
	struct found **fits;	/* with "at": findings that are there */
	size_t fit_count, next; /* those before next are taken */
	/* While findings are passed on, from whom it is asked for which. */
	struct wanted *from;
	struct found *asked;
	size_t search; /* the last that came to it */
	bool stuck;    /* nothing that it has can be replaced */
};

/* One of the findings that were made. */
struct found {
	const char *source; /* of its message */
	struct finding *finding;
	bool in_request;
	struct wanted *by; /* the entry that it is for; NULL: none */
};

/* All findings of a rule, in one half of what was judged. */
struct group {
	const char *rule;
	bool in_request;
	struct found **listed;
	size_t count, next; /* those before next are taken */
	size_t unlisted;    /* findings that are counted and not listed */
	size_t notes;	    /* how many of those are notes */
	size_t left;	    /* how many of those no entry expects */
};

struct matching {
	struct wanted *wanted;
	size_t wanted_count;
	struct found *found;
	size_t found_count;
	struct group *groups;
	size_t group_count;
	struct wanted **queue;
	size_t searches;
	bool unsure; /* whether a waiver accepts what is not listed is not known */
};

static size_t occasions(const struct pack_expected *entry)
{
	return entry->count.given ? entry->count.value : 1;
}

static bool is_of_request(struct results *results, const struct judged *judged,
			  const struct message_result *message)
{
	return judged->request &&
	       strcmp(message->source, results_name(results, judged->request->name)) == 0;
}

static int make_room(struct case_run *run, const struct judged *judged, struct matching *matching)
{
	struct arena *scratch = &run->session->scratch;
	size_t wanted = run->test->expect->finding_count, found = 0, groups = 0;
	for (size_t i = 0; i < judged->count; i++) {
		const struct message_result *message =
			&run->session->results->messages[judged->first + i];
		found += message->finding_count;
		groups += message->finding_count + message->unlisted_count;
	}
	*matching = (struct matching){
		.wanted = arena_alloc(scratch, wanted * sizeof(struct wanted) + 1),
		.queue = arena_alloc(scratch, wanted * sizeof(struct wanted *) + 1),
		.found = arena_alloc(scratch, found * sizeof(struct found) + 1),
		.groups = arena_alloc(scratch, groups * sizeof(struct group) + 1),
	};
	return scratch->failed ? -1 : 0;
}

static bool has_unknown_places(const struct judged *judged)
{
	const struct pack_documents *documents = judged->documents;
	for (size_t i = 0; documents && i < documents->count; i++)
		if (!documents->items[i].tree && documents->items[i].fault.is_limit)
			return true;
	return documents && !documents->count && documents->fault.is_limit;
}

static void gather_wanted(struct case_run *run, const struct judged *judged,
			  struct matching *matching)
{
	const struct pack_expect *expect = run->test->expect;
	for (size_t i = 0; i < expect->finding_count; i++) {
		const struct pack_expected *entry = &expect->findings[i];
		const struct judged *half = judged_half(judged, &entry->in);
		struct wanted wanted = { .entry = entry,
					 .of_request = half != judged,
					 .missing = occasions(entry) };
		wanted.unplaced = entry->at.text && has_unknown_places(half);
		if (entry->at.text && !wanted.unplaced)
			case_paths(run, half, entry->at.text, &wanted.paths, &wanted.path_count);
		matching->wanted[matching->wanted_count++] = wanted;
	}
}

static int by_rule(const void *a, const void *b)
{
	const struct found *const *x = a, *const *y = b;
	int order = strcmp((*x)->finding->rule->id, (*y)->finding->rule->id);
	order = order ? order : (*x)->in_request - (*y)->in_request;
	return order ? order : (*x > *y) - (*x < *y);
}

/* NULL: there is none. */
static struct group *group_of(const struct matching *matching, const char *rule, bool in_request)
{
	for (size_t i = matching->group_count; i-- > 0;)
		if (matching->groups[i].in_request == in_request &&
		    strcmp(matching->groups[i].rule, rule) == 0)
			return &matching->groups[i];
	return NULL;
}

static struct group *known_group(struct matching *matching, const char *rule, bool in_request)
{
	struct group *group = group_of(matching, rule, in_request);
	if (group)
		return group;
	group = &matching->groups[matching->group_count++];
	*group = (struct group){ .rule = rule, .in_request = in_request };
	return group;
}

static void gather_unlisted(struct matching *matching, const struct message_result *message,
			    bool in_request)
{
	for (size_t i = 0; i < message->unlisted_count; i++) {
		const struct unlisted *unlisted = &message->unlisted[i];
		struct group *group = known_group(matching, unlisted->rule->id, in_request);
		group->left = group->unlisted += unlisted->count;
		group->notes += unlisted->severity == CPIS_INFO ? unlisted->count : 0;
	}
}

static int gather_found(struct case_run *run, const struct judged *judged,
			struct matching *matching)
{
	struct results *results = run->session->results;
	for (size_t i = 0; i < judged->count; i++) {
		struct message_result *message = &results->messages[judged->first + i];
		for (size_t k = 0; k < message->finding_count; k++)
			matching->found[matching->found_count++] = (struct found){
				.source = message->source,
				.finding = &message->findings[k],
				.in_request = is_of_request(results, judged, message),
			};
	}
	struct found **sorted =
		arena_alloc(&run->session->scratch, matching->found_count * sizeof(*sorted) + 1);
	if (!sorted)
		return -1;
	for (size_t i = 0; i < matching->found_count; i++)
		sorted[i] = &matching->found[i];
	if (matching->found_count)
		qsort(sorted, matching->found_count, sizeof(*sorted), by_rule);
	for (size_t i = 0; i < matching->found_count; i++) {
		struct group *group =
			known_group(matching, sorted[i]->finding->rule->id, sorted[i]->in_request);
		group->listed = group->count ? group->listed : &sorted[i];
		group->count++;
	}
	for (size_t i = 0; i < judged->count; i++) {
		const struct message_result *message = &results->messages[judged->first + i];
		gather_unlisted(matching, message, is_of_request(results, judged, message));
	}
	return 0;
}

static int gather(struct case_run *run, const struct judged *judged, struct matching *matching)
{
	if (make_room(run, judged, matching) != 0)
		return -1;
	gather_wanted(run, judged, matching);
	return gather_found(run, judged, matching);
}

/* One that no entry has; NULL: all are taken. What is taken is never given back. */
static struct found *next_free(struct found **list, size_t count, size_t *next)
{
	while (*next < count && list[*next]->by)
		++*next;
	return *next < count ? list[*next] : NULL;
}

/* The last of a row of entries takes a finding, and each gives the one that it is asked for. */
static void pass_on(struct wanted *last, struct found *found)
{
	for (struct found *asked; last; last = last->from, found = asked) {
		asked = last->asked;
		found->by = last;
	}
}

/*
 * A finding for the entry, moving findings of other entries if that makes room for all: two
 * entries whose places overlap must not take each other's.
 */
static bool fill(struct matching *matching, struct wanted *wanted)
{
	struct wanted **queue = matching->queue;
	size_t count = 0, search = ++matching->searches;
	wanted->from = NULL;
	wanted->asked = NULL;
	wanted->search = search;
	queue[count++] = wanted;
	for (size_t i = 0; i < count; i++) {
		struct wanted *one = queue[i];
		struct found *found = next_free(one->fits, one->fit_count, &one->next);
		if (found) {
			pass_on(one, found);
			return true;
		}
		for (size_t k = 0; k < one->fit_count; k++) {
			struct wanted *owner = one->fits[k]->by;
			if (owner->search == search || owner->stuck)
				continue;
			owner->from = one;
			owner->asked = one->fits[k];
			owner->search = search;
			queue[count++] = owner;
		}
	}
	for (size_t i = 0; i < count; i++)
		queue[i]->stuck = true;
	return false;
}

/* Those of a group that are at the place of an entry. -1: out of memory. */
static int find_fits(struct case_run *run, struct wanted *wanted, const struct group *group)
{
	wanted->fits =
		arena_alloc(&run->session->scratch, group->count * sizeof(struct found *) + 1);
	for (size_t i = 0; wanted->fits && i < group->count; i++)
		if (case_finding_is_at(group->listed[i]->finding, wanted->paths,
				       wanted->path_count))
			wanted->fits[wanted->fit_count++] = group->listed[i];
	return wanted->fits ? 0 : -1;
}

static size_t take_unlisted(struct wanted *wanted, struct group *group)
{
	size_t taken = wanted->missing < group->left ? wanted->missing : group->left;
	wanted->missing -= taken;
	group->left -= taken;
	return taken;
}

/* For an entry that says no place: whatever is left. */
static void take_any(struct wanted *wanted, struct group *group)
{
	struct found *found;
	while (wanted->missing && (found = next_free(group->listed, group->count, &group->next))) {
		found->by = wanted;
		wanted->missing--;
	}
	take_unlisted(wanted, group);
}

static int match_places(struct case_run *run, struct matching *matching)
{
	for (size_t i = 0; i < matching->wanted_count; i++) {
		struct wanted *wanted = &matching->wanted[i];
		const struct group *group =
			group_of(matching, wanted->entry->rule.text, wanted->of_request);
		if (!wanted->entry->at.text || wanted->unplaced || !group)
			continue;
		if (find_fits(run, wanted, group) != 0)
			return -1;
		while (wanted->missing && fill(matching, wanted))
			wanted->missing--;
	}
	/* Where the others are is not known. */
	for (size_t i = 0; i < matching->wanted_count; i++) {
		struct wanted *wanted = &matching->wanted[i];
		struct group *group =
			group_of(matching, wanted->entry->rule.text, wanted->of_request);
		if (wanted->path_count && group)
			wanted->unsure = take_unlisted(wanted, group);
	}
	return 0;
}

/* Those that say where come first, as no other finding will do for them. Where their places are not
 * known, any finding may be the one, and the case is incomplete (report_unsure). */
static int match(struct case_run *run, struct matching *matching)
{
	if (match_places(run, matching) != 0)
		return -1;
	for (unsigned of_any = 0; of_any < 2; of_any++)
		for (size_t i = 0; i < matching->wanted_count; i++) {
			struct wanted *wanted = &matching->wanted[i];
			const struct pack_expected *entry = wanted->entry;
			bool places = entry->at.text && !wanted->unplaced;
			if (places || entry->in.given == of_any)
				continue;
			for (unsigned request = 0; request < 2; request++) {
				struct group *group = group_of(matching, entry->rule.text, request);
				if (group && (of_any || wanted->of_request == request))
					take_any(wanted, group);
			}
		}
	return 0;
}

static void name_entry(struct pack_session *session, const struct pack_expected *entry,
		       struct buf *out)
{
	buf_text(out, entry->rule.text);
	if (entry->at.text) {
		buf_printf(out, " at %s", assert_xpath(session, entry->at.text));
	}
}

static void name_finding(struct buf *out, const struct finding *finding)
{
	buf_text(out, finding->rule->id);
	if (finding->path && *finding->path)
		buf_printf(out, " at %s", finding->path);
	if (finding->at.line)
		buf_printf(out, " (line %zu)", finding->at.line);
}

/* Between the names of a list; false when enough have been named. */
static bool comma(struct buf *out, size_t *named)
{
	if ((*named)++ >= MOST_NAMED)
		return false;
	if (*named > 1)
		buf_text(out, ", ");
	return true;
}

static void end_list(struct buf *out, size_t named)
{
	if (named > MOST_NAMED)
		buf_printf(out, " and %zu more", named - MOST_NAMED);
}

/* Literals in it are masked, as everywhere. */
static const char *kept_xpath(struct pack_session *session, const char *xpath)
{
	return arena_copy(&session->results->arena, str_of(assert_xpath(session, xpath)));
}

/* The entries of the expectation, a row each: over all sources that the case judges. */
static void keep_expected(struct case_run *run, const struct matching *matching)
{
	const struct pack_expect *expect = run->test->expect;
	struct results *results = run->session->results;
	struct case_result *kept = &run->kept;
	for (size_t i = kept->expects_count; i < expect->finding_count; i++) {
		const struct pack_expected *entry = &expect->findings[i];
		struct expected_finding *to = case_add_expected(results, kept);
		if (!to)
			return;
		to->rule = arena_copy(&results->arena, str_of(entry->rule.text));
		to->path = entry->at.text ? kept_xpath(run->session, entry->at.text) : NULL;
	}
	for (size_t i = 0; i < matching->wanted_count; i++) {
		kept->expects[i].count += occasions(matching->wanted[i].entry);
		kept->expects[i].missing += matching->wanted[i].missing;
	}
	for (size_t i = 0; i < matching->found_count; i++)
		if (matching->found[i].by)
			matching->found[i].finding->fate = FATE_EXPECTED;
		else if (!expect->at_least.value)
			matching->found[i].finding->fate = FATE_UNEXPECTED;
}

static void report_missing(struct case_run *run, const struct matching *matching)
{
	struct buf names;
	buf_init(&names, 1 << 20);
	size_t named = 0;
	for (size_t i = 0; i < matching->wanted_count; i++) {
		const struct wanted *wanted = &matching->wanted[i];
		for (size_t left = wanted->missing; left; left--) {
			if (!comma(&names, &named)) {
				named += left - 1;
				break;
			}
			name_entry(run->session, wanted->entry, &names);
			if (wanted->entry->at.text && !wanted->path_count)
				buf_text(&names, " (which is not there)");
		}
	}
	end_list(&names, named);
	if (named)
		case_fault_about(run, FAULT_MISSING, NULL, "missing: %s", names.p ? names.p : "");
	buf_release(&names);
}

/* Whether they are at the place of their entry is not known. */
static void report_unsure(struct case_run *run, const struct matching *matching)
{
	struct buf names;
	buf_init(&names, 1 << 20);
	size_t named = 0;
	for (size_t i = 0; i < matching->wanted_count; i++)
		if (matching->wanted[i].unsure && comma(&names, &named))
			name_entry(run->session, matching->wanted[i].entry, &names);
	end_list(&names, named);
	run->unchecked = run->unchecked || named;
	if (named)
		case_unjudged(run, "not known: %s: findings of it are not listed (--max-findings)",
			      names.p ? names.p : "");
	buf_release(&names);
	bool unplaced = false;
	for (size_t i = 0; i < matching->wanted_count; i++)
		unplaced = unplaced || matching->wanted[i].unplaced;
	run->unchecked = run->unchecked || unplaced;
	if (unplaced)
		case_unjudged(run, "not known: where findings are, as a document reaches a limit");
}

static bool is_of(const struct pack_waiver *waiver, const struct case_run *run)
{
	return strcmp(waiver->case_id.text, run->test->id.text) == 0;
}

static bool has_expired(const struct pack_waiver *waiver, const struct pack_session *session)
{
	return session->results->options.now >= value_date_end(waiver->expires.text);
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
	       case_finding_is_at(finding, paths, count);
}

/*
 * If a waiver of the pack covers an unexpected finding of this case, and is in force, write its
 * reason into the finding and return true. An expired one is not applied, but counts as used.
 */
static bool waiver_takes(struct case_run *run, const struct judged *judged, struct finding *finding)
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

/* The same of the file of waivers. */
static bool file_takes(struct case_run *run, struct finding *finding)
{
	struct pack_session *session = run->session;
	if (!session->options->waivers)
		return false;
	const struct waivers_case of = { session->pack->name.text, run->test->id.text };
	finding->waived = waivers_take(session->options->waivers, &of, finding,
				       session->results->options.now, &session->results->arena);
	if (!finding->waived)
		return false;
	case_separate(run);
	buf_printf(&run->reason, "%s is waived: %s", finding->rule->id, finding->waived);
	run->waived = true;
	return true;
}

static bool baseline_takes(struct case_run *run, const struct found *found)
{
	struct cpis_baseline *baseline = run->session->options->baseline;
	struct finding *finding = found->finding;
	const char *reason = NULL;
	if (!baseline || !baseline_accepts(baseline, found->source, finding, &reason))
		return false;
	baseline_mark(finding, reason, &run->session->results->arena);
	case_separate(run);
	buf_printf(&run->reason, "%s is accepted by the baseline%s%s", finding->rule->id,
		   reason ? ": " : "", reason ? reason : "");
	run->waived = true;
	return true;
}

static void baseline_is_met(struct case_run *run, const struct found *found)
{
	if (run->session->options->baseline)
		baseline_meets(run->session->options->baseline, found->source, found->finding);
}

/* A note says nothing against a message, and some come with age: a case may allow them. */
static bool is_allowed_note(const struct case_run *run, const struct finding *finding)
{
	return run->test->expect->notes.given && finding->severity == CPIS_INFO;
}

/* Whether a waiver or the baseline accepts findings of a rule, maybe at some places only. */
static bool may_be_accepted(const struct case_run *run, const char *rule)
{
	const struct pack_session *session = run->session;
	const struct waivers_case of = { session->pack->name.text, run->test->id.text };
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (is_of(waiver, run) && !has_expired(waiver, session) &&
		    strcmp(waiver->rule.text, rule) == 0)
			return true;
	}
	return (session->options->waivers && waivers_name(session->options->waivers, &of, rule,
							  session->results->options.now)) ||
	       (session->options->baseline && baseline_names(session->options->baseline, rule));
}

static void name_unlisted(struct buf *out, const char *rule, size_t count)
{
	buf_printf(out, "%s (%zu not listed)", rule, count);
}

/* Those that are not listed, of a rule: into names, unless they may be accepted. */
static void report_unlisted(struct case_run *run, struct matching *matching,
			    const struct group *group, struct buf *names, size_t *named)
{
	bool notes = run->test->expect->notes.given;
	size_t allowed = notes && group->notes < group->left ? group->notes : notes * group->left;
	size_t count = group->left - allowed;
	if (count && run->session->options->baseline && !run->test->expect->at_least.value)
		baseline_lack(run->session->options->baseline, count);
	if (count && may_be_accepted(run, group->rule)) {
		matching->unsure = run->unchecked = true;
		case_unjudged(run,
			      "not known: whether %s is accepted at %zu more places, which are "
			      "not listed (--max-findings)",
			      group->rule, count);
	} else if (count && !run->test->expect->at_least.value && comma(names, named)) {
		name_unlisted(names, group->rule, count);
	}
}

/* Whether a waiver or the baseline accepts a finding that is not expected. */
static bool is_accepted(struct case_run *run, const struct judged *judged,
			const struct found *found)
{
	if (waiver_takes(run, judged, found->finding) || file_takes(run, found->finding)) {
		baseline_is_met(run, found);
		return true;
	}
	return run->test->expect->at_least.value || baseline_takes(run, found);
}

static void report_behind(struct case_run *run, const struct judged *judged,
			  const struct message_result *message, struct buf *names, size_t *named)
{
	struct finding *behind;
	for (size_t at = 0; (behind = message_uncovered(run->session->results, message, &at));) {
		const struct found found = { .finding = behind, .source = message->source };
		behind->fate = run->test->expect->at_least.value ? FATE_OPEN : FATE_UNEXPECTED;
		if (!is_accepted(run, judged, &found) && comma(names, named))
			name_finding(names, behind);
	}
}

/* What accepted findings cover is not expected either, unless it is accepted too.
 */
static void report_uncovered(struct case_run *run, const struct judged *judged, struct buf *names,
			     size_t *named)
{
	struct results *results = run->session->results;
	for (size_t i = 0; i < judged->count; i++) {
		struct message_result *message = &results->messages[judged->first + i];
		do
			report_behind(run, judged, message, names, named);
		while (message_reveal(results, message));
	}
}

/* Findings that are not expected, unless a waiver or the baseline accepts them. */
static void report_unexpected(struct case_run *run, const struct judged *judged,
			      struct matching *matching)
{
	struct buf names;
	buf_init(&names, 1 << 20);
	size_t named = 0;
	for (size_t i = 0; i < matching->found_count; i++) {
		const struct found *found = &matching->found[i];
		if (found->by || is_allowed_note(run, found->finding) ||
		    is_accepted(run, judged, found))
			continue;
		if (comma(&names, &named))
			name_finding(&names, found->finding);
	}
	report_uncovered(run, judged, &names, &named);
	for (size_t i = 0; i < matching->group_count; i++)
		report_unlisted(run, matching, &matching->groups[i], &names, &named);
	end_list(&names, named);
	if (named)
		case_fault_about(run, FAULT_UNEXPECTED, NULL, "unexpected: %s",
				 names.p ? names.p : "");
	buf_release(&names);
}

/* The most severe of the messages, once waivers are taken into account. */
static enum cpis_verdict verdict_of(struct results *results, const struct judged *judged)
{
	enum cpis_verdict worst = CPIS_PASS;
	bool any = false;
	for (size_t i = 0; i < judged->count; i++) {
		struct message_result *message = &results->messages[judged->first + i];
		message_settle(results, message);
		worst = message->verdict > worst ? message->verdict : worst;
		any = any || !message_is_aside(message);
	}
	return any ? worst : CPIS_INCOMPLETE;
}

/* What could not be judged of a pair is an omission of both. */
static bool is_said(const struct results *results, const struct judged *judged, size_t message,
		    const struct omission *omission)
{
	for (size_t i = 0; i < message; i++) {
		const struct message_result *before = &results->messages[judged->first + i];
		for (size_t k = 0; k < before->omission_count; k++)
			if (strcmp(before->omissions[k].what, omission->what) == 0 &&
			    strcmp(before->omissions[k].why, omission->why) == 0)
				return true;
	}
	return false;
}

/*
 * Whether something of a message was not judged: it was not read to its end, or not recognised, or
 * a rule could not check it. An error that explains that must not be accepted with the case.
 */
static bool is_unjudged(const struct message_result *message)
{
	if (message->omission_count > 0 || message->doubt_count > 0 || !message->type)
		return true;
	for (size_t i = 0; i < message->finding_count; i++)
		if (message->findings[i].stage == CPIS_XML &&
		    message->findings[i].rule->severity == CPIS_ERROR)
			return true;
	return false;
}

static void compare_verdict(struct case_run *run, const struct judged *judged,
			    enum cpis_verdict verdict, bool unsure)
{
	const struct pack_expect *expect = run->test->expect;
	const struct results *results = run->session->results;
	enum cpis_verdict wanted = (enum cpis_verdict)expect->verdict.value;
	if (verdict != wanted && unsure)
		case_unjudged(run, "without those that are not listed, the verdict is not known");
	else if (verdict != wanted)
		case_fault_about(run, FAULT_VERDICT, NULL, "the verdict is %s, not %s",
				 cpis_verdict_name(verdict), cpis_verdict_name(wanted));
	for (size_t i = 0; i < judged->count; i++)
		run->unchecked =
			run->unchecked || is_unjudged(&results->messages[judged->first + i]);
	if (wanted == CPIS_INCOMPLETE || expect->at_least.value)
		return;
	for (size_t i = 0; i < judged->count; i++) {
		const struct message_result *message = &results->messages[judged->first + i];
		for (size_t k = 0; k < message->omission_count; k++)
			if (!is_said(results, judged, i, &message->omissions[k]))
				case_fault(run, "not judged: %s, %s", message->omissions[k].what,
					   message->omissions[k].why);
	}
}

static void describe_actual(struct case_run *run, const struct judged *judged,
			    const struct matching *matching, enum cpis_verdict verdict)
{
	struct buf *out = &run->actual;
	if (out->n)
		buf_text(out, "; ");
	if (run->test->evidence.text)
		buf_printf(out, "%s: ", judged->name);
	buf_text(out, cpis_verdict_name(verdict));
	size_t named = 0;
	for (size_t i = 0; i < matching->found_count; i++) {
		if (!named)
			buf_text(out, ": ");
		if (comma(out, &named))
			name_finding(out, matching->found[i].finding);
	}
	for (size_t i = 0; i < matching->group_count; i++) {
		const struct group *group = &matching->groups[i];
		if (!group->unlisted)
			continue;
		if (!named)
			buf_text(out, ": ");
		if (comma(out, &named))
			name_unlisted(out, group->rule, group->unlisted);
	}
	end_list(out, named);
}

/* The records of the message against those that the case expects. */

static const char *records_name(const struct pack_case *test)
{
	const struct pack_records *records = test->expect->records;
	return records->from.text ? records->from.text : test->given.text;
}

static const char *kept_value(struct case_run *run, enum mask_kind mask, struct str value)
{
	struct results *results = run->session->results;
	return value.n ? arena_copy(&results->arena,
				    str_of(difference_value(results->masker, &run->session->scratch,
							    mask, value)))
		       : NULL;
}

static const char *kept_record(struct case_run *run, const struct child_record *record)
{
	struct results *results = run->session->results;
	return record ? arena_copy(&results->arena,
				   str_of(difference_record(results->masker, &run->session->scratch,
							    record)))
		      : NULL;
}

static void keep_difference(struct case_run *run, const struct record_difference *difference)
{
	struct results *results = run->session->results;
	struct record_change *to = case_add_record(results, &run->kept);
	struct value_change *values =
		arena_alloc(&results->arena, difference->field_count * sizeof(*values) + 1);
	if (!to || !values)
		return;
	*to = (struct record_change){
		.kind = difference_word(difference->kind),
		.expected = kept_record(run, difference->expected),
		.found = kept_record(run, difference->found),
		.values = values,
		.value_count = difference->field_count,
	};
	for (size_t i = 0; i < difference->field_count; i++) {
		const struct field_difference *field = &difference->fields[i];
		values[i] = (struct value_change){
			.name = arena_copy(&results->arena, str_of(field->name)),
			.expected = kept_value(run, field->mask, field->expected),
			.found = kept_value(run, field->mask, field->found),
		};
	}
}

static void report_differences(struct case_run *run, const struct comparison *comparison)
{
	struct pack_session *session = run->session;
	for (size_t i = 0; i < comparison->difference_count && i < MOST_NAMED; i++) {
		struct buf words;
		buf_init(&words, 1 << 20);
		difference_describe(session->results->masker, &session->scratch,
				    &comparison->differences[i], &words);
		case_fault_about(run, FAULT_RECORD, NULL, "%s",
				 words.p ? words.p : "out of memory");
		buf_release(&words);
		keep_difference(run, &comparison->differences[i]);
	}
	if (comparison->difference_count > MOST_NAMED)
		case_fault_about(run, FAULT_RECORD, NULL, "and %zu more records differ",
				 comparison->difference_count - MOST_NAMED);
}

static void compare_records(struct case_run *run, const struct judged *judged)
{
	struct arena *scratch = &run->session->scratch;
	const enum record_match match = (enum record_match)run->test->expect->records->match.value;
	const struct child_records *expected = run->prepared->records;
	struct child_records found = { 0 }, settled;
	struct comparison comparison;
	struct cpis_failure failure;
	if (match == MATCH_CONTAINS && expected->count == 0) {
		case_fault(run, "its records cannot be compared: %s has no records",
			   records_name(run->test));
		return;
	}
	if (dataset_of_message(&found, scratch, judged->bytes, &failure) != 0) {
		case_fault(run, "its records cannot be compared: %s", failure.text);
		return;
	}
	const struct when_days days = case_days(run, found.made);
	enum when_anchor unknown = records_settle(expected, scratch, &days, &settled);
	if (unknown != WHEN_FIXED) {
		case_day_is_unknown(run, unknown);
		return;
	}
	if (expected->relative & WHEN_KEYED && found.made[0] && strcmp(found.made, days.keyed) < 0)
		case_fault(run,
			   "'%s' was made on %.4s-%.2s-%.2s, before the data was entered "
			   "(%.4s-%.2s-%.2s)",
			   judged->name, found.made, found.made + 4, found.made + 6, days.keyed,
			   days.keyed + 4, days.keyed + 6);
	if (records_compare(scratch, &settled, &found, match, &comparison) != 0)
		case_fault(run, "its records cannot be compared: out of memory");
	else
		report_differences(run, &comparison);
}

static void describe_records(const struct pack_case *test, struct buf *out)
{
	bool exact = test->expect->records->match.value == MATCH_EXACT;
	buf_printf(out, "; records %s %s", exact ? "exactly as in" : "that contain those of",
		   records_name(test));
}

void expect_compare(struct case_run *run, const struct judged *judged)
{
	struct matching matching;
	if (gather(run, judged, &matching) != 0 || match(run, &matching) != 0) {
		case_unjudged(run, "out of memory");
		return;
	}
	keep_expected(run, &matching);
	report_missing(run, &matching);
	report_unsure(run, &matching);
	report_unexpected(run, judged, &matching);
	enum cpis_verdict verdict = verdict_of(run->session->results, judged);
	compare_verdict(run, judged, verdict, matching.unsure);
	describe_actual(run, judged, &matching, verdict);
	for (size_t i = 0; i < run->test->expect->assert_count; i++)
		assert_check(run, judged, i);
	if (run->test->expect->records)
		compare_records(run, judged);
}

/* Whether there are findings of a rule that no waiver was tried on. */
static bool is_unlisted(const struct case_run *run, const char *rule)
{
	const struct results *results = run->session->results;
	for (size_t i = run->first_message; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].unlisted_count; k++)
			if (strcmp(results->messages[i].unlisted[k].rule->id, rule) == 0)
				return true;
	return false;
}

void expect_close(struct case_run *run)
{
	const struct pack_session *session = run->session;
	for (size_t i = 0; i < session->pack->waiver_count; i++) {
		const struct pack_waiver *waiver = &session->pack->waivers[i];
		if (!is_of(waiver, run))
			continue;
		if (has_expired(waiver, session))
			case_fault(run, "the waiver of %s on line %zu expired on %s",
				   waiver->rule.text, waiver->place.line, waiver->expires.text);
		else if (!session->waiver_used[i] && !is_unlisted(run, waiver->rule.text))
			case_fault(run, "the waiver of %s on line %zu is not needed: remove it",
				   waiver->rule.text, waiver->place.line);
	}
}

void expect_describe(struct pack_session *session, const struct pack_case *test, struct buf *out)
{
	const struct pack_expect *expect = test->expect;
	buf_text(out, cpis_verdict_name((enum cpis_verdict)expect->verdict.value));
	if (expect->at_least.value)
		buf_text(out, ", with at least");
	for (size_t i = 0; i < expect->finding_count; i++) {
		buf_text(out, i ? ", " : expect->at_least.value ? " " : ": ");
		name_entry(session, &expect->findings[i], out);
		if (occasions(&expect->findings[i]) > 1)
			buf_printf(out, " (%zu times)", occasions(&expect->findings[i]));
	}
	for (size_t i = 0; i < expect->assert_count; i++) {
		buf_text(out, "; ");
		assert_describe(session, &expect->asserts[i], out);
	}
	if (expect->records)
		describe_records(test, out);
}
