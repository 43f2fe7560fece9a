/*
 * wasm_libc.h - what the library calls of the C library and emscripten's has not. Included before
 * every file of the library when it is compiled for the browser: one thread, files in memory.
 */
#ifndef CPIS_WEB_WASM_LIBC_H
#define CPIS_WEB_WASM_LIBC_H

#include <stdio.h>
#include <string.h>
#include <time.h>

/* The GNU one returns the text. */
#define strerror_r(error, room, size) ((void)(room), strerror(error))

/* No one else can take the name meanwhile. */
#define RENAME_NOREPLACE				  1
#define renameat2(from_folder, from, folder, name, flags) renameat(from_folder, from, folder, name)

/* The only thread is the whole process. */
#undef CLOCK_THREAD_CPUTIME_ID
#define CLOCK_THREAD_CPUTIME_ID CLOCK_MONOTONIC

/* Of the filters around an archive only gzip is compiled. */
#define archive_read_support_filter_all archive_read_support_filter_gzip

#endif
