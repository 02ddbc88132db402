/** Tasks of a container registry: what it runs by itself, such as a purge each night. */
import { z } from "zod";
import { invalid, missing } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import type { Cloud } from "../cloud";
import type { Entity } from "../state";
import { registryId } from "./registry";
import { alreadyThere, byId, checkForm, idOf, regionOf, requireGroup, systemData, tokens } from "./resource-manager";

const inputs = z.looseObject({
  resourceGroupName: z.string(),
  registryName: z.string(),
  taskName: z.string(),
  location: z.string().optional(),
  status: z.string().default("Enabled"),
  timeout: z.number().int().default(3600),
  isSystemTask: z.boolean().default(false),
  platform: z.looseObject({ os: z.string(), architecture: z.string().default("amd64") }).optional(),
  step: z.looseObject({ type: z.string(), encodedTaskContent: z.string().optional() }).optional(),
  trigger: z
    .looseObject({ timerTriggers: z.array(z.looseObject({ name: z.string(), schedule: z.string() })).optional() })
    .optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

type Task = z.infer<typeof inputs>;

function requireRegistry(cloud: Cloud, { resourceGroupName, registryName }: Task): Entity {
  requireGroup(cloud, resourceGroupName);
  const found = byId(cloud, tokens.registry, registryId(cloud, resourceGroupName, registryName));
  if (found === undefined) {
    throw missing(
      "ParentResourceNotFound",
      `the resource group ${resourceGroupName} has no container registry ${registryName}`,
    );
  }
  return found;
}

function check(task: Task, cloud: Cloud): void {
  requireRegistry(cloud, task);
  checkForm("task", task.taskName, /^[a-zA-Z0-9-_]{5,50}$/, "has 5 to 50 letters, digits, - and _");
  if (!["enabled", "disabled"].includes(task.status.toLowerCase())) {
    throw invalid("InvalidTaskStatus", `status is Enabled or Disabled, and not "${task.status}"`);
  }
  if (task.timeout < 300 || task.timeout > 28_800) {
    throw invalid("InvalidTimeout", `timeout lies between 300 and 28800 seconds, and ${task.timeout} does not`);
  }
  if (task.isSystemTask) {
    return;
  }
  if (task.step === undefined || task.platform === undefined) {
    throw invalid("InvalidTask", "a task needs a step and a platform, unless it is a system task");
  }
  if (!["Docker", "FileTask", "EncodedTask"].includes(task.step.type)) {
    throw invalid("InvalidStep", `step.type is Docker, FileTask or EncodedTask, and not "${task.step.type}"`);
  }
  if (!["Linux", "Windows"].includes(task.platform.os)) {
    throw invalid("InvalidPlatform", `platform.os is Linux or Windows, and not "${task.platform.os}"`);
  }
  if (task.step.type === "EncodedTask" && !isBase64(task.step.encodedTaskContent ?? "")) {
    throw invalid("InvalidStep", "step.encodedTaskContent is the task's YAML in Base64");
  }
  for (const { name, schedule } of task.trigger?.timerTriggers ?? []) {
    if (schedule.trim().split(/\s+/).length !== 5) {
      throw invalid(
        "InvalidTimerTrigger",
        `the schedule "${schedule}" of the timer ${name} is no cron line of five fields`,
      );
    }
  }
}

function isBase64(content: string): boolean {
  return (
    content !== "" &&
    Buffer.from(content, "base64").toString("base64").replace(/=+$/, "") === content.replace(/=+$/, "")
  );
}

/** Tasks of a registry. */
export const task: Kind = recordKind<Task>({
  token: tokens.task,
  called: "registry task",
  inputs,
  key: (wanted, cloud) => taskId(cloud, wanted).toLowerCase(),
  newId: (wanted, cloud) => taskId(cloud, wanted),
  idOf: idOf(tokens.task),
  within: (wanted, cloud) => [{ token: tokens.registry, id: requireRegistry(cloud, wanted).id }],
  check,
  duplicate: ({ taskName }) => alreadyThere(`registry task ${taskName}`),
  computed(wanted, cloud, _id, current) {
    return {
      name: wanted.taskName,
      location: regionOf(wanted.location ?? text(requireRegistry(cloud, wanted), "location")),
      creationDate: current?.properties.creationDate ?? new Date().toISOString(),
      provisioningState: "Succeeded",
      systemData: systemData(cloud, current),
      type: "Microsoft.ContainerRegistry/registries/tasks",
      azureApiVersion: "2019-06-01-preview",
    };
  },
});

function taskId(cloud: Cloud, { resourceGroupName, registryName, taskName }: Task): string {
  return `${registryId(cloud, resourceGroupName, registryName)}/tasks/${taskName}`;
}
