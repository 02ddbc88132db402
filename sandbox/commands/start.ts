/** `start` and `up`: bring the platform up, tell its story, and say what there is now, where it answers, and where to look next. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { describeDuration } from "../progress.mjs";
import { holdBackReleases, Organization, StandInClouds, tellStory, type Stage } from "../story";
import { ensureTools, toolEnvironment } from "../toolchain/index.mjs";
import type { Control } from "./control";
import { authorizationOf, basicAuthorization } from "./daemon";
import { describeAgents } from "./daemons";
import { backendAddress, exportStack, runEngine, type Engine } from "./engine";
import type { Change } from "./events";
import { holdSandbox } from "./hold";
import { addConfiguration, stackFile, useProgram } from "./project";
import { recordsFolder } from "./runs";
import { ensureSecrets, identity, stack, type Sandbox } from "./sandbox";
import { update } from "./update";
import { countResources, drawTree } from "./tree";
import { bringUp, type UpResult } from "./up";

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** When the user's command began: when the bootstrap did, where it ran, so that what it took is counted too. */
const startedAt = Number(process.env.WHEELHOUSE_STARTED) || Date.now() - Math.round(process.uptime() * 1000);

/** The stack's outputs; secrets stay hidden. */
async function readOutputs(engine: Engine): Promise<Record<string, unknown>> {
  const { output } = await runEngine(engine, ["stack", "output", "--json", "--stack", stack]);
  return JSON.parse(output) as Record<string, unknown>;
}

/** Outputs as people read them: lists on one line, one line for each entry of what is nested. */
export function describeValue(value: unknown, indent: string): string {
  if (Array.isArray(value))
    return value.length === 0 ? "none" : value.map((item) => describeValue(item, indent)).join(", ");
  if (typeof value !== "object" || value === null) return String(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return "none";
  return entries.map(([key, inner]) => `\n${indent}${key}: ${describeValue(inner, `${indent}  `)}`).join("");
}

function describeChange({ operation, name, type, properties }: Change): string {
  return `${operation} ${name} (${type})${properties.length === 0 ? "" : `: ${properties.join(", ")}`}`;
}

async function report({ engine, address }: UpResult, outputs: Record<string, unknown>): Promise<void> {
  const resources = (await exportStack(engine))?.deployment.resources ?? [];
  write(`\n${drawTree(resources).join("\n")}`);
  write(`\n${countResources(resources)} components and resources`);
  for (const [name, value] of Object.entries(outputs))
    write(`  ${name}: ${describeValue(value, "    ")}`.replaceAll(/: (?=\n)/g, ":"));
  write(`\nthe stand-in clouds: ${address}`);
}

/** Numbers of the pipelines, as the stack's outputs have them. */
function pipelinesOf(outputs: Record<string, unknown>): ReadonlyMap<string, number> {
  const groups = [outputs.baseImages, outputs.applications] as readonly (
    Readonly<Record<string, { pipelineId: number }>> | undefined
  )[];
  return new Map(
    groups.flatMap((group) => Object.entries(group ?? {}).map(([name, { pipelineId }]) => [name, pipelineId])),
  );
}

/** What the story needs of the sandbox that is up. */
async function stageOf(
  sandbox: Sandbox,
  { engine, address }: UpResult,
  control: Control,
  outputs: Record<string, unknown>,
): Promise<Omit<Stage, "signal">> {
  const secrets = ensureSecrets(sandbox);
  const tools = await ensureTools({ groups: ["builds"], write: () => undefined });
  const folder = join(sandbox.temporary, "story");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return {
    control,
    organization: new Organization({
      address: `${address}/devops/${identity.organization}`,
      project: "Platform",
      authorization: authorizationOf(secrets),
      temporary: folder,
    }),
    clouds: new StandInClouds({
      ...{ address, ...identity },
      devopsAuthorization: authorizationOf(secrets),
      azureAuthorization: basicAuthorization(identity.clientId, secrets.clientSecret),
    }),
    machine: { dockerConfig: describeAgents(sandbox).dockerConfig, environment: toolEnvironment(tools) },
    program: sandbox.program,
    folder,
    records: recordsFolder(sandbox),
    // The sandbox's clock may have been set forward by an earlier start.
    since: Date.parse((await control.state()).clock) - (Date.now() - startedAt),
    pipelines: pipelinesOf(outputs),
    stack: {
      name: stack,
      backend: backendAddress(sandbox),
      configurationFile: stackFile(sandbox),
      passphraseFile: sandbox.passphraseFile,
    },
    configure: (values) => addConfiguration(sandbox, values),
    update: async (program) => {
      const elsewhere = { ...engine, sandbox: { ...sandbox, program } };
      useProgram(elsewhere.sandbox);
      try {
        return (await update(elsewhere, () => undefined)).changes.length;
      } finally {
        useProgram(sandbox);
      }
    },
  };
}

export interface StartOptions {
  /** Stops after the first images. */
  readonly fast: boolean;
  /** Without it nothing is built: the platform is only declared. */
  readonly agents: boolean;
}

/** @returns exit code */
export async function up(sandbox: Sandbox, { agents }: Pick<StartOptions, "agents">): Promise<number> {
  return holdSandbox(sandbox, "up", async () => {
    const result = await bringUp(sandbox, { twice: false, agents }, process.env);
    for (const change of result.update.changes) write(`  ${describeChange(change)}`);
    write(`\nup in ${describeDuration(Date.now() - startedAt)}; the stand-in clouds: ${result.address}`);
    if (result.control !== undefined) write(`runs and images: ${result.control.address}/`);
    return 0;
  });
}

/** @returns exit code: 1 when the second update, which must change nothing, changed something */
export async function start(sandbox: Sandbox, { agents, fast }: StartOptions): Promise<number> {
  return holdSandbox(sandbox, "start", async () => {
    const result = await bringUp(sandbox, { twice: true, agents, prepare: holdBackReleases }, process.env);
    const unexpected = result.second?.changes ?? [];
    if (unexpected.length > 0) {
      write("\nThe second update was to change nothing, and changed:");
      for (const change of unexpected) write(`  ${describeChange(change)}`);
      return 1;
    }
    const outputs = await readOutputs(result.engine);
    await report(result, outputs);
    const { control } = result;
    if (control !== undefined) {
      write("");
      const table = await tellStory(await stageOf(sandbox, result, control, outputs), fast);
      write(`\n${table.join("\n")}`);
    }
    write(`\ntime taken: ${describeDuration(Date.now() - startedAt)}; a second update changed nothing`);
    write(
      "\nnext: edit apps/orders.yaml, then   npm run sandbox -- pulumi preview --diff\n" +
        (control === undefined
          ? ""
          : `      runs, images and their layers   ${control.address}/\n` +
            "      the log of a run                npm run sandbox -- logs orders\n") +
        "      what the clouds were asked      npm run sandbox -- logs cloud\n" +
        "      stop and remove all of it       npm run sandbox -- down\n" +
        "      in a real organization          docs/on-a-real-organization.md",
    );
    return 0;
  });
}
