/* cpis send: the messages of a pack to a server, and its replies judged. */
#include "cli/cli.h"
#include "inbound.h"
#include "journal.h"
#include "mailbox.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
	MOST_URL = 1024,
	NAME_BYTES = 256,
	CODE_BYTES = 40,
	USUAL_WAIT = 30, /* seconds, as the wire has it */
	MOST_SENT_HEADERS = CPIS_OUTGOING_HEADERS + 16
};

struct sending {
	struct request *request;
	struct wire_address address;
	struct wire *wire;
	struct mailbox *mailbox;
	struct inbound *inbound; /* NULL: no later replies are waited for */
	char *later;		 /* the capture of the last of them */
	struct journal journal;
	char mesh_base[MOST_URL], seed[64], name[NAME_BYTES], why[NAME_BYTES], code[CODE_BYTES];
	struct cpis_outgoing *outgoing; /* of the message that is sent */
	char *fresh;			/* that message, of --fresh; NULL */
	size_t count;
};

static const char none_to_send[] = "it asks nothing of a server: only queries and uploads are sent";

/* Where each door is, on a server whose URL has no path. */
static const struct {
	const char *door, *path;
} paths[] = {
	{ "Spine", "/sync-service" },
	{ "ebXML", "/reliablemessaging/reliablerequest" },
	{ "ITK", "/" },
};

static const char *path_of(const struct sending *sending, const struct cpis_outgoing *outgoing)
{
	if (outgoing->target)
		return outgoing->target;
	if (*sending->address.path)
		return sending->address.path;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcmp(outgoing->door, paths[i].door) == 0)
			return paths[i].path;
	return "/";
}

static long long now_of(const struct request *request)
{
	return request->fixed_time ? request->options.now : (long long)time(NULL);
}

static size_t take_headers(const struct sending *sending, const struct cpis_outgoing *outgoing,
			   struct cpis_header headers[MOST_SENT_HEADERS],
			   char names[MOST_SENT_HEADERS][NAME_BYTES])
{
	const struct words *more = &sending->request->send.headers;
	size_t count = 0;
	for (; count < outgoing->header_count; count++)
		headers[count] = outgoing->headers[count];
	for (size_t i = 0; i < more->count && count < MOST_SENT_HEADERS; i++, count++) {
		const char *colon = strchr(more->items[i], ':');
		snprintf(names[count], NAME_BYTES, "%.*s", (int)(colon - more->items[i]),
			 more->items[i]);
		headers[count] =
			(struct cpis_header){ names[count], colon + 1 + strspn(colon + 1, " ") };
	}
	return count;
}

/* --dry-run */

static void show(const struct sending *sending, const struct cpis_exchange *exchange,
		 const struct cpis_outgoing *outgoing, const struct wire_request *wire)
{
	print(stdout, "\n%s/%s: %s\n", exchange->pack, exchange->case_id, exchange->name);
	print(stdout, "  %s %s\n", wire->method, wire->url);
	for (size_t i = 0; i < wire->header_count; i++)
		print(stdout, "  %s: %s\n", wire->headers[i].name, wire->headers[i].value);
	print(stdout, "  %s, %zu bytes%s\n", outgoing->asks ? outgoing->asks : "no request",
	      wire->size, outgoing->wrapped ? ", with a SOAP envelope that is made here" : "");
	if (sending->request->options.show_values)
		print(stdout, "\n%.*s\n", (int)wire->size, (const char *)wire->body);
}

/* The journal has results of its own for each exchange. */

static int judge_for_journal(const struct sending *sending, const struct cpis_exchange *exchange,
			     struct cpis_reply *kept, struct cpis_failure *failure)
{
	struct cpis_options options = sending->request->options;
	const struct cpis_bytes asked = { "request", exchange->request, exchange->request_size };
	const struct cpis_bytes answered = { "reply", exchange->reply, exchange->reply_size };
	if (cpis_results_new(&kept->results, &options, failure) != 0 ||
	    cpis_validate_pair_bytes(kept->results, &asked, &answered, failure) != 0)
		return -1;
	struct cpis_message message;
	for (size_t i = 0; cpis_results_message(kept->results, i, &message, sizeof(message)) == 0;
	     i++) {
		bool reply = strncmp(message.source, "reply", 5) == 0;
		enum cpis_verdict *worst = reply ? &kept->reply_verdict : &kept->request_verdict;
		if (message.verdict > *worst)
			*worst = message.verdict;
		if (reply && !kept->reply_type)
			kept->reply_type = message.type;
	}
	return 0;
}

static int keep(struct sending *sending, const struct cpis_exchange *exchange,
		struct cpis_failure *failure)
{
	struct cpis_reply kept = {
		.status = exchange->status,
		.door = sending->outgoing->door,
		.request_capture = exchange->request,
		.request_size = exchange->request_size,
		.reply_capture = exchange->reply,
		.reply_size = exchange->reply_size,
	};
	const struct cpis_call call = { .now = now_of(sending->request) };
	if (!sending->journal.folder)
		return 0;
	int status = judge_for_journal(sending, exchange, &kept, failure);
	if (status == 0)
		status = journal_add(&sending->journal, &call, &kept, failure);
	cpis_results_free(kept.results);
	return status;
}

/* One message */

static bool is_acknowledged_only(const struct cpis_outgoing *outgoing,
				 const struct wire_reply *reply)
{
	return strcmp(outgoing->door, "ebXML") == 0 && reply->status == 202;
}

/* What a server says goes into reports in letters and digits alone. */
static void make_plain(char *text)
{
	for (; *text; text++)
		if (!isalnum((unsigned char)*text) && !strchr("-_.:", *text))
			*text = '?';
}

/* The code of an error report, which holds no message: of MESH in a header, of ebXML in its list.
 */
static bool is_report(const struct cpis_outgoing *outgoing, const struct wire_reply *reply,
		      char code[CODE_BYTES])
{
	static const char list[] = "errorCode=\"";
	char type[32] = "";
	if (strcmp(outgoing->door, "MESH") == 0) {
		bool report = wire_header(reply, "Mex-MessageType", type, sizeof(type)) &&
			      strcasecmp(type, "REPORT") == 0 &&
			      wire_header(reply, "Mex-StatusCode", code, CODE_BYTES);
		if (report)
			make_plain(code);
		return report;
	}
	const char *at = reply->body && strcmp(outgoing->door, "ebXML") == 0
				 ? strstr(reply->body, list)
				 : NULL;
	if (!at)
		return false;
	at += sizeof(list) - 1;
	snprintf(code, CODE_BYTES, "%.*s", (int)strcspn(at, "\""), at);
	make_plain(code);
	return true;
}

/* The later reply names the message that it answers. */
static bool wait_for_later(struct sending *sending, const struct cpis_outgoing *outgoing,
			   struct wire_reply *reply)
{
	static const char tag[] = "MessageId>";
	const unsigned seconds = sending->request->send.seconds;
	const char *at = memmem(outgoing->body, outgoing->size, tag, sizeof(tag) - 1);
	char id[NAME_BYTES] = "";
	if (at)
		snprintf(id, sizeof(id), "%.*s", (int)strcspn(at + sizeof(tag) - 1, "<"),
			 at + sizeof(tag) - 1);
	free(sending->later);
	sending->later = *id ? inbound_wait(sending->inbound, id, seconds ? seconds : USUAL_WAIT,
					    &reply->reply_size)
			     : NULL;
	reply->reply = sending->later;
	reply->body = sending->later;
	if (!sending->later)
		snprintf(sending->why, sizeof(sending->why),
			 "no later reply came to --reply-listen (see --timeout)");
	return sending->later != NULL;
}

/* It goes, and its reply comes. False with a phrase in why. */
static bool carry(struct sending *sending, const struct cpis_outgoing *outgoing,
		  const struct wire_request *request, struct wire_reply *reply)
{
	bool mesh = strcmp(outgoing->door, "MESH") == 0;
	bool came = mesh ? mailbox_send(sending->mailbox, outgoing->body, outgoing->size, reply)
			 : wire_call(sending->wire, request, reply);
	if (!came) {
		snprintf(sending->why, sizeof(sending->why), "%s",
			 mesh ? mailbox_why(sending->mailbox) : wire_why(sending->wire));
		return false;
	}
	if (!is_acknowledged_only(outgoing, reply))
		return true;
	if (sending->inbound)
		return wait_for_later(sending, outgoing, reply);
	snprintf(sending->why, sizeof(sending->why),
		 "the server answers later, by a message of its own (see --reply-listen)");
	return false;
}

static int send_one(struct sending *sending, struct cpis_exchange *exchange,
		    struct cpis_failure *failure)
{
	const struct cpis_outgoing *outgoing = sending->outgoing;
	struct cpis_header headers[MOST_SENT_HEADERS];
	char names[MOST_SENT_HEADERS][NAME_BYTES], url[2 * MOST_URL];
	bool mesh = strcmp(outgoing->door, "MESH") == 0;
	struct wire_reply reply = { 0 };
	if (mesh)
		snprintf(url, sizeof(url), "%s/%s/outbox", sending->mesh_base,
			 sending->request->send.mailbox);
	else
		snprintf(url, sizeof(url), "%s%s", sending->address.base,
			 path_of(sending, outgoing));
	const struct wire_request wire = {
		.method = outgoing->method,
		.url = url,
		.headers = headers,
		.header_count = take_headers(sending, outgoing, headers, names),
		.body = outgoing->body,
		.size = outgoing->size,
	};
	if (sending->request->dry_run) {
		show(sending, exchange, outgoing, &wire);
		exchange->left_out = "nothing is sent in a dry run";
		return 0;
	}
	if (wire_is_dead(sending->wire) || !carry(sending, outgoing, &wire, &reply)) {
		exchange->lost = sending->why;
		return 0;
	}
	snprintf(sending->name, sizeof(sending->name), "reply to %s", exchange->case_id);
	exchange->request = reply.request;
	exchange->request_size = reply.request_size;
	exchange->reply = reply.reply;
	exchange->reply_size = reply.reply_size;
	exchange->status = reply.status;
	exchange->report = is_report(outgoing, &reply, sending->code) ? sending->code : NULL;
	exchange->reply_name = sending->name;
	return keep(sending, exchange, failure);
}

/* No case has the ids of another one. */
static int freshen(struct sending *sending, struct cpis_exchange *exchange,
		   struct cpis_failure *failure)
{
	char seed[NAME_BYTES];
	char *copy = realloc(sending->fresh, exchange->size + 1);
	if (!copy) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
		snprintf(failure->text, sizeof(failure->text), "out of memory");
		return -1;
	}
	sending->fresh = copy;
	memcpy(copy, exchange->message, exchange->size);
	copy[exchange->size] = '\0';
	snprintf(seed, sizeof(seed), "%s %s %s", sending->seed, exchange->pack, exchange->case_id);
	cpis_freshen(copy, exchange->size, seed, now_of(sending->request));
	exchange->sent = copy;
	return 0;
}

static int send_message(void *context, struct cpis_exchange *exchange, struct cpis_failure *failure)
{
	struct sending *sending = context;
	char to[MOST_URL];
	snprintf(to, sizeof(to), "%s%s", sending->address.base,
		 *sending->address.path ? sending->address.path : "/");
	const struct cpis_outgoing_options options = {
		.to = to,
		.user = sending->request->send.user,
		.seed = sending->seed,
		.now = now_of(sending->request),
	};
	struct cpis_failure why;
	cpis_outgoing_free(sending->outgoing);
	sending->outgoing = NULL;
	if (sending->request->send.fresh && freshen(sending, exchange, failure) != 0)
		return -1;
	const void *message = exchange->sent ? exchange->sent : exchange->message;
	if (cpis_outgoing_new(&sending->outgoing, message, exchange->size, &options, &why) != 0) {
		snprintf(sending->why, sizeof(sending->why), "it cannot be sent: %.200s", why.text);
		exchange->lost = sending->why;
		return 0;
	}
	if (!sending->outgoing->asks) {
		exchange->left_out = none_to_send;
		return 0;
	}
	sending->count++;
	return send_one(sending, exchange, failure);
}

/* The packs */

static void print_pack_problem(void *context, const struct cpis_failure *problem)
{
	struct sending *sending = context;
	progress_end(sending->request);
	print_failure(problem);
}

static void set_pack_options(struct sending *sending)
{
	struct request *request = sending->request;
	struct cpis_pack_options *options = &request->pack;
	options->only = request->only.items;
	options->only_count = request->only.count;
	options->skip = request->skip.items;
	options->skip_count = request->skip.count;
	options->beside = request->inputs + 1;
	options->beside_count = request->input_count - 1;
	options->problem = print_pack_problem;
	options->context = sending;
	options->exchange = send_message;
}

static int finish(struct sending *sending, struct cpis_results *results)
{
	struct request *request = sending->request;
	if (!sending->count) {
		cpis_results_free(results);
		return usage_error("send: nothing was sent: no case that is selected has a query "
				   "or an upload");
	}
	if (request->dry_run) {
		cpis_results_free(results);
		print(stdout, "\n%zu %s would be sent. Nothing was sent.\n", sending->count,
		      sending->count == 1 ? "message" : "messages");
		return CPIS_EXIT_PASS;
	}
	struct cpis_failure failure;
	if (request->pack.waivers &&
	    cpis_results_close_waivers(results, request->pack.waivers, &failure) != 0) {
		cpis_results_free(results);
		return print_failure(&failure);
	}
	return settle_run(request, NULL, results);
}

static int play(struct sending *sending)
{
	struct request *request = sending->request;
	struct cpis_failure failure;
	char server[MOST_URL];
	int code = CPIS_EXIT_USAGE;
	if (!request->dry_run)
		progress_start(request);
	struct cpis_results *results = open_results(request, &code);
	if (!results)
		return code;
	snprintf(server, sizeof(server), "%s%s", sending->address.base, sending->address.path);
	progress_time_cases(request, results);
	set_pack_options(sending);
	int status = cpis_results_meta(results, "server", server, &failure);
	for (size_t i = 1; status == 0 && i < request->input_count; i++) {
		progress_next_input(request, request->input_count - i - 1);
		status = cpis_run_pack(results, request->inputs[i], &request->pack, &failure);
	}
	progress_end(request);
	if (status != 0) {
		cpis_results_free(results);
		return print_failure(&failure);
	}
	return finish(sending, results);
}

/* The command */

static int check_headers(const struct request *request)
{
	const struct words *headers = &request->send.headers;
	if (headers->count > MOST_SENT_HEADERS - CPIS_OUTGOING_HEADERS)
		return usage_error("send: too many --header");
	for (size_t i = 0; i < headers->count; i++) {
		const char *text = headers->items[i], *colon = strchr(text, ':');
		if (!colon || colon == text || colon - text >= NAME_BYTES || strpbrk(text, "\r\n"))
			return usage_error("send: --header %s: must be NAME:VALUE", text);
	}
	return 0;
}

static int check_address(const struct request *request, struct wire_address *address)
{
	if (request->input_count < 2)
		return usage_error("send: name the URL of a server, and a pack");
	const char *why = wire_address(request->inputs[0], address);
	if (why)
		return usage_error("send: %s: %s", request->inputs[0], why);
	if (!address->tls && !address->loopback && !request->send.plain)
		return usage_error(
			"send: %s: messages would go to another machine without TLS. Use "
			"https://, or --plain-http if that is right",
			request->inputs[0]);
	return 0;
}

static int check_usage(const struct request *request, struct wire_address *address)
{
	const struct twin_request *twin = &request->twin;
	const char *const files[] = { request->send.ca, twin->tls_cert, twin->tls_key };
	int code = check_address(request, address);
	if (code == 0)
		code = check_headers(request);
	if (code != 0)
		return code;
	if (!twin->tls_cert != !twin->tls_key)
		return usage_error("send: --tls-cert and --tls-key need each other");
	if (!address->tls && (request->send.ca || twin->tls_cert))
		return usage_error("send: the options of TLS need an https:// URL");
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		if (files[i] && access(files[i], R_OK) != 0)
			return usage_error("send: %s: cannot be read", files[i]);
	if (request->send.listen && !http_is_address(request->send.listen))
		return usage_error("send: --reply-listen %s: must be ADDRESS:PORT, such as "
				   "127.0.0.1:4002",
				   request->send.listen);
	if (request->send.listen && !http_is_loopback(request->send.listen) && !request->send.plain)
		return usage_error(
			"send: --reply-listen %s: replies would come from other machines "
			"without TLS. Use --plain-http if that is right",
			request->send.listen);
	if (request->dry_run && request->report_count)
		return usage_error("send: a dry run has no report");
	return 0;
}

static const char *or_usual(const char *given, const char *usual)
{
	return given ? given : usual;
}

/* -1: out of memory. */
static int open_wires(struct sending *sending)
{
	struct request *request = sending->request;
	const struct twin_request *twin = &request->twin;
	const struct wire_settings wire = {
		.ca = request->send.ca,
		.cert = twin->tls_cert,
		.key = twin->tls_key,
		.seconds = request->send.seconds,
		.all_seconds = request->send.all_seconds,
		.most_bytes = request->send.most_bytes,
		.rate = request->send.rate,
	};
	static const char below[] = "/messageexchange";
	const char *path = sending->address.path;
	request->send.mailbox = or_usual(request->send.mailbox, "CPISSEND");
	snprintf(sending->mesh_base, sizeof(sending->mesh_base), "%s%s", sending->address.base,
		 strstr(path, below) ? path : below);
	sending->wire = wire_open(&wire);
	const struct mailbox_settings mailbox = {
		.wire = sending->wire,
		.base = sending->mesh_base,
		.own = request->send.mailbox,
		.to = or_usual(twin->mailbox, "CPISTWIN"),
		.workflow = or_usual(twin->workflow, "CPIS_UPLOAD"),
		.key = twin->mesh_key,
		.password = twin->mesh_password,
		.seconds = request->send.seconds ? request->send.seconds : USUAL_WAIT,
	};
	sending->mailbox = sending->wire ? mailbox_open(&mailbox) : NULL;
	return sending->mailbox ? 0 : -1;
}

static int open_and_play(struct sending *sending)
{
	struct request *request = sending->request;
	struct cpis_failure failure;
	char why[HTTP_WHY];
	if (open_wires(sending) != 0)
		return out_of_memory();
	if (request->send.listen && inbound_open(&sending->inbound, request->send.listen, why) != 0)
		return usage_error("send: --reply-listen: %s", why);
	if (journal_open(&sending->journal, request->twin.journal, &failure) != 0)
		return print_failure(&failure);
	if (request->waivers &&
	    cpis_waivers_open(&request->pack.waivers, request->waivers, &failure) != 0)
		return print_failure(&failure);
	int code = play(sending);
	cpis_waivers_free(request->pack.waivers);
	return code;
}

int cmd_send(struct request *request)
{
	struct sending *sending = calloc(1, sizeof(*sending));
	if (!sending)
		return out_of_memory();
	sending->request = request;
	int code = check_usage(request, &sending->address);
	snprintf(sending->seed, sizeof(sending->seed), "%lld-%ld", (long long)time(NULL),
		 (long)getpid());
	if (code == 0) {
		code = open_and_play(sending);
		journal_close(&sending->journal);
	}
	cpis_outgoing_free(sending->outgoing);
	free(sending->fresh);
	free(sending->later);
	inbound_close(sending->inbound);
	mailbox_close(sending->mailbox);
	wire_close(sending->wire);
	free(sending);
	return code;
}
