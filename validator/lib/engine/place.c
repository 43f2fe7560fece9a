#include "engine/place.h"

#include "engine/excerpt.h"
#include "transport/parcel.h"
#include "xml/locate.h"

#include <stdlib.h>

/* The findings of one document, and the earlier places that some of them name. */
struct found {
	struct location *locations;
	size_t count;
};

static size_t count_places(const struct draft *draft, size_t document)
{
	size_t count = 0;
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].document == document)
				count += draft->messages[i].findings[k].other ? 2 : 1;
	return count;
}

static void add(struct found *found, struct draft_finding *finding)
{
	found->locations[found->count++] =
		(struct location){ .offset = finding->offset, .owner = finding };
	if (finding->other)
		found->locations[found->count++] =
			(struct location){ .offset = finding->other, .owner = finding };
}

/* -1 when memory is out. */
static int collect(struct draft *draft, size_t document, struct draft_finding *extra,
		   struct found *found)
{
	size_t count = count_places(draft, document) + (extra != NULL);
	*found = (struct found){ .locations =
					 count ? calloc(count, sizeof(*found->locations)) : NULL };
	if (!found->locations)
		return count ? -1 : 0;
	for (size_t i = 0; i < draft->message_count; i++)
		for (size_t k = 0; k < draft->messages[i].finding_count; k++)
			if (draft->messages[i].findings[k].document == document)
				add(found, &draft->messages[i].findings[k]);
	if (extra)
		add(found, extra);
	return 0;
}

/* In the document itself. An earlier place that a finding names is said in its sentence. */
static void tell(const struct placing *placing, struct str bytes, const struct location *location)
{
	struct arena *arena = &placing->draft->arena;
	struct draft_finding *finding = location->owner;
	if (location->offset != finding->offset) {
		finding->message =
			arena_printf(arena, "%s; compare line %zu",
				     finding->message ? finding->message : "", location->line);
		return;
	}
	finding->at = (struct place){ location->line, location->column };
	finding->path = location->path;
	struct excerpt excerpt = excerpt_of(arena, bytes, finding->offset, placing->show_values);
	finding->excerpt = excerpt.text;
	finding->caret = excerpt.caret;
}

static const char *description(const struct placing *placing, const struct parcel *decoded)
{
	struct buf text;
	buf_init(&text, 1024);
	parcel_describe(decoded, &text);
	if (text.failed)
		placing->draft->failed = true;
	const char *copy = arena_copy(&placing->draft->arena, buf_view(&text));
	buf_release(&text);
	return copy;
}

/* Lines of a parcel's bytes, counted on from where findings in it were placed before. */
static void count_in(const struct placing *placing, const struct parcel *parcel,
		     struct location *locations, size_t count)
{
	struct place_marks *marks = placing->marks;
	if (parcel->serial == 0) {
		xml_count_places(parcel->bytes, locations, count);
		return;
	}
	size_t i = 0;
	while (i < MOST_MARKS && marks->of[i].serial != parcel->serial)
		i++;
	if (i == MOST_MARKS) {
		i = marks->next++ % MOST_MARKS;
		marks->of[i].serial = parcel->serial;
		marks->of[i].counted = (struct counted){ 0 };
	}
	xml_count_on(parcel->bytes, &marks->of[i].counted, locations, count);
}

/*
 * From places in the parcel to places in the source and in what was decoded. Locations stand in
 * order of offset, and no layer turns an order round.
 */
static void trace(const struct placing *placing, const struct parcel *parcel,
		  struct location *locations, size_t count)
{
	const struct parcel *source = parcel_source(parcel);
	const struct parcel *decoded = NULL;
	for (size_t i = 0; i < count; i++) {
		struct origin origin = parcel_origin(parcel, locations[i].offset);
		locations[i].offset = origin.decoded ? origin.inner : origin.offset;
		decoded = origin.decoded;
	}
	count_in(placing, decoded ? decoded : source, locations, count);
	struct location start = { .offset = decoded ? parcel_origin(decoded, 0).offset : 0 };
	const char *layer = decoded ? description(placing, decoded) : NULL;
	if (decoded)
		count_in(placing, source, &start, 1);
	for (size_t i = 0; i < count; i++) {
		struct draft_finding *finding = locations[i].owner;
		finding->at = (struct place){ locations[i].line, locations[i].column };
		if (!decoded)
			continue;
		finding->inner = finding->at;
		finding->at = (struct place){ start.line, start.column };
		finding->layer = layer;
	}
}

/* Only the places of the findings themselves are traced through the layers. */
static size_t drop_other_places(struct location *locations, size_t count)
{
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		const struct draft_finding *finding = locations[i].owner;
		if (locations[i].offset == finding->offset)
			locations[kept++] = locations[i];
	}
	return kept;
}

void place_document(const struct placing *placing, const struct parcel *parcel, size_t document,
		    struct draft_finding *extra)
{
	struct draft *draft = placing->draft;
	struct found found;
	if (collect(draft, document, extra, &found) != 0 ||
	    xml_locate(placing->reader, parcel->bytes, placing->limits, found.locations,
		       found.count, &draft->arena) != 0)
		draft->failed = true;
	for (size_t i = 0; i < found.count; i++)
		tell(placing, parcel->bytes, &found.locations[i]);
	if (found.count && parcel_source(parcel) != parcel)
		trace(placing, parcel, found.locations,
		      drop_other_places(found.locations, found.count));
	free(found.locations);
}

void place_in_layer(const struct placing *placing, const struct parcel *parcel,
		    struct draft_finding *finding)
{
	struct location location = { .offset = finding->offset, .owner = finding };
	finding->path = "";
	trace(placing, parcel, &location, 1);
}
