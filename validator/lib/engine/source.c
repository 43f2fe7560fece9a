#include "engine/source.h"

#include "base/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below this, reading is faster than mapping. */
enum { MAP_FROM_BYTES = 256 * 1024, LEAST_STRIPE_BYTES = 128 * 1024, MOST_STRIPES = 1000 };

/* likely_bytes is how much there probably is; one byte past the limit is read, to know that it is
 * there. */
static int read_all(struct source *source, int fd, size_t max_bytes, size_t likely_bytes,
		    const char **why)
{
	enum { STEP = 65536 };
	struct buf buf;
	buf_init(&buf, max_bytes < SIZE_MAX / 2 - STEP ? max_bytes + STEP : SIZE_MAX / 2);
	buf_reserve(&buf, likely_bytes < max_bytes ? likely_bytes : max_bytes);
	for (;;) {
		if (buf.room < buf.n + 2 && !buf_reserve(&buf, STEP)) {
			*why = "out of memory";
			break;
		}
		ssize_t got = read(fd, buf.p + buf.n, buf.room - buf.n - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*why = strerror(errno);
			break;
		}
		buf.n += (size_t)got;
		if (buf.n > max_bytes) {
			*why = "it is larger than the limit";
			break;
		}
		if (got == 0) {
			buf.p[buf.n] = '\0';
			*source = (struct source){ .bytes = { buf.p, buf.n }, .allocated = buf.p };
			return 0;
		}
	}
	buf_release(&buf);
	return -1;
}

/* A process has some ten thousands of mappings: sixty large files at once must get by with them. */
static size_t stripe_bytes(size_t bytes)
{
	size_t stripe = bytes / MOST_STRIPES / LEAST_STRIPE_BYTES * LEAST_STRIPE_BYTES;
	return stripe + LEAST_STRIPE_BYTES;
}

/*
 * The file is read from front to back. Newer kernels map as much around a page as lies in one piece
 * of their cache, up to two megabytes, within one mapping: advice for every second stripe alone
 * keeps the mappings, and so the memory in use, small.
 */
static void advise_in_stripes(char *p, size_t bytes)
{
	size_t stripe = stripe_bytes(bytes);
	for (size_t at = 0; at < bytes; at += 2 * stripe)
		madvise(p + at, bytes - at < stripe ? bytes - at : stripe, MADV_SEQUENTIAL);
}

/* The file over an anonymous mapping that is longer, so that a NUL follows its last byte. */
static int map(struct source *source, int fd, size_t bytes, const char **why)
{
	size_t whole = bytes + (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, whole, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		*why = "out of memory";
		return -1;
	}
	if (mmap(p, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
		*why = strerror(errno);
		munmap(p, whole);
		return -1;
	}
	advise_in_stripes(p, bytes);
	*source = (struct source){ .bytes = { p, bytes }, .mapped = p, .mapped_bytes = whole };
	return 0;
}

const char *source_refusal(mode_t mode)
{
	return S_ISFIFO(mode)			? "it is a pipe, not a file"
	       : S_ISSOCK(mode)			? "it is a socket, not a file"
	       : S_ISCHR(mode) || S_ISBLK(mode) ? "it is a device, not a file"
						: NULL;
}

/* What a shell passes on as open already: it is read as standard input is, pipe or not. */
static bool is_open_already(const char *path)
{
	return strcmp(path, "-") == 0 || strcmp(path, "/dev/stdin") == 0 ||
	       strncmp(path, "/dev/fd/", 8) == 0 || strncmp(path, "/proc/self/fd/", 14) == 0;
}

/* Not to hang on a pipe that no one writes to. */
static int open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return dup(STDIN_FILENO);
	return open(path, O_RDONLY | O_CLOEXEC | (is_open_already(path) ? 0 : O_NONBLOCK));
}

int source_open(struct source *source, const char *path, size_t max_bytes, const char **why)
{
	int fd = open_path(path);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) != 0) {
		*why = strerror(errno);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	size_t size = S_ISREG(status.st_mode) && status.st_size > 0 ? (size_t)status.st_size : 0;
	int result = -1;
	const char *refusal = is_open_already(path) ? NULL : source_refusal(status.st_mode);
	if (S_ISDIR(status.st_mode))
		*why = "it is a folder";
	else if (refusal)
		*why = refusal;
	else if (size > max_bytes)
		*why = "it is larger than the limit";
	else if (size >= MAP_FROM_BYTES)
		result = map(source, fd, size, why);
	else
		result = read_all(source, fd, max_bytes, size + 1, why);
	close(fd);
	if (result == 0)
		source->path = strcmp(path, "-") == 0 ? NULL : path;
	return result;
}

void source_close(struct source *source)
{
	if (source->mapped)
		munmap(source->mapped, source->mapped_bytes);
	free(source->allocated);
	*source = (struct source){ 0 };
}

/* A page that is read brings its neighbours with it, also those forgotten before: forget them
 * again. */
void source_forget(const struct source *source, size_t from, size_t to)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), stripe = stripe_bytes(source->bytes.n);
	from = from > stripe ? from - stripe : 0;
	from = (from + page - 1) / page * page;
	to = to / page * page;
	if (source->mapped && to > from)
		madvise((char *)source->mapped + from, to - from, MADV_DONTNEED);
}

/* The first file that may be the other half of a pair. How many there are: a name in another case
 * is the same file where the file system does not distinguish them. */
static size_t find_partners(const char *path, char *partner, size_t room)
{
	char name[4096];
	struct stat first, other;
	size_t count = 0;
	for (size_t i = 0; mesh_partner_name(path, i, name, sizeof(name)); i++) {
		if (stat(name, &other) != 0)
			continue;
		if (count == 0) {
			first = other;
			snprintf(partner, room, "%s", name);
		}
		count += count == 0 || other.st_ino != first.st_ino || other.st_dev != first.st_dev;
	}
	return count;
}

/* What a control file says; nothing where it is not one: it is judged as a file of its own. */
static struct mesh_control read_control(const char *path, struct xml_reader *reader)
{
	struct mesh_control control = { 0 };
	struct source source;
	const char *failure;
	char why[256];
	size_t offset;
	control.unread = source_open(&source, path, MOST_CONTROL_BYTES, &failure) != 0;
	if (control.unread)
		return control;
	enum mesh_reading reading = mesh_read_control(reader, source.bytes, &control, &offset, why);
	control.unread = reading == MESH_UNREADABLE;
	source_close(&source);
	return control;
}

bool source_find_mesh(const char *path, struct xml_reader *reader, struct mesh *mesh)
{
	char partner[4096];
	bool control = mesh_is_control_name(path);
	if (!control && !mesh_is_data_name(path))
		return false;
	size_t found = find_partners(path, partner, sizeof(partner));
	*mesh = (struct mesh){ .role = control ? MESH_CONTROL : MESH_DATA,
			       .has_data = control && found,
			       .partners = found };
	if (!control && found)
		mesh->control = read_control(partner, reader);
	return control || found;
}

bool source_find_data(const char *control, char *data, size_t room)
{
	return mesh_is_control_name(control) && find_partners(control, data, room) > 0;
}
