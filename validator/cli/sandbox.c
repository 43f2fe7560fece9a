/* What the program gives up before it reads the first byte of a message. */
#include "sandbox.h"

#include "cli.h"

#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
	__has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/* The sanitizers read /proc and look at the program from another process. */
#if !defined(__linux__) || defined(SANITIZED)

struct sandbox sandbox_enter(const struct request *request)
{
	(void)request;
	return (struct sandbox){ .absent = true };
}

#else

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

extern const struct sock_filter sandbox_filter[]; /* made by sandboxc */
extern const unsigned short sandbox_filter_length;
extern const struct sock_filter sandbox_serving_filter[];
extern const unsigned short sandbox_serving_filter_length;
extern const struct sock_filter sandbox_calling_filter[];
extern const unsigned short sandbox_calling_filter_length;

/* Rights of later versions of Landlock, which older headers lack. */
enum {
	RIGHT_REFER = 1 << 13,	   /* version 2 */
	RIGHT_TRUNCATE = 1 << 14,  /* version 3 */
	RIGHT_IOCTL_DEV = 1 << 15, /* version 5 */
	NET_BIND_CONNECT = 3,	   /* version 4 */
	SCOPE_ALL = 3,		   /* version 6: abstract sockets, signals */
};

struct ruleset_attributes {
	uint64_t files, net, scope;
};

enum {
	READ_FILE = LANDLOCK_ACCESS_FS_READ_FILE,
	READ = READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	WRITE_FILE = LANDLOCK_ACCESS_FS_WRITE_FILE | RIGHT_TRUNCATE,
	WRITE = WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
		LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG,
	OF_FILES =
		READ_FILE | WRITE_FILE, /* the rights that a file can have; others are a folder's */
	MOST_LINK_DEPTH = 64,
	MOST_FILE_RULES = 4096,
};

struct rules {
	int ruleset;
	uint64_t handled; /* rights that the kernel knows */
};

static bool add_rule(const struct rules *rules, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr beneath = {
		.allowed_access = rules->handled & rights,
		.parent_fd = fd,
	};
	return syscall(SYS_landlock_add_rule, rules->ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath,
		       0) == 0;
}

/* What is open as fd, and all below it, may be used so. A folder's rights are refused where it is a
 * file. Pipes cannot be named in rules, and need none. */
static void allow_open(const struct rules *rules, int fd, uint64_t rights)
{
	if (!add_rule(rules, fd, rights) && rights & ~(uint64_t)OF_FILES)
		add_rule(rules, fd, rights & OF_FILES);
}

static void allow(const struct rules *rules, const char *path, uint64_t rights)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0)
		return; /* what is missing is reported when it is opened */
	allow_open(rules, fd, rights);
	close(fd);
}

/* The folder that a file is in. */
static void allow_folder_of(const struct rules *rules, const char *path, uint64_t rights)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
	if (folder)
		allow(rules, folder, rights);
	free(folder);
}

/* What links in a folder point to may be outside of it. */
static void allow_links(const struct rules *rules, int folder, unsigned depth)
{
	DIR *entries = depth < MOST_LINK_DEPTH ? fdopendir(folder) : NULL;
	if (!entries) {
		close(folder);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(entries));) {
		const char *name = entry->d_name;
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		struct stat info;
		unsigned char type = entry->d_type;
		if (type == DT_UNKNOWN &&
		    fstatat(dirfd(entries), name, &info, AT_SYMLINK_NOFOLLOW) == 0)
			type = IFTODT(info.st_mode);
		int fd = type == DT_LNK	  ? openat(dirfd(entries), name, O_PATH | O_CLOEXEC)
			 : type == DT_DIR ? openat(dirfd(entries), name,
						   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
					  : -1;
		if (fd >= 0 && type == DT_DIR)
			allow_links(rules, fd, depth + 1); /* closes it */
		else if (fd >= 0) {
			allow_open(rules, fd, READ);
			close(fd);
		}
	}
	closedir(entries);
}

static bool has_ending(const char *path, const char *ending)
{
	size_t n = strlen(path), m = strlen(ending);
	return n >= m && strcasecmp(path + n - m, ending) == 0;
}

/* Large piped input goes by way of a file without a name. */
static void allow_spool(const struct rules *rules)
{
	static const uint64_t rights = READ_FILE | WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG;
	allow(rules, "/var/tmp", rights);
	allow(rules, "/tmp", rights);
}

static void allow_input(const struct rules *rules, const char *path)
{
	if (strcmp(path, "-") == 0 || strncmp(path, "/dev/", 5) == 0 ||
	    strncmp(path, "/proc/", 6) == 0)
		allow_spool(rules);
	struct stat info;
	int input = open(path, O_PATH | O_CLOEXEC);
	bool folder = input >= 0 && fstat(input, &info) == 0 && S_ISDIR(info.st_mode);
	if (input >= 0)
		allow_open(rules, input, folder ? READ : READ_FILE);
	/* The other file of a MESH transfer is looked for beside it. */
	if (has_ending(path, ".dat") || has_ending(path, ".ctl"))
		allow_folder_of(rules, path, READ);
	int entries = folder ? openat(input, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (entries >= 0)
		allow_links(rules, entries, 0); /* closes it */
	if (input >= 0)
		close(input);
}

/* What is watched may be replaced: an editor saves a file by another that takes its name, and a
 * folder is made again. Not where that is the root, which would be all there is. */
static void allow_replaced(const struct rules *rules, const char *path)
{
	char *target = strcmp(path, ".") != 0 ? realpath(path, NULL) : NULL;
	if (strrchr(path, '/') != path)
		allow_folder_of(rules, path, READ);
	if (target && strrchr(target, '/') != target)
		allow_folder_of(rules, target, READ);
	free(target);
}

/* The folder of a file that will be written, or, if that is still to be made, the one above; and
 * the file itself, which may be a link or a device. */
static void allow_output(const struct rules *rules, const char *path, uint64_t more)
{
	const uint64_t rights = READ | WRITE | more;
	char *folder = strdup(path);
	struct stat info;
	if (!folder)
		return;
	for (char *slash; stat(folder, &info) != 0 && (slash = strrchr(folder, '/'));)
		slash[slash == folder] = '\0';
	allow(rules, path, rights);
	if (stat(folder, &info) == 0 && S_ISDIR(info.st_mode))
		allow(rules, folder, rights);
	else
		allow_folder_of(rules, folder, rights);
	char *target = realpath(path, NULL);
	if (target)
		allow_folder_of(rules, target, rights);
	free(target);
	free(folder);
}

/* Where the loader looks for libraries that are loaded late, beside those of the system. */
static void allow_libraries(const struct rules *rules)
{
	const char *path = getenv("LD_LIBRARY_PATH");
	while (path && *path) {
		size_t length = strcspn(path, ":;");
		char *folder = length ? strndup(path, length) : NULL;
		if (folder)
			allow(rules, folder, READ);
		free(folder);
		path += length + (path[length] != '\0');
	}
}

/* A link into /usr, which may be read as a whole. */
static bool is_in_usr(const char *link)
{
	char to[5] = { 0 };
	return readlink(link, to, sizeof(to)) == (ssize_t)sizeof(to) &&
	       (strncmp(to, "/usr/", 5) == 0 || strncmp(to, "usr/", 4) == 0);
}

/* What the C library reads for itself: converters of encodings, locales, time zones. Every rule is
 * three calls of each start: chance comes from a call of the system, and of the devices these two
 * are what a link in a folder may lead to; others are allowed where they are named. */
static void allow_system(const struct rules *rules)
{
	static const struct {
		char path[24];
		unsigned rights;
		bool link; /* it may be one */
	} system[] = {
		{ "/usr", READ, false },
		{ "/lib", READ, true },
		{ "/lib64", READ, true },
		{ "/nix/store", READ, false },
		{ "/gnu/store", READ, false },
		{ "/etc/localtime", READ_FILE, true },
#ifndef CPIS_STATIC
		{ "/etc/ld.so.cache", READ_FILE, false },
		{ "/sys/devices/system/cpu", READ, false }, /* glibc before 2.35 */
#endif
		{ "/dev/null", OF_FILES, false },
		{ "/dev/full", OF_FILES, false },
	};
	for (size_t i = 0; i < sizeof(system) / sizeof(system[0]); i++)
		if (!system[i].link || !is_in_usr(system[i].path))
			allow(rules, system[i].path, system[i].rights);
}

/* A pack that may name files outside of its folder says so in its text. */
static bool may_leave_folder(const char *path)
{
	static const char key[] = "allow-outside";
	char *inside = NULL;
	struct stat info;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode) &&
	    asprintf(&inside, "%s/pack.yaml", path) < 0)
		return true;
	FILE *file = file_open_regular(inside ? inside : path);
	size_t found = 0;
	for (int c; file && key[found] && (c = getc(file)) != EOF;)
		found = c == key[found] ? found + 1 : c == key[0];
	if (file)
		fclose(file);
	free(inside);
	return found == sizeof(key) - 1;
}

static void allow_pack(const struct rules *rules, const char *path, bool anywhere)
{
	if (anywhere || may_leave_folder(path)) {
		allow(rules, "/", READ);
		return;
	}
	allow_folder_of(rules, path, READ);
	allow_input(rules, path);
}

/* Each pack of a service. Those that may leave their folder may read what lies beside the folder of
 * packs, and no more: whoever sends a message has not chosen them. */
static void allow_packs(const struct rules *rules, const char *folder)
{
	DIR *entries = opendir(folder);
	char *path;
	allow_input(rules, folder);
	for (const struct dirent *entry; entries && (entry = readdir(entries));) {
		if (entry->d_name[0] == '.' || asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
			continue;
		if (may_leave_folder(path)) {
			char *above = NULL;
			if (asprintf(&above, "%s/..", folder) >= 0)
				allow(rules, above, READ);
			free(above);
		}
		free(path);
	}
	if (entries)
		closedir(entries);
}

/* One of many inputs: a rule for each file takes the kernel too long, so there is one for each
 * folder. *last: the folder of the last such rule, as a prefix of a path; it starts with no bytes.
 */
struct folder_prefix {
	const char *path;
	size_t n;
};

static void allow_one_of_many(const struct rules *rules, const char *path,
			      struct folder_prefix *last)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;
	struct stat info;
	if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode)) {
		allow_input(rules, path);
		return;
	}
	if (last->path && last->n == n && strncmp(path, last->path, n) == 0)
		return;
	allow_folder_of(rules, path, READ);
	*last = (struct folder_prefix){ path, n };
}

static void allow_named(const struct rules *rules, const struct request *request, const char *path)
{
	allow_input(rules, path);
	if (request->watch)
		allow_replaced(rules, path);
}

struct path_seen {
	const struct rules *rules;
	const struct request *request;
};

static void allow_option(void *context, const struct option *option, const char *path)
{
	const struct path_seen *seen = context;
	if (strcmp(option->name, "mesh-folder") == 0)
		allow_output(seen->rules, path, RIGHT_REFER); /* files go from one to another */
	else if (option_is_written(seen->request, option))
		allow_output(seen->rules, path, 0);
	else if (strcmp(option->name, "packs") == 0)
		allow_packs(seen->rules, path);
	else if (seen->request->command->bit & (SERVE | SIMULATE) &&
		 strcmp(option->word, "FILE") == 0 &&
		 (strncmp(option->name, "tls-", 4) == 0 || strcmp(option->name, "token-file") == 0))
		return; /* it was read before */
	else if (strcmp(option->word, "PACK") == 0)
		allow_pack(seen->rules, path, seen->request->pack.allow_outside);
	else
		allow_named(seen->rules, seen->request, path);
}

static void allow_request(const struct rules *rules, const struct request *request)
{
	const unsigned packs = RUN | SEND | LINT | MUTATE, made = NEW | KEYGEN | COUNTERSIGN;
	struct path_seen seen = { rules, request };
	struct folder_prefix last = { 0 };
	for (size_t i = 0; i < request->input_count; i++) {
		const char *path = request->inputs[i];
		if (request->command->bit == SEND && i == 0)
			continue; /* the URL */
		if (request->command->bit & packs)
			allow_pack(rules, path, request->pack.allow_outside);
		else if (request->command->bit & made || (request->fix && !request->dry_run))
			allow_output(rules, path, 0);
		else if (i >= MOST_FILE_RULES)
			allow_one_of_many(rules, path, &last);
		else
			allow_named(rules, request, path);
	}
	if (request->command->bit == LSP && request->input_count == 0)
		allow(rules, ".", READ);
	options_each_path(request, allow_option, &seen);
	for (size_t i = 0; i < request->report_count; i++)
		if (request->reports[i].path)
			allow_output(rules, request->reports[i].path, 0);
}

static bool opens_connections(const struct request *request)
{
	return request->command->bit == SEND ||
	       (request->command->bit == SIMULATE && request->twin.callback);
}

/* Who has which name and address, and which authorities the system knows. */
static void allow_names(const struct rules *rules)
{
	static const char *const read[] = {
		"/etc/resolv.conf", "/etc/hosts",    "/etc/nsswitch.conf",   "/etc/host.conf",
		"/etc/gai.conf",    "/etc/services", "/etc/protocols",	     "/etc/ssl",
		"/etc/pki",	    "/etc/gnutls",   "/run/systemd/resolve",
	};
	for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		allow(rules, read[i], READ);
}

/* Files, by Landlock; returns its version, or 0. */
static int confine_files(const struct request *request)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 1)
		return 0;
	struct ruleset_attributes attributes = {
		.files = LANDLOCK_ACCESS_FS_EXECUTE | READ | WRITE | LANDLOCK_ACCESS_FS_MAKE_CHAR |
			 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
			 LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM | RIGHT_REFER |
			 RIGHT_IOCTL_DEV,
		.net = version >= 4 && !opens_connections(request) ? NET_BIND_CONNECT : 0,
		.scope = version >= 6 ? SCOPE_ALL : 0,
	};
	static const struct {
		int version;
		uint64_t right;
	} later[] = { { 2, RIGHT_REFER }, { 3, RIGHT_TRUNCATE }, { 5, RIGHT_IOCTL_DEV } };
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (version < later[i].version)
			attributes.files &= ~later[i].right;
	size_t size = version >= 6   ? sizeof(attributes)
		      : version >= 4 ? offsetof(struct ruleset_attributes, scope)
				     : offsetof(struct ruleset_attributes, net);
	struct rules rules = { .handled = attributes.files };
	rules.ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
	if (rules.ruleset < 0)
		return 0;
	allow_system(&rules);
	allow_libraries(&rules);
	allow_request(&rules, request);
	if (opens_connections(request))
		allow_names(&rules);
	bool done = syscall(SYS_landlock_restrict_self, rules.ruleset, 0) == 0;
	close(rules.ruleset);
	return done ? (int)version : 0;
}

/* A service goes on speaking on the socket that it listens on. */
static bool confine_calls(const struct request *request)
{
	const struct sock_filter *filter = sandbox_filter;
	unsigned short length = sandbox_filter_length;
	if (opens_connections(request)) {
		filter = sandbox_calling_filter;
		length = sandbox_calling_filter_length;
	} else if (request->command->bit & (SERVE | SIMULATE)) {
		filter = sandbox_serving_filter;
		length = sandbox_serving_filter_length;
	}
	/* The kernel reads it, although its header does not say so. */
	struct sock_fprog program = { length, (struct sock_filter *)(uintptr_t)filter };
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

struct sandbox sandbox_enter(const struct request *request)
{
	struct sandbox sandbox = { .files = 0 };
	const char *wish = getenv("CPIS_SANDBOX");
	const struct rlimit none = { 0, 0 };
	/* A dump of memory would hold what the reports mask. */
	setrlimit(RLIMIT_CORE, &none);
	if (wish && strcmp(wish, "off") == 0) {
		sandbox.off = true;
		return sandbox;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return sandbox;
	sandbox.files = confine_files(request);
	sandbox.calls = confine_calls(request);
	return sandbox;
}

#endif
