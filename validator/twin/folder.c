#include "folder.h"

#include "cli/cli.h"

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
	LONGEST_PATH = 1024,
	LONGEST_VALUE = 256,
	MOST_CONTROL_BYTES = 64 << 10,
	WAITS_SECONDS = 60, /* a control file for its data */
	MOST_DATA_BYTES = 1 << 30,
};

struct folder {
	struct folder_settings settings;
	char mailbox[LONGEST_VALUE];
	pthread_t thread;
	bool running;
	atomic_bool stopping;
};

/* Files */

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

/* Whole, or not at all: under another name first. */
static int write_all(const char *path, const void *bytes, size_t size)
{
	char other[LONGEST_PATH + 8];
	snprintf(other, sizeof(other), "%s.part", path);
	FILE *file = fopen(other, "wxe");
	if (!file)
		return -1;
	bool good = fwrite(bytes, 1, size, file) == size && fflush(file) == 0 &&
		    fsync(fileno(file)) == 0;
	good = fclose(file) == 0 && good && rename(other, path) == 0;
	if (!good)
		unlink(other);
	return good ? 0 : -1;
}

static void path_of(const struct folder *folder, char path[LONGEST_PATH], const char *box,
		    const char *stem, const char *ending)
{
	snprintf(path, LONGEST_PATH, "%.600s/%s/%.200s%s", folder->settings.path, box, stem,
		 ending);
}

/* Control files */

struct control {
	char from[LONGEST_VALUE], to[LONGEST_VALUE], workflow[LONGEST_VALUE],
		subject[LONGEST_VALUE], local_id[LONGEST_VALUE];
};

static void unescape(char *text)
{
	static const char *const entities[] = { "&amp;&", "&lt;<", "&gt;>", "&quot;\"", "&apos;'" };
	char *to = text;
	for (char *at = text; *at; to++) {
		const char *found = NULL;
		for (size_t i = 0; !found && i < sizeof(entities) / sizeof(entities[0]); i++)
			if (strncmp(at, entities[i], strlen(entities[i]) - 1) == 0)
				found = entities[i];
		*to = found ? found[strlen(found) - 1] : *at;
		at += found ? strlen(found) - 1 : 1;
	}
	*to = '\0';
}

/* The text of an element, which has no attributes and no elements in it; "" where it is not. */
static void take(char value[LONGEST_VALUE], const char *xml, const char *name)
{
	char tag[64];
	snprintf(tag, sizeof(tag), "<%s>", name);
	const char *at = strstr(xml, tag);
	const char *end = at ? strchr(at + strlen(tag), '<') : NULL;
	value[0] = '\0';
	if (!end || strncmp(end + 1, "/", 1) != 0)
		return;
	snprintf(value, LONGEST_VALUE, "%.*s", (int)(end - at - (long)strlen(tag)),
		 at + strlen(tag));
	unescape(value);
}

/* A name of a mailbox goes into a path. */
static bool is_plain(const char *name)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789_-.";
	return name[strspn(name, letters)] == '\0';
}

static bool read_control(struct control *control, const char *xml)
{
	take(control->from, xml, "From_DTS");
	take(control->to, xml, "To_DTS");
	take(control->workflow, xml, "WorkflowId");
	take(control->subject, xml, "Subject");
	take(control->local_id, xml, "LocalId");
	return strstr(xml, "<DTSControl") && strstr(xml, "</DTSControl>") && *control->to &&
	       *control->workflow && is_plain(control->from);
}

struct text {
	char *p;
	size_t n;
	FILE *file;
};

static void put(struct text *text, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(text->file, "\t<%s>", name);
	for (; *value; value++)
		if (*value == '&')
			fputs("&amp;", text->file);
		else if (*value == '<')
			fputs("&lt;", text->file);
		else
			fputc(*value, text->file);
	fprintf(text->file, "</%s>\n", name);
}

static void put_status(struct text *text, long long now, const char *event, const char *code,
		       const char *words)
{
	char digits[32];
	time_t at = (time_t)now;
	struct tm parts;
	gmtime_r(&at, &parts);
	strftime(digits, sizeof(digits), "%Y%m%d%H%M%S", &parts);
	fputs("\t<StatusRecord>\n", text->file);
	put(text, "DateTime", digits);
	put(text, "Event", event);
	put(text, "Status", strcmp(code, "00") == 0 ? "SUCCESS" : "ERROR");
	put(text, "StatusCode", code);
	put(text, "Description", words);
	fputs("\t</StatusRecord>\n", text->file);
}

/* What OUT had, with the status before its end. */
static void finish(const struct folder *folder, const char *stem, const char *box, char *xml,
		   const char *code, const char *words)
{
	char from[LONGEST_PATH], to[LONGEST_PATH];
	struct text text = { 0 };
	path_of(folder, from, "OUT", stem, ".dat");
	path_of(folder, to, box, stem, ".dat");
	rename(from, to);
	path_of(folder, from, "OUT", stem, ".ctl");
	path_of(folder, to, box, stem, ".ctl");
	char *end = strstr(xml, "</DTSControl>");
	text.file = open_memstream(&text.p, &text.n);
	if (!end || !text.file) {
		rename(from, to);
	} else {
		fwrite(xml, 1, (size_t)(end - xml), text.file);
		put_status(&text, folder->settings.now(folder->settings.context), "TRANSFER", code,
			   words);
		fputs(end, text.file);
		fflush(text.file);
		if (write_all(to, text.p, text.n) == 0)
			unlink(from);
		else
			print_warning("%s cannot be written: %s", to, strerror(errno));
	}
	if (text.file)
		fclose(text.file);
	free(text.p);
}

/* Calls */

struct sent {
	const char *method, *rest;     /* of the path, after the mailbox */
	const struct control *control; /* NULL: no file is sent */
	const void *body;
	size_t size;
};

static struct cpis_reply *call(struct folder *folder, const struct sent *sent)
{
	const struct folder_settings *settings = &folder->settings;
	const struct control *control = sent->control;
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
		headers[count++] = (struct cpis_header){ "Mex-Subject", control->subject };
		headers[count++] = (struct cpis_header){ "Mex-LocalID", control->local_id };
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

static void send_pair(struct folder *folder, const char *stem, char *xml)
{
	struct control control;
	char path[LONGEST_PATH], code[8] = "00", words[LONGEST_VALUE];
	size_t size;
	if (!read_control(&control, xml)) {
		finish(folder, stem, "FAILED", xml, "06",
		       "To_DTS, WorkflowId and a From_DTS of letters and digits are required");
		return;
	}
	if (!*folder->mailbox)
		snprintf(folder->mailbox, sizeof(folder->mailbox), "%s", control.from);
	if (!*folder->mailbox || (*control.from && strcmp(control.from, folder->mailbox) != 0)) {
		finish(folder, stem, "FAILED", xml, "06", "From_DTS is not the client's mailbox");
		return;
	}
	path_of(folder, path, "OUT", stem, ".dat");
	char *bytes = read_all(path, MOST_DATA_BYTES, &size);
	const struct sent sent = { "POST", "/outbox", &control, bytes, size };
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
	size_t size;
	long long control = age_of(folder, stem, ".ctl"), data = age_of(folder, stem, ".dat");
	bool alone = data < 0 && control > WAITS_SECONDS;
	if (control < 2 || (data < 2 && !alone))
		return;
	path_of(folder, path, "OUT", stem, ".ctl");
	char *xml = read_all(path, MOST_CONTROL_BYTES, &size);
	char none[] = "";
	if (alone)
		finish(folder, stem, "FAILED", xml ? xml : none, "06", "There is no data file");
	else if (!xml || strlen(xml) != size)
		finish(folder, stem, "FAILED", none, "06", "");
	else
		send_pair(folder, stem, xml);
	free(xml);
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
			 const struct cpis_reply *reply, const char *path)
{
	struct text text = { 0 };
	bool report = strcmp(header_of(reply, "Mex-MessageType"), "REPORT") == 0;
	text.file = open_memstream(&text.p, &text.n);
	if (!text.file)
		return -1;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DTSControl>\n", text.file);
	put(&text, "Version", "1.0");
	put(&text, "AddressType", "DTS");
	put(&text, "MessageType", report ? "Report" : "Data");
	put(&text, "WorkflowId", header_of(reply, "Mex-WorkflowID"));
	put(&text, "From_DTS", header_of(reply, "Mex-From"));
	put(&text, "To_DTS", header_of(reply, "Mex-To"));
	put(&text, "Subject", header_of(reply, "Mex-Subject"));
	put(&text, "LocalId", header_of(reply, "Mex-LocalID"));
	put(&text, "DTSId", id);
	put(&text, "Compress", "N");
	put(&text, "Encrypted", "N");
	put_status(&text, folder->settings.now(folder->settings.context),
		   header_of(reply, "Mex-StatusEvent"), header_of(reply, "Mex-StatusCode"),
		   header_of(reply, "Mex-StatusDescription"));
	fputs("</DTSControl>\n", text.file);
	fflush(text.file);
	int status = write_all(path, text.p, text.n);
	fclose(text.file);
	free(text.p);
	return status;
}

/* The data first, then what says that it is there, then the acknowledgement: a crash loses nothing.
 */
static void take_in(struct folder *folder, const char *id)
{
	char rest[128], path[LONGEST_PATH];
	snprintf(rest, sizeof(rest), "/inbox/%s", id);
	const struct sent ask = { "GET", rest, NULL, NULL, 0 };
	struct cpis_reply *reply = call(folder, &ask);
	if (!reply || reply->status != 200) {
		cpis_reply_free(reply);
		return;
	}
	bool good = true;
	path_of(folder, path, "IN", id, ".dat");
	if (reply->size)
		good = write_all(path, reply->body, reply->size) == 0;
	path_of(folder, path, "IN", id, ".ctl");
	good = good && write_control(folder, id, reply, path) == 0;
	cpis_reply_free(reply);
	if (!good) {
		print_warning("%s cannot be written: %s", path, strerror(errno));
		return;
	}
	snprintf(rest, sizeof(rest), "/inbox/%s/status/acknowledged", id);
	const struct sent done = { "PUT", rest, NULL, NULL, 0 };
	cpis_reply_free(call(folder, &done));
}

static void look_at_inbox(struct folder *folder)
{
	const struct sent ask = { "GET", "/inbox", NULL, NULL, 0 };
	struct cpis_reply *reply = *folder->mailbox ? call(folder, &ask) : NULL;
	char *list = reply && reply->status == 200 ? strndup(reply->body, reply->size) : NULL;
	char *at = list ? strchr(list, '[') : NULL, *end = at ? strchr(at, ']') : NULL;
	cpis_reply_free(reply);
	if (end)
		*end = '\0';
	for (char *id = at ? strchr(at, '"') : NULL; id; id = strchr(id, '"')) {
		size_t n = strcspn(++id, "\"");
		char *next = id + n + (id[n] != '\0');
		id[n] = '\0';
		if (n && n < 64)
			take_in(folder, id);
		id = next;
	}
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

int folder_open(struct folder **made, const struct folder_settings *settings,
		struct cpis_failure *failure)
{
	static const char *const boxes[] = { "", "IN", "OUT", "SENT", "FAILED" };
	struct folder *folder = calloc(1, sizeof(*folder));
	char path[LONGEST_PATH];
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", settings->path);
	snprintf(failure->text, sizeof(failure->text), "out of memory");
	if (!folder)
		return -1;
	folder->settings = *settings;
	snprintf(folder->mailbox, sizeof(folder->mailbox), "%s",
		 settings->mailbox ? settings->mailbox : "");
	for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++) {
		path_of(folder, path, boxes[i], "", "");
		if (mkdir(path, 0700) == 0 || errno == EEXIST)
			continue;
		snprintf(failure->text, sizeof(failure->text), "it cannot be made: %s",
			 strerror(errno));
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
	free(folder);
}
