#!/bin/sh
# A gate that holds: a table of faulty situations of a pipeline, each with the exit code and the files that it
# must leave. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
cpis=$(cd "$(dirname "${CPIS_PROGRAM:-build/cpis}")" && pwd -P)/cpis
top=$(pwd -P)
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-gate-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
unset GITHUB_ACTIONS GITHUB_OUTPUT GITHUB_STEP_SUMMARY GITLAB_CI CI SOURCE_DATE_EPOCH

good=$top/testcases/messages/upload-five.xml
bad=$top/testcases/rules/DAT-003/fail-a-year-before.xml
pack=$top/testcases/packs/la-upload
ten=$top/validator/tests/data/fix/ten-faults.xml

# Each situation starts in a folder of its own with a good message, a bad one, and a folder of both.
fresh() {
	rm -rf "$scratch/here" "$scratch/said" "$scratch/out"
	mkdir -p "$scratch/here/in" "$scratch/here/taken"
	cd "$scratch/here" || exit 2
	cp "$good" good.xml
	cp "$bad" bad.xml
	cp "$good" "$bad" in
	ln -s good.xml link.xml
}

# row EXIT "FILES" "WORDS" COMMAND - COMMAND, a line of shell in a fresh folder, exits so; the files named are
# there and have bytes, or are not there with a "!" before the name; standard error has the words.
row() {
	fresh
	sh -c "$4" >"$scratch/out" 2>"$scratch/said"
	code=$?
	wrong=
	[ "$code" -eq "$1" ] || wrong="exits $code, not $1"
	for file in $2; do
		case $file in
		!*) [ ! -e "${file#!}" ] || wrong="$wrong; ${file#!} is there" ;;
		*) [ -s "$file" ] || wrong="$wrong; $file is missing or empty" ;;
		esac
	done
	[ -z "$3" ] || grep -qF -e "$3" "$scratch/said" || wrong="$wrong; nothing is said of \"$3\""
	for file in .cpis-* in/.cpis-*; do
		[ ! -e "$file" ] || wrong="$wrong; $file is left"
	done
	if [ -z "$wrong" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '[  FAILED  ] %s\n  %s\n' "$4" "$wrong"
		head -5 "$scratch/said"
	fi
}
export cpis good bad pack ten
if "$cpis" validate --help | grep -q "^  html"; then html=out/report.html; fi

# Values that are empty, as a variable of a pipeline may be.
row 2 "" "value is empty" '"$cpis" run "$pack" --only ""'
row 2 "" "value is empty" '"$cpis" run "$pack" --only='
row 2 "" "value is empty" '"$cpis" run "$pack" --skip ""'
row 2 "" "value is empty" '"$cpis" run "$pack" --evidence ""'
row 2 "" "value is empty" '"$cpis" validate good.xml --profile ""'
row 2 "" "value is empty" '"$cpis" validate good.xml --stages ""'
row 2 "" "value is empty" '"$cpis" validate good.xml --fail-on ""'
row 2 "" "value is empty" '"$cpis" validate good.xml -r ""'
row 2 "" "file name after = is missing" '"$cpis" validate good.xml -r xml='
row 2 "" "value after = is empty" '"$cpis" validate good.xml --meta system='
row 2 "" "argument is empty" '"$cpis" validate ""'
row 2 "" "argument is empty" '"$cpis" validate good.xml ""'

# Where reports go: checked before anything is judged.
row 2 "!same" "two files would be written" '"$cpis" validate good.xml -r xml=same -r json=same'
row 2 "!same" "two files would be written" '"$cpis" validate good.xml -r xml=same -r json=in/../same'
row 2 "old" "two files would be written" 'echo >old; ln old other; "$cpis" validate good.xml -r xml=old -r json=other'
row 2 "good.xml" "would overwrite" '"$cpis" validate good.xml -r xml=good.xml; x=$?; cmp good.xml "$good" && exit $x'
row 2 "good.xml" "would overwrite" '"$cpis" validate link.xml -r xml=good.xml'
row 2 "" "would overwrite" '"$cpis" validate in -r xml=in/upload-five.xml'
row 2 "" "would overwrite" 'echo "{}" >p; "$cpis" validate good.xml --profile p -r xml=p'
row 2 "" "would overwrite" '"$cpis" validate --request good.xml --response bad.xml -r xml=bad.xml'
row 2 "" "would overwrite" '"$cpis" validate good.xml -q -r xml=r.xml && "$cpis" report r.xml -r json=r.xml'
row 2 "" "would overwrite" 'cp -r "$pack" p; "$cpis" run p -r xml=p/pack.yaml'
row 2 "!r.xml" "does not exist" '"$cpis" validate good.xml -r xml=r.xml -r json=no/such.json'
row 2 "!r.xml" "a folder has this name" '"$cpis" validate good.xml -r xml=r.xml -r html=taken'
row 2 "!r.xml" "a folder has this name" '"$cpis" validate good.xml -r xml=r.xml -r html=in/'
row 2 "!r.xml" "does not exist" '"$cpis" validate good.xml -r xml=r.xml -r html=good.xml/x'
row 2 "!r.xml" "only one report can go to standard output" '"$cpis" validate good.xml -r json -r csv -r xml=r.xml'
row 2 "" "standard output goes to this file" '"$cpis" validate good.xml -r json=o >o'
row 2 "!b.tar.gz" "does not exist" '"$cpis" run "$pack" --bundle no/such.tar.gz'
row 2 "!b.tar.gz" "two files would be written" '"$cpis" run "$pack" --bundle b.tar.gz -r xml=b.tar.gz'
row 2 "" "would overwrite" 'cp "$pack/pack.yaml" p.yaml; "$cpis" run p.yaml --bundle p.yaml'

# No input is written over, whatever reads it and whatever writes it: what is known only when a pack was
# read too, and then nothing is written.
row 2 "!j" "overwrite an input" 'tar cf e.tar -C "$pack/evidence" .; cp e.tar kept
	"$cpis" run "$pack/certify.yaml" --evidence e.tar -q -r junit=j --bundle e.tar; x=$?; cmp e.tar kept && exit $x'
row 2 "!j" "overwrite an input" 'tar cf e.tar -C "$pack/evidence" .; ln -s e.tar l
	"$cpis" run "$pack/certify.yaml" --evidence e.tar -q -r junit=j -r xml=l'
for file in certify-requirements.yaml data/set-a.yaml evidence/keyed.yaml evidence/answers.yaml; do
	export file
	row 2 "!j !b.tar.gz" "overwrite an input" 'cp -r "$pack" p; "$cpis" run p/certify.yaml --evidence p/evidence -q -r junit=j \
		--bundle b.tar.gz -r xml=p/$file; x=$?; cmp p/$file "$pack/$file" && exit $x'
done
row 2 "!j" "overwrite an input" 'mkdir -p p/in; printf "%s\n" "pack: p" "version: 1.0.0" "title: P" "allow-outside: true" "cases:" \
	"  - { id: A, title: A, message: ../m.txt, expect: { verdict: pass } }" >p/pack.yaml
	printf "<!-- %5000s -->" | cat - good.xml >m.txt; cp m.txt kept
	"$cpis" run p -q -r junit=j -r json=m.txt; x=$?; cmp m.txt kept && exit $x'
row 2 "" "overwrite an input" 'echo good.xml >l; "$cpis" validate --files-from l -r xml=l; x=$?; grep -q good.xml l && exit $x'
row 2 "" "overwrite an input" 'echo "fail-on: error" >cpis.yaml; "$cpis" validate good.xml -r xml=cpis.yaml; x=$?; grep -q fail-on cpis.yaml && exit $x'
row 2 "" "overwrite an input" 'echo nhs-number >e.csv; "$cpis" ledger in --expected e.csv -r json=e.csv; x=$?; grep -q nhs e.csv && exit $x'
row 2 "" "overwrite an input" '"$cpis" ledger in --index good.xml --expected good.xml; x=$?; cmp good.xml "$good" && exit $x'
row 2 "" "overwrite an input" '"$cpis" validate - -r xml=good.xml <good.xml; x=$?; cmp good.xml "$good" && exit $x'
row 2 "" "overwrite a message" '"$cpis" validate bad.xml -r html=good.xml; x=$?; cmp good.xml "$good" && exit $x'
for how in "printf x; cat good.xml" "echo a line; cat good.xml" "printf \\\\001; sed 1d good.xml" "echo VALIDATE-AS; cat good.xml" \
	"sed s/UTF-8/UTF-16/ good.xml | iconv -t UTF-16" "printf 'POST / HTTP/1.1\\n\\n'; cat good.xml" \
	"printf 'Subject: a\\nMIME-Version: 1.0\\n\\n'; cat good.xml"; do
	export how
	row 2 "" "overwrite a message" 'sh -c "$how" >m; cp m kept; "$cpis" validate good.xml -r html=m; x=$?; cmp m kept && exit $x'
done

# A report of an earlier run may be written over, though it lies in a folder that is judged, and shows what a message has.
for format in text short json html junit certificate sarif codequality tap csv md xml; do
	export format
	row 1 "in/r" "" 'cp bad.xml in; (printf x; cat good.xml) >in/x.xml; (echo "POST / HTTP/1.1"; cat bad.xml) >in/h.http
		for i in 1 2 3; do "$cpis" validate in --show-values -q -r "$format=in/r"; x=$?; [ $x = 1 ] || exit $x; done; exit 1'
done
row 0 "in/ix" "" 'for i in 1 2; do "$cpis" ledger in --index=in/ix || exit; done'
row 2 "in/ix" "overwrite an input" '"$cpis" ledger in --index=in/ix && "$cpis" ledger in -r html=in/ix'
row 0 "in/site/index.html" "" '"$cpis" validate good.xml -q -r xml=in/r.xml
	for i in 1 2; do "$cpis" index in -r html=in/site || exit; done'
row 2 "out/results.xml" "the command names this file" '
	"$cpis" ci out validate good.xml -q; cp out/results.xml kept; "$cpis" ci out report out/results.xml; x=$?; cmp kept out/results.xml && exit $x'
row 2 "" "a link to a file that does not exist" 'ln -s nowhere l; "$cpis" validate good.xml -q -r xml=l; x=$?; [ -L l ] && exit $x'
# What is not judged may be: reports of an earlier run, whatever they are.
row 0 "in/r.txt in/r.json" "" 'rm in/fail*; for i in 1 2; do "$cpis" validate in -q -r text=in/r.txt -r json=in/r.json || exit; done'
row 0 "in/r.xml in/r.json" "" 'rm in/fail*; for i in 1 2; do "$cpis" validate in -q --resume -r xml=in/r.xml -r json=in/r.json || exit; done'
row 0 "k.yaml" "" 'for i in 1 2; do "$cpis" validate in -q --fail-on warning --baseline k.yaml --update-baseline; [ $? != 2 ] || exit; done
	grep -q DAT-003 k.yaml'

# A file that is too large for a limit of the system is an error with a reason, and no end by a signal.
row 3 "!r.xml" "File too large" 'ulimit -f 1; "$cpis" validate good.xml -q -r xml=r.xml'

# One report that cannot be written: the others are. What passed is incomplete; what failed has failed.
row 3 "r.xml r.json" "No space left" '"$cpis" validate good.xml -q -r xml=r.xml -r html=/dev/full -r json=r.json'
row 1 "r.xml" "No space left" '"$cpis" validate bad.xml -q -r csv=/dev/full -r xml=r.xml'
row 3 "r.xml" "standard output" '"$cpis" validate good.xml -r xml=r.xml >/dev/full'
refused=$top/testcases/rules/LED-001/fail-end-refused
export refused
row 1 "" "" '"$cpis" ledger --at 2026-06-30 "$refused" >/dev/full'
row 1 "" "No space left" '"$cpis" ledger --at 2026-06-30 "$refused" -r html=/dev/full'
row 1 "" "" '"$cpis" compare good.xml bad.xml >/dev/full'
row 1 "" "No space left" '"$cpis" validate good.xml -q -r xml=r.xml; "$cpis" validate bad.xml -q -r xml=s.xml
	"$cpis" diff r.xml s.xml -r html=/dev/full'
row 3 "" "standard output" '"$cpis" --help >/dev/full'
row 3 "" "standard output" '"$cpis" validate --help >/dev/full'
row 3 "" "standard output" '"$cpis" --version >/dev/full'
row 3 "" "standard output" '"$cpis" rules >/dev/full'
row 3 "" "standard output" '"$cpis" explain DAT-003 >/dev/full'
row 3 "" "standard output" '"$cpis" completion bash >/dev/full'
row 3 "r.xml" "" '"$cpis" run "$pack" -q --bundle /dev/full -r xml=r.xml'
row 0 "r.xml" "" '"$cpis" validate good.xml -q -r xml=r.xml -r json=/dev/null -r csv=/dev/null'

# Paths that are missing or hold nothing.
row 3 "r.xml" "" '"$cpis" validate good.xml no.xml -q -r xml=r.xml'
row 1 "r.xml" "" '"$cpis" validate bad.xml no.xml -q -r xml=r.xml'
row 2 "!r.xml" "no.xml" '"$cpis" validate no.xml -q -r xml=r.xml'
row 2 "!r.xml" "no messages found" '"$cpis" validate taken -q -r xml=r.xml'
row 3 "r.xml" "" '"$cpis" validate good.xml taken -q -r xml=r.xml'
row 2 "" "" '"$cpis" run no.yaml'
row 2 "" "selects no case" '"$cpis" run "$pack" --only no-such-tag'

# The time.
for epoch in 0 -1 1e5 " 5" 5x 253402300800 99999999999999999999; do
	export epoch
	row 2 "!r.xml" "SOURCE_DATE_EPOCH" 'SOURCE_DATE_EPOCH=$epoch "$cpis" validate good.xml -r xml=r.xml'
done
row 2 "" "must be after 1970" '"$cpis" validate good.xml --now 1969-01-01T00:00:00Z'
row 0 "r.xml" "" 'SOURCE_DATE_EPOCH=1790000000 "$cpis" validate good.xml -q -r xml=r.xml'

# Reports of an earlier run are not messages.
row 0 "" "" '
	for f in text json html junit sarif tap csv md xml; do r="$r -r $f=in/$f.out"; done
	rm -f in/fail*; "$cpis" validate good.xml -q $r && "$cpis" validate in -q'
row 1 "in/r.xml" "" '
	"$cpis" validate in -q -r xml=in/r.xml; "$cpis" validate in -q -r xml=in/r.xml; x=$?
	[ "$(grep -c "<message n" in/r.xml)" = 2 ] && exit $x'

# cpis ci: every report, the verdict, nothing stale, and the words of the host.
all="out/junit.xml out/cpis.sarif out/codequality.json out/results.xml out/summary.md out/verdict.txt ${html-}"
row 0 "$all" "" '"$cpis" ci out validate good.xml && grep -qx pass out/verdict.txt'
row 1 "$all" "" '"$cpis" ci out validate bad.xml; x=$?; grep -qx fail out/verdict.txt && exit $x'
row 3 "$all" "" '"$cpis" ci out validate good.xml no.xml; x=$?; grep -qx incomplete out/verdict.txt && exit $x'
row 1 "$all" "" '"$cpis" ci out validate bad.xml no.xml'
row 0 "a/b/c/junit.xml a/b/c/verdict.txt" "" '"$cpis" ci a/b/c validate good.xml'
row 3 "$all" "" '"$cpis" ci out run "$pack/certify.yaml"'
# A gate that reads a word does not take part of a run for a pass.
row 0 "$all" "" '"$cpis" ci out run "$pack" --only LAU-002 && grep -qx partial out/verdict.txt'
row 0 "$all" "" '"$cpis" ci out run "$pack" --skip LAU-002 && grep -qx partial out/verdict.txt'
row 0 "$all" "" '"$cpis" ci out validate good.xml --stages xml && grep -qx partial out/verdict.txt'
row 0 "$all" "" '
	sed "s/transmissionQuantity value=\"5\"/transmissionQuantity value=\"6\"/" good.xml >many.xml
	"$cpis" ci out validate many.xml --fail-on never && grep -qx partial out/verdict.txt'
row 0 "$all" "" '"$cpis" ci out validate good.xml --fail-on never && grep -qx pass out/verdict.txt'
row 0 "$all" "" '
	mkdir -p some/old && cp good.xml some && cp bad.xml some/old
	"$cpis" ci out validate some --exclude old && grep -qx partial out/verdict.txt'
row 0 "$all" "" '
	mkdir some && cp good.xml some
	"$cpis" ci out validate some --exclude old && grep -qx pass out/verdict.txt'
row 0 "$all" "" '
	cp "$ten" ten.xml
	"$cpis" ci out validate --now 20261101 --fix --dry-run ten.xml &&
		grep -qx partial out/verdict.txt'
row 0 "$all" "" '"$cpis" ci out validate good.xml --shard 1/1 && grep -qx pass out/verdict.txt'
row 0 "$all" "" '
	printf "profile: p\nrules: [ { rule: UPL-022, severity: \"off\", reason: r } ]\n" >p.yaml
	"$cpis" ci out validate good.xml --profile p.yaml && grep -qx partial out/verdict.txt'
row 0 "$all" "" '
	printf "profile: p\nrules: [ { rule: UPL-022, severity: error, reason: r } ]\n" >p.yaml
	"$cpis" ci out validate good.xml --profile p.yaml && grep -qx pass out/verdict.txt'
row 2 "out/verdict.txt !out/junit.xml" "No such file" '
	"$cpis" ci out validate good.xml && "$cpis" ci out validate no.xml; x=$?; grep -qx error out/verdict.txt && exit $x'
row 2 "out/verdict.txt !out/junit.xml" "did you mean" '"$cpis" ci out validate good.xml && "$cpis" ci out vaildate good.xml'
row 2 "out/verdict.txt !out/junit.xml" "unknown option" '"$cpis" ci out validate good.xml && "$cpis" ci out validate --no good.xml'
row 2 "out/verdict.txt !out/junit.xml" "SOURCE_DATE_EPOCH" '
	"$cpis" ci out validate good.xml && SOURCE_DATE_EPOCH=x "$cpis" ci out validate good.xml'
row 2 "out/verdict.txt" "argument is empty" '"$cpis" ci out validate ""'
row 2 "" "is empty" '"$cpis" ci "" validate good.xml'
row 2 "" "name a folder" '"$cpis" ci out'
row 2 "" "writes no reports" '"$cpis" ci out lint "$pack"'
row 2 "" "cannot make the folder" '"$cpis" ci good.xml validate good.xml'
row 2 "" "cannot make the folder" '"$cpis" ci good.xml/out validate good.xml'
row 2 "out/verdict.txt" "a folder has this name" 'mkdir -p out/report.html; "$cpis" ci out validate good.xml'
row 2 "out/verdict.txt out/results.xml !out/junit.xml" "not a report of cpis" '"$cpis" ci out validate good.xml; cp good.xml out/results.xml
	"$cpis" ci out validate bad.xml; x=$?; grep -qx error out/verdict.txt && exit $x'
row 0 "out/verdict.txt !out/junit.xml" "" '"$cpis" ci out validate good.xml; "$cpis" ci out validate --help && grep -qx error out/verdict.txt'
row 2 "out/verdict.txt" "not a report of cpis" 'mkdir out; cp good.xml out/verdict.txt; "$cpis" ci out validate good.xml; x=$?; cmp good.xml out/verdict.txt && exit $x'
row 2 "out/results.xml" "not a report of cpis" 'mkdir out; cp good.xml out/results.xml; "$cpis" ci out validate bad.xml'
row 2 "out/verdict.txt" "two files would be written" '"$cpis" ci out validate -r json=out/junit.xml good.xml'
row 0 "$all" "" 'rm bad.xml in/fail*; "$cpis" ci out validate . -q && "$cpis" ci out validate . -q && "$cpis" ci other validate . -q'
row 1 "$all" "" '"$cpis" ci out validate in; "$cpis" ci in/out validate .; x=$?; [ "$(grep -c "<message n" in/out/results.xml)" = 4 ] && exit $x'
row 0 "$all" "" 'cp good.xml ./--quiet.xml; "$cpis" ci out validate -- --quiet.xml'
row 3 "$all" "GITHUB_OUTPUT" 'GITHUB_OUTPUT=no/such "$cpis" ci out validate good.xml'
row 3 "$all" "GITHUB_STEP_SUMMARY" 'GITHUB_STEP_SUMMARY=/dev/full "$cpis" ci out validate good.xml'
row 1 "$all" "GITHUB_STEP_SUMMARY" 'GITHUB_STEP_SUMMARY=no/such "$cpis" ci out validate bad.xml; x=$?; grep -qx fail out/verdict.txt && exit $x'
row 1 "o s" "" 'GITHUB_OUTPUT=o GITHUB_STEP_SUMMARY=s "$cpis" ci out validate bad.xml; x=$?; grep -qx exit-code=1 o && grep -qx verdict=fail o && exit $x'
row 2 "o" "" 'GITHUB_OUTPUT=o "$cpis" ci out validate no.xml; x=$?; grep -qx exit-code=2 o && exit $x'
row 1 "" "" 'GITHUB_ACTIONS=true "$cpis" ci out validate bad.xml >log; x=$?
	grep -q "^::group::" log && grep -q "^::endgroup::" log && grep -q "^::error file=bad.xml,line=26,col=22,title=DAT-003::" log && exit $x'
row 1 "" "" 'cp bad.xml "x,y:z%
::error::injected.xml"; GITHUB_ACTIONS=true "$cpis" ci out validate x* >log; x=$?
	grep -q "^::error file=x%2Cy%3Az%25%0A%3A%3Aerror%3A%3Ainjected.xml,line=26" log &&
	sed "/^::stop-commands::/,/^::[0-9a-f]*::\$/d" log | grep "^::error" | grep -qv "file=x" || exit $x'
row 1 "" "" 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cp bad.xml b$i.xml; done; GITHUB_ACTIONS=true "$cpis" ci out validate b*.xml >log; x=$?
	[ "$(grep -c "^::error" log)" = 10 ] && [ "$(grep -c "^::warning" log)" -le 10 ] && grep -q "^::notice.* more are in" log && exit $x'
row 1 "" "" 'GITLAB_CI=true "$cpis" ci out validate bad.xml >log; x=$?; grep -q "section_start:[0-9]*:cpis" log && grep -q "section_end:[0-9]*:cpis" log && exit $x'
row 0 "" "" '"$cpis" ci out validate good.xml bad.xml -q; "$cpis" ci again report out/results.xml -q; [ $? = 1 ] && cmp out/junit.xml again/junit.xml'
row 0 "" "" '"$cpis" ci --help && "$cpis" help ci'

# Names of inputs in a file: a name in it that does not exist is incomplete, as on the command line.
row 1 "r.json" "" 'printf "%s\n" "" bad.xml >l; "$cpis" validate good.xml --files-from l -q -r json=r.json; x=$?
	grep -q good.xml r.json && grep -q bad.xml r.json || exit 9; exit $x'
row 0 "r.json" "" 'n="a
b.xml"; cp good.xml "$n"; printf "%s\0" "$n" | "$cpis" validate --files-from - -0 -q -r json=r.json && grep -q "b.xml" r.json'
row 3 "" "" 'printf "good.xml\nmissing.xml" >l; "$cpis" validate --files-from l -q'
row 2 "" "no names" 'echo >l; "$cpis" validate --files-from l'
row 2 "" "NUL in a name" 'printf "good.xml\0" >l; "$cpis" validate --files-from l'
row 2 "" "No such file" '"$cpis" validate --files-from missing'
row 2 "" "needs --files-from" '"$cpis" validate good.xml -0'
row 2 "" "cannot be a message too" 'echo - | "$cpis" validate --files-from -'
row 2 "" "overwrite an input" 'echo good.xml >l; "$cpis" validate --files-from l -r json=good.xml'
row 2 "" "this is a message, not a list" '"$cpis" validate --files-from good.xml 2>said; x=$?; cat said >&2; ! grep -q "<" said && exit $x'
row 2 "" "carriage return" 'printf "good.xml\r\n" >l; "$cpis" validate --files-from l'
row 2 "" "not joined" '"$cpis" validate -qr json good.xml'
row 0 "m.xml" "" '"$cpis" validate good.xml -q -r xml=1.xml; cp good.xml 2; "$cpis" validate 2 -q -r xml=2.xml
	printf "1.xml\n2.xml\n" | "$cpis" merge --files-from - -q -r xml=m.xml && grep -c "<message " m.xml | grep -qx 2'
# Of more names than the sandbox has rules for, the folders are rules.
row 0 "" "" 'cp good.xml taken/2.xml; ln -s ../good.xml taken/1.xml
	{ yes good.xml | head -n 4100; ls taken/*; } | "$cpis" validate --files-from - -q --stages xml -j 2'

# What is there already stays what it is: modes, links, pipes, devices. A signal leaves nothing.
row 0 "r.xml" "" 'echo old >r.xml; chmod 640 r.xml; "$cpis" validate good.xml -q -r xml=r.xml && [ "$(stat -c %a r.xml)" = 640 ]'
row 0 "target" "" 'echo old >target; ln -s target l; "$cpis" validate good.xml -q -r xml=l && [ -L l ] && grep -q "<results" target'
row 0 "got" "" 'mkfifo f; cat f >got & "$cpis" validate good.xml -q -r xml=f && wait && [ -p f ]'
row 0 "" "" '"$cpis" validate good.xml -q -r xml=/dev/null && [ -c /dev/null ]'
row 3 "" "No space left" '"$cpis" validate good.xml -q -r xml=/dev/full; x=$?; [ -c /dev/full ] && exit $x'
# Jobs of a shell ignore INT, and those of nohup HUP.
for signal in TERM HUP; do
	export signal
	row 0 "!r.xml" "" 'mkfifo p; setsid env --default-signal "$cpis" validate - -q -r xml=r.xml <p & pid=$!; exec 3>p; sleep 0.3
		kill -s $signal $pid; exec 3>&-; wait $pid; [ $? -gt 128 ]'
done

# Waivers that have expired or are not needed fail what passed, and mask no fail: every report says the same.
waiver='[ { rule: TMS-004, path: /x, reason: r, owner: o, expires: 2020-01-01 } ]'
export waiver
row 1 "$all" "" 'echo "$waiver" >w; "$cpis" ci out validate good.xml --waivers w; x=$?
	grep -qx fail out/verdict.txt && grep -q "verdict=\"fail\"" out/results.xml && grep -q "<failure message=\".*has expired" out/junit.xml &&
	grep -q "has expired" out/summary.md && grep -q "has expired" out/cpis.sarif && "$cpis" validate good.xml --waivers w -r tap | grep -q "^not ok" && exit $x'
row 1 "$all" "" 'echo "$waiver" >w; "$cpis" ci out validate bad.xml --waivers w; x=$?; grep -qx fail out/verdict.txt && exit $x'
row 1 "j" "" 'echo "$waiver" >w; "$cpis" run "$pack" --waivers w -q -r junit=j; x=$?; grep -q "<failure message=\".*has expired" j && exit $x'

# Several that update one baseline, at its first run and later: each writes it, and the last one stays.
row 0 "k.yaml" "" '
	for turn in 1 2 3 4 5; do
		rm -f k.yaml
		for i in 1 2 3 4 5 6; do
			"$cpis" validate bad.xml good.xml -q --baseline k.yaml --update-baseline || echo $? >>codes &
		done
		wait
		for i in 1 2 3 4 5 6; do
			"$cpis" validate bad.xml good.xml -q --baseline k.yaml --update-baseline || echo $? >>codes &
		done
		wait
	done
	! grep 2 codes'
row 2 "" "standard input is the list" 'echo good.xml | "$cpis" validate --files-from - -'
row 2 "" "standard input is the list" 'echo good.xml | "$cpis" validate - --files-from -'

# A file is fixed whatever is in its name, and one whose name cannot be shown as it is does not stop the others.
row 0 "odd/b.xml" "" '
	mkdir odd && cp "$ten" odd/b.xml
	for name in "$(printf "a\nb")" "$(printf "a\tb")" "$(printf "a\001b")" "$(printf "a\342\200\256b")" \
		"$(printf "a\377b")" "a\\u000Ab" "a\\xFFb" "a\\u005Cxb" "a!b" "b.zip!c" "b.xml!b"; do
		cp "$ten" "odd/$name.xml"
	done
	"$cpis" validate --now 20261101 --fix odd && for file in odd/*; do cmp "$file" odd/b.xml || exit 9; done
	! cmp -s odd/b.xml "$ten"'

# cpis diff: fixed is only what was looked for and not found; what is gone or no longer checked is worse.
row 1 "" "" '"$cpis" validate in -q -r xml=1; rm in/up*; "$cpis" validate in -q -r xml=2; "$cpis" diff 1 2 >d; x=$?
	grep -q " 0 fixed.*1 message is gone" d && grep -q "upload-five.xml was pass" d && exit $x'
# What was not a message, or one too many, is not gone where it was put right. A message that was one is.
export rules=$top/testcases/rules
for fixed_one in TRN-001/fail-json-answers-a-query TRN-001/fail-nothing-answers-a-query; do
	export fixed_one
	row 0 "" "" 'cp "$rules/$fixed_one.xml" m; "$cpis" validate m -q -r xml=1; sed -i "/^HTTP/,\$d" m
		"$cpis" validate m -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q " 1 fixed, 0 unchanged$" d && exit $x'
done
for fixed_one in ITK-060/fail-two-queries:itk-soap-query TRN-002/fail-two-interactions:spine-soap-query; do
	export fixed_one
	row 0 "" "" 'cp "$rules/${fixed_one%:*}.xml" m; "$cpis" validate m -q -r xml=1; cp "$rules/../messages/${fixed_one#*:}.xml" m
		"$cpis" validate m -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q " 1 fixed, 0 unchanged$" d && exit $x'
done
row 1 "" "" 'cp "$rules/TRN-001/fail-json-answers-a-query.xml" m; "$cpis" validate m -q -r xml=1; rm m
	"$cpis" validate in -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "2 messages are gone" d && exit $x'
row 1 "" "" 'cp "$rules/TRN-006/pass-request-and-response.xml" m; "$cpis" validate m -q -r xml=1; sed -i "/^HTTP/,\$d" m
	"$cpis" validate m -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "1 message is gone" d && exit $x'
row 1 "" "" '"$cpis" validate in -q -r xml=1; "$cpis" validate in --exclude "fail*" -q -r xml=2; "$cpis" diff 1 2 >d; x=$?
	grep -q " 0 fixed" d && grep -q "was fail; now --exclude" d && exit $x'
row 1 "" "" 'printf "%s\n" "profile: p" "rules:" "  - { rule: DAT-003, severity: off, reason: r }" >p; "$cpis" validate bad.xml -q -r xml=1
	"$cpis" validate bad.xml -q --profile p -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q " 0 fixed.*no longer checked" d && grep -q "turned off" d && exit $x'
row 0 "" "" '"$cpis" validate bad.xml -q -r xml=1; "$cpis" validate bad.xml -q --baseline b --update-baseline; "$cpis" validate bad.xml -q --baseline b -r xml=2
	"$cpis" diff 1 2 >d; x=$?; grep -q " 0 fixed.*accepted" d && exit $x'
row 1 "" "" '"$cpis" validate bad.xml -q -r json=- >1; x=$?; grep -q "\"verdict\": \"fail\"" 1 && [ ! -e ./- ] && exit $x'
row 0 "" "" '"$cpis" validate bad.xml -q --baseline b --update-baseline; "$cpis" validate bad.xml -q --baseline b -r json=1
	grep -q "\"accepted_by\": \"baseline\"" 1'
row 1 "" "" '"$cpis" validate bad.xml -q -r xml=1; "$cpis" validate bad.xml -q --fail-on never -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "Worse:.*--fail-on" d && exit $x'
row 1 "" "" '"$cpis" validate good.xml -q -r xml=1; "$cpis" validate good.xml -q --stages xml -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "Worse:.*stages" d && exit $x'
# A response that is captured before its request answers nothing: its fault is not fixed, whatever the others say.
http() { printf '%s\r\nContent-Type: text/xml\r\nContent-Length: %s\r\n\r\n' "$1" "$(wc -c <"$2")" && cat "$2" && printf '\r\n'; }
request=$top/testcases/rules/PAIR-005/request-fail-birth-date.xml
http 'POST /x HTTP/1.1' "$request" >"$scratch/asked"
http 'HTTP/1.1 200 OK' "$top/testcases/rules/PAIR-005/fail-birth-date.xml" >"$scratch/answered"
sed 's/<FileResponse/& /' "$top/testcases/rules/PAIR-005/fail-birth-date.xml" >"$scratch/changed.xml"
http 'HTTP/1.1 200 OK' "$scratch/changed.xml" >"$scratch/changed"
sed 's/<birthTime value="20130805"/<birthTime value="20130508"/' "$scratch/changed.xml" >"$scratch/right.xml"
http 'HTTP/1.1 200 OK' "$scratch/right.xml" >"$scratch/right"
export scratch
row 1 "" "" 'mkdir f; cat "$scratch/asked" "$scratch/answered" | tee f/a.http >f/b.http; "$cpis" validate f -q -r xml=1
	cat "$scratch/changed" "$scratch/asked" >f/a.http; "$cpis" validate f -q -r xml=2
	cat "$scratch/asked" "$scratch/answered" >f/c.http; "$cpis" validate f -q -r xml=3
	for later in 2 3; do "$cpis" diff 1 $later >d; x=$?; grep -q " 0 fixed.*1 no longer checked" d || exit 9; done; exit $x'

row 0 "" "" 'mkdir f; cat "$scratch/asked" "$scratch/answered" | tee f/a.http >f/b.http; "$cpis" validate f -q -r xml=1
	cat "$scratch/asked" "$scratch/right" >f/a.http; "$cpis" validate f -q -r xml=2
	"$cpis" diff 1 2 >d; x=$?; grep -q "0 new, 1 fixed" d || exit 9; exit $x'

# What is beside a message in its Body may be something else: then each message that is lost is gone.
query=$top/testcases/messages/spine-soap-query.xml response=$top/testcases/messages/spine-soap-response.xml
sed 's/<[A-Za-z]*:Body>/&<x\/>/' "$query" >"$scratch/beside.xml"
sed 's/<\/[A-Za-z]*:Body>/<QUPC_IN000006GB01 xmlns="urn:other"\/>&/' "$response" >"$scratch/other.xml"
http 'POST /x HTTP/1.1' "$query" >"$scratch/query"
http 'POST /x HTTP/1.1' "$rules/TRN-002/fail-two-interactions.xml" >"$scratch/twice"
http 'POST /x HTTP/1.1' "$scratch/beside.xml" >"$scratch/beside"
http 'HTTP/1.1 200 OK' "$response" >"$scratch/response"
http 'HTTP/1.1 200 OK' "$scratch/other.xml" >"$scratch/other"
for lost in beside:response:query:pass beside:response:response:fail query:other:query:fail twice:response:query:; do
	export lost
	row 1 "" "" 'set -- $(echo "$lost" | tr : " "); cd "$scratch"; cat "$1" "$2" >m; "$cpis" validate m -q -r xml=1; cp "$3" m
		"$cpis" validate m -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "; 1 message is gone$" d && grep -q "m was $4" d && exit $x'
done
row 0 "" "" 'cat "$scratch/twice" "$scratch/response" >m; "$cpis" validate m -q -r xml=1; cat "$scratch/query" "$scratch/response" >m
	"$cpis" validate m -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q " 1 fixed.*unchanged$" d && exit $x'

# A control file that was put right is not gone. One that is not there any more is.
cat >"$scratch/right.ctl" <<-'end'
	<DTSControl>
	<Version>1.0</Version><AddressType>DTS</AddressType><MessageType>Data</MessageType>
	<From_DTS>ZZ0OT001</From_DTS><To_DTS>ZZ1OT002</To_DTS><Subject>CP-IS upload</Subject><LocalId>7</LocalId>
	<WorkflowId>CPIS_UPLOAD</WorkflowId><Encrypted>N</Encrypted><Compress>Y</Compress>
	</DTSControl>
end
for control in '<Status><StatusCode>14</StatusCode></Status>' '<Status><Event>TRANSFER</Event><Status>ERROR</Status></Status>' '<'; do
	export control
	row 0 "" "" 'mkdir f; cp "$ten" f/A.dat; cp "$scratch/right.ctl" right
		sed "s|</DTSControl>|$control&|" right >f/A.ctl; "$cpis" validate f -q -r xml=1; cp right f/A.ctl; "$cpis" validate f -q -r xml=2
		rm f/A.ctl; "$cpis" validate f -q -r xml=3; "$cpis" diff 1 3 >d; [ $? = 1 ] || exit 9
		"$cpis" diff 1 2 >d; x=$?; grep -q "^0 new, [1-9] fixed, [0-9]* unchanged$" d && exit $x'
done
row 0 "" "" 'mkdir f; cp "$scratch/right.ctl" f/A.ctl
	"$cpis" validate f -q -r xml=1; cp "$rules/../messages/upload-five.xml" f/A.dat; "$cpis" validate f -q -r xml=2; "$cpis" diff 1 2 >d; x=$?
	grep -q " 1 fixed, 0 unchanged$" d && exit $x'

# What the names of files say of PAIR-011 decides nothing.
row 0 "" "" 'mkdir PAIR-011; cp good.xml PAIR-011/a.xml; cp good.xml PAIR-011/b.xml; echo hello >PAIR-011/notes.txt
	"$cpis" validate PAIR-011 -q -r xml=1; number=$(sed -n "s/.*<id extension=\"\([0-9]*\)\".*/\1/p" good.xml | head -1)
	sed -i "s/<id extension=\"$number\"/<id extension=\"$((number + 1))\"/" PAIR-011/b.xml
	"$cpis" validate PAIR-011 -q -r xml=2; "$cpis" diff 1 2 >d; x=$?; grep -q "0 new, 1 fixed" d && exit $x'
row 2 "" "empty: the file is empty" '"$cpis" validate good.xml -q -r xml=1; : >empty; "$cpis" diff 1 empty'
row 2 "" "missing: No such file" '"$cpis" diff good.xml missing'
row 2 "" "no records of children" '"$cpis" diff "$pack/../../messages/query-person.xml" "$pack/../../messages/itk-query.xml"'

# Files whose names look alike are not taken for each other, and SARIF names those that are there.
row 0 "" "" 'lf=$(printf "f\nx"); x=$(printf "f\377x"); y=$(printf "f\376x"); tab=$(printf "f\302\205x"); mkdir m n
	for name in "$lf" "f\\u000Ax" "f\\u00 1Fx" "$tab"; do cp bad.xml "m/$name"; done; cp bad.xml "n/$x"; cp bad.xml "n/$y"
	"$cpis" validate m n -q -r sarif=s -r xml=1; for uri in f%0Ax f%5Cu000Ax f%5Cu00%201Fx f%C2%85x f%FFx f%FEx; do
		grep -q "/$uri\"\|\"[mn]/$uri\"" s || exit 9; done
	[ "$(grep -o "<message [^>]*source=\"[^\"]*\"" 1 | sed "s/.*source=//" | sort -u | wc -l)" = 6 ] || exit 8
	"$cpis" validate "n/$x" -q -r xml=2; "$cpis" validate "n/$y" -q -r xml=3; "$cpis" merge 2 3 -r xml=4; [ -s 4 ]'

# A results document that contradicts itself.
row 2 "" "comes to fail" '"$cpis" validate bad.xml -q -r xml=1; sed "s/verdict=\"fail\"/verdict=\"pass\"/" 1 >2; "$cpis" report 2'

cd "$top" || exit 2
echo "[==========] $((passed + failed)) test(s) run."
echo "[  PASSED  ] $passed test(s)."
[ "$failed" -eq 0 ]
