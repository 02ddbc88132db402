/** Blocks of code that show what properties are set to, and how they differ. */
import { cutLines, differenceLines, valueText, type Detail } from "./difference";
import { code, fenced } from "./markdown";
import type { PropertyChange } from "./model";

/** Values one a line, then each text as it is. */
export function settings(properties: readonly PropertyChange[], detail: Detail): string[] {
  const shown = properties.flatMap(({ path, after }) => (after === undefined ? [] : [{ path, after }]));
  const texts = shown.flatMap(({ path, after }) => (after.kind === "text" ? [{ path, after }] : []));
  const values = shown.filter(({ after }) => after.kind !== "text");
  const lines = values.map(({ path, after }) => `${path}: ${valueText(after)}`);
  return [
    ...(values.length === 0 ? [] : [fenced(cutLines(lines, detail.lines, detail.line), "yaml")]),
    ...texts.flatMap(({ path, after }) => [
      ...(texts.length > 1 ? [code(path)] : []),
      fenced(cutLines(after.text.replace(/\n$/, "").split("\n"), detail.newLines, detail.line), after.language),
    ]),
  ];
}

/**
 * One block: values first, then the parts of each text.
 * @param plain path of the property that needs no name, as the resource is nothing but its text
 */
export function differences(properties: readonly PropertyChange[], detail: Detail, plain?: string): string[] {
  if (properties.length === 0) return ["Nothing of what the program sets differs; the provider sees a change."];
  const isText = ({ before, after }: PropertyChange) => before?.kind === "text" || after?.kind === "text";
  const ordered = [...properties.filter((property) => !isText(property)), ...properties.filter(isText)];
  const lines = ordered.flatMap((property) =>
    differenceLines(property).map((line) =>
      line.startsWith("@@") && property.path !== plain ? `${line} ${property.path}` : line,
    ),
  );
  return [fenced(cutLines(lines, detail.lines, detail.line), "diff")];
}
