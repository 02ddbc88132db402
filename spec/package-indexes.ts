/** Package indexes beside the feed, of any make: how the platform declares them, and how an application names them. */
import { z } from "zod";
import { serviceAddress } from "./addresses";
import type { YamlFile } from "./document";
import { text, uniqueList } from "./fields";
import type { PackageIndex, Settings } from "./model";
import { suggest } from "./nearest";
import type { Problem } from "./problem";
import { everyRule, quote, type Rule } from "./rule";

/** Names of secrets and variables are made of it, so it has no sign that these cannot have. */
const indexName: Rule = (written) =>
  /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(written) && written.length <= 40
    ? undefined
    : {
        message: `${quote(written)} is not a name for a package index`,
        mend: "use at most 40 lowercase letters and digits with single hyphens between them, such as nexus",
      };

const indexAddress: Rule = everyRule(serviceAddress, (written) =>
  /^https?:\/\/[^/]+\/.*[^/]\/?$/.test(written)
    ? undefined
    : {
        message: `${quote(written)} is a host, and not an index on it`,
        mend: "write the address of its simple index, such as https://packages.example.com/repository/python/simple/",
      },
);

/** Name of a service connection: at most 128 characters; a task takes a list with commas, so it has none. */
export const connectionName: Rule = (written) =>
  /^[\p{L}\p{N}](?:[\p{L}\p{N} _.()-]{0,126}[\p{L}\p{N}).])?$/u.test(written)
    ? undefined
    : {
        message: `${quote(written)} is not a name for a service connection`,
        mend: "use at most 128 letters, digits, spaces and - _ . ( )",
      };

/** One entry of `wheelhouse:indexes`. */
const packageIndex = z.strictObject({
  name: text(indexName, { description: "Name by which applications ask for it." }),
  url: text(indexAddress, { description: "Address of its simple index, without credentials." }),
  connection: text(connectionName, {
    description:
      'Service connection of the kind "Python package download" that has its credentials. Default: it wants none.',
  }).optional(),
});

/** `wheelhouse:indexes`: each name and each address once. */
export const packageIndexes = z
  .array(packageIndex)
  .max(20)
  .superRefine((entries: readonly unknown[], context) => findTwice(entries, context), {
    when: ({ value }) => Array.isArray(value),
  });

function findTwice(entries: readonly unknown[], context: z.RefinementCtx): void {
  for (const property of ["name", "url"] as const) {
    const seen = new Map<string, number>();
    entries.forEach((entry, index) => {
      const value: unknown = typeof entry === "object" && entry !== null ? Reflect.get(entry, property) : undefined;
      if (typeof value !== "string") return;
      const key = value.replace(/\/+$/, "").toLowerCase();
      const same = seen.get(key);
      if (same === undefined) seen.set(key, index);
      else {
        context.addIssue({
          code: "custom",
          path: [index, property],
          message: `${quote(value)} is the ${property} of entry ${same + 1}, too`,
          params: { mend: "take one of them out" },
        });
      }
    });
  }
}

/** The entries in the form that the other rooms read. */
export function toPackageIndexes(written: z.infer<typeof packageIndexes>): readonly PackageIndex[] {
  return written.map(({ name, url, connection }) => ({ name, url, connection }));
}

/**
 * Name of the file and of the build's secret that hold an index's address with its credentials; `undefined` where it wants
 * none. Pipelines write the file, recipes mount it.
 */
export function indexSecret({ name, connection }: PackageIndex): string | undefined {
  return connection === undefined ? undefined : `PIP_EXTRA_URL_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** `indexes` of an application. */
export const indexNames = uniqueList(
  text(indexName, { description: "Name of an index of wheelhouse:indexes.", examples: ["nexus"] }),
)
  .default([])
  .meta({
    description:
      "Compatibility mode: package indexes beside the feed, by their names in wheelhouse:indexes. Two indexes can hold packages of one name, and whoever can publish to either decides what is installed; an upstream source of the feed does not have that problem. Default: the feed alone.",
    examples: [["nexus"]],
  });

/** Names that the platform does not know. Tolerates what is not a list of names. */
export function unknownIndexes(yaml: YamlFile, settings: Pick<Settings, "indexes">): Problem[] {
  const written = yaml.value?.indexes;
  const known = settings.indexes.map(({ name }) => name);
  return (Array.isArray(written) ? written : []).flatMap((name: unknown, position) =>
    typeof name !== "string" || known.includes(name)
      ? []
      : [
          yaml.at(
            ["indexes", position],
            `${quote(name)} is not a package index of the platform`,
            known.length === 0
              ? "declare it in wheelhouse:indexes; or make it an upstream source of the feed, which is safer"
              : suggest(name, known),
          ),
        ],
  );
}
