/*
 * rule.h - what a rule is: a row of facts, and a judgement on one typed part.
 *
 * Rows are in the chapters under rules/. Everything that is said about a rule anywhere (explain,
 * manual, SARIF, HTML help) comes from its row.
 */
#ifndef CPIS_DIAG_RULE_H
#define CPIS_DIAG_RULE_H

#include "cpis.h"

#include <stdint.h>

/*
 * The parts of a message that rules judge, each with the name of its struct in message/parts.h and
 * of its member in union rule_check.
 */
#define PART_KINDS(X)                                                                              \
	X(PART_ENVELOPE, envelope)                                                                 \
	X(PART_ADDRESS, address)                                                                   \
	X(PART_SOAP, soap)                                                                         \
	X(PART_WRAPPER, wrapper)                                                                   \
	X(PART_REASON, reason)                                                                     \
	X(PART_UPLOAD, upload)                                                                     \
	X(PART_RECORD, record)                                                                     \
	X(PART_PLAN, plan)                                                                         \
	X(PART_SUBJECT, subject)                                                                   \
	X(PART_ORGANISATION, organisation)                                                         \
	X(PART_TELECOM, telecom)                                                                   \
	X(PART_CONTENT_ID, content_id)                                                             \
	X(PART_IDENTIFIER, identifier)                                                             \
	X(PART_TIMESTAMP, timestamp)                                                               \
	X(PART_JOB_ROLE, job_role)                                                                 \
	X(PART_AUTHOR_PERSON, author_person)                                                       \
	X(PART_AUTHOR_DEVICE, author_device)                                                       \
	X(PART_INDIRECT_AUTHORITY, indirect_authority)                                             \
	X(PART_QUERY, query)                                                                       \
	X(PART_RESPONSE, response)                                                                 \
	X(PART_ACKNOWLEDGEMENT, acknowledgement)                                                   \
	X(PART_FILE_DETAIL, file_detail)                                                           \
	X(PART_RECORD_DETAIL, record_detail)                                                       \
	X(PART_FILE_REFERENCE, file_reference)                                                     \
	X(PART_ACCESS_NOTIFICATION, access_notification)                                           \
	X(PART_ACCESS, access)                                                                     \
	X(PART_INACTIVE_NOTIFICATION, inactive_notification)                                       \
	X(PART_INACTIVE_PATIENT, inactive_patient)                                                 \
	X(PART_FAULT, fault)                                                                       \
	X(PART_INFRASTRUCTURE_RESPONSE, infrastructure_response)                                   \
	X(PART_ERROR_INFO, error_info)                                                             \
	X(PART_PAIR, pair)

struct judge;
struct part;
#define DECLARE_PART(kind_, name_) struct name_;
PART_KINDS(DECLARE_PART)
#undef DECLARE_PART

/*
 * Rules that the stages name: those without a check, which the stage that sees the fault reports by
 * itself, and three that have one (TRN-002, TRN-031, PAIR-011). Setup proves that each has a row,
 * and that each row without a check is among them (rules/catalogue.c).
 */
#define STAGE_RULES(X)                                                                             \
	X(RULE_XML_001, "XML-001")                                                                 \
	X(RULE_XML_002, "XML-002")                                                                 \
	X(RULE_XML_003, "XML-003")                                                                 \
	X(RULE_XML_004, "XML-004")                                                                 \
	X(RULE_XML_005, "XML-005")                                                                 \
	X(RULE_XML_007, "XML-007")                                                                 \
	X(RULE_TRN_001, "TRN-001")                                                                 \
	X(RULE_TRN_002, "TRN-002")                                                                 \
	X(RULE_TRN_003, "TRN-003")                                                                 \
	X(RULE_TRN_004, "TRN-004")                                                                 \
	X(RULE_TRN_005, "TRN-005")                                                                 \
	X(RULE_TRN_006, "TRN-006")                                                                 \
	X(RULE_TRN_007, "TRN-007")                                                                 \
	X(RULE_TRN_008, "TRN-008")                                                                 \
	X(RULE_TRN_009, "TRN-009")                                                                 \
	X(RULE_TRN_020, "TRN-020")                                                                 \
	X(RULE_TRN_021, "TRN-021")                                                                 \
	X(RULE_TRN_022, "TRN-022")                                                                 \
	X(RULE_TRN_030, "TRN-030")                                                                 \
	X(RULE_TRN_031, "TRN-031")                                                                 \
	X(RULE_TRN_032, "TRN-032")                                                                 \
	X(RULE_TRN_036, "TRN-036")                                                                 \
	X(RULE_TRN_037, "TRN-037")                                                                 \
	X(RULE_TRN_038, "TRN-038")                                                                 \
	X(RULE_TRN_039, "TRN-039")                                                                 \
	X(RULE_TRN_042, "TRN-042")                                                                 \
	X(RULE_TRN_045, "TRN-045")                                                                 \
	X(RULE_TRN_046, "TRN-046")                                                                 \
	X(RULE_TRN_048, "TRN-048")                                                                 \
	X(RULE_TRN_049, "TRN-049")                                                                 \
	X(RULE_SCH_001, "SCH-001")                                                                 \
	X(RULE_SCH_002, "SCH-002")                                                                 \
	X(RULE_SCH_003, "SCH-003")                                                                 \
	X(RULE_SCH_004, "SCH-004")                                                                 \
	X(RULE_SCH_005, "SCH-005")                                                                 \
	X(RULE_SCH_006, "SCH-006")                                                                 \
	X(RULE_SCH_007, "SCH-007")                                                                 \
	X(RULE_SCH_008, "SCH-008")                                                                 \
	X(RULE_SCH_009, "SCH-009")                                                                 \
	X(RULE_SCH_010, "SCH-010")                                                                 \
	X(RULE_TMS_043, "TMS-043")                                                                 \
	X(RULE_UPL_014, "UPL-014")                                                                 \
	X(RULE_PAIR_011, "PAIR-011")                                                               \
	X(RULE_LED_001, "LED-001")                                                                 \
	X(RULE_LED_002, "LED-002")                                                                 \
	X(RULE_LED_003, "LED-003")                                                                 \
	X(RULE_LED_004, "LED-004")                                                                 \
	X(RULE_LED_005, "LED-005")                                                                 \
	X(RULE_LED_006, "LED-006")                                                                 \
	X(RULE_LED_007, "LED-007")                                                                 \
	X(RULE_LED_008, "LED-008")                                                                 \
	X(RULE_LED_009, "LED-009")                                                                 \
	X(RULE_LED_010, "LED-010")                                                                 \
	X(RULE_LED_011, "LED-011")                                                                 \
	X(RULE_LED_012, "LED-012")                                                                 \
	X(RULE_LED_013, "LED-013")                                                                 \
	X(RULE_LED_014, "LED-014")                                                                 \
	X(RULE_LED_015, "LED-015")                                                                 \
	X(RULE_LED_016, "LED-016")                                                                 \
	X(RULE_LED_017, "LED-017")                                                                 \
	X(RULE_LED_018, "LED-018")

enum stage_rule {
	RULE_NONE,
#define NAME_STAGE_RULE(rule_, id_) rule_,
	STAGE_RULES(NAME_STAGE_RULE)
#undef NAME_STAGE_RULE
		STAGE_RULE_COUNT
};

/* What a check says of one part. */
enum outcome {
	HOLDS,		/* judged, and as it should be */
	FAILS,		/* judged, and a finding was made */
	NOT_APPLICABLE, /* there is nothing here for the rule to judge */
	BLOCKED		/* the structure it needs is broken: there is a finding already */
};

enum part_kind {
	PART_NONE, /* judged by a stage, not by a check: XML-*, TRN-*, SCH-* */
#define NAME_PART(kind_, name_) kind_,
	PART_KINDS(NAME_PART)
#undef NAME_PART
		PART_KIND_COUNT
};

/*
 * A check of the kind of part that its row names. It borrows its part, reports through judge_fail
 * (rules/judge.h) and returns what it did.
 */
union rule_check {
#define TYPE_CHECK(kind_, name_) enum outcome (*name_)(struct judge *, const struct name_ *);
	PART_KINDS(TYPE_CHECK)
#undef TYPE_CHECK
};

enum { PART_SORTS = 8 };

/* Another kind of part that can have the same fault. */
struct rule_on {
	enum part_kind on; /* PART_NONE: there are no more */
	union rule_check check;
};

#define ALSO(...)                                                                                  \
	(const struct rule_on[])                                                                   \
	{                                                                                          \
		__VA_ARGS__,                                                                       \
		{                                                                                  \
			.on = PART_NONE                                                            \
		}                                                                                  \
	}

/* What an error of a rule says of how the source was read. */
enum extent {
	ALL_READ,
	PERHAPS_NO_MESSAGE, /* it may be of a control file of MESH, which is not a message */
	NOT_READ	    /* something was not read, or not recognised */
};

struct rule {
	const char *id, *name;
	enum cpis_severity severity;
	enum extent extent;
	enum part_kind on;
	uint8_t sorts; /* bits of part.sort: of this kind, the rule is about parts of these sorts
			   alone; 0: about all */
	uint8_t sound; /* the same: parts of these sorts keep the rule, and are not looked at */
	enum cpis_basis basis;
	const char *cite;
	const char *title; /* the fault in a few words */
	const char *why;   /* what it does to a child, a clinician, a receiver */
	const char *fix;   /* what to send instead */
	union rule_check check;
	const struct rule_on *also; /* by ALSO; NULL: it is about this kind alone */
};

#endif
