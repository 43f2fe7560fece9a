#include "message/codes.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct code file_responses[] = {
	{ "CPF01", "File Level Error" },
	{ "CPF02", "Successful File Upload" },
	{ "CPF03", "Partial File Upload" },
	{ "CPF04", "Unsuccessful File Upload" },
	{ "CPF05", "PDS Error - PDS Unavailable" },
	{ "CPF06",
	  "Spine ii rejected the request because this version of the CPIS Client is no longer "
	  "supported" },
};
const struct code_system upload_file_responses = {
	.oid = "2.16.840.1.113883.2.1.3.2.4.17.474",
	.name = "CP-ISUploadFileResponse",
	.codes = file_responses,
	.count = COUNT_OF(file_responses),
};

/* CPR07 is spelt here as the vocabulary's own enumeration has it; its page says "Unsuccessful". */
static const struct code record_responses[] = {
	{ "CPR01", "PDS Error - No Match Found for NHS Number" },
	{ "CPR02", "PDS Error - NHS Number Matched, but Sensitive Record" },
	{ "CPR03", "PDS Error - NHS Number not Verified" },
	{ "CPR04", "PDS Error - NHS Number Format Incorrect" },
	{ "CPR05", "PDS Error - NHS Number Verified, but Superseded" },
	{ "CPR06", "Successful Record Upload" },
	{ "CPR07", "Unsucessful Record Upload" },
};
const struct code_system upload_record_responses = {
	.oid = "2.16.840.1.113883.2.1.3.2.4.17.473",
	.name = "CP-ISUploadRecordResponse",
	.codes = record_responses,
	.count = COUNT_OF(record_responses),
};

static const struct code statuses[] = {
	{ "CPIS-0001", "No Match (NRF)" },
	{ "CPIS-9999", "Generic CP-IS service errors" },
	{ "SMSP-0000", "Success" },
	{ "SMSP-0001", "Input message validation error" },
	{ "SMSP-0002", "Response message validation error" },
	{ "SMSP-0003", "Data returned from local store, Spine unavailable" },
	{ "SMSP-0004", "Could not connect to Spine" },
	{ "SMSP-0005", "Author credentials error" },
	{ "SMSP-9999", "Generic Spine Mini Service Provider software failure" },
};
/* The stub of the Toolkit Workbench, which suppliers build against, sends these words. */
static const struct code statuses_of_the_stub[] = {
	{ "CPIS-9999", "CP-IS Spine Service Error" },
	{ "SMSP-0003", "No Match (NRF)" },
	{ "SMSP-0004", "Could not connect to spine" },
	{ "SMSP-0005", "Author Credentials Error" },
	{ "SMSP-9999", "Spine mini service provider software failure" },
};
const struct code_system mini_service_statuses = {
	.oid = "2.16.840.1.113883.2.1.3.2.4.17.499",
	.name = "mini-service response codes",
	.codes = statuses,
	.count = COUNT_OF(statuses),
	.also_seen = statuses_of_the_stub,
	.also_seen_count = COUNT_OF(statuses_of_the_stub),
};

/* JobRoleName 5.0: what the author of a query may be. */
static const struct code job_roles[] = {
	{ "NR0010", "Medical Director" },
	{ "NR0020", "Clinical Director - Medical" },
	{ "NR0030", "Professor" },
	{ "NR0040", "Senior Lecturer" },
	{ "NR0050", "Consultant" },
	{ "NR0055", "Dental surgeon acting as Hospital Consultant" },
	{ "NR0060", "Special salary scale in Public Health Medicine" },
	{ "NR0070", "Associate Specialist" },
	{ "NR0080", "Staff Grade" },
	{ "NR0090", "Hospital Practitioner" },
	{ "NR0100", "Clinical Assistant" },
	{ "NR0110", "Specialist Registrar" },
	{ "NR0120", "Senior Registrar (Closed )" },
	{ "NR0130", "Registrar (Closed)" },
	{ "NR0140", "Senior House Officer" },
	{ "NR0150", "House Officer - Pre Registration" },
	{ "NR0160", "House Officer - Post Registration" },
	{ "NR0170", "Trust Grade Doctor - House Officer level" },
	{ "NR0180", "Trust Grade Doctor - SHO level" },
	{ "NR0190", "Trust Grade Doctor - Specialist Registrar level" },
	{ "NR0200", "Trust Grade Doctor - Career Grade level" },
	{ "NR0210", "Director of Public Health" },
	{ "NR0215", "Asst. Clinical Medical Officer" },
	{ "NR0220", "Clinical Medical Officer" },
	{ "NR0230", "Senior Clinical Medical Officer" },
	{ "NR0240", "'Other' Community Health Service" },
	{ "NR0243", "Other' Community Health Service - Social Care Worker" },
	{ "NR0247", "Other' Community Health Service - Admin Clerk" },
	{ "NR0250", "General Dental Practitioner" },
	{ "NR0260", "General Medical Practitioner" },
	{ "NR0270", "Salaried General Practitioner" },
	{ "NR0280", "Regional Dental Officer" },
	{ "NR0290", "Dental Clinical Director - Dental" },
	{ "NR0295", "Dental Assistant Clinical Director" },
	{ "NR0300", "Dental Officer" },
	{ "NR0310", "Senior Dental Officer" },
	{ "NR0320", "Salaried Dental Practitioner" },
	{ "NR0330", "Student Nurse - Adult Branch" },
	{ "NR0340", "Student Nurse - Child Branch" },
	{ "NR0350", "Student Nurse - Mental Health Branch" },
	{ "NR0360", "Student Nurse - Learning Disabilities Branch" },
	{ "NR0370", "Student Midwife" },
	{ "NR0380", "Student Health Visitor" },
	{ "NR0390", "Student District Nurse" },
	{ "NR0400", "Student School Nurse" },
	{ "NR0410", "Student Practice Nurse" },
	{ "NR0420", "Student Occupational Health Nurse" },
	{ "NR0430", "Student Community Paediatric Nurse" },
	{ "NR0440", "Student Community Mental Health Nurse" },
	{ "NR0450", "Student Community Learning Disabilities Nurse" },
	{ "NR0460", "Student Chiropodist" },
	{ "NR0470", "Student Dietitian" },
	{ "NR0480", "Student Occupational Therapist" },
	{ "NR0490", "Student Orthoptist" },
	{ "NR0500", "Student Physiotherapist" },
	{ "NR0510", "Student Radiographer - Diagnostic" },
	{ "NR0520", "Student Radiographer - Therapeutic" },
	{ "NR0530", "Student Speech & Language Therapist" },
	{ "NR0540", "Art, Music & Drama Student" },
	{ "NR0550", "Student Psychotherapist" },
	{ "NR0560", "Director of Nursing" },
	{ "NR0570", "Nurse Consultant" },
	{ "NR0580", "Nurse Manager" },
	{ "NR0590", "Modern Matron" },
	{ "NR0600", "Specialist Nurse Practitioner" },
	{ "NR0610", "Sister/Charge Nurse" },
	{ "NR0620", "Staff Nurse" },
	{ "NR0630", "Enrolled Nurse" },
	{ "NR0640", "Midwife - Consultant" },
	{ "NR0650", "Midwife - Specialist Practitioner" },
	{ "NR0660", "Midwife - Manager" },
	{ "NR0670", "Midwife - Sister/Charge Nurse" },
	{ "NR0680", "Midwife" },
	{ "NR0690", "Community Practitioner" },
	{ "NR0700", "Community Nurse" },
	{ "NR0710", "Art Therapist" },
	{ "NR0720", "Art Therapist Consultant" },
	{ "NR0730", "Art Therapist Manager" },
	{ "NR0740", "Art Therapist Specialist Practitioner" },
	{ "NR0750", "Chiropodist/Podiatrist" },
	{ "NR0760", "Chiropodist/Podiatrist Consultant" },
	{ "NR0770", "Chiropodist/Podiatrist Manager" },
	{ "NR0780", "Chiropodist/Podiatrist Specialist Practitioner" },
	{ "NR0790", "Dietitian" },
	{ "NR0800", "Dietitian Consultant" },
	{ "NR0810", "Dietitian Manager" },
	{ "NR0820", "Dietitian Specialist Practitioner" },
	{ "NR0830", "Drama Therapist" },
	{ "NR0840", "Drama Therapist Consultant" },
	{ "NR0850", "Drama Therapist Manager" },
	{ "NR0860", "Drama Therapist Specialist Practitioner" },
	{ "NR0870", "Multi Therapist" },
	{ "NR0880", "Multi Therapist Consultant" },
	{ "NR0890", "Multi Therapist Manager" },
	{ "NR0900", "Multi Therapist Specialist Practitioner" },
	{ "NR0910", "Music Therapist" },
	{ "NR0920", "Music Therapist Consultant" },
	{ "NR0930", "Music Therapist Manager" },
	{ "NR0940", "Music Therapist Specialist Practitioner" },
	{ "NR0950", "Occupational Therapist" },
	{ "NR0955", "Speech & Language Therapist" },
	{ "NR0960", "Occupational Therapist Consultant" },
	{ "NR0965", "Speech & Language Therapist Consultant" },
	{ "NR0970", "Occupational Therapist Manager" },
	{ "NR0975", "Speech & Language Therapist Manager" },
	{ "NR0980", "Occupational Therapy Specialist Practitioner" },
	{ "NR0985", "Speech & Language Therapist Specialist Practitioner" },
	{ "NR0990", "Orthoptist" },
	{ "NR1000", "Orthoptist Consultant" },
	{ "NR1010", "Orthoptist Manager" },
	{ "NR1020", "Orthoptist Specialist Practitioner" },
	{ "NR1030", "Orthotist" },
	{ "NR1040", "Orthotist Consultant" },
	{ "NR1050", "Orthotist Manager" },
	{ "NR1060", "Orthotist Specialist Practitioner" },
	{ "NR1070", "Paramedic" },
	{ "NR1080", "Paramedic Consultant" },
	{ "NR1090", "Paramedic Manager" },
	{ "NR1100", "Paramedic Specialist Practitioner" },
	{ "NR1110", "Physiotherapist" },
	{ "NR1120", "Physiotherapist Consultant" },
	{ "NR1130", "Physiotherapist Manager" },
	{ "NR1140", "Physiotherapist Specialist Practitioner" },
	{ "NR1150", "Prosthetist" },
	{ "NR1160", "Prosthetist Consultant" },
	{ "NR1170", "Prosthetist Manager" },
	{ "NR1180", "Prosthetist Specialist Practitioner" },
	{ "NR1190", "Radiographer - Diagnostic" },
	{ "NR1200", "Radiographer - Diagnostic, Consultant" },
	{ "NR1210", "Radiographer - Diagnostic, Manager" },
	{ "NR1220", "Radiographer - Diagnostic, Specialist Practitioner" },
	{ "NR1230", "Radiographer - Therapeutic" },
	{ "NR1240", "Radiographer - Therapeutic, Consultant" },
	{ "NR1250", "Radiographer - Therapeutic, Manager" },
	{ "NR1260", "Radiographer - Therapeutic, Specialist Practitioner" },
	{ "NR1270", "Clinical Director" },
	{ "NR1280", "Optometrist" },
	{ "NR1290", "Pharmacist" },
	{ "NR1300", "Psychotherapist" },
	{ "NR1310", "Clinical Psychologist" },
	{ "NR1320", "Chaplain" },
	{ "NR1330", "Social Worker" },
	{ "NR1340", "Approved Social Worker" },
	{ "NR1350", "Youth Worker" },
	{ "NR1360", "Specialist Practitioner" },
	{ "NR1370", "Practitioner" },
	{ "NR1380", "Technician - PS&T" },
	{ "NR1390", "Osteopath" },
	{ "NR1400", "Healthcare Scientist" },
	{ "NR1410", "Consultant Healthcare Scientist" },
	{ "NR1420", "Biomedical Scientist" },
	{ "NR1430", "Technician - Healthcare Scientists" },
	{ "NR1440", "Therapist" },
	{ "NR1450", "Health Care Support Worker" },
	{ "NR1460", "Social Care Support Worker" },
	{ "NR1470", "Home Help" },
	{ "NR1480", "Healthcare Assistant" },
	{ "NR1490", "Nursery Nurse" },
	{ "NR1500", "Play Therapist" },
	{ "NR1510", "Play Specialist" },
	{ "NR1520", "Technician - Add'l Clinical Services" },
	{ "NR1530", "Technical Instructor" },
	{ "NR1540", "Associate Practitioner" },
	{ "NR1543", "Associate Practitioner - Nurse" },
	{ "NR1547", "Associate Practitioner - General Practitioner" },
	{ "NR1550", "Counsellor" },
	{ "NR1560", "Helper/Assistant" },
	{ "NR1570", "Dental Surgery Assistant" },
	{ "NR1580", "Medical Laboratory Assistant" },
	{ "NR1590", "Phlebotomist" },
	{ "NR1600", "Cytoscreener" },
	{ "NR1610", "Student Technician" },
	{ "NR1620", "Trainee Scientist" },
	{ "NR1630", "Trainee Practitioner" },
	{ "NR1640", "Nursing Cadet" },
	{ "NR1650", "Healthcare Cadet" },
	{ "NR1660", "Pre-reg Pharmacist" },
	{ "NR1670", "Assistant Psychologist" },
	{ "NR1680", "Assistant Psychotherapist" },
	{ "NR1690", "Call Operator" },
	{ "NR1700", "Gateway Worker" },
	{ "NR1710", "Support, Time, Recovery Worker" },
	{ "NR1720", "Clerical Worker" },
	{ "NR1730", "Receptionist" },
	{ "NR1740", "Secretary" },
	{ "NR1750", "Personal Assistant" },
	{ "NR1760", "Medical Secretary" },
	{ "NR1770", "Officer" },
	{ "NR1780", "Manager" },
	{ "NR1790", "Senior Manager" },
	{ "NR1800", "Technician - Admin & Clerical" },
	{ "NR1810", "Accountant" },
	{ "NR1820", "Librarian" },
	{ "NR1830", "Interpreter" },
	{ "NR1840", "Analyst" },
	{ "NR1850", "Adviser" },
	{ "NR1860", "Researcher" },
	{ "NR1870", "Control Assistant" },
	{ "NR1880", "Architect" },
	{ "NR1890", "Lawyer" },
	{ "NR1900", "Surveyor" },
	{ "NR1910", "Chair" },
	{ "NR1920", "Chief Executive" },
	{ "NR1930", "Finance Director" },
	{ "NR1940", "Other Executive Director" },
	{ "NR1950", "Board Level Director" },
	{ "NR1960", "Non Executive Director" },
	{ "NR1970", "Childcare Co-ordinator" },
	{ "NR1980", "Main Informal Carer" },
	{ "NR1990", "Formal Carer" },
	{ "NR2000", "Additional person to be involved in decisions" },
	{ "NR2010", "LPA with authority" },
	{ "NR2020", "Key Worker" },
	{ "NR2030", "Senior Responsible Clinician" },
	{ "NR2040", "Palliative Care Physician" },
	{ "NR2050", "Specialist Palliative Care Nurse" },
	{ "NR2060", "Discharge Coordinator" },
	{ "NR9000", "Children's Safeguarding Lead Doctor" },
	{ "NR9010", "Children's Safeguarding Lead Nurse" },
	{ "NR9020", "Children's Safeguarding Lead" },
	{ "NR9030", "Safeguarding Lead Doctor" },
	{ "NR9040", "Safeguarding Lead Nurse" },
	{ "NR9050", "Safeguarding Lead" },
	{ "NR9060", "Designated Doctor" },
	{ "NR9070", "Designated Nurse" },
	{ "NR9080", "Named Doctor" },
	{ "NR9090", "Named Midwife" },
	{ "NR9100", "Named GP" },
};
const struct code_system job_role_names = {
	.oid = "2.16.840.1.113883.2.1.3.2.4.17.124",
	.name = "JobRoleName",
	.codes = job_roles,
	.count = sizeof(job_roles) / sizeof(job_roles[0]),
};

/* Negative, 0 or positive, as strcmp has it. */
static int compare(struct str a, const char *b)
{
	struct str other = str_of(b);
	int order = memcmp(a.p, other.p, a.n < other.n ? a.n : other.n);
	return order ? order : (a.n > other.n) - (a.n < other.n);
}

const struct code *code_find(const struct code_system *system, struct str code)
{
	size_t low = 0, high = code.p ? system->count : 0;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare(code, system->codes[middle].code);
		if (order == 0)
			return &system->codes[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool code_is_named(const struct code_system *system, const struct code *code,
		   struct str display_name)
{
	if (str_is(display_name, code->display_name))
		return true;
	for (size_t i = 0; i < system->also_seen_count; i++)
		if (strcmp(system->also_seen[i].code, code->code) == 0 &&
		    str_is(display_name, system->also_seen[i].display_name))
			return true;
	return false;
}

const struct code *code_named(const struct code_system *system, struct str display_name)
{
	for (size_t i = 0; i < system->count; i++)
		if (str_is(display_name, system->codes[i].display_name))
			return &system->codes[i];
	return NULL;
}
