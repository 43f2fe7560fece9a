/*
 * upl.h - the checks behind the rows of the chapter on uploads.
 */
#ifndef CPIS_RULES_UPL_H
#define CPIS_RULES_UPL_H

#include "rules/judge.h"

/* upl_file.c: the file and its sender */
enum outcome upl_quantity_equals_records(struct judge *judge, const struct upload *upload);
enum outcome upl_quantity_is_positive(struct judge *judge, const struct upload *upload);
enum outcome upl_file_id_is_sequence_number(struct judge *judge, const struct upload *upload);
enum outcome upl_one_emergency_number(struct judge *judge, const struct organisation *organisation);
enum outcome upl_other_number_is_of_office(struct judge *judge,
					   const struct organisation *organisation);
enum outcome upl_numbers_differ(struct judge *judge, const struct organisation *organisation);
enum outcome upl_organisation_is_named(struct judge *judge,
				       const struct organisation *organisation);
enum outcome upl_name_is_not_code(struct judge *judge, const struct organisation *organisation);
enum outcome upl_telecom_has_number(struct judge *judge, const struct telecom *telecom);
enum outcome upl_number_has_likely_length(struct judge *judge, const struct telecom *telecom);
enum outcome upl_number_has_no_trunk_zero(struct judge *judge, const struct telecom *telecom);

/* upl_record.c: plans and subjects of a record, and of the records before it */
enum outcome upl_content_id_names_template(struct judge *judge, const struct content_id *content);
enum outcome upl_plans_have_subjects(struct judge *judge, const struct record *record);
enum outcome upl_subjects_have_plans(struct judge *judge, const struct record *record);
enum outcome upl_templates_stand_once(struct judge *judge, const struct record *record);
enum outcome upl_record_is_of_one_person(struct judge *judge, const struct record *record);
enum outcome upl_person_has_one_birth_date(struct judge *judge, const struct record *record);
enum outcome upl_person_has_one_plan_of_a_kind(struct judge *judge, const struct record *record);
enum outcome upl_local_id_is_of_one_person(struct judge *judge, const struct record *record);
enum outcome upl_person_has_one_local_id(struct judge *judge, const struct record *record);
enum outcome upl_plan_is_not_deleted(struct judge *judge, const struct plan *plan);

/* upl_name.c: names of people */
enum outcome upl_subject_is_named(struct judge *judge, const struct subject *subject);
enum outcome upl_name_of_subject_is_clean(struct judge *judge, const struct subject *subject);
enum outcome upl_name_of_authority_is_clean(struct judge *judge,
					    const struct indirect_authority *authority);
enum outcome upl_name_of_author_is_clean(struct judge *judge, const struct author_person *author);
enum outcome upl_name_has_its_characters(struct judge *judge, const struct subject *subject);
enum outcome upl_name_has_single_spaces(struct judge *judge, const struct subject *subject);
enum outcome upl_name_is_no_place_holder(struct judge *judge, const struct subject *subject);

#endif
