/*
 * journal.h - a folder that cpis simulate --journal wrote, as evidence: which exchanges are in it,
 * whether they are as they were written, and which slot each fills.
 *
 * A slot for an exchange asks by XPath what the request and the reply say; names and order of files
 * decide nothing. All of it is worked out once, before the first case is run.
 */
#ifndef CPIS_PACK_JOURNAL_H
#define CPIS_PACK_JOURNAL_H

#include "pack/evidence.h"
#include "pack/pack.h"

struct cpis_options;

/* A request and what was answered. In order of number, from 1. */
struct exchange {
	size_t number;
	long long time; /* seconds since 1970; 0: the journal has no line of it */
	bool silent;	/* by its line it was not answered */
	const struct evidence_file *request, *reply, *results; /* NULL: not there */
};

/* Exchanges that a slot asks for, by index. */
struct slot_exchanges {
	const struct pack_case *test;
	size_t *items;
	size_t count, room;
};

/* Zeroed: the evidence is not a journal. */
struct journal {
	struct arena arena;
	struct exchange *items;
	size_t count, room;
	struct slot_exchanges *slots; /* of all packs of the run */
	size_t slot_count;
	struct buf faults; /* what is wrong with it, a sentence each, without full stops */
};

/*
 * Read it, and fill the slots of the packs. Nothing is read where the evidence has no journal.jsonl
 * or no pack asks for exchanges. -1: out of memory. Release it in any case.
 */
int journal_read(struct journal *journal, const struct evidence *evidence,
		 const struct pack *const *packs, size_t pack_count,
		 const struct cpis_options *options);
void journal_release(struct journal *journal);

/* The exchanges of a case; NULL: the evidence is not a journal, or the case does not ask. */
const struct slot_exchanges *journal_slot(const struct journal *journal,
					  const struct pack_case *test);
/* Whether a file is of the journal itself, or of an exchange that the slot asks for. */
bool journal_is_own(const struct journal *journal, const struct evidence_file *file);
bool journal_fills(const struct journal *journal, const struct slot_exchanges *slot,
		   const struct evidence_file *file);

#endif
