/*
 * make_authority - write the messages of an authority that does not exist: see
 * scripts/make-authority.
 */
#include "../authority.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	fputs("usage: scripts/make-authority [--seed N] [--children N] [--years N] [--whole] "
	      "[--code ODS]\n"
	      "           [--faults all|none|NAME,NAME...] FOLDER\n"
	      "Faults:",
	      stderr);
	for (size_t i = 0; i < FAULT_COUNT; i++)
		fprintf(stderr, " %s", authority_fault_words[i]);
	fputs("\n", stderr);
	return 2;
}

static int read_faults(char *text, unsigned *faults)
{
	*faults = 0;
	for (char *word = strtok(text, ","); word; word = strtok(NULL, ",")) {
		size_t i = 0;
		if (strcmp(word, "all") == 0)
			*faults = ~0u;
		if (strcmp(word, "all") == 0 || strcmp(word, "none") == 0)
			continue;
		while (i < FAULT_COUNT && strcmp(authority_fault_words[i], word) != 0)
			i++;
		if (i == FAULT_COUNT)
			return -1;
		*faults |= 1u << i;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct authority_options options = { .seed = 1, .children = 40, .years = 2 };
	struct authority_made made;
	for (int i = 1; i < argc; i++) {
		const char *value = i + 1 < argc ? argv[i + 1] : NULL;
		if (strcmp(argv[i], "--whole") == 0)
			options.whole = true;
		else if (argv[i][0] != '-' && !options.folder)
			options.folder = argv[i];
		else if (!value || argv[i][0] != '-')
			return usage();
		else if (strcmp(argv[i++], "--seed") == 0)
			options.seed = strtoull(value, NULL, 10);
		else if (strcmp(argv[i - 1], "--children") == 0)
			options.children = strtoul(value, NULL, 10);
		else if (strcmp(argv[i - 1], "--years") == 0)
			options.years = strtoul(value, NULL, 10);
		else if (strcmp(argv[i - 1], "--code") == 0)
			options.code = value;
		else if (strcmp(argv[i - 1], "--faults") != 0 ||
			 read_faults(argv[i], &options.faults) != 0)
			return usage();
	}
	if (!options.folder)
		return usage();
	if (authority_make(&options, &made) != 0)
		return 1;
	printf("at %s\n", made.at);
	for (size_t i = 0; i < made.planted_count; i++)
		printf("%s %s\n", made.planted[i].rule, made.planted[i].what);
	return 0;
}
