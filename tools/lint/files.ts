/** Reads the files that a user names, and replaces one as a whole or not at all. */
import { randomBytes } from "node:crypto";
import { promises as fs } from "node:fs";
import * as path from "node:path";
import { UsageError } from "../errors";
import { LARGEST } from "./lint";

/**
 * The text of a file, which must be UTF-8.
 * @param inFolder file that is meant where a folder is named.
 * @throws UsageError where it cannot be read.
 */
export async function readText(
  absolute: string,
  given: string,
  inFolder: string | undefined,
): Promise<{ file: string; text: string }> {
  try {
    const status = await fs.stat(absolute);
    if (status.isDirectory()) {
      if (inFolder === undefined) throw new UsageError(`${given} is a folder`, "Name the file in it.");
      return await readText(path.join(absolute, inFolder), path.join(given, inFolder), undefined);
    }
    if (status.size > 4 * LARGEST)
      throw new UsageError(`${given} has ${status.size} bytes`, "Name a file that a person wrote.");
    const bytes = await fs.readFile(absolute);
    return { file: given, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof TypeError)
      throw new UsageError(`${given} is not text in UTF-8`, "Save it as UTF-8.", { cause: error });
    const code = (error as NodeJS.ErrnoException).code;
    const what = code === "ENOENT" ? "there is no such file" : code === "EACCES" ? "it may not be read" : String(code);
    throw new UsageError(`${given} cannot be read: ${what}`, "Name a Dockerfile, or a folder that holds one.", {
      cause: error,
    });
  }
}

/** Writes beside the file, then takes its place with its mode; a reader sees the old text or the new one. */
export async function replaceFile(file: string, text: string): Promise<void> {
  // A link stays one: what it leads to is replaced.
  const real = await fs.realpath(file);
  const temporary = path.join(path.dirname(real), `.${path.basename(real)}.${randomBytes(6).toString("hex")}`);
  try {
    const { mode } = await fs.stat(real);
    await fs.writeFile(temporary, text, { mode: mode & 0o777, flag: "wx" });
    await fs.chmod(temporary, mode & 0o777);
    await fs.rename(temporary, real);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw new UsageError(
      `${file} cannot be written: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      "Nothing was changed in it.",
      { cause: error },
    );
  }
}
