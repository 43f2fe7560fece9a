/* A message as it was sent: how it is packed (the layers that `cpis inspect` shows), and its text
 * with personal values masked. */
#include "service.h"

#include <stdlib.h>

struct listing {
	struct http_request *request;
	size_t count;
};

static void write_layer(void *context, const struct cpis_layer *layer)
{
	struct listing *listing = context;
	struct http_request *request = listing->request;
	const struct {
		const char *name, *text;
	} members[] = {
		{ "name", layer->name },
		{ "about", layer->about },
		{ "sign", layer->sign },
		{ "id", layer->id },
	};
	http_print(request, "%s\n  {\"depth\": %zu", listing->count++ ? "," : "", layer->depth);
	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		http_write(request, ", ", 2);
		service_write_member(request, members[i].name, members[i].text);
	}
	http_print(request, ", \"offset\": %zu, \"bytes\": %zu}", layer->offset, layer->bytes);
}

static void inspect(const struct ask *ask, struct http_request *request, const char *body,
		    size_t size)
{
	const struct cpis_bytes source = { ask->name ? ask->name : SERVICE_BODY_NAME, body, size };
	struct listing listing = { request, 0 };
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	http_print(request, "{\"layers\": [");
	if (cpis_inspect_bytes(&source, &ask->options, write_layer, &listing, &verdict, &failure) !=
	    0) {
		service_refuse(request, &failure, NULL, "");
		return;
	}
	http_print(request, "\n], \"packing\": \"%s\"}\n", cpis_verdict_name(verdict));
	http_reply_status(request, 200);
	http_reply_header(request, "Content-Type", "application/json");
}

static void mask(const struct ask *ask, struct http_request *request, const char *body, size_t size)
{
	const struct cpis_bytes source = { SERVICE_BODY_NAME, body, size };
	struct cpis_failure failure;
	char *text;
	size_t bytes;
	if (cpis_mask_bytes(&source, &ask->options, &text, &bytes, &failure) != 0) {
		service_refuse(request, &failure, NULL, "");
		return;
	}
	http_reply_status(request, 200);
	http_reply_header(request, "Content-Type", "text/plain; charset=utf-8");
	http_write(request, text, bytes);
	cpis_free(text);
}

static void answer(struct http_request *request, const struct service *service, unsigned parts,
		   void (*make)(const struct ask *ask, struct http_request *request,
				const char *body, size_t size))
{
	struct ask ask;
	char *body;
	size_t size;
	if (ask_read(&ask, service, request, parts) && http_read_all(request, &body, &size) == 0) {
		make(&ask, request, body, size);
		free(body);
	}
	ask_release(&ask);
}

void serve_inspect(struct http_request *request, void *context)
{
	answer(request, context, ASK_NAME, inspect);
}

void serve_mask(struct http_request *request, void *context)
{
	answer(request, context, 0, mask);
}
