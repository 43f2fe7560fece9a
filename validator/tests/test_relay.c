/* Reading ahead on a thread gives the judge exactly the same events as reading in place. */
#include "base/buf.h"
#include "xml/locate.h"
#include "xml/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct xml_limits limits = { .max_depth = 256, .max_attribute_bytes = 1024 * 1024 };

static xml_name record, given;

static int setup(void **state)
{
	(void)state;
	xml_setup();
	record = xml_names_add(NS_HL7, "record");
	given = xml_names_add(NS_NONE, "given");
	return record && given ? 0 : -1;
}

struct log {
	struct buf text;
	size_t events, stop_at; /* 0: never */
};

static const char *shown(const char *text)
{
	return text ? text : "-";
}

static int count(struct log *log)
{
	return ++log->events == log->stop_at ? -1 : 0;
}

static int log_start(void *context, const struct xml_tag *tag)
{
	struct log *log = context;
	buf_printf(&log->text, "<%u %u %s %s %s @%zu \"%.*s\"\n", tag->name, tag->ns, tag->local,
		   shown(tag->prefix), shown(tag->uri), tag->offset, STR_ARG(tag->raw));
	for (size_t i = 0; i < tag->count; i++) {
		const struct xml_attribute *attribute = &tag->attributes[i];
		if (tag->plain_values) {
			assert_int_equal(attribute->ns, NS_NONE);
			assert_true(attribute->value.n && attribute->value.p[0] > ' ');
		}
		buf_printf(&log->text, " %u %u %s %s %s @%zu=%zu \"%.*s\"\n", attribute->name,
			   attribute->ns, attribute->local, shown(attribute->prefix),
			   shown(attribute->uri), xml_tag_attribute_offset(tag, i),
			   xml_tag_value_offset(tag, i), STR_ARG(attribute->value));
	}
	return count(log);
}

static int log_end(void *context, size_t offset)
{
	struct log *log = context;
	buf_printf(&log->text, ">@%zu\n", offset);
	return count(log);
}

static int log_text(void *context, struct str text, size_t offset)
{
	struct log *log = context;
	buf_printf(&log->text, "\"%.*s\"@%zu\n", STR_ARG(text), offset);
	return count(log);
}

static const struct xml_handler handler = { .start = log_start, .end = log_end, .text = log_text };

/* Both readers end alike, with the same events until then. Returns the outcome. */
static enum xml_outcome read_both(const struct buf *document, size_t stop_at)
{
	struct xml_reader *reader = xml_reader_new();
	struct log here = { .stop_at = stop_at }, ahead = { .stop_at = stop_at };
	struct xml_fault fault, same;
	buf_init(&here.text, SIZE_MAX / 2);
	buf_init(&ahead.text, SIZE_MAX / 2);
	struct str bytes = buf_view(document);
	enum xml_outcome outcome = xml_read(reader, bytes, &limits, &handler, &here, &fault);
	assert_int_equal(xml_read_ahead(reader, bytes, &limits, &handler, &ahead, &same), outcome);
	assert_string_equal(buf_view(&here.text).p, buf_view(&ahead.text).p);
	assert_int_equal(here.events, ahead.events);
	if (outcome == XML_MALFORMED) {
		assert_int_equal(fault.offset, same.offset);
		assert_string_equal(fault.text, same.text);
	}
	buf_release(&here.text);
	buf_release(&ahead.text);
	xml_reader_free(reader);
	return outcome;
}

/* Records of every kind for which an event is kept whole, and plain ones around them. */
static void write_records(struct buf *document, size_t records)
{
	buf_init(document, SIZE_MAX / 2);
	buf_text(document, "<File xmlns=\"urn:hl7-org:v3\" xmlns:a=\"urn:a\">\n");
	for (size_t i = 0; i < records; i++) {
		buf_printf(document, "\t<record given=\"%zu\"><given> </given>", i);
		buf_printf(document, "<record given=\"\" code=\"1\"/><record given=\" 1\"/>");
		buf_printf(document, "<record given=\"\xc3\xa9\"/>");
		buf_printf(document, "<a:x a:y=\"1\" xml:lang=\"en\">%zu &amp; more</a:x>", i);
		if (i % 7 == 0)
			buf_text(document,
				 "<record given=\"&lt;&amp;&#65;\">a<![CDATA[<b>]]>c</record>");
		if (i % 5 == 0)
			buf_printf(document, "<p%zu:x xmlns:p%zu=\"urn:hl7-org:v3\"/>", i % 90,
				   i % 90);
		if (i % 11 == 0)
			buf_text(document, "<!-- -->  <?pi?>\r\n<record\n  given='x'  />");
		buf_text(document, "</record>\n");
	}
}

static void test_every_kind_of_event_comes_as_it_was_read(void **state)
{
	(void)state;
	struct buf document;
	write_records(&document, 4000);
	buf_text(&document, "</File>");
	assert_int_equal(read_both(&document, 0), XML_READ);
	buf_release(&document);
}

static void test_a_tag_with_more_attributes_than_are_told_in_words_comes_whole(void **state)
{
	(void)state;
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	buf_text(&document, "<File>");
	for (size_t count = 250; count < 260; count++) {
		buf_text(&document, "<record");
		for (size_t i = 0; i < count; i++)
			buf_printf(&document, " a%zu=\"%zu\"", i, i);
		buf_text(&document, "/>");
	}
	buf_text(&document, "</File>");
	assert_int_equal(read_both(&document, 0), XML_READ);
	buf_release(&document);
}

static void test_a_name_of_a_thousand_bytes_is_read_and_no_longer_one(void **state)
{
	(void)state;
	static const char *const prefixes[] = { "", "p:" };
	for (int i = 0; i < 4; i++) {
		char name[1002];
		size_t n = i < 2 ? 1000 : 1001;
		memset(name, 'a', n);
		struct buf document;
		buf_init(&document, SIZE_MAX / 2);
		buf_printf(&document, "<r xmlns:p=\"urn:p\"><%s%.*s/></r>", prefixes[i % 2], (int)n,
			   name);
		assert_int_equal(read_both(&document, 0), i < 2 ? XML_READ : XML_LIMIT);
		buf_release(&document);
	}
}

static void test_a_judge_that_stops_has_heard_the_same(void **state)
{
	(void)state;
	struct buf document;
	write_records(&document, 2000);
	buf_text(&document, "</File>");
	for (size_t at = 1; at < 20000; at = at * 3 + 1)
		assert_int_equal(read_both(&document, at), XML_STOPPED);
	buf_release(&document);
}

static void test_a_document_that_breaks_off_is_told_up_to_there(void **state)
{
	(void)state;
	struct buf document;
	for (size_t records = 0; records < 3000; records = records * 4 + 1) {
		write_records(&document, records);
		buf_text(&document, "<record></given></File>");
		assert_int_equal(read_both(&document, 0), XML_MALFORMED);
		buf_release(&document);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_event_comes_as_it_was_read),
		cmocka_unit_test(
			test_a_tag_with_more_attributes_than_are_told_in_words_comes_whole),
		cmocka_unit_test(test_a_name_of_a_thousand_bytes_is_read_and_no_longer_one),
		cmocka_unit_test(test_a_judge_that_stops_has_heard_the_same),
		cmocka_unit_test(test_a_document_that_breaks_off_is_told_up_to_there),
	};
	return cmocka_run_group_tests(tests, setup, NULL);
}
