/** The schema of the component provider, as Pulumi's own analyzer infers it from the sources. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Analyzer, type AnalyzeResult } from "@pulumi/pulumi/provider/experimental/analyzer";
import { generateSchema } from "@pulumi/pulumi/provider/experimental/schema";
import { format, resolveConfig } from "prettier";
import manifest from "../../package.json";
import { components } from "../../provider";

const root = resolve(__dirname, "../..");

/** The file that the provider serves. */
export const schemaFile = join(root, "provider", "schema.json");

/** The text that {@link schemaFile} has to have. */
export async function inferSchema(): Promise<string> {
  // A project of its own: that of the checkout has every test and the sandbox in it, which takes four times as long to read.
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-schema-"));
  try {
    const configuration = { extends: join(root, "tsconfig.json"), files: [join(root, "provider", "index.ts")] };
    const compilerOptions = { typeRoots: [join(root, "node_modules", "@types")] };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...configuration, compilerOptions, include: [] }));
    const entry = { ...manifest, exports: undefined, main: join(root, "provider", "index.ts") };
    const analyzer = new Analyzer(folder, manifest.name, entry, new Set(Object.keys(components)));
    const options = await resolveConfig(schemaFile);
    return await format(render(analyzer.analyze()), { ...options, filepath: schemaFile });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function render({ components: found, typeDefinitions, dependencies }: AnalyzeResult): string {
  const { name, version, description } = manifest;
  const schema = generateSchema(name, version, description, sorted(found), sorted(typeDefinitions), dependencies);
  for (const [type, definition] of Object.entries(typeDefinitions)) {
    // The analyzer reads what types are for, and its schema leaves it out.
    Object.assign(schema.types[`${name}:index:${type}`] ?? {}, { description: definition.description });
  }
  // Without it the SDK of Go does not compile: it lacks the types of lists whose elements are known but for a value in them.
  Object.assign((schema.language?.go ?? {}) as object, { generateExtraInputTypes: true });
  return JSON.stringify(schema);
}

/** The order of imports must not show. */
function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([left], [right]) => (left < right ? -1 : 1)));
}
