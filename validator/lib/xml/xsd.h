/*
 * xsd.h - libxml2's own XSD engine behind schema/schema.h, riding on the events of the one parse
 * pass.
 *
 * For schemas that a user brings (--schemas), and as the oracle that the compiled tables are
 * compared with. Its faults carry libxml2's reasons in our words; one value that fails several
 * facets is one fault.
 *
 * A schema is compiled for one thread: libxml2 does not document sharing.
 */
#ifndef CPIS_XML_XSD_H
#define CPIS_XML_XSD_H

#include "schema/schema.h"
#include "xml/xsd_folder.h"

/*
 * Compile a file of the folder and all that it includes. folder must stay as long as the schema.
 * -1 when it is not complete or libxml2 refuses it; failure says where and why.
 */
int xsd_open(const struct schema **schema, const struct xsd_folder *folder,
	     const struct xsd_file *file, struct cpis_failure *failure);
void xsd_close(const struct schema *schema);

#endif
