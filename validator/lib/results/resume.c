/*
 * What is done of a part is kept while the rest is judged, so that another try goes on from there.
 *
 * FILE.part is a row of frames, each written whole and synced: the results of some files, as a
 * document of their own, after a line with its length and digest. A frame counts only if all that
 * it says was read is as it was; a frame that was not written to its end is cut off. FILE is
 * written when all is done, and FILE.part is removed after that: whenever the program is killed,
 * what counts is in one of them.
 */
#include "cpis.h"

#include "base/buf.h"
#include "base/character.h"
#include "base/digest.h"
#include "base/files.h"
#include "base/inputs.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/limits.h"
#include "engine/shard.h"
#include "engine/source.h"
#include "results/document.h"
#include "results/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Where lists ended when they were kept last. */
struct kept {
	size_t messages, left_out, files;
	struct rule_tally *tallies; /* as many as there are rules */
	size_t *roots;		    /* kept, of each root */
};

/* A file that was done, and how often; or a frame in the file. */
struct done {
	const char *path;
	size_t times;
};

struct frame {
	size_t start, bytes; /* of its document */
};

struct cpis_resume {
	char *file, *part;
	int fd; /* of part, which it locks */
	struct arena arena;
	struct done *done; /* a table: at least twice as many places as there are paths */
	size_t done_count, done_room;
	size_t taken; /* files that earlier tries did */
	struct kept kept;
	struct rule *rules; /* without what need not be said again and again */
	const struct rule **rule_list;
	double started, last, cost; /* in seconds; cost: of keeping, the last time */
};

static double seconds_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* 0 with the lock; -1 with the reason. */
static int lock(struct cpis_resume *resume, struct cpis_failure *failure)
{
	resume->fd = files_lock(resume->part, O_RDWR | O_CREAT, LOCK_EX | LOCK_NB);
	if (resume->fd >= 0)
		return 0;
	return failure_of_file(failure, resume->part, "%s",
			       errno == EWOULDBLOCK ? "another process is at work on it"
						    : strerror(errno));
}

int cpis_resume_open(struct cpis_resume **made, const char *file, struct cpis_failure *failure)
{
	struct cpis_resume *resume = calloc(1, sizeof(*resume));
	if (!resume)
		return failure_out_of_memory(failure);
	resume->fd = -1;
	resume->file = strdup(file);
	if (!resume->file || asprintf(&resume->part, "%s.part", file) < 0) {
		resume->part = NULL;
		cpis_resume_close(resume);
		return failure_out_of_memory(failure);
	}
	if (lock(resume, failure) != 0) {
		cpis_resume_close(resume);
		return -1;
	}
	*made = resume;
	return 0;
}

void cpis_resume_close(struct cpis_resume *resume)
{
	if (!resume)
		return;
	if (resume->fd >= 0)
		close(resume->fd);
	free(resume->file);
	free(resume->part);
	free(resume->done);
	free(resume->kept.tallies);
	free(resume->kept.roots);
	free(resume->rules);
	free((void *)resume->rule_list);
	arena_release(&resume->arena);
	free(resume);
}

int cpis_resume_finish(struct cpis_resume *resume, struct cpis_failure *failure)
{
	if (unlink(resume->part) == 0 || errno == ENOENT)
		return 0;
	return failure_of_file(failure, resume->part, "cannot be removed: %s", strerror(errno));
}

size_t cpis_resume_count(const struct cpis_resume *resume)
{
	return resume->taken;
}

/* Whether files are as they were */

/* The path that results write so, to be freed; what they write is longer. NULL: out of memory. */
static char *read_name(const char *written)
{
	char *path = strdup(written);
	if (path)
		character_read_whole_name(path, path);
	return path;
}

static bool is_same_file(const struct results *results, const char *path, const char *sha256,
			 size_t bytes)
{
	struct source source;
	const char *why;
	char now[65], *named = sha256[0] ? read_name(path) : NULL;
	if (!named || limits_open_source(&source, named, &results->options, &why) != 0) {
		free(named);
		return false;
	}
	bool same = source.bytes.n == bytes;
	if (same) {
		digest_sha256(source.bytes, now);
		same = strcmp(now, sha256) == 0 && !source_has_changed(&source);
	}
	source_close(&source);
	free(named);
	return same;
}

static bool are_files_same(const struct results *results, const struct results *earlier)
{
	for (size_t i = 0; i < earlier->file_count; i++) {
		const struct file_result *file = &earlier->files[i];
		if (!is_same_file(results, file->path, file->sha256, file->bytes))
			return false;
		/* An archive, or a file that was passed over, such as an earlier report. */
		char *named = read_name(file->path);
		if (named)
			inputs_pass_over(named);
		free(named);
	}
	return true;
}

static bool is_listed(const struct results *earlier, const char *source)
{
	for (size_t i = 0; i < earlier->file_count; i++) {
		size_t n = strlen(earlier->files[i].path);
		if (strncmp(earlier->files[i].path, source, n) == 0 &&
		    (source[n] == '!' || source[n] == '\0'))
			return true;
	}
	return false;
}

/* Of a finished document, where messages say what they were read from. */
static bool are_messages_same(const struct results *results, const struct results *earlier,
			      size_t *files)
{
	const char *last = NULL;
	for (size_t i = 0; i < earlier->message_count; i++) {
		const struct message_result *message = &earlier->messages[i];
		if (text_same(last, message->source))
			continue;
		last = message->source;
		if (is_listed(earlier, message->source))
			continue;
		++*files;
		if (!is_same_file(results, message->source, message->sha256, message->bytes))
			return false;
	}
	return true;
}

/* A MESH transfer whose other file came later is another one. */
static bool is_mesh(const char *path)
{
	return mesh_is_control_name(path) || mesh_is_data_name(path);
}

static bool has_mesh(const struct results *earlier)
{
	for (size_t i = 0; i < earlier->message_count; i++)
		if (is_mesh(earlier->messages[i].source))
			return true;
	for (size_t i = 0; i < earlier->file_count; i++)
		if (is_mesh(earlier->files[i].path))
			return true;
	return false;
}

static bool has_same_listing(const struct results *a, const struct results *b)
{
	return strcmp(a->shards[0].listing, b->shards[0].listing) == 0;
}

/* What earlier tries have done */

static void release(struct results *results)
{
	cpis_results_free(results_outside(results));
}

/* 1: all is done, and in results; 0: it is not; -1: out of memory. */
static int take_finished(struct cpis_resume *resume, struct results *results,
			 struct cpis_failure *failure)
{
	struct cpis_failure why;
	struct results *earlier = results_read_new();
	if (!earlier)
		return failure_out_of_memory(failure);
	int status = 0;
	size_t files = 0;
	inputs_own(resume->file);
	if (access(resume->file, F_OK) == 0 &&
	    results_read_file(earlier, resume->file, &why) == 0 &&
	    results_are_of_part(results, earlier) && has_same_listing(results, earlier) &&
	    !has_mesh(earlier) && are_files_same(results, earlier) &&
	    are_messages_same(results, earlier, &files)) {
		resume->taken = files + earlier->file_count;
		/* What waits for the whole was judged then, if this is the whole. */
		if (!results_lack_parts(results))
			results->root_count = 0;
		status =
			results_take_earlier(results, earlier, resume->file, failure) == 0 ? 1 : -1;
	}
	release(earlier);
	return status;
}

/* Its place in the table, or the free one where it would be. */
static struct done *place_of(const struct cpis_resume *resume, const char *path)
{
	size_t mask = resume->done_room - 1, i = (size_t)str_hash(str_of(path)) & mask;
	while (resume->done[i].path && strcmp(resume->done[i].path, path) != 0)
		i = (i + 1) & mask;
	return &resume->done[i];
}

static struct done *find_done(const struct cpis_resume *resume, const char *path)
{
	struct done *done = resume->done_count ? place_of(resume, path) : NULL;
	return done && done->path ? done : NULL;
}

static int make_room(struct cpis_resume *resume)
{
	enum { FIRST_ROOM = 1024 };
	struct done *before = resume->done;
	size_t room = resume->done_room;
	if (resume->done_count * 2 < room)
		return 0;
	struct done *wider = calloc(room ? room * 2 : FIRST_ROOM, sizeof(*wider));
	if (!wider)
		return -1;
	resume->done = wider;
	resume->done_room = room ? room * 2 : FIRST_ROOM;
	for (size_t i = 0; i < room; i++)
		if (before[i].path)
			*place_of(resume, before[i].path) = before[i];
	free(before);
	return 0;
}

/* Frames are looked at from the last: where a file is in two, the later one counts. */
static bool is_done_later(const struct cpis_resume *resume, const struct results *frame)
{
	for (size_t i = 0; i < frame->file_count; i++)
		if (!frame->files[i].beside && find_done(resume, frame->files[i].path))
			return true;
	return false;
}

static int note_done(struct cpis_resume *resume, const struct results *frame)
{
	for (size_t i = 0; i < frame->file_count; i++) {
		const char *path = frame->files[i].path;
		if (frame->files[i].beside)
			continue;
		if (make_room(resume) != 0)
			return -1;
		struct done *done = place_of(resume, path);
		if (!done->path) {
			done->path = arena_copy(&resume->arena, str_of(path));
			resume->done_count++;
		}
		if (!done->path)
			return -1;
		done->times++;
		resume->taken++;
	}
	return 0;
}

static int take_frame(struct cpis_resume *resume, struct results *results, struct str document,
		      struct cpis_failure *failure)
{
	struct cpis_failure why;
	struct results *frame = results_read_new();
	if (!frame)
		return failure_out_of_memory(failure);
	int status = 0;
	if (results_read(frame, document, resume->part, &why) == 0 &&
	    results_are_of_part(results, frame) &&
	    (!has_mesh(frame) || has_same_listing(results, frame)) &&
	    !is_done_later(resume, frame) && are_files_same(results, frame)) {
		status = note_done(resume, frame) == 0
				 ? results_take_earlier(results, frame, resume->part, failure)
				 : failure_out_of_memory(failure);
	}
	release(frame);
	return status;
}

/* "frame 1234 DIGEST\n", then so many bytes and a line feed. 0: it is not whole. */
static size_t frame_at(struct str bytes, struct frame *frame, size_t start)
{
	char digest[65], now[65], line[128];
	size_t length;
	int n = 0;
	struct str rest = str_from(bytes, start);
	snprintf(line, sizeof(line), "%.*s", (int)(rest.n < 120 ? rest.n : 120), rest.p);
	if (sscanf(line, "frame %zu %64[0-9a-f]%n", &length, digest, &n) != 2 || line[n] != '\n' ||
	    length >= rest.n || (size_t)n + 1 > rest.n - length - 1)
		return 0;
	struct str document = { rest.p + n + 1, length };
	digest_sha256(document, now);
	if (strcmp(now, digest) != 0 || document.p[length] != '\n')
		return 0;
	*frame = (struct frame){ start + (size_t)n + 1, length };
	return (size_t)n + 1 + length + 1;
}

/* The whole of the file; NULL: it cannot be read. */
static char *read_part(const struct cpis_resume *resume, size_t *bytes)
{
	struct stat status;
	if (fstat(resume->fd, &status) != 0)
		return NULL;
	size_t size = (size_t)status.st_size, n = 0;
	char *text = malloc(size + 1);
	while (text && n < size) {
		ssize_t got = pread(resume->fd, text + n, size - n, (off_t)n);
		if (got <= 0 && !(got < 0 && errno == EINTR))
			break;
		n += got > 0 ? (size_t)got : 0;
	}
	if (text)
		text[n] = '\0';
	*bytes = n;
	return text;
}

static int take_frames(struct cpis_resume *resume, struct results *results,
		       struct cpis_failure *failure)
{
	struct frame *frames = NULL, one;
	size_t bytes = 0, count = 0, room = 0, at = 0;
	char *text = read_part(resume, &bytes);
	if (!text)
		return failure_of_file(failure, resume->part, "cannot be read: %s",
				       strerror(errno));
	int status = 0;
	for (size_t n; status == 0 && (n = frame_at((struct str){ text, bytes }, &one, at));
	     at += n) {
		struct frame *more = list_grown(frames, count, &room, sizeof(*more));
		if (more) {
			frames = more;
			frames[count++] = one;
		} else {
			status = failure_out_of_memory(failure);
		}
	}
	/* Documents end with a NUL for the parser. */
	for (size_t i = count; status == 0 && i-- > 0;) {
		char *document = text + frames[i].start;
		document[frames[i].bytes] = '\0';
		status = take_frame(resume, results, (struct str){ document, frames[i].bytes },
				    failure);
	}
	if (status == 0 &&
	    (ftruncate(resume->fd, (off_t)at) != 0 || lseek(resume->fd, (off_t)at, SEEK_SET) < 0))
		status = failure_of_file(failure, resume->part, "%s", strerror(errno));
	free(frames);
	free(text);
	return status;
}

/* Keeping */

/* From now on, what is added has not been kept. */
static void mark_kept(struct cpis_resume *resume, const struct results *results)
{
	struct kept *kept = &resume->kept;
	kept->messages = results->message_count;
	kept->left_out = results->left_out_count;
	kept->files = results->file_count;
	memcpy(kept->tallies, results->tallies, results->rule_count * sizeof(*kept->tallies));
	for (size_t i = 0; i < results->root_count; i++)
		kept->roots[i] = results->roots[i].kept;
}

/* A document of a few files must not have the whole catalogue in it. */
static int prepare(struct cpis_resume *resume, const struct results *results)
{
	size_t count = results->rule_count;
	resume->kept.tallies = calloc(count + 1, sizeof(*resume->kept.tallies));
	resume->kept.roots = calloc(results->root_count + 1, sizeof(*resume->kept.roots));
	resume->rules = calloc(count + 1, sizeof(*resume->rules));
	resume->rule_list = calloc(count + 1, sizeof(*resume->rule_list));
	if (!resume->kept.tallies || !resume->kept.roots || !resume->rules || !resume->rule_list)
		return -1;
	for (size_t i = 0; i < count; i++) {
		resume->rules[i] = *results->rules[i];
		resume->rules[i].title = resume->rules[i].why = NULL;
		resume->rules[i].fix = resume->rules[i].cite = NULL;
		resume->rule_list[i] = &resume->rules[i];
	}
	resume->started = resume->last = seconds_now();
	return 0;
}

static int start(void *context, struct results *results, struct cpis_failure *failure)
{
	struct cpis_resume *resume = context;
	int done = take_finished(resume, results, failure);
	if (done != 0)
		return done;
	if (take_frames(resume, results, failure) != 0)
		return -1;
	if (prepare(resume, results) != 0)
		return failure_out_of_memory(failure);
	mark_kept(resume, results);
	return 0;
}

static bool is_done(void *context, const char *path)
{
	struct buf name;
	buf_init(&name, SIZE_MAX / 2);
	if (character_name_differs(path))
		character_write_name(&name, str_of(path));
	struct done *done = find_done(context, name.n ? buf_view(&name).p : path);
	buf_release(&name);
	if (!done || !done->times)
		return false;
	done->times--;
	return true;
}

/* Keeping takes a twentieth of the time at most, and at most a twentieth of it is lost. */
static bool is_due(void *context)
{
	const struct cpis_resume *resume = context;
	double now = seconds_now(), least = resume->cost * 20, share = (now - resume->started) / 20;
	return now - resume->last >= (least > share ? least : share);
}

static bool write_whole(int fd, struct str bytes)
{
	while (bytes.n) {
		ssize_t n = write(fd, bytes.p, bytes.n);
		if (n < 0 && errno != EINTR)
			return false;
		bytes = str_from(bytes, n < 0 ? 0 : (size_t)n);
	}
	return true;
}

static int write_frame(const struct cpis_resume *resume, struct str document,
		       struct cpis_failure *failure)
{
	char digest[65], line[128];
	digest_sha256(document, digest);
	int n = snprintf(line, sizeof(line), "frame %zu %s\n", document.n, digest);
	if (write_whole(resume->fd, (struct str){ line, (size_t)n }) &&
	    write_whole(resume->fd, document) && write_whole(resume->fd, STR("\n")) &&
	    fdatasync(resume->fd) == 0)
		return 0;
	return failure_of_file(failure, resume->part, "cannot be written: %s", strerror(errno));
}

static void subtract(struct rule_tally *tally, const struct rule_tally *kept)
{
	tally->judged -= kept->judged;
	tally->failed -= kept->failed;
	tally->not_applicable -= kept->not_applicable;
	tally->blocked -= kept->blocked;
}

/* What was added since it was kept last, as results of their own; their lists are copies or
 * borrowed. */
static int make_delta(const struct cpis_resume *resume, const struct results *results,
		      struct results *delta)
{
	const struct kept *kept = &resume->kept;
	struct arena arena = { 0 };
	*delta = *results;
	delta->arena = arena;
	delta->ruleset = results_ruleset(results);
	delta->rules = resume->rule_list;
	/* A list of none may have no address. */
	if (kept->messages > 0)
		delta->messages += kept->messages;
	delta->message_count -= kept->messages;
	if (kept->left_out > 0)
		delta->left_out += kept->left_out;
	delta->left_out_count -= kept->left_out;
	if (kept->files > 0)
		delta->files += kept->files;
	delta->file_count -= kept->files;
	delta->command_count = delta->meta_count = 0;
	delta->tallies =
		arena_alloc(&delta->arena, (results->rule_count + 1) * sizeof(*delta->tallies));
	delta->roots =
		arena_alloc(&delta->arena, (results->root_count + 1) * sizeof(*delta->roots));
	if (!delta->tallies || !delta->roots)
		return -1;
	memcpy(delta->tallies, results->tallies, results->rule_count * sizeof(*delta->tallies));
	for (size_t i = 0; i < results->rule_count; i++)
		subtract(&delta->tallies[i], &kept->tallies[i]);
	for (size_t i = 0; i < results->root_count; i++) {
		delta->roots[i] = results->roots[i];
		delta->roots[i].kept -= kept->roots[i];
	}
	return 0;
}

static int keep(void *context, struct results *results, struct cpis_failure *failure)
{
	struct cpis_resume *resume = context;
	double begun = seconds_now();
	struct results delta;
	struct buf document;
	buf_init(&document, SIZE_MAX / 2);
	int status = make_delta(resume, results, &delta) == 0 ? 0 : failure_out_of_memory(failure);
	if (status == 0)
		status = results_xml_write(&delta, &document, failure);
	if (status == 0 && document.failed)
		status = failure_out_of_memory(failure);
	if (status == 0)
		status = write_frame(resume, buf_view(&document), failure);
	if (status == 0)
		mark_kept(resume, results);
	buf_release(&document);
	arena_release(&delta.arena);
	resume->last = seconds_now();
	resume->cost = resume->last - begun;
	return status;
}

int cpis_validate_resumed(struct cpis_results *results, struct cpis_resume *resume,
			  const char *const *paths, size_t count, struct cpis_failure *failure)
{
	const struct pool_keeper keeper = { start, is_done, is_due, keep, resume };
	struct results *inside = results_inside(results);
	if (results_require_open(results, failure) != 0)
		return -1;
	if (!inside->options.shards)
		inside->options.shard = inside->options.shards = 1;
	if (resume->taken || resume->rules)
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "what is kept in one file is judged by one call");
	if (pool_judge(inside, paths, count, &keeper, failure) != 0)
		return -1;
	return shard_settle(inside, failure);
}
