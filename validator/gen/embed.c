/*
 * embed - write the bytes of files as a C source that the program is linked with.
 *
 * embed FILE... >assets.c: for reports/html/report.xsl there is then `const struct str
 * asset_report_xsl`, declared in report/page.h.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static void write_name(const char *path)
{
	for (const char *p = base_name(path); *p; p++)
		putchar(isalnum((unsigned char)*p) ? *p : '_');
}

static int write_asset(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (!file) {
		perror(path);
		return -1;
	}
	printf("\nstatic const unsigned char bytes_");
	write_name(path);
	printf("[] = {");
	size_t count = 0;
	for (int c = getc(file); c != EOF; c = getc(file))
		printf("%s%d,", count++ % 24 ? "" : "\n\t", c);
	/* A byte more than the text, so that an empty file is an array too. */
	printf("0\n};\n\nconst struct str asset_");
	write_name(path);
	printf(" = { (const char *)bytes_");
	write_name(path);
	printf(", %zu };\n", count);
	int bad = ferror(file);
	fclose(file);
	return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
	printf("#include \"report/page.h\"\n");
	for (int i = 1; i < argc; i++)
		if (write_asset(argv[i]))
			return 1;
	return fflush(stdout) ? 1 : 0;
}
