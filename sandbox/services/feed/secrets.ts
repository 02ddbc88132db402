/** Writes a token down in the forms in which image builds mount it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import writeFileAtomic from "write-file-atomic";

/** Any name does as the user of a token. */
const user = "build";

/** The index's address with a token in it. */
export function withCredentials(indexUrl: string, token: string): string {
  const url = new URL(indexUrl);
  url.username = user;
  url.password = encodeURIComponent(token);
  return url.href;
}

/** Writes `netrc`, `pip.conf` and `pip_index_url`, mode 0600, each whole. */
export function writeFeedSecrets(folder: string, indexUrl: string, token: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const address = withCredentials(indexUrl, token);
  const files = {
    netrc: `machine ${new URL(indexUrl).hostname} login ${user} password ${token}\n`,
    // pip reads a percent sign as the start of a reference, so it is written twice.
    "pip.conf": `[global]\nindex-url = ${address.replaceAll("%", "%%")}\n`,
    // pip takes the whole content of the file as the address.
    pip_index_url: address,
  };
  for (const [name, text] of Object.entries(files)) writeFileAtomic.sync(join(folder, name), text, { mode: 0o600 });
}
