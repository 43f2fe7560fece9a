#include "engine/source.h"

#include "base/buf.h"
#include "base/inputs.h"
#include "base/window.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Below this, reading is faster than mapping. In a browser no file can be mapped over memory. */
#ifdef __EMSCRIPTEN__
enum { MAP_FROM_BYTES = INT_MAX };
#else
enum { MAP_FROM_BYTES = 256 * 1024 };
#endif

/* What is not a file is kept in memory up to here. */
enum { SPOOL_FROM_BYTES = 4 * 1024 * 1024 };

/*
 * Mapped files. Each has a place in a table that the handler of SIGBUS can walk over: whoever cuts
 * a file short while it is judged takes away pages that are about to be read.
 */

enum { MOST_GUARDED = 128 };

/* Another one: the file was written to. */
struct file_state {
	off_t size;
	struct timespec changed;
};

static struct source_guard {
	_Atomic(char *) start; /* NULL: free */
	atomic_size_t bytes;
	atomic_bool cut;
	int file;
	struct file_state opened;
} guards[MOST_GUARDED];

static struct file_state state_of(const struct stat *status)
{
	return (struct file_state){ status->st_size, status->st_mtim };
}

static struct sigaction others; /* what handled SIGBUS before */

/* From the place of the fault on there is nothing: zeros, in one piece. */
static bool fill_with_zeros(const char *at)
{
	for (size_t i = 0; i < MOST_GUARDED; i++) {
		char *start = atomic_load(&guards[i].start);
		size_t bytes = atomic_load(&guards[i].bytes);
		if (!start || at < start || at >= start + bytes)
			continue;
		size_t page = (size_t)sysconf(_SC_PAGESIZE);
		size_t from = (size_t)(at - start) / page * page;
		atomic_store(&guards[i].cut, true);
		return mmap(start + from, bytes - from, PROT_READ,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
	}
	return false;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	int before = errno;
	bool filled = info->si_code == BUS_ADRERR && fill_with_zeros(info->si_addr);
	errno = before;
	if (filled)
		return;
	if (others.sa_flags & SA_SIGINFO)
		others.sa_sigaction(number, info, context);
	else if (others.sa_handler != SIG_DFL && others.sa_handler != SIG_IGN)
		others.sa_handler(number);
	else
		sigaction(SIGBUS, &others, NULL); /* the fault comes again, and ends the program */
}

static void install_handler(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
				    .sa_flags = SA_SIGINFO | SA_ONSTACK };
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, &others);
}

/* The mapping is of the open file. NULL: there are too many. */
/* NOLINTNEXTLINE(readability-non-const-parameter): zeros are mapped over it */
static struct source_guard *guard(char *start, size_t bytes, int file, const struct stat *status)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	size_t i = 0;
	pthread_once(&once, install_handler);
	pthread_mutex_lock(&mutex);
	while (i < MOST_GUARDED && atomic_load(&guards[i].start))
		i++;
	int kept = i < MOST_GUARDED ? fcntl(file, F_DUPFD_CLOEXEC, 0) : -1;
	if (kept >= 0) {
		guards[i].file = kept;
		guards[i].opened = state_of(status);
		atomic_store(&guards[i].cut, false);
		atomic_store(&guards[i].bytes, bytes);
		atomic_store(&guards[i].start, start);
	}
	pthread_mutex_unlock(&mutex);
	return kept >= 0 ? &guards[i] : NULL;
}

static void unguard(struct source_guard *guard)
{
	if (!guard)
		return;
	close(guard->file);
	atomic_store(&guard->start, NULL);
}

static bool is_same(const struct file_state *before, int file)
{
	struct stat now;
	return fstat(file, &now) == 0 && now.st_size == before->size &&
	       now.st_mtim.tv_sec == before->changed.tv_sec &&
	       now.st_mtim.tv_nsec == before->changed.tv_nsec;
}

bool source_has_changed(const struct source *source)
{
	const struct source_guard *guard = source->guard;
	return guard && (atomic_load(&guard->cut) || !is_same(&guard->opened, guard->file));
}

/* The file over an anonymous mapping that is longer, so that a NUL follows its last byte. */
static int map(struct source *source, int fd, const struct stat *status, const char **why)
{
	size_t bytes = (size_t)status->st_size;
	size_t whole = bytes + (size_t)sysconf(_SC_PAGESIZE);
	char *p = window_reserve(whole);
	if (!p) {
		*why = "out of memory";
		return -1;
	}
	struct source_guard *guarded = guard(p, bytes, fd, status);
	if (!guarded || mmap(p, bytes, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd, 0) == MAP_FAILED) {
		*why = guarded ? strerror(errno) : "too many files are open";
		unguard(guarded);
		munmap(p, whole);
		return -1;
	}
	*source = (struct source){
		.bytes = { p, bytes },
		.mapped = p,
		.mapped_bytes = whole,
		.guard = guarded,
		.window = window_open(p, bytes, guarded->file),
	};
	return 0;
}

/* Files without a name: nothing of them is left, whatever becomes of the program. */

int source_open_nameless(const char *first)
{
	const char *const folders[] = { first, "/var/tmp", "/tmp" };
	for (size_t i = first ? 0 : 1; i < sizeof(folders) / sizeof(folders[0]); i++) {
		int fd = open(folders[i], O_RDWR | O_TMPFILE | O_EXCL | O_CLOEXEC, 0600);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

static bool write_whole(int file, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(file, bytes.p, bytes.n);
		if (n < 0 && errno != EINTR)
			return false;
		bytes = str_from(bytes, n < 0 ? 0 : (size_t)n);
	}
	return true;
}

const char source_too_large[] = "it is larger than the limit";

/* What was read so far, and the rest of it, by way of buf. -1 with the reason. */
static int copy_rest(int from, int file, struct buf *buf, size_t max_bytes, const char **why)
{
	size_t copied = 0;
	ssize_t got = (ssize_t)buf->n;
	do {
		buf->n = got < 0 ? 0 : (size_t)got;
		copied += buf->n;
		if (copied > max_bytes || !write_whole(file, buf_view(buf))) {
			*why = copied > max_bytes ? source_too_large : strerror(errno);
			return -1;
		}
		got = read(from, buf->p, buf->room);
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		*why = strerror(errno);
	return got < 0 ? -1 : 0;
}

/* Go on in the file, which is closed, with what is in buf, which is released. */
static int spool(struct source *source, int fd, int file, struct buf *buf, size_t max_bytes,
		 const char **why)
{
	struct stat status;
	int result = -1;
	if (copy_rest(fd, file, buf, max_bytes, why) == 0) {
		if (fstat(file, &status) == 0)
			result = map(source, file, &status, why);
		else
			*why = strerror(errno);
	}
	close(file);
	buf_release(buf);
	return result;
}

/* size is that of a file, 0 where it is not known; one byte past the limit is read, to know that it
 * is there. What is longer than spool_from goes into a file without a name, where one can be made.
 */
static int read_all(struct source *source, int fd, size_t max_bytes, size_t size, size_t spool_from,
		    const char **why)
{
	enum { STEP = 65536 };
	struct buf buf;
	buf_init(&buf, max_bytes < SIZE_MAX / 2 - STEP ? max_bytes + STEP : SIZE_MAX / 2);
	buf_reserve(&buf, size < max_bytes ? size + 1 : max_bytes);
	for (;;) {
		if (buf.room < buf.n + 2 && !buf_reserve(&buf, STEP)) {
			*why = "out of memory";
			break;
		}
		size_t room = buf.room - buf.n - 1;
		ssize_t got = read(fd, buf.p + buf.n, room);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			*why = strerror(errno);
			break;
		}
		buf.n += (size_t)got;
		if (buf.n > max_bytes) {
			*why = source_too_large;
			break;
		}
		/* Where there was room for more, and all is there, it need not be asked again. */
		if (got == 0 || (buf.n == size && (size_t)got < room)) {
			buf.p[buf.n] = '\0';
			*source = (struct source){ .bytes = { buf.p, buf.n }, .allocated = buf.p };
			return 0;
		}
		if (buf.n < spool_from)
			continue;
		int file = source_open_nameless(NULL);
		if (file >= 0)
			return spool(source, fd, file, &buf, max_bytes, why);
		spool_from = SIZE_MAX; /* it is kept in memory */
	}
	buf_release(&buf);
	return -1;
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
	inputs_note(&status);
	unsigned long long size = S_ISREG(status.st_mode) && status.st_size > 0
					  ? (unsigned long long)status.st_size
					  : 0;
	int result = -1;
	const char *refusal = is_open_already(path) ? NULL : source_refusal(status.st_mode);
	if (S_ISDIR(status.st_mode))
		*why = "it is a folder";
	else if (refusal)
		*why = refusal;
	else if (size > max_bytes)
		*why = source_too_large;
	else if (size >= MAP_FROM_BYTES)
		result = map(source, fd, &status, why);
	else
		result = read_all(source, fd, max_bytes, (size_t)size,
				  S_ISREG(status.st_mode) ? SIZE_MAX : SPOOL_FROM_BYTES, why);
	const struct file_state opened = state_of(&status);
	if (result == 0 && !source->mapped && S_ISREG(status.st_mode) && !is_same(&opened, fd)) {
		source_close(source);
		*why = "it was changed while it was read";
		result = -1;
	}
	close(fd);
	if (result == 0)
		source->path = strcmp(path, "-") == 0 ? NULL : path;
	return result;
}

void source_close(struct source *source)
{
	window_close(source->window);
	unguard(source->guard);
	if (source->mapped)
		munmap(source->mapped, source->mapped_bytes);
	free(source->allocated);
	*source = (struct source){ 0 };
}

/*
 * How much is kept before the reader's place: no open record's values are further back. To forget
 * stops all threads for a moment, so it is done by large steps.
 */
enum { KEPT_BYTES = 32 * 1024, STEP_BYTES = 1024 * 1024 };

/* Newer kernels map as much around a page as lies in one piece of their cache, also what was
 * forgotten before: it is forgotten again. */
static void forget(const struct source *source, size_t from, size_t to)
{
	from = from > 2 * STEP_BYTES ? from - 2 * STEP_BYTES : 0;
	if (to > from)
		madvise((char *)source->mapped + from, to - from, MADV_DONTNEED);
}

size_t source_follow(const struct source *source, size_t followed, size_t offset)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t kept = offset > KEPT_BYTES ? (offset - KEPT_BYTES) / page * page : 0;
	enum window_state state = source->window ? window_follow(source->window, kept) : WINDOW_OFF;
	if (state == WINDOW_CUT && source->guard)
		atomic_store(&source->guard->cut, true);
	if (!source->mapped || state == WINDOW_LIES || kept < followed + STEP_BYTES)
		return followed;
	forget(source, followed, kept);
	return kept;
}

/* The first file that may be the other half of a pair. How many there are: a name in another case
 * is the same file where the file system does not distinguish them. A link that leads nowhere is
 * there, and cannot be read. */
static size_t find_partners(const char *path, char *partner, size_t room)
{
	char name[4096];
	struct stat first, other;
	size_t count = 0;
	for (size_t i = 0; mesh_partner_name(path, i, name, sizeof(name)); i++) {
		if ((stat(name, &other) != 0 && lstat(name, &other) != 0) || S_ISDIR(other.st_mode))
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
			       .personal_name = mesh_name_is_personal(path),
			       .partners = found };
	if (!control && found)
		mesh->control = read_control(partner, reader);
	return control || found;
}

bool source_find_partner(const char *path, char *partner, size_t room)
{
	return (mesh_is_control_name(path) || mesh_is_data_name(path)) &&
	       find_partners(path, partner, room) > 0;
}
