/* The catalogue and the bindings, against independent implementations. */
#include "base/buf.h"
#include "engine/engine.h"
#include "message/binding.h"
#include "message/bindings.h"
#include "message/catalogue.h"
#include "message/parts.h"
#include "run_cli.h"
#include "xml/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The catalogue, asked with the first tag of a document. */
struct asked {
	const struct message_type *type;
	const struct frame_type *frame;
	bool smsp, wraps;
};

static int ask(void *context, const struct xml_tag *tag)
{
	struct asked *asked = context;
	asked->smsp = catalogue_looks_smsp(tag);
	asked->type = catalogue_message(tag, asked->smsp);
	asked->frame = catalogue_frame(tag);
	asked->wraps = catalogue_wraps_interaction(tag);
	return -1;
}

static const struct xml_limits limits = { .max_depth = 256, .max_attribute_bytes = 1024 * 1024 };

static struct asked ask_of(const char *text)
{
	struct asked asked = { 0 };
	struct xml_handler handler = { .start = ask };
	struct xml_fault fault;
	struct xml_reader *reader = xml_reader_new();
	xml_read(reader, str_of(text), &limits, &handler, &asked, &fault);
	xml_reader_free(reader);
	return asked;
}

#define HL7 " xmlns='urn:hl7-org:v3'"

static void test_every_message_type_is_recognised_by_root_and_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < message_type_count; i++) {
		const struct message_type *type = &message_types[i];
		char text[512];
		snprintf(text, sizeof(text), "<x:%s xmlns:x='%s'><x:id/>%s</x:%s>", type->root,
			 xml_namespace_uris[type->ns], type->smsp ? "<x:value/>" : "", type->root);
		assert_ptr_equal(ask_of(text).type, type);
		snprintf(text, sizeof(text), "<x:%s xmlns:x='urn:other'/>", type->root);
		assert_null(ask_of(text).type);
		snprintf(text, sizeof(text), "<%s/>", type->root);
		assert_null(ask_of(text).type);
		assert_ptr_equal(catalogue_find(type->id), type);
		assert_ptr_equal(catalogue_find(type->alias), type);
	}
}

static void test_the_mini_service_response_is_told_by_its_value_behind_comments_and_prefixes(
	void **state)
{
	(void)state;
	assert_true(ask_of("<CP-ISNHSQueryResponse" HL7 "><effectiveTime/><id/><value/>"
			   "</CP-ISNHSQueryResponse>")
			    .smsp);
	assert_true(ask_of("<h:CP-ISNHSQueryResponse xmlns:h='urn:hl7-org:v3'><!-- <id/> <x/> -->"
			   "<h:id/><h:value/></h:CP-ISNHSQueryResponse>")
			    .smsp);
	/* With the id misspelt or doubled, itself misspelt, and late. */
	assert_true(ask_of("<CP-ISNHSQueryResponse" HL7 "><effectiveTime/><Idd/><id/><id/><value/>"
			   "</CP-ISNHSQueryResponse>")
			    .smsp);
	assert_true(ask_of("<CP-ISNHSQueryResponse" HL7 "><effectiveTime/><id/><vale/>"
			   "</CP-ISNHSQueryResponse>")
			    .smsp);
	assert_true(
		ask_of("<CP-ISNHSQueryResponse" HL7 "><effectiveTime/><id/>"
		       "<pertinentInformation11><x/><y><z/></y></pertinentInformation11><value/>"
		       "</CP-ISNHSQueryResponse>")
			.smsp);
	assert_false(ask_of("<CP-ISNHSQueryResponse" HL7 "/><value/>").smsp);
	assert_false(
		ask_of("<CP-ISNHSQueryResponse" HL7 "><id/></CP-ISNHSQueryResponse><value/>").smsp);
	assert_false(ask_of("<CP-ISNHSQueryResponse" HL7 "><effectiveTime/><id/><x><value/></x>"
			    "</CP-ISNHSQueryResponse>")
			     .smsp);
	assert_false(ask_of("<CP-ISNHSQueryResponse" HL7 "/>").smsp);
}

static void test_a_reply_that_only_wraps_an_interaction_is_told(void **state)
{
	(void)state;
	assert_true(ask_of("<CP-ISNHSQueryResponse" HL7 "><REPC_IN000007GB01/>"
			   "</CP-ISNHSQueryResponse>")
			    .wraps);
	assert_false(ask_of("<CP-ISNHSQueryResponse" HL7 "><id/></CP-ISNHSQueryResponse>").wraps);
	/* So is one whose interaction is misspelt, but not what is something else. */
	assert_true(
		ask_of("<CP-ISNHSQueryResponse><REPC_IN00007GB01/></CP-ISNHSQueryResponse>").wraps);
	assert_true(
		ask_of("<CP-ISNHSQueryResponse><REPC_IN00000GB01/></CP-ISNHSQueryResponse>").wraps);
	assert_true(ask_of("<NotKnown><MCCI_IN01000UK13/></NotKnown>").wraps);
	assert_false(ask_of("<NotKnown><PRPA_IN000203UK03/></NotKnown>").wraps);
	assert_false(ask_of("<CP-ISNHSQueryResponse" HL7 "><REPC_MT000007GB01/>"
			    "</CP-ISNHSQueryResponse>")
			     .wraps);
}

static struct unknown_element unknown_element(const char *local, enum xml_namespace ns,
					      const char *uri)
{
	const struct xml_tag tag = { .local = local, .ns = (uint16_t)ns, .uri = uri };
	return catalogue_unknown(&tag);
}

static void test_the_nearest_root_is_named_for_one_that_is_none(void **state)
{
	(void)state;
	const char *hl7 = xml_namespace_uris[NS_HL7];
	assert_string_equal(unknown_element("Flie", NS_HL7, hl7).meant, "File");
	assert_string_equal(unknown_element("CP-ISQuerystub", NS_HL7, hl7).meant, "CP-ISQueryStub");
	assert_string_equal(unknown_element("DistributionEnvelop", NS_NONE, NULL).home,
			    xml_namespace_uris[NS_ITK]);
	assert_null(unknown_element("html", NS_NONE, NULL).meant);
}

static void test_no_root_is_named_for_one_of_another_domain(void **state)
{
	(void)state;
	const char *hl7 = xml_namespace_uris[NS_HL7];
	assert_null(unknown_element("Flie", NS_UNKNOWN, "urn:example").meant);
	assert_string_equal(unknown_element("File", NS_UNKNOWN, "urn:example").home, hl7);
	assert_null(unknown_element("QUPC_IN160101UK05", NS_HL7, hl7).meant);
	assert_string_equal(unknown_element("QUPC_IN000006GB02", NS_HL7, hl7).meant,
			    "QUPC_IN000006GB01");
	assert_string_equal(unknown_element("ClinicalDocument", NS_HL7, hl7).what,
			    "a CDA document");
	assert_string_equal(unknown_element("REPC_MT000002GB01", NS_HL7, hl7).root_of, "File");
}

/* The bindings, over whole messages. */
struct bound {
	struct binder *binder;
	const struct binding_table *table;
	unsigned role;
	const char *document;
	size_t closed[PART_KIND_COUNT];
	size_t starts[4]; /* of plans, by enum plan_kind */
	struct buf said;
};

static void expect_value_in_place(const struct bound *bound, const struct value *value)
{
	if (!value_there(value) || !value->text.n ||
	    strchr(bound->document + value->offset, '&') == bound->document + value->offset)
		return;
	/* As far as the first reference: what follows it is decoded. */
	size_t n = strcspn(bound->document + value->offset, "&");
	n = n < value->text.n ? n : value->text.n;
	assert_memory_equal(bound->document + value->offset, value->text.p, n);
}

static void note_plan(struct bound *bound, const struct plan *plan)
{
	bound->starts[plan->part.role] += plan->start_count;
	assert_true(plan->start.moment.ok);
	expect_value_in_place(bound, &plan->start.value);
	if (plan->end_count)
		assert_true(moment_compare(&plan->start.moment, &plan->end.moment) <= 0);
}

static void note_upload(struct bound *bound, const struct upload *upload)
{
	buf_printf(&bound->said, "upload %.*s of %.*s, records %zu;",
		   STR_ARG(upload->id.extension.text), STR_ARG(upload->sender.name.text),
		   upload->record_count);
	expect_value_in_place(bound, &upload->quantity);
}

static void note_closed(void *context, const struct part *part)
{
	struct bound *bound = context;
	bound->closed[part->kind]++;
	assert_int_equal(bound->document[part->offset], '<');
	assert_int_equal(bound->document[part->offset + 1] == '/', false);
	if (part->kind == PART_PLAN)
		note_plan(bound, (const struct plan *)(const void *)part);
	if (part->kind == PART_UPLOAD)
		note_upload(bound, (const struct upload *)(const void *)part);
	if (part->kind == PART_IDENTIFIER) {
		const struct identifier *id = (const struct identifier *)(const void *)part;
		expect_value_in_place(bound, &id->root);
		expect_value_in_place(bound, &id->extension);
		expect_value_in_place(bound, &id->authority);
	}
	if (part->kind == PART_SUBJECT) {
		const struct subject *subject = (const struct subject *)(const void *)part;
		expect_value_in_place(bound, &subject->family);
		buf_printf(&bound->said, "%.*s;", STR_ARG(subject->family.text));
	}
}

static int bind_start(void *context, const struct xml_tag *tag)
{
	struct bound *bound = context;
	const struct binding_table *table = bound->table;
	bound->table = NULL;
	return binder_start(bound->binder, tag, table, bound->role);
}

static int bind_text(void *context, struct str text, size_t offset)
{
	return binder_text(((struct bound *)context)->binder, text, offset);
}

static int bind_end(void *context, size_t offset)
{
	(void)offset;
	binder_end(((struct bound *)context)->binder);
	return 0;
}

static struct bound bind_file(const char *path, const char *type)
{
	struct bound bound = { .table = catalogue_find(type)->table,
			       .role = catalogue_find(type)->role };
	size_t bytes;
	char *document = read_file(path, &bytes);
	static const struct xml_handler handler = { .start = bind_start,
						    .end = bind_end,
						    .text = bind_text };
	struct xml_fault fault;
	struct xml_reader *reader = xml_reader_new();
	buf_init(&bound.said, 65536);
	bound.document = document;
	bound.binder = binder_new(note_closed, &bound);
	binder_reset(bound.binder, document, bytes);
	assert_int_equal(xml_read(reader, (struct str){ document, bytes }, &limits, &handler,
				  &bound, &fault),
			 XML_READ);
	binder_free(bound.binder);
	xml_reader_free(reader);
	free(document);
	return bound;
}

static size_t count_in(const char *path, const char *needle)
{
	char *text = read_file(path, NULL);
	size_t count = 0;
	for (const char *p = text; (p = strstr(p, needle)); p++)
		count++;
	free(text);
	return count;
}

static void test_an_upload_is_bound_with_every_record_plan_and_subject(void **state)
{
	(void)state;
	const char *path = "testcases/messages/upload-five.xml";
	struct bound bound = bind_file(path, "upload");
	assert_int_equal(bound.closed[PART_UPLOAD], 1);
	assert_int_equal(bound.closed[PART_RECORD], 5);
	assert_int_equal(bound.closed[PART_SUBJECT], 5);
	assert_int_equal(bound.closed[PART_ORGANISATION], 1);
	assert_int_equal(bound.closed[PART_TELECOM], 2);
	assert_int_equal(bound.closed[PART_CONTENT_ID], count_in(path, "<npfitlc:contentId "));
	assert_int_equal(bound.starts[PLAN_LOOKED_AFTER], count_in(path, "<lACStartDate>"));
	assert_int_equal(bound.starts[PLAN_CHILD_PROTECTION], count_in(path, "<cPPStartDate>"));
	assert_int_equal(bound.starts[PLAN_UNBORN_CHILD], count_in(path, "<uCPStartDate>"));
	assert_non_null(strstr(bound.said.p, "upload 42 of Ashwick & Dunmere Council, records 5;"));
	assert_non_null(strstr(bound.said.p, "Quillfeather;Marrow-Fenn;"));
	buf_release(&bound.said);
}

static void test_a_response_is_bound_with_its_accesses_and_records(void **state)
{
	(void)state;
	struct bound bound = bind_file("testcases/messages/response-three.xml", "response");
	assert_int_equal(bound.closed[PART_RESPONSE], 1);
	assert_int_equal(bound.closed[PART_RECORD], 3);
	assert_true(bound.closed[PART_QUERY] > 0);
	buf_release(&bound.said);
}

static int setup(void **state)
{
	(void)state;
	return engine_setup();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_message_type_is_recognised_by_root_and_namespace),
		cmocka_unit_test(
			test_the_mini_service_response_is_told_by_its_value_behind_comments_and_prefixes),
		cmocka_unit_test(test_a_reply_that_only_wraps_an_interaction_is_told),
		cmocka_unit_test(test_the_nearest_root_is_named_for_one_that_is_none),
		cmocka_unit_test(test_no_root_is_named_for_one_of_another_domain),
		cmocka_unit_test(test_an_upload_is_bound_with_every_record_plan_and_subject),
		cmocka_unit_test(test_a_response_is_bound_with_its_accesses_and_records),
	};
	return cmocka_run_group_tests_name("message", tests, setup, NULL);
}
