/** Values that come with a run rather than from a file, such as the parameters of a queued one, as nodes. */
import { PipelineFileError, type Place } from "./error";
import { DEEPEST, mapping, scalar, sequence, tooDeep, type MappingEntry, type Node } from "./node";

const PLACE: Place = { file: "the run's parameters", line: 0, column: 0 };

/** @throws PipelineFileError for a value that JSON does not have, or one that is nested too deeply. */
export function parametersOfRun(values: Readonly<Record<string, unknown>>): readonly MappingEntry[] {
  return entries(values, 1);
}

function entries(values: object, depth: number): MappingEntry[] {
  return Object.entries(values).map(([name, value]) => ({ key: scalar(name, PLACE), value: nodeOf(value, depth + 1) }));
}

function nodeOf(value: unknown, depth: number): Node {
  if (depth > DEEPEST) throw tooDeep(PLACE);
  if (value === null) return scalar("", PLACE);
  if (typeof value === "string") return scalar(value, PLACE);
  // As from a file, where they are texts until a parameter has a type.
  if (typeof value === "boolean" || typeof value === "number") return scalar(String(value), PLACE);
  if (Array.isArray(value))
    return sequence(
      value.map((item: unknown) => nodeOf(item, depth + 1)),
      PLACE,
    );
  if (typeof value === "object") return mapping(entries(value, depth), PLACE);
  throw new PipelineFileError(
    PLACE,
    `a parameter cannot be ${typeof value}`,
    "give texts, numbers, booleans, lists and maps",
  );
}
