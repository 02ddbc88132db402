/** The agent's machine: its docker without a daemon, and its clock. */
import { strict as assert } from "node:assert";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { JobContext } from "../../../../sandbox/agent/job";
import { Machine, script } from "./harness";

/** Tells what it is called with, and keeps the builders that it is told to make as the real one does. */
const fakeBuildx = `#!/bin/sh
instances=\${BUILDX_CONFIG:-\${DOCKER_CONFIG:-$HOME/.docker}/buildx}/instances
case $1 in
  inspect) echo "Endpoint: unix:///daemon-of-$2"; exit 0 ;;
esac
echo "buildx $*"
case $1 in
  create)
    mkdir -p "$instances"
    for last; do case $last in --name=*) name=\${last#--name=} ;; esac; done
    [ "$name" != taken ] || exit 1
    echo "{\\"Nodes\\":[{\\"Endpoint\\":\\"$last\\"}]}" > "$instances/$name" ;;
  rm) for last; do rm -f "$instances/$last"; done ;;
esac
`;

describe("docker on the agent's machine", () => {
  let machine: Machine;
  let made: string[];
  let disposed: string[];
  let context: Partial<JobContext>;
  beforeEach(() => {
    machine = new Machine();
    made = [];
    disposed = [];
    const bin = join(machine.folder, "buildx bin's");
    mkdirSync(bin);
    writeFileSync(join(bin, "docker-buildx"), fakeBuildx, { mode: 0o755 });
    context = {
      environment: { PATH: `${bin}:${process.env.PATH}` },
      makeBuilder: (name) => {
        made.push(name);
        return Promise.resolve({
          name,
          empty: () => Promise.resolve(),
          dispose: () => Promise.resolve(void disposed.push(name)),
          environment: { PATH: bin },
        });
      },
    };
  });
  afterEach(() => machine.remove());

  const docker = (...lines: string[]) => machine.run([script(lines.join("\n"))], { context });

  it("makes a builder of the agent's, with a name that no other job has, and gives it back", async () => {
    const told = await docker(
      "docker buildx create --name mine --driver docker-container --bootstrap --use",
      "docker buildx rm --force mine",
      "echo gone",
    );
    assert.equal(told.result, "succeeded", told.log());
    assert.equal(made.length, 1);
    assert.match(made[0]!, /^job-[0-9a-f]{12}$/);
    assert.ok(
      told.lines[0]!.includes(
        `buildx create --driver remote --name=mine --bootstrap --use unix:///daemon-of-${made[0]}`,
      ),
      told.log(),
    );
    assert.deepEqual(disposed, made);
  });

  it("makes one by the default driver, and under a name of its own", async () => {
    const told = await docker("docker buildx create");
    assert.match(told.log(), /buildx create --driver remote --name builder_[0-9a-f]{8} unix:/);
    assert.deepEqual(disposed, made, "what is left ends with the job");
  });

  it("gives the daemon back where buildx refuses the builder", async () => {
    const told = await docker("docker buildx create --name=taken", "echo code $?");
    assert.match(told.log(), /^code 1$/m);
    assert.deepEqual(disposed, made);
  });

  it("leaves drivers that need no docker to buildx itself", async () => {
    const told = await docker("docker buildx create --driver remote --name=far tcp://builder:1234");
    assert.match(told.log(), /^buildx create --driver remote --name=far tcp:\/\/builder:1234$/m);
    assert.deepEqual(made, []);
  });

  it("is the real buildx for all the rest", async () => {
    const told = await docker("docker buildx bake --file 'a b.json' --push", "docker buildx ls", "docker buildx");
    assert.match(told.log(), /^buildx bake --file a b\.json --push$/m);
    assert.match(told.log(), /^buildx ls$/m);
  });

  for (const [words, said] of [
    ["build .", /"docker build \." needs a Docker daemon, which this agent's machine does not have/],
    ["login -u x", /"docker login -u" needs a Docker daemon/],
    ["buildx create --driver-opt image=x --name a", /--driver-opt image=x: the agent configures/],
    ["buildx create --append --name a", /--append: a builder here has one node/],
    ["buildx create --frobnicate", /no flag --frobnicate here/],
    ["buildx create my-context", /my-context: this machine has no docker context/],
  ] as const) {
    it(`refuses docker ${words}, and makes nothing`, async () => {
      const told = await docker(`docker ${words}`, "exit $?");
      assert.deepEqual(told.results, ["failed"]);
      assert.match(told.log(), said);
      assert.deepEqual(made, []);
    });
  }

  it("says so where the machine has no buildx", async () => {
    context = { environment: { PATH: "/usr/bin:/bin" } };
    const told = await docker("docker buildx ls");
    assert.match(told.log(), /ERROR: this agent's machine has no docker-buildx: put it on the agent's PATH/);
  });

  it("tells why no builder can be made", async () => {
    context = {
      ...context,
      makeBuilder: () => Promise.reject(new Error("images cannot be built on this machine: no root")),
    };
    const told = await docker("docker buildx create --name mine");
    assert.match(told.log(), /^ERROR: images cannot be built on this machine: no root$/m);
    assert.deepEqual(told.results, ["failed"]);
  });

  it("is only for this user", async () => {
    await docker("[ $(stat -c %a $AGENT_HOMEDIRECTORY/machine) = 700 ] && [ -S $AGENT_HOMEDIRECTORY/machine/s ]");
    assert.equal(statSync(join(machine.workFolder, "machine")).mode & 0o777, 0o700);
  });
});

describe("the clock of the agent's machine", () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => machine.remove());

  const day = 86_400;
  const dates = async (offset: number, ...commands: string[]) => {
    const told = await machine.run([script(commands.join("\n"))], { context: { clockOffsetSeconds: offset } });
    return told.lines[0]!.slice(told.lines[0]!.findIndex((line) => line.startsWith("[command]")) + 1, -1);
  };
  const dayAhead = (days: number) => new Date(Date.now() + days * day * 1000).toISOString().slice(0, 10);

  it("is ahead by so much, also for dates in words, and not for those in digits", async () => {
    const told = await dates(
      10 * day,
      "date -u +%Y-%m-%d",
      "date -u -d tomorrow +%F",
      "date -u --date='2 days ago' +%F",
      "date -ud yesterday +%F",
      "date -u -d @0 +%F",
      "date -u -d '2020-02-03' +%F",
      "touch -d 2001-01-01 f; date -u -r f +%F",
    );
    assert.deepEqual(told, [
      dayAhead(10),
      dayAhead(11),
      dayAhead(8),
      dayAhead(9),
      "1970-01-01",
      "2020-02-03",
      "2001-01-01",
    ]);
  });

  it("is the real one where it is not set forward", async () => {
    assert.deepEqual(await dates(0, "date -u +%F", "command -v date | grep -c ^$AGENT_HOMEDIRECTORY; true"), [
      dayAhead(0),
      "0",
    ]);
  });
});
