/*
 * relrc FILE: have a program add its own address to the pointers in its tables, in place of the
 * loader. The names of DT_RELR and its companions in the program's dynamic section become names
 * that the loader passes over; validator/cli/start.c looks for them. A program without them stays
 * as it is. See docs/decisions/cold-start.md.
 */
#include "cli/start.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef DT_RELR
#define DT_RELRSZ  35
#define DT_RELR	   36
#define DT_RELRENT 37
#endif

/* How many names were changed. */
static int rename_in(unsigned char *file, size_t size)
{
	const ElfW(Ehdr) *head = (const ElfW(Ehdr) *)file;
	const ElfW(Phdr) *parts = (const ElfW(Phdr) *)(file + head->e_phoff);
	int changed = 0;
	for (unsigned i = 0; i < head->e_phnum; i++) {
		if (parts[i].p_type != PT_DYNAMIC || parts[i].p_offset > size ||
		    parts[i].p_filesz > size - parts[i].p_offset)
			continue;
		ElfW(Dyn) *rows = (ElfW(Dyn) *)(file + parts[i].p_offset);
		for (size_t k = 0; k < parts[i].p_filesz / sizeof(*rows); k++, changed++)
			switch (rows[k].d_tag) {
			case DT_RELR:
				rows[k].d_tag = OWN_RELR;
				break;
			case DT_RELRSZ:
				rows[k].d_tag = OWN_RELRSZ;
				break;
			case DT_RELRENT:
				rows[k].d_tag = OWN_RELRENT;
				break;
			default:
				changed--;
			}
	}
	return changed;
}

int main(int argc, char **argv)
{
	struct stat info;
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0 || fstat(fd, &info) != 0 || (size_t)info.st_size < sizeof(ElfW(Ehdr))) {
		fprintf(stderr, "relrc: usage: relrc PROGRAM\n");
		return 2;
	}
	size_t size = (size_t)info.st_size;
	unsigned char *file = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (file == MAP_FAILED || memcmp(file, ELFMAG, SELFMAG) != 0) {
		fprintf(stderr, "relrc: %s is not a program\n", argv[1]);
		return 2;
	}
	int changed = rename_in(file, size);
	if (changed != 0 && changed != 3) {
		fprintf(stderr, "relrc: %s has %d of the 3 names\n", argv[1], changed);
		return 1;
	}
	return msync(file, size, MS_SYNC) == 0 && close(fd) == 0 ? 0 : 1;
}
