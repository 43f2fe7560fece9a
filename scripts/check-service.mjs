// check-service.mjs TOOLS OPENAPI SERVICE - the description is valid, every operation answers with a status that it lists, and
// an example of a request gets an answer with all that the example of the same name in the answer has.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [tools, file, service] = process.argv.slice(2);
const { Validator } = await import(pathToFileURL(tools + "/node_modules/@seriousme/openapi-schema-validator/index.js"));
const description = JSON.parse(readFileSync(file, "utf8"));
let wrong = 0, asked = 0;

function fail(text) {
	console.error("check-service: " + text);
	wrong = 1;
}

const result = await new Validator().validate(structuredClone(description));
if (!result.valid)
	fail("/openapi.json is not valid: " + JSON.stringify(result.errors).slice(0, 2000));

// Everything in the example is in the answer, in its place.
function has(answer, example) {
	if (example === null || typeof example !== "object")
		return answer === example;
	return answer !== null && typeof answer === "object" && Object.keys(example).every((key) => has(answer[key], example[key]));
}

async function ask(method, path, operation, body, type, example) {
	const answer = await fetch(service + path, { method: method, body: body, headers: type ? { "Content-Type": type } : {} });
	const text = await answer.text(), about = method + " " + path;
	asked++;
	if (!operation.responses[answer.status])
		fail(about + " is answered with " + answer.status + ", which it does not list");
	const listed = operation.responses[answer.status]?.content ?? {}, got = answer.headers.get("content-type").split(";")[0];
	if (!listed[got])
		fail(about + " is answered with " + got + ", which it does not list");
	const wanted = example ?? listed[got]?.example;
	if (wanted && answer.status === 200 && !has(got.endsWith("json") ? JSON.parse(text) : text, wanted))
		fail(about + ": the answer is not that of the example: " + text.slice(0, 300));
}

for (const [path, item] of Object.entries(description.paths)) {
	for (const [method, operation] of Object.entries(item)) {
		const parameters = operation.parameters ?? [];
		const there = path.replace(/\{(\w+)\}/g, (all, name) => parameters.find((one) => one.name === name)?.example ?? "none");
		const bodies = Object.entries(operation.requestBody?.content ?? {});
		const examples = bodies.flatMap(([type, body]) => Object.entries(body.examples ?? {}).map(([name, one]) => [type, name, one.value]));
		for (const [type, name, value] of examples)
			await ask(method.toUpperCase(), there, operation, value, type,
				(operation.responses[200].content["application/json"] ?? operation.responses[200].content["text/plain"]).examples[name].value);
		if (!examples.length)
			await ask(method.toUpperCase(), there, operation, method === "post" ? "x" : undefined, null, null);
	}
}
console.log("OpenAPI: valid, " + asked + " requests answered as it says");
process.exit(wrong);
