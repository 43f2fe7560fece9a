#include "message/fold.h"

#include <stdlib.h>

typedef void (*fold_into)(struct arena *arena, const struct part *part, struct part *around);

/* The part around belongs to the binder, as this one does; only rules must not write to it. */
static struct part *around_of(const struct part *part)
{
	return (struct part *)(uintptr_t)part->parent;
}

static void note(struct arena *arena, struct noted_list *list, const struct value *value,
		 unsigned role)
{
	struct noted *noted = arena_alloc(arena, sizeof(*noted));
	if (!noted)
		return;
	*noted = (struct noted){ .value = { arena_str(arena, value->text), value->offset },
				 .role = role };
	*(list->last ? &list->last->next : &list->first) = noted;
	list->last = noted;
	list->count++;
}

/* A number that may be a person's, by its digits: others have findings of their own. */
static bool is_sound(const struct identifier *id)
{
	return id->is_nhs && nhs_number_is_valid(&id->number);
}

static const struct identifier *sound_number(const struct identifier *ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_sound(&ids[i]))
			return &ids[i];
	return NULL;
}

/* An ODS code in small letters is the same one. */
static struct str in_capitals(struct arena *arena, struct str code)
{
	char *capitals = arena_alloc(arena, code.n + 1);
	if (capitals)
		str_capitals(capitals, code);
	return (struct str){ capitals, capitals ? code.n : 0 };
}

struct str query_author(struct arena *arena, const struct query *query)
{
	for (size_t i = 0; query->person_count && i < query->person.id_count; i++) {
		const struct identifier *id = &query->person.ids[i];
		if (str_is(id->root.text, OID_SDS_USER) && !str_is_blank(id->extension.text))
			return arena_str(arena, id->extension.text);
	}
	const struct author_device *device = &query->device;
	if (!query->device_count || str_is_blank(device->id.extension.text))
		return (struct str){ 0 };
	struct str organisation = in_capitals(arena, device->organisation.id.extension.text);
	return str_of(arena_printf(arena, "%.*s at %.*s", STR_ARG(device->id.extension.text),
				   STR_ARG(organisation)));
}

bool query_is_within_a_day(const struct moment *first, const struct moment *later)
{
	long long seconds = moment_last_second(later) - first->seconds;
	return first->ok && later->ok && seconds >= 0 && seconds < DAY_SECONDS;
}

/* p is NULL where there is nothing to see. */
static struct str keep_filled(struct arena *arena, const struct value *value)
{
	return value_filled(value) ? arena_str(arena, str_trim(value->text)) : (struct str){ 0 };
}

struct asker query_asker(struct arena *arena, const struct query *query)
{
	const struct author_person *person = &query->person;
	if (!query->person_count)
		return (struct asker){ 0 };
	struct asker asker = {
		.organisation = keep_filled(arena, &person->organisation.id.extension),
	};
	for (size_t i = 0; i < person->id_count && !asker.profile.p; i++)
		if (str_is(person->ids[i].root.text, OID_ROLE_PROFILE))
			asker.profile = keep_filled(arena, &person->ids[i].extension);
	/* An accented letter may be written in two ways. */
	if (person->family_count && !(name_holds(person->families[0].text) & IN_NAME_WIDE))
		asker.family = keep_filled(arena, &person->families[0]);
	return asker;
}

static void list_query(struct arena *arena, struct listed_query_list *list,
		       const struct query *query)
{
	struct listed_query *listed = arena_alloc(arena, sizeof(*listed));
	if (!listed)
		return;
	listed->id = (struct value){ arena_str(arena, query->id.text), query->id.offset };
	listed->effective = (struct value){ arena_str(arena, query->effective.value.text),
					    query->effective.value.offset };
	listed->moment = query->effective.moment;
	listed->author = query_author(arena, query);
	listed->asker = query_asker(arena, query);
	*(list->last ? &list->last->next : &list->first) = listed;
	list->last = listed;
	list->count++;
}

/* The first sound number is the one that the response is about; every other one is a stranger. */
static void ask_or_note(struct arena *arena, struct response *response, const struct identifier *id,
			enum stranger_role role)
{
	if (!value_there(&response->asked))
		response->asked = (struct value){ arena_str(arena, id->extension.text),
						  id->extension.offset };
	else if (!str_equal(response->asked.text, id->extension.text))
		note(arena, &response->strangers, &id->extension, role);
}

static void fold_query(struct arena *arena, const struct part *part, struct part *around)
{
	const struct query *query = (const struct query *)(const void *)part;
	if (around->kind == PART_RESPONSE) {
		struct response *response = (struct response *)(void *)around;
		list_query(arena, &response->listed, query);
		const struct identifier *id =
			sound_number(query->nhs_numbers, query->nhs_number_count);
		if (id)
			ask_or_note(arena, response, id, STRANGER_ACCESS);
	} else if (around->kind == PART_ACCESS && around->parent &&
		   around->parent->kind == PART_ACCESS_NOTIFICATION) {
		struct access_notification *notification =
			(struct access_notification *)(void *)around_of(around);
		list_query(arena, &notification->listed, query);
		for (size_t i = 0; i < query->nhs_number_count; i++)
			if (query->nhs_numbers[i].is_local &&
			    value_there(&query->nhs_numbers[i].authority))
				note(arena, &notification->authorities,
				     &query->nhs_numbers[i].authority, 0);
	}
}

static bool has_number(const struct subject *subject, struct str number)
{
	for (size_t i = 0; i < subject->id_count; i++)
		if (is_sound(&subject->ids[i]) && str_equal(subject->ids[i].extension.text, number))
			return true;
	return false;
}

/* Whether an expression may select a record that does not have what it asks for. */
static bool may_select_another(struct str location)
{
	static const char *const words[] = { "not",   "!=", "following", "preceding",
					     "count", "<",  ">",	 "false" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (memmem(location.p, location.n, words[i], strlen(words[i])))
			return true;
	return false;
}

static bool in_word(struct str text, size_t at)
{
	char c = at < text.n ? text.p[at] : ' ';
	return char_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
	       c == '_' || c == '.';
}

/* The first nine digits of the one NHS number in a location that asks for it; 0: there is none. */
static uint32_t number_named(struct str location)
{
	enum { DIGITS = 10 };
	uint32_t nine = 0;
	for (size_t i = 0, n; i < location.n; i += n + 1) {
		for (n = 0; in_word(location, i + n);)
			n++;
		struct nhs_number number =
			nhs_number_of((struct str){ location.p + i, n == DIGITS ? n : 0 });
		if (!nhs_number_is_valid(&number))
			continue;
		if (nine && nine != number.nine)
			return 0;
		nine = number.nine;
	}
	return nine && !may_select_another(location) ? nine : 0;
}

static int by_nine(const void *a, const void *b)
{
	const struct named_record *one = a, *two = b;
	return (one->nine > two->nine) - (one->nine < two->nine);
}

static void list_named(struct arena *arena, struct acknowledgement *acknowledgement)
{
	size_t count = 0;
	acknowledgement->has_named = true;
	for (const struct noted *detail = acknowledgement->details.first; detail;
	     detail = detail->next)
		count += number_named(detail->value.text) != 0;
	if (!count)
		return;
	acknowledgement->named = arena_alloc(arena, count * sizeof(struct named_record));
	if (!acknowledgement->named)
		return;
	for (const struct noted *detail = acknowledgement->details.first; detail;
	     detail = detail->next) {
		struct named_record named = { detail, number_named(detail->value.text), false,
					      false };
		if (named.nine)
			acknowledgement->named[acknowledgement->named_count++] = named;
	}
	qsort(acknowledgement->named, count, sizeof(struct named_record), by_nine);
}

/* Several details may name one number: they are side by side. */
static void mark_named(struct acknowledgement *acknowledgement, struct named_record *named,
		       bool valid)
{
	const struct named_record *end = acknowledgement->named + acknowledgement->named_count;
	uint32_t nine = named->nine;
	while (named > acknowledgement->named && named[-1].nine == nine)
		named--;
	for (; named < end && named->nine == nine; named++) {
		named->valid = named->valid || valid;
		named->invalid = named->invalid || !valid;
	}
}

static void fold_returned(struct arena *arena, const struct record *record,
			  struct acknowledgement *acknowledgement)
{
	if (!acknowledgement->has_named)
		list_named(arena, acknowledgement);
	for (size_t i = 0; acknowledgement->named_count && i < record->subject_count; i++) {
		const struct subject *subject = &record->subjects[i];
		const struct identifier *id = sound_number(subject->ids, subject->id_count);
		struct named_record sought = { .nine = id ? id->number.nine : 0 };
		struct named_record *named =
			bsearch(&sought, acknowledgement->named, acknowledgement->named_count,
				sizeof(sought), by_nine);
		if (named)
			mark_named(acknowledgement, named, record == &acknowledgement->valid);
	}
}

/* A returned record is of the child itself or of its mother: whoever has a plan in it has to fit.
 * Of subjects without plan (UPL-018) one is enough. */
static void fold_record(struct arena *arena, const struct part *part, struct part *around)
{
	const struct record *record = (const struct record *)(const void *)part;
	if (around->kind == PART_ACKNOWLEDGEMENT)
		fold_returned(arena, record, (struct acknowledgement *)(void *)around);
	if (around->kind != PART_RESPONSE)
		return;
	struct response *response = (struct response *)(void *)around;
	const struct identifier *first = NULL;
	bool settled = false;
	for (size_t i = 0; i < record->subject_count; i++) {
		const struct subject *subject = &record->subjects[i];
		const struct identifier *id = sound_number(subject->ids, subject->id_count);
		bool fits = has_number(subject, response->asked.text);
		bool has_plan = record_has_plan_for(record, subject->part.role);
		if (id && !fits && has_plan)
			ask_or_note(arena, response, id, STRANGER_RECORD);
		settled = settled || fits || (id && has_plan);
		first = first ? first : id;
	}
	if (first && !settled)
		ask_or_note(arena, response, first, STRANGER_RECORD);
}

static void fold_record_detail(struct arena *arena, const struct part *part, struct part *around)
{
	if (around->kind != PART_ACKNOWLEDGEMENT)
		return;
	const struct record_detail *detail = (const struct record_detail *)(const void *)part;
	struct acknowledgement *acknowledgement = (struct acknowledgement *)(void *)around;
	struct str code = detail->code.text;
	enum detail_role role = !code_find(&upload_record_responses, code) ? DETAIL_UNKNOWN
				: str_is(code, "CPR06")			   ? DETAIL_LOADED
									   : DETAIL_REFUSED;
	acknowledgement->said[role]++;
	struct value location = { str_trim(detail->location.text), detail->location.offset };
	note(arena, &acknowledgement->details, &location, role);
}

static void fold_inactive_patient(struct arena *arena, const struct part *part, struct part *around)
{
	if (around->kind != PART_INACTIVE_NOTIFICATION)
		return;
	const struct inactive_patient *patient =
		(const struct inactive_patient *)(const void *)part;
	struct inactive_notification *notification = (struct inactive_notification *)(void *)around;
	const struct identifier *id = sound_number(patient->ids, patient->id_count);
	if (!id)
		return;
	if (!patient->replacement_count && !part->broken && !part->overlooked) {
		struct value unreplaced = { id->extension.text, part->offset };
		note(arena, &notification->unreplaced, &unreplaced, 0);
	}
	note(arena, &notification->numbers, &id->extension,
	     patient->replacement_count ? NUMBER_REPLACED : NUMBER_UNREPLACED);
	for (size_t i = 0; i < patient->replacement_count; i++)
		if (is_sound(&patient->replacements[i]))
			note(arena, &notification->replacements,
			     &patient->replacements[i].extension,
			     (unsigned)notification->numbers.count);
	for (size_t i = 0; i < patient->id_count; i++) {
		if (!patient->ids[i].is_local || !value_filled(&patient->ids[i].extension))
			continue;
		note(arena, &notification->locals, &patient->ids[i].extension,
		     (unsigned)notification->numbers.count);
		note(arena, &notification->authorities, &patient->ids[i].authority,
		     (unsigned)notification->numbers.count);
	}
}

/* What is directly in a SOAP envelope, whatever element of no part is around it. */
static void fold_wrapper(struct arena *arena, const struct part *part, struct part *around)
{
	(void)arena, (void)part;
	if (around->kind == PART_SOAP)
		((struct soap *)(void *)around)->holds = SOAP_OF_SPINE;
}

static void fold_fault(struct arena *arena, const struct part *part, struct part *around)
{
	(void)arena;
	if (around->kind == PART_SOAP)
		((struct soap *)(void *)around)->holds =
			fault_use((const struct fault *)(const void *)part);
}

static void fold_error_info(struct arena *arena, const struct part *part, struct part *around)
{
	(void)arena;
	if (around->kind == PART_INFRASTRUCTURE_RESPONSE)
		((struct infrastructure_response *)(void *)around)->filled_error_count +=
			!error_info_is_empty((const struct error_info *)(const void *)part);
}

static const fold_into folds[PART_KIND_COUNT] = {
	[PART_WRAPPER] = fold_wrapper,
	[PART_FAULT] = fold_fault,
	[PART_ERROR_INFO] = fold_error_info,
	[PART_QUERY] = fold_query,
	[PART_RECORD] = fold_record,
	[PART_RECORD_DETAIL] = fold_record_detail,
	[PART_INACTIVE_PATIENT] = fold_inactive_patient,
};

void fold_part(struct arena *arena, const struct part *part)
{
	if (part->parent && folds[part->kind])
		folds[part->kind](arena, part, around_of(part));
}
