#!/bin/sh
# A run in parts is the run as a whole: merged results have its bytes, whatever the number of parts, their
# order and the way of merging. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
program=$(cd "$(dirname "${CPIS_PROGRAM:-build/cpis}")" && pwd -P)/cpis
top=$(pwd -P)
. validator/tests/claims.sh
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-shards-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
unset SOURCE_DATE_EPOCH SLURM_ARRAY_TASK_ID JOB_COMPLETION_INDEX SGE_TASK_ID
cd "$scratch" || exit 2

# Messages of every kind, uploads in and out of sequence, archives, MESH pairs, what is not a message, what is
# hidden, and a folder without messages. Names differ in what an order by bytes is sensitive to.
mkdir -p in/up in/sequence in/none in/.hidden in/Z
cp "$top"/testcases/messages/*.xml in
cp "$top"/testcases/rules/PAIR-011/*.xml in/up
cp -r "$top/testcases/transport" in/transport
for rule in NHS-001 DAT-003 UPL-001 QRY-001 RSP-001; do
	[ ! -d "$top/testcases/rules/$rule" ] || cp -r "$top/testcases/rules/$rule" in/Z
done
echo nothing >in/none/note.txt
echo nothing >in/.hidden/note.txt
printf '<broken' >in/broken.xml
mkdir empty
echo nothing >empty/note.txt
for name in in/a in/up/b; do
	tar cf $name.tar -C "$top/testcases/messages" upload-one.xml upload-five.xml
done
for n in 1 2 3 5 5 7; do
	i=$((${i:-0} + 1))
	sed "s/<id extension=\"[0-9]*\"/<id extension=\"$n\"/" "$top/testcases/messages/upload-one.xml" >in/sequence/$i.xml
done

# One authority, once in small letters.
for n in 41 42 43; do
	sed -e "s/<id extension=\"[0-9]*\"/<id extension=\"$n\"/" -e "$([ $n = 42 ] && echo 's/"9X1"/"9x1"/g')" \
		"$top/testcases/messages/upload-one.xml" >in/sequence/small-$n.xml
done

cpis() {
	"$program" "$@" --now 2026-12-01
}

# What does not depend on who judged: all but the command, and which parts there were.
plain() {
	sed -e '/<command>/,/<\/command>/d' -e '/^  <shard /d' -e '/^  <\/run>/d' "$1"
}

# Under the sanitizers a start takes a fifth of a second.
numbers='1 2 7'
case ${MODE:-} in san | tsan)
	numbers=2
	echo '[  SHORT   ] two parts, for one, two and seven'
	;;
esac

# parts N WORDS... - judge N parts into N-I.xml.
parts() {
	of=$1
	shift
	i=0
	while [ $((i += 1)) -le "$of" ]; do
		cpis validate "$@" --shard $i/"$of" -q -r xml="$of-$i.xml"
		code=$?
		[ $code -le 1 ] || [ $code -eq 3 ] || echo "part $i of $of exits $code"
	done
}

# same ONE OTHER - two results documents say the same.
same() {
	plain "$1" >one.txt
	plain "$2" >other.txt
	cmp -s one.txt other.txt || { echo "$1 and $2 differ:"; diff one.txt other.txt | head -10; }
}

list_of() {
	ls "$1"-[0-9]*.xml
}

test_merged_parts_have_the_bytes_of_the_whole() {
	cpis validate in empty --shard 1/1 -q -j 2 -r xml=whole.xml -r csv=whole.csv -r json=whole.json
	grep -q 'PAIR-011' whole.xml || echo "the order of uploads is not judged"
	! grep -q 'file 4[23] follows' whole.xml || echo "an ODS code in small letters is another sender"
	grep -q 'no messages were found in it' whole.xml || echo "an empty folder is not reported"
	for n in $numbers; do
		parts $n in empty
		"$program" merge -q -r xml=merged.xml -r csv=merged.csv $(list_of $n)
		same whole.xml merged.xml
		cmp whole.csv merged.csv
		# As they come, in another order, without all of them in memory.
		[ $n = 1 ] && continue
		"$program" merge -q -r xml=streamed.xml $(list_of $n | sort -r)
		same merged.xml streamed.xml
	done
}

test_a_merge_can_be_merged() {
	parts 3 in empty
	"$program" merge -q -r xml=some.xml 3-1.xml 3-3.xml
	"$program" merge -q -r xml=all.xml some.xml 3-2.xml
	same whole.xml all.xml
	"$program" merge -q -r xml=some2.xml -r csv=some.csv 3-1.xml 3-3.xml
	same some.xml some2.xml
}

# Nothing was read of what is in them, or of what is in the first ones.
test_a_merge_of_what_was_not_read_can_be_read_again() {
	mkdir -p unread
	for n in 1 2 3 4; do
		printf '<broken' >unread/$n.xml
	done
	for last in /dev/null "$top/testcases/messages/upload-one.xml"; do
		[ $last = /dev/null ] || cp "$last" unread/4.xml
		parts 4 unread
		"$program" merge -q -r xml=kept.xml -r csv=kept.csv $(list_of 4)
		"$program" merge -q -r xml=streamed.xml $(list_of 4)
		same kept.xml streamed.xml
		"$program" merge -q -r xml=some.xml 4-1.xml 4-2.xml
		"$program" merge -q -r xml=streamed.xml some.xml 4-3.xml 4-4.xml
		same kept.xml streamed.xml
		"$program" report streamed.xml >again.txt
		[ $? = 1 ] || echo "it cannot be read again"
	done
}

test_masked_values_do_not_depend_on_the_part() {
	grep -q '\[NHS number #' whole.xml || grep -q '\[[a-z ]* #[0-9]' whole.xml || echo "nothing is masked"
	parts 2 in/Z --fail-on never
	cpis validate in/Z --fail-on never --shard 1/1 -q -r xml=w.xml
	"$program" merge -q -r xml=m.xml 2-1.xml 2-2.xml
	same w.xml m.xml
}

test_what_is_missing_or_twice_is_said() {
	parts 4 in
	said=$("$program" merge 4-1.xml 4-2.xml 4-4.xml 2>&1)
	code=$?
	[ $code = 1 ] || echo "with errors and a missing part, merge exits $code"
	case $said in
	*"Of 4 parts 1 is missing: 3."*) ;;
	*) echo "the missing part is not named: $(echo "$said" | tail -3)" ;;
	esac
	mkdir -p good
	cp "$top"/testcases/messages/upload-one.xml "$top"/testcases/messages/query-*.xml good
	parts 2 good
	said=$("$program" merge 2-2.xml 2>&1)
	code=$?
	[ $code = 3 ] || echo "a missing part exits $code"
	case $said in
	*"Incomplete: "*"Of 2 parts 1 is missing: 1."*) ;;
	*) echo "it is not said that the run is incomplete: $said" ;;
	esac
	"$program" merge 2-2.xml -q -r tap=1.tap -r sarif=1.sarif -r junit=1.junit -r codequality=1.cq
	"$program" merge 2-1.xml 2-2.xml -q -r tap=2.tap -r sarif=2.sarif -r junit=2.junit -r codequality=2.cq
	for said in 'tap not ok . - the whole run' 'sarif "executionSuccessful": false' 'junit <error message="Incomplete: ' \
		'cq "description": "Incomplete: '; do
		grep -q "${said#* }" 1."${said%% *}" || echo "of a run with a missing part ${said%% *} does not say ${said#* }"
		! grep -q "${said#* }" 2."${said%% *}" || echo "of a whole run ${said%% *} says ${said#* }"
	done
	said=$("$program" merge 2-1.xml 2-2.xml 2-1.xml 2>&1)
	code=$?
	[ $code = 2 ] || echo "a part that is there twice exits $code"
	case $said in
	*"part 1 of 2 is there twice"*) ;;
	*) echo "that it is there twice is not said: $said" ;;
	esac
	"$program" merge -q 2-1.xml 2-2.xml || echo "two good parts exit $?"
	"$program" merge -q 2-1.xml 4-2.xml 2>/dev/null
	[ $? = 2 ] || echo "parts of two numbers are merged"
	cpis validate in/none good --shard 2/2 -q -r xml=other.xml
	"$program" merge -q 2-1.xml other.xml 2>/dev/null
	[ $? = 2 ] || echo "parts of other inputs are merged"
	"$program" validate in --now 2026-11-30 --shard 2/2 -q -r xml=dated.xml
	"$program" merge -q 2-1.xml dated.xml 2>said.txt
	[ $? = 2 ] && grep -q 'different --now' said.txt || echo "parts of two dates are merged"
}

test_parts_that_saw_other_files_are_incomplete() {
	cp -r good moving
	cpis validate moving --shard 1/2 -q -r xml=m1.xml
	cp "$top/testcases/messages/upload-five.xml" moving
	cpis validate moving --shard 2/2 -q -r xml=m2.xml
	said=$("$program" merge m1.xml m2.xml 2>&1)
	code=$?
	[ $code = 3 ] || echo "exits $code"
	case $said in
	*"did not see the same files"*) ;;
	*) echo "it is not said: $said" ;;
	esac
}

test_a_part_does_not_call_the_whole_conformant() {
	said=$(cpis validate good --shard 1/2 2>&1)
	case $said in
	*"Partial: "*"This is part 1 of 2."*) ;;
	*) echo "it says: $said" ;;
	esac
}

test_a_summary_keeps_totals_and_what_failed() {
	parts 3 in empty
	"$program" merge -q --summary -r xml=summary.xml -r html=summary.html -r json=summary.json $(list_of 3)
	"$program" merge -q -r xml=merged.xml -r csv=x.csv $(list_of 3)
	for of in messages records omissions; do
		want=$(sed -n "s/.*<summary [^>]*$of=\"\([0-9]*\)\".*/\1/p" merged.xml)
		have=$(sed -n "s/.*<summary [^>]*$of=\"\([0-9]*\)\".*/\1/p" summary.xml)
		[ "$want" = "$have" ] || echo "$have $of in the summary, not $want"
	done
	[ "$(grep -c '<count ' merged.xml)" = "$(grep -c '<count ' summary.xml)" ] || echo "counts differ"
	[ "$(grep '<count ' merged.xml)" = "$(grep '<count ' summary.xml)" ] || echo "numbers differ"
	grep '<message ' summary.xml | grep -q 'verdict="pass"' && echo "a message that passed is listed"
	[ "$(grep -c '<message .*verdict="fail"' merged.xml)" = "$(grep -c '<message .*verdict="fail"' summary.xml)" ] ||
		echo "not every message that failed is listed"
	# JSON lists some, and says how many others there are; without --summary it has no such list.
	passed_messages=$(grep -c '<message .*verdict="pass"' merged.xml)
	grep -q "{\"verdict\": \"pass\", \"messages\": $passed_messages, " summary.json ||
		{ echo "JSON does not say that $passed_messages messages are not listed:"; grep -A2 unlisted_m summary.json; }
	grep -q '"unlisted_messages"' whole.json && echo "JSON of a whole run has a list of unlisted messages"
	"$program" report summary.xml >again.txt
	[ $? = 1 ] || echo "a summary cannot be read again"
	grep -q 'that passed are not listed' again.txt || echo "it is not said that messages are not listed"
}

# verdicts FILE - of each message, in order of name.
verdicts() {
	sed -n 's/.*<message .*source="\([^"]*\)".*verdict="\([a-z]*\)".*/\1 \2/p' "$1" | sort
}

# Findings are accepted when all parts are there: then the whole is what a run that is not divided is. Errors that
# explain why something was not judged are among them: without them the message is incomplete, in parts too.
test_known_findings_are_accepted_when_parts_are_merged() {
	mkdir -p known
	for rule in DAT-003 NHS-001 PAIR-011 SCH-001 SCH-005; do
		for file in "$top/testcases/rules/$rule"/*.xml; do cp "$file" "known/$rule-${file##*/}"; done
	done
	cp "$top"/testcases/hostile/XML-001-t*.xml known
	cpis validate known --baseline known.yaml --update-baseline -q
	awk '/^- rule: / { taken = /NHS-001|SCH-005/ } taken { print } taken && /^  path: / {
		print "  reason: as agreed\n  owner: Jo\n  expires: 2027-01-01" }' known.yaml >waivers.yaml
	{ cat waivers.yaml; printf -- '- { rule: NHS-001, path: /none, reason: x, owner: Jo, expires: 2027-01-01 }\n'; } >unmet.yaml
	for n in 1 3; do parts $n known; done
	for words in '--baseline known.yaml' '--waivers waivers.yaml' '--waivers waivers.yaml --baseline known.yaml'; do
		cpis validate known $words -q -r xml=w.xml 2>w.txt
		want=$?
		for n in 1 3; do
			"$program" merge $words -q -r xml=m$n.xml $(list_of $n) 2>m.txt
			[ $? = $want ] || echo "$words: of $n parts, exit code not $want"
			cmp w.txt m.txt || diff w.txt m.txt
			verdicts w.xml >one.txt
			verdicts m$n.xml >other.txt
			cmp one.txt other.txt || diff one.txt other.txt | head -5
			[ "$(grep -c '<waived>' w.xml)" = "$(grep -c '<waived>' m$n.xml)" ] ||
				echo "$words: of $n parts, other findings are waived"
			xmllint --noout --schema "$top/reports/results.xsd" m$n.xml 2>said.txt || head -3 said.txt
		done
		same m1.xml m3.xml
	done
	grep -q 'verdict="incomplete"' m1.xml || echo "no message is left open"
	# What may be met in a part that is missing is not called stale.
	"$program" merge --waivers waivers.yaml --baseline known.yaml -q 3-1.xml 3-2.xml 2>said.txt
	code=$?
	[ $code = 3 ] && [ ! -s said.txt ] || echo "a part is missing: exit code $code, $(cat said.txt)"
	# Nor what may be met in what was not read.
	"$program" merge --waivers unmet.yaml -r short $(list_of 3) >said.txt 2>&1
	[ $? = 1 ] || echo "what was not read passes"
	! grep 'is not needed' said.txt
	mkdir -p read
	cp "$top"/testcases/messages/upload-*.xml read
	parts 2 read
	tail -n 1 unmet.yaml >none.yaml
	"$program" merge --waivers none.yaml -r short $(list_of 2) >said.txt 2>&1
	[ $? = 1 ] || echo "a waiver that nothing met is taken"
	grep -q 'is not needed' said.txt || cat said.txt
	# As a new baseline, and of what cannot say what was not judged.
	"$program" merge --baseline new.yaml --update-baseline -q $(list_of 3)
	cmp known.yaml new.yaml
	cpis validate known -q -r xml=w.xml
	"$program" merge --baseline known.yaml -q w.xml 2>said.txt
	[ $? = 2 ] || echo "results that are not parts are compared with a baseline"
	grep -q 'parts made with --shard' said.txt || cat said.txt
	"$program" merge --summary --baseline known.yaml -q $(list_of 3) 2>said.txt
	[ $? = 2 ] || echo "--summary with --baseline is taken"
}

# said NAME=VALUE... - the part that --shard auto takes, as "2/5"; or the exit code.
said() {
	env "$@" "$program" validate good --shard auto -q -r xml=auto.xml 2>auto.txt
	code=$?
	if [ $code -le 1 ]; then
		sed -n 's/.*<shard number="\([0-9]*\)" of="\([0-9]*\)".*/\1\/\2/p' auto.xml
	else
		echo "$code"
	fi
}

# takes WANT NAME=VALUE...
takes() {
	want=$1
	shift
	have=$(said "$@")
	[ "$have" = "$want" ] || echo "$*: $have, not $want: $(cat auto.txt)"
}

test_engines_say_which_part_it_is() {
	takes 2/5 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=5 SLURM_ARRAY_TASK_MIN=0
	takes 1/5 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=5 SLURM_ARRAY_TASK_MIN=1
	takes 3/3 SLURM_ARRAY_TASK_ID=14 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=2
	takes 2 SLURM_ARRAY_TASK_ID=13 SLURM_ARRAY_TASK_COUNT=3 SLURM_ARRAY_TASK_MIN=10 SLURM_ARRAY_TASK_STEP=2
	takes 2 SLURM_ARRAY_TASK_ID=5 SLURM_ARRAY_TASK_COUNT=5 SLURM_ARRAY_TASK_MIN=0
	takes 2 SLURM_ARRAY_TASK_ID=1
	takes 2 SLURM_ARRAY_TASK_ID=x SLURM_ARRAY_TASK_COUNT=5
	takes 2 SLURM_ARRAY_TASK_ID=-1 SLURM_ARRAY_TASK_COUNT=5
	takes 2 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=0
	takes 1/4 JOB_COMPLETION_INDEX=0 JOB_COMPLETION_COUNT=4
	takes 4/4 JOB_COMPLETION_INDEX=3 JOB_COMPLETION_COUNT=4
	takes 2 JOB_COMPLETION_INDEX=4 JOB_COMPLETION_COUNT=4
	takes 2 JOB_COMPLETION_INDEX=0
	takes 2/4 SGE_TASK_ID=2 SGE_TASK_FIRST=1 SGE_TASK_LAST=4 SGE_TASK_STEPSIZE=1
	takes 3/3 SGE_TASK_ID=6 SGE_TASK_FIRST=2 SGE_TASK_LAST=7 SGE_TASK_STEPSIZE=2
	takes 2 SGE_TASK_ID=3 SGE_TASK_FIRST=2 SGE_TASK_LAST=7 SGE_TASK_STEPSIZE=2
	takes 2 SGE_TASK_ID=undefined
	takes 2 SGE_TASK_ID=2
	takes 2 SLURM_ARRAY_TASK_ID=1 SLURM_ARRAY_TASK_COUNT=5 JOB_COMPLETION_INDEX=0 JOB_COMPLETION_COUNT=4
	takes 2 NOTHING=
}

test_wrong_parts_are_refused() {
	for words in 0/3 4/3 3 / 1/ /3 x/3 1/x 1/0 -1/3 1/3/4 1/2000000 ''; do
		"$program" validate good --shard "$words" -q 2>/dev/null
		code=$?
		[ $code = 2 ] || echo "--shard '$words' exits $code"
	done
	said=$("$program" validate good --shard 4/3 -q 2>&1)
	[ "$said" = "cpis: --shard 4/3: there is no part 4 of 3" ] || echo "it says: $said"
	for words in '--fix' '--watch' '--baseline b.yaml' '-'; do
		"$program" validate good --shard 1/2 $words -q </dev/null 2>/dev/null
		code=$?
		[ $code = 2 ] || echo "--shard with $words exits $code"
	done
}

test_a_part_follows_from_the_path_below_the_folder() {
	cp -r good elsewhere
	cpis validate good --shard 1/2 -q -r xml=a.xml
	cpis validate "$scratch/elsewhere/" --shard 1/2 -q -r xml=b.xml
	names() { sed -n 's/.*<message .*source="[^"]*\/\([^"\/]*\)".*/\1/p' "$1"; }
	[ "$(names a.xml)" = "$(names b.xml)" ] || echo "another name of the folder gives another part"
	for file in $(names a.xml); do
		digits=$(printf %s "$file" | sha256sum | cut -c16)
		case $digits in
		[02468ace]) ;;
		*) echo "$file is not in part 1 by its SHA-256" ;;
		esac
	done
}

test_both_files_of_a_mesh_transfer_are_in_one_part() {
	mkdir -p mesh
	for name in A B C D; do
		cp "$top/testcases/transport/UPLOAD07.ctl" mesh/$name.ctl
		cp "$top/testcases/transport/UPLOAD07.dat" mesh/$name.dat
	done
	ls "$top"/testcases/transport | grep -q UPLOAD07 || echo "the samples have no MESH transfer"
	parts 4 mesh
	for name in A B C D; do
		[ "$(grep -l "mesh/$name\." 4-[0-9].xml | wc -l)" = 1 ] || echo "$name is in several parts"
	done
}

test_results_that_are_not_parts_say_that_uploads_were_not_compared() {
	cpis validate in/sequence/1.xml -q -r xml=p1.xml
	cpis validate in/sequence/6.xml -q -r xml=p2.xml
	"$program" merge p1.xml p2.xml -q -r xml=p.xml -r text=p.txt
	grep -q 'sequence of uploads in different results' p.xml || echo "it is not said"
	"$program" merge p1.xml p2.xml -q -r xml=streamed.xml
	same p.xml streamed.xml
}

test_what_is_kept_of_uploads_names_no_one() {
	good=$top/testcases/messages/upload-one.xml
	mkdir -p planted
	cp "$good" planted/1.xml
	sed '0,/<id extension="[0-9]*"/s//<id extension="9990000018"/' "$good" >planted/2.xml
	sed '0,/creationTime value="[^"]*"/s//creationTime value="Corin Planted"/' "$good" >planted/3.xml
	sed 's/extension="9X1"/extension="Corin Planted"/' "$good" >planted/4.xml
	sed '0,/creationTime value="[^"]*"/s//creationTime value="9990000018"/' "$good" >planted/5.xml
	parts 2 planted
	cpis validate planted --shard 1/1 -q -r xml=w.xml
	grep -l '9990000018\|Planted' 2-1.xml 2-2.xml w.xml
	"$program" merge -q -r xml=m.xml 2-1.xml 2-2.xml
	same w.xml m.xml
	for n in 2 4; do
		grep -q "<message .*planted/$n.xml.*verdict=\"incomplete\"" m.xml || echo "upload $n is not kept, and passes"
	done
	cpis validate planted --shard 1/1 --stages transport,xml,schema -q -r xml=w.xml
	! grep 'its place among the uploads' w.xml
}

# A code of five characters is a code as well: PAIR-011 of its sender is that of the whole, with --resume too.
test_uploads_of_every_sender_are_compared() {
	mkdir -p codes
	for code in 9X1 E9X30 A1B2C3 EE141234 rxq50; do
		for n in 1 2; do
			sed -e "s/<id root=\(.*\) extension=\"9X1\"/<id root=\1 extension=\"$code\"/" \
				-e '0,/creationTime value="[^"]*"/s//creationTime value="20261019080'$n'"/' \
				"$top/testcases/messages/upload-one.xml" >codes/$code-$n.xml
		done
	done
	parts 2 codes
	"$program" merge -q 2-1.xml 2-2.xml -r xml=m.xml
	cpis validate codes --resume -q -r xml=resumed.xml
	cpis validate codes -q -r xml=whole-codes.xml
	for file in m.xml resumed.xml whole-codes.xml; do
		[ "$(grep -c 'finding .*rule="PAIR-011"' $file)" = 5 ] || echo "$file misses an upload that repeats a number"
	done
}

# The schema allows a time to the hour, and a number with zeros before it: both are plain.
test_every_plain_time_and_number_is_kept() {
	mkdir -p forms
	n=41
	for made in 2026101908+0100 2026101908 202610190800 20261019080003.5+0100; do
		n=$((n + 2))
		sed -e "0,/creationTime value=\"[^\"]*\"/s//creationTime value=\"$made\"/" \
			-e "0,/<id extension=\"[0-9]*\"/s//<id extension=\"00000$n\"/" \
			"$top/testcases/messages/upload-one.xml" >forms/$n.xml
	done
	parts 2 forms
	"$program" merge -q 2-1.xml 2-2.xml -r xml=m.xml
	cpis validate forms -q -r xml=whole-forms.xml
	for file in m.xml whole-forms.xml; do
		grep 'its place among the uploads' $file
		[ "$(grep -c 'finding .*rule="PAIR-011"' $file)" = 3 ] || echo "$file misses a gap"
	done
	# A date alone and a long number may be those of a person: they are kept where values are shown.
	sed 's/value="2026101908+0100"/value="20261019"/' forms/43.xml >forms/44.xml
	sed 's/extension="0000043"/extension="1234567"/' forms/43.xml >forms/46.xml
	cpis validate forms --shard 1/1 -q -r xml=w.xml
	[ "$(grep -c 'its place among the uploads' w.xml)" = 2 ] || echo "what may be of a person is kept"
	! grep 'number="1234567"\|made="20261019"' w.xml
	parts 2 forms --show-values
	"$program" merge -q 2-1.xml 2-2.xml -r xml=m.xml
	cpis validate forms --show-values -q -r xml=whole-forms.xml
	for file in m.xml whole-forms.xml; do
		grep 'its place among the uploads' $file
		[ "$(grep -c 'finding .*rule="PAIR-011"' $file)" = 5 ] || echo "$file misses a gap or a repeat"
	done
}

# A sentence about a file of another part has the name that the whole run would write.
test_names_are_written_once() {
	mkdir -p names
	cp "$top/testcases/messages/upload-one.xml" 'names/a\u000Ab.xml'
	cp "$top/testcases/messages/upload-one.xml" "$(printf 'names/a\nc.xml')"
	cp "$top/testcases/messages/upload-one.xml" names/d.xml
	parts 2 names
	"$program" merge -q 2-1.xml 2-2.xml -r json=m.json
	cpis validate names -q -r json=whole-names.json
	for file in m.json whole-names.json; do
		grep -o 'after file [^)]*)' $file >$file.names
	done
	[ "$(wc -l <m.json.names)" = 2 ] || cat m.json.names
	cmp m.json.names whole-names.json.names
}

# Parts of a run of a pack, LAUC-101 and the rest: $1 is the evidence, and more words for both.
parts_of_pack() {
	evidence=$1
	shift
	for which in only skip; do
		"$program" run "$top/testcases/packs/la-upload/certify.yaml" --evidence "$evidence" -q --$which LAUC-101 \
			-r xml=$which.xml "$@"
	done
}

test_evidence_in_parts_is_of_one_system() {
	cp -r "$top/testcases/packs/la-upload/evidence" alike
	cp -r alike of-two && sed -i 's/"9X4/"9X5/' of-two/upload-ends.xml of-two/upload-deletes.xml
	cp -r alike repeated && sed -i '0,/<id extension="2"/s//<id extension="1"/' repeated/upload-ends.xml
	cp -r alike back && sed -i '0,/creationTime value="[^"]*"/s//creationTime value="20261001080500+0100"/' back/upload-ends.xml
	cp -r alike long && sed -i '0,/<id extension="3"/s//<id extension="3333333"/' long/upload-deletes.xml
	for evidence in alike of-two repeated back long; do
		parts_of_pack $evidence --now 2026-11-20
		"$program" run "$top/testcases/packs/la-upload/certify.yaml" --evidence $evidence -q --now 2026-11-20 -r xml=w.xml
		want=$?
		"$program" merge only.xml skip.xml -q -r xml=m.xml
		code=$?
		[ $evidence != long ] || want=3
		[ $code = $want ] || echo "$evidence: the whole exits $want, and its parts $code"
		xmllint --noout --schema "$top/reports/results.xsd" m.xml 2>said.txt || head -3 said.txt
		[ $evidence != long ] || continue
		[ "$(grep -A3 'id="EVIDENCE"' w.xml)" = "$(grep -A3 'id="EVIDENCE"' m.xml)" ] || echo "$evidence: EVIDENCE differs"
		"$program" merge skip.xml only.xml -q
		[ $? = $want ] || echo "$evidence: the other order differs"
	done
}

test_what_is_accepted_until_a_day_has_one_date() {
	cp -r "$top/testcases/packs/la-upload/evidence" waived
	sed -i 's/20261012080500+0100/20261012080500/' waived/upload-initial.xml
	printf -- '- { rule: DAT-002, case: LAUC-101, reason: a, owner: A, expires: 2026-12-31 }\n' >until.yaml
	parts_of_pack waived --now 2026-12-31 --waivers until.yaml
	mv only.xml early.xml
	"$program" merge early.xml skip.xml -q || echo "parts of one day exit $?"
	parts_of_pack waived --now 2027-01-01
	for order in "early.xml skip.xml" "skip.xml early.xml"; do
		"$program" merge $order -q -r xml=m.xml 2>said.txt
		[ $? = 2 ] && grep -q 'needs one date' said.txt || { echo "a waiver outlives its day"; cat said.txt; }
	done
}

test_a_pack_and_messages_are_no_parts_of_one_run() {
	"$program" run "$top/testcases/packs/la-upload/certify.yaml" --evidence "$top/testcases/packs/la-upload/evidence" \
		-q --now 2026-11-20 -r xml=pack.xml || echo "the pack exits $?"
	cpis validate "$top/testcases/rules/DAT-003/fail-a-minute-before.xml" -q -r xml=failed.xml
	for order in "pack.xml failed.xml" "failed.xml pack.xml"; do
		"$program" merge $order -q 2>said.txt
		[ $? = 2 ] && grep -q 'not parts of one run' said.txt || { echo "they are merged"; cat said.txt; }
	done
}

test_documents_are_as_their_schema_says() {
	for file in whole.xml some.xml 3-1.xml 3-2.xml 3-3.xml summary.xml; do
		xmllint --noout --schema "$top/reports/results.xsd" $file 2>said.txt || head -3 said.txt
	done
}

# Many files, among them archives and what is left out.
many() {
	mkdir -p many
	i=0
	while [ $((i += 1)) -le 25 ]; do
		mkdir -p many/$i
		cp in/*.xml in/Z/*/*.xml in/transport/* in/sequence/*.xml many/$i 2>/dev/null
	done
}

test_a_run_that_is_killed_again_and_again_is_the_whole() {
	many
	cpis validate many --shard 1/1 -q -r xml=whole.xml
	for shard in 1/1 2/3; do
		rm -f out.xml out.xml.part
		cpis validate many --shard $shard -q -r xml=want.xml
		tries=0
		while [ $((tries += 1)) -lt 200 ]; do
			# Where it ended before it was killed at all: once more.
			[ $tries -gt 2 ] || rm -f out.xml out.xml.part
			[ ! -e out.xml ] || break
			"$program" validate many --now 2026-12-01 --shard $shard --resume -r xml=out.xml >/dev/null 2>said.txt &
			pid=$!
			# For longer and longer: a busy machine needs it.
			sleep $((tries / 20)).$((tries / 2 % 10))
			kill -9 $pid 2>/dev/null
			wait $pid 2>/dev/null
		done
		[ -e out.xml ] || { echo "$shard does not end in $tries tries"; continue; }
		[ ! -e out.xml.part ] || cpis validate many --shard $shard --resume -q -r xml=out.xml 2>said.txt
		[ ! -e out.xml.part ] || echo "out.xml.part is left"
		same want.xml out.xml
	done
}

# Half of a run: what was kept of it, cut at many places.
test_what_was_kept_is_used_whole_or_not_at_all() {
	# Two frames at least: where it was faster than that, once more.
	tries=0
	while [ ! -e half ] && [ $((tries += 1)) -le 50 ]; do
		rm -f out.xml out.xml.part
		"$program" validate many --now 2026-12-01 --shard 1/1 --resume -q -r xml=out.xml &
		pid=$!
		while kill -0 $pid 2>/dev/null; do
			[ "$(grep -c "^frame " out.xml.part 2>/dev/null || echo 0)" -ge 2 ] 2>/dev/null || continue
			cp out.xml.part half 2>/dev/null
			break
		done
		wait $pid
	done
	[ -e half ] || { echo "nothing was kept in fifty tries"; return; }
	bytes=$(stat -c %s half)
	for cut in 0 1 80 1000 $((bytes / 3)) $((bytes / 2)) $((bytes - 1)) $bytes; do
		rm -f out.xml
		head -c $cut half >out.xml.part
		cpis validate many --shard 1/1 --resume -r xml=out.xml >/dev/null 2>said.txt
		same whole.xml out.xml
		[ $cut != "$bytes" ] || grep -q 'files were checked before' said.txt || echo "nothing is used: $(cat said.txt)"
	done
	# One byte that is wrong.
	rm -f out.xml
	cp half out.xml.part
	printf X | dd of=out.xml.part bs=1 seek=$((bytes / 2)) conv=notrunc 2>/dev/null
	cpis validate many --shard 1/1 --resume -q -r xml=out.xml 2>said.txt
	same whole.xml out.xml
}

test_what_is_done_is_not_checked_again() {
	cpis validate many --shard 1/1 --resume -r xml=out.xml >/dev/null 2>said.txt
	grep -q 'files were checked before' said.txt && echo "MESH transfers are taken over: $(cat said.txt)"
	cp -r in/Z plainly
	cpis validate plainly --shard 1/1 --resume -q -r xml=done.xml
	cp done.xml before.xml
	cpis validate plainly --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'files were checked before' said.txt || echo "it is checked again"
	same before.xml done.xml
	# Another date, other options, another file: then it is.
	"$program" validate plainly --now 2026-11-30 --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'checked before' said.txt && echo "it is not checked again by another --now"
	"$program" validate plainly --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'checked before' said.txt && echo "it is not checked again without --now"
	"$program" validate plainly --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'checked before' said.txt || echo "it is checked again by the clock"
	cpis validate plainly --shard 1/1 --resume -q -r xml=done.xml
	cpis validate plainly --shard 1/1 --resume --fail-on never -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'checked before' said.txt && echo "it is not checked again with other options"
	cpis validate plainly --shard 1/1 --resume -q -r xml=done.xml
	file=$(ls plainly/*/*.xml | head -1)
	sed 's/2026/2025/' "$file" >changed && cat changed >"$file"
	cpis validate plainly --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'checked before' said.txt && echo "a file that was changed is not checked again"
	cpis validate plainly --shard 1/1 -q -r xml=want.xml
	same want.xml done.xml
}

# Results write each line feed of a name in six bytes: what they write may be longer than any path.
test_a_file_with_a_long_name_as_written_is_not_checked_again() {
	lines=$(awk 'BEGIN { while (i++ < 240) printf "\n"; printf "x" }')
	mkdir -p "long/$lines/$lines/$lines"
	cp good/*.xml "long/$lines/$lines/$lines"
	cpis validate long --shard 1/1 --resume -q -r xml=done.xml
	cpis validate long --shard 1/1 --resume -r xml=done.xml >/dev/null 2>said.txt
	grep -q 'files were checked before' said.txt || echo "it is checked again: $(cat said.txt)"
}

test_a_changed_file_is_checked_again() {
	cp -r in/Z moved
	rm -f out.xml
	cpis validate moved --shard 1/1 --resume -q -r xml=out.xml
	rm -f out.xml
	i=0
	while [ $((i += 1)) -le 60 ]; do cp -r in/Z moved/$i; done
	tries=0
	while [ ! -e out.xml.part ] && [ $((tries += 1)) -le 50 ]; do
		rm -f out.xml
		"$program" validate moved --now 2026-12-01 --shard 1/1 --resume -q -r xml=out.xml &
		pid=$!
		while [ "$(stat -c %s out.xml.part 2>/dev/null || echo 0)" -lt 1 ] && kill -0 $pid 2>/dev/null; do :; done
		kill -9 $pid 2>/dev/null
		wait $pid 2>/dev/null
		# It had ended.
		[ ! -e out.xml ] || rm -f out.xml.part
	done
	[ ! -e out.xml ] || { echo "it was not killed in time in fifty tries"; return; }
	for file in $(ls moved/*/*.xml | head -3); do
		sed 's/2026/2025/' "$file" >changed && cat changed >"$file"
	done
	rm "$(ls moved/*/*.xml | head -5 | tail -1)"
	cp in/Z/*/pass*.xml moved 2>/dev/null
	cpis validate moved --shard 1/1 --resume -q -r xml=out.xml 2>said.txt
	cpis validate moved --shard 1/1 -q -r xml=want.xml
	same want.xml out.xml
}

test_two_tries_at_once_are_refused() {
	rm -f out.xml
	flock out.xml.part "$program" validate good --resume -q -r xml=out.xml 2>said.txt
	[ $? = 2 ] || echo "a second try exits otherwise"
	grep -q 'another process' said.txt || cat said.txt
	rm -f out.xml.part
	"$program" validate good --resume -q 2>/dev/null
	[ $? = 2 ] || echo "--resume needs no file"
}

claim test_merged_parts_have_the_bytes_of_the_whole
claim test_a_merge_can_be_merged
claim test_a_merge_of_what_was_not_read_can_be_read_again
claim test_masked_values_do_not_depend_on_the_part
claim test_what_is_missing_or_twice_is_said
claim test_parts_that_saw_other_files_are_incomplete
claim test_a_part_does_not_call_the_whole_conformant
claim test_a_summary_keeps_totals_and_what_failed
claim test_known_findings_are_accepted_when_parts_are_merged
claim test_results_that_are_not_parts_say_that_uploads_were_not_compared
claim test_what_is_kept_of_uploads_names_no_one
claim test_uploads_of_every_sender_are_compared
claim test_every_plain_time_and_number_is_kept
claim test_names_are_written_once
claim test_evidence_in_parts_is_of_one_system
claim test_what_is_accepted_until_a_day_has_one_date
claim test_a_pack_and_messages_are_no_parts_of_one_run
claim test_documents_are_as_their_schema_says
claim test_engines_say_which_part_it_is
claim test_wrong_parts_are_refused
claim test_a_part_follows_from_the_path_below_the_folder
claim test_both_files_of_a_mesh_transfer_are_in_one_part
claim test_a_run_that_is_killed_again_and_again_is_the_whole
claim test_what_was_kept_is_used_whole_or_not_at_all
claim test_what_is_done_is_not_checked_again
claim test_a_file_with_a_long_name_as_written_is_not_checked_again
claim test_a_changed_file_is_checked_again
claim test_two_tries_at_once_are_refused
conclude
