/** The tasks of the service that the sandbox's agent has, each as its published source behaves. */
import { azureCli } from "./azure-cli";
import { docker } from "./docker";
import { pipAuthenticate } from "./pip-authenticate";
import type { Inputs, Task } from "./task";
import { nodeTool, useNode } from "./use-node";

export type { AzureLogin, Inputs, Task, TaskHost, TaskInput, TaskProcess } from "./task";

const tasks: readonly Task[] = [pipAuthenticate, docker, azureCli, nodeTool, useNode];

/** A pipeline uses a task that the sandbox's agent does not have. */
export class UnsupportedTask extends Error {
  public constructor(name: string) {
    super(
      `the sandbox's agent does not have the task ${name}: it has ${tasks.map((task) => task.name).join(", ")}. Use a script, or run this pipeline in a real organization.`,
    );
    this.name = "UnsupportedTask";
  }
}

/** A step gives a task inputs that it does not have, or that the sandbox does not. */
export class InvalidInputs extends Error {
  public constructor(message: string) {
    super(message);
    this.name = "InvalidInputs";
  }
}

/** @param name Such as `Docker@2`, in any case. @throws UnsupportedTask */
export function findTask(name: string): Task {
  const task = tasks.find((known) => known.name.toLowerCase() === name.trim().toLowerCase());
  if (task === undefined) throw new UnsupportedTask(name);
  return task;
}

/**
 * A task's inputs with their defaults, macros replaced.
 * @throws InvalidInputs for an input that the task does not have, and for one that the sandbox does not
 */
export function readInputs(
  task: Task,
  given: Readonly<Record<string, string>>,
  replace: (text: string) => string,
): Inputs {
  const values = new Map<string, string>();
  for (const { name, default: otherwise } of task.inputs) {
    if (otherwise !== undefined) values.set(name, replace(otherwise));
  }
  for (const [key, value] of Object.entries(given)) {
    const wanted = key.trim().toLowerCase();
    const input = task.inputs.find(({ name, aliases = [] }) =>
      [name, ...aliases].some((known) => known.toLowerCase() === wanted),
    );
    if (input === undefined) {
      const known = task.inputs.map(({ name }) => name).join(", ");
      throw new InvalidInputs(`${task.name} has no input "${key}". It has: ${known}.`);
    }
    const replaced = replace(value.trim());
    if (input.notHere !== undefined && replaced !== "") {
      throw new InvalidInputs(`${task.name}: the sandbox does not have ${input.name}: ${input.notHere}.`);
    }
    values.set(input.name, replaced);
  }
  return new Map([...values].filter(([, value]) => value !== ""));
}
