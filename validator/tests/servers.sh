# For tests in sh that start servers: sourced after claims.sh. They are stopped when the test ends.
program=${CPIS_PROGRAM:-build/cpis}
folder=$(mktemp -d)
servers=
trap 'for server in $servers; do kill "$server" 2>/dev/null; done; rm -rf "$folder"' EXIT

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
	servers="$servers $!"
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		sed -n 's,.*\(https*://[^ /]*[0-9]\).*,\1,p' "$folder/$name.out" | head -1 >"$folder/$name.url"
		[ -s "$folder/$name.url" ] && return
		sleep 0.2
	done
	cat "$folder/$name.out"
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
