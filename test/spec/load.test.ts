/** Tests loading from folders: the samples, odd files, and whatever bytes there may be. */
import { deepEqual, doesNotThrow, equal, match, ok } from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import fc from "fast-check";
import { loadApps, loadBaseImages, loadSpecs, SpecError, type Problem, type Settings } from "../../spec";
import { inFolder } from "./specs";

const ROOT = resolve(__dirname, "../..");

function write(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): { baseImages: string; apps: string } {
  for (const name of ["apps", "base-images"]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return { baseImages: join(folder, "base-images"), apps: join(folder, "apps") };
}

/** The problems of loading a folder with these files, with the folder taken out of their names. */
function problems(
  files: Readonly<Record<string, string | Uint8Array>>,
  prepare: (folder: string) => void = () => undefined,
): Problem[] {
  let found: Problem[] = [];
  inFolder((folder) => {
    const folders = write(folder, files);
    prepare(folder);
    try {
      loadSpecs(folders);
    } catch (error) {
      ok(error instanceof SpecError, String(error));
      found = error.problems.map((problem) => ({ ...problem, file: problem.file.slice(folder.length + 1) }));
    }
  });
  return found;
}

const BASE = {
  "base-images/python-web/base-image.yaml": 'name: python-web\npython: "3.12"\n',
  "base-images/python-web/requirements.in": "",
};
const told = (found: readonly Problem[]): string[] => found.map(({ file, message }) => `${file} ${message}`);

describe("The samples", () => {
  it("are right, and each file names its schema for editors", () => {
    const { baseImages, apps } = loadSpecs({ baseImages: join(ROOT, "base-images"), apps: join(ROOT, "apps") });
    deepEqual(
      baseImages.map(({ name }) => name),
      ["python-data", "python-web"],
    );
    deepEqual(
      apps.map(({ name }) => name),
      ["forecast", "imaging", "legacy", "orders"],
    );
    deepEqual(loadApps(join(ROOT, "apps")), apps);
    deepEqual(loadBaseImages(join(ROOT, "base-images")), baseImages);
  });
});

describe("Loading", () => {
  it("passes over other files, and reads in the order of names", () => {
    inFolder((folder) => {
      const folders = write(folder, {
        ...BASE,
        "apps/README.md": "x",
        "apps/.hidden.yaml": "x",
        "base-images/README.md": "x",
        "apps/b2.yaml": "name: b2\nbaseImage: python-web\n",
        "apps/a1.yaml": "name: a1\nbaseImage: python-web\n",
      });
      deepEqual(
        loadSpecs(folders).apps.map(({ name }) => name),
        ["a1", "b2"],
      );
    });
  });

  it("tells the mistakes of every file at once, in the order of files and lines", () => {
    const found = problems({
      ...BASE,
      "apps/b.yaml": "name: b2\nbaseImage: x\n",
      "apps/a.yaml": "nam: a\n",
      "base-images/python-web/requirements.in": "-i x\n",
    });
    deepEqual(
      [...new Set(found.map(({ file }) => file))],
      ["apps/a.yaml", "apps/b.yaml", "base-images/python-web/requirements.in"],
    );
    ok(found.length >= 5);
  });

  it("tells files of another extension, missing files and missing folders", () => {
    deepEqual(told(problems({ ...BASE, "apps/a.yml": "x", "apps/b.YAML": "x" })), [
      "apps/a.yml the file's name is not one that is read",
      "apps/b.YAML the file's name is not one that is read",
    ]);
    deepEqual(told(problems({ "base-images/x1/base-image.yml": "x" })), [
      "base-images/x1/base-image.yml the file's name is not one that is read",
    ]);
    deepEqual(told(problems({ "base-images/x1/notes.txt": "x" })), [
      "base-images/x1/base-image.yaml the file is missing",
      "base-images/x1/requirements.in the file is missing",
    ]);
    inFolder((folder) => {
      try {
        loadSpecs({ baseImages: join(folder, "no"), apps: join(folder, "none") });
        ok(false);
      } catch (error) {
        ok(error instanceof SpecError);
        deepEqual(
          error.problems.map(({ message }) => message),
          ["there is no such folder", "there is no such folder"],
        );
      }
    });
  });

  it("refuses links that leave the folder, folders named as files, loops, and files of 2 MB", () => {
    const found = problems(
      { ...BASE, "apps/large.yaml": "#".repeat(2 * 1024 * 1024), "outside/base-image.yaml": "x", "secret.yaml": "x" },
      (folder) => {
        symlinkSync("../secret.yaml", join(folder, "apps/link.yaml"));
        symlinkSync("loop.yaml", join(folder, "apps/loop.yaml"));
        symlinkSync("../outside", join(folder, "base-images/outside"));
        symlinkSync("self", join(folder, "base-images/self"));
        mkdirSync(join(folder, "apps/folder.yaml"));
      },
    );
    deepEqual(
      told(found).filter((line) => !line.includes("requirements.in")),
      [
        "apps/large.yaml it has 2048 kB",
        "apps/link.yaml it is a symbolic link that leaves its folder",
        "apps/loop.yaml it cannot be read (ELOOP)",
        "base-images/outside/base-image.yaml it is a symbolic link that leaves its folder",
      ],
    );
  });

  it("shows no character of a file's name that a terminal would act on", () => {
    inFolder((folder) => {
      const folders = write(folder, { ...BASE, "apps/\u001b[31mred.yaml": "x" });
      try {
        loadSpecs(folders);
        ok(false);
      } catch (error) {
        ok(error instanceof SpecError);
        ok(!error.message.includes("\u001b"));
      }
    });
  });

  it("refuses an application in the platform's own repository, where the settings are given", () => {
    inFolder((folder) => {
      const folders = write(folder, {
        ...BASE,
        "apps/orders.yaml": "name: orders\nbaseImage: python-web\nrepository: Platform\n",
      });
      const settings = {
        templateRepository: "wheelhouse",
        platformRepository: "platform",
        indexes: [],
      } as Partial<Settings> as Settings;
      doesNotThrow(() => loadSpecs(folders));
      try {
        loadSpecs(folders, settings);
        ok(false);
      } catch (error) {
        match(String(error), /repository: "Platform" is the platform's own repository/);
      }
    });
  });

  it("throws nothing but SpecError, whatever bytes the files have, and every place is inside its file", () => {
    const words = [
      "name",
      "baseImage",
      "scripts",
      "env",
      "extras",
      "pool",
      "repository",
      "healthcheck",
      ":",
      ": ",
      "\n",
      "\n  ",
      "- ",
      "[",
      "]",
      "{",
      "}",
      "&a",
      "*a",
      "!!str",
      "<<",
      "'",
      '"',
      "#",
      "|",
      ">",
      "orders",
      "3.10",
      "null",
      "\u0000",
      "\u2028",
      "é",
      "https://a:b@c",
      "__proto__",
      "constructor",
      "toString",
    ];
    const yamlLike = fc.array(fc.constantFrom(...words), { maxLength: 25 }).map((list) => Buffer.from(list.join("")));
    const bytes = fc.oneof(
      yamlLike,
      fc.uint8Array({ maxLength: 60 }).map((list) => Buffer.from(list)),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, bytes, bytes, (app, base, requirements) => {
        const files = {
          "apps/orders.yaml": app,
          "base-images/python-web/base-image.yaml": base,
          "base-images/python-web/requirements.in": requirements,
        };
        for (const { file, line, column, message, mend } of problems(files)) {
          const content = Object.entries(files).find(([name]) => name === file)?.[1];
          ok(content !== undefined, file);
          const lines = content
            .toString("utf8")
            .replace(/^\ufeff/, "")
            .split("\n");
          ok(line >= 1 && line <= lines.length, `${file}:${line}`);
          ok(
            column >= 1 && column <= (lines[line - 1] ?? "").length + 1,
            `${file}:${line}:${column} of ${JSON.stringify(content.toString())} ${message}`,
          );
          ok(message !== "" && mend !== "");
        }
        equal(Object.hasOwn(Object.prototype, "polluted"), false);
      }),
      { numRuns: 400 },
    );
  });
});
