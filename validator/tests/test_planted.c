/*
 * Values that appear nowhere else are put into every attribute, text and header of every message,
 * as they may come and in tags that are broken, and are looked for in everything that is written.
 *
 * As a test it takes a share of the places. With the argument "long" it takes all of them, in some
 * minutes (scripts/search-planted).
 */
#include "cpis.h"
#include "run_cli.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BATCH = 500, MOST_SPANS = 4096, SHARE = 211, MOST_LEAKS = 40 };

static size_t share = SHARE;

/* One of each kind; what may not be written. */
static const struct {
	const char *text, *trace;
} planted[] = {
	{ "9990137625", "9990137625" },	      { "999 013 7625", "013 7625" },
	{ "999-013-7624", "013-7624" },	      { "9990137624", "9990137624" },
	{ "Zyxabaqo", "Zyxabaqo" },	      { "Zyxabaqo Quuxly", "Quuxly" },
	{ "LQ7731944", "LQ7731944" },	      { "19570318", "19570318" },
	{ "tel:07700900461", "07700900461" }, { "555018943177", "555018943177" },
};
enum { PLANTED = sizeof(planted) / sizeof(planted[0]) };

/* %o: what was there; %v: the value; %n: the attribute's name; %w: the white space before it; %!:
 * the document ends. */
static const char *const in_attributes[] = {
	"%w%n=\"%v\"",
	"%w%n=\"%o %v\"",
	"%w%n=\"%v%o\"",
	"%w%n=\"%o\" note=\"%v\"",
	"%w%n=\"%v",
	"%w%n=%v\"",
	"%w%n=%v",
	"%n=\"%v\"",
	"/%n=\"%v\"",
	"%w<%n=\"%v\"",
	"%w>%n=\"%v\"",
	"%w%n\"%v\"",
	"%w%n %v",
	"%w%n==\"%v\"",
	"%w%n=\"&%v\"",
	"%w%n=\"&%v;\"",
	"%w%n=\"<%v\"",
	"%w%n=\"\x01%v\"",
	"%w%n=\"%v\xff\"",
	"%w<%v",
	"%w%v=x",
	"%w%n=\"%o\" %n=\"%v\"",
	"></%v>",
	"%w%n=\"%o\"><!-- %v ",
	"%w%n=\"%o\"><![CDATA[%v",
	"%w%n=\"%o\"><?x %v",
	"%w%v:x=\"y\"",
	"%w%n=\"%v%!",
	"%w%n='%v\"",
	"%w%n=\"%o\" \"%v\"",
	"%w%n=\"%o\"%v",
};

static const char *const in_texts[] = {
	"%v",
	"%o %v",
	"%v%o",
	"<x>%v</x>",
	"%o<!-- %v --><x/>",
	"%o<?note %v?><x/>",
	"<![CDATA[%v]]>",
	"<%v",
	"<%v<",
	"</%v>",
	"&%v",
	"&%v;",
	"%v & ",
	"%v<",
	"%v\x01",
	"%v\xff",
	"<![CDATA[%v",
	"<!-- %v",
	"<?%v",
	"%v]]>",
	"<x a=%v>",
	"<x a=\"%v>",
	"%v</x>",
	"%v%!",
};

static const char *const in_headers[] = { "%v", "%o %v", "\"%v\"", "%o; x=%v", "%v;%o" };

/* A place in a sample. */
struct span {
	size_t start, name, value, end, after; /* start: of the white space; after: its quote */
	const char *const *templates;
	size_t template_count;
};

static struct span spans[MOST_SPANS];
static size_t span_count;

#define TEMPLATES(list) list, sizeof(list) / sizeof((list)[0])

static void add_span(struct span span, const char *const *templates, size_t count)
{
	assert_true(span_count < MOST_SPANS);
	span.templates = templates;
	span.template_count = count;
	spans[span_count++] = span;
}

static bool is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The attributes of a tag; returns its end. */
static size_t find_attributes(const char *text, size_t lt)
{
	size_t at = lt;
	while (text[at] && text[at] != '>') {
		if (text[at] != '=' || (text[at + 1] != '"' && text[at + 1] != '\'')) {
			at++;
			continue;
		}
		struct span span = { .name = at, .value = at + 2 };
		while (!is_white(text[span.name - 1]))
			span.name--;
		span.start = span.name - 1;
		span.end = span.value + strcspn(text + span.value, (char[]){ text[at + 1], 0 });
		span.after = span.end + 1;
		add_span(span, TEMPLATES(in_attributes));
		at = span.after;
	}
	return at;
}

static void find_in_document(const char *text)
{
	const char *lt = strchr(text, '<');
	while (lt) {
		size_t end = find_attributes(text, (size_t)(lt - text));
		const char *next = strchr(text + end, '<');
		size_t from = end + 1, until = next ? (size_t)(next - text) : strlen(text);
		while (from < until && is_white(text[from]))
			from++;
		while (until > from && is_white(text[until - 1]))
			until--;
		if (from < until && until - from < 200)
			add_span((struct span){ .start = from,
						.name = from,
						.value = from,
						.end = until,
						.after = until },
				 TEMPLATES(in_texts));
		lt = next;
	}
}

/* "Name: value" at the start of a line, and what is between the words of a request line. */
static void find_in_headers(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		size_t n = strcspn(line, "\r\n");
		size_t name = strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-");
		bool field = name && name < n && line[name] == ':';
		bool request = strncmp(line, "POST ", 5) == 0 || strncmp(line, "HTTP/", 5) == 0;
		if (!field && !request)
			continue;
		size_t value = (size_t)(line - text) + name + (field ? 2 : 1);
		size_t end = (size_t)(line - text) + n;
		for (size_t start = value; start < end;) {
			size_t until = start + strcspn(text + start, " ;=\"\r\n");
			if (until > start)
				add_span((struct span){ .start = start,
							.name = start,
							.value = start,
							.end = until,
							.after = until },
					 TEMPLATES(in_headers));
			start = until + 1;
		}
	}
}

/* For free(). *n: its length. */
static char *plant(const char *text, const struct span *span, const char *template,
		   const char *value, size_t *n)
{
	size_t room = strlen(text) + 4 * (span->after - span->start) + 512;
	char *made = malloc(room);
	assert_non_null(made);
	FILE *out = fmemopen(made, room, "wb");
	assert_non_null(out);
	bool ends = false;
	fwrite(text, 1, span->start, out);
	for (const char *p = template; *p; p++) {
		if (*p != '%') {
			fputc(*p, out);
			continue;
		}
		p++;
		if (*p == 'v')
			fputs(value, out);
		else if (*p == 'o')
			fwrite(text + span->value, 1, span->end - span->value, out);
		else if (*p == 'n')
			fwrite(text + span->name, 1, span->value - span->name - 2, out);
		else if (*p == 'w')
			fputc(text[span->start], out);
		ends = ends || *p == '!';
	}
	if (!ends)
		fputs(text + span->after, out);
	*n = (size_t)ftell(out);
	assert_int_equal(fclose(out), 0);
	return made;
}

/* A run over many planted values, and what was put where. */
struct batch {
	struct cpis_results *results;
	char *labels[BATCH];
	size_t count, leaks, total;
};

static void open_batch(struct batch *batch)
{
	static const struct cpis_options options = { .now = 1793491200 };
	struct cpis_failure failure;
	assert_int_equal(cpis_results_new(&batch->results, &options, &failure), 0);
	batch->count = 0;
}

static void look(struct batch *batch, const char *what, const char *text, size_t n)
{
	for (size_t i = 0; i < PLANTED; i++) {
		const char *trace = planted[i].trace;
		const char *at = memmem(text, n, trace, strlen(trace));
		if (!at)
			continue;
		if (batch->leaks++ < MOST_LEAKS) {
			const char *from = at - text > 160 ? at - 160 : text;
			print_error("%s: ...%.*s...\n", what, (int)(at - from) + 40, from);
			const char *source = NULL;
			for (const char *p = text; (p = memmem(p, (size_t)(at - p), "plant-", 6));)
				source = p++;
			size_t number = source ? strtoul(source + 6, NULL, 10) : BATCH;
			if (number < batch->count)
				print_error("    by %s\n", batch->labels[number]);
		}
	}
}

static void close_batch(struct batch *batch)
{
	const char *format, *summary;
	for (size_t i = 0; (format = cpis_report_format_at(i, &summary)); i++) {
		char *bytes;
		size_t n;
		struct cpis_failure failure;
		assert_int_equal(cpis_report_bytes(batch->results, format, &bytes, &n, &failure),
				 0);
		look(batch, format, bytes, n);
		cpis_free(bytes);
	}
	cpis_results_free(batch->results);
	for (size_t i = 0; i < batch->count; i++)
		free(batch->labels[i]);
}

static void on_layer(void *context, const struct cpis_layer *layer)
{
	struct batch *batch = context;
	const char *texts[] = { layer->name, layer->about, layer->id, layer->sign };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i])
			look(batch, "inspect", texts[i], strlen(texts[i]));
}

static void look_masked(struct batch *batch, const struct cpis_bytes *source,
			const struct cpis_options *options)
{
	struct cpis_failure failure;
	char *text;
	size_t n;
	assert_int_equal(cpis_mask_bytes(source, options, &text, &n, &failure), 0);
	look(batch, "masked text", text, n);
	cpis_free(text);
}

static void judge_planted(struct batch *batch, const char *label, const char *text, size_t n)
{
	char name[32];
	struct cpis_failure failure;
	enum cpis_verdict verdict;
	static const struct cpis_options options = { 0 };
	batch->labels[batch->count] = strdup(label);
	snprintf(name, sizeof(name), "plant-%03zu.xml", batch->count++);
	const struct cpis_bytes source = { name, text, n };
	assert_int_equal(cpis_validate_bytes(batch->results, &source, &failure), 0);
	size_t before = batch->leaks;
	assert_int_equal(cpis_inspect_bytes(&source, &options, on_layer, batch, &verdict, &failure),
			 0);
	look_masked(batch, &source, &options);
	if (batch->leaks > before && before < MOST_LEAKS)
		print_error("    by %s\n", label);
	batch->total++;
	if (batch->count < BATCH)
		return;
	close_batch(batch);
	open_batch(batch);
}

static void plant_in(struct batch *batch, const char *path, size_t *turn)
{
	char *text = read_file(path, NULL);
	span_count = 0;
	if (text[0] != '<')
		find_in_headers(text);
	find_in_document(text);
	for (size_t i = 0; i < span_count; i++)
		for (size_t k = 0; k < spans[i].template_count; k++)
			for (size_t v = 0; v < PLANTED; v++) {
				if ((*turn)++ % share)
					continue;
				size_t n;
				char label[1024];
				char *made = plant(text, &spans[i], spans[i].templates[k],
						   planted[v].text, &n);
				snprintf(label, sizeof(label), "%s at byte %zu: %s of %s", path,
					 spans[i].start, spans[i].templates[k], planted[v].text);
				judge_planted(batch, label, made, n);
				free(made);
			}
	free(text);
}

static void plant_below(struct batch *batch, const char *folder)
{
	struct dirent **names;
	size_t turn = 0;
	int count = scandir(folder, &names, NULL, alphasort);
	assert_true(count > 0);
	for (int i = 0; i < count; i++) {
		char path[512];
		const char *dot = strrchr(names[i]->d_name, '.');
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
		if (dot && (strcmp(dot, ".xml") == 0 || strcmp(dot, ".http") == 0 ||
			    strcmp(dot, ".mime") == 0))
			plant_in(batch, path, &turn);
		free(names[i]);
	}
	free(names);
}

static void test_no_planted_value_is_written_anywhere(void **state)
{
	(void)state;
	struct batch batch = { 0 };
	open_batch(&batch);
	plant_below(&batch, "testcases/messages");
	plant_below(&batch, "testcases/transport");
	close_batch(&batch);
	print_message("%zu planted, %zu leaks\n", batch.total, batch.leaks);
	assert_int_equal(batch.leaks, 0);
}

/* Commands, on a folder that has planted values in messages, packs and answers */

static void write_text(const char *name, const char *text)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void write_changed(const char *name, const char *const changes[][2], size_t count)
{
	char *text = read_file("testcases/messages/upload-one.xml", NULL);
	for (size_t i = 0; i < count; i++) {
		char *at = strstr(text, changes[i][0]);
		assert_non_null(at);
		size_t before = (size_t)(at - text), n = strlen(changes[i][0]);
		char *made = malloc(strlen(text) + strlen(changes[i][1]) + 1);
		assert_non_null(made);
		memcpy(made, text, before);
		strcpy(made + before, changes[i][1]);
		strcat(made, at + n);
		free(text);
		text = made;
	}
	write_text(name, text);
	free(text);
}

static const char *const faults[][2] = {
	{ "<family>", "<family>Zyxabaqo</family><family>" },
	{ "root=\"2.16.840.1.113883.2.1.4.1\" extension=\"",
	  "root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990137624\" nhs=\"" },
	{ "<birthTime value=\"", "<birthTime value=\"19570318\" was=\"" },
	{ "root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"",
	  "root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"LQ7731944\" was=\"" },
};

/* Both streams of a command, and whatever it wrote to scratch files of these names. */
static void search_command(struct batch *batch, const char *command)
{
	static const char *const files[] = { "b.yaml", "r.json", "r.html", "r.xml" };
	struct said said = run_program("%s", command);
	look(batch, command, said.out, strlen(said.out));
	look(batch, command, said.err, strlen(said.err));
	run_release(&said);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[600];
		snprintf(path, sizeof(path), "%s", scratch_path(files[i]));
		FILE *file = fopen(path, "rb");
		if (!file)
			continue;
		fclose(file);
		size_t n;
		char *text = read_file(path, &n);
		look(batch, files[i], text, n);
		free(text);
		remove(path);
	}
}

static void test_no_planted_value_is_in_what_commands_write(void **state)
{
	(void)state;
	struct batch batch = { 0 };
	write_changed("m.xml", faults, sizeof(faults) / sizeof(faults[0]));
	write_changed("n.xml", faults + 1, 1);
	write_text("own.sch",
		   "<schema xmlns=\"http://purl.oclc.org/dsdl/schematron\" queryBinding=\"xslt\">"
		   "<ns prefix=\"h\" uri=\"urn:hl7-org:v3\"/><pattern><rule context=\"h:File\">"
		   "<assert id=\"OWN-001\" test=\"false()\">"
		   "<value-of select=\"number(//h:id[@nhs]/@extension)\"/> "
		   "<value-of select=\"concat(//h:family, ' ', //h:birthTime/@value)\"/> "
		   "<value-of select=\"//h:id[@was]/@extension\"/> "
		   "<value-of select=\"//h:birthTime/@value + 0\"/></assert></rule></pattern>"
		   "</schema>");
	write_text("pack.yaml",
		   "pack: p\nversion: 1.0.0\ntitle: P\ncases:\n"
		   "  - id: A\n    title: A\n    message: m.xml\n    expect:\n"
		   "      verdict: pass\n      assert:\n"
		   "        - { xpath: \"//family[1]\", equals: \"Zyxabaqo\" }\n"
		   "        - { xpath: \"//family[1]\", equals: \"Zyxabaqo Quuxly\" }\n"
		   "        - { xpath: \"number(//id[@nhs]/@extension)\", equals: \"1\" }\n"
		   "        - { xpath: \"count(//family[. = 'Zyxabaqo'])\", equals: \"7\" }\n"
		   "        - { xpath: \"//birthTime/@value\", in: [\"x\", \"19570318\"] }\n"
		   "        - { xpath: \"//id[@was]/@extension\", matches: \"^LQ7731944x\" }\n"
		   "  - id: B\n    title: B\n    manual: Is it shown?\n");
	write_text("answers.yaml", "- { case: B, answer: fail, by: Ann, on: 2026-10-01,\n"
				   "    note: \"Zyxabaqo 999-013-7624\" }\n");
	static const char *const commands[] = {
		"validate @/m.xml",
		"validate --schematron @/own.sch @/m.xml",
		"validate --schematron @/own.sch -q -r json=@/r.json -r html=@/r.html @/n.xml",
		"validate --max-findings 1 @/m.xml",
		"inspect @/m.xml",
		"compare @/m.xml @/n.xml",
		"run --evidence @ @/pack.yaml",
		"run --evidence @ -q -r xml=@/r.xml @/pack.yaml",
		"run --evidence @ --baseline @/b.yaml --update-baseline @/pack.yaml",
		"run --evidence @ --coverage -r json @/pack.yaml",
		"mutate @/pack.yaml",
		"lint @/pack.yaml",
	};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		search_command(&batch, commands[i]);
	struct said bundled = run_program("run -q --evidence @ --bundle @/b.tar.gz "
					  "--bundle-messages digests @/pack.yaml");
	assert_int_equal(bundled.exit_code, 1);
	run_release(&bundled);
	search_command(&batch, "verify @/b.tar.gz");
	assert_int_equal(batch.leaks, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_planted_value_is_written_anywhere),
		cmocka_unit_test(test_no_planted_value_is_in_what_commands_write),
	};
	if (short_form("four of five planted values"))
		share = 5 * SHARE + 2;
	if (argc > 1 && strcmp(argv[1], "long") == 0)
		share = 1;
	if (argc > 2)
		share = strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("planted", tests, NULL, NULL);
}
