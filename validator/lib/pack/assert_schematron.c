#include "pack/assert_schematron.h"

#include "xml/schematron.h"

enum { MOST_TOLD = 10 }; /* a case */

struct telling {
	struct case_run *run;
	const struct schematron *schematron;
	const char *words;
	size_t found;
};

static void on_judged(void *context, size_t assertion, bool failed)
{
	(void)context, (void)assertion, (void)failed;
}

static void on_found(void *context, size_t assertion, size_t offset, const char *message)
{
	struct telling *telling = context;
	struct pack_session *session = telling->run->session;
	(void)offset;
	if (telling->found++ >= MOST_TOLD)
		return;
	const char *text =
		masker_resolve(session->results->masker, &session->scratch, str_of(message));
	case_fault(telling->run, "not so: %s: %s: %s", telling->words,
		   schematron_assertion_at(telling->schematron, assertion)->id, text ? text : "");
}

static void judge(struct telling *telling, const struct judged *judged)
{
	const struct schematron_teller teller = { on_judged, on_found, telling };
	struct schematron_run *run = schematron_run_new(telling->schematron);
	char why[512] = "out of memory";
	if (!run || schematron_judge(run, judged->tree, &teller, why, sizeof(why)) != 0)
		case_fault(telling->run, "not so: %s: %s", telling->words, why);
	else if (telling->found > MOST_TOLD)
		case_fault(telling->run, "%s: and %zu more", telling->words,
			   telling->found - MOST_TOLD);
	schematron_run_free(run);
}

void assert_schematron(struct case_run *run, const struct judged *judged,
		       const struct pack_assert *assert, const char *words)
{
	struct schematron *schematron = NULL;
	struct cpis_failure failure;
	const char *path = arena_printf(&run->session->scratch, "%s%s", run->session->pack->folder,
					assert->schematron.text);
	if (!path || schematron_open(&schematron, path, assert->phase.text, &failure) != 0) {
		case_fault(run, "not so: %s: %s", words, path ? failure.text : "out of memory");
		return;
	}
	struct telling telling = { .run = run, .schematron = schematron, .words = words };
	judge(&telling, judged);
	schematron_close(schematron);
}
