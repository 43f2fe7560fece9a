/*
 * window.h - a mapped file that is read from front to back, over memory that is used again.
 *
 * Each page of a mapping that is touched costs more than to read its bytes, and to give it back
 * stops all threads for a moment: for a large file a third of the time of its parse
 * (docs/decisions/window.md). So the pieces ahead of the reader are read into the same memory in
 * turn, and laid over the mapping at their place. The addresses stay those of the mapping, and so
 * do the bytes: where no piece lies, before the reader and far ahead of it, there is the file
 * itself.
 *
 * A window is followed on one thread; others may read the mapping meanwhile.
 */
#ifndef CPIS_BASE_WINDOW_H
#define CPIS_BASE_WINDOW_H

#include <stdbool.h>
#include <stddef.h>

enum { WINDOW_PIECE_BYTES = 512 * 1024 };

struct window;

/* Address space for a mapping: zeros to read, up to the end of the last page, from a multiple of
 * WINDOW_PIECE_BYTES on. NULL: there is none. */
char *window_reserve(size_t bytes);

/*
 * Over the file that is mapped there, readable, at an address that is a multiple of
 * WINDOW_PIECE_BYTES. The file stays open until the window is closed. NULL: the file is too small,
 * or there is no memory; the mapping does by itself then.
 */
struct window *window_open(char *mapped, size_t bytes, int file);

/* The window takes its memory with it: the mapping must not be read any more. */
void window_close(struct window *window);

enum window_state {
	WINDOW_LIES, /* and gives back what was read */
	WINDOW_OFF,  /* there is no memory for it: nothing lies, and nothing will */
	WINDOW_CUT   /* as WINDOW_OFF: the file has become shorter, or cannot be read */
};

/* The reader is at an offset, not before that of the last call, and reads nothing before kept. */
enum window_state window_follow(struct window *window, size_t kept);

#endif
