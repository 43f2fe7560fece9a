/* A copy of what results say that borrows nothing of them, by the table of their document. */
#include "results/document.h"

struct copying {
	struct arena *arena;
	const struct rule *(*rule)(void *context, const struct rule *rule);
	void *context;
};

static void copy_members(const struct copying *copying, const struct record *record, void *subject);

static void copy_leaves(const struct copying *copying, const struct member *member, void *subject,
			const char ***leaves)
{
	size_t count = *(const size_t *)(const void *)((const char *)subject + member->count_at);
	const char **copy = arena_alloc(copying->arena, (count + 1) * sizeof(*copy));
	for (size_t i = 0; copy && i < count; i++)
		copy[i] = arena_copy(copying->arena, str_of((*leaves)[i]));
	*leaves = copy;
}

static void copy_list(const struct copying *copying, const struct member *member, void *subject,
		      void **list)
{
	size_t count = *(const size_t *)(const void *)((const char *)subject + member->count_at);
	char *copy = arena_alloc(copying->arena, count * member->size + 1);
	if (copy && count)
		memcpy(copy, *list, count * member->size);
	*list = copy;
	for (size_t i = 0; copy && i < count; i++)
		copy_members(copying, member->record, copy + i * member->size);
	/* What would be added to it needs a new list. */
	if (member->room_at)
		*(size_t *)(void *)((char *)subject + member->room_at) = count;
}

static void copy_member(const struct copying *copying, const struct member *member, void *subject)
{
	void *place = (char *)subject + member->offset;
	const char **text = place;
	const struct rule **rule = place;
	switch (member->kind) {
	case MEMBER_TEXT:
	case MEMBER_CONTENT:
	case MEMBER_LEAF:
		if (*text)
			*text = arena_copy(copying->arena, str_of(*text));
		break;
	case MEMBER_RULE:
		if (*rule)
			*rule = copying->rule(copying->context, *rule);
		break;
	case MEMBER_LEAVES:
		copy_leaves(copying, member, subject, place);
		break;
	case MEMBER_PART:
		copy_members(copying, member->record, subject);
		break;
	case MEMBER_LIST:
		copy_list(copying, member, subject, place);
		break;
	default:
		break;
	}
}

static void copy_members(const struct copying *copying, const struct record *record, void *subject)
{
	for (size_t i = 0; i < record->count; i++)
		copy_member(copying, &record->members[i], subject);
}

void record_copy(const struct record *record, void *subject, struct arena *arena,
		 const struct rule *(*rule)(void *context, const struct rule *rule), void *context)
{
	const struct copying copying = { arena, rule, context };
	copy_members(&copying, record, subject);
}
