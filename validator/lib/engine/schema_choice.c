#include "engine/schema_choice.h"

#include "diag/failure.h"
#include "schema/validation.h"
#include "xml/xsd.h"

#include <stdlib.h>

struct schema_choice {
	struct xsd_folder *folder;	/* NULL: the built-in schemas */
	const struct schema *schemas[]; /* of the folder, by the type's place in the catalogue */
};

bool schema_choice_is_published(const struct message_type *type)
{
	return type->ns == NS_HL7 && !type->smsp && type->schema;
}

static int load(struct schema_choice *choice, struct cpis_failure *failure)
{
	for (size_t i = 0; i < message_type_count; i++) {
		const struct message_type *type = &message_types[i];
		const struct xsd_file *file =
			schema_choice_is_published(type)
				? xsd_folder_root(choice->folder, type->root, type->id)
				: NULL;
		if (file && xsd_open(&choice->schemas[i], choice->folder, file, failure) != 0)
			return -1;
	}
	return 0;
}

int schema_choice_new(struct schema_choice **out, const char *folder, struct cpis_failure *failure)
{
	struct schema_choice *choice =
		calloc(1, sizeof(*choice) + message_type_count * sizeof(choice->schemas[0]));
	if (!choice)
		return failure_out_of_memory(failure);
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
	for (size_t i = 0; i < message_type_count; i++)
		xsd_close(choice->schemas[i]);
	xsd_folder_close(choice->folder);
	free(choice);
}

const struct schema *schema_choice_built_in(const char *path)
{
	return schema_compiled(path);
}

#define UPLOAD_REFUSED "REPC_MT000003GB01", "REPC_IN000003GB01"

static const struct {
	const char *type;
	const char *refused; /* the interaction around it, which refuses; NULL: any, or none */
	enum schema_fault_kind kind;
	size_t depth;
	const char *actual;	   /* NULL: libxml2 does not say */
	const char *begins, *ends; /* the sentence */
} spine_sends[] = {
	/* A text after author1, which says how an upload went. */
	{ "MCCI_IN010000UK13", NULL, SCHEMA_ELEMENT_UNEXPECTED, 2, "detail", "",
	  "the end of ControlActEvent" },
	{ "MCCI_IN010000UK13", NULL, SCHEMA_ELEMENT_UNEXPECTED, 2, NULL,
	  "detail: This element is not expected.", "reason )" },
	/* The answer in the same call that a query failed, without queryAck. */
	{ "QUQI_IN010000UK14", NULL, SCHEMA_ELEMENT_MISSING, 1, NULL, "queryAck is missing after ",
	  "" },
	{ "QUQI_IN010000UK14", NULL, SCHEMA_ELEMENT_MISSING, 1, NULL,
	  "ControlActEvent: Missing child element(s).", "queryAck )" },
	/* The answer to an upload that failed as a whole: its id as a value, no counts, no
	   receiver. */
	{ UPLOAD_REFUSED, SCHEMA_ELEMENT_MISSING, 0, NULL, "communicationFunctionRcv, failed",
	  "are missing after acknowledgementFile" },
	{ UPLOAD_REFUSED, SCHEMA_ELEMENT_MISSING, 0, NULL,
	  "FileResponse: Missing child element(s).",
	  "( acknowledgementRecord, communicationFunctionRcv )" },
	{ UPLOAD_REFUSED, SCHEMA_ATTRIBUTE_MISSING, 1, NULL, "the attribute extension of ",
	  "FileResponse/id is missing" },
	{ UPLOAD_REFUSED, SCHEMA_ATTRIBUTE_MISSING, 1, NULL,
	  "id/@extension: ", "required but missing" },
	{ UPLOAD_REFUSED, SCHEMA_ATTRIBUTE_UNEXPECTED, 1, "value", "the attribute ",
	  "is not allowed on FileResponse/id" },
	{ UPLOAD_REFUSED, SCHEMA_ATTRIBUTE_UNEXPECTED, 1, NULL, "id/@value: ", "not allowed" },
};

bool schema_choice_is_spines(const struct message_type *type, const char *refused,
			     const struct schema_fault *fault, size_t depth)
{
	struct str message = str_of(fault->message);
	for (size_t i = 0; type && i < sizeof(spine_sends) / sizeof(spine_sends[0]); i++) {
		const char *around = spine_sends[i].refused;
		if (strcmp(spine_sends[i].type, type->id) == 0 &&
		    (!around || (refused && strcmp(around, refused) == 0)) &&
		    spine_sends[i].kind == fault->kind && spine_sends[i].depth == depth &&
		    (!spine_sends[i].actual || str_is(fault->actual, spine_sends[i].actual)) &&
		    str_starts(message, str_of(spine_sends[i].begins)) &&
		    str_ends(message, str_of(spine_sends[i].ends)))
			return true;
	}
	return false;
}

const char *schema_choice_patch_a(const struct schema_fault *fault)
{
#define OF_PATCH_A(code)                                                                           \
	{                                                                                          \
		code, "versionCode " code " is in the schema set of RC5 Patch A, and not in that " \
		      "of RC5"                                                                     \
	}
	static const char *const added[][2] = {
		OF_PATCH_A("v3CPI_DMSv1.0:RC5"),
		OF_PATCH_A("v3CPIMS_DMSv1.0:RC1"),
	};
	if (fault->kind != SCHEMA_VALUE_OF_SET ||
	    !str_starts(str_of(fault->message), STR("code of versionCode ")))
		return NULL;
	for (size_t i = 0; i < sizeof(added) / sizeof(added[0]); i++)
		if (str_is(str_trim(fault->actual), added[i][0]))
			return added[i][1];
	return NULL;
}

const struct schema *schema_choice_message(struct schema_choice *choice,
					   const struct message_type *type, const char **why)
{
	const struct schema *schema = choice->folder && schema_choice_is_published(type)
					      ? choice->schemas[type - message_types]
				      : type->schema ? schema_compiled(type->schema)
						     : NULL;
	if (!type->schema)
		*why = "it is not a message of CP-IS, and cpis has no schema for it";
	else if (!schema)
		*why = choice->folder ? "the folder of --schemas declares no such root element"
				      : "there is no built-in schema for it";
	return schema;
}
