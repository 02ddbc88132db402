/** The command line `wheelhouse`: its commands, its help, and how a run of it ends. */
import { Command, CommanderError } from "commander";
import { version } from "../package.json";
import type * as agents from "./agents";
import { exitCode, type CommandContext } from "./context";
import { InterruptedError } from "./errors";
import { addPeopleCommands } from "./people";
import { makeContext, reportError, type OutputMode, type Streams } from "./output";

const examples = `
Each command has its own help with examples: wheelhouse help resolve

Exit codes:
  0  fine
  1  something was found: a leak, a line that lint refuses
  2  wrong usage or input
  3  something outside failed: the feed, the registry, docker, uv

Secrets are named by file or environment variable, never by value.`;

/**
 * Runs one command line to its end.
 * @param args without the names of node and of the program.
 * @returns the exit code; nothing is thrown.
 */
export async function runProgram(
  args: readonly string[],
  surroundings: Pick<CommandContext, "environment" | "workingFolder" | "signal">,
  streams: Streams,
): Promise<number> {
  const mode: OutputMode = { json: false, quiet: false };
  let hasWritten = false;
  const counting: Streams = {
    writeOutput: (text) => {
      hasWritten = true;
      streams.writeOutput(text);
    },
    writeErrors: (text) => streams.writeErrors(text),
  };
  const context = makeContext(surroundings, counting, mode);
  try {
    await makeProgram(context, counting, mode, args[0]).parseAsync([...args], { from: "user" });
    return exitCode.fine;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.fine : exitCode.wrongInput;
    const ended = surroundings.signal.aborted ? new InterruptedError() : error;
    return reportError(ended, streams, mode, hasWritten);
  }
}

/** @param name of the command that is to run; those for agents are there unless it is one for people. */
function makeProgram(context: CommandContext, streams: Streams, mode: OutputMode, name: string | undefined): Command {
  const program = new Command("wheelhouse")
    .description(
      "Joins Python applications to a platform, checks it, and resolves, builds, scans and lints their images.",
    )
    .version(version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", examples)
    .showHelpAfterError("(--help shows what it takes)")
    .showSuggestionAfterError()
    .configureHelp({ helpWidth: 110 })
    .configureOutput({
      writeOut: (text) => streams.writeOutput(text),
      writeErr: (text) => streams.writeErrors(text),
      outputError: (text, write) => write(text.replace(/^error: /, "wheelhouse: ")),
    })
    .exitOverride();
  addPeopleCommands(program, context, name);
  if (!program.commands.some((command) => command.name() === name)) {
    // Whoever checks a file in an editor does not wait until what builds images is loaded.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { addAgentCommands } = require("./agents") as typeof agents;
    addAgentCommands(program, context);
  }
  for (const command of leaves(program)) addOutputOptions(command);
  program.hook("preAction", (_program, command) => {
    const { json, format, quiet } = command.opts<{ json?: boolean; format?: unknown; quiet?: boolean }>();
    mode.json = json === true || format === "json";
    mode.quiet = quiet === true;
  });
  return program;
}

/** The commands that do something themselves, such as `lint` and `new app`. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

/** Every command has them. */
function addOutputOptions(command: Command): void {
  const has = (name: string) => command.options.some(({ long }) => long === name);
  if (!has("--json")) command.option("--json", "write the result as one JSON document on standard output");
  if (!has("--quiet")) command.option("--quiet", "no progress on standard error");
}
