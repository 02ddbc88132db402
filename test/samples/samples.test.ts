import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { parse } from "smol-toml";

import { run, type RunResult } from "../../sandbox/process.mjs";
import {
  applicationsFolder,
  FeedRefused,
  packagesFolder,
  publishSamplePackages,
  samplePackages,
} from "../../sandbox/samples/publish";
import { machineIndex } from "../../sandbox/services/feed/machine-index";
import { surveyTools } from "../../sandbox/toolchain/index.mjs";
import { loadApps, loadBaseImages } from "../../spec";
import { lintDockerfile } from "../../tools/lint";

const repository = join(__dirname, "../..");
const applications = readdirSync(applicationsFolder).sort();
const apps = loadApps(join(repository, "apps"));

interface Project {
  project: {
    name: string;
    dependencies?: string[];
    scripts?: Record<string, string>;
    "optional-dependencies"?: Record<string, string[]>;
  };
}

const projectOf = (application: string): Project =>
  parse(readFileSync(join(applicationsFolder, application, "pyproject.toml"), "utf8")) as unknown as Project;

function requirementsFile(application: string): string {
  return existsSync(join(applicationsFolder, application, "requirements.txt")) ? "requirements.txt" : "pyproject.toml";
}

/** What an application asks for, by name, from whichever file says it. */
function requirementsOf(application: string): string[] {
  const file = requirementsFile(application);
  const lines = file.endsWith(".txt")
    ? readFileSync(join(applicationsFolder, application, file), "utf8").split("\n")
    : [projectOf(application).project].flatMap((project) => [
        ...(project.dependencies ?? []),
        ...Object.values(project["optional-dependencies"] ?? {}).flat(),
      ]);
  const names = lines.map((line) => /^[A-Za-z0-9-]+(?![A-Za-z0-9-]*\[)/.exec(line.trim())?.[0] ?? "");
  return [...new Set(names.filter((name) => name !== "" && name !== application))].sort();
}

describe("the samples", () => {
  it("are one repository for each application of apps/, with tests of its own", () => {
    deepStrictEqual(applications, apps.map((app) => app.name).sort());
    for (const application of applications) {
      ok(readdirSync(join(applicationsFolder, application, "tests")).some((file) => /^test_.*\.py$/.test(file)));
    }
  });

  it("have the files, scripts and extras that their specs name", () => {
    for (const app of apps) {
      const folder = join(applicationsFolder, app.name);
      const files = [app.dockerfile ?? app.requirements, app.systemPackages, app.lock].filter(
        (file) => file !== undefined,
      );
      for (const file of files) ok(existsSync(join(folder, file)), `${app.name}: ${file}`);
      if (app.scripts.length === 0) continue;
      const { project } = projectOf(app.name);
      for (const script of app.scripts) ok(project.scripts?.[script] !== undefined, `${app.name}: ${script}`);
      for (const extra of Object.values(app.extras).flat()) {
        ok(project["optional-dependencies"]?.[extra] !== undefined, `${app.name}: ${extra}`);
      }
    }
  });

  it("need private packages and public ones, and every private one is needed by a sample", () => {
    const own = samplePackages().map(({ name }) => name);
    const needed = new Set<string>();
    for (const application of applications) {
      const names = requirementsOf(application);
      const mine = names.filter((name) => own.includes(name));
      ok(mine.length > 0 && mine.length < names.length, `${application} needs ${names.join(", ")}`);
      for (const name of mine) needed.add(name);
      deepStrictEqual(
        names.filter((name) => name.startsWith("contoso-") && !own.includes(name)),
        [],
      );
    }
    deepStrictEqual([...needed].sort(), own);
  });

  it("take what is heavy from their base image", () => {
    const heavy = ["numpy", "pandas", "fastapi", "uvicorn", "pydantic"];
    const bases = loadBaseImages(join(repository, "base-images"));
    for (const app of apps) {
      const base = bases.find(({ name }) => name === app.baseImage)!;
      const has = base.requirements.split("\n").map((line) => /^[a-z0-9-]+/.exec(line)?.[0]);
      for (const name of requirementsOf(app.name).filter((wanted) => heavy.includes(wanted))) {
        ok(has.includes(name), `${base.name} has no ${name}`);
      }
    }
  });

  it("bring a Dockerfile in which the linter finds nothing", () => {
    const file = join(applicationsFolder, "legacy", "Dockerfile");
    deepStrictEqual(lintDockerfile(readFileSync(file, "utf8"), { file }), []);
  });
});

describe("the samples' own tests", function () {
  this.timeout(300_000);
  let folder = "";
  let python = "";
  let environment: NodeJS.ProcessEnv = {};
  let thumbnail: string | undefined;

  before(async function () {
    const tools = await surveyTools();
    const places = ["python", "uv"].map((name) => tools.find((tool) => tool.name === name));
    const missing = places.find((place) => place !== undefined && "refused" in place);
    if (missing !== undefined && "refused" in missing) {
      console.log(`      not run: ${missing.name}: ${missing.refused}`);
      this.skip();
    }
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-samples-"));
    const found = places.flatMap((place) => (place !== undefined && "folder" in place ? [place.folder] : []));
    const { address, authorization } = await machineIndex(process.env);
    environment = {
      ...process.env,
      PATH: [...found, process.env.PATH ?? ""].join(delimiter),
      PYTHONDONTWRITEBYTECODE: "1",
      // uv does not read pip's settings, by which this machine may say where packages come from.
      ...(authorization === undefined ? { UV_DEFAULT_INDEX: process.env.UV_DEFAULT_INDEX ?? address } : {}),
      SSL_CERT_FILE: process.env.SSL_CERT_FILE ?? process.env.PIP_CERT,
      NODE_V8_COVERAGE: undefined,
    };
    // Copies: building and testing leaves files beside the sources.
    cpSync(packagesFolder, join(folder, "packages"), { recursive: true });
    cpSync(applicationsFolder, join(folder, "applications"), { recursive: true });
    thumbnail = await whyNoThumbnail(environment, folder);
    const packages = samplePackages().filter(({ name }) => name !== "contoso-thumbnail" || thumbnail === undefined);
    const compiled = applications.filter((name) => requirementsOf(name).includes("contoso-thumbnail"));
    const requirements = applications
      .filter((name) => thumbnail === undefined || !compiled.includes(name))
      .flatMap((name) => ["-r", join(folder, "applications", name, requirementsFile(name))]);
    python = join(folder, "environment/bin/python");
    await run("uv", ["venv", "--quiet", "--python", "python3", join(folder, "environment")], { env: environment });
    const local = packages.map(({ name }) => join(folder, "packages", name));
    const words = ["pip", "install", "--quiet", "--python", python, "--all-extras", ...requirements, "httpx", ...local];
    await run("uv", words, { env: environment, timeoutSeconds: 240 });
  });

  after(() => {
    if (folder !== "") rmSync(folder, { recursive: true, force: true });
  });

  async function unittest(place: string): Promise<RunResult> {
    const cwd = join(folder, place);
    const source = existsSync(join(cwd, "src")) && place.startsWith("applications") ? join(cwd, "src") : cwd;
    const args = ["-W", "error::ResourceWarning", "-m", "unittest", "discover", "-s", "tests", "-t", "."];
    return run(python, args, {
      cwd,
      env: { ...environment, PYTHONPATH: source },
      timeoutSeconds: 120,
      allowFailure: true,
    });
  }

  async function passes(place: string): Promise<void> {
    const { code, output, errors } = await unittest(place);
    strictEqual(code, 0, `${output}${errors}`);
    const [, count] = /^Ran (\d+) tests? in/m.exec(errors) ?? [];
    ok(Number(count) > 3, `only ${count ?? "no"} tests ran:\n${errors}`);
  }

  for (const { name } of samplePackages()) {
    it(`of the private package ${name} pass`, async function () {
      if (name === "contoso-thumbnail" && thumbnail !== undefined) {
        console.log(`      not run: ${thumbnail}`);
        this.skip();
      }
      await passes(`packages/${name}`);
    });
  }

  for (const application of applications) {
    it(`of the application ${application} pass`, async function () {
      if (requirementsOf(application).includes("contoso-thumbnail") && thumbnail !== undefined) {
        console.log(`      not run: ${thumbnail}`);
        this.skip();
      }
      await passes(`applications/${application}`);
    });
  }

  it("would fail if the samples were wrong", async () => {
    const broken = join(folder, "applications/forecast/forecast/smoothing.py");
    const source = readFileSync(broken, "utf8");
    writeFileSync(broken, source.replace("steps * trend[best]", "0 * trend[best]"));
    try {
      strictEqual((await unittest("applications/forecast")).code, 1);
    } finally {
      writeFileSync(broken, source);
    }
  });

  it("are of code that this Python can compile, every file", async () => {
    const cache = { ...environment, PYTHONDONTWRITEBYTECODE: undefined, PYTHONPYCACHEPREFIX: join(folder, "cache") };
    const args = ["-W", "error", "-m", "compileall", "-q", join(folder, "applications"), join(folder, "packages")];
    await run(python, args, { env: cache });
  });
});

/** The thumbnail package wants a compiler, Python's headers and libjpeg's. */
async function whyNoThumbnail(environment: NodeJS.ProcessEnv, folder: string): Promise<string | undefined> {
  const script = [
    'include="$(python3 -c "import sysconfig; print(sysconfig.get_path(\'include\'))")"',
    `printf '#include <Python.h>\\n#include <stdio.h>\\n#include <jpeglib.h>\\nint main(void) { return 0; }\\n' > "$0/probe.c"`,
    'cc -I"$include" "$0/probe.c" -ljpeg -o "$0/probe"',
  ].join("\n");
  const probe = await run("sh", ["-ec", script, folder], { env: environment, allowFailure: true, timeoutSeconds: 60 });
  return probe.code === 0 ? undefined : "there is no C compiler with the headers of Python and libjpeg here";
}

describe("publishing the samples' packages", () => {
  let server: Server;
  let asked: { url: string; authorization: string | undefined }[];
  let status: number;
  let body: string;
  let address: string;

  beforeEach(async () => {
    asked = [];
    server = createServer((request, response) => {
      asked.push({ url: request.url ?? "", authorization: request.headers.authorization });
      response.writeHead(status, { "content-type": "text/html" }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  const publish = (environment: NodeJS.ProcessEnv): Promise<string[]> =>
    publishSamplePackages({
      uploadUrl: `${address}/upload/`,
      indexUrl: `${address}/simple/`,
      token: "secret",
      environment,
    });

  it("builds and sends nothing that the feed has already", async () => {
    status = 200;
    const files = samplePackages().flatMap((sample) => sample.files);
    body = files.map((file) => `<a href="../${file}#sha256=0">${file}</a><br>`).join("\n");
    deepStrictEqual(await publish({ PATH: "/nowhere" }), []);
    deepStrictEqual(
      asked.map(({ url }) => url),
      samplePackages().map(({ name }) => `/simple/${name}/`),
    );
    strictEqual(asked[0]!.authorization, `Basic ${Buffer.from("publisher:secret").toString("base64")}`);
  });

  it("is refused before anything is built where the token is no good", async () => {
    status = 401;
    body = "";
    await rejects(publish({ PATH: "/nowhere" }), (error: unknown) => {
      ok(error instanceof FeedRefused);
      ok(!error.message.includes("secret"));
      return true;
    });
    strictEqual(asked.length, 1);
  });
});
