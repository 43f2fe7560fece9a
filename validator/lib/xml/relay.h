/*
 * relay.h - reading a large document ahead, on a thread of its own, while its events are judged.
 *
 * The contract is that of xml_read; only the time it takes differs. Parser and judge each take
 * about half of the time of a verdict, so two processors give it in little more than the time of
 * the parse.
 */
#ifndef CPIS_XML_RELAY_H
#define CPIS_XML_RELAY_H

#include "xml/reader.h"

/* Below this, a thread costs more than it saves. */
enum { RELAY_WORTH_WHILE_BYTES = 2 * 1024 * 1024 };

/*
 * As xml_read. The handler is called on the calling thread; the reader is used by the other until
 * the call returns. Falls back to xml_read where no thread can be started.
 */
enum xml_outcome xml_read_ahead(struct xml_reader *reader, struct str bytes,
				const struct xml_limits *limits, const struct xml_handler *handler,
				void *context, struct xml_fault *fault);

#endif
