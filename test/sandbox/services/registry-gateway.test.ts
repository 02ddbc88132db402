import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { BasicCredentials } from "../../../sandbox/services/basic-credentials";
import { writeDockerConfig } from "../../../sandbox/services/registry/docker-config";
import { openRegistryGateway, type RegistryGateway } from "../../../sandbox/services/registry/gateway";
import { covers, describeScope, grant, neededFor, parseScope } from "../../../sandbox/services/registry/scopes";
import { Users } from "../../../sandbox/services/registry/users";
import { SocketClient } from "../../../sandbox/services/socket-http";

const blob = `/v2/team/app/blobs/sha256:${"0".repeat(64)}`;

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}

describe("the registry's gateway", () => {
  let folder: string;
  let behind: Server;
  let client: SocketClient;
  let users: Users;
  let gateway: RegistryGateway;
  let now: number;
  let seen: {
    method: string;
    path: string;
    authorization: string | undefined;
    host: string | undefined;
    body: string;
  }[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-gate-"));
    now = Date.now();
    seen = [];
    behind = createServer((received, response) => {
      const chunks: Buffer[] = [];
      received.on("data", (chunk: Buffer) => chunks.push(chunk));
      received.on("end", () => {
        const { method = "", url: path = "", headers } = received;
        const { authorization, host } = headers;
        seen.push({ method, path, authorization, host, body: Buffer.concat(chunks).toString() });
        response.writeHead(200, { "content-type": "application/octet-stream", "docker-content-digest": "sha256:1" });
        response.end(method === "HEAD" ? undefined : "0123456789");
      });
    });
    behind.listen(join(folder, "s"));
    await once(behind, "listening");
    client = new SocketClient(join(folder, "s"));
    users = new Users(60, () => now);
    gateway = await openRegistryGateway(users, client, () => undefined);
  });
  afterEach(async () => {
    await gateway.close();
    client.close();
    behind.closeAllConnections();
    behind.close();
    rmSync(folder, { recursive: true });
  });

  const basic = ({ user, password }: BasicCredentials): string =>
    `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;

  async function ask(method: string, path: string, authorization?: string, body?: string): Promise<Reply> {
    const sent = request(`http://${gateway.host}${path}`, { method, agent: false });
    if (authorization !== undefined) sent.setHeader("authorization", authorization);
    if (path.startsWith("/oauth2") && body !== undefined) {
      sent.setHeader("content-type", "application/x-www-form-urlencoded");
    }
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() };
  }

  async function tokenFor(credentials: BasicCredentials, scope: string): Promise<string> {
    const reply = await ask("GET", `/oauth2/token?service=${gateway.host}&scope=${scope}`, basic(credentials));
    strictEqual(reply.status, 200, reply.text);
    const { access_token: token } = JSON.parse(reply.text) as { access_token: string };
    return `Bearer ${token}`;
  }

  it("refuses everybody without credentials, and says where to get a token for what", async () => {
    for (const [method, path, scope] of [
      ["GET", "/v2/", ""],
      ["GET", "/v2/team/app/manifests/latest", ',scope="repository:team/app:pull"'],
      ["POST", "/v2/team/app/blobs/uploads/", ',scope="repository:team/app:pull,push"'],
      ["DELETE", "/v2/team/app/manifests/latest", ',scope="repository:team/app:delete"'],
      ["GET", "/v2/_catalog", ""],
      ["GET", "/anything", ""],
    ] as const) {
      const reply = await ask(method, path);
      strictEqual(reply.status, 401);
      const { host } = gateway;
      const challenge = `Bearer realm="http://${host}/oauth2/token",service="${host}"${scope}`;
      strictEqual(reply.headers["www-authenticate"], challenge);
    }
    deepStrictEqual(seen, []);
    deepStrictEqual(gateway.counters(), { fetchedBytes: 0, pushedBytes: 0, requests: 6, refused: 6 });
  });

  it("lets who may pull pull, and not push", async () => {
    const puller = users.setPassword("pull");
    const token = await tokenFor(puller, "repository:team/app:pull,push");
    strictEqual((await ask("GET", blob, token)).status, 200);
    for (const authorization of [token, basic(puller)]) {
      const refused = await ask("POST", "/v2/team/app/blobs/uploads/", authorization);
      strictEqual(refused.status, 401);
      match(String(refused.headers["www-authenticate"]), /error="insufficient_scope"/);
      strictEqual((await ask("PUT", "/v2/team/app/manifests/latest", authorization, "{}")).status, 401);
      strictEqual((await ask("DELETE", "/v2/team/app/manifests/latest", authorization)).status, 401);
    }
    strictEqual(seen.length, 1);
  });

  it("lets who may push push and pull, and delete only who may that, too", async () => {
    const [pusher, deleter] = [users.setPassword("push"), users.setPassword("delete")];
    const token = await tokenFor(pusher, "repository:team/app:pull,push,delete");
    strictEqual((await ask("PUT", "/v2/team/app/manifests/latest", token, "{}")).status, 200);
    strictEqual((await ask("GET", blob, token)).status, 200);
    strictEqual((await ask("DELETE", "/v2/team/app/manifests/sha256:1", token)).status, 401);
    const more = await tokenFor(deleter, "repository:team/app:delete");
    strictEqual((await ask("DELETE", "/v2/team/app/manifests/sha256:1", more)).status, 200);
  });

  it("gives a token for the repositories that were asked for, and no other", async () => {
    const pusher = users.setPassword("push");
    const token = await tokenFor(pusher, "repository:team/app:pull&scope=repository:team/base:pull,push");
    strictEqual((await ask("GET", "/v2/team/app/tags/list", token)).status, 200);
    strictEqual((await ask("GET", "/v2/team/other/tags/list", token)).status, 401);
    strictEqual((await ask("POST", "/v2/team/app/blobs/uploads/", token)).status, 401);
    strictEqual((await ask("POST", "/v2/team/base/blobs/uploads/?mount=sha256:1&from=team/other", token)).status, 401);
    strictEqual((await ask("POST", "/v2/team/base/blobs/uploads/?mount=sha256:1&from=team/app", token)).status, 200);
  });

  it("ends a token when its time is over, and when its user's password is another one", async () => {
    const puller = users.setPassword("pull");
    const token = await tokenFor(puller, "repository:team/app:pull");
    now += 60_000;
    const late = await ask("GET", blob, token);
    strictEqual(late.status, 401);
    match(String(late.headers["www-authenticate"]), /error="invalid_token"/);
    const next = await tokenFor(puller, "repository:team/app:pull");
    users.setPassword("pull");
    strictEqual((await ask("GET", blob, next)).status, 401);
    strictEqual((await ask("GET", blob, basic(puller))).status, 401);
    strictEqual((await ask("GET", `/oauth2/token?service=${gateway.host}`, basic(puller))).status, 401);
  });

  it("gives tokens for a form with a password, too, as docker's clients ask", async () => {
    const { user, password } = users.setPassword("pull");
    const form = (parts: Record<string, string>): Promise<Reply> =>
      ask("POST", "/oauth2/token", undefined, new URLSearchParams({ service: gateway.host, ...parts }).toString());
    const scope = "repository:team/app:pull repository:team/base:pull";
    const right = { grant_type: "password", username: user, password, scope };
    const { access_token: token } = JSON.parse((await form(right)).text) as { access_token: string };
    strictEqual((await ask("GET", "/v2/team/base/tags/list", `Bearer ${token}`)).status, 200);
    strictEqual((await form({ ...right, password: "" })).status, 401);
    strictEqual((await form({ ...right, password: "wrong" })).status, 401);
    strictEqual((await form({ ...right, grant_type: "refresh_token" })).status, 400);
    strictEqual((await form({ ...right, service: "other" })).status, 400);
  });

  it("takes no wrong, empty or made up credentials", async () => {
    users.setPassword("push");
    for (const authorization of [
      "Basic ",
      "Basic Og==",
      "Bearer ",
      "Bearer x",
      basic({ user: "sandbox-push", password: "" }),
    ]) {
      strictEqual((await ask("GET", blob, authorization)).status, 401, authorization);
    }
    deepStrictEqual(seen, []);
  });

  it("passes requests on without credentials, under its own name, and counts the bytes of content", async () => {
    const credentials = basic(users.setPassword("push"));
    strictEqual((await ask("GET", blob, credentials)).text, "0123456789");
    await ask("HEAD", blob, credentials);
    await ask("PUT", "/v2/team/app/blobs/uploads/1?digest=x", credentials, "content");
    await ask("PUT", "/v2/team/app/manifests/latest", credentials, "{}");
    await ask("GET", "/v2/team/app/tags/list", credentials);
    ok(seen.every(({ authorization, host }) => authorization === undefined && host === gateway.host));
    deepStrictEqual(seen[2], {
      method: "PUT",
      path: "/v2/team/app/blobs/uploads/1?digest=x",
      authorization: undefined,
      host: gateway.host,
      body: "content",
    });
    deepStrictEqual(gateway.counters(), { fetchedBytes: 10, pushedBytes: 9, requests: 5, refused: 0 });
  });

  it("serves no other paths to those with credentials", async () => {
    const credentials = basic(users.setPassword("delete"));
    for (const path of ["/", "/debug/pprof", "/v2/UPPER/manifests/x", "/v2/a/../b/manifests/x/y", "/v2/a/other/x"]) {
      strictEqual((await ask("GET", path, credentials)).status, 404, path);
    }
    deepStrictEqual(seen, []);
  });

  it("says 502 when the registry is gone", async () => {
    const credentials = basic(users.setPassword("pull"));
    behind.close();
    behind.closeAllConnections();
    strictEqual((await ask("GET", blob, credentials)).status, 502);
  });
});

describe("a registry's scope", () => {
  it("names a repository and actions; what is no such thing is none", () => {
    deepStrictEqual(parseScope("repository:a/b:pull,push"), { repository: "a/b", actions: ["pull", "push"] });
    deepStrictEqual(parseScope("repository:a:*"), { repository: "a", actions: ["pull", "push", "delete"] });
    deepStrictEqual(parseScope("repository:a:metadata_read,pull"), { repository: "a", actions: ["pull"] });
    for (const wrong of ["registry:catalog:*", "repository:A:pull", "repository:a", "", "repository:a/../b:pull"]) {
      strictEqual(parseScope(wrong), undefined, wrong);
    }
  });

  it("is written as it is read", () => {
    const access = [{ repository: "a/b", actions: ["pull", "push"] as const }];
    deepStrictEqual(parseScope(describeScope(access)), access[0]);
  });

  it("is granted as far as the role goes", () => {
    const asked = [{ repository: "a", actions: ["pull", "push", "delete"] as const }];
    deepStrictEqual(
      (["pull", "push", "delete"] as const).map((role) => grant(asked, role)[0]?.actions),
      [["pull"], ["pull", "push"], ["pull", "push", "delete"]],
    );
    strictEqual(covers(grant(asked, "push"), [{ repository: "a", actions: ["pull"] }]), true);
    strictEqual(covers(grant(asked, "push"), [{ repository: "b", actions: ["pull"] }]), false);
  });

  it("of a request is what its method does there", () => {
    const action = (method: string, path: string): readonly string[] | undefined =>
      neededFor(method, path, new URLSearchParams())?.access[0]?.actions;
    deepStrictEqual(action("HEAD", "/v2/a/manifests/x"), ["pull"]);
    deepStrictEqual(action("GET", "/v2/a/referrers/sha256:1"), ["pull"]);
    deepStrictEqual(action("GET", "/v2/a/blobs/uploads/1"), ["push"]);
    deepStrictEqual(action("PATCH", "/v2/a/blobs/uploads/1"), ["pull", "push"]);
    deepStrictEqual(action("DELETE", "/v2/a/blobs/uploads/1"), ["push"]);
    deepStrictEqual(action("DELETE", "/v2/a/blobs/sha256:1"), ["delete"]);
  });
});

describe("a docker client's folder", () => {
  it("holds a user's credentials, for the owner only, and buildx as a plugin", () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-docker-"));
    try {
      for (const password of ["a much longer first one", "p"]) {
        const made = writeDockerConfig(
          join(folder, "d"),
          "127.0.0.1:5000",
          { user: "u", password },
          "/x/docker-buildx",
        );
        strictEqual(readFileSync(made.passwordFile, "utf8"), password);
        const file = join(made.dockerConfig, "config.json");
        const auth = Buffer.from(`u:${password}`).toString("base64");
        deepStrictEqual(JSON.parse(readFileSync(file, "utf8")), { auths: { "127.0.0.1:5000": { auth } } });
        for (const path of [file, made.passwordFile]) strictEqual(statSync(path).mode & 0o777, 0o600);
        strictEqual(readlinkSync(join(made.dockerConfig, "cli-plugins", "docker-buildx")), "/x/docker-buildx");
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
