/**
 * Stands in for `docker` on the agent's machine, which has no Docker daemon: `docker buildx create --driver docker-container` gets a
 * BuildKit daemon from the agent, `docker buildx rm` gives it back. Started by the launcher beside it (launchers.ts).
 */
// @ts-check
import { randomBytes } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { once } from "node:events";

import { runInForeground } from "../../../process.mjs";

const [socket = "", buildx = "", ...words] = process.argv.slice(2);

/** A command that this machine cannot carry out. */
class NotHere extends Error {}

/** Flags of `docker buildx create` (its own help): whether each takes a value, and why it is not here. */
const createFlags = /** @type {Record<string, { value: boolean, notHere?: string }>} */ ({
  "--append": { value: false, notHere: "a builder here has one node" },
  "--bootstrap": { value: false },
  "--buildkitd-config": { value: true, notHere: "the agent configures its BuildKit daemons itself" },
  "--config": { value: true, notHere: "the agent configures its BuildKit daemons itself" },
  "--buildkitd-flags": { value: true, notHere: "the agent configures its BuildKit daemons itself" },
  "--driver": { value: true },
  "--driver-opt": { value: true },
  "--leave": { value: false, notHere: "a builder here has one node" },
  "--name": { value: true },
  "--node": { value: true, notHere: "a builder here has one node" },
  "--platform": { value: true },
  "--timeout": { value: true },
  "--use": { value: false },
  "--debug": { value: false },
  "-D": { value: false },
});

/** Options of the driver that mean what is so here anyway. */
const idleOptions = new Set(["network=host", "default-load=false"]);

/**
 * @param {readonly string[]} args
 * @returns {{ flags: [string, string | undefined][], places: string[] }}
 */
function readCreate(args) {
  const flags = /** @type {[string, string | undefined][]} */ ([]);
  const places = [];
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] ?? "";
    if (!arg.startsWith("-")) {
      places.push(arg);
      continue;
    }
    const [name = "", ...rest] = arg.split("=");
    const known = createFlags[name];
    if (known === undefined) throw new NotHere(`docker buildx create has no flag ${name} here`);
    const value = rest.length > 0 ? rest.join("=") : known.value ? args[(at += 1)] : undefined;
    if (known.value && value === undefined) throw new NotHere(`flag needs an argument: ${name}`);
    flags.push([name, value]);
  }
  return { flags, places };
}

/** @param {string} method @param {string} path @returns {Promise<string>} */
async function ask(method, path) {
  const asked = request({ socketPath: socket, method, path, agent: false });
  const answered = once(asked, "response");
  asked.end();
  const [response] = await answered;
  const said = await text(response);
  if (response.statusCode !== 200) throw new Error(said);
  return said;
}

/** @param {readonly string[]} args */
async function create(args) {
  if (args.includes("--help") || args.includes("-h")) return runInForeground(buildx, ["create", ...args]);
  const { flags, places } = readCreate(args);
  const driver = flags.find(([name]) => name === "--driver")?.[1] ?? "docker-container";
  // Those need no Docker daemon: buildx can do them itself.
  if (driver !== "docker-container") return runInForeground(buildx, ["create", ...args]);
  for (const [name, value] of flags) {
    const notHere = createFlags[name]?.notHere;
    if (notHere !== undefined && value !== "false") throw new NotHere(`docker buildx create ${name}: ${notHere}`);
    if (name === "--driver-opt" && !idleOptions.has(value ?? "")) {
      throw new NotHere(`docker buildx create --driver-opt ${value}: the agent configures its BuildKit daemons itself`);
    }
  }
  if (places.length > 0) throw new NotHere(`docker buildx create ${places[0]}: this machine has no docker context`);
  const named = flags.some(([name]) => name === "--name")
    ? []
    : ["--name", `builder_${randomBytes(4).toString("hex")}`];
  const kept = flags
    .filter(([name]) => name !== "--driver" && name !== "--driver-opt")
    .map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
  const address = await ask("POST", "/");
  const code = await runInForeground(buildx, ["create", "--driver", "remote", ...named, ...kept, address]);
  if (code !== 0) await ask("DELETE", `/${encodeURIComponent(address)}`);
  return code;
}

/** @returns {Map<string, string[]>} addresses of the nodes of each builder that buildx knows */
function knownBuilders() {
  const { BUILDX_CONFIG, DOCKER_CONFIG, HOME } = process.env;
  const folder = join(BUILDX_CONFIG ?? join(DOCKER_CONFIG || join(HOME ?? "", ".docker"), "buildx"), "instances");
  const known = new Map();
  try {
    for (const name of readdirSync(folder)) {
      const { Nodes = [] } = JSON.parse(readFileSync(join(folder, name), "utf8"));
      known.set(
        name,
        Nodes.map((/** @type {{ Endpoint: string }} */ { Endpoint }) => Endpoint),
      );
    }
  } catch {
    // What buildx does not know yet, or any more, ends with the job.
  }
  return known;
}

/** @param {readonly string[]} args */
async function remove(args) {
  const before = knownBuilders();
  const code = await runInForeground(buildx, ["rm", ...args]);
  if (args.includes("--keep-daemon")) return code;
  const after = knownBuilders();
  for (const [name, addresses] of before) {
    for (const address of after.has(name) ? [] : addresses) await ask("DELETE", `/${encodeURIComponent(address)}`);
  }
  return code;
}

async function main() {
  const [command = "", verb = "", ...args] = words;
  if (command === "buildx" && verb === "create") return create(args);
  if (command === "buildx" && verb === "rm") return remove(args);
  throw new NotHere(
    `"docker ${words.slice(0, 2).join(" ")}" needs a Docker daemon, which this agent's machine does not have. It has docker buildx: make a builder with docker buildx create --driver docker-container, and build with docker buildx build or bake`,
  );
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    process.stderr.write(`ERROR: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
