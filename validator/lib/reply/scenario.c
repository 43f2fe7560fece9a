#include "reply/scenario.h"

#include "base/near.h"
#include "config/value.h"
#include "message/identifiers.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const reply_names[] = {
	[SCENARIO_NORMAL] = "normal",		[SCENARIO_FOUND] = "found",
	[SCENARIO_NOT_FOUND] = "not-found",	[SCENARIO_SPINE_FAULT] = "spine-fault",
	[SCENARIO_EBXML_ERROR] = "ebxml-error", [SCENARIO_MCCI] = "application-error",
	[SCENARIO_ITK_FAULT] = "itk-fault",	[SCENARIO_STATUS] = "mini-service-status",
	[SCENARIO_FILE] = "file-code",		[SCENARIO_RECORD] = "record-code",
	[SCENARIO_SILENCE] = "silence",		NULL,
};

static const char *const wrong_names[] = {
	[WRONG_NOT] = "nothing",
	[WRONG_NOT_WELL_FORMED] = "not-well-formed",
	[WRONG_MESSAGE_REF] = "message-ref",
	[WRONG_NHS_NUMBER] = "nhs-number",
	[WRONG_COUNT] = "count",
	[WRONG_EMPTY] = "empty",
	NULL,
};

static const char *const doors[] = { "spine", "ebxml", "itk", "mesh", NULL };
static const enum channel door_channels[] = { CHANNEL_SPINE, CHANNEL_EBXML, CHANNEL_ITK,
					      CHANNEL_MESH };

#define STEP(member) .offset = offsetof(struct scenario_step, member)

static const struct field step_fields[] = {
	{ "reply", FIELD_CHOICE, .required = true, .choices = reply_names, STEP(reply),
	  .about = "what is answered; normal: as if there were no scenario" },
	{ "code", FIELD_TEXT, STEP(code), .about = "the code of the reply, where it has one" },
	{ "text", FIELD_TEXT, STEP(text), .about = "the words of the reply" },
	{ "status", FIELD_NUMBER, STEP(status), .least = 100, .most = 599,
	  .about = "the HTTP status, in place of the usual one" },
	{ "delay", FIELD_NUMBER, STEP(delay), .about = "milliseconds before the first byte" },
	{ "trickle", FIELD_NUMBER, STEP(trickle), .about = "so many bytes at a time" },
	{ "trickle-delay", FIELD_NUMBER, STEP(trickle_delay),
	  .about = "milliseconds between them" },
	{ "cut", FIELD_NUMBER, STEP(cut), .about = "the connection ends after so many bytes" },
	{ "wrong", FIELD_CHOICE, .choices = wrong_names, STEP(wrong),
	  .about = "a fault on purpose" },
};

static const struct mapping step_mapping = {
	.what = "a reply",
	.bytes = sizeof(struct scenario_step),
	FIELDS(step_fields),
	.shorthand = "reply",
};

#define SCENARIO(member) .offset = offsetof(struct scenario, member)

static const struct field scenario_fields[] = {
	{ "name", FIELD_TEXT, .required = true, .check = value_is_id, SCENARIO(name),
	  .about = "a request with the header Cpis-Scenario: NAME gets it, whatever it asks for" },
	{ "nhs-number", FIELD_TEXT, .check = value_is_nhs_number, SCENARIO(nhs_number),
	  .about = "the NHS number asked for: of the range that is never issued, from 999 000 "
		   "0000" },
	{ "message-id", FIELD_TEXT, SCENARIO(message_id), .about = "the id of the request" },
	{ "door", FIELD_CHOICE, .choices = doors, SCENARIO(door),
	  .about = "for requests that come so; without it, for all" },
	{ "replies", FIELD_LIST, .required = true, .has_items = true, .of = &step_mapping,
	  SCENARIO(steps), .count_offset = offsetof(struct scenario, step_count),
	  .about = "each request that fits takes the next one, and the last one stays" },
	{ "again", FIELD_FLAG, SCENARIO(again),
	  .about = "true begins the sequence again after its last reply" },
};

static const struct mapping scenario_mapping = {
	.what = "a scenario",
	.bytes = sizeof(struct scenario),
	FIELDS(scenario_fields),
};

struct scenario_file {
	struct config_place place;
	struct scenario *items;
	size_t count;
	struct config_number stubs;
};

static const struct field file_fields[] = {
	{ "scenarios", FIELD_LIST, .required = true, .of = &scenario_mapping,
	  .offset = offsetof(struct scenario_file, items),
	  .count_offset = offsetof(struct scenario_file, count),
	  .about = "the first one that fits a request is taken" },
	{ "stubs", FIELD_FLAG, .offset = offsetof(struct scenario_file, stubs),
	  .about = "false turns off the NHS numbers of the published stubs" },
};

const struct mapping scenarios_mapping = {
	.what = "a file of scenarios",
	.bytes = sizeof(struct scenario_file),
	FIELDS(file_fields),
};

/* Lint */

struct needed {
	enum scenario_reply reply;
	const char *codes[12]; /* that it may have; none: any that is given */
	const char *doors;     /* that have such a reply, for the sentence */
	unsigned channels;
};

static const struct needed needs[] = {
	{ SCENARIO_SPINE_FAULT, { NULL }, "spine", CHANNEL_SPINE },
	{ SCENARIO_EBXML_ERROR, { NULL }, "ebxml or spine", CHANNEL_SPINE | CHANNEL_EBXML },
	{ SCENARIO_MCCI, { NULL }, "spine or ebxml", CHANNEL_SPINE | CHANNEL_EBXML },
	{ SCENARIO_ITK_FAULT, { "1000", "2100", "2200", "3000" }, "itk", CHANNEL_ITK },
	{ SCENARIO_STATUS,
	  { "SMSP-0001", "SMSP-0002", "SMSP-0003", "SMSP-0004", "SMSP-0005", "SMSP-9999",
	    "CPIS-0001", "CPIS-9999" },
	  "itk",
	  CHANNEL_ITK },
	{ SCENARIO_FILE, { "CPF01", "CPF05", "CPF06" }, "mesh", CHANNEL_ANY },
	{ SCENARIO_RECORD,
	  { "CPR01", "CPR02", "CPR03", "CPR04", "CPR05", "CPR07" },
	  "mesh",
	  CHANNEL_ANY },
};

static const struct needed *needs_of(const struct scenario_step *step)
{
	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		if ((size_t)needs[i].reply == step->reply.value)
			return &needs[i];
	return NULL;
}

static void check_code(const struct scenario_step *step, const struct needed *needed,
		       const char *file, struct problems *problems)
{
	const char *name = reply_names[step->reply.value];
	struct near near = near_start(str_of(step->code.text));
	char hint[128];
	if (!step->code.text) {
		problem_add(problems, file, step->reply.place, "the reply %s needs a code", name);
		return;
	}
	for (size_t i = 0; needed->codes[i]; i++) {
		if (strcmp(needed->codes[i], step->code.text) == 0)
			return;
		near_offer(&near, needed->codes[i]);
	}
	if (needed->codes[0])
		problem_add(problems, file, step->code.place,
			    "'%s' is not a code of the reply %s%s", step->code.text, name,
			    problem_hint(&near, hint, sizeof(hint)));
}

static void check_step(const struct scenario *scenario, const struct scenario_step *step,
		       const char *file, struct problems *problems)
{
	const struct needed *needed = needs_of(step);
	if (!step->reply.given)
		return;
	if (needed)
		check_code(step, needed, file, problems);
	else if (step->code.text)
		problem_add(problems, file, step->code.place, "the reply %s has no code",
			    reply_names[step->reply.value]);
	if (needed && scenario->door.given &&
	    !(needed->channels & door_channels[scenario->door.value]))
		problem_add(problems, file, step->reply.place,
			    "the reply %s is one of %s, and the scenario is for %s",
			    reply_names[step->reply.value], needed->doors,
			    doors[scenario->door.value]);
	if (step->trickle_delay.given && !step->trickle.given)
		problem_add(problems, file, step->trickle_delay.place,
			    "trickle-delay needs trickle, the number of bytes at a time");
}

static bool number_is_valid(const char *text)
{
	struct nhs_number number = nhs_number_of(str_of(text));
	return nhs_number_is_valid(&number);
}

static void check_scenario(const struct scenarios *scenarios, size_t index, const char *file,
			   struct problems *problems)
{
	const struct scenario *scenario = &scenarios->items[index];
	const char *number = scenario->nhs_number.text;
	for (size_t i = 0; i < index; i++)
		if (scenario->name.text && scenarios->items[i].name.text &&
		    strcmp(scenarios->items[i].name.text, scenario->name.text) == 0)
			problem_add(problems, file, scenario->name.place,
				    "there is a scenario '%s' already, in line %zu",
				    scenario->name.text, scenarios->items[i].name.place.line);
	if (number && !number_is_valid(number))
		problem_add(problems, file, scenario->nhs_number.place,
			    "'%s' has a wrong check digit: a client would not send it", number);
	else if (number && strncmp(number, "999", 3) != 0)
		problem_add(problems, file, scenario->nhs_number.place,
			    "'%s' may be a real person's: use a number from 999 000 0000", number);
	for (size_t i = 0; i < scenario->step_count; i++)
		check_step(scenario, &scenario->steps[i], file, problems);
}

void scenarios_load(struct scenarios *scenarios, struct arena *arena, const char *path,
		    struct problems *problems)
{
	struct scenario_file file = { 0 };
	const struct loader loader = { arena, path, problems, false };
	load_mapping_file(&loader, &scenarios_mapping, &file);
	scenarios->items = file.items;
	scenarios->count = file.count;
	scenarios->stubs = !file.stubs.given || file.stubs.value;
	for (size_t i = 0; i < file.count; i++)
		check_scenario(scenarios, i, path, problems);
}

/* The published stubs: their NHS numbers as they are */

struct stub {
	const char *number;
	unsigned channels;
	enum scenario_reply reply;
	const char *code, *text;
};

#define ITK_STUB(number, code)                                                                     \
	{                                                                                          \
		number, CHANNEL_ITK, SCENARIO_STATUS, code, NULL                                   \
	}
#define TMS (CHANNEL_SPINE | CHANNEL_EBXML)

static const struct stub stubs[] = {
	ITK_STUB("1111111111", "SMSP-0001"),
	ITK_STUB("2222222222", "SMSP-0002"),
	ITK_STUB("3333333333", "SMSP-0003"),
	ITK_STUB("4444444444", "SMSP-0004"),
	ITK_STUB("5555555555", "SMSP-0005"),
	ITK_STUB("6666666666", "SMSP-9999"),
	ITK_STUB("7777777777", "CPIS-9999"),
	ITK_STUB("8888888888", "CPIS-0001"),
	{ "1234567895", CHANNEL_ITK, SCENARIO_FOUND, NULL, NULL },
	{ "1111111111", TMS, SCENARIO_SILENCE, NULL, NULL },
	{ "2222222222", TMS, SCENARIO_EBXML_ERROR, "402005",
	  "error in finding the defined contract" },
	{ "9449310394", TMS, SCENARIO_FOUND, NULL, NULL },
	{ "9444459993", TMS, SCENARIO_SPINE_FAULT, "101", "HTTP Header - SOAPAction" },
	{ "9346424613", TMS, SCENARIO_MCCI, "GE002", "Unexpected business error encountered." },
	{ "9448904053", TMS, SCENARIO_NOT_FOUND, NULL, NULL },
};

static struct scenario_step step_of(const struct stub *stub)
{
	struct scenario_step step = { 0 };
	step.reply.given = true;
	step.reply.value = stub->reply;
	step.code.text = stub->code;
	step.text.text = stub->text;
	return step;
}

enum { STUBS = sizeof(stubs) / sizeof(stubs[0]) };

static const struct scenario_step *stub_of(const struct scenario_key *key)
{
	static _Thread_local struct scenario_step step;
	for (size_t i = 0; i < STUBS; i++)
		if ((stubs[i].channels & key->channel) &&
		    str_is(key->nhs_number, stubs[i].number)) {
			step = step_of(&stubs[i]);
			return &step;
		}
	return NULL;
}

static bool fits(const struct scenario *scenario, const struct scenario_key *key)
{
	if (scenario->door.given && door_channels[scenario->door.value] != key->channel)
		return false;
	if (key->name && strcmp(key->name, scenario->name.text) == 0)
		return true;
	/* A door alone: for all that comes by it. */
	if (scenario->door.given && !scenario->nhs_number.text && !scenario->message_id.text)
		return true;
	if (scenario->nhs_number.text && str_is(key->nhs_number, scenario->nhs_number.text))
		return true;
	return scenario->message_id.text &&
	       uuid_same(key->message_id, str_of(scenario->message_id.text));
}

static const struct scenario_step *take_step(struct scenario *scenario)
{
	size_t at = scenario->used++;
	if (scenario->again.value)
		return &scenario->steps[at % scenario->step_count];
	return &scenario->steps[at < scenario->step_count ? at : scenario->step_count - 1];
}

const struct scenario_step *scenarios_next(struct scenarios *scenarios,
					   const struct scenario_key *key, const char **name)
{
	for (size_t i = 0; i < scenarios->count; i++)
		if (scenarios->items[i].step_count && fits(&scenarios->items[i], key)) {
			*name = scenarios->items[i].name.text;
			return take_step(&scenarios->items[i]);
		}
	const struct scenario_step *step = scenarios->stubs ? stub_of(key) : NULL;
	if (step)
		*name = "published stub";
	return step;
}

void scenarios_reset(struct scenarios *scenarios)
{
	for (size_t i = 0; i < scenarios->count; i++)
		scenarios->items[i].used = 0;
}

bool scenario_content(struct content *content, const struct scenario_step *step,
		      const struct request *request)
{
	static const enum refusal_kind kinds[SCENARIO_REPLY_COUNT] = {
		[SCENARIO_SPINE_FAULT] = REFUSE_SPINE_FAULT,
		[SCENARIO_EBXML_ERROR] = REFUSE_EBXML,
		[SCENARIO_MCCI] = REFUSE_MCCI,
		[SCENARIO_ITK_FAULT] = REFUSE_ITK_FAULT,
		[SCENARIO_STATUS] = REFUSE_STATUS,
	};
	enum refusal_kind kind = kinds[step->reply.value];
	if (step->reply.value == SCENARIO_NOT_FOUND) {
		content_not_found(content, request->channel);
		return true;
	}
	if (kind == REFUSE_NOT)
		return false;
	*content = (struct content){
		.kind = kind,
		.code = step->code.text,
		.text = step->text.text ? step->text.text : "By the scenario",
	};
	return true;
}
