#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

static const struct files *used;

void files_use(const struct files *files)
{
	used = files;
}

const struct files *files_used(void)
{
	return used;
}

static bool no(char *why, size_t bytes, const char *text)
{
	snprintf(why, bytes, "%s", text);
	return false;
}

static bool read_all(int file, struct buf *out, char *why, size_t bytes)
{
	for (;;) {
		if (!buf_reserve(out, READ_STEP))
			return no(why, bytes,
				  out->n + READ_STEP > out->max_bytes ? "it is too large"
								      : "out of memory");
		ssize_t got = read(file, out->p + out->n, READ_STEP);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return no(why, bytes, strerror(errno));
		if (got == 0)
			break;
		out->n += (size_t)got;
	}
	out->p[out->n] = '\0';
	return true;
}

static bool read_disk(const char *path, struct buf *out, char *why, size_t bytes)
{
	/* Not to hang on a pipe that nobody writes. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return no(why, bytes, strerror(errno));
	struct stat status;
	bool good;
	if (fstat(file, &status) != 0)
		good = no(why, bytes, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		good = no(why, bytes, "it is no regular file");
	else
		good = read_all(file, out, why, bytes);
	close(file);
	return good;
}

static bool read_kept(const char *path, struct buf *out, char *why, size_t bytes)
{
	struct str kept;
	if (!used->find(used->context, path, &kept, why, bytes))
		return false;
	if (!buf_reserve(out, kept.n))
		return no(why, bytes,
			  out->n + kept.n > out->max_bytes ? "it is too large" : "out of memory");
	buf_str(out, kept);
	return true;
}

bool files_read(const char *path, struct buf *out, char *why, size_t bytes)
{
	size_t before = out->n;
	bool kept = used && used->find;
	bool good = kept ? read_kept(path, out, why, bytes) : read_disk(path, out, why, bytes);
	if (good && used && used->seen)
		used->seen(used->context, path, (struct str){ out->p + before, out->n - before });
	return good;
}

bool files_is_there(const char *path)
{
	struct str kept;
	char why[128];
	if (used && used->find)
		return used->find(used->context, path, &kept, why, sizeof(why));
	return access(path, R_OK) == 0;
}

bool files_is_folder(const char *path)
{
	struct stat status;
	if (used && used->is_folder)
		return used->is_folder(used->context, path);
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Where the last part starts in the n bytes of out. */
static size_t last_part(const char *out, size_t n)
{
	while (n && out[n - 1] != '/')
		n--;
	return n;
}

void files_settle(const char *path, char *out)
{
	bool rooted = path[0] == '/';
	size_t n = 0;
	if (rooted)
		out[n++] = '/';
	size_t start = n;
	while (*path) {
		size_t length = strcspn(path, "/");
		size_t last = last_part(out, n);
		bool climbs = length == 2 && memcmp(path, "..", 2) == 0;
		bool can_climb = n > start && strcmp(&out[last], "..") != 0;
		if (climbs && can_climb) {
			n = last > start ? last - 1 : start;
		} else if (length && !(length == 1 && *path == '.') && !(climbs && rooted)) {
			if (n > start)
				out[n++] = '/';
			memcpy(out + n, path, length);
			n += length;
		}
		out[n] = '\0';
		path += length;
		path += *path == '/';
	}
	if (!n)
		out[n++] = '.';
	out[n] = '\0';
}
