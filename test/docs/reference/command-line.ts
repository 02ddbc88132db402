/** The reference page of the command line: the help of every command, as the program itself shows it. */
import { wheelhouse } from "../../tools/command-line";
import type { ReferencePage } from "./markdown";

/** The help of one command, such as `new app`; "" for that of the program. */
export async function helpOf(command: string): Promise<string> {
  const { code, output, errors } = await wheelhouse([...command.split(" ").filter((word) => word !== ""), "--help"]);
  if (code !== 0) throw new Error(`wheelhouse ${command} --help ended with ${code}: ${errors}`);
  return output;
}

/** Names of the commands below one, those of commands within them after each, as their own help lists them. */
export async function commandNames(within = ""): Promise<readonly string[]> {
  const list = /^Commands:\n((?: .*\n)+)/m.exec(await helpOf(within))?.[1] ?? "";
  const names: string[] = [];
  for (const [, name = ""] of list.matchAll(/^ {2}([a-z][a-z-]*)/gm)) {
    if (name === "help") continue;
    const full = within === "" ? name : `${within} ${name}`;
    names.push(full, ...(await commandNames(full)));
  }
  return names;
}

export async function commandLinePage(): Promise<ReferencePage> {
  const names = await commandNames();
  const sections = [];
  for (const name of names) sections.push(`## wheelhouse ${name}`, fenced(await helpOf(name)));
  return {
    path: "command-line.md",
    title: "Command line",
    about: "Every command of `wheelhouse`, with its options, examples and exit codes.",
    from: ["tools/program.ts"],
    body: [
      "In a clone, or where the package is installed, `npx --no-install wheelhouse`; agents run one file that node alone runs, `tools/wheelhouse.cjs` of the template repository.",
      fenced(await helpOf("")),
      ...sections,
    ].join("\n\n"),
  };
}

function fenced(text: string): string {
  return `\`\`\`text\n${text.trim()}\n\`\`\``;
}
