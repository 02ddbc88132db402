/** A name that the feed holds itself is never taken from an upstream source. */
import { resourceRule } from "../resource-rule";
import { elements, entries, isOn, textOf, type Value } from "../values";

/**
 * Switches of Azure Artifacts that let public versions of a private package's name in: one of the feed, one of a package.
 * Source: https://learn.microsoft.com/rest/api/azure/devops/artifacts/feed-management and …/artifactspackagetypes/python
 */
const OVERRIDES: ReadonlyMap<string, (value: Value) => boolean> = new Map([
  ["allowUpstreamNameConflict", isOn],
  ["versionsFromExternalUpstreams", (value: Value) => textOf(value)?.toLowerCase() === "allowexternalversions"],
]);

const DEEPEST = 8;

export const noNameConflictOverride = resourceRule({
  name: "no-name-conflict-override",
  description: "Feeds never take a package of their own name from a public source.",
  severity: "critical",
  mend: "Remove allowUpstreamNameConflict and versionsFromExternalUpstreams; rename a private package that clashes.",
  check: ({ type, inputs }) =>
    /feed|upstream/i.test(type)
      ? overrides(inputs, "", 0).map((where) => ({
          where,
          what: "it lets public packages take the name of private ones",
          why: "a stranger who publishes a higher version gets it installed",
          mend: "Remove it; rename the private package where both are wanted",
        }))
      : [],
});

/** Paths of the switches that are on, wherever they lie. */
function overrides(value: Value, path: string, depth: number): string[] {
  if (depth > DEEPEST) return [];
  return [
    ...elements(value).flatMap((element, index) => overrides(element, `${path}[${index}]`, depth + 1)),
    ...entries(value).flatMap(([name, inner]) => {
      const where = path === "" ? name : `${path}.${name}`;
      return OVERRIDES.get(name)?.(inner) === true ? [where] : overrides(inner, where, depth + 1);
    }),
  ];
}
