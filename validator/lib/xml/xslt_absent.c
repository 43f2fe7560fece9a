/* In place of xslt.c in a program that has no libxslt: make static. */
#include "xml/xslt.h"

#include "cpis.h"

#include <stdio.h>

const bool xslt_is_built_in = false;

int xslt_run(const struct xslt_job *job, struct buf *out, struct cpis_failure *failure)
{
	(void)job, (void)out;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->text, sizeof(failure->text),
		 "this program was built without libxslt and makes no HTML: write --report "
		 "xml=FILE, "
		 "and let cpis report make the page where libxslt is");
	return -1;
}
