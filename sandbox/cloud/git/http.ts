/** Clone, fetch and push over HTTP: git's own server side behind the cloud's authentication and branch policies. */
import { once } from "node:events";
import { chmodSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import writeFileAtomic from "write-file-atomic";
import type { JobReach } from "../../services/types";
import type { Call } from "../call";
import { protectedBranches } from "../devops/protection";
import { recordPushes } from "../devops/pushes";
import { followDefaultBranch, repositoryOf, requireRepository } from "../devops/repositories";
import { projectOf } from "../devops/functions";
import { owner } from "../devops/identities";
import { forbidden, missing, ServiceError } from "../errors";
import { text } from "../kind";
import type { Entity } from "../state";
import { startHttpBackend } from "./process";

const services = ["git-upload-pack", "git-receive-pack"];

/** git runs this for each branch that a push moves, with its name and its old and new commit. */
const hook = `#!/bin/sh
# Refuses to move or delete a branch that a policy protects. The names come one a line from the server's environment.
case "$2" in *[!0]*) ;; *) exit 0 ;; esac
while read -r name; do
  if [ "$name" = "$1" ]; then
    echo "TF402455: pushes to $1 are not permitted, a policy protects it: use a pull request" >&2
    exit 1
  fi
done <<EOF
$WHEELHOUSE_PROTECTED_BRANCHES
EOF
`;

/** Writes the hook that guards protected branches, and says in which folder it is. */
export function writeHooks(folder: string): string {
  const file = join(folder, "hooks", "update");
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileAtomic.sync(file, hook, { mode: 0o700 });
  chmodSync(file, 0o700);
  return dirname(file);
}

/** The repository that a path like `<project>/_git/<name>` names; `_git/<name>` is short for a project and repository of one name. */
function repositoryAt(call: Call): { repository: Entity; rest: string } {
  const at = call.parts.indexOf("_git");
  const name = call.parts[at + 1] ?? "";
  const project = projectOf(call.cloud, at === 0 ? name : (call.parts[0] ?? ""));
  const entity = project === undefined ? undefined : repositoryOf(call.cloud, project.id, name);
  if (entity === undefined || at > 1 || !inReach(call.job, entity)) {
    throw missing(
      "GitRepositoryNotFound",
      `TF401019: there is no Git repository ${call.parts.join("/")}, or you may not see it`,
    );
  }
  return { repository: requireRepository(call.cloud, entity.id), rest: call.parts.slice(at + 2).join("/") };
}

/** What a job's token does not reach looks like what does not exist, as it does to everyone without the right to read. */
function inReach(job: JobReach | undefined, repository: Entity): boolean {
  const { project, repositories } = job ?? {};
  return (
    (project === undefined || project === text(repository, "projectId")) &&
    (repositories === undefined || repositories.includes(repository.id))
  );
}

function serviceOf(call: Call, rest: string): string {
  const service = rest === "info/refs" ? call.query.get("service") : rest;
  if (service === null || !services.includes(service)) {
    throw new ServiceError(403, "GitProtocolUnsupported", "only git's smart HTTP protocol is served here");
  }
  if (call.method !== (rest === "info/refs" ? "GET" : "POST")) {
    throw new ServiceError(405, "MethodNotAllowed", `${call.method} is no method of git's HTTP protocol here`);
  }
  if (call.job !== undefined && service === "git-receive-pack") {
    throw forbidden(
      "GitNeedsPermission",
      "TF401027: a job's token may read Git repositories, and pushing needs the permission GenericContribute: push as somebody who has it",
    );
  }
  return service;
}

/** Serves one request of a git client. `hooks` is the folder that `writeHooks` named. */
export async function serveGit(call: Call, hooks: string): Promise<undefined> {
  const { repository, rest } = repositoryAt(call);
  const service = serviceOf(call, rest);
  const pushes = service === "git-receive-pack" && rest !== "info/refs";
  const branches = pushes ? [...(await call.cloud.repositories.references(repository.id)).keys()] : [];
  const header = (name: string): string => String(call.request.headers[name] ?? "");
  const path = call.cloud.repositories.path(repository.id);
  const child = startHttpBackend(
    {
      GIT_PROJECT_ROOT: dirname(path),
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: `/${repository.id}.git/${rest}`,
      QUERY_STRING: call.query.toString(),
      REQUEST_METHOD: call.method,
      REMOTE_USER: call.person === undefined ? owner.name : text(call.person, "displayName"),
      REMOTE_ADDR: "127.0.0.1",
      CONTENT_TYPE: header("content-type"),
      ...(header("content-length") === "" ? {} : { CONTENT_LENGTH: header("content-length") }),
      HTTP_CONTENT_ENCODING: header("content-encoding"),
      GIT_PROTOCOL: header("git-protocol"),
      WHEELHOUSE_PROTECTED_BRANCHES: protectedBranches(call.cloud, repository, branches, call.person).join("\n"),
    },
    {
      "core.hooksPath": hooks,
      "http.receivepack": "true",
      "receive.denyDeleteCurrent": "ignore",
      // The merges of pull requests are the service's own.
      "receive.hideRefs": "refs/pull",
      "uploadpack.allowAnySHA1InWant": "true",
      "uploadpack.allowFilter": "true",
    },
  );
  call.response.on("close", () => child.kill());
  child.stderr.resume();
  child.stdin.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const sent = pipeline(call.request, child.stdin).catch(() => undefined);
  await answerOf(child.stdout, call);
  await Promise.all([ended, sent]);
  if (pushes) {
    await followDefaultBranch(call.cloud, repository.id);
    await recordPushes(call.cloud, repository.id, call.person);
  }
  call.response.end();
  return undefined;
}

/** Turns the answer of a CGI program into one over HTTP, as it comes. The end is left to the caller. */
async function answerOf(output: Readable, call: Call): Promise<void> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of output) {
    if (head === undefined) {
      await write(call, chunk as Buffer);
      continue;
    }
    head = Buffer.concat([head, chunk as Buffer]);
    const end = head.indexOf("\r\n\r\n");
    if (end !== -1) {
      writeHead(call, head.subarray(0, end).toString("latin1"));
      await write(call, head.subarray(end + 4));
      head = undefined;
    }
  }
  if (head !== undefined) {
    throw new ServiceError(500, "GitServerFailed", "git's server side ended without an answer");
  }
}

function writeHead(call: Call, head: string): void {
  const fields = head.split("\r\n").map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  const status = fields.find(([name]) => name.toLowerCase() === "status")?.[1] ?? "200";
  for (const [name, value] of fields.filter(([name]) => name.toLowerCase() !== "status")) {
    call.response.setHeader(name, value);
  }
  call.response.writeHead(Number.parseInt(status, 10));
}

async function write({ response }: Call, chunk: Buffer): Promise<void> {
  if (chunk.length === 0 || response.write(chunk) || response.destroyed) {
    return;
  }
  const waiting = new AbortController();
  const { signal } = waiting;
  const happens = (event: string): Promise<unknown> => once(response, event, { signal }).catch(() => undefined);
  await Promise.race([happens("drain"), happens("close")]);
  waiting.abort();
}
