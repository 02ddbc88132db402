/** Checkouts with real git: what lies where, and where the token is. */
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { join } from "node:path";

import type { JobContext } from "../../../../sandbox/agent/job";
import { GitServer } from "./git-server";
import { checkout, Machine, script, token } from "./harness";

describe("checkout", () => {
  let machine: Machine;
  let server: GitServer;
  let orders: string[];
  let platform: string[];
  let context: Partial<JobContext>;
  const sources = () => join(machine.workFolder, "_work/1/s");

  before(async () => {
    machine = new Machine();
    server = new GitServer(join(machine.folder, "git"), token);
    await server.start();
    orders = server.repository("orders", ["one", "two", "##vso[task.setvariable variable=evil]yes"]);
    platform = server.repository("wheelhouse", ["templates"]);
    const places = new Map([
      ["self", { name: "orders", url: server.url("orders"), ref: "refs/heads/main", commit: orders[2]! }],
      [
        "git://Platform/wheelhouse@refs/heads/main",
        { name: "wheelhouse", url: server.url("wheelhouse"), ref: "refs/heads/main", commit: platform[0]! },
      ],
      ["older", { name: "orders", url: server.url("orders"), ref: "refs/heads/main", commit: orders[0]! }],
    ]);
    context = {
      repository: (name) => {
        const found = places.get(name);
        return found === undefined
          ? Promise.reject(new Error(`the pipeline may not use the repository ${name}`))
          : Promise.resolve(found);
      },
    };
  });
  after(async () => {
    await server.close();
    machine.remove();
  });
  beforeEach(() => {
    server.away = 0;
    server.authorizations.length = 0;
  });

  it("brings one commit to the folder of the sources, and leaves no credentials there", async () => {
    const told = await machine.run(
      [
        checkout("self"),
        script("ls; git log --format=%H; cat .git/config; env | grep -c GIT_CONFIG; git fetch origin 2>&1 | tail -1"),
        script("echo evil:$EVIL"),
      ],
      { context },
    );
    assert.equal(told.result, "succeeded", told.log());
    assert.match(told.log(1), new RegExp(`file-0\nfile-1\nfile-2\n${orders[2]}\n\\[core\\]`));
    assert.match(told.log(1), /^0$/m);
    assert.match(told.log(1), /could not read Username|terminal prompts disabled|No such device/);
    assert.match(told.log(2), /^evil:$/m, "what a commit says is no command");
    assert.ok(!told.everything.includes(token));
    assert.ok(!told.everything.includes("AUTHORIZATION"));
  });

  it("never has the token in a process' arguments", async () => {
    const seen: string[] = [];
    const timer = setInterval(() => {
      seen.push(
        execFileSync("sh", ["-c", "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; true"], {
          encoding: "utf8",
          maxBuffer: 1e8,
        }),
      );
    }, 5);
    try {
      await machine.run([checkout("self", { fetchDepth: 0 })], { context });
    } finally {
      clearInterval(timer);
    }
    assert.ok(seen.some((all) => all.includes("git")) && seen.every((all) => !all.includes(token)));
    const encoded = Buffer.from(`build:${token}`).toString("base64");
    assert.ok(seen.every((all) => !all.includes(encoded)));
    assert.ok(server.authorizations.includes(`basic ${encoded}`));
  });

  it("brings all history, and an older commit than the branch's last", async () => {
    const told = await machine.run(
      [checkout("older", { fetchDepth: 0 }), script("ls; git log --format=%s origin/main")],
      { context },
    );
    assert.equal(told.result, "succeeded", told.log());
    assert.ok(!told.lines[1]!.includes("file-1"));
    assert.ok(told.lines[1]!.includes("two") && told.lines[1]!.includes("one"));
    const shallow = await machine.run([checkout("older"), script("git rev-parse HEAD")], { context });
    assert.ok(shallow.lines[1]!.includes(orders[0]!), shallow.log());
  });

  it("of several repositories lays each in a folder of its name or its path, and leaves the sources' folder", async () => {
    const told = await machine.run(
      [
        checkout("self", { path: "s/application" }),
        checkout("git://Platform/wheelhouse@refs/heads/main"),
        script('ls; echo "$BUILD_SOURCESDIRECTORY|$SYSTEM_DEFAULTWORKINGDIRECTORY|$BUILD_REPOSITORY_LOCALPATH"'),
      ],
      { context },
    );
    assert.match(told.log(2), /^application\nwheelhouse$/m);
    assert.ok(told.lines[2]!.includes(`${sources()}|${sources()}|${sources()}/application`), told.log(2));
  });

  it("of one repository to a path makes that the sources' folder", async () => {
    const told = await machine.run(
      [checkout("none"), checkout("self", { path: "elsewhere" }), script("pwd; echo $(Build.SourcesDirectory)")],
      {
        context,
      },
    );
    const place = join(machine.workFolder, "_work/1/elsewhere");
    assert.deepEqual(told.lines[2]!.filter((line) => line === place).length, 2, told.log());
  });

  for (const path of ["..", ".", "../2/s", "/tmp/x", "s/../../x"]) {
    it(`refuses the path ${path}, which leads out of the job's folder`, async () => {
      const told = await machine.run([checkout("self", { path })], { context });
      assert.deepEqual(told.results, ["failed"]);
      assert.match(told.log(), /##\[error\]Input path '.*' should resolve to a directory under/);
    });
  }

  it("does not follow a link that a step put where it shall go", async () => {
    const outside = join(machine.folder, "precious");
    execFileSync("sh", ["-c", `mkdir -p ${outside} && touch ${outside}/kept`]);
    const told = await machine.run(
      [
        script(`ln -s ${outside} $PIPELINE_WORKSPACE/s/linked`),
        checkout("self", { path: "s/linked" }),
        script("ls s", { workingDirectory: "$(Pipeline.Workspace)" }),
      ],
      { context },
    );
    assert.equal(told.result, "succeeded", told.log());
    assert.equal(execFileSync("ls", [outside], { encoding: "utf8" }), "kept\n");
  });

  it("says why a repository may not be used", async () => {
    const told = await machine.run([checkout("secret-plans")], { context });
    assert.match(told.log(), /##\[error\]the pipeline may not use the repository secret-plans/);
  });

  it("tries again where the server is away for a moment, and fails where it stays away", async () => {
    server.away = 1;
    const told = await machine.run([checkout("self")], { context });
    assert.equal(told.result, "succeeded", told.log());
    assert.match(told.log(), /##\[warning\]Git fetch failed with exit code 128, back off/);
    server.away = 1000;
    const failed = await machine.run([checkout("self")], { context });
    assert.match(failed.log(), /##\[error\]Git fetch failed with exit code: 128/);
  });

  it("fails with an expired token, without asking anybody for another", async () => {
    const told = await machine.run([checkout("self")], { context: { ...context, jobToken: `${token}x` } });
    assert.deepEqual(told.results, ["failed"]);
    assert.ok(!told.everything.includes(token.slice(0, 40)));
  });

  it("keeps credentials for later steps only where it is told to", async () => {
    const told = await machine.run(
      [
        checkout("self", { persistCredentials: true }),
        script("git fetch --quiet origin && echo fetched; cat .git/config"),
      ],
      {
        context,
      },
    );
    assert.ok(told.lines[1]!.includes("fetched"), told.log());
    assert.match(told.log(1), /extraheader = AUTHORIZATION: basic \*\*\*/);
  });
});
