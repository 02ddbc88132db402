/** Tests what an application may say, and what is told when it says something else. */
import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SpecError } from "../../spec";
import { app, baseImage, between, minimal, told } from "./specs";

const GOLDEN = join(__dirname, "golden");

/** The only problem's path, message and mend. */
function only(text: string): { path: string; message: string; mend: string; place: string } {
  const { problems } = app(text);
  equal(problems.length, 1, told(problems).join("\n"));
  const [problem] = problems;
  const { path, message, mend, line, column } = problem!;
  return { path, message, mend, place: `${line}:${column}` };
}

describe("An application", () => {
  it("needs only a name and a base image; the rest has defaults", () => {
    deepEqual(app(minimal()).spec, {
      name: "orders",
      description: undefined,
      team: undefined,
      baseImage: "python-web",
      repository: { kind: "create", name: "orders" },
      python: undefined,
      requirements: "pyproject.toml",
      lock: undefined,
      scripts: [],
      extras: {},
      indexes: [],
      systemPackages: undefined,
      dockerfile: undefined,
      user: undefined,
      env: {},
      ports: [],
      healthcheck: undefined,
      branches: ["main"],
      pool: undefined,
    });
  });

  it("may name its repository in three ways", () => {
    const repository = (written: string): unknown => app(minimal(`repository: ${written}`)).spec?.repository;
    deepEqual(repository("shop"), { kind: "existing", name: "shop", pipelineFile: "azure-pipelines.yml" });
    deepEqual(repository("{ existing: shop, pipelineFile: orders/ci.yml }"), {
      kind: "existing",
      name: "shop",
      pipelineFile: "orders/ci.yml",
    });
    deepEqual(repository("{ create: order-service }"), { kind: "create", name: "order-service" });
  });

  it("may name its pool in three ways", () => {
    const pool = (written: string): unknown => app(minimal(`pool: ${written}`)).spec?.pool;
    deepEqual(pool("ubuntu-24.04"), { kind: "hosted", vmImage: "ubuntu-24.04" });
    deepEqual(pool("{ vmImage: ubuntu-22.04 }"), { kind: "hosted", vmImage: "ubuntu-22.04" });
    deepEqual(pool("{ name: linux, demands: [docker, agent.os -equals Linux] }"), {
      kind: "named",
      name: "linux",
      demands: ["docker", "agent.os -equals Linux"],
    });
  });

  it("may give extras for every image or by script", () => {
    const extras = (...lines: readonly string[]): unknown => app(minimal(...lines)).spec?.extras;
    deepEqual(extras("extras: [postgres, http]"), { "*": ["postgres", "http"] });
    deepEqual(extras("scripts: [orders-api]", 'extras: { "*": [a], orders-api: [b] }'), {
      "*": ["a"],
      "orders-api": ["b"],
    });
  });

  it("may give a health check as a command or with its times", () => {
    const times = { interval: 30, timeout: 5, startPeriod: 10, retries: 3 };
    deepEqual(app(minimal("healthcheck: [orders-api, --check]")).spec?.healthcheck, {
      command: ["orders-api", "--check"],
      ...times,
    });
    deepEqual(app(minimal("healthcheck: { command: [x], interval: 60 }")).spec?.healthcheck, {
      command: ["x"],
      ...times,
      interval: 60,
    });
  });

  it("may have a Dockerfile of its own, which then says the rest", () => {
    equal(
      app(minimal("dockerfile: docker/Dockerfile", "branches: [main]", "team: commerce")).spec?.dockerfile,
      "docker/Dockerfile",
    );
    for (const line of [
      "scripts: [a]",
      "requirements: requirements.txt",
      "lock: requirements.lock",
      "extras: [a]",
      "systemPackages: bindep.txt",
      'user: "1000"',
      "env: { A: b }",
      "ports: [80]",
      "healthcheck: [x]",
    ]) {
      const problem = only(minimal("dockerfile: Dockerfile", line));
      match(problem.message, /has no effect together with dockerfile/);
      match(problem.mend, /Dockerfile|ENTRYPOINT/);
      equal(problem.place, "4:1");
    }
  });

  it("is told at the very place of each of a dozen mistakes, with the mend", () => {
    const { problems } = app(readFileSync(join(GOLDEN, "mistakes.yaml")));
    const bases = [
      baseImage('name: python-web\npython: "3.12"\n'),
      baseImage('name: python-data\npython: "3.12"\n', "python-data"),
    ];
    const all = [...problems, ...between(bases, [app(readFileSync(join(GOLDEN, "mistakes.yaml")))])];
    equal(`${new SpecError(all).message}\n`, readFileSync(join(GOLDEN, "mistakes.txt"), "utf8"));
  });

  it("has no property that is not known, and the nearest known one is named", () => {
    const problem = only(minimal("scirpts: [a]"));
    deepEqual([problem.path, problem.place], ["scirpts", "3:1"]);
    match(problem.mend, /^did you mean scripts\? known here: .*dockerfile/);
    match(only(minimal("healthcheck: { command: [x], retry: 3 }")).mend, /did you mean retries\?/);
  });

  it("is told once that a key is misspelt, not also that it is missing", () => {
    deepEqual(told(app("nmae: orders\nbaseImage: python-web\n").problems), ['nmae: "nmae" is not a property here']);
    deepEqual(told(app("baseImage: python-web\n").problems), ["name: is missing"]);
  });

  it("is told of a wrong value also where a misspelt key is near to its name", () => {
    deepEqual(told(app(minimal("nam: x", "team: a/b", "tem: c")).problems), [
      'team: "a/b" is not a name for a team: it has "/"',
      'nam: "nam" is not a property here',
      'tem: "tem" is not a property here',
    ]);
  });

  it("has values of env that need no quotes in a shell", () => {
    for (const value of ["a;b", "a&b", "a(b)", "a#b", "a!b", "é"]) {
      equal(only(minimal(`env: { A: "${value}" }`)).path, "env.A", value);
    }
    equal(app(minimal("env: { A: https://x.example/a?b=c%20d }")).spec?.env.A, "https://x.example/a?b=c%20d");
  });

  it("must put a version in quotes, since YAML reads 3.10 as 3.1", () => {
    const problem = only(minimal("python: 3.10"));
    deepEqual([problem.path, problem.place], ["python", "3:9"]);
    equal(problem.mend, 'put it in quotes: "3.10"; without quotes, YAML reads 3.1');
    equal(only(minimal("python: 3.12")).mend, 'put it in quotes: "3.12"');
    equal(app(minimal('python: "3.12"')).spec?.python, "3.12");
  });

  it("refuses Python versions that are none", () => {
    for (const version of ["3", "2.7", "3.8", "3.12.1", "3.x", "3.120", "4.0", "3.09", " 3.12"]) {
      match(only(minimal(`python: "${version}"`)).message, /not a Python version/, version);
    }
  });

  it("refuses values of another kind, and says which are right", () => {
    equal(only(minimal("scripts: orders-api")).message, "it must be a list, but it is a text");
    equal(only(minimal("env: [A]")).message, "it must be a map, but it is a list");
    equal(only(minimal("healthcheck: curl")).message, "it must be a list or a map, but it is a text");
    equal(only(minimal("team:")).message, "it must be a text, but it is empty");
    equal(only(minimal("ports: [80.5]")).path, "ports[0]");
    equal(only(minimal("env: { A: true }")).mend, 'put it in quotes: "true"');
    equal(only(minimal("repository: 7")).mend, 'put it in quotes: "7"');
  });

  it("refuses pools that cannot build containers for Linux", () => {
    for (const pool of ["windows-latest", "macos-14", "Default", "ubuntu-2404"]) {
      match(only(minimal(`pool: ${pool}`)).message, /is not one of the values/);
    }
  });

  it("refuses what stands twice", () => {
    equal(only(minimal("ports: [80, 80]")).path, "ports[1]");
    equal(only(minimal("branches: [main, main]")).path, "branches[1]");
    equal(only(minimal("scripts: [orders_api, Orders.API]")).path, "scripts[1]");
    match(only(minimal("team: a", "team: b")).message, /stands twice/);
  });

  it("refuses extras for a script that it does not have", () => {
    match(only(minimal("scripts: [orders-api]", "extras: { orders-apii: [a] }")).mend, /did you mean orders-api\?/);
    match(only(minimal("extras: { orders-api: [a] }")).mend, /write a list/);
  });

  it("refuses to run as root", () => {
    for (const user of ["root", '"0"', '"00"', '"65535"', "Admin", '"app:app"', '"a b"']) {
      equal(only(minimal(`user: ${user}`)).path, "user", user);
    }
    equal(app(minimal('user: "1000"')).spec?.user, "1000");
  });

  it("refuses branches that git would refuse, patterns, and full refs", () => {
    for (const branch of [
      "a..b",
      "a/",
      "/a",
      "a.lock",
      "a//b",
      "-a",
      "a b",
      "a~b",
      "a^b",
      "a:b",
      "a?b",
      "a[b",
      "a\\b",
      "@{x}",
      ".a",
      "a/.b",
      "a.",
      "refs/heads/main",
      "release/*",
    ]) {
      equal(only(minimal(`branches: ['${branch}']`)).path, "branches[0]", branch);
    }
    match(only(minimal("branches: [refs/heads/main]")).mend, /"main"/);
    deepEqual(app(minimal("branches: [main, release/2026.1]")).spec?.branches, ["main", "release/2026.1"]);
  });

  it("refuses ports that are none", () => {
    for (const port of ["0", "65536", "-1"]) {
      equal(only(minimal(`ports: [${port}]`)).path, "ports[0]", port);
    }
  });

  it("refuses environment variables that hold secrets or change where packages come from", () => {
    for (const name of [
      "DB_PASSWORD",
      "API_TOKEN",
      "token",
      "GITHUB_PAT",
      "AZURE_CLIENT_SECRET",
      "MYTOKEN",
      "STRIPE_API_KEY",
      "PIP_INDEX_URL",
      "PIP_EXTRA_INDEX_URL",
      "UV_DEFAULT_INDEX",
      "UV_INDEX_FEED_PASSWORD",
      "NETRC",
    ]) {
      const { problems } = app(minimal(`env: { ${name}: swordfish }`));
      equal(problems.length, 1, name);
      ok(!problems[0]!.message.includes("swordfish"));
    }
    for (const name of ["TOKENIZERS_PARALLELISM", "PATTERN", "COMPASS", "DB_PASSWORD_FILE", "_X", "a1"]) {
      notEqual(app(minimal(`env: { ${name}: /run/x }`)).spec, undefined, name);
    }
    for (const name of ["1A", "A-B", "A.B", '"A B"', '"A=B"', '""', "É"]) {
      equal(app(minimal(`env: { ${name}: x }`)).problems.length, 1, name);
    }
  });

  it("has the name of its file", () => {
    const { problems } = app("name: order\nbaseImage: python-web\n");
    deepEqual(told(problems), ['name: "order" is not the name of its file, "orders"']);
    equal(problems[0]!.mend, "rename the file, or write name: orders");
  });
});
