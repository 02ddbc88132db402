/** Downloads a tool's release archive, where the network allows, and checks it against the published checksum. */
// @ts-check
import { createHash } from "node:crypto";
import { chmodSync, createWriteStream, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";

import { lockedEnvironment } from "../lock.mjs";
import { run } from "../process.mjs";

/** @typedef {import("./tools.mjs").Tool} Tool */
/** @typedef {import("./make.mjs").Making} Making */

/** Seconds to wait for the first answer: a network that drops packets must not hold up the next way to get the tool. */
const answerSeconds = 5;
/** Seconds without a byte until a download counts as broken off. */
const silenceSeconds = 20;

/** @param {unknown} error */
function reason(error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

/** @param {string} address @param {AbortController} abort */
async function open(address, abort) {
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${answerSeconds} s`)), answerSeconds * 1000);
  try {
    const response = await fetch(address, { signal: abort.signal, redirect: "follow" });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    return response;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * @param {string} address
 * @param {string} file
 * @param {(text: string) => void} report
 * @returns {Promise<string>} SHA-256, in hexadecimal digits
 */
async function download(address, file, report) {
  const abort = new AbortController();
  const response = await open(address, abort);
  const total = Number(response.headers.get("content-length"));
  const digest = createHash("sha256");
  let received = 0;
  const onSilence = () => abort.abort(new Error(`nothing received for ${silenceSeconds} s`));
  let timer = setTimeout(onSilence, silenceSeconds * 1000);
  const meter = new Transform({
    transform(chunk, _encoding, done) {
      clearTimeout(timer);
      timer = setTimeout(onSilence, silenceSeconds * 1000);
      received += chunk.length;
      digest.update(chunk);
      const of = Number.isFinite(total) && total > 0 ? ` of ${Math.round(total / 1e6)}` : "";
      report(`downloading, ${Math.round(received / 1e6)}${of} MB`);
      done(undefined, chunk);
    },
  });
  try {
    const body = /** @type {import("node:stream/web").ReadableStream} */ (response.body);
    await pipeline(Readable.fromWeb(body), meter, createWriteStream(file));
  } finally {
    clearTimeout(timer);
  }
  return digest.digest("hex");
}

/**
 * @param {string} list Lines of `<sha256>  <file>`.
 * @param {string} file
 */
export function checksumOf(list, file) {
  for (const line of list.split("\n")) {
    const [sum, name] = line.trim().split(/\s+\*?/);
    if (name === file && sum !== undefined && /^[0-9a-f]{64}$/i.test(sum)) return sum.toLowerCase();
  }
  return undefined;
}

/**
 * @param {Tool} tool
 * @param {import("./tools.mjs").ArchiveSource} source
 * @param {Making} making
 * @returns {Promise<import("./make.mjs").Made | import("./path.mjs").Refused>}
 */
export async function fromArchive(tool, source, { folder, environment, lock, report }) {
  const address = source.address(process.arch);
  if (address === undefined) return { refused: `there is no release for the architecture ${process.arch}` };
  const archive = join(folder, "archive.tar.gz");
  try {
    const list = await (await open(source.checksums, new AbortController())).text();
    const expected = checksumOf(list, basename(new URL(address).pathname));
    if (expected === undefined) return { refused: `${source.checksums} does not list ${address}` };
    const sum = await download(address, archive, report);
    if (sum !== expected) return { refused: `${address} has checksum ${sum}, published is ${expected}` };
  } catch (error) {
    rmSync(archive, { force: true });
    return { refused: `the release cannot be downloaded: ${reason(error)}` };
  }
  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked);
  await run("tar", ["-xzf", archive, "-C", unpacked], { env: lockedEnvironment(lock, environment) });
  if (!existsSync(join(unpacked, source.folder))) return { refused: `${address} holds no folder ${source.folder}` };
  renameSync(join(unpacked, source.folder), join(folder, "bin"));
  for (const program of tool.programs) chmodSync(join(folder, "bin", program), 0o755);
  rmSync(unpacked, { recursive: true });
  rmSync(archive);
  return { how: "downloaded", version: tool.version, bin: "bin" };
}
