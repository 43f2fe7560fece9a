#include "rules/catalogue.h"

#include "rules/chapters.h"

#include <string.h>

const struct chapter rule_chapters[] = {
	{ "XML", "The document itself", xml_rules, &xml_rule_count },
	{ "TRN", "Transport layers", trn_rules, &trn_rule_count },
	{ "ITK", "ITK distribution envelope", itk_rules, &itk_rule_count },
	{ "ITK", "ITK distribution envelope", itk_route_rules, &itk_route_rule_count },
	{ "ITK", "ITK SOAP header", itk_soap_rules, &itk_soap_rule_count },
	{ "ITK", "SOAP faults", itk_fault_rules, &itk_fault_rule_count },
	{ "ITK", "ITK acknowledgements", itk_acknowledgement_rules,
	  &itk_acknowledgement_rule_count },
	{ "TMS", "Spine transmission wrapper", tms_rules, &tms_rule_count },
	{ "TMS", "Spine SOAP header", tms_soap_rules, &tms_soap_rule_count },
	{ "TMS", "Spine replies", tms_reply_rules, &tms_reply_rule_count },
	{ "SCH", "Structure", sch_rules, &sch_rule_count },
	{ "NHS", "NHS numbers and identifiers", nhs_rules, &nhs_rule_count },
	{ "DAT", "Dates and times", dat_rules, &dat_rule_count },
	{ "UPL", "Local authority upload", upl_rules, &upl_rule_count },
	{ "ACK", "Acknowledgement of an upload", ack_rules, &ack_rule_count },
	{ "QRY", "NHS query", qry_rules, &qry_rule_count },
	{ "RSP", "Query response", rsp_rules, &rsp_rule_count },
	{ "NOT", "Notifications", not_rules, &not_rule_count },
	{ "PAIR", "An upload and what answers it", pair_upload_rules, &pair_upload_rule_count },
	{ "PAIR", "A request and its reply", pair_rules, &pair_rule_count },
};
const size_t rule_chapter_count = sizeof(rule_chapters) / sizeof(rule_chapters[0]);

enum { MOST_RULES = 512 };

/* Filled at setup, read-only from then on. */
static const struct rule *all[MOST_RULES];
static size_t count;

/* A family may have several files, cut by idea: its ids come in order all the same. */
static void insert(const struct rule *rule)
{
	enum { FAMILY = 4 };
	size_t at = count++;
	for (; at && strncmp(all[at - 1]->id, rule->id, FAMILY) == 0 &&
	       strcmp(all[at - 1]->id, rule->id) > 0;
	     at--)
		all[at] = all[at - 1];
	all[at] = rule;
}

void rules_setup(void)
{
	count = 0;
	for (size_t i = 0; i < rule_chapter_count; i++)
		for (size_t k = 0; k < *rule_chapters[i].count && count < MOST_RULES; k++)
			insert(&rule_chapters[i].rules[k]);
}

size_t rules_count(void)
{
	return count;
}

const struct rule *rules_at(size_t index)
{
	return index < count ? all[index] : NULL;
}

const struct rule *const *rules_all(void)
{
	return all;
}

const struct rule *rules_find(const char *id)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(all[i]->id, id) == 0)
			return all[i];
	return NULL;
}

const char *rules_family(const struct rule *rule)
{
	for (size_t i = 0; i < rule_chapter_count; i++) {
		size_t n = strlen(rule_chapters[i].family);
		if (strncmp(rule_chapters[i].family, rule->id, n) == 0 && rule->id[n] == '-')
			return rule_chapters[i].title;
	}
	return "";
}

size_t rules_index(const struct rule *rule)
{
	size_t i = 0;
	while (i < count && all[i] != rule)
		i++;
	return i < count ? i : 0;
}
