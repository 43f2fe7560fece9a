/* What this build and this machine can do. */
#include "cli.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAME_WIDTH = 14 };

static void line(const char *name, const char *text)
{
	print(stdout, "%-*s%s\n", NAME_WIDTH, name, text);
}

static void print_formats(void)
{
	const char *name, *summary;
	print(stdout, "%-*s", NAME_WIDTH, "reports");
	for (size_t i = 0; (name = cpis_report_format_at(i, &summary)); i++)
		print(stdout, "%s%s", i ? ", " : "", name);
	print(stdout, "\n");
}

static void print_sandbox(const struct sandbox *sandbox)
{
	if (sandbox->absent) {
		line("sandbox", "none: this build of cpis does not have one");
		return;
	}
	if (sandbox->off) {
		line("sandbox", "none: CPIS_SANDBOX=off");
		return;
	}
	if (sandbox->files)
		print(stdout,
		      "%-*sonly what the command line names can be read or written (Landlock "
		      "%d)\n",
		      NAME_WIDTH, "sandbox", sandbox->files);
	else
		line("sandbox", "files are not confined: this kernel does not have Landlock");
	line("", sandbox->calls ? "no network, no other programs (seccomp)"
				: "network and programs are not blocked: no seccomp filters here");
}

int cmd_doctor(struct request *request)
{
	char text[64];
	time_t now = time(NULL);
	struct tm local;
	if (request->input_count)
		return usage_error("doctor: takes no arguments");
	line("version", "cpis " CPIS_VERSION);
	line("messages", CPIS_DMS);
	snprintf(text, sizeof(text), "%zu", cpis_rule_count());
	line("rules", text);
	print_formats();
	if (localtime_r(&now, &local) && strftime(text, sizeof(text), "%Z, UTC%z", &local))
		line("time zone", text);
	line("terminal", isatty(STDOUT_FILENO) ? "yes" : "no: output goes to a file or a pipe");
	print_sandbox(&request->sandbox);
	return CPIS_EXIT_PASS;
}
