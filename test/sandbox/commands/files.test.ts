import { deepStrictEqual, match, notDeepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";

import { agentsOptions } from "../../../sandbox/commands/daemons";
import { engineEnvironment } from "../../../sandbox/commands/engine";
import { addConfiguration, stackConfiguration, stackFile, writeProject } from "../../../sandbox/commands/project";
import { publicIndex, withoutCredentials } from "../../../sandbox/commands/public-index";
import {
  describeSandbox,
  ensureSecrets,
  makeFolders,
  readSecrets,
  type Sandbox,
} from "../../../sandbox/commands/sandbox";
import { Machine } from "../toolchain/machine";

const root = join(__dirname, "../../..");

describe("the sandbox's files", () => {
  let folder: string;
  let sandbox: Sandbox;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-files-"));
    sandbox = describeSandbox(join(folder, "program"), { WHEELHOUSE_HOME: join(folder, "home") });
    mkdirSync(sandbox.program);
    writeFileSync(
      join(sandbox.program, "Pulumi.yaml"),
      "name: example\nruntime: nodejs\nconfig: { key: { type: string } }\n",
    );
    makeFolders(sandbox);
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  describe("with secrets", () => {
    it("are made once, differ from sandbox to sandbox, and are readable by the user alone", () => {
      const secrets = ensureSecrets(sandbox);
      deepStrictEqual(ensureSecrets(sandbox), secrets);
      deepStrictEqual(readSecrets(sandbox), secrets);
      strictEqual(readFileSync(sandbox.passphraseFile, "utf8"), secrets.passphrase);
      for (const file of [sandbox.secretsFile, sandbox.passphraseFile]) strictEqual(statSync(file).mode & 0o777, 0o600);
      strictEqual(statSync(sandbox.logs).mode & 0o777, 0o700);
      const other = describeSandbox(join(folder, "other"), { WHEELHOUSE_HOME: join(folder, "home") });
      makeFolders(other);
      notDeepStrictEqual(ensureSecrets(other), secrets);
    });

    it("that lack one are refused with the way out", () => {
      writeFileSync(sandbox.secretsFile, '{"passphrase": "x"}');
      throws(() => readSecrets(sandbox), /lacks a secret: remove the sandbox with "npm run sandbox -- down"/);
    });
  });

  describe("for the engine", () => {
    const configuration = stackConfiguration("http://127.0.0.1:1234", "http://127.0.0.1:9/simple/", "127.0.0.1:5000");
    const read = (name: string): unknown => parse(readFileSync(join(sandbox.folder, name), "utf8"));

    it("point to the program and leave its folder as it is", () => {
      writeProject(sandbox, configuration);
      deepStrictEqual(read("Pulumi.yaml"), {
        name: "example",
        runtime: "nodejs",
        config: { key: { type: "string" } },
        main: sandbox.program,
      });
    });

    it("keep what the engine wrote when the configuration is written anew", () => {
      const file = join(sandbox.folder, "Pulumi.sandbox.yaml");
      writeFileSync(file, "encryptionsalt: v1:abc\nconfig: { wheelhouse:old: gone }\n");
      writeProject(sandbox, configuration);
      deepStrictEqual(read("Pulumi.sandbox.yaml"), { encryptionsalt: "v1:abc", config: configuration });
      strictEqual(statSync(file).mode & 0o777, 0o600);
    });

    it("keep the settings of previews over the next starts, and take in no others that those would forget", () => {
      writeProject(sandbox, configuration);
      const added = { "wheelhouse:platformRepository": "platform", "wheelhouse:preview": { stacks: ["sandbox"] } };
      addConfiguration(sandbox, added);
      writeProject(sandbox, { "wheelhouse:feedName": "other" });
      const { config } = parse(readFileSync(stackFile(sandbox), "utf8")) as { config: unknown };
      deepStrictEqual(config, { "wheelhouse:feedName": "other", ...added });
      throws(() => addConfiguration(sandbox, { "wheelhouse:feedName": "third" }), /forget wheelhouse:feedName/);
    });

    it("are not made for a folder that holds no program", () => {
      rmSync(join(sandbox.program, "Pulumi.yaml"));
      throws(() => writeProject(sandbox, configuration), /Pulumi\.yaml is missing/);
    });

    it("give a value to each key that the program requires, and name no key that it does not have", () => {
      const { config } = parse(readFileSync(join(root, "Pulumi.yaml"), "utf8")) as { config: Record<string, object> };
      const own = Object.keys(configuration)
        .filter((key) => key.startsWith("wheelhouse:"))
        .map((key) => key.slice("wheelhouse:".length));
      deepStrictEqual(
        own.filter((key) => !(key in config)),
        [],
      );
      const required = Object.entries(config).filter(([, declared]) => !("default" in declared));
      deepStrictEqual(
        required.map(([key]) => key).filter((key) => !own.includes(key)),
        [],
      );
    });

    it("name no address but this machine's", () => {
      const addresses = JSON.stringify(configuration).match(/[a-z]+:\/\/[^/"]+/g) ?? [];
      deepStrictEqual([...new Set(addresses)].sort(), ["http://127.0.0.1:1234", "http://127.0.0.1:9"]);
    });
  });

  it("give jobs the way in which this machine's npm finds packages, and nothing else of its environment", () => {
    const environment = {
      HOME: "/home/ann",
      npm_config_registry: "http://127.0.0.1:9/",
      npm_config_prefix: "/x",
      AZURE_X: "y",
    };
    const { jobEnvironment, path } = agentsOptions(sandbox, ensureSecrets(sandbox), environment) as {
      jobEnvironment: Record<string, string>;
      path: string[];
    };
    deepStrictEqual(path, [sandbox.plugins]);
    strictEqual(jobEnvironment.npm_config_registry, "http://127.0.0.1:9/");
    strictEqual(jobEnvironment.npm_config_userconfig, "/home/ann/.npmrc");
    strictEqual(jobEnvironment.npm_config_cache, "/home/ann/.npm");
    for (const name of ["npm_config_prefix", "AZURE_X", "HOME"]) strictEqual(jobEnvironment[name], undefined);
  });

  it("are reached by an engine that knows no real account", () => {
    const secrets = ensureSecrets(sandbox);
    const environment = engineEnvironment(sandbox, secrets, {
      PATH: "/bin",
      HOME: "/home/somebody",
      PULUMI_ACCESS_TOKEN: "a",
      PULUMI_STACK: "b",
      AZDO_ORG_SERVICE_URL: "c",
      ARM_CLIENT_ID: "d",
      AZURE_CONFIG_DIR: "e",
      SYSTEM_ACCESSTOKEN: "f",
    });
    for (const name of [
      "PULUMI_ACCESS_TOKEN",
      "PULUMI_STACK",
      "AZDO_ORG_SERVICE_URL",
      "AZURE_CONFIG_DIR",
      "SYSTEM_ACCESSTOKEN",
    ]) {
      strictEqual(name in environment, false, name);
    }
    strictEqual(environment.HOME, "/home/somebody");
    strictEqual(environment.PATH, `${sandbox.plugins}:/bin`);
    strictEqual(environment.AZDO_PERSONAL_ACCESS_TOKEN, secrets.personalAccessToken);
    match(environment.PULUMI_BACKEND_URL ?? "", /^file:\/\/\/.*\/pulumi\/backend\?metadata=skip$/);
    // The file is named, not the passphrase: an environment is easier to come by than a file.
    strictEqual(Object.values(environment).includes(secrets.passphrase), false);
  });
});

describe("the address of the public index", () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(async () => machine.remove());

  it("never carries credentials, and is none where it is no web address", () => {
    strictEqual(withoutCredentials("https://me:secret@index.example/simple/?x=1#y"), "https://index.example/simple/");
    strictEqual(withoutCredentials(" http://127.0.0.1:8080/root/+simple/\n"), "http://127.0.0.1:8080/root/+simple/");
    for (const address of ["", "simple", "file:///srv/index", "ftp://index.example/"]) {
      strictEqual(withoutCredentials(address), undefined);
    }
  });

  it("is what was asked for, else pip's from the environment, else pip's from its configuration", async () => {
    machine.script(
      "python3",
      '[ "$*" = "-m pip config get global.index-url" ] && echo http://user:key@127.0.0.1:3/pip/',
    );
    const environment = machine.environment;
    strictEqual(await publicIndex(environment), "http://127.0.0.1:3/pip/");
    strictEqual(
      await publicIndex({ ...environment, PIP_INDEX_URL: "http://127.0.0.1:2/env/" }),
      "http://127.0.0.1:2/env/",
    );
    const asked = {
      ...environment,
      PIP_INDEX_URL: "http://127.0.0.1:2/env/",
      WHEELHOUSE_PUBLIC_INDEX: "http://127.0.0.1:1/",
    };
    strictEqual(await publicIndex(asked), "http://127.0.0.1:1/");
  });

  it("is one at which nothing answers where the machine names none", async () => {
    strictEqual(await publicIndex(machine.environment), "http://127.0.0.1:9/simple/", "127.0.0.1:5000");
    machine.script("python3", "exit 1");
    strictEqual(await publicIndex(machine.environment), "http://127.0.0.1:9/simple/", "127.0.0.1:5000");
  });
});
