/** Tests the files beside a base image. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { checkRequirements, checkSystemPackages } from "../../spec/requirements";
import { startProcessorTime } from "../processor-time";

const requirements = (text: string): string[] =>
  checkRequirements("requirements.in", text).map(({ line, column, message }) => `${line}:${column} ${message}`);

describe("requirements.in", () => {
  it("may have what pip and uv read, by name", () => {
    const lines = [
      "# comment",
      "",
      "httpx",
      "httpx[http2,brotli]>=0.27,<1",
      "pydantic ~= 2.8",
      "a==1.0.post1+local",
      "b!=1.*",
      'c>=1 ; python_version < "3.12"',
      "d (>=1)",
      "--pre",
      "--only-binary :all:",
      "--no-binary=lxml",
      "  e  # why",
      "uvicorn[standard]",
      "F.G-h_i",
    ];
    deepEqual(requirements(lines.join("\n")), []);
    deepEqual(requirements(lines.join("\r\n")), []);
  });

  it("may not change where packages come from", () => {
    for (const line of [
      "-i https://x/simple",
      "--index-url=https://x",
      "--index-url https://x",
      "--extra-index-url https://x",
      "-f dir",
      "--find-links dir",
      "--trusted-host x",
      "--no-index",
    ]) {
      const [problem, ...more] = checkRequirements("requirements.in", `httpx\n${line}\n`);
      deepEqual(more, []);
      match(problem!.message, /would change where packages come from/, line);
      equal(problem!.line, 2);
      match(problem!.mend, /only index/);
    }
  });

  it("may not have URLs, paths, variables, other files or hashes in it", () => {
    for (const line of [
      "pip @ https://x/pip.whl",
      "git+https://x/y",
      "./local",
      "/abs",
      "..",
      "-e .",
      "-r other.txt",
      "-c base.txt",
      "a \\",
      "a ${B}",
      "a --hash=sha256:0",
      "a b",
      "=1",
      "a>=",
      "a\u200b",
      "a\u0007",
    ]) {
      equal(requirements(line).length, 1, JSON.stringify(line));
    }
  });

  it("is checked in bounded time, whatever its lines are", () => {
    const taken = startProcessorTime();
    for (const part of [" ", "a", "a ", "a,", "ftp:", "eyJ-", "(", "=", "#", " #", "password"]) {
      checkRequirements("requirements.in", `a${part.repeat(200_000 / part.length)}?`);
      checkSystemPackages("bindep.txt", `a${part.repeat(400 / part.length)}?`);
      checkRequirements("requirements.in", `a${part.repeat(480 / part.length)}?\n`.repeat(500));
    }
    ok(taken() < 10_000);
  });

  it("may not have credentials, and these are not shown", () => {
    const problems = checkRequirements(
      "requirements.in",
      "httpx\n--index-url https://me:swordfish@x/simple\n# https://token@x/\n",
    );
    deepEqual(
      problems.map(({ line, column }) => [line, column]),
      [
        [2, 13],
        [3, 3],
      ],
    );
    ok(!JSON.stringify(problems).includes("swordfish"));
  });
});

describe("bindep.txt", () => {
  it("may have what bindep reads", () => {
    deepEqual(
      checkSystemPackages(
        "bindep.txt",
        "# x\nlibpq5 [platform:dpkg]\nbuild-essential [platform:dpkg compile]\ngcc\nlibc6-dev:amd64\ng++ [compile !platform:apk]\nlibx [(platform:debian platform:ubuntu) test] >=1.2,<2:3~rc1\n",
      ),
      [],
    );
  });

  it("may not have what a shell could take for its own", () => {
    for (const line of ["a; rm -rf /", "$(x)", "a && b", "-o x", "a [", "a | b", "`x`", "a\u0007", "../a"]) {
      equal(checkSystemPackages("bindep.txt", line).length, 1, line);
    }
  });
});
