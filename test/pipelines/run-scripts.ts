/** The scripts of the rendered runs, by the names that their steps show. */
import { strict as assert } from "node:assert";
import { renderApplicationTemplate, renderBaseImageTemplate } from "../../pipelines";
import { expanded, type Step } from "./expand";
import { settings } from "./settings";

export const applicationSteps = expanded(renderApplicationTemplate(settings()).content, "IndividualCI", {
  app: "orders",
}).jobs[0]!.steps;
export const baseSteps = expanded(renderBaseImageTemplate(settings()).content, "Schedule", {
  baseImage: "python-web",
}).jobs[0]!.steps;

export function scriptOf(displayName: string, from: readonly Step[] = applicationSteps): string {
  const script = from.find((step) => step.displayName === displayName)?.script;
  assert.ok(script !== undefined, `no script ${displayName}`);
  return script;
}
