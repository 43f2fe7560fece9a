/*
 * Attempts to go round the promise of a pass: every byte was read, a message was recognised, every
 * rule that applies was judged. No profile, waiver or baseline may turn anything else into a pass.
 */
#include "cpis.h"
#include "diag/results.h"
#include "rules/catalogue.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const struct cpis_options defaults = { .now = 1793491200 };

static bool starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static struct cpis_results *open_results(const char *profile)
{
	struct cpis_results *results;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &defaults, &failure), 0);
	if (profile && cpis_results_profile(results, profile, NULL, NULL, &failure) != 0)
		fail_msg("%s", failure.text);
	return results;
}

/* A profile that gives every family this severity. In a buffer that the next call overwrites. */
static const char *profile_of(const char *severity)
{
	static const char *const families[] = { "XML", "TRN", "SCH", "ITK", "TMS",
						"UPL", "QRY", "RSP", "ACK", "NOT" };
	const char *path = scratch_path("profile.yaml");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs("profile: lowered\nrules:\n", file);
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		fprintf(file, "  - { family: %s, severity: %s, reason: an attempt }\n", families[i],
			severity);
	fclose(file);
	return path;
}

/* Call a function with the path of every file in a folder that begins so. */
static void each_file(const char *folder, const char *begins,
		      void (*look)(const char *path, void *context), void *context)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char path[600];
		size_t n = strlen(names[i]->d_name);
		snprintf(path, sizeof(path), "%s/%.255s", folder, names[i]->d_name);
		bool options = n > 5 && strcmp(names[i]->d_name + n - 5, ".args") == 0;
		if (names[i]->d_name[0] != '.' && !options && starts(names[i]->d_name, begins))
			look(path, context);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

/* A rule of errors may warn of some of what it finds: that passes, as it should. */
static bool only_warns(const char *path)
{
	struct cpis_results *results = open_results(NULL);
	struct cpis_failure failure;
	bool passes = cpis_validate(results, path, &failure) == 0 &&
		      cpis_results_verdict(results) == CPIS_PASS;
	cpis_results_free(results);
	return passes;
}

/* Errors of the document and its layers. */
static bool is_of_layers(const struct rule *rule)
{
	return rule->severity == CPIS_ERROR &&
	       (starts(rule->id, "XML-") || starts(rule->id, "TRN-"));
}

/* Where all was read, what a fixture has that was not recognised does not pass. */
struct attempt {
	const struct rule *rule;
	const char *profile;
};

static bool may_pass(const struct attempt *attempt, const struct message_result *message)
{
	return attempt->rule->extent != NOT_READ && message->type;
}

static void expect_no_pass(const char *path, void *context)
{
	const struct attempt *attempt = context;
	struct cpis_results *results = open_results(attempt->profile);
	struct cpis_failure failure;
	/* A fixture with options may be fine without them. */
	char args[700];
	snprintf(args, sizeof(args), "%s.args", path);
	if (access(args, F_OK) == 0 || only_warns(path) ||
	    cpis_validate(results, path, &failure) != 0) {
		cpis_results_free(results);
		return;
	}
	struct results *inside = results_inside(results);
	bool pass = cpis_results_verdict(results) == CPIS_PASS;
	for (size_t i = 0; i < inside->message_count; i++) {
		struct message_result *message = &inside->messages[i];
		pass = pass && !may_pass(attempt, message);
		if (message->verdict != CPIS_FAIL)
			continue;
		for (size_t k = 0; k < message->finding_count; k++)
			message->findings[k].waived = "an attempt";
		if (message_settle(inside, message) == CPIS_PASS && !may_pass(attempt, message))
			fail_msg("%s passes by a waiver", path);
	}
	if (pass)
		fail_msg("%s passes by %s", path, attempt->profile);
	cpis_results_free(results);
}

static void test_nothing_makes_unread_input_pass(void **state)
{
	(void)state;
	static const char *const severities[] = { "off", "info", "warning", "error" };
	for (size_t i = 0; i < sizeof(severities) / sizeof(severities[0]); i++) {
		char profile[4096], folder[600];
		snprintf(profile, sizeof(profile), "%s", profile_of(severities[i]));
		for (size_t k = 0; k < rules_count(); k++) {
			struct attempt attempt = { rules_at(k), profile };
			snprintf(folder, sizeof(folder), "testcases/rules/%s", rules_at(k)->id);
			if (is_of_layers(rules_at(k)))
				each_file(folder, "fail-", expect_no_pass, &attempt);
		}
	}
}

static void test_an_accepted_fault_of_what_was_read_leaves_no_doubt(void **state)
{
	(void)state;
	static const char *const fixtures[] = {
		"testcases/rules/TRN-024/fail-upload-with-an-action-of-no-service.xml",
		"testcases/rules/TRN-036/fail-sync-reply-without-actor.xml",
		"testcases/rules/TRN-048/fail-after-the-envelope.xml",
	};
	for (size_t i = 0; i < sizeof(fixtures) / sizeof(fixtures[0]); i++) {
		struct cpis_results *results = open_results(profile_of("info"));
		struct cpis_failure failure;
		assert_int_equal(cpis_validate(results, fixtures[i], &failure), 0);
		assert_int_equal(cpis_results_verdict(results), CPIS_PASS);
		cpis_results_free(results);
	}
}

static void test_what_was_not_read_does_not_pass_when_nothing_fails(void **state)
{
	(void)state;
	struct found found =
		run_validate("--fail-on never", "testcases/rules/XML-001/fail-ampersand-alone.xml");
	assert_int_equal(found.exit_code, CPIS_EXIT_INCOMPLETE);
}

/* Put `to` in place of the first `from` in a text. */
static void change(char *text, size_t room, const char *from, const char *to)
{
	char *at = strstr(text, from);
	size_t was = strlen(from), is = strlen(to);
	assert_non_null(at);
	assert_true(strlen(text) - was + is < room);
	memmove(at + is, at + was, strlen(at + was) + 1);
	for (size_t i = 0; i < is; i++)
		at[i] = to[i];
}

/* A file with a text in place of another one of the same length, as a file of its own. */
static const char *changed(const char *path, const char *from, const char *to)
{
	size_t n;
	char *text = read_file(path, &n);
	assert_int_equal(strlen(from), strlen(to));
	change(text, n + 1, from, to);
	const char *scratch = scratch_path("changed.xml");
	FILE *file = fopen(scratch, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, n, file), n);
	fclose(file);
	free(text);
	return scratch;
}

/* A case may pass because of what is wrong: it does not follow that the rest was checked. */
static void test_a_case_that_expects_an_unread_message_says_that_it_was_not_checked(void **state)
{
	(void)state;
	static const char *const messages[] = {
		"testcases/rules/XML-001/fail-ampersand-alone.xml",
		"testcases/rules/XML-002/fail-internal-entity.xml",
		"testcases/rules/TRN-001/fail-cda.xml",
	};
	FILE *file = fopen(scratch_path("pack.yaml"), "w");
	assert_non_null(file);
	fputs("pack: t\nversion: 1.0.0\ntitle: T\ncases:\n"
	      "  - { id: A, title: x, message: changed.xml,\n"
	      "      expect: { verdict: fail, at-least: true } }\n",
	      file);
	fclose(file);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		char *output = NULL;
		changed(messages[i], "<", "<");
		assert_int_equal(run_output(&output, "run --no-settings @/pack.yaml -r short"),
				 CPIS_EXIT_PASS);
		if (!strstr(output, "Not everything was checked. 1 message was not "))
			fail_msg("%s: %s", messages[i], output);
		free(output);
	}
}

static void test_a_business_acknowledgement_is_named_and_is_not_judged(void **state)
{
	(void)state;
	char *output = NULL;
	changed("testcases/rules/ITK-009/fail-business-acknowledgement-under-another-name.xml",
		"ITKInfrastructureAcknowledgement-v1-0\"/>",
		"ITKBusinessAcknowledgement-v1-0\"      />");
	assert_int_equal(run_output(&output, "validate --no-settings @/changed.xml"),
			 CPIS_EXIT_INCOMPLETE);
	assert_non_null(strstr(output, "incomplete  ITK business acknowledgement, in itk"));
	assert_non_null(strstr(output, "it is not a message of CP-IS"));
	free(output);
}

static void test_a_payload_that_is_not_xml_is_not_called_empty(void **state)
{
	(void)state;
	char *output = NULL;
	/* Its payload begins with %PDF- instead. */
	changed("testcases/rules/ITK-014/pass-gzip-and-base64.xml", "H4sIAAAA", "JVBERi0x");
	assert_int_equal(run_output(&output, "validate --no-settings @/changed.xml"),
			 CPIS_EXIT_FAIL);
	assert_null(strstr(output, "is empty"));
	free(output);
}

/* The first rule that was blocked in a run that passed; NULL: it did not pass, or none was. */
static const char *blocked_in_a_pass(const struct cpis_results *results)
{
	struct cpis_rule_result rule;
	if (cpis_results_verdict(results) != CPIS_PASS)
		return NULL;
	for (size_t i = 0; cpis_results_rule(results, i, &rule, sizeof(rule)) == 0; i++)
		if (rule.blocked)
			return rule.rule;
	return NULL;
}

static void expect_nothing_blocked(const char *path, void *context)
{
	struct cpis_results *results = open_results(context);
	struct cpis_failure failure;
	const char *rule =
		cpis_validate(results, path, &failure) == 0 ? blocked_in_a_pass(results) : NULL;
	if (rule)
		fail_msg("%s passes, and %s was blocked", path, rule);
	cpis_results_free(results);
}

static void test_no_fixture_passes_with_a_blocked_rule(void **state)
{
	(void)state;
	char profile[4096], folder[600];
	snprintf(profile, sizeof(profile), "%s", profile_of("warning"));
	for (size_t k = 0; k < rules_count(); k++) {
		snprintf(folder, sizeof(folder), "testcases/rules/%s", rules_at(k)->id);
		each_file(folder, "", expect_nothing_blocked, NULL);
		each_file(folder, "fail-", expect_nothing_blocked, profile);
	}
}

/* A value that no schema takes for a date or a code, that some take for a number, and nothing. */
static const char *const values[] = { "99999999999999999999", "", " 1 " };
static size_t mutants, stride = 7;

static void judge_mutant(const char *path, const char *text, const char *from, const char *to,
			 const char *value)
{
	size_t n = strlen(text) + strlen(value) + 1;
	char *mutant = malloc(n);
	struct cpis_failure failure;
	assert_non_null(mutant);
	snprintf(mutant, n, "%.*s%s%s", (int)(from - text), text, value, to);
	const struct cpis_bytes source = { .name = "mutant.xml",
					   .bytes = mutant,
					   .size = strlen(mutant) };
	struct cpis_results *results = open_results(NULL);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	const char *rule = blocked_in_a_pass(results);
	if (rule)
		fail_msg("%s with \"%s\" at byte %zu passes, and %s was blocked", path, value,
			 (size_t)(from - text), rule);
	cpis_results_free(results);
	free(mutant);
}

static void judge_mutants(const char *path, void *context)
{
	(void)context;
	char *text = read_file(path, NULL);
	for (const char *p = text; (p = strstr(p, "=\"")); p++) {
		const char *end = strchr(p + 2, '"');
		if (!end)
			break;
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
			if (mutants++ % stride == 0)
				judge_mutant(path, text, p + 2, end, values[i]);
	}
	free(text);
}

/* CPIS_STRIDE=1 tries every mutant. */
static void test_no_mutant_passes_with_a_blocked_rule(void **state)
{
	(void)state;
	const char *wanted = getenv("CPIS_STRIDE");
	if (wanted && atoi(wanted) > 0)
		stride = (size_t)atoi(wanted);
	each_file("testcases/messages", "", judge_mutants, NULL);
	assert_true(mutants > 1000);
}

/* What had no chance to find something is not called rules that had nothing to check. */
static void test_rules_that_were_not_run_are_counted_as_such(void **state)
{
	(void)state;
	static const char good[] = "testcases/messages/upload-one.xml";
	static const struct {
		const char *arguments, *words;
	} runs[] = {
		{ "-r text --stages xml,schema ", " were not run" },
		{ "-r md --stages xml,schema ", "| Rules not run | 2" },
		{ "-r tap --stages xml,schema ", "blocked, 2" },
		{ "-r xml --stages xml,schema ", "is=\"not run\" number=\"2" },
		{ "-r html --stages xml,schema ", " were not run" },
		{ "-r junit --junit-rules --stages xml,schema ", "\"not run\"" },
		{ "-r text @/cut.xml", "were not run" },
		{ "-r text @/cut.xml", "1 message was not read to its end." },
		{ "-r text @/text", "0 had nothing to check" },
	};
	FILE *file = fopen(scratch_path("cut.xml"), "w");
	assert_non_null(file);
	fputs("<File xmlns='urn:hl7-org:v3'><creationTime value='", file);
	fclose(file);
	file = fopen(scratch_path("text"), "w");
	assert_non_null(file);
	fputs("{ \"resourceType\": \"Patient\" }", file);
	fclose(file);
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		char line[256] = "validate --now 2026-11-01 ";
		snprintf(line + strlen(line), sizeof(line) - strlen(line), "%s%s",
			 runs[i].arguments, strchr(runs[i].arguments, '@') ? "" : good);
		struct said said = run_program("%s", line);
		if (!strstr(said.out, runs[i].words))
			fail_msg("%s: %s", line, said.out);
		run_release(&said);
	}
	struct said said = run_program("validate --now 2026-11-01 %s", good);
	assert_null(strstr(said.out, "not run"));
	run_release(&said);
}

/* The byte after the element that starts here; NULL: it does not end. */
static const char *end_of_element(const char *start)
{
	size_t depth = 0;
	for (const char *p = start; (p = strchr(p, '<')); p++) {
		const char *end = strchr(p, '>');
		if (!end)
			return NULL;
		if (p[1] == '/')
			depth--;
		else if (p[1] != '!' && p[1] != '?' && end[-1] != '/')
			depth++;
		if (depth == 0)
			return end + 1;
	}
	return NULL;
}

static struct cpis_results *judge_text(const char *text, const char *profile)
{
	struct cpis_failure failure;
	const struct cpis_bytes source = { .name = "mutant.xml",
					   .bytes = text,
					   .size = strlen(text) };
	struct cpis_results *results = open_results(profile);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	return results;
}

static bool has_structure_error(struct cpis_results *results)
{
	const struct results *inside = results_inside(results);
	for (size_t i = 0; i < inside->message_count; i++)
		for (size_t k = 0; k < inside->messages[i].finding_count; k++)
			if (starts(inside->messages[i].findings[k].rule->id, "SCH-") &&
			    inside->messages[i].findings[k].severity == CPIS_ERROR)
				return true;
	return false;
}

/* A structure fault that fails no message leaves it incomplete: what is gone was not judged. */
static void judge_without(const char *path, const char *text, const char *from, const char *to,
			  const char *profile)
{
	size_t n = (size_t)(from - text), rest = strlen(to);
	char *mutant = malloc(n + rest + 1);
	assert_non_null(mutant);
	snprintf(mutant, n + rest + 1, "%.*s%s", (int)n, text, to);
	struct cpis_results *plain = judge_text(mutant, NULL);
	struct cpis_results *lowered = judge_text(mutant, profile);
	if (has_structure_error(plain) && cpis_results_verdict(lowered) == CPIS_PASS)
		fail_msg("%s passes without the element at byte %zu", path, n);
	cpis_results_free(plain);
	cpis_results_free(lowered);
	free(mutant);
}

static void judge_cut(const char *path, void *context)
{
	char *text = read_file(path, NULL);
	for (const char *p = text; (p = strchr(p, '<')); p++) {
		const char *end = p[1] == '/' || p[1] == '?' ? NULL : end_of_element(p);
		if (end && (mutants++ % stride == 0 || strstr(path, "access-notification.xml")))
			judge_without(path, text, p, end, context);
	}
	free(text);
}

static void test_nothing_cut_out_passes_when_its_rule_fails_nothing(void **state)
{
	(void)state;
	char profile[4096];
	snprintf(profile, sizeof(profile), "%s", profile_of("warning"));
	each_file("testcases/messages", "", judge_cut, profile);
}

/* An element a second time, with an attribute that may be nowhere: where the first one would fail
 * for it, so does the second, whatever is made of its being there. */
static void judge_doubled(const char *path, const char *text, const char *from, const char *to,
			  const char *profile)
{
	size_t n = strlen(text), name = strcspn(from, " \t\n/>");
	size_t bytes = n + (size_t)(to - from) + sizeof(" junk='1'");
	char *alone = malloc(bytes), *twice = malloc(bytes);
	assert_non_null(alone);
	assert_non_null(twice);
	snprintf(alone, bytes, "%.*s junk='1'%s", (int)(from + name - text), text, from + name);
	snprintf(twice, bytes, "%.*s%.*s junk='1'%s", (int)(to - text), text, (int)name, from,
		 from + name);
	struct cpis_results *plain = judge_text(alone, NULL);
	bool seen = has_structure_error(plain);
	cpis_results_free(plain);
	for (int lowered = 0; seen && lowered <= 1; lowered++) {
		struct cpis_results *results = judge_text(twice, lowered ? profile : NULL);
		if (cpis_results_verdict(results) == CPIS_PASS)
			fail_msg("%s passes with the element at byte %zu twice", path,
				 (size_t)(from - text));
		cpis_results_free(results);
	}
	free(alone);
	free(twice);
}

static void judge_twice(const char *path, void *context)
{
	char *text = read_file(path, NULL);
	bool tolerated = strstr(path, "in-one-place") != NULL;
	for (const char *p = text; (p = strchr(p, '<')); p++) {
		const char *end = p == text || p[1] == '/' || p[1] == '?' || p[1] == '!'
					  ? NULL
					  : end_of_element(p);
		if (end && *end && strchr(end, '<') && (mutants++ % stride == 0 || tolerated))
			judge_doubled(path, text, p, end, context);
	}
	free(text);
}

static void test_nothing_that_is_there_twice_passes_unjudged(void **state)
{
	(void)state;
	char profile[4096];
	snprintf(profile, sizeof(profile), "%s", profile_of("info"));
	each_file("testcases/messages", "", judge_twice, profile);
	each_file("testcases/rules/SCH-001", "fail-queries-of-spine", judge_twice, profile);
}

static void test_what_is_skipped_in_the_wrapper_of_a_reply_is_incomplete(void **state)
{
	(void)state;
	char *text = read_file("testcases/messages/spine-soap-acknowledgement.xml", NULL);
	char *end = strstr(text, "</successfulUploadResponse>"), both[32 * 1024];
	assert_non_null(end);
	snprintf(both, sizeof(both), "%.*s<junk><id/></junk>%s", (int)(end - text), text, end);
	struct cpis_results *plain = judge_text(both, NULL);
	struct cpis_results *lowered = judge_text(both, profile_of("info"));
	assert_int_equal(cpis_results_verdict(plain), CPIS_FAIL);
	assert_int_equal(cpis_results_verdict(lowered), CPIS_INCOMPLETE);
	cpis_results_free(plain);
	cpis_results_free(lowered);
	free(text);
}

/* An upload and a query in an envelope, whose header has an element too many. */
static void write_broken_envelope(char *text, size_t room)
{
	char *whole = read_file("testcases/rules/ITK-060/pass-upload-beside-the-query.xml", NULL);
	snprintf(text, room, "%s", whole);
	free(whole);
	change(text, room, "<itk:handlingSpecification>",
	       "<itk:other/><itk:handlingSpecification>");
}

/* A profile that makes a rule a warning. */
static const char *profile_lowering(const char *rule)
{
	const char *path = scratch_path("lowered.yaml");
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "profile: lowered\nrules:\n  - { rule: %s, severity: warning, reason: it }\n",
		rule);
	fclose(file);
	return path;
}

static void expect_verdicts(const char *text, const char *profile,
			    const enum cpis_verdict *verdicts, size_t count)
{
	struct cpis_results *results = judge_text(text, profile);
	const struct results *inside = results_inside(results);
	assert_int_equal(inside->message_count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(inside->messages[i].verdict, verdicts[i]);
	cpis_results_free(results);
}

/* What keeps an envelope from being checked is said with the message that its own error is shown
 * with, as the profile has that error, and with no other. */
static void test_an_envelope_is_explained_by_the_error_that_breaks_it(void **state)
{
	(void)state;
	static const enum cpis_verdict shown_with_the_first[] = { CPIS_FAIL, CPIS_PASS };
	static const enum cpis_verdict not_explained[] = { CPIS_FAIL, CPIS_INCOMPLETE };
	enum { ROOM = 64 * 1024 };
	static char text[ROOM];
	write_broken_envelope(text, ROOM);
	change(text, ROOM, "9996184978", "9996184979");
	expect_verdicts(text, profile_lowering("NHS-002"), shown_with_the_first, 2);
	write_broken_envelope(text, ROOM);
	change(text, ROOM, "birthTime value=\"20100812\"", "birthTime value=\"29990812\"");
	expect_verdicts(text, profile_lowering("SCH-001"), not_explained, 2);
}

static void test_no_error_of_another_document_explains_a_broken_envelope(void **state)
{
	(void)state;
	static const enum cpis_verdict verdicts[] = { CPIS_FAIL, CPIS_PASS, CPIS_INCOMPLETE };
	enum { ROOM = 64 * 1024 };
	static char broken[ROOM], text[3 * ROOM];
	char *upload = read_file("testcases/messages/upload-one.xml", NULL);
	write_broken_envelope(broken, ROOM);
	snprintf(text, sizeof(text),
		 "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
		 "--b\r\nContent-Type: text/xml\r\n\r\n%s\r\n"
		 "--b\r\nContent-Type: text/xml\r\n\r\n%s\r\n--b--\r\n",
		 upload, broken);
	change(text, sizeof(text), "<birthTime value=\"2", "<birthTime value=\"29990812\" x=\"2");
	expect_verdicts(text, profile_lowering("SCH-001"), verdicts, 3);
	free(upload);
}

/* The exit code and the rules, of a query with one slip, written wherever the right form is. */
static void assert_slip(const char *right, const char *wrong, const char *options,
			const char *expected)
{
	const char *path = scratch_path("slip.xml");
	char *text = read_file("testcases/messages/query-person.xml", NULL);
	char *rest = text, command[2048];
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_non_null(strstr(text, right));
	for (char *at; (at = strstr(rest, right)); rest = at + strlen(right))
		fprintf(file, "%.*s%s", (int)(at - rest), rest, wrong);
	fputs(rest, file);
	fclose(file);
	free(text);
	snprintf(command, sizeof(command), "--stages xml,schema --now 2026-11-01 %s", options);
	struct found found = run_validate(command, path);
	char said[512];
	snprintf(said, sizeof(said), "%d %s", found.exit_code, found_text(&found));
	assert_string_equal(said, expected);
}

/* In a buffer that the next call overwrites. */
static const char *written(const char *option, const char *name, const char *text)
{
	static char said[1024];
	const char *path = scratch_path(name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	snprintf(said, sizeof(said), "%s %s", option, path);
	return said;
}

static const char *with_rule(const char *rule, const char *severity)
{
	char text[256];
	snprintf(text, sizeof(text),
		 "profile: one\nrules:\n  - { rule: %s, severity: %s, reason: an attempt }\n", rule,
		 severity);
	return written("--profile", "one.yaml", text);
}

/* One finding stands for two faults: where it fails nothing, the other one does. */
static void test_no_lowered_rule_lets_the_fault_of_another_pass(void **state)
{
	(void)state;
	static const struct {
		const char *right, *wrong, *rule, *other;
	} slips[] = {
		{ "<id root=", "<id Root=", "SCH-004", "SCH-003" },
		{ "<id root=", "<id xmlns:x='urn:x' x:root=", "SCH-004", "SCH-003" },
		{ "<value extension=\"9996184978\"/>", "<value>9996184978</value>", "SCH-003",
		  "SCH-007" },
		{ "queryByParameter>", "queryByParamater>", "SCH-001", "SCH-002" },
		{ "author>", "person>", "SCH-001", "SCH-002" },
	};
	for (size_t i = 0; i < sizeof(slips) / sizeof(slips[0]); i++) {
		char both[64];
		snprintf(both, sizeof(both), "1 %s", slips[i].rule);
		assert_slip(slips[i].right, slips[i].wrong, "", both);
		snprintf(both, sizeof(both), "1 %s", slips[i].other);
		assert_slip(slips[i].right, slips[i].wrong, with_rule(slips[i].rule, "off"), both);
		bool first = strcmp(slips[i].rule, slips[i].other) < 0;
		snprintf(both, sizeof(both), "1 %s %s", first ? slips[i].rule : slips[i].other,
			 first ? slips[i].other : slips[i].rule);
		assert_slip(slips[i].right, slips[i].wrong, with_rule(slips[i].rule, "warning"),
			    both);
		snprintf(both, sizeof(both), "1 %s", slips[i].rule);
		assert_slip(slips[i].right, slips[i].wrong, with_rule(slips[i].other, "off"), both);
	}
}

#define WAIVER(rule, path)                                                                         \
	"- rule: " rule "\n  path: " path "\n  reason: agreed\n  owner: me\n  expires: "           \
	"2027-01-01\n"
#define ID "/CP-ISQueryStub/cP-ISNHSQuery/id"

static void test_what_is_accepted_stands_for_no_other_fault(void **state)
{
	(void)state;
	static const char right[] = "<id root=\"A", wrong[] = "<id Root=\"A";
	static const char one[] = WAIVER("SCH-004", ID "/@Root");
	static const char both[] = WAIVER("SCH-004", ID "/@Root") WAIVER("SCH-003", ID);
	assert_slip(right, wrong, written("--waivers", "waivers.yaml", one), "1 SCH-003 SCH-004");
	assert_slip(right, wrong, written("--waivers", "waivers.yaml", both), "0 SCH-003 SCH-004");
	assert_slip(right, wrong,
		    written("--baseline", "old.yaml",
			    "- rule: SCH-004\n  path: \"" ID "/@Root\"\n  reason: known\n"),
		    "1 SCH-003 SCH-004");
	char update[1100];
	snprintf(update, sizeof(update), "--update-baseline --baseline %s",
		 scratch_path("new.yaml"));
	remove(scratch_path("new.yaml"));
	assert_slip(right, wrong, update, "0 SCH-003 SCH-004");
	assert_slip(right, wrong, strstr(update, "--baseline"), "0 SCH-003 SCH-004");
}

/* In a part of a run it waits for the waivers of the whole. */
static void test_a_part_keeps_what_its_findings_stand_for(void **state)
{
	(void)state;
	assert_slip("<id root=\"A", "<id Root=\"A", "", "1 SCH-004");
	written("", "waivers.yaml", WAIVER("SCH-004", ID "/@Root"));
	struct said part = run_program("validate --no-settings --stages xml,schema --shard 1/1 "
				       "--now 2026-11-01 --report xml=@/part.xml @/slip.xml");
	struct said merged = run_program("merge --waivers @/waivers.yaml --report csv @/part.xml");
	assert_int_equal(part.exit_code, 1);
	assert_int_equal(merged.exit_code, 1);
	assert_non_null(strstr(merged.out, "SCH-003"));
	run_release(&part);
	run_release(&merged);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_makes_unread_input_pass),
		cmocka_unit_test(test_an_accepted_fault_of_what_was_read_leaves_no_doubt),
		cmocka_unit_test(test_what_was_not_read_does_not_pass_when_nothing_fails),
		cmocka_unit_test(
			test_a_case_that_expects_an_unread_message_says_that_it_was_not_checked),
		cmocka_unit_test(test_a_business_acknowledgement_is_named_and_is_not_judged),
		cmocka_unit_test(test_a_payload_that_is_not_xml_is_not_called_empty),
		cmocka_unit_test(test_rules_that_were_not_run_are_counted_as_such),
		cmocka_unit_test(test_no_fixture_passes_with_a_blocked_rule),
		cmocka_unit_test(test_no_mutant_passes_with_a_blocked_rule),
		cmocka_unit_test(test_nothing_cut_out_passes_when_its_rule_fails_nothing),
		cmocka_unit_test(test_nothing_that_is_there_twice_passes_unjudged),
		cmocka_unit_test(test_what_is_skipped_in_the_wrapper_of_a_reply_is_incomplete),
		cmocka_unit_test(test_an_envelope_is_explained_by_the_error_that_breaks_it),
		cmocka_unit_test(test_no_error_of_another_document_explains_a_broken_envelope),
		cmocka_unit_test(test_no_lowered_rule_lets_the_fault_of_another_pass),
		cmocka_unit_test(test_what_is_accepted_stands_for_no_other_fault),
		cmocka_unit_test(test_a_part_keeps_what_its_findings_stand_for),
	};
	cpis_rule_count(); /* the tables are set up */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
