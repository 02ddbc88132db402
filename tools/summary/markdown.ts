/** A run as a page of Markdown, for people who look at it in Azure DevOps. */
import type { Run } from "./run";

/** Characters that Markdown or HTML would act on. */
const marked = /[\\`*_{}[\]<>()#+!|~$&-]/g;

/** Text that stands for itself: on one line, with nothing that Markdown or HTML acts on. */
export function plain(text: string): string {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, " ").replace(marked, (sign) => `&#${sign.codePointAt(0) ?? 0};`);
}

/** The page; its parts are those that the run came to. */
export function markdown(title: string, run: Run): string {
  const parts = [[`### ${plain(title)}`], verdict(run), imageTable(run), packageLines(run), leakLines(run)];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function verdict({ comparison, baked, locks }: Run): string[] {
  if (comparison?.changed === false) {
    const since = comparison.published?.digest;
    return [`Nothing new${since === undefined ? "" : ` since ${plain(since)}`}: nothing was built, and no tag moved.`];
  }
  const reasons = (comparison?.changes ?? []).map(({ what, why }) => `- ${plain(what)}: ${plain(why)}`);
  const said = reasons.length === 0 ? [] : ["New since the last image:", "", ...reasons, ""];
  if (baked === undefined) return [...said, `Stopped before the images were built${locks ? "" : ", without a lock"}.`];
  if (baked.leaks.length > 0) return [...said, "**A leak was found: nothing was tagged.**"];
  const seconds = (baked.seconds.total ?? 0).toFixed(1);
  return [...said, baked.pushed ? `Published in ${seconds} s.` : `Built in ${seconds} s, and not published.`];
}

function imageTable({ baked }: Run): string[] {
  if (baked === undefined || baked.leaks.length > 0) return [];
  const rows = baked.images.flatMap(({ name, digest, tags, platforms, packages }) => {
    const adds = packages === undefined ? "" : String(packages);
    const own = platforms.length === 0 ? [{ platform: "", size: undefined }] : platforms;
    return own.map(({ platform, size }) =>
      [name, platform, size === undefined ? "" : megabytes(size), adds, digest ?? "not pushed", tags.join(", ")].map(
        plain,
      ),
    );
  });
  return [
    ["image", "platform", "size", "packages", "digest", "tags"],
    ["---", "---", "---:", "---:", "---", "---"],
    ...rows,
  ].map((cells) => `| ${cells.join(" | ")} |`);
}

function packageLines({ baked, locks }: Run): string[] {
  const base = baked?.base ?? locks?.base;
  const made = (baked?.built ?? []).map(({ name, tag }) => `${plain(name)}:${plain(tag.slice(0, 12))}`);
  return [
    ...(base === undefined ? [] : [`- made on ${plain(base.reference)} ${plain(base.digest)}`]),
    ...(locks?.sets ?? []).map(({ folder, sha256, packages }) => {
      const name = folder === "" ? "lock" : `lock ${folder}`;
      return `- ${plain(name)}: ${packages} package${packages === 1 ? "" : "s"}, ${plain(sha256)}`;
    }),
    ...(made.length === 0 ? [] : [`- made for the first time: ${made.join(", ")}`]),
  ];
}

/** How many, and no word of what: the log and the report tell it, and mask what is secret. */
function leakLines({ baked }: Run): string[] {
  if (baked === undefined) return [];
  const { length } = baked.leaks;
  return [length === 0 ? "Leaks: none." : `Leaks: ${length}. The log of the build names layer and file of each.`];
}

/** Decimal, as registries show sizes. */
function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
