/** Runs `pulumi preview` on one stack, and keeps what the engine told: also of a preview that fails or takes too long. */
import { existsSync, statSync } from "node:fs";
import * as path from "node:path";
import type { EngineEvent, Stack } from "@pulumi/pulumi/automation";
import type { CommandContext } from "../context";
import { InterruptedError, OutsideError, UsageError } from "../errors";
import { engineCommand, EngineError } from "./engine";
import { counted } from "./markdown";
import type { PreviewFailure, StackPreview } from "./model";

export interface PreviewOptions {
  /** Folder with Pulumi.yaml, absolute. */
  readonly projectFolder: string;
  readonly stacks: readonly string[];
  /** Folders of policy packs, absolute. */
  readonly policyPacks: readonly string[];
  /** Looks first at what others have changed. */
  readonly refresh: boolean;
  /** Minutes for each stack. */
  readonly timeoutMinutes: number;
}

/** How often it is said that a preview goes on, in milliseconds. */
const rhythm = 10_000;
/** Characters of the engine's output that are kept where no event tells why it failed. */
const keptOutput = 6_000;

type Surroundings = Pick<CommandContext, "environment" | "signal" | "progress">;

/**
 * One preview after the other: they share the program's folder, and what it writes there.
 * @throws UsageError for a folder without a project or policy pack
 * @throws OutsideError where there is no Pulumi CLI
 * @throws InterruptedError after the engine has ended
 */
export async function runPreviews(options: PreviewOptions, surroundings: Surroundings): Promise<StackPreview[]> {
  checkFolders(options);
  const { LocalWorkspace, Stack: StackOfApi } = await import("@pulumi/pulumi/automation/index.js");
  const command = await engineCommand(surroundings.environment, surroundings.signal);
  const workspace = await LocalWorkspace.create({ workDir: options.projectFolder, pulumiCommand: command });
  const { name: project } = await workspace.projectSettings();
  // Its own way selects the stack for everything that a person then does in this folder.
  workspace.selectStack = () => Promise.resolve();
  const previews: StackPreview[] = [];
  for (const name of options.stacks) {
    const stack = await StackOfApi.select(name, workspace);
    previews.push(await previewStack(project, stack, options, surroundings));
  }
  return previews;
}

function checkFolders({ projectFolder, policyPacks }: PreviewOptions): void {
  if (!["yaml", "yml", "json"].some((ending) => isFile(path.join(projectFolder, `Pulumi.${ending}`)))) {
    throw new UsageError(`${projectFolder} has no Pulumi.yaml`, "name the program's folder with --project-folder");
  }
  for (const folder of policyPacks) {
    if (!isFile(path.join(folder, "PulumiPolicy.yaml"))) {
      throw new UsageError(`${folder} has no PulumiPolicy.yaml`, "name the folder of a policy pack with --policy-pack");
    }
  }
}

function isFile(file: string): boolean {
  return existsSync(file) && statSync(file).isFile();
}

async function previewStack(
  project: string,
  stack: Stack,
  options: PreviewOptions,
  { signal, progress }: Surroundings,
): Promise<StackPreview> {
  const events: EngineEvent[] = [];
  const limit = AbortSignal.timeout(options.timeoutMinutes * 60_000);
  const started = Date.now();
  progress(`preview of ${stack.name}: started`);
  const timer = setInterval(() => {
    const seen = new Set(events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata.urn ?? [])).size;
    progress(
      `preview of ${stack.name}: ${counted(seen, "resource")} in ${Math.round((Date.now() - started) / 1000)} s`,
    );
  }, rhythm);
  let failure: PreviewFailure | undefined;
  try {
    await stack.preview({
      policyPacks: [...options.policyPacks],
      ...(options.refresh ? { refresh: true } : {}),
      color: "never",
      signal: AbortSignal.any([signal, limit]),
      onEvent: (event) => void events.push(event),
    });
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    failure = failureOf(error, events, stack.name, limit.aborted ? options.timeoutMinutes : undefined);
  } finally {
    clearInterval(timer);
  }
  progress(`preview of ${stack.name}: ended after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return { project, stack: stack.name, events, ...(failure === undefined ? {} : { failure }) };
}

/** `undefined` where the events tell why: of an error in the program, of a policy. */
function failureOf(
  error: unknown,
  events: readonly EngineEvent[],
  stack: string,
  minutes: number | undefined,
): PreviewFailure | undefined {
  if (minutes !== undefined) {
    return {
      what: `The preview was stopped after ${minutes} minutes.`,
      mend: "Look for a resource or a provider that does not answer, or give more time with --timeout.",
      output: "",
    };
  }
  if (!(error instanceof EngineError)) {
    if (error instanceof OutsideError || error instanceof UsageError) throw error;
    const output = error instanceof Error ? error.message : String(error);
    return { what: "The preview could not be run.", mend: "", output };
  }
  const told = events.some(
    ({ diagnosticEvent, policyEvent }) =>
      diagnosticEvent?.severity === "error" || policyEvent?.enforcementLevel === "mandatory",
  );
  if (told) return undefined;
  const output = (error.errors.trim() || error.output.trim()).slice(-keptOutput);
  return { what: `pulumi preview ended with exit code ${error.code}.`, mend: mendOf(output, stack), output };
}

const mends: readonly { readonly sign: RegExp; readonly mend: (stack: string) => string }[] = [
  {
    sign: /no stack named .* found/,
    mend: (stack) =>
      `There is no stack ${stack} in this backend: look at PULUMI_BACKEND_URL and at the name (pulumi stack ls), or make it with pulumi stack init.`,
  },
  {
    sign: /currently locked by|Another update is currently in progress/,
    mend: () =>
      "Another update of the stack is running: run this again after it. A lock that an ended run left: pulumi cancel.",
  },
  {
    sign: /passphrase must be set|incorrect passphrase/,
    mend: () => "Give the stack's passphrase as PULUMI_CONFIG_PASSPHRASE, a secret variable of the pipeline.",
  },
  {
    sign: /PULUMI_ACCESS_TOKEN must be set|invalid access token/,
    mend: () => "Say where the state is with PULUMI_BACKEND_URL, or log in with PULUMI_ACCESS_TOKEN.",
  },
];

function mendOf(output: string, stack: string): string {
  return mends.find(({ sign }) => sign.test(output))?.mend(stack) ?? "";
}
