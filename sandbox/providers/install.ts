/** Puts the provider plugins where the engine finds them: executable scripts in a folder that is on PATH. */
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";

const plugins = ["azuredevops", "azure-native", "docker"] as const;
const staleMilliseconds = 60 * 60 * 1000;

/**
 * Writes `pulumi-resource-<name>` for each provider into `binFolder`, and beside it, in `providers/`, the bundle that each one
 * runs: one file without anything to resolve or compile, so that a plugin starts in a fraction of a second. A bundle's name holds the hash of its
 * content: nothing is written when nothing changed, and a plugin that runs is never changed under its feet. Safe to run at once in several
 * processes.
 *
 * @param binFolder made where it is absent
 * @param node the node executable that the plugins run with; default the one that runs this
 */
export async function installProviders(binFolder: string, node: string = process.execPath): Promise<void> {
  const folder = resolve(binFolder);
  const bundles = join(folder, "providers");
  await mkdir(bundles, { recursive: true });
  const written = await Promise.all(plugins.map(async (name) => installPlugin(name, folder, bundles, node)));
  await removeStale(bundles, new Set(written));
}

async function installPlugin(name: string, folder: string, bundles: string, node: string): Promise<string> {
  const code = await bundle(name);
  const file = `${name}-${createHash("sha256").update(code).digest("hex").slice(0, 16)}.cjs`;
  await writeOnce(join(bundles, file), code, 0o644);
  await writeOnce(join(folder, `pulumi-resource-${name}`), script(node, join(bundles, file)), 0o755);
  return file;
}

async function bundle(name: string): Promise<string> {
  const result = await build({
    entryPoints: [join(__dirname, name, "main.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    minify: true,
    legalComments: "none",
    write: false,
    logLevel: "silent",
  });
  const [output] = result.outputFiles;
  if (output === undefined) {
    throw new Error(`the bundler made nothing of the plugin ${name}`);
  }
  return output.text;
}

// `exec` keeps the engine the plugin's parent, whose end the plugin watches for.
function script(node: string, file: string): string {
  return `#!/bin/sh\nexec ${quote(node)} ${quote(file)} "$@"\n`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function writeOnce(path: string, content: string, mode: number): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === content) {
    return;
  }
  const temporary = join(dirname(path), `.${process.pid}-${Date.now()}-${Math.random().toString(36).slice(2)}`);
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}

// A recent one may be what an older script, read a moment ago, is about to start.
async function removeStale(bundles: string, current: ReadonlySet<string>): Promise<void> {
  const files = (await readdir(bundles)).filter((file) => !current.has(file)).map((file) => join(bundles, file));
  const now = Date.now();
  await Promise.all(
    files.map(async (path) => {
      const status = await stat(path).catch(() => undefined);
      if (status !== undefined && now - status.mtimeMs > staleMilliseconds) {
        await rm(path, { force: true });
      }
    }),
  );
}
