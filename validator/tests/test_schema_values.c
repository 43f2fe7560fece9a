/* Values against simple types, and the sentences about those that do not fit. */
#include "schema_faults.h"

#include "diag/mask.h"
#include "schema/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define UUID "7D6F23E0-AE1A-11DB-8707-B18E1E0994EA"

/* A value as an attribute; NUL-ended, with what XML wants escaped written as a reference. */
static struct schema_faults judge(const char *attribute, const char *value)
{
	static char document[4096];
	size_t n = (size_t)snprintf(document, sizeof(document), "<values %s=\"", attribute);
	for (; *value; value++)
		n += (size_t)snprintf(document + n, sizeof(document) - n,
				      strchr("<&\"\t\n\r", *value) ? "&#%d;" : "%c", *value);
	snprintf(document + n, sizeof(document) - n, "\"/>");
	struct schema_faults faults =
		schema_faults_of(&schema_tables_tests, "values.xsd", document);
	assert_int_equal(faults.outcome, XML_READ);
	return faults;
}

static void assert_all(const char *attribute, bool fit, const char *const values[])
{
	for (size_t i = 0; values[i]; i++) {
		struct schema_faults faults = judge(attribute, values[i]);
		if ((faults.count == 0) != fit)
			fail_msg("%s=\"%s\" is %s", attribute, values[i],
				 fit ? "refused" : "taken");
	}
}

#define FIT(attribute, ...) assert_all(attribute, true, (const char *const[]){ __VA_ARGS__, NULL })
#define UNFIT(attribute, ...)                                                                      \
	assert_all(attribute, false, (const char *const[]){ __VA_ARGS__, NULL })

static void test_strings_keep_their_white_space(void **state)
{
	(void)state;
	FIT("string", "", " ", "a\tb\nc", "\xf0\x9f\x99\x82");
	FIT("filled", " ", "\n", "a", "\xc3\xa9");
	UNFIT("filled", "");
	FIT("normalized", "a b", "a\tb", "a\nb");
	UNFIT("normalized", "a  b", " a b", "a\n\nb");
}

static void test_tokens_collapse(void **state)
{
	(void)state;
	FIT("token", "", "  ", "a  b", "\n");
	FIT("word", "", "abc", "  abc\n", " ");
	UNFIT("word", "a b", "a\nb");
	FIT("shortToken", "ab", "  abcd  ", "a  b", "\xc3\xa9\xc3\xa9", "\xf0\x9f\x99\x82xyz");
	UNFIT("shortToken", "a", " a ", "abcde", "a  bcd", "\xc3\xa9", "");
	FIT("nmtoken", "a", "-1", ":x.y", "\xc3\xa9", " a ");
	UNFIT("nmtoken", "", "a b", "a,b", "a/");
}

static void test_numbers(void **state)
{
	(void)state;
	FIT("integer", "0", "-1", "+7", "007", " 3 ", "123456789012345678901234567890", "-0");
	UNFIT("integer", "", "1.0", "1e3", "+", "- 1", "1 2", "0x1", "\xd9\xa3");
	FIT("decimal", "1", "1.", ".5", "-1.50", "+0.0");
	UNFIT("decimal", ".", "", "1e3", "INF", "1,5");
	FIT("double", "1e3", "1.5E-10", "INF", "-INF", "NaN", ".5e+1", "-0");
	UNFIT("double", "+INF", "inf", "1e", "e3", "1e1.5", "");
	FIT("small", "-5", "100", "+0099", "-00005", "0", "-0");
	UNFIT("small", "-6", "101", "1000", "-10", "x", "");
}

static void test_truth_is_true_false_one_or_nought(void **state)
{
	(void)state;
	FIT("boolean", "true", "false", "1", "0", " true ");
	UNFIT("boolean", "TRUE", "yes", "", "10", "t rue");
}

static void test_base64_is_judged_as_the_recommendation_has_it(void **state)
{
	(void)state;
	FIT("base64", "", "AAAA", "QQ==", "QUI=", "QU I=", "Q Q = =", " AAAA\nAAAA ", "A A A A");
	UNFIT("base64", "A", "AA", "AAA", "AA=", "AB==", "QUJ=", "AAAA=", "AA-A", "AAAA AA",
	      "=AAA");
}

static void test_dates_and_times(void **state)
{
	(void)state;
	FIT("dateTime", "2026-10-19T08:00:03Z", "2026-10-19T08:00:03.5+01:00",
	    "2026-10-19T24:00:00", "-0001-01-01T00:00:00", "12026-01-31T23:59:59-14:00");
	UNFIT("dateTime", "2026-10-19", "2026-13-01T00:00:00", "2026-10-19T25:00:00",
	      "2026-10-19T24:00:01", "02026-01-31T23:59:59", "2026-10-19T08:00:03+0100",
	      "2026-10-32T00:00:00");
}

static void test_enumerations_compare_after_white_space(void **state)
{
	(void)state;
	FIT("colour", "red", " dark   green ", "\nblue");
	UNFIT("colour", "", "Red", "dark", "dark greenish", "reds", "re");
	FIT("colours", "", "red", "red blue", " red\n blue  red ");
	UNFIT("colours", "green", "red,blue", "red dark green");
	FIT("fewColours", "red", "red blue");
	UNFIT("fewColours", "", " ", "red red red", "red purple");
}

static void test_patterns_of_one_step_are_alternatives_and_of_two_must_both_hold(void **state)
{
	(void)state;
	FIT("even", "", "ab", "nz", "abcd");
	UNFIT("even", "a", "an", "abc", "AB");
	FIT("uuid", UUID);
	UNFIT("uuid", "", UUID " ", " " UUID, UUID UUID, "7d6f23e0-AE1A-11DB-8707-B18E1E0994EA",
	      "7");
	FIT("uid", UUID, "1.2.3", "0", "1");
	UNFIT("uid", "", "1.", ".1", "1..2", "1.2 ", "a", UUID ".1");
}

static void test_patterns_count_characters_and_not_bytes(void **state)
{
	(void)state;
	FIT("accents", "\xc3\xa9", "\xc5\xbf\xe2\x82\xac", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xc3\xa0\xc3\xbf\xc4\x80");
	UNFIT("accents", "", "a", "\xc6\x80", "\xe2\x82\xad", "\xef\xbf\xbd", "\xc3\x9f",
	      "\xc3\xa0\xc3\xa0\xc3\xa0\xc3\xa0");
}

static void test_uris_are_references_with_what_must_be_escaped_standing_for_itself(void **state)
{
	(void)state;
	FIT("uri", "", "tel:", "urn:nhs-uk:addressing:ods:RKE", "http://a@b:1/c?d#e", "//[::1]/",
	    " x ", "caf\xc3\xa9", "a|b", "a b", "?", "#[]");
	UNFIT("uri", "%", "%4", "http://h:/", "http://h:x", "a#b#c", "[", "1:x", ":",
	      "//h:99999999999");
	assert_true(uri_is_reference(STR("\x01")));
}

static void assert_said(const char *attribute, const char *value, const char *message)
{
	struct schema_faults faults = judge(attribute, value);
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.at[0].message, message);
	assert_int_equal(faults.at[0].offset, schema_faults_place(&faults, "=\"") + 2);
}

static void test_sentences_say_what_is_wrong_and_what_is_expected(void **state)
{
	(void)state;
	assert_said("uuid", "7d6f23e0-ae1a-11db-8707-b18e1e0994ea",
		    "uuid of values is \"7d6f23e0-ae1a-11db-8707-b18e1e0994ea\": it has lower-case "
		    "letters; expected a UUID in upper case: 8-4-4-4-12 hexadecimal digits");
	assert_said(
		"integer", "1.0",
		"integer of values is \"1.0\": it has a decimal point; expected a whole number");
	assert_said("filled", "", "filled of values is empty; expected a value of the type Filled");
	assert_said("even", "abc",
		    "even of values is \"abc\"; expected a value of the pattern (..)*");
	assert_said("colour", "bleu",
		    "colour of values is \"bleu\"; did you mean blue? Expected: red, dark green or "
		    "blue");
	assert_said("colours", "red purple",
		    "colours of values has \"purple\"; expected red or blue");
	assert_said("fewColours", "",
		    "fewColours of values is empty; expected a value of the type "
		    "FewColours");
}

static void assert_said_of_upload(const char *value, const char *message)
{
	char document[1024];
	snprintf(document, sizeof(document),
		 "<File xmlns='urn:hl7-org:v3'><creationTime value='%s'/></File>", value);
	struct schema_faults faults =
		schema_faults_of(&schema_tables_cpis, "cpis-dms-1.0/upload.xsd", document);
	assert_int_equal(faults.at[0].kind, SCHEMA_VALUE_OF_TYPE);
	assert_string_equal(faults.at[0].message, message);
}

static void test_timestamps_of_other_makes_are_recognised(void **state)
{
	(void)state;
#define STAMP                                                                                      \
	"; expected CCYYMMDD, CCYYMMDDhhmm or CCYYMMDDhhmmss, with a UTC offset such as "          \
	"+0100 only after a time"
	assert_said_of_upload(
		"2026-10-19T08:00:03Z",
		"value of creationTime is \"2026-10-19T08:00:03Z\": it is in ISO 8601 "
		"format (leave out the hyphens, colons and T)" STAMP);
	assert_said_of_upload("20261019080003Z",
			      "value of creationTime is \"20261019080003Z\": its "
			      "UTC offset is Z (write +0000)" STAMP);
	assert_said_of_upload("20261019+0100",
			      "value of creationTime is \"20261019+0100\": it has a "
			      "UTC offset, but no time of day" STAMP);
	assert_said_of_upload("19/10/2026",
			      "value of creationTime is \"19/10/2026\": it is written "
			      "with slashes" STAMP);
#undef STAMP
}

static void test_a_value_says_what_it_may_tell_of_a_person(void **state)
{
	(void)state;
	struct schema_faults faults = schema_faults_of(
		&schema_tables_cpis, "cpis-dms-1.0/upload.xsd",
		"<File xmlns='urn:hl7-org:v3'><creationTime value='x'/><id extension='1'/>"
		"<transmissionQuantity value='1'/><communicationFunctionSnd><organisation>"
		"<id root='2.16.840.1.113883.2.1.3.2.4.19.1' extension='1'/><name/>"
		"<telecom value='01632960114' use='EC'/></organisation></communicationFunctionSnd>"
		"<record><stray>Ann</stray></record></File>");
	assert_int_equal(faults.count, 3);
	assert_string_equal(faults.at[0].actual, "x");
	assert_int_equal(faults.at[0].actual_mask, MASK_TIME);
	assert_string_equal(faults.at[1].actual, "01632960114");
	assert_int_equal(faults.at[1].actual_mask, MASK_PHONE);
	assert_string_equal(faults.at[2].actual, "stray");
	assert_int_equal(faults.at[2].actual_mask, MASK_WORD);
}

static int setup(void **state)
{
	(void)state;
	schema_faults_setup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings_keep_their_white_space),
		cmocka_unit_test(test_tokens_collapse),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_truth_is_true_false_one_or_nought),
		cmocka_unit_test(test_base64_is_judged_as_the_recommendation_has_it),
		cmocka_unit_test(test_dates_and_times),
		cmocka_unit_test(test_enumerations_compare_after_white_space),
		cmocka_unit_test(
			test_patterns_of_one_step_are_alternatives_and_of_two_must_both_hold),
		cmocka_unit_test(test_patterns_count_characters_and_not_bytes),
		cmocka_unit_test(
			test_uris_are_references_with_what_must_be_escaped_standing_for_itself),
		cmocka_unit_test(test_sentences_say_what_is_wrong_and_what_is_expected),
		cmocka_unit_test(test_timestamps_of_other_makes_are_recognised),
		cmocka_unit_test(test_a_value_says_what_it_may_tell_of_a_person),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
