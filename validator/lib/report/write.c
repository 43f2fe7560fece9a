#include "report/write.h"

#include "report/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file,
		const char *format, ...) __attribute__((format(printf, 4, 5)));

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file,
		const char *format, ...)
{
	va_list args;
	*failure = (struct cpis_failure){ .kind = kind };
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	va_start(args, format);
	vsnprintf(failure->text, sizeof(failure->text), format, args);
	va_end(args);
	return -1;
}

static int fail_format(struct cpis_failure *failure, const char *format)
{
	char known[256] = "";
	size_t used = 0;
	for (size_t i = 0; sink_at(i) && used < sizeof(known); i++) {
		int n = snprintf(known + used, sizeof(known) - used, "%s%s", used ? ", " : "",
				 sink_at(i)->format);
		used += n > 0 ? (size_t)n : 0;
	}
	return fail(failure, CPIS_FAILURE_CONFIGURATION, "",
		    "unknown report format \"%.64s\"; known formats: %s", format, known);
}

/* What the caller can fix is configuration: the rest is ours. */
static int fail_errno(struct cpis_failure *failure, const char *path, const char *verb)
{
	static const int of_the_caller[] = { ENOENT, ENOTDIR, EACCES,	    EPERM,
					     EROFS,  EISDIR,  ENAMETOOLONG, ELOOP };
	int error = errno;
	enum cpis_failure_kind kind = CPIS_FAILURE_INTERNAL;
	for (size_t i = 0; i < sizeof(of_the_caller) / sizeof(of_the_caller[0]); i++)
		if (error == of_the_caller[i])
			kind = CPIS_FAILURE_CONFIGURATION;
	const char *slash = strrchr(path, '/');
	if (error == ENOENT && slash)
		return fail(failure, kind, path,
			    "cannot %s the report: the folder %.*s does not exist", verb,
			    (int)(slash - path > 400 ? 400 : slash - path), path);
	char reason[128];
	return fail(failure, kind, path, "cannot %s the report: %s", verb,
		    strerror_r(error, reason, sizeof(reason)));
}

static int write_all(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		bytes = str_from(bytes, (size_t)n);
	}
	return 0;
}

static int write_straight(const char *path, struct str bytes, struct cpis_failure *failure)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fail_errno(failure, path, "open");
	int status = write_all(fd, bytes);
	if (status)
		fail_errno(failure, path, "write");
	close(fd);
	return status;
}

/* A new file beside target; its name in temporary. */
static int open_beside(const char *target, char temporary[PATH_MAX])
{
	for (unsigned attempt = 0; attempt < 100; attempt++) {
		int n = snprintf(temporary, PATH_MAX, "%s.%ld.%u.tmp", target, (long)getpid(),
				 attempt);
		if (n < 0 || n >= PATH_MAX) {
			errno = ENAMETOOLONG;
			return -1;
		}
		int fd =
			open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int write_and_rename(const char *target, struct str bytes, struct cpis_failure *failure)
{
	char temporary[PATH_MAX];
	int fd = open_beside(target, temporary);
	if (fd < 0)
		return fail_errno(failure, target, "create");
	bool written = write_all(fd, bytes) == 0 && fsync(fd) == 0;
	int error = errno;
	written = close(fd) == 0 && written;
	if (written && rename(temporary, target) == 0)
		return 0;
	errno = written ? errno : error;
	fail_errno(failure, target, "write");
	unlink(temporary);
	return -1;
}

static int write_file(const char *path, struct str bytes, struct cpis_failure *failure)
{
	struct stat status;
	if (stat(path, &status) != 0)
		return write_and_rename(path, bytes, failure);
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return fail_errno(failure, path, "write");
	}
	if (!S_ISREG(status.st_mode))
		return write_straight(path, bytes, failure);
	/* A link stays a link: what it points to is replaced. */
	char target[PATH_MAX];
	return write_and_rename(realpath(path, target) ? target : path, bytes, failure);
}

static int write_stream(FILE *stream, struct str bytes, struct cpis_failure *failure)
{
	if (fwrite(bytes.p, 1, bytes.n, stream) != bytes.n || fflush(stream) != 0)
		return fail_errno(failure, "", "write");
	return 0;
}

int report_put(const char *path, FILE *stream, struct str document, struct cpis_failure *failure)
{
	return path ? write_file(path, document, failure) : write_stream(stream, document, failure);
}

int report_hand_over(cpis_write write, void *context, struct str document,
		     struct cpis_failure *failure)
{
	if (write(context, document.p, document.n) == 0)
		return 0;
	return fail(failure, CPIS_FAILURE_INTERNAL, "", "the caller did not take the report");
}

int report_make(const struct results *results, const char *format, struct buf *document,
		struct cpis_failure *failure)
{
	const struct sink *sink = sink_find(format);
	if (!sink)
		return fail_format(failure, format);
	if (results->streams)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, "",
			    "no report can be written while a stream is open");
	if (sink->write(results, document, failure) != 0)
		return -1;
	return document->failed ? fail(failure, CPIS_FAILURE_INTERNAL, "", "out of memory") : 0;
}

int report_write(const struct results *results, const char *format, const char *path, FILE *stream,
		 struct cpis_failure *failure)
{
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = report_make(results, format, &document, failure);
	if (status == 0)
		status = report_put(path, stream, buf_view(&document), failure);
	buf_release(&document);
	return status;
}
