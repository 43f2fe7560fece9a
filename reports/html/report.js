// Filters, kept in the fragment, and copying as Markdown. The report is complete without it.
(function () {
"use strict";

const panel = document.getElementById("filters");
if (!panel)
	return;

const fields = ["text", "severity", "rule", "message", "outcome"];
const controls = new Map(fields.map(function (name) {
	return [name, document.getElementById("filter-" + name)];
}));
const status = document.getElementById("filter-status");
const occurrences = Array.from(document.querySelectorAll(".occurrence"));
const rules = Array.from(document.querySelectorAll("article.rule"));

function wanted() {
	return new Map(fields.map(function (name) {
		return [name, controls.get(name).value.trim()];
	}));
}

function matches(item, choice) {
	for (const name of fields.slice(1)) {
		const value = choice.get(name);
		if (value && item.dataset[name] !== value)
			return false;
	}
	const text = choice.get("text").toLowerCase();
	if (!text)
		return true;
	const rule = item.closest("article");
	return item.textContent.toLowerCase().includes(text) ||
		rule.querySelector("h3").textContent.toLowerCase().includes(text) ||
		item.dataset.rule.toLowerCase().includes(text);
}

function apply() {
	const choice = wanted();
	let shown = 0;
	for (const item of occurrences) {
		item.hidden = !matches(item, choice);
		shown += item.hidden ? 0 : 1;
	}
	for (const rule of rules)
		rule.hidden = !rule.querySelector(".occurrence:not([hidden])");
	status.textContent = "Showing " + shown + " of " + occurrences.length + " findings.";
}

function keep() {
	const kept = new URLSearchParams();
	for (const [name, value] of wanted())
		if (value)
			kept.set(name, value);
	const fragment = kept.toString();
	history.replaceState(null, "", fragment ? "#" + fragment : "#findings");
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

function markdown() {
	const lines = ["# " + escaped(part(document, "h1")), ""];
	for (const rule of rules.filter(function (one) { return !one.hidden; })) {
		lines.push("## " + rule.dataset.rule + " " + escaped(part(rule, "h3")), "");
		for (const item of rule.querySelectorAll(".occurrence:not([hidden])")) {
			const tags = Array.from(item.querySelectorAll(".said .tag"), function (tag) {
				return " (" + tag.lastChild.textContent + ")";
			});
			const path = part(item, ".path").replace(/`/g, "'");
			lines.push("- **" + item.dataset.severity.replace("info", "note") + "** " +
				escaped(part(item, ".sentence")) + tags.join(""));
			lines.push("  " + escaped(part(item, ".place")) + (path ? ", `" + path + "`" : ""));
			if (item.querySelector(".fix"))
				lines.push("  Fix: " + escaped(part(item, ".fix")));
		}
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

panel.addEventListener("input", function () { apply(); keep(); });
document.getElementById("filter-clear").addEventListener("click", function () { clear(); keep(); });
document.getElementById("copy").addEventListener("click", copy);
window.addEventListener("hashchange", read);

panel.hidden = false;
apply();
read();
}());
