/*
 * bindings.h - the binding tables of all messages and envelopes (bindings.c, bindings_envelope.c).
 */
#ifndef CPIS_MESSAGE_BINDINGS_H
#define CPIS_MESSAGE_BINDINGS_H

#include "message/binding.h"

extern const struct binding_table upload_table;
extern const struct binding_table acknowledgement_table;
extern const struct binding_table query_stub_table;
extern const struct binding_table response_table;
extern const struct binding_table access_notification_table;
extern const struct binding_table inactive_notification_table;
extern const struct binding_table wrapper_table;
extern const struct binding_table timestamp_table;
extern const struct binding_table identifier_table;
extern const struct binding_table envelope_table;
extern const struct binding_table soap_table;
extern const struct binding_table fault_table;
extern const struct binding_table infrastructure_response_table;

/* A table over the array `name`_rows for struct `type`. */
#define TABLE_CLEARING(name, part_kind, type, clear_bytes_)                                        \
	const struct binding_table name##_table = { part_kind, sizeof(struct type), clear_bytes_,  \
						    name##_rows,                                   \
						    sizeof(name##_rows) / sizeof(name##_rows[0]) }
#define TABLE(name, part_kind, type) TABLE_CLEARING(name, part_kind, type, sizeof(struct type))

#define VALUE(path_, type, member)                                                                 \
	{                                                                                          \
		.path = path_, .kind = BIND_VALUE, .field = offsetof(struct type, member)          \
	}
/* member[max_] of texts, counted in counter */
#define VALUES(path_, type, member, counter, max_)                                                 \
	{                                                                                          \
		.path = path_, .kind = BIND_VALUE, .field = offsetof(struct type, member),         \
		.count_field = offsetof(struct type, counter), .max = max_                         \
	}
#define NAME(path_, type, member)                                                                  \
	{                                                                                          \
		.path = path_, .kind = BIND_NAME, .field = offsetof(struct type, member)           \
	}
#define COUNT(path_, type, member)                                                                 \
	{                                                                                          \
		.path = path_, .kind = BIND_COUNT, .field = offsetof(struct type, member)          \
	}
#define FLAG(path_, type, member)                                                                  \
	{                                                                                          \
		.path = path_, .kind = BIND_FLAG, .field = offsetof(struct type, member)           \
	}
/* member[max_], counted in counter */
#define PARTS(path_, type, member, counter, max_, table_, role_)                                   \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .max = max_, .table = &table_,      \
		.role = role_                                                                      \
	}
/* the same, into the nearest part of a kind around the table's own */
#define PARTS_INTO(kind_, path_, type, member, counter, max_, table_, role_)                       \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .into = kind_,                                   \
		.field = offsetof(struct type, member),                                            \
		.count_field = offsetof(struct type, counter), .max = max_, .table = &table_,      \
		.role = role_                                                                      \
	}
/* one slot, used again for each */
#define STREAM(path_, type, member, counter, table_, role_)                                        \
	{                                                                                          \
		.path = path_, .kind = BIND_PART, .field = offsetof(struct type, member),          \
		.count_field = offsetof(struct type, counter), .max = 1, .table = &table_,         \
		.stream = true, .role = role_                                                      \
	}

#endif
