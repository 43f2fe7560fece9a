// Elements, words and numbers. All scripts of the page are put into one function, in strict mode, in the order that
// scripts/make-page has. Text always becomes text: nothing is parsed as HTML.

function byId(id) {
	return document.getElementById(id);
}

// element("p", { class: "small", onclick: f }, "text", child, null, [more]): names that start with "on" are listeners.
function element(name, attributes, ...children) {
	const made = document.createElement(name);
	for (const [key, value] of Object.entries(attributes || {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (key.startsWith("on"))
			made.addEventListener(key.slice(2), value);
		else
			made.setAttribute(key, value === true ? "" : value);
	}
	made.append(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
	return made;
}

function replaceChildren(parent, ...children) {
	parent.replaceChildren(...children.flat(Infinity).filter((one) => one !== null && one !== undefined && one !== false));
}

function number(count) {
	return count.toLocaleString("en-GB");
}

function plural(count, noun) {
	return number(count) + " " + noun + (count === 1 ? "" : "s");
}

function size(bytes) {
	if (bytes < 1000)
		return plural(bytes, "byte");
	for (const unit of ["KB", "MB", "GB"]) {
		bytes /= 1000;
		if (bytes < 1000 || unit === "GB")
			return (bytes < 10 ? bytes.toFixed(1) : String(Math.round(bytes))) + " " + unit;
	}
	return "";
}

const symbols = { pass: "\u2713", passed: "\u2713", fail: "\u2715", failed: "\u2715", error: "\u2715", warning: "!", info: "i",
	broken: "#", waived: "~" };

function wordOf(status) {
	return status === "info" ? "note" : status;
}

function tag(status) {
	return element("span", { class: "tag tag-" + status.replace(/ /g, "-") },
		element("span", { class: "symbol", "aria-hidden": "true" }, symbols[status] || "?"), wordOf(status));
}

function fact(name, value) {
	return value === null || value === undefined || value === "" ? [] : [element("dt", {}, name), element("dd", {}, value)];
}

const severities = ["error", "warning", "info"];

function rank(severity) {
	return severities.indexOf(severity);
}

// Said to those who do not see the page.
function say(text) {
	byId("spoken").textContent = text;
}

// For a select: [value, text] pairs.
function choices(select, pairs) {
	replaceChildren(select, pairs.map(([value, text]) => element("option", { value: value }, text)));
}
