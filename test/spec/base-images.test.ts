/** Tests what a base image may say. */
import { deepEqual, equal, match } from "node:assert/strict";
import { baseImage, told } from "./specs";

const minimal = (...lines: readonly string[]): string =>
  ["name: python-web", 'python: "3.12"', ...lines, ""].join("\n");

describe("A base image", () => {
  it("needs only a name and a Python version; the rest has defaults", () => {
    deepEqual(baseImage(minimal(), "python-web", "httpx\r\n", "gcc [compile]\n").spec, {
      name: "python-web",
      description: undefined,
      upstream: "python",
      python: "3.12",
      tag: "3.12-slim",
      schedule: "0 4 * * *",
      platforms: ["linux/amd64"],
      requirements: "httpx\n",
      systemPackages: "gcc [compile]\n",
      user: "app",
      env: {},
      pool: undefined,
    });
  });

  it("has an upstream without tag or digest", () => {
    for (const upstream of ["python", "library/python", "registry.example.com/team/python", "localhost:5000/python"]) {
      equal(baseImage(minimal(`upstream: ${upstream}`)).spec?.upstream, upstream);
    }
    for (const upstream of [
      "python:3.12",
      "python@sha256:00",
      "Python",
      "https://x/python",
      "python:",
      "a//b",
      "'a b'",
      "'$(x)'",
      "registry.example.com:5000/python:3",
    ]) {
      equal(baseImage(minimal(`upstream: ${upstream}`)).problems.length, 1, upstream);
    }
  });

  it("has a tag of the same Python version", () => {
    equal(baseImage(minimal("tag: 3.12-slim-bookworm")).spec?.tag, "3.12-slim-bookworm");
    equal(baseImage(minimal("tag: 3.12.4-slim")).spec?.tag, "3.12.4-slim");
    equal(baseImage(minimal("upstream: debian", "tag: bookworm-slim")).spec?.tag, "bookworm-slim");
    match(
      told(baseImage(minimal("tag: 3.11-slim")).problems).join(),
      /^tag: the tag has Python 3.11, but python is "3.12"$/,
    );
    match(told(baseImage(minimal("tag: 3.1-slim")).problems).join(), /3\.1,/);
    equal(baseImage(minimal("tag: -x")).problems.length, 1);
  });

  it("has a schedule that can be", () => {
    equal(baseImage(minimal("schedule: 30 4 * * Mon")).spec?.schedule, "30 4 * * Mon");
    match(told(baseImage(minimal('schedule: "@daily"')).problems).join(), /^schedule: .*no short forms/);
  });

  it("is for platforms that are known, each once, at least one", () => {
    equal(baseImage(minimal("platforms: [linux/amd64, linux/arm64]")).spec?.platforms.length, 2);
    for (const platforms of ["[]", "[linux/amd64, linux/amd64]", "[windows/amd64]", "linux/amd64"]) {
      equal(baseImage(minimal(`platforms: ${platforms}`)).problems.length, 1, platforms);
    }
  });

  it("has a user by name, never root", () => {
    for (const user of ["root", '"1000"', "App", "'a b'", "a".repeat(33)]) {
      equal(baseImage(minimal(`user: ${user}`)).problems.length, 1, user);
    }
  });

  it("has the name of its folder, and all its files' mistakes are told at once", () => {
    const { problems } = baseImage("name: other\n", "python-web", "-i x\n", "$(x)\n");
    deepEqual(
      problems.map(({ file, path }) => `${file} ${path}`.trim()),
      [
        "base-images/python-web/base-image.yaml python",
        "base-images/python-web/base-image.yaml name",
        "base-images/python-web/requirements.in",
        "base-images/python-web/bindep.txt",
      ],
    );
  });
});
