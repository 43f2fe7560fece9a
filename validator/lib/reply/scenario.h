/*
 * scenario.h - outcomes that cannot be provoked by a message: which requests get them, and what.
 *
 * The NHS numbers of both published stubs are built in; a YAML file of the user's adds others
 * (cpis-scenario(5)). A scenario is a sequence: each request that it fits takes the next step, and
 * the last one stays, or the sequence begins again.
 */
#ifndef CPIS_REPLY_SCENARIO_H
#define CPIS_REPLY_SCENARIO_H

#include "config/fields.h"
#include "reply/answer.h"

enum scenario_reply {
	SCENARIO_NORMAL, /* as if there were no scenario */
	SCENARIO_FOUND,	 /* an invented record */
	SCENARIO_NOT_FOUND,
	SCENARIO_SPINE_FAULT,
	SCENARIO_EBXML_ERROR,
	SCENARIO_MCCI,
	SCENARIO_ITK_FAULT,
	SCENARIO_STATUS,
	SCENARIO_FILE,
	SCENARIO_RECORD,
	SCENARIO_SILENCE,
	SCENARIO_REPLY_COUNT
};

/* How a reply is wrong on purpose. */
enum scenario_wrong {
	WRONG_NOT,
	WRONG_NOT_WELL_FORMED,
	WRONG_MESSAGE_REF, /* it refers to another message */
	WRONG_NHS_NUMBER,  /* it is about another child */
	WRONG_COUNT,	   /* its total is one too many */
	WRONG_EMPTY,	   /* it has no body */
	SCENARIO_WRONG_COUNT
};

/* One reply of a sequence. */
struct scenario_step {
	struct config_place place;
	struct config_number reply; /* enum scenario_reply */
	struct config_text code, text;
	struct config_number delay, trickle, trickle_delay, cut; /* ms, bytes, ms, bytes */
	struct config_number wrong;				 /* enum scenario_wrong */
	struct config_number status;
};

struct scenario {
	struct config_place place;
	struct config_text name, nhs_number, message_id;
	struct config_number door; /* index of its name; not given: any */
	struct scenario_step *steps;
	size_t step_count;
	struct config_number again; /* 1: the sequence begins again */
	size_t used;		    /* steps taken so far */
};

struct scenarios {
	struct config_place place;
	struct scenario *items;
	size_t count;
	bool stubs; /* the triggers of the published stubs too */
};

/* What a request is known by, for the choice. */
struct scenario_key {
	const char *name; /* asked for by header; NULL */
	struct str nhs_number, message_id;
	enum channel channel;
};

/* A file of scenarios. */
extern const struct mapping scenarios_mapping;

/* Read a file; every problem is added. Texts are in the loader's arena. */
void scenarios_load(struct scenarios *scenarios, struct arena *arena, const char *path,
		    struct problems *problems);

/*
 * The step for a request; NULL: there is none. *name gets the scenario's. Takes the step, so the
 * caller must hold the lock of the scenarios.
 */
const struct scenario_step *scenarios_next(struct scenarios *scenarios,
					   const struct scenario_key *key, const char **name);
/* All sequences begin again. */
void scenarios_reset(struct scenarios *scenarios);

/* Make the content that a step asks for. False: the step says nothing of the content. */
bool scenario_content(struct content *content, const struct scenario_step *step,
		      const struct request *request);

#endif
