/** Takes a template in the place of an entry: of steps, jobs, stages or variables. */
import { PipelineFileError, type Place } from "./error";
import { entriesOf, expanded, type BoundEntry } from "./expand";
import { Fields, resolved, type Keys } from "./fields";
import type { MappingEntry } from "./node";
import { boundParameters, declaredParameters } from "./parameters";
import type { Bound, Scope } from "./scope";
import type { Origin, TemplateFile, Templates } from "./templates";

/** Where something is read: the file, with what its expressions may speak of. */
export interface Reading {
  readonly origin: Origin;
  readonly scope: Scope;
  readonly templates: Templates;
}

const REFERENCE: Keys = { of: "a template reference", known: ["template", "parameters"] };

/** The keys of a template's own file, beside what it is made of. */
export type TemplateKind = "steps" | "jobs" | "stages" | "variables";

/** Whether an entry of a list names a template. */
export function namesTemplate(entries: readonly BoundEntry[]): boolean {
  return entries.some(({ key }) => key.value === "template");
}

/**
 * The list that a template has for an entry that names it, with the reading of its own file: its parameters, the
 * variables of the place that names it, and no loops.
 * @throws PipelineFileError where the template is of another kind, or its parameters do not fit.
 */
export async function included(
  item: Bound,
  entries: readonly BoundEntry[],
  kind: TemplateKind,
  reading: Reading,
): Promise<{ bound: Bound; reading: Reading }> {
  const file = await opened(new Fields(item, REFERENCE, entries), reading);
  const keys: Keys = { of: `a template of ${kind}`, known: ["parameters", kind] };
  const { fields, inner } = entered(file, keys, reading);
  const content = fields.get(kind);
  if (content === undefined) {
    throw new PipelineFileError(
      fields.place,
      `the template has no ${kind}`,
      `write ${kind}: in it, or name another template`,
    );
  }
  return { bound: content, reading: inner };
}

export interface OpenedTemplate extends TemplateFile {
  readonly given: readonly MappingEntry[];
  readonly place: Place;
}

/** The file that a `template:` names, with the parameters that are given to it. */
export async function opened(reference: Fields, reading: Reading): Promise<OpenedTemplate> {
  const name = reference.word("template");
  const place = reference.get("template")?.node.place ?? reference.place;
  if (name === undefined)
    throw new PipelineFileError(reference.place, "no template is named", "write template: path/to/file.yml");
  const parameters = reference.get("parameters");
  const given =
    parameters === undefined
      ? []
      : entriesOf(resolved(parameters)).map(({ key, value }) => ({ key, value: expanded(value) }));
  return { ...(await reading.templates.open(name, reading.origin, place)), given, place };
}

/** The keys of an opened template, and the reading of it. */
export function entered(
  { origin, root, given, place }: OpenedTemplate,
  keys: Keys,
  { scope, templates }: Reading,
): { fields: Fields; inner: Reading } {
  const declared = declaredParameters(root.entries.find(({ key }) => key.value === "parameters")?.value);
  const parameters = boundParameters(declared, given, place);
  const inner: Reading = { origin, templates, scope: { ...scope, parameters, loops: new Map() } };
  return { fields: new Fields({ node: root, scope: inner.scope }, keys), inner };
}
