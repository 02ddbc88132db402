/** The stand-in of the docker provider: facts of its schema, rules, and the image store in a daemon's place. */
import { fileURLToPath } from "node:url";
import { loopbackAddress, requireKey } from "../configuration";
import type { ProviderDefinition } from "../rules";
import type { Schema } from "../schema";
import { parseRegistryAuth } from "./credentials";
import { DockerImages } from "./images";
import { rules } from "./rules";
import reduced from "./schema.json";

const schema = reduced as unknown as Schema;
const environment = { host: "DOCKER_HOST" };

export const docker: ProviderDefinition = {
  schema,
  rules,
  service: "Docker",
  environment,
  deleteBeforeReplace: "sameGivenName",
  zeroIsAbsent: true,
  connect(configuration) {
    const auths = parseRegistryAuth(configuration.registryAuth);
    for (const { address } of auths) {
      loopbackAddress(/^https?:\/\//.test(address) ? address : `https://${address}`, "docker:registryAuth.address");
    }
    return new DockerImages(storeFolder(requireKey({ schema, environment }, configuration, "host")), auths);
  },
};

function storeFolder(host: string): string {
  try {
    return fileURLToPath(host);
  } catch (cause) {
    throw new Error(
      `docker:host is "${host}": the sandbox has no Docker daemon; name the folder of its images, file:///…, ` +
        "or take the sandbox's folder of plugins from PATH to use the published provider",
      { cause },
    );
  }
}
