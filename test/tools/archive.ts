/** Makes wheels for tests, byte by byte what a build backend would make. */
import { createHash } from "node:crypto";
import { zipSync, type Zippable } from "fflate";

export interface WheelSpec {
  readonly name: string;
  readonly version: string;
  readonly files?: Readonly<Record<string, string>>;
  /** Files with an executable bit. */
  readonly executable?: readonly string[];
  readonly metadata?: string;
  readonly wheel?: string;
  readonly entryPoints?: string;
  readonly requires?: readonly string[];
  /** In place of the one that fits. */
  readonly record?: string;
}

/** File name and content of a pure wheel. */
export function makeWheel(spec: WheelSpec): { name: string; content: Uint8Array } {
  const stem = `${spec.name.replace(/-/g, "_")}-${spec.version}`;
  const information = `${stem}.dist-info`;
  const requires = (spec.requires ?? []).map((requirement) => `Requires-Dist: ${requirement}\n`).join("");
  const files: Record<string, string> = {
    ...(spec.files ?? { [`${spec.name.replace(/-/g, "_")}/__init__.py`]: "" }),
    [`${information}/METADATA`]: `Metadata-Version: 2.1\nName: ${spec.name}\nVersion: ${spec.version}\n${requires}${spec.metadata ?? ""}\nLong: text\n`,
    [`${information}/WHEEL`]:
      spec.wheel ?? "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    ...(spec.entryPoints === undefined ? {} : { [`${information}/entry_points.txt`]: spec.entryPoints }),
  };
  const record = Object.entries(files)
    .map(
      ([path, text]) =>
        `${path.includes(",") ? `"${path}"` : path},sha256=${createHash("sha256").update(text).digest("base64url")},${text.length}\n`,
    )
    .join("");
  files[`${information}/RECORD`] = spec.record ?? `${record}${information}/RECORD,,\n`;
  const entries: Zippable = Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      const mode = spec.executable?.includes(path) === true ? 0o755 : 0o644;
      return [path, [Buffer.from(text), { os: 3, attrs: ((0o100000 | mode) << 16) >>> 0, mtime: "2026-01-02" }]];
    }),
  );
  return { name: `${stem}-py3-none-any.whl`, content: zipSync(entries) };
}
