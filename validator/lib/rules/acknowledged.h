/*
 * acknowledged.h - the codes and the location of what an acknowledgement says, each by itself.
 */
#ifndef CPIS_RULES_ACKNOWLEDGED_H
#define CPIS_RULES_ACKNOWLEDGED_H

#include "rules/judge.h"

enum outcome acknowledged_file_code_pairs(struct judge *judge, const struct file_detail *detail);
enum outcome acknowledged_record_code_is_known(struct judge *judge,
					       const struct record_detail *detail);
enum outcome acknowledged_location_compiles(struct judge *judge,
					    const struct record_detail *detail);

#endif
