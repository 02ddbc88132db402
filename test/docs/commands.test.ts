/** What pages tell their readers to run exists: scripts, commands, options, configuration keys. */
import assert from "node:assert/strict";
import { parse } from "yaml";
import { CONFIG_KEYS } from "../../spec";
import { argumentsOfSandbox, argumentsOfWheelhouse, commandsIn, commandsOf, type Command } from "./commands";
import { pages, readText } from "./pages";
import { commandNames, helpOf } from "./reference/command-line";

const all = pages();
const commands = all.flatMap(commandsOf);
const scripts = Object.keys((JSON.parse(readText("package.json")) as { scripts: Record<string, string> }).scripts);

/** Keys of the providers that a stack sets. */
const providerKeys = /^(azuredevops:orgServiceUrl|azure-native:(subscriptionId|tenantId|location))$/;

/** What is wrong with each command that `check` knows something about. */
function wrong(check: (words: readonly string[]) => string | undefined, of: readonly Command[] = commands): string[] {
  return of.flatMap(({ place, words }) => {
    const what = check(words);
    return what === undefined ? [] : [`${place}: ${words.join(" ")}: ${what}`];
  });
}

function wrongScript(words: readonly string[]): string | undefined {
  if (words[0] !== "npm") return undefined;
  const name = words[1] === "run" ? words.slice(2).find((word) => !word.startsWith("--")) : words[1];
  const known = [...scripts, "ci", "install", "test", "start", "pack", "publish"];
  return name === undefined || known.includes(name) ? undefined : `npm has no ${name}`;
}

/** Names and options of the sandbox's command line, whose program only starts as a whole. */
function sandboxCommands(): ReadonlyMap<string, string> {
  const text = readText("sandbox/main.ts");
  return new Map(
    [...text.matchAll(/\.command\("([a-z-]+)"\)([\s\S]*?)(?=\.command\("|return program)/g)].map(
      ([, name = "", body = ""]) => [name, body],
    ),
  );
}

function wrongSandboxCommand(words: readonly string[]): string | undefined {
  const [name, ...rest] = argumentsOfSandbox(words) ?? [];
  if (name === undefined || /^[<[…]/.test(name)) return undefined;
  const body = sandboxCommands().get(name);
  if (body === undefined) return `the sandbox has no ${name}`;
  return name === "pulumi" ? undefined : unknownOption(rest, body);
}

function unknownOption(words: readonly string[], help: string): string | undefined {
  const options = words.flatMap((word) => /^--[a-z][a-z-]*/.exec(word)?.[0] ?? []);
  const unknown = options.filter((option) => !new RegExp(`${option}(?![a-z-])`).test(help));
  return unknown.length === 0 ? undefined : `unknown: ${unknown.join(" ")}`;
}

function wrongKey(words: readonly string[]): string | undefined {
  const [program, config, verb, ...rest] = words;
  if (program !== "pulumi" || config !== "config" || (verb !== "set" && verb !== "rm")) return undefined;
  const key = rest.find((word) => !word.startsWith("-"));
  if (key === undefined || key.startsWith("…")) return undefined;
  const [namespace, name] = key.includes(":") ? key.split(":") : ["wheelhouse", key];
  if (namespace !== "wheelhouse") return providerKeys.test(key) ? undefined : `${key} is no key of a provider here`;
  const plain = (name ?? "").split(/[.[…<]/)[0] ?? "";
  return plain === "" || Object.hasOwn(CONFIG_KEYS, plain) ? undefined : `there is no key ${plain}`;
}

describe("commands in what users read", () => {
  it("are read: there are many, and each has its words", () => {
    assert.ok(commands.length > 40, `only ${commands.length}`);
    assert.deepEqual(commandsIn("a && B=1 b --c='d e' # f\nnpm run x -- \\\n  --y | z"), [
      ["a"],
      ["b", "--c=d e"],
      ["npm", "run", "x", "--", "--y"],
      ["z"],
    ]);
  });

  it("are scripts of npm that exist", () => {
    assert.deepEqual(wrong(wrongScript), []);
    const text = all.flatMap((page) =>
      [...page.text.matchAll(/npm run ([\w-]+)/g)].map(([, name]) => `${page.file}: ${name ?? ""}`),
    );
    assert.deepEqual(
      text.filter((one) => !scripts.includes(one.split(": ")[1] ?? "")),
      [],
    );
  });

  it("are commands of the sandbox that exist, with options that they have", () => {
    assert.ok([...sandboxCommands().keys()].includes("logs"));
    assert.deepEqual(wrong(wrongSandboxCommand), []);
  });

  it("are commands of wheelhouse that exist, with options that they have", async () => {
    const names = await commandNames();
    assert.ok(names.length >= 6, names.join(" "));
    const helps = new Map<string, string>([["", await helpOf("")]]);
    for (const name of names) helps.set(name, await helpOf(name));
    const check = (words: readonly string[]): string | undefined => {
      const given = argumentsOfWheelhouse(words);
      if (given === undefined) return undefined;
      const [first = ""] = given;
      if (first === "" || first === "help" || /^[<…]/.test(first)) return undefined;
      const name = names.findLast((one) => given.slice(0, one.split(" ").length).join(" ") === one);
      if (name === undefined && !first.startsWith("-")) return `there is no command ${first}`;
      return unknownOption(given, helps.get(name ?? "") ?? "");
    };
    assert.deepEqual(wrong(check), []);
    const examples = [...helps].flatMap(([name, help]) =>
      commandsIn(help.replace(/^(?! {4,}wheelhouse ).*$/gm, (line) => (line.startsWith("      ") ? line : ""))).map(
        (words) => ({ place: `the help of ${name}`, words }),
      ),
    );
    assert.ok(examples.filter(({ words }) => words[0] === "wheelhouse").length > 15, String(examples.length));
    assert.deepEqual(wrong(check, examples), []);
    const made = { place: "x", words: ["npx", "--no-install", "wheelhouse", "scan", "--foldr", "a"] };
    assert.deepEqual(wrong(check, [made]), ["x: npx --no-install wheelhouse scan --foldr a: unknown: --foldr"]);
  });

  it("never have npx look for a package of the name: the public registry has a stranger's", () => {
    const fetching = commands.filter(({ words }) => words[0] === "npx" && words[1] === "wheelhouse");
    assert.deepEqual(fetching, []);
  });

  it("set configuration keys that exist", () => {
    assert.deepEqual(wrong(wrongKey), []);
    assert.ok(commands.filter(({ words }) => words.slice(0, 3).join(" ") === "pulumi config set").length > 10);
    const mentioned = all.flatMap((page) =>
      page.codes.flatMap((text) =>
        [...text.matchAll(/\bwheelhouse:([a-z]\w*)/g)].map(([, key]) => [page.file, key ?? ""]),
      ),
    );
    assert.deepEqual(
      mentioned.filter(([, key = ""]) => !Object.hasOwn(CONFIG_KEYS, key) && key !== "index"),
      [],
    );
  });

  it("have the same keys in Pulumi.yaml as the loader reads", () => {
    const { config } = parse(readText("Pulumi.yaml")) as { config: Record<string, unknown> };
    assert.deepEqual(Object.keys(config).sort(), Object.keys(CONFIG_KEYS).sort());
  });
});
