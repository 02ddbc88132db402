/** Reads what the commands of one run left in a folder: `compare.json`, `locks/locks.json` and `bake.json`, each if it is there. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { z } from "zod";
import { UsageError } from "../errors";

const comparison = z.looseObject({
  name: z.string(),
  changed: z.boolean(),
  changes: z.array(z.looseObject({ what: z.string(), why: z.string() })),
  published: z.looseObject({ reference: z.string(), digest: z.string() }).optional(),
});

const locks = z.looseObject({
  base: z.looseObject({ reference: z.string(), digest: z.string() }).optional(),
  sets: z.array(z.looseObject({ folder: z.string(), sha256: z.string(), packages: z.number() })),
});

const baked = z.looseObject({
  pushed: z.boolean(),
  base: z.looseObject({ reference: z.string(), digest: z.string() }).optional(),
  images: z.array(
    z.looseObject({
      name: z.string(),
      digest: z.string().optional(),
      tags: z.array(z.string()),
      platforms: z.array(z.looseObject({ platform: z.string(), size: z.number() })),
      packages: z.number().optional(),
    }),
  ),
  built: z.array(z.looseObject({ name: z.string(), tag: z.string() })),
  leaks: z.array(z.unknown()),
  seconds: z.record(z.string(), z.number()),
});

/** What is known of a run; a part is absent where the run did not come that far. */
export interface Run {
  readonly comparison: z.infer<typeof comparison> | undefined;
  readonly locks: z.infer<typeof locks> | undefined;
  readonly baked: z.infer<typeof baked> | undefined;
}

/** @throws UsageError for a file that is not what its command writes. */
export function readRun(folder: string): Run {
  return {
    comparison: readPart(path.join(folder, "compare.json"), comparison),
    locks: readPart(path.join(folder, "locks", "locks.json"), locks),
    baked: readPart(path.join(folder, "bake.json"), baked),
  };
}

function readPart<T>(file: string, schema: z.ZodType<T>): T | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new UsageError(`${file} cannot be read`, "", { cause: error });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new UsageError(`${file} is not what this version of wheelhouse writes`, "let the whole run use one version", {
      cause: error,
    });
  }
}
