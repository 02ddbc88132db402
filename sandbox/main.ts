/** The sandbox's command line: `npm start`, and `npm run sandbox -- <command>`. */
import { resolve } from "node:path";

import { Command } from "commander";

import { checkout } from "./home.mjs";
import { stopChildrenOnSignals } from "./process.mjs";
import { requireLinux } from "./toolchain/index.mjs";
import { down } from "./commands/down";
import { logs } from "./commands/logs";
import { pulumi } from "./commands/pulumi";
import { describeSandbox, type Sandbox } from "./commands/sandbox";
import { start, up } from "./commands/start";
import { runs } from "./commands/runs";
import { status } from "./commands/status";

function commandLine(): Command {
  const program = new Command("npm run sandbox --")
    .description("Runs the whole platform on this machine, with no account in any cloud.")
    .option("--program <folder>", "whose platform; each folder has a sandbox of its own", checkout)
    .enablePositionalOptions()
    .showHelpAfterError();
  /** Runs a command in the sandbox that was asked for, and ends with its exit code. */
  const inSandbox = async (command: (sandbox: Sandbox) => Promise<number>): Promise<void> => {
    const { program: folder } = program.opts<{ program: string }>();
    process.exitCode = await command(describeSandbox(resolve(folder)));
  };
  program
    .command("start")
    .description("the whole story: the platform, its images, what a day changes, and a team that joins")
    .option("--fast", "only up to the first images")
    .option("--no-agents", "only declare the platform, and build nothing")
    .action((options: { fast?: true; agents: boolean }) =>
      inSandbox((sandbox) => start(sandbox, { fast: options.fast === true, agents: options.agents })),
    );
  program
    .command("up")
    .description("bring the platform up, or up to date; its pipelines run on this machine")
    .option("--no-agents", "only declare the platform, and build nothing")
    .action((options: { agents: boolean }) => inSandbox((sandbox) => up(sandbox, options)));
  program
    .command("down")
    .description("stop and remove all of it; the tools stay")
    .action(() => inSandbox(down));
  program
    .command("status")
    .description("tools, daemon and stack")
    .option("--json", "for programs")
    .action((options: { json?: true }) => inSandbox((sandbox) => status(sandbox, options.json === true)));
  program
    .command("logs")
    .description("what was said: all of it, one of cloud, daemon, agents, up, mend, or a run's")
    .argument("[name]", "which log, or a run's number, or a pipeline's name for its newest run")
    .option("-f, --follow", "go on until Ctrl-C")
    .action((name: string | undefined, options: { follow?: true }) =>
      inSandbox((sandbox) => logs(sandbox, name, options.follow === true)),
    );
  program
    .command("runs")
    .description("what the pipelines ran, the newest first")
    .argument("[pipeline]", "of one pipeline only")
    .option("--count <number>", "how many", (text) => Math.max(1, Number.parseInt(text, 10) || 20), 20)
    .option("--json", "for programs, with every step")
    .action((pipeline: string | undefined, options: { count: number; json?: true }) =>
      inSandbox((sandbox) =>
        Promise.resolve(runs(sandbox, { pipeline, count: options.count, json: options.json === true })),
      ),
    );
  program
    .command("pulumi")
    .description("the real CLI in the sandbox: npm run sandbox -- pulumi preview --diff")
    .argument("[arguments...]")
    .allowUnknownOption()
    .helpOption(false)
    .passThroughOptions()
    .action((args: string[]) => inSandbox((sandbox) => pulumi(sandbox, args)));
  return program;
}

async function main(): Promise<void> {
  stopChildrenOnSignals((line) => process.stderr.write(`${line}\n`));
  try {
    requireLinux();
    await commandLine().parseAsync();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

void main().finally(() => process.exit());
