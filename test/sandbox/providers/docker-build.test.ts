/** What the docker plugin makes of a build block and of an image's name. */
import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { buildCommand } from "../../../sandbox/providers/docker/build";
import { fullName, parseImageName } from "../../../sandbox/providers/docker/name";

describe("the command line of a build", () => {
  it("is what the provider makes of the build block", () => {
    const build = {
      context: "/c",
      dockerfile: "docker/Dockerfile",
      builder: "b",
      target: "runtime",
      platform: "linux/amd64",
      provenance: "false",
      noCache: true,
      tags: ["also:1"],
      buildArgs: { INDEX_URL: "https://feed.example.net/simple/", memory: "9" },
      additionalContexts: ["base=docker-image://r/b@sha256:00"],
      label: { a: "1" },
      labels: { overlooked: "yes" },
      secrets: [{ id: "netrc", src: "/s" }],
      cacheFroms: ["type=registry,ref=r/c"],
    };
    deepStrictEqual(buildCommand(build, "r/i:1", "/tmp/a.tar"), [
      "build",
      "--progress=plain",
      "--builder=b",
      "--file=/c/docker/Dockerfile",
      "--tag=r/i:1",
      "--tag=also:1",
      "--build-context=base=docker-image://r/b@sha256:00",
      "--build-arg=cpusetcpus=",
      "--build-arg=cpusetmems=",
      "--build-arg=cpushares=0",
      "--build-arg=cpuquota=0",
      "--build-arg=cpuperiod=0",
      "--build-arg=memory=9",
      "--build-arg=memoryswap=0",
      "--build-arg=INDEX_URL=https://feed.example.net/simple/",
      "--label=a=1",
      "--secret=type=file,id=netrc,src=/s",
      "--cache-from=type=registry,ref=r/c",
      "--target=runtime",
      "--platform=linux/amd64",
      "--provenance=false",
      "--no-cache",
      "--output=type=docker,dest=/tmp/a.tar",
      "/c",
    ]);
  });
});

describe("an image's name", () => {
  it("is taken apart as docker does", () => {
    deepStrictEqual(parseImageName("127.0.0.1:5000/a/b:1"), {
      registry: "127.0.0.1:5000",
      repository: "a/b",
      reference: "1",
    });
    strictEqual(fullName("python"), "docker.io/library/python:latest");
    strictEqual(fullName("team/web"), "docker.io/team/web:latest");
    const digest = `sha256:${"0".repeat(64)}`;
    strictEqual(fullName(`r.example.net/web:1@${digest}`), `r.example.net/web@${digest}`);
  });

  it("is refused where it is none", () => {
    for (const bad of ["", "Web", "a b", "r.example.net/", "web:", "web@sha256:0"]) {
      throws(() => parseImageName(bad), /is not the name of an image/, bad);
    }
  });
});
