/** Whether a RUN removes a file, and how a script may write one file's path. */
import { baseName, programOf, type Command } from "./shell";
import { commandsOf, type Run } from "./subject";

/** Whether a word may mean the file: its path, or its name in a home or working folder. */
export function namesFile(word: string, path: string): boolean {
  const name = baseName(path);
  if (word === path || word === name || word === `./${name}`) return true;
  return (
    /^(?:~|\$HOME|\$\{HOME\}|\/root|\/home\/[^/]+)\//.test(word) &&
    baseName(word) === name &&
    (/^[~$]/.test(word) || word === path)
  );
}

/** Whether a word is a folder that the file lies in. */
function holdsFile(word: string, path: string): boolean {
  const folder = word.replace(/\/+\*?$/, "");
  return folder !== "" && path.startsWith(`${folder}/`);
}

export function removes(command: Command, path: string): boolean {
  const program = programOf(command);
  if (program !== "rm" && program !== "shred" && program !== "unlink") return false;
  return command.words
    .slice(1)
    .some(({ text }) => namesFile(text, path) || (holdsFile(text, path) && program === "rm"));
}

export function removedBy(run: Run, path: string): boolean {
  return commandsOf(run).some(({ command }) => removes(command, path));
}
