/** Pushes an image out of a folder to a registry on this machine, as any client would. */
import { createReadStream, readFileSync } from "node:fs";
import { request, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { once } from "node:events";
import type { Readable } from "node:stream";

import { blobFile, type ImageDescription } from "./archive";

export interface Target {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
  readonly user: string;
  readonly password: string;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Readable | Buffer;
}

async function send({ host, user, password }: Target, { method, path, headers, body }: Sent): Promise<IncomingMessage> {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  const sent = request(new URL(path, `http://${host}`), { method, headers: { ...headers, authorization } });
  const answered = once(sent, "response");
  if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
  else body.on("error", (error) => sent.destroy(error)).pipe(sent);
  const [response] = (await answered) as [IncomingMessage];
  response.resume();
  return response;
}

function check(response: IncomingMessage, status: number, what: string): IncomingMessage {
  if (response.statusCode === status) return response;
  throw new Error(`the registry answers ${response.statusCode ?? 0} to ${what}`);
}

/** Pushes what the registry lacks, then the manifest under the tag. */
export async function pushImage(folder: string, image: ImageDescription, target: Target): Promise<void> {
  const base = `/v2/${target.repository}`;
  for (const { digest, size } of image.blobs) {
    const there = await send(target, { method: "HEAD", path: `${base}/blobs/${digest}` });
    if (there.statusCode === 200) continue;
    const begun = check(await send(target, { method: "POST", path: `${base}/blobs/uploads/` }), 202, "a new upload");
    const place = new URL(begun.headers.location ?? "", `http://${target.host}${base}/blobs/uploads/`);
    place.searchParams.set("digest", digest);
    const uploaded = await send(target, {
      method: "PUT",
      path: `${place.pathname}${place.search}`,
      headers: { "content-type": "application/octet-stream", "content-length": size },
      body: createReadStream(blobFile(folder, digest)),
    });
    check(uploaded, 201, `the upload of ${digest}`);
  }
  const manifest = await send(target, {
    method: "PUT",
    path: `${base}/manifests/${target.tag}`,
    headers: { "content-type": image.mediaType, "content-length": image.size },
    body: readFileSync(blobFile(folder, image.digest)),
  });
  check(manifest, 201, `the manifest of ${target.repository}:${target.tag}`);
}
