#include "evidence/tarball.h"

#include "base/files.h"
#include "cpis.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

/* libarchive makes the tar; zlib packs it, because its header then says neither time nor name. */
struct tarball_writer {
	char path[512];
	struct files_output *file;
	struct archive *tar;
	z_stream packer;
	bool packing, failed;
	unsigned char out[65536];
};

static int fail(struct tarball_writer *writer, struct cpis_failure *failure, const char *text)
{
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	snprintf(failure->file, sizeof(failure->file), "%s", writer->path);
	snprintf(failure->text, sizeof(failure->text), "cannot write the bundle: %s", text);
	return -1;
}

static bool pack(struct tarball_writer *writer, const void *bytes, size_t n, int flush)
{
	int state = Z_OK;
	/* zlib takes its input by a pointer that is not const, and does not write through it. */
	writer->packer.next_in = (Bytef *)(uintptr_t)bytes;
	writer->packer.avail_in = (uInt)n;
	do {
		writer->packer.next_out = writer->out;
		writer->packer.avail_out = sizeof(writer->out);
		state = deflate(&writer->packer, flush);
		size_t made = sizeof(writer->out) - writer->packer.avail_out;
		if (state == Z_STREAM_ERROR ||
		    !files_append(writer->file, (struct str){ (char *)writer->out, made }))
			return false;
	} while (writer->packer.avail_out == 0 || (flush == Z_FINISH && state != Z_STREAM_END));
	return true;
}

static la_ssize_t take(struct archive *tar, void *context, const void *bytes, size_t n)
{
	struct tarball_writer *writer = context;
	if (pack(writer, bytes, n, Z_NO_FLUSH))
		return (la_ssize_t)n;
	archive_set_error(tar, errno ? errno : EIO, "it cannot be packed");
	return -1;
}

static int open_tar(struct tarball_writer *writer)
{
	writer->tar = archive_write_new();
	if (!writer->tar || archive_write_set_format_pax_restricted(writer->tar) != ARCHIVE_OK ||
	    archive_write_add_filter_none(writer->tar) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(writer->tar, 10240) != ARCHIVE_OK)
		return -1;
	/* 15 + 16: a gzip header and trailer around what zlib makes. */
	if (deflateInit2(&writer->packer, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return -1;
	writer->packing = true;
	return archive_write_open(writer->tar, writer, NULL, take, NULL) == ARCHIVE_OK ? 0 : -1;
}

int tarball_create(struct tarball_writer **out, const char *path, struct cpis_failure *failure)
{
	struct tarball_writer *writer = calloc(1, sizeof(*writer));
	if (!writer) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "out of memory" };
		return -1;
	}
	snprintf(writer->path, sizeof(writer->path), "%.511s", path);
	writer->file = files_create(path, FILES_REPLACE, "the bundle", failure);
	if (!writer->file || open_tar(writer) != 0) {
		if (writer->file)
			fail(writer, failure, "out of memory");
		tarball_abandon(writer);
		return -1;
	}
	*out = writer;
	return 0;
}

int tarball_add(struct tarball_writer *writer, const char *name, struct str bytes,
		long long seconds, struct cpis_failure *failure)
{
	char whole[TARBALL_MOST_NAME + sizeof(TARBALL_FOLDER)];
	if (!tarball_name_is_plain(name)) {
		snprintf(whole, sizeof(whole), "the name %.200s cannot be kept", name);
		return fail(writer, failure, whole);
	}
	snprintf(whole, sizeof(whole), TARBALL_FOLDER "%s", name);
	struct archive_entry *entry = archive_entry_new();
	if (!entry)
		return fail(writer, failure, "out of memory");
	archive_entry_set_pathname(entry, whole);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, 0644);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	archive_entry_set_mtime(entry, (time_t)seconds, 0);
	archive_entry_set_size(entry, (la_int64_t)bytes.n);
	bool good = archive_write_header(writer->tar, entry) == ARCHIVE_OK;
	while (good && bytes.n) {
		la_ssize_t n = archive_write_data(writer->tar, bytes.p, bytes.n);
		good = n > 0;
		bytes = str_from(bytes, good ? (size_t)n : 0);
	}
	archive_entry_free(entry);
	const char *why = archive_error_string(writer->tar);
	return good ? 0 : fail(writer, failure, why ? why : "libarchive does not say why");
}

int tarball_close(struct tarball_writer *writer, struct cpis_failure *failure)
{
	bool good = archive_write_close(writer->tar) == ARCHIVE_OK && pack(writer, "", 0, Z_FINISH);
	int status = -1;
	if (good || !files_append(writer->file, (struct str){ 0 })) {
		status = files_commit(writer->file, failure);
		writer->file = NULL;
	} else {
		fail(writer, failure, "it cannot be packed");
	}
	tarball_abandon(writer);
	return status;
}

void tarball_abandon(struct tarball_writer *writer)
{
	if (!writer)
		return;
	if (writer->tar)
		archive_write_free(writer->tar);
	if (writer->packing)
		deflateEnd(&writer->packer);
	files_abandon(writer->file);
	free(writer);
}
