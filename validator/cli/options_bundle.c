/* The options of evidence bundles. */
#include "command.h"

#include <string.h>

static int set_bundle(struct request *request, const char *value, const char **why)
{
	*why = "it is the name of a file";
	request->bundle = value;
	if (!*value)
		return -1;
	*why = "a bundle holds an HTML report, and this program was built without libxslt";
	return known_format("html", strlen("html")) ? 0 : -1;
}

static int set_bundle_messages(struct request *request, const char *value, const char **why)
{
	*why = "it is full or digests";
	request->bundle_digests = strcmp(value, "digests") == 0;
	return request->bundle_digests || strcmp(value, "full") == 0 ? 0 : -1;
}

static int set_key(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->key = value;
	return 0;
}

static int set_public_key(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->public_key = value;
	return 0;
}

static int set_messages(struct request *request, const char *value, const char **why)
{
	(void)why;
	request->pack.evidence = value;
	return 0;
}

const struct option bundle_options[] = {
	{ "--bundle", 0, "FILE.tar.gz", "keep the run as evidence that cpis verify can check",
	  set_bundle },
	{ "--bundle-messages", 0, "WHAT",
	  "full (default), or digests: keep no evidence messages, only their digests",
	  set_bundle_messages },
	{ "--key", 0, "FILE", "sign the bundle with this secret key (cpis keygen, minisign)",
	  set_key },
	{ 0 },
};

const struct option verify_options[] = {
	{ "--public-key", 0, "FILE|KEY", "check the signature by this key", set_public_key },
	{ "--evidence", 0, "DIR", "the messages of which the bundle has only digests",
	  set_messages },
	{ 0 },
};
