/*
 * pieces.h - the typed pieces of which CP-IS messages are written: people, organisations, plans,
 * accesses. Plain values, owned elsewhere; an absent text (p is NULL) is not written.
 *
 * Source of the shapes: the DMS 1.0 RC5 templates COCT_TP145100GB01 to COCT_TP146105GB01.
 */
#ifndef CPIS_WRITE_PIECES_H
#define CPIS_WRITE_PIECES_H

#include "message/parts.h"
#include "write/element.h"

struct piece_telecom {
	struct str value, use;
};

struct piece_organisation {
	struct str root, code, name; /* root absent: an ODS organisation */
	struct piece_telecom telecoms[2];
	size_t telecom_count;
};

struct piece_code {
	struct str code, system, name;
};

/* Of an author. words: text of the name that is in none of its parts. */
struct piece_name {
	struct str words;
	const struct str *prefixes, *given, *families, *suffixes;
	size_t prefix_count, given_count, family_count, suffix_count;
};

struct piece_authority {
	struct piece_code role;
	struct piece_name name;
};

struct piece_author {
	bool device; /* a system asks, not a person */
	struct piece_code role;
	struct str user, role_profile; /* SDS ids of a person */
	struct piece_name name;
	struct str asid; /* of a device */
	const struct piece_authority *authorities;
	size_t authority_count;
	struct piece_organisation organisation;
};

/* A query that was asked: one access. */
struct piece_access {
	struct str effective, id;
	struct piece_author author;
	struct str nhs_number;
	struct str local_id, local_authority; /* in notices to an authority */
	struct str upload;		      /* the sequence number of its file, in notices */
};

struct piece_plan {
	enum plan_kind kind;
	struct str start, end, deleted;
};

struct piece_subject {
	enum subject_kind kind;
	struct str nhs_number, local_id, local_authority, birth, given, family;
};

enum { MOST_RECORD_PLANS = 3, MOST_RECORD_SUBJECTS = 2 };

struct piece_record {
	struct piece_organisation authority;
	struct piece_plan plans[MOST_RECORD_PLANS];
	struct piece_subject subjects[MOST_RECORD_SUBJECTS];
	size_t plan_count, subject_count;
};

#define HL7_NAMESPACE	     "urn:hl7-org:v3"
#define CONTENT_ID_NAMESPACE "NPFIT:HL7:Localisation"

/* npfitlc:contentId, for "COCT_TP145101GB01" and "Child" */
void piece_content_id(struct element_writer *writer, const char *template, const char *entry);
/* An element with an organisation's id and name, and its telecoms where there are some. */
void piece_organisation(struct element_writer *writer, const char *name,
			const struct piece_organisation *organisation);
void piece_author(struct element_writer *writer, const struct piece_author *author);
/* effectiveTime, id and author of a query; queryByParameter is the caller's. */
void piece_access(struct element_writer *writer, const struct piece_access *access);
/* A subject in an element called name. */
void piece_subject(struct element_writer *writer, const char *name,
		   const struct piece_subject *subject);

enum plan_form { PLAN_UPLOADED, PLAN_RETURNED };

/* A plan in an element called name; a returned one has no delete date. */
void piece_plan(struct element_writer *writer, const char *name, const struct piece_plan *plan,
		enum plan_form form);
/* Whether a record that was read can be written again by its schema: it has a plan and a subject,
 * and times that are times. */
bool piece_record_is_whole(const struct piece_record *record);
/* The ids of a person, as elements called name. */
void piece_person_ids(struct element_writer *writer, const char *name, struct str nhs_number,
		      struct str local_id, struct str local_authority);
/* What the namespaces of WS-Security begin with. */
#define WSS "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
/* <wsse:Security> with a timestamp and the name of a user, for prefixes wsse and wsu. */
void piece_security(struct element_writer *writer, struct str timestamp_id, struct str created,
		    struct str expires, struct str user);
/* <name><value value="7"/></name> */
void piece_count(struct element_writer *writer, const char *name, long long count);

#endif
