import assert from "node:assert/strict";
import { Platform, SHARED_FORMAT, type SharedPlatform } from "../../components";
import type { App, Settings } from "../../spec";
import { keysIn, only, ORGANIZATION, PROJECT, record, UNKNOWN, type Recording } from "./recording";
import { app, baseImage, everyKind, settings } from "./samples";

const PERMISSION = "azuredevops:index/feedPermission:FeedPermission";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const FIRST_RUN = "pulumi-nodejs:dynamic/wheelhouse:FirstRun";
const FILE = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";

function declare(apps: readonly App[], more: Partial<Settings> = {}, preview = false): Promise<Recording> {
  return record(() => {
    new Platform("wheelhouse", {
      settings: { ...settings, ...more },
      baseImages: [baseImage],
      apps,
      tool: "wheelhouse",
    });
  }, preview);
}

let recorded: Promise<Recording> | undefined;

/** A platform with one application of each kind. It is always the same one, so that it is declared once for all who look at it. */
function declareEveryKind(): Promise<Recording> {
  return (recorded ??= declare(everyKind));
}

/** Everything about each resource that would show in a preview, by URN; a first run waits for whatever it starts. */
function byUrn({ resources }: Recording): Map<string, unknown> {
  return new Map(
    resources.map((resource) => {
      const dependsOn = resource.type === FIRST_RUN ? [] : [...resource.dependsOn].sort();
      return [resource.urn, { ...resource, dependsOn }];
    }),
  );
}

describe("Platform", () => {
  it("declares no resource twice", async () => {
    const { resources } = await declareEveryKind();
    assert.equal(new Set(resources.map(({ urn }) => urn)).size, resources.length);
  });

  it("is the parent of all, and names all after itself", async () => {
    const { resources } = await declareEveryKind();
    for (const { name, urn } of resources) {
      assert.ok(urn.startsWith("wheelhouse:index:Platform"), urn);
      assert.ok(name === "wheelhouse" || name.startsWith("wheelhouse-"), name);
    }
  });

  it("registers the outputs of every component", async () => {
    const { resources, outputs } = await declareEveryKind();
    const components = resources.filter(({ custom }) => !custom).map(({ type, name }) => `${type} ${name}`);
    assert.deepEqual([...outputs.keys()].sort(), components.sort());
    for (const component of components) {
      assert.ok(Object.keys(outputs.get(component)!).length > 0, component);
    }
  });

  for (const added of everyKind) {
    it(`adds an application without touching anything else: ${added.name}`, async () => {
      const others = everyKind.filter((other) => other !== added);
      const before = byUrn(await declare(others));
      const after = byUrn(await declareEveryKind());
      for (const [urn, resource] of before) {
        assert.deepEqual(after.get(urn), resource);
      }
      const own = [...after.keys()].filter((urn) => !before.has(urn));
      const shared = own.filter((urn) => !urn.includes(`::wheelhouse-app-${added.name}`));
      assert.ok(own.length - shared.length <= 8, own.join("\n"));
      const pool = added.pool === undefined ? [] : [/PipelineAuthorization::wheelhouse-queue-/];
      assert.equal(shared.length, pool.length, shared.join("\n"));
    });
  }

  it("lets each team install from the feed, once", async () => {
    const recording = await declareEveryKind();
    assert.deepEqual(
      recording.resources.filter(({ type }) => type === PERMISSION).map(({ name, inputs }) => [name, inputs]),
      [
        [
          "wheelhouse-feed-reader-commerce",
          { feedId: "id-of-wheelhouse-feed", projectId: PROJECT, identityDescriptor: "vssgp.commerce", role: "reader" },
        ],
      ],
    );
    assert.deepEqual(
      recording.calls.filter(({ token }) => token.includes("getGroup")).map(({ inputs }) => inputs),
      [{ name: "commerce", projectId: PROJECT }],
    );
  });

  it("makes the teams of a project that it makes, and leaves them to those who are in them", async () => {
    const TEAM = "azuredevops:index/team:Team";
    const recording = await declare(everyKind, { createProject: true });
    const team = only(recording, TEAM);
    assert.deepEqual(team.inputs, { projectId: "id-of-wheelhouse-project", name: "commerce" });
    assert.equal(team.retainOnDelete, true);
    assert.deepEqual([...team.ignoreChanges].sort(), ["administrators", "members"]);
    assert.equal(only(recording, PERMISSION).inputs.identityDescriptor, "vssgp.new-commerce");
    assert.ok((await declareEveryKind()).resources.every(({ type }) => type !== TEAM));
  });

  it("lets the project's builds save packages in a feed of the organization", async () => {
    const feed = { ...settings.feed, scope: "organization" } as const;
    const recording = await declare([], { feed });
    const descriptor = Buffer.from(`${ORGANIZATION}:Build:${PROJECT}`).toString("base64url");
    assert.deepEqual(only(recording, PERMISSION).inputs, {
      feedId: "id-of-wheelhouse-feed",
      identityDescriptor: `svc.${descriptor}`,
      role: "collaborator",
    });
  });

  it("protects what holds packages, images and templates, and nothing else", async () => {
    const keepers = async (protect: boolean): Promise<string[]> =>
      (await declare(everyKind, { protect })).resources
        .filter((resource) => resource.protect)
        .map(({ type }) => type)
        .sort();
    assert.deepEqual(await keepers(true), [
      "azure-native:containerregistry:Registry",
      "azure-native:resources:ResourceGroup",
      "azuredevops:index/feed:Feed",
      "azuredevops:index/git:Git",
    ]);
    assert.deepEqual(await keepers(false), []);
  });

  it("keeps only what teams own when an application leaves: its repository and its starter", async () => {
    const retained = (await declare([app("orders")])).resources.filter(({ retainOnDelete }) => retainOnDelete);
    assert.deepEqual(retained.map(({ name }) => name).sort(), [
      "wheelhouse-app-orders",
      "wheelhouse-app-orders-starter",
    ]);
  });

  it("authorizes one pipeline each to push, and every pipeline to pull, to check out and to run", async () => {
    const recording = await declare([app("orders")]);
    const authorizations = recording.resources.filter(({ type }) => type === AUTHORIZATION);
    assert.deepEqual(
      authorizations.map(({ name, inputs }) => [name, inputs.type, inputs.pipelineId]).sort(),
      [
        ["wheelhouse-app-orders", "endpoint", 42],
        ["wheelhouse-base-python-web", "endpoint", 42],
        ["wheelhouse-pull", "endpoint", undefined],
        [authorizations.find(({ name }) => name.includes("queue"))!.name, "queue", undefined],
        ["wheelhouse-templates", "repository", undefined],
      ].sort(),
    );
  });

  it("requires one of the templates that it writes into the template repository", async () => {
    const recording = await declare([]);
    const { inputs } = only(recording, "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate");
    const templates = inputs.requiredTemplates as Record<string, unknown>[];
    assert.deepEqual(
      templates.map(({ templatePath }) => templatePath),
      ["templates/application.yml", "templates/base-image.yml"],
    );
    const written = recording.resources.filter(({ type }) => type === FILE).map((file) => file.inputs.file);
    for (const template of templates) {
      assert.equal(template.repositoryName, "Platform/wheelhouse");
      assert.equal(template.repositoryRef, "refs/heads/main");
      assert.ok(written.includes(template.templatePath), written.join("\n"));
    }
  });

  it("lets every pipeline that it authorizes to push pass the check on the connection", async () => {
    const recording = await declareEveryKind();
    const { inputs } = only(recording, "azuredevops:index/checkRequiredTemplate:CheckRequiredTemplate");
    const required = (inputs.requiredTemplates as { templatePath: string }[]).map(({ templatePath }) => templatePath);
    const mainFiles = recording.resources.filter(
      ({ type, inputs: { file } }) => type === FILE && String(file).endsWith("azure-pipelines.yml"),
    );
    assert.ok(mainFiles.length > 2);
    for (const { inputs: file } of mainFiles) {
      const extended = /^ {2}template: (\S+)@wheelhouse$/m.exec(String(file.content))?.[1];
      assert.ok(
        extended !== undefined && required.includes(extended),
        `${String(file.file)} extends ${String(extended)}`,
      );
    }
  });

  it("uses a project that exists, and makes one where it is told to", async () => {
    const PROJECT_TYPE = "azuredevops:index/project:Project";
    const existing = await declare([]);
    assert.ok(existing.resources.every(({ type }) => type !== PROJECT_TYPE));
    const made = only(await declare([], { createProject: true }), PROJECT_TYPE);
    assert.equal(made.protect, true);
    assert.equal(made.inputs.name, "Platform");
    assert.equal(made.inputs.visibility, "private");
  });

  it("previews itself only where its repository is named", async () => {
    const PREVIEW = "wheelhouse:index:PreviewPipeline";
    assert.ok((await declare([])).resources.every(({ type }) => type !== PREVIEW));
    only(await declare([], { platformRepository: "platform" }), PREVIEW);
  });

  it("shows at the first preview every text but those that hold the registry's address", async () => {
    const recording = await declare([app("orders")], {}, true);
    const unknown = recording.resources
      .filter(({ type, inputs }) => type === FILE && inputs.content === UNKNOWN)
      .map(({ inputs }) => inputs.file)
      .sort();
    assert.deepEqual(unknown, ["templates/application.yml", "templates/base-image.yml"]);
  });

  it("declares nothing that holds a secret", async () => {
    const { resources } = await declareEveryKind();
    const keys = new Set(resources.flatMap(({ inputs }) => keysIn(inputs)));
    const secret = /password|secret|token|serviceprincipalkey|apikey/i;
    assert.deepEqual(
      [...keys].filter((key) => secret.test(key)),
      [],
    );
  });

  it("renders recipes with the package indexes, the scanner and the mirror of its settings", async () => {
    const nexus = { name: "nexus", url: "https://packages.example/simple/", connection: "Nexus" };
    const sbomGenerator = `scanner@sha256:${"ab".repeat(32)}`;
    const recording = await declare([app("older", { indexes: ["nexus"] })], {
      indexes: [nexus],
      sbomGenerator,
      upstreamRegistry: "mirror.example",
    });
    const bakeFiles = recording.resources.flatMap(({ inputs }) =>
      typeof inputs.file === "string" && inputs.file.endsWith("docker-bake.json") ? [String(inputs.content)] : [],
    );
    assert.equal(bakeFiles.length, 2);
    for (const content of bakeFiles) assert.ok(content.includes(sbomGenerator));
    assert.ok(bakeFiles.some((content) => content.includes("id=PIP_EXTRA_URL_NEXUS")));
    const template = recording.resources.find(({ inputs }) => inputs.file === "templates/application.yml");
    assert.match(String(template?.inputs.content), /pythonDownloadServiceConnections: Nexus$/m);
    assert.ok(bakeFiles.some((content) => content.includes('"mirror.example/python:3.13-slim"')));
  });

  it("puts out what its users need", async () => {
    const { outputs } = await declare([app("orders", { scripts: ["orders-api"] })]);
    const { shared, ...others } = outputs.get("wheelhouse:index:Platform wheelhouse")!;
    assert.equal((shared as SharedPlatform).format, SHARED_FORMAT);
    assert.deepEqual(others, {
      feedUrl: "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/",
      registry: "contosowheelhouse.example.net",
      baseImages: { "python-web": { pipelineId: 42 } },
      applications: {
        orders: {
          repositoryUrl: "https://devops.example/_git/orders",
          pipelineId: 42,
          images: ["contosowheelhouse.example.net/orders-api"],
        },
      },
    });
  });
});
