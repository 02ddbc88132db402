/** Tests `wheelhouse check`: what it finds, where it says that it is, and in which form. */
import { strict as assert } from "node:assert";
import { mkdirSync, symlinkSync } from "node:fs";
import * as path from "node:path";
import { root } from "../../rendered";
import { wheelhouse } from "../command-line";
import { stackFile, withPlatform } from "../platform";
import type { CheckReport } from "../../../tools/check/command";
import type { Files } from "../inspect/repository";

const check = (files: Files, ...args: readonly string[]) =>
  withPlatform(files, (workingFolder) => wheelhouse(["check", ...args], { workingFolder }));

async function report(files: Files, ...args: readonly string[]): Promise<CheckReport> {
  return JSON.parse((await check(files, "--json", ...args)).output) as CheckReport;
}

/** `file:line:column path: message` of each mistake. */
async function told(files: Files, ...args: readonly string[]): Promise<string[]> {
  const { problems } = await report(files, ...args);
  return problems.map((one) => `${one.file}:${one.line}:${one.column} ${one.path}: ${one.message}`);
}

const withoutBaseImages = Object.fromEntries(
  ["base-image.yaml", "requirements.in", "bindep.txt"].flatMap((file) =>
    ["python-web", "python-data"].map((base) => [`base-images/${base}/${file}`, ""]),
  ),
);

describe("wheelhouse check", () => {
  it("has nothing against the platform as shipped", async () => {
    const ran = await wheelhouse(["check"], { workingFolder: root });
    assert.deepEqual(ran, { code: 0, output: "4 applications, 2 base images, 0 stacks: fine\n", errors: "" });
  });

  it("finds the platform from any folder inside of it, and names files from there", async () => {
    await withPlatform({ "apps/orders.yaml": "name: orders\nbaseImage: python-wbe\n" }, async (folder) => {
      const inside = await wheelhouse(["check"], { workingFolder: path.join(folder, "apps") });
      assert.match(
        inside.output,
        /^\.\.\/apps\/orders\.yaml:2:12 {2}baseImage: "python-wbe" is not a base image\n {2}did you/,
      );
      const outside = await wheelhouse(["check", "--project-folder", folder], { workingFolder: path.dirname(folder) });
      assert.match(outside.output, /^platform\/apps\/orders\.yaml:2:12 {2}/);
      assert.equal(outside.code, 1);
      assert.equal(outside.errors, "wheelhouse: check found 1 mistake in 1 file\n");
    });
  });

  it("ends with 2 where there is no platform", async () => {
    await withPlatform({}, async (folder) => {
      const above = path.dirname(folder);
      assert.match(
        (await wheelhouse(["check", "--project-folder", above])).errors,
        /is no platform: it has no Pulumi\.yaml/,
      );
      const ran = await wheelhouse(["check"], { workingFolder: above });
      assert.equal(ran.code, 2);
      assert.match(ran.errors, /there is no platform here[^]*--project-folder <folder>/);
    });
  });

  it("tells all mistakes of all files at once, in the order of files and lines", async () => {
    const files = {
      "apps/broken.yaml": "name: [\n",
      "apps/invoices.yaml": "name: invoices\nbaseImage: python-web\nrepository: { create: orders }\nport: 80\n",
      "base-images/python-data/requirements.in": "--index-url x\nnumpy\n",
    };
    assert.deepEqual(await told(files), [
      "apps/broken.yaml:2:1 : not valid YAML (bad indent)",
      'apps/invoices.yaml:4:1 port: "port" is not a property here',
      'apps/orders.yaml:2:7 name: "orders" is already the repository of invoices',
      "base-images/python-data/requirements.in:1:1 : --index-url would change where packages come from",
    ]);
  });

  it("names the other file of a clash from the working folder, too", async () => {
    const clash = { "apps/invoices.yaml": "name: invoices\nbaseImage: python-web\nrepository: { create: orders }\n" };
    const { problems } = await report(clash);
    assert.equal(
      problems[0]?.mend,
      "choose another repository, or another pipelineFile in the same one; the other one is at apps/invoices.yaml:3:23",
    );
  });

  it("shows what is wrong in the named files alone, having read all of them", async () => {
    const files = {
      "apps/invoices.yaml": "name: invoices\nbaseImage: python-wbe\n",
      "apps/orders.yaml": "name: orders\nbaseImage: py\n",
    };
    assert.deepEqual(await told(files, "apps/orders.yaml"), [
      'apps/orders.yaml:2:12 baseImage: "py" is not a base image',
    ]);
    const fine = await check(files, "base-images/python-web/base-image.yaml");
    assert.deepEqual([fine.code, fine.errors], [0, ""]);
    const elsewhere = await check(files, "/etc/hostname");
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.errors, /\/etc\/hostname is not in /);
  });

  it("checks a Dockerfile's path as every path of an application", async () => {
    const files = { "apps/orders.yaml": "name: orders\nbaseImage: python-web\ndockerfile: ../Dockerfile\n" };
    assert.match((await told(files))[0] ?? "", /^apps\/orders\.yaml:3:13 dockerfile: .*it leaves its folder/);
  });

  it("survives folders that are links, missing or no folders", async () => {
    await withPlatform({ "apps/orders.yaml": "" }, async (folder) => {
      symlinkSync(folder, path.join(folder, "base-images", "loop"));
      mkdirSync(path.join(folder, "apps", "nested.yaml"), { recursive: true });
      const ran = await wheelhouse(["check"], { workingFolder: folder });
      assert.equal(ran.code, 1);
      assert.match(ran.output, /base-images\/loop\/base-image\.yaml:1:1 {2}the file is missing/);
    });
    assert.deepEqual(await told({ "apps/orders.yaml": "" }), ["apps:1:1 : there is no such folder"]);
  });

  it("takes a folder with applications alone for a team's, whose base images are elsewhere", async () => {
    const none = {
      ...withoutBaseImages,
      "Pulumi.yaml": "name: commerce\nruntime: nodejs\nconfig: { platformStack: { type: string } }\n",
    };
    const fine = await check(none);
    assert.equal(fine.output, "1 application, 0 base images, 0 stacks: fine\n");
    assert.match(fine.errors, /base images and settings are another stack's/);
    assert.match((await told(withoutBaseImages)).join(), /base-images:1:1 : there is no such folder/);
    const clash = {
      ...none,
      "apps/orders-two.yaml": "name: orders-two\nbaseImage: py\nrepository: { create: orders }\n",
    };
    assert.match((await told(clash)).join("\n"), /"orders" is already the repository of/);
  });

  describe("of a stack's configuration", () => {
    it("takes what the program takes, and what Pulumi.yaml gives", async () => {
      const ran = await check({ "Pulumi.dev.yaml": stackFile({ untaggedRetentionDays: "7", pool: '{"name":"x"}' }) });
      assert.deepEqual([ran.code, ran.output], [0, "1 application, 2 base images, 1 stack: fine\n"]);
      const given = {
        "Pulumi.yaml":
          "name: wheelhouse\nruntime: nodejs\nconfig:\n  location: { value: westeurope }\n  wheelhouse:feedName: { default: python }\n",
      };
      assert.deepEqual(
        await told({ ...given, "Pulumi.dev.yaml": stackFile({ location: undefined, feedName: undefined }) }),
        [],
      );
    });

    it("tells each mistake at its value, and a misspelt or missing key", async () => {
      const file = stackFile({
        feedName: undefined,
        feedNam: "python",
        location: "West Europe",
        upstreams: [{ name: "x", location: "https://packages.example/", kind: "privat" }],
        versionsKept: "many",
      });
      const lines = file.split("\n");
      const at = (text: string, column: number) => `${lines.findIndex((line) => line.includes(text)) + 1}:${column}`;
      assert.deepEqual(await told({ "Pulumi.dev.yaml": file }), [
        `Pulumi.dev.yaml:2:3 wheelhouse:feedName: is missing`,
        `Pulumi.dev.yaml:${at("location: West", 24)} wheelhouse:location: "West Europe" is not an Azure region`,
        `Pulumi.dev.yaml:${at("privat", 13)} wheelhouse:upstreams[0].kind: "privat" is not one of the values that it can have`,
        `Pulumi.dev.yaml:${at("feedNam:", 3)} wheelhouse:feedNam: "feedNam" is not a configuration key of the platform`,
        `Pulumi.dev.yaml:${at("versionsKept", 28)} wheelhouse:versionsKept: it must be a number, but it is a text`,
      ]);
    });

    it("leaves encrypted values alone, within structures too, and says what it then cannot check", async () => {
      const secret = { secure: "v1:AAAA:BBBB" };
      const files = {
        "Pulumi.dev.yaml": stackFile({
          subscriptionName: secret,
          upstreams: [{ name: secret, location: "https://packages.example/simple/" }],
        }),
      };
      const { problems, notes } = await report(files);
      assert.deepEqual(problems, []);
      assert.match(notes.join(), /^Pulumi\.dev\.yaml: the values that need others were not checked/);
      const beside = stackFile({ subscriptionName: secret, registrySku: "Free" });
      assert.match((await told({ "Pulumi.dev.yaml": beside })).join(), /registrySku: "Free" is not one of/);
    });

    it("takes no key for missing where an environment can have it", async () => {
      const files = { "Pulumi.dev.yaml": `environment: [contoso/platform]\n${stackFile({ feedName: undefined })}` };
      assert.deepEqual(await told(files), []);
    });

    it("finds secrets that are not encrypted, and never shows them", async () => {
      const token = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst";
      const files = {
        "Pulumi.dev.yaml": stackFile(
          { tags: { owner: token } },
          {
            "azuredevops:personalAccessToken": "hunter2-hunter2",
            "other:note": `pat ${token}`,
            "azure-native:useOidc": "true",
          },
        ),
      };
      const ran = await check(files);
      assert.equal(ran.code, 1);
      assert.match(ran.output, /wheelhouse:tags\.owner: looks like an Azure DevOps personal access token/);
      assert.match(
        ran.output,
        /azuredevops:personalAccessToken: looks like a secret, by its name, and is not encrypted\n {2}revoke it, and set it encrypted/,
      );
      assert.match(ran.output, /other:note: looks like an Azure DevOps personal access token/);
      assert.doesNotMatch(ran.output + ran.errors, /hunter2|abcdefgh/);
    });

    it("holds the applications against each stack's settings", async () => {
      const files = {
        "apps/orders.yaml": "name: orders\nbaseImage: python-web\nindexes: [nexus]\n",
        "Pulumi.dev.yaml": stackFile({ indexes: [{ name: "nexus", url: "https://nexus.example/simple/" }] }),
        "Pulumi.prod.yaml": stackFile({ templateRepository: "Orders" }),
      };
      assert.deepEqual(await told(files), [
        'apps/orders.yaml:1:7 name: "orders" is the platform\'s own repository (stack prod)',
        'apps/orders.yaml:3:11 indexes[0]: "nexus" is not a package index of the platform (stack prod)',
      ]);
      assert.deepEqual(await told(files, "--stack-file", "Pulumi.dev.yaml"), []);
    });

    it("says what is wrong with the file itself", async () => {
      assert.match(
        (await told({ "Pulumi.dev.yaml": "config:\n  a: [\n" })).join(),
        /^Pulumi\.dev\.yaml:3:1 : not valid YAML/,
      );
      assert.match(
        (await told({ "Pulumi.dev.yaml": "config: text\n" })).join(),
        /^Pulumi\.dev\.yaml:1:9 config: it must be a map/,
      );
      assert.match((await told({}, "--stack-file", "Pulumi.nowhere.yaml")).join(), /there is no such file/);
      assert.equal((await report({ "Pulumi.dev.yaml": "# nothing\n" })).problems.length, 8);
      assert.match((await told({ "Pulumi.dev.yaml": Uint8Array.of(0xff, 0xfe) })).join(), /it is not UTF-8 text/);
      const bomb = `config:\n  a: &a [x, x]\n${Array.from({ length: 30 }, (_, index) => `  b${index}: &b${index} [*${index === 0 ? "a" : `b${index - 1}`}, *${index === 0 ? "a" : `b${index - 1}`}]`).join("\n")}\n`;
      assert.match((await told({ "Pulumi.dev.yaml": bomb })).join(), /it cannot be read as YAML/);
    });
  });
});
