/** The configuration of a stack for tests: the least that one needs, of which a test names only what it adds. */
import { ok } from "node:assert/strict";
import { readSettings, SpecError, type ConfigReader, type Problem, type Settings } from "../../spec";

export type Written = Readonly<Record<string, unknown>>;

/** Every required key. */
export const LEAST: Written = {
  organization: "contoso",
  project: "Platform",
  subscriptionName: "Production",
  location: "westeurope",
  resourceGroup: "wheelhouse",
  registryName: "contosoimages",
  feedName: "python",
  upstreams: [{ name: "public index", location: "https://packages.example/simple/" }],
};

/** As `pulumi.Config`: every value is a text; structures are JSON. */
export function config(written: Written): ConfigReader {
  const get = (key: string): string | undefined => {
    const value = written[key];
    return value === undefined ? undefined : typeof value === "string" ? value : JSON.stringify(value);
  };
  return {
    get,
    getObject: (key) => {
      const text = get(key);
      return text === undefined ? undefined : (JSON.parse(text) as unknown);
    },
  };
}

export const read = (more: Written = {}): Settings => readSettings(config({ ...LEAST, ...more }));

export function problems(more: Written, keys: readonly string[] = []): readonly Problem[] {
  try {
    readSettings(config({ ...LEAST, ...more }), keys);
  } catch (error) {
    ok(error instanceof SpecError);
    return error.problems;
  }
  return [];
}
