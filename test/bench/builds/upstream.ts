/** A newer upstream image, as a release of the distribution makes one. */
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { run } from "../../../sandbox/process.mjs";
import type { Builder } from "../../../sandbox/services";

/** Adds a file to an image and publishes that. @returns its reference, by digest */
export async function newerUpstream(builder: Builder, folder: string, from: string, to: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "Dockerfile"), "FROM upstream\nCOPY released /etc/released\n");
  writeFileSync(path.join(folder, "released"), `${new Date().toISOString()}\n`);
  const metadata = path.join(folder, "metadata.json");
  const options = [
    ...["--builder", builder.name, "--provenance", "false", "--metadata-file", metadata],
    ...["--build-context", `upstream=docker-image://${from}`, "--output", `type=image,name=${to},push=true`],
  ];
  await run("docker-buildx", ["build", ...options, folder], { env: builder.environment, timeoutSeconds: 300 });
  const { output } = await run("cat", [metadata]);
  return `${to}@${(JSON.parse(output) as Record<string, string>)["containerimage.digest"] ?? ""}`;
}
