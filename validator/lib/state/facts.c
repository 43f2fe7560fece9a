/* What the state rests on. Sources are named as the rest of the program names them. */
#include "state/state.h"

#define GUIDANCE "Guidance for local authorities"
#define DMS	 "CP-IS DMS 1.0"
#define NOT_PUBLIC(says, looked)                                                                   \
	{                                                                                          \
		says, looked, false                                                                \
	}

static const struct state_fact facts[STATE_FACT_COUNT] = {
	[FACT_NONE] = { "", "", true },
	[FACT_ONE_PLAN_OF_A_KIND] = { "An authority has at most one plan of a kind for an NHS "
				      "number: a record holds one of "
				      "each kind.",
				      DMS ", REPC_MT000002GB01 and REPC_MT000007GB01, "
					  "pertinentInformation",
				      true },
	[FACT_LATEST_WINS] = { "What was uploaded last is what the service holds.",
			       DMS ", REPC_MT000002GB01, id and creationTime", true },
	[FACT_DELETED] = { "A plan with a delete date is removed.",
			   DMS ", COCT_TP146100GB01 to COCT_TP146102GB01, component2", true },
	[FACT_SHOWN_FOR_A_YEAR] = { "A plan is shown while it is in force, and for 12 months after "
				    "its end.",
				    GUIDANCE ": plans of the last 12 months are shown", true },
	[FACT_REFUSED_AFTER_A_YEAR] = { "A plan that ended more than 365 days ago is refused, "
					"unless it has a delete date.",
					GUIDANCE ": plans of the last 12 months are shown", true },
	[FACT_ENDS_AT_18] = { "The record of a child ends on the 18th birthday.",
			      GUIDANCE ": CP-IS ends a record on the 18th birthday that PDS has",
			      true },
	[FACT_REFUSED_AT_18] = { "Updates for a person of 18 or older are refused.",
				 GUIDANCE ": CP-IS ends a record on the 18th birthday that PDS has",
				 true },
	[FACT_NUMBER_FORMAT] = { "A number that is not ten digits is refused with CPR04.",
				 DMS ", CP-ISUploadRecordResponse", true },
	[FACT_NUMBER_UNKNOWN] = { "A number that was never issued matches no one and is refused "
				  "with CPR01.",
				  DMS
				  ", CP-ISUploadRecordResponse; NHS Data Dictionary, NHS NUMBER",
				  true },
	[FACT_SUPERSEDED] = { "A number that was replaced is refused with CPR05.",
			      DMS ", CP-ISUploadRecordResponse", true },
	[FACT_MOTHER_HOLDS_UNBORN] = { "An unborn child plan is held under the mother's NHS "
				       "number.",
				       DMS ", COCT_TP145100GB01", true },
	[FACT_UNSCHEDULED_IS_LISTED] = { "A query of unscheduled care is listed, 25 at most, and "
					 "the authority is notified.",
					 "NHS API catalogue, CP-IS", true },
	[FACT_SILENT_READ] = { "A silent read is neither listed nor notified.",
			       DMS " patch D, query example 3, accessEventType", true },
	[FACT_LISTED_ONCE_A_DAY] = { "Of the queries of one author within 24 hours the first is "
				     "listed.",
				     DMS ", REPC_MT000007GB01, pertinentInformation13", true },
	[FACT_NUMBER_INACTIVE] = { "When PDS takes a number out of use, each authority that "
				   "uploaded it is notified.",
				   DMS ", REPC_MT000005GB01", true },
	[FACT_NO_RECORD] = { "A query for a number with no record is answered with "
			     "QUQI_IN010000UK14.",
			     DMS ", QUQI_IN010000UK14", true },
	[UNKNOWN_EARLIER_PLAN] =
		NOT_PUBLIC("A record of a plan that starts at another time came after this one. "
			   "Whether this plan is still shown is not public.",
			   DMS " and guidance for local authorities do not say"),
	[UNKNOWN_DELETE_OF_NOTHING] = NOT_PUBLIC(
		"What the service answers to the deletion of a plan that it does not hold "
		"is not public.",
		DMS " does not say"),
	[UNKNOWN_DELETE_IN_FUTURE] =
		NOT_PUBLIC("When a plan with a delete date in the future is removed is not public.",
			   DMS " does not say"),
	[UNKNOWN_AFTER_18] = NOT_PUBLIC(
		"Whether a record that ended on the 18th birthday is shown for 12 months is not "
		"public.",
		GUIDANCE " say that it ends"),
	[UNKNOWN_INACTIVE_PLANS] =
		NOT_PUBLIC("What a query for a number that is out of use returns is not public.",
			   DMS ", REPC_MT000005GB01, does not say"),
	[UNKNOWN_INACTIVE_CODE] = NOT_PUBLIC("Updates of a number that is out of use are refused. "
					     "With which code, where the number "
					     "was not replaced, is not public.",
					     GUIDANCE " say that they fail"),
	[UNKNOWN_DETAIL_CODE] = NOT_PUBLIC(
		"CPR07 has a second code, CP-ISUploadRecordResponseDetail, whose values are "
		"not public.",
		DMS ", vocabulary"),
	[UNKNOWN_UNANSWERED] = NOT_PUBLIC(
		"The upload has no acknowledgement: whether the service loaded it is not known.",
		"No acknowledgement was found"),
	[UNKNOWN_TWICE_IN_A_FILE] = NOT_PUBLIC(
		"Two records of one file say different things of the plan. Which of them "
		"counts is not public.",
		DMS " does not say"),
	[UNKNOWN_LATE_FILE] = NOT_PUBLIC("An older file was taken after a newer one. Whether the "
					 "service goes by arrival or by "
					 "sequence number is not public.",
					 DMS ", REPC_MT000002GB01, id, does not say"),
	[UNKNOWN_BIRTH_DATE] = NOT_PUBLIC(
		"The NHS number came with another birth date before. PDS knows which is right, and "
		"refuses the other.",
		"PDS is asked by the service alone"),
	[UNKNOWN_WHICH_REFUSED] = NOT_PUBLIC(
		"The acknowledgement does not say which records were refused: whether the service "
		"loaded this one is not known.",
		"The acknowledgement counts refused records that it does not name"),
};

const struct state_fact *state_fact(enum state_fact_id id)
{
	return &facts[id >= FACT_NONE && id < STATE_FACT_COUNT ? id : FACT_NONE];
}

static const struct {
	enum state_code code;
	const char *text;
} codes[] = {
	{ CODE_CPR01, "CPR01" }, { CODE_CPR02, "CPR02" }, { CODE_CPR03, "CPR03" },
	{ CODE_CPR04, "CPR04" }, { CODE_CPR05, "CPR05" }, { CODE_CPR06, "CPR06" },
	{ CODE_CPR07, "CPR07" }, { CODE_CPF01, "CPF01" }, { CODE_CPF02, "CPF02" },
	{ CODE_CPF03, "CPF03" }, { CODE_CPF04, "CPF04" }, { CODE_CPF05, "CPF05" },
	{ CODE_CPF06, "CPF06" },
};

const char *state_code_text(enum state_code code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return codes[i].text;
	return "";
}

enum state_code state_code_of(struct str text)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (str_is(text, codes[i].text))
			return codes[i].code;
	return CODE_UNANSWERED;
}

const char *state_event_word(enum state_event_kind kind)
{
	static const char *const words[] = {
		[EVENT_CREATED] = "created",
		[EVENT_CHANGED] = "changed",
		[EVENT_REPLACED] = "replaced",
		[EVENT_ENDED] = "ended",
		[EVENT_REOPENED] = "reopened",
		[EVENT_DELETED] = "deleted",
		[EVENT_REFUSED] = "refused",
		[EVENT_UNANSWERED] = "not acknowledged",
		[EVENT_OVERWRITTEN] = "overwritten by an older file",
		[EVENT_BIRTHDAY] = "ended on the 18th birthday",
		[EVENT_HIDDEN] = "no longer shown",
		[EVENT_INACTIVE] = "NHS number taken out of use",
	};
	return kind >= EVENT_CREATED && kind <= EVENT_INACTIVE ? words[kind] : "";
}
