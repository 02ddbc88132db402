/** The list of findings that a team has looked at and lets pass, each with its reason. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UsageError } from "../errors";
import { type Hit } from "./search";

const entrySchema = z
  .strictObject({
    /** Path in the layer or folder; `*` for a part of it, `**` for any number of parts. */
    path: z.string().min(1).optional(),
    /** The hash that the report shows. */
    secret: z
      .string()
      .regex(/^[0-9a-f]{12}$/, "is not the 12 hex digits that the report shows")
      .optional(),
    /** Kind of finding; default: any but `literal`, which cannot be allowed. */
    kind: z.string().optional(),
    reason: z.string().min(1),
  })
  .refine(({ path, secret }) => path !== undefined || secret !== undefined, "needs a path or a secret");

const fileSchema = z.strictObject({ allow: z.array(entrySchema) });

export type AllowList = readonly z.infer<typeof entrySchema>[];

/**
 * Reads an allow list: YAML of the form `allow: [{ path, secret, kind, reason }]`.
 * @throws UsageError with the entry and what is wrong with it.
 */
export async function readAllowList(file: string, workingFolder: string): Promise<AllowList> {
  let text: string;
  try {
    text = await readFile(resolve(workingFolder, file), "utf8");
  } catch (error) {
    throw new UsageError(`the allow list ${file} cannot be read`, "Check the path and the rights to the file.", {
      cause: error,
    });
  }
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`, "Write it as YAML.", {
      cause: error,
    });
  }
  const read = fileSchema.safeParse(document);
  if (read.success) return read.data.allow;
  const [issue] = read.error.issues;
  throw new UsageError(
    `${file}: ${(issue?.path ?? []).join(".")}${issue?.path.length === 0 ? "" : ": "}${issue?.message ?? "is wrong"}`,
    "An entry has a reason, and a path or a secret: `allow: [{ path: opt/app/key.pem, secret: 0123456789ab, reason: … }]`.",
  );
}

/** `allowed: <reason>` when an entry fits; a given secret is never allowed. */
export function allowRule(list: AllowList, hit: Pick<Hit, "kind" | "secret">, path: string): string | undefined {
  if (hit.kind === "literal") return undefined;
  const entry = list.find(
    (one) =>
      (one.path === undefined || globPattern(one.path).test(path)) &&
      (one.secret === undefined || one.secret === hit.secret) &&
      (one.kind === undefined || one.kind === hit.kind),
  );
  return entry === undefined ? undefined : `allowed: ${entry.reason}`;
}

function globPattern(glob: string): RegExp {
  const parts = glob.replace(/^\.?\//, "").split(/(\*\*\/?|\*|\?)/);
  const source = parts.map((part) => {
    if (part === "**/") return "(?:.*/)?";
    if (part === "**") return ".*";
    if (part === "*") return "[^/]*";
    return part === "?" ? "[^/]" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source.join("")}$`);
}
