#include "base/files.h"

#include "base/inputs.h"
#include "cpis.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_STEP = 64 * 1024 };

static const struct files *used;

/* A file that an editor has. */
static const char *overlaid;
static struct str overlay;

void files_overlay(const char *path, struct str bytes)
{
	overlaid = path;
	overlay = bytes;
}

static bool is_overlaid(const char *path)
{
	return overlaid && strcmp(path, overlaid) == 0;
}

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
	/* Not to hang on a FIFO without a writer. */
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (file < 0)
		return no(why, bytes, strerror(errno));
	struct stat status;
	bool good;
	if (fstat(file, &status) != 0)
		good = no(why, bytes, strerror(errno));
	else if (!S_ISREG(status.st_mode))
		good = no(why, bytes, "it is not a regular file");
	else
		good = read_all(file, out, why, bytes);
	if (good)
		inputs_note(&status);
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
	if (is_overlaid(path)) {
		buf_str(out, overlay);
		return !out->failed || no(why, bytes, "it is too large");
	}
	bool kept = used && used->find;
	bool good = kept ? read_kept(path, out, why, bytes) : read_disk(path, out, why, bytes);
	if (good && used && used->seen)
		used->seen(used->context, path, (struct str){ out->p + before, out->n - before });
	return good;
}

void files_refused(const char *path, const char *why)
{
	if (used && used->refused)
		used->refused(used->context, path, why);
}

bool files_is_there(const char *path)
{
	struct str kept;
	char why[128];
	if (is_overlaid(path))
		return true;
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

bool files_is_inside(const char *folder, const char *path)
{
	char base[PATH_MAX], place[PATH_MAX];
	if (used && used->find)
		return true;
	if (!realpath(*folder ? folder : ".", base))
		return false;
	if (!realpath(path, place)) /* what cannot be opened either */
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP;
	size_t n = strlen(base);
	return strcmp(base, "/") == 0 ||
	       (strncmp(place, base, n) == 0 && (place[n] == '/' || !place[n]));
}

static bool replaces(enum files_how how)
{
	return how == FILES_REPLACE || how == FILES_RENEW || how == FILES_PRIVATE;
}

/* Whether it is an input, which is not written over. What is renewed was read for that. */
static bool is_kept(enum files_how how, const struct stat *old)
{
	return replaces(how) && how != FILES_RENEW && inputs_have(old);
}

/* A file that is being written. The folder is kept open, so that the rename is in the same one.
 */
struct files_output {
	enum files_how how;
	int file, folder; /* folder -1: the file is written to directly */
	int error;	  /* the first errno; sticks */
	const char *what;
	char temporary[32];    /* in the folder */
	char path[PATH_MAX];   /* as the caller named it */
	char target[PATH_MAX]; /* with links resolved */
	const char *name;      /* the last part of target */
};

/* Errors that errno does not have. */
enum { IS_INPUT = -1, NO_TARGET = -2 };

static int fail(struct cpis_failure *failure, const char *path, const char *what, int error)
{
	static const int of_the_caller[] = { ENOENT, ENOTDIR,  EACCES,	 EPERM,
					     EROFS,  EISDIR,   EEXIST,	 ENAMETOOLONG,
					     ELOOP,  IS_INPUT, NO_TARGET };
	char reason[128];
	const char *slash = strrchr(path, '/');
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL };
	for (size_t i = 0; i < sizeof(of_the_caller) / sizeof(of_the_caller[0]); i++)
		if (error == of_the_caller[i])
			failure->kind = CPIS_FAILURE_CONFIGURATION;
	snprintf(failure->file, sizeof(failure->file), "%.511s", path);
	if (error == IS_INPUT)
		snprintf(failure->text, sizeof(failure->text),
			 "%s would overwrite an input: give another name", what);
	else if (error == ENOENT && slash)
		snprintf(failure->text, sizeof(failure->text),
			 "cannot write %s: the folder %.*s does not exist", what,
			 (int)(slash - path > 400 ? 400 : slash - path), path);
	else
		snprintf(failure->text, sizeof(failure->text), "cannot write %s: %s", what,
			 error == EEXIST      ? "a file of that name exists, and is not overwritten"
			 : error == NO_TARGET ? "it is a link to a file that does not exist"
			 : error == ENOMEM    ? "out of memory"
					      : strerror_r(error, reason, sizeof(reason)));
	return -1;
}

static int open_folder(struct files_output *output)
{
	char folder[PATH_MAX];
	size_t n = (size_t)(output->name - output->target);
	memcpy(folder, n ? output->target : ".", n ? n : 1);
	folder[n ? n : 1] = '\0';
	int opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* A folder that may be written but not listed will do; it cannot be synced. */
	return opened < 0 && errno == EACCES ? open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC)
					     : opened;
}

/* A name that no one can know before it is used. */
static int open_temporary(struct files_output *output, mode_t mode)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		uint64_t number;
		if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
			return -1;
		snprintf(output->temporary, sizeof(output->temporary), ".cpis-%016llx",
			 (unsigned long long)number);
		int file = openat(output->folder, output->temporary,
				  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
		if (file >= 0 || errno != EEXIST)
			return file;
	}
	return -1;
}

/* Where the owner cannot be kept, the group gets no more than everyone has. */
static int keep_mode_and_owner(int file, const struct stat *old)
{
	mode_t mode = old->st_mode & 0777;
	if (fchown(file, old->st_uid, old->st_gid) != 0 &&
	    fchown(file, (uid_t)-1, old->st_gid) != 0)
		mode &= (mode_t)(0707 | (mode & 07) << 3);
	return fchmod(file, mode);
}

/* old: what has the name now; NULL: nothing. */
static int open_beside(struct files_output *output, const struct stat *old)
{
	mode_t mode = output->how == FILES_NEW ? 0644 : 0600;
	output->folder = open_folder(output);
	if (output->folder < 0)
		return -1;
	/* Left to the umask where nothing is asked for. */
	bool free_choice = (output->how == FILES_REPLACE || output->how == FILES_RENEW) && !old;
	output->file = open_temporary(output, free_choice ? 0666 : 0600);
	if (output->file < 0) {
		output->temporary[0] = '\0';
		return -1;
	}
	if (free_choice)
		return 0;
	return old ? keep_mode_and_owner(output->file, old) : fchmod(output->file, mode);
}

static int open_directly(struct files_output *output)
{
	struct stat status;
	output->file = open(output->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (output->file < 0 || fstat(output->file, &status) != 0)
		return -1;
	if (!S_ISREG(status.st_mode))
		return 0;
	/* It was replaced since it was looked at. */
	errno = EAGAIN;
	return -1;
}

static int open_output(struct files_output *output)
{
	struct stat old;
	bool exists =
		(replaces(output->how) ? stat(output->path, &old) : lstat(output->path, &old)) == 0;
	if (!exists && errno != ENOENT)
		return -1;
	if (!exists && lstat(output->path, &old) == 0) {
		errno = NO_TARGET;
		return -1;
	}
	if (exists && is_kept(output->how, &old)) {
		errno = IS_INPUT;
		return -1;
	}
	if (exists && !replaces(output->how)) {
		errno = EEXIST;
		return -1;
	}
	if (exists && S_ISDIR(old.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	if (exists && !S_ISREG(old.st_mode))
		return open_directly(output);
	if (!exists)
		memcpy(output->target, output->path, sizeof(output->target));
	else if (!realpath(output->path, output->target))
		return -1;
	const char *slash = strrchr(output->target, '/');
	output->name = slash ? slash + 1 : output->target;
	return open_beside(output, exists ? &old : NULL);
}

struct files_output *files_create(const char *path, enum files_how how, const char *what,
				  struct cpis_failure *failure)
{
	struct files_output *output = calloc(1, sizeof(*output));
	if (!output || strlen(path) >= sizeof(output->path)) {
		fail(failure, path, what, output ? ENAMETOOLONG : ENOMEM);
		free(output);
		return NULL;
	}
	output->how = how;
	output->what = what;
	output->file = output->folder = -1;
	memcpy(output->path, path, strlen(path) + 1);
	if (open_output(output) == 0)
		return output;
	fail(failure, path, what, errno);
	files_abandon(output);
	return NULL;
}

bool files_append(struct files_output *output, struct str bytes)
{
	while (bytes.n && !output->error) {
		ssize_t n = write(output->file, bytes.p, bytes.n);
		if (n < 0 && errno != EINTR)
			output->error = errno;
		bytes = str_from(bytes, n < 0 ? 0 : (size_t)n);
	}
	return !output->error;
}

/* Take the name, but not from another file: link(2) where the file system knows no better way. */
static int take_free_name(const struct files_output *output)
{
	if (renameat2(output->folder, output->temporary, output->folder, output->name,
		      RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	return linkat(output->folder, output->temporary, output->folder, output->name, 0) == 0
		       ? unlinkat(output->folder, output->temporary, 0)
		       : -1;
}

/* It may have been read since it was opened to be written. */
static bool is_input(const struct files_output *output)
{
	struct stat old;
	return fstatat(output->folder, output->name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	       is_kept(output->how, &old);
}

static int take_name(struct files_output *output)
{
	if (is_input(output)) {
		errno = IS_INPUT;
		return -1;
	}
	int taken = replaces(output->how) ? renameat(output->folder, output->temporary,
						     output->folder, output->name)
					  : take_free_name(output);
	if (taken != 0)
		return -1;
	output->temporary[0] = '\0';
	/* EBADF: the folder cannot be listed; EINVAL: its file system has nothing to sync. */
	return fsync(output->folder) == 0 || errno == EBADF || errno == EINVAL ? 0 : -1;
}

int files_commit(struct files_output *output, struct cpis_failure *failure)
{
	bool direct = output->folder < 0;
	if (!output->error && !direct && fsync(output->file) != 0)
		output->error = errno;
	if (close(output->file) != 0 && !output->error)
		output->error = errno;
	output->file = -1;
	if (!output->error && !direct && take_name(output) != 0)
		output->error = errno;
	int status = output->error ? fail(failure, output->path, output->what, output->error) : 0;
	files_abandon(output);
	return status;
}

void files_abandon(struct files_output *output)
{
	if (!output)
		return;
	if (output->file >= 0)
		close(output->file);
	if (output->temporary[0])
		unlinkat(output->folder, output->temporary, 0);
	if (output->folder >= 0)
		close(output->folder);
	free(output);
}

int files_write(const char *path, enum files_how how, const char *what, struct str bytes,
		struct cpis_failure *failure)
{
	struct files_output *output = files_create(path, how, what, failure);
	if (!output)
		return -1;
	files_append(output, bytes);
	return files_commit(output, failure);
}

/* Whether the name is still that of the open file. */
static bool is_current(int file, const char *path)
{
	struct stat open, named;
	return fstat(file, &open) == 0 && stat(path, &named) == 0 && open.st_dev == named.st_dev &&
	       open.st_ino == named.st_ino;
}

int files_lock(const char *path, int flags, int lock)
{
	for (;;) {
		int file = open(path, flags | O_CLOEXEC, 0600);
		if (file < 0)
			return -1;
		if (flock(file, lock) != 0) {
			int error = errno;
			close(file);
			errno = error;
			return -1;
		}
		if (is_current(file, path))
			return file;
		close(file);
	}
}
