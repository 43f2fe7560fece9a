/* The public twin: HTTP requests in, replies out. */
#include "reply/made.h"

#include "diag/failure.h"
#include "diag/results.h"
#include "engine/engine.h"
#include "engine/source.h"
#include "engine/walk.h"
#include "reply/refusals.h"
#include "reply/request.h"
#include "reply/scenario.h"
#include "write/ids.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct cpis_twin {
	struct service *service;
};

void cpis_reply_free(struct cpis_reply *reply)
{
	if (!reply)
		return;
	struct made_reply *made = (struct made_reply *)(void *)reply;
	cpis_results_free(reply->results);
	buf_release(&made->request);
	buf_release(&made->answer);
	buf_release(&made->later);
	arena_release(&made->arena);
	free(made);
}

/* Captures */

static void capture_reply(struct buf *out, const struct cpis_reply *reply)
{
	const char *words = reply->status == 200   ? "OK"
			    : reply->status == 202 ? "Accepted"
			    : reply->status == 500 ? "Internal Server Error"
						   : "Other";
	buf_printf(out, "HTTP/1.1 %u %s\r\n", reply->status, words);
	for (size_t i = 0; i < reply->header_count; i++)
		buf_printf(out, "%s: %s\r\n", reply->headers[i].name, reply->headers[i].value);
	buf_printf(out, "Content-Length: %zu\r\n\r\n", reply->size);
	buf_add(out, reply->body, reply->size);
}

/* Wrong on purpose */

/* Each place of a text in a body becomes another one of the same length. */
static void replace_all(struct buf *body, struct str was, const char *is)
{
	if (!was.n || strlen(is) != was.n)
		return;
	for (char *at = body->p; (at = memmem(at, (size_t)(body->p + body->n - at), was.p, was.n));
	     at += was.n)
		memcpy(at, is, was.n);
}

static void count_one_more(struct buf *body)
{
	static const char total[] = "pertinentTotalReturnedAccessRecords>";
	static const char value[] = "<value value=\"";
	char *at = memmem(body->p, body->n, total, sizeof(total) - 1);
	at = at ? memmem(at, (size_t)(body->p + body->n - at), value, sizeof(value) - 1) : NULL;
	if (at)
		at[sizeof(value) - 1] = at[sizeof(value) - 1] == '9' ? '8' : '9';
}

static void spoil(struct visit *visit, struct buf *body)
{
	char uuid[UUID_BYTES];
	id_maker_uuid(&visit->maker, uuid);
	switch (visit->step.wrong.value) {
	case WRONG_NOT_WELL_FORMED:
		body->n = body->n * 3 / 4;
		break;
	case WRONG_EMPTY:
		body->n = 0;
		break;
	case WRONG_MESSAGE_REF:
		replace_all(body, visit->request.message_id, uuid);
		replace_all(body, uuid_bare(visit->request.soap_id), uuid);
		break;
	case WRONG_NHS_NUMBER:
		replace_all(body, visit->request.nhs_number, "9999999468");
		break;
	case WRONG_COUNT:
		count_one_more(body);
		break;
	default:
		break;
	}
}

static void shape(struct cpis_reply *reply, const struct scenario_step *step)
{
	reply->silent = step->reply.value == SCENARIO_SILENCE;
	reply->delay_ms = (unsigned)step->delay.value;
	reply->piece_bytes = step->trickle.value;
	reply->piece_ms = (unsigned)step->trickle_delay.value;
	reply->cut = step->cut.given;
	reply->cut_after = step->cut.value;
	if (step->status.given)
		reply->status = (unsigned)step->status.value;
}

/* Messages */

static void take_answer(struct made_reply *made, struct answer *answer)
{
	reply_status(made, answer->status, answer->content_type);
	if (answer->soap_action[0])
		reply_header(made, "SOAPAction", answer->soap_action);
	reply_text(made, buf_view(&answer->body));
}

/* The receipt now, and the message for later. */
static int answer_later(struct made_reply *made, struct visit *visit, struct answer *answer,
			struct cpis_failure *failure)
{
	struct answer receipt;
	struct cpis_reply *reply = &made->reply;
	answer_init(&receipt);
	int status = answer_write_ebxml_receipt(
		&receipt, &visit->request, &visit->service->identity, &visit->maker, visit->now);
	if (status == 0)
		take_answer(made, &receipt);
	answer_release(&receipt);
	buf_str(&made->later, buf_view(&answer->body));
	reply->later = made->later.p;
	reply->later_size = made->later.n;
	reply->later_type = arena_copy(&made->arena, str_of(answer->content_type));
	reply->later_action = arena_copy(&made->arena, str_of(answer->soap_action));
	return status == 0 ? 0 : failure_out_of_memory(failure);
}

static int answer_message(struct visit *visit, const struct cpis_call *call,
			  struct made_reply *made, struct answer *answer,
			  struct cpis_failure *failure)
{
	if (visit_answer(visit, answer, failure) != 0)
		return -1;
	spoil(visit, &answer->body);
	bool later =
		call->later && visit->request.channel == CHANNEL_EBXML && holds_message(answer);
	if (!later)
		take_answer(made, answer);
	else if (answer_later(made, visit, answer, failure) != 0)
		return -1;
	shape(&made->reply, &visit->step);
	if (!made->reply.silent && !later)
		capture_reply(&made->answer, &made->reply);
	reply_describe(made, visit, answer);
	return later ? 0 : reply_judge(made, visit, answer, failure);
}

static int call_message(struct service *service, const struct cpis_call *call,
			struct made_reply *made, struct cpis_failure *failure)
{
	if (reply_capture_request(&made->request, call) != 0)
		return failure_out_of_memory(failure);
	struct visit visit = {
		.service = service,
		.bytes = buf_view(&made->request),
		.now = call->now,
		.client = call->client,
		.scenario = call_header(call, "Cpis-Scenario"),
		.pairs = true,
	};
	struct answer answer;
	answer_init(&answer);
	int status = answer_message(&visit, call, made, &answer, failure);
	answer_release(&answer);
	/* What names the scenario and the finding lives in the service and the catalogue. */
	if (status == 0 && made->reply.code)
		made->reply.code = arena_copy(&made->arena, str_of(made->reply.code));
	visit_release(&visit);
	made->reply.request_capture = made->request.p;
	made->reply.request_size = made->request.n;
	made->reply.reply_capture = made->answer.p;
	made->reply.reply_size = made->answer.n;
	return status;
}

/* Administration */

struct listing {
	struct buf *out;
	size_t count;
};

static int list_person(void *context, const struct state_person *person)
{
	static const char *const standings[] = {
		[STANDING_OPEN] = "open",
		[STANDING_ENDED] = "ended",
		[STANDING_ADULT] = "adult",
		[STANDING_DELETED] = "deleted",
		[STANDING_UNANSWERED] = "unanswered",
		[STANDING_UNNAMED] = "unnamed",
		[STANDING_NEVER] = "never",
	};
	struct listing *listing = context;
	buf_printf(listing->out, "%s\n  {\"nhs-number\": \"%.*s\", \"inactive\": %s, \"plans\": [",
		   listing->count++ ? "," : "", STR_ARG(person->number),
		   person->inactive ? "true" : "false");
	for (size_t i = 0; i < person->plan_count; i++) {
		const struct state_plan *plan = &person->plans[i];
		buf_printf(listing->out,
			   "%s{\"authority\": \"%.*s\", \"kind\": \"%s\", \"standing\": \"%s\", "
			   "\"shown\": %s}",
			   i ? ", " : "", STR_ARG(plan->authority->code),
			   plan_kind_words(plan->kind), standings[plan->standing],
			   plan->shown == SHOWN_NOT ? "false" : "true");
	}
	buf_text(listing->out, "]}");
	return listing->out->failed ? -1 : 0;
}

static int show_state(struct service *service, const struct cpis_call *call,
		      struct made_reply *made, struct cpis_failure *failure)
{
	struct listing listing = { &made->answer, 0 };
	buf_text(&made->answer, "{\"people\": [");
	pthread_mutex_lock(&service->lock);
	int status = state_each_person(service->state, call->now, list_person, &listing, failure);
	pthread_mutex_unlock(&service->lock);
	buf_printf(&made->answer, "%s], \"count\": %zu}\n", listing.count ? "\n" : "",
		   listing.count);
	reply_status(made, 200, "application/json");
	made->reply.body = made->answer.p;
	made->reply.size = made->answer.n;
	return status;
}

static int reset(struct service *service, const struct cpis_call *call, struct made_reply *made,
		 struct cpis_failure *failure)
{
	(void)call;
	pthread_mutex_lock(&service->lock);
	int status = state_reset(service->state, failure);
	if (status == 0)
		status = mesh_reset(service, failure);
	scenarios_reset(&service->scenarios);
	pthread_mutex_unlock(&service->lock);
	reply_status(made, 204, NULL);
	return status;
}

static int show_health(struct service *service, const struct cpis_call *call,
		       struct made_reply *made, struct cpis_failure *failure)
{
	(void)service, (void)call, (void)failure;
	reply_status(made, 200, "text/plain; charset=UTF-8");
	reply_text(made, STR("ok\n"));
	return 0;
}

/* Paths */

/* By its method; whoever answers GET answers HEAD. */
static const struct path {
	const char *method, *path;
	int (*answer)(struct service *service, const struct cpis_call *call,
		      struct made_reply *made, struct cpis_failure *failure);
} paths[] = {
	{ "GET", "/health", show_health },
	{ "GET", "/admin/state", show_state },
	{ "POST", "/admin/reset", reset },
	{ "POST", "/admin/inactive", inactive_call },
};

static const struct path *path_of(struct str path)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (str_is(path, paths[i].path))
			return &paths[i];
	return NULL;
}

static int refuse_call(struct made_reply *made, unsigned status, const char *allowed,
		       const char *text)
{
	reply_status(made, status, "text/plain; charset=UTF-8");
	if (allowed)
		reply_header(made, "Allow", allowed);
	reply_text(made, str_of(text));
	return 0;
}

static int dispatch(struct service *service, const struct cpis_call *call, struct made_reply *made,
		    struct cpis_failure *failure)
{
	static const char mesh[] = "/messageexchange/", admin[] = "/admin/";
	if (strncmp(call->target, mesh, sizeof(mesh) - 1) == 0)
		return mesh_call(service, call, call->target + sizeof(mesh) - 1, made, failure);
	const char *method = strcmp(call->method, "HEAD") == 0 ? "GET" : call->method;
	const struct path *path = path_of((struct str){ call->target, strcspn(call->target, "?") });
	bool takes_messages = strncmp(call->target, admin, sizeof(admin) - 1) != 0;
	if (path && strcmp(path->method, method) == 0)
		return path->answer(service, call, made, failure);
	if (takes_messages && strcmp(method, "POST") == 0)
		return call_message(service, call, made, failure);
	if (!path && !takes_messages)
		return refuse_call(made, 404, NULL, "There is nothing at this path.\n");
	bool get = path && strcmp(path->method, "GET") == 0;
	return refuse_call(made, 405,
			   get && takes_messages ? "GET, HEAD, POST"
			   : get		 ? "GET, HEAD"
						 : "POST",
			   takes_messages ? "Messages are sent by POST.\n"
					  : "The method is not one that this path takes.\n");
}

int cpis_twin_call(struct cpis_twin *twin, const struct cpis_call *call, struct cpis_reply **reply,
		   struct cpis_failure *failure)
{
	struct made_reply *made = calloc(1, sizeof(*made));
	if (!made)
		return failure_out_of_memory(failure);
	arena_init(&made->arena);
	buf_init(&made->request, SIZE_MAX / 2);
	buf_init(&made->answer, SIZE_MAX / 2);
	buf_init(&made->later, SIZE_MAX / 2);
	int status = dispatch(twin->service, call, made, failure);
	if (status == 0 && made->arena.failed)
		status = failure_out_of_memory(failure);
	if (status != 0) {
		cpis_reply_free(&made->reply);
		return -1;
	}
	*reply = &made->reply;
	return 0;
}

/* A twin and its settings */

static int take_settings(struct service *service, const struct cpis_twin_options *options,
			 struct cpis_failure *failure)
{
	struct arena *arena = &service->arena;
	const char **users = arena_alloc(arena, (options->user_count + 1) * sizeof(*users));
	for (size_t i = 0; users && i < options->user_count; i++)
		users[i] = arena_copy(arena, str_of(options->users[i]));
	service->users = users;
	service->user_count = options->user_count;
	service->mesh_canned = options->mesh_canned;
	if (options->mesh_key)
		service->mesh_key = arena_copy(arena, str_of(options->mesh_key));
	service->mesh_password =
		arena_copy(arena, str_of(options->mesh_password ? options->mesh_password : ""));
	if (options->workflow)
		service->workflow = arena_copy(arena, str_of(options->workflow));
	if (arena->failed)
		return failure_out_of_memory(failure);
	if (!options->scenarios)
		return 0;
	struct problems problems;
	problems_init(&problems);
	scenarios_load(&service->scenarios, arena, options->scenarios, &problems);
	return problems_close(&problems, options->problem, options->context, failure);
}

int cpis_twin_new(struct cpis_twin **twin, const struct cpis_twin_options *options,
		  struct cpis_failure *failure)
{
	const struct identity identity = {
		.asid = options->asid,
		.party = options->party,
		.ods = options->ods,
		.address = options->address,
		.mailbox = options->mailbox,
	};
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0)
		return -1;
	struct cpis_twin *made = calloc(1, sizeof(*made));
	if (!made)
		return failure_out_of_memory(failure);
	made->service = service_new(options->state, options->seed, &identity, failure);
	if (!made->service || take_settings(made->service, options, failure) != 0 ||
	    mesh_setup(made->service, failure) != 0) {
		cpis_twin_free(made);
		return -1;
	}
	service_tell_lacks(made->service, options->state, options->problem, options->context);
	*twin = made;
	return 0;
}

void cpis_twin_free(struct cpis_twin *twin)
{
	if (!twin)
		return;
	service_free(twin->service);
	free(twin);
}

/* Loading */

static int load_file(struct service *service, const char *path, long long now,
		     struct cpis_failure *failure)
{
	static const size_t most_bytes = (size_t)1 << 32;
	struct source source;
	struct answer answer;
	const char *why;
	if (source_open(&source, path, most_bytes, &why) != 0)
		return failure_of_file(failure, path, "%s", why);
	struct visit visit = {
		.service = service,
		.bytes = source.bytes,
		.now = now,
		.channel = CHANNEL_MESH,
	};
	answer_init(&answer);
	int status = visit_answer(&visit, &answer, failure);
	if (status == 0 && (!visit.content.has_outcome || visit.content.kind == REFUSE_FILE))
		status = failure_of_file(failure, path,
					 "it is not an upload that the service loads: see cpis "
					 "predict");
	answer_release(&answer);
	visit_release(&visit);
	source_close(&source);
	return status;
}

int cpis_twin_load(struct cpis_twin *twin, const char *path, long long now,
		   void (*passed_over)(void *context, const struct cpis_failure *file),
		   void *context, size_t *loaded, struct cpis_failure *failure)
{
	struct walk walk = { 0 };
	int status = walk_path(&walk, path, failure);
	*loaded = 0;
	for (size_t i = 0; status == 0 && i < walk.count; i++) {
		if (walk.entries[i].passed_over)
			continue;
		status = load_file(twin->service, walk.entries[i].path, now, failure);
		*loaded += status == 0;
		if (status == 0 || failure->kind != CPIS_FAILURE_CONFIGURATION)
			continue;
		if (passed_over)
			passed_over(context, failure);
		status = 0;
	}
	walk_release(&walk);
	return status;
}
