/** The plugins under the real engine, through the life of a few resources. Needs the engine on PATH. */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert";
import { setTimeout as sleep } from "node:timers/promises";
import { adoptInterrupted, findExisting } from "../../../sandbox/providers/adopt";
import { resourceToken } from "../../../sandbox/providers/azuredevops/tokens";
import { ControlServer } from "./control-server";
import { descendants, Engine, engineMissing, type Declared } from "./engine";

const git = resourceToken("Git");
const docker = resourceToken("ServiceEndpointDockerRegistry");
const group = "azure-native:resources:ResourceGroup";
const accessToken = "pat-that-nobody-may-see";
const password = "hunter2-hunter2";
const project = "0d2c5f5e-6c1c-4f5e-9a43-3f6d1f6f0001";

const repository = (args: Record<string, unknown> = {}, options?: Record<string, unknown>): Declared => ({
  token: git,
  name: "repo",
  args: { name: "wheelhouse", projectId: project, initialization: { initType: "Clean" }, ...args },
  ...(options === undefined ? {} : { options }),
});

const missing = engineMissing();
const title = "the plugins under the engine";

(missing === undefined ? describe : describe.skip)(
  missing === undefined ? title : `${title} (${missing})`,
  function () {
    this.timeout(120_000);
    let cloud: ControlServer;
    let engine: Engine;
    before(async () => {
      cloud = await new ControlServer().start();
      cloud.computed[git] = ({ name }) => ({
        remoteUrl: `https://x/${String(name)}`,
        defaultBranch: "refs/heads/main",
      });
      cloud.computed[group] = ({ resourceGroupName }) => ({ name: resourceGroupName });
      cloud.computed[docker] = () => ({ dockerPassword: undefined, authorization: { token: `user:${password}` } });
      engine = await Engine.start(cloud, accessToken);
    });
    after(async () => {
      await engine.remove();
      await cloud.close();
    });

    const up = async (): Promise<string> => engine.run("up", "--yes", "--skip-preview");
    const preview = async (): Promise<string> => engine.run("preview", "--diff");
    const others: Declared[] = [
      { token: group, name: "rg", args: { location: "westeurope" } },
      {
        token: docker,
        name: "docker",
        args: {
          projectId: project,
          serviceEndpointName: "docker",
          dockerUsername: "user",
          dockerPassword: { secret: password },
        },
      },
    ];

    /** Brings the stack to the same state, whatever a test before this one left. */
    async function begin(...resources: Declared[]): Promise<string> {
      await engine.declare(...resources);
      return up();
    }

    it("refuse a program before anything is made, with every fault at once and no secret", async () => {
      await begin();
      await engine.declare({ token: git, name: "repo", args: { nam: "x", initialization: { initTyp: "Clean" } } });
      await rejects(preview(), (error: Error) => {
        match(error.message, /property nam .*unknown property; did you mean "name"/);
        match(error.message, /initialization\.initTyp .*did you mean "initType"/);
        match(error.message, /projectId .*missing required property/);
        return true;
      });
      await engine.declare({ token: docker, name: "docker", args: { dockerPassword: { secret: [password] } } });
      await rejects(preview(), (error: Error) => {
        match(error.message, /dockerPassword: must be a text/);
        ok(!error.message.includes(password));
        return true;
      });
      strictEqual(cloud.entities.size, 0);
    });

    it("create what a program declares, once, without drift, and with no secret or credential in the state", async () => {
      await begin();
      match(await begin(repository(), ...others), /3 created/);
      strictEqual(cloud.entities.size, 3);
      const made = cloud.requests.length;
      match(await up(), /4 unchanged/);
      strictEqual(cloud.requests.length, made);
      match(await engine.run("refresh", "--yes", "--skip-preview"), /4 unchanged/);
      const state = JSON.stringify(await engine.export());
      ok(!state.includes(password));
      ok(!state.includes(accessToken));
      ok(state.includes('"dockerPassword":{"4dabf18193072939515e22adb298388d"'));
      await begin();
      strictEqual(cloud.entities.size, 0);
    });

    it("update in place, and replace where a change asks for it: the old one first, since the name is given", async () => {
      await begin(repository());
      await engine.declare(repository({ name: "renamed" }));
      match(await preview(), /~ name: "wheelhouse" => "renamed"/);
      match(await up(), /1 updated/);
      ok([...cloud.entities.values()].some(({ name }) => name === "renamed"));
      const before = cloud.requests.length;
      match(await begin(repository({ name: "renamed", projectId: `${project.slice(0, -1)}2` })), /1 replaced/);
      const verbs = cloud.requests.slice(before).map(({ verb }) => verb);
      deepStrictEqual(verbs, ["delete", "create"]);
    });

    it("find a change made behind the engine's back, and mend it unless it is to be ignored", async () => {
      await begin(repository());
      const [id, held] = [...cloud.entities].find(([, { name }]) => name === "wheelhouse")!;
      cloud.entities.set(id, { ...held, name: "tampered" });
      match(await engine.run("refresh", "--yes", "--skip-preview"), /1 updated/);
      match(await begin(repository({}, { ignoreChanges: ["name"] })), /2 unchanged/);
      await engine.declare(repository());
      match(await preview(), /~ name: "tampered" => "wheelhouse"/);
      await up();
      strictEqual(cloud.entities.get(id)?.name, "wheelhouse");
    });

    it("import what is there already, and then mend what the program describes otherwise", async () => {
      await begin();
      const initialization = { initType: "Clean" };
      cloud.entities.set("Platform/old", { name: "old", projectId: project, disabled: false, initialization });
      cloud.entities.set("Platform/other", { name: "other", projectId: project, disabled: true, initialization });
      const imported = (name: string): Declared => ({ ...repository({ name }, { import: `Platform/${name}` }), name });
      match(await begin(imported("old")), /1 imported/);
      ok((await engine.export()).deployment.resources?.some(({ id }) => id === "Platform/old") === true);
      match(await begin(imported("old"), imported("other")), /1 updated[^]*1 imported/);
      strictEqual(cloud.entities.get("Platform/other")?.disabled, false);
    });

    it("end with an engine that is killed, and what it made is found again", async function () {
      if (process.platform !== "linux") {
        this.skip();
      }
      await begin();
      let release: () => void = () => undefined;
      const created = new Promise<void>((resolve) => {
        cloud.pause = async (verb) => {
          if (verb === "create") {
            resolve();
            await new Promise<void>((go) => (release = go));
          }
        };
      });
      await engine.declare(repository({ name: "interrupted" }));
      const child = engine.spawn("up", "--yes", "--skip-preview");
      const closed = new Promise((resolve) => child.on("exit", resolve));
      await created;
      const processes = await descendants(child.pid!);
      const plugins = processes.filter(({ command }) => command.includes(".cjs"));
      strictEqual(plugins.length, 1);
      child.kill("SIGKILL");
      await closed;
      await gone(plugins.map(({ pid }) => pid));
      release();
      cloud.pause = () => Promise.resolve();
      // The engine's other processes are not the plugins' concern, but the test's to end.
      processes.filter(({ pid }) => isRunning(pid)).forEach(({ pid }) => process.kill(pid, "SIGKILL"));

      await engine.run("cancel", "--yes");
      const given = { orgServiceUrl: cloud.organizationUrl, personalAccessToken: accessToken };
      const { stack, adopted } = await adoptInterrupted(await engine.export(), (creation) =>
        findExisting(creation, given, {}),
      );
      strictEqual(adopted.length, 1);
      await engine.import(stack);
      await engine.run("refresh", "--yes", "--skip-preview");
      match(await up(), /2 unchanged/);
    });
  },
);

async function gone(pids: readonly number[]): Promise<void> {
  for (let waited = 0; pids.some(isRunning); waited += 50) {
    ok(waited < 10_000, `still running: ${pids.filter(isRunning).join(", ")}`);
    await sleep(50);
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
