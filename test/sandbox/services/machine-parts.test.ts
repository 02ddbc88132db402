import { deepStrictEqual, match, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { isRunning, processesWith } from "../../../sandbox/process-table.mjs";
import {
  endLeftovers,
  ServerNotAnswering,
  servicesVariable,
  startServer,
} from "../../../sandbox/services/server-process";
import { SocketClient, socketPath } from "../../../sandbox/services/socket-http";
import { blobFile, packImage } from "../../../sandbox/services/upstream-image/archive";
import { debianMirror } from "../../../sandbox/services/upstream-image/debian-mirror";

describe("a server of the services", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-server-"));
  });
  afterEach(async () => {
    await endLeftovers(folder);
    rmSync(folder, { recursive: true, force: true });
  });

  const options = (script: string, answers: () => Promise<boolean>) => ({
    called: "the example",
    command: "/bin/sh",
    args: ["-c", script],
    environment: process.env,
    folder,
    log: join(folder, "log"),
    answers,
    startSeconds: 5,
    graceSeconds: 1,
  });
  const always = (): Promise<boolean> => Promise.resolve(true);
  const never = (): Promise<boolean> => Promise.resolve(false);

  it("ends with all that it started, when it is stopped", async () => {
    const server = await startServer(options("sleep 60 & sleep 60", always));
    await server.stop();
    strictEqual(server.isRunning(), false);
    deepStrictEqual(processesWith(servicesVariable, folder), []);
  });

  it("that ends before it answers is told with its last words", async () => {
    await rejects(startServer(options("echo the port is taken; exit 3", never)), (error: unknown) => {
      ok(error instanceof ServerNotAnswering);
      match(error.message, /the example ended before it answered.*\n {2}the port is taken/);
      return true;
    });
  });

  it("that does not answer in time is stopped", async () => {
    await rejects(startServer({ ...options("sleep 60", never), startSeconds: 0.3 }), /does not answer within 0.3 s/);
    deepStrictEqual(processesWith(servicesVariable, folder), []);
  });

  it("is not waited for when all that is left of its group is what nobody has asked how it ended", async () => {
    // The parent is in a group of its own, and never asks; its child is in the server's.
    const code = [
      "import os, time",
      "group = os.getpgrp()",
      "if os.fork() == 0:",
      "    os.setpgid(0, 0)",
      "    child = os.fork()",
      "    if child == 0:",
      "        os.setpgid(0, group)",
      `        open(${JSON.stringify(join(folder, "child"))}, "w").close()`,
      "    time.sleep(60)",
      "time.sleep(60)",
    ];
    const { args, ...others } = options(code.join("\n"), () => Promise.resolve(existsSync(join(folder, "child"))));
    const server = await startServer({ ...others, args, command: "python3" });
    const began = Date.now();
    await server.stop();
    ok(Date.now() - began < 3000, `${Date.now() - began} ms`);
    strictEqual(processesWith(servicesVariable, folder).length, 1);
  });

  it("ends when its starter is killed, and what it left is ended by the next start", async () => {
    const code = `
      const { startServer } = require(${JSON.stringify(join(__dirname, "../../../sandbox/services/server-process"))});
      startServer({ called: "x", command: "/bin/sh", args: ["-c", "setsid sleep 61 & exec sleep 62"], environment: process.env,
        folder: ${JSON.stringify(folder)}, log: ${JSON.stringify(join(folder, "log"))}, startSeconds: 5, graceSeconds: 1,
        answers: async () => true }).then(({ pid }) => process.stdout.write(String(pid) + "\\n"));
      setInterval(() => {}, 1000);`;
    const starter = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", code], {
      stdio: ["ignore", "pipe", "inherit"],
      cwd: join(__dirname, "../../.."),
    });
    const [said] = (await once(starter.stdout, "data")) as [Buffer];
    const pid = Number(said.toString());
    starter.kill("SIGKILL");
    await once(starter, "close");
    for (let round = 0; isRunning({ pid, started: undefined }) && round < 200; round++) await sleep(10);
    strictEqual(isRunning({ pid, started: undefined }), false);
    strictEqual(await endLeftovers(folder), 1);
    deepStrictEqual(processesWith(servicesVariable, folder), []);
  });
});

describe("a socket", () => {
  it("has a path that Linux allows, or the error says what to do", () => {
    strictEqual(socketPath("/short"), "/short");
    throws(
      () => socketPath(`/${"x".repeat(107)}`),
      /longer than the 107 bytes that Linux allows: use a folder with a shorter path/,
    );
  });

  it("that nobody listens on gives no answer", async () => {
    const client = new SocketClient("/nowhere/s");
    strictEqual(await client.answers("/"), false);
    await rejects(client.ask({ path: "/" }), /ENOENT/);
  });

  it("carries several questions at once", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-socket-"));
    const server = createServer((request, response) => response.end(`${request.url ?? ""}!`)).listen(join(folder, "s"));
    await once(server, "listening");
    const client = new SocketClient(join(folder, "s"));
    try {
      const answers = await Promise.all([1, 2, 3].map((number) => client.ask({ path: `/${number}` })));
      deepStrictEqual(
        answers.map(({ text }) => text),
        ["/1!", "/2!", "/3!"],
      );
    } finally {
      client.close();
      server.close();
      rmSync(folder, { recursive: true });
    }
  });
});

describe("Debian's mirror", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-apt-"));
    mkdirSync(join(folder, "sources.list.d"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

  it("is found in lines, past comments, options and other makers", () => {
    write(
      "sources.list",
      "# deb http://old.example/debian bookworm main\ndeb cdrom:[Debian]/ bookworm main\n" +
        "deb-src http://src.example/debian bookworm main\n" +
        "deb [arch=amd64 signed-by=/x.gpg] http://tool.example/apt stable-tool main\n" +
        "deb [arch=amd64] http://mirror.example/debian/ bookworm main contrib # the mirror\n",
    );
    strictEqual(debianMirror(folder), "http://mirror.example/debian");
  });

  it("is found in paragraphs, past those that are switched off", () => {
    write(
      "sources.list.d/debian.sources",
      "Types: deb\nURIs: http://off.example/debian\nSuites: trixie\nComponents: main\nEnabled: no\n\n" +
        "# a comment\nTypes: deb deb-src\nURIs:\n http://mirror.example/debian\n http://second.example/debian\n" +
        "Suites: trixie trixie-updates\nComponents: main\nSigned-By: /x.gpg\n",
    );
    strictEqual(debianMirror(folder), "http://mirror.example/debian");
  });

  it("is none where apt takes packages of another system only", () => {
    write("sources.list", "deb http://ubuntu.example/ubuntu noble main universe\n");
    strictEqual(debianMirror(folder), undefined);
    rmSync(join(folder, "sources.list.d"), { recursive: true });
    strictEqual(debianMirror(join(folder, "nothing")), undefined);
  });
});

describe("an image of one layer", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-image-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function pack(name: string, later: number): Promise<Awaited<ReturnType<typeof packImage>>> {
    const root = join(folder, `${name}-root`);
    mkdirSync(join(root, "bin"), { recursive: true });
    writeFileSync(join(root, "bin", "b"), "second");
    writeFileSync(join(root, "bin", "a"), "first");
    chmodSync(join(root, "bin", "a"), 0o755);
    // One out of a package keeps its time, one that was made here does not.
    utimesSync(join(root, "bin", "a"), 1000, 1000);
    utimesSync(join(root, "bin", "b"), 3000 + later, 3000 + later);
    const variables = ["PATH=/bin"];
    const packing = { root, time: 2000, environment: process.env, variables, command: ["a"] };
    return packImage({ ...packing, folder: join(folder, name) });
  }

  it("has the same digest for the same files, whenever they were made", async () => {
    deepStrictEqual(await pack("one", 0), await pack("two", 500));
  });

  it("has a manifest that names its blobs, which are what their digests say", async () => {
    const image = await pack("one", 0);
    const manifest = JSON.parse(readFileSync(blobFile(join(folder, "one"), image.digest), "utf8")) as {
      config: { digest: string };
      layers: { digest: string; size: number }[];
    };
    deepStrictEqual(
      [manifest.config.digest, ...manifest.layers.map(({ digest }) => digest)],
      image.blobs.map(({ digest }) => digest),
    );
    const config = JSON.parse(readFileSync(blobFile(join(folder, "one"), manifest.config.digest), "utf8")) as {
      created: string;
      config: object;
    };
    strictEqual(config.created, "1970-01-01T00:33:20.000Z");
    deepStrictEqual(config.config, { Env: ["PATH=/bin"], Cmd: ["a"] });
  });
});
