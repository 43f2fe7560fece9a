/*
 * schema_faults.h - what a compiled schema finds in a document that a test wrote.
 */
#ifndef CPIS_TESTS_SCHEMA_FAULTS_H
#define CPIS_TESTS_SCHEMA_FAULTS_H

#include "schema/validation.h"
#include "xml/reader.h"

enum { MOST_FAULTS = 16 };

/* Amended faults are given as amended. Values are shown. */
struct schema_faults {
	size_t count;
	struct {
		enum schema_fault_kind kind;
		size_t offset;
		int actual_mask;
		char message[512], fix[256], expected[512], actual[128];
	} at[MOST_FAULTS];
	/* Those that one of another kind stands for: both kinds, in order. */
	size_t behind_count;
	struct {
		enum schema_fault_kind kind, cause;
		size_t offset;
	} behind[MOST_FAULTS];
	const char *document;
	enum xml_outcome outcome;
};

extern const struct schema_tables schema_tables_tests; /* of tests/data/schema/ */

/* Once for a program, before the first document. */
void schema_faults_setup(void);

/* Every fault of a document; a fault that is amended without having been reported fails the test.
 */
struct schema_faults schema_faults_of(const struct schema_tables *tables, const char *schema,
				      const char *document);

/* Where a text first occurs in the document. */
size_t schema_faults_place(const struct schema_faults *faults, const char *text);

#endif
