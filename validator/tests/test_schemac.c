/* The schema compiler stops the build, with file and line, at what it does not understand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char compiler[4096]; /* beside the folder that this test was built into */
static char folder[] = "/var/tmp/schemac-XXXXXX";

static int setup(void **state)
{
	(void)state;
	ssize_t n = readlink("/proc/self/exe", compiler, sizeof(compiler) - 32);
	assert_true(n > 0);
	compiler[n] = '\0';
	strcpy(strstr(compiler, "/tests/"), "/schemac");
	assert_int_equal(access(compiler, X_OK), 0);
	assert_non_null(mkdtemp(folder));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	char command[64];
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

static void write_schema(const char *name, const char *inside)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file,
		"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns='urn:t' "
		"targetNamespace='urn:t' elementFormDefault='qualified'>\n%s\n</xs:schema>\n",
		inside);
	assert_int_equal(fclose(file), 0);
}

/* What the compiler says of t.xsd, whose second line `inside` begins; "" when it is content. */
static const char *compile(const char *inside)
{
	static char output[4096];
	char command[8192];
	write_schema("t.xsd", inside);
	snprintf(command, sizeof(command), "'%s' tables %s %s/out.c t.xsd 2>&1", compiler, folder,
		 folder);
	FILE *pipe = popen(command, "r");
	assert_non_null(pipe);
	size_t n = fread(output, 1, sizeof(output) - 1, pipe);
	output[n] = '\0';
	int status = pclose(pipe);
	assert_int_equal(status != 0, n != 0);
	const char *message = strstr(output, "t.xsd:");
	return message ? message + strlen("t.xsd:") : output;
}

#define CONTENT(model)                                                                             \
	"<xs:element name='a'><xs:complexType>\n" model "</xs:complexType></xs:element>"
#define VALUE(facets)                                                                              \
	"<xs:element name='a'><xs:simpleType>\n<xs:restriction base='xs:string'>" facets           \
	"</xs:restriction></xs:simpleType></xs:element>"
#define B "<xs:element name='b' type='xs:string' "

static void test_what_is_understood_compiles(void **state)
{
	(void)state;
	assert_string_equal(compile(CONTENT("<xs:sequence>" B "maxOccurs='5'/></xs:sequence>")),
			    "");
	assert_string_equal(compile(VALUE("<xs:pattern value='[a-z-[aeiou]]{2,3}|\\.'/>")), "");
}

static void test_ambiguous_content_stops_the_build(void **state)
{
	(void)state;
	assert_string_equal(
		compile(CONTENT("<xs:sequence>\n" B "minOccurs='0'/>\n" B "/></xs:sequence>")),
		"5: competes with line 4 for the same element\n");
	assert_string_equal(
		compile(CONTENT("<xs:sequence><xs:any processContents='skip' minOccurs='0'/>\n" B
				"/></xs:sequence>")),
		"4: competes with line 3 for the same element\n");
	assert_string_equal(
		compile(CONTENT("<xs:sequence maxOccurs='unbounded'>" B "minOccurs='0'/>\n"
				"<xs:choice>" B "/>" B "/></xs:choice></xs:sequence>")),
		"4: competes with line 3 for the same element\n");
}

static void test_one_name_with_two_types_stops_the_build(void **state)
{
	(void)state;
	assert_string_equal(
		compile(CONTENT("<xs:sequence>" B "/>\n"
				"<xs:element name='b' type='xs:token'/></xs:sequence>")),
		"4: b occurs in one content with two types\n");
}

static void test_constructs_outside_the_subset_stop_the_build(void **state)
{
	(void)state;
	static const char *const constructs[][2] = {
		{ CONTENT("<xs:all/>"), "3: xs:all is outside the subset that is compiled\n" },
		{ CONTENT("<xs:complexContent/>"),
		  "3: complex content is an extension or a restriction\n" },
		{ "<xs:element name='a'/>", "2: an element says its type\n" },
		{ "<xs:element name='a' type='xs:string' substitutionGroup='b'/>",
		  "2: substitutionGroup of xs:element is outside the subset that is compiled\n" },
		{ "<xs:element name='a' type='xs:QName'/>",
		  "2: xs:QName is outside the subset that is compiled\n" },
		{ "<xs:element name='a' type='Unknown'/>",
		  "2: no simple type Unknown is declared here or included\n" },
		{ CONTENT("<xs:sequence><xs:any/></xs:sequence>"),
		  "3: xs:any must be skipped or lax\n" },
		{ CONTENT("<xs:sequence minOccurs='3' maxOccurs='100'>" B "/></xs:sequence>"),
		  "3: more than 64 occurrences of something other than a single element\n" },
		{ CONTENT("<xs:attribute name='b' type='xs:string' use='prohibited'/>"),
		  "3: an attribute has a type and is prohibited in a restriction alone\n" },
		{ CONTENT("<xs:attribute name='b' type='xs:boolean' default='yes'/>"),
		  "3: \"yes\" is not a value of its type\n" },
		{ VALUE("<xs:totalDigits value='3'/>"),
		  "3: xs:totalDigits is outside the subset that is compiled\n" },
	};
	for (size_t i = 0; i < sizeof(constructs) / sizeof(constructs[0]); i++)
		assert_string_equal(compile(constructs[i][0]), constructs[i][1]);
}

static void test_patterns_that_are_not_understood_stop_the_build(void **state)
{
	(void)state;
	assert_string_equal(compile(VALUE("<xs:pattern value='\\d+'/>")),
			    "3: pattern \"\\d+\": an escape that is not understood\n");
	assert_string_equal(compile(VALUE("<xs:pattern value='(a'/>")),
			    "3: pattern \"(a\": a group without its end\n");
	assert_string_equal(compile(VALUE("<xs:pattern value='a)'/>")),
			    "3: pattern \"a)\": a bracket that was never opened\n");
	assert_string_equal(compile(VALUE("<xs:pattern value='[z-a]'/>")),
			    "3: pattern \"[z-a]\": a range that runs backwards\n");
	assert_string_equal(compile(VALUE("<xs:pattern value='a{3,2}'/>")),
			    "3: pattern \"a{3,2}\": a quantity that is not understood\n");
}

static void test_a_reference_needs_an_include_of_its_own(void **state)
{
	(void)state;
	write_schema("u.xsd", "<xs:simpleType name='U'><xs:restriction base='V'/></xs:simpleType>");
	const char *said = compile("<xs:include schemaLocation='u.xsd'/>\n"
				   "<xs:simpleType name='V'><xs:restriction base='xs:string'/>"
				   "</xs:simpleType><xs:element name='a' type='U'/>");
	assert_non_null(strstr(said, "u.xsd:2: no simple type V is declared here or included"));
}

static void test_files_may_include_each_other_in_circles(void **state)
{
	(void)state;
	write_schema("u.xsd", "<xs:include schemaLocation='t.xsd'/>"
			      "<xs:simpleType name='U'><xs:restriction base='V'/></xs:simpleType>");
	assert_string_equal(compile("<xs:include schemaLocation='u.xsd'/>\n"
				    "<xs:simpleType name='V'><xs:restriction base='xs:string'/>"
				    "</xs:simpleType><xs:element name='a' type='U'/>"),
			    "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_understood_compiles),
		cmocka_unit_test(test_ambiguous_content_stops_the_build),
		cmocka_unit_test(test_one_name_with_two_types_stops_the_build),
		cmocka_unit_test(test_constructs_outside_the_subset_stop_the_build),
		cmocka_unit_test(test_patterns_that_are_not_understood_stop_the_build),
		cmocka_unit_test(test_a_reference_needs_an_include_of_its_own),
		cmocka_unit_test(test_files_may_include_each_other_in_circles),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
