/** The commands that a pipeline's jobs run; they are for people, too. */
import type { Command } from "commander";
import type { CommandContext } from "./context";
import { addBakeCommand } from "./bake/command";
import { addCompareCommand } from "./compare/command";
import { addLintCommand } from "./lint";
import { addResolveCommand } from "./resolve/command";
import { addScanCommand } from "./scan";
import { addSummaryCommand } from "./summary/command";

export function addAgentCommands(program: Command, context: CommandContext): void {
  addResolveCommand(program, context);
  addBakeCommand(program, context);
  addCompareCommand(program, context);
  addSummaryCommand(program, context);
  addScanCommand(program, context);
  addLintCommand(program, context);
}
