/** Reads `variables:`, as a map or as a list. */
import { quote } from "../../../spec/rule";
import { PipelineFileError, type Place } from "./error";
import { entriesOf, itemsOf, type BoundEntry } from "./expand";
import { Fields, resolved, textIn, type Keys } from "./fields";
import { included, namesTemplate, type Reading } from "./include";
import type { Bound } from "./scope";

const KEYS: Keys = { of: "a variable", known: ["name", "value"], unsupported: ["group", "readonly"] };

/** Names that the service alone sets: a file could claim another reason of its run with them. */
const RESERVED = /^(?:(?:agent|build|checks|environment|pipeline|release|resources|strategy|system)\.|tf_build$)/i;

const MOST_CHARACTERS = 400;

/** Names and values; names have no letter case. */
class Names {
  private readonly byName = new Map<string, readonly [name: string, value: string]>();

  set(name: string, value: string): void {
    this.byName.set(name.toLowerCase(), [name, value]);
  }

  all(): Map<string, string> {
    return new Map(this.byName.values());
  }
}

/** Two sets of variables as one: those of the inner set win, whatever their letter case. */
export function joined(outer: ReadonlyMap<string, string>, inner: ReadonlyMap<string, string>): Map<string, string> {
  const names = new Names();
  for (const [name, value] of [...outer, ...inner]) names.set(name, value);
  return names.all();
}

/**
 * Reads variables one after the other: each may speak of those before it. They are set in the reading's scope, too.
 * @returns names and values; a later one of the same name, whatever its letter case, takes the place of an earlier one
 * @throws PipelineFileError for names that the service sets itself, variable groups, and run-time expressions.
 */
export async function readVariables(bound: Bound, reading: Reading): Promise<Map<string, string>> {
  const found = new Names();
  await readInto(found, resolved(bound), reading);
  return found.all();
}

async function readInto(found: Names, bound: Bound, reading: Reading): Promise<void> {
  if (bound.node.kind !== "sequence") {
    for (const { key, value } of entriesOf(bound)) setVariable(found, String(key.value), key.place, value, reading);
    return;
  }
  for (const item of itemsOf(bound)) {
    const entries = entriesOf(item);
    if (namesTemplate(entries)) {
      const inner = await included(item, entries, "variables", reading);
      await readInto(found, resolved(inner.bound), inner.reading);
    } else {
      readEntry(found, item, entries, reading);
    }
  }
}

function readEntry(found: Names, item: Bound, entries: readonly BoundEntry[], reading: Reading): void {
  const fields = new Fields(item, KEYS, entries);
  const name = fields.word("name");
  const value = fields.get("value");
  if (name === undefined || value === undefined) {
    throw new PipelineFileError(fields.place, "a variable needs a name and a value", "write - name: …, value: …");
  }
  setVariable(found, name, fields.placeOf("name"), value, reading);
}

function setVariable(found: Names, name: string, place: Place, bound: Bound, reading: Reading): void {
  checkName(name, place);
  const value = textIn(bound, name);
  if (value.trimStart().startsWith("$[")) {
    throw new PipelineFileError(
      bound.node.place,
      "run-time expressions ($[ ]) are not supported in variables here",
      "use ${{ }}, a macro, or ##vso[task.setvariable]",
    );
  }
  found.set(name, value);
  reading.scope.variables.set(name, value);
}

function checkName(name: string, place: Place): void {
  if (RESERVED.test(name)) {
    throw new PipelineFileError(
      place,
      `${quote(name)} is set by the service`,
      "give the variable another name, without such a beginning",
    );
  }
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name.length > MOST_CHARACTERS) {
    throw new PipelineFileError(
      place,
      `${quote(name)} cannot be the name of a variable`,
      "use letters, digits, dots, dashes and underscores",
    );
  }
}
