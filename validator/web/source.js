// The source of a message: its text by lines, and what was found beside them. Where values are masked, the judge did it.

const LINE_CUT = 600; // characters of a line that are shown
const WHOLE_BELOW = 1200; // a source of fewer lines is shown whole
const AROUND = 4; // lines before and after one that has a finding
const MOST_WINDOWS = 150; // findings that are shown in place in a large source
const DOT = "\u2022"; // what the judge has in place of a character of a personal value
const STEP = 100; // lines that a gap opens by

// The text of bytes as they were sent; null where they are not text.
function textOf(bytes) {
	const marks = [["utf-16le", [0xff, 0xfe]], ["utf-16be", [0xfe, 0xff]]];
	for (const [name, mark] of marks)
		if (bytes[0] === mark[0] && bytes[1] === mark[1])
			return new TextDecoder(name).decode(bytes);
	if (bytes.subarray(0, 8192).includes(0))
		return null;
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch (wrong) {
		const start = bytes.subarray(0, 512);
		return bytes[0] === 0x1f && bytes[1] === 0x8b || !start.includes(0x3c)
			? null : new TextDecoder("windows-1252").decode(bytes);
	}
}

const states = { TEXT: 0, TAG: 1, DOUBLE: 2, SINGLE: 3, COMMENT: 4, CDATA: 5, INSTRUCTION: 6 };

// Pieces of one line, to colour it: { kind: "tag" | "comment" | "text" | "value", text }. context holds what a line before left open.
function piecesOf(line, context) {
	const pieces = [];
	let at = 0;
	const take = (end, kind) => {
		if (end > at)
			pieces.push({ kind: kind, text: line.slice(at, end) });
		at = end;
	};
	const until = (mark, kind) => {
		const end = line.indexOf(mark, at);
		take(end < 0 ? line.length : end + mark.length, kind);
		if (end >= 0)
			context.state = states.TEXT;
	};
	while (at < line.length) {
		if (context.state === states.COMMENT) {
			until("-->", "comment");
		} else if (context.state === states.CDATA) {
			until("]]>", "text");
		} else if (context.state === states.INSTRUCTION) {
			until("?>", "tag");
		} else if (context.state === states.TEXT) {
			const open = line.indexOf("<", at);
			take(open < 0 ? line.length : open, "text");
			if (open < 0)
				break;
			context.state = line.startsWith("<!--", at) ? states.COMMENT : line.startsWith("<![CDATA[", at) ? states.CDATA
				: line.startsWith("<?", at) ? states.INSTRUCTION : states.TAG;
		} else if (context.state === states.TAG) {
			const next = /[>"']/.exec(line.slice(at));
			take(next ? at + next.index + 1 : line.length, "tag");
			if (next)
				context.state = next[0] === ">" ? states.TEXT : next[0] === "\"" ? states.DOUBLE : states.SINGLE;
		} else {
			const end = line.indexOf(context.state === states.DOUBLE ? "\"" : "'", at);
			take(end < 0 ? line.length : end, "value");
			if (end >= 0) {
				take(end + 1, "tag");
				context.state = states.TAG;
			}
		}
	}
	return pieces;
}

class Source {
	constructor(text) {
		this.text = text;
		this.starts = [0];
		for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1))
			this.starts.push(at + 1);
		if (this.starts.length > 1 && this.starts[this.starts.length - 1] === text.length)
			this.starts.pop();
		this.contexts = null;
	}

	get count() {
		return this.starts.length;
	}

	// From 1, without its end.
	line(index) {
		const end = index < this.count ? this.starts[index] - 1 : this.text.length;
		return this.text.slice(this.starts[index - 1], end).replace(/[\r\n]+$/, "");
	}

	// What each line starts in. The whole text is walked over once.
	findContexts() {
		const context = { state: states.TEXT };
		this.contexts = [];
		for (let i = 1; i <= this.count; i++) {
			this.contexts.push({ ...context });
			const line = this.line(i);
			if (line.includes("<") || context.state !== states.TEXT)
				piecesOf(line, context);
		}
	}

	pieces(index) {
		if (!this.contexts)
			this.findContexts();
		return piecesOf(this.line(index), { ...this.contexts[index - 1] });
	}
}

// Characters before a place in a text, as the judge counts them: a pair of surrogates is one.
function unitsBefore(text, characters) {
	let units = 0;
	for (let i = 1; i < characters && units < text.length; i++)
		units += text.codePointAt(units) > 0xffff ? 2 : 1;
	return units;
}

// The nodes of a line: coloured, with its marks; cut where it is long. What is masked has another colour.
function lineNodes(source, index, columns, showValues) {
	const whole = source.line(index), marks = new Set(columns.map((one) => unitsBefore(whole, one)));
	const nodes = [];
	let at = 0;
	for (const piece of source.pieces(index)) {
		if (at >= LINE_CUT)
			break;
		const text = piece.text.slice(0, LINE_CUT - at);
		const kind = !showValues && text.includes(DOT) ? "hidden-value" : "tok-" + piece.kind;
		let from = 0;
		for (let i = 0; i < text.length; i++) {
			if (!marks.has(at + i))
				continue;
			if (i > from)
				nodes.push(element("span", { class: kind }, text.slice(from, i)));
			nodes.push(element("mark", {}, text[i]));
			from = i + 1;
		}
		if (from < text.length)
			nodes.push(element("span", { class: kind }, text.slice(from)));
		at += piece.text.length;
	}
	if (whole.length > LINE_CUT)
		nodes.push(element("span", { class: "muted" }, " \u2026 " + plural(whole.length - LINE_CUT, "more character")));
	return nodes;
}

// Shows a source in a box. findings: those of the message that have a line; onNote(finding) goes to one in the list.
class SourceView {
	constructor(source, findings, showValues, onNote) {
		this.source = source;
		this.showValues = showValues;
		this.onNote = onNote;
		this.rows = new Map();
		this.ranges = [];
		this.here = null;
		this.list = element("ol", {});
		this.box = element("div", { class: "code", tabindex: "0", role: "region", "aria-label": "Source with findings" }, this.list);
		this.placed = false;
		this.watch = new ResizeObserver(() => {
			this.box.style.setProperty("--code-width", this.box.clientWidth + "px");
			if (!this.placed)
				this.place();
		});
		this.watch.observe(this.box);
		this.setFindings(findings);
	}

	// Once it has a size: the first finding is in view, with the lines before it.
	place() {
		const first = this.rows.get(Math.min(...this.byLine.keys()));
		this.placed = this.box.clientHeight > 0;
		if (first)
			this.box.scrollTop = this.topOf(first);
	}

	topOf(row) {
		return row.offsetTop - this.box.clientHeight / 3;
	}

	// Those that the filters leave.
	setFindings(findings) {
		this.byLine = new Map();
		for (const finding of findings) {
			const line = Math.min(finding.line, this.source.count);
			if (!line)
				continue;
			if (!this.byLine.has(line))
				this.byLine.set(line, []);
			this.byLine.get(line).push(finding);
		}
		if (this.source.count <= WHOLE_BELOW) {
			this.ranges = [[1, this.source.count]];
		} else {
			this.ranges = [[1, 2 * AROUND]];
			for (const line of [...this.byLine.keys()].sort((a, b) => a - b).slice(0, MOST_WINDOWS))
				this.ranges.push([line - AROUND, line + AROUND]);
		}
		this.draw();
	}

	// Ranges in order, within the source, and those that touch joined.
	tidy() {
		const last = this.source.count, tidy = [];
		this.ranges.sort((a, b) => a[0] - b[0]);
		for (const [from, to] of this.ranges) {
			const range = [Math.max(1, from), Math.min(last, to)], before = tidy[tidy.length - 1];
			if (before && range[0] <= before[1] + 2)
				before[1] = Math.max(before[1], range[1]);
			else if (range[0] <= last)
				tidy.push(range);
		}
		this.ranges = tidy;
	}

	draw() {
		this.tidy();
		this.rows.clear();
		const rows = [], last = this.source.count;
		let next = 1;
		for (const [from, to] of this.ranges) {
			if (from > next)
				rows.push(this.gap(next, from - 1));
			for (let line = from; line <= to; line++)
				rows.push(this.row(line));
			next = to + 1;
		}
		if (next <= last)
			rows.push(this.gap(next, last));
		replaceChildren(this.list, rows);
	}

	gap(from, to) {
		const text = from === to ? "Show line " + number(from) : to - from < STEP
			? "Show lines " + number(from) + " to " + number(to)
			: "Show " + STEP + " more of lines " + number(from) + " to " + number(to);
		return element("li", { class: "gap" }, element("button", { type: "button", class: "link",
			onclick: () => this.open(from, Math.min(to, from + STEP - 1)) }, text));
	}

	open(from, to) {
		this.ranges.push([from, to]);
		this.draw();
		this.focus(from);
	}

	row(line) {
		const found = this.byLine.get(line) || [];
		const worst = found.map((one) => one.severity).sort((a, b) => rank(a) - rank(b))[0];
		const made = element("li", { class: "line", tabindex: "-1" },
			element("div", { class: "row" + (worst ? " row-" + worst : "") },
				element("span", { class: "no" }, element("span", { class: "unseen" }, "Line "), String(line)),
				element("span", { class: "text" }, lineNodes(this.source, line, found.map((one) => one.column), this.showValues))),
			found.length ? element("div", { class: "notes" }, found.map((finding) => element("button", {
				type: "button", class: "note note-" + finding.severity, onclick: () => this.onNote(finding) },
			element("b", {}, element("span", { "aria-hidden": "true" }, symbols[finding.severity] + " "), finding.rule),
			" ", finding.message))) : null);
		this.rows.set(line, made);
		return made;
	}

	// Show a line, whether it is in view or not.
	go(line) {
		line = Math.max(1, Math.min(line, this.source.count));
		if (!this.rows.has(line)) {
			this.ranges.push([line - 2 * AROUND, line + 2 * AROUND]);
			this.draw();
		}
		this.focus(line);
	}

	focus(line) {
		const row = this.rows.get(line);
		if (!row)
			return;
		if (this.here)
			this.here.classList.remove("here");
		this.here = row;
		row.classList.add("here");
		row.focus({ preventScroll: true });
		const mark = row.querySelector("mark"), width = this.box.clientWidth;
		const reach = mark ? mark.getBoundingClientRect().right - row.getBoundingClientRect().left : 0;
		this.box.scrollTo({ top: this.topOf(row), left: Math.max(0, reach - width * 0.75) });
		const box = this.box.getBoundingClientRect();
		if (box.top < 0 || box.bottom > window.innerHeight)
			row.scrollIntoView({ behavior: "instant", block: "center", inline: "nearest" });
	}
}
