/** PipAuthenticate@1 and Docker@2, run in jobs. */
import { strict as assert } from "node:assert";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { JobContext } from "../../../../sandbox/agent/job";
import { splitArguments } from "../../../../sandbox/agent/tasks/argument-line";
import { baseImageOf } from "../../../../sandbox/agent/tasks/docker-labels";
import type { TaskStep } from "../../../../sandbox/agent/model";
import { Machine, script, task, token } from "../job/harness";

const password = "Q3JlZGVudGlhbHMtb2YtdGhl/X+registry";

describe("tasks", () => {
  let machine: Machine;
  let context: Partial<JobContext>;
  beforeEach(() => {
    machine = new Machine();
    context = {
      variables: new Map(
        Object.entries({
          "Build.BuildId": "7",
          "Build.BuildNumber": "20261121.1",
          "Build.SourceVersion": "abc",
          "System.TeamFoundationCollectionUri": "https://dev.azure.com/contoso/",
          "System.TeamProject": "Platform",
        }).map(([name, value]) => [name, { value, secret: false }]),
      ),
      feedIndex: (feed) => {
        const known = ["Platform/packages", "everybody"];
        return known.includes(feed)
          ? Promise.resolve(`http://127.0.0.1:81/contoso/${feed}/pypi/simple/`)
          : Promise.reject(new Error(`there is no feed ${feed}`));
      },
      registry: (connection) =>
        connection === "push"
          ? Promise.resolve({ host: "127.0.0.1:5000", username: "sandbox-push", password })
          : Promise.reject(new Error(`the service connection ${connection} is not authorized for this pipeline`)),
    };
  });
  afterEach(() => machine.remove());

  describe("PipAuthenticate@1", () => {
    const authenticate = (inputs: Record<string, string>, parts: Partial<TaskStep> = {}) =>
      task("PipAuthenticate@1", inputs, parts);
    const show = script('echo "${PIP_INDEX_URL-unset}|${PIP_EXTRA_INDEX_URL-unset}"', { condition: "always()" });

    it("gives pip the first feed's address with the token, and the rest as further ones", async () => {
      const told = await machine.run(
        [
          authenticate({ artifactFeeds: "Platform/packages,everybody" }),
          show,
          script(
            `[ "$PIP_INDEX_URL" = "http://build:$T@127.0.0.1:81/contoso/Platform/packages/pypi/simple/" ] && echo exactly`,
            {
              env: { T: "$(System.AccessToken)" },
            },
          ),
        ],
        { context },
      );
      assert.equal(told.result, "succeeded", told.log());
      assert.match(told.log(0), /^Successfully added auth for 2 internal feeds and 0 external endpoint\.$/m);
      const at = "@127.0.0.1:81/contoso";
      const expected = `http://build:***${at}/Platform/packages/pypi/simple/|http://build:***${at}/everybody/pypi/simple/`;
      assert.ok(told.lines[1]!.includes(expected), told.log(1));
      assert.match(told.log(2), /^exactly$/m);
      assert.ok(!told.everything.includes(token));
    });

    it("sets no first index where only further ones are wanted, and nothing without feeds", async () => {
      const told = await machine.run([authenticate({ artifactfeeds: "everybody", onlyAddExtraIndex: "true" }), show], {
        context,
      });
      assert.match(told.log(1), /^unset\|http:\/\/build:/m);
      const none = await machine.run([authenticate({}), show], { context });
      assert.match(none.log(0), /0 internal feeds/);
      assert.match(none.log(1), /^unset\|unset$/m);
    });

    it("takes the first two parts of a feed's name, and fails for a feed that is not there", async () => {
      const told = await machine.run([authenticate({ artifactFeeds: "Platform/packages/more" })], { context });
      assert.equal(told.result, "succeeded", told.log());
      const failed = await machine.run([authenticate({ artifactFeeds: "nobody" }), show], { context });
      assert.deepEqual(
        failed.issues.map(({ message }) => message),
        ["there is no feed nobody", "Failed to add authentication."],
      );
      assert.match(failed.log(1), /^unset\|unset$/m);
    });

    for (const [inputs, said] of [
      [{ feeds: "x" }, /PipAuthenticate@1 has no input "feeds"\. It has: artifactFeeds/],
      [{ pythonDownloadServiceConnections: "x" }, /the sandbox does not have pythonDownloadServiceConnections/],
      [{ azureDevOpsServiceConnection: "x" }, /the sandbox does not have workloadIdentityServiceConnection/],
    ] as const) {
      it(`refuses the input ${Object.keys(inputs)[0]}`, async () => {
        const told = await machine.run([authenticate(inputs)], { context });
        assert.deepEqual(told.results, ["failed"]);
        assert.match(told.log(), said);
      });
    }
  });

  describe("Docker@2", () => {
    const docker = (inputs: Record<string, string>, parts: Partial<TaskStep> = {}) => task("Docker@2", inputs, parts);
    const config = script('cat "$DOCKER_CONFIG/config.json"; stat -c %a "$DOCKER_CONFIG/config.json"', {
      condition: "always()",
    });

    /** A docker that is not the agent's, to see what the task asks of it. */
    function withDocker(text: string): void {
      const bin = join(machine.folder, "docker-bin");
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, "docker"), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    const useIt = () => script(`echo "##vso[task.prependpath]${machine.folder}/docker-bin"`);
    const dockerfile = (text: string) => script(`mkdir -p app; cat > app/Dockerfile <<'END'\n${text}\nEND`);
    const tell = 'for a; do printf "<%s> " "$a"; done; echo; cat "$DOCKER_CONFIG/config.json" 2>/dev/null';

    it("logs in for the steps that follow, and out again", async () => {
      const told = await machine.run(
        [
          docker({ command: "login", containerRegistry: "push" }),
          config,
          script('echo "${CONTAINER_AUTHENTICATIONTOKEN-hidden}"; ls "$DOCKER_CONFIG"'),
          docker({ command: "logout", containerRegistry: "push" }),
          script('echo "config:$DOCKER_CONFIG"; ls $AGENT_TEMPDIRECTORY'),
        ],
        { context },
      );
      assert.equal(told.result, "succeeded", told.log());
      assert.ok(
        told
          .log(1)
          .includes(
            '{"auths":{"127.0.0.1:5000":{"auth":"***","email":""}},"HttpHeaders":{"X-Meta-Source-Client":"VSTS"}}',
          ),
        told.log(1),
      );
      assert.match(told.log(1), /^.*600$/m);
      assert.match(told.log(2), /^hidden$/m);
      assert.match(told.log(4), /^config:$/m);
      assert.ok(!told.log(4).includes("DockerConfig"));
      assert.ok(!told.everything.includes(password));
      assert.ok(!told.everything.includes(Buffer.from(`sandbox-push:${password}`).toString("base64")));
    });

    it("keeps the logins to several registries apart", async () => {
      context = {
        ...context,
        registry: (name) =>
          Promise.resolve({ host: `${name}.example.com`, username: "u", password: `${password}-${name}` }),
      };
      const told = await machine.run(
        [
          docker({ command: "login", containerRegistry: "one" }),
          docker({ command: "login", containerRegistry: "two" }),
          docker({ command: "logout", containerRegistry: "one" }),
          config,
        ],
        { context },
      );
      assert.ok(!told.log(3).includes("one.example.com") && told.log(3).includes("two.example.com"), told.log(3));
    });

    it("says why a connection is refused, and that one is needed", async () => {
      const told = await machine.run(
        [
          docker({ command: "login", containerRegistry: "other" }),
          docker({ command: "login" }, { condition: "always()" }),
        ],
        { context },
      );
      assert.match(told.log(0), /##\[error\]the service connection other is not authorized for this pipeline/);
      assert.match(told.log(1), /##\[error\]Docker registry service connection not specified\./);
    });

    it("builds with the arguments in the task's order, in the Dockerfile's folder, and logs out again", async () => {
      withDocker(tell);
      const told = await machine.run(
        [
          useIt(),
          dockerfile("FROM python:3.13@sha256:1234 AS base\nFROM base"),
          docker({
            command: "build",
            containerRegistry: "push",
            repository: "Team/Orders App",
            tags: "one\ntwo,three",
            arguments: '--build-arg "A=b c"\n--secret id=x,env=Y',
          }),
          script('echo "config:${DOCKER_CONFIG-unset}"; cat "$(Docker.DockerOutput)"; ls $AGENT_TEMPDIRECTORY'),
        ],
        { context },
      );
      assert.equal(told.result, "succeeded", told.log());
      const sources = join(machine.workFolder, "_work/1/s");
      const label = (text: string) => `<--label> <com.azure.dev.image.${text}>`;
      const expected = [
        `<build> <-f> <${sources}/app/Dockerfile>`,
        label("system.teamfoundationcollectionuri=https://dev.azure.com/contoso/"),
        label("system.teamproject=Platform"),
        label("build.sourceversion=abc"),
        label("build.buildnumber=20261121.1"),
        "<--label> <image.base.ref.name=python:3.13> <--label> <image.base.digest=1234>",
        "<--build-arg> <A=b c> <--secret> <id=x,env=Y>",
        ...["one", "two", "three"].map((tag) => `<-t> <127.0.0.1:5000/team/ordersapp:${tag}>`),
        `<${sources}/app>`,
      ].join(" ");
      assert.ok(told.log(2).includes(expected), `${told.log(2)}\n---\n${expected}`);
      assert.ok(told.log(2).includes('"auth":"***"'), "docker has the credentials while it builds");
      assert.match(told.log(3), /^config:$/m);
      assert.ok(!told.log(3).includes("DockerConfig_"));
    });

    it("pushes each tag, and builds and pushes without arguments, which it warns of", async () => {
      withDocker(tell);
      const told = await machine.run(
        [
          useIt(),
          dockerfile("FROM scratch$X"),
          docker({
            containerRegistry: "push",
            repository: "orders",
            arguments: "--no-cache",
            addPipelineData: "false",
          }),
          docker({ command: "push", containerRegistry: "push", tags: "a" }),
        ],
        { context },
      );
      assert.equal(told.result, "succeeded", told.log());
      assert.match(told.log(2), /##\[warning\]The arguments input is not supported when the command is buildAndPush/);
      assert.ok(!told.log(2).includes("--no-cache") && !told.log(2).includes("image.base"));
      assert.match(told.log(2), /<push> <127\.0\.0\.1:5000\/orders:7>/);
      assert.match(told.log(3), /##\[warning\]No repository is specified\. Nothing will be pushed\./);
      assert.ok(!told.log(3).includes("<push>"));
    });

    it("fails as docker does, tells its errors, and takes no commands from it", async () => {
      withDocker("echo '##vso[task.setvariable variable=evil]yes'; echo 'no space left' >&2; exit 17");
      const told = await machine.run(
        [
          useIt(),
          docker({ command: "volume", arguments: 'prune "--filter=a b"' }),
          script("echo evil:$EVIL", { condition: "always()" }),
        ],
        { context },
      );
      assert.deepEqual(told.results, ["succeeded", "failed", "succeeded"]);
      assert.match(told.log(1), /\[command\].*docker volume prune --filter=a b/);
      assert.match(told.log(1), /##\[error\]no space left/);
      assert.match(told.log(1), /failed with exit code 17/);
      assert.match(told.log(2), /^evil:$/m);
    });

    it("on the agent itself refuses what needs a daemon, and says so", async () => {
      const told = await machine.run([dockerfile("FROM x"), docker({ command: "build", repository: "x" })], {
        context,
      });
      assert.match(told.log(1), /##\[error\]ERROR: "docker build -f" needs a Docker daemon/);
      const start = await machine.run([docker({ command: "start", container: "c" })], { context });
      assert.match(start.log(), /runs in no container that could be meant by "c"/);
    });

    it("finds no Dockerfile where there is none", async () => {
      const told = await machine.run([docker({ command: "build", repository: "x" })], { context });
      assert.match(told.log(), /##\[error\]No Dockerfile matching {2}.*\*\*\/Dockerfile {2}was found\./);
    });
  });

  describe("arguments of docker", () => {
    for (const [line, args] of [
      ["--a b  c", ["--a", "b", "c"]],
      ["\"a b\"c 'd e'", ["a bc", "'d", "e'"]],
      ['"a \\"b" \\"', ['a "b', "\\"]],
      ["a\nb $X $(y)", ["a", "b", "$X", "$(y)"]],
      ["", []],
    ] as const) {
      it(`are split as the task does: ${JSON.stringify(line)}`, () => assert.deepEqual(splitArguments(line), args));
    }
  });

  describe("the base image of a Dockerfile", () => {
    for (const [text, found] of [
      ["FROM a:1 AS x\nFROM x as y\nFROM b\nFROM y", { name: "a:1", digest: undefined }],
      ["FROM a@sha256:12", { name: "a", digest: "12" }],
      ["ARG B\nFROM $B", undefined],
      ["", undefined],
    ] as const) {
      it(`is found as the task does in ${JSON.stringify(text)}`, () => assert.deepEqual(baseImageOf(text), found));
    }
  });
});
