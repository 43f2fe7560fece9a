// What was found: the verdict, the messages, and of one message the findings beside its source.

const PAGE_OF_FINDINGS = 200, PAGE_OF_MESSAGES = 50;
const GOOD_OUTCOMES = ["passed", "waived", "left out"];
const EXTENSIONS = { text: "txt", short: "txt", json: "json", html: "html", certificate: "certificate.html", junit: "junit.xml", sarif: "sarif",
	codequality: "codequality.json", tap: "tap", csv: "csv", md: "md", xml: "results.xml" };
const NOT_TEXT = "The file is not text, so its source is not shown. Each finding has the line it is about.";
const NOT_HERE = "The source of this message is not shown here: it is inside another file, or the server has it. Each finding has the line it is about.";
const FORMAT_WORDS = { text: "Text", short: "Text, a line for each finding", json: "JSON", html: "HTML report", certificate: "Certificate", junit: "JUnit XML", sarif: "SARIF",
	codequality: "Code Quality JSON", tap: "TAP", csv: "CSV", md: "Markdown", xml: "Results document (XML)" };

function save(blob, name) {
	const address = URL.createObjectURL(blob), link = element("a", { href: address, download: name });
	document.body.append(link);
	link.click();
	link.remove();
	setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function countsOf(messages) {
	const counts = { error: 0, warning: 0, info: 0 };
	for (const message of messages) {
		for (const finding of message.findings)
			counts[finding.severity]++;
		for (const more of message.unlisted || [])
			counts[more.severity] += more.number;
	}
	return counts;
}

function tiles(counts) {
	const names = { error: "error", warning: "warning", info: "note" };
	return element("dl", { class: "tiles" }, severities.map((one) => element("div", { class: counts[one] ? "tile tile-" + one : "tile" },
		element("dt", {}, names[one] + (counts[one] === 1 ? "" : "s")), element("dd", {}, number(counts[one])))));
}

// A part of a long list, and a button for more of it.
function inParts(parent, items, part, draw) {
	let shown = 0;
	const more = element("button", { type: "button", class: "plain" });
	const add = () => {
		const first = shown;
		const drawn = items.slice(shown, shown + part).map(draw);
		parent.append(...drawn);
		shown += drawn.length;
		more.textContent = "Show " + number(Math.min(part, items.length - shown)) + " more of " + number(items.length - shown);
		more.hidden = shown >= items.length;
		if (first && drawn[0] && drawn[0].focus)
			drawn[0].focus();
	};
	more.addEventListener("click", add);
	add();
	return more;
}

// What was asked, by its names, or where they are many, their number; and its size, unless the server has all of it.
function wordsOf(job, mostNames) {
	const names = [...new Set(job.files.map((file) => file.name.split("/")[0]))];
	const files = names.length > mostNames ? plural(job.files.length, "file") : names.join(", ");
	const bytes = job.files.reduce((sum, file) => sum + file.blob.size, 0);
	return [typeof job.pack === "string" ? job.pack : "", files ? files + " (" + size(bytes) + ")" : ""].filter(Boolean).join(" with ");
}

class Results {
	constructor(answer, job, rules, formats) {
		this.results = answer.results;
		this.job = job;
		this.rules = rules;
		this.formats = formats;
		this.box = byId("results");
		this.detail = element("section", { class: "detail", "aria-label": "Message" });
		const messages = this.results.messages;
		const worst = { fail: 0, incomplete: 1, pass: 2 };
		const weight = messages.map((message) => {
			const counts = countsOf([message]);
			return [worst[message.verdict], -counts.error, -counts.warning, -counts.info];
		});
		// The worst first.
		this.order = messages.map((message, i) => i).sort((a, b) => weight[a].map((one, i) => one - weight[b][i]).find(Boolean) || a - b);
	}

	show() {
		const many = this.results.messages.length > 1;
		replaceChildren(this.box, this.outcome(), this.cases(), many ? this.list() : null, this.detail, this.leftOut());
		this.box.hidden = false;
		const first = this.first();
		if (first !== undefined)
			this.choose(first);
	}

	// The message that is shown without being asked for. In a pack that passed, messages that fail are as they should be.
	first() {
		const cases = this.results.cases || [];
		if (!cases.length)
			return this.order[0];
		return cases.filter((one) => !GOOD_OUTCOMES.includes(one.outcome)).flatMap((one) => one.messages || [])[0];
	}

	outcome() {
		const found = this.results, verdict = found.verdict;
		return element("section", { class: "outcome certificate verdict-" + verdict, "aria-labelledby": "outcome-title" },
			element("div", { class: "verdict" },
				element("p", { class: "verdict-tag" }, tag(verdict), found.partial ? [" ", tag("partial")] : null),
				element("h2", { id: "outcome-title" }, found.headline),
				element("p", { class: "outcome-files" }, this.about())),
			tiles(countsOf(found.messages)), this.downloads());
	}

	about() {
		return wordsOf(this.job, 3) + ", " +
			plural(this.results.messages.length, "message") + ", checked in " + this.job.took + ". " +
			(this.results.cpis.values_shown ? "Personal values are shown." : "Personal values are masked.");
	}

	downloads() {
		const select = element("select", { id: "download-format" });
		choices(select, this.formats.map(([name]) => [name, FORMAT_WORDS[name] || name]));
		select.value = "html";
		const status = element("p", { class: "small muted", role: "status" });
		const button = element("button", { type: "button", id: "download" }, "Download report");
		button.addEventListener("click", async () => {
			status.textContent = "Making the report.";
			button.disabled = true;
			try {
				save(await judge.report(select.value), "cpis-report." + (EXTENSIONS[select.value] || select.value));
				status.textContent = "The report is in your downloads.";
			} catch (error) {
				status.textContent = "The report cannot be made: " + error.message;
			}
			button.disabled = false;
		});
		return element("div", { class: "downloads" }, element("div", { class: "field" },
			element("label", { for: "download-format" }, "Report format"), select), button, status);
	}

	list() {
		const body = element("tbody", {});
		this.picked = new Map();
		const more = inParts(body, this.order, PAGE_OF_MESSAGES, (index) => this.listed(index));
		const table = element("table", { class: "pick stack" },
			element("thead", {}, element("tr", {}, ["Message", "Verdict", "Errors", "Warnings", "Notes"].map((one, i) =>
				element("th", { scope: "col", class: i > 1 ? "number" : null }, one)))), body);
		if ((this.results.cases || []).length)
			return element("details", { class: "all-messages" }, element("summary", {}, "All messages (" + number(this.order.length) + ")"), table, more);
		return element("section", { "aria-labelledby": "list-title" }, element("h2", { id: "list-title" }, "Messages"), table, more);
	}

	listed(index) {
		const message = this.results.messages[index], counts = countsOf([message]);
		const names = ["Errors", "Warnings", "Notes"];
		const row = element("tr", {},
			element("th", { scope: "row" }, element("button", { type: "button", class: "link", onclick: () => this.choose(index, true) },
				message.source), message.title ? element("span", { class: "small muted" }, message.title) : null),
			element("td", { "data-label": "Verdict" }, tag(message.verdict)),
			severities.map((one, i) => element("td", { class: "number", "data-label": names[i] }, number(counts[one]))));
		this.picked.set(index, row);
		return row;
	}

	cases() {
		const cases = this.results.cases || [];
		if (!cases.length)
			return null;
		const body = element("tbody", {}), isGood = (one) => GOOD_OUTCOMES.includes(one.outcome);
		const sorted = [...cases.filter((one) => !isGood(one)), ...cases.filter(isGood)];
		const more = inParts(body, sorted, PAGE_OF_MESSAGES, (one) => element("tr", {},
			element("th", { scope: "row" }, element("code", {}, one.id), one.title ? element("span", { class: "small" }, one.title) : null),
			element("td", { "data-label": "Outcome" }, tag(one.outcome)),
			element("td", { "data-label": "Details" }, one.reason || "", one.outcome !== "passed" && one.actual
				? element("dl", { class: "compare" }, fact("Expected", one.expected), fact("Found", one.actual)) : null,
			(one.messages || []).length ? element("button", { type: "button", class: "link",
				onclick: () => this.choose(one.messages[0], true) }, "Show its message") : null)));
		return element("section", { "aria-labelledby": "cases-title" }, element("h2", { id: "cases-title" }, "Cases"),
			element("table", { class: "stack pick" }, element("thead", {}, element("tr", {},
				["Case", "Outcome", "Details"].map((one) => element("th", { scope: "col" }, one)))), body), more);
	}

	leftOut() {
		const rows = this.results.left_out || [];
		return rows.length ? element("details", { class: "left-out" },
			element("summary", {}, number(rows.length) + " other " + (rows.length === 1 ? "file or part was" : "files or parts were") + " skipped"),
			element("ul", { class: "lines" }, rows.map((one) => element("li", {}, one.what + ", because " + one.why)))) : null;
	}

	// The file that a message is in, or null. It may be one of many in it.
	fileOf(message, index) {
		if (this.job.kind === "pair" && this.results.messages.length === 2)
			return this.job.files[index];
		const isIn = (name) => message.source === name || message.source.startsWith(name + "!");
		return this.job.files.find((one) => isIn(one.name)) || null;
	}

	// The bytes of a message's file, where the page has them and they are not packed.
	async bytesOf(message, index) {
		const file = this.fileOf(message, index);
		const packed = message.source.includes("!");
		if (file && !packed)
			return file.blob.size <= judge.limit ? new Uint8Array(await file.blob.arrayBuffer()) : null;
		return this.job.kind === "pack" && !packed && judge.read ? judge.read(message.source) : null;
	}

	// The text as the judge lets it be read: { text }, or { why } it is not shown.
	async shownOf(text) {
		if (this.results.cpis.values_shown)
			return { text: text };
		try {
			return { text: await judge.masked(text) };
		} catch (error) {
			return { why: "The source is not shown, because its personal values cannot be masked: " + error.message };
		}
	}

	// One message. moved: the reader asked for it, and is taken there.
	async choose(index, moved) {
		const message = this.results.messages[index];
		for (const [i, row] of this.picked || [])
			if (i === index)
				row.setAttribute("aria-current", "true");
			else
				row.removeAttribute("aria-current");
		this.chosen = index;
		const bytes = await this.bytesOf(message, index), text = bytes ? textOf(bytes) : null;
		const shown = text === null ? { why: bytes ? NOT_TEXT : NOT_HERE } : await this.shownOf(text);
		if (this.chosen !== index)
			return;
		new MessageView(this, message, index, shown).show(this.detail);
		if (moved) {
			this.detail.scrollIntoView({ behavior: "instant", block: "start" });
			this.detail.querySelector("h2").focus({ preventScroll: true });
		}
	}
}

// One message: what it is, its findings, its source.
class MessageView {
	constructor(results, message, index, shown) {
		this.results = results;
		this.message = message;
		this.file = results.fileOf(message, index);
		this.source = shown.why ? null : new Source(shown.text);
		this.why = shown.why;
		this.findings = message.findings;
		this.cards = new Map();
		this.order = "line";
	}

	show(parent) {
		const message = this.message;
		replaceChildren(parent, element("h2", { tabindex: "-1", id: "message-title" }, message.source),
			element("p", { class: "message-line" }, tag(message.verdict), " ", message.title || "This is not a message that is known."),
			this.omissions(), this.facts(), this.panes());
		this.filter();
	}

	omissions() {
		const rows = this.message.omissions || [];
		return rows.length ? element("div", { class: "incomplete-list" },
			element("h3", {}, "Not everything was checked"),
			element("ul", {}, rows.map((one) => element("li", {}, one.what === this.message.source ? one.why : one.what + ": " + one.why)))) : null;
	}

	facts() {
		const message = this.message, known = judge.inBrowser || this.file;
		const tree = element("div", { class: "tree-box" }, element("p", { class: "small muted" }, "Opening"));
		const details = element("details", {}, element("summary", {}, "What it is and how it is packed"),
			element("dl", { class: "facts facts-small" }, fact("Message type", message.type), fact("Recognised by", message.recognised_by),
				fact("Records", message.records ? number(message.records) : null), fact("Size", size(message.bytes)),
				fact("Layers", (message.layers || []).join(", ")),
				fact("SHA-256", message.sha256 ? element("span", { class: "digest" }, message.sha256) : null)),
			known ? [element("h3", {}, "Layers"), tree] : null);
		details.addEventListener("toggle", async () => {
			if (!details.open || tree.dataset.done || !known)
				return;
			tree.dataset.done = "yes";
			try {
				const answer = await judge.layers(message.source.split("!")[0], this.file);
				replaceChildren(tree, answer.layers ? treeOf(answer.layers) : element("p", {}, answer.failure));
			} catch (error) {
				replaceChildren(tree, element("p", {}, error.message));
			}
		});
		return details;
	}

	panes() {
		this.listBox = element("div", { class: "finding-list" });
		this.status = element("p", { class: "filter-status small", role: "status" });
		const found = element("section", { class: "pane pane-findings", "aria-labelledby": "findings-title" },
			element("h3", { id: "findings-title" }, "Findings"), this.findings.length ? this.tools() : null, this.listBox);
		return element("div", { class: "panes" }, found, this.sourcePane());
	}

	tools() {
		this.search = element("input", { type: "search", id: "find-text" });
		this.severity = element("select", { id: "find-severity" });
		this.sort = element("select", { id: "find-order" });
		choices(this.severity, [["", "All"], ["error", "Errors"], ["warning", "Warnings"], ["info", "Notes"]]);
		choices(this.sort, [["line", "Line"], ["rule", "Rule"]]);
		let timer = 0;
		for (const control of [this.search, this.severity, this.sort])
			control.addEventListener("input", () => {
				clearTimeout(timer);
				timer = setTimeout(() => this.filter(), 120);
			});
		const field = (label, control) => element("div", { class: "field" }, element("label", { for: control.id }, label), control);
		return element("div", { class: "filters list-tools", role: "search" }, field("Search", this.search), field("Severity", this.severity),
			field("Order by", this.sort), this.status);
	}

	filter() {
		const words = this.search ? this.search.value.toLowerCase().split(/\s+/).filter(Boolean) : [];
		const severity = this.severity ? this.severity.value : "";
		this.order = this.sort ? this.sort.value : "line";
		this.shown = this.findings.filter((one) => (!severity || one.severity === severity) &&
			words.every((word) => [one.rule, one.message, one.fix, one.path || ""].join(" ").toLowerCase().includes(word)));
		if (this.order === "rule")
			this.shown = this.shown.slice().sort((a, b) => rank(a.severity) - rank(b.severity) || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0));
		this.status.textContent = "Showing " + number(this.shown.length) + " of " + plural(this.findings.length, "finding") + ".";
		this.draw();
		if (this.view)
			this.view.setFindings(this.shown);
	}

	draw() {
		this.cards.clear();
		this.listBox.replaceChildren();
		if (!this.findings.length) {
			this.listBox.append(element("p", {}, this.message.verdict === "pass" ? "Nothing is wrong with this message." : "There are no findings."));
			return;
		}
		let rule = null;
		const more = inParts(this.listBox, this.shown, PAGE_OF_FINDINGS, (finding) => {
			const card = this.card(finding);
			if (this.order !== "rule" || finding.rule === rule)
				return card;
			rule = finding.rule;
			const info = this.results.rules.known.get(rule), count = this.shown.filter((one) => one.rule === rule).length;
			return element("div", {}, element("h4", { class: "group-title" }, rule + (info ? ": " + info.title : "") + " (" + number(count) + ")"), card);
		});
		const hidden = this.message.suppressed || 0;
		this.listBox.append(more, hidden ? element("p", { class: "small muted" }, plural(hidden, "more fault") +
			(hidden === 1 ? " is" : " are") + " not listed: a fault that follows from another finding, or is beyond the limit.") : "");
	}

	place(finding) {
		if (!finding.line)
			return null;
		const text = "Line " + number(finding.line) + (finding.column ? ", column " + number(finding.column) : "");
		const inner = finding.layer ? " (in " + (typeof finding.layer === "string" ? finding.layer : finding.layer.name || "a layer") + ")" : "";
		return [this.source ? element("button", { type: "button", class: "link", onclick: () => this.view.go(finding.line) }, text) : text, inner];
	}

	card(finding) {
		const rule = this.results.rules.known.get(finding.rule);
		const other = finding.other;
		const card = element("article", { class: "finding finding-" + finding.severity, tabindex: "-1" },
			element("div", { class: "finding-head" }, tag(finding.severity), ruleLink(finding.rule, this.results.rules.known),
				element("span", { class: "where" }, this.place(finding)), finding.waived ? tag("waived") : null),
			element("p", { class: "said" }, finding.message),
			element("p", { class: "fix" }, element("span", { class: "muted" }, "How to fix it: "), finding.fix),
			other && other.line ? element("p", { class: "small" }, "It contradicts ", this.source
				? element("button", { type: "button", class: "link", onclick: () => this.view.go(other.line) }, "line " + number(other.line))
				: "line " + number(other.line), ".") : null,
			!this.source && finding.excerpt ? excerpt(finding) : null,
			element("details", {}, element("summary", {}, "Why it matters"),
				element("p", {}, rule ? rule.why : ""),
				element("dl", { class: "facts facts-small" }, fact("Path", finding.path ? element("span", { class: "path" }, finding.path) : null),
					fact("Expected", finding.expected), fact("Found", finding.actual), fact("Where it is stated", rule ? rule.citation : null),
					fact("Accepted because", finding.waived))));
		this.cards.set(finding, card);
		return card;
	}

	goToCard(finding) {
		const card = this.cards.get(finding);
		if (!card)
			return;
		for (const one of this.cards.values())
			one.classList.remove("here");
		card.classList.add("here");
		card.scrollIntoView({ behavior: "instant", block: "center" });
		card.focus({ preventScroll: true });
	}

	sourcePane() {
		const pane = element("section", { class: "pane pane-source", "aria-labelledby": "source-title" }, element("h3", { id: "source-title" }, "Source"));
		if (!this.source) {
			pane.append(element("p", {}, this.why));
			return pane;
		}
		const showValues = this.results.results.cpis.values_shown;
		this.view = new SourceView(this.source, [], showValues, (finding) => this.goToCard(finding));
		const line = element("input", { type: "number", id: "go-line", min: "1", max: String(this.source.count), inputmode: "numeric" });
		const form = element("form", { class: "source-tools" }, element("div", { class: "field" }, element("label", { for: "go-line" }, "Go to line"), line),
			element("button", { class: "plain" }, "Go"));
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			if (line.value)
				this.view.go(Number(line.value));
		});
		pane.append(element("p", { class: "source-note" }, plural(this.source.count, "line") + ". " + (showValues ? "Personal values are shown."
			: "Personal values are masked. Dots are in place of their characters.")), form, this.view.box);
		return pane;
	}
}

function excerpt(finding) {
	const text = finding.excerpt.replace(/\t/g, " "), at = unitsBefore(text, (finding.caret || 0) + 1);
	return element("pre", { class: "excerpt" }, element("code", {}, text.slice(0, at), element("mark", {}, text[at] || "\u00a0"), text.slice(at + 1)));
}

// Layers, in order from the root and with their depth, as lists in lists.
function treeOf(layers) {
	const root = element("ul", { class: "tree" }), lists = [root];
	for (const layer of layers) {
		const item = element("li", {}, element("span", { class: "layer-name" }, layer.name), layer.about ? ": " + layer.about : "",
			layer.id ? ", id " + layer.id : "", element("span", { class: "small muted" },
				(layer.depth ? ", at byte " + number(layer.offset) : "") + (layer.bytes ? ", " + size(layer.bytes) : "") +
				(layer.sign ? " (by " + layer.sign + ")" : "")));
		lists.length = layer.depth + 1;
		lists[layer.depth].append(item);
		const below = element("ul", {});
		item.append(below);
		lists[layer.depth + 1] = below;
	}
	for (const empty of root.querySelectorAll("ul:empty"))
		empty.remove();
	return root;
}
