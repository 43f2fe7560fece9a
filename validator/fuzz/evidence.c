/* Evidence bundles: the archive, what it says of its run, keys and signatures. */
#include "fuzz.h"

#include "base/digest.h"
#include "evidence/checking.h"
#include "evidence/minisign.h"

#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* For free(). */
static char *packed(struct str tar, size_t *n)
{
	z_stream stream = { 0 };
	must(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	size_t room = deflateBound(&stream, tar.n);
	char *out = malloc(room);
	must(out);
	stream.next_in = (Bytef *)(uintptr_t)tar.p;
	stream.avail_in = (uInt)tar.n;
	stream.next_out = (Bytef *)out;
	stream.avail_out = (uInt)room;
	must(deflate(&stream, Z_FINISH) == Z_STREAM_END);
	*n = (size_t)stream.total_out;
	deflateEnd(&stream);
	return out;
}

static void read_tarball(struct str bytes)
{
	struct tarball tarball;
	char why[512] = "";
	if (tarball_read(&tarball, bytes, 1 << 22, why, sizeof(why)) != 0) {
		must(why[0]);
		return;
	}
	for (size_t i = 0; i < tarball.count; i++) {
		must(tarball_name_is_plain(tarball.members[i].name));
		must(tarball_find(&tarball, tarball.members[i].name) == &tarball.members[i]);
	}
	tarball_release(&tarball);
}

/* A .tar.gz; or a tar, which is packed here, because libFuzzer finds no way through a checksum. */
void fuzz_tarball(struct str input)
{
	size_t n;
	read_tarball(input);
	char *bytes = packed(input, &n);
	read_tarball((struct str){ bytes, n });
	free(bytes);
}

static void on_note(void *context, const struct cpis_verify_note *note)
{
	size_t *good = context;
	*good += note->good != 0;
}

static const struct fuzz_file *find_file(const struct fuzz_files *files, const char *name)
{
	for (size_t i = 0; i < files->count; i++)
		if (strcmp(files->items[i].name, name) == 0)
			return &files->items[i];
	return NULL;
}

/* Members whose sums are right, so that what is in them is looked at. */
static void write_bundle(const struct fuzz_files *files, const char *path)
{
	struct tarball_writer *writer;
	struct cpis_failure failure;
	struct buf manifest;
	char sha256[65];
	buf_init(&manifest, 1 << 20);
	for (size_t i = 0; i < files->count; i++) {
		digest_sha256(files->items[i].bytes, sha256);
		buf_printf(&manifest, "%s  %s\n", sha256, files->items[i].name);
	}
	must(tarball_create(&writer, path, false, &failure) == 0);
	if (!find_file(files, "MANIFEST"))
		must(tarball_add(writer, "MANIFEST", buf_view(&manifest), 0, &failure) == 0);
	for (size_t i = 0; i < files->count; i++)
		if (files->items[i].name[0])
			must(tarball_add(writer, files->items[i].name, files->items[i].bytes, 0,
					 &failure) == 0);
	must(tarball_close(writer, &failure) == 0);
	buf_release(&manifest);
}

/* The file "known-keys" is given to verify; it is in the bundle too. */
void fuzz_bundle(struct str input)
{
	struct fuzz_files files;
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	enum cpis_verdict verdict;
	char path[256], keys[256];
	size_t good = 0;
	fuzz_split(input, &files);
	const char *folder = fuzz_folder_with(&files);
	snprintf(path, sizeof(path), "%s/bundle-of-fuzz.tar.gz", folder);
	snprintf(keys, sizeof(keys), "%s/known-keys", folder);
	write_bundle(&files, path);
	const struct cpis_verify_options options = {
		.known_keys = find_file(&files, "known-keys") ? keys : NULL,
		.each = on_note,
		.context = &good,
		.run_untrusted = 1,
	};
	if (cpis_verify(path, &options, &verdict, &failure) != 0)
		must(failure.text[0]);
	fuzz_release(&files);
}

/* What a run was asked: what is read is written so that it is read again, and written the same. */
void fuzz_run(struct str input)
{
	struct run_record record, again;
	struct buf first, second;
	char why[512] = "";
	run_record_init(&record);
	run_record_init(&again);
	buf_init(&first, 1 << 20);
	buf_init(&second, 1 << 20);
	if (run_record_read(&record, input, why, sizeof(why)) == 0) {
		(void)run_record_can_be_read_back(&record);
		run_record_write(&record, &first);
		must(run_record_read(&again, buf_view(&first), why, sizeof(why)) == 0);
		run_record_write(&again, &second);
		must(str_equal(buf_view(&first), buf_view(&second)));
	} else {
		must(why[0]);
	}
	run_record_release(&record);
	run_record_release(&again);
	buf_release(&first);
	buf_release(&second);
}

/* The input as a key of either kind, and as a signature of itself. */
void fuzz_minisign(struct str input)
{
	struct fuzz_files files = { { { "key", input } }, 1 };
	struct cpis_failure failure = { .kind = CPIS_FAILURE_NONE };
	struct minisign_public public_key = { { 0 }, { 0 } };
	struct minisign_secret secret;
	char id[17], comment[256], why[256] = "";
	fuzz_show(&files, "");
	if (minisign_read_secret(&secret, "fuzz/key", &failure) == 0) {
		struct buf signature;
		buf_init(&signature, 1 << 20);
		must(minisign_sign(&secret, input, "comment", &signature, &failure) == 0);
		must(minisign_signer(buf_view(&signature), id, why, sizeof(why)) == 0);
		buf_release(&signature);
	} else {
		must(failure.text[0]);
	}
	minisign_wipe(&secret);
	if (minisign_read_public(&public_key, "fuzz/key", &failure) != 0)
		must(failure.text[0]);
	if (minisign_signer(input, id, why, sizeof(why)) == 0) {
		minisign_comment(input, comment, sizeof(comment));
		if (minisign_verify(&public_key, input, input, why, sizeof(why)) != 0)
			must(why[0]);
	}
	fuzz_hide();
}
