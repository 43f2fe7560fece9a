/* Control files of MESH by the public functions, and a file that is kept whole or not at all. */
#include "cpis_service.h"
#include "run_cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define CONTROL(inside) "<DTSControl>" inside "</DTSControl>"

static struct cpis_control *read_control(const char *text)
{
	struct cpis_control *control = NULL;
	struct cpis_failure failure;
	if (cpis_control_read(&control, text, strlen(text), &failure) != 0)
		fail_msg("%s: %s", text, failure.text);
	return control;
}

static void test_a_control_file_is_read_as_xml(void **state)
{
	(void)state;
	static const char *const texts[] = {
		CONTROL("<From_DTS>BOX1</From_DTS><LocalId>a&amp;b</LocalId>"),
		"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <From_DTS>NO</From_DTS> -->"
		"<DTSControl><From_DTS >BOX1</From_DTS><LocalId><![CDATA[a&b]]></LocalId>"
		"<Status><From_DTS>NO</From_DTS></Status></DTSControl>\n",
		CONTROL("\n<From_DTS a='1'>\n BOX1\n</From_DTS>\n<LocalId>a&#38;b</LocalId>"),
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct cpis_control *control = read_control(texts[i]);
		assert_string_equal(control->from, "BOX1");
		assert_string_equal(control->local_id, "a&b");
		assert_null(control->to);
		cpis_control_free(control);
	}
	cpis_control_free(NULL);
}

static void test_what_is_no_control_file_is_refused(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"",
		"<DTSControl><To_DTS>X</To_DTS>",
		"<Control><To_DTS>X</To_DTS></Control>",
		"<!DOCTYPE DTSControl [<!ENTITY e 'x'>]>" CONTROL("<To_DTS>&e;</To_DTS>"),
	};
	const struct cpis_control became = { .event = "TRANSFER", .code = "00" };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct cpis_control *control = NULL;
		struct cpis_failure failure = { .text = "" };
		char *out = NULL;
		size_t size;
		size_t n = strlen(texts[i]);
		assert_int_equal(cpis_control_read(&control, texts[i], n, &failure), -1);
		assert_true(failure.text[0] != '\0');
		assert_null(control);
		assert_int_equal(cpis_control_settle(texts[i], n, &became, &out, &size, &failure),
				 -1);
		assert_null(out);
	}
}

static void test_what_is_written_is_read_again(void **state)
{
	(void)state;
	const struct cpis_control made = { .from = "BOX1",
					   .to = "BOX2",
					   .workflow = "CPIS",
					   .local_id = "<a&\"b>",
					   .id = "7",
					   .subject = "",
					   .report = 1,
					   .event = "TRANSFER",
					   .code = "15",
					   .description = "it is broken",
					   .at = 1790000000 };
	struct cpis_failure failure;
	char *text = NULL;
	size_t size;
	assert_int_equal(cpis_control_write(&made, &text, &size, &failure), 0);
	assert_int_equal(size, strlen(text));
	struct cpis_control *control = read_control(text);
	assert_string_equal(control->local_id, made.local_id);
	assert_string_equal(control->to, "BOX2");
	assert_string_equal(control->id, "7");
	assert_null(control->subject);
	assert_non_null(strstr(text, "<MessageType>Report</MessageType>"));
	assert_non_null(strstr(text, "<Status>ERROR</Status>"));
	assert_non_null(strstr(text, "<DateTime>20260921141320</DateTime>"));
	cpis_control_free(control);
	cpis_free(text);
	struct cpis_control later = made;
	later.reserved[1] = 1;
	assert_int_equal(cpis_control_write(&later, &text, &size, &failure), -1);
}

/* In summer too the time is that of UTC. */
static void test_a_control_file_stays_as_it_is_but_for_what_became_of_it(void **state)
{
	(void)state;
	static const char before[] = "<?xml version='1.0'?>\n<DTSControl>\n<Compress>Y</Compress>\n"
				     "<Own a='1'/></DTSControl>\n<!-- </DTSControl> -->";
	const struct cpis_control became = {
		.event = "TRANSFER", .code = "00", .description = "Transferred", .at = 1784000000
	};
	struct cpis_failure failure;
	char *text = NULL;
	size_t size;
	assert_int_equal(
		cpis_control_settle(before, sizeof(before) - 1, &became, &text, &size, &failure),
		0);
	assert_memory_equal(text, before,
			    strlen("<?xml version='1.0'?>\n<DTSControl>\n<Compress>"));
	assert_non_null(strstr(text, "<Own a='1'/>"));
	assert_non_null(strstr(text, "<Status>SUCCESS</Status>"));
	assert_non_null(strstr(text, "<DateTime>20260714033320</DateTime>"));
	assert_non_null(strstr(text, "</StatusRecord>\n</DTSControl>\n<!-- </DTSControl> -->"));
	cpis_control_free(read_control(text));
	cpis_free(text);
}

static void test_a_kept_file_takes_the_place_of_another(void **state)
{
	(void)state;
	char path[512], command[600];
	struct cpis_failure failure;
	struct stat info;
	snprintf(path, sizeof(path), "%s", scratch_path("kept"));
	assert_int_equal(cpis_keep_file(path, "first and long", 14, &failure), 0);
	assert_int_equal(cpis_keep_file(path, "", 0, &failure), 0);
	assert_int_equal(stat(path, &info), 0);
	assert_int_equal(info.st_size, 0);
	assert_int_equal(cpis_keep_file(scratch_path("none/kept"), "x", 1, &failure), -1);
	assert_non_null(strstr(failure.text, "does not exist"));
	snprintf(command, sizeof(command), "test \"$(ls -A '%s')\" = kept", scratch_folder());
	assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): fixed words */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_control_file_is_read_as_xml),
		cmocka_unit_test(test_what_is_no_control_file_is_refused),
		cmocka_unit_test(test_what_is_written_is_read_again),
		cmocka_unit_test(test_a_control_file_stays_as_it_is_but_for_what_became_of_it),
		cmocka_unit_test(test_a_kept_file_takes_the_place_of_another),
	};
	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
