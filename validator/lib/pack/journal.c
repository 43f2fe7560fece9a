#include "pack/journal.h"

#include "pack/documents.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_EXCHANGES = 1000000, MOST_FAULTS = 64 * 1024 };

static const size_t most_bytes = (size_t)1 << 30;

static void blame(struct journal *journal, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void blame(struct journal *journal, const char *format, ...)
{
	char sentence[512];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	if (journal->faults.n < MOST_FAULTS / 2)
		buf_printf(&journal->faults, "%s%s", journal->faults.n ? "; " : "", sentence);
}

static bool asks_for_exchanges(const struct pack *const *packs, size_t count, size_t *slots)
{
	*slots = 0;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < packs[i]->case_count; k++)
			*slots += packs[i]->cases[k].exchange != NULL;
	return *slots > 0;
}

static const struct evidence_file *find_file(const struct evidence *evidence, const char *name)
{
	for (size_t i = 0; i < evidence->count; i++)
		if (strcmp(evidence->items[i].name, name) == 0 && !evidence->items[i].is_folder)
			return &evidence->items[i];
	return NULL;
}

/* Files and lines */

/* The exchange with a number, which follows the last one or is there. */
static struct exchange *exchange_at(struct journal *journal, size_t number)
{
	if (number == 0 || number > MOST_EXCHANGES)
		return NULL;
	while (journal->count < number) {
		struct exchange *grown =
			list_grown_in(&journal->arena, journal->items, journal->count,
				      &journal->room, sizeof(*grown));
		if (!grown)
			return NULL;
		journal->items = grown;
		grown[journal->count] = (struct exchange){ .number = journal->count + 1 };
		journal->count++;
	}
	return &journal->items[number - 1];
}

/* "000012-request.http" is the request of 12, and "12-request.http" is not. */
static void take_file(struct journal *journal, const struct evidence_file *file)
{
	char *rest, digits[32];
	size_t number = strtoul(file->name, &rest, 10);
	bool request = strcmp(rest, "-request.http") == 0, reply = strcmp(rest, "-reply.http") == 0;
	bool results = strcmp(rest, "-results.xml") == 0;
	int n = snprintf(digits, sizeof(digits), "%06zu", number);
	if (file->is_folder || rest != file->name + n ||
	    strncmp(file->name, digits, (size_t)n) != 0 || !(request || reply || results))
		return;
	struct exchange *exchange = exchange_at(journal, number);
	if (!exchange)
		return;
	const struct evidence_file **to = request ? &exchange->request
					  : reply ? &exchange->reply
						  : &exchange->results;
	*to = file;
}

static long long number_in(const char *line, const char *name)
{
	char key[32];
	snprintf(key, sizeof(key), "\"%s\": ", name);
	const char *at = strstr(line, key);
	return at ? strtoll(at + strlen(key), NULL, 10) : 0;
}

static void take_line(struct journal *journal, char *line, size_t place)
{
	long long number = number_in(line, "number");
	bool whole = *line && line[strlen(line) - 1] == '}';
	struct exchange *exchange =
		whole && number > 0 ? exchange_at(journal, (size_t)number) : NULL;
	if (!exchange)
		blame(journal, "line %zu of journal.jsonl is not an exchange", place);
	else if (exchange->time)
		blame(journal, "journal.jsonl has exchange %lld twice", number);
	if (!exchange)
		return;
	exchange->time = number_in(line, "time");
	exchange->silent = strstr(line, "\"reply\": \"none\"") != NULL;
}

static void take_lines(struct journal *journal, const struct evidence_file *file)
{
	struct buf bytes;
	char why[256], *saved = NULL;
	size_t place = 0;
	buf_init(&bytes, most_bytes);
	if (!evidence_read(file, &bytes, why, sizeof(why)))
		blame(journal, "journal.jsonl cannot be read: %s", why);
	buf_char(&bytes, 0);
	if (!bytes.failed)
		for (char *line = strtok_r(bytes.p, "\n", &saved); line;
		     line = strtok_r(NULL, "\n", &saved))
			take_line(journal, line, ++place);
	buf_release(&bytes);
}

static bool ends_results(struct str text)
{
	static const char end[] = "</results>";
	const size_t n = sizeof(end) - 1;
	text = str_trim(text);
	return text.n >= n && memcmp(text.p + text.n - n, end, n) == 0;
}

/* What the simulator found has the digests of what it was found in. */
static void check_digests(struct journal *journal, const struct exchange *exchange)
{
	const struct evidence_file *const files[] = { exchange->request, exchange->reply };
	struct buf bytes;
	char why[256];
	buf_init(&bytes, most_bytes);
	if (!evidence_read(exchange->results, &bytes, why, sizeof(why)))
		blame(journal, "'%s' cannot be read: %s", exchange->results->name, why);
	else if (!ends_results(buf_view(&bytes)))
		blame(journal, "'%s' was cut off", exchange->results->name);
	for (size_t i = 0; i < 2; i++)
		if (files[i] && (!bytes.n || !memmem(bytes.p, bytes.n, files[i]->sha256, 64)))
			blame(journal, "'%s' is not the one that '%s' is about", files[i]->name,
			      exchange->results->name);
	buf_release(&bytes);
}

static void check_exchange(struct journal *journal, const struct exchange *exchange)
{
	size_t number = exchange->number;
	if (!exchange->request && !exchange->time) {
		blame(journal, "exchange %zu is missing", number);
		return;
	}
	if (!exchange->time)
		blame(journal, "journal.jsonl has no line for exchange %zu", number);
	if (!exchange->request)
		blame(journal, "the request of exchange %zu is missing", number);
	if (exchange->silent && exchange->reply)
		blame(journal, "exchange %zu was not answered, and there is '%s'", number,
		      exchange->reply->name);
	else if (exchange->time && !exchange->silent && !exchange->reply)
		blame(journal, "the reply of exchange %zu is missing", number);
	if (exchange->results)
		check_digests(journal, exchange);
	else
		blame(journal, "the results of exchange %zu are missing", number);
}

/* Slots */

/* Whether an XPath is true of a document of the source. */
static bool says(struct journal *journal, const struct pack_documents *documents, const char *xpath,
		 const char *name)
{
	struct tree_value value;
	struct tree_fault fault;
	const struct pack_document *document;
	for (size_t place = 0; (document = pack_documents_next(documents, &place));) {
		const struct xml_tree *tree = pack_document_whole(document);
		if (!tree)
			continue;
		if (tree_evaluate(tree, xpath, &journal->arena, &value, &fault) != 0)
			blame(journal, "'%s' cannot be looked at for a slot: %s", name, fault.text);
		else if (value.truth)
			return true;
	}
	return false;
}

/* A file that was taken apart. */
struct opened {
	struct buf bytes;
	struct pack_documents documents;
	const char *name;
	bool there;
};

static void open_file(struct journal *journal, struct opened *opened,
		      const struct evidence_file *file, const struct cpis_options *options)
{
	char why[256];
	*opened = (struct opened){ .name = file ? file->name : "" };
	buf_init(&opened->bytes, most_bytes);
	if (!file)
		return;
	if (!evidence_read(file, &opened->bytes, why, sizeof(why))) {
		blame(journal, "'%s' cannot be read: %s", file->name, why);
		return;
	}
	buf_char(&opened->bytes, 0);
	if (opened->bytes.failed)
		return;
	opened->bytes.n--;
	pack_documents_open(&opened->documents, buf_view(&opened->bytes), NULL, options);
	opened->there = true;
}

static void close_file(struct opened *opened)
{
	pack_documents_close(&opened->documents);
	buf_release(&opened->bytes);
}

static bool fits(struct journal *journal, const struct pack_exchange *wanted,
		 const struct exchange *exchange, const struct opened *request,
		 const struct opened *reply)
{
	if (!request->there ||
	    !says(journal, &request->documents, wanted->request.text, request->name))
		return false;
	if (!wanted->reply.text)
		return reply->there;
	if (strcmp(wanted->reply.text, EXCHANGE_NO_REPLY) == 0)
		return exchange->silent && !exchange->reply;
	return reply->there && says(journal, &reply->documents, wanted->reply.text, reply->name);
}

static int add_exchange(struct journal *journal, struct slot_exchanges *slot, size_t index)
{
	size_t *grown = list_grown_in(&journal->arena, slot->items, slot->count, &slot->room,
				      sizeof(*grown));
	if (!grown)
		return -1;
	slot->items = grown;
	grown[slot->count++] = index;
	return 0;
}

static int fill_slots(struct journal *journal, size_t index, const struct cpis_options *options)
{
	const struct exchange *exchange = &journal->items[index];
	struct opened request, reply;
	int status = 0;
	open_file(journal, &request, exchange->request, options);
	open_file(journal, &reply, exchange->reply, options);
	for (size_t i = 0; status == 0 && i < journal->slot_count; i++) {
		struct slot_exchanges *slot = &journal->slots[i];
		if (fits(journal, slot->test->exchange, exchange, &request, &reply))
			status = add_exchange(journal, slot, index);
	}
	close_file(&reply);
	close_file(&request);
	return status;
}

int journal_read(struct journal *journal, const struct evidence *evidence,
		 const struct pack *const *packs, size_t pack_count,
		 const struct cpis_options *options)
{
	size_t slots = 0;
	arena_init(&journal->arena);
	buf_init(&journal->faults, MOST_FAULTS);
	const struct evidence_file *lines = evidence ? find_file(evidence, "journal.jsonl") : NULL;
	if (!asks_for_exchanges(packs, pack_count, &slots) || !lines)
		return 0;
	journal->slots = arena_alloc(&journal->arena, slots * sizeof(*journal->slots));
	if (!journal->slots)
		return -1;
	for (size_t i = 0; i < pack_count; i++)
		for (size_t k = 0; k < packs[i]->case_count; k++)
			if (packs[i]->cases[k].exchange)
				journal->slots[journal->slot_count++].test = &packs[i]->cases[k];
	for (size_t i = 0; i < evidence->count; i++)
		take_file(journal, &evidence->items[i]);
	take_lines(journal, lines);
	for (size_t i = 0; i < journal->count; i++)
		check_exchange(journal, &journal->items[i]);
	for (size_t i = 0; i < journal->count; i++)
		if (fill_slots(journal, i, options) != 0)
			return -1;
	return journal->arena.failed ? -1 : 0;
}

void journal_release(struct journal *journal)
{
	buf_release(&journal->faults);
	arena_release(&journal->arena);
}

const struct slot_exchanges *journal_slot(const struct journal *journal,
					  const struct pack_case *test)
{
	for (size_t i = 0; i < journal->slot_count; i++)
		if (journal->slots[i].test == test)
			return &journal->slots[i];
	return NULL;
}

bool journal_is_own(const struct journal *journal, const struct evidence_file *file)
{
	if (!journal->slot_count)
		return false;
	for (size_t i = 0; i < journal->count; i++)
		if (journal->items[i].results == file && journal->items[i].request)
			return true;
	return strcmp(file->name, "journal.jsonl") == 0;
}

bool journal_fills(const struct journal *journal, const struct slot_exchanges *slot,
		   const struct evidence_file *file)
{
	for (size_t i = 0; i < slot->count; i++) {
		const struct exchange *exchange = &journal->items[slot->items[i]];
		if (exchange->request == file || exchange->reply == file)
			return true;
	}
	return false;
}
