/** Tests what a look into a team's repository finds, file by file. */
import { strict as assert } from "node:assert";
import * as path from "node:path";
import { inspectRepository, type Inspection } from "../../../tools/inspect";
import { root } from "../../rendered";
import { withFolder, type Files } from "./repository";

const look = (files: Files, name?: string): Promise<Inspection> => withFolder(files, inspectRepository, name);

const hash = `--hash=sha256:${"a".repeat(64)}`;

describe("wheelhouse inspects a repository", () => {
  it("and finds of the samples what their specifications say", async () => {
    const orders = await inspectRepository(path.join(root, "samples/applications/orders"));
    assert.equal(orders.name, "orders");
    assert.equal(orders.description, "Takes orders from the shop and works them off");
    assert.deepEqual(orders.scripts, ["orders-api", "orders-worker"]);
    assert.deepEqual(orders.extras, ["metrics", "orders_base", "orders_worker"]);
    assert.deepEqual(orders.python, { requires: ">=3.11", from: "pyproject.toml" });
    assert.equal(orders.requirements, "pyproject.toml");
    const forecast = await inspectRepository(path.join(root, "samples/applications/forecast"));
    assert.deepEqual([forecast.name, forecast.requirements], ["forecast", "requirements.txt"]);
    const imaging = await inspectRepository(path.join(root, "samples/applications/imaging"));
    assert.equal(imaging.bindep, "bindep.txt");
    const legacy = await inspectRepository(path.join(root, "samples/applications/legacy"));
    assert.deepEqual([legacy.dockerfiles, legacy.ports], [["Dockerfile"], [8081]]);
  });

  it("and reads Poetry's tables", async () => {
    const found = await look({
      "pyproject.toml": [
        "[tool.poetry]",
        'name = "Shop_Orders"',
        'description = "Orders"',
        "[tool.poetry.dependencies]",
        'python = "^3.11"',
        "[tool.poetry.scripts]",
        'orders = "orders:main"',
        "[tool.poetry.extras]",
        'http = ["httpx"]',
      ].join("\n"),
      "poetry.lock": "",
    });
    assert.equal(found.name, "shop-orders");
    assert.deepEqual(found.python, { requires: ">=3.11,<4", from: "pyproject.toml" });
    assert.deepEqual([found.scripts, found.extras], [["orders"], ["http"]]);
    assert.equal(found.requirements, "pyproject.toml");
    assert.match(found.notes.join("\n"), /poetry\.lock is in its tool's own format/);
  });

  it("and reads setup.cfg, but neither runs nor reads setup.py", async () => {
    const found = await look({
      "setup.cfg": [
        "[metadata]",
        "name = invoices",
        "description = Prints invoices",
        "[options]",
        "python_requires =",
        "    >=3.12",
        "    ,<3.13",
        "[options.entry_points]",
        "console_scripts =",
        "    # the two of them",
        "    invoices-print = invoices.print:main",
        "    invoices-mail = invoices.mail:main",
        "gui_scripts =",
        "    invoices-ui = invoices.ui:main",
        "[options.extras_require]",
        "pdf = reportlab",
      ].join("\n"),
      "setup.py": "raise SystemExit('ran')",
    });
    assert.equal(found.name, "invoices");
    assert.deepEqual(found.scripts, ["invoices-print", "invoices-mail"]);
    assert.deepEqual(found.extras, ["pdf"]);
    assert.deepEqual(found.python, { requires: ">=3.12,<3.13", minor: "3.12", from: "setup.cfg" });
    assert.equal(found.requirements, undefined);
    assert.match(found.notes.join("\n"), /setup\.py is code, and was not run/);
    assert.match(found.notes.join("\n"), /a pyproject\.toml with \[build-system\]/);
    assert.deepEqual(found.saidBy, { name: "setup.cfg", description: "setup.cfg", scripts: "setup.cfg" });
  });

  it("and takes the Python of today's image before that of developers, and says where they differ", async () => {
    const found = await look({
      Dockerfile: "ARG VERSION=3.11\nFROM python:${VERSION}-slim AS build\nFROM build\nEXPOSE 8000 9000/udp 8001/tcp",
      ".python-version": "3.12.4\n",
      "runtime.txt": "python-3.11.9",
      "pyproject.toml": '[project]\nname = "x"\nrequires-python = ">=3.10"\ndependencies = []',
    });
    assert.deepEqual(found.python, { requires: ">=3.10", minor: "3.11", from: "Dockerfile" });
    assert.deepEqual(found.ports, [8000, 8001]);
    assert.deepEqual(found.notes, [".python-version says Python 3.12, and Dockerfile says 3.11"]);
  });

  for (const [dockerfile, minor] of [
    ["FROM python:3.12", "3.12"],
    ["FROM docker.io/library/python:3.12.4-slim-bookworm@sha256:aa", "3.12"],
    ["FROM mcr.microsoft.com/devcontainers/python:1-3.12-bookworm", "3.12"],
    ["FROM mcr.microsoft.com/azure-functions/python:4-python3.11", "3.11"],
    ["FROM tiangolo/uvicorn-gunicorn-fastapi:python3.11", "3.11"],
    ["FROM python:3.10 AS build\nFROM debian:12-slim\nCOPY --from=build / /", "3.10"],
    ["ARG TAG\nFROM python:${TAG:-3.13}-slim", "3.13"],
    ["FROM python:latest", undefined],
    ["FROM ubuntu:22.04", undefined],
    ["FROM node:20.3.11", undefined],
  ] as const) {
    it(`and takes ${minor ?? "no Python"} of ${JSON.stringify(dockerfile)}`, async () => {
      assert.equal((await look({ Dockerfile: dockerfile })).python?.minor, minor);
    });
  }

  for (const [specifier, minor] of [
    ["==3.12.*", "3.12"],
    ["~=3.12.0", "3.12"],
    [">=3.11,<3.12", "3.11"],
    ["==3.11.4", "3.11"],
    [">=3.11,<3.13", undefined],
    [">=3.11", undefined],
    ["no specifier", undefined],
  ] as const) {
    it(`and takes ${minor ?? "no one version"} of requires-python = ${specifier}`, async () => {
      const { python } = await look({ "pyproject.toml": `[project]\nrequires-python = "${specifier}"` });
      assert.equal(python?.minor, minor);
    });
  }

  it("and reads the version that a pipeline sets up", async () => {
    const steps = (version: string) =>
      `steps:\n  - task: UsePythonVersion@0\n    inputs:\n      versionSpec: ${version}\n`;
    assert.equal((await look({ "azure-pipelines.yml": steps("'3.11'") })).python?.minor, "3.11");
    assert.equal((await look({ "azure-pipelines.yml": steps("3.x") })).python, undefined);
    assert.equal((await look({ "azure-pipelines.yml": steps("$(python.version)") })).python, undefined);
  });

  it("and tells a lock from a list of packages", async () => {
    const compiled = await look({
      "requirements.in": "httpx\n",
      "requirements.txt": `httpx==0.27.0 \\\n    ${hash}\n`,
      "requirements-dev.txt": `pytest==8.0.0 ${hash}\n`,
    });
    assert.deepEqual([compiled.requirements, compiled.lock], ["requirements.in", "requirements.txt"]);
    const only = await look({ "requirements.txt": `httpx==0.27.0 ${hash}\n` });
    assert.deepEqual([only.requirements, only.lock], [undefined, "requirements.txt"]);
    const exported = await look({
      "pyproject.toml": "[project]\nname='x'\ndependencies=['httpx']",
      "requirements.lock": `httpx==0.27.0 ${hash}\n`,
    });
    assert.deepEqual([exported.requirements, exported.lock], ["pyproject.toml", "requirements.lock"]);
    const loose = await look({ "requirements.txt": `httpx>=0.27 ${hash}\n`, "requirements/dev.txt": "pytest" });
    assert.deepEqual([loose.requirements, loose.lock], ["requirements.txt", undefined]);
  });

  it("and prefers the list of packages to a pyproject.toml that has none", async () => {
    const requirements = { "requirements.txt": "httpx\n" };
    const settings = await look({ ...requirements, "pyproject.toml": "[tool.black]\nline-length = 100" });
    assert.equal(settings.requirements, "requirements.txt");
    const bare = await look({ ...requirements, "pyproject.toml": "[project]\nname = 'x'" });
    assert.equal(bare.requirements, "requirements.txt");
    const dynamic = await look({
      ...requirements,
      "pyproject.toml": "[project]\ndynamic = ['dependencies', 'scripts']",
    });
    assert.equal(dynamic.requirements, "pyproject.toml");
    assert.match(dynamic.notes.join("\n"), /scripts are dynamic, and known to the build alone/);
    const backend = await look({ "pyproject.toml": "[build-system]\nrequires = ['setuptools']" });
    assert.equal(backend.requirements, "pyproject.toml");
  });

  it("and finds Dockerfiles and pipelines where teams keep them, the nearest first", async () => {
    const found = await look({
      Dockerfile: "FROM python:3.12",
      "Dockerfile.dockerignore": "*",
      "docker/worker.Dockerfile": "FROM python:3.12",
      "services/api/Containerfile": "FROM python:3.12",
      "node_modules/x/Dockerfile": "FROM node",
      ".git/Dockerfile": "FROM scratch",
      ".azuredevops/build.yml": "steps: []",
      "azure-pipelines.yml": "steps: []",
      "azure-pipelines-nightly.yaml": "steps: []",
      "ci/azure-pipelines.yml": "steps: []",
      "docker-compose.yml": "",
    });
    assert.deepEqual(found.dockerfiles, ["Dockerfile", "docker/worker.Dockerfile", "services/api/Containerfile"]);
    assert.deepEqual(found.pipelines, [
      "azure-pipelines-nightly.yaml",
      "azure-pipelines.yml",
      ".azuredevops/build.yml",
      "ci/azure-pipelines.yml",
    ]);
  });

  for (const [url, expected] of [
    ["https://contoso@dev.azure.com/contoso/My%20Shop/_git/orders", ["contoso", "My Shop", "orders"]],
    ["git@ssh.dev.azure.com:v3/contoso/Shop/orders", ["contoso", "Shop", "orders"]],
    ["https://contoso.visualstudio.com/DefaultCollection/Shop/_git/orders", ["contoso", "Shop", "orders"]],
    ["https://github.com/contoso/orders.git", undefined],
    ["https://dev.azure.com/contoso/Shop/_git/%E0%A4%A", undefined],
  ] as const) {
    it(`and takes ${expected?.join("/") ?? "nothing"} of the remote ${url}`, async () => {
      const config = `[core]\n\tbare = false\n[remote "fork"]\n\turl = https://dev.azure.com/x/y/_git/z\n[remote "origin"]\n\turl = ${url}\n`;
      const { remote } = await look({ ".git/config": config });
      assert.deepEqual(remote === undefined ? undefined : [remote.organization, remote.project, remote.name], expected);
    });
  }

  it("and names a project without one by its folder, where that can be a name", async () => {
    assert.equal((await look({}, "Shop Orders (new)")).name, "shop-orders-new");
    assert.equal((await look({}, "Größe")).name, "grosse");
    assert.equal((await look({}, "123")).name, undefined);
    assert.equal((await look({}, "con")).name, undefined);
    assert.deepEqual((await look({}, "shop")).saidBy, {});
  });

  it("and refuses what is no folder", async () => {
    await withFolder({ file: "" }, async (folder) => {
      for (const place of [path.join(folder, "file"), path.join(folder, "nowhere")]) {
        await assert.rejects(inspectRepository(place), { name: "UsageError", message: /is not a folder/ });
      }
    });
  });
});
