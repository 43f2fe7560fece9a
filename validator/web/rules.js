// The rules: a list that can be searched, and a page for each.

function ruleHref(id) {
	return "#rule/" + encodeURIComponent(id);
}

function ruleLink(id, known) {
	return known && known.has(id) ? element("a", { class: "rule-id", href: ruleHref(id) }, id)
		: element("span", { class: "rule-id" }, id);
}

class Rules {
	constructor(rules) {
		this.rules = rules;
		this.known = new Map(rules.map((rule) => [rule.id, rule]));
		for (const rule of rules)
			rule.words = [rule.id, rule.name, rule.title, rule.why, rule.fix, rule.citation].join(" ").toLowerCase();
		this.families = [...new Set(rules.map((rule) => rule.family))];
		choices(byId("rules-family"), [["", "All"], ...this.families.map((one) => [one, one])]);
		byId("rules-lead").textContent = "Messages are checked against " + plural(rules.length, "rule") +
			". Each has a wrong and a right example.";
		let timer = 0;
		for (const control of this.controls())
			control.addEventListener("input", () => {
				clearTimeout(timer);
				timer = setTimeout(() => {
					this.list();
					this.keep();
				}, 120);
			});
	}

	controls() {
		return ["search", "severity", "family"].map((name) => byId("rules-" + name));
	}

	// The filters are in the fragment: "#rules/text=date&severity=error".
	keep() {
		const kept = new URLSearchParams();
		for (const name of ["search", "severity", "family"])
			if (byId("rules-" + name).value.trim())
				kept.set(name, byId("rules-" + name).value.trim());
		const text = kept.toString();
		history.replaceState(null, "", "#rules" + (text ? "/" + text : ""));
	}

	show(fragment) {
		const kept = new URLSearchParams(fragment);
		for (const name of ["search", "severity", "family"])
			byId("rules-" + name).value = kept.get(name) || "";
		this.list();
	}

	list() {
		const [words, severity, family] = this.controls().map((one) => one.value.trim());
		const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
		const found = this.rules.filter((rule) => (!severity || rule.severity === severity) &&
			(!family || rule.family === family) && wanted.every((word) => rule.words.includes(word)));
		byId("rules-status").textContent = "Showing " + number(found.length) + " of " + plural(this.rules.length, "rule") + ".";
		replaceChildren(byId("rules-list"), this.families.map((name) => {
			const rows = found.filter((rule) => rule.family === name);
			return rows.length ? [element("h2", { class: "rule-family" }, name), element("ul", { class: "rule-list" },
				rows.map((rule) => element("li", {}, element("a", { class: "rule-id", href: ruleHref(rule.id) }, rule.id),
					element("span", {}, tag(rule.severity)), element("span", { class: "rule-text" }, rule.title))))] : [];
		}));
	}

	showOne(id) {
		const rule = this.known.get(id), view = byId("view-rule");
		if (!rule) {
			replaceChildren(view, element("h1", { id: "rule-title" }, "There is no rule " + id),
				element("p", {}, element("a", { href: "#rules" }, "Search all rules")));
			return "There is no rule " + id;
		}
		replaceChildren(view,
			element("p", { class: "small" }, element("a", { href: "#rules" }, "All rules")),
			element("p", { class: "rule-line" }, element("span", { class: "rule-id" }, rule.id), " ", tag(rule.severity)),
			element("h1", { id: "rule-title" }, rule.title),
			element("dl", { class: "facts rule-facts" },
				fact("Why it matters", rule.why),
				fact("How to fix it", rule.fix),
				fact("Where it is stated", rule.citation),
				fact("Basis", rule.basis),
				fact("Subject", rule.family),
				fact("Name", element("code", {}, rule.name))),
			this.examples(rule));
		if (rule.wrong === undefined && judge.example)
			judge.example(id).then((example) => {
				Object.assign(rule, example || { wrong: "", right: "" });
				if (location.hash === ruleHref(id))
					this.showOne(id);
			}, () => {});
		return rule.id + ": " + rule.title;
	}

	examples(rule) {
		if (!rule.right)
			return null;
		const place = rule.wrong_line ? ", line " + number(rule.wrong_line) + ", column " + number(rule.wrong_column) : "";
		return element("div", { class: "examples" },
			element("section", { class: "example example-wrong", "aria-labelledby": "wrong-title" },
				element("h2", { id: "wrong-title" }, "Wrong"),
				element("p", {}, rule.says),
				rule.wrong_file ? element("p", { class: "small muted" }, rule.wrong_file + place) : null,
				rule.wrong ? element("pre", { tabindex: "0", role: "region", "aria-label": "Wrong example" }, rule.wrong)
					: element("p", {}, "The file is not text.")),
			element("section", { class: "example example-right", "aria-labelledby": "right-title" },
				element("h2", { id: "right-title" }, "Right"),
				rule.right_file ? element("p", { class: "small muted" }, rule.right_file +
					(rule.right_line ? ", line " + number(rule.right_line) : "")) : null,
				element("pre", { tabindex: "0", role: "region", "aria-label": "Right example" }, rule.right)));
	}
}
