/*
 * The twin asked at random: uploads that make a random state, good queries, messages with small
 * faults, messages that break a rule each, scenarios, calls to mailboxes. Whatever it is asked,
 * each reply is valid by itself. CPIS_COUNT=10000 CPIS_SEED=2 is the long form; the seed is printed
 * when a reply is not valid.
 */
#include "base/buf.h"
#include "cpis_service.h"
#include "run_cli.h"
#include "tools/mutants.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define START	1798761600LL
#define MESSAGE "testcases/messages/"

enum { DAY = 24 * 60 * 60, MOST_FILES = 4096, PEOPLE = 120, MOST_TYPES = 32 };

struct trial {
	uint64_t random;
	long long now;
	struct cpis_twin *twin;
	char *files[MOST_FILES]; /* messages that break or keep a rule each */
	size_t file_count;
	unsigned uploads;
	size_t requests, invalid, silent;
	size_t good; /* uploads that passed */
	struct seen {
		char type[40];
		size_t count;
	} seen[MOST_TYPES];
	size_t seen_count;
};

static unsigned any(struct trial *trial, unsigned below)
{
	return mutants_any(&trial->random, below);
}

static bool in_a_hundred(struct trial *trial, unsigned percent)
{
	return any(trial, 100) < percent;
}

/* One of a few NHS numbers, so that uploads and queries meet. */
static void number_of(struct trial *trial, char number[11])
{
	for (unsigned nine = 999300000u + any(trial, PEOPLE);; nine++) {
		unsigned sum = 0, rest = nine;
		for (unsigned weight = 2; weight <= 10; weight++, rest /= 10)
			sum += weight * (rest % 10);
		unsigned check = (11 - sum % 11) % 11;
		if (check == 10)
			continue;
		snprintf(number, 11, "%09u%u", nine, check);
		return;
	}
}

static void write_day(struct buf *out, long long at, const char *rest)
{
	char text[32];
	time_t seconds = (time_t)at;
	struct tm day;
	gmtime_r(&seconds, &day);
	strftime(text, sizeof(text), "%Y%m%d", &day);
	buf_printf(out, "%s%s", text, rest);
}

/* Uploads */

static void write_date(struct buf *out, const char *element, const char *name, long long at)
{
	buf_printf(out, "<%s><%s><value value=\"", element, name);
	write_day(out, at, "0900");
	buf_printf(out, "\"/></%s></%s>", name, element);
}

static void write_plan(struct trial *trial, struct buf *out, unsigned kind)
{
	static const char *const kinds[][3] = {
		{ "COCT_TP146100GB01", "LACInformation", "lAC" },
		{ "COCT_TP146101GB01", "CPPInformation", "cPP" },
		{ "COCT_TP146102GB01", "UCPInformation", "uCP" },
	};
	const char *const *words = kinds[kind];
	long long start = trial->now - (long long)(30 + any(trial, 800)) * DAY;
	char name[32];
	buf_printf(out,
		   "<pertinentInformation><npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18."
		   "16\" extension=\"%s#%s\"/><%s.%s>",
		   words[0], words[1], words[0], words[1]);
	snprintf(name, sizeof(name), "%sStartDate", words[2]);
	write_date(out, "component", name, start);
	snprintf(name, sizeof(name), "%sEndDate", words[2]);
	if (kind == 2 || in_a_hundred(trial, 30))
		write_date(out, "component1", name, start + (long long)any(trial, 500) * DAY);
	snprintf(name, sizeof(name), "%sDeleteDate", words[2]);
	if (in_a_hundred(trial, 10))
		write_date(out, "component2", name, trial->now - DAY);
	buf_printf(out, "</%s.%s></pertinentInformation>", words[0], words[1]);
}

static void write_ids(struct trial *trial, struct buf *out, const char *number)
{
	buf_printf(out, "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"%s\"/>", number);
	if (in_a_hundred(trial, 70))
		buf_printf(out,
			   "<id root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"L-%s\" "
			   "assigningAuthorityName=\"9X1:Ashwick &amp; Dunmere Council\"/>",
			   number + 4);
}

static void write_named(struct trial *trial, struct buf *out, long long birth)
{
	static const char *const names[] = { "Ada", "M\303\241ire", "O&apos;Neil", "\305\201ucja" };
	buf_text(out, "<birthTime value=\"");
	write_day(out, birth, "");
	buf_printf(out, "\"/><name><given>%s</given>", names[any(trial, 4)]);
	buf_text(out, "<family>Quillfeather</family></name>");
}

/* The same whenever the number is sent, but for one in thirty. */
static long long birth_of(struct trial *trial, const char *number, bool mother)
{
	unsigned seed =
		(unsigned)strtoul(number + 3, NULL, 10) + (any(trial, 30) ? 0 : any(trial, 9));
	long long days = mother ? 20 * 366 + seed % (15 * 366) : 60 + seed * 37 % (18 * 366);
	return START - days * DAY;
}

static void write_subject(struct trial *trial, struct buf *out, bool mother)
{
	const char *what = mother ? "COCT_TP145100GB01.UnbornChild" : "COCT_TP145101GB01.Child";
	char number[11];
	number_of(trial, number);
	buf_printf(out,
		   "<subject><npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" "
		   "extension=\"%.17s#%s\"/><%s>",
		   what, what + 18, what);
	if (mother) {
		buf_text(out, "<parentMotherPerson>");
		write_named(trial, out, birth_of(trial, number, mother));
		buf_text(out, "<playedMother>");
		write_ids(trial, out, number);
		buf_text(out, "</playedMother></parentMotherPerson>");
	} else {
		write_ids(trial, out, number);
		buf_text(out, "<childPerson>");
		write_named(trial, out, birth_of(trial, number, mother));
		buf_text(out, "</childPerson>");
	}
	buf_printf(out, "</%s></subject>", what);
}

static void write_record(struct trial *trial, struct buf *out)
{
	bool unborn = in_a_hundred(trial, 20), two = in_a_hundred(trial, 20);
	buf_text(out, "<record><CP-ISRecord>");
	if (unborn) {
		write_plan(trial, out, 2);
	} else {
		unsigned kind = any(trial, 2);
		write_plan(trial, out, two ? 0 : kind);
		if (two)
			write_plan(trial, out, 1);
	}
	write_subject(trial, out, unborn);
	buf_text(out, "</CP-ISRecord></record>");
}

static void write_upload(struct trial *trial, struct buf *out)
{
	static const char *const authorities[] = { "9X1", "9X2", "E9X30" };
	unsigned records = 1 + any(trial, 8);
	buf_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<File xmlns=\"urn:hl7-org:v3\" "
		      "xmlns:npfitlc=\"NPFIT:HL7:Localisation\"><creationTime value=\"");
	write_day(out, trial->now - 3600, "080000+0000");
	buf_printf(
		out,
		"\"/><id extension=\"%u\"/><transmissionQuantity value=\"%u\"/>"
		"<communicationFunctionSnd><organisation><id "
		"root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"%s\"/><name>Ashwick &amp; "
		"Dunmere Council</name><telecom value=\"tel:01632960114\" use=\"EC\"/>"
		"</organisation></communicationFunctionSnd>",
		++trial->uploads, records, authorities[any(trial, 3)]);
	for (unsigned i = 0; i < records; i++)
		write_record(trial, out);
	buf_text(out, "</File>\n");
}

/* Replies */

static void count_type(struct trial *trial, const char *type)
{
	size_t i = 0;
	while (i < trial->seen_count && strcmp(trial->seen[i].type, type) != 0)
		i++;
	if (i == trial->seen_count && i < MOST_TYPES)
		snprintf(trial->seen[trial->seen_count++].type, sizeof(trial->seen->type), "%s",
			 type);
	if (i < MOST_TYPES)
		trial->seen[i].count++;
}

static size_t count_of(const struct trial *trial, const char *type)
{
	for (size_t i = 0; i < trial->seen_count; i++)
		if (strcmp(trial->seen[i].type, type) == 0)
			return trial->seen[i].count;
	return 0;
}

static void blame(struct trial *trial, const struct cpis_results *results,
		  const struct cpis_call *call, const struct cpis_reply *reply)
{
	char *text = NULL;
	size_t size = 0;
	struct cpis_failure failure;
	if (results)
		cpis_report_bytes(results, "short", &text, &size, &failure);
	/* print_error cuts what is long. */
	fprintf(stderr,
		"request %zu is answered by what is not a pass (%s, %s %s):\n%.*s\n%s %s\n"
		"%.*s\nreply:\n%.*s\n",
		trial->requests, reply->door ? reply->door : "", reply->kind ? reply->kind : "",
		reply->code ? reply->code : "", (int)size, text ? text : "", call->method,
		call->target, (int)(call->size < 60000 ? call->size : 60000),
		call->size ? (const char *)call->body : "", (int)reply->size,
		reply->size ? (const char *)reply->body : "");
	cpis_free(text);
	trial->invalid++;
}

/* A reply, or a message of the inbox, as a receiver judges it: alone. */
static void judge_alone(struct trial *trial, const struct cpis_call *call,
			const struct cpis_reply *reply)
{
	const struct cpis_options options = { .now = trial->now };
	const struct cpis_bytes source = { "reply", reply->body, reply->size };
	struct cpis_results *results = NULL;
	struct cpis_message message;
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&results, &options, &failure), 0);
	assert_int_equal(cpis_validate_bytes(results, &source, &failure), 0);
	if (cpis_results_verdict(results) != CPIS_PASS ||
	    cpis_results_message(results, 0, &message, sizeof(message)) != 0 || !message.type)
		blame(trial, results, call, reply);
	else
		count_type(trial, message.type);
	cpis_results_free(results);
}

static bool holds_no_message(const struct cpis_reply *reply)
{
	return !reply->reply_type || strncmp(reply->reply_type, "ebXML-", 6) == 0 ||
	       strcmp(reply->reply_type, "DTSControl") == 0;
}

static struct cpis_reply *call(struct trial *trial, const struct cpis_call *made)
{
	struct cpis_reply *reply = NULL;
	struct cpis_failure failure;
	struct cpis_call timed = *made;
	timed.now = trial->now;
	trial->requests++;
	if (cpis_twin_call(trial->twin, &timed, &reply, &failure) != 0)
		fail_msg("request %zu: %s", trial->requests, failure.text);
	return reply;
}

/* Requests by POST */

static const char *const actions[] = {
	"\"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01\"",
	"\"urn:nhs-itk:services:201005:sendRecvDistEnvelope\"",
	"urn:nhs:names:services:cpisquery/QUPC_IN000006GB01",
	"\"urn:nhs:names:services:cpisupload/REPC_IN000002SM01\"",
	"\"\"",
	"\"urn:nhs:names:services:pds/QUPA_IN000008UK02\"",
};
static const char *const scenarios[] = {
	"fault",  "ebxml", "application", "itk",  "status",	      "file",
	"record", "found", "none",	  "dumb", "no-such-scenario",
};
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void post(struct trial *trial, const char *body, size_t size, const char *type,
		 const char *action)
{
	const struct cpis_header headers[] = {
		{ "Content-Type", type },
		{ "SOAPAction", action },
		{ "Cpis-Scenario", scenarios[any(trial, COUNT(scenarios))] },
	};
	bool scenario = in_a_hundred(trial, 5);
	const struct cpis_call made = {
		.method = "POST",
		.target = "/sync-service",
		.headers = headers,
		.header_count = scenario ? 3 : 2,
		.body = body,
		.size = size,
	};
	struct cpis_reply *reply = call(trial, &made);
	if (reply->silent) {
		trial->silent++;
	} else if (holds_no_message(reply)) {
		count_type(trial, reply->reply_type ? reply->reply_type : "none");
	} else {
		if (reply->reply_verdict != CPIS_PASS)
			blame(trial, reply->results, &made, reply);
		judge_alone(trial, &made, reply);
	}
	cpis_reply_free(reply);
}

static void replace_number(char *text, const char *was, const char *is)
{
	for (char *at = text; (at = strstr(at, was)); at += 10)
		memcpy(at, is, 10);
}

/* A client gives each query an id of its own. */
static void renew_ids(struct trial *trial, char *text)
{
	static const char *const ids[] = { "B97E49EF-CC08-4793-A157-C174FAD6F0C4",
					   "A4988A35-628C-43F7-A42D-D61D13C0B723" };
	char fresh[9];
	snprintf(fresh, sizeof(fresh), "%04X%04X", any(trial, 65536), any(trial, 65536));
	for (size_t i = 0; i < COUNT(ids); i++)
		for (char *at = text; (at = strstr(at, ids[i])); at += 8)
			memcpy(at, fresh, 8);
}

/* A good query by one of the doors, for someone. */
static void ask(struct trial *trial, bool spoilt)
{
	static const struct {
		const char *path, *number, *type;
		unsigned action;
	} queries[] = {
		{ MESSAGE "spine-soap-query.xml", "9999395929", "text/xml; charset=UTF-8", 0 },
		{ MESSAGE "itk-soap-query.xml", "9997418964", "text/xml; charset=UTF-8", 1 },
		{ "testcases/transport/query-ebxml.mime", "9999395929",
		  "multipart/related; boundary=\"----=_Boundary_7F3A\"; type=\"text/xml\"; "
		  "start=\"<ebxml@hartleigh.example>\"",
		  0 },
	};
	size_t i = any(trial, COUNT(queries)), size;
	char number[11], *text = read_file(queries[i].path, &size), *body = text;
	number_of(trial, number);
	replace_number(text, queries[i].number, number);
	renew_ids(trial, text);
	if (i == 2)
		body = strstr(text, "------=");
	unsigned action = in_a_hundred(trial, 90) ? queries[i].action : any(trial, COUNT(actions));
	if (spoilt) {
		struct mutant mutant = mutants_make(&trial->random, body, 1 + any(trial, 3));
		assert_non_null(mutant.text);
		post(trial, mutant.text, mutant.bytes, queries[i].type, actions[action]);
		free(mutant.text);
	} else {
		post(trial, body, strlen(body), queries[i].type, actions[action]);
	}
	free(text);
}

/* A message that breaks or keeps a rule, for whatever it is. */
static void post_any_file(struct trial *trial)
{
	size_t size;
	char *text = read_file(trial->files[any(trial, (unsigned)trial->file_count)], &size);
	renew_ids(trial, text);
	post(trial, text, size, "text/xml", actions[any(trial, COUNT(actions))]);
	free(text);
}

/* Mailboxes */

static const struct cpis_header mesh_headers[] = {
	{ "Mex-To", "CPISTWIN" }, { "Mex-WorkflowID", "CPIS" }, { "Mex-ClientVersion", "1" },
	{ "Mex-OSName", "x" },	  { "Mex-OSVersion", "1" },
};

static struct cpis_reply *mesh(struct trial *trial, const char *method, const char *target,
			       const char *body, size_t size)
{
	const struct cpis_call made = {
		.method = method,
		.target = target,
		.headers = mesh_headers,
		.header_count = COUNT(mesh_headers),
		.body = body,
		.size = size,
	};
	return call(trial, &made);
}

static bool is_report(const struct cpis_reply *reply)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, "Mex-MessageType") == 0)
			return strcmp(reply->headers[i].value, "REPORT") == 0;
	return false;
}

static void read_inbox(struct trial *trial)
{
	static const char inbox[] = "/messageexchange/BOX1/inbox";
	struct cpis_reply *list = mesh(trial, "GET", inbox, NULL, 0);
	char target[256];
	for (const char *at = list->body; (at = strchr(at, '"')); at += 2) {
		if (strspn(at + 1, "0123456789ABCDEFabcdef-") != 36) {
			at++;
			continue;
		}
		snprintf(target, sizeof(target), "%s/%.36s", inbox, at + 1);
		struct cpis_reply *reply = mesh(trial, "GET", target, NULL, 0);
		const struct cpis_call made = { .method = "GET", .target = target };
		assert_int_equal(reply->status, 200);
		if (is_report(reply))
			count_type(trial, "report of MESH");
		else
			judge_alone(trial, &made, reply);
		cpis_reply_free(reply);
		strcat(target, "/status/acknowledged");
		cpis_reply_free(mesh(trial, "PUT", target, NULL, 0));
		at += 36;
	}
	cpis_reply_free(list);
}

static void upload(struct trial *trial, bool spoilt)
{
	struct buf text;
	buf_init(&text, 1 << 24);
	write_upload(trial, &text);
	buf_char(&text, 0);
	struct mutant mutant = { text.p, text.n - 1, NULL };
	if (spoilt)
		mutant = mutants_make(&trial->random, text.p, 1 + any(trial, 3));
	assert_non_null(mutant.text);
	struct cpis_reply *reply =
		mesh(trial, "POST", "/messageexchange/BOX1/outbox", mutant.text, mutant.bytes);
	assert_int_equal(reply->status, mutant.bytes ? 202 : 417);
	const struct cpis_call made = {
		.method = "POST", .target = "outbox", .body = mutant.text, .size = mutant.bytes
	};
	bool wrong = !holds_no_message(reply) && reply->reply_verdict != CPIS_PASS;
	if (wrong)
		blame(trial, reply->results, &made, reply);
	trial->good += !spoilt && reply->request_verdict == CPIS_PASS;
	cpis_reply_free(reply);
	if (spoilt)
		free(mutant.text);
	buf_release(&text);
	read_inbox(trial);
}

static void take_out_of_use(struct trial *trial)
{
	char target[128], numbers[2][11];
	number_of(trial, numbers[0]);
	number_of(trial, numbers[1]);
	snprintf(target, sizeof(target), "/admin/inactive?nhs-number=%s%s%s", numbers[0],
		 in_a_hundred(trial, 50) ? "&replacement=" : "&", numbers[1]);
	if (strstr(target, "&9"))
		*strchr(target, '&') = 0;
	const struct cpis_call made = { .method = "POST", .target = target };
	struct cpis_reply *reply = call(trial, &made);
	assert_int_equal(reply->status, strcmp(numbers[0], numbers[1]) == 0 ? reply->status : 204);
	cpis_reply_free(reply);
	read_inbox(trial);
}

static void do_something(struct trial *trial)
{
	unsigned what = any(trial, 100);
	trial->now += any(trial, 100) ? any(trial, 3600) : any(trial, 30 * DAY);
	if (what < 35)
		ask(trial, false);
	else if (what < 60)
		ask(trial, true);
	else if (what < 85)
		post_any_file(trial);
	else if (what < 93)
		upload(trial, false);
	else if (what < 99)
		upload(trial, true);
	else
		take_out_of_use(trial);
}

/* The trial */

static const char scenario_file[] =
	"scenarios:\n"
	"  - {name: fault, replies: [{reply: spine-fault, code: \"208\"}]}\n"
	"  - {name: ebxml, replies: [{reply: ebxml-error, code: \"501319\"}]}\n"
	"  - {name: application, replies: [{reply: application-error, code: GE002}]}\n"
	"  - {name: itk, replies: [{reply: itk-fault, code: \"2200\"}]}\n"
	"  - {name: status, replies: [{reply: mini-service-status, code: SMSP-0004}]}\n"
	"  - {name: file, replies: [{reply: file-code, code: CPF05}]}\n"
	"  - {name: record, replies: [{reply: record-code, code: CPR02}]}\n"
	"  - {name: found, replies: [found]}\n"
	"  - {name: none, replies: [not-found]}\n"
	"  - {name: dumb, replies: [silence]}\n";

static void list_files(struct trial *trial)
{
	struct cpis_rule_info rule;
	char path[512];
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		struct dirent **names;
		snprintf(path, sizeof(path), "testcases/rules/%s", rule.id);
		int count = scandir(path, &names, NULL, alphasort);
		for (int k = 0; k < count; k++) {
			const char *end = strrchr(names[k]->d_name, '.');
			bool message = end && strcmp(end, ".xml") == 0;
			snprintf(path, sizeof(path), "testcases/rules/%s/%s", rule.id,
				 names[k]->d_name);
			if (message && trial->file_count < MOST_FILES)
				trial->files[trial->file_count++] = strdup(path);
			free(names[k]);
		}
		if (count >= 0)
			free(names);
	}
	assert_true(trial->file_count > 1000);
}

static void begin(struct trial *trial, unsigned long long seed)
{
	char path[1024];
	struct cpis_failure failure;
	snprintf(path, sizeof(path), "%s", scratch_path("scenarios.yaml"));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(scenario_file, file);
	fclose(file);
	const struct cpis_twin_options options = { .scenarios = path, .seed = "random" };
	*trial = (struct trial){ .random = mutants_seed(seed), .now = START };
	if (cpis_twin_new(&trial->twin, &options, &failure) != 0)
		fail_msg("%s: %s", failure.file, failure.text);
	list_files(trial);
	cpis_reply_free(mesh(trial, "POST", "/messageexchange/BOX1", NULL, 0));
	for (int i = 0; i < 10; i++)
		upload(trial, false);
}

static unsigned long long setting(const char *name, unsigned long long usual)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 10) : usual;
}

static void test_every_reply_to_random_requests_is_valid(void **state)
{
	(void)state;
	static const char *const expected[] = {
		"REPC_IN000007GB01", "QUQI_IN010000UK14", "MCCI_IN010000UK13", "REPC_MT000012GB01",
		"REPC_MT000003GB01", "REPC_MT000004GB01", "ebXML-Error",
	};
	static struct trial trial;
	unsigned long long count = setting("CPIS_COUNT",
					   short_form("2,000 of the random requests") ? 500 : 2500),
			   seed = setting("CPIS_SEED", 1);
	begin(&trial, seed);
	while (trial.requests < count && trial.invalid < 30)
		do_something(&trial);
	print_message("seed %llu: %zu requests, %zu replies that are not valid, %zu times silence; "
		      "%zu good uploads\n",
		      seed, trial.requests, trial.invalid, trial.silent, trial.good);
	for (size_t i = 0; i < trial.seen_count; i++)
		print_message("  %6zu %s\n", trial.seen[i].count, trial.seen[i].type);
	assert_int_equal(trial.invalid, 0);
	assert_true(trial.good >= 10);
	for (size_t i = 0; i < COUNT(expected); i++)
		if (!count_of(&trial, expected[i]))
			fail_msg("no %s among the replies", expected[i]);
	for (size_t i = 0; i < trial.file_count; i++)
		free(trial.files[i]);
	cpis_twin_free(trial.twin);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_reply_to_random_requests_is_valid),
	};
	return cmocka_run_group_tests_name("twin at random", tests, NULL, NULL);
}
