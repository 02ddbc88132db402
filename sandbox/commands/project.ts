/** Writes what tells the engine about the sandbox: a copy of the program's project file, and the stack's configuration. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sync as writeFileAtomic } from "write-file-atomic";
import { parse, stringify } from "yaml";

import { identity, stack, type Sandbox } from "./sandbox";

/** A YAML file that is a mapping; empty where there is no such file. */
function readMapping(file: string): Record<string, unknown> {
  if (!existsSync(file)) return {};
  const value: unknown = parse(readFileSync(file, "utf8"));
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

/**
 * Configuration of the sandbox' stack. This is all in which the sandbox differs from a real organization.
 * @param address `http://127.0.0.1:<port>` of the stand-in clouds.
 * @param index Address of the public index.
 * @param registryHost `127.0.0.1:<port>` of the registry, which also has the image that stands for the public Python image.
 */
export function stackConfiguration(
  address: string,
  index: string,
  registryHost: string | undefined,
): Record<string, unknown> {
  const { organization, subscriptionId, tenantId } = identity;
  return {
    "azuredevops:orgServiceUrl": `${address}/devops/${organization}`,
    "azure-native:subscriptionId": subscriptionId,
    "azure-native:tenantId": tenantId,
    "azure-native:metadataHost": new URL(address).host,
    "wheelhouse:organization": organization,
    "wheelhouse:organizationUrl": `${address}/devops/${organization}`,
    "wheelhouse:feedsUrl": `${address}/feeds/${organization}`,
    "wheelhouse:packagesUrl": `${address}/packages/${organization}`,
    "wheelhouse:project": "Platform",
    "wheelhouse:createProject": "true",
    "wheelhouse:subscriptionName": "Wheelhouse sandbox",
    "wheelhouse:location": "westeurope",
    "wheelhouse:resourceGroup": "wheelhouse",
    "wheelhouse:registryName": "wheelhousesandbox",
    "wheelhouse:feedName": "python",
    "wheelhouse:upstreams": [{ name: "public index", location: index, kind: "public" }],
    ...(registryHost === undefined ? {} : { "wheelhouse:upstreamRegistry": `${registryHost}/upstream` }),
  };
}

/** Settings that the stack gets while it is up, and keeps: what they speak of is made then. */
const keptSettings = ["wheelhouse:platformRepository", "wheelhouse:preview"];

/** The file with the configuration of the stack. */
export function stackFile(sandbox: Sandbox): string {
  return join(sandbox.folder, `Pulumi.${stack}.yaml`);
}

/** What the stack's file says, and its configuration. */
function readStack(sandbox: Sandbox): { file: Record<string, unknown>; config: Record<string, unknown> } {
  const file = readMapping(stackFile(sandbox));
  const { config } = file;
  return { file, config: typeof config === "object" && config !== null ? (config as Record<string, unknown>) : {} };
}

function writeStack(sandbox: Sandbox, file: Record<string, unknown>, config: Record<string, unknown>): void {
  writeFileAtomic(stackFile(sandbox), stringify({ ...file, config }), { mode: 0o600 });
}

/** Adds settings to the stack's configuration. They stay until the sandbox goes down. */
export function addConfiguration(sandbox: Sandbox, values: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(values)) {
    if (!keptSettings.includes(key)) throw new Error(`the next start would forget ${key}`);
  }
  const { file, config } = readStack(sandbox);
  writeStack(sandbox, file, { ...config, ...values });
}

/**
 * The project file says where the program is, so that the engine keeps its own files in the sandbox and the checkout stays as it
 * is. The stack's file keeps what the engine wrote there: the salt of its encryption.
 */
export function writeProject(sandbox: Sandbox, configuration: Record<string, unknown>): void {
  const project = join(sandbox.program, "Pulumi.yaml");
  if (!existsSync(project))
    throw new Error(`${project} is missing: it declares the program and its configuration keys`);
  const content = { ...readMapping(project), main: programOf(sandbox) };
  writeFileAtomic(join(sandbox.folder, "Pulumi.yaml"), stringify(content));
  const { file, config } = readStack(sandbox);
  const kept = Object.entries(config).filter(([key]) => keptSettings.includes(key));
  writeStack(sandbox, file, { ...configuration, ...Object.fromEntries(kept) });
}

/** The program as the project file beside it names it: a file in that folder, or the folder. */
function programOf({ program }: Sandbox): string {
  const { main } = readMapping(join(program, "Pulumi.yaml"));
  return typeof main === "string" ? join(program, main) : program;
}

/** Has the engine run another program from now on, with the configuration as it is. */
export function useProgram(sandbox: Sandbox): void {
  const file = join(sandbox.folder, "Pulumi.yaml");
  writeFileAtomic(file, stringify({ ...readMapping(file), main: programOf(sandbox) }));
}

/** The project's name, which is part of every URN. */
export function projectName(sandbox: Sandbox): string {
  const { name } = readMapping(join(sandbox.folder, "Pulumi.yaml"));
  if (typeof name !== "string") throw new Error(`${join(sandbox.folder, "Pulumi.yaml")} says no name`);
  return name;
}
