// What scripts/check-page does with the page.
"use strict";

const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");

const [, , browserPath, folder, pageFile] = process.argv;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync"];
const address = /^https?:/.test(pageFile) ? pageFile : "file://" + path.resolve(pageFile);
const inBrowser = address.startsWith("file:");

let faults = 0, looks = 0;

function fault(what) {
	faults++;
	console.log("FAULT " + what);
}

function expect(what, holds) {
	if (!holds)
		fault(what);
}

// A state of the page: axe, the width, a picture; at both widths where the page stays as it is.
async function look(page, scheme, name) {
	for (const width of [320, 1280]) {
		await page.setViewportSize({ width: width, height: 900 });
		await page.waitForTimeout(50);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		const state = name + " " + width + " " + scheme;
		if (wide > 0)
			fault(state + ": " + wide + " pixels are cut off sideways");
		looks++;
		const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], elementRef: false,
			runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
		for (const one of result.violations)
			fault(state + ": " + one.id + ": " + one.help + ": " +
				one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
		await page.screenshot({ path: path.join(folder, name + "-" + width + "-" + scheme + ".png"), fullPage: true });
	}
}

// Drop files on the box, as a person does.
async function drop(page, selector, files) {
	const list = files.map((file) => ({ name: path.basename(file), bytes: fs.readFileSync(file).toString("base64") }));
	const transfer = await page.evaluateHandle((given) => {
		const made = new DataTransfer();
		for (const one of given)
			made.items.add(new File([Uint8Array.from(atob(one.bytes), (c) => c.charCodeAt(0))], one.name));
		return made;
	}, list);
	await page.dispatchEvent(selector, "drop", { dataTransfer: transfer });
	await answered(page);
}

async function answered(page) {
	await page.waitForSelector("#results:not([hidden]) .detail h2, #results:not([hidden]) .all-messages, #trouble:not([hidden])");
	await page.waitForTimeout(100);
}

async function sample(page, name) {
	await page.evaluate(() => { document.getElementById("results").hidden = true; });
	await page.selectOption("#sample", name);
	await page.click("#sample-check");
	await answered(page);
}

async function download(page, format) {
	await page.selectOption("#download-format", format);
	const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#download")]);
	return { name: saved.suggestedFilename(), text: fs.readFileSync(await saved.path(), "utf8") };
}

// What a report of each format has in it. Half of them are downloaded in each scheme: after ten downloads of one tab, Chromium
// asks its user whether more may come, and without a window no one answers.
const signs = [["json", "\"verdict\": \"fail\""], ["sarif", "\"2.1.0\""], ["junit", "<testsuite"], ["xml", "urn:cpis:results:1"],
	["csv", "DAT-007"], ["certificate", "<html"], ["text", "UPL-001"], ["md", "UPL-001"], ["tap", "not ok"],
	["codequality", "check_name"]];

async function useIt(page, scheme) {
	await look(page, scheme, "start");
	await page.keyboard.press("Tab");
	expect("the first stop of the keyboard is the link to the main content",
		await page.evaluate(() => document.activeElement.className === "skip"));

	await drop(page, ".drop", ["validator/web/samples/upload-with-faults.xml"]);
	expect("a bad upload fails", (await page.textContent("#outcome-title")).startsWith("Not conformant"));
	expect("its five findings are listed", await page.locator(".finding").count() === 5);
	expect("personal values are masked in the source", !(await page.textContent(".code")).includes("Quillfeather"));
	expect("the first finding is in view in the source", await page.evaluate(() => {
		const box = document.querySelector(".code").getBoundingClientRect(), note = document.querySelector(".code .note").getBoundingClientRect();
		return note.top >= box.top && note.bottom <= box.bottom;
	}));
	expect("every format has words", await page.$$eval("#download-format option", (all) => all.every((one) => one.textContent !== one.value)));
	await look(page, scheme, "findings");

	await page.click(".finding:nth-child(4) .where button");
	expect("a finding leads to its line", (await page.evaluate(() => document.activeElement.textContent)).startsWith("Line 64"));
	await page.click(".line.here .note");
	expect("and the line back to the finding", await page.evaluate(() => document.activeElement.classList.contains("finding")));
	await page.click(".finding:nth-child(4) summary");
	await page.click(".detail > details > summary");
	await page.waitForSelector(".tree li");
	await look(page, scheme, "unfolded");
	await page.selectOption("#find-order", "rule");
	await page.fill("#find-text", "birth");
	await page.waitForFunction(() => document.querySelectorAll(".finding").length === 1);

	await page.click(".finding .rule-id");
	await page.waitForSelector("#view-rule:not([hidden]) .example");
	expect("the rule has its page", (await page.evaluate(() => location.hash)) === "#rule/DAT-007");
	await look(page, scheme, "rule");
	await page.goBack();
	expect("the results are still there", await page.isVisible("#outcome-title"));

	const report = await download(page, "html");
	expect("the HTML report is a report", report.name === "cpis-report.html" && report.text.includes("DAT-007"));
	expect("and masked", !report.text.includes("Quillfeather"));
	for (const [format, sign] of signs.filter((one, i) => i % 2 === (scheme === "light" ? 0 : 1)))
		expect("the report " + format + " is one", (await download(page, format)).text.includes(sign));

	await page.click("#options summary");
	await page.check("#option-show-values");
	await answered(page);
	await page.waitForFunction(() => document.querySelector(".code") && document.querySelector(".code").textContent.includes("Quillfeather"));
	await page.selectOption("#option-environment", "live");
	await answered(page);
	expect("options are in the fragment, and values are not", (await page.evaluate(() => location.hash)) === "#check/environment=live");
	await look(page, scheme, "options");
	await page.uncheck("#option-show-values");
	await page.selectOption("#option-environment", "test");
	await answered(page);
}

// A good upload with a personal value where none belongs: whole documents, and those that are broken.
const misplaced = [["<given>Zo\u00eb<", "<given name=\"Zo\u00eb\">x<"], ["<given>Zo\u00eb<", "<given nullFlavor=\"Zo\u00eb\">x<"],
	["<given>Zo\u00eb<", "<given Zo\u00eb <"], ["?>", "?><?note Zo\u00eb 9996184978?>"], ["\"9996184978\"", "9996184978"],
	["extension=\"9996184978\"", "use=\"9996184978\""], ["<birthTime value=\"20180314\"/>", "<value value=\"9996184978\"/>"],
	["<birthTime value=\"20180314\"/>", "<birthTime><value value=\"20180314\"/></birthTime>"]];

async function tryMasking(page) {
	const good = fs.readFileSync("testcases/messages/upload-one.xml", "utf8");
	for (const [was, now] of [["?>", "?>"], ...misplaced]) {
		expect("the upload has " + was, good.includes(was));
		const sent = good.replace(was, now);
		await page.evaluate(() => { document.getElementById("results").hidden = true; });
		await page.click("text=Paste text");
		await page.fill("#paste-text", sent);
		await page.click("#paste-check");
		await answered(page);
		const text = await page.textContent(".code");
		for (const personal of ["Zo", "9996184978", "20180314", "Brannigan"])
			expect(personal + " cannot be read in the source with " + now, !text.includes(personal));
		expect("names of elements can be read with " + now, text.includes("<childPerson>"));
		if (was === now)
			expect("times, identifiers and codes can be read", ["20261019080003+0100", "2.16.840.1.113883.2.1.4.1\"", "\"9X1\""]
				.every((one) => text.includes(one)));
	}
}

async function useMore(page, scheme) {
	await sample(page, "upload-five.xml");
	expect("a good upload passes", (await page.textContent("#outcome-title")).startsWith("Conformant"));
	await look(page, scheme, "pass");
	await sample(page, "exchange.log");
	expect("what a log says itself is skipped", (await page.textContent(".left-out")).startsWith("1 other file or part was skipped") &&
		/4 lines between messages\), because they are the log's own/.test(await page.textContent(".left-out")));
	await page.evaluate(() => { document.getElementById("results").hidden = true; });
	await drop(page, ".drop", ["testcases/messages/upload-one.xml", "testcases/messages/query-person.xml"]);
	expect("several files keep their names", (await page.locator(".pick tbody th button").allTextContents()).sort().join() ===
		"query-person.xml,upload-one.xml");
	expect("and their sources are shown", (await page.locator(".code .line").count()) > 5);
	await sample(page, "october.zip");
	expect("an archive has two messages", await page.locator(".pick tbody tr").count() === 2);
	await look(page, scheme, "archive");
	await sample(page, "response.xml");
	expect("a pair is judged as one", (await page.locator(".finding .rule-id").allTextContents()).includes("PAIR-008"));
	await look(page, scheme, "pair");
	if (inBrowser) {
		await sample(page, "la-upload.tar.gz");
	} else {
		await page.check("#kind-pack");
		await page.selectOption("#service-pack", "la-upload");
		await page.evaluate(() => { document.getElementById("results").hidden = true; });
		await page.click("#check-now");
		await answered(page);
	}
	expect("a size of nothing is not shown", !(await page.textContent(".outcome-files")).includes("(0 bytes)"));
	expect("a pack has cases", await page.locator("#cases-title").count() === 1);
	await look(page, scheme, "pack");
	await page.click(".pick tbody tr:nth-child(2) button");
	await page.waitForSelector(".detail h2");
	await look(page, scheme, "pack-message");
	await page.check("#kind-messages");
	await page.click("text=Paste text");
	await page.fill("#paste-text", "this is not a message");
	await page.click("#paste-check");
	await answered(page);
	await look(page, scheme, "no-message");
	await page.goto(address + "#rules");
	await page.waitForSelector(".rule-list li");
	await page.fill("#rules-search", "nhs number digit");
	await page.waitForFunction(() => location.hash.startsWith("#rules/search="));
	await look(page, scheme, "rules");
	await page.goto(address + "#about");
	await look(page, scheme, "about");
}

// Every sample that is called good passes, and no other does.
async function trySamples(page) {
	const all = await page.$$eval("#sample option", (list) => list.map((one) => [one.value, one.textContent]));
	expect("every sample has a label of its own", new Set(all.map(([name, title]) => title)).size === all.length);
	for (const [name, title] of all) {
		await sample(page, name);
		const good = /^Good|HTTP request|Log of|ebXML|archive/.test(title), passed = (await page.textContent("#outcome-title")).startsWith("Conformant");
		if (name !== "la-upload.tar.gz")
			expect("the sample " + name + " is " + (good ? "good" : "bad"), good === passed);
	}
}

// 20,000 records: how far the check is can be read, and the page stays usable meanwhile.
async function tryLarge(page) {
	await page.evaluate(() => {
		window.seen = [];
		new MutationObserver(() => window.seen.push(document.getElementById("working-text").textContent))
			.observe(document.getElementById("working-text"), { childList: true, characterData: true, subtree: true });
		document.getElementById("results").hidden = true;
		window.turns = 0;
		window.clock = setInterval(() => window.turns++, 10);
	});
	await page.check("#kind-messages");
	await page.setInputFiles("#file-files", path.join(folder, "..", "large.xml"));
	await answered(page);
	const [seen, turns] = await page.evaluate(() => {
		clearInterval(window.clock);
		return [window.seen, window.turns];
	});
	expect("a large upload passes", (await page.textContent("#outcome-title")).startsWith("Conformant"));
	expect("it is said how far the check is", seen.some((text) => /[0-9]%/.test(text)));
	expect("the page lives meanwhile", turns > 10);
	expect("the source of a large upload is shown in part", await page.locator(".code li").count() > 5);
}

async function main() {
	const browser = await chromium.launch({ executablePath: browserPath, args: flags });
	for (const scheme of ["light", "dark"]) {
		const context = await browser.newContext({ colorScheme: scheme, acceptDownloads: true, viewport: { width: 1280, height: 900 } });
		const page = await context.newPage();
		page.setDefaultTimeout(120000); // a machine may be busy
		page.on("pageerror", (error) => fault(error.message));
		page.on("console", (message) => { if (["error", "warning"].includes(message.type())) fault("console: " + message.text()); });
		page.on("request", (request) => {
			const to = request.url();
			if (inBrowser && to.split("#")[0] !== address && !to.startsWith("blob:"))
				fault("a request to " + to);
		});
		await page.goto(address);
		await page.waitForSelector("html[data-ready]");
		await page.evaluate(axe);
		await useIt(page, scheme);
		await useMore(page, scheme);
		if (scheme === "light") {
			await page.goto(address + "#check");
			await tryMasking(page);
			await trySamples(page);
			await tryLarge(page);
		}
		await context.close();
	}
	await browser.close();
	console.log(faults ? faults + " faults" : "no faults in " + looks + " looks");
	process.exit(faults ? 1 : 0);
}

main().catch((error) => {
	console.log("FAULT " + error.stack);
	process.exit(1);
});
