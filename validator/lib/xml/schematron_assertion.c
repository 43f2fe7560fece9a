/* Reading the assertions of a Schematron file: their sentences, severities, diagnostics. */
#include "xml/schematron_model.h"

#include "base/arena.h"
#include "base/buf.h"

static void read_pieces(struct schematron *file, struct sch_assertion *assertion, size_t room,
			xmlNode *node, const struct parameters *with)
{
	for (xmlNode *child = node->children; child; child = child->next) {
		struct sch_piece piece = { 0 };
		if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE) {
			piece.words =
				arena_copy(&file->arena, str_of((const char *)child->content));
		} else if (sch_is(child, "value-of")) {
			piece.select = sch_learn_attribute(file, child, "select", with);
		} else if (sch_is(child, "name")) {
			const char *path = sch_attribute(file, child, "path");
			piece.select = sch_learn(file, child, path ? path : ".", with);
			piece.name_only = true;
		} else if (sch_is(child, "emph") || sch_is(child, "dir") || sch_is(child, "span")) {
			read_pieces(file, assertion, room, child, with);
			continue;
		} else if (child->type == XML_ELEMENT_NODE) {
			sch_refuse(file, child, "the element %s is not supported in a sentence",
				   (const char *)child->name);
			return;
		} else {
			continue;
		}
		if (assertion->piece_count < room)
			assertion->pieces[assertion->piece_count++] = piece;
	}
}

/* All nodes below, as room for the pieces that they may become. */
static size_t count_below(const xmlNode *node)
{
	size_t count = 0;
	for (const xmlNode *child = node->children; child; child = child->next)
		count += 1 + count_below(child);
	return count;
}

/* White space folded, values as "...": what the assertion is called where no node is at hand. */
static const char *static_sentence(struct schematron *file, const struct sch_assertion *assertion)
{
	struct buf out;
	buf_init(&out, 4096);
	bool space = false;
	for (size_t i = 0; i < assertion->piece_count; i++) {
		const char *words = assertion->pieces[i].words ? assertion->pieces[i].words : "...";
		for (; *words; words++) {
			if (char_is_space(*words)) {
				space = out.n > 0;
				continue;
			}
			if (space)
				buf_char(&out, ' ');
			space = false;
			buf_char(&out, *words);
		}
	}
	const char *text = out.failed ? "" : arena_copy(&file->arena, buf_view(&out));
	buf_release(&out);
	return text;
}

/* The text of the diagnostics that an assertion names, one after another. */
static const char *diagnostics_text(struct schematron *file, xmlNode *node)
{
	const char *names = sch_attribute(file, node, "diagnostics");
	xmlNode *root = xmlDocGetRootElement(file->doc), *holder = NULL;
	if (!names)
		return NULL;
	for (xmlNode *child = root->children; child; child = child->next)
		holder = sch_is(child, "diagnostics") ? child : holder;
	struct buf out;
	buf_init(&out, 8192);
	for (const char *p = names; *p;) {
		size_t n = strcspn(p, " \t\r\n");
		xmlNode *diagnostic = n && holder ? sch_find_by_id(file, holder, "diagnostic",
								   (struct str){ p, n })
						  : NULL;
		if (n && !diagnostic)
			sch_refuse(file, node, "there is no diagnostic of the id it names in %s",
				   names);
		xmlChar *content = diagnostic ? xmlNodeGetContent(diagnostic) : NULL;
		struct str text = str_trim(str_of(content ? (const char *)content : ""));
		if (out.n && text.n)
			buf_char(&out, ' ');
		buf_str(&out, text);
		xmlFree(content);
		p += n + strspn(p + n, " \t\r\n");
	}
	const char *text = out.failed ? NULL : arena_copy(&file->arena, buf_view(&out));
	buf_release(&out);
	return text;
}

static enum cpis_severity severity_of(struct schematron *file, xmlNode *node, const char *inherited)
{
	static const struct {
		const char *role;
		enum cpis_severity severity;
	} roles[] = {
		{ "error", CPIS_ERROR },     { "fatal", CPIS_ERROR }, { "warning", CPIS_WARNING },
		{ "warn", CPIS_WARNING },    { "info", CPIS_INFO },   { "information", CPIS_INFO },
		{ "caution", CPIS_WARNING },
	};
	const char *role = sch_attribute(file, node, "role");
	role = role ? role : inherited;
	if (!role)
		return CPIS_ERROR;
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++)
		if (strcmp(roles[i].role, role) == 0)
			return roles[i].severity;
	sch_refuse(file, node, "the role %s is no severity: error, warning or info", role);
	return CPIS_ERROR;
}

static void enlist(struct schematron *file, struct sch_assertion *assertion)
{
	struct sch_assertion **more =
		list_grown_in(&file->arena, file->assertions, file->assertion_count,
			      &file->assertion_room, sizeof(struct sch_assertion *));
	if (!more)
		return;
	file->assertions = more;
	assertion->number = file->assertion_count;
	file->assertions[file->assertion_count++] = assertion;
}

void sch_read_assertion(struct schematron *file, struct sch_rule *rule, xmlNode *node,
			const struct parameters *with, const char *role)
{
	static const char *const known[] = { "test", "id",  "role", "subject", "diagnostics",
					     "flag", "see", "icon", "fpi",     NULL };
	if (sch_allow_attributes(file, node, known) != 0)
		return;
	struct sch_assertion *assertion = &rule->assertions[rule->assertion_count++];
	size_t room = count_below(node);
	assertion->pieces = arena_alloc(&file->arena, (room + 1) * sizeof(*assertion->pieces));
	if (!assertion->pieces)
		return;
	assertion->is_report = sch_is(node, "report");
	assertion->test = sch_learn_attribute(file, node, "test", with);
	assertion->has_subject = xmlHasProp(node, (const xmlChar *)"subject") != NULL;
	if (assertion->has_subject)
		assertion->subject = sch_learn_attribute(file, node, "subject", with);
	read_pieces(file, assertion, room, node, with);
	enlist(file, assertion);
	const char *id = sch_attribute(file, node, "id");
	assertion->about = (struct schematron_assertion){
		.id = id ? id : arena_printf(&file->arena, "rule-%zu", assertion->number + 1),
		.text = static_sentence(file, assertion),
		.fix = diagnostics_text(file, node),
		.severity = severity_of(file, node, role),
		.line = (size_t)xmlGetLineNo(node),
	};
}
