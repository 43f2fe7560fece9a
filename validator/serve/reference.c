/* What the service says of itself: its page, rules, packs, description, health and counts. */
#include "service.h"

#include "site.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const struct http_route service_routes[] = {
	{ "GET", "/", serve_page, HTTP_OPEN, 0 },
	{ "POST", "/validate", serve_validate, 0, SIZE_MAX },
	{ "POST", "/validate/pair", serve_pair, 0, SIZE_MAX },
	{ "POST", "/inspect", serve_inspect, 0, SIZE_MAX },
	{ "POST", "/mask", serve_mask, 0, SIZE_MAX },
	{ "GET", "/packs", serve_packs, 0, 0 },
	{ "POST", "/packs/{}/run", serve_pack, 0, SIZE_MAX },
	{ "GET", "/rules", serve_rules, HTTP_OPEN, 0 },
	{ "GET", "/rules/{}", serve_rule, HTTP_OPEN, 0 },
	{ "GET", "/openapi.json", serve_openapi, HTTP_OPEN, 0 },
	{ "GET", "/health", serve_health, HTTP_OPEN, 0 },
	{ "GET", "/metrics", serve_metrics, 0, 0 },
	{ .method = NULL },
};

static void write_string(struct http_request *request, const char *text)
{
	http_write(request, "\"", 1);
	for (; text && *text; text++) {
		unsigned char c = (unsigned char)*text;
		if (c == '"' || c == '\\')
			http_print(request, "\\%c", c);
		else if (c == '\n')
			http_write(request, "\\n", 2);
		else if (c < ' ')
			http_print(request, "\\u%04x", c);
		else
			http_write(request, text, 1);
	}
	http_write(request, "\"", 1);
}

void service_write_member(struct http_request *request, const char *name, const char *text)
{
	http_print(request, "\"%s\": ", name);
	write_string(request, text);
}

static void write_rule_members(struct http_request *request, const struct cpis_rule_info *rule)
{
	const struct {
		const char *name, *text;
	} members[] = {
		{ "id", rule->id },
		{ "name", rule->name },
		{ "severity", cpis_severity_name(rule->severity) },
		{ "basis", cpis_basis_name(rule->basis) },
		{ "family", rule->family },
		{ "citation", rule->citation },
		{ "title", rule->title },
		{ "why", rule->why },
		{ "fix", rule->fix },
	};
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (i)
			http_write(request, ", ", 2);
		service_write_member(request, members[i].name, members[i].text);
	}
}

void serve_rules(struct http_request *request, void *context)
{
	struct cpis_rule_info rule;
	(void)context;
	http_reply_header(request, "Content-Type", "application/json");
	http_print(request, "[");
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		http_print(request, i ? ",\n  {" : "\n  {");
		write_rule_members(request, &rule);
		http_print(request, "}");
	}
	http_print(request, "\n]\n");
}

/* The wrong and the right lines; an example that is not text has none. */
static void write_example(struct http_request *request, const char *id)
{
	struct cpis_rule_example example;
	if (cpis_rule_example(id, &example, sizeof(example)) != 0)
		return;
	http_print(request, ", \"example\": {");
	service_write_member(request, "wrong", example.wrong);
	http_print(request, ", ");
	service_write_member(request, "says", example.says);
	http_print(request, ", ");
	service_write_member(request, "right", example.right);
	http_print(request, "}");
}

enum { MOST_RULES = 2000 };

void serve_rule(struct http_request *request, void *context)
{
	const char *ids[MOST_RULES], *id = http_parameter(request, 0);
	struct cpis_rule_info rule;
	size_t count = 0;
	(void)context;
	for (size_t i = 0; count < MOST_RULES && cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		ids[count++] = rule.id;
		if (strcmp(rule.id, id) != 0 && strcmp(rule.name, id) != 0)
			continue;
		http_reply_header(request, "Content-Type", "application/json");
		http_print(request, "{");
		write_rule_members(request, &rule);
		write_example(request, rule.id);
		http_print(request, "}\n");
		return;
	}
	const char *nearest = nearest_word(id, ids, count);
	http_problem(request, 404, "There is no rule of this id.%s%s%s",
		     nearest ? " Did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
}

void serve_packs(struct http_request *request, void *context)
{
	const struct service *service = context;
	http_reply_header(request, "Content-Type", "application/json");
	http_print(request, "[");
	for (size_t i = 0; i < service->pack_count; i++) {
		http_print(request, i ? ", {" : "{");
		service_write_member(request, "name", service->packs[i]);
		http_print(request, "}");
	}
	http_print(request, "]\n");
}

void serve_page(struct http_request *request, void *context)
{
	(void)context;
	http_reply_header(request, "Content-Type", "text/html; charset=utf-8");
	/* The page has a policy of its own, by the digests of what is in it. */
	http_reply_header(request, "Content-Security-Policy",
			  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'");
	http_reply_static(request, site_page_html, site_page_html_size);
}

void serve_openapi(struct http_request *request, void *context)
{
	(void)context;
	http_reply_header(request, "Content-Type", "application/json");
	http_reply_static(request, site_openapi_json, site_openapi_json_size);
}

void serve_health(struct http_request *request, void *context)
{
	(void)context;
	http_reply_header(request, "Content-Type", "application/health+json");
	http_print(request, "{\"status\": \"pass\", \"version\": \"%s\"}\n", cpis_version());
}

/* Bytes of memory that the process has now: the second number of the file. */
static size_t resident_bytes(const struct service *service)
{
	char text[128];
	ssize_t n = pread(service->memory, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	const char *second = strchr(text, ' ');
	return second ? strtoull(second, NULL, 10) * (size_t)sysconf(_SC_PAGESIZE) : 0;
}

static void write_metric(struct http_request *request, const char *name, const char *type,
			 const char *help, size_t value)
{
	http_print(request, "# HELP %s %s\n# TYPE %s %s\n%s %zu\n", name, help, name, type, name,
		   value);
}

void serve_metrics(struct http_request *request, void *context)
{
	struct service *service = context;
	struct http_counts counts;
	http_server_counts(service->server, &counts);
	http_reply_header(request, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
	write_metric(request, "cpis_connections", "gauge", "Connections that are open.",
		     counts.connections);
	write_metric(request, "cpis_requests_in_flight", "gauge", "Requests without an answer yet.",
		     counts.in_flight);
	write_metric(request, "cpis_connections_total", "counter", "Connections so far.",
		     counts.accepted);
	write_metric(request, "cpis_connections_cut_total", "counter",
		     "Connections that were cut off because they were too slow.", counts.cut_slow);
	write_metric(request, "cpis_body_bytes_total", "counter", "Bytes of bodies received.",
		     counts.bytes_in);
	write_metric(request, "cpis_answer_bytes_total", "counter", "Bytes of bodies sent.",
		     counts.bytes_out);
	write_metric(request, "process_resident_memory_bytes", "gauge", "Memory in use.",
		     resident_bytes(service));
	http_print(request, "# HELP cpis_requests_total Requests by class of status; 0: cut off.\n"
			    "# TYPE cpis_requests_total counter\n");
	for (size_t i = 0; i < 6; i++)
		http_print(request, "cpis_requests_total{status=\"%zu%s\"} %zu\n", i, i ? "xx" : "",
			   counts.by_status[i]);
	http_print(request, "# HELP cpis_verdicts_total Verdicts.\n"
			    "# TYPE cpis_verdicts_total counter\n");
	for (int i = CPIS_PASS; i <= CPIS_FAIL; i++)
		http_print(request, "cpis_verdicts_total{verdict=\"%s\"} %zu\n",
			   cpis_verdict_name((enum cpis_verdict)i),
			   atomic_load(&service->verdicts[i]));
}
