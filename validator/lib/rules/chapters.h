/*
 * chapters.h - the rows of every chapter; catalogue.c puts them in order.
 */
#ifndef CPIS_RULES_CHAPTERS_H
#define CPIS_RULES_CHAPTERS_H

#include "diag/rule.h"

#include <stddef.h>

extern const struct rule xml_rules[], trn_rules[], itk_rules[], itk_route_rules[], itk_soap_rules[],
	itk_fault_rules[], itk_acknowledgement_rules[], tms_rules[], tms_soap_rules[],
	tms_reply_rules[], sch_rules[], nhs_rules[], nhs_local_rules[], dat_rules[], upl_rules[],
	ack_rules[], qry_rules[], rsp_rules[], not_rules[], pair_upload_rules[], pair_rules[];
extern const size_t xml_rule_count, trn_rule_count, itk_rule_count, itk_route_rule_count,
	itk_soap_rule_count, itk_fault_rule_count, itk_acknowledgement_rule_count, tms_rule_count,
	tms_soap_rule_count, tms_reply_rule_count, sch_rule_count, nhs_rule_count,
	nhs_local_rule_count, dat_rule_count, upl_rule_count, ack_rule_count, qry_rule_count,
	rsp_rule_count, not_rule_count, pair_upload_rule_count, pair_rule_count;

#endif
