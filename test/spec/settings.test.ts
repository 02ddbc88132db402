/** Tests the platform's configuration. */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { CONFIG_KEYS, indexUrl, readSettings, SpecError } from "../../spec";
import { config, LEAST, problems, read, type Written } from "./settings";

describe("The platform's settings", () => {
  it("have defaults, and addresses from the organization's name", () => {
    deepEqual(read(), {
      organization: "contoso",
      addresses: {
        organization: "https://dev.azure.com/contoso",
        feeds: "https://feeds.dev.azure.com/contoso",
        packages: "https://pkgs.dev.azure.com/contoso",
      },
      project: "Platform",
      createProject: false,
      subscriptionName: "Production",
      location: "westeurope",
      resourceGroup: "wheelhouse",
      createResourceGroup: true,
      registry: { name: "contosoimages", sku: "Standard", untaggedRetentionDays: 7, allowedNetworks: [] },
      feed: {
        name: "python",
        scope: "project",
        upstreams: [{ name: "public index", location: "https://packages.example/simple/", kind: "public" }],
        versionsKept: 50,
        daysToKeepDownloaded: 30,
      },
      indexes: [],
      sbomGenerator: undefined,
      upstreamRegistry: undefined,
      templateRepository: "wheelhouse",
      platformRepository: undefined,
      preview: undefined,
      pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
      elasticPool: undefined,
      builder: { driver: "docker-container", image: undefined },
      timeoutMinutes: { application: 60, baseImage: 120 },
      firstRun: "queue",
      tags: {},
      protect: true,
    });
  });

  it("are read as the engine gives them: everything as text", () => {
    const settings = read({
      protect: "false",
      createProject: "true",
      untaggedRetentionDays: "30",
      registrySku: "Premium",
      allowedNetworks: ["203.0.113.0/24"],
      pool: { name: "linux" },
      tags: { owner: "platform" },
    });
    deepEqual([settings.protect, settings.createProject, settings.registry.untaggedRetentionDays], [false, true, 30]);
    deepEqual(settings.registry.allowedNetworks, ["203.0.113.0/24"]);
    deepEqual(settings.pool, { kind: "named", name: "linux", demands: [] });
    deepEqual(read({ pool: "ubuntu-22.04" }).pool, { kind: "hosted", vmImage: "ubuntu-22.04" });
  });

  it("are all told at once when missing, each with the command that sets it", () => {
    throws(
      () => readSettings(config({})),
      (error) => {
        ok(error instanceof SpecError);
        deepEqual(
          error.problems.map(({ file }) => file),
          Object.keys(LEAST)
            .map((key) => `config wheelhouse:${key}`)
            .sort(),
        );
        match(
          error.message,
          /config wheelhouse:registryName {2}is missing\n {2}set it with: pulumi config set wheelhouse:registryName …/,
        );
        return true;
      },
    );
  });

  it("are refused where Azure would refuse them", () => {
    const wrong: Written = {
      registryName: "contoso-images",
      location: "West Europe",
      resourceGroup: "rg.",
      project: "Plat/form",
      feedName: "my feed",
      organization: "con.toso",
      templateRepository: "_x",
      platformRepository: "a/b",
      registrySku: "premium",
      feedScope: "global",
      firstRun: "always",
      untaggedRetentionDays: "366",
      versionsKept: "many",
      protect: "yes",
      subscriptionName: "a\nb",
      tags: { "a<b": "c" },
      pool: "windows-latest",
      upstreams: [{ name: "x", location: "ftp://x" }],
    };
    for (const [key, value] of Object.entries(wrong)) {
      const found = problems({ [key]: value });
      deepEqual([...new Set(found.map(({ file }) => file))], [`config wheelhouse:${key}`], key);
    }
    equal(problems(wrong).length, Object.keys(wrong).length);
    match(problems({ registrySku: "premium" })[0]!.mend, /did you mean Premium\?/);
    match(problems({ location: "West Europe" })[0]!.mend, /westeurope/);
  });

  it("allow http: on the machine itself only", () => {
    equal(
      read({ organizationUrl: "http://127.0.0.1:8080/devops/contoso/" }).addresses.organization,
      "http://127.0.0.1:8080/devops/contoso",
    );
    equal(read({ feedsUrl: "http://localhost:1/feeds" }).addresses.feeds, "http://localhost:1/feeds");
    equal(read({ packagesUrl: "http://[::1]:1" }).addresses.packages, "http://[::1]:1");
    for (const url of [
      "http://dev.azure.com/x",
      "http://127.0.0.1.example.com",
      "http://localhost.example",
      "http://10.0.0.1",
      "ftp://x",
      "x",
      "https://x/?a=b",
      "https://x/#a",
      "https://u@x",
      "https://u:p@x",
      "https://x/$(y)",
      "https://x/`",
      "https://x/a b",
      "https://x/'",
      "javascript:alert",
      "https://",
    ]) {
      equal(problems({ organizationUrl: url }).length > 0, true, url);
    }
  });

  it("hold no credential, and do not show one", () => {
    const found = problems({
      upstreams: [{ name: "x", location: "https://me:swordfish@x/simple" }],
      tags: { note: "password=swordfish" },
    });
    ok(found.some(({ file, path }) => file === "config wheelhouse:tags" && path === "note"));
    ok(found.some(({ path }) => path === "[0].location"));
    ok(!JSON.stringify(found).includes("swordfish"));
  });

  it("need a Premium registry for network rules, with ranges that are ranges", () => {
    match(problems({ allowedNetworks: ["203.0.113.0/24"] })[0]!.message, /a Standard registry has no network rules/);
    for (const range of ["203.0.113.1/24", "203.0.113.0/33", "300.0.0.0/8", "::/0", "x", "1.2.3.4/", "1.2.3.4/8/8"]) {
      equal(problems({ registrySku: "Premium", allowedNetworks: [range] }).length, 1, range);
    }
  });

  it("take a mirror of the public registry: a host, with a port and a path where it has them", () => {
    for (const upstreamRegistry of [
      "contoso.azurecr.io/mirror",
      "contoso.azurecr.io",
      "127.0.0.1:41234/upstream",
      "localhost/a/b",
      "localhost:5000",
      "mirror:443/docker.io/library",
      "xn--e1afmkfd.example/a__b",
    ]) {
      equal(read({ upstreamRegistry }).upstreamRegistry, upstreamRegistry);
    }
    equal(read({ upstreamRegistry: "" }).upstreamRegistry, undefined);
  });

  it("take no mirror that could be anything else", () => {
    for (const upstreamRegistry of [
      "mirror",
      "mirror/team",
      "https://contoso.azurecr.io",
      "contoso.azurecr.io/mirror/",
      "contoso.azurecr.io//mirror",
      "contoso.azurecr.io/mirror:latest",
      `contoso.azurecr.io/mirror@sha256:${"0a".repeat(32)}`,
      "Contoso.azurecr.io",
      "contoso.azurecr.io/Mirror",
      "contoso..io/a",
      "contoso-.io/a",
      ".contoso.io",
      "contoso.io.",
      "contoso.io:0/a",
      "contoso.io:65536",
      "contoso.io:99999/a",
      "contoso.io:a/b",
      ":5000/a",
      "-contoso.io",
      "a b.io",
      "contoso.io/${x}",
      "contoso.io/$(x)",
      "contoso.io/a\nb",
      "contoso.io/../a",
      "me@contoso.io",
      `contoso.io/${"a".repeat(200)}`,
    ]) {
      match(problems({ upstreamRegistry })[0]?.message ?? "", /is not a registry|is an address/, upstreamRegistry);
    }
    equal(problems({ upstreamRegistry: "me:swordfish@contoso.io" }).length > 0, true);
    match(problems({ upstreamRegistry: "https://contoso.azurecr.io" })[0]!.mend, /host alone.*pulumi config set/);
  });

  it("keep the program and what it renders in two repositories", () => {
    match(problems({ platformRepository: "Wheelhouse" })[0]!.message, /it is the template repository/);
    equal(read({ platformRepository: "platform" }).platformRepository, "platform");
    equal(read({ platformRepository: "", tags: "" }).platformRepository, undefined);
  });

  it("are told when a structure is no JSON", () => {
    const found = problems({ upstreams: "[{" });
    deepEqual(
      found.map(({ file, message }) => `${file} ${message}`),
      ["config wheelhouse:upstreams it is not valid JSON"],
    );
  });

  it("refuse keys of the namespace that are not known, where the keys are given", () => {
    const [problem, ...more] = problems({}, ["wheelhouse:registyName", "wheelhouse:project", "azure-native:location"]);
    deepEqual(more, []);
    match(problem!.mend, /did you mean registryName\?.*pulumi config rm wheelhouse:registyName/);
    deepEqual(
      problems(
        {},
        Object.keys(CONFIG_KEYS).map((key) => `wheelhouse:${key}`),
      ),
      [],
    );
  });

  it("give the index's address without credentials, inside the project or not", () => {
    equal(indexUrl(read()), "https://pkgs.dev.azure.com/contoso/Platform/_packaging/python/pypi/simple/");
    equal(
      indexUrl(read({ feedScope: "organization" })),
      "https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/",
    );
    equal(
      indexUrl(read({ project: "My (new) Project!" })),
      "https://pkgs.dev.azure.com/contoso/My%20%28new%29%20Project%21/_packaging/python/pypi/simple/",
    );
  });
});
