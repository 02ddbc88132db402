/** Judges whether this machine's agents have what a job demands of its agent. */
import { accessSync, constants, statSync } from "node:fs";
import { arch } from "node:os";
import { delimiter, join } from "node:path";

import type { ExpandedPipeline } from "../../model";

/** What an agent says of itself: names with values; a program that it has is a name, too. */
export type Capability = (name: string) => string | undefined;

/** The version of the real agent whose behaviour these agents have. */
const agentVersion = "4.261.0";

function program(name: string, environment: NodeJS.ProcessEnv): string | undefined {
  if (!/^[\w.+-]+$/.test(name)) return undefined;
  return (environment.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

/** Capabilities of the agents of this machine: those that every agent has, and the programs on its PATH. */
export function capabilitiesOf(environment: NodeJS.ProcessEnv): Capability {
  const own: ReadonlyMap<string, string> = new Map([
    ["agent.os", "Linux"],
    ["agent.osarchitecture", arch() === "arm64" ? "ARM64" : "X64"],
    ["agent.version", agentVersion],
    // A part of the agents: it is on the PATH of their jobs only.
    ["docker", "docker"],
  ]);
  return (name) => own.get(name.toLowerCase()) ?? program(name, environment);
}

/** @returns what is wrong with a demand; undefined when it is met */
function unmet(demand: string, capability: Capability): string | undefined {
  const [, name = "", operator, wanted = ""] = /^\s*(\S+?)(?:\s+-(equals|gtVersion)\s+(.+?))?\s*$/i.exec(demand) ?? [];
  if (name === "") return `"${demand}" is no demand: write a name, or a name with -equals or -gtVersion and a value`;
  const value = capability(name);
  if (value === undefined) return `no agent here has ${name}`;
  if (operator?.toLowerCase() === "equals" && value.toLowerCase() !== wanted.toLowerCase()) {
    return `${name} is ${value} on the agents here, and not ${wanted}`;
  }
  if (operator?.toLowerCase() === "gtversion" && compareVersions(value, wanted) < 0) {
    return `${name} is ${value} on the agents here, and ${wanted} or later is demanded`;
  }
  return undefined;
}

function compareVersions(one: string, other: string): number {
  const parts = (text: string): number[] => text.split(".").map((part) => Number.parseInt(part, 10) || 0);
  const [left, right] = [parts(one), parts(other)];
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What the agents lack of what the jobs of a pipeline demand. */
export function demandProblems({ jobs }: ExpandedPipeline, capability: Capability): string[] {
  return jobs.flatMap(({ name, pool }) =>
    "vmImage" in pool
      ? []
      : pool.demands.flatMap((demand) => {
          const problem = unmet(demand, capability);
          return problem === undefined
            ? []
            : [`Job ${name}: no agent found in pool ${pool.name} which satisfies the demand "${demand}": ${problem}`];
        }),
  );
}
