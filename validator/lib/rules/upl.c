/* The local authority's upload, and what uploads share with other messages. */
#include "rules/upl.h"

#include "rules/chapters.h"

#define UPLOAD    "CP-IS DMS 1.0, REPC_MT000002GB01"
#define TEMPLATES "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146105GB01"
#define SUBJECTS  "CP-IS DMS 1.0, COCT_TP145100GB01 and COCT_TP145101GB01"

const struct rule upl_rules[] = {
	{
		.id = "UPL-001", .name = "quantity-differs-from-records", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_CONTRADICTION, .cite = UPLOAD,
		.title = "transmissionQuantity differs from the number of records",
		.why = "A record was lost or counted twice: a child's plan may be missing.",
		.fix = "Count the records that are written, after they are written.",
		.check = { .upload = upl_quantity_equals_records },
	},
	{
		.id = "UPL-002", .name = "quantity-is-not-positive", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_CONTRADICTION, .cite = UPLOAD,
		.title = "transmissionQuantity is not positive",
		.why = "Every upload has a record; -1 belongs to acknowledgements alone.",
		.fix = "Send the number of records in the file.",
		.check = { .upload = upl_quantity_is_positive },
	},
	{
		.id = "UPL-003", .name = "file-id-is-no-sequence-number", .severity = CPIS_ERROR,
		.on = PART_UPLOAD, .basis = CPIS_BASIS_DMS, .cite = UPLOAD ", File.id",
		.title = "File id is not a sequence number",
		.why = "Lost and repeated files are noticed by the numbers; the acknowledgement "
		       "refers to it.",
		.fix = "Number the files 1, 2, 3 ... in the order in which they are made.",
		.check = { .upload = upl_file_id_is_sequence_number },
	},
	{
		.id = "UPL-004", .name = "not-one-emergency-number", .severity = CPIS_ERROR,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_TELECOM_TYPE, DUPLICATE_TELECOM_TYPE",
		.title = "Sender has not exactly one emergency number",
		.why = "A clinician at night needs the emergency duty team; Spine refuses the "
		       "record.",
		.fix = "Send one telecom with use exactly \"EC\" and the emergency duty team's "
		       "number.",
		.check = { .organisation = upl_one_emergency_number },
	},
	{
		.id = "UPL-005", .name = "telecom-without-number", .severity = CPIS_ERROR,
		.on = PART_TELECOM, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine TELECOM_VALUE_IS_MANDATORY",
		.title = "Telecom has no number",
		.why = "Spine refuses the record, and nobody can be called.",
		.fix = "Send the number behind tel:, or leave the telecom out.",
		.check = { .telecom = upl_telecom_has_number },
	},
	{
		.id = "UPL-006", .name = "second-telecom-is-not-of-the-office", .severity = CPIS_WARNING,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_DMS,
		.cite = UPLOAD ", organisation.telecom",
		.title = "The telecom beside the emergency number is not the office's",
		.why = "Receivers look for the office's number under use WP: in office hours "
		       "nobody is called.",
		.fix = "Send the office's number with use exactly \"WP\", or leave the second "
		       "telecom out.",
		.check = { .organisation = upl_other_number_is_of_office },
	},
	{
		.id = "UPL-007", .name = "telephone-number-of-unlikely-length", .severity = CPIS_WARNING,
		.on = PART_TELECOM, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UPLOAD ", organisation.telecom",
		.title = "Telephone number has fewer than 10 or more than 15 digits",
		.why = "A number with a digit lost or doubled reaches nobody, or a stranger.",
		.fix = "Send the whole number with its area code, as it is dialled from "
		       "elsewhere.",
		.check = { .telecom = upl_number_has_likely_length },
	},
	{
		.id = "UPL-008", .name = "content-id-names-another-template", .severity = CPIS_ERROR,
		.on = PART_CONTENT_ID, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, template constraints NPFIT-100017 to NPFIT-100037",
		.title = "contentId names another template than the one that follows",
		.why = "Receivers that choose by contentId read one kind of plan as another.",
		.fix = "Set the extension to the template id, #, and the name of its entry "
		       "class.",
		.check = { .content_id = upl_content_id_names_template },
	},
	{
		.id = "UPL-009", .name = "plan-without-its-subject", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_DMS, .cite = TEMPLATES,
		.title = "A plan stands without the subject that it goes with",
		.why = "A mother would be alerted to as a child, or a child's plan attached to "
		       "its mother.",
		.fix = "Send looked-after and protection plans with the Child, a plan of an "
		       "unborn child with the UnbornChild that carries the mother.",
		.check = { .record = upl_plans_have_subjects },
	},
	{
		.id = "UPL-010", .name = "template-twice-in-a-record", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = TEMPLATES,
		.title = "A record has a plan template or a subject template twice",
		.why = "Which of the two holds is left to the receiver: a plan may be shown as "
		       "open that has ended.",
		.fix = "Send each kind of plan and of subject once in a record; another person "
		       "is another record.",
		.check = { .record = upl_templates_stand_once },
	},
	{
		.id = "UPL-011", .name = "person-twice-in-a-file", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = UPLOAD,
		.title = "An NHS number has two records for the same kind of plan",
		.why = "The later record may undo the earlier one, whichever of them is right.",
		.fix = "Send the state of a child's plan once in a file.",
		.check = { .record = upl_person_has_one_plan_of_a_kind },
	},
	{
		.id = "UPL-012", .name = "local-id-of-two-people", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_CONTRADICTION, .cite = SUBJECTS,
		.title = "A local id stands for two NHS numbers",
		.why = "One of the two children is taken for the other: an alert about one goes "
		       "to the other's case.",
		.fix = "Compare both records with your own system and PDS; a local id stands "
		       "for one person.",
		.check = { .record = upl_local_id_is_of_one_person },
	},
	{
		.id = "UPL-013", .name = "organisation-or-name-is-blank", .severity = CPIS_ERROR,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_SPINE,
		.cite = "Spine MISSING_MANDATORY_FIELD Organisation ID, Organisation Name; CP-IS DMS 1.0, name",
		.title = "Organisation id or name, given or family name is blank",
		.why = "Spine refuses the record; a clinician would not know whom to call, nor "
		       "about whom.",
		.fix = "Send the ODS code and name that the Organisation Data Service lists, "
		       "and the names that PDS holds.",
		.check = { .organisation = upl_organisation_is_named },
		.also = { { PART_SUBJECT, { .subject = upl_subject_is_named } } },
	},
	{
		.id = "UPL-014", .name = "element-said-to-be-null", .severity = CPIS_WARNING,
		.on = PART_NONE, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = "CP-IS DMS 1.0, nillable parts; HL7 v3 nullFlavor and updateMode",
		.title = "xsi:nil, nullFlavor or updateMode is sent",
		.why = "An element that says that it says nothing is read as a value by some "
		       "receivers: an end date that is none ends a plan.",
		.fix = "Leave the element out where there is nothing to say.",
	},
	{
		.id = "UPL-015", .name = "text-beside-the-name", .severity = CPIS_WARNING,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = "CP-IS DMS 1.0, datatypes PN and PN.NHS.PersonNameType6",
		.title = "Text stands beside given and family name",
		.why = "Some receivers show it as part of the name, some drop it, and PDS "
		       "matches neither.",
		.fix = "Send the name in given and family alone.",
		.check = { .subject = upl_name_of_subject_is_clean },
		.also = { { PART_INDIRECT_AUTHORITY, { .indirect_authority = upl_name_of_authority_is_clean } } },
	},
	{
		.id = "UPL-016", .name = "plan-is-deleted", .severity = CPIS_INFO,
		.on = PART_PLAN, .basis = CPIS_BASIS_DMS,
		.cite = "CP-IS DMS 1.0, COCT_TP146100GB01 to COCT_TP146102GB01, component2",
		.title = "A plan has a delete date",
		.why = "Nobody is alerted to the plan any more: right for one that was sent in "
		       "error, wrong for one that ended.",
		.fix = "Nothing, if the plan was sent in error; else send its end date and "
		       "leave the delete date out.",
		.check = { .plan = upl_plan_is_not_deleted },
	},
	{
		.id = "UPL-017", .name = "person-with-two-local-ids", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_CONTRADICTION, .cite = SUBJECTS,
		.title = "An NHS number stands under two local ids",
		.why = "The child has two cases in the sending system, or one of the numbers is "
		       "another child's.",
		.fix = "Compare both records with your own system and PDS; merge the cases if "
		       "they are one child's.",
		.check = { .record = upl_person_has_one_local_id },
	},
	{
		.id = "UPL-018", .name = "subject-without-plan", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = TEMPLATES,
		.title = "A record has a subject and no plan for it",
		.why = "A person without any plan is sent to a register of children with plans, "
		       "or a plan was lost.",
		.fix = "Send the person's plan too, or leave the subject out.",
		.check = { .record = upl_subjects_have_plans },
	},
	{
		.id = "UPL-019", .name = "record-of-two-people", .severity = CPIS_WARNING,
		.on = PART_RECORD, .basis = CPIS_BASIS_DMS,
		.cite = UPLOAD ", one record for each child or mother",
		.title = "Child and mother of one record have different NHS numbers",
		.why = "Which plan is whose is left to the receiver: a child's plan may be put "
		       "on its mother.",
		.fix = "Send each person in a record of its own; both subjects only for an "
		       "expectant mother who is herself a child with a plan.",
		.check = { .record = upl_record_is_of_one_person },
	},
	{
		.id = "UPL-020", .name = "person-with-two-birth-dates", .severity = CPIS_ERROR,
		.on = PART_RECORD, .basis = CPIS_BASIS_CONTRADICTION, .cite = SUBJECTS,
		.title = "One NHS number has two birth dates in a record",
		.why = "One of the dates is somebody else's, and the plan under it matches "
		       "nobody on PDS.",
		.fix = "Send the birth date that PDS holds with both subjects.",
		.check = { .record = upl_person_has_one_birth_date },
	},
	{
		.id = "UPL-021", .name = "name-with-lost-characters", .severity = CPIS_WARNING,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = SUBJECTS ", name",
		.title = "A name holds characters that stand for lost ones",
		.why = "The name does not match the one that PDS holds, so the record may be "
		       "refused.",
		.fix = "Write names in UTF-8 from your system to the file, without a conversion "
		       "between.",
		.check = { .subject = upl_name_has_its_characters },
	},
	{
		.id = "UPL-022", .name = "name-with-stray-white-space", .severity = CPIS_WARNING,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = SUBJECTS ", name",
		.title = "A name has white space around it or more than single spaces in it",
		.why = "Names are compared letter by letter: a space too many, and the child is "
		       "not matched.",
		.fix = "Write the name without white space around it, also where the XML is "
		       "indented.",
		.check = { .subject = upl_name_has_single_spaces },
	},
	{
		.id = "UPL-023", .name = "name-is-a-place-holder", .severity = CPIS_WARNING,
		.on = PART_SUBJECT, .basis = CPIS_BASIS_GOOD_PRACTICE, .cite = SUBJECTS ", name",
		.title = "A name is a place holder",
		.why = "Nobody on PDS is called so: the record is refused, or matches the wrong "
		       "person.",
		.fix = "Send the name that PDS holds for the NHS number.",
		.check = { .subject = upl_name_is_no_place_holder },
	},
	{
		.id = "UPL-024", .name = "one-number-for-day-and-night", .severity = CPIS_INFO,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UPLOAD ", organisation.telecom",
		.title = "Emergency duty team and office have the same telephone number",
		.why = "An office's number rings unheard at night, when the emergency duty team "
		       "is needed.",
		.fix = "Make sure that the number is answered at all hours, or send each team's "
		       "own.",
		.check = { .organisation = upl_numbers_differ },
	},
	{
		.id = "UPL-025", .name = "organisation-name-is-its-code", .severity = CPIS_WARNING,
		.on = PART_ORGANISATION, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UPLOAD ", organisation.name",
		.title = "Organisation name is its ODS code",
		.why = "A clinician sees a code and does not know whom to call.",
		.fix = "Send the name that the Organisation Data Service lists for the code.",
		.check = { .organisation = upl_name_is_not_code },
	},
	{
		.id = "UPL-026", .name = "trunk-zero-behind-country-code", .severity = CPIS_WARNING,
		.on = PART_TELECOM, .basis = CPIS_BASIS_GOOD_PRACTICE,
		.cite = UPLOAD ", organisation.telecom",
		.title = "Telephone number has +44 and the 0 that it replaces",
		.why = "Most telephones cannot dial it: nobody is called.",
		.fix = "Send the number from +44 on without the 0, or from the 0 on without +44.",
		.check = { .telecom = upl_number_has_no_trunk_zero },
	},
};
const size_t upl_rule_count = sizeof(upl_rules) / sizeof(upl_rules[0]);
