/*
 * prepare.h - a case made ready: everything that it needs, opened and checked once, before anything
 * is judged.
 *
 * What a case names must be usable: messages that can be read and edited, places that select
 * something in them, Schematron and data sets that can be understood. Anything else is a problem
 * at its place in the pack. Linting, running and mutating all prepare their cases here.
 */
#ifndef CPIS_PACK_PREPARE_H
#define CPIS_PACK_PREPARE_H

#include "base/buf.h"
#include "compare/record.h"
#include "pack/documents.h"
#include "pack/pack.h"

struct evidence_file;
struct schematron;

/* The bytes that a case judges: of a message of the pack, or of a file of the evidence folder. */
struct pack_message {
	struct buf bytes;
	struct pack_documents documents; /* none where they are not needed */
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

/* A file that a supplier sent, taken apart as judging by the options does. False with a reason in
 * why when it cannot be read. */
bool pack_message_open_evidence(struct pack_message *message, const struct evidence_file *file,
				const struct pack *pack, const struct pack_case *test,
				const struct cpis_options *options, char *why, size_t bytes);

/* A zeroed one may be closed too. */
void pack_message_close(struct pack_message *message);

/* Data sets by the name that a pack gives them; each is read once, however many cases name it. */
struct data_set {
	const char *name; /* of the pack */
	struct child_records records;
	struct data_set *next;
};

struct data_sets {
	struct arena arena;
	struct data_set *first;
};

void data_sets_init(struct data_sets *sets);
void data_sets_release(struct data_sets *sets);

/* Zeroed is not prepared. A message that the case does not have is empty. */
struct prepared {
	bool ready;
	struct pack_message message, request, response;
	struct schematron **schematrons; /* by assertion of the case; NULL: it is not Schematron */
	size_t schematron_count;
	const struct child_records *records; /* that the case expects, in the data sets; or NULL */
};

/*
 * Prepare a case. 0 when it is ready. -1 when something cannot be used: the problems are added, and
 * prepared is not touched. A case that is faulty already is checked further, and gives -1 too. A
 * data set that cannot be used is a problem of the first case that names it.
 */
int prepare_case(struct prepared *prepared, const struct pack *pack, const struct pack_case *test,
		 struct data_sets *sets, struct problems *problems);

/* Prepare each case in turn, only to find problems. */
void prepare_all(const struct pack *pack, struct problems *problems);

/* The bytes of its messages. */
size_t prepared_bytes(const struct prepared *prepared);

void prepared_release(struct prepared *prepared);

#endif
