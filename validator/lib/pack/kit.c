/* cpis_new_evidence: what a supplier needs to fill the slots of a pack, as a folder. */
#include "cpis.h"

#include "base/files.h"
#include "compare/compare.h"
#include "config/value.h"
#include "config/when.h"
#include "diag/failure.h"
#include "engine/engine.h"
#include "pack/case.h"
#include "pack/pack.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { MOST_TEXT = 16 * 1024 * 1024 };

struct kit {
	const struct pack *pack;
	const char *folder;
	const char *keyed; /* the day that times are counted from */
	struct when_days days;
	unsigned relative; /* what the times of the data sets are relative to: bits */
	struct arena arena;
	struct cpis_failure *failure;
};

static int write_text(struct kit *kit, const char *name, const struct buf *text)
{
	const char *path = arena_printf(&kit->arena, "%s/%s", kit->folder, name);
	if (!path || text->failed)
		return failure_out_of_memory(kit->failure);
	return files_write(path, FILES_NEW, "the file", buf_view(text), kit->failure);
}

static int make_folder(struct kit *kit, const char *name)
{
	const char *path = arena_printf(&kit->arena, "%s%s", kit->folder, name);
	if (!path)
		return failure_out_of_memory(kit->failure);
	if (mkdir(path, 0777) == 0)
		return 0;
	return failure_of_file(kit->failure, path, "%s", strerror(errno));
}

/* README.md: which files to put where */

static void write_slot(struct buf *out, const struct pack_case *test,
		       const struct config_text *slot, const char *what)
{
	if (!slot->text)
		return;
	buf_printf(out, "| `%s` | %s | %s%s | ", slot->text, test->id.text, test->title.text, what);
	if (test->given.text)
		buf_printf(out, "%s", test->given.text);
	buf_text(out, " |\n");
}

static void write_slots(const struct pack *pack, struct buf *out)
{
	buf_text(out, "| file | case | what it must show | enter first |\n|---|---|---|---|\n");
	for (size_t i = 0; i < pack->case_count; i++) {
		const struct pack_case *test = &pack->cases[i];
		write_slot(out, test, &test->evidence, "");
		write_slot(out, test, &test->evidence_request, " (the request)");
		write_slot(out, test, &test->evidence_response, " (the reply)");
		if (test->exchange)
			buf_printf(out, "| an exchange in the journal | %s | %s | %s |\n",
				   test->id.text, test->title.text,
				   test->given.text ? test->given.text : "");
	}
}

/* The day that the times of to-enter.md are counted from. */
static int write_keyed(struct kit *kit)
{
	struct buf out;
	if (!(kit->relative & WHEN_KEYED))
		return 0;
	buf_init(&out, MOST_TEXT);
	buf_printf(
		&out,
		"# The day that the dates of to-enter.md are counted from. The evidence is checked "
		"by it: leave it as it is.\nkeyed: %s\n",
		kit->keyed);
	int status = write_text(kit, "evidence/" KEYED_FILE, &out);
	buf_release(&out);
	return status;
}

/* How the evidence comes into the folder. */
static const char *way_of(const struct pack *pack)
{
	for (size_t i = 0; i < pack->case_count; i++)
		if (pack->cases[i].exchange)
			return "2. Start `cpis simulate --journal evidence`, with what the "
			       "beginning "
			       "of the pack says, and let your system do what the cases below "
			       "want, "
			       "each once.\n";
	return "2. Put the files that your system makes into `evidence/`, with the names below. A "
	       "`*` is any text, or none.\n";
}

static int write_readme(struct kit *kit)
{
	const struct pack *pack = kit->pack;
	struct buf out;
	buf_init(&out, MOST_TEXT);
	buf_printf(&out,
		   "# Evidence for %s %s\n\n%s\n\n"
		   "1. Enter what `to-enter.md` says into your system%s.\n"
		   "%s"
		   "3. Answer the questions in `evidence/answers.yaml`.\n"
		   "4. Put nothing else into `evidence/`: every file must fill a slot.\n"
		   "5. Make a key once: `cpis keygen KEY`. Then run, where you ran `cpis new`: "
		   "`cpis run %s --evidence %s/evidence --bundle evidence.tar.gz --key KEY`.\n\n",
		   pack->name.text, pack->version.text, pack->title.text,
		   kit->relative & WHEN_KEYED
			   ? ". Its dates are counted from the day in `evidence/keyed.yaml`: enter "
			     "them "
			     "on that day or soon after it, and make a new kit if much time passes"
			   : "",
		   way_of(pack), pack->file, kit->folder);
	write_slots(pack, &out);
	int status = write_text(kit, "README.md", &out);
	buf_release(&out);
	return status;
}

/* answers.yaml: a line for each question, to be filled in */

static int write_answers(struct kit *kit)
{
	const struct pack *pack = kit->pack;
	struct buf out;
	buf_init(&out, MOST_TEXT);
	buf_text(&out, "# Answer each question: remove the comment marks, write pass or fail, who "
		       "answers and when.\n# Then remove the [] from the last line.\n"
		       "# A picture of the screen may be attached: put it in this folder, and add "
		       "attachment: NAME.\n");
	for (size_t i = 0; i < pack->case_count; i++)
		if (pack->cases[i].manual)
			buf_printf(&out,
				   "\n# %s\n# - { case: %s, answer: , by: , on: YYYY-MM-DD }\n",
				   pack->cases[i].manual->question.text, pack->cases[i].id.text);
	buf_text(&out, "\n[]\n");
	int status = write_text(kit, "evidence/answers.yaml", &out);
	buf_release(&out);
	return status;
}

/* to-enter.md: the data sets, to print */

static void write_day(const struct kit *kit, struct buf *out, struct str time)
{
	char digits[WHEN_DIGITS];
	enum when_anchor anchor = time.n ? when_anchor_of(time.p) : WHEN_FIXED;
	if (anchor == WHEN_MESSAGE) {
		buf_printf(out, "on the day of the file%s", time.p + strlen("message"));
		return;
	}
	if (anchor == WHEN_KEYED && when_digits(time.p, &kit->days, digits))
		time = str_of(digits);
	if (time.n >= 8)
		buf_printf(out, "%.4s-%.2s-%.2s", time.p, time.p + 4, time.p + 6);
	if (time.n >= 12)
		buf_printf(out, " %.2s:%.2s", time.p + 8, time.p + 10);
}

static void write_plan(const struct kit *kit, struct buf *out, const struct child_plan *plan)
{
	const struct {
		const char *words;
		struct str time;
	} times[] = { { "starts", plan->start },
		      { "ends", plan->end },
		      { "is deleted", plan->deleted } };
	buf_printf(out, "%s", plan_kind_words(plan->kind));
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		if (!times[i].time.n)
			continue;
		buf_printf(out, ", %s ", times[i].words);
		write_day(kit, out, times[i].time);
	}
}

static void write_records(const struct kit *kit, struct buf *out,
			  const struct child_records *records)
{
	buf_text(out, "| | NHS number | local id | given | family | born | plans |\n"
		      "|---|---|---|---|---|---|---|\n");
	for (size_t i = 0; i < records->count; i++) {
		const struct child_record *record = &records->items[i];
		buf_printf(out, "| %s | %.*s | %.*s | %.*s | %.*s | ",
			   subject_kind_words(record->subject), STR_ARG(record->nhs_number),
			   STR_ARG(record->local_id), STR_ARG(record->given),
			   STR_ARG(record->family));
		write_day(kit, out, record->birth);
		buf_text(out, " | ");
		for (size_t k = 0; k < record->plan_count; k++) {
			buf_text(out, k ? "; " : "");
			write_plan(kit, out, &record->plans[k]);
		}
		buf_text(out, " |\n");
	}
}

static bool was_given(const struct pack *pack, size_t place)
{
	for (size_t i = 0; i < place; i++)
		if (pack->cases[i].given.text &&
		    strcmp(pack->cases[i].given.text, pack->cases[place].given.text) == 0)
			return true;
	return false;
}

static int write_data(struct kit *kit)
{
	const struct pack *pack = kit->pack;
	struct problems problems;
	struct buf out;
	buf_init(&out, MOST_TEXT);
	problems_init(&problems);
	buf_printf(&out, "# What to enter for %s\n\nThe people are invented.\n", pack->name.text);
	for (size_t i = 0; i < pack->case_count; i++) {
		struct child_records records = { 0 };
		const char *name = pack->cases[i].given.text;
		const char *path = name && !was_given(pack, i)
					   ? arena_printf(&kit->arena, "%s%s", pack->folder, name)
					   : NULL;
		if (!path || dataset_read(&records, &kit->arena, path, &problems) != 0)
			continue;
		buf_printf(&out, "\n## %s\n\nFor %s: %s.\n\n", name, pack->cases[i].id.text,
			   pack->cases[i].title.text);
		kit->relative |= records.relative;
		write_records(kit, &out, &records);
	}
	int status = problems_close(&problems, NULL, NULL, kit->failure);
	if (status == 0)
		status = write_text(kit, "to-enter.md", &out);
	buf_release(&out);
	return status;
}

static bool has_slots(const struct pack *pack)
{
	for (size_t i = 0; i < pack->case_count; i++)
		if (case_has_slot(&pack->cases[i]) || pack->cases[i].manual)
			return true;
	return false;
}

static int write_kit(struct kit *kit)
{
	if (!has_slots(kit->pack))
		return failure_of_file(kit->failure, kit->pack->file,
				       "the pack asks a supplier for nothing: name one that does, "
				       "such as a certify.yaml beside it");
	if (make_folder(kit, "") != 0 || make_folder(kit, "/evidence") != 0 ||
	    write_data(kit) != 0 || write_readme(kit) != 0 || write_keyed(kit) != 0)
		return -1;
	return write_answers(kit);
}

int cpis_new_evidence(const char *pack, const char *folder, const char *keyed,
		      struct cpis_failure *failure)
{
	struct problems problems;
	char why[128];
	if (engine_setup() != 0)
		return failure_out_of_memory(failure);
	if (!value_is_date(keyed, why, sizeof(why)))
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION, "%s: %s", keyed, why);
	problems_init(&problems);
	struct pack *loaded = pack_load(pack, false, &problems);
	if (loaded)
		pack_check(loaded, &problems);
	int status = problems_close(&problems, NULL, NULL, failure);
	if (status == 0) {
		struct kit kit = {
			.pack = loaded, .folder = folder, .keyed = keyed, .failure = failure
		};
		when_set_day(kit.days.keyed, keyed);
		arena_init(&kit.arena);
		status = write_kit(&kit);
		arena_release(&kit.arena);
	}
	pack_free(loaded);
	return status;
}
