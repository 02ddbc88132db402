/** A platform and a team's stack on it, each made from its template by the real `pulumi new`, from empty folders to nothing left. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { templates } from "../committed";
import { Stand, type Ended } from "./stand";

interface StateResource {
  readonly urn: string;
  readonly type: string;
}

/** In the order in which things happen to a platform: each test goes on where the one before it ended. */
describe("projects from the templates", function () {
  this.timeout(300_000);
  this.bail(true);

  let stand: Stand;
  let platform: string;
  let team: string;
  let answers: Readonly<Record<string, string>>;
  const said: string[] = [];

  before(async () => {
    stand = await Stand.start();
    answers = {
      ...stand.configuration(),
      project: "Platform",
      createProject: "true",
      subscriptionName: "Contoso",
      location: "westeurope",
      registryName: "contosowheelhouse",
      "upstreams[0].name": "Public",
      "upstreams[0].location": "http://127.0.0.1:9/simple/",
      "upstreams[0].kind": "public",
    };
  });
  after(async () => {
    await stand.close();
  });

  const told = (ended: Ended): Ended => {
    said.push(ended.output);
    return ended;
  };
  const run = async (folder: string, ...args: string[]): Promise<Ended> => told(await stand.pulumi(folder, ...args));
  const command = async (folder: string, name: string, ...args: string[]): Promise<Ended> =>
    told(await stand.command(name, args, folder));
  const successful = ({ code, output }: Ended): string => {
    assert.equal(code, 0, output);
    return output;
  };
  const succeed = async (folder: string, ...args: string[]): Promise<string> => successful(await run(folder, ...args));
  /** With a preview first, and the template's policies over both. */
  const up = async (folder: string): Promise<void> => {
    const output = await succeed(folder, "up", "--yes", "--policy-pack", "policy");
    assert.match(output, /Policies:\n {4}✅ wheelhouse@v0\.1\.0 \(local: policy\)/);
    assert.doesNotMatch(output, /\[(mandatory|advisory)\]/);
    assert.match(output, /Resources:\n {4}\+ \d+ created\n/);
  };
  const settled = async (folder: string): Promise<void> => {
    await succeed(folder, "preview", "--expect-no-changes");
  };
  const flags = (option: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([key, value]) => [option, `${key}=${value}`]);
  const resources = async (folder: string): Promise<readonly StateResource[]> => {
    const state = JSON.parse(await succeed(folder, "stack", "export")) as {
      deployment: { resources?: StateResource[] };
    };
    return state.deployment.resources ?? [];
  };
  const file = async (path: string, repository = "wheelhouse"): Promise<string> => {
    const where = `Platform/_apis/git/repositories/${repository}/items?path=/${path}&api-version=7.1`;
    const answer = await stand.ask(where);
    assert.equal(answer.status, 200, `${path}: ${answer.statusText}`);
    return answer.text();
  };
  const pipelines = async (): Promise<readonly string[]> => {
    const answer = await stand.ask("Platform/_apis/build/definitions?api-version=7.1");
    const { value } = (await answer.json()) as { value: { name: string; path: string }[] };
    return value.map(({ name, path }) => `${path}\\${name}`).sort();
  };
  const noTrace = /\n\s+at .*\.[jt]s:\d+|error serializing/;

  it("makes a platform's project, with its packages and its answers", async () => {
    platform = stand.project("platform", "platform");
    const given = ["--yes", "--stack", "production", "--config-path", ...flags("--config", answers)];
    await succeed(platform, "new", join(templates, "platform"), "--force", ...given);
    const written = readFileSync(join(platform, "Pulumi.yaml"), "utf8");
    assert.match(written, /^name: wheelhouse$/m);
    assert.doesNotMatch(written, /^template:/m);
    // What nobody answered is what the template proposes.
    assert.match(readFileSync(join(platform, "Pulumi.production.yaml"), "utf8"), /wheelhouse:feedName: python/);
    assert.ok(existsSync(join(platform, "node_modules/wheelhouse/dist/components/library.js")));
  });

  it("says what is wrong with each answer in a line, and declares nothing", async () => {
    const answered = join(platform, "Pulumi.production.yaml");
    const right = readFileSync(answered, "utf8");
    stand.write(
      answered,
      right
        .replace("registryName: contosowheelhouse", "registryName: contoso-wheelhöuse")
        .replace("project: Platform", "project: Plat/form"),
    );
    try {
      const [types, { code, output }] = await Promise.all([
        // Beside it, since it takes its time: the programs are checked with the package's declarations.
        command(platform, "npm", "run", "--silent", "types"),
        run(platform, "preview"),
      ]);
      successful(types);
      assert.notEqual(code, 0);
      assert.match(output, /config wheelhouse:registryName {2}"contoso-wheelhöuse"/);
      assert.match(output, /config wheelhouse:project {2}"Plat\/form"/);
      assert.match(output, /set it with: pulumi config set wheelhouse:registryName/);
      assert.doesNotMatch(output, noTrace);
      assert.deepEqual(await resources(platform), []);
    } finally {
      stand.write(answered, right);
    }
    successful(await command(platform, "npx", "--no-install", "wheelhouse", "check"));
  });

  it("brings the platform up, and finds none of its policies violated", async () => {
    await up(platform);
    assert.deepEqual(await pipelines(), ["\\wheelhouse\\hello", "\\wheelhouse\\python-web"]);
  });

  it("gives the starter's repository the pipeline that the starter of an application has", async () => {
    const starter = readFileSync(join(templates, "application/azure-pipelines.yml"), "utf8");
    assert.equal(await file("azure-pipelines.yml", "hello"), starter);
  });

  it("puts out what teams need, without a secret", async () => {
    const shown = await succeed(platform, "stack", "output", "shared", "--json");
    assert.equal((JSON.parse(shown) as { stack: string }).stack, "organization/wheelhouse/production");
    assert.doesNotMatch(shown, /\[secret\]/);
  });

  it("makes a team's project", async () => {
    team = stand.project("payments", "team");
    await succeed(
      team,
      "new",
      join(templates, "team"),
      "--yes",
      "--force",
      "--generate-only",
      "--description",
      "Payments",
    );
    assert.match(readFileSync(join(team, "Pulumi.yaml"), "utf8"), /^name: payments\ndescription: Payments$/m);
    stand.sharePackages(platform, team);
    await succeed(team, "stack", "init", "production");
    const { "azuredevops:orgServiceUrl": address = "" } = answers;
    const asked = {
      "azuredevops:orgServiceUrl": address,
      platformStack: "organization/wheelhouse/production",
      team: "payments",
      createTeams: "true",
    };
    await succeed(team, "config", "set-all", ...flags("--plaintext", asked));
    successful(await command(team, "npx", "--no-install", "wheelhouse", "check"));
  });

  it("refuses what the platform has already, and base images that it does not have, before anything is declared", async () => {
    const app = join(team, "apps/greetings.yaml");
    const before = readFileSync(app, "utf8");
    const wrong = join(team, "apps/hello.yaml");
    stand.change(app, (text) => text.replace("python-web", "python-wbe"));
    stand.write(wrong, "name: hello\nbaseImage: python-web\n");
    try {
      const { code, output } = await run(team, "preview");
      assert.notEqual(code, 0);
      assert.match(
        output,
        /application greetings {2}baseImage: the platform stack organization\/wheelhouse\/production has no base image python-wbe\n +did you mean python-web\? it has python-web/,
      );
      assert.match(output, /application hello {2}name: "hello" is already an application of the platform stack/);
      assert.doesNotMatch(output, noTrace);
      assert.deepEqual(await resources(team), []);
    } finally {
      stand.write(app, before);
      rmSync(wrong);
    }
  });

  it("brings the team's applications up on the platform of the other stack", async () => {
    await up(team);
    assert.deepEqual(await pipelines(), ["\\wheelhouse\\greetings", "\\wheelhouse\\hello", "\\wheelhouse\\python-web"]);
  });

  it("has the team's recipe beside the platform's, and the team's pipeline in a repository of its own", async () => {
    const recipe = JSON.parse(await file("apps/greetings/docker-bake.json")) as Record<
      string,
      { name?: string; base?: string }
    >;
    assert.equal(recipe["x-wheelhouse"]?.name, "greetings");
    assert.equal(recipe["x-wheelhouse"].base, "python-web");
    assert.match(await file("apps/greetings/Dockerfile"), /^FROM runtime-image AS image-greetings-hello$/m);
    assert.match(await file("azure-pipelines.yml", "greetings"), /name: Platform\/wheelhouse/);
  });

  it("declares nothing of the platform in the team's stack", async () => {
    const types = new Set((await resources(team)).map(({ type }) => type));
    for (const type of types) assert.doesNotMatch(type, /^azure-native:|:Feed$|ServiceEndpoint|BuildFolder|:Project$/);
    assert.ok(types.has("pulumi:pulumi:StackReference"));
  });

  it("changes nothing the second time, neither for the team nor for the platform that it has joined", async () => {
    await Promise.all([settled(platform), settled(team)]);
  });

  it("refuses an application of the platform that a team's stack has, and leaves the team's recipe as it is", async () => {
    const before = await file("apps/greetings/Dockerfile");
    const taken = join(platform, "apps/greetings.yaml");
    stand.write(taken, "name: greetings\nbaseImage: python-web\nrepository: { create: greetings-of-the-platform }\n");
    const { code, output } = await run(platform, "up", "--yes", "--skip-preview");
    rmSync(taken);
    assert.notEqual(code, 0);
    assert.match(output, /a build definition named "greetings" exists already/);
    assert.equal(await file("apps/greetings/Dockerfile"), before);
  });

  it("goes down in order, and leaves the team its repository", async () => {
    await succeed(team, "destroy", "--yes", "--skip-preview");
    assert.deepEqual(await pipelines(), ["\\wheelhouse\\hello", "\\wheelhouse\\python-web"]);
    assert.match(await file("azure-pipelines.yml", "greetings"), /name: Platform\/wheelhouse/);
    await succeed(platform, "state", "unprotect", "--all", "--yes");
    await succeed(platform, "destroy", "--yes", "--skip-preview");
    assert.deepEqual(await resources(platform), []);
  });

  it("says no secret anywhere", () => {
    for (const text of said) for (const secret of stand.secretTexts) assert.ok(!text.includes(secret));
  });
});
