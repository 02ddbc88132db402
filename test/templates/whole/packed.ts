/** Packs Wheelhouse as it is published, beside the checkout: what other tests build there at the same time stays whole. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { run } from "../../../sandbox/process.mjs";
import { root, templates } from "../committed";

/** The archive that a project keeps, and what its lock file says of it. */
export interface Packed {
  readonly file: string;
  readonly integrity: string;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly dependencies: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, unknown>>;
}

/** What is built, and so not copied. */
const built = /^(dist$|tools\/dist\/)/;

/** Seconds that the compiler may take on a slow machine. */
const patience = 240;

function manifest(): Manifest {
  return JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
}

/** @param folder is made. */
export async function pack(folder: string, env: NodeJS.ProcessEnv): Promise<Packed> {
  const { files } = manifest();
  for (const file of ["package.json", "README.md", "LICENSE", ...files.filter((name) => !built.test(name))]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  const [dist, bundle] = [join(folder, "dist"), join(folder, "tools/dist/wheelhouse.cjs")].map((path) =>
    JSON.stringify(path),
  );
  const program =
    `const [{ compile }, { makeBundle }] = await Promise.all([import("./provider/build.mjs"), import("./tools/bundle.mjs")]);\n` +
    `compile(${dist});\nawait makeBundle(${bundle});\n`;
  const options = { env, timeoutSeconds: patience };
  await run(process.execPath, ["--input-type=module", "--eval", program], { ...options, cwd: root });
  const packing = ["pack", "--json", "--ignore-scripts", "--workspaces=false"];
  const { output } = await run("npm", packing, { ...options, cwd: folder });
  const [packed] = JSON.parse(output) as { filename: string; integrity: string }[];
  if (packed === undefined) throw new Error(output);
  return { file: join(folder, packed.filename), integrity: packed.integrity };
}

/**
 * Puts into a project's folder, before there is a project, what a platform team keeps there: the archive, and a lock file of
 * the versions that the checkout has, so that nothing depends on what is published meanwhile.
 */
export function keep({ file, integrity }: Packed, template: string, folder: string): void {
  copyFileSync(file, join(folder, basename(file)));
  const own = JSON.parse(readFileSync(join(templates, template, "package.json"), "utf8")) as Manifest;
  const { packages } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as Lock;
  const { name, version, dependencies, bin } = manifest();
  const others = Object.entries(packages).filter(([path]) => path.startsWith("node_modules/") && !isLocal(path));
  const lock = {
    name: own.name,
    version: own.version,
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": own,
      ...Object.fromEntries(others),
      [`node_modules/${name}`]: { version, resolved: `file:${basename(file)}`, integrity, dependencies, bin },
    },
  };
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock, undefined, 2));
}

/** The SDK in the checkout, which the package has compiled in. */
function isLocal(path: string): boolean {
  return path === "node_modules/@pulumi/azuredevops";
}
