#include "fuzz.h"

#include "base/files.h"
#include "tests/tools/mutants.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* What libFuzzer calls, and what it has for us. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);
size_t LLVMFuzzerMutate(uint8_t *data, size_t bytes, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room, unsigned seed);

enum kind {
	BYTES,
	MARKUP /* the mutants of messages are tried too */
};

/* Seeds are folders and files of the repository; "made": scripts/fuzz makes them. */
static const struct target {
	const char *name;
	fuzz_function *run;
	enum kind kind;
	const char *dictionary, *seeds;
} targets[] = {
	{ "message", fuzz_message, MARKUP, "message",
	  "testcases/messages testcases/rules testcases/hostile" },
	{ "transport", fuzz_transport, BYTES, "message",
	  "testcases/transport testcases/messages testcases/hostile" },
	{ "relay", fuzz_relay, MARKUP, "message",
	  "testcases/messages testcases/hostile testcases/packs" },
	{ "pair", fuzz_pair, MARKUP, "message", "made" },
	{ "folder", fuzz_folder, MARKUP, "message", "made" },
	{ "mesh", fuzz_mesh, MARKUP, "message", "made" },
	{ "results", fuzz_results, MARKUP, "results", "made" },
	{ "sinks", fuzz_sinks, MARKUP, "results", "made" },
	{ "merge", fuzz_merge, MARKUP, "results", "made" },
	{ "diff", fuzz_diff, MARKUP, "results", "made" },
	{ "pack", fuzz_pack, BYTES, "pack", "made" },
	{ "xpath", fuzz_xpath, BYTES, "rules", "made" },
	{ "answers", fuzz_answers, BYTES, "pack", "made" },
	{ "evidence", fuzz_evidence, BYTES, "message", "made" },
	{ "data", fuzz_data, BYTES, "pack", "made" },
	{ "profile", fuzz_profile, BYTES, "pack", "made" },
	{ "baseline", fuzz_baseline, BYTES, "pack", "made" },
	{ "schematron", fuzz_schematron, MARKUP, "rules", "made" },
	{ "schemas", fuzz_schemas, MARKUP, "rules", "made" },
	{ "tarball", fuzz_tarball, BYTES, "pack", "made" },
	{ "bundle", fuzz_bundle, BYTES, "pack", "made" },
	{ "run", fuzz_run, BYTES, "pack", "made" },
	{ "minisign", fuzz_minisign, BYTES, "pack", "made" },
	{ "service", fuzz_service, BYTES, "service", "validator/fuzz/seeds/service" },
	{ "lsp", fuzz_lsp, MARKUP, "lsp", "made" },
};
enum { TARGETS = sizeof(targets) / sizeof(targets[0]) };

static const struct target *target;

_Noreturn void fuzz_broken(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not true: %s\n", file, line, condition);
	abort();
}

/*
 * Which edges any target has met: libFuzzer knows only those of its own run. $CPIS_FUZZ_EDGES is a
 * file with a byte for each, which all targets fill.
 */

extern uint8_t __start___sancov_cntrs[], __stop___sancov_cntrs[];

static uint8_t *met;

static void open_edges(const char *path)
{
	size_t n = (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs);
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	must(file >= 0 && ftruncate(file, (off_t)n) == 0);
	met = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	must(met != MAP_FAILED);
	close(file);
}

static void note_edges(void)
{
	size_t n = (size_t)(__stop___sancov_cntrs - __start___sancov_cntrs);
	for (size_t i = 0; met && i < n; i++)
		if (__start___sancov_cntrs[i] && !met[i])
			met[i] = 1;
}

/* The table, for scripts/fuzz: a line for each target. */
_Noreturn static void print_targets(void)
{
	for (size_t i = 0; i < TARGETS; i++)
		printf("%s %s %s\n", targets[i].name, targets[i].dictionary, targets[i].seeds);
	exit(0);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	const char *slash = strrchr((*argv)[0], '/'), *name = slash ? slash + 1 : (*argv)[0];
	for (size_t i = 0; i < TARGETS; i++)
		if (strncmp(name, "fuzz_", 5) == 0 && strcmp(name + 5, targets[i].name) == 0)
			target = &targets[i];
	if (!target)
		print_targets();
	const char *edges = getenv("CPIS_FUZZ_EDGES");
	if (edges)
		open_edges(edges);
	return 0;
}

/* Memory of its own, so that a byte too many is seen. */
static struct str with_nul(const void *bytes, size_t n)
{
	char *copy = malloc(n + 1);
	must(copy);
	memcpy(copy, n ? bytes : "", n);
	copy[n] = '\0';
	return (struct str){ copy, n };
}

static void free_str(struct str text)
{
	free((char *)(uintptr_t)text.p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
	struct str input = with_nul(data, bytes);
	target->run(input);
	free_str(input);
	note_edges();
	return 0;
}

/* Half of the time a mutant, where what there is can have one; else libFuzzer's own. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t bytes, size_t room, unsigned seed)
{
	uint64_t state = mutants_seed(seed);
	if (!target || target->kind != MARKUP || seed % 2 || memchr(data, '\0', bytes) ||
	    !memchr(data, '<', bytes))
		return LLVMFuzzerMutate(data, bytes, room);
	struct str text = with_nul(data, bytes);
	struct mutant mutant = mutants_make(&state, text.p, 1 + seed / 2 % 4);
	size_t n = 0;
	if (mutant.text && mutant.bytes <= room) {
		n = mutant.bytes;
		memcpy(data, mutant.text, n);
	}
	free(mutant.text);
	free_str(text);
	return n ? n : LLVMFuzzerMutate(data, bytes, room);
}

/* Files in an input */

static bool is_plain_name(const char *name)
{
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-/";
	return *name && *name != '/' && *name != '.' && !name[strspn(name, plain)] &&
	       !strstr(name, "//") && !strstr(name, "/.") && name[strlen(name) - 1] != '/';
}

static const char *find_heading(struct str text)
{
	const char *at = text.p, *end = text.p + text.n;
	while (at && at < end && strncmp(at, "=== ", 4) != 0) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	return at && at < end ? at : NULL;
}

void fuzz_split(struct str input, struct fuzz_files *files)
{
	*files = (struct fuzz_files){ .count = 0 };
	const char *at = input.p, *end = input.p + input.n;
	while (at < end && files->count < FUZZ_MOST_FILES) {
		struct fuzz_file *file = &files->items[files->count];
		bool headed = strncmp(at, "=== ", 4) == 0;
		size_t heading = headed ? strcspn(at, "\n") : 0;
		if (headed && heading > 4 && heading - 4 < sizeof(file->name))
			memcpy(file->name, at + 4, heading - 4);
		if (!is_plain_name(file->name))
			file->name[0] = '\0';
		const char *from = at + heading + (headed && at[heading] == '\n');
		const char *next = find_heading((struct str){ from, (size_t)(end - from) });
		file->bytes = with_nul(from, (size_t)((next ? next : end) - from));
		files->count++;
		at = next ? next : end;
	}
}

void fuzz_release(struct fuzz_files *files)
{
	for (size_t i = 0; i < files->count; i++)
		free_str(files->items[i].bytes);
	files->count = 0;
}

/* The packs of testcases/, read once */

static const char *const below[] = { "testcases/packs/la-upload/", "testcases/packs/nhs-query/",
				     "testcases/packs/nhs-query-itk/" };
enum { PACKS = sizeof(below) / sizeof(below[0]), MOST_KEPT = 256 };

static struct kept {
	char path[256];
	struct str bytes; /* NULL: it is not there */
} kept[MOST_KEPT];

static struct str read_kept(const char *path)
{
	struct kept *one = kept;
	while (one < kept + MOST_KEPT && one->path[0] && strcmp(one->path, path) != 0)
		one++;
	if (one == kept + MOST_KEPT || strlen(path) >= sizeof(one->path))
		return (struct str){ 0 };
	if (one->path[0])
		return one->bytes;
	snprintf(one->path, sizeof(one->path), "%s", path);
	FILE *file = fopen(path, "rb");
	if (!file)
		return one->bytes;
	static char room[1 << 20];
	size_t n = fread(room, 1, sizeof(room), file);
	if (!ferror(file) && n < sizeof(room))
		one->bytes = with_nul(room, n);
	fclose(file);
	return one->bytes;
}

/* What is below the folder "fuzz" in a path; NULL: it is elsewhere. *settled is for free(). */
static const char *inside(const char *path, char **settled)
{
	*settled = malloc(strlen(path) + 2);
	must(*settled);
	files_settle(path, *settled);
	if (strcmp(*settled, "fuzz") == 0)
		return "";
	return strncmp(*settled, "fuzz/", 5) == 0 ? *settled + 5 : NULL;
}

static bool find(void *context, const char *path, struct str *bytes, char *why, size_t n)
{
	const struct fuzz_files *files = context;
	char *settled;
	const char *name = inside(path, &settled);
	struct str found = { 0 };
	for (size_t i = 0; name && i < files->count && !found.p; i++)
		if (strcmp(files->items[i].name, name) == 0)
			found = files->items[i].bytes;
	for (size_t i = 0; name && i < PACKS && !found.p; i++) {
		char whole[256];
		snprintf(whole, sizeof(whole), "%s%s", below[i], name);
		found = read_kept(whole);
	}
	free(settled);
	if (!found.p) {
		snprintf(why, n, "it is not there");
		return false;
	}
	*bytes = found;
	return true;
}

static bool is_folder(void *context, const char *path)
{
	const struct fuzz_files *files = context;
	char *settled;
	const char *name = inside(path, &settled);
	size_t n = name ? strlen(name) : 0;
	bool good = name && !*name;
	for (size_t i = 0; name && i < files->count && !good; i++)
		good = strncmp(files->items[i].name, name, n) == 0 &&
		       files->items[i].name[n] == '/';
	free(settled);
	return good;
}

static bool list(void *context, const char *folder, void (*each)(void *, const char *name),
		 void *with)
{
	const struct fuzz_files *files = context;
	char *settled;
	if (!is_folder(context, folder))
		return false;
	const char *name = inside(folder, &settled);
	size_t n = strlen(name);
	char seen[FUZZ_MOST_FILES][sizeof(files->items[0].name)];
	size_t count = 0;
	for (size_t i = 0; i < files->count; i++) {
		const char *entry = files->items[i].name;
		if (!*entry || (n && (strncmp(entry, name, n) != 0 || entry[n] != '/')))
			continue;
		entry += n ? n + 1 : 0;
		snprintf(seen[count], sizeof(seen[count]), "%.*s", (int)strcspn(entry, "/"), entry);
		bool again = false;
		for (size_t k = 0; k < count; k++)
			again = again || strcmp(seen[k], seen[count]) == 0;
		if (!again)
			each(with, seen[count++]);
	}
	free(settled);
	return true;
}

static struct files shown = { .find = find, .is_folder = is_folder, .list = list };

void fuzz_show(struct fuzz_files *files, const char *unnamed)
{
	for (size_t i = 0; i < files->count; i++)
		if (!files->items[i].name[0])
			snprintf(files->items[i].name, sizeof(files->items[i].name), "%s", unnamed);
	shown.context = files;
	files_use(&shown);
}

void fuzz_hide(void)
{
	files_use(NULL);
}

/* A folder of the file system */

static char folder[] = "/dev/shm/cpis-fuzz-XXXXXX";
static bool has_folder;

static void empty_below(const char *path)
{
	DIR *stream = opendir(path);
	for (struct dirent *entry; stream && (entry = readdir(stream));) {
		char whole[PATH_MAX];
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(whole, sizeof(whole), "%s/%s", path, entry->d_name);
		if (unlink(whole) != 0) {
			empty_below(whole);
			rmdir(whole);
		}
	}
	if (stream)
		closedir(stream);
}

static void remove_folder(void)
{
	empty_below(folder);
	rmdir(folder);
}

static void make_folders(char *path)
{
	for (char *slash = strchr(path + sizeof(folder), '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);
		*slash = '/';
	}
}

const char *fuzz_folder_with(const struct fuzz_files *files)
{
	if (!has_folder) {
		must(mkdtemp(folder));
		atexit(remove_folder);
		has_folder = true;
	}
	empty_below(folder);
	for (size_t i = 0; i < files->count; i++) {
		const struct fuzz_file *file = &files->items[i];
		char path[sizeof(folder) + sizeof(file->name) + 1];
		snprintf(path, sizeof(path), "%s/%s", folder, file->name);
		if (!file->name[0])
			continue;
		make_folders(path);
		FILE *out = fopen(path, "wb"); /* not where a folder has the name */
		if (!out)
			continue;
		must(fwrite(file->bytes.p, 1, file->bytes.n, out) == file->bytes.n);
		must(fclose(out) == 0);
	}
	return folder;
}

struct cpis_results *fuzz_results_new(void)
{
	static const struct cpis_options options = {
		.now = 1793491200, .max_decoded_bytes = 1 << 20, .max_parts = 64, .max_seconds = 1
	};
	struct cpis_results *results;
	struct cpis_failure failure;
	must(cpis_results_new(&results, &options, &failure) == 0);
	return results;
}

struct str fuzz_good_message(void)
{
	struct str message = read_kept("testcases/messages/upload-one.xml");
	must(message.p);
	return message;
}
