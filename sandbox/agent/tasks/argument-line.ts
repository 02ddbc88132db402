/** Splits a line of arguments as the task library's tool runner does: no shell, only double quotes group. */

/**
 * @param line Line ends count as blanks.
 * @returns the arguments; a backslash takes away the meaning of a double quote within quotes, and of nothing else
 */
export function splitArguments(line: string): string[] {
  const args: string[] = [];
  let current = "";
  let any = false;
  let quoted = false;
  const text = line.replaceAll("\n", " ");
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (quoted && letter === "\\" && text.charAt(at + 1) === '"') {
      current += '"';
      at += 1;
    } else if (letter === '"') {
      quoted = !quoted;
      any = true;
    } else if (letter === " " && !quoted) {
      if (current !== "" || any) args.push(current);
      current = "";
      any = false;
    } else current += letter;
  }
  if (current !== "" || any) args.push(current);
  return args.filter((arg) => arg !== "");
}
