#include "folder.h"

#include "cli/cli.h"
#include "lock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
	PAUSE_MS = 250,
	EVERY = 4, /* pauses from one look at the inbox to the next */
	LONGEST_NAME = 200,
	LONGEST_STEM = 230, /* of a file that had to have another name */
	LONGEST_FOLDER = 600,
	LONGEST_PATH = 1024,
	LONGEST_VALUE = 256,
	MOST_CONTROL_BYTES = 64 << 10,
	WAITS_SECONDS = 60, /* a control file for its data */
	MOST_DATA_BYTES = 1 << 30,
};

struct folder {
	struct folder_settings settings;
	char mailbox[LONGEST_VALUE];
	char unacknowledged[64]; /* the id of what was taken in, and is still in the inbox; "" */
	int lock;
	pthread_t thread;
	bool running;
	atomic_bool stopping;
};

/* Files */

struct bytes {
	char *p; /* for free() */
	size_t n;
};

static char *read_all(const char *path, size_t most, size_t *size)
{
	struct stat info;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	char *bytes = NULL;
	*size = 0;
	if (fd >= 0 && fstat(fd, &info) == 0 && S_ISREG(info.st_mode) &&
	    (size_t)info.st_size <= most)
		bytes = malloc((size_t)info.st_size + 1);
	while (bytes && *size < (size_t)info.st_size) {
		ssize_t n = read(fd, bytes + *size, (size_t)info.st_size - *size);
		if (n <= 0)
			break;
		*size += (size_t)n;
	}
	if (bytes)
		bytes[*size] = '\0';
	if (fd >= 0)
		close(fd);
	return bytes;
}

static void path_of(const struct folder *folder, char path[LONGEST_PATH], const char *box,
		    const char *stem, const char *ending)
{
	snprintf(path, LONGEST_PATH, "%.600s/%s/%.230s%s", folder->settings.path, box, stem,
		 ending);
}

static bool is_there(const struct folder *folder, const char *box, const char *stem,
		     const char *ending)
{
	char path[LONGEST_PATH];
	struct stat info;
	path_of(folder, path, box, stem, ending);
	return lstat(path, &info) == 0;
}

/* Nothing is written over: a name that is used before gets a number. */
static void free_stem(const struct folder *folder, const char *box, const char *wanted,
		      char stem[LONGEST_STEM])
{
	snprintf(stem, LONGEST_STEM, "%s", wanted);
	for (size_t n = 2;
	     is_there(folder, box, stem, ".dat") || is_there(folder, box, stem, ".ctl"); n++)
		snprintf(stem, LONGEST_STEM, "%s-%zu", wanted, n);
}

/* What is not there needs no move. */
static void move(const char *from, const char *to)
{
	if (rename(from, to) != 0 && errno != ENOENT)
		print_warning("%s could not be moved to %s: %s", from, to, strerror(errno));
}

/* Control files */

/* A name of a mailbox goes into a path. */
static bool is_plain(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_-.";
	return name[strspn(name, letters)] == '\0';
}

static bool says_enough(const struct cpis_control *control)
{
	return control && control->to && *control->to && control->workflow && *control->workflow &&
	       (!control->from || is_plain(control->from));
}

/* What OUT had, with what became of it at its end; as it was, where it is not a control file. */
static void finish(const struct folder *folder, const char *stem, const char *box, struct bytes xml,
		   const char *code, const char *words)
{
	char from[LONGEST_PATH], to[LONGEST_PATH], name[LONGEST_STEM], *text = NULL;
	size_t size = 0;
	struct cpis_failure failure;
	const struct cpis_control became = {
		.event = "TRANSFER",
		.code = code,
		.description = words,
		.at = folder->settings.now(folder->settings.context),
	};
	free_stem(folder, box, stem, name);
	path_of(folder, from, "OUT", stem, ".dat");
	path_of(folder, to, box, name, ".dat");
	move(from, to);
	path_of(folder, from, "OUT", stem, ".ctl");
	path_of(folder, to, box, name, ".ctl");
	if (cpis_control_settle(xml.p, xml.n, &became, &text, &size, &failure) != 0)
		move(from, to);
	else if (cpis_keep_file(to, text, size, &failure) == 0)
		unlink(from);
	else
		print_failure(&failure);
	cpis_free(text);
}

/* Calls */

struct sent {
	const char *method, *rest;	    /* of the path, after the mailbox */
	const struct cpis_control *control; /* NULL: no file is sent */
	const void *body;
	size_t size;
};

static const char *or_none(const char *text)
{
	return text ? text : "";
}

static struct cpis_reply *call(struct folder *folder, const struct sent *sent)
{
	const struct folder_settings *settings = &folder->settings;
	const struct cpis_control *control = sent->control;
	char target[LONGEST_PATH];
	struct cpis_header headers[12] = {
		{ "Accept", "application/vnd.mesh.v2+json" },
		{ "Mex-ClientVersion", "cpis==" CPIS_VERSION },
		{ "Mex-OSName", "Linux" },
		{ "Mex-OSVersion", "1" },
	};
	size_t count = 4;
	if (control) {
		headers[count++] = (struct cpis_header){ "Mex-To", control->to };
		headers[count++] = (struct cpis_header){ "Mex-WorkflowID", control->workflow };
		headers[count++] = (struct cpis_header){ "Mex-Subject", or_none(control->subject) };
		headers[count++] =
			(struct cpis_header){ "Mex-LocalID", or_none(control->local_id) };
	}
	snprintf(target, sizeof(target), "/messageexchange/%s%s", folder->mailbox, sent->rest);
	const struct cpis_call made = {
		.method = sent->method,
		.target = target,
		.headers = headers,
		.header_count = count,
		.body = sent->body,
		.size = sent->size,
		.now = settings->now(settings->context),
		.trusted = 1,
	};
	struct cpis_reply *reply = NULL;
	return settings->call(settings->context, &made, &reply) == 0 ? reply : NULL;
}

static const char *header_of(const struct cpis_reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcasecmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return "";
}

/* OUT */

/* What the mailbox service says: "12" of {"code": "12", ...}. */
static void take_code(const struct cpis_reply *reply, char code[8], char words[LONGEST_VALUE])
{
	char text[1024];
	snprintf(text, sizeof(text), "%.*s", (int)(reply->size < 1000 ? reply->size : 1000),
		 reply->size ? (const char *)reply->body : "");
	const char *at = strstr(text, "\"code\": \""), *said = strstr(text, "\"msg\": \"");
	snprintf(code, 8, "%.*s", at ? (int)strcspn(at + 9, "\"") : 2, at ? at + 9 : "20");
	snprintf(words, LONGEST_VALUE, "%.*s", said ? (int)strcspn(said + 8, "\"") : 0,
		 said ? said + 8 : "");
}

/* The control file says enough. */
static void send_data(struct folder *folder, const char *stem, struct bytes xml,
		      const struct cpis_control *control)
{
	char path[LONGEST_PATH], code[8] = "00", words[LONGEST_VALUE];
	size_t size;
	path_of(folder, path, "OUT", stem, ".dat");
	char *bytes = read_all(path, MOST_DATA_BYTES, &size);
	const struct sent sent = { "POST", "/outbox", control, bytes, size };
	struct cpis_reply *reply = bytes ? call(folder, &sent) : NULL;
	snprintf(words, sizeof(words), "Transferred to the service");
	if (!reply)
		snprintf(code, sizeof(code), "20");
	else if (reply->status != 202)
		take_code(reply, code, words);
	bool good = reply && reply->status == 202;
	finish(folder, stem, good ? "SENT" : "FAILED", xml, code,
	       reply   ? words
	       : bytes ? "The service failed"
		       : "The file could not be read");
	cpis_reply_free(reply);
	free(bytes);
}

static void send_pair(struct folder *folder, const char *stem, struct bytes xml)
{
	struct cpis_control *control = NULL;
	struct cpis_failure failure;
	cpis_control_read(&control, xml.p, xml.n, &failure);
	const char *from = control ? or_none(control->from) : "";
	if (says_enough(control) && !*folder->mailbox)
		snprintf(folder->mailbox, sizeof(folder->mailbox), "%s", from);
	if (!says_enough(control))
		finish(folder, stem, "FAILED", xml, "06",
		       "To_DTS, WorkflowId and a From_DTS of letters and digits are required");
	else if (!*folder->mailbox || (*from && strcmp(from, folder->mailbox) != 0))
		finish(folder, stem, "FAILED", xml, "06", "From_DTS is not the client's mailbox");
	else
		send_data(folder, stem, xml, control);
	cpis_control_free(control);
}

/* Seconds since a file was changed; -1: it is not there. */
static long long age_of(const struct folder *folder, const char *stem, const char *ending)
{
	char path[LONGEST_PATH];
	struct stat info;
	path_of(folder, path, "OUT", stem, ending);
	if (lstat(path, &info) != 0 || !S_ISREG(info.st_mode))
		return -1;
	long long age = (long long)time(NULL) - (long long)info.st_mtim.tv_sec;
	return age < 0 ? 0 : age;
}

static void look_at_pair(struct folder *folder, const char *stem)
{
	char path[LONGEST_PATH];
	struct bytes xml;
	long long control = age_of(folder, stem, ".ctl"), data = age_of(folder, stem, ".dat");
	bool alone = data < 0 && control > WAITS_SECONDS;
	if (control < 2 || (data < 2 && !alone))
		return;
	path_of(folder, path, "OUT", stem, ".ctl");
	xml.p = read_all(path, MOST_CONTROL_BYTES, &xml.n);
	if (alone)
		finish(folder, stem, "FAILED", xml, "06", "There is no data file");
	else
		send_pair(folder, stem, xml);
	free(xml.p);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_control(const struct dirent *entry)
{
	size_t n = strlen(entry->d_name);
	return entry->d_name[0] != '.' && n > 4 && n < LONGEST_NAME &&
	       strcmp(entry->d_name + n - 4, ".ctl") == 0;
}

static void look_at_out(struct folder *folder)
{
	char path[LONGEST_PATH];
	struct dirent **entries = NULL;
	path_of(folder, path, "OUT", "", "");
	int count = scandir(path, &entries, is_control, by_name);
	for (int i = 0; i < count; i++) {
		entries[i]->d_name[strlen(entries[i]->d_name) - 4] = '\0';
		look_at_pair(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
}

/* IN */

static int write_control(const struct folder *folder, const char *id,
			 const struct cpis_reply *reply, const char *path,
			 struct cpis_failure *failure)
{
	char *bytes = NULL;
	size_t size = 0;
	const struct cpis_control control = {
		.from = header_of(reply, "Mex-From"),
		.to = header_of(reply, "Mex-To"),
		.workflow = header_of(reply, "Mex-WorkflowID"),
		.subject = header_of(reply, "Mex-Subject"),
		.local_id = header_of(reply, "Mex-LocalID"),
		.id = id,
		.report = strcmp(header_of(reply, "Mex-MessageType"), "REPORT") == 0,
		.event = header_of(reply, "Mex-StatusEvent"),
		.code = header_of(reply, "Mex-StatusCode"),
		.description = header_of(reply, "Mex-StatusDescription"),
		.at = folder->settings.now(folder->settings.context),
	};
	int status = cpis_control_write(&control, &bytes, &size, failure);
	if (status == 0)
		status = cpis_keep_file(path, bytes, size, failure);
	cpis_free(bytes);
	return status;
}

/* Until this is done nothing else is taken in: it would come again, under another name. */
static bool acknowledge(struct folder *folder)
{
	char rest[128];
	if (!*folder->unacknowledged)
		return true;
	snprintf(rest, sizeof(rest), "/inbox/%s/status/acknowledged", folder->unacknowledged);
	const struct sent done = { "PUT", rest, NULL, NULL, 0 };
	struct cpis_reply *reply = call(folder, &done);
	if (reply)
		folder->unacknowledged[0] = '\0';
	cpis_reply_free(reply);
	return !*folder->unacknowledged;
}

/* The data first, then what says that it is there. */
static int write_pair(const struct folder *folder, const char *id, const struct cpis_reply *reply,
		      struct cpis_failure *failure)
{
	char data[LONGEST_PATH], control[LONGEST_PATH], name[LONGEST_STEM];
	free_stem(folder, "IN", id, name);
	path_of(folder, data, "IN", name, ".dat");
	path_of(folder, control, "IN", name, ".ctl");
	if (reply->size && cpis_keep_file(data, reply->body, reply->size, failure) != 0)
		return -1;
	int status = write_control(folder, id, reply, control, failure);
	if (status != 0)
		unlink(data);
	return status;
}

/* Then the acknowledgement: a crash loses nothing. */
static void take_in(struct folder *folder, const char *id)
{
	char rest[128];
	snprintf(rest, sizeof(rest), "/inbox/%s", id);
	const struct sent ask = { "GET", rest, NULL, NULL, 0 };
	struct cpis_reply *reply = call(folder, &ask);
	struct cpis_failure failure;
	if (reply && reply->status == 200) {
		if (write_pair(folder, id, reply, &failure) == 0)
			snprintf(folder->unacknowledged, sizeof(folder->unacknowledged), "%s", id);
		else
			print_failure(&failure);
	}
	cpis_reply_free(reply);
}

static void look_at_inbox(struct folder *folder)
{
	const struct sent ask = { "GET", "/inbox", NULL, NULL, 0 };
	bool looks = *folder->mailbox && acknowledge(folder);
	struct cpis_reply *reply = looks ? call(folder, &ask) : NULL;
	char *list = reply && reply->status == 200 ? strndup(reply->body, reply->size) : NULL;
	char *at = list ? strchr(list, '[') : NULL, *end = at ? strchr(at, ']') : NULL;
	cpis_reply_free(reply);
	if (end)
		*end = '\0';
	for (char *id = at ? strchr(at, '"') : NULL; id && acknowledge(folder);
	     id = strchr(id, '"')) {
		size_t n = strcspn(++id, "\"");
		char *next = id + n + (id[n] != '\0');
		id[n] = '\0';
		if (n && n < 64)
			take_in(folder, id);
		id = next;
	}
	acknowledge(folder);
	free(list);
}

static void *watch(void *context)
{
	struct folder *folder = context;
	const struct timespec pause = { 0, PAUSE_MS * 1000000L };
	for (size_t round = 0; !atomic_load(&folder->stopping); round++) {
		look_at_out(folder);
		if (round % EVERY == 0)
			look_at_inbox(folder);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

/* -1 with the reason in *failure, which names the folder. */
static int make_boxes(struct folder *folder, struct cpis_failure *failure)
{
	static const char *const boxes[] = { "", "IN", "OUT", "SENT", "FAILED" };
	char path[LONGEST_PATH];
	if (strlen(folder->settings.path) > LONGEST_FOLDER) {
		snprintf(failure->text, sizeof(failure->text), "the name is too long");
		return -1;
	}
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		path_of(folder, path, boxes[i], "", "");
		if (mkdir(path, 0700) == 0 || errno == EEXIST)
			continue;
		snprintf(failure->text, sizeof(failure->text), "it cannot be made: %s",
			 strerror(errno));
		return -1;
	}
	return 0;
}

/* Two twins would both send what is in OUT. */
static int lock_boxes(struct folder *folder, struct cpis_failure *failure)
{
	folder->lock = open(folder->settings.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder->lock >= 0)
		return lock_take(folder->lock, folder->settings.path, failure);
	snprintf(failure->text, sizeof(failure->text), "it cannot be opened: %s", strerror(errno));
	return -1;
}

int folder_open(struct folder **made, const struct folder_settings *settings,
		struct cpis_failure *failure)
{
	struct folder *folder = calloc(1, sizeof(*folder));
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", settings->path);
	snprintf(failure->text, sizeof(failure->text), "out of memory");
	if (!folder)
		return -1;
	folder->settings = *settings;
	folder->lock = -1;
	snprintf(folder->mailbox, sizeof(folder->mailbox), "%s",
		 settings->mailbox ? settings->mailbox : "");
	if (make_boxes(folder, failure) != 0 || lock_boxes(folder, failure) != 0) {
		folder_close(folder);
		return -1;
	}
	folder->running = pthread_create(&folder->thread, NULL, watch, folder) == 0;
	if (!folder->running) {
		folder_close(folder);
		return -1;
	}
	*made = folder;
	return 0;
}

void folder_close(struct folder *folder)
{
	if (!folder)
		return;
	atomic_store(&folder->stopping, true);
	if (folder->running)
		pthread_join(folder->thread, NULL);
	if (folder->lock >= 0)
		close(folder->lock);
	free(folder);
}
