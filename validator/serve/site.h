/* site.h - files that the build puts into the program: the pages of the service and of the
 * twin, and the description of the API. */
#ifndef CPIS_SERVE_SITE_H
#define CPIS_SERVE_SITE_H

#include <stddef.h>

extern const unsigned char site_page_html[], site_twin_html[], site_openapi_json[];
extern const size_t site_page_html_size, site_twin_html_size, site_openapi_json_size;

#endif
