#include "message/plan.h"

size_t plan_table(const struct plan_numbers *numbers, const struct binding_table *table)
{
	size_t i = 0;
	while (i < numbers->table_count && numbers->tables[i] != table)
		i++;
	return i;
}

int plan_number(struct plan_numbers *numbers, const struct binding_table *table)
{
	if (plan_table(numbers, table) < numbers->table_count)
		return 0;
	if (numbers->row_count == 0)
		numbers->row_count = 1;
	if (numbers->table_count == PLAN_TABLES || numbers->row_count + table->count > PLAN_ROWS)
		return -1;
	numbers->first_row[numbers->table_count] = (uint16_t)numbers->row_count;
	numbers->tables[numbers->table_count++] = table;
	for (size_t i = 0; i < table->count; i++)
		numbers->rows[numbers->row_count++] = &table->rows[i];
	for (size_t i = 0; i < table->count; i++)
		if (table->rows[i].table && plan_number(numbers, table->rows[i].table) != 0)
			return -1;
	return 0;
}
