#include "base/window.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PIECE = WINDOW_PIECE_BYTES, PIECES = 4, LEAST_PIECES = 16 };

struct window {
	char *mapped;
	size_t bytes;
	int file;
	char *memory; /* of the pieces that do not lie; their addresses are kept free for them */
	size_t at;    /* the piece that is read */
	struct {
		bool lies;
		size_t piece; /* that lies of it */
	} laid[PIECES];
	enum window_state state;
};

char *window_reserve(size_t bytes)
{
	char *p = mmap(NULL, bytes + PIECE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		       -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	size_t page = (size_t)sysconf(_SC_PAGESIZE), before = (size_t)(-(uintptr_t)p % PIECE);
	bytes = (bytes + page - 1) / page * page;
	if (before)
		munmap(p, before);
	munmap(p + before + bytes, PIECE - before);
	return p + before;
}

#if defined(MREMAP_DONTUNMAP) && !defined(__EMSCRIPTEN__)

static char *memory_of(const struct window *window, size_t i)
{
	return window->memory + i * PIECE;
}

static char *place_of(const struct window *window, size_t piece)
{
	return window->mapped + piece * PIECE;
}

/* Pages go from one place to the other, at once for all threads; both addresses stay taken. */
static bool move(char *from, char *to)
{
	return mremap(from, PIECE, PIECE, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to) ==
	       to;
}

/* The file itself, where a piece lies. */
static bool show_file(const struct window *window, size_t piece)
{
	return mmap(place_of(window, piece), PIECE, PROT_READ, MAP_PRIVATE | MAP_FIXED,
		    window->file, (off_t)(piece * PIECE)) != MAP_FAILED;
}

/* Take the memory back. False: it stays where it is, with what is right there. */
static bool take_back(struct window *window, size_t i)
{
	size_t piece = window->laid[i].piece;
	if (!window->laid[i].lies)
		return true;
	if (!move(place_of(window, piece), memory_of(window, i)))
		return false;
	if (!show_file(window, piece)) {
		move(memory_of(window, i), place_of(window, piece));
		return false;
	}
	window->laid[i].lies = false;
	return true;
}

/* False: the file is cut short. */
static bool fill(const struct window *window, size_t i, size_t piece)
{
	for (size_t n = 0; n < PIECE;) {
		ssize_t got = pread(window->file, memory_of(window, i) + n, PIECE - n,
				    (off_t)(piece * PIECE + n));
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		n += (size_t)got;
	}
	return true;
}

static void lay(struct window *window, size_t piece)
{
	size_t i = piece % PIECES;
	if (!take_back(window, i)) {
		window->state = WINDOW_OFF;
	} else if (!fill(window, i, piece)) {
		window->state = WINDOW_CUT;
	} else {
		window->laid[i].piece = piece;
		window->laid[i].lies = move(memory_of(window, i), place_of(window, piece));
		if (!window->laid[i].lies)
			window->state = WINDOW_OFF;
	}
}

static bool lies(const struct window *window, size_t piece)
{
	return window->laid[piece % PIECES].lies && window->laid[piece % PIECES].piece == piece;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): pieces are laid over it */
struct window *window_open(char *mapped, size_t bytes, int file)
{
	if (bytes < (size_t)LEAST_PIECES * PIECE || (uintptr_t)mapped % PIECE)
		return NULL;
	const size_t all = (size_t)PIECES * PIECE;
	struct window *window = malloc(sizeof(*window));
	char *memory = window ? window_reserve(all) : NULL;
	if (!memory || mprotect(memory, all, PROT_READ | PROT_WRITE) != 0) {
		if (memory)
			munmap(memory, all);
		free(window);
		return NULL;
	}
#ifdef MADV_NOHUGEPAGE
	madvise(memory, all, MADV_NOHUGEPAGE); /* one would be torn to move a part of it */
#endif
	*window =
		(struct window){ .mapped = mapped, .bytes = bytes, .file = file, .memory = memory };
	lay(window, 0);
	return window;
}

enum window_state window_follow(struct window *window, size_t kept)
{
	size_t at = kept / PIECE;
	if (window->state != WINDOW_LIES || (at == window->at && lies(window, at + PIECES - 1)))
		return window->state;
	/* What lay nowhere was mapped: what was passed over. */
	for (size_t i = window->at; i < at; i++)
		if (!lies(window, i))
			madvise(place_of(window, i), PIECE, MADV_DONTNEED);
	window->at = at;
	for (size_t next = at + 1; next < at + PIECES && window->state == WINDOW_LIES; next++)
		if (!lies(window, next) && (next + 1) * PIECE <= window->bytes)
			lay(window, next);
	for (size_t i = 0; window->state != WINDOW_LIES && i < PIECES; i++)
		take_back(window, i);
	return window->state;
}

void window_close(struct window *window)
{
	if (!window)
		return;
	munmap(window->memory, (size_t)PIECES * PIECE);
	free(window);
}

#else

struct window *window_open(char *mapped, size_t bytes, int file)
{
	(void)mapped, (void)bytes, (void)file;
	return NULL;
}

enum window_state window_follow(struct window *window, size_t kept)
{
	(void)kept;
	return window->state;
}

void window_close(struct window *window)
{
	(void)window;
}

#endif
