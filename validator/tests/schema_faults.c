#include "schema_faults.h"

#include "diag/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

struct run {
	struct schema_faults *faults;
	struct schema_validation *validation;
	const struct schema_engine *engine;
	struct masker *masker;
};

static void keep(struct run *run, size_t i, const struct schema_fault *fault)
{
	struct arena arena;
	arena_init(&arena);
	run->faults->at[i].kind = fault->kind;
	run->faults->at[i].offset = fault->offset;
	run->faults->at[i].actual_mask = fault->actual_mask;
	snprintf(run->faults->at[i].message, sizeof(run->faults->at[i].message), "%s",
		 masker_resolve(run->masker, &arena, str_of(fault->message)));
	snprintf(run->faults->at[i].fix, sizeof(run->faults->at[i].fix), "%s",
		 fault->fix ? fault->fix : "");
	snprintf(run->faults->at[i].expected, sizeof(run->faults->at[i].expected), "%s",
		 fault->expected ? fault->expected : "");
	snprintf(run->faults->at[i].actual, sizeof(run->faults->at[i].actual), "%.*s",
		 STR_ARG(fault->actual));
	arena_release(&arena);
}

static void on_fault(void *context, const struct schema_fault *fault)
{
	struct run *run = context;
	if (run->faults->count < MOST_FAULTS)
		keep(run, run->faults->count, fault);
	run->faults->count++;
}

static void on_amend(void *context, const struct schema_fault *was, const struct schema_fault *is)
{
	struct run *run = context;
	for (size_t i = run->faults->count; i-- > 0;) {
		if (run->faults->at[i].offset != was->offset ||
		    run->faults->at[i].kind != was->kind ||
		    strcmp(run->faults->at[i].message, was->message) != 0)
			continue;
		keep(run, i, is);
		return;
	}
	fail_msg("amended, but never reported: %s", was->message);
}

static void on_behind(void *context, const struct schema_fault *fault, enum schema_fault_kind cause)
{
	struct schema_faults *faults = ((struct run *)context)->faults;
	size_t i = faults->behind_count++;
	if (i >= MOST_FAULTS)
		return;
	faults->behind[i].kind = fault->kind;
	faults->behind[i].cause = cause;
	faults->behind[i].offset = fault->offset;
}

static int on_start(void *context, const struct xml_tag *tag)
{
	struct run *run = context;
	return run->engine->element(run->validation, tag);
}

static int on_end(void *context, size_t offset)
{
	struct run *run = context;
	return run->engine->end_element(run->validation, offset);
}

static int on_text(void *context, struct str text, size_t offset)
{
	struct run *run = context;
	return run->engine->text(run->validation, text, offset);
}

void schema_faults_setup(void)
{
	xml_setup();
	assert_int_equal(schema_compiled_setup(), 0);
	assert_int_equal(schema_tables_setup(&schema_tables_tests), 0);
}

struct schema_faults schema_faults_of(const struct schema_tables *tables, const char *schema,
				      const char *document)
{
	static const struct xml_handler handler = { .start = on_start,
						    .end = on_end,
						    .text = on_text };
	static const struct xml_limits limits = { .max_depth = 64, .max_attribute_bytes = 65536 };
	struct schema_faults faults = { .document = document };
	struct compiled_schema compiled;
	if (!schema_tables_find(tables, schema, &compiled))
		fail_msg("no schema %s", schema);
	struct run run = { .faults = &faults, .engine = compiled.schema.engine };
	struct schema_sink sink = { on_fault, on_amend, &run, on_behind };
	struct xml_reader *reader = xml_reader_new();
	struct xml_fault fault;
	run.masker = masker_new(1);
	run.validation = run.engine->start(&compiled.schema, &sink);
	assert_non_null(reader);
	assert_non_null(run.masker);
	assert_non_null(run.validation);
	faults.outcome = xml_read(reader, str_of(document), &limits, &handler, &run, &fault);
	run.engine->finish(run.validation);
	masker_free(run.masker);
	xml_reader_free(reader);
	return faults;
}

size_t schema_faults_place(const struct schema_faults *faults, const char *text)
{
	const char *found = strstr(faults->document, text);
	if (!found)
		fail_msg("%s is not in the document", text);
	return found ? (size_t)(found - faults->document) : 0;
}
