/** Writes `schema.json` anew after the version of `@pulumi/docker` changed: `npx tsx sandbox/providers/docker/write-schema.ts`. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { deriveSchema } from "./derive";

writeFileSync(join(__dirname, "schema.json"), `${JSON.stringify(deriveSchema(), undefined, 2)}\n`);
