/* What a handler can ask of its request. */
#include "parts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *http_method(const struct http_request *request)
{
	return request->method;
}

const char *http_path(const struct http_request *request)
{
	return request->path;
}

const char *http_parameter(const struct http_request *request, size_t index)
{
	return index < MOST_PARAMETERS ? request->parameters[index] : NULL;
}

const char *http_query(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->queries.count; i++)
		if (strcmp(request->queries.items[i].name, name) == 0)
			return request->queries.items[i].value;
	return NULL;
}

const char *http_query_at(const struct http_request *request, size_t index, const char **value)
{
	if (index >= request->queries.count)
		return NULL;
	*value = request->queries.items[index].value;
	return request->queries.items[index].name;
}

const char *http_header(const struct http_request *request, const char *name)
{
	for (size_t i = 0; i < request->headers.count; i++)
		if (strcasecmp(request->headers.items[i].name, name) == 0)
			return request->headers.items[i].value;
	return NULL;
}

const char *http_header_at(const struct http_request *request, size_t index, const char **value)
{
	if (index >= request->headers.count)
		return NULL;
	*value = request->headers.items[index].value;
	return request->headers.items[index].name;
}

const char *http_client_name(const struct http_request *request)
{
	return request->client[0] ? request->client : NULL;
}

const char *http_request_id(const struct http_request *request)
{
	return request->id;
}

size_t http_body_declared(const struct http_request *request)
{
	return request->declared;
}
