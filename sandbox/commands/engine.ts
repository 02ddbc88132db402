/** Runs the Pulumi engine of the sandbox, with an environment in which no real account can be reached. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { lockedEnvironment } from "../lock.mjs";
import { run, runInForeground } from "../process.mjs";
import { ensureTools, toolEnvironment } from "../toolchain/index.mjs";
import { identity, stack, type Sandbox, type Secrets } from "./sandbox";

/** What a person may have set for real accounts: the sandbox must neither use it nor be led by it. */
const foreign = /^(PULUMI_|AZDO_|ARM_|AZURE_|SYSTEM_ACCESSTOKEN$|AWS_|GOOGLE_)/;

/** Seconds that the engine gets to finish the steps it is in: it stops at the first signal, and loses track at a second one. */
const graceSeconds = 20;

/** The engine's state cannot be mended by itself. */
export class StackBroken extends Error {
  public constructor(what: string, detail: string) {
    super(
      `${what}:\n  ${detail.trim().split("\n").slice(-12).join("\n  ")}\n` +
        '  "npm run sandbox -- down" removes the sandbox; the next start makes a new one.',
    );
    this.name = "StackBroken";
  }
}

/** The engine, ready to be run. */
export interface Engine {
  readonly sandbox: Sandbox;
  readonly environment: NodeJS.ProcessEnv;
}

/** For a run that looks and changes nothing, beside one that holds the sandbox: it does not count as left behind by that. */
export type OnlyLooking = "only looking";

/** What a run of the engine said. */
export interface EngineRun {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/**
 * Where the engine keeps the state. Without notes (`.attrs`) beside each file: it writes those in place, not at once, so that
 * a kill between leaves an empty one, and a file whose notes are cut off cannot be read any more.
 */
export function backendAddress({ backend }: Sandbox): string {
  const address = pathToFileURL(backend);
  address.searchParams.set("metadata", "skip");
  return address.href;
}

/** The environment of the engine and, through it, of the program and the provider plugins. */
export function engineEnvironment(sandbox: Sandbox, secrets: Secrets, inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(inherited).filter(([name]) => !foreign.test(name));
  return {
    ...Object.fromEntries(kept),
    PATH: `${sandbox.plugins}:${inherited.PATH ?? ""}`,
    // An engine that is ended by force leaves its pipes behind: where `down` finds them.
    TMPDIR: sandbox.temporary,
    PULUMI_HOME: sandbox.pulumiHome,
    PULUMI_BACKEND_URL: backendAddress(sandbox),
    PULUMI_CONFIG_PASSPHRASE_FILE: sandbox.passphraseFile,
    // Should the stack's file be lost, its salt is in the state too.
    PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER: "true",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    AZDO_PERSONAL_ACCESS_TOKEN: secrets.personalAccessToken,
    ARM_CLIENT_ID: identity.clientId,
    ARM_CLIENT_SECRET: secrets.clientSecret,
    ARM_TENANT_ID: identity.tenantId,
    ARM_SUBSCRIPTION_ID: identity.subscriptionId,
  };
}

/** Finds or makes the programs, and readies the engine. */
export async function prepareEngine(
  sandbox: Sandbox,
  secrets: Secrets,
  write: (line: string) => void,
  inherited: NodeJS.ProcessEnv = process.env,
): Promise<Engine> {
  const tools = await ensureTools({ environment: inherited, write });
  return { sandbox, environment: engineEnvironment(sandbox, secrets, toolEnvironment(tools, inherited)) };
}

/** How a run of the CLI differs from the plain one. */
export interface EngineRunOptions {
  readonly log?: string;
  readonly allowFailure?: boolean;
  /** Further variables. */
  readonly variables?: NodeJS.ProcessEnv;
  readonly manner?: OnlyLooking;
}

/** Runs the CLI to its end. Under the sandbox's lock, unless it only looks: a later run ends what this one may leave behind. */
export function runEngine(
  { sandbox, environment }: Engine,
  args: readonly string[],
  { log, allowFailure, variables, manner }: EngineRunOptions = {},
): Promise<EngineRun> {
  const marked = manner === "only looking" ? environment : lockedEnvironment(sandbox.lock, environment);
  return run("pulumi", [...args, "--non-interactive"], {
    ...(log === undefined ? {} : { log }),
    ...(allowFailure === undefined ? {} : { allowFailure }),
    cwd: sandbox.folder,
    env: { ...marked, ...variables },
    // The engine ends its plugins itself, after the steps they are in.
    stop: { signal: "SIGINT", wholeGroup: false, graceSeconds },
  });
}

/** Runs the CLI for a person, at their terminal. */
export function runEngineInForeground({ sandbox, environment }: Engine, args: readonly string[]): Promise<number> {
  const env = lockedEnvironment(sandbox.lock, environment);
  return runInForeground("pulumi", args, { cwd: sandbox.folder, env });
}

/**
 * The stack's whole state, with secrets encrypted; nothing where there is no stack yet.
 * @throws StackBroken when the engine cannot read it
 */
export async function exportStack(engine: Engine, manner?: OnlyLooking): Promise<StackState | undefined> {
  const options = { allowFailure: true, ...(manner === undefined ? {} : { manner }) };
  const exported = await runEngine(engine, ["stack", "export", "--stack", stack], options);
  if (exported.code !== 0) {
    if (exported.errors.includes("no stack named")) return undefined;
    throw new StackBroken("the stack's state cannot be read", exported.errors);
  }
  return JSON.parse(exported.output) as StackState;
}

/** A resource as the state holds it: what is used of it here. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly parent?: string;
}

/** What the engine exports: what is used of it here, in its own words. */
export interface StackState {
  readonly deployment: {
    readonly resources?: readonly StateResource[];
    /** Steps that were begun and of which the engine does not know how they ended. */
    readonly pending_operations?: readonly { readonly type: string; readonly resource: StateResource }[];
  };
}

/** Where a run's log goes. */
export function logFile(sandbox: Sandbox, name: string): string {
  return join(sandbox.logs, `${name}.log`);
}
