/* What a query asks of a verdict, in the words of the program's options. */
#include "service.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

static const struct {
	const char *format, *type;
} media_types[] = {
	{ "json", "application/json" },
	{ "html", "text/html" },
	{ "text", "text/plain" },
	{ "sarif", "application/sarif+json" },
	{ "csv", "text/csv" },
	{ "md", "text/markdown" },
	{ "xml", "application/xml" },
	{ "junit", "application/junit+xml" },
	{ "codequality", "application/json" },
	{ "certificate", "text/html" },
	{ "tap", "text/x-tap" },
	{ "short", "text/plain" },
};

enum { MEDIA_TYPES = sizeof(media_types) / sizeof(media_types[0]), MOST_FORMATS = 32 };

const char *ask_media_type(const char *format)
{
	for (size_t i = 0; i < MEDIA_TYPES; i++)
		if (strcmp(media_types[i].format, format) == 0)
			return media_types[i].type;
	return "application/octet-stream";
}

/* The q of a media range, in thousandths; text is what follows its name. */
static int quality_of(const char *text, size_t n)
{
	for (size_t i = 0; i + 3 < n; i++)
		if (text[i] == ';' || text[i] == ' ') {
			if (strncasecmp(text + i + 1, "q=", 2) == 0)
				return (int)(strtod(text + i + 3, NULL) * 1000);
		}
	return 1000;
}

/* The report that Accept likes best of those that have a media type; JSON where it likes all. */
static const char *format_accepted(const char *accept)
{
	const char *best = "json";
	int best_quality = 0;
	while (accept && *accept) {
		accept += strspn(accept, " \t,");
		size_t n = strcspn(accept, ","), name = strcspn(accept, ",; \t");
		int quality = quality_of(accept + name, n - name);
		for (size_t i = 0; i < MEDIA_TYPES && quality > best_quality; i++)
			if (strlen(media_types[i].type) == name &&
			    strncasecmp(media_types[i].type, accept, name) == 0) {
				best = media_types[i].format;
				best_quality = quality;
			}
		if (name == 3 && strncmp(accept, "*/*", 3) == 0 && quality > best_quality) {
			best = "json";
			best_quality = quality;
		}
		accept += n;
	}
	return best;
}

bool text_is_plain(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	while (*p) {
		unsigned more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc2 ? 1 : 0;
		unsigned least = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
		unsigned code = more ? *p & (0x3fu >> more) : *p;
		if (*p < ' ' || *p == 127 || *p > 0xf4 || (*p >= 0x80 && *p < 0xc2))
			return false;
		p++;
		for (unsigned i = 0; i < more; i++, p++) {
			if ((*p & 0xc0) != 0x80)
				return false;
			code = code << 6 | (*p & 0x3f);
		}
		if (more && (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
			     code < 0xa0))
			return false;
	}
	return true;
}

/* "as must be a, b or c; did you mean b?" */
static bool refuse_word(struct http_request *request, const char *name, const char *value,
			const char *const *words, size_t count)
{
	char list[256];
	size_t n = 0;
	for (size_t i = 0; i < count && n < sizeof(list); i++)
		n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%s",
				      i == 0	       ? ""
				      : i + 1 == count ? " or "
						       : ", ",
				      words[i]);
	const char *nearest = nearest_word(value, words, count);
	http_problem(request, 400, "%s must be %s.%s%s%s", name, list,
		     nearest ? " Did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return false;
}

/* The place of a value among words; -1 after the request was refused. */
static int choose(struct http_request *request, const char *name, const char *value,
		  const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], value) == 0)
			return (int)i;
	refuse_word(request, name, value, words, count);
	return -1;
}

static bool take_format(struct ask *ask, struct http_request *request, const char *value)
{
	const char *formats[MOST_FORMATS], *summary;
	size_t count = 0;
	while (count < MOST_FORMATS && (formats[count] = cpis_report_format_at(count, &summary)))
		count++;
	int choice = choose(request, "out", value, formats, count);
	if (choice >= 0)
		ask->format = formats[choice];
	return choice >= 0;
}

static bool take_environment(struct ask *ask, struct http_request *request, const char *value)
{
	static const char *const words[] = { "test", "live" };
	int choice = choose(request, "environment", value, words, 2);
	ask->options.live = choice;
	return choice >= 0;
}

static bool take_fail_on(struct ask *ask, struct http_request *request, const char *value)
{
	static const char *const words[] = { "error", "warning", "never" };
	int choice = choose(request, "fail-on", value, words, 3);
	if (choice >= 0)
		ask->options.fail_on = (enum cpis_fail_on)choice;
	return choice >= 0;
}

static bool take_show_values(struct ask *ask, struct http_request *request, const char *value)
{
	static const char *const words[] = { "no", "yes" };
	int choice = choose(request, "show-values", value, words, 2);
	ask->options.show_values = choice;
	return choice >= 0;
}

static bool take_stages(struct ask *ask, struct http_request *request, const char *value)
{
	static const char *const words[] = { "xml", "schema", "rules" };
	unsigned wanted = 1u << CPIS_TRANSPORT | 1u << CPIS_XML;
	char word[16];
	for (const char *p = value;; p++) {
		size_t n = strcspn(p, ",");
		snprintf(word, sizeof(word), "%.*s", (int)n, p);
		/* What is always done may be named, as to the program. */
		bool named = strcmp(word, "transport") == 0;
		int choice = named ? 0 : choose(request, "stages", word, words, 3);
		if (choice < 0)
			return false;
		wanted |= 1u << (CPIS_XML + choice);
		p += n;
		if (!*p)
			break;
	}
	ask->stages = value;
	ask->options.skip_stages = ~wanted & ((1u << CPIS_STAGE_COUNT) - 1);
	return true;
}

static bool take_type(struct ask *ask, struct http_request *request, const char *value)
{
	(void)request;
	ask->options.as_type = value; /* the judge says whether it knows it */
	return true;
}

bool ask_check_name(struct http_request *request, const char *what, const char *name)
{
	enum { MOST = 255 };
	if (*name && strlen(name) <= MOST && text_is_plain(name))
		return true;
	http_problem(request, 400, "%s must be a file name of at most %d bytes.", what, MOST);
	return false;
}

static bool take_name(struct ask *ask, struct http_request *request, const char *value)
{
	ask->name = value;
	return ask_check_name(request, "name", value);
}

static bool append(struct words *list, struct http_request *request, const char *value)
{
	const char **more = realloc((void *)list->items, (list->count + 1) * sizeof(*more));
	if (!more) {
		http_problem(request, 503, "The service is out of memory: try again later.");
		return false;
	}
	more[list->count++] = value;
	list->items = more;
	return true;
}

static bool take_only(struct ask *ask, struct http_request *request, const char *value)
{
	return append(&ask->only, request, value);
}

static bool take_skip(struct ask *ask, struct http_request *request, const char *value)
{
	return append(&ask->skip, request, value);
}

static const struct {
	const char *name;
	unsigned part; /* enum ask_parts */
	bool (*take)(struct ask *ask, struct http_request *request, const char *value);
} parameters[] = {
	{ "as", ASK_TYPE, take_type },
	{ "environment", ASK_VERDICT, take_environment },
	{ "fail-on", ASK_VERDICT, take_fail_on },
	{ "name", ASK_NAME, take_name },
	{ "only", ASK_CASES, take_only },
	{ "out", ASK_VERDICT, take_format },
	{ "show-values", ASK_VERDICT, take_show_values },
	{ "skip", ASK_CASES, take_skip },
	{ "stages", ASK_STAGES, take_stages },
};

enum { PARAMETERS = sizeof(parameters) / sizeof(parameters[0]) };

static bool refuse_parameter(struct http_request *request, const char *name, unsigned parts)
{
	const char *names[PARAMETERS];
	size_t count = 0;
	for (size_t i = 0; i < PARAMETERS; i++)
		if (parameters[i].part & parts)
			names[count++] = parameters[i].name;
	const char *nearest = nearest_word(name, names, count);
	http_problem(request, 400, "There is no such parameter here.%s%s%s",
		     nearest ? " Did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return false;
}

bool ask_read(struct ask *ask, const struct service *service, struct http_request *request,
	      unsigned parts)
{
	const char *name, *value;
	bool given[PARAMETERS] = { false };
	*ask = (struct ask){ .options = service->request->options };
	ask->format = format_accepted(http_header(request, "Accept"));
	ask->options.jobs = 0; /* they are the threads of the service */
	ask->profile = service->request->profile;
	if (!service->request->fixed_time)
		ask->options.now = (long long)time(NULL);
	for (size_t i = 0; (name = http_query_at(request, i, &value)); i++) {
		size_t at = 0;
		while (at < PARAMETERS &&
		       (strcmp(parameters[at].name, name) != 0 || !(parameters[at].part & parts)))
			at++;
		if (at == PARAMETERS)
			return refuse_parameter(request, name, parts);
		if (given[at] && parameters[at].part != ASK_CASES) {
			http_problem(request, 400, "%s may be given only once.",
				     parameters[at].name);
			return false;
		}
		given[at] = true;
		if (!parameters[at].take(ask, request, value))
			return false;
	}
	return true;
}

void ask_release(struct ask *ask)
{
	free((void *)ask->only.items);
	free((void *)ask->skip.items);
}
