// What scripts/check-pages asks of each page.
"use strict";

const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const { HtmlValidate } = require("html-validate");

const [, , browserPath, folder, ...wanted] = process.argv;
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
	"--disable-component-update", "--disable-sync"];

// Not asked: the style of the text of a page, which libxslt decides.
const validator = new HtmlValidate({
	root: true,
	extends: ["html-validate:recommended"],
	rules: {
		"doctype-html": "off",
		"doctype-style": "off",
		"attribute-boolean-style": "off",
		"attribute-empty-style": "off",
		"void-style": "off",
		"long-title": "off",
		"no-trailing-whitespace": "off",
		"no-raw-characters": "off",
		"tel-non-breaking": "off",
		"require-sri": "off",
		"prefer-native-element": "off",
	},
});

let faults = 0, looks = 0;

function fault(page, what) {
	faults++;
	console.log("FAULT " + page + ": " + what);
}

async function checkMarkup(name, file) {
	const report = await validator.validateString(fs.readFileSync(file, "utf8"));
	for (const result of report.results)
		for (const message of result.messages)
			fault(name, message.line + ":" + message.column + " " + message.ruleId + ": " + message.message);
}

async function checkAccess(page, name) {
	looks++;
	// A page allows no script but its own: axe is put in by the browser itself.
	await page.evaluate(axe);
	const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], elementRef: false }));
	for (const one of result.violations)
		fault(name, one.id + ": " + one.help + ": " + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | "));
}

async function look(browser, file, scheme) {
	const base = path.basename(file, ".html");
	const context = await browser.newContext({ colorScheme: scheme, bypassCSP: true });
	const page = await context.newPage();
	page.setDefaultTimeout(0); // a machine may be busy
	page.on("pageerror", (error) => fault(base, error.message));
	await page.goto("file://" + path.resolve(file));
	// As it is seen when it has been scrolled through.
	await page.addStyleTag({ content: "* { content-visibility: visible !important; scroll-behavior: auto !important }" });
	for (const width of [320, 1009, 1280]) {
		const name = base + " " + width + " " + scheme;
		await page.setViewportSize({ width, height: 1000 });
		const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
		if (wide > 0)
			fault(name, wide + " pixels are cut off sideways");
		await checkAccess(page, name);
		await page.screenshot({ path: path.join(folder, "shots", base + "-" + width + "-" + scheme + ".png"), fullPage: true });
	}
	await context.close();
}

function pagesOf(pdf) {
	return (pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) || []).length;
}

async function print(browser, file) {
	const name = path.basename(file, ".html") + " printed";
	const context = await browser.newContext({ bypassCSP: true });
	const page = await context.newPage();
	page.setDefaultTimeout(0); // a machine may be busy
	await page.goto("file://" + path.resolve(file));
	const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true,
		path: path.join(folder, "shots", path.basename(file, ".html") + ".pdf") });
	const count = pagesOf(pdf);
	if (file.endsWith("certificate.html") && count !== 1)
		fault(name, "a certificate is " + count + " pages");
	if (file.endsWith("sample-run.html") && count > 10)
		fault(name, "seven cases take " + count + " pages");
	await page.emulateMedia({ media: "print" });
	await checkAccess(page, name);
	await context.close();
	return count;
}

// Milliseconds that the page works on a keystroke in the search of a long report: the median of some words, typed.
async function type(browser, file) {
	const context = await browser.newContext({ bypassCSP: true });
	const page = await context.newPage();
	page.setDefaultTimeout(0);
	await page.goto("file://" + path.resolve(file));
	const session = await context.newCDPSession(page);
	await session.send("Performance.enable");
	const worked = async () => (await session.send("Performance.getMetrics")).metrics.find((one) => one.name === "TaskDuration").value;
	const box = page.locator("input[type=search]"), times = [];
	await box.click();
	await page.waitForTimeout(1000);
	for (const letter of "birth date 500 upl-001") {
		const before = await worked();
		await page.keyboard.type(letter);
		await page.waitForTimeout(400);
		times.push(1000 * (await worked() - before));
	}
	await context.close();
	times.sort((a, b) => a - b);
	const median = times[Math.floor(times.length / 2)];
	console.log("search in 5,000 findings: " + Math.round(median) + " ms a keystroke, " + Math.round(times[times.length - 1]) + " at most");
	if (median > 100)
		fault("long.html", "a keystroke in the search takes " + Math.round(median) + " ms");
}

async function main() {
	const html = path.join(folder, "html");
	const browser = await chromium.launch({ executablePath: browserPath, args: flags });
	const all = fs.readdirSync(html).filter((one) => one.endsWith(".html")).sort();
	for (const file of all.filter((one) => !wanted.length || wanted.includes(path.basename(one, ".html")))) {
		const whole = path.join(html, file);
		await checkMarkup(file, whole);
		for (const scheme of ["light", "dark"])
			await look(browser, whole, scheme);
		console.log(file + ": " + await print(browser, whole) + " pages on paper");
	}
	if (!wanted.length || wanted.includes("long"))
		await type(browser, path.join(folder, "long.html"));
	await browser.close();
	console.log(faults ? faults + " faults" : "no faults in " + looks + " looks");
	process.exit(faults ? 1 : 0);
}

main();
