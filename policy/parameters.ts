/** Parameters of rules: one schema says what Pulumi lets an organization set, and what a rule then gets. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import { z } from "zod";

/** Parameters that a rule does not take. */
export class ParameterError extends Error {
  public constructor(rule: string, mistakes: readonly string[]) {
    super(`the configuration of the policy ${rule} is wrong: ${mistakes.join("; ")}`);
    this.name = "ParameterError";
    // Pulumi shows the stack in place of the message; where the pack's code was then helps nobody to mend a file.
    this.stack = this.message;
  }
}

/** A regular expression. Both Go, which Pulumi checks parameters with, and JavaScript must take it: no looking around. */
export const regularExpression = z
  .string()
  .refine(isRegularExpression, { error: "is not a regular expression" })
  .meta({ format: "regex" });

/** What a rule without parameters takes. */
export const noParameters = z.strictObject({});

/** The same for Pulumi, which refuses a preview whose parameters do not fit; `undefined` for a rule without any. */
export function configSchemaOf(parameters: z.ZodObject): PolicyConfigSchema | undefined {
  if (Object.keys(parameters.shape).length === 0) return undefined;
  const { properties, required } = z.toJSONSchema(parameters, { target: "draft-7", io: "input" });
  return {
    properties: properties as PolicyConfigSchema["properties"],
    ...(required === undefined || required.length === 0 ? {} : { required }),
  };
}

/**
 * Parameters as a rule wants them, defaults filled in.
 * @throws ParameterError for a parameter that the rule does not have: Pulumi itself would overlook a misspelt name.
 */
export function readParameters<T extends z.ZodObject>(rule: string, parameters: T, given: unknown): z.output<T> {
  const result = parameters.safeParse(given);
  if (result.success) return result.data;
  throw new ParameterError(rule, parameterMistakes(result.error));
}

/** Every mistake with its place, without the value. */
export function parameterMistakes(error: z.ZodError): string[] {
  return error.issues.map(
    (issue) => `${issue.path.length === 0 ? "" : `${z.core.toDotPath(issue.path)}: `}${issue.message}`,
  );
}

function isRegularExpression(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}
