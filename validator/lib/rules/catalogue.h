/*
 * catalogue.h - every rule of the program, in the order of its chapters.
 */
#ifndef CPIS_RULES_CATALOGUE_H
#define CPIS_RULES_CATALOGUE_H

#include "diag/rule.h"

#include <stddef.h>

/*
 * The chapters, in the order of the way of a message: the family that ids begin with, what it is
 * about, and the rules at the end of the chapter's file, of which the last is NULL. Chapters of one
 * family share its title.
 */
#define RULE_CHAPTERS(X)                                                                           \
	X("XML", "The document itself", xml_rules)                                                 \
	X("TRN", "Transport layers", trn_rules)                                                    \
	X("TRN", "Transport layers", trn_around_rules)                                             \
	X("TRN", "Transport layers", trn_mesh_rules)                                               \
	X("ITK", "ITK distribution envelope", itk_rules)                                           \
	X("ITK", "ITK distribution envelope", itk_payload_rules)                                   \
	X("ITK", "ITK distribution envelope", itk_soap_rules)                                      \
	X("ITK", "ITK distribution envelope", itk_reply_rules)                                     \
	X("TMS", "Spine transmission wrapper", tms_rules)                                          \
	X("TMS", "Spine transmission wrapper", tms_soap_rules)                                     \
	X("SCH", "Structure", sch_rules)                                                           \
	X("NHS", "NHS numbers and identifiers", nhs_rules)                                         \
	X("NHS", "NHS numbers and identifiers", nhs_people_rules)                                  \
	X("DAT", "Dates and times", dat_rules)                                                     \
	X("UPL", "Local authority upload", upl_rules)                                              \
	X("UPL", "Local authority upload", upl_record_rules)                                       \
	X("UPL", "Local authority upload", upl_name_rules)                                         \
	X("ACK", "Acknowledgement of an upload", ack_rules)                                        \
	X("QRY", "NHS query", qry_rules)                                                           \
	X("RSP", "Query response", rsp_rules)                                                      \
	X("NOT", "Notifications", not_rules)                                                       \
	X("PAIR", "An upload and what answers it", pair_upload_rules)                              \
	X("PAIR", "An upload and what answers it", pair_rules)                                     \
	X("LED", "What months of uploads come to", led_rules)

#define DECLARE_CHAPTER(family_, title_, rules_) extern const struct rule *const rules_[];
RULE_CHAPTERS(DECLARE_CHAPTER)
#undef DECLARE_CHAPTER

/* Number all rules; once at setup. -1: two have one id, or a rule that a stage names has no row, or
 * a row has neither a check nor a stage. */
int rules_setup(void);

size_t rules_count(void);
const struct rule *rules_at(size_t index);
/* NULL: unknown. */
const struct rule *rules_find(const char *id);
/* What a rule's family is about: the title of its first chapter. */
const char *rules_family(const struct rule *rule);
/* A rule's place in the catalogue. */
size_t rules_index(const struct rule *rule);
/* The row of a rule that a stage names, and its place in the catalogue. */
const struct rule *rules_stage(enum stage_rule rule);
size_t rules_stage_index(enum stage_rule rule);

#endif
