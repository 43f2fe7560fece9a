// The judge in the browser: a worker of this page, which holds it. The page sees `judge` alone: see service.js for the same
// in front of a server.

const judge = (function () {
	const LIMIT = 256 * 1024 * 1024; // of a file, and of what is decoded of it
	let worker = null, ready = null, last = 0, started = null;
	const waiting = new Map();

	function bytesOf(base64) {
		const text = atob(base64.trim()), bytes = new Uint8Array(text.length);
		for (let i = 0; i < text.length; i++)
			bytes[i] = text.charCodeAt(i);
		return bytes;
	}

	async function inflated(bytes) {
		const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
		return new Uint8Array(await new Response(stream).arrayBuffer());
	}

	async function textOfBlock(id) {
		return new TextDecoder().decode(await inflated(bytesOf(byId(id).textContent)));
	}

	function ask(message, onProgress) {
		return new Promise(function (resolve, reject) {
			message.id = ++last;
			waiting.set(message.id, { resolve: resolve, reject: reject, onProgress: onProgress });
			worker.postMessage(message);
		});
	}

	function hear(event) {
		const message = event.data, one = waiting.get(message.id);
		if (!one)
			return;
		if (message.progress) {
			if (one.onProgress)
				one.onProgress(message.progress);
			return;
		}
		waiting.delete(message.id);
		if (message.broken)
			one.reject(new Error(message.broken));
		else
			one.resolve(message.answer);
	}

	async function begin() {
		const [script, wasm] = await Promise.all([textOfBlock("worker"), inflated(bytesOf(byId("wasm").textContent))]);
		const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
		worker = new Worker(address);
		worker.onmessage = hear;
		worker.onerror = (event) => stop(event.message || "the checker stopped");
		const answer = await ask({ call: "start", wasm: wasm });
		URL.revokeObjectURL(address);
		started = started || answer;
		return started;
	}

	function start() {
		ready = ready || begin();
		return ready;
	}

	// The worker cannot be interrupted in its work: a new one takes its place.
	function stop(reason) {
		if (worker)
			worker.terminate();
		worker = null;
		ready = null;
		for (const one of waiting.values())
			one.reject(new Error(reason));
		waiting.clear();
	}

	async function withWorker(message, onProgress) {
		await start();
		try {
			return await ask(message, onProgress);
		} catch (broken) {
			stop("the checker stopped");
			throw broken;
		}
	}

	return {
		inBrowser: true,
		start: start,
		limit: LIMIT,
		options: [["max-input", String(LIMIT)], ["max-decoded", String(LIMIT)]],
		check: (job, onProgress) => withWorker({ call: "check", job: { ...job, limit: LIMIT } }, onProgress),
		report: async function (format) {
			const answer = await withWorker({ call: "report", format: format });
			if (answer.failure)
				throw new Error(answer.failure);
			return new Blob([answer.bytes]);
		},
		layers: (name) => withWorker({ call: "layers", name: name }),
		masked: async function (text) {
			const answer = await withWorker({ call: "masked", bytes: new TextEncoder().encode(text) });
			if (answer.failure)
				throw new Error(answer.failure);
			return new TextDecoder().decode(answer.bytes);
		},
		read: async (name) => (await withWorker({ call: "read", name: name })).bytes,
		cancel: () => stop("cancelled"),
	};
}());
