/** `up`: brings the platform up in the sandbox, or up to date, whatever an earlier run left behind. */
import { Listr, type ListrGetRendererClassFromValue, type ListrTask } from "listr2";

import { startProgress } from "../progress.mjs";
import { installProviders } from "../providers/install";
import { ensureDaemon } from "./daemon";
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
  update?: Update;
  second?: Update;
}

type UpStep = ListrTask<UpContext, ListrGetRendererClassFromValue<"default">, typeof PlainRenderer>;

/** Outcome of `up`. */
export interface UpResult {
  readonly engine: Engine;
  readonly address: string;
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

/** The steps, in the order in which they can only be done. */
function steps(sandbox: Sandbox, environment: NodeJS.ProcessEnv, twice: boolean): UpStep[] {
  const updateStep = (title: string, keep: (context: UpContext, done: Update) => void): UpStep => ({
    title,
    task: async (context, task) => {
      const engine = required(context.engine, "the engine");
      const done = await withProgress(title, task, (report) => update(engine, report));
      keep(context, done);
      task.title = `${title}: ${describeUpdate(done)}`;
    },
  });
  return [
    {
      title: "Stand-in clouds",
      task: async (context, task) => {
        makeFolders(sandbox);
        const secrets = (context.secrets = ensureSecrets(sandbox));
        context.address = await withProgress("stand-in clouds", task, (report) => {
          report("starting");
          return ensureDaemon(sandbox, secrets, environment);
        });
        task.title = `Stand-in clouds at ${context.address}`;
      },
    },
    {
      title: "Provider plugins and configuration",
      task: async (context, task) => {
        const [index] = await Promise.all([publicIndex(environment), installProviders(sandbox.plugins)]);
        writeProject(sandbox, stackConfiguration(required(context.address, "the clouds' address"), index));
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
    updateStep("pulumi up", (context, done) => (context.update = done)),
    ...(twice ? [updateStep("pulumi up, again", (context, done) => (context.second = done))] : []),
  ];
}

/**
 * Brings the platform up. To be called under the sandbox's lock.
 * @param twice Whether to run the update again at once.
 */
export async function bringUp(sandbox: Sandbox, twice: boolean, environment: NodeJS.ProcessEnv): Promise<UpResult> {
  const list = new Listr<UpContext, "default", typeof PlainRenderer>(steps(sandbox, environment, twice), {
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
    update: required(context.update, "the update"),
    second: context.second,
  };
}
