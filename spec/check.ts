/** Checks one file of specifications: bytes in, the specification or its problems out. Nothing here touches the disk. */
import type { z } from "zod";
import { appSchema, toApp } from "./app-schema";
import { baseImageSchema, toBaseImage } from "./base-image-schema";
import { baseImageCombinations, combinations } from "./combinations";
import { decode, readYaml, type SourceFile, type YamlFile } from "./document";
import { findings, type Finding } from "./issues";
import type { App, BaseImage } from "./model";
import type { Problem } from "./problem";
import { checkRequirements, checkSystemPackages } from "./requirements";
import { quote } from "./rule";

/** A file of specifications after its own checks. `spec` is `undefined` where there are problems. */
export interface Checked<Spec> {
  /** The name that its file or folder says it has. */
  readonly expectedName: string;
  readonly yaml: YamlFile;
  readonly spec: Spec | undefined;
  readonly problems: readonly Problem[];
}

/** The bytes of a base image's folder. */
export interface BaseImageSource {
  /** Name of the folder. */
  readonly folder: string;
  readonly specification: SourceFile;
  readonly requirements: SourceFile | undefined;
  readonly systemPackages: SourceFile | undefined;
}

/** Checks `apps/<expectedName>.yaml`. */
export function checkApp(source: SourceFile, expectedName: string): Checked<App> {
  const yaml = readYaml(source);
  const problems = [
    ...yaml.problems,
    ...checkValue(yaml, appSchema, combinations),
    ...checkName(yaml, expectedName, "file"),
  ];
  const result = appSchema.safeParse(yaml.value);
  return {
    expectedName,
    yaml,
    problems,
    spec: problems.length === 0 && result.success ? toApp(result.data) : undefined,
  };
}

/** Checks a base image's folder. */
export function checkBaseImage(source: BaseImageSource): Checked<BaseImage> {
  const yaml = readYaml(source.specification);
  const requirements = checkText(source.requirements, checkRequirements);
  const systemPackages = checkText(source.systemPackages, checkSystemPackages);
  const problems = [
    ...yaml.problems,
    ...checkValue(yaml, baseImageSchema, baseImageCombinations),
    ...checkName(yaml, source.folder, "folder"),
    ...requirements.problems,
    ...systemPackages.problems,
  ];
  const result = baseImageSchema.safeParse(yaml.value);
  const spec =
    problems.length === 0 && result.success
      ? toBaseImage(result.data, requirements.text ?? "", systemPackages.text)
      : undefined;
  return { expectedName: source.folder, yaml, problems, spec };
}

function checkValue(
  yaml: YamlFile,
  schema: z.ZodType,
  together: (value: Readonly<Record<string, unknown>>) => Finding[],
): Problem[] {
  if (yaml.value === undefined) {
    return [];
  }
  const found = [...findings(schema, yaml.value).map((finding) => withSource(finding, yaml)), ...together(yaml.value)];
  return found.map(({ path, message, mend, atKey }) =>
    atKey ? yaml.atKey(path, message, mend) : yaml.at(path, message, mend),
  );
}

/** A number where a text belongs: quotes what was written, since YAML reads 3.10 as 3.1. */
function withSource(finding: Finding, yaml: YamlFile): Finding {
  const written = yaml.sourceOf(finding.path);
  if (!finding.mend.startsWith("put it in quotes") || written === undefined) {
    return finding;
  }
  const value = finding.path.reduce<unknown>(
    (inner, part) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, part) : undefined),
    yaml.value,
  );
  const lost =
    typeof value === "number" && String(value) !== written ? `; without quotes, YAML reads ${String(value)}` : "";
  return { ...finding, mend: `put it in quotes: ${quote(written)}${lost}` };
}

function checkName(yaml: YamlFile, expected: string, kind: "file" | "folder"): Problem[] {
  const name = yaml.value?.name;
  if (typeof name !== "string" || name === expected) {
    return [];
  }
  return [
    yaml.at(
      ["name"],
      `${quote(name)} is not the name of its ${kind}, ${quote(expected)}`,
      `rename the ${kind}, or write name: ${expected}`,
    ),
  ];
}

function checkText(
  source: SourceFile | undefined,
  check: (file: string, text: string) => Problem[],
): { text: string | undefined; problems: readonly Problem[] } {
  if (source === undefined) {
    return { text: undefined, problems: [] };
  }
  const text = decode(source);
  return typeof text === "string"
    ? { text: text.replaceAll("\r\n", "\n"), problems: check(source.file, text) }
    : { text: undefined, problems: [text] };
}
