#!/bin/sh
# The members of an archive, judged by several threads: the results have the bytes of those of one thread, whatever
# is in it, in which order, and which limit it meets. Run from the top of the tree; CPIS_PROGRAM is the program.
set -u
program=$(cd "$(dirname "${CPIS_PROGRAM:-build/cpis}")" && pwd -P)/cpis
top=$(pwd -P)
. validator/tests/claims.sh
scratch=$(mktemp -d "${TMPDIR:-/var/tmp}/cpis-members-XXXXXX") || exit 2
trap 'rm -rf "$scratch"' EXIT
unset SOURCE_DATE_EPOCH
cd "$scratch" || exit 2

# Messages that pass and fail, packed ones, archives in archives, both halves of a MESH transfer, what is not a
# message, and what an archive should not have.
mkdir -p in/packed in/rules in/deep
cp "$top"/testcases/messages/*.xml in
cp "$top"/testcases/transport/* in/packed
for rule in NHS-001 DAT-003 UPL-001 QRY-001 RSP-001 TRN-005 SCH-001; do
	[ ! -d "$top/testcases/rules/$rule" ] || cp -r "$top/testcases/rules/$rule" in/rules
done
printf '<broken' >in/broken.xml
echo 'For the assurance team.' >in/note.txt
ln -s ../../etc/passwd in/link.xml
tar -cf in/deep/inner.tar -C in rules packed
gzip -c in/deep/inner.tar >in/deep/inner.tar.gz
head -c 30000 in/deep/inner.tar.gz >in/deep/cut.tar.gz
tar -cf all.tar in
gzip -c all.tar >all.tar.gz
head -c 100000 all.tar >cut.tar
tar -cf one.tar -C in broken.xml
# 40 times as many members as threads, so that all are busy.
mkdir many
for i in $(seq 160); do cp "$top/testcases/messages/upload-one.xml" "many/$i.xml"; done
tar -cf many.tar many
{ echo x; cat many.tar; } >shifted.tar

# A capture: a request, an archive as its reply, and what may be the reply to another request.
{
	printf 'POST /a HTTP/1.1\r\nContent-Type: text/xml\r\nContent-Length: %s\r\n\r\n' \
		"$(wc -c <"$top/testcases/messages/query-person.xml")"
	cat "$top/testcases/messages/query-person.xml"
	printf 'HTTP/1.1 200 OK\r\nContent-Type: application/x-tar\r\nContent-Length: %s\r\n\r\n' "$(wc -c <many.tar)"
	cat many.tar
	printf 'HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %s\r\n\r\n' \
		"$(wc -c <"$top/testcases/messages/response-three.xml")"
	cat "$top/testcases/messages/response-three.xml"
} >capture.http

# judged JOBS ARCHIVE WORD... - the results document, but for the command that it names
judged() {
	jobs=$1 archive=$2
	shift 2
	"$program" validate -j "$jobs" --now 2026-12-01 -q -r xml=out.xml "$@" "$archive" 2>err
	echo "exit $?"
	cat err
	sed -e '/<command>/,/<\/command>/d' -e 's/ jobs="[0-9]*"//' out.xml
	rm -f out.xml
}

# Under the sanitizers a start takes a fifth of a second.
all_jobs='2 3 9' all_parts='1 5 30 60 100 159 160 161' all_bytes='4k 50k 200k 300k 1M'
case ${MODE:-} in san | tsan)
	all_jobs=3 all_parts='30 160' all_bytes=200k
	echo '[  SHORT   ] three limits and three threads, for thirteen limits and up to nine threads'
	;;
esac

same() {
	judged 1 "$@" >alone
	for jobs in $all_jobs; do
		judged "$jobs" "$@" >together
		cmp -s alone together || {
			echo "$*: another result with -j $jobs"
			diff alone together | head -5
		}
	done
}

archives_of_all_kinds() {
	for archive in all.tar all.tar.gz cut.tar one.tar many.tar shifted.tar capture.http in/deep/cut.tar.gz in/packed/october.zip; do
		same "$archive"
	done
	same all.tar --show-values
	grep -q '<message ' alone || echo 'no message was judged'
}
claim archives_of_all_kinds

a_limit_in_the_middle() {
	for parts in $all_parts; do
		same all.tar --max-parts "$parts"
		same many.tar --max-parts "$parts"
	done
	for bytes in $all_bytes; do
		same all.tar.gz --max-decoded "$bytes"
		same many.tar --max-decoded "$bytes"
	done
	same all.tar --max-layers 1
	same all.tar --max-layers 2
	same all.tar --max-findings 1
}
claim a_limit_in_the_middle

rules_and_profiles_of_the_user() {
	same all.tar --schematron "$top/testcases/schematron/second-opinion.sch"
	same many.tar --stages xml,schema
}
claim rules_and_profiles_of_the_user

# had_threads JOBS - whether there was more than one thread at a moment of a run over many members
had_threads() {
	"$program" validate -j "$1" --now 2026-12-01 -q long.tar &
	pid=$! seen=1
	while [ -d /proc/$pid/task ] && kill -0 $pid 2>/dev/null && [ $seen -lt 2 ]; do
		set -- /proc/$pid/task/*
		seen=$#
	done
	wait $pid
	[ $seen -ge 2 ]
}

several_threads_judge() {
	[ -d /proc/self/task ] || return
	for i in $(seq 20); do cp -r many "long/$i"; done
	tar -cf long.tar long
	awaits had_threads 3 || echo 'no other thread was seen with -j 3'
	had_threads 1 && echo 'another thread was seen with -j 1'
}
mkdir long
claim several_threads_judge

beside_other_files() {
	judged 1 many >alone
	judged 3 many >together
	cmp alone together
	mkdir -p beside
	cp all.tar many.tar "$top/testcases/messages/upload-one.xml" beside
	same beside
}
claim beside_other_files

conclude
