/* Bodies are judged, and the answer is the report that the program would write. */
#include "service.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* A phrase of the library becomes a sentence. */
void service_refuse(struct http_request *request, const struct cpis_failure *failure,
		    const char *path, const char *known_as)
{
	bool usage = failure->kind == CPIS_FAILURE_CONFIGURATION;
	const char *file = path && strcmp(failure->file, path) == 0 ? known_as : failure->file;
	char place[64] = "";
	if (*file && failure->line)
		snprintf(place, sizeof(place), ":%zu:%zu", failure->line, failure->column);
	http_problem(request, usage ? 400 : 503, "%s%s%s%s", file, place, *file ? ": " : "",
		     failure->text);
	if (!usage)
		http_reply_header(request, "Retry-After", "10");
}

/* The command that would have given the same report. */
static int note_words(struct cpis_results *results, const char *const *words,
		      struct cpis_failure *failure)
{
	for (; *words; words++)
		if (cpis_results_command_word(results, *words, failure) != 0)
			return -1;
	return 0;
}

/* The options of the service's command line on which a verdict depends. */
struct noting {
	struct cpis_results *results;
	const struct ask *ask;
	const struct cpis_options *usual;
	enum takes command; /* that would have given the report */
	struct cpis_failure *failure;
};

/* Whether the request says otherwise than the command line. */
static bool is_replaced(const struct noting *noting, const char *name)
{
	const struct cpis_options *mine = &noting->ask->options;
	return (strcmp(name, "environment") == 0 && mine->live != noting->usual->live) ||
	       (strcmp(name, "fail-on") == 0 && mine->fail_on != noting->usual->fail_on) ||
	       (strcmp(name, "profile") == 0 && noting->ask->profile_name);
}

static int note_option(void *context, const struct option *option, const char *const *words,
		       size_t count)
{
	const struct noting *noting = context;
	const char *const given[] = { words[0], count > 1 ? words[1] : NULL, NULL };
	/* Jobs are the threads of the service. */
	if (!(option->takers & noting->command) || strcmp(option->name, "jobs") == 0 ||
	    is_replaced(noting, option->name))
		return 0;
	return note_words(noting->results, given, noting->failure);
}

static int note_service(struct cpis_results *results, const struct ask *ask,
			const struct service *service, enum takes command,
			struct cpis_failure *failure)
{
	struct noting noting = { results, ask, &service->request->options, command, failure };
	return options_each_given(service->request, note_option, &noting);
}

static int note_each(struct cpis_results *results, const char *option, const struct words *list,
		     struct cpis_failure *failure)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *const words[] = { option, list->items[i], NULL };
		if (note_words(results, words, failure) != 0)
			return -1;
	}
	return 0;
}

static int note_ask(struct cpis_results *results, const struct ask *ask,
		    const struct service *service, struct cpis_failure *failure)
{
	static const char *const fail_on[] = { "error", "warning", "never" };
	const struct cpis_options *mine = &ask->options, *usual = &service->request->options;
	const char *const format[] = { "-r", ask->format, NULL };
	const char *const live[] = { "--environment", mine->live ? "live" : "test", NULL };
	const char *const fails[] = { "--fail-on", fail_on[mine->fail_on], NULL };
	const char *const type[] = { "--as", mine->as_type, NULL };
	const char *const shown[] = { "--show-values", NULL };
	const char *const stages[] = { "--stages", ask->stages, NULL };
	const char *const profile[] = { "--profile", ask->profile_name, NULL };
	if (mine->live != usual->live && note_words(results, live, failure) != 0)
		return -1;
	if (mine->fail_on != usual->fail_on && note_words(results, fails, failure) != 0)
		return -1;
	if (ask->profile_name && note_words(results, profile, failure) != 0)
		return -1;
	if (mine->as_type && note_words(results, type, failure) != 0)
		return -1;
	if (ask->stages && note_words(results, stages, failure) != 0)
		return -1;
	if (note_each(results, "--only", &ask->only, failure) != 0 ||
	    note_each(results, "--skip", &ask->skip, failure) != 0)
		return -1;
	if (mine->show_values && note_words(results, shown, failure) != 0)
		return -1;
	return note_words(results, format, failure);
}

/* Where a profile is wrong: the last place is the one that the failure names too. */
static void ignore_problem(void *context, const struct cpis_failure *problem)
{
	(void)context, (void)problem;
}

/* NULL after the request was answered. words: the command. */
static struct cpis_results *open_run(const struct ask *ask, const struct service *service,
				     struct http_request *request, const char *const *words)
{
	const enum takes command = strcmp(words[1], "run") == 0 ? RUN : VALIDATE;
	struct cpis_results *results = NULL;
	struct cpis_failure failure;
	if (cpis_results_new(&results, &ask->options, &failure) == 0 &&
	    note_words(results, words, &failure) == 0 &&
	    note_service(results, ask, service, command, &failure) == 0 &&
	    note_ask(results, ask, service, &failure) == 0 &&
	    (!ask->profile ||
	     cpis_results_profile(results, ask->profile, ignore_problem, NULL, &failure) == 0))
		return results;
	service_refuse(request, &failure, ask->profile_name ? ask->profile : NULL, "profile");
	cpis_results_free(results);
	return NULL;
}

/* An HTML report brings its style and its script with it; it can reach nothing. */
static void set_type(struct http_request *request, const char *format)
{
	const char *type = ask_media_type(format);
	http_reply_header(request, "Content-Type", type);
	if (strcmp(type, "text/html") == 0)
		http_reply_header(request, "Content-Security-Policy",
				  "default-src 'none'; style-src 'unsafe-inline'; script-src "
				  "'unsafe-inline'; frame-ancestors 'none'; sandbox allow-scripts");
}

/* Answer with the report, and free the results. */
static void close_run(struct cpis_results *results, const struct ask *ask, struct service *service,
		      struct http_request *request)
{
	struct cpis_failure failure;
	enum cpis_verdict verdict = cpis_results_verdict(results);
	if (cpis_report_write(results, ask->format, http_write, request, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
	} else {
		http_reply_status(request, 200);
		bool partial = verdict == CPIS_PASS && cpis_results_partial(results);
		http_reply_header(request, "Cpis-Verdict",
				  partial ? "partial" : cpis_verdict_name(verdict));
		set_type(request, ask->format);
		atomic_fetch_add(&service->verdicts[verdict], 1);
	}
	cpis_results_free(results);
}

/* A file in memory, for what the library reads by name. It is gone with its descriptor. */
struct memory_file {
	int fd;
	char path[40];
};

static bool memory_open(struct memory_file *file, struct http_request *request)
{
	file->fd = memfd_create("body", MFD_CLOEXEC);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
	if (file->fd < 0)
		http_problem(request, 503, "The service is out of memory: try again later.");
	return file->fd >= 0;
}

static bool memory_write(struct memory_file *file, struct http_request *request, const char *bytes,
			 size_t size)
{
	while (size) {
		ssize_t n = write(file->fd, bytes, size);
		if (n <= 0) {
			http_problem(request, 503,
				     "The service is out of memory: try again later.");
			return false;
		}
		bytes += n;
		size -= (size_t)n;
	}
	return true;
}

/* The body of a request into an open stream. False after the request was answered. */
static bool pass_body(struct cpis_stream *stream, struct http_request *request)
{
	struct cpis_failure failure;
	char bytes[65536];
	long n;
	while ((n = http_read(request, bytes, sizeof(bytes))) > 0)
		if (cpis_stream_write(stream, bytes, (size_t)n, &failure) != 0) {
			service_refuse(request, &failure, NULL, "");
			return false;
		}
	return n == 0;
}

static void judge_body(const struct ask *ask, struct service *service, struct http_request *request)
{
	const char *name = ask->name ? ask->name : SERVICE_BODY_NAME;
	static const char *const words[] = { "cpis", "validate", NULL };
	const char *const last[] = { name, NULL };
	struct cpis_stream *stream;
	struct cpis_failure failure;
	struct cpis_results *results = open_run(ask, service, request, words);
	if (!results)
		return;
	if (note_words(results, last, &failure) != 0 ||
	    cpis_stream_open(&stream, results, name, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
		cpis_results_free(results);
		return;
	}
	if (!pass_body(stream, request)) {
		cpis_results_free(results);
		return;
	}
	if (cpis_stream_close(stream, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
		cpis_results_free(results);
		return;
	}
	close_run(results, ask, service, request);
}

/* Forms */

/* The form of a request; *body is what its parts lie in. False after the request was answered. */
static bool take_form(struct form *form, char **body, struct http_request *request)
{
	size_t size;
	const char *type = http_header(request, "Content-Type");
	if (!form_is(type)) {
		http_problem(request, 415, "The body must be multipart/form-data.");
		return false;
	}
	if (http_read_all(request, body, &size) != 0)
		return false;
	const char *why = form_read(form, type, *body, size);
	if (!why)
		return true;
	http_problem(request, 400, "%s", why);
	form_release(form);
	free(*body);
	return false;
}

/* A browser names a file that was not chosen by an empty text. */
static bool has_file_name(const struct form_part *part)
{
	return part->file_name && *part->file_name;
}

/* False after the request was answered. */
static bool check_file_names(const struct form *form, struct http_request *request)
{
	for (size_t i = 0; i < form->count; i++)
		if (has_file_name(&form->parts[i]) &&
		    !ask_check_name(request, "filename", form->parts[i].file_name))
			return false;
	return true;
}

/* False after the request was answered: a part is missing, or not known. */
static bool check_parts(const struct form *form, const char *const *known, size_t needed,
			struct http_request *request)
{
	size_t count = 0;
	while (known[count])
		count++;
	for (size_t i = 0; i < form->count; i++) {
		size_t at = 0;
		while (at < count && strcmp(known[at], form->parts[i].name) != 0)
			at++;
		if (at < count && form_part(form, known[at]) == &form->parts[i])
			continue;
		if (at < count) {
			http_problem(request, 400, "The part %s is given more than once.",
				     known[at]);
			return false;
		}
		const char *nearest = nearest_word(form->parts[i].name, known, count);
		http_problem(request, 400, "There is no such part in this form.%s%s%s",
			     nearest ? " Did you mean " : "", nearest ? nearest : "",
			     nearest ? "?" : "");
		return false;
	}
	for (size_t i = 0; i < needed; i++)
		if (!form_part(form, known[i])) {
			http_problem(request, 400, "The part %s is missing.", known[i]);
			return false;
		}
	return true;
}

/* The name that a part is reported by. */
static const char *name_of(const struct form_part *part)
{
	return has_file_name(part) ? part->file_name : part->name;
}

/* The part profile of a form as a file. False after the request was answered. */
static bool take_profile(struct ask *ask, const struct form *form, struct memory_file *file,
			 struct http_request *request)
{
	const struct form_part *part = form_part(form, "profile");
	file->fd = -1;
	if (!part)
		return true;
	if (!memory_open(file, request) || !memory_write(file, request, part->bytes, part->size))
		return false;
	ask->profile = file->path;
	ask->profile_name = name_of(part);
	return true;
}

static void judge_message_part(struct ask *ask, const struct form *form, struct service *service,
			       struct http_request *request)
{
	const struct form_part *part = form_part(form, "message");
	const char *name = ask->name ? ask->name : name_of(part);
	static const char *const words[] = { "cpis", "validate", NULL };
	const char *const last[] = { name, NULL };
	const struct cpis_bytes source = { name, part->bytes, part->size };
	struct cpis_failure failure;
	struct cpis_results *results = open_run(ask, service, request, words);
	if (!results)
		return;
	if (note_words(results, last, &failure) != 0 ||
	    cpis_validate_bytes(results, &source, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
		cpis_results_free(results);
		return;
	}
	close_run(results, ask, service, request);
}

static void judge_pair_parts(struct ask *ask, const struct form *form, struct service *service,
			     struct http_request *request)
{
	const struct form_part *asked = form_part(form, "request");
	const struct form_part *answered = form_part(form, "response");
	const struct cpis_bytes first = { name_of(asked), asked->bytes, asked->size };
	const struct cpis_bytes second = { name_of(answered), answered->bytes, answered->size };
	const char *const words[] = { "cpis",	    "validate",	 "--request", first.name,
				      "--response", second.name, NULL };
	struct cpis_failure failure;
	struct cpis_results *results = open_run(ask, service, request, words);
	if (!results)
		return;
	if (cpis_validate_pair_bytes(results, &first, &second, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
		cpis_results_free(results);
		return;
	}
	close_run(results, ask, service, request);
}

/* A form with the parts of known, of which some are needed, judged. */
static void judge_form(struct ask *ask, struct service *service, struct http_request *request,
		       const char *const *known, size_t needed,
		       void (*judge)(struct ask *, const struct form *, struct service *,
				     struct http_request *))
{
	struct form form;
	struct memory_file profile = { .fd = -1 };
	char *body;
	if (!take_form(&form, &body, request))
		return;
	if (check_parts(&form, known, needed, request) && check_file_names(&form, request) &&
	    take_profile(ask, &form, &profile, request))
		judge(ask, &form, service, request);
	ask->profile = ask->profile_name = NULL;
	if (profile.fd >= 0)
		close(profile.fd);
	form_release(&form);
	free(body);
}

void serve_validate(struct http_request *request, void *context)
{
	static const char *const parts[] = { "message", "profile", NULL };
	struct service *service = context;
	struct ask ask;
	if (ask_read(&ask, service, request, ASK_VERDICT | ASK_NAME | ASK_TYPE | ASK_STAGES)) {
		if (form_is(http_header(request, "Content-Type")))
			judge_form(&ask, service, request, parts, 1, judge_message_part);
		else
			judge_body(&ask, service, request);
	}
	ask_release(&ask);
}

void serve_pair(struct http_request *request, void *context)
{
	static const char *const parts[] = { "request", "response", "profile", NULL };
	struct ask ask;
	if (ask_read(&ask, context, request, ASK_VERDICT | ASK_STAGES))
		judge_form(&ask, context, request, parts, 2, judge_pair_parts);
	ask_release(&ask);
}

/* Packs */

/* The name as it is in the service's list; NULL after the request was answered. */
static const char *known_pack(const struct service *service, struct http_request *request)
{
	const char *name = http_parameter(request, 0);
	for (size_t i = 0; i < service->pack_count; i++)
		if (strcmp(service->packs[i], name) == 0)
			return service->packs[i];
	const char *nearest =
		nearest_word(name, (const char *const *)service->packs, service->pack_count);
	http_problem(request, 404, "There is no pack of this name here.%s%s%s",
		     nearest ? " Did you mean " : "", nearest ? nearest : "", nearest ? "?" : "");
	return NULL;
}

/* The evidence, which is not written to a disk either. size 0: there is none. False after the
 * request was answered. */
static bool take_evidence(struct memory_file *file, size_t *size, struct http_request *request)
{
	char bytes[16384];
	long n;
	*size = 0;
	if (!memory_open(file, request))
		return false;
	while ((n = http_read(request, bytes, sizeof(bytes))) > 0) {
		if (!memory_write(file, request, bytes, (size_t)n))
			return false;
		*size += (size_t)n;
	}
	return n == 0;
}

static void run_pack(const struct ask *ask, struct service *service, struct http_request *request,
		     const char *name, const char *evidence)
{
	static const char *const words[] = { "cpis", "run", NULL };
	const char *const last[] = { evidence ? "--evidence" : name, evidence ? "evidence" : NULL,
				     evidence ? name : NULL, NULL };
	struct cpis_pack_options options = service->request->pack;
	struct cpis_failure failure;
	char path[4096];
	const char *const beside[] = { path };
	snprintf(path, sizeof(path), "%s/%s", service->request->packs, name);
	options.beside = beside;
	options.beside_count = 1;
	options.evidence = evidence;
	options.only = ask->only.items;
	options.only_count = ask->only.count;
	options.skip = ask->skip.items;
	options.skip_count = ask->skip.count;
	struct cpis_results *results = open_run(ask, service, request, words);
	if (!results)
		return;
	if (note_words(results, last, &failure) != 0 ||
	    cpis_run_pack(results, path, &options, &failure) != 0) {
		service_refuse(request, &failure, evidence, "evidence");
		cpis_results_free(results);
		return;
	}
	if ((options.only_count || options.skip_count) &&
	    cpis_results_selected_count(results) == 0) {
		http_problem(request, 400, "%s: check the tags and ids in the pack.",
			     options.only_count ? "only selects no case"
						: "skip leaves out every case");
		cpis_results_free(results);
		return;
	}
	close_run(results, ask, service, request);
}

void serve_pack(struct http_request *request, void *context)
{
	struct service *service = context;
	struct memory_file evidence = { .fd = -1 };
	struct ask ask;
	size_t size;
	const char *name = known_pack(service, request);
	if (!name)
		return;
	if (ask_read(&ask, service, request, ASK_VERDICT | ASK_TYPE | ASK_CASES) &&
	    take_evidence(&evidence, &size, request))
		run_pack(&ask, service, request, name, size ? evidence.path : NULL);
	if (evidence.fd >= 0)
		close(evidence.fd);
	ask_release(&ask);
}
