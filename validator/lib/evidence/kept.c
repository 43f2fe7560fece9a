/* What the run was that a bundle keeps: who, what, by which pack and options, and what was left. */
#include "diag/options.h"
#include "diag/results.h"
#include "evidence/checking.h"
#include "results/summary.h"

#include <stdio.h>

static void say_packs(struct verifying *verifying, const struct results *kept)
{
	char digest[65];
	for (size_t i = 0; i < kept->pack_count; i++) {
		const struct pack_result *pack = &kept->packs[i];
		verify_fact(verifying, "pack", "%s %s%s%s", pack->name,
			    pack->version ? pack->version : "", pack->title ? ", " : "",
			    pack->title ? pack->title : "");
		if (pack->digest[0])
			verify_fact(verifying, "pack digest", "%s", pack->digest);
	}
	results_digest(kept, NULL, digest);
	if (digest[0])
		verify_fact(verifying, "input digest", "%s", digest);
	verify_fact(verifying, "specification", "%s", results_dms(kept));
}

/* One option that is not as it usually is. */
static void write_option(const struct judging_option *row, const struct cpis_options *options,
			 struct buf *out)
{
	size_t count;
	buf_printf(out, "%s--%s", out->n ? ", " : "", row->name);
	switch (row->kind) {
	case OPTION_FLAG:
		break;
	case OPTION_CHOICE:
		buf_printf(out, " %s", row->words[option_choice(row, options)]);
		break;
	case OPTION_NUMBER:
	case OPTION_SIZE:
		buf_printf(out, " %llu", option_size(row, options));
		break;
	case OPTION_TEXT:
		buf_printf(out, " %s", option_text(row, options));
		break;
	case OPTION_TEXTS: {
		const char *const *texts = option_texts(row, options, &count);
		for (size_t i = 0; i < count; i++)
			buf_printf(out, " %s", texts[i]);
		break;
	}
	case OPTION_STAGES:
		for (unsigned i = 0; i < CPIS_STAGE_COUNT; i++)
			if (option_stages(row, options) & 1u << i)
				buf_printf(out, " without %s", cpis_stage_name((enum cpis_stage)i));
		break;
	case OPTION_TIME:
		break;
	}
}

static void write_word(const char *option, const char *value, struct buf *out)
{
	if (value)
		buf_printf(out, "%s--%s %s", out->n ? ", " : "", option, value);
}

/* What a run is asked beside the options of judging. */
static void write_asked(const struct verifying *verifying, struct buf *out)
{
	const struct tarball_member *run = tarball_find(&verifying->tarball, "run");
	struct run_record record;
	char why[256], since[32];
	if (!run || run_record_read(&record, run->bytes, why, sizeof(why)) != 0)
		return;
	write_word("baseline", record.baseline, out);
	write_word("waivers", record.waivers, out);
	summary_time(since, record.not_before);
	write_word("not-before", record.not_before ? since : NULL, out);
	if (record.allow_outside)
		buf_printf(out, "%s--allow-outside", out->n ? ", " : "");
	run_record_release(&record);
}

/* A time that was given, and not read from the clock. */
static bool was_dated(const struct results *kept)
{
	for (size_t i = 0; i < kept->command_count; i++)
		if (strcmp(kept->command[i].value, "--now") == 0 ||
		    strncmp(kept->command[i].value, "--now=", 6) == 0)
			return true;
	return false;
}

static void say_options(struct verifying *verifying, const struct results *kept, const char *when)
{
	const struct cpis_options usual = { .now = 0 };
	struct buf out;
	buf_init(&out, 1 << 16);
	for (const struct judging_option *row = option_list; row->name; row++)
		if (row->recorded && row->kind != OPTION_TIME &&
		    !option_agrees(row, &kept->options, &usual))
			write_option(row, &kept->options, &out);
	write_word("now", was_dated(kept) ? when : NULL, &out);
	write_word("profile", kept->profile, &out);
	write_asked(verifying, &out);
	verify_fact(verifying, "options", "%s", out.n ? out.p : "none that change a verdict");
	buf_release(&out);
}

/* The ids of the cases of some outcome, if there are any. */
static void say_cases(struct verifying *verifying, const struct results *kept, const char *about,
		      unsigned outcomes)
{
	struct buf out;
	buf_init(&out, 1 << 16);
	for (size_t i = 0; i < kept->case_count; i++)
		if (outcomes & 1u << kept->cases[i].outcome)
			buf_printf(&out, "%s%s", out.n ? ", " : "", kept->cases[i].id);
	if (out.n)
		verify_fact(verifying, about, "%s", out.p);
	buf_release(&out);
}

static void say_waivers(struct verifying *verifying, const struct results *kept)
{
	for (size_t i = 0; i < kept->case_count; i++)
		if (kept->cases[i].outcome == CASE_WAIVED)
			verify_fact(verifying, "waived", "%s: %s", kept->cases[i].id,
				    kept->cases[i].reason ? kept->cases[i].reason : "");
}

static void say_evidence(struct verifying *verifying, const struct results *kept)
{
	struct buf strays;
	buf_init(&strays, 1 << 16);
	for (size_t i = 0; i < kept->evidence_count; i++)
		if (!kept->evidence[i].slot_count)
			buf_printf(&strays, "%s%s", strays.n ? ", " : "", kept->evidence[i].name);
	if (kept->evidence_count)
		verify_fact(verifying, "evidence", "%zu file%s", kept->evidence_count,
			    kept->evidence_count == 1 ? "" : "s");
	else
		verify_fact(verifying, "evidence", "none: the run says nothing of a system");
	if (strays.n)
		verify_fact(verifying, "fills no slot", "%s", strays.p);
	buf_release(&strays);
}

static void say_signers(struct verifying *verifying)
{
	const char *line = verifying->signers.n ? verifying->signers.p : NULL;
	if (!line)
		verify_fact(verifying, "signed by", "not known");
	while (line && *line) {
		size_t n = strcspn(line, "\n");
		verify_fact(verifying, "signed by", "%.*s", (int)n, line);
		line += n + (line[n] == '\n');
	}
}

/* The verdict of the run that was kept is the verdict of the bundle, unless something is wrong. */
static void say_verdict(struct verifying *verifying, const struct results *kept)
{
	struct summary summary;
	struct buf headline;
	buf_init(&headline, 1 << 16);
	summary_of(kept, &summary);
	summary_headline(kept, &summary, &headline);
	const char *words = headline.p ? headline.p : "";
	bool partial = results_left_out(kept);
	verify_fact(verifying, "verdict", "%s", cpis_verdict_name(summary.verdict));
	if (summary.verdict != CPIS_PASS)
		verify_say(verifying, summary.verdict, NULL,
			   "the run that was kept did not pass: %s", words);
	else if (partial)
		verify_say(verifying, CPIS_INCOMPLETE, NULL,
			   "the run that was kept left something out: %s", words);
	else if (summary.evidence_cases && !summary.evidence_passed)
		verify_say(verifying, CPIS_INCOMPLETE, NULL,
			   "the run that was kept passed by waivers alone: %s", words);
	else if (kept->options.fail_on == CPIS_FAIL_ON_NEVER)
		verify_say(verifying, CPIS_INCOMPLETE, NULL,
			   "the run that was kept lets everything pass: --fail-on never");
	else
		verify_say(verifying, CPIS_PASS, NULL, "the run that was kept passed: %s", words);
	buf_release(&headline);
}

void kept_say(struct verifying *verifying, const struct results *kept)
{
	char when[32];
	summary_time(when, kept->options.now);
	say_verdict(verifying, kept);
	say_packs(verifying, kept);
	for (size_t i = 0; i < kept->meta_count; i++)
		verify_fact(verifying, kept->meta[i].name, "%s", kept->meta[i].value);
	verify_fact(verifying, "run on", "%s%s", when[0] ? when : "a day that is not known",
		    was_dated(kept) ? " (set with --now)" : "");
	verify_fact(verifying, "judged by", "cpis %s, rule set %s", results_tool(kept),
		    results_ruleset(kept).digest);
	say_options(verifying, kept, when);
	say_evidence(verifying, kept);
	say_cases(verifying, kept, "left out", 1u << CASE_LEFT_OUT);
	say_cases(verifying, kept, "failed", 1u << CASE_FAILED | 1u << CASE_BROKEN);
	say_cases(verifying, kept, "still open", 1u << CASE_NOT_RUN | 1u << CASE_MANUAL);
	say_waivers(verifying, kept);
	say_signers(verifying);
}
