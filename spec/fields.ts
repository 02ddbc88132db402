/** The zod schemas that application, base image and configuration have in common. */
import { z } from "zod";
import type { Pool } from "./model";
import { quote, type Rule } from "./rule";
import { agentPoolName } from "./names";
import { demand, environmentName, environmentValue } from "./texts";

/** What an editor shows for a property. */
export interface Shown {
  readonly description: string;
  readonly examples?: readonly unknown[];
  /** A regular expression for editors; the rule is what decides. */
  readonly pattern?: string;
}

/** A text that a rule must allow. */
export function text(rule: Rule, shown: Shown) {
  return z.string().check(ruled(rule)).meta(editorMetadata(shown));
}

function ruled(rule: Rule): z.core.CheckFn<string> {
  return (payload) => {
    const refusal = rule(payload.value);
    if (refusal !== undefined) {
      payload.issues.push({
        code: "custom",
        input: payload.value,
        message: refusal.message,
        params: { mend: refusal.mend },
        continue: true,
      });
    }
  };
}

function editorMetadata(shown: Shown): Record<string, unknown> {
  return {
    description: shown.description,
    ...(shown.examples === undefined ? {} : { examples: [...shown.examples] }),
    ...(shown.pattern === undefined ? {} : { pattern: shown.pattern }),
  };
}

/** A list in which nothing stands twice; `key` is what makes two entries the same. */
export function uniqueList<Item extends z.ZodType<string | number>>(
  item: Item,
  key: (entry: string) => string = (entry) => entry,
) {
  return z
    .array(item)
    .max(100)
    .superRefine((entries: readonly unknown[], context) => findTwice(entries, key, context), {
      // Also where an entry is refused by itself: every mistake is told at once.
      when: ({ value }) => Array.isArray(value),
    });
}

function findTwice(entries: readonly unknown[], key: (entry: string) => string, context: z.RefinementCtx): void {
  const seen = new Map<string, number>();
  entries.forEach((entry, index) => {
    if (typeof entry !== "string" && typeof entry !== "number") {
      return;
    }
    const same = seen.get(key(String(entry)));
    if (same === undefined) {
      seen.set(key(String(entry)), index);
      return;
    }
    context.addIssue({
      code: "custom",
      path: [index],
      message: `${quote(String(entry))} is the same as entry ${same + 1}`,
      params: { mend: "take one of them out" },
    });
  });
}

/** Microsoft's hosted images on which containers for Linux can be built. */
export const HOSTED_IMAGES = ["ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04"] as const;

const hostedImage = z.enum(HOSTED_IMAGES).meta({ description: "Microsoft-hosted agent with this image of Ubuntu." });

/** A pool as users write it: a hosted image's name, or an object. */
export const pool = z
  .union([
    hostedImage,
    z.strictObject({ vmImage: hostedImage }),
    z.strictObject({
      name: text(agentPoolName, {
        description: "Name of an agent pool of the organization.",
        examples: ["linux-builders"],
      }),
      demands: uniqueList(text(demand, { description: "What an agent must have.", examples: ["docker"] }))
        .optional()
        .meta({ description: "What an agent of the pool must have. Default: nothing." }),
    }),
  ])
  .meta({
    description:
      "Agents to run on: the name of a Microsoft-hosted Ubuntu image, or { name, demands } for a pool of your own. Default: the platform's pool.",
    examples: ["ubuntu-24.04", { name: "linux-builders" }],
  });

/** The pool in the form that the other rooms read. */
export function toPool(written: z.infer<typeof pool>): Pool {
  if (typeof written === "string") {
    return { kind: "hosted", vmImage: written };
  }
  return "vmImage" in written
    ? { kind: "hosted", vmImage: written.vmImage }
    : { kind: "named", name: written.name, demands: written.demands ?? [] };
}

/** Environment variables of an image. */
export const environment = z
  .record(
    text(environmentName, { description: "Name of the variable." }),
    text(environmentValue, { description: "Value, as text: quote numbers, true and false." }),
  )
  .default({})
  .meta({
    description:
      "Environment variables of the image, readable by everyone who can pull it: no secrets. Values are text: quote numbers.",
    examples: [{ LOG_LEVEL: "info" }],
  });
