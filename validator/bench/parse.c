/* A program that is linked with libxml2, parses a message and does no more: what a cold start of
 * cpis is compared with. */
#include <libxml/parser.h>

int main(int argc, char **argv)
{
	xmlDocPtr document = argc == 2 ? xmlReadFile(argv[1], NULL, XML_PARSE_NONET) : NULL;
	xmlFreeDoc(document);
	xmlCleanupParser();
	return document ? 0 : 1;
}
