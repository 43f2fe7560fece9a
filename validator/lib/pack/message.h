/*
 * message.h - the bytes that a case judges, and their tree where XPath is evaluated: messages of
 * the pack and files of the evidence folder.
 */
#ifndef CPIS_PACK_MESSAGE_H
#define CPIS_PACK_MESSAGE_H

#include "base/buf.h"
#include "pack/pack.h"
#include "xml/tree.h"

struct pack_message {
	struct buf bytes;
	struct xml_tree *tree;	 /* NULL: not needed, or there is none */
	struct tree_fault fault; /* why there is none */
};

/* Whether XPath is evaluated on the messages of the case: an expectation or a waiver has a place.
 */
bool pack_case_needs_tree(const struct pack *pack, const struct pack_case *test);

/*
 * A fixed message of a case, edited. -1 when it cannot be read or edited: problems at their place
 * in the pack. A message without edits need not be well-formed.
 */
int pack_message_open(struct pack_message *message, const struct pack *pack,
		      const struct pack_case *test, const struct pack_fixed *fixed,
		      struct problems *problems);

/* A file that a supplier sent. False with a reason in why when it cannot be read. */
bool pack_message_open_evidence(struct pack_message *message, const char *path,
				const struct pack *pack, const struct pack_case *test, char *why,
				size_t bytes);

/*
 * Files of the evidence folder whose names match a pattern in its last part, as paths below the
 * folder, in order of name (by bytes). *count is 0 when there is none. -1 when the folder cannot be
 * read or the program is out of memory, with a reason in why.
 */
int pack_evidence_match(struct arena *arena, const char *folder, const char *pattern,
			const char ***names, size_t *count, char *why, size_t bytes);

/* A zeroed one may be closed too. */
void pack_message_close(struct pack_message *message);

#endif
