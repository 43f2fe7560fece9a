// check-job.js FILE... - each FILE is a Job that Kubernetes takes: by the schema of batch/v1, in the package
// kubernetes-models. That schema lets members pass that it does not know; whatever was never looked at is
// therefore reported too. An Indexed Job must say to its pods how many there are.
const fs = require("fs");
const yaml = require("yaml");
const { Job } = require("kubernetes-models/batch/v1");

// A copy that notes which members were asked for.
function watched(value, place, unseen) {
	if (value === null || typeof value !== "object") return value;
	const copy = Array.isArray(value) ? [] : {};
	for (const name of Object.keys(value)) {
		copy[name] = watched(value[name], `${place}/${name}`, unseen);
		if (!Array.isArray(value)) unseen.add(`${place}/${name}`);
	}
	const seen = (name) => unseen.delete(`${place}/${String(name)}`);
	return new Proxy(copy, {
		get(target, name) {
			seen(name);
			return target[name];
		},
		ownKeys(target) {
			Object.keys(target).forEach(seen);
			return Reflect.ownKeys(target);
		},
	});
}

function problems(job) {
	const unseen = new Set();
	// The constructor copies: what it validates is put in afterwards.
	const model = new Job({ metadata: {}, spec: {} });
	for (const name of Object.keys(job)) model[name] = watched(job[name], `/${name}`, unseen);
	const found = [];
	try {
		model.validate();
	} catch (error) {
		found.push(error.message);
	}
	for (const name of Object.keys(job))
		if (!["apiVersion", "kind", "metadata", "spec"].includes(name)) found.push(`unknown: /${name}`);
	for (const place of unseen) found.push(`unknown: ${place}`);
	const spec = job.spec || {};
	if (spec.completionMode === "Indexed")
		for (const container of spec.template?.spec?.containers || []) {
			const count = (container.env || []).find((one) => one.name === "JOB_COMPLETION_COUNT");
			if (!count || count.value !== String(spec.completions))
				found.push("JOB_COMPLETION_COUNT is not spec.completions");
		}
	return found;
}

function must(job, change, what) {
	const wrong = JSON.parse(JSON.stringify(job));
	change(wrong);
	if (problems(wrong).length === 0) {
		console.error(`check-job: ${what} is not found`);
		process.exitCode = 1;
	}
}

for (const file of process.argv.slice(2)) {
	const job = yaml.parse(fs.readFileSync(file, "utf8"));
	const found = problems(job);
	for (const problem of found) console.error(`${file}: ${problem}`);
	if (found.length) process.exitCode = 1;
	// The check itself finds what is wrong.
	must(job, (j) => (j.spec.template.spec.restartPolicies = "Never"), "an unknown member");
	must(job, (j) => (j.spec.parallelism = "four"), "a word in place of a number");
	must(job, (j) => delete j.spec.template, "a missing template");
	must(job, (j) => (j.kind = "Jobs"), "a wrong kind");
	if (!process.exitCode) console.log(`${file}: a Job of batch/v1`);
}
