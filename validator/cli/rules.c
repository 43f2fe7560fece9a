/* The catalogue of rules: listed, explained, searched, and as the manual cpis-rules(7). */
#include "cli.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { TITLE_COLUMN = 19 };

/* What cpis rules lists: those of the request, or all. */
struct selection {
	const char *type;
	enum cpis_severity least;
};

static struct selection wanted;

/* The next rule that is wanted, from *at on. */
static bool next_rule(size_t *at, struct cpis_rule_info *rule)
{
	while (cpis_rule(*at, rule, sizeof(*rule)) == 0) {
		++*at;
		if (rule->severity >= wanted.least &&
		    (!wanted.type || cpis_rule_applies(rule->id, wanted.type) == 1))
			return true;
	}
	return false;
}

static void write_csv_field(const char *text, char after)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	putchar('"');
	putchar(after);
}

static void write_csv(void)
{
	puts("id,severity,name,basis,citation,title");
	struct cpis_rule_info rule;
	for (size_t i = 0; next_rule(&i, &rule);) {
		printf("%s,%s,%s,%s,", rule.id, cpis_severity_name(rule.severity), rule.name,
		       cpis_basis_name(rule.basis));
		write_csv_field(rule.citation, ',');
		write_csv_field(rule.title, '\n');
	}
}

static void write_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < 0x20)
			printf("\\u%04x", *text);
		else
			putchar(*text);
	putchar('"');
}

static void write_json_member(const char *name, const char *text, const char *after)
{
	printf("\"%s\": ", name);
	write_json_text(text);
	fputs(after, stdout);
}

/* All of a rule but the bracket that closes it. */
static void write_json_rule(const struct cpis_rule_info *rule)
{
	const char *fix;
	fputs("  {", stdout);
	write_json_member("id", rule->id, ", ");
	write_json_member("name", rule->name, ", ");
	write_json_member("severity", cpis_severity_name(rule->severity), ", ");
	write_json_member("basis", cpis_basis_name(rule->basis), ", ");
	write_json_member("citation", rule->citation, ", ");
	write_json_member("title", rule->title, ", ");
	write_json_member("why", rule->why, ", ");
	write_json_member("fix", rule->fix, ", ");
	fputs("\"fixes\": [", stdout);
	for (size_t i = 0; (fix = cpis_rule_fix(rule->id, i)); i++) {
		fputs(i ? ", " : "", stdout);
		write_json_text(fix);
	}
	putchar(']');
}

static void write_json(void)
{
	struct cpis_rule_info rule;
	const char *before = "";
	puts("[");
	for (size_t i = 0; next_rule(&i, &rule);) {
		fputs(before, stdout);
		write_json_rule(&rule);
		before = "},\n";
	}
	puts(*before ? "}\n]" : "]");
}

static void write_markdown(void)
{
	puts("| id | severity | rule | basis | citation |\n|---|---|---|---|---|");
	struct cpis_rule_info rule;
	for (size_t i = 0; next_rule(&i, &rule);) {
		printf("| %s | %s | %s | %s | %s |\n", rule.id, cpis_severity_name(rule.severity),
		       rule.title, cpis_basis_name(rule.basis), rule.citation);
	}
}

/* A rule on one line; on a terminal its title is wrapped. */
static void write_line(const struct cpis_rule_info *rule, const char *title)
{
	printf("%-8s %-8s", rule->id, cpis_severity_name(rule->severity));
	if (isatty(STDOUT_FILENO))
		write_wrapped(stdout, title, TITLE_COLUMN, TITLE_COLUMN - 2);
	else
		printf(" %s\n", title);
}

static void write_text(void)
{
	struct cpis_rule_info rule;
	for (size_t i = 0; next_rule(&i, &rule);) {
		char title[512];
		snprintf(title, sizeof(title), "%s (%s)", rule.title, cpis_basis_name(rule.basis));
		write_line(&rule, title);
	}
}

/* cpis-rules(7) */

/* Of the page: the day when its frame, not its rules, was last changed. */
#define MANUAL_DATE "November 22, 2026"

/* Text as mdoc takes it, a sentence a line. */
static void write_mdoc_text(const char *text)
{
	bool at_start = true;
	for (const char *p = text; *p; p++) {
		if (at_start && (*p == '.' || *p == '\''))
			fputs("\\&", stdout);
		at_start = false;
		if (*p == '\\') {
			fputs("\\e", stdout);
		} else if (p > text && p[-1] == '.' && *p == ' ' && isupper((unsigned char)p[1])) {
			putchar('\n');
			at_start = true;
		} else {
			putchar(*p);
		}
	}
	putchar('\n');
}

static void write_mdoc_rule(const struct cpis_rule_info *rule)
{
	printf(".It Sy %s Pq %s , basis: %s\n", rule->id, cpis_severity_name(rule->severity),
	       cpis_basis_name(rule->basis));
	printf(".Em %s\n.br\n", rule->name);
	write_mdoc_text(rule->title);
	puts(".Pp");
	write_mdoc_text(rule->why);
	puts(".Pp\nHow to fix it:");
	write_mdoc_text(rule->fix);
	const char *fix;
	for (size_t i = 0; (fix = cpis_rule_fix(rule->id, i)); i++)
		printf(".Pp\n.Fl Fl fix :\n%s\n", fix);
	puts(".Pp\nSource:");
	write_mdoc_text(rule->citation);
}

static void write_mdoc_rules(void)
{
	const char *family = NULL;
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (!family || strcmp(family, rule.family) != 0) {
			printf("%s.Ss %.*s: %s\n.Bl -tag -width Ds\n", family ? ".El\n" : "",
			       (int)strcspn(rule.id, "-"), rule.id, rule.family);
			family = rule.family;
		}
		write_mdoc_rule(&rule);
	}
	puts(family ? ".El" : ".Pp");
}

static void write_mdoc(void)
{
	puts(".\\\" Written by `make manuals` from the rows of the rules.\n"
	     ".Dd " MANUAL_DATE "\n.Dt CPIS-RULES 7\n.Os\n"
	     ".Sh NAME\n.Nm cpis-rules\n.Nd the rules that CP-IS messages are judged by\n"
	     ".Sh DESCRIPTION\n"
	     "Every finding of\n.Xr cpis 1\nnames its rule.\n"
	     "An id is never used for another rule.\n"
	     ".Pp\n"
	     "A finding of severity\n.Em error\nfails the message;\n.Em warning\nand\n.Em info\ndo "
	     "not, unless\n"
	     ".Fl Fl fail-on\nsays otherwise.\n"
	     "The basis is where a rule comes from; a rule from good practice alone is never more "
	     "than a\n"
	     "warning, except XML-002, which is about security.\n"
	     ".Pp\n"
	     ".Dl $ cpis explain ID\n"
	     "shows a wrong message and a right one.\n"
	     ".Sh RULES");
	write_mdoc_rules();
	puts(".Sh SEE ALSO\n.Xr cpis 1 ,\n.Xr cpis-pack 5");
}

static int unknown_type(const char *type)
{
	enum { MOST_TYPES = 32 };
	const char *names[MOST_TYPES], *title;
	size_t count = 0;
	while (count < MOST_TYPES && cpis_message_type_at(count, &names[count], &title))
		count++;
	const char *nearest = nearest_word(type, names, count);
	return nearest ? usage_error("--type %s: unknown message type: did you mean %s?", type,
				     nearest)
		       : usage_error("--type %s: unknown message type, such as upload, query or "
				     "response",
				     type);
}

int cmd_rules(struct request *request)
{
	/* By the words of --format. */
	static void (*const write[])(void) = { write_text, write_markdown, write_csv, write_json,
					       write_mdoc };
	if (request->input_count)
		return usage_error("rules takes no operand: to search, run cpis explain");
	if (request->type && cpis_rule_applies("XML-001", request->type) < 0)
		return unknown_type(request->type);
	wanted = (struct selection){ request->type, (enum cpis_severity)request->severity };
	write[request->format]();
	return CPIS_EXIT_PASS;
}

/* How a rule is written, by the words of --format. */
struct manner {
	void (*rule)(const struct cpis_rule_info *rule);
	void (*example)(const struct cpis_rule_info *rule, const struct cpis_rule_example *example);
	void (*hit)(const struct cpis_rule_info *rule); /* one line of a search */
};

static void print_place(const char *id, const char *file, size_t line, size_t column)
{
	printf("testcases/rules/%s/%s", id, file);
	if (line)
		printf(":%zu", line);
	if (line && column)
		printf(":%zu", column);
}

static void text_field(const char *name, const char *text)
{
	int at = printf("  %s", name);
	write_wrapped(stdout, text, 12, at > 0 ? (size_t)at : 0);
}

static void text_rule(const struct cpis_rule_info *rule)
{
	printf("%s  %s\n", rule->id, rule->name);
	write_wrapped(stdout, rule->title, 0, 0);
	putchar('\n');
	text_field("Severity", cpis_severity_name(rule->severity));
	text_field("Basis", cpis_basis_name(rule->basis));
	text_field("Source", rule->citation);
	text_field("Why", rule->why);
	text_field("Fix", rule->fix);
	const char *fix;
	for (size_t i = 0; (fix = cpis_rule_fix(rule->id, i)); i++)
		text_field(i ? "" : "By --fix", fix);
}

static const char *text_lines(const char *lines)
{
	return *lines ? lines : "  (not text: packed or compressed)\n";
}

static void text_example(const struct cpis_rule_info *rule, const struct cpis_rule_example *example)
{
	fputs("\n  Wrong: ", stdout);
	print_place(rule->id, example->wrong_file, example->wrong_line, example->wrong_column);
	printf("\n  %s\n\n%s\n  Right: ", example->says, text_lines(example->wrong));
	print_place(rule->id, example->right_file, example->right_line, 0);
	printf("\n\n%s", text_lines(example->right));
}

static void text_hit(const struct cpis_rule_info *rule)
{
	write_line(rule, rule->title);
}

static void md_rule(const struct cpis_rule_info *rule)
{
	printf("## %s %s\n\n%s\n\n| | |\n|---|---|\n", rule->id, rule->name, rule->title);
	printf("| Severity | %s |\n| Basis | %s |\n| Source | %s |\n\n",
	       cpis_severity_name(rule->severity), cpis_basis_name(rule->basis), rule->citation);
	printf("**Why:** %s\n\n**Fix:** %s\n\n", rule->why, rule->fix);
	const char *fix;
	for (size_t i = 0; (fix = cpis_rule_fix(rule->id, i)); i++)
		printf("**cpis validate --fix:** %s\n\n", fix);
}

static void md_lines(const char *lines)
{
	if (*lines)
		printf("```text\n%s```\n\n", lines);
}

static void md_example(const struct cpis_rule_info *rule, const struct cpis_rule_example *example)
{
	fputs("**Wrong**, `", stdout);
	print_place(rule->id, example->wrong_file, example->wrong_line, example->wrong_column);
	printf("`: %s\n\n", example->says);
	md_lines(example->wrong);
	fputs("**Right**, `", stdout);
	print_place(rule->id, example->right_file, example->right_line, 0);
	fputs("`:\n\n", stdout);
	md_lines(example->right);
}

static void md_hit(const struct cpis_rule_info *rule)
{
	printf("- **%s** (%s) %s\n", rule->id, cpis_severity_name(rule->severity), rule->title);
}

/* As an array. What comes before the next rule; NULL: none was written yet. */
static const char *json_before;

static void json_end_rule(void)
{
	fputs(json_before ? "},\n" : "[\n", stdout);
	json_before = "";
}

static void json_rule(const struct cpis_rule_info *rule)
{
	json_end_rule();
	write_json_rule(rule);
}

static void json_example(const struct cpis_rule_info *rule, const struct cpis_rule_example *example)
{
	(void)rule;
	fputs(", \"example\": {", stdout);
	write_json_member("says", example->says, ", ");
	write_json_member("wrongFile", example->wrong_file, ", ");
	write_json_member("wrong", example->wrong, ", ");
	write_json_member("rightFile", example->right_file, ", ");
	write_json_member("right", example->right, "}");
}

static const struct manner manners[] = {
	{ text_rule, text_example, text_hit },
	{ md_rule, md_example, md_hit },
	{ json_rule, json_example, json_rule },
};

enum { AS_JSON = 2 }; /* among them */

/* Whether a word names a rule: by its id, in any case and with or without zeros ("dat-3"), or by
 * its name. */
static bool is_named(const struct cpis_rule_info *rule, const char *word)
{
	if (strcasecmp(rule->id, word) == 0 || strcasecmp(rule->name, word) == 0)
		return true;
	size_t family = strcspn(rule->id, "-");
	const char *number = rule->id + family + 1;
	if (strncasecmp(rule->id, word, family) != 0)
		return false;
	word += family;
	word += *word == '-';
	number += strspn(number, "0");
	word += strspn(word, "0");
	return *word && strcmp(number, word) == 0;
}

static void explain(const struct manner *manner, const struct cpis_rule_info *rule)
{
	struct cpis_rule_example example;
	manner->rule(rule);
	if (cpis_rule_example(rule->id, &example, sizeof(example)) == 0)
		manner->example(rule, &example);
}

static bool mentions(const struct cpis_rule_info *rule, const char *word)
{
	const char *const texts[] = { rule->id,	 rule->name, rule->title,
				      rule->why, rule->fix,  rule->citation };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (strcasestr(texts[i], word))
			return true;
	return false;
}

/* One word: the rule it names, else all rules that mention it. Returns how many were shown. */
static size_t look_up(const struct manner *manner, const char *word)
{
	size_t shown = 0;
	struct cpis_rule_info rule;
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (is_named(&rule, word)) {
			explain(manner, &rule);
			return 1;
		}
	}
	for (size_t i = 0; cpis_rule(i, &rule, sizeof(rule)) == 0; i++) {
		if (!mentions(&rule, word))
			continue;
		manner->hit(&rule);
		shown++;
	}
	return shown;
}

int cmd_explain(struct request *request)
{
	if (request->input_count == 0) {
		/* By the words of its own --format: json is the third. */
		request->format = request->format == AS_JSON ? 3 : request->format;
		return cmd_rules(request);
	}
	const struct manner *manner = &manners[request->format];
	int code = CPIS_EXIT_PASS;
	for (size_t i = 0; i < request->input_count; i++)
		if (look_up(manner, request->inputs[i]) == 0)
			code = usage_error(
				"explain: no rule has the id or name %s, and none mentions it",
				request->inputs[i]);
	if (request->format == AS_JSON)
		puts(json_before ? "}\n]" : "[]");
	return code;
}
