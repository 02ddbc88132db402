/** A package index of a test, which counts what it is asked, and wheels that are small but real. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { strToU8, zipSync } from "fflate";

/** A wheel with one module that tells its version. */
export function makeWheel(
  name: string,
  version: string,
  requires: readonly string[] = [],
): { file: string; bytes: Buffer } {
  const module = name.replaceAll("-", "_");
  const info = `${module}-${version}.dist-info`;
  const metadata = [
    ...["Metadata-Version: 2.1", `Name: ${name}`, `Version: ${version}`],
    ...requires.map((requirement) => `Requires-Dist: ${requirement}`),
  ];
  const files: Record<string, string> = {
    [`${module}.py`]: `version = "${version}"\n`,
    [`${info}/METADATA`]: `${metadata.join("\n")}\n`,
    [`${info}/WHEEL`]: "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
  };
  const record = [...Object.keys(files).map((path) => `${path},,`), `${info}/RECORD,,`];
  files[`${info}/RECORD`] = `${record.join("\n")}\n`;
  const entries = Object.entries(files).map(([path, text]) => [path, strToU8(text)] as const);
  const bytes = Buffer.from(zipSync(Object.fromEntries(entries)));
  return { file: `${module}-${version}-py3-none-any.whl`, bytes };
}

/** Stands for the public index. */
export class PackageIndex {
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  private readonly files = new Map<string, Map<string, Buffer>>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<PackageIndex> {
    const server = createServer();
    const index = new PackageIndex(server);
    server.on("request", (request, response) => {
      const path = request.url ?? "";
      index.asked.push(path);
      const [, area, name = "", file = ""] = path.split("/");
      const files = index.files.get(name);
      const bytes = files?.get(file);
      if (area === "files" && bytes !== undefined) response.end(bytes);
      else if (area === "simple" && files !== undefined) {
        const links = [...files].map(([filename, content]) => {
          const sha256 = createHash("sha256").update(content).digest("hex");
          return `<a href="/files/${name}/${filename}#sha256=${sha256}">${filename}</a>`;
        });
        response.writeHead(200, { "content-type": "text/html" }).end(links.join("\n"));
      } else response.writeHead(404).end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return index;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/simple/`;
  }

  add(name: string, version: string, requires: readonly string[] = []): void {
    const { file, bytes } = makeWheel(name, version, requires);
    this.files.set(name, (this.files.get(name) ?? new Map<string, Buffer>()).set(file, bytes));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
