/*
 * Nothing that is given is passed over in silence, and nothing that is given hangs: hidden names,
 * pipes, loops of links, paths that are missing, links and stray bytes of archives.
 */
#include "run_cli.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define GOOD "testcases/messages/upload-one.xml"

/* The exit code and every one of the words; NULL after the last. */
static void expect(int exit_code, const char *arguments, ...)
{
	char *said = NULL;
	int code = run_output(&said, arguments);
	if (code != exit_code)
		fail_msg("%s: exit %d, not %d: %s", arguments, code, exit_code, said);
	va_list words;
	va_start(words, arguments);
	for (const char *word; (word = va_arg(words, const char *));)
		if (!strstr(said, word))
			fail_msg("%s: it does not say \"%s\": %s", arguments, word, said);
	va_end(words);
	free(said);
}

/* In the scratch folder, with the good message as $GOOD. */
static void prepare(const char *commands)
{
	char line[4096], top[2048];
	assert_non_null(getcwd(top, sizeof(top)));
	snprintf(line, sizeof(line), "set -e; GOOD='%.1024s/" GOOD "'; cd '%.512s'; %s", top,
		 scratch_folder(), commands);
	assert_int_equal(system(line), 0);
}

static void test_a_folder_with_loops_and_pipes_is_read_to_its_end(void **state)
{
	(void)state;
	alarm(60);
	prepare("mkdir loops; cp \"$GOOD\" loops/a.xml; ln -s . loops/b; ln -s .. loops/c; "
		"mkfifo loops/p.xml loops/p");
	expect(3, "validate @/loops", "loops/b, because its files were found by another way",
	       "loops/p.xml: incomplete", "loops/p: incomplete", "it is a pipe", NULL);
	expect(3, "validate @/loops/p.xml", "it is a pipe", NULL);
	expect(3, "validate /dev/null", "it is a device", NULL);
	alarm(0);
}

static void test_a_folder_of_schemas_with_loops_and_pipes_is_read_to_its_end(void **state)
{
	(void)state;
	alarm(60);
	prepare("mkdir xsd; ln -s . xsd/a; ln -s . xsd/b; mkfifo xsd/p.xsd; echo '<a/>' "
		">xsd/q.xsd");
	char *said = NULL;
	run_output(&said, "schemas check @/xsd");
	assert_non_null(strstr(said, "p.xsd: it cannot be read"));
	assert_null(strstr(said, "a/p.xsd"));
	free(said);
	alarm(0);
}

/* Whatever they share at their start, and however long they are. */
static void test_the_files_of_a_folder_come_in_the_order_of_their_names(void **state)
{
	(void)state;
	static const char *const names[] = { "m-1.xml",		 "m-10.xml",
					     "m-2.xml",		 "m-2.xml.xml",
					     "m-222222222a.xml", "m-222222222b.xml",
					     "m-2\xc3\xa9.xml",	 "n.xml" };
	prepare("mkdir row; for n in n m-2.xml m-10 m-222222222b m-2 m-222222222a m-2\xc3\xa9 m-1; "
		"do cp \"$GOOD\" row/$n.xml; done");
	char *said = NULL, name[64];
	run_output(&said, "validate @/row");
	const char *from = said;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "row/%s: ", names[i]);
		from = strstr(from, name);
		if (!from)
			fail_msg("%s is not in its place: %s", names[i], said);
	}
	free(said);
}

static void test_hidden_names_of_a_folder_are_listed(void **state)
{
	(void)state;
	prepare("mkdir shy; cp \"$GOOD\" shy/a.xml; cp \"$GOOD\" shy/.b.xml; mkdir shy/.git");
	expect(0, "validate @/shy", "shy/.b.xml, because it is hidden",
	       "shy/.git, because it is hidden", "1 message:", NULL);
}

/* What a broken message is called decides nothing. */
static void test_a_message_after_stray_bytes_is_judged_whatever_its_name(void **state)
{
	(void)state;
	prepare("mkdir junk; cp \"$GOOD\" junk/a.xml; (printf x; cat \"$GOOD\") >junk/b.msg; "
		"cp junk/b.msg junk/c; (echo 2026-10-01 INFO sent; cat \"$GOOD\") >junk/d.log; "
		"(printf '\\001\\002'; cat \"$GOOD\") >junk/e.bin; (printf x; sed 1d \"$GOOD\") "
		">junk/f; "
		"echo 'The namespace is \"urn:hl7-org:v3\".' >junk/notes.txt; "
		"echo '{ \"body\": \"<?xml\" }' >junk/log.json; "
		"tar cf junk.tar junk; tar czf junk.tgz -C junk .");
	expect(1, "validate @/junk", "junk/b.msg: fail", "junk/c: fail", "junk/d.log: fail",
	       "junk/e.bin: fail", "junk/f: fail", "junk/notes.txt, because it does not begin",
	       "junk/log.json, because it does not begin", "5 of 6 messages", NULL);
	expect(1, "validate @/junk.tar", "junk/b.msg: fail", "junk/c: fail", "junk/d.log: fail",
	       "junk/e.bin: fail", "junk/f: fail", "5 of 6 messages", NULL);
	expect(1, "validate @/junk.tgz", "5 of 6 messages", NULL);
}

static void test_uploads_in_one_file_are_not_compared_and_that_is_said(void **state)
{
	(void)state;
	prepare("mkdir twin; cp \"$GOOD\" twin/a; cp \"$GOOD\" twin/b; tar cf twin.tar twin; "
		"(cat \"$GOOD\"; echo; cat \"$GOOD\") >twin.log; tar cf single.tar twin/a");
	expect(1, "validate --fail-on warning @/twin", "PAIR-011", NULL);
	expect(0, "validate --fail-on warning @/twin.tar", "Every message found was checked",
	       "the sequence of its uploads, PAIR-011", NULL);
	expect(0, "validate @/twin.log", "the sequence of its uploads, PAIR-011", NULL);
	expect(0, "validate --stages xml,schema @/twin.log", "Not everything was checked", NULL);
	expect(0, "validate @/single.tar", "Everything was checked", NULL);
	/* By the name that its messages have. */
	prepare("cp twin.tar nhs_9996184978.tar");
	expect(0, "validate @/nhs_9996184978.tar", "nhs_9996184978.tar!twin/a: pass",
	       "nhs_9996184978.tar!(the sequence of its uploads, PAIR-011)", NULL);
	/* An upload and its answer in one file are two messages: it is not compared with others. */
	prepare("answer=${GOOD%/*}/acknowledgement-success.xml; mkdir beside; "
		"(cat \"$GOOD\"; echo; cat \"$answer\") >beside/a.log; cp \"$GOOD\" beside/b.xml; "
		"mkdir answers; (cat \"$answer\"; echo; cat \"$answer\") >answers/a.log; "
		"cp \"$GOOD\" answers/b.xml");
	expect(0, "validate --fail-on warning @/beside", "Every message found was checked",
	       "a.log!(the sequence of its uploads, PAIR-011)", NULL);
	expect(0, "validate --shard 1/1 @/beside", "a.log!(the sequence of its uploads, PAIR-011)",
	       NULL);
	expect(0, "validate @/beside/a.log", "Everything was checked", NULL);
	expect(0, "validate @/answers", "Everything was checked", NULL);
}

static void test_sarif_names_a_file_with_a_line_end_as_a_uri_does(void **state)
{
	(void)state;
	prepare("mkdir line; printf '<broken' >line/\"$(printf 'n\\nl.xml')\"");
	expect(1, "validate -q -r sarif @/line", "line/n%0Al.xml", NULL);
}

/* Two documents with an empty line between are a log, but in a file that is named as one document.
 */
static void test_a_file_named_xml_is_one_document(void **state)
{
	(void)state;
	prepare("(cat \"$GOOD\"; echo; cat \"$GOOD\") >twice; mkdir named; "
		"for name in a.xml b.XML c.log d e.txt; do cp twice named/$name; done; "
		"(echo VALIDATE-AS; cat twice) >named/f.xml; "
		"tar cf named.tar named; tar czf named.tgz named");
	static const char *const ways[] = { "validate @/named", "validate @/named.tar",
					    "validate -j 3 @/named.tgz" };
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		expect(1, ways[i], "named/a.xml: fail", "named/b.XML: fail",
		       "only allowed at the very start", "2 of 10 messages", NULL);
	expect(0, "validate - <@/twice", "both messages passed", NULL);
	expect(1, "validate - <@/named.tar", "2 of 10 messages", NULL);
}

/* White space alone hides nothing, however much there is. */
static void test_a_message_after_white_space_is_judged_whatever_its_name(void **state)
{
	(void)state;
	prepare("mkdir blank; for n in 2000 4090 4096 100000; do "
		"(head -c $n /dev/zero | tr '\\0' '\\n'; cat \"$GOOD\") >blank/$n.txt; done; "
		"head -c 9000 /dev/zero | tr '\\0' ' ' >blank/empty.txt");
	expect(1, "validate @/blank", "blank/2000.txt: fail", "blank/4090.txt: fail",
	       "blank/4096.txt: fail", "blank/100000.txt: fail", "4 of 4 messages",
	       "blank/empty.txt, because it does not begin", NULL);
	expect(3, "validate --max-input 1000 @/blank", "4 of 4 messages", NULL);
	prepare("tar cf blank.tar -C blank .");
	expect(1, "validate @/blank.tar", "4 of 4 messages", "empty.txt, because it does not look",
	       NULL);
}

/* What only quotes a message is not judged: manuals, programs, and lines of a log. */
static void test_what_quotes_a_message_is_listed(void **state)
{
	(void)state;
	prepare("mkdir quote; cp \"$GOOD\" quote/a.xml; "
		"(printf '# Uploads\\n\\n```xml\\n'; cat \"$GOOD\") >quote/README.md; "
		"(printf 'BODY = \"\"\"'; cat \"$GOOD\"; echo '\"\"\"') >quote/a.py; "
		"(printf 'BODY = \"\"\"\\\\\\n'; cat \"$GOOD\"; echo '\"\"\"') >quote/b.py; "
		"printf 'class A {\\n\\n  String s = \"<File "
		"xmlns=\\\\\"urn:hl7-org:v3\\\\\">\";\\n}\\n' "
		">quote/A.java; "
		"(printf '2026-10-01 INFO sent '; tr -d '\\n' <\"$GOOD\") >quote/b.log; "
		"printf 'Use <b>\\n<File xmlns=\"urn:other\">' >quote/c");
	expect(0, "validate @/quote", "README.md, because it does not begin", "a.py, because",
	       "b.py, because", "A.java, because", "b.log, because", "quote/c, because",
	       "1 message:", NULL);
}

/* A mark of UTF-16 is in front of any text, and other data may begin so. */
static void test_what_is_no_message_in_utf_16_is_listed(void **state)
{
	(void)state;
	prepare("mkdir wide; cp \"$GOOD\" wide/a.xml; printf 'a,b\\n1,2\\n' >list; "
		"for to in UTF-16LE UTF-16BE UTF-32LE UTF-32BE; do "
		"for f in list \"$GOOD\"; do { "
		"case $to in UTF-16LE) printf '\\377\\376';; UTF-16BE) printf '\\376\\377';; "
		"UTF-32LE) printf '\\377\\376\\0\\0';; *) printf '\\0\\0\\376\\377';; esac; "
		"iconv -f UTF-8 -t $to \"$f\"; } >wide/$to.${f##*[./]}; done; "
		"mv wide/$to.xml wide/$to.msg; done; "
		"{ printf '\\377\\376'; printf 'x9\\024\\031<!\\001'; } >wide/photo");
	expect(1, "validate @/wide", "UTF-16LE.msg: fail", "UTF-16BE.msg: fail",
	       "UTF-32LE.msg: fail", "UTF-32BE.msg: fail", "the document is UTF-32",
	       "UTF-16LE.list, because it does not begin",
	       "UTF-16BE.list, because it does not begin",
	       "UTF-32LE.list, because it does not begin",
	       "UTF-32BE.list, because it does not begin", "photo, because it does not begin",
	       "4 of 5 messages", NULL);
}

/* A few words that reports have too do not make a report of a message. */
static void test_a_message_is_not_taken_for_a_report(void **state)
{
	(void)state;
	prepare("mkdir like; cp \"$GOOD\" like/a.xml; "
		"(printf 'x\\n    Why: y\\n'; cat \"$GOOD\") >like/b.xml; "
		"(echo 'frame 1'; cat \"$GOOD\") >like/c; "
		"(printf 'frame 1 %064d\\n' 0; cat \"$GOOD\") >like/d; "
		"(printf '<?xml version=\"1.0\"?><!--\\n<results "
		"xmlns=\"urn:cpis:results:1\">-->'; "
		"echo '<broken') >like/e.xml");
	expect(1, "validate @/like", "b.xml: fail", "like/c: fail", "like/d: fail", "e.xml: fail",
	       "4 of 5 messages", NULL);
	prepare("mkdir stopped; cp \"$GOOD\" stopped/a.xml; "
		"(printf 'frame 99 %064d\\n' 0; printf '<?xml version=\"1.0\"?>\\n'; "
		"echo '<results xmlns=\"urn:cpis:results:1\"/>') >stopped/r.part");
	expect(0, "validate @/stopped", "r.part, because it is a report of cpis", NULL);
}

/* Reports show what a message is like, and are not messages. */
static void test_reports_of_broken_messages_are_skipped(void **state)
{
	(void)state;
	static const char *const formats[] = { "text",	"short", "json",	"html",
					       "junit", "sarif", "codequality", "tap",
					       "csv",	"md",	 "xml" };
	prepare("mkdir reports; cp \"$GOOD\" reports/a.xml");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[512], *said = NULL;
		snprintf(line, sizeof(line),
			 "validate --show-values -q -r %s=@/reports/%s @/junk "
			 "testcases/rules/UPL-001 testcases/rules/TRN-001 testcases/rules/XML-001",
			 formats[i], formats[i]);
		run_output(&said, line);
		free(said);
	}
	expect(0, "validate @/reports", "1 message:", "11 other files or parts were skipped", NULL);
}

static void test_reports_name_what_was_skipped(void **state)
{
	(void)state;
	static const char *const formats[] = { "text",	"short",       "json",	"html",
					       "junit", "certificate", "sarif", "tap",
					       "csv",	"md",	       "xml" };
	prepare("mkdir some; cp \"$GOOD\" some/a.xml; echo Notes. >some/notes.txt");
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		char line[512];
		snprintf(line, sizeof(line), "validate -r %s @/some", formats[i]);
		expect(0, line, "notes.txt", NULL);
	}
}

/* GitLab compares the path with those of the repository; a URI has all but plain letters encoded.
 */
static void test_a_path_is_written_as_its_reader_expects_it(void **state)
{
	(void)state;
	prepare("mkdir odd; cp \"${GOOD%/messages/*}\"/rules/NHS-030/fail-upload.xml odd/one.xml; "
		"cp odd/one.xml \"$(printf 'odd/a b\\303\\251%%41\\\\x41\\nc.xml')\"; "
		"mv odd/one.xml \"$(printf 'odd/\\377.xml')\"");
	expect(1, "validate -r codequality @/odd", "/odd/a b\u00e9%41\\\\x41\\nc.xml\", ",
	       "/odd/\\\\xFF.xml\", ", NULL);
	expect(1, "validate -r sarif @/odd", "/odd/a%20b%C3%A9%2541%5Cx41%0Ac.xml\"",
	       "/odd/%FF.xml\"", NULL);
	expect(1, "validate -r json @/odd", "/odd/a b\u00e9%41\\\\u005Cx41\\\\u000Ac.xml\"",
	       "/odd/\\\\xFF.xml\"", NULL);
}

static void test_a_folder_gets_the_verdict_of_its_files(void **state)
{
	(void)state;
	prepare("mkdir two; cp \"$GOOD\" two/1.xml; cp \"$GOOD\" two/2.xml");
	expect(1, "validate --fail-on warning @/two", "PAIR-011", NULL);
	/* What the sentence shows, the excerpt does not hide. */
	expect(1, "validate --fail-on warning @/two", "<id extension=\"43\"", NULL);
	expect(1, "validate --fail-on warning @/two/1.xml @/two/2.xml", "PAIR-011", NULL);
	/* Also where it is the finding past the limit, in layers too. */
	expect(1, "validate --fail-on warning --max-findings 1 @/two", "PAIR-011", NULL);
	prepare("mkdir lines; cp \"${GOOD%/messages/*}\"/rules/TRN-004/pass-payload*.xml lines");
	for (int most = 1; most <= 3; most++) {
		char line[128];
		snprintf(line, sizeof(line), "validate --fail-on warning --max-findings %d @/lines",
			 most);
		expect(1, line, "1 of 2 messages", NULL);
	}
}

static void test_a_path_that_is_missing_is_named_beside_good_ones(void **state)
{
	(void)state;
	expect(3, "validate " GOOD " @/none.xml", "none.xml", "No such file", "1 of 2 messages",
	       NULL);
	expect(1, "validate testcases/rules/DAT-003 @/none.xml", "none.xml: incomplete", "DAT-003",
	       NULL);
	expect(2, "validate @/none.xml @/nil.xml", "No such file", NULL);
	prepare("mkdir empty");
	expect(3, "validate " GOOD " @/empty", "no messages were found in it", NULL);
	expect(2, "validate @/empty", "no messages found", NULL);
}

/* By whatever name: a file that is judged twice would be a repeat of itself. */
static void test_a_file_is_judged_once(void **state)
{
	(void)state;
	prepare("mkdir once other; cp \"$GOOD\" once/a.xml; ln -s ../once/a.xml other/b.xml; "
		"printf 'no message' >once/n.txt");
	expect(0, "validate @/once @/once/a.xml @/other --fail-on warning",
	       "1 message:", "once/a.xml, because the same file is there before it",
	       "other/b.xml, because the same file is there before it", NULL);
	/* What is named is judged, even where the folder that has it comes first. */
	expect(1, "validate @/once @/once/n.txt", "n.txt: fail", NULL);
	/* Two files are two, whatever they hold. */
	prepare("cp once/a.xml once/c.xml");
	expect(1, "validate @/once --fail-on warning", "PAIR-011", "2 messages", NULL);
}

/* Of two names of a file the one counts that says that it is judged. */
static void test_a_link_hides_no_message(void **state)
{
	(void)state;
	prepare("mkdir link; cp \"$GOOD\" link/good.xml; echo hello >link/a.txt; "
		"ln -s a.txt link/b.xml; ln -s a.txt link/c.txt; ln -s a.txt link/d.xml");
	expect(1, "validate @/link", "link/b.xml: fail", "TRN-001",
	       "link/a.txt, because the same file is there by another name",
	       "link/c.txt, because the same file is there before it",
	       "link/d.xml, because the same file is there before it", "1 of 2 messages", NULL);
	expect(1, "validate @/link/a.txt @/link", "link/a.txt: fail", "1 of 2 messages", NULL);
	/* Each part of a run has one of the names, or none. */
	prepare("mkdir parts; for i in 1 2 3; do echo $i >parts/$i.txt; ln -s $i.txt parts/$i.xml; "
		"done");
	expect(1, "validate --shard 1/2 -q -r xml=@/1.xml @/parts", NULL);
	expect(1, "validate --shard 2/2 -q -r xml=@/2.xml @/parts", NULL);
	expect(1, "merge @/1.xml @/2.xml", "3 of 3 messages", NULL);
}

/* A file with two names is two files, but each of its names is one. */
static void test_a_hard_link_and_a_transfer_are_judged_once_by_each_name(void **state)
{
	(void)state;
	prepare("mkdir hard; cp \"$GOOD\" hard/a.xml; ln hard/a.xml hard/b.xml; "
		"ln -s a.xml hard/c.xml");
	expect(0, "validate @/hard/a.xml @/hard/a.xml", "1 message:", NULL);
	expect(0, "validate @/hard @/hard/a.xml", "2 messages:", NULL);
	prepare("mkdir mesh; cp \"${GOOD%/*}\"/../transport/UPLOAD07.* mesh");
	expect(0, "validate @/mesh @/mesh/UPLOAD07.dat @/mesh/UPLOAD07.ctl", "1 message:", NULL);
	expect(0, "validate @/mesh/UPLOAD07.dat @/mesh/../mesh/UPLOAD07.ctl", "1 message:", NULL);
	expect(0, "validate @/mesh/UPLOAD07.dat", "1 message:", NULL);
	expect(0, "validate @/mesh/UPLOAD07.ctl @/mesh/UPLOAD07.dat", "1 message:", NULL);
}

/* Whichever of its files is named, a transfer is judged as in its folder. */
static void test_naming_the_data_of_a_transfer_judges_its_control_file(void **state)
{
	(void)state;
	prepare("mkdir sent; cp \"${GOOD%/*}\"/../transport/UPLOAD07.* sent; echo garbage "
		">sent/UPLOAD07.ctl");
	expect(1, "validate @/sent", "sent/UPLOAD07.ctl: fail", "TRN-007", "1 of 2 messages", NULL);
	expect(1, "validate @/sent/UPLOAD07.dat", "sent/UPLOAD07.ctl: fail", "TRN-007",
	       "1 of 2 messages", NULL);
	expect(1, "validate @/sent/UPLOAD07.ctl", "sent/UPLOAD07.ctl: fail", "TRN-007",
	       "1 of 2 messages", NULL);
}

/* A control file that was read is not listed as skipped, nor called not recognised. */
static void test_a_control_file_with_a_fault_is_named_as_one(void **state)
{
	(void)state;
	prepare("mkdir fault; cp \"${GOOD%/*}\"/../transport/UPLOAD07.* fault; "
		"sed -i 's|</Version>|</Version><StatusRecord><StatusCode>15</StatusCode>"
		"</StatusRecord>|' fault/UPLOAD07.ctl");
	expect(1, "validate @/fault", "MESH control file, in mesh", "/UPLOAD07.ctl:3:38: error",
	       "has StatusCode 15, which", "\n  Everything was checked", NULL);
	expect(1, "validate @/fault/UPLOAD07.dat @/fault/UPLOAD07.ctl", "MESH control file",
	       "2 messages:", "\n  Everything was checked", NULL);
	expect(1, "validate @/fault/UPLOAD07.ctl @/fault/UPLOAD07.dat", "MESH control file",
	       "2 messages:", "\n  Everything was checked", NULL);
	expect(1, "validate @/fault/UPLOAD07.ctl @/fault/UPLOAD07.ctl", "1 other file or part",
	       NULL);
}

/* What cannot be read is there all the same: it is not missing, and the transfer is not wrong. */
static void test_half_of_a_transfer_that_cannot_be_read_is_not_missing(void **state)
{
	(void)state;
	prepare("mkdir half lost; cp \"${GOOD%/*}\"/../transport/UPLOAD07.* half; cd half; "
		"tar cf ../limit.tar UPLOAD07.ctl UPLOAD07.dat; "
		"tar cf ../turned.tar UPLOAD07.dat UPLOAD07.ctl; mv UPLOAD07.dat data; "
		"ln -s data UPLOAD07.dat; tar cf ../data.tar UPLOAD07.ctl UPLOAD07.dat; "
		"cp UPLOAD07.ctl ../lost; rm UPLOAD07.dat; mv data UPLOAD07.dat; "
		"mv UPLOAD07.ctl control; ln -s control UPLOAD07.ctl; "
		"tar cf ../control.tar UPLOAD07.ctl UPLOAD07.dat; ln -s none ../lost/UPLOAD07.dat");
	expect(3, "validate @/limit.tar --max-parts 1", "more parts than 1", NULL);
	expect(3, "validate @/turned.tar --max-parts 1", "more parts than 1", NULL);
	expect(0, "validate @/turned.tar --max-parts 9", "1 message:", NULL);
	expect(3, "validate @/data.tar", "UPLOAD07.dat: incomplete", "it is a link",
	       "UPLOAD07.ctl, because it is the control file", NULL);
	expect(3, "validate @/control.tar", "UPLOAD07.ctl: incomplete", "it is a link",
	       "UPLOAD07.dat: incomplete", "its control file cannot be read", NULL);
	expect(3, "validate @/lost", "UPLOAD07.dat: incomplete", "No such file", NULL);
	expect(3, "validate @/lost/UPLOAD07.ctl", "UPLOAD07.dat: incomplete", NULL);
	/* A folder does not count as a file. */
	prepare("rm lost/UPLOAD07.dat; mkdir lost/UPLOAD07.dat");
	expect(1, "validate @/lost", "TRN-007", NULL);
}

static void test_hidden_members_of_an_archive_are_judged(void **state)
{
	(void)state;
	prepare("mkdir h; cp \"$GOOD\" h/n.xml; "
		"printf '<broken' >h/.m.xml; tar cf h.tar -C h .m.xml n.xml");
	expect(1, "validate @/h.tar", "h.tar!.m.xml: fail", "XML-001", NULL);
}

/* Older forms have no word in their first block that says what they are. */
static void test_a_tar_is_known_by_its_checksum_too(void **state)
{
	(void)state;
	prepare("mkdir o; cp \"$GOOD\" o/a.xml; cp \"$GOOD\" o/b.xml; "
		"tar cf v7 --format v7 o; tar cf label -V Example o; "
		"sed '1s/^o/p/' v7 >bent; cat label v7 >twice");
	expect(0, "validate @/v7", "v7!o/a.xml: pass", "both messages passed", NULL);
	expect(0, "validate @/label", "label!o/b.xml: pass", "both messages passed", NULL);
	expect(1, "validate @/bent", "TRN-001", NULL);
	expect(1, "validate @/twice", "after the end of the tar archive", "TRN-005", NULL);
}

static void test_links_in_an_archive_are_incomplete(void **state)
{
	(void)state;
	prepare("mkdir l; cp \"$GOOD\" l/a.xml; ln -s a.xml l/b.xml; ln l/a.xml l/c.xml; "
		"tar cf l.tar -C l a.xml b.xml; tar cf hard.tar -C l a.xml c.xml");
	expect(3, "validate @/l.tar", "l.tar!b.xml: incomplete", "it is a link", NULL);
	/* A hard link is the file that it names. */
	expect(0, "validate @/hard.tar", "both messages passed", NULL, NULL);
}

static void test_bytes_after_an_archive_are_listed(void **state)
{
	(void)state;
	prepare("mkdir t; cp \"$GOOD\" t/a.xml; tar cf t.tar -C t a.xml; printf 'stray' "
		">>t.tar");
	expect(0, "validate @/t.tar", "they are after the end of the tar archive", "(5 bytes",
	       NULL);
	prepare("cp \"${GOOD%/*}\"/../transport/october.zip z.zip; cp z.zip zz.zip; "
		"printf 'stray' >>z.zip");
	expect(0, "validate @/z.zip", "they are after the end of the zip archive", "(5 bytes",
	       NULL);
}

static void test_what_may_be_a_message_beside_an_archive_is_an_error(void **state)
{
	(void)state;
	prepare("cat zz.zip zz.zip >two.zip; tar cf t.tar -C t a.xml; cat t.tar t.tar >two.tar; "
		"printf '<x/>' >>t.tar");
	expect(1, "validate @/t.tar", "4 bytes after the end of the tar archive", "TRN-005", NULL);
	expect(1, "validate @/two.tar", "after the end of the tar archive", "TRN-005", NULL);
	expect(1, "validate @/two.zip", "before the zip archive", "TRN-005", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_folder_with_loops_and_pipes_is_read_to_its_end),
		cmocka_unit_test(test_a_folder_of_schemas_with_loops_and_pipes_is_read_to_its_end),
		cmocka_unit_test(test_the_files_of_a_folder_come_in_the_order_of_their_names),
		cmocka_unit_test(test_hidden_names_of_a_folder_are_listed),
		cmocka_unit_test(test_a_message_after_stray_bytes_is_judged_whatever_its_name),
		cmocka_unit_test(test_uploads_in_one_file_are_not_compared_and_that_is_said),
		cmocka_unit_test(test_a_file_named_xml_is_one_document),
		cmocka_unit_test(test_sarif_names_a_file_with_a_line_end_as_a_uri_does),
		cmocka_unit_test(test_a_message_after_white_space_is_judged_whatever_its_name),
		cmocka_unit_test(test_what_quotes_a_message_is_listed),
		cmocka_unit_test(test_what_is_no_message_in_utf_16_is_listed),
		cmocka_unit_test(test_a_message_is_not_taken_for_a_report),
		cmocka_unit_test(test_reports_of_broken_messages_are_skipped),
		cmocka_unit_test(test_reports_name_what_was_skipped),
		cmocka_unit_test(test_a_path_is_written_as_its_reader_expects_it),
		cmocka_unit_test(test_a_folder_gets_the_verdict_of_its_files),
		cmocka_unit_test(test_a_path_that_is_missing_is_named_beside_good_ones),
		cmocka_unit_test(test_a_file_is_judged_once),
		cmocka_unit_test(test_a_link_hides_no_message),
		cmocka_unit_test(test_a_hard_link_and_a_transfer_are_judged_once_by_each_name),
		cmocka_unit_test(test_naming_the_data_of_a_transfer_judges_its_control_file),
		cmocka_unit_test(test_a_control_file_with_a_fault_is_named_as_one),
		cmocka_unit_test(test_half_of_a_transfer_that_cannot_be_read_is_not_missing),
		cmocka_unit_test(test_hidden_members_of_an_archive_are_judged),
		cmocka_unit_test(test_a_tar_is_known_by_its_checksum_too),
		cmocka_unit_test(test_links_in_an_archive_are_incomplete),
		cmocka_unit_test(test_bytes_after_an_archive_are_listed),
		cmocka_unit_test(test_what_may_be_a_message_beside_an_archive_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
