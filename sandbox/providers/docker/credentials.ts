/** Who the provider is at a registry: its `registryAuth`, which names docker's file of log-ins. */
import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

export interface Credentials {
  /** With the protocol. */
  readonly address: string;
  /** Nothing for a registry that wants none. */
  readonly user?: { readonly name: string; readonly password: string };
}

/** One entry of `registryAuth`. */
export interface RegistryAuth {
  readonly address: string;
  readonly authDisabled?: boolean;
  readonly configFile?: string;
  readonly configFileContent?: string;
  readonly password?: string;
  readonly username?: string;
}

/** Reads the configuration's text. Throws where it is not a list of addresses. */
export function parseRegistryAuth(text: string | undefined): readonly RegistryAuth[] {
  const list: unknown = JSON.parse(text ?? "[]");
  const known = ["address", "authDisabled", "configFile", "configFileContent", "password", "username"];
  if (!Array.isArray(list)) {
    throw new Error("docker:registryAuth must be a list of objects, each with an address");
  }
  return list.map((entry: Record<string, unknown>, index) => {
    const stranger = Object.keys(entry).find((key) => !known.includes(key));
    if (stranger !== undefined) {
      throw new Error(`docker:registryAuth[${index}] has no property ${stranger}; there are ${known.join(", ")}`);
    }
    if (typeof entry.address !== "string" || entry.address === "") {
      throw new Error(`docker:registryAuth[${index}].address is missing: name the registry's host`);
    }
    return entry as unknown as RegistryAuth;
  });
}

/** `https` unless the address says otherwise, as the provider has it. */
export function registryAddress(address: string): URL {
  return new URL(/^https?:\/\//.test(address) ? address : `https://${address}`);
}

/**
 * The credentials for a registry's host. Throws where `registryAuth` has none: the provider does not look elsewhere.
 * @param environment for `DOCKER_CONFIG`, which names docker's folder of settings; default `~/.docker`
 */
export async function credentialsFor(
  host: string,
  auths: readonly RegistryAuth[],
  environment: NodeJS.ProcessEnv,
): Promise<Credentials> {
  const auth = auths.find(({ address }) => registryAddress(address).host === host);
  if (auth === undefined) {
    const there = auths.map(({ address }) => registryAddress(address).host).join(", ");
    throw new Error(
      `no auth config found for registry ${host}: give the provider registryAuth with that address` +
        (there === "" ? "" : ` (it has ${there})`),
    );
  }
  const { origin } = registryAddress(auth.address);
  const { username = environment.DOCKER_REGISTRY_USER ?? "" } = auth;
  if (auth.authDisabled === true) return { address: origin };
  if (username !== "") {
    return {
      address: origin,
      user: { name: username, password: auth.password ?? environment.DOCKER_REGISTRY_PASS ?? "" },
    };
  }
  const content = auth.configFileContent ?? (await readConfigFile(auth.configFile, environment));
  const user = userIn(content, host);
  return user === undefined ? { address: origin } : { address: origin, user };
}

async function readConfigFile(given: string | undefined, environment: NodeJS.ProcessEnv): Promise<string> {
  const file = (given ?? (await defaultConfigFile(environment))).replace(/^~(?=\/)/, homedir());
  return readFile(file, "utf8").catch((cause: unknown) => {
    throw new Error(`could not open config file ${file}: log in with "docker login" first`, { cause });
  });
}

async function defaultConfigFile({ DOCKER_CONFIG }: NodeJS.ProcessEnv): Promise<string> {
  if (DOCKER_CONFIG === undefined || DOCKER_CONFIG === "") return "~/.docker/config.json";
  const status = await stat(DOCKER_CONFIG).catch(() => undefined);
  return status?.isDirectory() === true ? join(DOCKER_CONFIG, "config.json") : DOCKER_CONFIG;
}

/** A host without an entry is asked without credentials, as docker does. */
function userIn(content: string, host: string): Credentials["user"] {
  let file: { auths?: Record<string, { auth?: string }> };
  try {
    file = JSON.parse(content) as typeof file;
  } catch (cause) {
    throw new Error("could not read docker's config file: it is not JSON", { cause });
  }
  const entry = Object.entries(file.auths ?? {}).find(
    ([key]) => key.replace(/^https?:\/\//, "").replace(/\/.*$/, "") === host,
  );
  const text = Buffer.from(entry?.[1].auth ?? "", "base64").toString();
  const colon = text.indexOf(":");
  return colon < 1 ? undefined : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}
