# For tests in sh: claims, and cmocka's closing lines. Sourced from the top of the tree.
passed=0
failed=0

# claim NAME - the function NAME prints what is wrong; nothing printed is a pass.
claim() {
	wrong=$("$1" 2>&1)
	if [ -z "$wrong" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf '%s\n[  FAILED  ] %s\n' "$wrong" "$1"
	fi
}

# awaits COMMAND... - until the command is true; false when it is not within a minute, which is longer than a busy
# machine stops for.
awaits() {
	tries=0
	until "$@"; do
		[ $((tries += 1)) -lt 300 ] || return 1
		sleep 0.2
	done
}

# The last line of a test: false when a claim failed.
conclude() {
	echo "[==========] $((passed + failed)) test(s) run."
	echo "[  PASSED  ] $passed test(s)."
	[ "$failed" -eq 0 ]
}
