/** `up`: brings the platform up in the sandbox, or up to date, whatever an earlier run left behind. */
import { Listr, type ListrGetRendererClassFromValue, type ListrTask } from "listr2";

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";

import { startProgress } from "../progress.mjs";
import { installProviders } from "../providers/install";
import { ensureTools } from "../toolchain/index.mjs";
import { Control } from "./control";
import {
  agentsDaemon,
  agentsOptions,
  cloudDaemon,
  cloudOptions,
  describeAgents,
  type AgentsDescription,
} from "./daemons";
import { prepareEngine, runEngine, StackBroken, type Engine } from "./engine";
import { mendStack, removeNotes } from "./mend";
import { stackConfiguration, writeProject } from "./project";
import { PlainRenderer } from "./plain-renderer";
import { publicIndex } from "./public-index";
import { ensureSecrets, makeFolders, stack, type Sandbox, type Secrets } from "./sandbox";
import { update, type Update } from "./update";

/** What the steps hand on. */
interface UpContext {
  secrets?: Secrets;
  engine?: Engine;
  address?: string;
  services?: AgentsDescription;
  control?: Control;
  /** What the first runs build on: comes while the engine is made ready. */
  material?: Promise<void>;
  update?: Update;
  second?: Update;
}

type UpStep = ListrTask<UpContext, ListrGetRendererClassFromValue<"default">, typeof PlainRenderer>;

/** Outcome of `up`. */
export interface UpResult {
  readonly engine: Engine;
  readonly address: string;
  /** The agents, where they run. */
  readonly control: Control | undefined;
  readonly update: Update;
  /** The update that must change nothing, where it was asked for. */
  readonly second: Update | undefined;
}

function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is not there yet: the steps of "up" are out of order`);
  return value;
}

/** The stack, made where there is none yet. */
async function selectStack(engine: Engine): Promise<void> {
  const selected = await runEngine(engine, ["stack", "select", "--create", stack], { allowFailure: true });
  if (selected.code !== 0) throw new StackBroken("the stack cannot be selected or made", selected.errors);
}

/** Shows what goes on in a step: at a terminal twice a second, else in a line of its own every ten seconds. */
async function withProgress<T>(
  subject: string,
  task: { output: string },
  action: (report: (text: string) => void) => Promise<T>,
): Promise<T> {
  const progress = startProgress(subject, (line) => (task.output = line), process.stdout.isTTY ? 0.5 : 10);
  try {
    return await action(progress.report);
  } finally {
    progress.end();
  }
}

function describeUpdate({ changes, unchanged }: Update): string {
  return changes.length === 0
    ? `nothing changed, ${unchanged} as they were`
    : `${changes.length} changed, ${unchanged} as they were`;
}

/** How to bring the platform up. */
export interface UpOptions {
  /** Whether to run the update again at once. */
  readonly twice: boolean;
  /** Whether agents run, with a registry and a feed; without them the platform is declared, and no image is ever built. */
  readonly agents: boolean;
  /** Done once the feed has the samples' packages, before anything is declared, and so before the first run. */
  readonly prepare?: (control: Control) => Promise<void>;
}

/** The Python image and the samples' private packages: both are there already but for the first time. */
async function bringMaterial(control: Control): Promise<void> {
  await Promise.all([control.upstreamImage(), control.publishSamples()]);
}

/** The step that starts the agents and their services. */
function agentsStep(sandbox: Sandbox, environment: NodeJS.ProcessEnv): UpStep {
  return {
    title: "Agents, registry and feed",
    task: async (context, task) => {
      makeFolders(sandbox);
      const secrets = (context.secrets = ensureSecrets(sandbox));
      const write = (line: string): void => void (task.output = line);
      await ensureTools({ groups: ["builds"], environment, write });
      const address = await withProgress("agents, registry and feed", task, (report) => {
        report("starting");
        return agentsDaemon(sandbox).ensure(secrets, agentsOptions(sandbox, secrets, environment), environment);
      });
      context.services = describeAgents(sandbox);
      context.control = new Control(address, secrets);
      context.material = bringMaterial(context.control);
      // Waited for below; until then a failure must not end the process.
      context.material.catch(() => undefined);
      task.title = `Agents, registry and feed at ${address}`;
    },
  };
}

/** Where the registry's host of the last update is kept: the engine's state has it, too, and does not notice another one. */
function registryNote(sandbox: Sandbox): string {
  return join(sandbox.folder, "registry-host");
}

/** Whether the registry answers elsewhere than the state says, so that the engine has to look first. */
function mustRefresh(sandbox: Sandbox, host: string): boolean {
  const note = registryNote(sandbox);
  return (existsSync(note) ? readFileSync(note, "utf8") : "") !== host;
}

/** The steps, in the order in which they can only be done. */
function steps(sandbox: Sandbox, environment: NodeJS.ProcessEnv, { twice, agents, prepare }: UpOptions): UpStep[] {
  const updateStep = (title: string, keep: (context: UpContext, done: Update) => void): UpStep => ({
    title,
    task: async (context, task) => {
      const engine = required(context.engine, "the engine");
      const host = context.services?.registryHost ?? "none";
      const refresh = mustRefresh(sandbox, host);
      const done = await withProgress(title, task, (report) => update(engine, report, { refresh }));
      writeFileAtomic.sync(registryNote(sandbox), host);
      keep(context, done);
      task.title = `${title}: ${describeUpdate(done)}`;
    },
  });
  return [
    ...(agents ? [agentsStep(sandbox, environment)] : []),
    {
      title: "Stand-in clouds",
      task: async (context, task) => {
        makeFolders(sandbox);
        const secrets = (context.secrets = ensureSecrets(sandbox));
        // Agents that ask clouds without the tokens of their jobs would only fail.
        if (!agents) await agentsDaemon(sandbox).stop();
        const options = cloudOptions(sandbox, secrets, context.services);
        context.address = await withProgress("stand-in clouds", task, (report) => {
          report("starting");
          return cloudDaemon(sandbox).ensure(secrets, options, environment);
        });
        await context.control?.setCloud(context.address);
        task.title = `Stand-in clouds at ${context.address}`;
      },
    },
    {
      title: "Provider plugins and configuration",
      task: async (context, task) => {
        const [index] = await Promise.all([publicIndex(environment), installProviders(sandbox.plugins)]);
        const address = required(context.address, "the clouds' address");
        writeProject(sandbox, stackConfiguration(address, index, context.services?.registryHost));
        const write = (line: string): void => void (task.output = line);
        context.engine = await prepareEngine(sandbox, required(context.secrets, "the secrets"), write, environment);
      },
    },
    {
      title: "Stack",
      task: async (context, task) => {
        const engine = required(context.engine, "the engine");
        removeNotes(sandbox);
        await selectStack(engine);
        await mendStack(engine, required(context.address, "the clouds' address"), (line) => (task.output = line));
      },
      rendererOptions: { persistentOutput: true, outputBar: Infinity },
    },
    ...(agents
      ? [
          {
            title: "Python image and private packages",
            task: async (context, task) => {
              await withProgress("Python image and private packages", task, async (report) => {
                report("made once on this machine");
                await context.material;
                if (context.control !== undefined) await prepare?.(context.control);
              });
            },
          } satisfies UpStep,
        ]
      : []),
    updateStep("pulumi up", (context, done) => (context.update = done)),
    ...(twice ? [updateStep("pulumi up, again", (context, done) => (context.second = done))] : []),
  ];
}

/**
 * Brings the platform up. To be called under the sandbox's lock.
 */
export async function bringUp(sandbox: Sandbox, options: UpOptions, environment: NodeJS.ProcessEnv): Promise<UpResult> {
  const list = new Listr<UpContext, "default", typeof PlainRenderer>(steps(sandbox, environment, options), {
    renderer: "default",
    fallbackRenderer: PlainRenderer,
    fallbackRendererCondition: () => !process.stdout.isTTY,
    rendererOptions: { showErrorMessage: false },
    // Its own way to end on a signal leaves the engine running.
    registerSignalListeners: false,
    ctx: {},
  });
  const context = await list.run();
  return {
    engine: required(context.engine, "the engine"),
    address: required(context.address, "the clouds' address"),
    control: context.control,
    update: required(context.update, "the update"),
    second: context.second,
  };
}
