/* What this build and this machine can do. */
#include "cli.h"

#include <archive.h>
#include <json-c/json_c_version.h>
#include <langinfo.h>
#include <sodium/version.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

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

/* What it was built with: those that are loaded late are not loaded for this. */
static void print_libraries(void)
{
	line("built with", "zlib " ZLIB_VERSION ", libarchive " ARCHIVE_VERSION_ONLY_STRING
			   ", libsodium " SODIUM_VERSION_STRING ", json-c " JSON_C_VERSION);
}

static void print_terminal(void)
{
	char text[64];
	struct winsize size;
	const char *encoding = nl_langinfo(CODESET);
	if (!isatty(STDOUT_FILENO)) {
		line("terminal", "no: output goes to a file or a pipe");
		return;
	}
	snprintf(text, sizeof(text), "yes, %u columns, %s",
		 ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0U, encoding);
	line("terminal", text);
}

/* The messages that the built-in schemas know. */
static void print_schemas(void)
{
	char text[64];
	const char *name, *title;
	size_t count = 0;
	while (cpis_message_type_at(count, &name, &title))
		count++;
	snprintf(text, sizeof(text), "built in, of %zu types of messages", count);
	line("schemas", text);
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
	print_schemas();
	print_formats();
	print_libraries();
	if (localtime_r(&now, &local) && strftime(text, sizeof(text), "%Z, UTC%z", &local))
		line("time zone", text);
	print_terminal();
	print_sandbox(&request->sandbox);
	return CPIS_EXIT_PASS;
}
