// check-lsp.js PROGRAM MESSAGE - see check-lsp.
const { spawn } = require('child_process');
const fs = require('fs');
const path = require('path');
const { performance } = require('perf_hooks');
const p = require('vscode-languageserver-protocol/node');

const [program, file] = process.argv.slice(2);
const uri = 'file://' + path.resolve(file);
const good = fs.readFileSync(file, 'utf8');

function check(holds, claim) {
	if (!holds) {
		console.error(`check-lsp: FAILED: ${claim}`);
		process.exit(1);
	}
	console.log(`check-lsp: ${claim}`);
}

function at(text, what, more = 0) {
	const before = text.slice(0, text.indexOf(what)).split('\n');
	return { line: before.length - 1, character: before[before.length - 1].length + more };
}

function apply(text, edits) {
	const lines = text.split('\n');
	const offset = (place) =>
		lines.slice(0, place.line).reduce((sum, line) => sum + line.length + 1, 0) + place.character;
	for (const edit of [...edits].reverse())
		text = text.slice(0, offset(edit.range.start)) + edit.newText + text.slice(offset(edit.range.end));
	return text;
}

async function main() {
	const server = spawn(program, ['lsp'], { stdio: ['pipe', 'pipe', 'inherit'] });
	const connection = p.createProtocolConnection(new p.StreamMessageReader(server.stdout),
		new p.StreamMessageWriter(server.stdin));
	let next;
	connection.onNotification(p.PublishDiagnosticsNotification.type, (found) => next(found.diagnostics));
	const findings = () => new Promise((resolve) => { next = resolve; });
	connection.listen();
	const { capabilities } = await connection.sendRequest(p.InitializeRequest.type,
		{ processId: process.pid, rootUri: null, capabilities: {} });
	check(capabilities.hoverProvider && capabilities.codeActionProvider, 'the server says what it can do');
	await connection.sendNotification(p.InitializedNotification.type, {});

	let waiting = findings();
	await connection.sendNotification(p.DidOpenTextDocumentNotification.type,
		{ textDocument: { uri, languageId: 'xml', version: 1, text: good } });
	check((await waiting).length === 0, 'a good message has no findings');

	// The 19th month does not exist.
	const start = at(good, '202610141205+0100', 5);
	const range = { start, end: { line: start.line, character: start.character + 1 } };
	let slowest = 0, found;
	for (let version = 2; version < 22; version += 2) {
		for (const text of ['9', '0']) {
			waiting = findings();
			const before = performance.now();
			await connection.sendNotification(p.DidChangeTextDocumentNotification.type,
				{ textDocument: { uri, version }, contentChanges: [{ range, text }] });
			const now = await waiting;
			slowest = Math.max(slowest, performance.now() - before);
			found = text === '9' ? now : found;
			check(text === '9' ? now.length > 0 : now.length === 0,
				text === '9' ? 'a wrong date is found' : 'and gone when it is right');
		}
	}
	check(found.some((one) => one.code === 'DAT-001'), 'the finding names DAT-001');
	console.log(`check-lsp: the slowest of 20 answers took ${slowest.toFixed(1)} ms`);
	check(slowest < 50, 'every answer comes within 50 ms');

	// A UTC offset of two digits can be fixed.
	const short = at(good, '202610141205+0100', 15);
	const wrong = { range: { start: short, end: { line: short.line, character: short.character + 2 } }, text: '' };
	waiting = findings();
	await connection.sendNotification(p.DidChangeTextDocumentNotification.type,
		{ textDocument: { uri, version: 30 }, contentChanges: [wrong] });
	const [short_found] = await waiting;
	check(short_found.code === 'DAT-013', 'a short UTC offset is found');
	const hover = await connection.sendRequest(p.HoverRequest.type,
		{ textDocument: { uri }, position: short_found.range.start });
	check(hover.contents.value.includes('DAT-013'), 'hovering explains it');
	const actions = await connection.sendRequest(p.CodeActionRequest.type,
		{ textDocument: { uri }, range: short_found.range, context: { diagnostics: [short_found] } });
	const fix = actions.find((one) => one.title.startsWith('Fix DAT-013'));
	check(fix, 'a fix is offered');
	const text = apply(apply(good, [{ range: wrong.range, newText: '' }]), fix.edit.changes[uri]);
	check(text === good, 'the fix gives the good message again, byte for byte');
	waiting = findings();
	await connection.sendNotification(p.DidChangeTextDocumentNotification.type,
		{ textDocument: { uri, version: 31 }, contentChanges: [{ text }] });
	check((await waiting).length === 0, 'and nothing is found any more');

	const symbols = await connection.sendRequest(p.DocumentSymbolRequest.type, { textDocument: { uri } });
	check(JSON.stringify(symbols).includes('record 1'), 'the outline has the record');
	const items = await connection.sendRequest(p.CompletionRequest.type,
		{ textDocument: { uri }, position: at(good, 'use="EC"', 5) });
	check(items.some((one) => one.label === 'WP'), 'codes are completed');
	await connection.sendRequest(p.ShutdownRequest.type);
	await connection.sendNotification(p.ExitNotification.type);
	server.on('exit', (code) => check(code === 0, 'the server leaves with exit code 0'));
}

main().catch((error) => {
	console.error(`check-lsp: FAILED: ${error}`);
	process.exit(1);
});
