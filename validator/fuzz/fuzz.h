/*
 * fuzz.h - what the fuzz targets share.
 *
 * All targets are one program, which is the target that it is called after: "fuzz_message". So
 * there is one link, and one count of edges for all. A target is a row of the table in fuzz.c; the
 * functions are here by the files that they are in.
 */
#ifndef CPIS_FUZZ_FUZZ_H
#define CPIS_FUZZ_FUZZ_H

#include "base/str.h"
#include "cpis.h"

/* input.p[input.n] is a NUL, and the last byte that may be read. */
typedef void fuzz_function(struct str input);

/* messages.c */
fuzz_function fuzz_message, fuzz_transport, fuzz_relay, fuzz_pair, fuzz_folder, fuzz_mesh;
/* results.c */
fuzz_function fuzz_results, fuzz_sinks, fuzz_merge, fuzz_diff;
/* packs.c */
fuzz_function fuzz_pack, fuzz_xpath, fuzz_answers, fuzz_evidence, fuzz_data, fuzz_profile,
	fuzz_baseline, fuzz_schematron, fuzz_schemas;
/* evidence.c */
fuzz_function fuzz_tarball, fuzz_bundle, fuzz_run, fuzz_minisign;
/* service.c */
fuzz_function fuzz_service;
/* lsp.c */
fuzz_function fuzz_lsp;

/* What must be true whatever the input is; else the program ends, as for a crash. */
#define must(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_broken(const char *condition, const char *file, int line);

/*
 * Inputs that are several files: a line "=== NAME" before each. What comes before the first such
 * line is a file without a name.
 */

enum { FUZZ_MOST_FILES = 8 };

struct fuzz_file {
	char name[48];	  /* letters, digits, ".", "-", "_" and "/": a place below a folder */
	struct str bytes; /* as for a target */
};

struct fuzz_files {
	struct fuzz_file items[FUZZ_MOST_FILES];
	size_t count;
};

void fuzz_split(struct str input, struct fuzz_files *files);
void fuzz_release(struct fuzz_files *files);

/*
 * The library reads these files as those of the folder "fuzz", and what is not among them from the
 * packs in testcases/packs. A file without a name has the name given. Nothing is written to a disk.
 * Until fuzz_hide().
 */
void fuzz_show(struct fuzz_files *files, const char *unnamed);
void fuzz_hide(void);

/*
 * The files in a folder of the file system, in memory where there is one, for what is not read
 * through base/files.h. The folder is emptied first, and removed at the end. Files without a name
 * are left out.
 */
const char *fuzz_folder_with(const struct fuzz_files *files);

/* Results that are judged by small limits, so that limits are met. For cpis_results_free(). */
struct cpis_results *fuzz_results_new(void);

/* A good message. Static. */
struct str fuzz_good_message(void);

#endif
