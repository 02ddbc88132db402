/** Stands for the commands of people in the file that agents run: says where they are to be had. */
import type { Command } from "commander";
import { UsageError } from "./errors";

const names = ["new", "check", "migrate", "preview-comment"] as const;

/** Each takes whatever it is given, and ends with the line that helps. */
export function addPeopleCommands(program: Command): void {
  for (const name of names) {
    program
      .command(name, { hidden: true })
      .argument("[arguments...]")
      .allowUnknownOption()
      .helpOption(false)
      .action(() => {
        throw new UsageError(
          `${name} is for a checkout of the platform's repository, and not part of this file`,
          `there, after npm ci: npx --no-install wheelhouse ${name} --help`,
        );
      });
  }
}
