/*
 * schema_choice.h - which schema judges a message: the built-in one, or one of the user's folder;
 * and what of a message is not judged by it, because Spine itself sends it otherwise.
 */
#ifndef CPIS_ENGINE_SCHEMA_CHOICE_H
#define CPIS_ENGINE_SCHEMA_CHOICE_H

#include "message/catalogue.h"
#include "xml/schema.h"

struct cpis_failure;
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
/*
 * Whether Spine's own builder of a message makes this fault, against the published schema: then it
 * is for information alone, and breaks nothing. Only in replies, which no supplier sends. type
 * NULL: no message is open. refused: the interaction that carries the message and says that a
 * request was refused; NULL: none does. depth: how many elements are open below the message's root.
 */
bool schema_choice_is_spines(const struct message_type *type, const char *refused,
			     const struct schema_fault *fault, size_t depth);
/*
 * What to say of a version code that RC5 Patch A added: the schema set of RC5 refuses it, and that
 * of Patch A takes it. Static. NULL: the fault is another one.
 */
const char *schema_choice_patch_a(const struct schema_fault *fault);
/* The built-in schema of an envelope. */
const struct schema *schema_choice_built_in(const char *path);

#endif
