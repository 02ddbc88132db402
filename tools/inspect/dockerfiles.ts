/** What a Dockerfile says of its last image: the Python that it starts from and the ports that it exposes. */
import { parseDockerfile, type Dockerfile, type Instruction, type Stage } from "../lint/dockerfile";

/** A Dockerfile's word on the image that it makes. */
export interface ImageClaims {
  /** `major.minor` of the image that its last stage is built on. */
  readonly minor: string | undefined;
  /** TCP ports. */
  readonly ports: readonly number[];
}

/** Characters up to which a Dockerfile is read: the parser takes more than linear time. */
const LARGEST = 200_000;

/** Whether a path names a Dockerfile, by the names that `docker build` and editors know. */
export function isDockerfile(relative: string): boolean {
  const name = relative.slice(relative.lastIndexOf("/") + 1);
  return /^(?:Dockerfile|Containerfile)(?:[._-][A-Za-z0-9._-]+)?$|\.dockerfile$/i.test(name) && !/ignore$/i.test(name);
}

/** Reads any text; `undefined` for one that is no Dockerfile. */
export function readImageClaims(text: string): ImageClaims | undefined {
  const dockerfile = text.length > LARGEST ? undefined : parseDockerfile(text);
  const last = dockerfile?.stages.at(-1);
  if (dockerfile === undefined || last === undefined) return undefined;
  const stages = chain(last);
  const variables = new Map([...defaults(dockerfile.global), ...defaults(stages.flatMap((one) => one.instructions))]);
  return { minor: pythonOf(dockerfile, stages, variables), ports: portsOf(stages, variables) };
}

/** A stage after those that it is built on. */
function chain(last: Stage): Stage[] {
  const stages: Stage[] = [];
  for (let stage: Stage | undefined = last; stage !== undefined && !stages.includes(stage); stage = stage.parent) {
    stages.unshift(stage);
  }
  return stages;
}

function defaults(instructions: readonly Instruction[]): [string, string][] {
  return instructions
    .filter(({ keyword }) => keyword === "ARG" || keyword === "ENV")
    .flatMap(({ properties }) => properties)
    .flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] satisfies [string, string]]));
}

/** With `$NAME`, `${NAME}` and `${NAME:-default}` replaced, once. */
function substituted(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?::?-([^}]*))?\})/g,
    (whole: string, bare?: string, braced?: string, otherwise?: string) =>
      variables.get(bare ?? braced ?? "") ?? otherwise ?? whole,
  );
}

/** Of the last stage's own beginning, or, where that says none (a slim system image), of any other stage's. */
function pythonOf(
  dockerfile: Dockerfile,
  stages: readonly Stage[],
  variables: ReadonlyMap<string, string>,
): string | undefined {
  const images = [...stages, ...dockerfile.stages].map(({ image }) => substituted(image, variables));
  for (const image of images) {
    // python:3.12-slim, devcontainers/python:1-3.12, azure-functions/python:4-python3.11
    const minor = /(?<![a-z])python[:-]?(?:[^@/a-z]*?(?<![0-9.]))?(3\.[0-9]{1,2})(?![0-9])/.exec(image)?.[1];
    if (minor !== undefined) return minor;
  }
  return undefined;
}

function portsOf(stages: readonly Stage[], variables: ReadonlyMap<string, string>): number[] {
  const words = stages
    .flatMap(({ instructions }) => instructions)
    .filter(({ keyword, onbuild }) => keyword === "EXPOSE" && !onbuild)
    .flatMap((instruction) => substituted(instruction.arguments.text, variables).trim().split(/\s+/));
  const ports = words
    .map((word) => Number(/^([0-9]{1,5})(?:\/tcp)?$/i.exec(word)?.[1] ?? "0"))
    .filter((port) => port >= 1 && port <= 65535);
  return [...new Set(ports)];
}
