#include "engine/shard.h"

#include "base/digest.h"
#include "diag/failure.h"
#include "diag/results.h"
#include "engine/upload.h"
#include "engine/walk.h"

#include <stddef.h>
#include <stdlib.h>

static void add_word(struct digest *digest, const char *word)
{
	digest_add(digest, (struct str){ word, strlen(word) + 1 });
}

int shard_note(struct results *results, const char *const *paths, size_t count,
	       struct walk_shard *shard)
{
	struct shard_result *noted = results_add_shard(results);
	struct digest inputs;
	if (!noted)
		return -1;
	*noted = (struct shard_result){ .number = shard->number,
					.of = shard->of,
					.files = shard->files };
	digest_start(&inputs);
	for (size_t i = 0; i < count; i++)
		add_word(&inputs, paths[i]);
	for (size_t i = 0; i < results->options.exclude_count; i++) {
		add_word(&inputs, "--exclude");
		add_word(&inputs, results->options.exclude[i]);
	}
	digest_finish(&inputs, noted->inputs);
	digest_finish(&shard->listing, noted->listing);
	return 0;
}

/* Order */

/* An entry of a list, and where it was. */
struct placed {
	const char *key, *more;
	size_t place;
};

int shard_order(const char *source, const char *other)
{
	return strcmp(source ? source : "", other ? other : "");
}

static int by_key(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = shard_order(x->key, y->key);
	if (order == 0)
		order = shard_order(x->more, y->more);
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* What a list is ordered by: at these places of an entry. SIZE_MAX: there is no second one. */
struct list_of {
	void *entries;
	size_t count, bytes, key_at, more_at;
};

static const char *text_at(const struct list_of *list, size_t i, size_t at)
{
	const char *entry = (const char *)list->entries + i * list->bytes;
	return at == SIZE_MAX ? NULL : *(const char *const *)(const void *)(entry + at);
}

/* Entries of one key stay in the order in which they came. */
static int sort_list(const struct list_of *list)
{
	size_t bytes = list->bytes;
	struct placed *order = calloc(list->count + 1, sizeof(*order));
	char *sorted = malloc(list->count * bytes + 1);
	for (size_t i = 0; order && i < list->count; i++)
		order[i] = (struct placed){ text_at(list, i, list->key_at),
					    text_at(list, i, list->more_at), i };
	if (order && list->count > 1)
		qsort(order, list->count, sizeof(*order), by_key);
	for (size_t i = 0; order && sorted && i < list->count; i++)
		memcpy(sorted + i * bytes, (char *)list->entries + order[i].place * bytes, bytes);
	if (order && sorted && list->count)
		memcpy(list->entries, sorted, list->count * bytes);
	int status = order && sorted ? 0 : -1;
	free(sorted);
	free(order);
	return status;
}

#define SORT(results, name, key, more)                                                             \
	sort_list(&(struct list_of){ (results)->name##s, (results)->name##_count,                  \
				     sizeof(*(results)->name##s), key, more })

int shard_sort(struct results *results)
{
	size_t kept = 0;
	for (size_t i = 0; i < results->file_count; i++)
		if (!results->files[i].listed && !results->files[i].beside)
			results->files[kept++] = results->files[i];
	results->file_count = kept;
	const struct list_of left_out = { results->left_out, results->left_out_count,
					  sizeof(*results->left_out),
					  offsetof(struct omission, what),
					  offsetof(struct omission, why) };
	if (SORT(results, message, offsetof(struct message_result, source), SIZE_MAX) != 0 ||
	    SORT(results, file, offsetof(struct file_result, path), SIZE_MAX) != 0 ||
	    SORT(results, root, offsetof(struct root_result, path), SIZE_MAX) != 0 ||
	    sort_list(&left_out) != 0)
		return -1;
	return 0;
}

/* The whole */

static bool has_upload(const struct message_result *message)
{
	return message->upload_count > 0;
}

/* NULL: there are none, or no memory for them. */
static struct upload_entry *gather_uploads(const struct results *results, size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < results->message_count; i++)
		*count += has_upload(&results->messages[i]);
	struct upload_entry *entries = *count ? calloc(*count, sizeof(*entries)) : NULL;
	for (size_t i = 0, n = 0; entries && i < results->message_count; i++)
		if (has_upload(&results->messages[i]))
			entries[n++] = (struct upload_entry){ .fact = results->messages[i].upload,
							      .source = results->messages[i].source,
							      .place = i };
	return entries;
}

static int judge_uploads(struct results *results, struct cpis_failure *failure)
{
	size_t count, rule = upload_rule(results);
	struct upload_entry *entries = gather_uploads(results, &count);
	int status = 0;
	if (count && !entries)
		return failure_out_of_memory(failure);
	if (count > 1 && rule == SIZE_MAX) {
		free(entries);
		return failure_set(failure, CPIS_FAILURE_CONFIGURATION,
				   "uploads in sequence can be judged by the version that made the "
				   "parts alone, %s",
				   results_tool(results));
	}
	upload_order(entries, count);
	/* The first follows nothing. */
	for (size_t i = 1; status == 0 && i < count; i++) {
		results->tallies[rule].judged += entries[i].follows;
		if (entries[i].before)
			status = upload_judge(results, entries[i].place, &entries[i], failure);
	}
	free(entries);
	for (size_t i = 0; i < results->message_count; i++)
		results->messages[i].upload_count = 0;
	return status;
}

int shard_judge_roots(struct results *results)
{
	for (size_t i = 0; i < results->root_count; i++) {
		if (results->roots[i].kept)
			continue;
		struct message_result *message = results_add_message(results);
		if (!message)
			return -1;
		message->source = results->roots[i].path;
		message_add_omission(results, message, "the folder",
				     "no messages were found in it");
		message_settle(results, message);
	}
	results->root_count = 0;
	return results->arena.failed ? -1 : 0;
}

int shard_settle(struct results *results, struct cpis_failure *failure)
{
	bool whole = !results_lack_parts(results);
	if (whole && shard_judge_roots(results) != 0)
		return failure_out_of_memory(failure);
	if (shard_sort(results) != 0)
		return failure_out_of_memory(failure);
	return whole ? judge_uploads(results, failure) : 0;
}
