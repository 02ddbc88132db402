/** Whether a variable, whatever its name, is used as a credential: in an address, or as an index that nothing else authenticates to. */
import { userParts, variablesIn } from "./addresses";
import { hasCopiedCredentials } from "./copied-credentials";
import { installs, type Run, type Subject } from "./subject";
import { usesOf } from "./uses";
import type { Definition } from "./variables";

/** Line of the first such use, directly or through other variables; `undefined` where there is none. */
export function credentialUse(subject: Subject, definition: Definition): number | undefined {
  return search(subject, definition, new Set());
}

function search(subject: Subject, definition: Definition, seen: Set<Definition>): number | undefined {
  if (seen.has(definition)) return undefined;
  seen.add(definition);
  const { variables, dockerfile } = subject;
  const unset = variables.valueOf(definition) === undefined || variables.references(definition).length > 0;
  for (const use of usesOf(subject, definition)) {
    const line = (offset: number) => dockerfile.source.place(offset).line;
    switch (use.as) {
      case "user part":
        if (isPassword(dockerfile.source.text.slice(use.start, use.end), definition.name)) return line(use.start);
        break;
      case "user part of value":
        if (userParts(use.definition.value ?? "").some(({ text }) => isPassword(text, definition.name))) {
          return line(use.definition.property.start);
        }
        break;
      case "index":
        if (unset && isAlone(use.run)) return line(use.script.joined.toFile(use.option.flagStart));
        break;
      case "environment":
        if (unset && isAlone(use.run) && installs(use.run)) return line(use.run.instruction.start);
        break;
      case "value": {
        const found = search(subject, use.definition, seen);
        if (found !== undefined) return found;
        break;
      }
      case "other":
        break;
    }
  }
  return undefined;
}

/** Whether the credentials of a RUN's index can only come with its address. */
function isAlone(run: Run): boolean {
  return run.secrets.length === 0 && !hasCopiedCredentials(run);
}

/** Whether a variable is the password of a user part, or a token in the user's place; not the user's name before it. */
function isPassword(part: string, name: string): boolean {
  const bare = part.replace(/@$/, "");
  const colon = bare.replace(/\$\{[^}]*\}/g, (text) => text.replace(/:/g, "_")).indexOf(":");
  return variablesIn(colon < 0 ? bare : bare.slice(colon + 1)).includes(name);
}
