/*
 * content.h - the content of a type as a deterministic automaton over names.
 */
#ifndef CPIS_GEN_CONTENT_H
#define CPIS_GEN_CONTENT_H

#include "model.h"

struct move {
	const struct element *element;
	unsigned next; /* state of the machine */
	unsigned slot;
	bool counted; /* stays in its state, which has a limit */
};

struct state {
	bool accepting;
	struct list moves;	    /* struct move */
	const struct particle *any; /* NULL: no wildcard */
	unsigned any_next;
	unsigned slot, copy; /* what was matched last, for the how-manieth time; copy 0: unknown */
	uint32_t limit;	     /* of a counted move; 0: none */
};

/* One name among the children of a type. */
struct slot {
	const struct element *element;
	uint32_t min, max;
	unsigned choice; /* elements of one number exclude each other; 0: none */
};

struct machine {
	struct list states; /* struct state; the start first */
	struct list slots;  /* struct slot, in order of the schema */
	unsigned base;	    /* number of the first state in the tables */
	unsigned first_slot;
};

/* Stops the build where two particles compete for one element (Unique Particle Attribution). */
struct machine *machine_of(struct model *model, const struct type *type);

#endif
