#include "authority.h"

#include "message/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const authority_fault_words[FAULT_COUNT + 1] = {
	"refused",	  "unanswered", "overwritten",	   "lost",	    "inactive",
	"ended-long-ago", "unborn",	"two-authorities", "two-births",    "two-locals",
	"vanished",	  "adult",	"two-numbers",	   "number-reused", "deleted-again",
	"orphan",	  NULL,
};

enum {
	DAY = 24 * 60 * 60,
	MOST_SENDS = 6,
	LOADED = 6,   /* CPR06 */
	SETTLING = 8, /* weeks at the end in which nothing new happens */
	LEAST_WEEKS = 100
};

/* What is sent of a plan in a week, and the code that it is answered with. */
struct sent {
	size_t week;
	long long start, end, deleted; /* seconds; 0: not there */
	long long birth;
	int code;
};

struct person {
	char number[11], local[16], family[24];
	char kind; /* 'c' protection, 'l' looked after, 'u' unborn */
	long long birth;
	struct sent sent[MOST_SENDS];
	size_t sent_count;
	size_t stops;	     /* week from which it is in no file; SIZE_MAX: never */
	size_t refused_from; /* week from which it is refused with refused_code */
	int refused_code;
	size_t inactive; /* week of the notice; 0: there is none */
	char replacement[11];
};

struct made {
	const struct authority_options *options;
	struct authority_made *out;
	unsigned long long random;
	unsigned nine; /* of the last NHS number */
	size_t names;
	struct person *people;
	size_t count, room;
	size_t weeks, number;	   /* number: of the last upload */
	long long first;	   /* creation time of week 0 */
	size_t quiet[FAULT_COUNT]; /* the week kept free for a fault; 0: none */
	bool failed;
};

static unsigned long long random_of(struct made *made, unsigned long long most)
{
	made->random ^= made->random << 13;
	made->random ^= made->random >> 7;
	made->random ^= made->random << 17;
	return made->random % most;
}

static void new_number(struct made *made, char number[11])
{
	for (;;) {
		unsigned sum = 0, nine = made->nine++;
		char text[16];
		snprintf(text, sizeof(text), "%09u", nine % 1000000000u);
		for (int i = 0; i < 9; i++)
			sum += (unsigned)(10 - i) * (unsigned)(text[i] - '0');
		unsigned check = (11 - sum % 11) % 11;
		if (check == 10)
			continue;
		snprintf(number, 11, "%.9s%u", text, check);
		return;
	}
}

static long long time_of_week(const struct made *made, size_t week)
{
	return made->first + (long long)week * 7 * DAY;
}

static struct person *new_person(struct made *made, char kind)
{
	if (made->count == made->room) {
		size_t room = made->room ? made->room * 2 : 64;
		struct person *people = realloc(made->people, room * sizeof(*people));
		if (!people)
			abort();
		made->people = people;
		made->room = room;
	}
	struct person *person = &made->people[made->count++];
	*person = (struct person){ .kind = kind, .stops = SIZE_MAX, .refused_from = SIZE_MAX };
	new_number(made, person->number);
	made->names++;
	snprintf(person->local, sizeof(person->local), "L-%zu", made->names);
	snprintf(person->family, sizeof(person->family), "Fenn-%zu", made->names);
	return person;
}

static bool is_quiet(const struct made *made, size_t week)
{
	for (int i = 0; i < FAULT_COUNT; i++)
		if (made->quiet[i] == week && week)
			return true;
	return false;
}

/* A week from there on that is not kept free. */
static size_t free_week(const struct made *made, size_t week)
{
	while (is_quiet(made, week))
		week++;
	return week;
}

static struct sent *send_in(struct made *made, struct person *person, size_t week)
{
	if (person->sent_count == MOST_SENDS)
		abort();
	struct sent *sent = &person->sent[person->sent_count];
	*sent = person->sent_count ? person->sent[person->sent_count - 1]
				   : (struct sent){ .code = LOADED, .birth = person->birth };
	sent->week = free_week(made, week);
	if (!person->sent_count)
		sent->start = time_of_week(made, sent->week) - 3LL * DAY;
	person->sent_count++;
	return sent;
}

/* Between 2 and 10 years old in the first week: not a newborn, and not 18 within the years. */
static void grow_child(struct made *made, struct person *person)
{
	long long days = 2 * 365 + (long long)random_of(made, 5 * 365);
	person->birth = (made->first / DAY - days) * DAY;
}

static size_t any_week(struct made *made, size_t from, size_t until)
{
	return from + (size_t)random_of(made, until > from ? until - from : 1);
}

static size_t last_week(const struct made *made)
{
	return made->weeks - SETTLING;
}

static struct person *plain_child(struct made *made, size_t week)
{
	struct person *child = new_person(made, random_of(made, 3) ? 'c' : 'l');
	grow_child(made, child);
	send_in(made, child, week);
	return child;
}

/* Some end, some of those begin again. */
static void add_plain(struct made *made)
{
	size_t until = last_week(made);
	struct person *child = plain_child(made, any_week(made, 0, until - 20));
	if (random_of(made, 2))
		return;
	size_t week = any_week(made, child->sent[0].week + 2, until);
	struct sent *ended = send_in(made, child, week);
	ended->end = time_of_week(made, ended->week) - 2LL * DAY;
	if (random_of(made, 3) || ended->week + 8 >= until)
		return;
	struct sent *again = send_in(made, child, any_week(made, ended->week + 4, until));
	again->start = time_of_week(made, again->week) - DAY;
	again->end = 0;
}

/* Refused for a wrong birth date, and sent right the week after. */
static void add_corrected(struct made *made)
{
	struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 4));
	child->sent[0].code = 3;
	child->sent[0].birth += DAY;
	struct sent *right = send_in(made, child, child->sent[0].week + 1);
	right->code = LOADED;
	right->birth = child->birth;
}

static void add_deleted(struct made *made)
{
	struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 8));
	struct sent *deleted = send_in(made, child, child->sent[0].week + 3);
	deleted->deleted = time_of_week(made, deleted->week) - DAY;
}

/* The number is replaced, and the authority takes the new one. */
static void add_renumbered(struct made *made)
{
	struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 12));
	size_t old = made->count - 1;
	child->inactive = free_week(made, child->sent[0].week + 5);
	child->stops = child->inactive + random_of(made, 2);
	struct person *renewed = new_person(made, child->kind);
	child = &made->people[old];
	snprintf(child->replacement, sizeof(child->replacement), "%s", renewed->number);
	snprintf(renewed->local, sizeof(renewed->local), "%s", child->local);
	snprintf(renewed->family, sizeof(renewed->family), "%s", child->family);
	renewed->birth = child->birth;
	struct sent *sent = send_in(made, renewed, child->stops);
	sent->start = child->sent[0].start;
}

static struct person *unborn_plan(struct made *made, size_t week)
{
	struct person *mother = new_person(made, 'u');
	mother->birth = (made->first / DAY - 25LL * 365) * DAY;
	struct sent *sent = send_in(made, mother, week);
	sent->end = sent->start + 100LL * DAY;
	return mother;
}

/* The child is born on the day that was expected. */
static void add_born(struct made *made)
{
	struct person *mother = unborn_plan(made, any_week(made, 1, last_week(made) - 24));
	char family[24];
	snprintf(family, sizeof(family), "%s", mother->family);
	long long due = mother->sent[0].end;
	struct person *child = new_person(made, 'c');
	snprintf(child->family, sizeof(child->family), "%s", family);
	child->birth = due / DAY * DAY;
	size_t week = (size_t)((due - made->first) / DAY / 7) + 2;
	send_in(made, child, week);
}

static void plant(struct made *made, enum authority_fault fault, const char *what)
{
	struct authority_planted *planted = &made->out->planted[made->out->planted_count++];
	snprintf(planted->rule, sizeof(planted->rule), "LED-%03u", (unsigned)fault % 99 + 1);
	snprintf(planted->what, sizeof(planted->what), "%s", what);
}

static void plant_second_plan(struct made *made, enum authority_fault fault)
{
	struct person *first = plain_child(made, any_week(made, 1, last_week(made) - 12));
	size_t at = made->count - 1;
	first->kind = 'c';
	struct person *second = new_person(made, 'l');
	first = &made->people[at];
	snprintf(second->number, sizeof(second->number), "%s", first->number);
	snprintf(second->family, sizeof(second->family), "%s", first->family);
	second->birth = first->birth;
	if (fault == FAULT_TWO_BIRTHS) {
		second->birth += 2LL * DAY;
		snprintf(second->local, sizeof(second->local), "%s", first->local);
	}
	send_in(made, second, first->sent[0].week + 4);
	plant(made, fault, second->number);
}

static void plant_two_numbers(struct made *made)
{
	plain_child(made, any_week(made, 1, last_week(made) - 12));
	size_t at = made->count - 1;
	struct person *second = new_person(made, made->people[at].kind);
	struct person *first = &made->people[at];
	snprintf(second->local, sizeof(second->local), "%s", first->local);
	snprintf(second->family, sizeof(second->family), "%s", first->family);
	second->birth = first->birth;
	first->stops = send_in(made, second, first->sent[0].week + 6)->week;
	plant(made, FAULT_TWO_NUMBERS, first->number);
}

static void plant_inactive(struct made *made)
{
	struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 16));
	child->inactive = free_week(made, child->sent[0].week + 5);
	child->refused_from = child->inactive;
	child->refused_code = 7;
	send_in(made, child, child->inactive + 4)->code = 7;
	plant(made, FAULT_INACTIVE, child->number);
}

static void plant_long_ago(struct made *made)
{
	struct person *child = plain_child(made, 2);
	struct sent *ended = send_in(made, child, child->sent[0].week + 3);
	ended->end = time_of_week(made, ended->week) - 2LL * DAY;
	struct sent *again = send_in(made, child, ended->week + 60);
	again->code = 7;
	plant(made, FAULT_ENDED_LONG_AGO, child->number);
}

static void plant_adult(struct made *made)
{
	struct person *child = new_person(made, 'c');
	size_t week = any_week(made, 20, last_week(made) - 20);
	struct moment birthday = moment_of_seconds(time_of_week(made, week));
	struct moment birth = moment_after_months(&birthday, -18 * 12);
	child->birth = birth.seconds / DAY * DAY;
	send_in(made, child, week - 15);
	child->refused_from = week + 1;
	child->refused_code = 7;
	plant(made, FAULT_ADULT, child->number);
}

static void plant_deleted_again(struct made *made)
{
	struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 16));
	struct sent *deleted = send_in(made, child, child->sent[0].week + 3);
	deleted->deleted = time_of_week(made, deleted->week) - DAY;
	send_in(made, child, deleted->week + 4)->deleted = 0;
	plant(made, FAULT_DELETED_AGAIN, child->number);
}

/* Open in the last file but one, ended in the last, whose acknowledgement comes first. */
static void plant_overwritten(struct made *made)
{
	struct person *child = plain_child(made, made->weeks - SETTLING);
	send_in(made, child, made->weeks - 2);
	struct sent *ended = send_in(made, child, made->weeks - 1);
	ended->end = time_of_week(made, ended->week) - 2LL * DAY;
	plant(made, FAULT_OVERWRITTEN, child->number);
}

static bool has(const struct made *made, enum authority_fault fault)
{
	return made->options->faults & 1u << fault;
}

/* Weeks in which the file itself is the fault: what is in it is of no other interest. */
static void keep_weeks(struct made *made)
{
	static const enum authority_fault of_files[] = { FAULT_UNANSWERED, FAULT_LOST,
							 FAULT_NUMBER_REUSED };
	for (size_t i = 0; i < sizeof(of_files) / sizeof(of_files[0]); i++) {
		if (!has(made, of_files[i]))
			continue;
		size_t week = any_week(made, 10 + i * 25, 30 + i * 25);
		made->quiet[of_files[i]] = week;
		struct person *filler = new_person(made, 'c');
		grow_child(made, filler);
		filler->sent[0] = (struct sent){ .week = week,
						 .code = LOADED,
						 .birth = filler->birth,
						 .start = time_of_week(made, week) - DAY };
		filler->sent_count = 1;
		filler->stops = of_files[i] == FAULT_LOST ? week + 1 : SIZE_MAX;
	}
}

static void plant_people(struct made *made)
{
	if (has(made, FAULT_REFUSED)) {
		struct person *child = plain_child(made, any_week(made, 1, last_week(made)));
		child->sent[0].code = random_of(made, 2) ? 1 : 3;
		plant(made, FAULT_REFUSED, child->number);
	}
	if (has(made, FAULT_OVERWRITTEN))
		plant_overwritten(made);
	if (has(made, FAULT_INACTIVE))
		plant_inactive(made);
	if (has(made, FAULT_ENDED_LONG_AGO))
		plant_long_ago(made);
	if (has(made, FAULT_UNBORN))
		plant(made, FAULT_UNBORN,
		      unborn_plan(made, any_week(made, 1, last_week(made) - 30))->number);
	if (has(made, FAULT_TWO_BIRTHS))
		plant_second_plan(made, FAULT_TWO_BIRTHS);
	if (has(made, FAULT_TWO_LOCALS))
		plant_second_plan(made, FAULT_TWO_LOCALS);
	if (has(made, FAULT_VANISHED) && made->options->whole) {
		struct person *child = plain_child(made, any_week(made, 1, last_week(made) - 20));
		child->stops = free_week(made, child->sent[0].week + 10);
		plant(made, FAULT_VANISHED, child->number);
	}
	if (has(made, FAULT_ADULT))
		plant_adult(made);
	if (has(made, FAULT_TWO_NUMBERS))
		plant_two_numbers(made);
	if (has(made, FAULT_DELETED_AGAIN))
		plant_deleted_again(made);
}

static void add_people(struct made *made)
{
	static void (*const kinds[])(struct made *) = {
		add_plain,     add_plain, add_plain,   add_plain, add_plain,
		add_corrected, add_plain, add_deleted, add_born,  add_renumbered,
	};
	for (size_t i = 0; i < made->options->children; i++)
		kinds[i % (sizeof(kinds) / sizeof(kinds[0]))](made);
}

/* Writing */

static void write_stamp(FILE *file, const char *element, long long at)
{
	struct moment m = moment_of_seconds(at);
	fprintf(file, "<%s value=\"%04d%02d%02d%02d%02d%02d+0000\"/>", element, m.year, m.month,
		m.day, m.hour, m.minute, m.second);
}

static void write_date(FILE *file, const char *element, const char *prefix, const char *name,
		       long long at)
{
	struct moment m = moment_of_seconds(at);
	if (at)
		fprintf(file, "<%s><%s%s><value value=\"%04d%02d%02d%02d%02d\"/></%s%s></%s>\n",
			element, prefix, name, m.year, m.month, m.day, m.hour, m.minute, prefix,
			name, element);
}

static void write_organisation(FILE *file, const char *element, const char *code)
{
	fprintf(file,
		"<%s><organisation><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"%s\"/>"
		"<name>Example Council %s</name><telecom value=\"tel:01632960114\" use=\"EC\"/>"
		"</organisation></%s>\n",
		element, code, code, element);
}

#define CONTENT                                                                                    \
	"<npfitlc:contentId root=\"2.16.840.1.113883.2.1.3.2.4.18.16\" extension=\"%s#%s\"/>"

static void write_plan(FILE *file, const struct person *person, const struct sent *sent)
{
	static const struct {
		char kind;
		const char *template, *class, *prefix;
	} kinds[] = {
		{ 'l', "COCT_TP146100GB01", "LACInformation", "lAC" },
		{ 'c', "COCT_TP146101GB01", "CPPInformation", "cPP" },
		{ 'u', "COCT_TP146102GB01", "UCPInformation", "uCP" },
	};
	size_t i = person->kind == 'l' ? 0 : person->kind == 'c' ? 1 : 2;
	fprintf(file, "<pertinentInformation>" CONTENT "<%s.%s>\n", kinds[i].template,
		kinds[i].class, kinds[i].template, kinds[i].class);
	write_date(file, "component", kinds[i].prefix, "StartDate", sent->start);
	write_date(file, "component1", kinds[i].prefix, "EndDate", sent->end);
	write_date(file, "component2", kinds[i].prefix, "DeleteDate", sent->deleted);
	fprintf(file, "</%s.%s></pertinentInformation>\n", kinds[i].template, kinds[i].class);
}

static void write_subject(FILE *file, const struct person *person, const struct sent *sent)
{
	struct moment birth = moment_of_seconds(sent->birth);
	bool mother = person->kind == 'u';
	const char *template = mother ? "COCT_TP145100GB01" : "COCT_TP145101GB01";
	const char *class = mother ? "UnbornChild" : "Child";
	char ids[300], born[200];
	snprintf(ids, sizeof(ids),
		 "<id root=\"2.16.840.1.113883.2.1.4.1\" extension=\"%s\"/><id root=\"2.16.840.1."
		 "113883.2.1.3.2.4.18.24\" extension=\"%s\" "
		 "assigningAuthorityName=\"9X1:Example\"/>",
		 person->number, person->local);
	snprintf(born, sizeof(born),
		 "<birthTime value=\"%04d%02d%02d\"/><name><given>Ada</given><family>%s</family>"
		 "</name>",
		 birth.year, birth.month, birth.day, person->family);
	fprintf(file, "<subject>" CONTENT "<%s.%s>", template, class, template, class);
	if (mother)
		fprintf(file,
			"<parentMotherPerson>%s<playedMother>%s</playedMother>"
			"</parentMotherPerson>",
			born, ids);
	else
		fprintf(file, "%s<childPerson>%s</childPerson>", ids, born);
	fprintf(file, "</%s.%s></subject>\n", template, class);
}

/* The record of a person in the file of a week; NULL: it is not in it. *code: how it is answered.
 */
static const struct sent *in_file(const struct made *made, const struct person *person, size_t week,
				  int *code)
{
	const struct sent *latest = NULL;
	for (size_t i = 0; i < person->sent_count; i++)
		if (person->sent[i].week <= week)
			latest = &person->sent[i];
	if (!latest || week >= person->stops || (!made->options->whole && latest->week != week))
		return NULL;
	/* A whole file has what ended or was deleted once, and an unborn child plan until its end.
	 */
	bool over =
		latest->deleted ||
		(latest->end && (person->kind != 'u' || latest->end < time_of_week(made, week)));
	if (over && latest->week != week)
		return NULL;
	*code = week >= person->refused_from ? person->refused_code : latest->code;
	return latest;
}

struct answer {
	const struct person *person;
	const struct sent *sent;
	int code;
};

static FILE *create(struct made *made, const char *what, size_t number, const char *more)
{
	char path[1024];
	snprintf(path, sizeof(path), "%s/%s-%05zu%s.xml", made->options->folder, what, number,
		 more);
	FILE *file = fopen(path, "w");
	if (file)
		return file;
	perror(path);
	made->failed = true;
	return NULL;
}

#define ROOT                                                                                       \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s xmlns=\"urn:hl7-org:v3\" "                \
	"xmlns:npfitlc=\"NPFIT:HL7:Localisation\">"

static void write_upload(struct made *made, const struct answer *answers, size_t count,
			 const char *code, long long at, const char *more)
{
	FILE *file = create(made, "upload", made->number, more);
	if (!file)
		return;
	fprintf(file, ROOT, "File");
	write_stamp(file, "creationTime", at);
	fprintf(file, "<id extension=\"%zu\"/><transmissionQuantity value=\"%zu\"/>\n",
		made->number, count);
	write_organisation(file, "communicationFunctionSnd", code);
	for (size_t i = 0; i < count; i++) {
		fputs("<record><CP-ISRecord>\n", file);
		write_plan(file, answers[i].person, answers[i].sent);
		write_subject(file, answers[i].person, answers[i].sent);
		fputs("</CP-ISRecord></record>\n", file);
	}
	fputs("</File>\n", file);
	fclose(file);
	made->out->files++;
	made->out->records += count;
}

static const char *record_display(int code)
{
	static const char *const words[] = {
		"",
		"PDS Error - No Match Found for NHS Number",
		"PDS Error - NHS Number Matched, but Sensitive Record",
		"PDS Error - NHS Number not Verified",
		"PDS Error - NHS Number Format Incorrect",
		"PDS Error - NHS Number Verified, but Superseded",
		"Successful Record Upload",
		"Unsucessful Record Upload",
	};
	return words[code];
}

static void write_returned(FILE *file, const struct answer *answer)
{
	const char *role = answer->code == LOADED ? "validCP-ISRecord" : "invalidCP-ISRecord";
	fprintf(file, "<message><cP-ISLAAcknowledgementResponse><pertinentInformation1><%s>\n",
		role);
	if (answer->code != LOADED)
		write_plan(file, answer->person, answer->sent);
	write_subject(file, answer->person, answer->sent);
	fprintf(file, "</%s></pertinentInformation1></cP-ISLAAcknowledgementResponse></message>\n",
		role);
}

static void write_answer(struct made *made, const struct answer *answers, size_t count,
			 const char *code, long long at, const char *more)
{
	size_t failed = 0;
	for (size_t i = 0; i < count; i++)
		failed += answers[i].code != LOADED;
	FILE *file = create(made, "answer", made->number, more);
	if (!file)
		return;
	fprintf(file, ROOT, "FileResponse");
	write_stamp(file, "creationTime", at);
	fprintf(file, "<id extension=\"%zu\"/><transmissionQuantity value=\"%zu\"/>\n",
		made->number, count);
	fprintf(file,
		"<acknowledgementFile><acknowledgementFileDetail><code code=\"%s\" "
		"displayName=\"%s File Upload\"/></acknowledgementFileDetail></acknowledgementFile>"
		"<acknowledgementRecord>\n",
		!failed		 ? "CPF02"
		: failed < count ? "CPF03"
				 : "CPF04",
		!failed		 ? "Successful"
		: failed < count ? "Partial"
				 : "Unsuccessful");
	for (size_t i = 0; i < count; i++)
		fprintf(file,
			"<acknowledgementRecordDetail><code code=\"CPR%02d\" "
			"codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.473\" displayName=\"%s\"/>"
			"<location>/*[local-name()='File']/*[local-name()='record'][%zu]</location>"
			"</acknowledgementRecordDetail>\n",
			answers[i].code, record_display(answers[i].code), i + 1);
	fputs("</acknowledgementRecord>\n", file);
	write_organisation(file, "communicationFunctionRcv", code);
	fprintf(file,
		"<failedReturnedCP-ISRecords><value value=\"%zu\"/>"
		"</failedReturnedCP-ISRecords>\n",
		failed);
	for (size_t i = 0; i < count; i++)
		write_returned(file, &answers[i]);
	fprintf(file,
		"<successfulReturnedCP-ISRecords><value value=\"%zu\"/>"
		"</successfulReturnedCP-ISRecords></FileResponse>\n",
		count - failed);
	fclose(file);
}

static void write_notice(struct made *made, const struct person *person, const char *code)
{
	FILE *file = create(made, "notice", (size_t)(person - made->people), "");
	if (!file)
		return;
	fprintf(file, ROOT, "CP-ISInactiveNHSNumberNotification");
	write_stamp(file, "effectiveTime", time_of_week(made, person->inactive) - 2LL * DAY);
	fprintf(file,
		"<id root=\"%08zX-0000-4000-8000-%012zX\"/><primaryInformationRecipient>" CONTENT
		"<COCT_TP145103GB01.IntendedRecipient><representedSourceOrganization><id "
		"root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"%s\"/><name>Example</name>"
		"</representedSourceOrganization></COCT_TP145103GB01.IntendedRecipient>"
		"</primaryInformationRecipient><subject><pDSInactivePatient><id "
		"root=\"2.16.840.1.113883.2.1.4.1\" extension=\"%s\"/>",
		(size_t)(person - made->people), (size_t)(person - made->people),
		"COCT_TP145103GB01", "IntendedRecipient", code, person->number);
	if (person->replacement[0])
		fprintf(file,
			"<replacedBy><newVersion><id extension=\"%s\"/></newVersion></replacedBy>",
			person->replacement);
	fprintf(file, "<subjectOf><lAUploadFile><value extension=\"1\"/></lAUploadFile></subjectOf>"
		      "</pDSInactivePatient></subject></CP-ISInactiveNHSNumberNotification>\n");
	fclose(file);
}

static void name_upload(struct made *made, enum authority_fault fault, size_t number)
{
	char text[16];
	snprintf(text, sizeof(text), "%zu", number % 10000000);
	plant(made, fault, text);
}

/* The file of a week, and what answers it. */
static void write_week(struct made *made, size_t week, struct answer *answers, const char *code)
{
	size_t count = 0;
	for (size_t i = 0; i < made->count; i++) {
		struct answer *answer = &answers[count];
		answer->person = &made->people[i];
		answer->sent = in_file(made, answer->person, week, &answer->code);
		count += answer->sent != NULL;
	}
	if (!count)
		return;
	bool reused = made->quiet[FAULT_NUMBER_REUSED] == week && week;
	long long at = time_of_week(made, week), answered = at + 3600;
	made->number += !reused;
	if (reused)
		name_upload(made, FAULT_NUMBER_REUSED, made->number);
	if (week && made->quiet[FAULT_LOST] == week)
		return;
	if (has(made, FAULT_OVERWRITTEN) && week + 2 == made->weeks)
		answered = time_of_week(made, week + 1) + 7200;
	write_upload(made, answers, count, code, at, reused ? "-again" : "");
	if (week && made->quiet[FAULT_UNANSWERED] == week)
		name_upload(made, FAULT_UNANSWERED, made->number);
	else
		write_answer(made, answers, count, code, answered, reused ? "-again" : "");
	/* The gap is seen at the file after it. */
	if (week && made->quiet[FAULT_LOST] && made->quiet[FAULT_LOST] + 1 <= week) {
		name_upload(made, FAULT_LOST, made->number);
		made->quiet[FAULT_LOST] = 0;
	}
}

/* Another authority, with an open plan of the same child. */
static void write_other(struct made *made, struct answer *answers)
{
	struct person *child = plain_child(made, 5);
	size_t number = made->number;
	answers[0] = (struct answer){ child, &child->sent[0], LOADED };
	made->number = 1;
	write_upload(made, answers, 1, "8X2", time_of_week(made, 9), "-other");
	write_answer(made, answers, 1, "8X2", time_of_week(made, 9) + 3600, "-other");
	made->number = number;
	plant(made, FAULT_TWO_AUTHORITIES, child->number);
}

static void write_all(struct made *made)
{
	const char *code = made->options->code ? made->options->code : "9X1";
	struct answer *answers = calloc(made->count + 2, sizeof(*answers));
	if (!answers)
		abort();
	if (has(made, FAULT_TWO_AUTHORITIES))
		write_other(made, answers);
	for (size_t week = 0; week < made->weeks && !made->failed; week++)
		write_week(made, week, answers, code);
	for (size_t i = 0; i < made->count; i++)
		if (made->people[i].inactive)
			write_notice(made, &made->people[i], code);
	if (has(made, FAULT_ORPHAN)) {
		made->number += 100;
		write_answer(made, answers, 0, code, time_of_week(made, 20) + 7200, "-orphan");
		name_upload(made, FAULT_ORPHAN, made->number);
	}
	free(answers);
}

int authority_make(const struct authority_options *options, struct authority_made *out)
{
	struct made made = { .options = options, .out = out };
	*out = (struct authority_made){ .planted_count = 0 };
	made.random = options->seed * 0x9e3779b97f4a7c15u + 0x2545f4914f6cdd1du;
	made.nine = 999000000u + (unsigned)(options->seed % 900) * 1000u;
	made.weeks = options->years * 52;
	if (made.weeks < LEAST_WEEKS) {
		fputs("make-authority: two years at least\n", stderr);
		return -1;
	}
	made.first = moment_of(STR("20200106")).seconds + 9LL * 3600;
	mkdir(options->folder, 0777);
	keep_weeks(&made);
	plant_people(&made);
	add_people(&made);
	write_all(&made);
	struct moment at = moment_of_seconds(time_of_week(&made, made.weeks) + 30LL * DAY);
	snprintf(out->at, sizeof(out->at), "%04d-%02d-%02d", at.year % 10000, at.month % 100,
		 at.day % 100);
	free(made.people);
	return made.failed ? -1 : 0;
}
