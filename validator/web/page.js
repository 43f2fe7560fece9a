// The page: what is asked, what is shown, and where in the page the reader is. State that is kept is in the fragment alone.

const slotsOf = {
	messages: [{ id: "files", title: "Drop messages here", about: "XML, or any form in which a message travels: HTTP captures, logs, MIME, gzip, zip, tar, MESH files, or a folder of them.", many: true }],
	pair: [{ id: "request", title: "Drop the request here", about: "A query, or an upload." },
		{ id: "response", title: "Drop the response here", about: "The answer to it, or the upload that follows it." }],
	pack: [{ id: "pack", title: "Drop the test pack here", about: "A zip or tar of its folder, or the folder itself.", many: true },
		{ id: "evidence", title: "Drop the evidence here", about: "Only if the pack asks for it: a zip, a tar, or a folder.", many: true, optional: true }],
};
const messageTypes = [["", "recognised type"], ["upload", "Local authority upload"], ["acknowledgement", "Upload acknowledgement"],
	["access-notification", "Access to service notification"], ["inactive-notification", "Inactive NHS number notification"],
	["query", "NHS query"], ["response", "NHS query response"], ["smsp-response", "NHS query response of the mini service"],
	["query-interaction", "NHS query interaction"], ["response-interaction", "NHS query response interaction"],
	["query-failure", "Query failure"], ["application-acknowledgement", "Application acknowledgement"],
	["infrastructure-acknowledgement", "ITK infrastructure acknowledgement"], ["simple-reply", "ITK simple reply"],
	["business-acknowledgement", "ITK business acknowledgement"], ["fault", "SOAP fault"]];
const keptOptions = { environment: "test", "fail-on": "error", as: "" };

let kind = "messages", filled = {}, rules = null, formats = [], working = 0, lastJob = null;

// Names

// A path that stays where it is put, and is free.
function freeName(path, taken) {
	const clean = path.split(/[/\\]/).filter((one) => one && one !== "." && one !== "..").join("/").replace(/[\u0000-\u001f]/g, "_") || "message";
	let name = clean;
	for (let i = 2; taken.has(name); i++)
		name = clean.replace(/(\.[^./]*)?$/, " (" + i + ")$1");
	taken.add(name);
	return name;
}

function filesOf(list) {
	const taken = new Set();
	return Array.from(list, (one) => ({ name: freeName(one.path || one.file.webkitRelativePath || one.file.name, taken), blob: one.file }));
}

// What was dropped: files, and those in folders.
async function dropped(transfer) {
	const entries = Array.from(transfer.items || [], (item) => (item.kind === "file" && item.webkitGetAsEntry ? item.webkitGetAsEntry() : null));
	if (!entries.some((entry) => entry && entry.isDirectory))
		return Array.from(transfer.files, (file) => ({ file: file }));
	const found = [];
	const walk = async (entry) => {
		if (entry.isFile) {
			found.push({ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path: entry.fullPath });
			return;
		}
		const reader = entry.createReader();
		for (;;) {
			const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
			if (!some.length)
				return;
			for (const one of some)
				await walk(one);
		}
	};
	for (const entry of entries)
		if (entry)
			await walk(entry);
	return found;
}

// Slots

function fill(slot, list) {
	const files = filesOf(list);
	if (!files.length)
		return;
	filled[slot.id] = files;
	if (kind === "messages") {
		run();
		return;
	}
	drawSlots();
	const check = byId("check-now");
	if (check && !check.disabled)
		check.focus();
}

function chosenWords(files) {
	const bytes = files.reduce((sum, file) => sum + file.blob.size, 0);
	return (files.length === 1 ? files[0].name : plural(files.length, "file") + " of " +
		[...new Set(files.map((file) => file.name.split("/")[0]))].slice(0, 3).join(", ")) + " (" + size(bytes) + ")";
}

function slotElement(slot) {
	const chosen = filled[slot.id];
	const input = element("input", { type: "file", id: "file-" + slot.id, tabindex: "-1", "aria-hidden": "true", multiple: slot.many });
	const folder = slot.many ? element("input", { type: "file", id: "folder-" + slot.id, tabindex: "-1", "aria-hidden": "true", webkitdirectory: true }) : null;
	for (const one of [input, folder].filter(Boolean))
		one.addEventListener("change", () => fill(slot, Array.from(one.files, (file) => ({ file: file }))));
	const box = element("div", { class: "drop", role: "group", "aria-labelledby": "drop-" + slot.id },
		element("p", { class: "drop-title", id: "drop-" + slot.id }, slot.title), element("p", { class: "small muted" }, slot.about),
		chosen ? element("p", { class: "drop-chosen" }, chosenWords(chosen)) : null,
		element("div", { class: "buttons" },
			element("button", { type: "button", onclick: () => input.click() }, slot.many ? "Choose files" : "Choose a file"),
			folder ? element("button", { type: "button", class: "plain", onclick: () => folder.click() }, "Choose a folder") : null,
			kind === "messages" ? element("button", { type: "button", class: "plain", onclick: openPaste }, "Paste text") : null),
		input, folder);
	box.addEventListener("dragover", (event) => {
		event.preventDefault();
		box.classList.add("over");
	});
	box.addEventListener("dragleave", () => box.classList.remove("over"));
	box.addEventListener("drop", async (event) => {
		event.preventDefault();
		event.stopPropagation();
		box.classList.remove("over");
		fill(slot, await dropped(event.dataTransfer));
	});
	return box;
}

// A pack that the server has.
function packElement() {
	const select = element("select", { id: "service-pack" });
	select.addEventListener("change", () => { filled.pack = select.value; });
	judge.packs().then((names) => {
		if (kind !== "pack")
			return;
		const button = byId("check-slots");
		choices(select, names.map((name) => [name, name]));
		filled.pack = select.value;
		if (names.length)
			byId("check-now").disabled = false;
		else if (button)
			button.remove();
		if (!names.length)
			replaceChildren(byId("slots"), element("p", { id: "no-packs" },
				"This server has no test packs. Whoever runs it can give it some, by cpis serve --packs FOLDER. Or run a pack with the program: cpis run."));
	}, (error) => showTrouble("The packs of the server cannot be listed", error.message));
	return element("div", { class: "field" }, element("label", { for: "service-pack" }, "Test pack"), select);
}

function drawSlots() {
	const slots = slotsOf[kind], ready = slots.every((slot) => slot.optional || filled[slot.id]);
	if (kind === "pack" && judge.packs && byId("service-pack"))
		byId("slots").lastChild.replaceWith(slotElement(slots[1]));
	else
		replaceChildren(byId("slots"), slots.map((slot) => (slot.id === "pack" && judge.packs ? packElement() : slotElement(slot))));
	const old = byId("check-slots");
	if (old)
		old.remove();
	if (kind === "messages")
		return;
	byId("slots").after(element("div", { class: "buttons check-slots", id: "check-slots" },
		element("button", { type: "button", id: "check-now", disabled: !ready, onclick: run }, kind === "pair" ? "Check the pair" : "Run the pack")));
}

function setKind(next) {
	kind = next;
	filled = {};
	byId("slots").replaceChildren();
	byId("kind-" + kind).checked = true;
	byId("paste").hidden = true;
	drawSlots();
}

function openPaste() {
	byId("paste").hidden = false;
	byId("paste-text").focus();
}

function checkPasted() {
	const box = byId("paste-text"), text = box.value;
	box.setCustomValidity(text.trim() ? "" : "Paste a message here first.");
	if (!box.reportValidity())
		return;
	const name = /^\s*</.test(text) ? "pasted.xml" : "pasted.txt";
	filled.files = [{ name: name, blob: new Blob([text]) }];
	run();
}

// Samples

function samples() {
	return Array.from(document.querySelectorAll("script.sample"), (one) => ({ name: one.dataset.name, title: one.dataset.title,
		group: one.dataset.group, kind: one.dataset.kind, parts: one.dataset.parts, text: () => one.textContent }));
}

function drawSamples() {
	const select = byId("sample"), all = samples().filter((one) => one.kind !== "part");
	for (const name of [...new Set(all.map((one) => one.group))])
		select.append(element("optgroup", { label: name }, all.filter((one) => one.group === name)
			.map((one) => element("option", { value: one.name }, one.title))));
}

function sampleFile(sample) {
	const text = atob(sample.text().trim()), bytes = new Uint8Array(text.length);
	for (let i = 0; i < text.length; i++)
		bytes[i] = text.charCodeAt(i);
	return { name: sample.name, blob: new Blob([bytes]) };
}

function checkSample() {
	const all = samples(), sample = all.find((one) => one.name === byId("sample").value);
	setKind(sample.kind);
	if (kind === "pair") {
		filled.request = [sampleFile(all.find((one) => one.name === sample.parts))];
		filled.response = [sampleFile(sample)];
		drawSlots();
	} else if (kind === "pack") {
		filled.pack = [sampleFile(sample)];
		drawSlots();
	} else {
		filled.files = [sampleFile(sample)];
	}
	run();
}

// Options

function chosenOptions() {
	const options = [];
	for (const name of Object.keys(keptOptions))
		if (byId("option-" + name).value !== keptOptions[name])
			options.push([name, byId("option-" + name).value]);
	if (byId("option-show-values").checked)
		options.push(["show-values", ""]);
	return options;
}

function checkFragment() {
	const kept = new URLSearchParams();
	for (const name of Object.keys(keptOptions))
		if (byId("option-" + name).value !== keptOptions[name])
			kept.set(name, byId("option-" + name).value);
	return "#check" + (kept.toString() ? "/" + kept : "");
}

function readOptions(fragment) {
	const kept = new URLSearchParams(fragment);
	for (const name of Object.keys(keptOptions)) {
		const control = byId("option-" + name), value = kept.get(name) || keptOptions[name];
		control.value = Array.from(control.options).some((one) => one.value === value) ? value : keptOptions[name];
	}
}

// Checking

// The command that does the same, for "how to reproduce this run" in the reports.
function commandOf(job) {
	const words = ["cpis", job.kind === "pack" ? "run" : "validate"];
	for (const [name, value] of job.chosen)
		words.push("--" + name, ...(value ? [value] : []));
	const names = (files) => [...new Set(files.map((file) => file.name.split("/")[0]))];
	if (!judge.inBrowser)
		return words;
	if (job.kind === "pair")
		words.push("--request", job.files[0].name, "--response", job.files[1].name);
	else
		words.push(...names(job.files));
	if (job.evidence)
		words.push("--evidence", names(job.evidence)[0]);
	return words;
}

// The same names in two slots would be one file.
function apart(first, second) {
	const taken = new Set(first.map((file) => file.name.split("/")[0]));
	return second.map((file) => {
		const top = file.name.split("/")[0];
		return taken.has(top) ? { name: "2-" + file.name, blob: file.blob } : file;
	});
}

function makeJob() {
	const job = { kind: kind, chosen: chosenOptions() };
	if (kind === "pair")
		job.files = [filled.request[0], ...apart(filled.request, filled.response).slice(0, 1)];
	else if (kind === "pack" && judge.packs)
		Object.assign(job, { pack: filled.pack, files: filled.evidence || [] });
	else
		job.files = kind === "pack" ? filled.pack : filled.files;
	if (kind === "pack" && filled.evidence) {
		job.evidence = judge.packs ? filled.evidence : apart(job.files, filled.evidence);
		// Several files that are no folder yet become one.
		if (job.evidence.length > 1 && !job.evidence[0].name.includes("/"))
			job.evidence = job.evidence.map((file) => ({ name: "evidence/" + file.name, blob: file.blob }));
	}
	job.options = [...judge.options, ["now", new Date().toISOString().replace(/\.\d+Z/, "Z")], ...job.chosen];
	job.command = commandOf(job);
	return job;
}

function showWorking(job) {
	const what = wordsOf(job, 1);
	const began = performance.now(), turn = ++working;
	byId("working-title").textContent = "Checking " + what;
	byId("working-bar").removeAttribute("value");
	byId("trouble").hidden = true;
	byId("results").hidden = true;
	const at = { done: 0, total: 0, read: 0, bytes: 0 };
	const tell = () => {
		if (turn !== working)
			return;
		const words = [plural(Math.round((performance.now() - began) / 1000), "second")];
		if (at.total > 1)
			words.push(number(at.done) + " of " + number(at.total) + (job.kind === "pack" ? " cases" : " files"));
		if (at.bytes)
			words.push(Math.floor(100 * at.read / at.bytes) + "%" + (at.total > 1 ? " of the next" : "") + (at.sending ? " sent" : ""));
		byId("working-text").textContent = words.join(", ") + ".";
	};
	// What is done at once is not shown as work.
	const wait = setTimeout(() => {
		byId("working").hidden = false;
		say("Checking " + what);
	}, 150);
	const clock = setInterval(tell, 500);
	tell();
	return {
		progress: (now) => {
			const bar = byId("working-bar"), part = now.bytes ? now.read / now.bytes : 0;
			Object.assign(at, now);
			if (at.total > 1 || at.bytes)
				bar.value = (at.done + part) / Math.max(at.total, job.kind === "messages" ? job.files.length : 1);
			tell();
		},
		end: () => {
			clearTimeout(wait);
			clearInterval(clock);
			if (turn === working)
				byId("working").hidden = true;
			return performance.now() - began;
		},
	};
}

function showTrouble(title, text, problems) {
	const box = byId("trouble");
	const place = (one) => (one.file ? one.file + (one.line ? ":" + one.line + ":" + one.column : "") + ": " : "") + one.text;
	replaceChildren(box, element("h2", {}, title), element("p", {}, text),
		problems && problems.length ? element("ul", {}, problems.slice(0, 20).map((one) => element("li", {}, place(one)))) : null,
		problems && problems.length > 20 ? element("p", {}, number(problems.length - 20) + " more are not listed.") : null);
	box.hidden = false;
}

async function run() {
	const job = makeJob(), shown = showWorking(job);
	lastJob = job;
	go(checkFragment());
	let answer;
	try {
		answer = await judge.check(job, shown.progress);
	} catch (error) {
		shown.end();
		if (error.message === "cancelled")
			say("Cancelled");
		else
			showTrouble("The checker stopped", "It cannot check this here, perhaps because it needs more memory than a page may have. Use the program cpis for it. (" + error.message + ")");
		return;
	}
	const took = shown.end();
	job.took = took < 1000 ? Math.max(1, Math.round(took)) + " ms" : (took / 1000).toFixed(1) + " s";
	if (lastJob !== job)
		return;
	if (!answer.results) {
		showTrouble(job.kind === "pack" ? "The pack cannot be run" : "This cannot be checked", answer.failure, answer.problems);
		return;
	}
	new Results(answer, job, rules, formats).show();
	say(answer.results.headline);
	byId("results").scrollIntoView({ behavior: "instant", block: "start" });
	byId("results").focus({ preventScroll: true });
}

// Where the reader is

function go(fragment) {
	if (location.hash !== fragment)
		history.replaceState(null, "", fragment);
	route();
}

function route() {
	const [name, ...rest] = location.hash.slice(1).split("/"), fragment = rest.join("/");
	const view = { rules: "rules", rule: "rule", about: "about" }[name] || "check";
	for (const one of ["check", "rules", "rule", "about"])
		byId("view-" + one).hidden = one !== view;
	for (const link of document.querySelectorAll(".places a")) {
		const here = link.hash === "#" + (view === "rule" ? "rules" : view);
		if (here)
			link.setAttribute("aria-current", "page");
		else
			link.removeAttribute("aria-current");
	}
	let title = { check: "Check CP-IS messages", rules: "Rules", about: "About this page" }[view];
	if (view === "rules" && rules)
		rules.show(fragment);
	if (view === "rule" && rules)
		title = rules.showOne(decodeURIComponent(fragment));
	document.title = title === "Check CP-IS messages" ? title : title + " - Check CP-IS messages";
}

function arrive(event) {
	if (event.target.closest && event.target.closest("a.skip"))
		return;
	route();
	if (location.hash.startsWith("#rule/") || location.hash === "#about" || location.hash === "#rules") {
		window.scrollTo(0, 0);
		byId("main").focus({ preventScroll: true });
	}
}

// The start

function drawAbout(version) {
	const promise = judge.inBrowser
		? ["Your messages stay on this computer: they are checked in this page, which cannot send anything. ", element("a", { href: "#about" }, "See how you can check that"), "."]
		: ["Messages are checked on the server that this page is from. They are not kept, and logs hold nothing of them. ", element("a", { href: "#about" }, "More about that"), "."];
	replaceChildren(byId("promise"), element("span", {}, promise));
	replaceChildren(byId("about-privacy"), judge.inBrowser ? [
		element("h2", {}, "Nothing leaves this computer"),
		element("p", {}, "The checker is part of this file. It runs in your browser and has no way to send anything: the first line of the file forbids the browser every connection (Content-Security-Policy: default-src 'none'; connect-src 'none'). The page keeps nothing either. When you close it, everything is gone."),
		element("p", {}, "To see that for yourself:"),
		element("ul", {},
			element("li", {}, "turn off the network of your computer and use the page: it works the same"),
			element("li", {}, "press F12, open Network, and check a message: no request appears"),
			element("li", {}, "open the file in a text editor and read the line with Content-Security-Policy"))]
		: [element("h2", {}, "What happens to your messages"),
			element("p", {}, "The page sends them to the server that it is from, and to no other. The server checks them in memory, answers and forgets them."),
			element("p", {}, "The same page is also available as one file, which checks messages in the browser and sends nothing.")]);
	byId("about-limits").textContent = !judge.inBrowser ? "The server says so when a file is too large for it." : "A file may have " + size(judge.limit) + ", before and after it is unpacked. For a larger one, use the program cpis.";
	byId("about-version").textContent = "cpis " + version + ".";
	byId("footer-text").textContent = "cpis " + version + ", CP-IS conformance toolkit";
}

async function begin() {
	choices(byId("option-as"), messageTypes);
	drawSamples();
	readOptions(location.hash.startsWith("#check/") ? location.hash.slice(7) : "");
	setKind("messages");
	for (const one of document.querySelectorAll("input[name=kind]"))
		one.addEventListener("change", () => setKind(one.value));
	byId("ask").addEventListener("submit", (event) => event.preventDefault());
	byId("paste-check").addEventListener("click", checkPasted);
	byId("paste-close").addEventListener("click", () => {
		byId("paste").hidden = true;
		byId("slots").querySelector("button").focus();
	});
	byId("sample-check").addEventListener("click", checkSample);
	byId("options").addEventListener("change", () => {
		go(checkFragment());
		if (lastJob && !byId("results").hidden && lastJob.kind === kind)
			run();
	});
	byId("cancel").addEventListener("click", () => judge.cancel());
	// What is dropped beside the box is for the first one.
	document.addEventListener("dragover", (event) => event.preventDefault());
	document.addEventListener("drop", async (event) => {
		event.preventDefault();
		fill(slotsOf[kind][0], await dropped(event.dataTransfer));
	});
	document.addEventListener("paste", (event) => {
		if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || kind !== "messages" || byId("view-check").hidden)
			return;
		const text = event.clipboardData.getData("text/plain");
		if (event.clipboardData.files.length)
			fill(slotsOf.messages[0], Array.from(event.clipboardData.files, (file) => ({ file: file })));
		else if (text.trim()) {
			byId("paste-text").value = text;
			byId("paste").hidden = false;
			checkPasted();
		}
	});
	window.addEventListener("hashchange", arrive);
	route();
	try {
		const answer = await judge.start();
		rules = new Rules(answer.rules);
		formats = answer.formats;
		drawAbout(answer.version);
		route();
		document.documentElement.dataset.ready = "yes";
	} catch (error) {
		showTrouble("This browser cannot run the checker", "It needs WebAssembly and a browser of 2023 or later. (" + error.message + ")");
	}
}

begin();
