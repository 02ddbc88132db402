/** Parameters of templates and pipelines: what a file declares, and the values that it is given. */
import { quote } from "../../../spec/rule";
import { firstExpression } from "./check-expressions";
import { PipelineFileError, type Place } from "./error";
import { expanded, itemsOf } from "./expand";
import { Fields } from "./fields";
import { kindOf, mapping, scalar, type MappingEntry, type MappingNode, type Node } from "./node";
import { areEqual, toText, type Primitive } from "./primitive";
import { suggest } from "./suggestion";

type ParameterType = "string" | "number" | "boolean" | "object";

interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly default?: Node;
  /** Values that it can have; for texts and numbers. */
  readonly values?: readonly Primitive[];
  readonly place: Place;
}

const TYPES: readonly ParameterType[] = ["string", "number", "boolean", "object"];

/** Types of the service that are not supported here: their values are checked by schemas of their own. */
const OTHER_TYPES = [
  "step",
  "stepList",
  "job",
  "jobList",
  "deployment",
  "deploymentList",
  "stage",
  "stageList",
  "container",
  "containerList",
  "stringList",
  "environment",
  "filePath",
  "pool",
  "secureFile",
  "serviceConnection",
  "legacyObject",
];

const KEYS = { of: "a parameter", known: ["name", "displayName", "type", "default", "values"] };

/**
 * The parameters that a file declares with `parameters:`.
 * @throws PipelineFileError for the old form (a map), unknown types, defaults that do not fit, and expressions: the
 * service takes literals alone.
 */
export function declaredParameters(node: Node | undefined): readonly Parameter[] {
  if (node === undefined) return [];
  const expression = firstExpression(node);
  if (expression !== undefined) {
    throw new PipelineFileError(
      expression,
      "an expression cannot stand in a declaration of parameters",
      "write a literal",
    );
  }
  if (node.kind === "mapping") {
    throw new PipelineFileError(
      node.place,
      "parameters as a map are not supported here",
      "write a list: - name: …, type: …, default: …",
    );
  }
  const declared = itemsOf({ node, scope: undefined }).map((item) => declaredParameter(new Fields(item, KEYS)));
  const seen = new Set<string>();
  for (const { name, place } of declared) {
    if (seen.has(name.toLowerCase()))
      throw new PipelineFileError(place, `parameter ${quote(name)} is declared twice`, "keep one of the two");
    seen.add(name.toLowerCase());
  }
  return declared;
}

function declaredParameter(fields: Fields): Parameter {
  const name = fields.word("name");
  if (name === undefined) throw new PipelineFileError(fields.place, "a parameter has no name", "write name: …");
  fields.text("displayName");
  const type = typeOf(fields);
  const parameter: Parameter = { name, type, place: fields.place, ...valuesOf(fields, name, type) };
  const otherwise = fields.get("default");
  return otherwise === undefined ? parameter : { ...parameter, default: fitted(expanded(otherwise), parameter) };
}

function typeOf(fields: Fields): ParameterType {
  const text = fields.text("type") ?? "string";
  const type = TYPES.find((one) => one === text);
  if (type !== undefined) return type;
  const place = fields.placeOf("type");
  if (OTHER_TYPES.includes(text)) {
    throw new PipelineFileError(
      place,
      `parameters of type ${text} are not supported by the sandbox`,
      `use one of ${TYPES.join(", ")}`,
    );
  }
  throw new PipelineFileError(place, `${quote(text)} is no type of a parameter`, suggest(text, TYPES));
}

function valuesOf(fields: Fields, name: string, type: ParameterType): Pick<Parameter, "values"> {
  const values = fields.get("values");
  if (values === undefined) return {};
  if (type !== "string" && type !== "number") {
    throw new PipelineFileError(
      fields.placeOf("values"),
      `values of a parameter of type ${type} mean nothing`,
      "take them out, or make it a string",
    );
  }
  const free: Parameter = { name, type, place: fields.place };
  return { values: itemsOf(values).map((item) => primitiveOf(fitted(expanded(item), free))) };
}

function primitiveOf(node: Node): Primitive {
  return node.kind === "scalar" ? node.value : null;
}

/** The value as its parameter's type has it. @throws PipelineFileError where it does not fit. */
function fitted(node: Node, parameter: Parameter): Node {
  const { name, type, values } = parameter;
  if (type === "object") return node;
  if (node.kind !== "scalar")
    throw misfit(node.place, name, `must be a ${type}, not ${kindOf(node)}`, `give it a ${type}`);
  const text = toText(node.value);
  const value = type === "string" ? text : type === "number" ? numberIn(text) : booleanIn(text);
  if (value === undefined) {
    throw misfit(
      node.place,
      name,
      `must be a ${type}, not ${quote(text)}`,
      type === "number" ? "write digits, such as 10" : "write true or false",
    );
  }
  if (values !== undefined && !values.includes(value)) {
    throw misfit(node.place, name, `cannot be ${quote(text)}`, suggest(text, values.map(toText)));
  }
  return scalar(value, node.place);
}

function numberIn(text: string): number | undefined {
  return /^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$/.test(text) ? Number(text) : undefined;
}

function booleanIn(text: string): boolean | undefined {
  return areEqual(text, true) ? true : areEqual(text, false) ? false : undefined;
}

function misfit(place: Place, name: string, what: string, mend: string): PipelineFileError {
  return new PipelineFileError(place, `parameter ${quote(name)} ${what}`, mend);
}

/**
 * The values of a file's parameters.
 * @param given evaluated already
 * @param place of what gives them, for those that are missing
 * @throws PipelineFileError for a value that is missing, unknown, or does not fit.
 */
export function boundParameters(
  declared: readonly Parameter[],
  given: readonly MappingEntry[],
  place: Place,
): MappingNode {
  const names = declared.map(({ name }) => name);
  const known = new Set(names.map((name) => name.toLowerCase()));
  const byName = new Map<string, MappingEntry>();
  for (const entry of given) {
    const name = String(entry.key.value);
    if (!known.has(name.toLowerCase())) {
      const mend = names.length === 0 ? "it has no parameters: take it out" : suggest(name, names);
      throw new PipelineFileError(entry.key.place, `there is no parameter ${quote(name)}`, mend);
    }
    byName.set(name.toLowerCase(), entry);
  }
  const entries = declared.map((parameter) => {
    const entry = byName.get(parameter.name.toLowerCase());
    const value = entry === undefined ? parameter.default : fitted(entry.value, parameter);
    if (value !== undefined) return { key: scalar(parameter.name, parameter.place), value };
    throw new PipelineFileError(
      place,
      `parameter ${quote(parameter.name)} has no value`,
      `give it one under parameters:; it is a ${parameter.type}`,
    );
  });
  return mapping(entries, place);
}
