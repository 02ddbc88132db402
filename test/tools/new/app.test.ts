/** Tests what `wheelhouse new app` makes of flags, answers and a repository, and what it refuses before anything is written. */
import { strict as assert } from "node:assert";
import * as path from "node:path";
import { loadSpecs } from "../../../spec";
import { findProject } from "../../../tools/check/project";
import { newApp, type NewAppOptions } from "../../../tools/new/app";
import { root } from "../../rendered";
import { writeNewFile } from "../../../tools/new/files";
import type { Files } from "../inspect/repository";
import { withFolder } from "../inspect/repository";
import { stackFile, withPlatform } from "../platform";
import { answering, type Answering } from "./answering";

const sample = (name: string) => path.join(root, "samples/applications", name);

interface Made {
  readonly content: string;
  readonly progress: readonly string[];
  readonly notes: readonly string[];
}

/** In a platform without applications, unless there are more files. */
function make(
  name: string | undefined,
  options: NewAppOptions = {},
  more: Files = {},
  questions?: Answering,
  workingFolder?: string,
): Promise<Made> {
  return withPlatform({ "apps/orders.yaml": "", "apps/.gitkeep": "\n", ...more }, async (folder) => {
    const progress: string[] = [];
    const context = {
      environment: {},
      workingFolder: workingFolder ?? folder,
      signal: new AbortController().signal,
      out: () => undefined,
      progress: (line: string) => void progress.push(line),
      json: () => undefined,
    };
    const project = findProject(folder, folder);
    const made = await newApp(name, options, project, context, questions);
    assert.ok(made.content.split("\n").length <= 13, made.content);
    await writeNewFile(made.file, made.file, made.content);
    const { apps } = loadSpecs({ baseImages: project.baseImages, apps: project.apps });
    assert.ok(apps.some((app) => app.name === made.name));
    return { content: made.content, progress, notes: made.notes };
  });
}

const silent = (workingFolder: string) => ({
  environment: {},
  workingFolder,
  signal: new AbortController().signal,
  out: () => undefined,
  progress: () => undefined,
  json: () => undefined,
});

const first = "# yaml-language-server: $schema=../schemas/app.json\n";
const refused = (message: RegExp) => (error: Error & { mend?: string }) =>
  error.name === "UsageError" && message.test(`${error.message}\n${error.mend}`);

describe("wheelhouse new app", () => {
  it("writes what the samples have, out of their repositories", async () => {
    const orders = await make(undefined, { repository: sample("orders"), baseImage: "python-web", team: "commerce" });
    assert.equal(
      orders.content,
      `${first}name: orders\ndescription: Takes orders from the shop and works them off\nteam: commerce\nbaseImage: python-web\nscripts: [orders-api, orders-worker]\n`,
    );
    const forecast = await make(undefined, { repository: sample("forecast"), baseImage: "python-data" });
    assert.equal(forecast.content, `${first}name: forecast\nbaseImage: python-data\nrequirements: requirements.txt\n`);
    const imaging = await make(undefined, { repository: sample("imaging"), baseImage: "python-web" });
    assert.match(imaging.content, /\nsystemPackages: bindep\.txt\n$/);
  });

  it("says of each thing that it found where it found it", async () => {
    const { progress } = await make(undefined, { repository: sample("orders"), baseImage: "python-web" });
    assert.deepEqual(progress, [
      "the name of the application: orders (pyproject.toml)",
      "the description: Takes orders from the shop and works them off (pyproject.toml)",
      "the console scripts, one image each: orders-api, orders-worker (pyproject.toml)",
      "the requirements: pyproject.toml (the repository)",
    ]);
  });

  it("asks what it cannot find, proposes what it found, and writes what was answered", async () => {
    const person = answering({
      "Base image": "python-web",
      Team: "commerce",
      "Console scripts": ["orders-api"],
      Description: "-",
    });
    const { content } = await make(undefined, { repository: sample("orders") }, {}, person);
    assert.equal(content, `${first}name: orders\nteam: commerce\nbaseImage: python-web\nscripts: [orders-api]\n`);
    assert.deepEqual(person.asked, [
      'Name of the application (pyproject.toml) = "orders"',
      'Description (pyproject.toml; - for none) = "Takes orders from the shop and works them off"',
      'Base image = "python-data"',
      'Team, a group of Azure DevOps (empty: none) = ""',
      'Repository in Azure Repos that is there already (empty: none) = ""',
      'Console scripts, one image each (pyproject.toml) = ["orders-api","orders-worker"]',
    ]);
  });

  it("asks nothing that a flag has answered", async () => {
    const person = answering();
    const options = {
      repository: sample("orders"),
      baseImage: "python-web",
      team: "commerce",
      description: "Orders",
      scripts: ["orders-api"],
      existingRepository: "shop",
    };
    const { content } = await make("orders", options, {}, person);
    assert.deepEqual(person.asked, []);
    assert.match(content, /\nrepository: shop\n/);
  });

  it("proposes the folder that it runs in, where that is not the platform's", async () => {
    const { content } = await make(undefined, { baseImage: "python-web" }, {}, undefined, sample("orders"));
    assert.match(content, /^name: orders$/m);
    const person = answering();
    await make("x1", { baseImage: "python-web" }, {}, person);
    assert.equal(person.asked[0], 'Folder of the application\'s repository on this machine (empty: none) = ""');
  });

  it("takes a Dockerfile only where it is asked to, and then nothing that the Dockerfile says", async () => {
    const rendered = await make(undefined, { repository: sample("legacy"), baseImage: "python-web" });
    assert.equal(
      rendered.content,
      `${first}name: legacy\nbaseImage: python-web\nrequirements: requirements.txt\nports: [8081]\n`,
    );
    const person = answering({ Keep: true });
    const kept = await make(undefined, { repository: sample("legacy"), baseImage: "python-web" }, {}, person);
    assert.equal(kept.content, `${first}name: legacy\nbaseImage: python-web\ndockerfile: Dockerfile\n`);
    assert.ok(person.asked.includes("Keep Dockerfile as it is, instead of a rendered one? = false"));
    await assert.rejects(
      make("legacy", { baseImage: "python-web", dockerfile: "Dockerfile", ports: [80] }),
      refused(/ports has no effect together with dockerfile/),
    );
  });

  it("takes a lock that the team keeps, and the Azure repository that it was cloned from", async () => {
    const files = {
      "requirements.in": "httpx",
      "requirements.txt": `httpx==0.27.0 --hash=sha256:${"a".repeat(64)}\n`,
      ".git/config": '[remote "origin"]\n\turl = https://dev.azure.com/contoso/Shop/_git/shop-orders\n',
    };
    const { content } = await withFolder(files, (repository) =>
      make(undefined, { repository, baseImage: "python-web" }),
    );
    assert.match(content, /\nrepository: shop-orders\nrequirements: requirements\.in\nlock: requirements\.txt\n$/);
    const withFile = await make("x1", { baseImage: "python-web", existingRepository: "shop", pipelineFile: "a/b.yml" });
    assert.match(withFile.content, /\nrepository: \{ existing: shop, pipelineFile: a\/b\.yml \}\n/);
  });

  it("names what is missing, and the flag for it, where nobody can be asked", async () => {
    await assert.rejects(
      make(undefined),
      refused(/^the name of the application is missing\nname it: wheelhouse new app <name>$/),
    );
    await assert.rejects(
      make("orders"),
      refused(
        /^the base image is missing: python-data \(Python 3\.13, .*\), python-web .* would do\nchoose one: --base-image <name>$/,
      ),
    );
    await assert.rejects(
      make("x1", { baseImage: "python-web", pipelineFile: "a.yml" }),
      refused(/name it: --existing-repository$/),
    );
  });

  it("names the flag whose value is refused, before it asks anything", async () => {
    for (const [name, options, message] of [
      ["Orders", {}, /^name: "Orders" is not a name .*it has "O"/],
      [
        "orders",
        { baseImage: "python-wbe" },
        /^--base-image: "python-wbe" is not a base image[^]*did you mean python-web/,
      ],
      ["orders", { baseImage: "python-web", team: "a/b" }, /^--team: "a\/b" is not a name for a team/],
      ["orders", { baseImage: "python-web", scripts: ["a b"] }, /^--scripts: "a b"/],
      ["orders", { baseImage: "python-web", description: "a\nb" }, /^--description: the description has a line break/],
      ["orders", { baseImage: "python-web", requirements: "../x.txt" }, /^--requirements: .*leaves its folder/],
      ["orders", { baseImage: "python-web", lock: "uv.lock" }, /^--lock: .*its tool's own format/],
      ["orders", { baseImage: "python-web", dockerfile: "/Dockerfile" }, /^--dockerfile: .*it is absolute/],
      ["orders", { baseImage: "python-web", existingRepository: "a:b" }, /^--existing-repository: /],
      ["orders", { baseImage: "python-web", python: "2.7" }, /^--python: /],
      ["orders", { repository: "nowhere" }, /^--repository: nowhere is not there/],
    ] as const) {
      await assert.rejects(make(name, options), refused(message), String(message));
    }
  });

  it("refuses a name that is there, and a repository or image that another application has", async () => {
    const other = {
      "apps/shop.yaml": "name: shop\nbaseImage: python-web\nrepository: { create: orders }\nscripts: [shop-api]\n",
    };
    await assert.rejects(
      make("shop", { baseImage: "python-web" }, other),
      refused(/^apps\/shop\.yaml is there already\nedit it, or choose another name/),
    );
    await assert.rejects(
      make("bills", { baseImage: "python-web" }, { "apps/bills.yml": "name: x" }),
      refused(/apps\/bills\.yml is there already/),
    );
    await assert.rejects(
      make("orders", { baseImage: "python-web" }, other),
      refused(/"orders" is already the repository of shop[^]*apps\/shop\.yaml:3:23[^]*Nothing was written\.$/),
    );
    await assert.rejects(
      make("shop-api", { baseImage: "python-web" }, other),
      refused(/both would be one image in the registry/),
    );
    await assert.rejects(
      make("python-web", { baseImage: "python-web" }, other),
      refused(/is already base image python-web/),
    );
  });

  it("refuses what one of the stacks here would refuse", async () => {
    const stack = { "Pulumi.prod.yaml": stackFile({ templateRepository: "shop" }) };
    await assert.rejects(make("shop", { baseImage: "python-web" }, stack), refused(/is the platform's own repository/));
  });

  it("takes the name of a base image as it is in a team's own repository, where there are none", async () => {
    await withFolder({ "Pulumi.yaml": "name: commerce\nruntime: nodejs\n", "apps/.gitkeep": "" }, async (folder) => {
      const context = silent(folder);
      const project = findProject(folder, undefined);
      const made = await newApp("shop", { baseImage: "python-web" }, project, context, undefined);
      assert.equal(made.content, `${first}name: shop\nbaseImage: python-web\n`);
      await assert.rejects(
        newApp("shop", {}, project, context, undefined),
        refused(/^the base image is missing\nname it as/),
      );
    });
  });

  it("names the schema of the package where the platform has none of its own", async () => {
    const files = { "node_modules/wheelhouse/schemas/app.json": "{}" };
    const { content } = await make("shop", { baseImage: "python-web" }, files);
    assert.match(content, /^# yaml-language-server: \$schema=\.\.\/node_modules\/wheelhouse\/schemas\/app\.json\n/);
  });

  it("does not mind mistakes that the platform's other files have without it", async () => {
    await withPlatform(
      { "apps/broken.yaml": "name: [\n", "apps/lost.yaml": "name: lost\nbaseImage: nowhere\n" },
      async (folder) => {
        const context = silent(folder);
        const made = await newApp(
          "shop",
          { baseImage: "python-web" },
          findProject(folder, undefined),
          context,
          undefined,
        );
        assert.equal(made.content, `${first}name: shop\nbaseImage: python-web\n`);
      },
    );
  });

  it("stops at an interrupt, with nothing written", async () => {
    for (const question of ["Name", "Base image", "Team", "Console scripts"]) {
      await assert.rejects(
        make(undefined, { repository: sample("orders") }, {}, answering({ [question]: "interrupt" })),
        { name: "InterruptedError" },
      );
    }
  });
});
