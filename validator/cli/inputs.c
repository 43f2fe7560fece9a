/* Inputs that are named in a file and not on the command line: there may be millions of them. */
#include "cli.h"

#include "base/inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int cannot_read(const struct request *request, int error)
{
	char reason[128];
	return usage_error("--files-from %s: %s", request->files_from,
			   strerror_r(error, reason, sizeof(reason)));
}

static int list_is_message(void)
{
	return usage_error("--files-from -: standard input is the list, and cannot be a message "
			   "too");
}

/* All of the file, with a NUL after it; -1 with errno. */
static int read_whole(FILE *file, char **text, size_t *bytes)
{
	size_t room = 64 * 1024, n = 0, got = 0;
	char *p = malloc(room + 1);
	while (p && (got = fread(p + n, 1, room - n, file)) > 0) {
		n += got;
		if (n < room)
			continue;
		room *= 2;
		char *more = realloc(p, room + 1);
		if (!more)
			free(p);
		p = more;
	}
	if (!p || ferror(file)) {
		errno = p ? errno : ENOMEM;
		free(p);
		return -1;
	}
	p[n] = '\0';
	*text = p;
	*bytes = n;
	return 0;
}

static int add(struct request *request, const char *name, size_t *room)
{
	if (request->input_count == *room) {
		size_t wider = *room * 2;
		const char **more = realloc(request->inputs, wider * sizeof(*more));
		if (!more)
			return out_of_memory();
		request->inputs = more;
		*room = wider;
	}
	request->inputs[request->input_count++] = name;
	return 0;
}

bool text_begins_message(const char *text)
{
	static const char *const starts[] = {
		"<", "HTTP/", "POST ", "PK\3\4", "MIME-Version:", "Content-Type:", "\x1f\x8b"
	};
	text += strspn(text, "\xef\xbb\xbf \t\r\n");
	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++)
		if (strncmp(text, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* The list may have been written on Windows. */
static int check_line_end(const struct request *request, const char *name, size_t n)
{
	struct stat status;
	if (!n || name[n - 1] != '\r' || request->null_ends || lstat(name, &status) == 0)
		return 0;
	return usage_error("--files-from %s: its lines end with a carriage return (CR LF, as on "
			   "Windows): write them with LF alone",
			   request->files_from);
}

/* Each name up to its end mark; the last may do without. Empty ones are passed over. */
static int take_names(struct request *request, size_t bytes)
{
	char *at = request->names, *end = request->names + bytes;
	size_t room = request->input_count + 1024;
	const char **more = realloc(request->inputs, room * sizeof(*more));
	if (!more)
		return out_of_memory();
	request->inputs = more;
	/* Its lines must not be shown as names of files. */
	if (text_begins_message(at))
		return usage_error("--files-from %s: this is a message, not a list of files: name "
				   "it without --files-from",
				   request->files_from);
	while (at < end) {
		size_t left = (size_t)(end - at);
		char *mark = memchr(at, request->null_ends ? '\0' : '\n', left);
		size_t n = mark ? (size_t)(mark - at) : left;
		if (memchr(at, '\0', n))
			return usage_error("--files-from %s: there is a NUL in a name: give -0",
					   request->files_from);
		at[n] = '\0';
		if (strcmp(at, "-") == 0 && strcmp(request->files_from, "-") == 0)
			return list_is_message();
		int code = check_line_end(request, at, n);
		if (code == 0 && n)
			code = add(request, at, &room);
		if (code)
			return code;
		at += n + 1;
	}
	return 0;
}

/* A device other than a terminal and /dev/null. */
static bool may_be_endless(FILE *file)
{
	struct stat status, null;
	if (fstat(fileno(file), &status) != 0 || !S_ISCHR(status.st_mode))
		return false;
	bool is_null = stat("/dev/null", &null) == 0 && null.st_rdev == status.st_rdev;
	return !is_null && !isatty(fileno(file));
}

int inputs_from_list(struct request *request)
{
	size_t bytes = 0, before = request->input_count;
	if (!request->files_from)
		return request->null_ends ? usage_error("%s: --null needs --files-from",
							request->command->name)
					  : 0;
	bool standard = strcmp(request->files_from, "-") == 0;
	for (size_t i = 0; standard && i < request->input_count; i++)
		if (strcmp(request->inputs[i], "-") == 0)
			return list_is_message();
	FILE *file = standard ? stdin : fopen(request->files_from, "rb");
	if (!file)
		return cannot_read(request, errno);
	if (may_be_endless(file)) {
		if (!standard)
			fclose(file);
		return usage_error("--files-from %s: it is a device, not a file",
				   request->files_from);
	}
	inputs_note_open(fileno(file));
	int error = read_whole(file, &request->names, &bytes) == 0 ? 0 : errno;
	if (!standard)
		fclose(file);
	if (error)
		return error == ENOMEM ? out_of_memory() : cannot_read(request, error);
	int code = take_names(request, bytes);
	if (code == 0 && request->input_count == before)
		return usage_error("--files-from %s: there are no names in it",
				   request->files_from);
	return code;
}
