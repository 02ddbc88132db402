/** Images of a recipe that `pulumi up` itself builds and pushes, before any pipeline has run. */
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { buildOrder, buildTag, targetBuild, type Variables } from "./app-image-build";
import { checked, checkedInput } from "./app-image-inputs";
import {
  contextHashes,
  inputOf,
  localVariables,
  mainContext,
  readRecipe,
  registryAddress,
  requireVariables,
  type Recipe,
} from "./app-image-plan";
import { refuseUnwanted, secretSources } from "./app-image-secrets";

export interface AppImageArgs {
  /**
   * The recipe's folder, with `Dockerfile` and `docker-bake.json` as Wheelhouse renders them. Decides which resources there are, so
   * it is no `Input`. This and the other folders: best relative to the program's, so that the state is the same on every machine.
   */
  readonly recipe: string;
  /** Bake targets to build. Default: all images of the recipe. */
  readonly targets?: readonly string[] | undefined;
  /** Host of the registry, such as `contoso.azurecr.io`. `docker login` to it must have been done. */
  readonly registry: pulumi.Input<string>;
  /** The feed's simple index, without credentials. */
  readonly indexUrl: pulumi.Input<string>;
  /** Name of the buildx builder that builds. */
  readonly builder: pulumi.Input<string>;
  /** Folder of the locks, as `wheelhouse resolve` writes it. Wanted unless the Dockerfile is the team's own. */
  readonly lock?: string | undefined;
  /** Folder of the application's source. Wanted for an application. */
  readonly source?: string | undefined;
  /** Digest of the base image, `sha256:…`. Wanted for an application. */
  readonly baseDigest?: pulumi.Input<string> | undefined;
  /** Digest of the base image's builder, `sha256:…`. Wanted for an application. */
  readonly builderDigest?: pulumi.Input<string> | undefined;
  /** Upstream image with its tag, or a mirror of it. Only for a base image. Default: the recipe's. */
  readonly upstream?: pulumi.Input<string> | undefined;
  /** Digest of the upstream image, `sha256:…`. Wanted for a base image. */
  readonly upstreamDigest?: pulumi.Input<string> | undefined;
  /** Names of the environment variables that hold the build's secrets, by the secret's id: `{ netrc: "WHEELHOUSE_NETRC" }`. */
  readonly secretVariables?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /** Paths of the files that hold the build's secrets, by the secret's id. A path that changes builds anew. */
  readonly secretFiles?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  /** The one platform to build for. Default: the recipe's first. */
  readonly platform?: pulumi.Input<string> | undefined;
  /** Tags for the images beside the one that stands for their content, such as `latest`. Default: none. */
  readonly tags?: readonly string[] | undefined;
  /** Further variables of the bake file, such as `VERSION` and `REVISION`. One that changes builds anew. Default: none. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  /** File that the builder's log is added to; without one a failed build says little of why. Default: none. */
  readonly logFile?: pulumi.Input<string> | undefined;
}

/**
 * Builds a recipe's images with buildx and pushes them, right from `pulumi up`: on a developer's machine, or on the one that sets a platform up
 * and needs a first base image. It needs Docker with its own image store (not containerd's), a buildx builder, and a log-in to the registry.
 *
 * Each target of the recipe that an image needs is one `RegistryImage` with a `build`: the provider loads the image into Docker and pushes it from
 * there, so it has one platform and no attestations. What the provider remembers is the registry's image, not that of one machine's
 * Docker, which another machine's `pulumi refresh` would find missing, and build again. The tag stands for the content (recipe, lock, source, what it is based
 * on): the same content is built once, and other content is another image. A secret is named, never given; so a new one changes nothing, and
 * only a build reads it. A preview builds nothing. What is pushed stays in the registry when the resource goes.
 *
 * ```ts
 * const base = new AppImage("python-web", {
 *   recipe: "base-images/python-web",
 *   registry: registry.loginServer,
 *   indexUrl: "https://<host>/<organization>/_packaging/<feed>/pypi/simple/",
 *   builder: "wheelhouse",
 *   lock: "locks/python-web",
 *   upstreamDigest: "sha256:…",
 *   secretVariables: { netrc: "WHEELHOUSE_NETRC" },
 *   tags: ["latest"],
 * });
 * export const baseImage = base.images.runtime;
 * ```
 */
export class AppImage extends pulumi.ComponentResource {
  /** `<registry>/<repository>@<digest>` of each target that was built. */
  readonly images: Readonly<Record<string, pulumi.Output<string>>>;
  /** Digest of each target that was built, `sha256:…`. */
  readonly digests: Readonly<Record<string, pulumi.Output<string>>>;

  /**
   * @throws AppImageInputError for what is missing, has another form, or looks like a credential.
   * @throws Error for a folder that holds no recipe, no lock, or git's own folder.
   */
  constructor(name: string, args: AppImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("wheelhouse:index:AppImage", name, {}, options);
    const recipe = readRecipe(args.recipe);
    const local = localVariables(args, recipe);
    const wanted = args.targets ?? recipe.bake.group.default.targets;
    const order = buildOrder(recipe.bake, wanted, local);
    const remote = remoteVariables(args);
    order.forEach((target) =>
      requireVariables(recipe, target, new Set([...Object.keys(local), ...Object.keys(remote)])),
    );

    refuseUnwanted(args, [...new Set(order.flatMap((target) => targetBuild(recipe.bake, target, local).secrets))]);

    const registry = checkedInput(args.registry, (host) => checked("registry", "registry", host));
    const provider = new docker.Provider(
      name,
      { registryAuth: [{ address: registry.apply(registryAddress) }] },
      { parent: this },
    );
    const parent = { parent: this, provider };
    const variables = pulumi.all(remote).apply((given): Variables => ({ ...local, ...given }));
    const built: Record<string, Built> = {};
    for (const target of order) {
      built[target] = buildTarget(
        `${name}-${target}`,
        target,
        { component: this, args, recipe, local, variables, registry, built },
        parent,
      );
    }
    for (const target of wanted) {
      for (const tag of args.tags ?? []) {
        pushTag(`${name}-${target}:${checked("tags", "tag", tag)}`, tag, builtAs(built, target), parent);
      }
    }
    this.images = mapBuilt(built, ({ reference }) => reference);
    this.digests = mapBuilt(built, ({ image }) => image.sha256Digest);
    this.registerOutputs({ images: this.images, digests: this.digests });
  }
}

interface Built {
  readonly image: docker.RegistryImage;
  readonly tag: pulumi.Output<string>;
  /** With the registry's host. */
  readonly repository: pulumi.Output<string>;
  /** By digest. */
  readonly reference: pulumi.Output<string>;
}

interface Plan {
  readonly component: pulumi.Resource;
  readonly args: AppImageArgs;
  readonly recipe: Recipe;
  readonly local: Variables;
  readonly variables: pulumi.Output<Variables>;
  readonly registry: pulumi.Output<string>;
  readonly built: Readonly<Record<string, Built>>;
}

/** The values of bake's variables that another resource may give. */
function remoteVariables(args: AppImageArgs): Record<string, pulumi.Output<string>> {
  const forms = {
    REGISTRY: "registry",
    INDEX_URL: "indexUrl",
    BASE_DIGEST: "digest",
    BUILDER_DIGEST: "digest",
    UPSTREAM: "image",
    UPSTREAM_DIGEST: "digest",
  } as const;
  const entries = Object.entries(forms).flatMap(([variable, form]) => {
    const input = inputOf[variable as keyof typeof forms];
    const value = args[input];
    return value === undefined ? [] : [[variable, checkedInput(value, (text) => checked(input, form, text))] as const];
  });
  return Object.fromEntries(entries);
}

function buildTarget(name: string, target: string, plan: Plan, options: pulumi.CustomResourceOptions): Built {
  const { args, recipe, local, variables, registry, built } = plan;
  const sketch = targetBuild(recipe.bake, target, local);
  const hashes = contextHashes(recipe, sketch);
  const build = variables.apply((values) => targetBuild(recipe.bake, target, values));
  const platform = checkedInput(args.platform ?? sketch.platforms[0] ?? "", (value) =>
    checked("platform", sketch.platforms, value),
  );
  const links = Object.entries(sketch.links).map(([context, other]) => ({ context, from: builtAs(built, other) }));
  const linkTags = pulumi.all(Object.fromEntries(links.map(({ context, from }) => [context, from.tag])));
  const tag = pulumi
    .all([build, linkTags, platform])
    .apply(([own, tags, one]) => `bootstrap-${buildTag(own, hashes, tags, one)}`);
  const linked = pulumi.all(
    links.map(({ context, from }) => pulumi.interpolate`${context}=docker-image://${from.reference}`),
  );
  const repository = pulumi.interpolate`${registry}/${sketch.repository ?? `${recipe.facts.name}-${target}`}`;
  const secrets = secretSources(plan.component, args, recipe.facts.kind, sketch.secrets);
  const image = new docker.RegistryImage(
    name,
    {
      name: pulumi.interpolate`${repository}:${tag}`,
      keepRemotely: true,
      triggers: hashes,
      build: {
        builder: checkedInput(args.builder, (builder) => checked("builder", "builder", builder)),
        context: mainContext(recipe, sketch),
        dockerfile: sketch.dockerfile,
        ...(sketch.stage === undefined ? {} : { target: sketch.stage }),
        platform,
        // The provider loads the image into Docker, which takes none.
        provenance: "false",
        ...(sketch.noCache ? { noCache: true } : {}),
        buildArgs: build.args,
        additionalContexts: pulumi
          .all([build.contexts, linked])
          .apply(([own, others]) => [...Object.entries(own).map((pair) => pair.join("=")), ...others]),
        ...(Object.keys(sketch.labels).length === 0 ? {} : { label: build.labels }),
        ...(secrets.length === 0 ? {} : { secrets }),
        ...(args.logFile === undefined ? {} : { buildLogFile: args.logFile }),
      },
    },
    options,
  );
  return { image, tag, repository, reference: pulumi.interpolate`${repository}@${image.sha256Digest}` };
}

/** One more tag for an image. The provider pushes by name, so the name must be in Docker first. */
function pushTag(name: string, tag: string, { image, repository }: Built, options: pulumi.CustomResourceOptions): void {
  const triggers = { image: image.sha256Digest };
  const named = new docker.Tag(
    name,
    {
      sourceImage: image.name,
      targetImage: pulumi.interpolate`${repository}:${tag}`,
      tagTriggers: [image.sha256Digest],
    },
    options,
  );
  new docker.RegistryImage(name, { name: named.targetImage, keepRemotely: true, triggers }, options);
}

function builtAs(built: Readonly<Record<string, Built>>, target: string): Built {
  const found = built[target];
  if (found === undefined) {
    throw new Error(`AppImage: the target ${target} is not built`);
  }
  return found;
}

function mapBuilt<T>(built: Readonly<Record<string, Built>>, change: (each: Built) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(built).map(([target, each]) => [target, change(each)]));
}
