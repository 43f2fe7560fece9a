// Search and filters, kept in the fragment, and copying as Markdown. The report is complete without it.
(function () {
"use strict";

const panel = document.getElementById("filters");
if (!panel)
	return;

const pause = 120; // milliseconds after the last key
const fields = ["text", "severity", "rule", "outcome"];
const controls = new Map(fields.map(function (name) {
	return [name, document.getElementById("filter-" + name)];
}));
const status = document.getElementById("filter-status");
const rules = Array.from(document.querySelectorAll("article.rule"));

// What can be searched: a kind of things, what they are called, where they are, and how many there
// are, listed or not.
const kinds = [
	{ noun: "finding", section: "findings", select: ".occurrence", all: panel.dataset.found },
	{ noun: "case", section: "judged", select: ".case", all: panel.dataset.cases },
	{ noun: "message", section: "judged", select: ".message", all: panel.dataset.messages },
	{ noun: "rule", section: "rules", select: "#rules tbody tr, #rules .idle-rule" },
	{ noun: "requirement", section: "requirements", select: "#requirements tbody tr" },
];

function entry(element) {
	const rule = element.closest("article.rule");
	return {
		element: element,
		severity: element.dataset.severity || (rule ? rule.dataset.severity : ""),
		rule: rule ? rule.dataset.rule : "",
		outcome: element.dataset.outcome || "",
		text: null,
	};
}

for (const kind of kinds)
	kind.entries = Array.from(document.querySelectorAll(kind.select), entry);

// Lower case, and made once: of a finding with its rule, so that a title finds all of them.
function textOf(one) {
	if (one.text === null) {
		one.text = one.element.textContent.toLowerCase();
		const rule = one.element.closest("article.rule");
		if (rule)
			one.text += " " + one.rule.toLowerCase() + " " +
				rule.querySelector("h3").textContent.toLowerCase();
	}
	return one.text;
}

function wanted() {
	const choice = {};
	for (const name of fields)
		choice[name] = controls.get(name).value.trim();
	choice.words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
	return choice;
}

// A filter hides what has another value for it, and not what has no such value.
function matches(one, choice) {
	for (const name of ["severity", "rule", "outcome"])
		if (choice[name] && one[name] && one[name] !== choice[name])
			return false;
	return choice.words.every(function (word) { return textOf(one).includes(word); });
}

function number(count) {
	return count.toLocaleString("en-GB");
}

function say(kind) {
	const all = Number(kind.all || kind.entries.length), listed = kind.entries.length;
	let text = number(kind.shown) + " of " + number(listed) + " " + kind.noun +
		(listed === 1 ? "" : "s");
	if (all > listed)
		text += " (" + number(all - listed) + (all - listed === 1 ? " more is" : " more are") +
			" not in this report)";
	return text;
}

function apply() {
	const choice = wanted();
	status.textContent = "Showing ";
	for (const kind of kinds) {
		kind.shown = 0;
		for (const one of kind.entries) {
			const hide = !matches(one, choice);
			kind.shown += hide ? 0 : 1;
			if (one.element.hidden !== hide)
				one.element.hidden = hide;
		}
	}
	for (const rule of rules)
		rule.hidden = !rule.querySelector(".occurrence:not([hidden])");
	const said = kinds.filter(function (kind) { return kind.entries.length; });
	said.forEach(function (kind, i) {
		const link = document.createElement("a");
		link.href = "#" + kind.section;
		link.textContent = say(kind);
		status.append(i ? ", " : "", link);
	});
	status.append(".");
	// What matches must be seen: the rules that are folded are opened while there is a search.
	const folded = document.querySelector("#rules details.idle");
	if (folded && choice.words.length)
		folded.open = true;
}

function keep() {
	const kept = new URLSearchParams(), choice = wanted();
	for (const name of fields)
		if (choice[name])
			kept.set(name, choice[name]);
	const fragment = kept.toString();
	history.replaceState(null, "", fragment ? "#" + fragment : "#filters");
}

function clear() {
	for (const control of controls.values())
		control.value = "";
	apply();
}

function read() {
	const fragment = location.hash.slice(1);
	if (fragment.includes("=")) {
		const kept = new URLSearchParams(fragment);
		for (const name of fields)
			controls.get(name).value = kept.get(name) || "";
		apply();
		return;
	}
	// An anchor to something that a filter hides: show everything.
	const target = fragment && document.getElementById(decodeURIComponent(fragment));
	if (target && target.closest("[hidden]")) {
		clear();
		target.scrollIntoView();
	}
}

function escaped(text) {
	return text.replace(/\s+/g, " ").trim().replace(/[\\`*_{}[\]<>#|~]/g, "\\$&");
}

function part(item, selector) {
	const element = item.querySelector(selector);
	return element ? element.textContent : "";
}

function line(item, rule) {
	const severity = (item.dataset.severity || rule.dataset.severity).replace("info", "note");
	if (item.classList.contains("brief"))
		return ["- **" + severity + "** " + escaped(item.textContent)];
	const tags = Array.from(item.querySelectorAll(".said .tag"), function (tag) {
		return " (" + tag.lastChild.textContent + ")";
	});
	const path = part(item, ".path").replace(/`/g, "'");
	const lines = ["- **" + severity + "** " + escaped(part(item, ".sentence")) + tags.join(""),
		"  " + escaped(part(item, ".place")) + (path ? ", `" + path + "`" : "")];
	if (item.querySelector(".fix"))
		lines.push("  Fix: " + escaped(part(item, ".fix")));
	return lines;
}

function markdown() {
	const lines = ["# " + escaped(part(document, "h1")), ""];
	for (const rule of rules.filter(function (one) { return !one.hidden; })) {
		lines.push("## " + rule.dataset.rule + " " + escaped(part(rule, "h3")), "");
		for (const item of rule.querySelectorAll(".occurrence:not([hidden])"))
			lines.push(...line(item, rule));
		lines.push("", "Fix: " + escaped(part(rule, ".advice .fix")), "");
	}
	return lines.join("\n");
}

async function copy() {
	const text = markdown();
	try {
		await navigator.clipboard.writeText(text);
		status.textContent = "Copied as Markdown.";
	} catch (refused) {
		const area = document.createElement("textarea");
		area.value = text;
		panel.append(area);
		area.select();
		const done = document.execCommand("copy");
		area.remove();
		status.textContent = done ? "Copied as Markdown." : "The browser did not allow copying.";
	}
}

// The texts are made while the reader looks at page one, a few at a time.
function prepare(entries, from) {
	const end = Math.min(from + 300, entries.length);
	for (let i = from; i < end; i++)
		textOf(entries[i]);
	if (end < entries.length)
		setTimeout(prepare, 0, entries, end);
}

let timer = 0;
panel.addEventListener("input", function () {
	clearTimeout(timer);
	timer = setTimeout(function () { apply(); keep(); }, pause);
});
document.getElementById("filter-clear").addEventListener("click", function () { clear(); keep(); });
document.getElementById("copy").addEventListener("click", copy);
window.addEventListener("hashchange", read);

panel.hidden = false;
apply();
read();
setTimeout(prepare, pause, kinds.flatMap(function (kind) { return kind.entries; }), 0);
}());
