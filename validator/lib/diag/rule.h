/*
 * rule.h - what a rule is: a row of facts, and a judgement on one typed part.
 *
 * Rows stand in the chapters under rules/. Everything that is said about a rule anywhere (explain,
 * manual, SARIF, HTML help) comes from its row.
 */
#ifndef CPIS_DIAG_RULE_H
#define CPIS_DIAG_RULE_H

#include "cpis.h"

struct judge;
struct envelope;
struct address;
struct soap;
struct wrapper;
struct reason;
struct upload;
struct record;
struct plan;
struct subject;
struct organisation;
struct telecom;
struct content_id;
struct identifier;
struct timestamp;
struct job_role;
struct author_person;
struct author_device;
struct indirect_authority;
struct query;
struct response;
struct acknowledgement;
struct file_detail;
struct record_detail;
struct file_reference;
struct access_notification;
struct access;
struct inactive_notification;
struct inactive_patient;
struct fault;
struct infrastructure_response;
struct error_info;
struct pair;
struct part;

/* What a check says of one part. */
enum outcome {
	HOLDS,		/* judged, and as it should be */
	FAILS,		/* judged, and a finding was made */
	NOT_APPLICABLE, /* there is nothing here for the rule to judge */
	BLOCKED /* the structure it would look at is broken: a finding stands there already */
};

/* The parts of a message that rules judge; message/parts.h has a struct for each. */
enum part_kind {
	PART_NONE, /* judged by a stage, not by a check: XML-*, TRN-*, SCH-* */
	PART_ENVELOPE,
	PART_ADDRESS,
	PART_SOAP,
	PART_WRAPPER,
	PART_REASON,
	PART_UPLOAD,
	PART_RECORD,
	PART_PLAN,
	PART_SUBJECT,
	PART_ORGANISATION,
	PART_TELECOM,
	PART_CONTENT_ID,
	PART_IDENTIFIER,
	PART_TIMESTAMP,
	PART_JOB_ROLE,
	PART_AUTHOR_PERSON,
	PART_AUTHOR_DEVICE,
	PART_INDIRECT_AUTHORITY,
	PART_QUERY,
	PART_RESPONSE,
	PART_ACKNOWLEDGEMENT,
	PART_FILE_DETAIL,
	PART_RECORD_DETAIL,
	PART_FILE_REFERENCE,
	PART_ACCESS_NOTIFICATION,
	PART_ACCESS,
	PART_INACTIVE_NOTIFICATION,
	PART_INACTIVE_PATIENT,
	PART_FAULT,
	PART_INFRASTRUCTURE_RESPONSE,
	PART_ERROR_INFO,
	PART_PAIR,
	PART_KIND_COUNT
};

/* Every check borrows its part; it reports through judge_fail (rules/judge.h) and returns what it
 * did. */
union rule_check {
	enum outcome (*envelope)(struct judge *, const struct envelope *);
	enum outcome (*address)(struct judge *, const struct address *);
	enum outcome (*soap)(struct judge *, const struct soap *);
	enum outcome (*wrapper)(struct judge *, const struct wrapper *);
	enum outcome (*reason)(struct judge *, const struct reason *);
	enum outcome (*upload)(struct judge *, const struct upload *);
	enum outcome (*record)(struct judge *, const struct record *);
	enum outcome (*plan)(struct judge *, const struct plan *);
	enum outcome (*subject)(struct judge *, const struct subject *);
	enum outcome (*organisation)(struct judge *, const struct organisation *);
	enum outcome (*telecom)(struct judge *, const struct telecom *);
	enum outcome (*content_id)(struct judge *, const struct content_id *);
	enum outcome (*identifier)(struct judge *, const struct identifier *);
	enum outcome (*timestamp)(struct judge *, const struct timestamp *);
	enum outcome (*job_role)(struct judge *, const struct job_role *);
	enum outcome (*author_person)(struct judge *, const struct author_person *);
	enum outcome (*author_device)(struct judge *, const struct author_device *);
	enum outcome (*indirect_authority)(struct judge *, const struct indirect_authority *);
	enum outcome (*query)(struct judge *, const struct query *);
	enum outcome (*response)(struct judge *, const struct response *);
	enum outcome (*acknowledgement)(struct judge *, const struct acknowledgement *);
	enum outcome (*file_detail)(struct judge *, const struct file_detail *);
	enum outcome (*record_detail)(struct judge *, const struct record_detail *);
	enum outcome (*file_reference)(struct judge *, const struct file_reference *);
	enum outcome (*access_notification)(struct judge *, const struct access_notification *);
	enum outcome (*access)(struct judge *, const struct access *);
	enum outcome (*inactive_notification)(struct judge *, const struct inactive_notification *);
	enum outcome (*inactive_patient)(struct judge *, const struct inactive_patient *);
	enum outcome (*fault)(struct judge *, const struct fault *);
	enum outcome (*infrastructure_response)(struct judge *,
						const struct infrastructure_response *);
	enum outcome (*error_info)(struct judge *, const struct error_info *);
	enum outcome (*pair)(struct judge *, const struct pair *);
	enum outcome (*any)(struct judge *, const struct part *);
};

enum { MOST_OTHER_KINDS = 4 };

struct rule {
	const char *id, *name;
	enum cpis_severity severity;
	enum part_kind on;
	enum cpis_basis basis;
	const char *cite;
	const char *title; /* the fault in a few words */
	const char *why;   /* what it does to a child, a clinician, a receiver */
	const char *fix;   /* what to send instead */
	union rule_check check;
	/* other kinds of part on which the same fault can stand */
	struct {
		enum part_kind on;
		union rule_check check;
	} also[MOST_OTHER_KINDS];
};

#endif
