/**
 * Writes the generated files of this package and `schema.json` from a provider schema:
 * `npx tsx sdks/azuredevops/generator/generate.ts <schema.json of the provider, as "pulumi package get-schema" prints it>`.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProviderSchema } from "./provider-schema";
import { GENERATED, renderPackage } from "./render";

const PACKAGE = dirname(__dirname);

async function main(schemaFile: string | undefined): Promise<void> {
  if (schemaFile === undefined) {
    throw new Error("Say which provider schema to read: generate.ts <file>");
  }
  const schema = JSON.parse(readFileSync(schemaFile, "utf8")) as ProviderSchema;
  const files = await renderPackage(schema);
  for (const path of generatedFiles()) {
    rmSync(join(PACKAGE, path));
  }
  for (const [path, text] of files) {
    writeFileSync(join(PACKAGE, path), text);
  }
  console.log(`${files.size.toString()} files of ${schema.name} ${schema.version}`);
}

/** Paths of what an earlier run wrote, so that a resource that is no longer selected goes. */
function generatedFiles(): string[] {
  return ["", "types"].flatMap((folder) =>
    readdirSync(join(PACKAGE, folder))
      .map((name) => join(folder, name))
      .filter(
        (path) => path.endsWith(".ts") && readFileSync(join(PACKAGE, path), "utf8").startsWith(`/** ${GENERATED}`),
      ),
  );
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
