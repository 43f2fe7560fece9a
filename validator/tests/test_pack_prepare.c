/* What a run of a pack opens and parses: what is selected, and each message once. */
#include "base/files.h"
#include "diag/results.h"
#include "pack_trial.h"
#include "xml/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the linker's own names */
/* The linker sends every call of tree_parse here. */
int __real_tree_parse(struct xml_tree **tree, struct str bytes, struct tree_fault *fault);
int __wrap_tree_parse(struct xml_tree **tree, struct str bytes, struct tree_fault *fault);

static size_t parses;
static struct buf opened; /* names of files, without their folder, each with a blank after it */

int __wrap_tree_parse(struct xml_tree **tree, struct str bytes, struct tree_fault *fault)
{
	parses++;
	return __real_tree_parse(tree, bytes, fault);
}
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static void on_file(void *context, const char *path, struct str bytes)
{
	const char *slash = strrchr(path, '/');
	(void)context, (void)bytes;
	buf_printf(&opened, "%s ", slash ? slash + 1 : path);
}

static void run_counted(struct pack_trial *trial, const char *yaml)
{
	static const struct files watched = { .seen = on_file };
	buf_init(&opened, 1 << 20);
	parses = 0;
	files_use(&watched);
	pack_trial_run(trial, yaml);
	files_use(NULL);
}

static void begin_only(struct pack_trial *trial, const char *const *only)
{
	pack_trial_begin(trial);
	trial->options.only = only;
	trial->options.only_count = only ? 1 : 0;
	pack_trial_copy(trial, "other.xml", "testcases/messages/upload-one.xml");
	pack_trial_write(trial, "set.yaml", "records:\n  - { local-id: 1 }\n");
	pack_trial_write(trial, "rules.sch",
			 "<schema xmlns='http://purl.oclc.org/dsdl/schematron'"
			 " queryBinding='xslt'><pattern><rule context='/*'>"
			 "<assert test='true()'>never</assert></rule></pattern></schema>\n");
}

/* A has no edits and no XPath; B one edit and an XPath; C a data set, Schematron and an XPath. */
#define THREE                                                                                      \
	PACK "  - { id: A, title: A, message: messages/upload-one.xml, expect: { verdict: pass } " \
	     "}\n"                                                                                 \
	     "  - id: B\n    title: B\n    message: messages/upload-five.xml\n"                    \
	     "    edit: [ set: { at: /File/transmissionQuantity/@value, to: \"4\" } ]\n"           \
	     "    expect: { verdict: fail, findings: [ { rule: UPL-001, at: /File } ] }\n"         \
	     "  - id: C\n    title: C\n    message: other.xml\n    given: "                        \
	     "set.yaml\n"                                                                          \
	     "    expect: { verdict: pass, assert: [ { schematron: rules.sch },\n"                 \
	     "      { xpath: //record, exists: true } ] }\n"

/* Then the digests of all that the pack names, whatever is selected. */
#define DIGESTS "upload-one.xml upload-five.xml other.xml set.yaml rules.sch "

static const struct {
	const char *only, *opened;
	size_t parses;
} counts[] = {
	{ "A", "pack.yaml upload-one.xml " DIGESTS, 0 },
	{ "B", "pack.yaml upload-five.xml " DIGESTS, 2 },
	{ "C", "pack.yaml other.xml rules.sch set.yaml " DIGESTS, 1 },
	{ NULL, "pack.yaml upload-one.xml upload-five.xml other.xml rules.sch set.yaml " DIGESTS,
	  3 },
	{ "none", "pack.yaml " DIGESTS, 0 },
};

static void test_only_what_is_selected_is_prepared_and_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		struct pack_trial trial;
		begin_only(&trial, counts[i].only ? &counts[i].only : NULL);
		run_counted(&trial, THREE);
		if (trial.status != 0)
			fail_msg("%s", trial.failure.text);
		assert_string_equal(opened.p, counts[i].opened);
		assert_int_equal(parses, counts[i].parses);
		for (size_t k = 0; k < trial.results->case_count; k++)
			if (trial.results->cases[k].outcome != CASE_LEFT_OUT &&
			    trial.results->cases[k].outcome != CASE_PASSED)
				fail_msg("%s", trial.results->cases[k].reason);
		buf_release(&opened);
		pack_trial_end(&trial);
	}
}

#define ONE_IS_MISSING                                                                             \
	PACK "  - { id: A, title: A, message: messages/upload-one.xml, expect: { verdict: pass } " \
	     "}\n"                                                                                 \
	     "  - { id: B, title: B, message: none.xml, expect: { verdict: pass } }\n"             \
	     "  - { id: C, title: C, message: also-none.xml, expect: { verdict: pass } }\n"

static void test_nothing_is_judged_when_a_selected_case_is_unusable(void **state)
{
	(void)state;
	struct pack_trial trial;
	begin_only(&trial, NULL);
	pack_trial_run(&trial, ONE_IS_MISSING);
	assert_int_equal(trial.status, -1);
	assert_string_equal(buf_view(&trial.problems).p,
			    "6:33: the message 'none.xml' cannot be read: No such file or "
			    "directory\n"
			    "7:33: the message 'also-none.xml' cannot be read: No such file or "
			    "directory\n");
	assert_int_equal(trial.results->message_count, 0);
	assert_int_equal(trial.results->case_count, 0);
	assert_int_equal(trial.results->pack_count, 0);
	pack_trial_end(&trial);
}

static void test_a_case_that_is_left_out_may_be_unusable(void **state)
{
	(void)state;
	struct pack_trial trial;
	const char *const only = "A";
	begin_only(&trial, &only);
	pack_trial_run(&trial, ONE_IS_MISSING);
	assert_int_equal(trial.status, 0);
	assert_int_equal(trial.results->case_count, 3);
	assert_int_equal(trial.results->cases[0].outcome, CASE_PASSED);
	assert_int_equal(trial.results->cases[1].outcome, CASE_LEFT_OUT);
	assert_int_equal(cpis_lint_pack(trial.folder, NULL, NULL, &trial.failure), -1);
	pack_trial_end(&trial);
}

/* A message made as large as that by blank lines, which are more than a text may have. */
static void write_padded(const struct pack_trial *trial, const char *name, size_t bytes)
{
	struct buf message, padded;
	char why[128];
	buf_init(&message, 1 << 24);
	buf_init(&padded, 1 << 24);
	assert_true(files_read("testcases/messages/upload-one.xml", &message, why, sizeof(why)));
	const char *end = strstr(message.p, "</File>");
	assert_non_null(end);
	buf_add(&padded, message.p, (size_t)(end - message.p));
	while (padded.n < bytes)
		buf_char(&padded, '\n');
	buf_text(&padded, end);
	assert_false(padded.failed);
	pack_trial_write(trial, name, padded.p);
	buf_release(&message);
	buf_release(&padded);
}

#define LARGE(id, file)                                                                            \
	"  - { id: " id ", title: T, message: " file                                               \
	", expect: { verdict: incomplete, findings: [TRN-008] } }\n"

static void test_large_messages_are_read_again_rather_than_kept(void **state)
{
	(void)state;
	struct pack_trial trial;
	begin_only(&trial, NULL);
	write_padded(&trial, "a.xml", 5 << 20);
	write_padded(&trial, "b.xml", 5 << 20);
	run_counted(&trial, PACK LARGE("A", "a.xml") LARGE("B", "b.xml") LARGE("C", "a.xml"));
	assert_int_equal(trial.status, 0);
	assert_string_equal(opened.p, "pack.yaml a.xml b.xml a.xml a.xml b.xml b.xml a.xml ");
	for (size_t i = 0; i < 3; i++)
		if (trial.results->cases[i].outcome != CASE_PASSED)
			fail_msg("%s", trial.results->cases[i].reason);
	buf_release(&opened);
	pack_trial_end(&trial);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_what_is_selected_is_prepared_and_once),
		cmocka_unit_test(test_nothing_is_judged_when_a_selected_case_is_unusable),
		cmocka_unit_test(test_a_case_that_is_left_out_may_be_unusable),
		cmocka_unit_test(test_large_messages_are_read_again_rather_than_kept),
	};
	return cmocka_run_group_tests_name("pack_prepare", tests, NULL, NULL);
}
