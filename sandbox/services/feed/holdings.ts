/** What the feed has saved from its upstream: who may not save anything is served from this alone. */
import { readFileSync } from "node:fs";

import writeFileAtomic from "write-file-atomic";
import { z } from "zod";

import type { PackageFile } from "./simple-page";

const file = z.object({
  filename: z.string(),
  /** Where the package server keeps it. */
  url: z.string(),
  hashes: z.record(z.string(), z.string()),
  requiresPython: z.string().optional(),
  yanked: z.string().optional(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/** Files by package, then by name. */
const content = z.record(z.string(), z.record(z.string(), file));

/** A file that cannot be read counts as lost, which is safe: packages are saved again when they are asked for. */
function read(path: string): Map<string, Map<string, PackageFile>> {
  try {
    const stored = Object.entries(content.parse(JSON.parse(readFileSync(path, "utf8"))));
    return new Map(stored.map(([name, files]) => [name, new Map(Object.entries(files) as [string, PackageFile][])]));
  } catch {
    return new Map();
  }
}

export class Holdings {
  private readonly packages: Map<string, Map<string, PackageFile>>;

  public constructor(private readonly path: string) {
    this.packages = read(path);
  }

  public names(): string[] {
    return [...this.packages.keys()];
  }

  public files(name: string): PackageFile[] {
    return [...(this.packages.get(name)?.values() ?? [])];
  }

  public find(name: string, filename: string): PackageFile | undefined {
    return this.packages.get(name)?.get(filename);
  }

  /** Remembers a file that was saved, for good. */
  public add(name: string, saved: PackageFile): void {
    const known = this.packages.get(name) ?? new Map<string, PackageFile>();
    if (known.has(saved.filename)) return;
    this.packages.set(name, known.set(saved.filename, saved));
    const stored = [...this.packages].map(([key, files]) => [key, Object.fromEntries(files)] as const);
    writeFileAtomic.sync(this.path, JSON.stringify(Object.fromEntries(stored)), { mode: 0o600 });
  }
}
