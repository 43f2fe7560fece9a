#include "pack/edit.h"
#include "base/near.h"
#include "xml/reader.h"
#include "xml/tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DOC(inside) "<f xmlns='urn:hl7-org:v3' xmlns:n='NPFIT:HL7:Localisation'>" inside "</f>"

/* Edits in YAML, on what is inside of f, and what comes of it. */
static const struct {
	const char *edits, *before, *after;
} good[] = {
	{ "- set: { at: //a/@v, to: \"2\" }", DOC("<a  v='1' w='1'/>"), DOC("<a  v='2' w='1'/>") },
	{ "- set: { at: //a/@v, to: \"<&'\\\">\\t\" }", DOC("<a v='1'/>"),
	  DOC("<a v='&lt;&amp;&#39;\"&gt;&#9;'/>") },
	{ "- set: { at: //a/@v, to: \"<&'\\\">\" }", DOC("<a v=\"1\"/>"),
	  DOC("<a v=\"&lt;&amp;'&#34;&gt;\"/>") },
	{ "- set: { at: //a, to: x & y }", DOC("<a v='1'>old</a>"), DOC("<a v='1'>x &amp; y</a>") },
	{ "- set: { at: //a, to: x }", DOC("<a v='1' />"), DOC("<a v='1' >x</a>") },
	{ "- set: { at: //a, to: \"\" }", DOC("<a>old</a>"), DOC("<a></a>") },
	{ "- set: { at: //a/text(), to: new }", DOC("<a>old</a>"), DOC("<a>new</a>") },
	{ "- set: { at: //npfitlc:a/@v, to: x }", DOC("<n:a v=''/>"), DOC("<n:a v='x'/>") },
	{ "- set: { at: //a/@v, to: x }", DOC("<a v='1'/>\r\n\t<a v='2'/>"),
	  DOC("<a v='x'/>\r\n\t<a v='x'/>") },
	{ "- text: { at: //a, to: note }", DOC("<a>\n\t<b/>\n</a>"), DOC("<a>note<b/>\n</a>") },
	{ "- text: { at: //a, to: note }", DOC("<a/>"), DOC("<a>note</a>") },
	{ "- delete: //a", DOC("\n<a>\n<b/></a>\n"), DOC("\n\n") },
	{ "- delete: //a/@v", DOC("<a u='0'  v='1' w='2'/>"), DOC("<a u='0' w='2'/>") },
	{ "- delete: //a", DOC("<a><a/></a><b/><a/>"), DOC("<b/>") },
	{ "- delete: { at: //a }", DOC("<a/>"), DOC("") },
	{ "- empty: //a", DOC("<a v='1'><b/>x</a>"), DOC("<a v='1'></a>") },
	{ "- empty: //a", DOC("<a/>"), DOC("<a/>") },
	{ "- empty: //a/@v", DOC("<a v='1'/>"), DOC("<a v=''/>") },
	{ "- duplicate: //a", DOC("<a>1</a>\n<b/>"), DOC("<a>1</a><a>1</a>\n<b/>") },
	{ "- rename: { at: //a, to: b }", DOC("<a v='1'>x</a>"), DOC("<b v='1'>x</b>") },
	{ "- rename: { at: //a, to: b }", DOC("<a/>"), DOC("<b/>") },
	{ "- rename: { at: //npfitlc:a, to: b }", DOC("<n:a></n:a>"), DOC("<n:b></n:b>") },
	{ "- rename: { at: //npfitlc:a, to: \"n:b\" }", DOC("<n:a/>"), DOC("<n:b/>") },
	{ "- rename: { at: //a/@v, to: w }", DOC("<a v='1'/>"), DOC("<a w='1'/>") },
	{ "- insert: { at: //a, xml: \"<b/>\", where: before }", DOC("<a/>"), DOC("<b/><a/>") },
	{ "- insert: { at: //a, xml: \"<b/>\", where: after }", DOC("<a/>"), DOC("<a/><b/>") },
	{ "- insert: { at: //a, xml: \"<b/>\", where: first }", DOC("<a>x</a>"),
	  DOC("<a><b/>x</a>") },
	{ "- insert: { at: //a, xml: \"<b/>\", where: last }", DOC("<a>x</a>"),
	  DOC("<a>x<b/></a>") },
	{ "- insert: { at: //a, xml: \"<b/>\", where: last }", DOC("<a/>"), DOC("<a><b/></a>") },
	{ "- insert: { at: //npfitlc:a, name: b, where: after }", DOC("<n:a/>"),
	  DOC("<n:a/><n:b/>") },
	{ "- insert: { at: //a, name: b, where: after }", DOC("<a/>"), DOC("<a/><b/>") },
	{ "- insert: { at: //a, attribute: classCode, to: \"<\" }", DOC("<a v='1'/>"),
	  DOC("<a classCode=\"&lt;\" v='1'/>") },
	{ "- move: { at: //a, to: //c, where: after }", DOC("<a/><b/><c/>"), DOC("<b/><c/><a/>") },
	{ "- move: { at: //c, to: //a, where: before }", DOC("<a/><b/><c/>"), DOC("<c/><a/><b/>") },
	{ "- move: { at: //a, to: /f, where: first }", DOC("<a/><b/>"), DOC("<a/><b/>") },
	{ "- move: { at: //a, to: //b, where: last }", DOC("<a/><b/>"), DOC("<b><a/></b>") },
	{ "- swap: { at: //a, with: //c }", DOC("<a>1</a> <b/> <c/>"), DOC("<c/> <b/> <a>1</a>") },
	{ "- duplicate: //a\n- set: { at: \"//a[2]/@v\", to: \"2\" }\n- delete: //a[1]",
	  DOC("<a v='1'/>"), DOC("<a v='2'/>") },
};

struct trial {
	struct arena arena;
	struct problems problems;
	struct pack_edit *edits;
	size_t count;
	struct buf bytes;
	struct xml_tree *tree;
	int status;
};

static void try_edits(struct trial *trial, const char *yaml, const char *document)
{
	*trial = (struct trial){ .status = -1 };
	arena_init(&trial->arena);
	problems_init(&trial->problems);
	buf_init(&trial->bytes, 1 << 20);
	buf_text(&trial->bytes, document);
	struct yaml_node *root = yaml_read(&trial->arena, "p.yaml", str_of(yaml), &trial->problems);
	if (!root)
		return;
	const struct loader loader = { &trial->arena, "p.yaml", &trial->problems, false };
	void *edits = NULL;
	load_list(&loader, &pack_edit_mapping, root, &edits, &trial->count);
	trial->edits = edits;
	pack_edits_check("p.yaml", trial->edits, trial->count, &trial->problems);
	if (!trial->problems.count)
		trial->status = pack_edits_apply("p.yaml", trial->edits, trial->count,
						 &trial->bytes, &trial->tree, &trial->problems);
}

static void release(struct trial *trial)
{
	tree_free(trial->tree);
	buf_release(&trial->bytes);
	problems_release(&trial->problems);
	arena_release(&trial->arena);
}

static void test_edits_change_what_they_name_and_nothing_else(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct trial trial;
		try_edits(&trial, good[i].edits, good[i].before);
		if (trial.status != 0)
			fail_msg("%s: %s", good[i].edits, trial.problems.items[0].text);
		if (strcmp(trial.bytes.p, good[i].after) != 0)
			fail_msg("%s\nof %s\nmade %s", good[i].edits, good[i].before,
				 trial.bytes.p);
		assert_non_null(trial.tree);
		release(&trial);
	}
}

/* Edits that cannot be made, and what is said of them. */
static const struct {
	const char *edits, *document, *text;
	size_t line, column;
} bad[] = {
	{ "- delete: //b", DOC("<a/>"), "'//b' selects nothing in the message", 1, 11 },
	{ "- delete: //a\n- delete: //a", DOC("<a/>"), "'//a' selects nothing", 2, 11 },
	{ "- delete: count(//a)", DOC("<a/>"), "gives a value", 1, 11 },
	{ "- delete: //comment()", DOC("<!--x-->"), "other than an element, attribute or text", 1,
	  11 },
	{ "- delete: /f", DOC("<a/>"), "no longer well-formed after this edit", 1, 3 },
	{ "- set: { at: //a, to: x }", DOC("<a><b/></a>"), "use 'text' or 'empty'", 1, 14 },
	{ "- set: { at: //a/text(), to: x }", DOC("<a>x<b/>y</a>"), "between elements", 1, 14 },
	{ "- set: { at: //a, to: \"\\x01\" }", DOC("<a/>"), "no longer well-formed", 1, 3 },
	{ "- set: { at: //a }", DOC("<a/>"), "'set' has no 'to'", 1, 8 },
	{ "- sett: { at: //a }", DOC("<a/>"), "unknown key 'sett' in an edit: did you mean 'set'?",
	  1, 3 },
	{ "- set: { at: //a, to: x }\n  text: { at: //a, to: y }", DOC("<a/>"),
	  "exactly one key, and this has 2", 1, 3 },
	{ "- text: { at: //a/@v, to: x }", DOC("<a v='1'/>"), "use 'set'", 1, 15 },
	{ "- duplicate: //a/@v", DOC("<a v='1'/>"), "selects something that is not an element", 1,
	  14 },
	{ "- rename: { at: //a, to: \"1b\" }", DOC("<a/>"), "not a name in XML", 1, 26 },
	{ "- rename: { at: //a, to: \"x:b\" }", DOC("<a/>"), "no longer well-formed", 1, 3 },
	{ "- insert: { at: //a, xml: \"<b>\", where: last }", DOC("<a/>"), "no longer well-formed",
	  1, 3 },
	{ "- insert: { at: //a, xml: \"<b/>\" }", DOC("<a/>"), "an insert needs 'where'", 1, 3 },
	{ "- insert: { at: //a, where: last }", DOC("<a/>"), "exactly one of 'xml'", 1, 3 },
	{ "- insert: { at: //a, attribute: v }", DOC("<a/>"), "needs its value in 'to'", 1, 3 },
	{ "- insert: { at: //a, name: b, where: lst }", DOC("<a/>"), "did you mean 'last'?", 1,
	  38 },
	{ "- insert: { at: //a, attribute: v, to: x }", DOC("<a v=''/>"), "no longer well-formed",
	  1, 3 },
	{ "- move: { at: //a, to: //b, where: first }", DOC("<a><b/></a>"),
	  "is inside what is moved", 1, 24 },
	{ "- move: { at: //a, to: //b, where: first }", DOC("<a/><b/><b/>"), "exactly one element",
	  1, 24 },
	{ "- swap: { at: //a, with: //b }", DOC("<a/><a/><b/>"), "selects several", 1, 15 },
	{ "- swap: { at: //a, with: //b }", DOC("<a><b/></a>"), "overlaps", 1, 26 },
	{ "- delete: //a", "<a", "the message cannot be edited", 1, 3 },
	{ "- delete: //a", "<!DOCTYPE a><a/>", "document type declaration", 1, 3 },
};

static void test_edits_that_cannot_be_made_are_problems_with_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct trial trial;
		try_edits(&trial, bad[i].edits, bad[i].document);
		assert_int_equal(trial.status, -1);
		assert_int_equal(trial.problems.count, 1);
		const struct cpis_failure *problem = &trial.problems.items[0];
		if (!strstr(problem->text, bad[i].text) || problem->line != bad[i].line ||
		    problem->column != bad[i].column)
			fail_msg("%s\n%zu:%zu: %s", bad[i].edits, problem->line, problem->column,
				 problem->text);
		release(&trial);
	}
}

static void test_lines_stay_where_they_were(void **state)
{
	(void)state;
	struct trial trial;
	try_edits(&trial, "- delete: //a\n- duplicate: //b\n- set: { at: //c/@v, to: longer }",
		  DOC("\n<a>\n</a>\n<b/>\n<c v='1'/>\n"));
	assert_int_equal(trial.status, 0);
	assert_string_equal(trial.bytes.p, DOC("\n\n<b/><b/>\n<c v='longer'/>\n"));
	release(&trial);
}

static const struct {
	const char *word, *offered, *hint;
} hints[] = {
	{ "expct", "expect", ": did you mean 'expect'?" },
	{ "titel", "title", ": did you mean 'title'?" },
	{ "DAT-03", "DAT-003", ": did you mean 'DAT-003'?" },
	{ "dat-003", "DAT-003", ": did you mean 'DAT-003'?" },
	{ "foo", "title", "" },
	{ "x", "id", "" },
};

static void test_the_nearest_name_is_offered(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		char hint[64] = "left over";
		struct near near = near_start(str_of(hints[i].word));
		near_offer(&near, "requirements");
		near_offer(&near, hints[i].offered);
		problem_hint(&near, hint, sizeof(hint));
		assert_string_equal(hint, hints[i].hint);
	}
}

static int setup(void **state)
{
	(void)state;
	xml_setup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edits_change_what_they_name_and_nothing_else),
		cmocka_unit_test(test_edits_that_cannot_be_made_are_problems_with_their_place),
		cmocka_unit_test(test_lines_stay_where_they_were),
		cmocka_unit_test(test_the_nearest_name_is_offered),
	};
	return cmocka_run_group_tests_name("edit", tests, setup, NULL);
}
