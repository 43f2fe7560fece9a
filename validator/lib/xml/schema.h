/*
 * schema.h - the check of XML events against a schema: one interface for two engines.
 *
 * A validation follows one element (the root of a message, or of an envelope) from its start tag to
 * its end tag, on the events of the one parse pass. It reports faults as it meets them through the
 * sink of its caller; the caller gives them line, column and path, all derived from the offset.
 *
 * Engines: tables compiled at build time from schemas/ (schema/compiled.c), and libxml2's own XSD
 * engine (xml/xsd.c) for a user's own schemas and as the oracle that the tables are compared with.
 */
#ifndef CPIS_XML_SCHEMA_H
#define CPIS_XML_SCHEMA_H

#include "base/str.h"

struct xml_tag;

/* The kinds of structure fault, each a SCH rule of its own. */
enum schema_fault_kind {
	SCHEMA_ELEMENT_UNEXPECTED = 1, /* SCH-001 */
	SCHEMA_ELEMENT_MISSING,	       /* SCH-002 */
	SCHEMA_ATTRIBUTE_MISSING,      /* SCH-003 */
	SCHEMA_ATTRIBUTE_UNEXPECTED,   /* SCH-004 */
	SCHEMA_VALUE_OF_TYPE,	       /* SCH-005 */
	SCHEMA_VALUE_OF_SET,	       /* SCH-006 */
	SCHEMA_TEXT_UNEXPECTED,	       /* SCH-007 */
	SCHEMA_NIL,		       /* SCH-008 */
	SCHEMA_FIXED_DIFFERS,	       /* SCH-009 */
	SCHEMA_FIXED_BY_MODEL	       /* SCH-010 */
};

/*
 * One fault. All strings are borrowed for the call. message is a sentence for a person, without the
 * place; a value of the message is in it only between the marks of diag/mask.h. fix says what to
 * do, or is NULL for the fix of the rule.
 */
struct schema_fault {
	enum schema_fault_kind kind;
	size_t offset; /* of the fault: the element's '<', the attribute's name or value, the text
			*/
	const char *message;
	const char *fix;
	const char *expected; /* short, or NULL */
	struct str actual;    /* as it is in the message, unmasked; absent where there is nothing */
	int actual_mask;      /* enum mask_kind: what actual may say about a person; 0: not known */
	size_t inside;	      /* 0, or where the element starts that stands for all that is in it */
};

struct schema_sink {
	void (*fault)(void *context, const struct schema_fault *fault);
	/*
	 * The fault last reported about this parent turns out to be another one: the element that
	 * was called missing comes later, so it is out of place, not missing. NULL: not wanted.
	 */
	void (*amend)(void *context, const struct schema_fault *was, const struct schema_fault *is);
	void *context;
	/*
	 * A fault that a finding of another kind, cause, stands for as well: an attribute that is
	 * missing because it is misspelt. It counts where that one does not. NULL: not wanted.
	 */
	void (*behind)(void *context, const struct schema_fault *fault,
		       enum schema_fault_kind cause);
};

struct schema;		  /* a loaded schema; read-only once open, shared by threads */
struct schema_validation; /* of one element; belongs to one thread */

struct schema_engine {
	/* Start a validation whose first event is the start tag of the root. NULL when out of
	 * memory. */
	struct schema_validation *(*start)(const struct schema *schema,
					   const struct schema_sink *sink);
	/* 0, or -1 when the engine cannot go on (memory): the verdict is then incomplete. */
	int (*element)(struct schema_validation *validation, const struct xml_tag *tag);
	int (*text)(struct schema_validation *validation, struct str text, size_t offset);
	/* offset of the byte after the end tag (after the start tag of an empty element) */
	int (*end_element)(struct schema_validation *validation, size_t offset);
	/* Ends and frees the validation, complete or not. Accepts NULL. */
	void (*finish)(struct schema_validation *validation);
};

struct schema {
	const struct schema_engine *engine;
};

#endif
