/** Tests how files are read as YAML: every form that could hide something is told, with its place. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { readYaml, showPath } from "../../spec/document";
import { app, minimal, told } from "./specs";
import { startProcessorTime } from "../processor-time";

const read = (text: string | Uint8Array) => readYaml({ file: "apps/x.yaml", bytes: Buffer.from(text) });
const places = (text: string | Uint8Array): string[] =>
  read(text).problems.map(({ line, column, message }) => `${line}:${column} ${message}`);

describe("A file", () => {
  it("may have a byte order mark and line ends of Windows", () => {
    const { spec, problems } = app(Buffer.from(`\ufeff${minimal("python: '3.12'").replaceAll("\n", "\r\n")}`));
    deepEqual(told(problems), []);
    equal(spec?.python, "3.12");
    deepEqual(
      app(Buffer.from("\ufeffname: orders\r\nbaseImage: python-web\r\nports: [0]\r\n")).problems.map(
        ({ line, column }) => `${line}:${column}`,
      ),
      ["3:9"],
    );
  });

  it("must not be empty, and must be a map", () => {
    deepEqual(places(""), ["1:1 the file is empty"]);
    deepEqual(places("# only a comment\n"), ["1:1 the file is empty"]);
    deepEqual(places("---\n"), ["1:1 the file is empty"]);
    deepEqual(places("- a\n"), ["1:1 the file is not a map of properties"]);
    deepEqual(places("orders\n"), ["1:1 the file is not a map of properties"]);
  });

  it("must be UTF-8, and is told at the first byte that is not", () => {
    deepEqual(places(Buffer.from([0x61, 0x3a, 0x0a, 0x62, 0x3a, 0x20, 0xe9, 0x0a])), ["2:4 it is not UTF-8 text"]);
    deepEqual(places(Buffer.from("\ufeffname: x", "utf16le")).length, 1);
  });

  it("is told where its YAML is wrong, without its text", () => {
    match(places("name: orders\n  x: [1\n")[0] ?? "", /^1:7 not valid YAML/);
    match(places("name: 'a\n").join(), /not valid YAML \(missing char\)/);
    match(places("a:\n\tb: 1\n").join(), /2:1 it is indented with a tab/);
    ok(!places("password: 'swordfish\n").join().includes("swordfish"));
  });

  it("has one document", () => {
    match(places("a: 1\n---\nb: 2\n").join(), /2:1 the file has more than one document/);
  });

  it("has no key twice, and its other mistakes are told all the same", () => {
    deepEqual(
      told(app(minimal("name: orders", "ports: [0]")).problems),
      ["ports[0]: the number is too small", "this key stands twice in its map"].reverse(),
    );
  });

  it("has no anchors, aliases, merge keys or tags", () => {
    deepEqual(places("a: &x 1\nb: *x\n"), [
      "1:7 anchors and aliases (& and *) are not used here",
      "2:4 anchors and aliases (& and *) are not used here",
    ]);
    deepEqual(places("a: 1\n<<: { b: 1 }\n"), ["2:1 merge keys (<<) are not used here"]);
    deepEqual(places("a: !!binary aGk=\n"), ["1:13 tags (!) are not used here"]);
    deepEqual(places("a: !foo {}\n"), ["1:9 tags (!) are not used here"]);
    deepEqual(places("&a name: x\n").length, 1);
  });

  it("has words for keys", () => {
    for (const key of ["1", "true", "null", "? [a]\n", "__proto__"]) {
      match(places(`${key}: x\n`).join(), /this key is not a word|not valid YAML/, key);
    }
  });

  it("never costs more than reading it: bombs of aliases and of depth are told at once", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x]",
      ..."bcdefghi".split("").map((name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`),
    ].join("\n");
    const taken = startProcessorTime();
    const deep = [
      "[".repeat(16_000),
      "[\n".repeat(390),
      "a: ".repeat(490),
      `a: ${"{a: ".repeat(300)}`,
      "- ".repeat(700),
      ":\n".repeat(8_000),
      ":\n".repeat(990),
      Array.from({ length: 150 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
    ];
    for (const text of [bomb, ...deep]) {
      const { length } = read(text).problems;
      ok(length > 0 && length <= 10, `${length} problems`);
    }
    match(places("a".repeat(2_000_000)).join(), /1:1 it has 1954 kB/);
    ok(taken() < 5_000);
  });

  it("holds no credential, in a value or in a comment, and the credential is not shown", () => {
    const token = "a2b3c4d5e6f7".repeat(5).slice(0, 52);
    const text = minimal(
      "env:",
      `  FEED: https://me:${token}@packages.example/x`,
      `  OTHER: ${token} # ${token}`,
      `# ${token}`,
      `description: "\\x68ttps://me:hunter2@x"`,
    );
    const { problems } = app(text);
    deepEqual(
      problems
        .filter(({ message }) => message.startsWith("looks like"))
        .map(({ line, path, message }) => `${line} ${path} ${message}`),
      [
        "4 env.FEED looks like a URL with a user and a password",
        "5 env.OTHER looks like an Azure DevOps personal access token",
        "7 description looks like a URL with a user and a password",
        "6  looks like an Azure DevOps personal access token",
      ],
    );
    ok(!JSON.stringify(problems).includes(token) && !JSON.stringify(problems).includes("hunter2"));
  });
});

describe("A property path", () => {
  it("reads like code, with odd keys in quotes", () => {
    equal(showPath(["scripts", 0]), "scripts[0]");
    equal(showPath(["env", "LOG_LEVEL"]), "env.LOG_LEVEL");
    equal(showPath(["env", "a b\u0007"]), 'env["a b\\u0007"]');
    equal(showPath([]), "");
  });
});
