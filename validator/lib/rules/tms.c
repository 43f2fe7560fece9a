/* The Spine transmission wrapper: what is sent, from which system to which, and what a reply says
 * of its request. */
#include "message/catalogue.h"
#include "message/identifiers.h"
#include "rules/catalogue.h"
#include "rules/envelope.h"
#include "rules/judge.h"

#define WRAPPER	  "TMS transmission wrapper, MCCI_MT010101 and MCCI_MT020101"
#define REPLY	  "TMS application acknowledgement, MCCI_MT020101 and QUQI_MT030101"
#define OID_ISSUE "2.16.840.1.113883.2.1.3.2.4.17.42"

/* Report at a value; at its element if the value is missing; else at the wrapper. */
static enum outcome fail_at(struct judge *judge, const struct value *value,
			    const struct value *element, const char *sentence)
{
	if (value_there(value))
		return judge_fail(judge, value, MASK_NONE, "%s", sentence);
	if (!value_there(element))
		return judge_fail_part(judge, judge->part, "%s", sentence);
	struct value place = { { 0 }, element->offset };
	return judge_fail(judge, &place, MASK_NONE, "%s", sentence);
}

static enum outcome id_has_root(struct judge *judge, const struct wrapper *wrapper)
{
	if (wrapper->id_count == 1 && value_filled(&wrapper->id))
		return HOLDS;
	judge_expect(judge, "an upper-case UUID");
	return fail_at(judge, &wrapper->id, &wrapper->id_element, "the message id has no root");
}

static const struct rule tms_001 = {
	.id = "TMS-001",
	.name = "message-without-id",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_ID",
	.title = "Message has no id",
	.why = "Spine refuses it, and no reply can say which message it answers.",
	.fix = "Send a new upper-case UUID in id/@root.",
	.check = { .wrapper = id_has_root },
};

static enum outcome creation_time_has_value(struct judge *judge, const struct wrapper *wrapper)
{
	if (wrapper->created_count == 0)
		return BLOCKED;
	if (value_filled(&wrapper->created.value))
		return HOLDS;
	judge_expect(judge, "CCYYMMDDhhmmss and the UTC offset");
	return judge_fail_part(judge, &wrapper->created.part, "creationTime has no value");
}

static const struct rule tms_002 = {
	.id = "TMS-002",
	.name = "creation-time-without-value",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_CREATION_TIME",
	.title = "creationTime has no value",
	.why = "Spine refuses the message, and it cannot be put in order with others.",
	.fix = "Send the date and time of creation with its UTC offset.",
	.check = { .wrapper = creation_time_has_value },
};

static enum outcome version_has_code(struct judge *judge, const struct wrapper *wrapper)
{
	if (wrapper->version_count == 1 && value_filled(&wrapper->version_code))
		return HOLDS;
	judge_expect(judge, "the version of the specification, such as V3NPfIT3.0");
	return fail_at(judge, &wrapper->version_code, &wrapper->version_element,
		       "versionCode has no code");
}

static const struct rule tms_003 = {
	.id = "TMS-003",
	.name = "version-code-missing",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_VERSION_CODE",
	.title = "versionCode has no code",
	.why = "Spine refuses the message, because it does not know which specification applies.",
	.fix = "Send the version of the specification that the message follows.",
	.check = { .wrapper = version_has_code },
};

static enum outcome interaction_is_its_own(struct judge *judge, const struct wrapper *wrapper)
{
	const char *name = wrapper->part.element;
	if (!str_is(wrapper->interaction_root.text, OID_INTERACTION)) {
		judge_expect(judge, OID_INTERACTION);
		return fail_at(
			judge, &wrapper->interaction_root, &wrapper->interaction_element,
			value_there(&wrapper->interaction_root)
				? "the root of interactionId is not " OID_INTERACTION
				: "interactionId has no root; it should be " OID_INTERACTION);
	}
	if (str_is(wrapper->interaction.text, name))
		return HOLDS;
	judge_expect(judge, "%s", name);
	if (!value_there(&wrapper->interaction))
		return fail_at(
			judge, &wrapper->interaction, &wrapper->interaction_element,
			judge_text(judge, "interactionId has no extension; it should be %s", name));
	return judge_fail(judge, &wrapper->interaction, MASK_NONE,
			  "interactionId is \"%s\", but the message is %s",
			  judge_plain(judge, wrapper->interaction.text), name);
}

static const struct rule tms_004 = {
	.id = "TMS-004",
	.name = "interaction-id-names-another-message",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INCONSISTENT_HL7_INTERACTION_ID",
	.title = "interactionId does not name the message",
	.why = "Spine refuses it, or a receiver handles it as another interaction.",
	.fix = "Send root " OID_INTERACTION " and the name of the message's root element.",
	.check = { .wrapper = interaction_is_its_own },
};

/* The ASIDs among the ids of devices: how many there are, and the last one. */
struct asids {
	size_t count, devices;
	const struct identifier *last;
	const struct part *place; /* where one was looked for */
};

static void count_asids(struct asids *asids, const struct device *device)
{
	asids->devices++;
	asids->place = device->id_count ? &device->ids[0].part : &device->part;
	for (size_t i = 0; i < device->id_count; i++) {
		if (!str_is(device->ids[i].root.text, OID_ASID))
			continue;
		asids->count++;
		asids->last = &device->ids[i];
	}
}

static enum outcome judge_asids(struct judge *judge, const struct asids *asids, const char *noun)
{
	if (asids->devices == 0)
		return BLOCKED;
	judge_expect(judge, "one id with root " OID_ASID " and the ASID");
	if (asids->count > 1)
		return judge_fail_part(judge, &asids->last->part,
				       "the %s has %zu ASIDs; it should have one", noun,
				       asids->count);
	if (asids->count == 0)
		return judge_fail_part(judge, asids->place,
				       "the %s has no ASID: no device id has root " OID_ASID, noun);
	const struct value *extension = &asids->last->extension;
	if (!value_there(extension))
		return judge_fail_part(judge, &asids->last->part,
				       "the id of the %s has no extension, so the ASID is missing",
				       noun);
	if (character_shows_nothing(extension->text))
		return judge_fail(judge, extension, MASK_NONE, "the ASID of the %s is blank", noun);
	return HOLDS;
}

/* Spine checks what it is sent; the schemas of what it sends take more than one. */
static bool is_sent_to_spine(const struct wrapper *wrapper)
{
	return strcmp(wrapper->part.element, "QUPC_IN000006GB01") == 0;
}

static enum outcome warn_of_more(struct judge *judge, const struct part *place, const char *noun,
				 size_t count)
{
	judge_expect(judge, "one %s", noun);
	judge_fix(judge, "Send one, as Spine does.");
	judge_severity(judge, CPIS_WARNING);
	return judge_fail_part(judge, place, "there are %zu %s elements; Spine sends one", count,
			       noun);
}

/* Each on its own where there are several. */
static enum outcome receivers_have_asids(struct judge *judge, const struct wrapper *wrapper)
{
	for (size_t i = 0; i < wrapper->receiver_count; i++) {
		struct asids asids = { 0 };
		count_asids(&asids, &wrapper->receivers[i]);
		if (asids.count && judge_asids(judge, &asids, "receiver") == FAILS)
			return FAILS;
		judge_forget(judge);
	}
	return warn_of_more(judge, &wrapper->receivers[1].part, "communicationFunctionRcv",
			    wrapper->receiver_count);
}

static enum outcome receiver_has_asid(struct judge *judge, const struct wrapper *wrapper)
{
	struct asids asids = { 0 };
	for (size_t i = 0; i < wrapper->receiver_count; i++)
		count_asids(&asids, &wrapper->receivers[i]);
	if (asids.count > 1 && wrapper->receiver_count > 1 && !is_sent_to_spine(wrapper))
		return receivers_have_asids(judge, wrapper);
	return judge_asids(judge, &asids, "receiver");
}

static const struct rule tms_005 = {
	.id = "TMS-005",
	.name = "receiver-without-one-asid",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_COMM_FUNC_RCV",
	.title = "Receiver does not have exactly one ASID",
	.why = "Spine does not know which system to send the message to.",
	.fix = "Send one device id with root " OID_ASID " and the receiver's ASID.",
	.check = { .wrapper = receiver_has_asid },
};

static enum outcome sender_has_asid(struct judge *judge, const struct wrapper *wrapper)
{
	struct asids asids = { 0 };
	if (wrapper->sender_count)
		count_asids(&asids, &wrapper->sender);
	return judge_asids(judge, &asids, "sender");
}

static const struct rule tms_006 = {
	.id = "TMS-006",
	.name = "sender-without-one-asid",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_COMM_FUNC_SND",
	.title = "Sender does not have exactly one ASID",
	.why = "Spine does not know which system is asking, refuses the message, and cannot reply.",
	.fix = "Send one device id with root " OID_ASID " and your system's ASID.",
	.check = { .wrapper = sender_has_asid },
};

/*
 * The schema already requires one ControlActEvent in every interaction. It cannot catch one
 * that is nil, with nothing in it, which QUPC_IN000006GB01 and REPC_IN000007GB01 allow. In any
 * other the schema requires author1.
 */
static enum outcome control_act_is_there(struct judge *judge, const struct wrapper *wrapper)
{
	if (wrapper->control_act_count == 1 && wrapper->author_count > 0)
		return HOLDS;
	judge_expect(judge, "one ControlActEvent with author1 and its content");
	return fail_at(
		judge, &(struct value){ 0 }, &wrapper->control_act,
		wrapper->control_act_count == 1
			? "ControlActEvent is empty: it does not say who acts or what is asked"
			: "the message does not have exactly one ControlActEvent");
}

static const struct rule tms_007 = {
	.id = "TMS-007",
	.name = "control-act-is-empty",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine INVALID_CONTROL_ACT",
	.title = "Message does not have exactly one ControlActEvent with content",
	.why = "The message asks nothing and answers nothing: the clinician gets no answer.",
	.fix = "Send one ControlActEvent with its author1 and its subject.",
	.check = { .wrapper = control_act_is_there },
};

static enum outcome authors_have_asids(struct judge *judge, const struct wrapper *wrapper)
{
	const struct part *last = &wrapper->part;
	for (size_t i = 0; i < wrapper->author_system_count; i++) {
		const struct identifier *id = &wrapper->author_systems[i];
		struct asids asids = { str_is(id->root.text, OID_ASID), 1, id, &id->part };
		last = &id->part;
		if (judge_asids(judge, &asids, "system in author1") == FAILS)
			return FAILS;
		judge_forget(judge);
	}
	return warn_of_more(judge, last, "author1", wrapper->author_count);
}

static enum outcome author_has_asid(struct judge *judge, const struct wrapper *wrapper)
{
	if (wrapper->author_count == 0)
		return NOT_APPLICABLE;
	struct asids asids = { .devices = 1, .place = &wrapper->part };
	for (size_t i = 0; i < wrapper->author_system_count; i++) {
		asids.place = &wrapper->author_systems[i].part;
		asids.last = &wrapper->author_systems[i];
		asids.count += str_is(wrapper->author_systems[i].root.text, OID_ASID);
	}
	if (wrapper->author_count > 1 && asids.count > 0 && !is_sent_to_spine(wrapper))
		return authors_have_asids(judge, wrapper);
	if (wrapper->author_count > 1) {
		judge_expect(judge, "one author1");
		return judge_fail_part(judge, asids.place,
				       "there are %zu author1 elements; Spine takes exactly one",
				       wrapper->author_count);
	}
	if (wrapper->author_system_count == 0)
		return fail_at(judge, &(struct value){ 0 }, &wrapper->author_element,
			       "author1 has no system, and so no ASID");
	return judge_asids(judge, &asids, "system in author1");
}

static const struct rule tms_008 = {
	.id = "TMS-008",
	.name = "author-system-without-asid",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_SPINE,
	.cite = "Spine MANDATORY_DATA_MISSING author1",
	.title = "Message does not have exactly one author1 with a system's ASID",
	.why = "Spine refuses the message, because it does not say which system acted.",
	.fix = "Send one author1 with an id of root " OID_ASID " and your system's ASID.",
	.check = { .wrapper = author_has_asid },
};

/* In the control act, where a person asks; author1 is for the system. */
static enum outcome judge_sds_id(struct judge *judge, const struct identifier *id, const char *root,
				 const char *noun, const char *form)
{
	if (str_is(id->root.text, root) && value_filled(&id->extension))
		return HOLDS;
	judge_expect(judge, "root %s and %s", root, form);
	if (value_there(&id->root) && !str_is(id->root.text, root))
		return judge_fail(judge, &id->root, MASK_NONE,
				  "the author's %s has root %s; it should be %s", noun,
				  judge_plain(judge, id->root.text), root);
	if (value_there(&id->extension) && character_shows_nothing(id->extension.text))
		return judge_fail(judge, &id->extension, MASK_NONE, "the author's %s is blank",
				  noun);
	return judge_fail_part(judge, &id->part, "the author's %s has no %s", noun,
			       value_there(&id->root) ? "extension" : "root");
}

static enum outcome author_is_an_sds_user(struct judge *judge, const struct wrapper *wrapper)
{
	const struct {
		const struct identifier *id;
		size_t count;
		const char *root, *noun, *form;
	} ids[] = {
		{ &wrapper->user, wrapper->user_count, OID_SDS_USER, "user id", "12 digits" },
		{ &wrapper->role_profile, wrapper->role_profile_count, OID_ROLE_PROFILE,
		  "role profile id", "12 digits" },
		{ &wrapper->job_role, wrapper->job_role_count, OID_SDS_JOB_ROLE, "job role",
		  "its code, such as R8001" },
	};
	enum outcome all = NOT_APPLICABLE;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		if (ids[i].count && ids[i].id->part.broken)
			return BLOCKED;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (ids[i].count == 0)
			continue;
		enum outcome one =
			judge_sds_id(judge, ids[i].id, ids[i].root, ids[i].noun, ids[i].form);
		all = all == FAILS ? FAILS : one;
	}
	return all;
}

static const struct rule tms_025 = {
	.id = "TMS-025",
	.name = "control-act-author-is-not-sds-user",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = "TMS control act wrapper, author/AgentPersonSDS",
	.title = "Author's user id, role profile id or job role is not that of an SDS user",
	.why = "It cannot be checked who asked for a child's record, or whether they may.",
	.fix = "Send the user id with root " OID_SDS_USER
	       ", the role profile id with root " OID_ROLE_PROFILE
	       " and the job role with root " OID_SDS_JOB_ROLE ".",
	.check = { .wrapper = author_is_an_sds_user },
};

static bool judge_role(struct judge *judge, const struct device *device, const char *code,
		       const char *noun)
{
	if (!value_there(&device->type_code) || str_is(str_trim(device->type_code.text), code))
		return true;
	judge_expect(judge, "%s", code);
	judge_fail(judge, &device->type_code, MASK_NONE,
		   "the %s has typeCode \"%s\"; it should be %s", noun,
		   judge_plain(judge, device->type_code.text), code);
	return false;
}

static enum outcome roles_are_their_own(struct judge *judge, const struct wrapper *wrapper)
{
	bool right = true, said = wrapper->sender_count && value_there(&wrapper->sender.type_code);
	for (size_t i = 0; i < wrapper->receiver_count; i++) {
		said = said || value_there(&wrapper->receivers[i].type_code);
		right = judge_role(judge, &wrapper->receivers[i], "RCV", "receiver") && right;
	}
	if (wrapper->sender_count)
		right = judge_role(judge, &wrapper->sender, "SND", "sender") && right;
	if (!said)
		return NOT_APPLICABLE;
	return right ? HOLDS : FAILS;
}

static const struct rule tms_026 = {
	.id = "TMS-026",
	.name = "receiver-said-to-be-sender",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = WRAPPER ", communicationFunctionRcv and communicationFunctionSnd",
	.title = "typeCode of the receiver or sender is wrong",
	.why = "A system that goes by typeCode takes the sender for the receiver.",
	.fix = "Send RCV with the receiver and SND with the sender, or leave typeCode out.",
	.check = { .wrapper = roles_are_their_own },
};

static enum outcome judge_code(struct judge *judge, const struct value *code,
			       const struct value *element, const char *name,
			       const char *const *codes, const char *expected)
{
	if (!value_there(element) ||
	    (value_there(code) && str_is_one_of(str_trim(code->text), codes)))
		return HOLDS;
	judge_expect(judge, "%s", expected);
	return fail_at(judge, code, element,
		       value_there(code) ? judge_text(judge, "%s is \"%s\"; Spine uses %s", name,
						      judge_plain(judge, code->text), expected)
					 : judge_text(judge, "%s has no code; Spine uses %s", name,
						      expected));
}

static enum outcome codes_are_spines(struct judge *judge, const struct wrapper *wrapper)
{
	static const char *const accept[] = { "NE", NULL }, *const id[] = { "P", "T", "D", NULL },
				 *const mode[] = { "T", NULL };
	enum outcome a = judge_code(judge, &wrapper->processing_code, &wrapper->processing_element,
				    "processingCode", id, "P, T or D");
	enum outcome b = judge_code(judge, &wrapper->processing_mode, &wrapper->mode_element,
				    "processingModeCode", mode, "T");
	enum outcome c = judge_code(judge, &wrapper->accept_ack, &wrapper->accept_element,
				    "acceptAckCode", accept, "NE");
	return a == FAILS || b == FAILS || c == FAILS ? FAILS : HOLDS;
}

static const struct rule tms_015 = {
	.id = "TMS-015",
	.name = "processing-codes-that-spine-does-not-use",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = WRAPPER,
	.title = "acceptAckCode, processingCode or processingModeCode is not one that Spine uses",
	.why = "Spine may hold, archive or drop the message instead of answering it now.",
	.fix = "Send acceptAckCode NE, processingCode P (T or D in tests) and processingModeCode "
	       "T.",
	.check = { .wrapper = codes_are_spines },
};

static const char *const acknowledgement_types[] = { "AA", "AE", "AR", NULL };
static const char *const detail_types[] = { "ER", "WG", "IF", NULL };
static const char *const response_codes[] = { "OK", "NF", "ID", NULL };

/*
 * Report a code that is not in its set, or missing from its element, and set *known to false.
 * Returns whether there was an element to judge.
 */
static bool judge_reply_code(struct judge *judge, const struct value *code,
			     const struct value *element, const char *name,
			     const char *const *codes, const char *expected, bool *known)
{
	if (!value_there(element))
		return false;
	if (str_is_one_of(str_trim(code->text), codes))
		return true;
	const struct value place = { { 0 }, element->offset };
	judge_expect(judge, "%s", expected);
	if (value_there(code))
		judge_fail(judge, code, MASK_NONE, "%s is \"%s\"; it should be %s", name,
			   judge_plain(judge, code->text), expected);
	else
		judge_fail(judge, &place, MASK_NONE, "%s has no code; it should be %s", name,
			   expected);
	*known = false;
	return true;
}

static enum outcome codes_are_known(struct judge *judge, const struct wrapper *wrapper)
{
	bool known = true;
	bool type = judge_reply_code(
		judge, &wrapper->acknowledgement_type, &wrapper->acknowledgement_type,
		"the acknowledgement's typeCode", acknowledgement_types, "AA, AE or AR", &known);
	for (size_t i = 0; i < wrapper->detail_type_count; i++)
		judge_reply_code(judge, &wrapper->detail_types[i], &wrapper->detail_types[i],
				 "the acknowledgementDetail's typeCode", detail_types,
				 "ER, WG or IF", &known);
	bool response =
		judge_reply_code(judge, &wrapper->query_response, &wrapper->query_response_element,
				 "queryResponseCode", response_codes, "OK, NF or ID", &known);
	if (!type && !wrapper->detail_type_count && !response)
		return NOT_APPLICABLE;
	return known ? HOLDS : FAILS;
}

static const struct rule tms_017 = {
	.id = "TMS-017",
	.name = "acknowledgement-code-is-not-known",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = REPLY,
	.title = "Code in the acknowledgement is unknown",
	.why = "A client that does not know the code cannot distinguish success from failure.",
	.fix = "Send typeCode AA, AE or AR, and queryResponseCode OK, NF or ID.",
	.check = { .wrapper = codes_are_known },
};

static enum outcome accepted_agrees(struct judge *judge, const struct wrapper *wrapper,
				    struct str found)
{
	if (wrapper_error_as_reason(wrapper))
		return judge_fail(judge, &wrapper->acknowledgement_type, MASK_NONE,
				  "typeCode AA says that the request was accepted, but a reason "
				  "says that there was an error");
	if (wrapper_error_as_detail(wrapper))
		return judge_fail(judge, wrapper_error_as_detail(wrapper), MASK_NONE,
				  "typeCode AA says that the request was accepted, but an "
				  "acknowledgementDetail says that there was an error");
	if (str_is(found, "ID"))
		return judge_fail(judge, &wrapper->query_response, MASK_NONE,
				  "queryResponseCode ID says that there was an issue, but typeCode "
				  "AA says that there was not");
	return HOLDS;
}

/* An acknowledgementDetail must say itself why. A reason without a code is TMS-014's. */
static bool says_why(const struct wrapper *wrapper)
{
	bool says = wrapper->reason_count > 0;
	for (size_t i = 0; i < wrapper->detail_word_count && wrapper_error_as_detail(wrapper); i++)
		says = says || value_filled(&wrapper->detail_words[i]);
	return says;
}

static enum outcome refused_agrees(struct judge *judge, const struct wrapper *wrapper,
				   struct str found)
{
	struct str type = str_trim(wrapper->acknowledgement_type.text);
	/* The message in it says why. */
	if (value_there(&wrapper->carried))
		return HOLDS;
	/* NF says itself why. */
	if (str_is(type, "AE") && str_is(found, "NF"))
		return HOLDS;
	if (!says_why(wrapper)) {
		judge_expect(judge, "at least one reason");
		return judge_fail(judge, &wrapper->acknowledgement_type, MASK_NONE,
				  "typeCode %s says that the request was not accepted, but no "
				  "reason and no acknowledgementDetail says why",
				  judge_plain(judge, type));
	}
	if (!str_is(found, "OK"))
		return HOLDS;
	judge_expect(judge, "ID or NF");
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  "queryResponseCode OK says that data was found, but typeCode %s says "
			  "that the request was not accepted",
			  judge_plain(judge, type));
}

static enum outcome found_agrees(struct judge *judge, const struct wrapper *wrapper,
				 struct str found)
{
	if (!str_is(found, "OK") || wrapper->reason_count == 0)
		return NOT_APPLICABLE;
	if (!wrapper_error_as_reason(wrapper))
		return HOLDS;
	judge_expect(judge, "OK without an error, or ID or NF");
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  "queryResponseCode OK says that data was found, but a reason says that "
			  "there was an error");
}

static enum outcome acknowledgement_agrees(struct judge *judge, const struct wrapper *wrapper)
{
	struct str type = str_trim(wrapper->acknowledgement_type.text);
	struct str found = str_trim(wrapper->query_response.text);
	/* Unknown codes are TMS-017's. */
	if (value_there(&wrapper->query_response_element) && !str_is_one_of(found, response_codes))
		return NOT_APPLICABLE;
	/* Spine's query response has none. */
	if (!value_there(&wrapper->acknowledgement_type))
		return found_agrees(judge, wrapper, found);
	if (!str_is_one_of(type, acknowledgement_types))
		return NOT_APPLICABLE;
	return str_is(type, "AA") ? accepted_agrees(judge, wrapper, found)
				  : refused_agrees(judge, wrapper, found);
}

static const struct rule tms_013 = {
	.id = "TMS-013",
	.name = "acknowledgement-contradicts-itself",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = REPLY,
	.title = "typeCode, queryResponseCode and reasons contradict each other",
	.why = "A client may show \"no plan\" for a query that failed.",
	.fix = "Send AA and OK with no errors; send AE or AR with at least one reason, and ID or "
	       "NF. Only AE with NF needs no reason.",
	.check = { .wrapper = acknowledgement_agrees },
};

static enum outcome issue_is_coded(struct judge *judge, const struct reason *reason)
{
	if (!value_there(&reason->code_element))
		return NOT_APPLICABLE;
	const struct {
		const char *name;
		const struct value *value;
	} wanted[] = {
		{ "code", &reason->code },
		{ "codeSystem", &reason->code_system },
		{ "displayName", &reason->display_name },
	};
	const struct value place = { { 0 }, reason->code_element.offset };
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		if (!value_there(wanted[i].value))
			return judge_fail(judge, &place, MASK_NONE, "the detected issue has no %s",
					  wanted[i].name);
		if (character_shows_nothing(wanted[i].value->text))
			return judge_fail(judge, wanted[i].value, MASK_NONE,
					  "the detected issue's %s is blank", wanted[i].name);
	}
	if (str_is(reason->code_system.text, OID_ISSUE))
		return HOLDS;
	judge_expect(judge, OID_ISSUE);
	return judge_fail(judge, &reason->code_system, MASK_NONE,
			  "the detected issue's codeSystem is %s; it should be " OID_ISSUE,
			  judge_plain(judge, reason->code_system.text));
}

static const struct rule tms_014 = {
	.id = "TMS-014",
	.name = "detected-issue-is-not-coded",
	.severity = CPIS_ERROR,
	.on = PART_REASON,
	.basis = CPIS_BASIS_TMS,
	.cite = "TMS control act wrapper, justifyingDetectedIssueEvent/code",
	.title = "Detected issue has no code, code system or display name",
	.why = "No one can see what went wrong, so the query is not fixed or repeated.",
	.fix = "Send code, displayName and codeSystem " OID_ISSUE ".",
	.check = { .reason = issue_is_coded },
};

/* It has no place for what was found. */
static enum outcome failure_has_not_found(struct judge *judge, const struct wrapper *wrapper,
					  struct str found)
{
	static const char *const refusals[] = { "AE", "AR", NULL };
	/* Unknown codes are TMS-017's; of a refusal, OK is TMS-013's. */
	if (!str_is_one_of(found, response_codes) ||
	    str_is_one_of(str_trim(wrapper->acknowledgement_type.text), refusals))
		return NOT_APPLICABLE;
	if (!str_is(found, "OK"))
		return HOLDS;
	judge_expect(judge, "ID or NF");
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  "queryResponseCode OK says that data was found, but %s says that the "
			  "query failed or found nothing, and has no data",
			  wrapper->part.element);
}

static enum outcome response_code_agrees(struct judge *judge, const struct wrapper *wrapper)
{
	struct str found = str_trim(wrapper->query_response.text);
	if (strcmp(wrapper->part.element, "QUQI_IN010000UK14") == 0)
		return failure_has_not_found(judge, wrapper, found);
	if (strcmp(wrapper->part.element, "REPC_IN000007GB01") != 0 ||
	    !str_is_one_of(found, response_codes))
		return NOT_APPLICABLE;
	if (str_is(found, "OK") == (wrapper->response_count > 0))
		return HOLDS;
	return judge_fail(judge, &wrapper->query_response, MASK_NONE,
			  str_is(found, "OK")
				  ? "queryResponseCode OK says that data was found, but "
				    "CP-ISNHSQueryResponse is missing or empty"
				  : "queryResponseCode says that nothing was found or that there "
				    "was an issue, but a CP-ISNHSQueryResponse follows");
}

static const struct rule tms_016 = {
	.id = "TMS-016",
	.name = "query-response-code-contradicts-response",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "REPC_IN000007GB01, queryAck and subject; QUQI_IN010000UK14, queryAck",
	.title = "queryResponseCode and the response contradict each other",
	.why = "A client that trusts the code hides a plan that exists, or shows none.",
	.fix = "Send OK with a CP-ISNHSQueryResponse in REPC_IN000007GB01, and ID or NF without "
	       "one.",
	.check = { .wrapper = response_code_agrees },
};

static enum outcome answered_message_is_named(struct judge *judge, const struct wrapper *wrapper)
{
	if (!value_there(&wrapper->acknowledgement_element))
		return NOT_APPLICABLE;
	if (value_there(&wrapper->message_ref) && !str_is_blank(wrapper->message_ref.text))
		return HOLDS;
	judge_expect(judge, "the id of the request");
	struct value place = wrapper->message_ref_element;
	place.text = (struct str){ 0 };
	return judge_fail(
		judge, &place, MASK_NONE,
		"messageRef has no id root, so it does not say which message is answered");
}

static const struct rule tms_020 = {
	.id = "TMS-020",
	.name = "acknowledgement-without-reference",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = REPLY ", messageRef",
	.title = "Acknowledgement does not say which message it answers",
	.why = "The requester cannot match it, so the clinician who asked sees no answer.",
	.fix = "Send the id of the request in messageRef/id/@root.",
	.check = { .wrapper = answered_message_is_named },
};

/* Where there is no schema, and in the two acknowledgements, where the schema accepts any
 * identifier. */
static bool judge_uuid(struct judge *judge, const struct value *id, const char *name)
{
	if (!value_there(id) || str_is_blank(id->text) || uuid_is_upper(id->text))
		return true;
	judge_expect(judge, "an upper-case UUID");
	judge_fail(judge, id, MASK_NONE, "%s \"%s\" is not an upper-case UUID", name,
		   judge_plain(judge, id->text));
	return false;
}

static enum outcome ids_are_uuids(struct judge *judge, const struct wrapper *wrapper)
{
	if (!value_there(&wrapper->acknowledgement_element) &&
	    !catalogue_carried(wrapper->part.element))
		return NOT_APPLICABLE;
	bool id = judge_uuid(judge, &wrapper->id, "the message id");
	bool reference = judge_uuid(judge, &wrapper->message_ref, "the id in messageRef");
	return id && reference ? HOLDS : FAILS;
}

static const struct rule tms_022 = {
	.id = "TMS-022",
	.name = "acknowledgement-id-is-not-uuid",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = REPLY ", id and messageRef/id",
	.title = "Id or messageRef of what Spine sends is not a UUID",
	.why = "Message ids are UUIDs: the requester cannot match any other id to what it sent.",
	.fix = "Send an upper-case UUID, without a prefix or braces.",
	.check = { .wrapper = ids_are_uuids },
};

static enum outcome is_said_to_be_live(struct judge *judge, const struct wrapper *wrapper)
{
	struct str code = str_trim(wrapper->processing_code.text);
	if (!judge->options->live || !value_there(&wrapper->processing_code))
		return NOT_APPLICABLE;
	/* Other codes are TMS-015's. */
	if (!str_is(code, "T") && !str_is(code, "D"))
		return HOLDS;
	judge_expect(judge, "P");
	return judge_fail(judge, &wrapper->processing_code, MASK_NONE,
			  "processingCode %s says that the message is for %s, but it is live",
			  judge_plain(judge, code), str_is(code, "T") ? "training" : "debugging");
}

static const struct rule tms_044 = {
	.id = "TMS-044",
	.name = "live-message-marked-as-a-test",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = WRAPPER ", processingCode",
	.title = "Live message has processingCode T or D",
	.why = "A receiver may set it aside as a test, and the clinician gets no answer.",
	.fix = "Send processingCode P in the live environment.",
	.check = { .wrapper = is_said_to_be_live },
};

static enum outcome answers_another(struct judge *judge, const struct wrapper *wrapper)
{
	if (!value_filled(&wrapper->message_ref) || !value_filled(&wrapper->id))
		return NOT_APPLICABLE;
	if (!uuid_same(wrapper->message_ref.text, wrapper->id.text))
		return HOLDS;
	/* Spine's own reply to an upload does so. */
	if (answers_upload(&wrapper->part))
		judge_severity(judge, CPIS_INFO);
	judge_expect(judge, "the id of the request");
	return judge_fail(judge, &wrapper->message_ref, MASK_NONE,
			  "messageRef is the id of this message itself, %s",
			  judge_plain(judge, wrapper->message_ref.text));
}

static const struct rule tms_040 = {
	.id = "TMS-040",
	.name = "acknowledgement-answers-itself",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = REPLY ", id and messageRef/id",
	.title = "messageRef is the message's own id",
	.why = "The requester cannot match the reply to what it asked, so the clinician who asked "
	       "sees no answer.",
	.fix = "Send a new id, and the id of the request in messageRef/id/@root.",
	.check = { .wrapper = answers_another },
};

static const struct value *sender_asid(const struct wrapper *wrapper)
{
	return wrapper->sender_count
		       ? identifiers_only_asid(wrapper->sender.ids, wrapper->sender.id_count)
		       : NULL;
}

static enum outcome goes_to_another(struct judge *judge, const struct wrapper *wrapper)
{
	const struct value *from = sender_asid(wrapper);
	const struct value *to = wrapper->receiver_count
					 ? identifiers_only_asid(wrapper->receivers[0].ids,
								 wrapper->receivers[0].id_count)
					 : NULL;
	if (!from || !to)
		return NOT_APPLICABLE;
	if (!str_equal(str_trim(from->text), str_trim(to->text)))
		return HOLDS;
	return judge_fail(judge, from, MASK_NONE,
			  "the sender and the receiver have the same ASID, %s",
			  judge_plain(judge, from->text));
}

static const struct rule tms_041 = {
	.id = "TMS-041",
	.name = "sender-is-the-receiver",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = WRAPPER ", communicationFunctionRcv and communicationFunctionSnd",
	.title = "Sender and receiver have the same ASID",
	.why = "The message is routed back to the system that sent it, and is never answered.",
	.fix = "Send your system's ASID as the sender and Spine's as the receiver.",
	.check = { .wrapper = goes_to_another },
};

/* Only of the query: Spine's own replies name other systems in author1. */
static enum outcome author_is_sender(struct judge *judge, const struct wrapper *wrapper)
{
	const struct value *from = sender_asid(wrapper);
	const struct value *author =
		identifiers_only_asid(wrapper->author_systems, wrapper->author_system_count);
	if (!from || !author || !is_sent_to_spine(wrapper))
		return NOT_APPLICABLE;
	if (str_equal(str_trim(from->text), str_trim(author->text)))
		return HOLDS;
	judge_expect(judge, "%s", judge_plain(judge, from->text));
	return judge_fail(judge, author, MASK_NONE,
			  "the ASID in author1 is %s, but the sender's is %s",
			  judge_plain(judge, author->text), judge_plain(judge, from->text));
}

static const struct rule tms_042 = {
	.id = "TMS-042",
	.name = "author-system-is-not-the-sender",
	.severity = CPIS_WARNING,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_CONTRADICTION,
	.cite = "TMS control act wrapper, author1; " WRAPPER ", communicationFunctionSnd",
	.title = "System in author1 is not the sender",
	.why = "The audit of who asked for a child's record names another system.",
	.fix = "Send your system's ASID in both places.",
	.check = { .wrapper = author_is_sender },
};

static enum outcome schema_is_published(struct judge *judge, const struct wrapper *wrapper)
{
	if (!catalogue_carried(wrapper->part.element))
		return HOLDS;
	return judge_fail_part(judge, &wrapper->part,
			       "no schema of %s is published: its wrapper is judged by the parts "
			       "that all Spine interactions share",
			       wrapper->part.element);
}

static const struct rule tms_045 = {
	.id = "TMS-045",
	.name = "interaction-without-published-schema",
	.severity = CPIS_INFO,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_TMS,
	.cite = "CP-IS DMS 1.0, interactions; " WRAPPER,
	.title = "No schema of this interaction is published",
	.why = "Spine sends it to local authorities, but no one has published what exactly its "
	       "wrapper holds. The message inside is judged by its own published schema.",
	.fix = "Nothing. If Spine sends you another wrapper, report that as a fault of this "
	       "program.",
	.check = { .wrapper = schema_is_published },
};

static enum outcome carries_its_message(struct judge *judge, const struct wrapper *wrapper)
{
	const char *wanted = catalogue_carried(wrapper->part.element);
	/* One that carries nothing is SCH-002's. */
	if (!wanted || !value_there(&wrapper->carried))
		return NOT_APPLICABLE;
	if (str_is(wrapper->carried.text, wanted))
		return HOLDS;
	judge_expect(judge, "%s", wanted);
	return judge_fail(judge, &wrapper->carried, MASK_NONE, "%s carries %s; it should be %s",
			  wrapper->part.element, judge_word(judge, wrapper->carried.text), wanted);
}

static const struct rule tms_046 = {
	.id = "TMS-046",
	.name = "interaction-carries-another-message",
	.severity = CPIS_ERROR,
	.on = PART_WRAPPER,
	.basis = CPIS_BASIS_DMS,
	.cite = "CP-IS DMS 1.0, interactions",
	.title = "Interaction carries another message than its own",
	.why = "A receiver chooses by the interaction how to read what is inside: it takes a "
	       "notice "
	       "for an answer to its upload, or refuses both.",
	.fix = "Send FileResponse in REPC_IN000003GB01, CP-ISAccessToServiceNotification in "
	       "REPC_IN000004GB01 and CP-ISInactiveNHSNumberNotification in REPC_IN000005GB01.",
	.check = { .wrapper = carries_its_message },
};

const struct rule *const tms_rules[] = {
	&tms_001, &tms_002, &tms_003,	      &tms_004, &tms_005, &tms_006, &tms_007,
	&tms_008, &tms_013, &tms_014,	      &tms_015, &tms_016, &tms_017, &tms_020,
	&tms_022, &tms_025, &tms_026,	      &tms_040, &tms_041, &tms_042, &tms_044,
	&tms_045, &tms_046, &structural_rule, NULL,
};
