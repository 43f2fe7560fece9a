/* certificates FOLDER: make certificates for tests of TLS. An authority (ca.pem) with a server's
 * (server.pem, server.key, for 127.0.0.1 and localhost) and a client's (client.pem, client.key);
 * a second server's, which is for servers alone (neighbour.pem);
 * and a stranger's, of an authority that no one trusts. */
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { KEY_BITS = 2048, MOST_PEM = 8192, DAY = 86400 };

struct pair {
	gnutls_x509_crt_t certificate;
	gnutls_x509_privkey_t key;
};

static void must(int status, const char *what)
{
	if (status >= 0)
		return;
	fprintf(stderr, "certificates: %s: %s\n", what, gnutls_strerror(status));
	exit(1);
}

static void save(const char *folder, const char *name, const char *ending, const char *pem,
		 size_t size)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
	FILE *file = fopen(path, "w");
	if (!file || fwrite(pem, 1, size, file) != size || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

static void write_pair(const struct pair *pair, const char *folder, const char *name)
{
	char pem[MOST_PEM];
	size_t size = sizeof(pem);
	must(gnutls_x509_crt_export(pair->certificate, GNUTLS_X509_FMT_PEM, pem, &size), name);
	save(folder, name, ".pem", pem, size);
	size = sizeof(pem);
	must(gnutls_x509_privkey_export(pair->key, GNUTLS_X509_FMT_PEM, pem, &size), name);
	save(folder, name, ".key", pem, size);
}

/* of NULL: it signs itself. use: what alone it may be used for, or NULL. */
static struct pair make(const char *common_name, const struct pair *of, unsigned char serial,
			const char *use)
{
	static const unsigned char loopback[] = { 127, 0, 0, 1 };
	struct pair made;
	gnutls_x509_crt_t certificate;
	time_t now = time(NULL);
	must(gnutls_x509_privkey_init(&made.key), "key");
	must(gnutls_x509_privkey_generate(made.key, GNUTLS_PK_RSA, KEY_BITS, 0), "key");
	must(gnutls_x509_crt_init(&made.certificate), "certificate");
	certificate = made.certificate;
	must(gnutls_x509_crt_set_version(certificate, 3), "version");
	must(gnutls_x509_crt_set_serial(certificate, &serial, 1), "serial");
	must(gnutls_x509_crt_set_activation_time(certificate, now - DAY), "time");
	must(gnutls_x509_crt_set_expiration_time(certificate, now + DAY), "time");
	must(gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, common_name,
					   (unsigned)strlen(common_name)),
	     "name");
	must(gnutls_x509_crt_set_key(certificate, made.key), "key");
	must(gnutls_x509_crt_set_basic_constraints(certificate, of ? 0 : 1, -1), "constraints");
	must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, "localhost", 9,
						  GNUTLS_FSAN_SET),
	     "name");
	must(gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, loopback,
						  sizeof(loopback), GNUTLS_FSAN_APPEND),
	     "address");
	if (use)
		must(gnutls_x509_crt_set_key_purpose_oid(certificate, use, 0), "use");
	must(gnutls_x509_crt_sign2(certificate, of ? of->certificate : certificate,
				   of ? of->key : made.key, GNUTLS_DIG_SHA256, 0),
	     "signature");
	return made;
}

static void release(struct pair *pair)
{
	gnutls_x509_crt_deinit(pair->certificate);
	gnutls_x509_privkey_deinit(pair->key);
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fputs("usage: certificates FOLDER\n", stderr);
		return 2;
	}
	struct pair authority = make("Test authority", NULL, 1, NULL),
		    other = make("Other", NULL, 2, NULL);
	struct pair server = make("localhost", &authority, 3, NULL);
	struct pair client = make("hartleigh-records", &authority, 4, NULL);
	struct pair stranger = make("stranger.example", &other, 5, NULL);
	struct pair neighbour = make("another-server", &authority, 6, GNUTLS_KP_TLS_WWW_SERVER);
	const struct {
		const char *name;
		struct pair *pair;
	} all[] = {
		{ "ca", &authority },	   { "server", &server }, { "client", &client },
		{ "stranger", &stranger }, { "other", &other },	  { "neighbour", &neighbour },
	};
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		write_pair(all[i].pair, argv[1], all[i].name);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		release(all[i].pair);
	return 0;
}
