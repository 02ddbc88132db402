/** The bake file of an application that brings its Dockerfile: it is offered all it may want, and takes what it does. */
import type { App } from "../spec";
import type { ApplicationBase } from "./application-base";
import { literal, type BakeFile, type BakeTarget } from "./bake";
import { ownDockerfileFacts } from "./facts";
import { indexSecrets, type FurtherIndex, type RecipeSettings } from "./further-indexes";
import { baseContext, builderContext, imageGroup, imageLabels, imageVariables, renderedFrom } from "./image-target";
import type { ApplicationImage } from "./names";
import { fixedEpoch, imageOutput, netrcSecret, publishedAttestations } from "./variables";

/**
 * The feed's credentials in every form that Dockerfiles read: a netrc, a pip.conf, and the feed's address with its
 * credentials under the names that are common for it. Each is a file while a RUN asks for it, and no part of an image.
 */
const offered = [
  netrcSecret,
  "id=pip.conf,src=${SECRETS}/pip.conf",
  ...["pip_index_url", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_EXTRA_URL"].map(
    (id) => `id=${id},src=\${SECRETS}/pip_index_url`,
  ),
];

/** One image. Contexts: the application's source; `base` and `builder` for `FROM` and `COPY --from`. */
export function ownDockerfileBakeFile(
  app: App,
  base: ApplicationBase,
  dockerfile: string,
  settings: RecipeSettings,
  indexes: readonly FurtherIndex[],
): BakeFile {
  const image: ApplicationImage = { repository: app.name, target: `image-${app.name}`, script: undefined };
  const cache = `type=registry,ref=\${REGISTRY}/${app.name}-cache:${image.repository}`;
  const target: BakeTarget = {
    context: "${SOURCE}",
    dockerfile: literal(dockerfile),
    contexts: { base: baseContext(base), builder: builderContext(base) },
    // The time of the commit would be part of the key of each WORKDIR, and so of all that comes after it.
    args: { INDEX_URL: "${INDEX_URL}", ...fixedEpoch },
    secret: [...offered, ...indexSecrets(indexes)],
    labels: imageLabels(app, base, image),
    platforms: base.platforms,
    // Nobody knows what it installs, so its stages are kept, intermediate ones too.
    "cache-from": [cache],
    "cache-to": [`${cache},mode=max,image-manifest=true,oci-mediatypes=true`],
    attest: publishedAttestations,
    output: [imageOutput(image.repository, { rewrite: false })],
  };
  return {
    "//": renderedFrom(app),
    variable: imageVariables(base, settings),
    group: { [imageGroup]: { targets: [image.target] } },
    target: { [image.target]: target },
    facts: ownDockerfileFacts(app, base, dockerfile, indexes, image),
  };
}
