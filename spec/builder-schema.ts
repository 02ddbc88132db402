/** `wheelhouse:builder`: the BuildKit that builds images, by the drivers that buildx has for one. */
import { z } from "zod";
import { text } from "./fields";
import type { BuilderSettings } from "./model";
import { quote, type Rule } from "./rule";
import { taggedImage } from "./texts";

/**
 * Address of a builder that is there already: TCP with a port, or a socket of the agent's machine.
 * Source: https://docs.docker.com/build/builders/drivers/remote/
 */
const builderAddress: Rule = (written) => {
  const port = Number(/^tcp:\/\/[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?:([0-9]{1,5})$/.exec(written)?.[1]);
  const isSocket = /^unix:\/\/(?:\/[A-Za-z0-9._-]+){1,20}$/.test(written) && !/\/\.\.?(?:\/|$)/.test(written);
  return isSocket || (port >= 1 && port <= 65535)
    ? undefined
    : {
        message: `${quote(written)} is not the address of a builder`,
        mend: "write it like tcp://buildkit.example.com:1234, or unix:///run/buildkit/buildkitd.sock",
      };
};

/** Name of a secure file; it becomes a file's name on the agent. */
const secureFileName: Rule = (written) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a name for a secure file that can be used`,
        mend: "use at most 100 letters, digits and . _ -, such as buildkit-key.pem",
      };

/** Kubernetes' DNS label (RFC 1123). Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const namespaceName: Rule = (written) =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a name for a namespace`,
        mend: "use at most 63 lowercase letters, digits and hyphens, with a letter or a digit at both ends",
      };

/** Source: https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#resource-units-in-kubernetes */
const cpuAmount: Rule = (written) =>
  /^(?:[1-9][0-9]{0,5}m|(?:0\.[0-9]{0,2}[1-9]|[1-9][0-9]{0,2}(?:\.[0-9]{1,3})?))$/.test(written)
    ? undefined
    : { message: `${quote(written)} is not an amount of CPU`, mend: "write it like 2 or 500m" };

const memoryAmount: Rule = (written) =>
  /^[1-9][0-9]{0,8}(?:Mi|Gi|M|G)$/.test(written)
    ? undefined
    : { message: `${quote(written)} is not an amount of memory`, mend: "write it like 4Gi or 512Mi" };

const image = text(taggedImage, { description: "Image of BuildKit, with its tag or digest. Default: buildx's own." });

/** `pulumi config set --path` makes a number of what looks like one. */
const asText = (written: unknown): unknown => (typeof written === "number" ? String(written) : written);

const amounts = z.strictObject({
  cpu: z.preprocess(asText, text(cpuAmount, { description: "CPU." }).optional()),
  memory: text(memoryAmount, { description: "Memory." }).optional(),
});

/** One object, told apart by `driver`. */
export const builder = z
  .discriminatedUnion("driver", [
    z.strictObject({ driver: z.literal("docker-container"), image: image.optional() }),
    z.strictObject({
      driver: z.literal("remote"),
      address: text(builderAddress, { description: "Address of the BuildKit daemon." }),
      certificates: z
        .strictObject({
          ca: text(secureFileName, { description: "Secure file with the daemon's certificate authority." }),
          certificate: text(secureFileName, { description: "Secure file with the client's certificate." }),
          key: text(secureFileName, { description: "Secure file with the client's key." }),
        })
        .optional(),
    }),
    z.strictObject({
      driver: z.literal("kubernetes"),
      namespace: text(namespaceName, { description: "Namespace of the builder's pods." }).default("wheelhouse"),
      replicas: z.int().min(1).max(50).default(1),
      image: image.optional(),
      requests: amounts.default({ cpu: "1", memory: "2Gi" }),
      limits: amounts.default({}),
    }),
  ])
  .superRefine(checkCertificates, { when: ({ value }) => typeof value === "object" && value !== null });

/** Whoever reaches a daemon without them builds with it, and reads its cache. */
function checkCertificates(written: Readonly<Record<string, unknown>>, context: z.RefinementCtx): void {
  const { driver, address, certificates } = written;
  if (driver !== "remote" || typeof address !== "string") return;
  if (address.startsWith("tcp:") && certificates === undefined) {
    context.addIssue({
      code: "custom",
      path: ["certificates"],
      message: "a builder at a tcp: address wants client certificates",
      params: { mend: "name three secure files as ca, certificate and key; or take a unix: address" },
    });
  }
  if (address.startsWith("unix:") && certificates !== undefined) {
    context.addIssue({
      code: "custom",
      path: ["certificates"],
      message: "a socket of the agent's machine takes no certificates",
      params: { mend: "take them out" },
    });
  }
}

/** The builder in the form that the other rooms read. */
export function toBuilder(written: z.infer<typeof builder>): BuilderSettings {
  switch (written.driver) {
    case "docker-container":
      return { driver: written.driver, image: written.image };
    case "remote":
      return { driver: written.driver, address: written.address, certificates: written.certificates };
    case "kubernetes": {
      const { driver, namespace, replicas, image: own, requests, limits } = written;
      return { driver, namespace, replicas, image: own, requests: toAmounts(requests), limits: toAmounts(limits) };
    }
  }
}

function toAmounts({ cpu, memory }: z.infer<typeof amounts>) {
  return { cpu, memory };
}
