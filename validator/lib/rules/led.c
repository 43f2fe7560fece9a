/* What months of uploads come to: the ledger (ledger/causes.c) reports it by these rules. */
#include "rules/catalogue.h"

#define SEQUENCE "CP-IS DMS 1.0, REPC_MT000002GB01, id and creationTime"
#define ANSWER	 "CP-IS DMS 1.0, REPC_MT000003GB01"
#define GUIDANCE "Guidance for local authorities"
#define SUBJECTS "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

static const struct rule led_001 = {
	.id = "LED-001",
	.name = "refused-and-not-sent-again",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER ", acknowledgementRecordDetail and invalidCP-ISRecord",
	.title = "Record was refused, and not sent right since",
	.why = "CP-IS does not have what the authority last said of the child: a clinician sees an "
	       "older plan, or no plan.",
	.fix = "Correct what the code of the acknowledgement names, and send the record again.",
};

static const struct rule led_002 = {
	.id = "LED-002",
	.name = "upload-without-acknowledgement",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER,
	.title = "Upload has no acknowledgement",
	.why = "Whether CP-IS loaded any of its records is not known: the children in it may have "
	       "no plan there.",
	.fix = "Look for the acknowledgement or an error report in the mailbox. If there is none "
	       "after five days, send the records again in a new file.",
};

static const struct rule led_003 = {
	.id = "LED-003",
	.name = "overwritten-by-an-older-file",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Plan was overwritten by an older file",
	.why = "What was uploaded last counts: CP-IS went back to what was true before.",
	.fix = "Send the plan again in a new file, as it is now. Send files in the order in which "
	       "they were made.",
};

static const struct rule led_004 = {
	.id = "LED-004",
	.name = "sequence-numbers-missing",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Uploads between two sequence numbers are missing",
	.why = "What was in them is not known: changes of plans may never have reached CP-IS.",
	.fix = "Find the files and see whether they were sent. If they were lost, send the records "
	       "that were in them in a new file.",
};

static const struct rule led_005 = {
	.id = "LED-005",
	.name = "plan-under-an-inactive-number",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, REPC_MT000005GB01; CP-ISUploadRecordResponse, CPR05",
	.title = "Plan is under an NHS number that was taken out of use",
	.why = "A clinician asks with the child's number of today, and finds no plan.",
	.fix = "Send the plan under the new NHS number. If there is none, as after an adoption, "
	       "find the child's number on PDS, and delete the plan under the old one.",
};

static const struct rule led_006 = {
	.id = "LED-006",
	.name = "refused-since-it-ended-long-ago",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = GUIDANCE ": plans of the last 12 months are shown",
	.title = "Plan that ended more than 365 days ago is still sent, and refused",
	.why = "It is refused each time, which hides refusals that matter.",
	.fix = "Leave the plan out of the uploads. If CP-IS still shows it, send it once with its "
	       "delete date.",
};

static const struct rule led_007 = {
	.id = "LED-007",
	.name = "unborn-plan-without-a-child",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, COCT_TP146102GB01 and COCT_TP145100GB01",
	.title = "Unborn child plan is past its date, and no child followed",
	.why = "If the child was born, no one is alerted to it: the plan is the mother's, and has "
	       "ended.",
	.fix = "If the child was born and still needs a plan, send one under the child's own NHS "
	       "number. Otherwise send the unborn child plan with the date when it ended.",
};

static const struct rule led_008 = {
	.id = "LED-008",
	.name = "open-plans-of-two-authorities",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = "CP-IS DMS 1.0, REPC_MT000007GB01, communicationFunctionSnd",
	.title = "NHS number has open plans of two authorities",
	.why = "A clinician does not know whom to call. Often the child moved, and the first "
	       "authority did not end its plan.",
	.fix = "Agree which authority is responsible. The other sends the end date of its plan.",
};

static const struct rule led_009 = {
	.id = "LED-009",
	.name = "number-with-two-birth-dates",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "NHS number has two birth dates",
	.why = "PDS knows one of them: the plan with the other is refused, or is another child's.",
	.fix = "Look the person up on PDS, and send every plan with that birth date.",
};

static const struct rule led_010 = {
	.id = "LED-010",
	.name = "number-with-two-local-ids",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "NHS number has two local ids of one authority",
	.why = "The child has two cases in the sending system, or one of the numbers is another "
	       "child's.",
	.fix = "Check both cases, and merge them if they are the same child's.",
};

static const struct rule led_011 = {
	.id = "LED-011",
	.name = "plan-vanished-from-the-uploads",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_GOOD_PRACTICE,
	.cite = SEQUENCE,
	.title = "Open plan is no longer in the uploads, and was not ended",
	.why = "CP-IS goes on showing it. If the case was lost by the extract, its end will never "
	       "be sent.",
	.fix = "If the plan ended, send its end date. If it is open, find out why the extract "
	       "leaves it out.",
};

static const struct rule led_012 = {
	.id = "LED-012",
	.name = "adult-with-an-open-plan",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = GUIDANCE ": CP-IS ends a record on the 18th birthday that PDS has",
	.title = "Person is 18, and the plan was sent as open",
	.why = "CP-IS ended the record on the birthday: the authority believes that a plan is "
	       "shown that is not.",
	.fix = "Check the birth date against PDS. If it is right, end the plan on or before the "
	       "18th birthday.",
};

static const struct rule led_013 = {
	.id = "LED-013",
	.name = "child-under-two-numbers",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = SUBJECTS,
	.title = "Child's NHS number changed between files, and the plan is under both",
	.why = "The plan under the old number is shown for another person, or for no one.",
	.fix = "Check both numbers on PDS, and delete the plan under the wrong one.",
};

static const struct rule led_014 = {
	.id = "LED-014",
	.name = "sequence-number-used-twice",
	.severity = CPIS_ERROR,
	.basis = CPIS_BASIS_DMS,
	.cite = SEQUENCE,
	.title = "Two uploads have the same sequence number",
	.why = "An acknowledgement names the number alone: refusals of one file are taken for "
	       "those of the other.",
	.fix = "Give every new file the next number, even where it repeats one that failed.",
};

static const struct rule led_015 = {
	.id = "LED-015",
	.name = "deleted-plan-sent-again",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146102GB01, component2",
	.title = "Deleted plan was sent again",
	.why = "A plan is deleted because it was sent in error: now it is shown again.",
	.fix = "If the plan was an error, send its delete date again and take it out of the "
	       "extract. If the deletion was the error, do nothing.",
};

static const struct rule led_016 = {
	.id = "LED-016",
	.name = "acknowledgement-without-upload",
	.severity = CPIS_WARNING,
	.basis = CPIS_BASIS_DMS,
	.cite = ANSWER ", id",
	.title = "Acknowledgement belongs to no upload",
	.why = "What it refuses cannot be traced to a child.",
	.fix = "Find the upload that it names, and put it into the folder.",
};

const struct rule *const led_rules[] = {
	&led_001, &led_002, &led_003, &led_004, &led_005, &led_006, &led_007, &led_008, &led_009,
	&led_010, &led_011, &led_012, &led_013, &led_014, &led_015, &led_016, NULL,
};
