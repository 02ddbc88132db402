import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { Platform, TeamApplications, type SharedPlatform, type TeamApplicationsArgs } from "../../components";
import { teamProblems } from "../../components/team-plan";
import { version } from "../../package.json";
import { formatProblem, type App } from "../../spec";
import { only, PROJECT, record, UNKNOWN, type Recording } from "./recording";
import { app, baseImage, everyKind, settings } from "./samples";

const PERMISSION = "azuredevops:index/feedPermission:FeedPermission";
const AUTHORIZATION = "azuredevops:index/pipelineAuthorization:PipelineAuthorization";
const FILE = "azuredevops:index/gitRepositoryFile:GitRepositoryFile";
const TEAM = "azuredevops:index/team:Team";

const shared: SharedPlatform = {
  format: 1,
  version,
  stack: "contoso/wheelhouse/production",
  organization: "contoso",
  project: "Platform",
  projectId: PROJECT,
  templateRepository: "wheelhouse",
  templateRepositoryId: "id-of-templates",
  templateBranch: "refs/heads/main",
  platformRepositories: ["platform"],
  pushEndpointId: "id-of-push",
  registry: "contosowheelhouse.example.net",
  feedId: "id-of-feed",
  feedScope: "project",
  indexUrl: "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/",
  feedReaders: ["commerce"],
  folder: "\\wheelhouse",
  pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
  recipeSettings: { indexes: [{ name: "nexus", url: "https://packages.example/simple/", connection: "Nexus" }] },
  baseImages: [
    { name: "python-web", python: "3.13", platforms: ["linux/amd64"], user: "app" },
    { name: "python-data", python: "3.12", platforms: ["linux/amd64"], user: "app" },
  ],
  applications: [
    { name: "orders", scripts: ["orders-api"], repository: "orders" },
    { name: "legacy", scripts: [], repository: "monolith", pipelineFile: "ci/legacy.yml" },
  ],
};

/** The organization that this stack's provider is configured for. */
let here = "contoso";

const answers = {
  "azuredevops:index/getClientConfig:getClientConfig": () => ({ name: here }),
  "azuredevops:index/getGroup:getGroup": ({ name }: Record<string, unknown>) => ({
    descriptor: `vssgp.${String(name)}`,
  }),
  "azuredevops:index/getAgentQueue:getAgentQueue": ({ name }: Record<string, unknown>) => ({
    id: `queue-${String(name)}`,
  }),
  "azuredevops:index/getGitRepository:getGitRepository": ({ name }: Record<string, unknown>) => ({
    id: `existing-${String(name)}`,
    webUrl: `https://devops.example/_git/${String(name)}`,
  }),
};

/** Team's applications of every kind, none of which the platform has. */
const teamApps = everyKind.map((one) => ({ ...one, team: undefined }));

function declare(more: Partial<TeamApplicationsArgs> = {}, preview = false): Promise<Recording> {
  return record(
    () => {
      new TeamApplications("team", { shared, team: "payments", apps: teamApps, ...more });
    },
    preview,
    answers,
  );
}

/** What the program is refused with, and what it declares all the same but for components. */
async function refusal(
  more: Partial<TeamApplicationsArgs>,
): Promise<{ message: string; stack: string | undefined; declared: readonly string[] }> {
  const declared: string[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ custom, name, inputs }) => {
        if (custom === true) declared.push(name);
        return { id: name, state: inputs as Record<string, unknown> };
      },
      call: ({ token, inputs }) =>
        (answers as Record<string, (inputs: Record<string, unknown>) => object>)[token]?.(
          inputs as Record<string, unknown>,
        ) ?? {},
    },
    "payments",
    "test",
  );
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  // Every value that waits for the refused one is rejected, each with the one error.
  const rejected: unknown[] = [];
  process.on("unhandledRejection", (error) => rejected.push(error));
  try {
    new TeamApplications("team", { shared, team: "payments", apps: teamApps, ...more });
    for (let waited = 0; rejected.length === 0 && waited < 5000; waited += 20) await sleep(20);
    await sleep(100);
    // Whoever waits for it may have written something before its message meanwhile.
    const [error] = rejected;
    assert.ok(error instanceof Error, String(error));
    return { message: error.message, stack: error.stack, declared };
  } finally {
    process.removeAllListeners("unhandledRejection");
    for (const other of others) process.on("unhandledRejection", other);
  }
}

function problems(apps: readonly App[], team?: string): string[] {
  return teamProblems(shared, team, apps).map(formatProblem);
}

/** Type and inputs of everything that belongs to an application, whoever declares it. */
function ofApplications({ resources }: Recording): unknown[] {
  return resources
    .filter(({ urn }) => urn.includes("AppImagePipeline"))
    .map(({ type, name, inputs }) => ({
      type,
      name: name.replace(/^(wheelhouse|team)-/, ""),
      inputs: plainIds(inputs),
    }))
    .sort((left, right) => (`${left.type} ${left.name}` < `${right.type} ${right.name}` ? -1 : 1));
}

/** The ids that resources of one name have in the other stack, too. */
function plainIds(inputs: unknown): unknown {
  return JSON.parse(
    JSON.stringify(inputs)
      .replaceAll("id-of-wheelhouse-app-", "id-of-app-")
      .replaceAll("id-of-team-app-", "id-of-app-")
      .replaceAll("id-of-wheelhouse-templates", "id-of-templates")
      .replaceAll("id-of-wheelhouse-push", "id-of-push"),
  ) as unknown;
}

describe("TeamApplications", () => {
  beforeEach(() => {
    here = "contoso";
  });

  it("declares for each application exactly what the platform would", async () => {
    const platform = await record(() => {
      new Platform("wheelhouse", { settings, baseImages: [baseImage], apps: teamApps, tool: "wheelhouse" });
    });
    const ofPlatform = ofApplications(platform);
    assert.ok(ofPlatform.length > 40);
    assert.deepEqual(ofApplications(await declare()), ofPlatform);
  });

  it("declares nothing of the platform itself", async () => {
    const { resources } = await declare();
    const own = resources.filter(({ urn }) => !urn.includes("AppImagePipeline")).map(({ urn }) => urn);
    assert.deepEqual(own, [
      "wheelhouse:index:TeamApplications::team",
      `wheelhouse:index:TeamApplications$${PERMISSION}::team-feed-reader-payments`,
      `wheelhouse:index:TeamApplications$${AUTHORIZATION}::team-queue-pooled`,
    ]);
  });

  it("declares the same resources whatever of the platform is not known yet", async () => {
    const known = await declare();
    const source = (): pulumi.Output<SharedPlatform> =>
      new Elsewhere("other:index:Platform", "platform", {}).id.apply(() => shared);
    const unknown = await record(
      () => {
        new TeamApplications("team", { shared: source(), team: "payments", apps: teamApps });
      },
      true,
      answers,
    );
    const urns = ({ resources }: Recording): string[] =>
      resources
        .map(({ urn }) => urn)
        .filter((urn) => !urn.startsWith("other:"))
        .sort();
    assert.deepEqual(urns(unknown), urns(known));
    const recipes = unknown.resources.filter(({ type, name }) => type === FILE && !name.endsWith("-starter"));
    assert.ok(recipes.length > 10);
    for (const { inputs } of recipes) assert.equal(inputs.content, UNKNOWN);
  });

  it("shows at the first preview every text, once the platform is there", async () => {
    const { resources } = await declare({}, true);
    const files = resources.filter(({ type }) => type === FILE);
    assert.ok(files.length > 20);
    for (const { inputs, name } of files) assert.notEqual(inputs.content, UNKNOWN, name);
  });

  it("lets each of its teams install from the feed, once", async () => {
    const apps = [app("one", { team: "payments" }), app("two", { team: "billing" }), app("three")];
    const { resources } = await declare({ apps });
    assert.deepEqual(
      resources.filter(({ type }) => type === PERMISSION).map(({ name, inputs }) => [name, inputs]),
      ["billing", "payments"].map((team) => [
        `team-feed-reader-${team}`,
        { feedId: "id-of-feed", projectId: PROJECT, identityDescriptor: `vssgp.${team}`, role: "reader" },
      ]),
    );
  });

  it("needs no right to the feed where it names no team", async () => {
    const { resources } = await declare({ team: undefined });
    assert.ok(resources.every(({ type }) => type !== PERMISSION));
  });

  it("gives the role on a feed of the organization without a project", async () => {
    const recording = await declare({ shared: { ...shared, feedScope: "organization" }, apps: [] });
    assert.deepEqual(only(recording, PERMISSION).inputs, {
      feedId: "id-of-feed",
      identityDescriptor: "vssgp.payments",
      role: "reader",
    });
  });

  it("makes its teams where it is told to, and leaves them to those who are in them", async () => {
    const team = only(await declare({ createTeams: true, apps: [] }), TEAM);
    assert.deepEqual(team.inputs, { projectId: PROJECT, name: "payments" });
    assert.equal(team.retainOnDelete, true);
    assert.deepEqual([...team.ignoreChanges].sort(), ["administrators", "members"]);
    assert.ok((await declare()).resources.every(({ type }) => type !== TEAM));
  });

  it("opens a pool of an application's own to that pipeline alone, so that it takes back nothing of others", async () => {
    const { resources } = await declare();
    const queues = resources.filter(({ type, inputs }) => type === AUTHORIZATION && inputs.type === "queue");
    assert.deepEqual(
      queues.map(({ inputs }) => inputs),
      [{ projectId: PROJECT, resourceId: "queue-Linux builders", type: "queue", pipelineId: 42 }],
    );
  });

  it("puts out its applications", async () => {
    const { outputs } = await declare({ apps: [app("payments", { scripts: ["payments-api"] })] });
    assert.deepEqual(outputs.get("wheelhouse:index:TeamApplications team"), {
      applications: {
        payments: {
          repositoryUrl: "https://devops.example/_git/payments",
          pipelineId: 42,
          images: ["contosowheelhouse.example.net/payments-api"],
        },
      },
    });
  });

  for (const [title, more, expected] of [
    [
      "a base image that is not there",
      { apps: [app("a", { baseImage: "python-wbe" })] },
      /has no base image python-wbe/,
    ],
    ["a platform of another format", { shared: { ...shared, format: 99 } }, /do not agree on recipes/],
    ["what is no platform", { shared: {} as SharedPlatform }, /is not what a platform puts out/],
    ["a platform that puts nothing out", { shared: undefined as unknown as SharedPlatform }, /has no output `shared`/],
  ] as const) {
    it(`declares nothing on ${title}`, async () => {
      const { message, stack, declared } = await refusal(more);
      assert.match(message, expected);
      assert.doesNotMatch(message, /serializing/);
      // What the SDK shows of a program that exports nothing.
      assert.equal(stack, message);
      assert.deepEqual(declared, []);
    });
  }

  it("declares nothing with credentials for another organization", async () => {
    here = "fabrikam";
    const { message, declared } = await refusal({});
    assert.match(message, /contoso\/wheelhouse\/production is in the Azure DevOps organization contoso.* for fabrikam/);
    assert.match(message, /azuredevops:orgServiceUrl/);
    assert.deepEqual(declared, []);
  });

  it("takes no account of letter case in the organization's name", async () => {
    here = "Contoso";
    assert.ok((await declare()).resources.length > 40);
  });
});

describe("a team's applications", () => {
  it("have no problem where the platform has nothing of theirs", () => {
    assert.deepEqual(problems(teamApps, "payments"), []);
  });

  it("are told which base images there are, and which is meant", () => {
    assert.deepEqual(problems([app("a", { baseImage: "python-wbe" })]), [
      "application a  baseImage: the platform stack contoso/wheelhouse/production has no base image python-wbe\n" +
        "  did you mean python-web? it has python-data, python-web",
    ]);
  });

  it("are told every mistake at once", () => {
    const told = problems([
      app("a", { baseImage: "python-data", python: "3.13", user: "root", indexes: ["nexus", "nexos"] }),
      app("b", { baseImage: "gone" }),
    ]);
    assert.equal(told.length, 4);
    assert.match(told[0]!, /^application a {2}python: "3\.13" is not .* python-data .* "3\.12"/);
    assert.match(told[1]!, /^application a {2}user: "root" .* "app"/);
    assert.match(told[2]!, /^application a {2}indexes\[1\]: .* no package index nexos\n {2}did you mean nexus/);
    assert.match(told[3]!, /^application b {2}baseImage:/);
  });

  for (const [title, one, expected] of [
    [
      "name",
      app("orders", { repository: { kind: "create", name: "else" } }),
      /name: "orders" is already an application/,
    ],
    ["name in other letters", app("ORDERS"), /"ORDERS" is already an application/],
    [
      "image",
      app("shop", { scripts: ["shop-api"], name: "orders-api" }),
      /"orders-api" is already an image of application orders/,
    ],
    ["base image", app("python-web"), /"python-web" is already a base image/],
    ["builder", app("python-web-builder"), /is already the builder of base image python-web/],
    ["dependency image", app("orders-deps"), /"orders-deps" is already an image of application orders/],
    [
      "repository",
      app("a", { repository: { kind: "create", name: "Orders" } }),
      /repository: "Orders" is already the repository of application orders/,
    ],
    [
      "repository, though it exists",
      app("a", { repository: { kind: "create", name: "monolith" } }),
      /"monolith" is already/,
    ],
    [
      "pipeline file",
      app("a", { repository: { kind: "existing", name: "monolith", pipelineFile: "ci/legacy.yml" } }),
      /"monolith" is already/,
    ],
    [
      "pipeline file in a repository that it made",
      app("a", { repository: { kind: "existing", name: "orders", pipelineFile: "azure-pipelines.yml" } }),
      /"orders" is already/,
    ],
    [
      "templates",
      app("a", { repository: { kind: "existing", name: "wheelhouse", pipelineFile: "x.yml" } }),
      /"wheelhouse" is already a repository of the platform stack .* itself/,
    ],
    [
      "own program",
      app("a", { repository: { kind: "create", name: "platform" } }),
      /"platform" is already a repository of the platform stack .* itself/,
    ],
  ] as const) {
    it(`cannot take the platform's ${title}`, () => {
      const told = problems([one]);
      assert.ok(
        told.some((text) => expected.test(text)),
        told.join("\n"),
      );
      assert.ok(told.every((text) => text.includes("\n  choose another")));
    });
  }

  it("may have another pipeline file in a repository that exists", () => {
    const repository = { kind: "existing", name: "monolith", pipelineFile: "ci/other.yml" } as const;
    assert.deepEqual(problems([app("a", { repository })]), []);
  });

  it("cannot take each other's images or repositories", () => {
    const told = problems([
      app("shop", { scripts: ["shop-api"] }),
      app("shop-api"),
      app("b", { repository: { kind: "create", name: "shop" } }),
    ]);
    assert.equal(told.length, 2);
    assert.match(told[0]!, /application shop-api {2}name: "shop-api" is already an image of application shop/);
    assert.match(told[1]!, /application b {2}repository: "shop" is already the repository of application shop/);
  });

  it("cannot be given a role on the feed that the platform gave already", () => {
    for (const told of [problems([], "Commerce"), problems([app("a", { team: "commerce" })])]) {
      assert.equal(told.length, 1);
      assert.match(told[0]!, /^team [cC]ommerce .* gives it its role on the feed already/);
    }
  });
});

/** What gives values that a first preview does not know. */
class Elsewhere extends pulumi.CustomResource {}
