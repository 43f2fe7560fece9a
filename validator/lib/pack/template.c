/* cpis_new_pack: the start of a pack, as a folder. */
#include "cpis.h"

#include "base/files.h"
#include "diag/failure.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

struct new_file {
	const char *path, *text;
};

/* They lint and run as they are, and show each kind of case once; @NAME@ is the name of the pack. A
 * row without path ends them. */
static const struct new_file files[] = {
	{ "pack.yaml",
	  "# A pack lists what a system must show. The manual is cpis-pack(5).\n"
	  "#   cpis lint @NAME@       is the pack itself correct?\n"
	  "#   cpis run @NAME@        run it; --evidence FOLDER fills the slots\n"
	  "#   cpis mutate @NAME@     which faults would it not catch?\n"
	  "pack: \"@NAME@\"\n"
	  "version: 0.1.0\n"
	  "title: What @NAME@ must show\n"
	  "specification: CP-IS DMS 1.0\n"
	  "now: 2026-11-01 # the current time, for the messages below\n"
	  "requirements: requirements.yaml\n"
	  "defaults: { tags: [upload] }\n"
	  "\n"
	  "cases:\n"
	  "  # A fixed message that must be accepted. Expectations are exact: it must have no "
	  "findings.\n"
	  "  - id: GOOD-001\n"
	  "    title: One child on a child protection plan\n"
	  "    requirements: [REQ-01]\n"
	  "    tags: [good]\n"
	  "    message: messages/upload.xml\n"
	  "    given: data/set-a.yaml\n"
	  "    expect:\n"
	  "      verdict: pass\n"
	  "      records: exact\n"
	  "      assert:\n"
	  "        - { xpath: count(//record), equals: \"1\", title: one record is sent }\n"
	  "\n"
	  "  # The same message with one thing wrong, and what must be found. For the rules, run "
	  "cpis "
	  "rules.\n"
	  "  - id: BAD-001\n"
	  "    title: Two digits of the NHS number are swapped\n"
	  "    requirements: [REQ-02]\n"
	  "    tags: [bad]\n"
	  "    message: messages/upload.xml\n"
	  "    edit:\n"
	  "      - set: { at: \"//COCT_TP145101GB01.Child/id[1]/@extension\", to: \"9996189478\" "
	  "}\n"
	  "    expect:\n"
	  "      verdict: fail\n"
	  "      findings:\n"
	  "        - { rule: NHS-002, at: \"//COCT_TP145101GB01.Child/id[1]\" }\n"
	  "\n"
	  "  # A slot that a supplier fills. Remove the comment marks; the run is then incomplete "
	  "until "
	  "there is a file.\n"
	  "  # - id: EVIDENCE-001\n"
	  "  #   title: The child entered from data set A is uploaded\n"
	  "  #   requirements: [REQ-01]\n"
	  "  #   evidence: \"upload*.xml\"\n"
	  "  #   given: data/set-a.yaml\n"
	  "  #   expect: { verdict: pass, records: exact }\n"
	  "\n"
	  "  # A question for a person. The answer goes in answers.yaml in the evidence folder.\n"
	  "  # - id: MANUAL-001\n"
	  "  #   title: The user sees that an upload was refused\n"
	  "  #   requirements: [REQ-02]\n"
	  "  #   manual: Does the screen say which child was refused, and why?\n" },
	{ "requirements.yaml",
	  "# What the system must do, in your own words. Each requirement has a case that shows "
	  "it, "
	  "or a reason why not.\n"
	  "- id: REQ-01\n"
	  "  text: A child who is put on a plan is uploaded with everything that was entered.\n"
	  "  source: CP-IS DMS 1.0, REPC_MT000002GB01\n"
	  "- id: REQ-02\n"
	  "  text: An NHS number with a wrong check digit is never sent.\n"
	  "  source: NHS Data Dictionary, NHS NUMBER\n"
	  "- id: REQ-03\n"
	  "  text: The authority decides who may send.\n"
	  "  source: your own\n"
	  "  not-testable: this is in the contract, and no message shows it\n" },
	{ "data/set-a.yaml",
	  "# What was entered into the system under test. No one in it is real.\n"
	  "set: A\n"
	  "title: One child\n"
	  "records:\n"
	  "  - nhs-number: 999 618 4978\n"
	  "    local-id: ADC-200417\n"
	  "    given: Zoë\n"
	  "    family: O'Brannigan\n"
	  "    birth-date: 2018-03-14\n"
	  "    plans:\n"
	  "      - { kind: child-protection, start: \"2026-09-01 10:30\" }\n" },
	{ "messages/upload.xml",
	  "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	  "<File xmlns=\"urn:hl7-org:v3\" xmlns:npfitlc=\"NPFIT:HL7:Localisation\">\n"
	  "\t<creationTime value=\"20261019080003+0100\"/>\n"
	  "\t<id extension=\"43\"/>\n"
	  "\t<transmissionQuantity value=\"1\"/>\n"
	  "\t<communicationFunctionSnd>\n"
	  "\t\t<organisation>\n"
	  "\t\t\t<id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"9X1\"/>\n"
	  "\t\t\t<name>Ashwick &amp; Dunmere Council</name>\n"
	  "\t\t\t<telecom value=\"tel:01632960114\" use=\"EC\"/>\n"
	  "\t\t\t<telecom value=\"tel:01632960200\" use=\"WP\"/>\n"
	  "\t\t</organisation>\n"
	  "\t</communicationFunctionSnd>\n"
	  "\t<record>\n"
	  "\t\t<CP-ISRecord>\n"
	  "\t\t\t<pertinentInformation>\n"
	  "\t\t\t\t<npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
	  "extension=\"COCT_TP146101GB01#CPPInformation\"/>\n"
	  "\t\t\t\t<COCT_TP146101GB01.CPPInformation>\n"
	  "\t\t\t\t\t<component>\n"
	  "\t\t\t\t\t\t<cPPStartDate>\n"
	  "\t\t\t\t\t\t\t<value value=\"202609011030\"/>\n"
	  "\t\t\t\t\t\t</cPPStartDate>\n"
	  "\t\t\t\t\t</component>\n"
	  "\t\t\t\t</COCT_TP146101GB01.CPPInformation>\n"
	  "\t\t\t</pertinentInformation>\n"
	  "\t\t\t<subject>\n"
	  "\t\t\t\t<npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
	  "extension=\"COCT_TP145101GB01#Child\"/>\n"
	  "\t\t\t\t<COCT_TP145101GB01.Child>\n"
	  "\t\t\t\t\t<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9996184978\"/>\n"
	  "\t\t\t\t\t<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"ADC-200417\" "
	  "assigningAuthorityName=\"9X1:Ashwick &amp; Dunmere Council\"/>\n"
	  "\t\t\t\t\t<childPerson>\n"
	  "\t\t\t\t\t\t<birthTime value=\"20180314\"/>\n"
	  "\t\t\t\t\t\t<name>\n"
	  "\t\t\t\t\t\t\t<given>Zoë</given>\n"
	  "\t\t\t\t\t\t\t<family>O'Brannigan</family>\n"
	  "\t\t\t\t\t\t</name>\n"
	  "\t\t\t\t\t</childPerson>\n"
	  "\t\t\t\t</COCT_TP145101GB01.Child>\n"
	  "\t\t\t</subject>\n"
	  "\t\t</CP-ISRecord>\n"
	  "\t</record>\n"
	  "</File>\n" },
	{ NULL, NULL },
};

static void put_text(struct buf *out, const char *text, const char *name)
{
	static const char mark[] = "@NAME@";
	for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
		buf_add(out, text, (size_t)(at - text));
		buf_text(out, name);
	}
	buf_text(out, text);
}

static int make_folder(const char *path, struct cpis_failure *failure)
{
	return mkdir(path, 0777) == 0 ? 0 : failure_of_file(failure, path, "%s", strerror(errno));
}

static int write_file(const char *folder, const struct new_file *from, const char *name,
		      struct cpis_failure *failure)
{
	char path[PATH_MAX];
	struct buf text;
	int n = snprintf(path, sizeof(path), "%s/%s", folder, from->path);
	if (n < 0 || (size_t)n >= sizeof(path))
		return failure_of_file(failure, folder, "the name is too long");
	char *slash = strrchr(path, '/');
	*slash = '\0';
	int status = strcmp(path, folder) == 0 ? 0 : make_folder(path, failure);
	*slash = '/';
	buf_init(&text, 1 << 20);
	put_text(&text, from->text, name);
	if (status == 0)
		status = text.failed ? failure_out_of_memory(failure)
				     : files_write(path, FILES_NEW, "the file", buf_view(&text),
						   failure);
	buf_release(&text);
	return status;
}

/* What a pack may be called. */
static bool is_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
	return *name && *name != '.' && !name[strspn(name, letters)];
}

int cpis_new_pack(const char *folder, struct cpis_failure *failure)
{
	const char *slash = strrchr(folder, '/');
	const char *name = slash ? slash + 1 : folder;
	if (!is_name(name))
		return failure_set(
			failure, CPIS_FAILURE_CONFIGURATION,
			"a pack name may have letters, digits, hyphens, underscores and dots");
	if (make_folder(folder, failure) != 0)
		return -1;
	for (const struct new_file *file = files; file->path; file++)
		if (write_file(folder, file, name, failure) != 0)
			return -1;
	return 0;
}
