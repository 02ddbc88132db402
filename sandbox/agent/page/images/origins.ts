/** Tells whose a layer is and what an image is for: by the names that repositories have and by the images that have the layer. */
import { builderRepository, dependencyRepository, runtimeRepository } from "../../../../spec";
import { labels, labelsOf, type ImageRole, type LayerOrigin, type RawImage, type RawPlatform } from "./model";

const suffixes = {
  packages: dependencyRepository({ name: "" }),
  runtime: runtimeRepository({ name: "" }),
  builder: builderRepository({ name: "" }),
} as const;

/** Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Pulling manifests". */
const repositoryName = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** A repository in this registry, and the digest of an image in it. */
export interface BaseReference {
  readonly repository: string;
  readonly digest: string;
}

/** The image that another one says it was made on; nothing where it is in another registry, or where the label is none. */
export function baseOf({ configuration }: RawPlatform, host: string): BaseReference | undefined {
  const said = labelsOf(configuration);
  const [name, digest] = [said[labels.baseName], said[labels.baseDigest]];
  const prefix = `${host}/`;
  if (name?.startsWith(prefix) !== true || digest === undefined || !/^sha256:[0-9a-f]{64}$/.test(digest)) return;
  const repository = name.slice(prefix.length).replace(/[:@].*$/, "");
  return repositoryName.test(repository) ? { repository, digest } : undefined;
}

/** What the repositories of one registry are for. */
export class Roles {
  private readonly names: ReadonlySet<string>;
  private readonly upstream: ReadonlySet<string>;
  private readonly applications: readonly string[];

  /** @param images All that are in the registry. */
  public constructor(images: readonly RawImage[], host: string) {
    this.names = new Set(images.map(({ repository }) => repository));
    const ofBases = images.filter(({ repository }) => this.isBase(repository));
    const below = ofBases.flatMap(({ platforms }) => platforms.map((platform) => baseOf(platform, host)?.repository));
    this.upstream = new Set(below.filter((repository) => repository !== undefined));
    this.applications = [...this.names]
      .filter((name) => name.endsWith(suffixes.packages))
      .map((name) => name.slice(0, -suffixes.packages.length));
  }

  public of(repository: string, hasPlatforms: boolean): ImageRole {
    if (!hasPlatforms) return "cache";
    for (const role of ["packages", "runtime", "builder"] as const) {
      if (repository.endsWith(suffixes[role])) return role;
    }
    if (this.isBase(repository)) return "base";
    return this.upstream.has(repository) ? "upstream" : "application";
  }

  /** Whether it is an image of an application whose packages are images of their own. */
  public hasOwnPackages(repository: string): boolean {
    return this.applications.some((name) => repository === name || repository.startsWith(`${name}-`));
  }

  /** Each base image has a builder beside it. */
  private isBase(repository: string): boolean {
    return this.names.has(repository + suffixes.builder);
  }
}

/** The first of these that has a layer owns it. */
const owners: readonly (readonly [ImageRole, LayerOrigin])[] = [
  ["upstream", "upstream"],
  ["base", "base"],
  ["builder", "base"],
  ["packages", "packages"],
  // Beside the dependency image's layer it has those of system packages that the application wants for itself.
  ["runtime", "packages"],
];

export class Origins {
  private readonly byLayer = new Map<string, LayerOrigin>();

  /** @param images All of the registry, and those without a tag that others were made on. */
  public constructor(
    images: readonly RawImage[],
    private readonly roles: Roles,
  ) {
    for (const [role, origin] of owners) {
      for (const { repository, platforms } of images) {
        if (roles.of(repository, platforms.length > 0) !== role) continue;
        for (const { digest } of platforms.flatMap(({ layers }) => layers)) {
          if (!this.byLayer.has(digest)) this.byLayer.set(digest, origin);
        }
      }
    }
  }

  public of(repository: string, layer: string): LayerOrigin {
    return this.byLayer.get(layer) ?? (this.roles.hasOwnPackages(repository) ? "source" : "application");
  }
}
