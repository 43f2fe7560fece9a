#include "xml/xslt.h"

#include "xml/alloc.h"

#include "cpis.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <libxslt/security.h>
#include <libxslt/transform.h>
#include <libxslt/variables.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>

#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>

#define XSL_NAMESPACE "http://www.w3.org/1999/XSL/Transform"

static int fail(struct cpis_failure *failure, const char *what, const char *about)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->text, sizeof(failure->text), "%s%s%s", what, about[0] ? ": " : "", about);
	return -1;
}

static xmlDocPtr parse(struct str text, const char *name)
{
	/* No dictionary of its own: nodes move from one sheet into another. */
	const int options = XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_NODICT |
			    XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
	xmlParserCtxtPtr parser = xmlNewParserCtxt();
	bool lacking;
	xmlDocPtr doc = xml_document(parser, text, name, "UTF-8", options, &lacking);
	xmlFreeParserCtxt(parser);
	return doc;
}

static const struct xslt_sheet *find_sheet(const struct xslt_job *job, const char *name)
{
	for (size_t i = 0; i < job->sheet_count; i++)
		if (strcmp(job->sheets[i].name, name) == 0)
			return &job->sheets[i];
	return NULL;
}

/* Put the children of the named sheet in the place of the include. */
static int include_sheet(const struct xslt_job *job, xmlNodePtr include)
{
	xmlChar *name = xmlGetNoNsProp(include, BAD_CAST "href");
	const struct xslt_sheet *sheet = name ? find_sheet(job, (const char *)name) : NULL;
	xmlFree(name);
	xmlDocPtr part = sheet ? parse(sheet->text, sheet->name) : NULL;
	if (!part)
		return -1;
	xmlNodePtr root = xmlDocGetRootElement(part);
	for (xmlNodePtr child = root->children; child; child = child->next) {
		xmlNodePtr copy = xmlDocCopyNode(child, include->doc, 1);
		if (copy)
			xmlAddPrevSibling(include, copy);
	}
	xmlUnlinkNode(include);
	xmlFreeNode(include);
	xmlFreeDoc(part);
	return 0;
}

static bool is_include(const xmlNode *node)
{
	return node->type == XML_ELEMENT_NODE && node->ns &&
	       xmlStrEqual(node->name, BAD_CAST "include") &&
	       xmlStrEqual(node->ns->href, BAD_CAST XSL_NAMESPACE);
}

/* NULL when a sheet is not well-formed or one is included that is not there. */
static xsltStylesheetPtr compile(const struct xslt_job *job)
{
	xmlDocPtr sheet = parse(job->sheets[0].text, job->sheets[0].name);
	if (!sheet)
		return NULL;
	xmlNodePtr next = NULL;
	for (xmlNodePtr node = xmlDocGetRootElement(sheet)->children; node; node = next) {
		next = node->next;
		if (is_include(node) && include_sheet(job, node)) {
			xmlFreeDoc(sheet);
			return NULL;
		}
	}
	xsltStylesheetPtr compiled = xsltParseStylesheetDoc(sheet);
	if (!compiled)
		xmlFreeDoc(sheet);
	return compiled;
}

static void say_nothing(void *context, const char *format, ...)
{
	(void)context, (void)format;
}

static void set_up(void)
{
	xsltInit();
	xsltSetGenericErrorFunc(NULL, say_nothing);
	xsltSetGenericDebugFunc(NULL, say_nothing);
}

static xsltSecurityPrefsPtr forbid_all(void)
{
	static const xsltSecurityOption doors[] = {
		XSLT_SECPREF_READ_FILE,	       XSLT_SECPREF_WRITE_FILE,
		XSLT_SECPREF_CREATE_DIRECTORY, XSLT_SECPREF_READ_NETWORK,
		XSLT_SECPREF_WRITE_NETWORK,
	};
	xsltSecurityPrefsPtr prefs = xsltNewSecurityPrefs();
	for (size_t i = 0; prefs && i < sizeof(doors) / sizeof(doors[0]); i++) {
		if (xsltSetSecurityPrefs(prefs, doors[i], xsltSecurityForbid) != 0) {
			xsltFreeSecurityPrefs(prefs);
			return NULL;
		}
	}
	return prefs;
}

/* Keeps the first complaint of libxslt, which comes in pieces. */
static void note_error(void *context, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void note_error(void *context, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vprintf(context, format, args);
	va_end(args);
}

static xmlDocPtr transform(const struct xslt_job *job, xsltStylesheetPtr sheet, xmlDocPtr document,
			   struct buf *complaint)
{
	xsltTransformContextPtr context = xsltNewTransformContext(sheet, document);
	xsltSecurityPrefsPtr prefs = forbid_all();
	xmlDocPtr result = NULL;
	if (!context || !prefs || xsltSetCtxtSecurityPrefs(prefs, context) != 0)
		goto done;
	xsltSetTransformErrorFunc(context, complaint, note_error);
	for (size_t i = 0; i < job->parameter_count; i++)
		if (xsltQuoteOneUserParam(context, (const xmlChar *)job->parameters[i].name,
					  (const xmlChar *)job->parameters[i].value) != 0)
			goto done;
	result = xsltApplyStylesheetUser(sheet, document, NULL, NULL, NULL, context);
	if (result && context->state != XSLT_STATE_OK) {
		xmlFreeDoc(result);
		result = NULL;
	}
done:
	if (context)
		xsltFreeTransformContext(context);
	xsltFreeSecurityPrefs(prefs);
	return result;
}

/* Versions of libxml2 name the encoding of a page in two ways: here it is always the short one. */
static void add_page(struct str page, struct buf *out)
{
	static const char named[] =
		"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">";
	size_t head = page.n < 4096 ? page.n : 4096;
	const char *at = memmem(page.p, head, named, strlen(named));
	size_t before = at ? (size_t)(at - page.p) : 0;
	buf_add(out, page.p, before);
	if (at)
		buf_text(out, "<meta charset=\"UTF-8\">");
	before += at ? strlen(named) : 0;
	buf_add(out, page.p + before, page.n - before);
}

static int serialise(xsltStylesheetPtr sheet, xmlDocPtr result, struct buf *out)
{
	xmlChar *bytes = NULL;
	int n = 0;
	if (xsltSaveResultToString(&bytes, &n, result, sheet) != 0 || !bytes)
		return -1;
	add_page((struct str){ (const char *)bytes, (size_t)n }, out);
	xmlFree(bytes);
	return 0;
}

struct running {
	const struct xslt_job *job;
	struct buf *complaint, *out;
	struct cpis_failure *failure;
	int status;
};

static void run(void *context)
{
	struct running *running = context;
	const struct xslt_job *job = running->job;
	struct cpis_failure *failure = running->failure;
	xmlDocPtr result = NULL;
	xsltStylesheetPtr sheet = compile(job);
	xmlDocPtr document = parse(job->document, "results.xml");
	if (!sheet)
		fail(failure, "a built-in stylesheet cannot be compiled", job->sheets[0].name);
	else if (!document)
		fail(failure, "the results document cannot be read back", "");
	else if (!(result = transform(job, sheet, document, running->complaint)))
		fail(failure, "the stylesheet failed", buf_view(running->complaint).p);
	else if (serialise(sheet, result, running->out))
		fail(failure, "out of memory", "");
	else
		running->status = 0;
	xmlFreeDoc(result);
	xmlFreeDoc(document);
	xsltFreeStylesheet(sheet);
}

int xslt_run(const struct xslt_job *job, struct buf *out, struct cpis_failure *failure)
{
	struct buf complaint;
	/* Not in an attempt: what the library makes once must stay whole. */
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, set_up);
	buf_init(&complaint, 4096);
	struct running running = { job, &complaint, out, failure, -1 };
	if (!xml_attempt(run, &running))
		running.status = fail(failure, "out of memory", "");
	buf_release(&complaint);
	return running.status;
}
