/** Finds the public package index that this machine uses, and how it has to be asked. */
import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";

import { run } from "../../process.mjs";

/** A package index that packages are taken from. */
export interface UpstreamIndex {
  /** Without credentials, with a slash at its end. */
  readonly address: string;
  /** Value of the header, where the machine's settings hold credentials. Never written down. */
  readonly authorization?: string;
  /** Whom to trust beside those that node knows, in PEM. */
  readonly authorities: readonly string[];
}

/** This machine does not say where packages come from. */
export class NoPublicIndex extends Error {
  public constructor() {
    super(
      "there is no public package index: neither WHEELHOUSE_PUBLIC_INDEX nor pip's settings name one, and there is no pip with one " +
        "of its own.\n  Set WHEELHOUSE_PUBLIC_INDEX to the address of an index that ends with /simple/, then try again.",
    );
    this.name = "NoPublicIndex";
  }
}

/** Bytes of the authorities that programs on this machine are told to trust. */
function authorities(environment: NodeJS.ProcessEnv): string[] {
  const files = ["PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"].map(
    (name) => environment[name],
  );
  const found: string[] = [];
  for (const file of new Set(files)) {
    if (file === undefined || file === "") continue;
    try {
      found.push(readFileSync(file, "utf8"));
    } catch {
      // Set for a file that is gone: the other ones may do.
    }
  }
  return found.length === 0 ? [] : [...rootCertificates, ...found];
}

/** Reads an address of an index; credentials in it are taken out of it. Nothing when it is no web address. */
export function readIndex(address: string, environment: NodeJS.ProcessEnv): UpstreamIndex | undefined {
  const text = address.trim();
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== "https:" && url.protocol !== "http:")) return undefined;
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  const authorization = pair === ":" ? {} : { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return { address: url.href, ...authorization, authorities: authorities(environment) };
}

/** What pip is set to, and the address that it has of its own. */
const askPip = [
  ["-m", "pip", "config", "get", "global.index-url"],
  ["-c", "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"],
];

/**
 * `WHEELHOUSE_PUBLIC_INDEX`, else what pip uses: `PIP_INDEX_URL`, its configuration, its own default.
 * @throws NoPublicIndex
 */
export async function machineIndex(environment: NodeJS.ProcessEnv): Promise<UpstreamIndex> {
  for (const name of ["WHEELHOUSE_PUBLIC_INDEX", "PIP_INDEX_URL"]) {
    const index = readIndex(environment[name] ?? "", environment);
    if (index !== undefined) return index;
  }
  for (const args of askPip) {
    const said = await run("python3", args, { env: environment, allowFailure: true, timeoutSeconds: 20 });
    const index = said.code === 0 ? readIndex(said.output, environment) : undefined;
    if (index !== undefined) return index;
  }
  throw new NoPublicIndex();
}
