#include "journal.h"

#include "lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fail(struct cpis_failure *failure, enum cpis_failure_kind kind, const char *file)
{
	*failure = (struct cpis_failure){ .kind = kind };
	snprintf(failure->file, sizeof(failure->file), "%s", file);
	snprintf(failure->text, sizeof(failure->text), "it cannot be written: %s", strerror(errno));
	return -1;
}

/* What was half written when a process ended: it has another name until it is whole. */
static void remove_half_written(int folder, const char *name)
{
	static const char start[] = ".cpis-";
	size_t n = sizeof(start) - 1;
	if (strncmp(name, start, n) == 0 && strspn(name + n, "0123456789abcdef") == 16 &&
	    !name[n + 16])
		unlinkat(folder, name, 0);
}

/* The highest number in the folder: a twin that is started again goes on from there. */
static size_t last_number(const char *folder)
{
	DIR *listing = opendir(folder);
	size_t last = 0;
	for (const struct dirent *entry; listing && (entry = readdir(listing));) {
		remove_half_written(dirfd(listing), entry->d_name);
		size_t number = strtoul(entry->d_name, NULL, 10);
		if (number > last && strstr(entry->d_name, "-request.http"))
			last = number;
	}
	if (listing)
		closedir(listing);
	return last;
}

/* Of an exchange that was not answered, because the process ended while its line was written. */
static int drop_half_line(int lines)
{
	struct stat info;
	char last = '\n';
	if (fstat(lines, &info) != 0)
		return -1;
	off_t end = S_ISREG(info.st_mode) ? info.st_size : 0;
	for (off_t at = end; at > 0; at--)
		if (pread(lines, &last, 1, at - 1) != 1)
			return -1;
		else if (last == '\n')
			return at == end ? 0 : ftruncate(lines, at);
	return end ? ftruncate(lines, 0) : 0;
}

/* At the end of the file in one piece, and on the disk, before the exchange is answered. What is
 * not a file cannot be synced. */
static int add_line(const struct journal *journal, char *text)
{
	size_t n = strlen(text);
	text[n] = '\n';
	ssize_t written = write(journal->lines, text, n + 1);
	text[n] = '\0';
	if (written >= 0 && (size_t)written != n + 1) {
		/* Or the next line would be the end of half a line. */
		drop_half_line(journal->lines);
		errno = ENOSPC;
		return -1;
	}
	if (written < 0)
		return -1;
	return fdatasync(journal->lines) == 0 || errno == EINVAL || errno == EROFS ? 0 : -1;
}

/* What is not a file has no numbers to share. */
static int lock_lines(int lines, const char *path, struct cpis_failure *failure)
{
	struct stat info;
	return fstat(lines, &info) == 0 && S_ISREG(info.st_mode) ? lock_take(lines, path, failure)
								 : 0;
}

int journal_open(struct journal *journal, const char *folder, struct cpis_failure *failure)
{
	char path[4096];
	journal->folder = folder;
	journal->lines = -1;
	pthread_mutex_init(&journal->lock, NULL);
	if (!folder)
		return 0;
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, folder);
	snprintf(path, sizeof(path), "%s/journal.jsonl", folder);
	journal->lines = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0666);
	if (journal->lines < 0)
		return fail(failure, CPIS_FAILURE_CONFIGURATION, path);
	/* Before anything is looked at: the process that has it makes files meanwhile. */
	if (lock_lines(journal->lines, path, failure) != 0)
		return -1;
	journal->count = last_number(folder);
	return drop_half_line(journal->lines) == 0
		       ? 0
		       : fail(failure, CPIS_FAILURE_CONFIGURATION, path);
}

void journal_close(struct journal *journal)
{
	if (journal->folder && journal->lines >= 0)
		close(journal->lines);
	pthread_mutex_destroy(&journal->lock);
}

static int write_file(const struct journal *journal, size_t number, const char *name,
		      const void *bytes, size_t size, struct cpis_failure *failure)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/%06zu-%s", journal->folder, number, name);
	return cpis_keep_file(path, bytes, size, failure);
}

struct line {
	char *text;
	size_t used;
};

/* "name": "value"; what is not plain in the value is left out. */
static void add(struct line *line, const char *name, const char *value)
{
	char plain[128];
	size_t n = 0;
	for (; value && *value && n + 1 < sizeof(plain); value++)
		if ((unsigned char)*value >= ' ' && *value != '"' && *value != '\\' &&
		    (unsigned char)*value < 0x7f)
			plain[n++] = *value;
	plain[n] = 0;
	if (n && line->used + n + strlen(name) + 16 < LINE_BYTES)
		line->used += (size_t)snprintf(line->text + line->used, LINE_BYTES - line->used,
					       ", \"%s\": \"%s\"", name, plain);
}

static const char *type_of_request(const struct cpis_reply *reply, struct cpis_message *message)
{
	if (cpis_results_message(reply->results, 0, message, sizeof(*message)) != 0)
		return NULL;
	return message->type;
}

static void make_line(char *text, size_t number, const struct cpis_call *call,
		      const struct cpis_reply *reply)
{
	struct cpis_message message;
	struct line line = { text, 0 };
	line.used = (size_t)snprintf(text, LINE_BYTES,
				     "{\"number\": %zu, \"time\": %lld, "
				     "\"status\": %u",
				     number, call->now, reply->silent ? 0 : reply->status);
	add(&line, "door", reply->door);
	add(&line, "client", call->client);
	add(&line, "request", type_of_request(reply, &message));
	add(&line, "request-verdict", cpis_verdict_name(reply->request_verdict));
	add(&line, "reply", reply->silent ? "none" : reply->reply_type);
	add(&line, "reply-verdict", cpis_verdict_name(reply->reply_verdict));
	add(&line, "outcome", reply->kind);
	add(&line, "code", reply->code);
	add(&line, "rule", reply->rule);
	add(&line, "basis", reply->basis);
	add(&line, "scenario", reply->scenario);
	snprintf(text + line.used, LINE_BYTES - line.used, "}");
}

static int keep_files(struct journal *journal, size_t number, const struct cpis_reply *reply,
		      struct cpis_failure *failure)
{
	char *results = NULL;
	size_t size = 0;
	if (write_file(journal, number, "request.http", reply->request_capture, reply->request_size,
		       failure) != 0)
		return -1;
	if (reply->reply_size && write_file(journal, number, "reply.http", reply->reply_capture,
					    reply->reply_size, failure) != 0)
		return -1;
	if (cpis_report_bytes(reply->results, "xml", &results, &size, failure) != 0)
		return -1;
	int status = write_file(journal, number, "results.xml", results, size, failure);
	cpis_free(results);
	return status;
}

int journal_add(struct journal *journal, const struct cpis_call *call,
		const struct cpis_reply *reply, struct cpis_failure *failure)
{
	char text[LINE_BYTES];
	pthread_mutex_lock(&journal->lock);
	size_t number = ++journal->count;
	pthread_mutex_unlock(&journal->lock);
	make_line(text, number, call, reply);
	int status = journal->folder ? keep_files(journal, number, reply, failure) : 0;
	pthread_mutex_lock(&journal->lock);
	memcpy(journal->latest[number % JOURNAL_LATEST], text, sizeof(text));
	if (status == 0 && journal->lines >= 0 && add_line(journal, text) != 0)
		status = fail(failure, CPIS_FAILURE_INTERNAL, "journal.jsonl");
	pthread_mutex_unlock(&journal->lock);
	return status;
}

void journal_list(struct journal *journal, cpis_write write, void *context)
{
	size_t kept = 0;
	write(context, "[", 1);
	pthread_mutex_lock(&journal->lock);
	for (size_t number = journal->count; number > 0 && kept < JOURNAL_LATEST; number--) {
		const char *text = journal->latest[number % JOURNAL_LATEST];
		if (!*text)
			continue;
		if (kept++)
			write(context, ",\n", 2);
		write(context, text, strlen(text));
	}
	pthread_mutex_unlock(&journal->lock);
	write(context, "]\n", 2);
}

int journal_results(const struct journal *journal, size_t number, char *path, size_t room)
{
	struct stat info;
	if (!journal->folder)
		return 0;
	snprintf(path, room, "%s/%06zu-results.xml", journal->folder, number);
	return stat(path, &info) == 0;
}
