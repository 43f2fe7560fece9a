/*
 * xslt.h - a built-in stylesheet over a document in memory: the only use of libxslt.
 *
 * Nothing may be read or written by a stylesheet: neither files nor the network. Its xsl:include
 * elements name other built-in sheets, which are handed in with it.
 */
#ifndef CPIS_XML_XSLT_H
#define CPIS_XML_XSLT_H

#include "base/buf.h"

struct cpis_failure;

struct xslt_sheet {
	const char *name; /* its name in xsl:include; the first sheet is the one that is run */
	struct str text;
};

/* A parameter of the stylesheet: any text, handed over as a string. */
struct xslt_parameter {
	const char *name, *value;
};

struct xslt_job {
	const struct xslt_sheet *sheets;
	size_t sheet_count;
	const struct xslt_parameter *parameters;
	size_t parameter_count;
	struct str document;
};

/*
 * Run the sheet over the document and append what xsl:output makes of the result to out.
 * 0, or -1 with the reason in *failure (internal: the sheets and the document are ours).
 * Threads: any number of jobs side by side.
 */
int xslt_run(const struct xslt_job *job, struct buf *out, struct cpis_failure *failure);

#endif
