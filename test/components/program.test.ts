import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { parse } from "yaml";
import { CONFIG_KEYS, SpecError } from "../../spec";
import { record, type Recording } from "./recording";

const root = resolve(__dirname, "../..");
const golden = join(__dirname, "golden", "sample-resources.txt");

const configuration: Readonly<Record<string, string>> = {
  organization: "contoso",
  organizationUrl: "",
  project: "Platform",
  subscriptionName: "Contoso",
  location: "westeurope",
  resourceGroup: "rg-wheelhouse",
  registryName: "contosowheelhouse",
  feedName: "python",
  upstreams: '[{"name":"Public","location":"https://index.example/simple/","kind":"public"}]',
};

/** Loads index.ts anew, in the given folder, with the given keys of the namespace wheelhouse. */
function load(keys: Readonly<Record<string, string>>, folder = root): Promise<Recording> {
  const before = process.cwd();
  return record(() => {
    pulumi.runtime.setAllConfig(
      Object.fromEntries(Object.entries(keys).map(([key, value]) => [`wheelhouse:${key}`, value])),
    );
    const program = createRequire(__filename);
    Reflect.deleteProperty(program.cache, program.resolve("../../index"));
    process.chdir(folder);
    try {
      program("../../index");
    } finally {
      process.chdir(before);
    }
  });
}

describe("the program", () => {
  it("declares the samples under names that never change", async () => {
    const { resources } = await load(configuration);
    const urns = resources.map(({ urn }) => urn).sort();
    // A name that changes makes Pulumi delete what has it. A new sample adds lines; nothing else may change this file.
    assert.equal(`${urns.join("\n")}\n`, readFileSync(golden, "utf8"));
  });

  it("tells a mistake in the configuration without a stack trace", async () => {
    await assert.rejects(load({ ...configuration, registryName: "No!" }), (error: Error) => {
      assert.ok(pulumi.RunError.isInstance(error));
      assert.match(error.message, /config wheelhouse:registryName/);
      return !(error instanceof SpecError);
    });
  });

  it("tells a mistake in the specs without a stack trace", async () => {
    const folder = mkdtempSync(join(tmpdir(), "wheelhouse-program-"));
    try {
      await assert.rejects(load(configuration, folder), (error: Error) => pulumi.RunError.isInstance(error));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("takes an empty text for an optional key that is not set", async () => {
    const empty = { organizationUrl: "", feedsUrl: "", packagesUrl: "", platformRepository: "" };
    const { outputs } = await load({ ...configuration, ...empty });
    const told = outputs.get("wheelhouse:index:Platform wheelhouse")!;
    assert.equal(told.feedUrl, "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/");
  });

  it("is short enough to read at a glance", () => {
    assert.ok(readFileSync(join(root, "index.ts"), "utf8").split("\n").length < 60);
  });
});

describe("Pulumi.yaml", () => {
  interface Declared {
    readonly type?: string;
    readonly default?: unknown;
    readonly description?: string;
  }
  const project = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { config: Record<string, Declared> };
  const required = [
    "organization",
    "project",
    "subscriptionName",
    "location",
    "resourceGroup",
    "registryName",
    "feedName",
    "upstreams",
  ];

  it("declares every key that the program reads, and no other", () => {
    assert.deepEqual(Object.keys(project.config).sort(), Object.keys(CONFIG_KEYS).sort());
  });

  for (const [key, declared] of Object.entries(project.config)) {
    it(`says type, description and default of ${key}`, () => {
      assert.ok(["string", "integer", "boolean", "array", "object"].includes(declared.type ?? ""), declared.type);
      assert.ok((declared.description ?? "").length > 20);
      assert.equal(declared.default === undefined, required.includes(key));
      assert.equal((declared.description ?? "").includes("Required"), required.includes(key));
    });
  }

  it("has the defaults that the program has without it", async () => {
    const defaults = Object.entries(project.config)
      .filter(([, declared]) => declared.default !== undefined)
      .map(([key, { default: value }]): [string, string] => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
    const withDefaults = await load({ ...configuration, ...Object.fromEntries(defaults) });
    const without = await load(configuration);
    assert.deepEqual(withDefaults.resources, without.resources);
  });
});

describe("the program's source", () => {
  const rooms = ["spec", "recipes", "pipelines", "components"];
  const files = rooms
    .flatMap((room) =>
      readdirSync(join(root, room), { recursive: true, encoding: "utf8" }).map((path) => join(room, path)),
    )
    .filter((path) => path.endsWith(".ts"));

  for (const file of ["index.ts", "Pulumi.yaml", ...files]) {
    it(`knows nothing of where it is deployed to: ${file}`, () => {
      assert.doesNotMatch(readFileSync(join(root, file), "utf8"), /sandbox/i);
    });
  }

  it("was found", () => {
    assert.ok(files.length > 20);
  });
});
