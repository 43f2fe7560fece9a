/* The reader reports what is in a document, and where: checked against the bytes. */
#include "base/buf.h"
#include "xml/locate.h"
#include "diag/mask.h"
#include "diag/mask_words.h"
#include "xml/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct xml_limits limits = { .max_depth = 256, .max_attribute_bytes = 1024 * 1024 };

/* What a read said, one event a line: "<id@12", "@root@16=24:1.2", "text@30", ">id@40". */
struct record {
	struct buf log;
	struct str document;
};

static int log_start(void *context, const struct xml_tag *tag)
{
	struct record *record = context;
	buf_printf(&record->log, "<%s@%zu\n", tag->local, tag->offset);
	for (size_t i = 0; i < tag->count; i++) {
		struct str value = tag->attributes[i].value;
		buf_printf(&record->log, "@%s@%zu=%zu:%.*s\n", tag->attributes[i].local,
			   xml_tag_attribute_offset(tag, i), xml_tag_value_offset(tag, i),
			   STR_ARG(value));
	}
	return 0;
}

static int log_end(void *context, size_t offset)
{
	struct record *record = context;
	/* The place is after the tag; the expectations name where the tag begins. */
	const char *document = record->document.p;
	if (!document)
		return 0;
	assert_int_equal(document[offset - 1], '>');
	const char *start = memrchr(document, '<', offset);
	buf_printf(&record->log, ">@%zu\n", (size_t)(start - document));
	return 0;
}

static int log_text(void *context, struct str text, size_t offset)
{
	struct record *record = context;
	buf_printf(&record->log, "%.*s@%zu\n", STR_ARG(text), offset);
	return 0;
}

static const struct xml_handler log_handler = { .start = log_start,
						.end = log_end,
						.text = log_text };

static enum xml_outcome read_text(struct str text, struct xml_fault *fault, struct record *record)
{
	struct xml_reader *reader = xml_reader_new();
	assert_non_null(reader);
	buf_init(&record->log, 1 << 20);
	record->document = text;
	enum xml_outcome outcome = xml_read(reader, text, &limits, &log_handler, record, fault);
	xml_reader_free(reader);
	return outcome;
}

static void expect_events(const char *text, const char *events)
{
	struct record record = { 0 };
	struct xml_fault fault;
	assert_int_equal(read_text(str_of(text), &fault, &record), XML_READ);
	assert_string_equal(buf_view(&record.log).p, events);
	buf_release(&record.log);
}

static void test_reader_tells_the_offset_of_tags_attributes_values_and_text(void **state)
{
	(void)state;
	expect_events("<a><b x=\"1\" y='2'/>hi</a>", "<a@0\n<b@3\n@x@6=9:1\n@y@12=15:2\n>@3\n"
						     "hi@19\n>@21\n");
}

static void test_reader_tells_offsets_across_crlf_tabs_and_spaces_around_equals(void **state)
{
	(void)state;
	expect_events("<a\r\n\tx = \"1\"\r\n\ty\t=\t'2'\r\n/>",
		      "<a@0\n@x@5=10:1\n@y@15=20:2\n>@0\n");
}

static void test_reader_tells_where_values_with_entities_start(void **state)
{
	(void)state;
	expect_events("<a x=\"&lt;b&gt; &#65;\" y=\"&amp;\"/>",
		      "<a@0\n@x@3=6:<b> A\n@y@23=26:&\n>@0\n");
}

static void test_reader_tells_attributes_of_one_name_in_two_namespaces_apart(void **state)
{
	(void)state;
	expect_events("<a xmlns:p=\"urn:p\" p:x=\"&#49;\" x=\"&#50;\"/>",
		      "<a@0\n@x@19=24:1\n@x@31=34:2\n>@0\n");
}

static void test_reader_is_not_misled_by_greater_than_signs_in_values(void **state)
{
	(void)state;
	expect_events("<a x=\"1>2\"><b y='/>'/></a>",
		      "<a@0\n@x@3=6:1>2\n<b@11\n@y@14=17:/>\n>@11\n>@22\n");
}

static int find_text(void *context, struct str text, size_t offset)
{
	struct record *record = context;
	struct str visible = str_trim(text);
	if (!visible.n)
		return 0;
	const char *sent = record->document.p + offset + (visible.p - text.p);
	if (memcmp(sent, "&#", 2) != 0)
		assert_int_equal(*sent, visible.p[0]);
	buf_str(&record->log, visible);
	return 0;
}

/* The parser hands on a copy, in which all line ends are one: its places are those of the document.
 */
static void test_reader_gives_text_its_place_whatever_its_line_ends(void **state)
{
	(void)state;
	static const char *const documents[] = {
		"<a>\r\n\r\n\r\nb\r\n\r\n\n\t\t<c/></a>",
		"<a>\rb\r<c/></a>",
		"<a>\n\rb\n\r\n<c/></a>",
		"<a>\r\n\t\xc3\xabx\r\ny\r\n<c/></a>",
		"<a><![CDATA[\r\nb\rc]]>\r\nd<c/></a>",
		"<a>\r\n\r\n&#98;\r\n\r\nc<c/></a>",
	};
	static const struct xml_handler handler = { .text = find_text };
	struct xml_reader *reader = xml_reader_new();
	struct xml_fault fault;
	for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++) {
		struct record record = { .document = str_of(documents[i]) };
		buf_init(&record.log, 1 << 20);
		assert_int_equal(
			xml_read(reader, record.document, &limits, &handler, &record, &fault),
			XML_READ);
		assert_true(record.log.n > 0);
		buf_release(&record.log);
	}
	/* The copy comes in pieces. */
	struct record record = { 0 };
	struct buf document;
	buf_init(&document, 1 << 20);
	buf_init(&record.log, 1 << 20);
	buf_text(&document, "<a>");
	for (int i = 0; i < 500; i++)
		buf_printf(&document, "\xc3\xab%d\r\n\r%s", i, i % 7 ? "" : "\r\n");
	buf_text(&document, "</a>");
	record.document = buf_view(&document);
	assert_int_equal(xml_read(reader, record.document, &limits, &handler, &record, &fault),
			 XML_READ);
	buf_release(&record.log);
	buf_release(&document);
	xml_reader_free(reader);
}

static void test_reader_gives_cdata_and_comments_their_place(void **state)
{
	(void)state;
	struct record record = { 0 };
	struct xml_fault fault;
	const char *text = "<a><!-- <x> --><![CDATA[<y>]]><b/></a>";
	assert_int_equal(read_text(str_of(text), &fault, &record), XML_READ);
	assert_non_null(strstr(record.log.p, "<y>@"));
	assert_null(strstr(record.log.p, "<x@"));
	assert_non_null(strstr(record.log.p, "<b@30"));
	buf_release(&record.log);
}

static void test_reader_reads_many_documents_one_after_another(void **state)
{
	(void)state;
	struct xml_reader *reader = xml_reader_new();
	for (int i = 0; i < 500; i++) {
		char text[128];
		struct record record = { 0 };
		struct xml_fault fault;
		buf_init(&record.log, 1 << 20);
		int n = snprintf(text, sizeof(text), "<a%d b%d=\"%d\"/>", i, i, i);
		enum xml_outcome outcome = xml_read(reader, (struct str){ text, (size_t)n },
						    &limits, &log_handler, &record, &fault);
		assert_int_equal(outcome, XML_READ);
		snprintf(text, sizeof(text), "<a%d@0\n", i);
		assert_int_equal(strncmp(record.log.p, text, strlen(text)), 0);
		buf_release(&record.log);
	}
	xml_reader_free(reader);
}

static void test_reader_tells_white_space_only_where_it_may_be_a_value(void **state)
{
	(void)state;
	expect_events("<a>\n <b> </b>\r\n\t<c/> </a>", "<a@0\n<b@5\n @8\n>@9\n<c@16\n>@16\n>@21\n");
	expect_events("<a> <!-- --> </a>", "<a@0\n @3\n @12\n>@13\n");
	expect_events("<a> &amp; </a>", "<a@0\n @3\n&@4\n @9\n>@10\n");
	expect_events("<a>x<b/> y</a>", "<a@0\nx@3\n<b@4\n>@4\n y@8\n>@10\n");
	expect_events("<a>x<!-- --> </a>", "<a@0\nx@3\n @12\n>@13\n");
}

/* What one document leaves must not help the next: a prefix, an open element, an error. */
static void test_reader_starts_each_document_afresh(void **state)
{
	(void)state;
	static const char *const broken[] = {
		"<p:a xmlns:p=\"urn:p\"><p:b xmlns:q=\"urn:q\">",
		"<a xmlns=\"urn:p\" xmlns:p=\"urn:p\"><b></a>",
		"<?xml version=\"1.1\" standalone=\"yes\"?><a xml:space=\"preserve\"><",
		"<!DOCTYPE a><a/>",
	};
	struct xml_reader *reader = xml_reader_new();
	struct xml_handler handler = { 0 };
	struct xml_fault fault;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct record record = { 0 };
		assert_int_not_equal(
			xml_read(reader, str_of(broken[i]), &limits, &handler, NULL, &fault),
			XML_READ);
		assert_int_equal(
			xml_read(reader, STR("<p:a q:b=\"1\"/>"), &limits, &handler, NULL, &fault),
			XML_MALFORMED);
		buf_init(&record.log, 1 << 20);
		assert_int_equal(
			xml_read(reader, STR("<a>1</a>"), &limits, &log_handler, &record, &fault),
			XML_READ);
		assert_string_equal(record.log.p, "<a@0\n1@3\n");
		buf_release(&record.log);
	}
	xml_reader_free(reader);
}

static int stop_at_second(void *context, const struct xml_tag *tag)
{
	int *count = context;
	(void)tag;
	return ++*count == 2 ? -1 : 0;
}

static void test_reader_stops_when_the_handler_wants_no_more(void **state)
{
	(void)state;
	struct xml_reader *reader = xml_reader_new();
	struct xml_handler handler = { .start = stop_at_second };
	struct xml_fault fault;
	int count = 0;
	/* What follows the stop is broken, and must not be seen. */
	enum xml_outcome outcome =
		xml_read(reader, STR("<a><b/><c/><d"), &limits, &handler, &count, &fault);
	assert_int_equal(outcome, XML_STOPPED);
	assert_int_equal(count, 2);
	xml_reader_free(reader);
}

static const struct {
	const char *text;
	enum xml_outcome outcome;
	size_t offset;
	const char *words;
} faults[] = {
	{ "", XML_MALFORMED, 0, "no element" },
	{ "   ", XML_MALFORMED, 0, NULL },
	{ "no xml", XML_MALFORMED, 0, NULL },
	{ "<a><b></a>", XML_MALFORMED, 0, "expected </b>" },
	{ "<a><b>", XML_MALFORMED, 6, "<b>" },
	{ "<a x=1/>", XML_MALFORMED, 5, "quotes" },
	{ "<a x='1' x='2'/>", XML_MALFORMED, 0, "twice" },
	{ "<a>&nbsp;</a>", XML_MALFORMED, 0, "&nbsp;" },
	{ "<a>&Zyxabaqo;</a>", XML_MALFORMED, 0, "&…;" },
	{ "<b></Zyxabaqo>", XML_MALFORMED, 0, "end tag </…>; expected </b>" },
	{ "<a>a & b</a>", XML_MALFORMED, 0, NULL },
	{ "<p:a/>", XML_MALFORMED, 0, "prefix p" },
	{ "<a/><b/>", XML_MALFORMED, 4, "after the end" },
	{ "<a>\x01</a>", XML_MALFORMED, 3, "U+0001" },
	{ "<!DOCTYPE a><a/>", XML_DOCTYPE, 0, "DOCTYPE" },
	{ "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", XML_DOCTYPE, 0, "DOCTYPE" },
	{ "<a>\xff</a>", XML_ENCODING, 3, "UTF-8" },
	{ "<a x=\"\xe9\"/>", XML_ENCODING, 6, "UTF-8" },
	{ "<a>\xc0\xbc</a>", XML_ENCODING, 3, "UTF-8" },      /* '<' in two bytes */
	{ "<a>\xed\xa0\x80</a>", XML_ENCODING, 3, NULL },     /* half of a surrogate pair */
	{ "<a>\xf5\x80\x80\x80</a>", XML_ENCODING, 3, NULL }, /* past U+10FFFF */
	{ "<a>\xc1\x81</a>", XML_ENCODING, 3, NULL },	      /* 'A' in two bytes */
	{ "<a x='\xc1\x81'/>", XML_ENCODING, 6, NULL },
	{ "<a>\xe0\x80\xbc</a>", XML_ENCODING, 3, NULL }, /* '<' in three bytes */
	{ "<a x='\xf0\x80\x80\xbc'/>", XML_ENCODING, 6, NULL },
	{ "<a>x\xed\xa0\x80</a>", XML_ENCODING, 4, NULL },
	{ "<a>\xef\xbf\xbf</a>", XML_MALFORMED, 3, NULL }, /* U+FFFF */
	{ "<a><!-- \xc1\x81 --></a>", XML_ENCODING, 0, NULL },
	{ "<a><![CDATA[\xc1\x81]]></a>", XML_ENCODING, 0, NULL },
	{ "<a><?pi \xc1\x81?></a>", XML_ENCODING, 0, NULL },
	{ "<a\xc1\x81/>", XML_ENCODING, 0, NULL },
	{ "<a>\xc3", XML_ENCODING, 3, NULL },
	{ "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a/>", XML_ENCODING, 30, "ISO-8859-1" },
	{ "<?xml version='1.0' encoding='utf-16'?><a/>", XML_ENCODING, 30, "utf-16" },
	{ "\xff\xfe<\0a\0/\0>\0", XML_ENCODING, 0, "UTF-16" },
};

static void test_reader_tells_what_is_wrong_and_where(void **state)
{
	(void)state;
	assert_int_equal(mask_know("b") | mask_know("p"), 0);
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct record record = { 0 };
		struct xml_fault fault;
		enum xml_outcome outcome = read_text(str_of(faults[i].text), &fault, &record);
		buf_release(&record.log);
		bool is_malformed_too = outcome == XML_MALFORMED && !faults[i].words;
		if (outcome != faults[i].outcome && !is_malformed_too)
			fail_msg("%s: outcome %d, not %d (%s)", faults[i].text, outcome,
				 faults[i].outcome, fault.text);
		if (faults[i].words && !strstr(fault.text, faults[i].words))
			fail_msg("%s: says \"%s\", nothing of \"%s\"", faults[i].text, fault.text,
				 faults[i].words);
		if (faults[i].offset && fault.offset != faults[i].offset)
			fail_msg("%s: offset %zu, not %zu (%s)", faults[i].text, fault.offset,
				 faults[i].offset, fault.text);
	}
}

static void test_reader_hands_on_no_tag_that_breaks_off(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"<a><b x='1' y", "<a><b x='1' y=", "<a><b x='1' y='2",	 "<a><b x='1'",
		"<a><b ",	 "<a><b",	   "<a><b x='1'<c/></a>"
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct record record;
		struct xml_fault fault;
		assert_int_equal(read_text(str_of(texts[i]), &fault, &record), XML_MALFORMED);
		assert_string_equal(buf_view(&record.log).p, "<a@0\n");
		buf_release(&record.log);
	}
}

static void test_reader_takes_utf8_with_a_byte_order_mark_and_ascii(void **state)
{
	(void)state;
	expect_events("\xef\xbb\xbf<a/>", "<a@3\n>@3\n");
	expect_events("<?xml version='1.0' encoding='utf-8'?><a/>", "<a@38\n>@38\n");
	expect_events("<?xml version='1.0' encoding='US-ASCII'?><a/>", "<a@41\n>@41\n");
	expect_events("<?xml version='1.0' encoding='ansi_x3.4-1968'?><a/>", "<a@47\n>@47\n");
}

static void test_reader_tells_where_the_first_instruction_starts(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		size_t at;
	} rows[] = {
		{ "<?xml version='1.0'?><a/>", SIZE_MAX },
		{ "<?x?><a/>", 0 },
		{ "<a><!-- <?x?> --><![CDATA[<?x?>]]></a>", SIZE_MAX },
		{ "<?xml version='1.0'?>\n<?xml-x <?y?><a><?z?></a>", 22 },
		{ "\xef\xbb\xbf<?xml version='1.0'?><?x?><a/>", 24 },
		{ "<!-- <?no?> --><?x?><a/>", 15 },
		{ "<a><![CDATA[<?x?>]]><?y?></a>", 20 },
		{ "<a><![CDATA[ ]]> \n<?y?></a>", 18 },
		{ "<a>&lt;?x?&gt;<?y?></a>", 14 },
		{ "<a>text<?y?></a>", 7 },
		{ "<a><b/><?y?></a>", 7 },
		{ "<a/>\n<!-- <?x?> -->\n<?y?>\n", 20 },
	};
	struct xml_reader *reader = xml_reader_new();
	struct xml_handler handler = { 0 };
	struct xml_fault fault;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(
			xml_read(reader, str_of(rows[i].text), &limits, &handler, NULL, &fault),
			XML_READ);
		assert_int_equal(xml_reader_instruction(reader), rows[i].at);
	}
	xml_reader_free(reader);
}

/* The first belongs to the encoding; the second is a character, which is not allowed there. */
static void test_reader_refuses_a_second_byte_order_mark(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"\xef\xbb\xbf\xef\xbb\xbf<a/>",
		"\xef\xbb\xbf\xef\xbb\xbf<?xml version='1.0'?><a/>",
		"\xef\xbb\xbf text<a/>",
		"\xef\xbb\xbf",
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct record record;
		struct xml_fault fault;
		assert_int_equal(read_text(str_of(texts[i]), &fault, &record), XML_MALFORMED);
		assert_string_equal(buf_view(&record.log).p ? buf_view(&record.log).p : "", "");
		assert_true(fault.text[0]);
		buf_release(&record.log);
	}
}

static enum xml_outcome read_declarations(const char *between)
{
	struct buf text;
	buf_init(&text, 1024 * 1024);
	buf_text(&text, "<a>");
	for (int part = 0; part < 4; part++) {
		buf_text(&text, "<b");
		for (int i = 0; i < 300; i++)
			buf_printf(&text, " xmlns:n%d='urn:n'", part * 300 + i);
		buf_printf(&text, ">%s", between);
	}
	for (int part = 0; part < 4 && !*between; part++)
		buf_text(&text, "</b>");
	buf_text(&text, "</a>");
	struct record record;
	struct xml_fault fault;
	enum xml_outcome outcome = read_text(buf_view(&text), &fault, &record);
	buf_release(&record.log);
	buf_release(&text);
	return outcome;
}

static void test_reader_counts_the_namespaces_that_are_in_scope(void **state)
{
	(void)state;
	assert_int_equal(read_declarations("</b>"), XML_READ);
	assert_int_equal(read_declarations(""), XML_LIMIT);
}

static int log_type(void *context, const struct xml_tag *tag)
{
	if (tag->type_sent)
		buf_printf(context, "%s%s\n", tag->type_bound ? "" : "unbound ",
			   tag->type_uri ? tag->type_uri : "none");
	return 0;
}

/* Of every prefix the declaration that is nearest counts, and none after its element has ended. */
static void test_reader_resolves_types_by_what_is_in_scope(void **state)
{
	(void)state;
	const struct xml_handler handler = { .start = log_type };
	struct xml_reader *reader = xml_reader_new();
	struct xml_fault fault;
	struct buf log;
	buf_init(&log, 1024);
	struct str text =
		STR("<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' xmlns:p='urn:x' "
		    "xmlns='urn:m'>"
		    "<b xmlns:p='urn:y' i:type='p:T'><c xmlns='' i:type='T'/><c i:type='T'/></b>"
		    "<b i:type='p:T'/><b xmlns:q='urn:q'/><b i:type='q:T'/></a>");
	assert_int_equal(xml_read(reader, text, &limits, &handler, &log, &fault), XML_READ);
	assert_string_equal(buf_view(&log).p, "urn:y\nnone\nurn:m\nurn:x\nunbound none\n");
	buf_release(&log);
	xml_reader_free(reader);
}

static void test_reader_refuses_other_bytes_in_a_document_that_says_it_is_ascii(void **state)
{
	(void)state;
	static const char *const names[] = { "US-ASCII",  "ascii", "ANSI_X3.4-1968",
					     "ISO646-US", "cp367", "iso-ir-6" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct xml_fault fault;
		struct record record = { 0 };
		char text[128];
		snprintf(text, sizeof(text), "<?xml version='1.0' encoding='%s'?><a>\xc3\xa9</a>",
			 names[i]);
		buf_init(&record.log, 4096);
		assert_int_equal(read_text(str_of(text), &fault, &record), XML_ENCODING);
		assert_non_null(strstr(fault.text, "is not ASCII"));
		assert_int_equal(fault.offset,
				 strlen("<?xml version='1.0' encoding=''?><a>") + strlen(names[i]));
		buf_release(&record.log);
	}
}

static void test_reader_finds_an_encoding_after_any_number_of_blanks(void **state)
{
	(void)state;
	struct xml_fault fault;
	struct record record = { 0 };
	char text[1024];
	snprintf(text, sizeof(text), "<?xml version='1.0'%600sencoding='ISO-8859-1'?><a/>", "");
	buf_init(&record.log, 4096);
	assert_int_equal(read_text(str_of(text), &fault, &record), XML_ENCODING);
	buf_release(&record.log);
}

static void test_reader_never_takes_a_nul_byte_for_the_end(void **state)
{
	(void)state;
	static const struct str texts[] = {
		{ "<a>\0</a>", 8 }, { "<a/>\0<b/>", 9 }, { "<a x=\"\0\"/>", 10 }, { "\0<a/>", 5 },
		{ "<a/>\0", 5 },    { "<a>b\0</a>", 9 }, { "<a><b/>\0</a>", 12 },
	};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct record record = { 0 };
		struct xml_fault fault;
		enum xml_outcome outcome = read_text(texts[i], &fault, &record);
		buf_release(&record.log);
		if (outcome != XML_MALFORMED && outcome != XML_ENCODING)
			fail_msg("text %zu with a NUL byte: outcome %d", i, outcome);
		if (outcome == XML_MALFORMED && !strstr(fault.text, "control character U+0000"))
			fail_msg("text %zu with a NUL byte: %s", i, fault.text);
	}
}

static enum xml_outcome read_nested(size_t depth, size_t max_depth)
{
	struct buf text;
	struct record record = { 0 };
	struct xml_fault fault;
	struct xml_limits deep = { .max_depth = max_depth, .max_attribute_bytes = 1024 };
	buf_init(&text, 1 << 24);
	for (size_t i = 0; i < depth; i++)
		buf_text(&text, "<a>");
	for (size_t i = 0; i < depth; i++)
		buf_text(&text, "</a>");
	buf_init(&record.log, 1 << 24);
	struct xml_reader *reader = xml_reader_new();
	enum xml_outcome outcome =
		xml_read(reader, buf_view(&text), &deep, &log_handler, &record, &fault);
	xml_reader_free(reader);
	buf_release(&text);
	buf_release(&record.log);
	return outcome;
}

static void test_reader_goes_as_deep_as_the_limit_and_no_deeper(void **state)
{
	(void)state;
	assert_int_equal(read_nested(256, 256), XML_READ);
	assert_int_equal(read_nested(257, 256), XML_LIMIT);
	assert_int_equal(read_nested(100000, 256), XML_LIMIT);
}

static enum xml_outcome read_with_value(size_t bytes)
{
	struct buf text;
	struct record record = { 0 };
	struct xml_fault fault;
	buf_init(&text, 1 << 24);
	buf_text(&text, "<a x=\"");
	for (size_t i = 0; i < bytes; i++)
		buf_char(&text, 'v');
	buf_text(&text, "\"/>");
	enum xml_outcome outcome = read_text(buf_view(&text), &fault, &record);
	buf_release(&text);
	buf_release(&record.log);
	return outcome;
}

static void test_reader_takes_values_as_long_as_the_limit_and_no_longer(void **state)
{
	(void)state;
	assert_int_equal(read_with_value(1024 * 1024), XML_READ);
	assert_int_equal(read_with_value(1024 * 1024 + 1), XML_LIMIT);
}

static void test_names_are_numbered_once_and_found_again(void **state)
{
	(void)state;
	xml_name name = xml_names_add(NS_HL7, "test-name-of-this-test");
	assert_int_not_equal(name, 0);
	assert_int_equal(xml_names_add(NS_HL7, "test-name-of-this-test"), name);
	assert_int_equal(xml_names_find(NS_HL7, "test-name-of-this-test"), name);
	assert_int_equal(xml_names_find(NS_ITK, "test-name-of-this-test"), 0);
	assert_string_equal(xml_names_local(name), "test-name-of-this-test");
	assert_int_equal(xml_names_namespace(name), NS_HL7);
}

static int setup(void **state)
{
	(void)state;
	xml_setup();
	return 0;
}

static int cleanup(void **state)
{
	(void)state;
	xml_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_numbered_once_and_found_again),
		cmocka_unit_test(test_reader_tells_the_offset_of_tags_attributes_values_and_text),
		cmocka_unit_test(
			test_reader_tells_offsets_across_crlf_tabs_and_spaces_around_equals),
		cmocka_unit_test(test_reader_tells_where_values_with_entities_start),
		cmocka_unit_test(test_reader_tells_attributes_of_one_name_in_two_namespaces_apart),
		cmocka_unit_test(test_reader_is_not_misled_by_greater_than_signs_in_values),
		cmocka_unit_test(test_reader_gives_text_its_place_whatever_its_line_ends),
		cmocka_unit_test(test_reader_gives_cdata_and_comments_their_place),
		cmocka_unit_test(test_reader_reads_many_documents_one_after_another),
		cmocka_unit_test(test_reader_tells_white_space_only_where_it_may_be_a_value),
		cmocka_unit_test(test_reader_starts_each_document_afresh),
		cmocka_unit_test(test_reader_stops_when_the_handler_wants_no_more),
		cmocka_unit_test(test_reader_tells_what_is_wrong_and_where),
		cmocka_unit_test(test_reader_hands_on_no_tag_that_breaks_off),
		cmocka_unit_test(test_reader_takes_utf8_with_a_byte_order_mark_and_ascii),
		cmocka_unit_test(test_reader_refuses_a_second_byte_order_mark),
		cmocka_unit_test(test_reader_tells_where_the_first_instruction_starts),
		cmocka_unit_test(test_reader_counts_the_namespaces_that_are_in_scope),
		cmocka_unit_test(test_reader_resolves_types_by_what_is_in_scope),
		cmocka_unit_test(
			test_reader_refuses_other_bytes_in_a_document_that_says_it_is_ascii),
		cmocka_unit_test(test_reader_finds_an_encoding_after_any_number_of_blanks),
		cmocka_unit_test(test_reader_never_takes_a_nul_byte_for_the_end),
		cmocka_unit_test(test_reader_goes_as_deep_as_the_limit_and_no_deeper),
		cmocka_unit_test(test_reader_takes_values_as_long_as_the_limit_and_no_longer),
	};
	return cmocka_run_group_tests_name("xml", tests, setup, cleanup);
}
