# For tests in sh that start servers: sourced after claims.sh. They are stopped when the test ends, also those that a
# claim has started: it is a process of its own, so a file has their numbers.
program=${CPIS_PROGRAM:-build/cpis}
folder=$(mktemp -d)
: >"$folder/servers"
trap stop_servers EXIT

stop_servers() {
	while read -r started; do kill "$started" 2>/dev/null; done <"$folder/servers"
	# They write to the folder until they have ended.
	awaits no_server_runs
	rm -rf "$folder"
}

no_server_runs() {
	while read -r started; do ! kill -0 "$started" 2>/dev/null || return 1; done <"$folder/servers"
}

for tool in curl python3; do
	command -v $tool >/dev/null && continue
	echo "[  FAILED  ] the servers and clients of this test need $tool: install it"
	exit 1
done

# listen NAME COMMAND... - start a server, which says its address in its first lines: $folder/NAME.url.
listen() {
	name=$1
	shift
	: >"$folder/$name.out"
	"$@" >>"$folder/$name.out" 2>&1 &
	started=$!
	echo $started >>"$folder/servers"
	awaits has_started
	[ -s "$folder/$name.url" ] || cat "$folder/$name.out"
}

# A whole line has the address; or nothing more will come.
has_started() {
	ended=
	kill -0 "$started" 2>/dev/null || ended=yes
	head -n "$(wc -l <"$folder/$name.out")" "$folder/$name.out" |
		sed -n 's,.*\(https*://[^ /]*[0-9]\).*,\1,p' | head -1 >"$folder/$name.url"
	[ -s "$folder/$name.url" ] || [ "$ended" ]
}

url_of() {
	cat "$folder/$1.url"
}

# play CODE SERVER ARGUMENT... - cpis send, which must end with CODE; what it says is in $folder/said.
play() {
	code=$1 url=$(url_of "$2")
	shift 2
	"$program" send "$url" "$@" --now 2026-11-02 >"$folder/said" 2>&1
	got=$?
	[ "$got" = "$code" ] || { echo "exit code $got, not $code"; tail -20 "$folder/said"; }
}

says() {
	grep -q -- "$1" "$folder/said" || { echo "it does not say: $1"; head -40 "$folder/said"; }
}
