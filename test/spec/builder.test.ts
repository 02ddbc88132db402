/** Tests what the platform may say of its builder and of the time that its runs have. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { problems, read } from "./settings";

const certificates = { ca: "ca.pem", certificate: "client.pem", key: "client-key.pem" };
const first = (builder: unknown) => {
  const [problem] = problems({ builder });
  ok(problem !== undefined, JSON.stringify(builder));
  equal(problem.file, "config wheelhouse:builder");
  return problem;
};

describe("The platform's builder", () => {
  it("is a container on the agent by default, with an image where one is named", () => {
    deepEqual(read().builder, { driver: "docker-container", image: undefined });
    for (const image of ["registry.example.com:5000/a/buildkit:v0.26.3", `buildkit@sha256:${"0a".repeat(32)}`]) {
      deepEqual(read({ builder: { driver: "docker-container", image } }).builder, {
        driver: "docker-container",
        image,
      });
    }
  });

  it("has no image that may be another one tomorrow", () => {
    for (const image of [
      "buildkit",
      "registry.example.com:5000/buildkit",
      "buildkit:",
      "buildkit@sha256:00",
      "a b:c",
      ":x",
    ]) {
      match(first({ driver: "docker-container", image }).message, /is not an image with its tag or digest/, image);
    }
  });

  it("may be a daemon at an address with certificates, or at a socket without", () => {
    const tcp = { driver: "remote", address: "tcp://buildkit.example.com:1234", certificates };
    deepEqual(read({ builder: tcp }).builder, tcp);
    const socket = { driver: "remote", address: "unix:///run/buildkit/buildkitd.sock" };
    deepEqual(read({ builder: socket }).builder, { ...socket, certificates: undefined });
  });

  it("is never a daemon that everyone on the network may use", () => {
    const problem = first({ driver: "remote", address: "tcp://127.0.0.1:1234" });
    deepEqual(
      [problem.path, problem.message],
      ["certificates", "a builder at a tcp: address wants client certificates"],
    );
    match(first({ driver: "remote", address: "unix:///x", certificates }).message, /takes no certificates/);
  });

  for (const address of [
    "buildkit.example.com:1234",
    "http://x:1",
    "tcp://x",
    "tcp://x:0",
    "tcp://x:65536",
    "tcp://u:p@x:1",
    "tcp://x:1/y",
    "tcp://-x:1",
    "tcp://$(x):1",
    "tcp://x y:1",
    "tcp://x:1\n",
    "unix://relative",
    "unix:///a/../b",
    "unix:///",
    "unix:///a b",
    "docker-container://x",
    "ssh://x",
  ]) {
    it(`is not at an address that buildx would take otherwise: ${JSON.stringify(address)}`, () => {
      ok(problems({ builder: { driver: "remote", address, certificates } }).length > 0);
      ok(problems({ builder: { driver: "remote", address } }).length > 0);
    });
  }

  it("has certificates by the names of secure files, all three", () => {
    const at = { driver: "remote", address: "tcp://x:1" };
    match(first({ ...at, certificates: { ca: "a", certificate: "b" } }).path, /key/);
    for (const key of ["", "../x", "a/b", "a b", "$(x)", "-x", ".x", "a\nb"]) {
      match(first({ ...at, certificates: { ...certificates, key } }).message, /is not a name for a secure file/, key);
    }
  });

  it("may be pods of a cluster, with defaults that suit a small team", () => {
    const none = { cpu: undefined, memory: undefined };
    const usual = { driver: "kubernetes", namespace: "wheelhouse", replicas: 1, image: undefined, limits: none };
    deepEqual(read({ builder: { driver: "kubernetes" } }).builder, {
      ...usual,
      requests: { cpu: "1", memory: "2Gi" },
    });
    const written = {
      driver: "kubernetes",
      replicas: 3,
      requests: { cpu: 2 },
      limits: { cpu: "1500m", memory: "8Gi" },
    };
    deepEqual(read({ builder: written }).builder, {
      ...usual,
      replicas: 3,
      requests: { cpu: "2", memory: undefined },
      limits: { cpu: "1500m", memory: "8Gi" },
    });
  });

  it("asks a cluster for nothing that Kubernetes would refuse", () => {
    const of = (more: object) => first({ driver: "kubernetes", ...more });
    for (const cpu of ["", "0", "-1", "1 ", "1cpu", "0m", "1.2345", "1,image=x", 0, 1e9]) {
      match(of({ requests: { cpu } }).message, /is not an amount of CPU/, String(cpu));
    }
    for (const memory of ["", "0Gi", "2", "2 Gi", "2gb", "1e3", "-1Gi", "2Gi,x=y"]) {
      match(of({ limits: { memory } }).message, /is not an amount of memory/, memory);
    }
    for (const namespace of ["", "-a", "a-", "A", "a.b", "a".repeat(64), "a,b=c"]) {
      match(of({ namespace }).message, /is not a name for a namespace/, namespace);
    }
    for (const replicas of [0, 51, 1.5, "many"]) equal(of({ replicas }).path, "replicas");
  });

  it("is told by its driver, and the nearest is named", () => {
    const { path, mend } = first({ driver: "kubernets" });
    equal(path, "driver");
    match(mend, /kubernetes/);
    const missing = first({});
    deepEqual([missing.path, missing.message], ["driver", "is missing"]);
    match(missing.mend, /write one of docker-container, remote, kubernetes/);
    match(first({ driver: 7 }).message, /must be one of docker-container, remote, kubernetes, but it is a number/);
    match(first("remote").message, /JSON/);
    match(first({ driver: "remote", address: "unix:///x", adress: "x" }).message, /"adress" is not a property here/);
  });
});

describe("The time that runs have", () => {
  it("is an hour for an application and two for a base image, or what is set", () => {
    deepEqual(read().timeoutMinutes, { application: 60, baseImage: 120 });
    deepEqual(read({ applicationTimeoutMinutes: "30", baseImageTimeoutMinutes: 360 }).timeoutMinutes, {
      application: 30,
      baseImage: 360,
    });
  });

  it("is neither nothing nor for ever", () => {
    for (const minutes of ["4", "0", "-1", "1441", "1.5", "long"]) {
      for (const key of ["applicationTimeoutMinutes", "baseImageTimeoutMinutes"]) {
        deepEqual(
          problems({ [key]: minutes, pool: { name: "own" } }).map(({ file }) => file),
          [`config wheelhouse:${key}`],
          minutes,
        );
      }
    }
  });

  it("is no longer than the agents let a job run", () => {
    for (const pool of [undefined, "ubuntu-22.04", { vmImage: "ubuntu-22.04" }]) {
      const [problem] = problems({ baseImageTimeoutMinutes: 361, ...(pool === undefined ? {} : { pool }) });
      match(problem!.message, /Microsoft-hosted agents end a job after 360 minutes/);
    }
    equal(read({ baseImageTimeoutMinutes: 1440, pool: { name: "own" } }).timeoutMinutes.baseImage, 1440);
  });
});
