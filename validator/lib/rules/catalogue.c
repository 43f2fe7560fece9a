#include "rules/catalogue.h"

#include "base/str.h"
#include "rules/chapters.h"

#include <stdint.h>
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
	{ "NHS", "Local ids and authorities", nhs_local_rules, &nhs_local_rule_count },
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

enum { MOST_RULES = 512, PLACES = 4 * MOST_RULES };

/* Filled at setup, read-only from then on. A place holds the index of a rule plus one; 0: free. */
static const struct rule *all[MOST_RULES];
static size_t count;
static uint16_t by_id[PLACES], by_address[PLACES];

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

static size_t place_of_id(const char *id)
{
	return (size_t)(str_hash(str_of(id)) >> 32) % PLACES;
}

static size_t place_of_address(const struct rule *rule)
{
	uint64_t key = (uint64_t)(uintptr_t)rule * 0x9e3779b97f4a7c15u;
	return (size_t)(key >> 32) % PLACES;
}

static void take_place(uint16_t *places, size_t place, size_t index)
{
	while (places[place])
		place = (place + 1) % PLACES;
	places[place] = (uint16_t)(index + 1);
}

void rules_setup(void)
{
	count = 0;
	for (size_t i = 0; i < rule_chapter_count; i++)
		for (size_t k = 0; k < *rule_chapters[i].count && count < MOST_RULES; k++)
			insert(&rule_chapters[i].rules[k]);
	memset(by_id, 0, sizeof(by_id));
	memset(by_address, 0, sizeof(by_address));
	for (size_t i = 0; i < count; i++) {
		take_place(by_id, place_of_id(all[i]->id), i);
		take_place(by_address, place_of_address(all[i]), i);
	}
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
	for (size_t i = place_of_id(id); by_id[i]; i = (i + 1) % PLACES)
		if (strcmp(all[by_id[i] - 1]->id, id) == 0)
			return all[by_id[i] - 1];
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
	for (size_t i = place_of_address(rule); by_address[i]; i = (i + 1) % PLACES)
		if (all[by_address[i] - 1] == rule)
			return by_address[i] - 1u;
	return 0;
}
