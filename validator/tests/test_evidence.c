/*
 * Bundles of evidence: the same run gives the same bytes, they can be checked by sha256sum and
 * minisign, and whatever is changed in one is found and named.
 */
#include "cpis.h"
#include "diag/options.h"
#include "evidence/minisign.h"
#include "evidence/tarball.h"
#include "run_cli.h"

#include <archive.h>
#include <archive_entry.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#define RUN "run -q --now 2026-11-01T00:00:00Z --meta supplier=Example "
#define CERTIFY                                                                                    \
	RUN "testcases/packs/la-upload/certify.yaml --evidence "                                   \
	    "testcases/packs/la-upload/evidence "

static void expect_exit(int code, const char *say, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void expect_exit(int code, const char *say, const char *format, ...)
{
	char arguments[4096];
	va_list args;
	va_start(args, format);
	vsnprintf(arguments, sizeof(arguments), format, args);
	va_end(args);
	struct said said = run_program("%s", arguments);
	if (said.exit_code != code || !(strstr(said.out, say) || strstr(said.err, say)))
		fail_msg("cpis %s: exit %d: %s%s", arguments, said.exit_code, said.out, said.err);
	run_release(&said);
}

static int sh(const char *command)
{
	char text[8192];
	snprintf(text, sizeof(text), "cd '%s' && { %s ; } >sh.log 2>&1 </dev/null",
		 scratch_folder(), command);
	return system(text);
}

/* A key and a signed bundle in the scratch folder, made once. */
static void need_bundle(void)
{
	static bool made;
	if (made)
		return;
	expect_exit(0, "no password", "keygen @/key");
	expect_exit(0, "", CERTIFY "--bundle @/b.tar.gz --key @/key");
	made = true;
}

static void test_a_key_is_for_its_owner_alone_and_never_written_over(void **state)
{
	(void)state;
	struct stat status;
	need_bundle();
	assert_int_equal(stat(scratch_path("key"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	char *before = read_file(scratch_path("key"), NULL);
	expect_exit(2, "not overwritten", "keygen @/key");
	unlink(scratch_path("alone"));
	assert_int_equal(sh("echo >alone.pub"), 0);
	expect_exit(2, "not overwritten", "keygen @/alone");
	char *after = read_file(scratch_path("key"), NULL);
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void test_a_good_bundle_verifies_anywhere(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "byte for byte", "verify @/b.tar.gz --public-key @/key.pub");
	expect_exit(0, "Verified: it is as it was made and signed, and its run passed.",
		    "verify @/b.tar.gz --public-key @/key.pub");
	expect_exit(0, "who dates it 20", "verify @/b.tar.gz --public-key @/key.pub");
	expect_exit(3, "not checked:  MANIFEST.minisig: the signature", "verify @/b.tar.gz");
	expect_exit(3, "not checked:  the run was not repeated", "verify @/b.tar.gz");
	expect_exit(3, "Incomplete: 2 points are open (exit 3).", "verify @/b.tar.gz");
	expect_exit(3, "byte for byte", "verify @/b.tar.gz --run-untrusted");
	/* Other messages are not read in place of its own. */
	expect_exit(2, "the bundle has its messages itself",
		    "verify @/b.tar.gz --public-key @/key.pub --evidence @/");
	char arguments[600];
	snprintf(arguments, sizeof(arguments), "verify %s --public-key key.pub",
		 scratch_path("b.tar.gz"));
	struct said said = run_program_in(scratch_folder(), "", arguments);
	assert_int_equal(said.exit_code, 0);
	run_release(&said);
}

static void test_the_same_run_gives_the_same_bytes(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(sh("cp b.tar.gz first.tar.gz"), 0);
	expect_exit(0, "", CERTIFY "--bundle @/b.tar.gz --key @/key");
	assert_int_equal(sh("cmp b.tar.gz first.tar.gz"), 0);
}

static void test_sha256sum_and_minisign_agree(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(sh("tar xzf b.tar.gz && cd cpis-evidence && sha256sum -c MANIFEST"), 0);
	if (sh("command -v minisign") != 0) {
		print_message("minisign is not installed: it checked no signature of ours\n");
		skip();
	}
	assert_int_equal(sh("minisign -Vm cpis-evidence/MANIFEST -p key.pub"), 0);
	/* A key of minisign's own signs a bundle, in the newer form and in the older one. */
	assert_int_equal(sh("rm -f m.key m.pub; minisign -GWfs m.key -p m.pub"), 0);
	expect_exit(0, "", CERTIFY "--bundle @/m.tar.gz --key @/m.key");
	expect_exit(0, "is correct", "verify @/m.tar.gz --public-key @/m.pub");
	expect_exit(1, ", not ", "verify @/m.tar.gz --public-key @/key.pub");
	/* A signature of minisign's own, by a key of ours. */
	assert_int_equal(sh("minisign -Sm key.pub -s key -x s.minisig && "
			    "minisign -Vm key.pub -p key.pub -x s.minisig"),
			 0);
}

static void test_a_key_under_a_password_or_damaged_is_refused(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(
		sh("sed '2s/^.....................................................//' key >cut"),
		0);
	expect_exit(2, "not a minisign secret key", CERTIFY "--bundle @/x.tar.gz --key @/cut");
	expect_exit(2, "not a minisign secret key", CERTIFY "--bundle @/x.tar.gz --key @/key.pub");
	char *text = read_file(scratch_path("key"), NULL);
	char *line = strchr(text, '\n');
	/* One digit of the key itself; the third byte says which way a password is made a key. */
	line[120] = line[120] == 'A' ? 'B' : 'A';
	FILE *file = fopen(scratch_path("bent"), "wb");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
	expect_exit(2, "damaged", CERTIFY "--bundle @/x.tar.gz --key @/bent");
	free(text);
	assert_int_not_equal(access(scratch_path("x.tar.gz"), F_OK), 0);
}

static void test_digests_alone_want_the_messages_to_run_again(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "", CERTIFY "--bundle @/d.tar.gz --bundle-messages digests --key @/key");
	expect_exit(3, "only the digests of", "verify @/d.tar.gz --public-key @/key.pub");
	expect_exit(0, "byte for byte",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence "
		    "testcases/packs/la-upload/evidence");
	expect_exit(0, "by your pack",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence "
		    "testcases/packs/la-upload/evidence --pack "
		    "testcases/packs/la-upload/certify.yaml");
	assert_int_equal(sh("tar tzf d.tar.gz | grep -q evidence/upload"), 256);
	assert_int_equal(sh("tar xzf d.tar.gz && grep -q '^left-out ' cpis-evidence/run"), 0);
	char copy[1024];
	char *folder = realpath("testcases/packs/la-upload/evidence", NULL);
	snprintf(copy, sizeof(copy), "rm -rf e && cp -r '%s' e && echo >>e/upload-ends.xml",
		 folder);
	free(folder);
	assert_int_equal(sh(copy), 0);
	expect_exit(1, "evidence/upload-ends.xml: it is not the file that was judged",
		    "verify --run-untrusted @/d.tar.gz --evidence @/e");
	expect_exit(1, "evidence/upload-ends.xml: it is not the file that was judged",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/e");
	assert_int_equal(sh("rm e/upload-ends.xml"), 0);
	expect_exit(1, "BAD  evidence/upload-ends.xml: No such file",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/e");
	expect_exit(1, "Failed: 2 points are wrong (exit 1).",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/e");
	assert_int_equal(sh("ln -s ../key e/upload-ends.xml"), 0);
	expect_exit(1, "BAD  evidence/upload-ends.xml: it is a link out of the evidence folder",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/e");
	assert_int_equal(sh("ln -sf upload-ends.xml e/upload-ends.xml"), 0);
	expect_exit(1, "BAD  evidence/upload-ends.xml: Too many levels of symbolic links",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/e");
}

/* As a run refuses it: nothing is said of the bundle. */
static void test_evidence_that_cannot_be_that_of_the_run_is_refused(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "", CERTIFY "--bundle @/d.tar.gz --bundle-messages digests --key @/key");
	assert_int_equal(sh("mkdir -p bare"), 0);
	expect_exit(2, "nofolder: the evidence cannot be read: No such file or directory",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/nofolder");
	expect_exit(2, "key.pub: the run of this bundle was over a folder of evidence",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/key.pub");
	expect_exit(2, "bare: it has none of the 3 messages that the bundle has only digests of",
		    "verify @/d.tar.gz --public-key @/key.pub --evidence @/bare");
	char packed[1024];
	char *folder = realpath("testcases/packs/la-upload/evidence", NULL);
	snprintf(packed, sizeof(packed), "tar cf packed.tar -C '%s' .", folder);
	free(folder);
	assert_int_equal(sh(packed), 0);
	expect_exit(0, "",
		    "run testcases/packs/la-upload/certify.yaml --evidence @/packed.tar "
		    "--bundle @/a.tar.gz --bundle-messages digests --key @/key");
	expect_exit(0, "byte for byte",
		    "verify @/a.tar.gz --public-key @/key.pub --evidence @/packed.tar");
	expect_exit(2, "evidence: the run of this bundle was over one file of evidence",
		    "verify @/a.tar.gz --public-key @/key.pub "
		    "--evidence testcases/packs/la-upload/evidence");
}

/* The bundle again, in bundle.tar.gz, after commands in the folder around its own. */
static void expect_bad(const char *say, const char *commands)
{
	need_bundle();
	char command[1024];
	snprintf(command, sizeof(command),
		 "rm -rf again && mkdir again && cd again && tar xzf ../b.tar.gz && "
		 "%s && gzip -c x.tar >../bundle.tar.gz",
		 commands);
	if (sh(command) != 0)
		fail_msg("%s", command);
	expect_exit(1, say, "verify @/bundle.tar.gz --run-untrusted");
}

#define TAR "tar --owner 0 --group 0 --mode 644 --format ustar -cf x.tar "
#define LIST                                                                                       \
	"(cd cpis-evidence && rm MANIFEST* && find * -type f | sort | xargs sha256sum >../m && "   \
	"mv ../m MANIFEST) && "
#define AT_END "n=$(tar tRf x.tar | sed -n 's/^block \\([0-9]*\\): .. Block of NULs.*/\\1/p') && "

static void test_nothing_is_hidden_after_the_end(void **state)
{
	(void)state;
	expect_bad("follow the end of the archive", TAR "cpis-evidence/* && echo '<a/>' >>x.tar");
	expect_bad("follow the end of the archive",
		   TAR "cpis-evidence/* && cp x.tar y && cat y >>x.tar");
	expect_bad("two blocks of zeros",
		   TAR "cpis-evidence/* && " AT_END "cp x.tar y && "
		       "head -c $((n * 512 + 512)) y >x.tar && cat y >>x.tar");
	expect_bad("two blocks of zeros",
		   TAR "cpis-evidence/* && " AT_END "cp x.tar y && head -c $((n * 512)) y >x.tar");
	expect_bad("in the head of a member",
		   "tar --owner 0 --group 0 --mode 644 --format pax --pax-option "
		   "comment='<?xml version=\"1.0\"?><File/>' -cf x.tar cpis-evidence/*");
}

/* As tar packs a folder by the name "." */
static void test_a_bundle_may_be_packed_from_its_folder(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(sh("rm -rf again && mkdir again && cd again && tar xzf ../b.tar.gz && "
			    "tar --owner 0 --group 0 --mode u=rwX,go=rX -czf ../dot.tar.gz ."),
			 0);
	expect_exit(0, "Verified:", "verify @/dot.tar.gz --public-key @/key.pub");
	expect_bad("the member MANIFEST is in it twice",
		   TAR "cpis-evidence/* && tar --owner 0 --group 0 --mode 644 --format ustar "
		       "-rf x.tar ./cpis-evidence/MANIFEST");
}

/* gzip data may have several members: they are one text, for all who read it. */
static void test_a_bundle_in_several_gzip_members_is_read_to_its_end(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(sh("gzip -dc b.tar.gz >b.tar; (head -c 3000 b.tar | gzip -n; "
			    "tail -c +3001 b.tar | gzip -n) >members.tar.gz; "
			    "cat b.tar.gz b.tar.gz >twice.tar.gz; "
			    "(cat b.tar.gz; echo note | gzip -n) >note.tar.gz; "
			    "head -c -5 members.tar.gz >short.tar.gz; "
			    "(cat b.tar.gz; echo note) >plain.tar.gz"),
			 0);
	expect_exit(0, "byte for byte", "verify @/members.tar.gz --public-key @/key.pub");
	expect_exit(1, "follow the end of the archive", "verify @/twice.tar.gz");
	expect_exit(1, "5 bytes follow the end of the archive", "verify @/note.tar.gz");
	expect_exit(1, "the packed data is damaged near byte", "verify @/short.tar.gz");
	expect_exit(1, "5 bytes follow its end", "verify @/plain.tar.gz");
}

/* Whatever its manifest lists, and whoever signed that. */
static void test_what_the_run_did_not_read_is_named(void **state)
{
	(void)state;
	static const char *const names[] = { "evidence/more.xml", "README", "pack/more.yaml" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char say[128], commands[512];
		snprintf(say, sizeof(say), "%s: it is not part of the run", names[i]);
		snprintf(commands, sizeof(commands),
			 "echo '<a/>' >cpis-evidence/%s && " LIST TAR "cpis-evidence/*", names[i]);
		expect_bad(say, commands);
	}
}

static void test_waivers_of_the_run_are_named(void **state)
{
	(void)state;
	assert_int_equal(sh("echo '- { rule: NHS-002, case: LAUC-101, reason: r, owner: Ann, "
			    "expires: 2027-01-01 }' "
			    ">w.yaml"),
			 0);
	struct said said = run_program(CERTIFY "--waivers @/w.yaml --bundle @/w.tar.gz");
	run_release(&said);
	said = run_program("verify --run-untrusted @/w.tar.gz");
	const char *options = strstr(said.out, "options ");
	if (!options || !strstr(options, "--now 2026-11-01T00:00:00Z, --waivers "))
		fail_msg("%s%s", said.out, said.err);
	run_release(&said);
}

#define ITK	    "testcases/packs/nhs-query-itk"
#define CERTIFY_ITK ITK "/certify.yaml --evidence " ITK "/evidence"

/* Whatever the run found. */
static void expect_repeated(const char *bundle)
{
	struct said said = run_program("verify --run-untrusted @/%s", bundle);
	if (!strstr(said.out, "with the same results byte for byte"))
		fail_msg("%s: %s%s", bundle, said.out, said.err);
	run_release(&said);
}

static void test_every_way_to_run_can_be_run_again(void **state)
{
	(void)state;
	static const char *const runs[] = {
		"testcases/packs/la-upload testcases/packs/nhs-query",
		CERTIFY_ITK,
		"testcases/packs/la-upload --show-values --environment live --fail-on warning",
		"testcases/packs/la-upload/certify.yaml --max-depth 40 --max-findings 3",
		"./testcases/../testcases/packs/la-upload/pack.yaml --jobs 2",
		"testcases/packs/la-upload --max-parts 7 --max-decoded 9M --max-layers 3",
	};
	size_t step = short_form("every second way to run") ? 2 : 1;
	for (size_t i = 0; i < sizeof(runs) / sizeof(runs[0]); i += step) {
		struct said said = run_program(RUN "%s --bundle @/w.tar.gz", runs[i]);
		run_release(&said);
		expect_repeated("w.tar.gz");
	}
}

/* Texts by option: words that the program takes. A run has all stages, and a bundle no schemas. */
static const struct {
	const char *name, *value;
} texts[] = {
	{ "as", "upload" },    { "phase", "#ALL" },
	{ "stages", NULL },    { "schemas", NULL },
	{ "jobs", NULL },      { "schematron", "validator/tests/data/schematron/own.sch" },
	{ "now", "20261101" }, { "exclude", NULL },
};

/* A value to give an option, and how a bundle has it; false where a bundled run cannot have it. */
static bool value_of(const struct judging_option *row, size_t n, char given[64], char kept[64])
{
	given[0] = kept[0] = '\0';
	switch (row->kind) {
	case OPTION_FLAG:
		snprintf(kept, 64, "%s", row->words[1]);
		return true;
	case OPTION_CHOICE:
		snprintf(given, 64, "%s", row->words[1]);
		break;
	case OPTION_SIZE:
		snprintf(given, 64, "%zu", n + 3);
		break;
	default: {
		size_t i = 0, count = sizeof(texts) / sizeof(texts[0]);
		while (i < count && strcmp(texts[i].name, row->name) != 0)
			i++;
		if (i == count)
			fail_msg("the test has no value for --%s", row->name);
		snprintf(given, 64, "%s", texts[i].value ? texts[i].value : "");
	}
	}
	snprintf(kept, 64, "%s", row->kind == OPTION_TIME ? "1793491200" : given);
	return given[0];
}

static void test_every_option_of_a_run_is_in_its_bundle(void **state)
{
	(void)state;
	char arguments[2048] = "", given[64], kept[64], line[160];
	size_t sizes = 0;
	for (const struct judging_option *row = option_list; row->name; row++)
		if (value_of(row, sizes, given, kept)) {
			size_t n = strlen(arguments);
			snprintf(arguments + n, sizeof(arguments) - n,
				 given[0] ? " --%s '%s'" : " --%s", row->name, given);
			sizes += row->kind == OPTION_SIZE;
		}
	struct said said =
		run_program("run -q testcases/packs/la-upload --bundle @/o.tar.gz%s", arguments);
	run_release(&said);
	assert_int_equal(sh("tar xzf o.tar.gz"), 0);
	char *text = read_file(scratch_path("cpis-evidence/run"), NULL);
	sizes = 0;
	for (const struct judging_option *row = option_list; row->name; row++) {
		if (!value_of(row, sizes, given, kept))
			continue;
		sizes += row->kind == OPTION_SIZE;
		snprintf(line, sizeof(line), "\n%s %s\n", row->recorded, kept);
		if (!strstr(text, line))
			fail_msg("--%s: the bundle has no line \"%s\" in: %s", row->name, line,
				 text);
	}
	free(text);
	expect_repeated("o.tar.gz");
}

/* What is left of it is the old bundle, or none. */
static void test_what_cannot_be_bundled_is_refused(void **state)
{
	(void)state;
	expect_exit(2, "need --bundle", CERTIFY "--key @/key");
	expect_exit(2, "more than 4 GiB", CERTIFY "--max-input 5G --bundle @/y.tar.gz");
	expect_exit(2, "", CERTIFY "--bundle @/no/such/folder.tar.gz");
	expect_exit(2, "", CERTIFY "--bundle @/y.tar.gz --key @/nokey");
	assert_int_not_equal(access(scratch_path("y.tar.gz"), F_OK), 0);
	expect_exit(2, "", "verify @/nothing.tar.gz");
	expect_exit(1, "not a bundle", "verify testcases/messages/upload-one.xml");
}

/* Tampering */

static char told[8192];

static void keep_note(void *context, const struct cpis_verify_note *note)
{
	(void)context;
	size_t n = strlen(told);
	if (!note->good)
		snprintf(told + n, sizeof(told) - n, "%s: %s %s %s\n",
			 note->file ? note->file : "-", note->text,
			 note->expected ? note->expected : "", note->found ? note->found : "");
}

static enum cpis_verdict verify(const char *path)
{
	static char key[600];
	snprintf(key, sizeof(key), "%s/key.pub", scratch_folder());
	const struct cpis_verify_options options = { .public_key = key, .each = keep_note };
	enum cpis_verdict verdict = CPIS_INCOMPLETE;
	struct cpis_failure failure;
	told[0] = '\0';
	if (cpis_verify(path, &options, &verdict, &failure) != 0)
		fail_msg("%s", failure.text);
	return verdict;
}

static void write_bytes(const char *name, const char *bytes, size_t n)
{
	FILE *file = fopen(scratch_path(name), "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, n, file), n);
	assert_int_equal(fclose(file), 0);
}

/* Whether two packed bundles unpack to the same: a match may be copied from another place that
 * reads alike. */
static bool unpack_alike(const char *a, const char *b)
{
	char command[1200];
	snprintf(command, sizeof(command),
		 "gzip -dc %s >a.tar && gzip -dc %s >b.tar && cmp a.tar b.tar", a, b);
	return sh(command) == 0;
}

static void test_one_changed_byte_of_the_file_is_found(void **state)
{
	(void)state;
	size_t n;
	need_bundle();
	char *bytes = read_file(scratch_path("b.tar.gz"), &n);
	size_t changes = short_form("270 of 300 changed bytes") ? 30 : 300;
	for (size_t i = 0; i < n; i += i < 32 || i + 32 > n ? 1 : n / changes + 1) {
		bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
		write_bytes("bent.tar.gz", bytes, n);
		enum cpis_verdict verdict = verify(scratch_path("bent.tar.gz"));
		if ((verdict != CPIS_FAIL || !told[0]) && !unpack_alike("b.tar.gz", "bent.tar.gz"))
			fail_msg("byte %zu of %zu was changed unseen", i, n);
		bytes[i] = (char)(bytes[i] ^ 1 << i % 8);
	}
	for (size_t less = 1; less < n; less = less * 3 + 1) {
		write_bytes("bent.tar.gz", bytes, n - less);
		assert_int_equal(verify(scratch_path("bent.tar.gz")), CPIS_FAIL);
	}
	free(bytes);
}

/* The bundle packed again, with one byte of one member changed, or a member without or more. */
enum change { CHANGED, DROPPED, ADDED };

static void pack_again(const struct tarball *tarball, size_t which, size_t byte, enum change change)
{
	struct tarball_writer *writer;
	struct cpis_failure failure;
	assert_int_equal(tarball_create(&writer, scratch_path("again.tar.gz"), false, &failure), 0);
	for (size_t i = 0; i < tarball->count; i++) {
		struct str bytes = tarball->members[i].bytes;
		char *copy = malloc(bytes.n + 1);
		assert_non_null(copy);
		memcpy(copy, bytes.p, bytes.n);
		if (i == which && change == CHANGED)
			copy[byte] = (char)(copy[byte] ^ 1);
		if (i != which || change != DROPPED)
			assert_int_equal(tarball_add(writer, tarball->members[i].name,
						     (struct str){ copy, bytes.n }, 0, &failure),
					 0);
		free(copy);
	}
	if (change == ADDED)
		assert_int_equal(tarball_add(writer, "pack/more.xml", STR("<a/>"), 0, &failure), 0);
	assert_int_equal(tarball_close(writer, &failure), 0);
}

static void open_bundle(struct tarball *tarball)
{
	size_t n;
	char why[256];
	char *bytes = read_file(scratch_path("b.tar.gz"), &n);
	if (tarball_read(tarball, (struct str){ bytes, n }, 1 << 28, why, sizeof(why)) != 0)
		fail_msg("%s", why);
	free(bytes);
}

static void expect_named(const char *name)
{
	enum cpis_verdict verdict = verify(scratch_path("again.tar.gz"));
	if (verdict != CPIS_FAIL || !strstr(told, name))
		fail_msg("%s was not named: %s", name, told);
}

static void test_what_is_changed_cut_out_or_put_in_is_named(void **state)
{
	(void)state;
	struct tarball tarball;
	need_bundle();
	open_bundle(&tarball);
	for (size_t i = 0; i < tarball.count; i++) {
		const struct tarball_member *member = &tarball.members[i];
		pack_again(&tarball, i, member->bytes.n / 2, CHANGED);
		expect_named(member->name);
		if (strncmp(member->name, "MANIFEST", 8) != 0 && !strstr(told, member->sha256))
			fail_msg("the digest of %s was not reported: %s", member->name, told);
		pack_again(&tarball, i, 0, DROPPED);
		expect_named(member->name);
	}
	pack_again(&tarball, SIZE_MAX, 0, ADDED);
	expect_named("pack/more.xml");
	tarball_release(&tarball);
}

static void test_every_byte_of_the_signature_counts(void **state)
{
	(void)state;
	struct tarball tarball;
	struct minisign_public key;
	struct cpis_failure failure;
	char why[256], copy[1024];
	need_bundle();
	open_bundle(&tarball);
	assert_int_equal(minisign_read_public(&key, scratch_path("key.pub"), &failure), 0);
	struct str manifest = tarball_find(&tarball, "MANIFEST")->bytes;
	struct str signature = tarball_find(&tarball, "MANIFEST.minisig")->bytes;
	assert_true(signature.n < sizeof(copy));
	assert_int_equal(minisign_verify(&key, manifest, signature, why, sizeof(why)), 0);
	for (size_t i = 0; i < signature.n; i++) {
		memcpy(copy, signature.p, signature.n);
		copy[i] ^= 1;
		if (minisign_verify(&key, manifest, (struct str){ copy, signature.n }, why,
				    sizeof(why)) == 0)
			fail_msg("byte %zu of the signature does not count", i);
	}
	tarball_release(&tarball);
}

/* Archives that must not be unpacked. */
static const struct {
	const char *name, *link;
	unsigned kind;
	const char *why;
} hostile[] = {
	{ "../outside", NULL, AE_IFREG, "is not in" },
	{ "/etc/passwd", NULL, AE_IFREG, "is not in" },
	{ TARBALL_FOLDER "../../outside", NULL, AE_IFREG, "is not in" },
	{ TARBALL_FOLDER "a/../../../outside", NULL, AE_IFREG, "is not in" },
	{ TARBALL_FOLDER "a//b", NULL, AE_IFREG, "is not in" },
	{ TARBALL_FOLDER "a\nb", NULL, AE_IFREG, "is not in" },
	{ TARBALL_FOLDER "link", "/etc/passwd", AE_IFLNK, "not a plain file" },
	{ TARBALL_FOLDER "pipe", NULL, AE_IFIFO, "not a plain file" },
	{ TARBALL_FOLDER "../folder", NULL, AE_IFDIR, "is not in" },
	{ "folder", NULL, AE_IFDIR, "is not in" },
	{ "./../" TARBALL_FOLDER "a", NULL, AE_IFREG, "is not in" },
	{ "./.", "/etc", AE_IFLNK, "is not in" },
	{ "./" TARBALL_FOLDER "./a", NULL, AE_IFREG, "is not in" },
};

static size_t make_tar(char *tar, size_t room, size_t which)
{
	size_t used = 0;
	struct archive *archive = archive_write_new();
	struct archive_entry *entry = archive_entry_new();
	archive_write_set_format_pax_restricted(archive);
	archive_write_open_memory(archive, tar, room, &used);
	archive_entry_set_pathname(entry, hostile[which].name);
	archive_entry_set_filetype(entry, hostile[which].kind);
	archive_entry_set_perm(entry, 0644);
	if (hostile[which].link)
		archive_entry_set_symlink(entry, hostile[which].link);
	archive_write_header(archive, entry);
	archive_entry_free(entry);
	archive_write_close(archive);
	archive_write_free(archive);
	return used;
}

static size_t zip(const char *tar, size_t n, char *packed, size_t room)
{
	z_stream stream = { 0 };
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
	stream.next_in = (Bytef *)(uintptr_t)tar;
	stream.avail_in = (uInt)n;
	stream.next_out = (Bytef *)packed;
	stream.avail_out = (uInt)room;
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	size_t made = (size_t)stream.total_out;
	deflateEnd(&stream);
	return made;
}

static void test_hostile_archives_are_refused(void **state)
{
	(void)state;
	static char tar[65536], packed[65536];
	for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++) {
		struct tarball tarball;
		char why[512];
		size_t n = zip(tar, make_tar(tar, sizeof(tar), i), packed, sizeof(packed));
		assert_int_equal(tarball_read(&tarball, (struct str){ packed, n }, 1 << 24, why,
					      sizeof(why)),
				 -1);
		if (!strstr(why, hostile[i].why))
			fail_msg("%s: %s", hostile[i].name, why);
	}
}

static void test_a_bomb_is_left_packed(void **state)
{
	(void)state;
	static char zeros[1 << 24], packed[1 << 16];
	struct tarball tarball;
	char why[512];
	size_t n = zip(zeros, sizeof(zeros), packed, sizeof(packed));
	assert_int_equal(
		tarball_read(&tarball, (struct str){ packed, n }, 1 << 22, why, sizeof(why)), -1);
	assert_non_null(strstr(why, "larger than"));
}

/* A copy of the pack and of its evidence, both spoiled by a command, and the bundle of that run. */
static void bundle_spoiled(const char *command, const char *options)
{
	char text[1500];
	char *folder = realpath("testcases/packs", NULL);
	snprintf(text, sizeof(text),
		 "rm -rf p && cp -r '%s/la-upload' p && mkdir -p messages && cd p && %s", folder,
		 command);
	free(folder);
	assert_int_equal(sh(text), 0);
	struct said said = run_program("run -q --now 2026-11-01 --meta supplier=Example "
				       "@/p/certify.yaml --evidence @/p/evidence --bundle "
				       "@/s.tar.gz --key @/key %s",
				       options);
	run_release(&said);
}

/* What was kept decides the exit code, as far as nothing is wrong with the bundle. */
static const struct {
	const char *command, *options;
	int code;
	const char *say;
} kept[] = {
	{ "true", "", 0, "the run that was kept passed: Conformant: all 7 cases passed." },
	{ "true", "", 0, "supplier       Example" },
	{ "true", "", 0, "(set with --now)" },
	{ "sed -i s/Oakhanger/Oakhangar/ evidence/upload-initial.xml", "", 1,
	  "the run that was kept did not pass: Not conformant: 1 of 7 cases failed." },
	{ "rm evidence/upload-ends.xml", "", 3,
	  "the run that was kept did not pass: Incomplete: 1 of 7 cases is still open." },
	{ "rm evidence/upload-ends.xml; mkfifo evidence/upload-ends.xml", "", 3,
	  "the run was repeated, with the same results byte for byte" },
	{ "rm evidence/upload-ends.xml; mkfifo evidence/upload-ends.xml", "", 3,
	  "still open     LAUC-102" },
	{ "mkdir evidence/x; echo y >evidence/x/z", "", 1, "fills no slot  x/z" },
	{ "mkdir evidence/x; echo y >evidence/x/z", "", 1,
	  "the run was repeated, with the same results byte for byte" },
	{ "true", "--skip LAUC-101", 3, "the run that was kept left something out" },
	{ "true", "--skip LAUC-101", 3, "left out       LAUC-101" },
	{ "true", "--fail-on never", 3, "--fail-on never" },
	{ "true", "--not-before 2026-10-20", 1,
	  "the run was repeated, with the same results byte for byte" },
};

static void test_the_kept_run_decides_the_exit_code(void **state)
{
	(void)state;
	need_bundle();
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		bundle_spoiled(kept[i].command, kept[i].options);
		expect_exit(kept[i].code, kept[i].say, "verify @/s.tar.gz --public-key @/key.pub");
	}
	expect_exit(0, "", CERTIFY "--bundle @/u.tar.gz");
	expect_exit(3, "it is not signed", "verify @/u.tar.gz");
}

#define EDITED "sed -i s/Oakhanger/Oakhangar/ evidence/upload-initial.xml data/set-a.yaml"

/* A supplier edits a data set until it fits: only the assurer's own pack shows it. */
static void test_the_callers_own_pack_finds_an_edited_data_set(void **state)
{
	(void)state;
	static const char *const says[] = {
		"the run that was kept passed",
		"by your pack la-upload-certify 1.0.0, the evidence is a fail",
		"differs        data/set-a.yaml: the bundle's pack has another file of that name",
		"differs        LAUC-101: passed in the bundle, failed by your pack",
	};
	need_bundle();
	bundle_spoiled(EDITED, "");
	expect_exit(0, "pack digest", "verify @/s.tar.gz --public-key @/key.pub");
	for (size_t i = 0; i < sizeof(says) / sizeof(says[0]); i++)
		expect_exit(1, says[i],
			    "verify @/s.tar.gz --public-key @/key.pub --pack "
			    "testcases/packs/la-upload/certify.yaml");
}

static void test_a_bundle_without_evidence_is_incomplete_by_another_pack(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "",
		    "run testcases/packs/la-upload/pack.yaml --bundle @/n.tar.gz --key @/key");
	expect_exit(3, "by your pack la-upload-certify 1.0.0, the evidence is incomplete: ",
		    "verify @/n.tar.gz --public-key @/key.pub --pack "
		    "testcases/packs/la-upload/certify.yaml");
}

static void test_known_keys_say_who_signed(void **state)
{
	(void)state;
	need_bundle();
	if (access(scratch_path("assessor"), F_OK) != 0)
		expect_exit(0, "", "keygen @/assessor");
	assert_int_equal(
		sh("cp b.tar.gz k.tar.gz && "
		   "{ echo '# keys'; echo \"$(sed -n 2p key.pub)  Example Ltd\"; } >known"),
		0);
	expect_exit(0, "signed by      Example Ltd (key", "verify @/k.tar.gz --known-keys @/known");
	expect_exit(0, "", "countersign @/k.tar.gz --key @/assessor --comment 'Accepted for live'");
	expect_exit(3, "not among the known keys", "verify @/k.tar.gz --known-keys @/known");
	/* With one of the two keys, the other signature is not checked. */
	expect_exit(3, "the signature, which claims to be by the key",
		    "verify @/k.tar.gz --public-key @/assessor.pub");
	expect_exit(3, "was not checked", "verify @/k.tar.gz --public-key @/key.pub");
	assert_int_equal(sh("echo \"$(sed -n 2p assessor.pub) An Assessor\" >>known"), 0);
	expect_exit(0, ": Accepted for live", "verify @/k.tar.gz --known-keys @/known");
	expect_exit(0, "signed by      An Assessor", "verify @/k.tar.gz --known-keys @/known");
	assert_int_equal(sh("rm -rf cpis-evidence && tar xzf k.tar.gz && cd cpis-evidence && "
			    "sha256sum -c MANIFEST"),
			 0);
	if (sh("command -v minisign") == 0)
		assert_int_equal(sh("minisign -Vm cpis-evidence/MANIFEST -p assessor.pub -x "
				    "cpis-evidence/MANIFEST.countersigned-1.minisig"),
				 0);
	assert_int_equal(sh("echo 'no key' >unknown"), 0);
	expect_exit(2, "unknown:1:1: a line is a minisign public key",
		    "verify @/k.tar.gz --known-keys @/unknown");
	assert_int_equal(sh("gzip -dc k.tar.gz | gzip -1 >bent.tar.gz; tar xzf k.tar.gz; "
			    "echo x >>cpis-evidence/pack/certify.yaml; tar czf bent2.tar.gz "
			    "--owner=0 --group=0 --mode=644 cpis-evidence/MANIFEST "
			    "cpis-evidence/pack/certify.yaml"),
			 0);
	expect_exit(0, "byte for byte", "verify @/bent.tar.gz --known-keys @/known");
	expect_exit(2, "it has changed since it was made",
		    "countersign @/bent2.tar.gz --key @/assessor --comment x");
	expect_exit(2, "one line of text",
		    "countersign @/k.tar.gz --key @/assessor --comment 'a\tb'");
	/* A whole folder, packed again by hand. */
	assert_int_equal(sh("rm -rf cpis-evidence && tar xzf k.tar.gz && tar czf again.tar.gz "
			    "--owner=0 --group=0 cpis-evidence"),
			 0);
	expect_exit(0, "byte for byte", "verify @/again.tar.gz --known-keys @/known");
}

static void test_decisions_of_one_second_are_in_their_order(void **state)
{
	(void)state;
	need_bundle();
	assert_int_equal(sh("cp b.tar.gz order.tar.gz"), 0);
	expect_exit(0, "", "keygen @/decider");
	static const char *const said[] = { "first", "second", "third" };
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++)
		expect_exit(0, "",
			    "countersign @/order.tar.gz --key @/decider --comment %s "
			    "--now 2026-11-02T10:00:00Z",
			    said[i]);
	assert_int_equal(sh("printf '%s A Decider\\n' \"$(sed -n 2p decider.pub)\" >deciders"), 0);
	struct said shown = run_program("verify @/order.tar.gz --known-keys @/deciders");
	const char *at = shown.out;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		at = strstr(at, said[i]);
		assert_non_null(at);
	}
	run_release(&shown);
}

/* A name is not signed: what each signature is, its trusted comment says. */
static const struct {
	const char *from, *command; /* the bundle, and what is done in its folder */
	const char *say;
} renamed[] = {
	{ "u", "mv MANIFEST.countersigned-1.minisig MANIFEST.minisig",
	  "it is a countersignature under the name of the signature" },
	{ "r", "mv MANIFEST.countersigned-1.minisig MANIFEST.minisig",
	  "it is a countersignature under the name of the signature" },
	{ "r", "mv MANIFEST.minisig MANIFEST.countersigned-3.minisig",
	  "it is not a countersignature" },
	{ "r", "cp MANIFEST.minisig MANIFEST.countersigned-3.minisig",
	  "it is not a countersignature" },
	{ "r", "rm MANIFEST.countersigned-1.minisig", "countersignature 1 is missing" },
	{ "r", "mv MANIFEST.countersigned-2.minisig MANIFEST.countersigned-1.minisig",
	  "it is a countersignature with another number" },
	{ "r", "cp MANIFEST.countersigned-1.minisig MANIFEST.countersigned-3.minisig",
	  "it is a copy of countersignature 1" },
	{ "r",
	  "sed '1s/from.*/from minisign secret key/' MANIFEST.countersigned-1.minisig "
	  ">MANIFEST.countersigned-3.minisig",
	  "it is a copy of countersignature 1" },
};

static void test_a_renamed_or_copied_signature_is_found(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "", "keygen @/role");
	expect_exit(0, "", CERTIFY "--bundle @/u.tar.gz");
	assert_int_equal(sh("cp b.tar.gz r.tar.gz && { echo \"$(sed -n 2p key.pub) Example Ltd\"; "
			    "echo \"$(sed -n 2p role.pub) An Assessor\"; } >roles"),
			 0);
	expect_exit(0, "", "countersign @/u.tar.gz --key @/role --comment Rejected");
	expect_exit(0, "", "countersign @/r.tar.gz --key @/role --comment Accepted");
	expect_exit(0, "", "countersign @/r.tar.gz --key @/role --comment Rejected");
	expect_exit(0, ": Rejected", "verify @/r.tar.gz --known-keys @/roles");
	for (size_t i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++) {
		char command[1000];
		snprintf(command, sizeof(command),
			 "rm -rf cpis-evidence && tar xzf %s.tar.gz && cd cpis-evidence && %s && "
			 "cd .. && tar czf changed.tar.gz --owner=0 --group=0 cpis-evidence",
			 renamed[i].from, renamed[i].command);
		assert_int_equal(sh(command), 0);
		expect_exit(1, renamed[i].say, "verify @/changed.tar.gz --known-keys @/roles");
		expect_exit(1, renamed[i].say, "verify @/changed.tar.gz");
		expect_exit(1, renamed[i].say, "verify @/changed.tar.gz --public-key @/role.pub");
	}
	/* The next one is not put into the gap. */
	assert_int_equal(sh("rm -rf cpis-evidence && tar xzf r.tar.gz && "
			    "rm cpis-evidence/MANIFEST.countersigned-1.minisig && "
			    "cd cpis-evidence && tar czf ../gap.tar.gz --owner=0 --group=0 "
			    "--transform 's,^,cpis-evidence/,' MANIFEST $(ls | grep -vx MANIFEST)"),
			 0);
	expect_exit(0, "", "countersign @/gap.tar.gz --key @/role --comment third");
	assert_int_equal(sh("tar tzf gap.tar.gz | grep -q countersigned-3"), 0);
}

static void test_signatures_given_at_once_are_all_kept(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "", "keygen @/crowd");
	assert_int_equal(sh("cp b.tar.gz crowd.tar.gz"), 0);
	const char *wish = getenv("CPIS_PROGRAM");
	char path[4096], all[6000];
	assert_non_null(realpath(wish ? wish : "build/cpis", path));
	snprintf(all, sizeof(all),
		 "for i in 1 2 3 4 5 6; do '%s' countersign crowd.tar.gz --key crowd --comment c$i "
		 "-q & done; wait; test $(tar tzf crowd.tar.gz | grep -c countersigned) = 6",
		 path);
	assert_int_equal(sh(all), 0);
}

/* What is wrong is said as it is: nothing has changed where a key is another. */
static void test_a_wrong_key_is_not_called_a_change(void **state)
{
	(void)state;
	need_bundle();
	expect_exit(0, "", "keygen @/stranger");
	struct said said = run_program("verify @/b.tar.gz --public-key @/stranger.pub");
	assert_int_equal(said.exit_code, 1);
	assert_non_null(strstr(said.err, "because a signature is wrong or missing"));
	assert_null(strstr(said.err, "has changed"));
	run_release(&said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_kept_run_decides_the_exit_code),
		cmocka_unit_test(test_the_callers_own_pack_finds_an_edited_data_set),
		cmocka_unit_test(test_a_bundle_without_evidence_is_incomplete_by_another_pack),
		cmocka_unit_test(test_known_keys_say_who_signed),
		cmocka_unit_test(test_decisions_of_one_second_are_in_their_order),
		cmocka_unit_test(test_a_renamed_or_copied_signature_is_found),
		cmocka_unit_test(test_signatures_given_at_once_are_all_kept),
		cmocka_unit_test(test_a_wrong_key_is_not_called_a_change),
		cmocka_unit_test(test_a_key_is_for_its_owner_alone_and_never_written_over),
		cmocka_unit_test(test_a_good_bundle_verifies_anywhere),
		cmocka_unit_test(test_the_same_run_gives_the_same_bytes),
		cmocka_unit_test(test_sha256sum_and_minisign_agree),
		cmocka_unit_test(test_a_key_under_a_password_or_damaged_is_refused),
		cmocka_unit_test(test_digests_alone_want_the_messages_to_run_again),
		cmocka_unit_test(test_evidence_that_cannot_be_that_of_the_run_is_refused),
		cmocka_unit_test(test_every_way_to_run_can_be_run_again),
		cmocka_unit_test(test_every_option_of_a_run_is_in_its_bundle),
		cmocka_unit_test(test_what_cannot_be_bundled_is_refused),
		cmocka_unit_test(test_one_changed_byte_of_the_file_is_found),
		cmocka_unit_test(test_what_is_changed_cut_out_or_put_in_is_named),
		cmocka_unit_test(test_every_byte_of_the_signature_counts),
		cmocka_unit_test(test_hostile_archives_are_refused),
		cmocka_unit_test(test_nothing_is_hidden_after_the_end),
		cmocka_unit_test(test_a_bundle_may_be_packed_from_its_folder),
		cmocka_unit_test(test_a_bundle_in_several_gzip_members_is_read_to_its_end),
		cmocka_unit_test(test_what_the_run_did_not_read_is_named),
		cmocka_unit_test(test_waivers_of_the_run_are_named),
		cmocka_unit_test(test_a_bomb_is_left_packed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
