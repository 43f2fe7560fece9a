/* findings - print rule, line and column of what is wrong with the message on standard input. */
#include <cpis.h>
#include <stdio.h>
#include <time.h>

static char text[1 << 20];

static int judge(struct cpis_results *results, const struct cpis_bytes *message)
{
	struct cpis_failure failure;
	struct cpis_finding finding;
	if (cpis_validate_bytes(results, message, &failure) != 0) {
		fprintf(stderr, "findings: %s\n", failure.text);
		return 3;
	}
	/* More than one message, where it is an archive. */
	for (size_t m = 0; m < cpis_results_message_count(results); m++)
		for (size_t f = 0;
		     cpis_results_finding(results, m, f, &finding, sizeof(finding)) == 0; f++)
			printf("%s %zu:%zu\n", finding.rule, finding.line, finding.column);
	puts(cpis_verdict_name(cpis_results_verdict(results)));
	return cpis_results_verdict(results) == CPIS_PASS ? 0 : 1;
}

int main(void)
{
	struct cpis_options options = { .now = time(NULL) };
	struct cpis_bytes message = { "message.xml", text, fread(text, 1, sizeof(text), stdin) };
	struct cpis_results *results;
	struct cpis_failure failure;
	if (message.size == sizeof(text) || cpis_results_new(&results, &options, &failure) != 0) {
		fputs("findings: the message is too large, or out of memory\n", stderr);
		return 3;
	}
	int status = judge(results, &message);
	cpis_results_free(results);
	return status;
}
