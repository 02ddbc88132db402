/** The labels that Docker@2 puts on images (its docker-common package, "pipelineutils" and "containerimageutils"). */
import type { TaskHost } from "./task";

const always = { common: ["system.teamfoundationcollectionuri"], build: ["build.sourceversion"] };
const ofPipeline = {
  common: ["system.teamproject", "build.repository.name"],
  build: [
    ...["build.repository.uri", "build.sourcebranchname", "build.definitionname", "build.buildnumber"],
    "build.builduri",
  ],
};

/** `name=value`, each for a variable that has a value. */
export function pipelineLabels(host: TaskHost, addPipelineData: boolean): string[] {
  const collection = host.variable("System.TeamFoundationCollectionUri");
  if (collection === undefined || collection === "") return [];
  const prefix = new URL(collection).hostname.split(".").toReversed().join(".");
  const names = [
    ...always.common,
    ...(addPipelineData ? ofPipeline.common : []),
    ...always.build,
    ...(addPipelineData ? ofPipeline.build : []),
  ];
  return names.flatMap((name) => {
    const value = host.variable(name);
    return value === undefined || value === "" ? [] : [`${prefix}.image.${name}=${value}`];
  });
}

export interface BaseImage {
  /** In small letters, without a digest. */
  readonly name: string;
  /** As the Dockerfile has it, without `sha256:`. */
  readonly digest: string | undefined;
}

/** The image that the last stage of a Dockerfile begins with; nothing where that depends on an argument. */
export function baseImageOf(dockerfile: string): BaseImage | undefined {
  const aliases = new Map<string, string>();
  let base = "";
  for (const line of dockerfile.split(/[\r\n]+/).map((each) => each.trim())) {
    if (!line.toUpperCase().startsWith("FROM")) continue;
    const [given = "", alias] = line.slice("FROM".length).toLowerCase().split(" as ");
    base = aliases.get(given.trim()) ?? given.trim();
    if (alias !== undefined) aliases.set(alias.trim(), base);
  }
  if (base === "" || base.includes("$")) return undefined;
  const [name = "", digest] = base.split("@");
  return { name, digest: digest?.split(":")[1] };
}
