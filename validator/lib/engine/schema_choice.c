#include "engine/schema_choice.h"

#include "cpis.h"
#include "engine/setup.h"
#include "schema/compiled.h"
#include "xml/xsd.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_TYPES = 32 };

struct schema_choice {
	struct xsd_folder *folder; /* NULL: the built-in schemas */
	const struct schema
		*schemas[MOST_TYPES]; /* of the folder, by the type's place in the catalogue */
};

/* Whether the published set has a schema for a type. */
static bool is_published(const struct message_type *type)
{
	return type->ns == NS_HL7 && !type->smsp;
}

static int load(struct schema_choice *choice, struct cpis_failure *failure)
{
	for (size_t i = 0; i < message_type_count && i < MOST_TYPES; i++) {
		const struct message_type *type = &message_types[i];
		const struct xsd_file *file =
			is_published(type) ? xsd_folder_root(choice->folder, type->root, type->id)
					   : NULL;
		if (file && xsd_open(&choice->schemas[i], choice->folder, file, failure) != 0)
			return -1;
	}
	return 0;
}

int schema_choice_new(struct schema_choice **out, const char *folder, struct cpis_failure *failure)
{
	struct schema_choice *choice = calloc(1, sizeof(*choice));
	if (!choice) {
		*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_INTERNAL,
						  .text = "memory is out" };
		return -1;
	}
	if (folder && (xsd_folder_open(&choice->folder, folder, failure) != 0 ||
		       load(choice, failure) != 0)) {
		schema_choice_free(choice);
		return -1;
	}
	*out = choice;
	return 0;
}

void schema_choice_free(struct schema_choice *choice)
{
	if (!choice)
		return;
	for (size_t i = 0; i < MOST_TYPES; i++)
		xsd_close(choice->schemas[i]);
	xsd_folder_close(choice->folder);
	free(choice);
}

const struct schema *schema_choice_built_in(const char *path)
{
	return schema_compiled(path);
}

const struct schema *schema_choice_message(struct schema_choice *choice,
					   const struct message_type *type, const char **why)
{
	const struct schema *schema = choice->folder && is_published(type)
					      ? choice->schemas[type - message_types]
					      : schema_compiled(type->schema);
	if (!schema)
		*why = choice->folder ? "the folder of --schemas declares no such root element"
				      : "the program has no such schema";
	return schema;
}

/* cpis_schemas_check */

struct teller {
	void (*tell)(void *context, const struct cpis_schema_note *note);
	void *context;
};

static void tell_notes(const struct teller *teller, const struct xsd_folder *folder)
{
	static const char *const kinds[] = {
		[XSD_MENDED] = "mended",
		[XSD_MISSING] = "missing",
		[XSD_OUTSIDE] = "outside",
		[XSD_UNREADABLE] = "unreadable",
	};
	for (size_t i = 0; i < folder->note_count; i++) {
		const struct xsd_note *from = &folder->notes[i];
		struct cpis_schema_note note = { kinds[from->kind], from->file, from->line,
						 from->count, from->text };
		teller->tell(teller->context, &note);
	}
}

/* 1 for a message that can be judged, 0 for one that is not there, -1 for one that is refused. */
static int tell_message(const struct teller *teller, const struct xsd_folder *folder,
			const struct message_type *type)
{
	const struct xsd_file *file = xsd_folder_root(folder, type->root, type->id);
	const struct schema *schema = NULL;
	struct cpis_failure failure;
	char text[sizeof(failure.file) + sizeof(failure.text) + 32];
	if (!is_published(type) || !file)
		return 0;
	int status = xsd_open(&schema, folder, file, &failure);
	xsd_close(schema);
	if (status == 0)
		snprintf(text, sizeof(text), "%s, root element %s%s%s", type->title, type->root,
			 file->version ? ", version " : "", file->version ? file->version : "");
	else
		snprintf(text, sizeof(text), "%s:%zu: %s", failure.file, failure.line,
			 failure.text);
	struct cpis_schema_note note = { status == 0 ? "message" : "refused", file->path, 0, 1,
					 text };
	teller->tell(teller->context, &note);
	return status == 0 ? 1 : -1;
}

int cpis_schemas_check(const char *path,
		       void (*tell)(void *context, const struct cpis_schema_note *note),
		       void *context, struct cpis_failure *failure)
{
	struct xsd_folder *folder = NULL;
	struct teller teller = { tell, context };
	size_t found = 0, refused = 0;
	if (engine_setup() != 0 || xsd_folder_open(&folder, path, failure) != 0)
		return -1;
	for (size_t i = 0; i < message_type_count; i++) {
		int status = tell_message(&teller, folder, &message_types[i]);
		found += status > 0;
		refused += status < 0;
	}
	tell_notes(&teller, folder);
	xsd_folder_close(folder);
	if (found && !refused)
		return 0;
	*failure = (struct cpis_failure){ .kind = CPIS_FAILURE_CONFIGURATION };
	snprintf(failure->file, sizeof(failure->file), "%s", path);
	snprintf(failure->text, sizeof(failure->text), "%s",
		 found || refused ? "a message's schema cannot be used"
				  : "no CP-IS message is declared in the folder");
	return -1;
}
