// What scripts/check-wasm compares.
"use strict";

const fs = require("fs");
const path = require("path");
const { spawnSync } = require("child_process");

const [, , programPath, ...words] = process.argv;
const program = path.resolve(programPath);
const step = words.includes("--tenth") ? 10 : 1;
const now = "2026-11-28T12:00:00Z";
const makeJudge = require(path.resolve("build/wasm/judge.js"));
const wasm = fs.readFileSync("build/wasm/judge.wasm");

const page = { rules: [], formats: [], layers: [], problems: [] };
let judge, compared = 0, differences = 0;

function call(name, result, ...parameters) {
	const types = parameters.map((one) => (typeof one === "string" ? "string" : "number"));
	return judge.ccall(name, result, types, parameters);
}

function filesBelow(folder) {
	return fs.readdirSync(folder, { withFileTypes: true }).flatMap(function (entry) {
		const whole = path.join(folder, entry.name);
		return entry.isDirectory() ? filesBelow(whole) : [whole];
	}).sort();
}

// The files of a folder as they are on disk, at the same path.
function copyIn(folder) {
	for (const file of filesBelow(folder)) {
		judge.FS.mkdirTree("/" + path.dirname(file));
		judge.FS.writeFile("/" + file, fs.readFileSync(file));
	}
}

function report(status) {
	if (status !== 0)
		return "failure: " + call("web_failure", "string");
	const at = call("web_report", "number", "json");
	return Buffer.from(judge.HEAPU8.subarray(at, at + call("web_report_bytes", "number"))).toString();
}

// The options of NAME.xml.args, if the page knows them all; null: it does not.
function optionsOf(file) {
	const given = fs.existsSync(file + ".args") ? fs.readFileSync(file + ".args", "utf8").trim().split(/\s+/) : [];
	const options = { pairs: [], words: given, request: null };
	for (let i = 0; i < given.length; i++) {
		const name = given[i].replace(/^--/, "");
		if (name === "request")
			options.request = given[++i];
		else if (name === "response" && i === given.length - 1)
			continue; // the file itself
		else if (name === "show-values")
			options.pairs.push([name, ""]);
		else if (["as", "environment", "fail-on", "now", "profile", "stages"].includes(name))
			options.pairs.push([name, given[++i]]);
		else
			return null;
	}
	return options;
}

function byProgram(folder, parameters) {
	const ran = spawnSync(program, parameters, { cwd: folder, maxBuffer: 1 << 30 });
	return ran.stdout.length ? ran.stdout.toString() : "failure: " + ran.stderr.toString().trim().replace(/^cpis: /, "");
}

function compare(name, expected, found) {
	compared++;
	if (expected === found)
		return;
	differences++;
	let at = 0;
	while (expected[at] === found[at])
		at++;
	console.log("DIFFERS " + name + " at byte " + at + "\n  program: " +
		JSON.stringify(expected.slice(Math.max(0, at - 60), at + 120)) + "\n  browser: " +
		JSON.stringify(found.slice(Math.max(0, at - 60), at + 120)));
}

// words: of the command that the program ran, which the reports show.
function begin(options, words) {
	call("web_begin", null);
	for (const word of ["cpis", ...words])
		call("web_word", "number", word);
	for (const [name, value] of [["now", now], ...options.pairs])
		if (call("web_option", "number", name, value) !== 0)
			throw new Error("option " + name + ": " + call("web_failure", "string"));
}

function checkMessage(file) {
	const folder = path.dirname(file), name = path.basename(file);
	const options = optionsOf(file);
	if (!options) {
		console.log("left out: " + file + " needs options that the page does not have");
		return;
	}
	const pair = options.request !== null;
	const clock = options.words.includes("--now") ? [] : ["--now", now];
	const command = ["validate", ...clock, "--report", "json", ...options.words, name];
	const expected = byProgram(folder, command);
	judge.FS.chdir("/" + folder);
	begin(options, command);
	for (const input of pair ? [options.request, name] : [name])
		call("web_input", "number", input);
	compare(file, expected, report(call(pair ? "web_pair" : "web_validate", "number")));
}

// A file that is too large to be mapped into memory at once, and one that is beyond a limit.
function checkLarge() {
	const folder = "build/wasm/large";
	fs.mkdirSync(folder, { recursive: true });
	fs.writeFileSync(folder + "/large.xml", spawnSync("scripts/make-upload", ["3000"], { maxBuffer: 1 << 30 }).stdout);
	copyIn(folder);
	judge.FS.chdir("/" + folder);
	for (const options of [[], [["max-input", "1000000"]], [["max-decoded", "1000"]]]) {
		const command = ["validate", "--now", now, "--report", "json", ...options.flatMap(([name, value]) => ["--" + name, value]), "large.xml"];
		begin({ pairs: options }, command);
		call("web_input", "number", "large.xml");
		compare("large.xml " + options.join(" "), byProgram(folder, command), report(call("web_validate", "number")));
	}
}

function checkFolder(folder) {
	const command = ["validate", "--now", now, "--report", "json", folder];
	judge.FS.chdir("/");
	begin({ pairs: [] }, command);
	call("web_input", "number", folder);
	compare(folder, byProgram(".", command), report(call("web_validate", "number")));
}

function checkPack(pack, evidence) {
	const command = ["run", pack, "--now", now, "--report", "json", ...(evidence ? ["--evidence", evidence] : [])];
	judge.FS.chdir("/");
	begin({ pairs: [] }, command);
	call("web_input", "number", pack);
	if (evidence)
		call("web_input", "number", evidence);
	compare(pack + (evidence ? " with " + evidence : ""), byProgram(".", command), report(call("web_run", "number")));
}

async function main() {
	judge = await makeJudge({ page, wasmBinary: wasm });
	copyIn("testcases");
	const isMessage = (file) => !/\.(args|md|txt)$|gitattributes|second-opinion/.test(file);
	const files = ["rules", "hostile", "messages", "transport", "schematron"]
		.flatMap((one) => filesBelow("testcases/" + one)).filter(isMessage);
	files.filter((file, i) => i % step === 0 || file.includes("/transport/")).forEach(checkMessage);
	for (const folder of ["testcases/messages", "testcases/transport", "testcases/hostile"])
		checkFolder(folder);
	for (const pack of fs.readdirSync("testcases/packs").map((one) => "testcases/packs/" + one)) {
		checkPack(pack);
		checkPack(pack + "/certify.yaml", pack + "/evidence");
	}
	checkLarge();
	console.log(compared + " compared, " + (differences ? differences + " differ" : "all the same"));
	process.exit(differences ? 1 : 0);
}

main();
