/*
 * schema_choice.h - which schema judges a message: the built-in one, or one of the user's folder;
 * what of a message is not judged by it, because Spine itself sends it otherwise; and what a
 * finding says of a fault.
 */
#ifndef CPIS_ENGINE_SCHEMA_CHOICE_H
#define CPIS_ENGINE_SCHEMA_CHOICE_H

#include "message/catalogue.h"
#include "xml/schema.h"

struct cpis_failure;
struct draft_finding;
struct judge;
struct part;
struct schema_choice; /* one thread's */

/* Whether the published set has a schema for a type. The mini service's response, ITK and SOAP have
 * none there. */
bool schema_choice_is_published(const struct message_type *type);

/* folder NULL: the built-in schemas. -1 when the folder or a schema in it cannot be used. */
int schema_choice_new(struct schema_choice **out, const char *folder, struct cpis_failure *failure);
void schema_choice_free(struct schema_choice *choice);

/*
 * The schema of a message type; NULL when the folder has none, and then *why says so. What the
 * published set has no schema for is always judged by the built-in one.
 */
const struct schema *schema_choice_message(struct schema_choice *choice,
					   const struct message_type *type, const char **why);
/* Whether all queries of a response are in one place, once it is known. */
struct spine_queries {
	size_t response; /* one more than where it is; 0: it is not known of any */
	bool in_one;
};

/* Where a fault is. */
struct spine_place {
	const struct message_type *type; /* of the open message; NULL: none is open */
	const struct part *part;	 /* the innermost one that is open; NULL: none is */
	bool carried; /* the message is directly in the control act of a wrapper of another type */
	size_t depth; /* how many elements are open below the message's root */
	const struct xml_tag *tag; /* the start tag that shows it; NULL: no tag does */
	struct spine_queries *queries;
};

/*
 * Whether Spine's own builder of a message makes this fault, against the published schema: then it
 * is for information alone, and breaks nothing. Only in replies, which no supplier sends, and only
 * in the whole form that Spine sends.
 */
bool schema_choice_is_spines(const struct spine_place *place, const struct schema_fault *fault);
/*
 * What to say of a version code that RC5 Patch A added: the schema set of RC5 refuses it, and that
 * of Patch A takes it. Static. NULL: the fault is another one.
 */
const char *schema_choice_patch_a(const struct schema_fault *fault);
/* Let a finding say what the fault does, with its own copies and values masked. */
void schema_choice_say(struct judge *judge, struct draft_finding *finding,
		       const struct schema_fault *fault);
/* Let it say that nothing needs to be done. patch_a: what to say of it; NULL: Spine sends it. */
void schema_choice_let_through(struct draft_finding *finding, const char *patch_a);
/* The built-in schema of an envelope. */
const struct schema *schema_choice_built_in(const char *path);

#endif
