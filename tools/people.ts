/** The commands for people at a checkout of their platform, which the file that agents run does without. */
import type { Command } from "commander";
import type { CommandContext } from "./context";
import { addCheckCommand } from "./check/command";
import { addNewCommand } from "./new/command";

/** Adds a command to the program. What is heavy is loaded when the command runs. */
type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order in which the help shows them. */
const commands: readonly AddCommand[] = [addNewCommand, addCheckCommand];

export function addPeopleCommands(program: Command, context: CommandContext): void {
  for (const add of commands) add(program, context);
}
