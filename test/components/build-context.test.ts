/** What a build sees of a folder, and its hash. */
import { deepStrictEqual, notStrictEqual, ok, strictEqual, throws } from "node:assert";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { contextHash, ignored } from "../../components/build-context";

describe("a .dockerignore", () => {
  const cases: readonly [string, readonly string[], readonly string[]][] = [
    ["node_modules", ["node_modules/a.js", "node_modules"], ["src/node_modules/a.js", "node_modules2"]],
    ["/dist/", ["dist/a"], ["src/dist/a"]],
    ["*.pyc", ["a.pyc"], ["src/a.pyc"]],
    ["**/*.pyc", ["a.pyc", "src/b/a.pyc"], ["a.py"]],
    ["**/__pycache__", ["__pycache__/a", "src/__pycache__/b"], ["pycache"]],
    ["docs/**", ["docs/a", "docs/a/b"], ["docs2/a"]],
    ["?.txt", ["a.txt"], ["ab.txt", "/.txt"]],
    ["[ab].txt", ["a.txt"], ["c.txt"]],
    ["a.b", ["a.b"], ["aXb"]],
    ["*.md\n!README.md", ["CHANGES.md"], ["README.md"]],
    ["*\n!src", ["a", "b/c"], ["src/a"]],
    ["# comment\n\n  spaced  ", ["spaced"], ["# comment"]],
    ["./a", ["a"], ["b"]],
    ["a\\*", ["a*"], ["ab"]],
    ["a**b", ["ab", "a/c/b", "ax/b"], ["axb"]],
    ["src\\/a", ["src/a"], ["a"]],
    ["foo/*\n!foo/bar", ["foo/qux"], ["foo/bar/baz"]],
  ];
  for (const [file, out, seen] of cases) {
    it(`with ${JSON.stringify(file)} leaves out ${out.join(", ")}, not ${seen.join(", ")}`, () => {
      const leftOut = ignored(file);
      deepStrictEqual(out.filter(leftOut), out);
      deepStrictEqual(seen.filter(leftOut), []);
    });
  }
});

describe("a build context's hash", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-context-"));
    write("a.txt", "one");
    write("b/c.txt", "two");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function write(path: string, content: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  function isAnother(change: () => void): void {
    const before = contextHash(folder);
    change();
    notStrictEqual(contextHash(folder), before);
  }

  it("stays when only times change, or a file that is left out", () => {
    write(".dockerignore", "*.log");
    const before = contextHash(folder);
    utimesSync(join(folder, "a.txt"), 1, 1);
    write("new.log", "x");
    strictEqual(contextHash(folder), before);
  });

  it("is another one for content, a name, a new file, a link's target, and a file that may be executed", () => {
    isAnother(() => write("a.txt", "other"));
    isAnother(() => write("b/d.txt", ""));
    isAnother(() => chmodSync(join(folder, "a.txt"), 0o755));
    isAnother(() => symlinkSync("a.txt", join(folder, "link")));
    isAnother(() => {
      unlinkSync(join(folder, "link"));
      symlinkSync("b/c.txt", join(folder, "link"));
    });
  });

  it("does not take two files for one with both their texts", () => {
    isAnother(() => {
      write("a.txt", "onetwo");
      unlinkSync(join(folder, "b/c.txt"));
    });
  });

  it("goes by the Dockerfile's own list where there is one", () => {
    write(".dockerignore", "b");
    write("Dockerfile.dockerignore", "a.txt");
    const before = [contextHash(folder), contextHash(folder, "Dockerfile")];
    write("a.txt", "changed");
    notStrictEqual(contextHash(folder), before[0]);
    strictEqual(contextHash(folder, "Dockerfile"), before[1]);
  });

  it("sees the Dockerfile, although the list leaves it out", () => {
    write(".dockerignore", "docker");
    write("docker/Dockerfile", "FROM base");
    const before = contextHash(folder, "docker/Dockerfile");
    write("docker/Dockerfile", "FROM other");
    notStrictEqual(contextHash(folder, "docker/Dockerfile"), before);
  });

  it("is refused where git's own folder would be built in", () => {
    write(".git/config", "");
    throws(() => contextHash(folder), /git's own folder.*add "\.git" to .*\.dockerignore/);
    write(".dockerignore", ".git");
    ok(contextHash(folder));
  });
});
