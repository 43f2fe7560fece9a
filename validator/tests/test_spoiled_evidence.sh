#!/bin/sh
# The filled evidence of the packs, spoiled in one way after another: each has the verdict that it must
# have, for the reason that it must have. None passes that should not, and good evidence passes however it is
# packed. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
cpis=${CPIS_PROGRAM:-build/cpis}
top=$(pwd)
case $cpis in /*) ;; *) cpis=$top/$cpis ;; esac
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-spoiled-XXXXXX") || exit 2
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT
passed=0
failed=0
pack=la-upload
# A sanitizer takes its time: every third then.
number=0
step=1
case ${MODE:-} in san | tsan)
	step=3
	echo '[  SHORT   ] two of three ways to spoil evidence'
	;;
esac

# spoil EXIT WORDS COMMANDS [OPTIONS...] - the evidence after the commands (run in its folder) has this
# exit code, and the run says the words. The commands may make an archive beside the folder, "../e.zip".
spoil() {
	number=$((number + 1))
	[ $((number % step)) -eq 0 ] || return 0
	expected=$1
	words=$2
	commands=$3
	shift 3
	chmod -R u+rwx "$scratch"
	rm -rf "$scratch"/*
	cp -R "testcases/packs/$pack/evidence" "$scratch/e"
	cp -R "testcases/packs/$pack" "$scratch/p"
	if ! (cd "$scratch/e" && TOP=$top && eval "$commands") >"$scratch/log" 2>&1; then
		failed=$((failed + 1))
		echo "[  FAILED  ] $pack: cannot be spoiled: $commands"
		cat "$scratch/log"
		return
	fi
	evidence=$scratch/e
	for archive in "$scratch"/e.*; do
		[ -f "$archive" ] && evidence=$archive
	done
	"$cpis" run "testcases/packs/$pack/certify.yaml" --now 2026-11-01 --evidence "$evidence" "$@" \
		>"$scratch/said" 2>&1
	code=$?
	# The text report is wrapped for a terminal.
	if [ $code -eq "$expected" ] && tr -s ' \n' '  ' <"$scratch/said" | grep -qF -- "$words"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "[  FAILED  ] $pack: $commands $*: exit $code, not $expected, or not: $words"
		head -40 "$scratch/said"
	fi
}

replace() { sed -i "$1" "$2" && ! cmp -s "$2" "$TOP/testcases/packs/$pack/evidence/$2"; }

# An ITK envelope with a message as base64.
envelope() {
	{
		sed '/<itk:payload id/q' "$TOP/testcases/transport/itk-upload-base64.xml"
		base64 "$1"
		sed -n '/<\/itk:payload>/,$p' "$TOP/testcases/transport/itk-upload-base64.xml"
	} >"$1.envelope" && mv "$1.envelope" "$1"
}

capture() {
	{
		printf 'POST /upload HTTP/1.1\r\nHost: cpis.example\r\nContent-Type: text/xml\r\nContent-Length: %s\r\n\r\n' \
			"$(wc -c <"$1")"
		cat "$1"
	} >"$1.http" && mv "$1.http" "$1"
}

# gzip data of two members.
members() { { head -c 500 "$1" | gzip -n; tail -c +501 "$1" | gzip -n; } >"$1.gz" && mv "$1.gz" "$1"; }

# What a Mac packs beside a file: a head with one entry, which lists the bytes after it.
notes_of_a_mac() { printf '\0\5\26\7\0\2\0\0Mac OS X        \0\1\0\0\0\11\0\0\0\46\0\0\0\40%032d' 0; }
note() { mkdir -p ../__MACOSX/e && notes_of_a_mac >../__MACOSX/e/._upload-ends.xml; }

# Good, as it is and however it is packed.
spoil 0 'all 7 cases passed' ':'
spoil 0 'all 7 cases passed' 'gzip -c upload-ends.xml >x && mv x upload-ends.xml'
spoil 0 'all 7 cases passed' 'members upload-ends.xml'
spoil 0 'all 7 cases passed' 'tar cf ../x.tar .; cd ..; members x.tar; mv x.tar e.tgz'
spoil 0 'all 7 cases passed' 'capture upload-ends.xml'
spoil 0 'all 7 cases passed' 'tar cf ../e.tar .'
spoil 0 'all 7 cases passed' 'cd .. && tar czf e.tar.gz e'
spoil 0 'all 7 cases passed' 'echo picture >screen.png; sed -i "s/LAUC-201.*28/&, attachment: screen.png/" answers.yaml'

spoil 0 'Skipped: __MACOSX/e/._upload-ends.xml' 'note; cd ..; mv __MACOSX e "$scratch/p"; cd p; tar cf ../e.tar __MACOSX e'
spoil 0 'Skipped: __MACOSX/e/._upload-ends.xml' 'note; mv ../__MACOSX .'
spoil 0 'Skipped: ._upload-ends.xml' 'notes_of_a_mac >._upload-ends.xml; tar czf ../e.tgz .'
for name in .DS_Store Thumbs.db desktop.ini; do
	spoil 0 "Skipped: $name" "printf '\\1\\2\\3' >$name"
	spoil 0 "Skipped: $name" "echo '[.ShellClassInfo]' >$name; tar czf ../e.tgz ."
done
spoil 0 'all 7 cases passed' 'tar cf ../e.tar --format v7 *'
spoil 0 'all 7 cases passed' 'tar czf ../e.tgz -V Example *'

# Over a limit: what is not known is neither passed nor failed.
spoil 3 "'upload-initial.xml' was not judged: it is larger than the limit (--max-input)" ':' --max-input 100
for limit in input decoded; do
	spoil 3 'the evidence cannot be read: it' 'tar czf ../e.tgz .' --max-$limit 100
done
spoil 3 'the evidence cannot be read: it is packed in' 'tar czf ../e.tgz .' --max-layers 1
spoil 3 'EVIDENCE The evidence as a whole' 'tar cf ../e.tar .' --max-parts 2
spoil 3 'have the new number? Because: the evidence cannot be read: there are more parts than 1 (' 'tar cf ../e.tar .' --max-parts 1
spoil 0 'all 7 cases passed' 'tar cf ../e.tar .' --max-parts 5

# Archives that are damaged, or in which something is hidden.
spoil 2 'two blocks of zeros that end it are missing' \
	'tar cf x.tar --exclude x.tar . ; n=$(tar tRf x.tar | sed -n "s/^block \([0-9]*\): \*\* Block of NULs.*/\1/p")
	 head -c $((n * 512 + 512)) x.tar >../e.tar; cat x.tar >>../e.tar'
spoil 2 'may hold a message and are not read' 'tar cf ../e.tar .; cat ../e.tar >x; cat x >>../e.tar'
spoil 2 'may hold a message and are not read' 'tar czf ../e.tgz .; cat ../e.tgz >x; cat x >>../e.tgz'
spoil 1 'an XML declaration is only allowed at the very start' '{ gzip -c upload-ends.xml; gzip -c upload-initial.xml; } >x; mv x upload-ends.xml'
spoil 1 "'upload-ends.xml.gz' fills no slot" 'gzip upload-ends.xml'
spoil 2 'other bytes follow its end' 'tar czf ../e.tgz .; cat upload-ends.xml >>../e.tgz'
spoil 2 'are missing' 'tar cf x.tar --exclude x.tar .
	 n=$(tar tRf x.tar | sed -n "s/^block \([0-9]*\): \*\* Block of NULs.*/\1/p"); head -c $((n * 512)) x.tar >../e.tar'
spoil 2 'is missing' 'cp "$TOP/testcases/transport/october.zip" x; head -c -10 x >../e.zip'
spoil 2 'after the end of the zip archive' 'cp "$TOP/testcases/transport/october.zip" ../e.zip; cat upload-ends.xml >>../e.zip'

# Files that are missing, too many, or not files.
spoil 3 "no file 'upload-ends*.xml'" 'rm upload-ends.xml'
spoil 3 'not answered yet' 'rm answers.yaml'
spoil 1 "'notes.txt' fills no slot" 'echo x >notes.txt'
spoil 1 "'.upload-ends.xml.swp' fills no slot" 'cp upload-ends.xml .upload-ends.xml.swp'
spoil 1 "'.upload-ends.xml.swp' fills no slot" 'printf "\1\2" >.upload-ends.xml.swp'
spoil 1 "'.DS_Store' fills no slot" 'cp upload-initial.xml .DS_Store'
spoil 1 "'old/desktop.ini' fills no slot" 'mkdir old; gzip -c upload-initial.xml >old/desktop.ini; tar cf ../e.tar *'
spoil 1 "'thumbs.xml' fills no slot" 'printf "\1\2" >thumbs.xml'
spoil 1 "2 files match 'upload-ends*.xml'" "printf '\\0\\5\\26\\7<File' >upload-ends-2.xml"
spoil 1 "2 files match 'upload-ends*.xml'" "printf '\\0\\5\\26\\7<File' >upload-ends-2.xml; tar czf ../e.tgz ."
spoil 1 "2 files match 'upload-ends*.xml'" 'notes_of_a_mac >upload-ends-2.xml'
spoil 1 "'._upload-ends.xml' fills no slot" 'printf "\0\5\26\7" | cat - upload-ends.xml >._upload-ends.xml'
spoil 1 "'._upload-ends.xml' fills no slot" 'notes_of_a_mac | cat - upload-ends.xml >._upload-ends.xml'
spoil 1 "'._upload-ends.xml' fills no slot" '(notes_of_a_mac; gzip -c upload-ends.xml) >._upload-ends.xml; tar cf ../e.tar .'
spoil 1 "'old/upload-initial.xml' fills no slot" 'mkdir old; cp upload-initial.xml old'
spoil 1 "'notes.txt' fills no slot" 'echo x >notes.txt; tar czf ../e.tgz .'
spoil 1 "2 files match 'upload-ends*.xml'" 'cp upload-ends.xml upload-ends-2.xml'
spoil 1 "(it is a folder that cannot be listed) fills no slot" \
	'd=; i=0; while [ $i -lt 34 ]; do d=$d/d; i=$((i + 1)); done; mkdir -p ".$d"; cp answers.yaml ".$d"'
spoil 3 'it is a FIFO' 'rm upload-ends.xml; mkfifo upload-ends.xml'
spoil 3 'it is a folder' 'rm upload-ends.xml; mkdir upload-ends.xml'
spoil 3 'it is a link that leads nowhere' 'rm upload-ends.xml; ln -s gone.xml upload-ends.xml'
spoil 3 'it is a link' 'mv upload-ends.xml ../x; ln -s ../x upload-ends.xml; tar cf ../e.tar .'
spoil 3 'it is marked as a folder' 'rm upload-ends.xml; mkdir upload-ends.xml; tar -g ../snapshot -cf ../e.tar *'
spoil 1 'give that folder as the evidence' 'mkdir evidence; mv *.xml *.yaml evidence; echo x >README.md'
spoil 1 'fill no slot' 'cp "$TOP/testcases/transport/october.zip" ../e.zip'
spoil 2 'leads out of the archive' 'tar cPf ../e.tar --transform "s,^,../," *.xml answers.yaml'
spoil 2 'neither a folder nor a zip or tar: name the folder' 'cp upload-ends.xml ../e.zip'
spoil 2 'neither a folder nor a zip or tar: name the folder' 'mv answers.yaml ../e.zip'
spoil 2 'it is bzip2-compressed, which' 'printf BZh91AY >../e.tbz2'
spoil 2 'it is xz-compressed, which' 'printf "\3757zXZ\0\0" >../e.txz'
spoil 2 'archive is damaged' 'tar cf x.tar *.xml; head -c 6000 x.tar >../e.tar'
spoil 2 'may be given only once' ':' --evidence testcases/packs/la-upload/evidence

# Another system, or another time.
spoil 1 'evidence is of one system' \
	'replace "s/9X4/8ZZ/g; s/Harrowbeck Metropolitan Borough Council/Otherville/g" upload-ends.xml'
spoil 1 'the same sequence number 1 (PAIR-011)' "replace 's/<id extension=\"2\"/<id extension=\"1\"/' upload-ends.xml"
spoil 1 'was made before' "replace 's/<id extension=\"2\"/<id extension=\"9\"/' upload-ends.xml"
spoil 1 'too old for this run' ':' --not-before 2026-10-20
spoil 1 'LAUC-101' 'cp upload-ends.xml upload-initial.xml'

# Other contents than what was keyed.
spoil 1 'LAUC-101' 'replace s/Oakhanger/Oakhangar/ upload-initial.xml'
spoil 1 'LAUC-101' 'replace s/20160311/20160312/ upload-initial.xml'
spoil 1 'LAUC-102' 'replace "/<cPPEndDate>/,/<\\/cPPEndDate>/d" upload-ends.xml'
spoil 1 'LAUC-102' 'replace s/202610061200/202610061201/ upload-ends.xml; capture upload-ends.xml'

# Dates of the data are counted from the day on which it was entered, or from that of the message.
spoil 3 'has no keyed.yaml' 'rm keyed.yaml'
spoil 3 'LAUC-101' 'rm keyed.yaml'
spoil 1 'LAUC-101' 'replace s/2026-10-09/2026-10-08/ keyed.yaml'
spoil 1 'before the data was entered' 'replace s/2026-10-09/2026-10-13/ keyed.yaml'
spoil 2 'after the date of the run' 'replace s/2026-10-09/2026-11-02/ keyed.yaml'
spoil 2 'there is no such day' 'replace s/2026-10-09/2026-02-30/ keyed.yaml'
spoil 2 'keyed.yaml' 'echo "keyed: 2026-10-08" >>keyed.yaml'
spoil 1 'LAUC-103' 'replace s/202610261005/202610251005/ upload-deletes.xml'
spoil 1 'LAUC-103' 'replace s/creationTime.value=.20261026/creationTime\ value=\"20261027/ upload-deletes.xml'
spoil 1 'LAUC-103' 'replace "s/<cPPDeleteDate>/<cPPEndDate>/; s/<.cPPDeleteDate>/<\/cPPEndDate>/" upload-deletes.xml'
spoil 1 'LAUC-102' 'head -c 3000 upload-ends.xml >x; mv x upload-ends.xml'
spoil 1 'LAUC-102' ': >upload-ends.xml'
spoil 1 'LAUC-102' 'replace "s/<File/<!DOCTYPE File><File/" upload-ends.xml'
spoil 1 'LAUC-102' 'replace s/Oakhanger/Oakhangar/ upload-ends.xml; envelope upload-ends.xml'

# Answers.
spoil 1 "the answer is 'no'" 'replace "s/LAUC-203, answer: pass/LAUC-203, answer: fail/" answers.yaml'
spoil 2 'answers.yaml:3:11: the supplier' \
	'sed -i "2i - { case: LAUC-201, answer: fail, by: B, on: 2026-10-29 }" answers.yaml'
spoil 1 "an answer is 'no'" \
	'echo "- { case: LAUC-203, answer: fail, by: B, role: assessor, on: 2026-10-29 }" >>answers.yaml'
spoil 2 'after the date of the run' 'replace "0,/2026-10-28/s//2031-01-01/" answers.yaml'
spoil 2 "no case 'LAUC-299'" 'echo "- { case: LAUC-299, answer: pass, by: B, on: 2026-10-29 }" >>answers.yaml'
spoil 2 'asks no question' 'echo "- { case: LAUC-101, answer: pass, by: B, on: 2026-10-29 }" >>answers.yaml'
spoil 2 "'by' is empty" "sed -i '0,/by: A. Tester/s//by: \"\"/' answers.yaml"
spoil 2 "'by' is blank" "sed -i '0,/by: A. Tester/s//by: \"  \"/' answers.yaml"
spoil 2 "'by' is blank" "sed -i '0,/by: A. Tester/s//by: \"$(printf '\302\240')\"/' answers.yaml"
spoil 2 'is empty' ': >screen.png; sed -i "s/LAUC-201.*28/&, attachment: screen.png/" answers.yaml'
spoil 2 'the file of the answers itself' 'sed -i "s/LAUC-201.*28/&, attachment: answers.yaml/" answers.yaml'
spoil 2 "no file 'screen.png'" 'sed -i "s/LAUC-201.*28/&, attachment: screen.png/" answers.yaml'
spoil 2 'not a link' 'sed -i "s|LAUC-201.*28|&, attachment: https://x.example/a.png|" answers.yaml'

# Parts of a pack are not the whole: the run says so, and so does its bundle (test_evidence.c).
spoil 0 'Partial' 'replace s/Oakhanger/Oakhangar/ upload-initial.xml' --skip LAUC-101
spoil 0 'Partial' ':' --only screen

pack=nhs-query
spoil 0 'cases passed' ':'
spoil 1 'evidence is of one system' 'replace "s/990042387715/990042387723/g" gp-out-of-hours-query.xml &&
	replace "s/990042387715/990042387723/g" gp-out-of-hours-reply.xml'
spoil 1 'NQSC-101' 'cp walk-in-centre-reply.xml emergency-department-reply.xml'
spoil 3 'NQSC-101' 'rm emergency-department-reply.xml'
spoil 1 'NQSC-101' 'cp emergency-department-query.xml emergency-department-reply.xml'
spoil 1 'fills no slot' 'cp emergency-department-reply.xml emergency-department-reply-2.xml'

# A supplier's kit of the pack is evidence that is not filled yet.
if "$cpis" new evidence testcases/packs/la-upload/certify.yaml "$scratch/kit" --keyed 2026-10-09 -q &&
	grep -q 'upload-ends' "$scratch/kit/README.md" && grep -q Oakhanger "$scratch/kit/to-enter.md" &&
	grep -q '2026-07-06 10:00' "$scratch/kit/to-enter.md" && grep -q '^keyed: 2026-10-09$' "$scratch/kit/evidence/keyed.yaml" &&
	"$cpis" run testcases/packs/la-upload/certify.yaml --now 2026-11-01 --evidence "$scratch/kit/evidence" \
		>"$scratch/said" 2>&1
	[ $? -eq 3 ] && grep -qF '7 of 7 cases are still open' "$scratch/said"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "[  FAILED  ] cpis new evidence"
	head -20 "$scratch/said"
fi

# One digest covers the evidence too: two runs over different files never have the same.
rm -rf "$scratch/e"
cp -R testcases/packs/la-upload/evidence "$scratch/e"
for turn in before after; do
	"$cpis" run testcases/packs/la-upload/certify.yaml --now 2026-11-01 --evidence "$scratch/e" |
		grep 'Input digest' >"$scratch/$turn"
	echo '<!-- -->' >>"$scratch/e/upload-initial.xml"
done
if [ -s "$scratch/before" ] && [ -s "$scratch/after" ] && ! cmp -s "$scratch/before" "$scratch/after"; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "[  FAILED  ] the input digest"
fi

# The same pack over what is entered and uploaded a year later: nothing in it has grown old.
rm -rf "$scratch/e"
cp -R testcases/packs/la-upload/evidence "$scratch/e"
sed -i 's/"2027/"2028/; s/"2026/"2027/; s/"2025/"2026/; s/"2016/"2017/; s/"2014/"2015/; s/"2012/"2013/; s/"2009/"2010/
	s/"20000114/"20010113/' "$scratch/e"/upload-*.xml
echo 'keyed: 2027-10-09' >"$scratch/e/keyed.yaml"
if "$cpis" run testcases/packs/la-upload/certify.yaml --now 2027-11-01 --evidence "$scratch/e" >"$scratch/said" 2>&1; then
	passed=$((passed + 1))
else
	failed=$((failed + 1))
	echo "[  FAILED  ] a year later"
	head -20 "$scratch/said"
fi

echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ $failed -eq 0 ] || echo "[  FAILED  ] $failed test(s), listed above."
[ $failed -eq 0 ]
