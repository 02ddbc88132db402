/** The recipe of a base image: a builder, in which packages are installed and compiled, and the image to run on. */
import { createHash } from "node:crypto";
import { builderRepository, upstreamImageOf, type BaseImage, type RenderedFile } from "../spec";
import { bakeText, literal, type BakeFile, type BakeTarget } from "./bake";
import { dockerfile, environment, run, user } from "./dockerfile";
import { explanation } from "./explanation";
import { baseImageFacts } from "./facts";
import { feedOnly, type RecipeSettings } from "./further-indexes";
import {
  baseLock,
  createUser,
  environmentFolder,
  explanationFile,
  fileMount,
  installBasePackages,
  installSystemPackages,
  installTools,
  keepLock,
  netrcMount,
  toolsFolder,
  userNumber,
} from "./install";
import { baseImageRecipeFolder } from "./names";
import { toolRequirements } from "./tools";
import {
  commitEpoch,
  generatorVariable,
  imageOutput,
  netrcSecret,
  publishedAttestations,
  runLabels,
  variables,
} from "./variables";

const bindepFile = "/run/bindep.txt";

/**
 * `base-images/<name>/` with Dockerfile, docker-bake.json, requirements.in and, where the base image has one, bindep.txt.
 * @param settings the platform's scanner for lists of software, and its mirror of the public registry. Default: neither.
 * @throws RecipeError for a value that no quoting can carry.
 */
export function renderBaseImageRecipe(base: BaseImage, settings: RecipeSettings = feedOnly): RenderedFile[] {
  const folder = baseImageRecipeFolder(base.name);
  const files: RenderedFile[] = [
    { path: `${folder}/Dockerfile`, content: baseDockerfile(base) },
    {
      path: `${folder}/docker-bake.json`,
      content: bakeText(tellingItsHash(base, baseBakeFile(base, folder, settings))),
    },
    { path: `${folder}/requirements.in`, content: endedLine(base.requirements) },
  ];
  if (base.systemPackages !== undefined) {
    files.push({ path: `${folder}/bindep.txt`, content: endedLine(base.systemPackages) });
  }
  return files;
}

/** Label of both images: what they were made by, whatever was installed. A daily run compares it with the recipe's own. */
const recipeLabel = "wheelhouse.recipe.sha256";

/** The bake file with the recipe's hash among its labels. The requirements are no part of it: their lock is compared itself. */
function tellingItsHash(base: BaseImage, file: BakeFile): BakeFile {
  const text = JSON.stringify([baseDockerfile(base), base.systemPackages ?? null, file]);
  const hash = createHash("sha256").update(text).digest("hex");
  const target = Object.entries(file.target).map(
    ([name, one]) => [name, { ...one, labels: { ...one.labels, [recipeLabel]: hash } }] as const,
  );
  return { ...file, target: Object.fromEntries(target) };
}

function endedLine(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

function baseDockerfile(base: BaseImage): string {
  const lock = "/run/requirements.txt";
  const lockMount = fileMount("lock", "lock", "requirements.txt", lock);
  const bindepMount = `type=bind,source=bindep.txt,target=${bindepFile}`;
  const builder = [
    "FROM upstream AS builder",
    `COPY --link <<"TOOLS" ${toolsFolder}/tools.txt`,
    toolRequirements(),
    "TOOLS",
    `COPY --link <<"EXPLANATION" ${explanationFile}`,
    explanation,
    "EXPLANATION",
    "ARG INDEX_URL",
    run([netrcMount], installTools(base.python)),
    ...(base.systemPackages === undefined ? [] : [run([bindepMount], installSystemPackages(bindepFile, ["compile"]))]),
    run([netrcMount, lockMount], installBasePackages(lock)),
    run([lockMount], keepLock(lock)),
  ];
  const runtime = [
    "FROM upstream AS runtime",
    ...(base.systemPackages === undefined
      ? []
      : [
          run(
            [bindepMount, `type=bind,from=builder-image,source=${toolsFolder},target=${toolsFolder}`],
            installSystemPackages(bindepFile, []),
          ),
        ]),
    run([], createUser(base.user, userNumber)),
    `COPY --link --from=builder-image ${environmentFolder}/ ${environmentFolder}/`,
    `ENV PATH=${environmentFolder}/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1`,
    ...environment(base.env),
    // Made here: in an application's last stage it would be a layer on the base, for which the base is pulled.
    "WORKDIR /app",
    `COPY --link --from=builder-image ${baseLock} ${baseLock}`,
    user(String(userNumber)),
  ];
  return dockerfile(
    [
      `Rendered by Wheelhouse from base-images/${base.name}/base-image.yaml; change that file, not this one.`,
      `Applications install their packages in the builder. Both images end with their lock, ${baseLock}.`,
    ],
    [builder, runtime],
  );
}

function baseBakeFile(base: BaseImage, folder: string, settings: RecipeSettings): BakeFile {
  const shared = {
    context: folder,
    dockerfile: "Dockerfile",
    platforms: base.platforms,
    // A refresh is only built when something is new, and must then see the newest system packages.
    "no-cache": true,
  };
  const upstream = upstreamImageOf(base, settings);
  const contexts = { upstream: "docker-image://${UPSTREAM}@${UPSTREAM_DIGEST}" };
  const labels = {
    "org.opencontainers.image.title": literal(base.name),
    ...(base.description === undefined ? {} : { "org.opencontainers.image.description": literal(base.description) }),
    ...runLabels,
    "wheelhouse.lock.sha256": "${LOCK_HASH}",
    "org.opencontainers.image.base.name": "${UPSTREAM}",
    "org.opencontainers.image.base.digest": "${UPSTREAM_DIGEST}",
  };
  const builder: BakeTarget = {
    description: "Python, compilers and bindep: applications install their packages in it",
    ...shared,
    target: "builder",
    contexts: { ...contexts, lock: "${LOCK}" },
    args: { INDEX_URL: "${INDEX_URL}", ...commitEpoch },
    secret: [netrcSecret],
    labels,
    attest: publishedAttestations,
    // Packed in a fraction of gzip's time. BuildKit alone reads this image, and has read zstd since 0.10.
    output: [imageOutput(builderRepository(base), { compression: "zstd" })],
  };
  const runtime: BakeTarget = {
    description: "What applications run on",
    ...shared,
    target: "runtime",
    contexts: { ...contexts, "builder-image": "target:builder" },
    args: commitEpoch,
    labels,
    attest: publishedAttestations,
    output: [imageOutput(base.name)],
  };
  return {
    "//": `Rendered by Wheelhouse from base-images/${base.name}/base-image.yaml; change that file, not this one.`,
    variable: {
      UPSTREAM: {
        description: "Upstream image with its tag, or a mirror of it",
        default: literal(upstream),
      },
      UPSTREAM_DIGEST: { description: "Digest of UPSTREAM, sha256:..." },
      ...variables([
        "REGISTRY",
        "INDEX_URL",
        "LOCK",
        "SECRETS",
        "VERSION",
        "REVISION",
        "CREATED",
        "SOURCE_URL",
        "LOCK_HASH",
        "SOURCE_DATE_EPOCH",
        "PUSH",
      ]),
      ...generatorVariable(settings.sbomGenerator),
    },
    group: { default: { targets: ["builder", "runtime"] } },
    target: { builder, runtime },
    facts: baseImageFacts(base, upstream, { builder: "builder", runtime: "runtime" }),
  };
}
