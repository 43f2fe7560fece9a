/*
 * payloads.h - the payloads of replies and notices, inside whatever they travel in.
 */
#ifndef CPIS_WRITE_PAYLOADS_H
#define CPIS_WRITE_PAYLOADS_H

#include "write/element.h"
#include "write/messages.h"
#include "write/pieces.h"

/* CP-ISNHSQueryResponse: REPC_MT000012GB01 where there is a status, else REPC_MT000007GB01. */
void payload_response(struct element_writer *writer, const struct query_response *response);
/* FileResponse, REPC_MT000003GB01. */
void payload_acknowledgement(struct element_writer *writer, const struct upload_outcome *outcome);
/* REPC_MT000004GB01 */
void payload_access_notice(struct element_writer *writer, const struct access_notice *notice);
/* REPC_MT000005GB01 */
void payload_inactive_notice(struct element_writer *writer, const struct inactive_notice *notice);

#endif
