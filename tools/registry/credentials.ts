/** Finds the credential for a registry where docker keeps it: `config.json`, or a credential helper that it names. */
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { UsageError } from "../errors";

/** What a registry is signed in to with: user and password, or an identity token that is changed for access tokens. */
export type Credential =
  | { readonly kind: "password"; readonly user: string; readonly password: string }
  | { readonly kind: "identity-token"; readonly token: string };

/** Asks the program `docker-credential-<helper>` for one server; the answer is its standard output. */
export type RunHelper = (helper: string, server: string, environment: NodeJS.ProcessEnv) => Promise<HelperAnswer>;

export interface HelperAnswer {
  /** Exit code. */
  readonly code: number;
  readonly output: string;
}

const entrySchema = z.looseObject({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});

const configSchema = z.looseObject({
  auths: z.record(z.string(), entrySchema).optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
  credsStore: z.string().optional(),
});

const helperSchema = z.looseObject({ Username: z.string(), Secret: z.string() });

/** The user name with which helpers mark an identity token. */
const tokenUser = "<token>";

/**
 * The credential for a registry as `docker login` left it; `undefined` when there is none, which is no error: many
 * registries let anyone read. `DOCKER_CONFIG` names the folder of `config.json`; default `~/.docker`.
 * @throws UsageError when the file, or an entry for this registry, cannot be read.
 */
export async function findCredential(
  registry: string,
  environment: NodeJS.ProcessEnv,
  runHelper: RunHelper,
): Promise<Credential | undefined> {
  const folder = environment.DOCKER_CONFIG ?? join(environment.HOME ?? homedir(), ".docker");
  const file = join(folder, "config.json");
  const config = await readConfig(file);
  if (config === undefined) return undefined;
  const servers = serverNames(registry);
  const helper = servers.map((server) => config.credHelpers?.[server]).find((name) => name !== undefined);
  if (helper !== undefined) return await askHelper(helper, servers[0] ?? registry, environment, runHelper, file);

  const auths = config.auths ?? {};
  for (const [server, entry] of Object.entries(auths)) {
    if (!servers.includes(hostOf(server)) && !servers.includes(server)) continue;
    const credential = credentialOf(entry, server, file);
    if (credential !== undefined) return credential;
  }
  if (config.credsStore === undefined || config.credsStore === "") return undefined;
  return await askHelper(config.credsStore, servers[0] ?? registry, environment, runHelper, file);
}

async function readConfig(file: string): Promise<z.infer<typeof configSchema> | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR")) {
      return undefined;
    }
    throw new UsageError(`${file} cannot be read`, "Make it readable, or set DOCKER_CONFIG to another folder.", {
      cause: error,
    });
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and that holds credentials.
    throw new UsageError(`${file} is not JSON`, "Write it anew with docker login.");
  }
  const config = configSchema.safeParse(parsed);
  if (!config.success) {
    const where = config.error.issues.map((issue) => issue.path.join(".")).join(", ");
    throw new UsageError(
      `${file} is not docker's configuration: ${where} is wrong`,
      "Write it anew with docker login.",
    );
  }
  return config.data;
}

function credentialOf(entry: z.infer<typeof entrySchema>, server: string, file: string): Credential | undefined {
  if (entry.identitytoken !== undefined && entry.identitytoken !== "") {
    return { kind: "identity-token", token: entry.identitytoken };
  }
  if (entry.auth !== undefined && entry.auth !== "") {
    const pair = Buffer.from(entry.auth, "base64").toString("utf8").replace(/\0+$/, "");
    const colon = pair.indexOf(":");
    if (colon <= 0) {
      throw new UsageError(
        `${file}: the entry for ${server} is not base64 of user:password`,
        "Sign in anew with docker login.",
      );
    }
    return { kind: "password", user: pair.slice(0, colon), password: pair.slice(colon + 1) };
  }
  if (entry.username !== undefined && entry.password !== undefined) {
    return { kind: "password", user: entry.username, password: entry.password };
  }
  return undefined;
}

async function askHelper(
  helper: string,
  server: string,
  environment: NodeJS.ProcessEnv,
  runHelper: RunHelper,
  file: string,
): Promise<Credential | undefined> {
  if (!/^[\w.-]+$/.test(helper)) {
    throw new UsageError(
      `${file} names a credential helper that cannot be one: ${JSON.stringify(helper)}`,
      "Mend the entry.",
    );
  }
  const { code, output } = await runHelper(helper, server, environment);
  if (code !== 0) {
    // This is how helpers say that they know nothing about a server; the registry may be open to all.
    if (/credentials not found/i.test(output)) return undefined;
    throw new UsageError(
      `docker-credential-${helper} failed for ${server} (exit code ${code})`,
      `${file} names this helper: is it on PATH, and does \`docker login ${server}\` work with it?`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(output);
  } catch {
    parsed = undefined;
  }
  const answer = helperSchema.safeParse(parsed);
  if (!answer.success) {
    throw new UsageError(`docker-credential-${helper} gave no credential for ${server}`, "Update the helper.");
  }
  const { Username: user, Secret: password } = answer.data;
  if (password === "") return undefined;
  return user === tokenUser ? { kind: "identity-token", token: password } : { kind: "password", user, password };
}

/** The names under which docker may keep a registry; Docker Hub has an old one. The first is what helpers are asked for. */
function serverNames(registry: string): readonly string[] {
  return registry === "docker.io"
    ? ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"]
    : [registry];
}

function hostOf(server: string): string {
  return server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
