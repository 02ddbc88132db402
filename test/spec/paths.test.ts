/** Tests that paths stay in their folder. */
import { deepEqual, equal, match } from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import fc from "fast-check";
import { lockPath, pipelinePath, readInside, relativePath, requirementsPath } from "../../spec/paths";
import { inFolder } from "./specs";

describe("A path", () => {
  it("may lead to a file anywhere in the repository", () => {
    deepEqual(
      ["Dockerfile", "docker/Dockerfile.prod", ".docker/x", "a_b/c-d/e+f", "..a"].filter(
        (path) => relativePath(path) !== undefined,
      ),
      [],
    );
  });

  it("may not leave the repository, be absolute, or have what a shell could take for its own", () => {
    const bad = [
      "",
      "/etc/passwd",
      "../x",
      "a/../../x",
      "a\\b",
      "..\\x",
      "C:/x",
      "c:x",
      "~/x",
      "./x",
      "a//b",
      "a/",
      "-rf",
      "a/-x",
      "a b",
      "a\nb",
      "$(x)",
      "`x`",
      "a;b",
      "a'b",
      "*.txt",
      ".git/config",
      "a\u0000b",
      "a".repeat(201),
    ];
    deepEqual(
      bad.filter((path) => relativePath(path) === undefined),
      [],
    );
  });

  it("is never taken when resolving it would leave the folder", () => {
    const parts = fc.array(fc.constantFrom("..", ".", "", "a", "b c", "~", "..a", "\\", "/", "C:"), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.oneof(
          parts.map((list) => list.join("/")),
          fc.string(),
        ),
        (path) => relativePath(path) !== undefined || posix.resolve("/root", path).startsWith("/root/"),
      ),
    );
  });

  it("names the mend for paths of Windows", () => {
    match(relativePath("docker\\Dockerfile")?.mend ?? "", /"docker\/Dockerfile"/);
  });

  it("of requirements is pyproject.toml, .txt or .in", () => {
    deepEqual(
      ["pyproject.toml", "service/pyproject.toml", "requirements.txt", "requirements.in"].filter(
        (path) => requirementsPath(path) !== undefined,
      ),
      [],
    );
    deepEqual(
      ["setup.py", "Pipfile", "environment.yml", "xpyproject.toml", "requirements"].filter(
        (path) => requirementsPath(path) === undefined,
      ),
      [],
    );
  });

  it("of a lock is not in the own format of a tool", () => {
    deepEqual(
      ["requirements.lock", "locks/prod.txt"].filter((path) => lockPath(path) !== undefined),
      [],
    );
    deepEqual(
      ["uv.lock", "poetry.lock", "Pipfile.lock", "a/uv.lock", "lock.json"].filter(
        (path) => lockPath(path) === undefined,
      ),
      [],
    );
  });

  it("of a pipeline is a YAML file", () => {
    equal(pipelinePath("ci/azure-pipelines.yml"), undefined);
    match(pipelinePath("Jenkinsfile")?.message ?? "", /not a pipeline/);
  });
});

describe("A file that is read", () => {
  it("is read when it is a regular file of the folder, also through a link inside it", () => {
    inFolder((folder) => {
      writeFileSync(join(folder, "a.yaml"), "a");
      symlinkSync("a.yaml", join(folder, "b.yaml"));
      equal(readInside(folder, "a.yaml", 10).kind, "content");
      equal(readInside(folder, "b.yaml", 10).kind, "content");
      equal(readInside(folder, "c.yaml", 10).kind, "missing");
    });
  });

  it("is refused when a link leads out of the folder, when it is no file, and when it is too large", () => {
    inFolder((folder) => {
      const inner = join(folder, "apps");
      mkdirSync(inner);
      writeFileSync(join(folder, "secret.yaml"), "a");
      symlinkSync("../secret.yaml", join(inner, "link.yaml"));
      symlinkSync("loop.yaml", join(inner, "loop.yaml"));
      mkdirSync(join(inner, "folder.yaml"));
      execFileSync("mkfifo", [join(inner, "pipe.yaml")]);
      writeFileSync(join(inner, "large.yaml"), "x".repeat(11));
      for (const name of ["link.yaml", "loop.yaml", "folder.yaml", "pipe.yaml", "large.yaml"]) {
        equal(readInside(inner, name, 10).kind, "refused", name);
      }
    });
  });
});
