/** What AppImage declares, and what it refuses. */
import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import { AppImage, type AppImageArgs } from "../../components";
import { AppImageInputError } from "../../components/app-image-inputs";
import { digest, RecipeFolder } from "./app-image-recipes";
import { keysIn, only, record, UNKNOWN, type Declared, type Recording } from "./recording";

const image = "docker:index/registryImage:RegistryImage";
const component = "wheelhouse:index:AppImage";
const token = "a".repeat(20) + "bcdefghijklmnopqrstuvwxyz234567" + "z";

interface Build {
  readonly additionalContexts: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly secrets?: readonly Readonly<Record<string, string>>[];
  readonly [key: string]: unknown;
}

const buildOf = ({ inputs }: Declared): Build => inputs.build as Build;
const tagOf = ({ inputs }: Declared): string => String(inputs.name).replace(/^.*:/, "");

describe("AppImage", () => {
  let folder: RecipeFolder;
  beforeEach(() => {
    folder = new RecipeFolder();
    process.env.WHEELHOUSE_NETRC = "machine feed.example.net login build password one";
  });
  afterEach(() => {
    folder.remove();
    delete process.env.WHEELHOUSE_NETRC;
  });

  const declare = (args: AppImageArgs, preview = false): Promise<Recording> =>
    record(() => {
      new AppImage("web", args);
    }, preview);

  it("never changes the names of what it declares", async () => {
    const { resources } = await declare({ ...folder.base(), tags: ["latest"] });
    const parent = `${component}$`;
    deepStrictEqual(resources.map(({ urn }) => urn).sort(), [
      `${parent}docker:index/registryImage:RegistryImage::web-builder`,
      `${parent}docker:index/registryImage:RegistryImage::web-builder:latest`,
      `${parent}docker:index/registryImage:RegistryImage::web-runtime`,
      `${parent}docker:index/registryImage:RegistryImage::web-runtime:latest`,
      `${parent}docker:index/tag:Tag::web-builder:latest`,
      `${parent}docker:index/tag:Tag::web-runtime:latest`,
      `${parent}pulumi:providers:docker::web`,
      `${component}::web`,
    ]);
  });

  describe("of a base image", () => {
    it("builds the builder as the recipe says, and hides nothing in it", async () => {
      const builder = only(await declare(folder.base()), image, "web-builder");
      const { label, ...build } = buildOf(builder);
      deepStrictEqual(build, {
        builder: "wheelhouse",
        context: folder.at("base-images/python-web"),
        dockerfile: "Dockerfile",
        target: "builder",
        platform: "linux/amd64",
        provenance: "false",
        noCache: true,
        buildArgs: { INDEX_URL: "https://feed.example.net/simple/", SOURCE_DATE_EPOCH: "315532800" },
        additionalContexts: [
          `upstream=docker-image://mirror.example.net/python:3.13-slim@${digest("c")}`,
          `lock=${folder.at("locks")}`,
        ],
        secrets: [{ id: "netrc", env: "WHEELHOUSE_NETRC" }],
      });
      strictEqual(label?.["org.opencontainers.image.base.digest"], digest("c"));
      match(label["wheelhouse.lock.sha256"] ?? "", /^[0-9a-f]{64}$/);
      ok(!("org.opencontainers.image.revision" in label), "a label without a value is left out");
      strictEqual(builder.inputs.keepRemotely, true);
      match(String(builder.inputs.name), /^registry\.example\.net\/python-web-builder:bootstrap-[0-9a-f]{16}$/);
      deepStrictEqual(Object.keys(builder.inputs.triggers as object).sort(), ["lock", "recipe"]);
      deepStrictEqual(
        keysIn(builder.inputs).filter((key) => /auth|password|username|configFile|buildLogFile/i.test(key)),
        [],
      );
    });

    it("builds the image to run on from the builder's digest, after it, without the secret", async () => {
      const runtime = only(await declare(folder.base()), image, "web-runtime");
      const { additionalContexts, ...build } = buildOf(runtime);
      strictEqual(
        additionalContexts.at(-1),
        "builder-image=docker-image://registry.example.net/python-web-builder@sha256:of-web-builder",
      );
      ok(runtime.dependsOn.includes(`${image} web-builder`));
      ok(!("secrets" in build));
      ok(!("INDEX_URL" in (build.buildArgs as object)));
    });

    it("uses docker's own log-in for the registry", async () => {
      const { inputs } = only(await declare(folder.base()), "pulumi:providers:docker");
      deepStrictEqual(inputs, { registryAuth: JSON.stringify([{ address: "registry.example.net" }]) });
    });

    it("tells the provider where a registry of this machine speaks plain HTTP", async () => {
      const { inputs } = only(
        await declare({ ...folder.base(), registry: "127.0.0.1:5000" }),
        "pulumi:providers:docker",
      );
      deepStrictEqual(inputs, { registryAuth: JSON.stringify([{ address: "http://127.0.0.1:5000" }]) });
    });

    it("gives further tags to what was pushed, and keeps it in the registry", async () => {
      const recording = await declare({ ...folder.base(), tags: ["latest"] });
      const runtime = only(recording, image, "web-runtime");
      deepStrictEqual(only(recording, "docker:index/tag:Tag", "web-runtime:latest").inputs, {
        sourceImage: runtime.inputs.name,
        targetImage: "registry.example.net/python-web:latest",
        tagTriggers: ["sha256:of-web-runtime"],
      });
      const latest = only(recording, image, "web-runtime:latest");
      deepStrictEqual(latest.inputs, {
        name: "registry.example.net/python-web:latest",
        keepRemotely: true,
        triggers: { image: "sha256:of-web-runtime" },
      });
      ok(latest.dependsOn.includes("docker:index/tag:Tag web-runtime:latest"));
    });

    it("tells the images by digest", async () => {
      const { outputs } = await declare(folder.base());
      deepStrictEqual(outputs.get(`${component} web`), {
        digests: { builder: "sha256:of-web-builder", runtime: "sha256:of-web-runtime" },
        images: {
          builder: "registry.example.net/python-web-builder@sha256:of-web-builder",
          runtime: "registry.example.net/python-web@sha256:of-web-runtime",
        },
      });
    });

    it("knows all but the digests in a first preview", async () => {
      const recording = await declare(folder.base(), true);
      const builder = only(recording, image, "web-builder");
      const runtime = only(recording, image, "web-runtime");
      deepStrictEqual(
        [builder, runtime].map(({ inputs }) => String(inputs.name).replace(/[0-9a-f]{16}$/, "…")),
        ["registry.example.net/python-web-builder:bootstrap-…", "registry.example.net/python-web:bootstrap-…"],
      );
      strictEqual((runtime.inputs.build as { additionalContexts: unknown }).additionalContexts, UNKNOWN);
    });
  });

  describe("of an application", () => {
    it("builds the packages once for each lock, joins them to the base, and puts the project on top", async () => {
      const recording = await declare(folder.application());
      const contexts = (name: string): readonly string[] => buildOf(only(recording, image, name)).additionalContexts;
      const registry = "registry.example.net";
      deepStrictEqual(contexts("web-dependencies-orders-api"), [
        `builder=docker-image://${registry}/python-web-builder@${digest("b")}`,
        `lock=${folder.at("locks")}/orders-api`,
      ]);
      deepStrictEqual(contexts("web-runtime-orders-api"), [
        `base=docker-image://${registry}/python-web@${digest("a")}`,
        `dependency-image=docker-image://${registry}/orders-deps@sha256:of-web-dependencies-orders-api`,
      ]);
      deepStrictEqual(contexts("web-image-orders-api"), [
        `runtime-image=docker-image://${registry}/orders-runtime@sha256:of-web-runtime-orders-api`,
        `installed-application=docker-image://${registry}/orders-application@sha256:of-web-application`,
      ]);
    });

    it("gives the secret to the stages that install, and to no other", async () => {
      const { resources } = await declare(folder.application());
      const withSecret = resources.filter((each) => each.type === image && buildOf(each).secrets !== undefined);
      deepStrictEqual(withSecret.map(({ name }) => name).sort(), [
        "web-application",
        "web-dependencies-orders-api",
        "web-dependencies-orders-worker",
      ]);
      withSecret.forEach((each) => deepStrictEqual(buildOf(each).secrets, [{ id: "netrc", src: folder.at("netrc") }]));
    });

    it("builds only what the chosen targets need", async () => {
      const { resources } = await declare({ ...folder.application(), targets: ["image-orders-worker"] });
      deepStrictEqual(
        resources
          .filter(({ type }) => type === image)
          .map(({ name }) => name)
          .sort(),
        ["web-application", "web-dependencies-orders-worker", "web-image-orders-worker", "web-runtime-orders-worker"],
      );
    });

    it("takes the project's own Dockerfile with those of the offered secrets that are named", async () => {
      const own = buildOf(only(await declare(folder.ownDockerfile()), image, "web-image-legacy"));
      strictEqual(own.context, folder.at("source"));
      strictEqual(own.dockerfile, "docker/Dockerfile");
      ok(!("target" in own));
      deepStrictEqual(own.secrets, [{ id: "PIP_EXTRA_URL", env: "EXTRA_URL" }]);
    });
  });

  describe("builds anew", () => {
    async function tags(args: AppImageArgs): Promise<Record<string, string>> {
      const { resources } = await declare(args);
      return Object.fromEntries(resources.filter(({ type }) => type === image).map((each) => [each.name, tagOf(each)]));
    }
    async function changed(args: AppImageArgs, change: () => AppImageArgs): Promise<string[]> {
      const before = await tags(args);
      const after = await tags(change());
      return Object.keys(before).filter((name) => before[name] !== after[name]);
    }
    const worker = ["web-dependencies-orders-worker", "web-runtime-orders-worker", "web-image-orders-worker"];

    it("nothing when only the secret is another one", async () => {
      const args = folder.base();
      const inputs = async (): Promise<unknown> => (await declare(args)).resources;
      const before = await inputs();
      process.env.WHEELHOUSE_NETRC = "machine feed.example.net login build password two";
      deepStrictEqual(await inputs(), before);
    });

    it("what a changed lock is part of", async () => {
      const args = folder.application();
      deepStrictEqual(
        await changed(args, () => {
          folder.write("locks/orders-worker/requirements.txt", "flask==3.1.1 --hash=sha256:01\n");
          return args;
        }),
        worker,
      );
    });

    it("what changed source is part of, but not its packages", async () => {
      const args = folder.application();
      deepStrictEqual(
        await changed(args, () => {
          folder.write("source/orders/__init__.py", "");
          return args;
        }),
        ["web-application", "web-image-orders-api", "web-image-orders-worker"],
      );
    });

    it("nothing when a file changes that the build does not see", async () => {
      const args = folder.application();
      folder.write("source/.dockerignore", "**/*.log\n");
      deepStrictEqual(
        await changed(args, () => {
          folder.write("source/logs/today.log", "something");
          return args;
        }),
        [],
      );
    });

    it("all of it when the recipe changes", async () => {
      const args = folder.base();
      deepStrictEqual(
        await changed(args, () => {
          folder.write("base-images/python-web/Dockerfile", "FROM upstream AS builder\n");
          return args;
        }),
        ["web-builder", "web-runtime"],
      );
    });

    it("what joins the base image when that is another one", async () => {
      const args = folder.application();
      const rest = [
        "web-runtime-orders-api",
        "web-runtime-orders-worker",
        "web-image-orders-api",
        "web-image-orders-worker",
      ];
      deepStrictEqual(await changed(args, () => ({ ...args, baseDigest: digest("d") })), rest);
    });
  });

  describe("refuses", () => {
    function refused(args: () => AppImageArgs, reason: RegExp, secret?: string): void {
      throws(
        () => new AppImage("web", args()),
        (error: unknown) => {
          ok(error instanceof AppImageInputError, String(error));
          match(error.message, reason);
          ok(secret === undefined || !error.message.includes(secret), "the credential is in the message");
          return true;
        },
      );
    }
    before(() => pulumi.runtime.setMocks({ newResource: () => ({ id: "x", state: {} }), call: () => ({}) }));

    it("a recipe's folder that holds none", () => {
      refused(() => ({ ...folder.base(), recipe: folder.path }), /recipe names .* no docker-bake\.json/);
    });

    it("a lock that is not there", () => {
      refused(
        () => ({ ...folder.base(), lock: folder.at("nowhere") }),
        /lock has no .*requirements\.txt: let "wheelhouse resolve"/,
      );
    });

    it("to go without what the recipe wants", () => {
      refused(
        () => ({ ...folder.base(), upstreamDigest: undefined }),
        /upstreamDigest is missing: .*\(UPSTREAM_DIGEST\)/,
      );
      refused(() => ({ ...folder.application(), baseDigest: undefined }), /baseDigest is missing/);
      refused(() => ({ ...folder.application(), source: undefined }), /source is missing/);
    });

    it("a target or a variable that the recipe does not have", () => {
      throws(
        () => new AppImage("web", { ...folder.base(), targets: ["test"] }),
        /no target "test"; it has builder, runtime/,
      );
      refused(() => ({ ...folder.base(), variables: { COLOUR: "red" } }), /variables\.COLOUR is no variable/);
      refused(() => ({ ...folder.base(), variables: { LOCK: "x" } }), /give lock in its place/);
    });

    it("to go without the source of a secret, and sources that nobody wants", () => {
      refused(() => ({ ...folder.base(), secretVariables: undefined }), /the secret "netrc" has no source/);
      refused(() => ({ ...folder.base(), secretFiles: { netrc: "/run/netrc" } }), /a variable and a file/);
      refused(
        () => ({ ...folder.base(), secretVariables: { netrc: "A", nettrc: "B" } }),
        /"nettrc" is none of the recipe's/,
      );
    });

    it("a tag that is none", () => {
      refused(() => ({ ...folder.base(), tags: ["a b"] }), /tags is not what is wanted/);
    });

    it("a source with git's own folder in it", () => {
      const args = folder.application();
      folder.write("source/.git/config", "");
      throws(() => new AppImage("web", args), /git's own folder.*add "\.git" to/);
      folder.write("source/.dockerignore", ".git\n");
      new AppImage("web", args);
    });

    const netrc = "machine feed.example.net login build password hunter2secret";
    const values: readonly [string, () => Partial<AppImageArgs>, RegExp, string][] = [
      [
        "a netrc's content for a variable's name",
        () => ({ secretVariables: { netrc } }),
        /is not the name of an env/,
        "hunter2",
      ],
      [
        "a token for a variable's name",
        () => ({ secretVariables: { netrc: token } }),
        /looks like a credential/,
        token,
      ],
      [
        "random letters for a variable's name",
        () => ({ secretVariables: { netrc: "q7w8e9r0t1y2u3i4o5p6" } }),
        /is not the name/,
        "q7w8",
      ],
      [
        "a netrc's content for a path",
        () => ({ secretVariables: {}, secretFiles: { netrc } }),
        /is not the path of a file/,
        "hunter2",
      ],
      [
        "a password in the index URL",
        () => ({ indexUrl: "https://build:hunter2@feed.example.net/simple/" }),
        /indexUrl looks like a credential/,
        "hunter2",
      ],
      [
        "a user in the index URL",
        () => ({ indexUrl: "https://hunter2@feed.example.net/simple/" }),
        /indexUrl looks like a credential/,
        "hunter2",
      ],
      [
        "a password in the registry",
        () => ({ registry: "build:hunter2@registry.example.net" }),
        /registry is not what is wanted/,
        "hunter2",
      ],
      [
        "what is no digest",
        () => ({ upstreamDigest: "latest" }),
        /upstreamDigest is not what is wanted: give a digest/,
        "x x",
      ],
      [
        "a platform that the recipe does not have",
        () => ({ platform: "linux/arm64" }),
        /give one of linux\/amd64/,
        "x x",
      ],
      ["a builder that is none", () => ({ builder: "--push" }), /builder is not what is wanted/, "x x"],
    ];
    for (const [what, parts, reason, secret] of values) {
      it(what, () => {
        refused(() => ({ ...folder.base(), ...parts() }), reason, secret);
      });
    }

    it("a credential in a variable, by name and by form", () => {
      const variables = (name: string, value: string) => () => ({ ...folder.base(), variables: { [name]: value } });
      refused(variables("SOURCE_URL", "https://build:hunter2@example.net/r"), /looks like a credential/, "hunter2");
    });
  });
});
