/** Macros: `$(name)` in texts of steps, replaced on the agent right before a step runs. */

/** Longest name that is looked up; longer ones cannot be names of variables. */
const LONGEST_NAME = 1000;

/**
 * The text with each `$(name)` of a known variable replaced by its value. Names have no letter case: the last
 * of several counts. What is no name of
 * a variable stays as it is, since `$( )` is also the shell's; a value is not looked through again.
 */
export function replaceMacros(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes("$(")) return text;
  const byName = new Map([...variables].map(([name, value]) => [name.toLowerCase(), value]));
  let replaced = "";
  let position = 0;
  let closing = -1;
  for (let start = text.indexOf("$("); start !== -1; start = text.indexOf("$(", position)) {
    if (closing < start + 2) closing = text.indexOf(")", start + 2);
    if (closing === -1) break;
    const name = closing - start > LONGEST_NAME ? undefined : text.slice(start + 2, closing).toLowerCase();
    const value = name === undefined ? undefined : byName.get(name);
    const end = value === undefined ? start + 2 : closing + 1;
    replaced += text.slice(position, start) + (value ?? "$(");
    position = end;
  }
  return replaced + text.slice(position);
}
