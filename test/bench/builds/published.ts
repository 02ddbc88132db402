/** What builds have published: the layers of their images, and what a scan finds in them. */
import * as path from "node:path";
import { run } from "../../../sandbox/process.mjs";
import { program } from "./wheelhouse";
import { RegistryClient, parseReference } from "../../../tools/registry";

/** A compressed layer. */
export interface Layer {
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly manifests?: readonly { readonly digest: string; readonly annotations?: Readonly<Record<string, string>> }[];
  readonly layers?: readonly Layer[];
}

/** The layers of all these images, each once; attestations are no part of an image's size. */
export async function layersOf(references: readonly string[], environment: NodeJS.ProcessEnv): Promise<Layer[]> {
  const client = new RegistryClient({ environment });
  const layers = new Map<string, Layer>();
  const collect = async (reference: string): Promise<void> => {
    const parsed = parseReference(reference);
    const { body } = await client.manifest(parsed);
    const manifest = JSON.parse(body.toString("utf8")) as Manifest;
    for (const { digest, annotations } of manifest.manifests ?? []) {
      if (annotations?.["vnd.docker.reference.type"] === "attestation-manifest") continue;
      await collect(`${parsed.registry}/${parsed.repository}@${digest}`);
    }
    for (const layer of manifest.layers ?? []) layers.set(layer.digest, layer);
  };
  for (const reference of references) await collect(reference);
  return [...layers.values()];
}

export function totalSize(layers: readonly Layer[]): number {
  return layers.reduce((sum, { size }) => sum + size, 0);
}

/** What a scan said, and how long the whole process took. */
export interface Scanned {
  readonly seconds: number;
  /** Places in which it found a credential. */
  readonly leaks: number;
}

/** What is used here of the scan's document. */
interface ScanOutput {
  readonly reports: readonly { readonly findings: readonly unknown[]; readonly unlisted: number }[];
}

/** Scans images with the command line, as a pipeline does. */
export async function scanImages(
  references: readonly string[],
  secrets: string,
  environment: NodeJS.ProcessEnv,
): Promise<Scanned> {
  const began = performance.now();
  const args = [program, "scan", ...references, "--netrc", path.join(secrets, "netrc"), "--json", "--quiet"];
  const { code, output, errors } = await run(process.execPath, args, { env: environment, allowFailure: true });
  if (code !== 0 && code !== 1) throw new Error(`the scan of ${references.join(", ")} failed:\n${errors}`);
  const { reports } = JSON.parse(output) as ScanOutput;
  const leaks = reports.reduce((sum, { findings, unlisted }) => sum + findings.length + unlisted, 0);
  return { seconds: (performance.now() - began) / 1000, leaks };
}
