/** Where the code of dynamic resources is, and how the engine's process gets at it. */
import { createRequire } from "node:module";
import { extname, join, relative } from "node:path";

/** `.ts` in a checkout, `.js` in the package. */
const extension = extname(__filename);

/**
 * Loads the operations of a dynamic resource in the engine's process, from a file of this folder. Pulumi writes a
 * provider's functions into the state as text, with all they capture; loading the rest by its path, from the folder that
 * Pulumi runs programs and dynamic resources in, keeps that text short, the same from run to run, and free of any value of
 * the environment, and lets a mended program mend resources that an older one made.
 * @param module of this folder, without extension.
 */
export function loaderOf(module: string): () => unknown {
  const path = `./${relative(process.cwd(), join(__dirname, `${module}${extension}`))}`;
  return extension === ".ts" ? fromSource(path) : fromPackage(path);
}

function fromSource(path: string): () => unknown {
  return () => {
    const fromProject = createRequire(join(process.cwd(), "package.json"));
    fromProject("tsx/cjs");
    return fromProject(path) as unknown;
  };
}

function fromPackage(path: string): () => unknown {
  return () => createRequire(join(process.cwd(), "package.json"))(path) as unknown;
}
