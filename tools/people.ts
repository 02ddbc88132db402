/** The commands for people at a checkout of their platform, which the file that agents run does without. */
import type { Command } from "commander";
import type * as checkRoom from "./check/command";
import type { CommandContext } from "./context";
import type * as migrateRoom from "./migrate/command";
import type * as newRoom from "./new/command";
import type * as previewRoom from "./preview/command";

/** Adds a command to the program. */
type AddCommand = (program: Command, context: CommandContext) => void;

/* eslint-disable @typescript-eslint/no-require-imports -- An editor that checks a file waits for no other command's modules. */
/** By name, in the order in which the help shows them; each is loaded when it is added. */
const commands: Readonly<Record<string, () => AddCommand>> = {
  new: () => (require("./new/command") as typeof newRoom).addNewCommand,
  check: () => (require("./check/command") as typeof checkRoom).addCheckCommand,
  migrate: () => (require("./migrate/command") as typeof migrateRoom).addMigrateCommand,
  "preview-comment": () => (require("./preview/command") as typeof previewRoom).addPreviewCommand,
};
/* eslint-enable @typescript-eslint/no-require-imports */

/** @param name of the command that is to run: where it is one of these, the others are left out. */
export function addPeopleCommands(program: Command, context: CommandContext, name: string | undefined): void {
  const wanted = name !== undefined && Object.hasOwn(commands, name) ? [commands[name]] : Object.values(commands);
  for (const load of wanted) load?.()(program, context);
}
