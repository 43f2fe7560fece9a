/* Messages fixed in rounds: judge, change bytes, judge again, take back what did not help. */
#include "cpis.h"

#include "base/files.h"
#include "base/inputs.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/bytes.h"
#include "engine/engine.h"
#include "engine/limits.h"
#include "engine/place.h"
#include "engine/source.h"
#include "fix/fixers.h"
#include "xml/fault.h"
#include "xml/locate.h"
#include "xml/reader.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { MOST_ROUNDS = 16, MOST_GROWTH = 16 * 1024 * 1024 };

/* A change, in terms of the text before all changes. */
struct edit {
	size_t start, end;
	struct str text;
	const char *rule, *what, *path;
	bool uncertain;
};

/* A finding whose fix did not help. */
struct refused {
	const char *rule, *path;
};

struct work {
	const struct cpis_options *options; /* with values shown: fixers see them */
	struct cpis_options in_full;	    /* those, with values shown */
	const struct cpis_fix_options *how;
	const char *name;
	struct arena arena;
	struct str before; /* the text before all changes, in UTF-8 */
	struct buf now;	   /* with all changes */
	bool well_formed;  /* the text, but for what it declares; known where there are changes */
	struct edit *edits;
	size_t edit_count, edit_room;
	struct refused *refused;
	size_t refused_count, refused_room;
	struct cpis_failure *failure;
};

/* What a round does to one finding. */
struct step {
	struct splice splice;
	const struct fixer *fixer;
	const char *path;
};

const char *cpis_rule_fix(const char *rule, size_t index)
{
	const struct fixer *fixer = rule ? fixer_of(rule) : NULL;
	const struct fixer *end = fixers + fixer_count;
	if (!fixer || index >= (size_t)(end - fixer))
		return NULL;
	fixer += index;
	return strcmp(fixer->rule, rule) == 0 ? fixer->what : NULL;
}

static int out_of_memory(struct work *work)
{
	return failure_out_of_memory(work->failure);
}

/* NULL with the reason in the failure. */
static struct cpis_results *judge(struct work *work)
{
	struct cpis_results *results = NULL;
	const struct cpis_bytes source = { work->name, work->now.p, work->now.n };
	if (cpis_results_new(&results, work->options, work->failure) != 0)
		return NULL;
	if (cpis_validate_bytes(results, &source, work->failure) == 0)
		return results;
	cpis_results_free(results);
	return NULL;
}

static bool has_finding(const struct results *results, const char *rule, const char *path)
{
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			const struct finding *finding = &results->messages[i].findings[k];
			if (strcmp(finding->rule->id, rule) == 0 &&
			    (!path || text_same(finding->path, path)))
				return true;
		}
	return false;
}

static bool is_refused(const struct work *work, const struct finding *finding)
{
	for (size_t i = 0; i < work->refused_count; i++)
		if (strcmp(work->refused[i].rule, finding->rule->id) == 0 &&
		    text_same(work->refused[i].path, finding->path))
			return true;
	return false;
}

static int refuse(struct work *work, const struct step *step)
{
	struct refused *more =
		list_grown(work->refused, work->refused_count, &work->refused_room, sizeof(*more));
	if (!more)
		return out_of_memory(work);
	work->refused = more;
	more[work->refused_count++] = (struct refused){ step->fixer->rule, step->path };
	return 0;
}

/* Edits, one on top of another */

/* How much longer the text is after an edit than before. */
static ptrdiff_t growth(const struct edit *edit)
{
	return (ptrdiff_t)edit->text.n - (ptrdiff_t)(edit->end - edit->start);
}

static const char *joined(struct work *work, const char *one, const char *other)
{
	return strstr(one, other) ? one : arena_printf(&work->arena, "%s, %s", one, other);
}

/*
 * Put a splice of the present text among the edits of the first text. Those that it touches become
 * one with it.
 */
static int compose(struct work *work, const struct step *step)
{
	size_t start = step->splice.start, end = step->splice.end, from = 0;
	ptrdiff_t shift = 0;
	while (from < work->edit_count) {
		const struct edit *edit = &work->edits[from];
		if ((size_t)((ptrdiff_t)edit->start + shift) + edit->text.n >= start &&
		    (edit->text.n || (size_t)((ptrdiff_t)edit->start + shift) >= start))
			break;
		shift += growth(edit);
		from++;
	}
	struct edit made = { .start = (size_t)((ptrdiff_t)start - shift),
			     .rule = step->fixer->rule,
			     .what = step->fixer->what,
			     .path = step->path,
			     .uncertain = fixer_is_uncertain(step->fixer) };
	size_t first = start, last = end, until = from;
	for (; until < work->edit_count; until++) {
		const struct edit *edit = &work->edits[until];
		size_t at = (size_t)((ptrdiff_t)edit->start + shift);
		if (at > end)
			break;
		if (until == from && at < first) {
			first = at;
			made.start = edit->start;
		}
		last = at + edit->text.n > last ? at + edit->text.n : last;
		made.what = joined(work, edit->what, made.what);
		made.rule = joined(work, edit->rule, made.rule);
		made.uncertain = made.uncertain || edit->uncertain;
		shift += growth(edit);
	}
	made.end = (size_t)((ptrdiff_t)last - shift);
	made.text = arena_str(
		&work->arena,
		str_of(arena_printf(&work->arena, "%.*s%.*s%.*s", (int)(start - first),
				    work->now.p + first, (int)step->splice.text.n,
				    step->splice.text.p, (int)(last - end), work->now.p + end)));
	struct edit *more =
		list_grown(work->edits, work->edit_count, &work->edit_room, sizeof(*more));
	if (!more || !made.text.p || !made.what || !made.rule)
		return out_of_memory(work);
	work->edits = more;
	memmove(more + from + 1, more + until, (work->edit_count - until) * sizeof(*more));
	more[from] = made;
	work->edit_count += from + 1 - until;
	return 0;
}

static int apply(struct work *work, const struct step *step)
{
	struct splices one = { 0 };
	if (compose(work, step) != 0)
		return -1;
	splices_add(&one, step->splice.start, step->splice.end, step->splice.text);
	int status = splices_apply(&one, &work->now);
	splices_release(&one);
	return status == 0 ? 0 : out_of_memory(work);
}

/* Rounds */

static int by_place(const void *left, const void *right)
{
	const struct step *a = left, *b = right;
	return a->splice.start < b->splice.start ? -1 : a->splice.start > b->splice.start;
}

/* The fixes of the findings there are, in order of place, none over another. -1: out of memory. */
static int plan(struct work *work, const struct results *results, struct step **steps,
		size_t *count)
{
	size_t room = 0, kept = 0;
	for (size_t i = 0; i < results->message_count; i++)
		for (size_t k = 0; k < results->messages[i].finding_count; k++) {
			const struct finding *finding = &results->messages[i].findings[k];
			struct splices splices = { 0 };
			const struct fixing fixing = { buf_view(&work->now), finding,
						       work->how->zone, &work->arena, &splices };
			if (finding->layer || is_refused(work, finding) ||
			    (work->how->rule && strcmp(work->how->rule, finding->rule->id) != 0))
				continue;
			const struct fixer *fixer = fixer_apply(&fixing);
			bool wanted = fixer && !(work->how->certain && fixer_is_uncertain(fixer));
			struct step *more = list_grown(*steps, *count, &room, sizeof(**steps));
			if (!more || splices.failed || work->arena.failed) {
				splices_release(&splices);
				return out_of_memory(work);
			}
			*steps = more;
			if (wanted)
				more[(*count)++] =
					(struct step){ splices.items[0], fixer,
						       arena_copy(&work->arena,
								  str_of(finding->path)) };
			splices_release(&splices);
		}
	if (*count)
		qsort(*steps, *count, sizeof(**steps), by_place);
	for (size_t i = 0; i < *count; i++)
		if (kept == 0 || (*steps)[i].splice.start > (*steps)[kept - 1].splice.end)
			(*steps)[kept++] = (*steps)[i];
	*count = kept;
	return 0;
}

/* The texts of the fixes of a round are borrowed from the text that it changes. */
static int own_texts(struct work *work, struct step *steps, size_t count)
{
	for (size_t i = 0; i < count; i++)
		steps[i].splice.text = arena_str(&work->arena, steps[i].splice.text);
	return work->arena.failed ? out_of_memory(work) : 0;
}

static int apply_all(struct work *work, const struct step *steps, size_t count)
{
	for (size_t i = count; i-- > 0;)
		if (apply(work, &steps[i]) != 0)
			return -1;
	return 0;
}

/* How many of the steps did not remove their finding; these are refused from now on. */
static int refuse_idle(struct work *work, const struct step *steps, size_t count, size_t *idle)
{
	struct cpis_results *again = judge(work);
	if (!again)
		return -1;
	const struct results *results = results_inside_const(again);
	bool broken = has_finding(results, "XML-001", NULL);
	int status = 0;
	for (size_t i = 0; i < count && status == 0; i++) {
		if (!broken && !has_finding(results, steps[i].fixer->rule, steps[i].path))
			continue;
		status = refuse(work, &steps[i]);
		++*idle;
	}
	cpis_results_free(again);
	return status;
}

/* One round; *changed: how many fixes it made. */
static int run_round(struct work *work, size_t *changed)
{
	struct step *steps = NULL;
	size_t count = 0, idle = 0, edit_count = work->edit_count;
	struct cpis_results *results = judge(work);
	struct edit *edits = NULL;
	struct str text = { 0 };
	int status = results ? plan(work, results_inside_const(results), &steps, &count) : -1;
	if (status == 0 && count) {
		text = arena_str(&work->arena, buf_view(&work->now));
		edits = malloc((edit_count + 1) * sizeof(*edits));
		status = edits ? own_texts(work, steps, count) : out_of_memory(work);
	}
	if (status == 0 && count) {
		if (edits && work->edits && edit_count)
			memcpy(edits, work->edits, edit_count * sizeof(*edits));
		status = apply_all(work, steps, count);
	}
	if (status == 0 && count)
		status = refuse_idle(work, steps, count, &idle);
	if (status == 0 && idle && edits) {
		buf_reset(&work->now);
		buf_str(&work->now, text);
		if (edit_count)
			memcpy(work->edits, edits, edit_count * sizeof(*edits));
		work->edit_count = edit_count;
	}
	/* After refusals, the next round makes the others. */
	*changed = count;
	free(edits);
	free(steps);
	cpis_results_free(results);
	return status;
}

/* Where a message or an envelope is the source itself, from its first byte on. */
static bool is_bare(struct str bytes, const struct cpis_options *options)
{
	struct engine_documents documents = { 0 };
	bool bare = false;
	if (engine_documents(&documents, bytes, options) == 0 && documents.count) {
		const struct engine_document *first = &documents.items[0];
		bare = !first->member && first->around == SIZE_MAX && first->bytes.p == bytes.p &&
		       first->bytes.n == bytes.n && (first->has_message || first->has_envelope);
	}
	arena_release(&documents.arena);
	return bare;
}

static bool wants(const struct work *work, const char *rule)
{
	return !work->how->rule || strcmp(work->how->rule, rule) == 0;
}

/* The text in UTF-8, and the change of what it declares as the first edit. */
static int take_text(struct work *work, struct str bytes)
{
	static const char rule[] = "XML-003";
	struct buf converted;
	buf_init(&converted, work->now.max_bytes);
	bool other = wants(work, rule) && fixer_to_utf8(bytes, &converted, &work->arena);
	struct str text = other ? buf_view(&converted) : bytes;
	work->before = arena_str(&work->arena, text);
	buf_str(&work->now, work->before);
	buf_release(&converted);
	if (work->arena.failed || work->now.failed)
		return out_of_memory(work);
	if (!other)
		return 0;
	struct step step = { .fixer = fixer_of(rule), .path = "", .splice.text = STR("UTF-8") };
	if (!fixer_find_encoding(work->before, &step.splice.start, &step.splice.end))
		step.splice = (struct splice){ 0, 0, STR("") };
	return apply(work, &step);
}

/* As it was, without a change. */
static int put_back(struct work *work, struct str bytes)
{
	work->edit_count = 0;
	buf_reset(&work->now);
	buf_str(&work->now, bytes);
	return work->now.failed ? out_of_memory(work) : 0;
}

/* Whether all of the text is read, so that what is markup in it is known. */
static int look_if_well_formed(struct work *work)
{
	const struct xml_limits limits = limits_xml(work->options);
	struct xml_reader *reader = xml_reader_new();
	struct location start = { 0 };
	int status = reader ? xml_locate(reader, buf_view(&work->now), &limits, &start, 1,
					 &work->arena, &work->well_formed)
			    : -1;
	xml_reader_free(reader);
	return status == 0 ? 0 : out_of_memory(work);
}

/* What holds no message is left alone, and so is a text that is not in UTF-8 after all. */
static int fix_text(struct work *work, struct str bytes)
{
	size_t changed = 1;
	struct xml_fault fault;
	if (take_text(work, bytes) != 0)
		return -1;
	if (!is_bare(buf_view(&work->now), work->options) ||
	    (work->edit_count && encoding_check(buf_view(&work->now), &fault) != XML_READ))
		return put_back(work, bytes);
	for (size_t i = 0; i < MOST_ROUNDS && changed; i++)
		if (run_round(work, &changed) != 0)
			return -1;
	return work->edit_count ? look_if_well_formed(work) : 0;
}

/* What was done */

/* The lines of part of a text, each with a line feed. */
static const char *lines_of(struct work *work, struct str text, size_t from, size_t until,
			    bool show_values)
{
	struct buf out;
	buf_init(&out, SIZE_MAX / 2);
	for (size_t at = from;;) {
		buf_text(&out, place_line(&work->arena, text, at, work->well_formed, show_values));
		buf_char(&out, '\n');
		at = place_next_line(text, at);
		if (at >= until || at >= text.n)
			break;
	}
	const char *copy = arena_copy(&work->arena, buf_view(&out));
	buf_release(&out);
	return copy;
}

static void show(struct work *work, const struct edit *edit, bool show_values,
		 void (*each)(void *, const struct cpis_fix *), void *context)
{
	enum { AROUND = 128 * 1024 };
	struct str before = work->before;
	size_t from = edit->start > AROUND ? edit->start - AROUND : 0;
	size_t until = before.n - edit->end > AROUND ? edit->end + AROUND : before.n;
	if (work->well_formed)
		from = place_boundary(before, from);
	struct buf after;
	buf_init(&after, SIZE_MAX / 2);
	buf_add(&after, before.p + from, edit->start - from);
	buf_str(&after, edit->text);
	buf_add(&after, before.p + edit->end, until - edit->end);
	bool whole = edit->start == edit->end && str_ends(edit->text, STR("\n"));
	bool nothing = edit->start == edit->end && edit->text.n == 0;
	size_t at = edit->start - from;
	struct cpis_fix fix = { .rule = edit->rule,
				.what = edit->what,
				.path = edit->path,
				.start = edit->start,
				.end = edit->end,
				.text = edit->text.p,
				.text_size = edit->text.n,
				.before = "",
				.after = "",
				.uncertain = edit->uncertain };
	struct location start = { .offset = edit->start };
	xml_count_places(before, &start, 1);
	fix.line = start.line;
	fix.column = start.column;
	if (!nothing && !whole)
		fix.before = lines_of(work, before, edit->start, edit->end, show_values);
	if (!nothing)
		fix.after = lines_of(work, buf_view(&after), at, at + edit->text.n, show_values);
	buf_release(&after);
	if (fix.before && fix.after)
		each(context, &fix);
}

static void show_all(struct work *work, bool show_values,
		     void (*each)(void *, const struct cpis_fix *), void *context)
{
	for (size_t i = 0; each && i < work->edit_count; i++)
		show(work, &work->edits[i], show_values, each, context);
}

static int check_options(const struct cpis_options *options, const struct cpis_fix_options *how,
			 struct cpis_failure *failure)
{
	if (FAILURE_UNLESS_RESERVED_ZERO(options, failure) != 0 ||
	    FAILURE_UNLESS_RESERVED_ZERO(how, failure) != 0)
		return -1;
	if (how->zone && !fixer_knows_zone(how->zone))
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "a zone is Europe/London, or a sign and four digits such as "
				   "+0100, at most 14 hours");
	if (engine_setup() != 0)
		return failure_set(failure, CPIS_FAILURE_INTERNAL,
				   "the internal tables could not be built");
	return 0;
}

static int fix_source(struct work *work, struct str bytes,
		      void (*each)(void *context, const struct cpis_fix *fix), void *context,
		      struct cpis_failure *failure)
{
	bool shown = work->options->show_values;
	work->in_full = *work->options;
	work->in_full.show_values = 1;
	work->options = &work->in_full;
	work->failure = failure;
	buf_init(&work->now, 2 * bytes.n + MOST_GROWTH);
	int status = fix_text(work, bytes);
	if (status == 0)
		show_all(work, shown, each, context);
	return status;
}

static void release(struct work *work)
{
	buf_release(&work->now);
	arena_release(&work->arena);
	free(work->edits);
	free(work->refused);
}

int cpis_fix_bytes(const struct cpis_bytes *source, const struct cpis_options *options,
		   const struct cpis_fix_options *how,
		   void (*each)(void *context, const struct cpis_fix *fix), void *context,
		   char **bytes, size_t *size, size_t *count, struct cpis_failure *failure)
{
	struct engine_input input = { 0 };
	if (check_options(options, how, failure) != 0 ||
	    bytes_take(&input, source, options, failure) != 0)
		return -1;
	struct work work = { .options = options, .how = how, .name = source->name };
	int status = fix_source(&work, input.bytes, each, context, failure);
	bytes_release(&input);
	if (status == 0) {
		*bytes = work.now.p;
		*size = work.now.n;
		*count = work.edit_count;
		work.now.p = NULL;
	}
	release(&work);
	return status;
}

/* Files */

static int check_file(const char *path, struct cpis_failure *failure)
{
	struct stat info;
	if (lstat(path, &info) != 0)
		return failure_of_file(failure, path, "there is no such file");
	if (S_ISLNK(info.st_mode))
		return failure_of_file(failure, path,
				       "is a symbolic link: name the file that it points to");
	if (!S_ISREG(info.st_mode))
		return failure_of_file(failure, path, "is not a file that can be fixed");
	if (info.st_nlink > 1)
		return failure_of_file(failure, path,
				       "has another name (a hard link), which would keep the "
				       "message as it was: copy the file first");
	return 0;
}

/* Whether a file that is there holds just these bytes. */
static bool holds(const char *path, struct str bytes)
{
	char why[128];
	struct buf there;
	buf_init(&there, 2 * bytes.n + 1024UL * 1024); /* files are read in pieces */
	bool same =
		files_read(path, &there, why, sizeof(why)) && str_equal(buf_view(&there), bytes);
	buf_release(&there);
	return same;
}

/*
 * ".NAME.orig" beside it, which no folder is searched for. Where that has other bytes, of another
 * message that had this name or of an earlier fix, ".NAME.orig.2" and so on: no message is lost.
 */
static int keep(struct work *work, const char *path, struct str bytes)
{
	enum { MOST_COPIES = 1000 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	struct stat info;
	for (int i = 1; i <= MOST_COPIES; i++) {
		const char *copy =
			arena_printf(&work->arena, "%.*s.%s.orig", (int)(name - path), path, name);
		if (copy && i > 1)
			copy = arena_printf(&work->arena, "%s.%d", copy, i);
		if (!copy)
			return out_of_memory(work);
		if (lstat(copy, &info) != 0)
			return files_write(copy, FILES_SECRET, "the message as it was", bytes,
					   work->failure);
		if (holds(copy, bytes))
			return 0;
	}
	return failure_of_file(work->failure, path,
			       "has too many copies of what it was: delete some of .%s.orig.*",
			       name);
}

/* Whether the file, and what it was beside it, could be written; nothing is. */
static int try_back(struct work *work, const char *path)
{
	static const char beside[] = "..orig";
	const char *slash = strrchr(path, '/');
	if (strlen(slash ? slash + 1 : path) + strlen(beside) > NAME_MAX)
		return failure_of_file(work->failure, path,
				       "the name is too long to keep what it was as .NAME.orig");
	inputs_own(path);
	struct files_output *output =
		files_create(path, FILES_REPLACE, "the fixed message", work->failure);
	files_abandon(output);
	return output ? 0 : -1;
}

static int write_back(struct work *work, const char *path, const struct source *source)
{
	if (source_has_changed(source))
		return failure_of_file(work->failure, path, "has changed while it was fixed");
	if (keep(work, path, source->bytes) != 0)
		return -1;
	inputs_own(path);
	return files_write(path, FILES_REPLACE, "the fixed message", buf_view(&work->now),
			   work->failure);
}

/* Messages that were judged one by one are not judged as a sequence. */
static int note_sequence(struct results *results)
{
	size_t uploads = 0;
	for (size_t i = 0; i < results->message_count; i++)
		uploads += text_same(results->messages[i].type, "REPC_MT000002GB01");
	return uploads < 2 ? 0
			   : results_note_apart(results, "the sequence of the uploads (PAIR-011)",
						APART_AS_FIXED);
}

int cpis_fix_file(const char *path, int write, const struct cpis_options *options,
		  const struct cpis_fix_options *how,
		  void (*each)(void *context, const struct cpis_fix *fix), void *context,
		  struct cpis_results *results, size_t *count, struct cpis_failure *failure)
{
	struct source source;
	const char *why = NULL;
	if (check_options(options, how, failure) != 0 || check_file(path, failure) != 0)
		return -1;
	if (limits_open_source(&source, path, options, &why) != 0)
		return failure_of_file(failure, path, "%s", why);
	struct work work = { .options = options, .how = how, .name = path };
	int status = fix_source(&work, source.bytes, each, context, failure);
	if (status == 0 && write && work.edit_count)
		status = write == CPIS_FIX_TRY ? try_back(&work, path)
					       : write_back(&work, path, &source);
	if (status == 0 && results) {
		const struct cpis_bytes now = { path, work.now.p, work.now.n };
		status = cpis_validate_bytes(results, &now, failure);
	}
	if (status == 0 && results && note_sequence(results_inside(results)) != 0)
		status = failure_out_of_memory(failure);
	if (status == 0)
		*count = work.edit_count;
	release(&work);
	source_close(&source);
	return status;
}
