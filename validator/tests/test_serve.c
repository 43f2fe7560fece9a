/* cpis serve, in a process of its own: what it answers is what the program writes. */
#include "http_client.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD  "testcases/messages/upload-one.xml"
#define TOKEN "a-token-for-tests"

/* The service: its process, its port, and the file with what it said. */
static pid_t service;
static unsigned port;
static char log_path[256];

static const char *program(void)
{
	const char *path = getenv("CPIS_PROGRAM");
	return path ? path : "build/cpis";
}

/* The port from "cpis: listening on http://127.0.0.1:8080". */
static unsigned read_port(void)
{
	enum { STEP_MS = 25 };
	for (int waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
		char *said = read_file(log_path, NULL);
		const char *at = strstr(said, "listening on http://127.0.0.1:");
		unsigned found = at && strchr(at, '\n') ? (unsigned)atoi(at + 30) : 0;
		bool ended = !found && waitpid(service, NULL, WNOHANG) == service;
		if (ended)
			service = 0;
		if (ended || waited + STEP_MS >= PATIENCE_MS)
			print_error("%s", said);
		free(said);
		if (found)
			return found;
		if (ended)
			break;
		usleep(STEP_MS * 1000);
	}
	fail_msg("the service does not listen");
	return 0;
}

static void start(const char *const *options)
{
	char *words[16] = { (char *)(uintptr_t)program(), (char *)(uintptr_t) "serve",
			    (char *)(uintptr_t) "--listen", (char *)(uintptr_t) "127.0.0.1:0" };
	for (size_t i = 0; options[i]; i++)
		words[4 + i] = (char *)(uintptr_t)options[i];
	snprintf(log_path, sizeof(log_path), "%s", scratch_path("serve.log"));
	FILE *log = fopen(log_path, "w");
	assert_non_null(log);
	service = fork();
	if (service == 0) {
		dup2(fileno(log), STDERR_FILENO);
		setenv("SOURCE_DATE_EPOCH", "1790000000", 1);
		execv(words[0], words);
		_exit(127);
	}
	fclose(log);
	port = read_port();
}

static int start_usual(void **state)
{
	static const char *const options[] = { "--packs", "testcases/packs", NULL };
	(void)state;
	start(options);
	return 0;
}

/* Its exit code. */
static int stop_service(void)
{
	int status = -1;
	kill(service, SIGTERM);
	waitpid(service, &status, 0);
	service = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int end(void **state)
{
	(void)state;
	return service ? stop_service() : 0;
}

/* The answer to one request, headers and body. For free(). */
static char *send_request(const char *method, const char *target, const char *headers,
			  const char *body, size_t size)
{
	char head[2048];
	int fd = client_open(port);
	snprintf(head, sizeof(head),
		 "%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%sContent-Length: "
		 "%zu\r\n\r\n",
		 method, target, headers, size);
	client_put_text(fd, head);
	client_put(fd, body, size);
	char *reply = client_get(fd);
	close(fd);
	return reply;
}

static void expect(const char *method, const char *target, const char *headers, const char *body,
		   const char *status, const char *text)
{
	char *reply = send_request(method, target, headers, body, strlen(body));
	if (strncmp(reply, "HTTP/1.1 ", 9) != 0 || strncmp(reply + 9, status, 3) != 0 ||
	    !strstr(reply, text))
		fail_msg("%s %s is answered with \"%.1500s\", not %s with \"%s\"", method, target,
			 reply, status, text);
	free(reply);
}

/* A path as the value of a query. */
static void encode(const char *path, char *out, size_t n)
{
	size_t at = 0;
	for (; *path && at + 4 < n; path++)
		at += (size_t)snprintf(out + at, n - at, strchr(" +%&=#?", *path) ? "%%%02X" : "%c",
				       (unsigned char)*path);
}

/* The service answers with what the program writes. */
static void expect_same(const char *target, const char *bytes, size_t size, const char *words)
{
	char *reply = send_request("POST", target, "", bytes, size);
	struct said said = run_program_in("", "SOURCE_DATE_EPOCH=1790000000 ", words);
	const char *body = strstr(reply, "\r\n\r\n");
	if (!body || strcmp(body + 4, said.out) != 0)
		fail_msg("%s: the service answers\n%.3000s\nand the program\n%.3000s", target,
			 reply, said.out);
	run_release(&said);
	free(reply);
}

/* The service says of these bytes what the program says of the file. */
static void compare(const char *path)
{
	char target[1024] = "/validate?name=", words[1024];
	size_t size;
	encode(path, target + strlen(target), sizeof(target) - strlen(target));
	char *bytes = read_file(path, &size);
	snprintf(words, sizeof(words), "validate -r json '%s'", path);
	expect_same(target, bytes, size, words);
	free(bytes);
}

/* Every so many of the files below a folder, by their number in it. */
static void compare_folder(const char *folder, unsigned every, unsigned *number)
{
	struct dirent **names;
	int count = scandir(folder, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char path[512];
		struct stat info;
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && stat(path, &info) == 0) {
			if (S_ISDIR(info.st_mode))
				compare_folder(path, every, number);
			/* The program reads the other half of a MESH pair too. */
			else if (++*number % every == 0 && !strstr(path, ".ctl") &&
				 !strstr(path, ".dat"))
				compare(path);
		}
		free(names[i]);
	}
	free(names);
}

static void test_answers_what_the_program_writes(void **state)
{
	unsigned number = 0;
	(void)state;
	compare_folder("testcases/messages", 10, &number);
	compare_folder("testcases/transport", 10, &number);
	compare_folder("testcases/hostile", 10, &number);
	compare_folder("testcases/rules", 25, &number);
	assert_true(number > 500);
}

static void test_says_the_verdict(void **state)
{
	size_t size;
	char *good = read_file(GOOD, &size);
	(void)state;
	expect("POST", "/validate", "", good, "200", "\r\nCpis-Verdict: pass\r\n");
	expect("POST", "/validate", "", "hello", "200", "\r\nCpis-Verdict: fail\r\n");
	expect("POST", "/validate?stages=xml", "", good, "200", "\"partial\": true");
	expect("POST", "/validate?as=query", "", good, "200", "\r\nCpis-Verdict: fail\r\n");
	expect("POST", "/validate", "Content-Type: application/x-www-form-urlencoded\r\n", good,
	       "200", "\r\nCpis-Verdict: pass\r\n");
	free(good);
}

static void test_writes_the_report_that_is_asked_for(void **state)
{
	size_t size;
	char *good = read_file(GOOD, &size);
	(void)state;
	expect("POST", "/validate?out=text", "", good, "200", "Conformant: the message passed.");
	expect("POST", "/validate?out=html", "", good, "200", "\r\nContent-Type: text/html\r\n");
	expect("POST", "/validate", "Accept: text/html\r\n", good, "200", "<!DOCTYPE html>");
	expect("POST", "/validate", "Accept: text/html;q=0.5, application/sarif+json\r\n", good,
	       "200", "\r\nContent-Type: application/sarif+json\r\n");
	expect("POST", "/validate", "Accept: image/png, */*;q=0.1\r\n", good, "200",
	       "\r\nContent-Type: application/json\r\n");
	expect("POST", "/validate?out=junit", "", good, "200", "<testsuites");
	free(good);
}

static void test_names_what_is_wrong_with_a_request(void **state)
{
	(void)state;
	expect("POST", "/validate?out=jsn", "", "x", "400", "Did you mean json?");
	expect("POST", "/validate?environmnet=live", "", "x", "400", "Did you mean environment?");
	expect("POST", "/validate?environment=lve", "", "x", "400", "test or live");
	expect("POST", "/validate?as=uplaod", "", "x", "400", "did you mean upload?");
	expect("POST", "/validate?name=a%0Ab", "", "x", "400", "file name");
	expect("POST", "/validate?name=%ff", "", "x", "400", "file name");
	expect("POST", "/validate?as=query&as=upload", "", "<a/>", "400", "only once");
	expect("POST", "/validate", "Content-Type: multipart/form-data; boundary=x\r\n",
	       "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n<a/>\r\n"
	       "--x\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n<b/>\r\n--x--\r\n",
	       "400", "more than once");
	expect("POST", "/packs/la-uplod/run", "", "", "404", "Did you mean la-upload?");
	expect("GET", "/rules/DAT-03x", "", "", "404", "There is no rule");
	expect("GET", "/validate", "", "", "405", "\r\nAllow: POST\r\n");
	expect("POST", "/validate/pair", "", "x", "415", "multipart/form-data");
	expect("POST", "/validate", "Content-Encoding: br\r\n", "x", "415", "gzip");
	expect("POST", "/validate", "Content-Encoding: gzip\r\n", "x", "400", "gzip");
	expect("POST", "/validate", "Content-Type: multipart/form-data\r\n", "x", "400",
	       "boundary");
}

#define FORM	     "Content-Type: multipart/form-data; boundary=\"b-1\"\r\n"
#define NAMED(words) "--b-1\r\nContent-Disposition: form-data; " words "\r\n\r\n<a/>\r\n--b-1--\r\n"
#define PART(name)   "--b-1\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

static void test_takes_forms(void **state)
{
	size_t size;
	char *good = read_file(GOOD, &size), body[8192];
	(void)state;
	snprintf(body, sizeof(body), PART("message") "%s\r\n--b-1--\r\n", good);
	expect("POST", "/validate", FORM, body, "200", "\r\nCpis-Verdict: pass\r\n");
	snprintf(body, sizeof(body),
		 PART("message") "%s\r\n" PART("profile") "rules: nonsense\r\n--b-1--\r\n", good);
	expect("POST", "/validate", FORM, body, "400", "profile:");
	snprintf(body, sizeof(body), PART("mesage") "%s\r\n--b-1--\r\n", good);
	expect("POST", "/validate", FORM, body, "400", "Did you mean message?");
	snprintf(body, sizeof(body), PART("request") "%s\r\n--b-1--\r\n", good);
	expect("POST", "/validate/pair", FORM, body, "400", "The part response is missing.");
	snprintf(body, sizeof(body), PART("request") "%s\r\n" PART("response") "%s\r\n--b-1--",
		 good, good);
	expect("POST", "/validate/pair", FORM, body, "200", "PAIR-0");
	expect("POST", "/validate", FORM, "--b-1\r\nno end", "400", "not the form");
	expect("POST", "/validate", FORM, "--b-1\r\n\r\n\r\n--b-1--", "400", "no name");
	expect("POST", "/validate", FORM, "", "400", "not the form");
	free(good);
}

/* A file name of a form is what `name` may be. */
static void test_takes_the_names_of_files_in_forms(void **state)
{
	static const char nul[] = NAMED("name=\"message\"; filename=\"pa\0sswd\"");
	char name[400] = "", body[800];
	(void)state;
	expect("POST", "/validate?out=text", FORM, NAMED("name=message; filename=\"a;b.xml\""),
	       "200", "a;b.xml");
	expect("POST", "/validate?out=text", FORM, NAMED("name=message; filename=\"\""), "200",
	       "message");
	expect("POST", "/validate?out=text", FORM, NAMED("filename=\"a; name=x\"; name=message"),
	       "200", "a; name=x");
	expect("POST", "/validate", FORM, NAMED("name=message; filename=\"a\001b\""), "400",
	       "filename must be");
	expect("POST", "/validate", FORM, NAMED("name=message; filename=\"\xff\""), "400",
	       "filename must be");
	memset(name, 'a', 256);
	snprintf(body, sizeof(body), NAMED("name=message; filename=\"%s\""), name);
	expect("POST", "/validate", FORM, body, "400", "filename must be");
	expect("POST", "/validate", FORM,
	       NAMED("name=x\r\nContent-Disposition: form-data; name=message"), "400",
	       "named more than once");
	char *reply = send_request("POST", "/validate", FORM, nul, sizeof(nul) - 1);
	assert_non_null(strstr(reply, "has a NUL"));
	free(reply);
}

static void test_runs_packs(void **state)
{
	(void)state;
	expect("GET", "/packs", "", "", "200", "{\"name\": \"nhs-query-itk\"}");
	expect("POST", "/packs/la-upload/run?out=text", "", "", "200", "Judged as expected");
	expect("POST", "/packs/la-upload/run", "", "not a zip", "400", "evidence");
	expect("POST", "/packs/la-upload/run?only=none", "", "", "400", "selects no case");
	expect("POST", "/packs/la-upload/run?only=smoke&only=none", "", "", "400",
	       "selects no case");
	expect("POST", "/packs/la-upload/run?skip=upload&skip=notification&skip=acknowledgement",
	       "", "", "400", "leaves out every");
	char command[512];
	size_t size;
	snprintf(command, sizeof(command), "tar -C testcases/messages -cf '%s' upload-one.xml",
		 scratch_path("evidence.tar"));
	assert_int_equal(system(command), 0);
	char *tar = read_file(scratch_path("evidence.tar"), &size);
	char *reply = send_request("POST", "/packs/la-upload/run", "", tar, size);
	assert_non_null(strstr(reply, "HTTP/1.1 200"));
	assert_non_null(strstr(reply, "\r\nCpis-Verdict: "));
	free(reply);
	free(tar);
}

static void test_masks_the_personal_values_of_a_text(void **state)
{
	(void)state;
	static const char text[] = "<File>\n<given>Zo\xc3\xab</given>\n<given Jane></File>";
	expect("POST", "/mask", "", "<given>Zo\xc3\xab</given>", "200", "<given>•••</given>");
	expect("POST", "/mask?show-values=yes", "", text, "400",
	       "There is no such parameter here.");
	char *reply = send_request("POST", "/mask", "", text, strlen(text));
	assert_non_null(strstr(reply, "Content-Type: text/plain; charset=utf-8\r\n"));
	assert_non_null(strstr(reply, "\r\n\r\n<File>\n<given>•••</given>\n<given ••••></File>"));
	free(reply);
}

static void test_shows_how_a_message_is_packed(void **state)
{
	size_t size;
	char *packed = read_file("testcases/transport/query-request.http", &size);
	(void)state;
	expect("POST", "/inspect?name=query-request.http", "", packed, "200",
	       "{\"layers\": [\n  {\"depth\": 0, \"name\": \"query-request.http\"");
	expect("POST", "/inspect?name=query-request.http", "", packed, "200", "\"name\": \"http\"");
	expect("POST", "/inspect", "", "<File xmlns=\"urn:hl7-org:v3\"/>", "200",
	       "\"name\": \"REPC_MT000002GB01\", \"about\": \"CP-IS Local Authority Upload\"");
	/* Nothing is judged: no client may take the answer for a verdict. */
	char *reply = send_request("POST", "/inspect", "", packed, size);
	assert_non_null(strstr(reply, "\"packing\": \"pass\""));
	assert_null(strstr(reply, "Cpis-Verdict"));
	assert_null(strstr(reply, "verdict"));
	free(reply);
	expect("POST", "/inspect?out=text", "", packed, "400", "There is no such parameter here.");
	expect("POST", "/inspect?nam=x", "", packed, "400", "Did you mean name?");
	expect("GET", "/inspect", "", "", "405", "");
	free(packed);
}

static void test_describes_itself(void **state)
{
	(void)state;
	expect("GET", "/", "", "", "200", "<!DOCTYPE html>");
	expect("GET", "/openapi.json", "", "", "200", "\"openapi\": \"3.1.0\"");
	static const char *const statuses[] = { "400", "401", "403", "404", "413", "415",
						"417", "421", "429", "501", "503" };
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		char listed[16];
		snprintf(listed, sizeof(listed), "\"%s\": {", statuses[i]);
		expect("GET", "/openapi.json", "", "", "200", listed);
	}
	expect("GET", "/openapi.json", "", "", "200", "\"incomplete\", \"partial\"]");
	expect("GET", "/health", "", "", "200", "\"status\": \"pass\"");
	expect("GET", "/rules", "", "", "200", "\"id\": \"XML-001\"");
	expect("GET", "/rules/DAT-003", "", "", "200", "\"example\": {\"wrong\": ");
	expect("POST", "/validate", "", "hello", "200", "");
	expect("GET", "/metrics", "", "", "200", "\ncpis_verdicts_total{verdict=\"fail\"} 1\n");
}

static void test_logs_nothing_of_a_message(void **state)
{
	size_t size;
	char *good = read_file(GOOD, &size);
	(void)state;
	expect("POST", "/validate?name=9990000000.xml", "", good, "200", "");
	expect("GET", "/rules/9990000000", "", "", "404", "");
	free(good);
	assert_int_equal(stop_service(), 0);
	char *said = read_file(log_path, NULL);
	assert_non_null(strstr(said, "method=POST route=/validate status=200"));
	assert_non_null(strstr(said, "method=GET route=/rules/{} status=404"));
	assert_null(strstr(said, "9990000000"));
	free(said);
}

static void test_needs_the_token(void **state)
{
	char path[256];
	(void)state;
	snprintf(path, sizeof(path), "%s", scratch_path("token"));
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(TOKEN "\n", file);
	fclose(file);
	const char *const options[] = { "--token-file", path, NULL };
	start(options);
	expect("POST", "/validate", "", "x", "401", "\r\nWWW-Authenticate: Bearer\r\n");
	expect("GET", "/metrics", "", "", "401", "");
	expect("GET", "/health", "", "", "200", "");
	expect("POST", "/validate", "Authorization: Bearer " TOKEN "\r\n", "x", "200", "");
}

/* A report by a service with options of its own is that of the command which it names. */
static void test_a_report_names_the_options_that_made_it(void **state)
{
	(void)state;
	char profile[256];
	snprintf(profile, sizeof(profile), "%s", scratch_path("profile.yaml"));
	FILE *file = fopen(profile, "w");
	assert_non_null(file);
	fputs("profile: own\nrules:\n  - {rule: ACK-002, severity: info, reason: a test}\n", file);
	fclose(file);
	const char *const options[] = { "--now",
					"2026-11-10T12:00:00Z",
					"--fail-on=never",
					"--environment",
					"live",
					"--max-findings",
					"2",
					"-j",
					"2",
					"--profile",
					profile,
					NULL };
	static const struct {
		const char *query, *words;
	} asked[] = {
		{ "", "" },
		{ "&fail-on=warning&environment=test&stages=xml,schema",
		  "--environment test --fail-on warning --stages xml,schema" },
		{ "&as=query", "--as query" },
	};
	static const char path[] = "testcases/rules/ACK-002/fail-file-error-with-quantity.xml";
	static const char *const formats[] = { "text", "xml", "json",  "html",
					       "md",   "csv", "sarif", "junit" };
	size_t size;
	char *bytes = read_file(path, &size);
	start(options);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
		for (size_t k = 0; k < sizeof(formats) / sizeof(formats[0]); k++) {
			char target[512], words[1024];
			bool other = i == 1;
			snprintf(target, sizeof(target), "/validate?name=%s&out=%s%s", path,
				 formats[k], asked[i].query);
			snprintf(words, sizeof(words),
				 "validate --now 2026-11-10T12:00:00Z %s --max-findings 2 "
				 "--profile %s %s -r %s %s",
				 other ? "" : "--fail-on=never --environment live", profile,
				 asked[i].words, formats[k], path);
			expect_same(target, bytes, size, words);
		}
	free(bytes);
}

static void expect_refused(const char *arguments, const char *text)
{
	struct said said = run_program("%s", arguments);
	if (said.exit_code != 2 || !strstr(said.err, text))
		fail_msg("cpis %s: exit %d: %s", arguments, said.exit_code, said.err);
	run_release(&said);
}

static void test_does_not_open_an_address_by_chance(void **state)
{
	(void)state;
	FILE *file = fopen(scratch_path("short"), "w");
	assert_non_null(file);
	fputs("short\n", file);
	fclose(file);
	expect_refused("serve --listen 0.0.0.0:0",
		       "Give --token-file or --tls-client-ca, and --tls-cert with --tls-key");
	expect_refused("serve --listen '[::]:0' --token-file x", "Give --tls-cert with --tls-key");
	expect_refused("serve --listen 0.0.0.0:0 --tls-cert x --tls-key y",
		       "Give --token-file or --tls-client-ca,");
	expect_refused("serve --listen 0.0.0.0:0 --tls-client-ca x",
		       "Give --tls-cert with --tls-key");
	expect_refused("serve --listen 127.0.0.1:0 --tls-client-ca x",
		       "TLS: needs both a certificate and its key");
	expect_refused("serve --listen localhost", "must be ADDRESS:PORT");
	expect_refused("serve --listen 127.0.0.1:0 --token-file @/short", "at least 16 characters");
	expect_refused("serve --listen 127.0.0.1:0 --token-file @/none", "No such file");
	expect_refused("serve --listen 127.0.0.1:0 --tls-cert x", "needs both");
	expect_refused("serve --listen 127.0.0.1:0 --packs testcases/messages", "has a pack.yaml");
	expect_refused("serve message.xml", "name no file");
}

static void test_does_not_listen_with_what_no_verdict_could_use(void **state)
{
	(void)state;
	FILE *file = fopen(scratch_path("wrong.yaml"), "w");
	assert_non_null(file);
	fputs("rules:\n  - id: DAT-999\n", file);
	fclose(file);
	expect_refused("serve --listen 127.0.0.1:0 --profile @/none.yaml", "cannot be read");
	expect_refused("serve --listen 127.0.0.1:0 --profile @/wrong.yaml", "wrong.yaml:1");
	expect_refused("serve --listen 127.0.0.1:0 --schemas @/none", "none");
	expect_refused("serve --listen 127.0.0.1:0 --schematron @/none.sch", "cannot be read");
}

#define USUAL(test) cmocka_unit_test_setup_teardown(test, start_usual, end)
#define OWN(test)   cmocka_unit_test_setup_teardown(test, NULL, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		USUAL(test_answers_what_the_program_writes),
		USUAL(test_says_the_verdict),
		USUAL(test_writes_the_report_that_is_asked_for),
		USUAL(test_names_what_is_wrong_with_a_request),
		USUAL(test_takes_forms),
		USUAL(test_takes_the_names_of_files_in_forms),
		USUAL(test_runs_packs),
		USUAL(test_masks_the_personal_values_of_a_text),
		USUAL(test_shows_how_a_message_is_packed),
		USUAL(test_describes_itself),
		USUAL(test_logs_nothing_of_a_message),
		OWN(test_needs_the_token),
		OWN(test_a_report_names_the_options_that_made_it),
		OWN(test_does_not_open_an_address_by_chance),
		OWN(test_does_not_listen_with_what_no_verdict_could_use),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
