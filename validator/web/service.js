// The judge on the server that the page is from. It offers what browser.js offers: `judge`.

const judge = (function () {
	const READ_LIMIT = 256 * 1024 * 1024; // of a file whose source is shown
	let token = "", packs = [], last = null, stop = null;

	// A token is asked for when the server wants one, and is kept as long as the page is open.
	function askForToken(again) {
		return new Promise(function (resolve, reject) {
			const input = element("input", { type: "password", id: "token", autocomplete: "off", required: true });
			const form = element("form", { method: "dialog" }, element("h2", { id: "token-title" }, "This service needs a token"),
				again ? element("p", {}, "The service does not know that token.") : null,
				element("div", { class: "field" }, element("label", { for: "token" }, "Token"), input),
				element("div", { class: "buttons" }, element("button", { value: "use" }, "Continue"),
					element("button", { type: "button", class: "plain", onclick: () => dialog.close("") }, "Cancel")));
			const dialog = element("dialog", { class: "dialog", "aria-labelledby": "token-title" }, form);
			dialog.addEventListener("close", function () {
				dialog.remove();
				if (dialog.returnValue === "use" && input.value)
					resolve(input.value.trim());
				else
					reject(new Error("cancelled"));
			});
			document.body.append(dialog);
			dialog.showModal();
		});
	}

	// As fetch, which does not say how much of a body is sent. The server reads as fast as it judges.
	function sendTelling(path, init, onProgress) {
		return new Promise(function (resolve, reject) {
			const request = new XMLHttpRequest();
			request.open(init.method, path);
			for (const [name, value] of Object.entries(init.headers))
				request.setRequestHeader(name, value);
			request.responseType = "blob";
			request.upload.onprogress = (event) => onProgress({ read: event.loaded, bytes: event.total, sending: true });
			request.onload = () => resolve(new Response(request.response, { status: request.status, statusText: request.statusText }));
			request.onerror = () => reject(new Error("the server cannot be reached"));
			request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
			init.signal.addEventListener("abort", () => request.abort());
			request.send(init.body);
		});
	}

	async function send(path, init, onProgress) {
		for (let again = false;; again = true) {
			const headers = token ? { Authorization: "Bearer " + token } : {};
			const answer = onProgress ? await sendTelling(path, { ...init, headers: headers }, onProgress)
				: await fetch(path, { ...init, headers: headers, cache: "no-store", credentials: "omit", redirect: "error" });
			if (answer.status !== 401)
				return answer;
			token = await askForToken(again);
		}
	}

	// Several files travel in an archive of ours, which no one needs to know of: its members are called as they were sent.
	function withoutArchive(value) {
		if (typeof value === "string")
			return value === "messages.zip" ? "the files" : value.replace(/(^|[\s"'(,])messages\.zip!/g, "$1");
		if (Array.isArray(value))
			return value.map(withoutArchive);
		return value && typeof value === "object"
			? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withoutArchive(one)])) : value;
	}

	async function problemOf(answer) {
		try {
			return (await answer.json()).detail || answer.statusText;
		} catch (notJson) {
			return answer.status + " " + answer.statusText;
		}
	}

	async function json(path) {
		const answer = await send(path, {});
		if (!answer.ok)
			throw new Error(await problemOf(answer));
		return answer.json();
	}

	// Zip, without compression: what several files travel in.

	const table = Uint32Array.from({ length: 256 }, function (unused, i) {
		for (let k = 0; k < 8; k++)
			i = i & 1 ? i >>> 1 ^ 0xedb88320 : i >>> 1;
		return i;
	});

	function sumOf(bytes) {
		let sum = 0xffffffff;
		for (const byte of bytes)
			sum = table[(sum ^ byte) & 255] ^ sum >>> 8;
		return (sum ^ 0xffffffff) >>> 0;
	}

	function record(signature, fields) {
		const bytes = new DataView(new ArrayBuffer(4 + fields.reduce((n, [width]) => n + width, 0)));
		let at = 4;
		bytes.setUint32(0, signature, true);
		for (const [width, value] of fields) {
			if (width === 2)
				bytes.setUint16(at, value, true);
			else
				bytes.setUint32(at, value, true);
			at += width;
		}
		return bytes;
	}

	async function zipOf(files) {
		const parts = [], directory = [];
		let at = 0, directoryBytes = 0;
		for (const file of files) {
			const name = new TextEncoder().encode(file.name), bytes = new Uint8Array(await file.blob.arrayBuffer());
			const common = [[2, 0x0800], [2, 0], [2, 0], [2, 0x21], [4, sumOf(bytes)], [4, bytes.length], [4, bytes.length],
				[2, name.length], [2, 0]];
			const head = record(0x04034b50, [[2, 20], ...common]);
			const entry = record(0x02014b50, [[2, 20], [2, 20], ...common, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]);
			parts.push(head, name, bytes);
			directory.push(entry, name);
			at += head.byteLength + name.length + bytes.length;
			directoryBytes += entry.byteLength + name.length;
		}
		const end = record(0x06054b50, [[2, 0], [2, 0], [2, files.length], [2, files.length], [4, directoryBytes], [4, at], [2, 0]]);
		return new Blob([...parts, ...directory, end]);
	}

	// What is sent for a job.
	async function requestOf(job) {
		const query = new URLSearchParams(job.chosen.map(([name, value]) => [name, name === "show-values" ? "yes" : value]));
		if (job.kind === "pair") {
			const form = new FormData();
			form.append("request", job.files[0].blob, job.files[0].name);
			form.append("response", job.files[1].blob, job.files[1].name);
			query.delete("as");
			return { path: "/validate/pair", query: query, body: form };
		}
		const files = job.kind === "pack" ? job.evidence || [] : job.files;
		const one = files.length === 1 && !files[0].name.includes("/");
		const body = one ? files[0].blob : files.length ? await zipOf(files) : null;
		if (job.kind === "pack") {
			query.delete("as");
			return { path: "/packs/" + encodeURIComponent(job.pack) + "/run", query: query, body: body };
		}
		query.set("name", one ? files[0].name.slice(-80) : "messages.zip");
		return { path: "/validate", query: query, body: body, packed: !one };
	}

	async function ask(format, onProgress) {
		const query = new URLSearchParams(last.query);
		query.set("out", format);
		stop = new AbortController();
		const body = last.body instanceof Blob ? last.body.slice(0, last.body.size, "application/octet-stream") : last.body;
		return send(last.path + "?" + query, { method: "POST", body: body, signal: stop.signal }, onProgress);
	}

	return {
		inBrowser: false,
		limit: READ_LIMIT,
		options: [],
		start: async function () {
			const [rules, health] = await Promise.all([json("/rules"), json("/health")]);
			const formats = ["text", "json", "html", "certificate", "junit", "sarif", "codequality", "tap", "csv", "md", "xml"];
			return { version: health.version, rules: rules, formats: formats.map((name) => [name, ""]) };
		},
		check: async function (job, onProgress) {
			last = await requestOf(job);
			try {
				const answer = await ask("json", onProgress);
				if (answer.ok)
					return { results: last.packed ? withoutArchive(await answer.json()) : await answer.json() };
				return { failure: await problemOf(answer), problems: [] };
			} catch (error) {
				if (error.name === "AbortError")
					throw new Error("cancelled");
				throw error;
			}
		},
		report: async function (format) {
			const answer = await ask(format);
			if (!answer.ok)
				throw new Error(await problemOf(answer));
			return answer.blob();
		},
		layers: async function (name, file) {
			const query = new URLSearchParams({ name: file.name.slice(-80) });
			const answer = await send("/inspect?" + query, { method: "POST", body: file.blob.slice(0, file.blob.size, "application/octet-stream") });
			return answer.ok ? answer.json() : { failure: await problemOf(answer) };
		},
		masked: async function (text) {
			const answer = await send("/mask", { method: "POST", body: new Blob([text], { type: "application/octet-stream" }) });
			if (!answer.ok)
				throw new Error(await problemOf(answer));
			return answer.text();
		},
		example: async (id) => (await json("/rules/" + encodeURIComponent(id))).example,
		packs: async function () {
			packs = (await json("/packs")).map((one) => one.name);
			return packs;
		},
		cancel: () => stop && stop.abort(),
	};
}());
