/** The commands for people at a checkout of their platform, which the file that agents run does without. */
import type { Command } from "commander";
import type { CommandContext } from "./context";
import { addCheckCommand } from "./check/command";
import { addMigrateCommand } from "./migrate/command";
import { addNewCommand } from "./new/command";
import { addPreviewCommand } from "./preview/command";

/** Adds a command to the program. What is heavy is loaded when the command runs. */
type AddCommand = (program: Command, context: CommandContext) => void;

/** In the order in which the help shows them. */
const commands: readonly AddCommand[] = [addNewCommand, addCheckCommand, addMigrateCommand, addPreviewCommand];

export function addPeopleCommands(program: Command, context: CommandContext): void {
  for (const add of commands) add(program, context);
}
