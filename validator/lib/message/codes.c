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
	{ "CPIS-9999", "CP-IS Spine Service Error" },
	{ "SMSP-0000", "Success" },
	{ "SMSP-0001", "Input message validation error" },
	{ "SMSP-0002", "Response message validation error" },
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

const struct code *code_named(const struct code_system *system, struct str display_name)
{
	for (size_t i = 0; i < system->count; i++)
		if (str_is(display_name, system->codes[i].display_name))
			return &system->codes[i];
	return NULL;
}
