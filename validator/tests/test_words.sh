#!/bin/sh
# Comments, strings, manuals and documents are in plain English: the phrases that are refused here read as
# translated. Run from the top of the tree; arguments are the files and folders to check, instead of all.
set -u

# texts PATH... - the texts among files, and below folders.
texts() {
	find "$@" \( -path '*/build' -o -path build -o -path '*/.git' \) -prune -o -type f \( \
		-name '*.[ch]' -o -name '*.inc' -o -name '*.def' -o -name '*.md' -o -name '*.sh' -o \
		-name '*.[1-9]' -o -name '*.y*ml' -o -name '*.xsd' -o -name '*.xsl' -o -name '*.sch' -o \
		-name '*.mk' -o -name '*.txt' -o -name Makefile -o -path '*scripts/*' \) \
		! -name test_words.sh -print | sort
}

# In C only comments and strings count; elsewhere every line does. A phrase may go on in the next line.
refused() {
	awk '
	function refuse(why, phrase) {
		reasons[++count] = why
		phrases[count] = "[^a-z_](" phrase ")[^a-z_]"
	}
	BEGIN {
		# Good English that a phrase below would hit.
		allowed = "status is no match|there (is|are|was|were|be) no(ne)?|(is|are|was|were|be) no (longer|more than|less than)|" \
			"behind an? [a-z ]*(proxy|firewall|gateway)|behind-proxy|stands? for|tells? an? clinician|" \
			"(tells?|told|telling) ([a-z]+ )*(apart|from)|(can|could|cannot|can.t) ([a-z]+ )*tell"
		refuse("behind: say after, at the end of", "behind")
		refuse("stand: say is, are, appears", "stand|stands|stood")
		refuse("tell: say report, say, show", "tell|tells|told|telling")
		refuse("nobody: say no one, the caller, or use the passive", "nobody|somebody")
		refuse("is no, is none: say is not a", "(is|are|was|were|be) (no|none)")
		refuse("memory: say out of memory", "memory (is|was) out")
		refuse("weight: say severity, more severe", "weigh|weighs|weighed|of weight .?(error|warning|info|.fail)|heavier|lighter|heaviest")
		refuse("word: say without a message", "without an? word")
		refuse("mend: say fix", "mend|mends|mended|mending")
	}

	# The comments and strings of a line of C.
	function prose(line,    text, sign) {
		text = ""
		while (line != "") {
			if (in_comment) {
				at = index(line, "*/")
				text = text " " (at ? substr(line, 1, at - 1) : line)
				in_comment = !at
				line = at ? substr(line, at + 2) : ""
				continue
			}
			if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)+\047/))
				break
			sign = substr(line, RSTART, 2)
			if (sign == "//")
				return text " " substr(line, RSTART + 2)
			in_comment = sign == "/*"
			if (substr(sign, 1, 1) == "\"")
				text = text " " substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH)
		}
		return text
	}

	function plain(text) {
		text = " " tolower(text) " "
		gsub(/\\[nt]/, " ", text)
		gsub(/[ \t]+/, " ", text)
		gsub(allowed, "", text)
		return text
	}

	FNR == 1 { in_comment = 0; before = "" }
	{
		is_c = FILENAME ~ /\.([ch]|inc|def)$/
		text = is_c ? ($0 ~ /^#include/ ? "" : prose($0)) : $0
		sub(/^[ \t]*([*#]+ )?[ \t]*/, "", text)
		here = plain(text)
		both = plain(before " " text)
		for (i = 1; i <= count; i++)
			if (here ~ phrases[i] || both ~ phrases[i] && plain(before) !~ phrases[i])
				print FILENAME ":" FNR ": " reasons[i] ": " substr(text, 1, 100)
		words = split(text, word, /[ \t]+/)
		before = words > 1 ? word[words - 1] " " word[words] : text
	}' "$@"
}

if [ $# -gt 0 ]; then
	files=$(texts "$@")
else
	files=$(texts * .ci .pre-commit-hooks.yaml)
fi
wrong=${files:+$(refused $files)}
[ -z "$wrong" ] || printf '%s\n[  FAILED  ] plain_english\n' "$wrong"
echo "[==========] 1 test(s) run."
[ -n "$wrong" ] || echo "[  PASSED  ] 1 test(s)."
[ -z "$wrong" ]
