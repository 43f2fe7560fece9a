/*
 * bindings.h - the binding tables of all messages and envelopes.
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
extern const struct binding_table wrapper_table, carrying_wrapper_table;
extern const struct binding_table timestamp_table;
extern const struct binding_table identifier_table;
extern const struct binding_table envelope_table;
extern const struct binding_table soap_table;
extern const struct binding_table soap12_table;
extern const struct binding_table fault_table;
extern const struct binding_table fault12_table;
extern const struct binding_table infrastructure_response_table;
extern const struct binding_table plain_message_table;

#endif
