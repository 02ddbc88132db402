/** What no file can tell alone: names that clash, base images that are not there, Python versions that differ. */
import type { Checked } from "./check";
import type { YamlFile } from "./document";
import { builderRepository, dependencyRepository, imageName, runtimeRepository, upstreamImageOf } from "./images";
import type { App, BaseImage, Settings } from "./model";
import { suggest } from "./nearest";
import { unknownIndexes } from "./package-indexes";
import type { Problem } from "./problem";
import { quote } from "./rule";
import type { PropertyPath } from "./yaml-forms";

/** Something that must be there once: where it was said, and what it is called. */
interface Claim {
  readonly yaml: YamlFile;
  readonly path: PropertyPath;
  readonly name: string;
  /** What has the name, in words. */
  readonly what: string;
  /** Claims of one owner never clash with each other. */
  readonly owner: string;
}

/** Characters of an image's name with its registry that Docker and the registries take. */
const LONGEST_IMAGE = 255;

/** Problems between files. Looks at what was written too, so that a file with problems of its own still counts. */
export function crossReferences(
  baseImages: readonly Checked<BaseImage>[],
  apps: readonly Checked<App>[],
  settings?: Settings,
): Problem[] {
  const bases = baseImages.map(({ yaml }) => yaml);
  const applications = apps.map(({ yaml }) => yaml);
  return [
    ...clashes([...bases.flatMap(baseImageImages), ...applications.flatMap(appImageClaims)], "registry"),
    ...clashes(applications.flatMap(repositoryClaims), "project"),
    ...applications.flatMap((yaml) => baseImageOf(yaml, baseImages)),
    ...(settings === undefined
      ? []
      : [
          ...baseImages.flatMap((base) => mirroredUpstream(base, settings)),
          ...applications.flatMap((yaml) => [
            ...platformRepositories(yaml, settings),
            ...unknownIndexes(yaml, settings),
          ]),
        ]),
  ];
}

/** The platform's mirror goes before an upstream image's name, and both together must still be a name. */
function mirroredUpstream({ yaml, spec }: Checked<BaseImage>, settings: Settings): Problem[] {
  const image = spec === undefined ? "" : upstreamImageOf(spec, settings).slice(0, -`:${spec.tag}`.length);
  return image.length <= LONGEST_IMAGE
    ? []
    : [
        yaml.at(
          ["upstream"],
          `with wheelhouse:upstreamRegistry before it, it has ${image.length} characters`,
          `use a shorter path in either: at most ${LONGEST_IMAGE} characters together`,
        ),
      ];
}

function stringAt(yaml: YamlFile, ...path: readonly string[]): string | undefined {
  let value: unknown = yaml.value;
  for (const part of path) {
    value = typeof value === "object" && value !== null ? Reflect.get(value, part) : undefined;
  }
  return typeof value === "string" ? value : undefined;
}

function baseImageImages(yaml: YamlFile): Claim[] {
  const name = stringAt(yaml, "name");
  if (name === undefined) {
    return [];
  }
  const claim = (image: string, what: string): Claim => ({ yaml, path: ["name"], name: image, what, owner: yaml.file });
  return [claim(name, `base image ${name}`), claim(builderRepository({ name }), `the builder of base image ${name}`)];
}

function appImageClaims(yaml: YamlFile): Claim[] {
  const name = stringAt(yaml, "name");
  if (name === undefined) {
    return [];
  }
  const claim = (path: PropertyPath, image: string, what: string): Claim => ({
    yaml,
    path,
    name: image,
    what,
    owner: yaml.file,
  });
  const written = yaml.value?.scripts;
  const scripts: readonly unknown[] = Array.isArray(written) ? written : [];
  return [
    claim(["name"], name, `application ${name}`),
    claim(["name"], dependencyRepository({ name }), `the dependency image of ${name}`),
    claim(["name"], runtimeRepository({ name }), `the run-time image of ${name}`),
    ...scripts.flatMap((script, index) =>
      typeof script === "string"
        ? [claim(["scripts", index], imageName(name, script), `the image of script ${script} of ${name}`)]
        : [],
    ),
    ...ownScriptClashes(yaml, name, scripts),
  ];
}

/** A script whose image would be named as the application's own dependency or run-time image. */
function ownScriptClashes(yaml: YamlFile, name: string, scripts: readonly unknown[]): Claim[] {
  const own = [dependencyRepository({ name }), runtimeRepository({ name })];
  return scripts.flatMap((script, index) => {
    const image = typeof script === "string" ? imageName(name, script) : "";
    return own.includes(image)
      ? [
          {
            yaml,
            path: ["scripts", index],
            name: image,
            what: `the image of script ${String(script)}`,
            owner: `${yaml.file} scripts`,
          },
        ]
      : [];
  });
}

function repositoryClaims(yaml: YamlFile): Claim[] {
  const app = stringAt(yaml, "name");
  if (app === undefined) {
    return [];
  }
  const { path, name, pipelineFile } = repositoryOf(yaml, app);
  const key = pipelineFile === undefined ? name : `${name} with ${pipelineFile}`;
  return [{ yaml, path, name: key, what: `the repository of ${app}`, owner: yaml.file }];
}

function repositoryOf(
  yaml: YamlFile,
  app: string,
): { path: PropertyPath; name: string; pipelineFile: string | undefined } {
  const created = stringAt(yaml, "repository", "create");
  const existing = stringAt(yaml, "repository", "existing") ?? stringAt(yaml, "repository");
  if (existing !== undefined) {
    const path = stringAt(yaml, "repository") === undefined ? ["repository", "existing"] : ["repository"];
    return {
      path,
      name: existing,
      pipelineFile: stringAt(yaml, "repository", "pipelineFile") ?? "azure-pipelines.yml",
    };
  }
  return {
    path: created === undefined ? ["name"] : ["repository", "create"],
    name: created ?? app,
    pipelineFile: undefined,
  };
}

/** Names are compared without letter case, as Azure does. The later of two claims is the mistake. */
function clashes(claims: readonly Claim[], where: "registry" | "project"): Problem[] {
  const first = new Map<string, Claim>();
  const problems: Problem[] = [];
  for (const claim of claims) {
    const key = claim.name.toLowerCase();
    const other = first.get(key);
    if (other === undefined) {
      first.set(key, claim);
    } else if (other.owner !== claim.owner) {
      problems.push(claim.yaml.at(claim.path, ...clash(claim, other, where)));
    }
  }
  return problems;
}

function clash(claim: Claim, other: Claim, where: "registry" | "project"): [string, string] {
  const { line, column } = other.yaml.at(other.path, "", "");
  const place = `${other.yaml.file}:${line}:${column}`;
  return where === "registry"
    ? [
        `${quote(claim.name)} is already ${other.what}, and both would be one image in the registry`,
        `choose another name; the other one is at ${place}`,
      ]
    : [
        `${quote(claim.name)} is already ${other.what}`,
        `choose another repository, or another pipelineFile in the same one; the other one is at ${place}`,
      ];
}

function baseImageOf(yaml: YamlFile, bases: readonly Checked<BaseImage>[]): Problem[] {
  const wanted = stringAt(yaml, "baseImage");
  if (wanted === undefined) {
    return [];
  }
  const base = bases.find((candidate) => nameOf(candidate) === wanted);
  if (base === undefined) {
    const known = bases.flatMap((candidate) => nameOf(candidate) ?? []);
    const mend = known.length === 0 ? "make one: base-images/<name>/base-image.yaml" : suggest(wanted, known);
    return [yaml.at(["baseImage"], `${quote(wanted)} is not a base image`, mend)];
  }
  return [...samePython(yaml, base.yaml, wanted), ...sameUser(yaml, base.yaml, wanted)];
}

/** The name as written; where the file cannot be read, the folder's, so that only the file is told as wrong. */
function nameOf(base: Checked<BaseImage>): string | undefined {
  return base.yaml.value === undefined ? base.expectedName : stringAt(base.yaml, "name");
}

function samePython(yaml: YamlFile, base: YamlFile, name: string): Problem[] {
  const wanted = stringAt(yaml, "python");
  const has = stringAt(base, "python");
  return wanted === undefined || has === undefined || wanted === has
    ? []
    : [
        yaml.at(
          ["python"],
          `${quote(wanted)} is not the Python version of base image ${name}, ${quote(has)}`,
          "take the line out, or take another base image",
        ),
      ];
}

/** The last stage of an image runs nothing, so no user can be made in it. */
function sameUser(yaml: YamlFile, base: YamlFile, name: string): Problem[] {
  const wanted = stringAt(yaml, "user");
  const has = stringAt(base, "user") ?? "app";
  return wanted === undefined || wanted === has || /^[0-9]+$/.test(wanted)
    ? []
    : [
        yaml.at(
          ["user"],
          `${quote(wanted)} is not the user of base image ${name}, ${quote(has)}`,
          `write user: ${has}, or a number in quotes such as "1000"`,
        ),
      ];
}

function platformRepositories(yaml: YamlFile, settings: Settings): Problem[] {
  const app = stringAt(yaml, "name");
  const own = [settings.templateRepository, settings.platformRepository].map((name) => name?.toLowerCase());
  if (app === undefined || !own.includes(repositoryOf(yaml, app).name.toLowerCase())) {
    return [];
  }
  const { path, name } = repositoryOf(yaml, app);
  return [yaml.at(path, `${quote(name)} is the platform's own repository`, "choose another repository")];
}
