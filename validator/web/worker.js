// The worker: it holds the judge, gives it files in memory, and answers the page. It comes after judge.js in one script.

const page = { rules: [], formats: [], layers: [], problems: [], progress: null };
const folder = "/in";
let judge = null;

function call(name, result, ...parameters) {
	return judge.ccall(name, result, parameters.map((one) => (typeof one === "string" ? "string" : "number")), parameters);
}

function failure() {
	return { failure: call("web_failure", "string"), problems: page.problems.slice() };
}

async function start(message) {
	const options = { page: page, wasmBinary: message.wasm, print: () => {}, printErr: () => {} };
	judge = await self.cpisJudge(options);
	judge.FS.mkdir(folder);
	call("web_rules", null);
	call("web_formats", null);
	const names = ["id", "name", "title", "why", "fix", "citation", "severity", "basis", "family", "wrong_file", "says", "wrong",
		"right_file", "right", "wrong_line", "wrong_column", "right_line"];
	return {
		version: call("web_version", "string"),
		rules: page.rules.map((rule) => Object.fromEntries(rule.map((value, i) => [names[i], value]))),
		formats: page.formats,
	};
}

function removeAll(path) {
	const FS = judge.FS;
	for (const name of FS.readdir(path)) {
		if (name === "." || name === "..")
			continue;
		const below = path + "/" + name;
		if (FS.isDir(FS.stat(below).mode)) {
			removeAll(below);
			FS.rmdir(below);
		} else {
			FS.unlink(below);
		}
	}
}

// A file beyond the limit is there with its size alone: the judge refuses it before it reads.
async function write(file, limit) {
	const path = folder + "/" + file.name;
	judge.FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
	if (file.blob.size > limit) {
		judge.FS.writeFile(path, "");
		judge.FS.lookupPath(path).node.usedBytes = file.blob.size;
		return;
	}
	judge.FS.writeFile(path, new Uint8Array(await file.blob.arrayBuffer()), { canOwn: true });
}

// A pack that is packed, into a folder of its own; what is there then is the pack's folder or file.
function unpack(name) {
	return call("web_unpack", "number", name, "pack") === 0 ? findPack("pack") : null;
}

// The folder with pack.yaml that is nearest to the top.
function findPack(path) {
	const FS = judge.FS, below = FS.readdir(path).filter((name) => name !== "." && name !== "..").sort();
	if (below.includes("pack.yaml"))
		return path;
	for (const name of below) {
		const found = FS.isDir(FS.stat(path + "/" + name).mode) ? findPack(path + "/" + name) : null;
		if (found)
			return found;
	}
	return null;
}

function isFolder(path) {
	return judge.FS.isDir(judge.FS.stat(path).mode);
}

// Those of the files that a command would name: the folders and files at the top.
function namesAtTop(files) {
	return [...new Set(files.map((file) => file.name.split("/")[0]))];
}

function runPack(job) {
	const packs = namesAtTop(job.files), evidence = namesAtTop(job.evidence || []);
	let pack = isFolder(packs[0]) ? findPack(packs[0]) : packs[0];
	if (pack && /\.(zip|tar|tgz|gz)$/i.test(pack))
		pack = unpack(pack);
	if (!pack)
		return { failure: "there is no pack.yaml in " + packs[0], problems: [] };
	call("web_input", "number", pack);
	if (evidence.length)
		call("web_input", "number", job.evidenceFolder || evidence[0]);
	return call("web_run", "number") === 0 ? null : failure();
}

async function check(message) {
	const job = message.job;
	page.problems.length = 0;
	judge.FS.chdir("/");
	call("web_begin", null);
	removeAll(folder);
	for (const file of job.files.concat(job.evidence || []))
		await write(file, job.limit);
	judge.FS.chdir(folder);
	for (const [name, value] of job.options)
		if (call("web_option", "number", name, value) !== 0)
			return failure();
	for (const word of job.command)
		call("web_word", "number", word);
	const at = { done: 0, total: 0, read: 0, bytes: 0 };
	const tell = (more) => self.postMessage({ id: message.id, progress: Object.assign(at, more) });
	page.progress = (done, total) => tell({ done: done, total: total, read: 0, bytes: 0 });
	page.reading = (read, bytes) => tell({ read: read, bytes: bytes });
	if (job.kind === "pack") {
		const failed = runPack(job);
		if (failed)
			return failed;
	} else {
		for (const name of job.kind === "pair" ? job.files.map((file) => file.name) : namesAtTop(job.files))
			call("web_input", "number", name);
		if (call(job.kind === "pair" ? "web_pair" : "web_validate", "number") !== 0)
			return failure();
	}
	const text = reportBytes("json");
	return text ? { results: JSON.parse(new TextDecoder().decode(text)) } : failure();
}

function reportBytes(format) {
	const at = call("web_report", "number", format);
	return at ? judge.HEAPU8.slice(at, at + call("web_report_bytes", "number")) : null;
}

function report(message) {
	const bytes = reportBytes(message.format);
	return bytes ? { bytes: bytes } : failure();
}

function layers(message) {
	page.layers.length = 0;
	return call("web_inspect", "number", message.name) === 0 ? { layers: page.layers.slice() } : failure();
}

function masked(message) {
	const at = judge._malloc(message.bytes.length + 1);
	if (!at)
		return { failure: "out of memory" };
	judge.HEAPU8.set(message.bytes, at);
	const text = call("web_mask", "number", at, message.bytes.length);
	judge._free(at);
	return text ? { bytes: judge.HEAPU8.slice(text, text + call("web_report_bytes", "number")) } : failure();
}

// A file of a pack that was unpacked, for its source.
function read(message) {
	try {
		return { bytes: judge.FS.readFile(folder + "/" + message.name) };
	} catch (missing) {
		return { bytes: null };
	}
}

const calls = { start: start, check: check, report: report, layers: layers, masked: masked, read: read };

self.onmessage = async function (event) {
	const message = event.data;
	try {
		self.postMessage({ id: message.id, answer: await calls[message.call](message) });
	} catch (error) {
		self.postMessage({ id: message.id, broken: String(error && error.message || error) });
	}
};
