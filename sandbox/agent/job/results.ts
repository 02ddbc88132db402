/** How results come together (the agent's `TaskResultUtil`). */
import type { Result } from "../model";

/** From good to bad; what is beyond `failed` is never replaced. */
const order: readonly Result[] = ["succeeded", "succeededWithIssues", "failed", "canceled", "skipped"];

export function merged(current: Result | undefined, coming: Result): Result {
  if (current === undefined) return coming;
  if (order.indexOf(current) > order.indexOf("failed")) return current;
  return order.indexOf(coming) >= order.indexOf(current) ? coming : current;
}

const names: ReadonlyMap<string, Result> = new Map([
  ["Succeeded", "succeeded"],
  ["SucceededWithIssues", "succeededWithIssues"],
  ["Failed", "failed"],
  ["Canceled", "canceled"],
  ["Skipped", "skipped"],
]);

/** A result as logging commands write it, in just this case; nothing for another word. */
export function resultNamed(name: string): Result | undefined {
  return names.get(name);
}

/** `Agent.JobStatus`, as conditions and steps read it. */
export function jobStatusName(result: Result): string {
  return [...names].find(([, known]) => known === result)?.[0] ?? "Succeeded";
}
