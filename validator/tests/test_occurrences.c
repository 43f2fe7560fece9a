/*
 * Nothing is judged by its first or last occurrence alone: of what a message may have many of, a
 * fault in any one is found, or else the message is incomplete. And what is nil is not there.
 */
#include "base/buf.h"
#include "cpis.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MESSAGES "testcases/messages/"
#define ASID	 "1.2.826.0.1285.0.2.0.107"

enum { OCCURRENCES = 70 };

/*
 * In a message, the text from `from` to the end of `to` is taken out, and `clean` put in so often,
 * once as `faulty` instead. Where to is NULL, they are put in before `from`, and nothing is taken
 * out. %zu in either becomes the number of the occurrence. Before all that, `change` becomes
 * `into`.
 */
struct occurrence {
	const char *name, *message, *change, *into, *from, *to, *clean, *faulty, *rule;
};

#define DETAIL(type)                                                                               \
	"<acknowledgementDetail typeCode='" type "'><code code='1'/></acknowledgementDetail>"
#define REASON(level)                                                                              \
	"<reason typeCode='RSON'><justifyingDetectedIssueEvent classCode='ALRT' moodCode='EVN'>"   \
	"<code code='GE002' codeSystem='2.16.840.1.113883.2.1.3.2.4.17.42' "                       \
	"displayName='Unexpected'>"                                                                \
	"<qualifier code='" level "'/></code></justifyingDetectedIssueEvent></reason>"
#define ERROR_INFO(text)                                                                           \
	"<itk:errorInfo><itk:ErrorID>B5E1F2D6-13C7-4C0E-8A57-6C1D2B3A%04zu</itk:ErrorID>"          \
	"<itk:ErrorCode codeSystem='2.16.840.1.113883.2.1.3.2.4.17.516'>DE0001</itk:ErrorCode>"    \
	"<itk:ErrorText>" text "</itk:ErrorText></itk:errorInfo>"
#define SPINE_ERROR(code)                                                                          \
	"<nasp:error><nasp:codeContext>urn:nhs:names:errors:tms</nasp:codeContext>"                \
	"<nasp:errorCode>" code                                                                    \
	"</nasp:errorCode><nasp:description>x</nasp:description></nasp:error>"

/* MCCI_IN010000UK13.xml, made to say that the request was accepted */
#define REFUSED	 "<acknowledgement typeCode=\"AE\">\n\t\t<acknowledgementDetail typeCode=\"ER\">"
#define ACCEPTED "<acknowledgement typeCode=\"AA\">\n\t\t<acknowledgementDetail typeCode=\"WG\">"

static const struct occurrence occurrences[] = {
	{ "acknowledgementDetail", "QUQI_IN010000UK14.xml", NULL, NULL, "<messageRef>", NULL,
	  DETAIL("WG"), DETAIL("QQ"), "TMS-017" },
	{ "reason", "MCCI_IN010000UK13.xml", REFUSED, ACCEPTED, "<reason ", "</reason>",
	  REASON("WG"), REASON("ER"), "TMS-013" },
	{ "reason's code", "QUQI_IN010000UK14.xml", NULL, NULL, "<reason ", "</reason>",
	  REASON("ER"),
	  "<reason typeCode='RSON'><justifyingDetectedIssueEvent classCode='ALRT' "
	  "moodCode='EVN'><code code='' codeSystem='2.16.840.1.113883.2.1.3.2.4.17.42' "
	  "displayName='x'/></justifyingDetectedIssueEvent></reason>",
	  "TMS-014" },
	{ "id of a receiver", "MCCI_IN010000UK13.xml", NULL, NULL, "<id root=\"" ASID "\"", NULL,
	  "<id root='1.2.3' extension='%zu'/>", "<id root='" ASID "' extension='990042387715'/>",
	  "TMS-005" },
	{ "qualifier", "MCCI_IN010000UK13.xml", REFUSED, ACCEPTED, "<qualifier code=\"ER\"/>", "/>",
	  "<qualifier code='WG'/>", "<qualifier code='ER'/>", "TMS-013" },
	{ "address", "itk-query.xml", NULL, NULL, "<itk:address ", "/>",
	  "<itk:address uri='urn:nhs-uk:addressing:ods:ZZ%zu'/>", "<itk:address uri='nowhere'/>",
	  NULL },
	{ "spec", "itk-query.xml", NULL, NULL, "<itk:spec ", NULL,
	  "<itk:spec key='urn:nhs-itk:ns:201005:key%zu' value='x'/>",
	  "<itk:spec key='urn:nhs-itk:ns:201005:interaction' "
	  "value='urn:nhs-itk:interaction:CP-ISLocalAuthorityUpload-v1-0'/>",
	  "ITK-009" },
	{ "errorInfo", "itk-infrastructure-failure.xml", NULL, NULL, "<itk:errorInfo>",
	  "</itk:errorInfo>", ERROR_INFO("Distribution Envelope Processing Error"), ERROR_INFO(" "),
	  NULL },
	{ "Spine error", "spine-soap-fault.xml", NULL, NULL, "<nasp:error>", "</nasp:error>",
	  SPINE_ERROR("101"), SPINE_ERROR(" "), "TMS-023" },
	{ "given name", "query-person.xml", NULL, NULL, "<given>", "</given>", "<given>Ann</given>",
	  "<given>A\xe2\x80\x8bnn</given>", "XML-006" },
	{ "family name", "query-person.xml", NULL, NULL, "<given>", NULL, "<family>Ann</family>",
	  "<family>A\xe2\x80\x8bnn</family>", "XML-006" },
	{ "replacement", "inactive-notification.xml", NULL, NULL, "<id extension=\"9993143073\"/>",
	  NULL, "<id extension='9993143073'/>", "<id extension='9993143074'/>", NULL },
	{ "file code", "acknowledgement-partial.xml", NULL, NULL, "<acknowledgementFileDetail>",
	  NULL,
	  "<acknowledgementFileDetail><code code='CPF03' displayName='Partial File Upload'/>"
	  "</acknowledgementFileDetail>",
	  "<acknowledgementFileDetail><code code='CPF03' displayName='Successful File Upload'/>"
	  "</acknowledgementFileDetail>",
	  NULL },
	{ "RelatesTo", "spine-soap-response.xml", NULL, NULL, "<wsa:RelatesTo>", NULL, "<!-- -->",
	  "<wsa:RelatesTo>uuid:9551317F-9FDB-43CE-B5A3-420A77013D67</wsa:RelatesTo>", "ITK-019" },
};

/* One of the texts, with the number of the occurrence in it. */
static void add_one(struct buf *out, const char *text, size_t number)
{
	const char *hole = strstr(text, "%zu");
	const char *padded = strstr(text, "%04zu");
	if (!hole && !padded) {
		buf_text(out, text);
		return;
	}
	const char *at = hole ? hole : padded;
	buf_str(out, (struct str){ text, (size_t)(at - text) });
	buf_printf(out, hole ? "%zu" : "%04zu", number);
	add_one(out, at + strlen(hole ? "%zu" : "%04zu"), number);
}

/* The message with the fault in occurrence number `wrong`, from 1; 0: in none. */
static void build(struct buf *out, const struct occurrence *row, size_t wrong)
{
	char path[200];
	snprintf(path, sizeof(path), MESSAGES "%s", row->message);
	char *text = read_file(path, NULL);
	char *change = row->change ? strstr(text, row->change) : NULL;
	struct buf changed;
	buf_init(&changed, 1 << 20);
	if (row->change)
		assert_non_null(change);
	buf_str(&changed, (struct str){ text, change ? (size_t)(change - text) : strlen(text) });
	if (change) {
		buf_text(&changed, row->into);
		buf_text(&changed, change + strlen(row->change));
	}
	const char *whole = buf_view(&changed).p, *from = strstr(whole, row->from);
	assert_non_null(from);
	const char *rest = row->to ? strstr(from, row->to) : from;
	assert_non_null(rest);
	buf_str(out, (struct str){ whole, (size_t)(from - whole) });
	for (size_t i = 1; i <= OCCURRENCES; i++)
		add_one(out, i == wrong ? row->faulty : row->clean, i);
	buf_text(out, rest + (row->to ? strlen(row->to) : 0));
	buf_release(&changed);
	free(text);
}

struct judged {
	enum cpis_verdict verdict;
	size_t findings, of_rule;
};

static struct judged judge(struct str text, const char *rule)
{
	static const struct cpis_options options = { .now = 1793491200 };
	const struct cpis_bytes source = { "occurrences.xml", text.p, text.n };
	struct cpis_results *results;
	struct cpis_failure failure;
	struct judged judged = { 0 };
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	struct cpis_rule_result line;
	for (size_t i = 0; cpis_results_rule(results, i, &line, sizeof(line)) == 0; i++) {
		judged.findings += line.failed;
		if (rule && strcmp(line.rule, rule) == 0)
			judged.of_rule += line.failed;
	}
	judged.verdict = cpis_results_verdict(results);
	cpis_results_free(results);
	return judged;
}

static void test_a_fault_in_any_occurrence_is_found(void **state)
{
	(void)state;
	static const size_t places[] = { 1, 2, 9, 17, OCCURRENCES };
	for (size_t i = 0; i < sizeof(occurrences) / sizeof(occurrences[0]); i++) {
		const struct occurrence *row = &occurrences[i];
		struct buf text;
		buf_init(&text, 1 << 20);
		build(&text, row, 0);
		struct judged clean = judge(buf_view(&text), row->rule);
		if (row->rule && clean.of_rule)
			fail_msg("%s: %s fails without the fault", row->name, row->rule);
		for (size_t k = 0; k < sizeof(places) / sizeof(places[0]); k++) {
			buf_reset(&text);
			build(&text, row, places[k]);
			struct judged faulty = judge(buf_view(&text), row->rule);
			bool found = row->rule ? faulty.of_rule > clean.of_rule
					       : faulty.findings > clean.findings;
			if (!found && faulty.verdict != CPIS_INCOMPLETE)
				fail_msg("%s number %zu: the fault is not found", row->name,
					 places[k]);
		}
		buf_release(&text);
	}
}

/* More entries than are kept: what needs the list is blocked. */
static void test_a_list_that_is_too_long_is_not_passed(void **state)
{
	(void)state;
	char *text = read_file(MESSAGES "QUQI_IN010000UK14.xml", NULL);
	char *at = strstr(text, "<messageRef>");
	struct buf out;
	buf_init(&out, 1 << 22);
	buf_str(&out, (struct str){ text, (size_t)(at - text) });
	for (size_t i = 0; i < 5000; i++)
		buf_text(&out, DETAIL("WG"));
	buf_text(&out, at);
	assert_int_equal(judge(buf_view(&out), NULL).verdict, CPIS_INCOMPLETE);
	buf_release(&out);
	free(text);
}

#define NIL "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:nil='true'/>"

/* The first element from one text to the end of another, with nil in its place. */
static void put_nil(struct buf *out, const char *message, const char *from, const char *to,
		    const char *nil)
{
	char path[200];
	snprintf(path, sizeof(path), MESSAGES "%s", message);
	char *text = read_file(path, NULL);
	const char *start = strstr(text, from), *end = start ? strstr(start, to) : NULL;
	assert_non_null(end);
	buf_init(out, 1 << 20);
	buf_str(out, (struct str){ text, (size_t)(start - text) });
	buf_text(out, nil);
	buf_text(out, end + strlen(to));
	free(text);
}

static void test_what_is_nil_is_not_there(void **state)
{
	(void)state;
	static const struct {
		const char *message, *from, *to, *nil, *rule;
	} nils[] = {
		{ "REPC_IN000007GB01.xml", "<CP-ISNHSQueryResponse", "</CP-ISNHSQueryResponse>",
		  "<CP-ISNHSQueryResponse " NIL, "TMS-016" },
		{ "response-three.xml", "<pertinentInformation13>", "</pertinentInformation13>",
		  "<pertinentInformation13 " NIL, "RSP-001" },
		{ "response-three.xml", "<pertinentCP-ISNHSQuery>", "</pertinentCP-ISNHSQuery>",
		  "<pertinentCP-ISNHSQuery " NIL, "RSP-001" },
		{ "access-notification.xml", "<pertinentCP-ISRecordAccess>",
		  "</pertinentCP-ISRecordAccess>", "<pertinentCP-ISRecordAccess " NIL, "NOT-001" },
	};
	for (size_t i = 0; i < sizeof(nils) / sizeof(nils[0]); i++) {
		struct buf text;
		put_nil(&text, nils[i].message, nils[i].from, nils[i].to, nils[i].nil);
		struct judged judged = judge(buf_view(&text), nils[i].rule);
		if (!judged.of_rule || judged.verdict != CPIS_FAIL)
			fail_msg("%s with %s: %s is not raised", nils[i].message, nils[i].nil,
				 nils[i].rule);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_fault_in_any_occurrence_is_found),
		cmocka_unit_test(test_a_list_that_is_too_long_is_not_passed),
		cmocka_unit_test(test_what_is_nil_is_not_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
