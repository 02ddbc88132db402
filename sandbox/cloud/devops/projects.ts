/** Projects with what the service puts into each, their features and the settings of their pipelines. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { newGuid, type Entity, type Reference } from "../state";
import { provisionQueues } from "./agents";
import { addMembers, putBuiltInGroup } from "./groups";
import { descriptor, putBuildService, requireOwner, requireProject } from "./identities";
import { checkName } from "./names";
import { createRepository, repositoryNamed } from "./repositories";
import { tokens } from "./tokens";

const features = z.partialRecord(
  z.enum(["boards", "repositories", "pipelines", "testplans", "artifacts"]),
  z.enum(["enabled", "disabled"]),
);
const everyFeature = {
  boards: "enabled",
  repositories: "enabled",
  pipelines: "enabled",
  testplans: "enabled",
  artifacts: "enabled",
};

/** Process templates of a new organization; the ids are the service's own and the same everywhere. */
const processes: Readonly<Record<string, string>> = {
  agile: "adcc42ab-9882-485e-a3ed-7678f01f66bc",
  basic: "b8a3a935-7e91-48b8-a94c-606d37c3e9f2",
  cmmi: "27450541-8e31-4150-9947-dc59f998fc01",
  scrum: "6b724908-ef14-45cf-84f8-768b5384da45",
};

const inputs = z.looseObject({
  name: z.string(),
  description: z.string().default(""),
  visibility: z.enum(["private", "public"]).default("private"),
  versionControl: z.enum(["Git", "Tfvc"]).default("Git"),
  workItemTemplate: z.string().default("Agile"),
  features: z.record(z.string(), z.string()).optional(),
});

const record = recordKind<z.infer<typeof inputs>>({
  token: tokens.project,
  called: "project",
  inputs,
  key: (project) => project.name.toLowerCase(),
  check(project, _cloud, current) {
    checkName("project", project.name);
    if (!Object.hasOwn(processes, project.workItemTemplate.toLowerCase())) {
      throw invalid("ProcessNotFound", `VS402374: there is no process template named "${project.workItemTemplate}"`);
    }
    if (current !== undefined && text(current, "versionControl") !== project.versionControl) {
      throw invalid("ProjectUpdateInvalid", "the kind of version control of a project cannot be changed");
    }
    if (project.features !== undefined && !features.safeParse(project.features).success) {
      throw invalid(
        "FeatureInvalid",
        "features are boards, repositories, pipelines, testplans and artifacts, each enabled or disabled",
      );
    }
  },
  duplicate: (project) =>
    conflict("ProjectAlreadyExists", `TF200019: a project named "${project.name}" exists already in this organization`),
  computed: (project, _cloud, _id, current) => ({
    processTemplateId: processes[project.workItemTemplate.toLowerCase()],
    features: { ...(current?.properties.features ?? everyFeature), ...project.features },
  }),
});

/** Projects. A new one gets its groups, its default team, its build account, its agent queues and a repository of its name. */
export const project: Kind = {
  ...record,
  async create(cloud, properties) {
    const shown = await record.create(cloud, properties);
    await furnish(cloud, shown.id);
    return (await record.read(cloud, shown.id)) ?? shown;
  },
  async delete(cloud, id) {
    const repositories = cloud.state.list(tokens.git).filter((entity) => text(entity, "projectId") === id);
    await record.delete(cloud, id);
    repositories.forEach((entity) => cloud.repositories.remove(entity.id));
  },
};

/** Puts into a project what the service puts into each. It may be repeated, so an interrupted creation can be ended later. */
export async function furnish(cloud: Cloud, id: string): Promise<void> {
  const entity = requireProject(cloud, id);
  if (entity.hidden?.furnished === true) {
    return;
  }
  const scope: Reference = { token: tokens.project, id };
  const name = text(entity, "name");
  const everyone = putBuiltInGroup(cloud, "Project Valid Users", scope);
  for (const groupName of [
    "Build Administrators",
    "Contributors",
    "Endpoint Administrators",
    "Endpoint Creators",
    "Readers",
  ]) {
    putBuiltInGroup(cloud, groupName, scope);
  }
  const administrators = putBuiltInGroup(cloud, "Project Administrators", scope);
  addMembers(cloud, administrators.id, [text(requireOwner(cloud), "descriptor")]);
  addMembers(cloud, everyone.id, [administrators.id]);
  putBuildService(cloud, entity);
  const defaultTeamId = putDefaultTeam(cloud, entity);
  provisionQueues(cloud, id);
  if (text(entity, "versionControl") === "Git" && repositoryNamed(cloud, id, name) === undefined) {
    await createRepository(cloud, {
      projectId: id,
      name,
      disabled: false,
      initialization: { initType: "Uninitialized" },
    });
  }
  cloud.state.put({ ...requireProject(cloud, id), hidden: { ...entity.hidden, defaultTeamId, furnished: true } });
}

function putDefaultTeam(cloud: Cloud, entity: Entity): string {
  const name = `${text(entity, "name")} Team`;
  const key = `${entity.id}/${name.toLowerCase()}`;
  const existing = cloud.state.byKey(tokens.team, key);
  if (existing !== undefined) {
    return existing.id;
  }
  const id = newGuid();
  const properties = {
    projectId: entity.id,
    name,
    description: "The default project team.",
    descriptor: descriptor("vssgp", id),
    administrators: [],
    members: [],
  };
  cloud.state.put({ token: tokens.team, id, key, within: [{ token: tokens.project, id: entity.id }], properties });
  return id;
}
