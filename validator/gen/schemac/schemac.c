/*
 * schemac.c - compile XML Schemas into tables of C, at build time.
 *
 *     schemac NAME FOLDER OUT PATH...
 *
 * Each PATH is a schema in FOLDER that messages are judged by; together they become the tables
 * NAME, written to OUT. Whatever lies outside the subset that is understood ends the build with
 * file and line: nothing is ignored in silence.
 */
#include "tables.h"

#include <stdlib.h>

static int by_path(const void *a, const void *b)
{
	const char *const *left = a, *const *right = b;
	return strcmp(*left, *right);
}

static void compile(struct arena *arena, char **argv, int argc)
{
	struct model model = { .arena = arena };
	model.xsd.arena = arena;
	qsort(argv + 4, (size_t)argc - 4, sizeof(*argv), by_path);
	for (int i = 4; i < argc; i++)
		model_root(&model, argv[2], argv[i]);
	FILE *out = fopen(argv[3], "w");
	if (!out)
		stop("schemac: %s cannot be written", argv[3]);
	tables_write(&model, argv[1], out);
	if (fclose(out) != 0)
		stop("schemac: %s cannot be written", argv[3]);
	xsd_close(&model.xsd);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		stop("usage: schemac NAME FOLDER OUT PATH...");
	struct arena arena;
	arena_init(&arena);
	compile(&arena, argv, argc);
	arena_release(&arena);
	return EXIT_SUCCESS;
}
