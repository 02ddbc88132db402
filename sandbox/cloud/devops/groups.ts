/** Groups of the organization and of projects, and who is in them. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import { newGuid, type Entity, type Properties, type Reference } from "../state";
import { descriptor, requireSubject } from "./identities";
import { checkName } from "./names";
import { tokens } from "./tokens";

/** A group that the service makes by itself, in a project or, without one, in the organization. It may be asked for again. */
export function putBuiltInGroup(cloud: Cloud, displayName: string, scope?: Reference): Entity {
  const key = `${scope?.id ?? ""}/${displayName.toLowerCase()}`;
  const existing = cloud.state.byKey(tokens.group, key);
  if (existing !== undefined) {
    return existing;
  }
  const id = descriptor("vssgp", newGuid());
  return cloud.state.put({
    token: tokens.group,
    id,
    key,
    within: scope === undefined ? [] : [scope],
    hidden: { builtIn: true },
    properties: {
      displayName,
      description: "",
      ...(scope === undefined ? {} : { scope: scope.id }),
      descriptor: id,
      domain: groupDomain(cloud, scope?.id),
      groupId: newGuid(),
      mail: "",
      members: [],
      origin: "vsts",
      originId: newGuid(),
      subjectKind: "group",
    },
  });
}

function groupDomain(cloud: Cloud, scope: string | undefined): string {
  return scope === undefined
    ? `vstfs:///Framework/IdentityDomain/${cloud.tenantId}`
    : `vstfs:///Classification/TeamProject/${scope}`;
}

const groupInputs = z.looseObject({
  displayName: z.string().optional(),
  description: z.string().default(""),
  scope: z.string().optional(),
  mail: z.string().optional(),
  originId: z.string().optional(),
  members: z.array(z.string()).optional(),
});

type GroupInputs = z.infer<typeof groupInputs>;

function groupName(inputs: GroupInputs): string {
  return inputs.displayName ?? inputs.mail ?? inputs.originId ?? "";
}

/** Groups of the organization, and of a project where `scope` is the project's id. The id is the descriptor. */
export const group: Kind = recordKind<GroupInputs>({
  token: tokens.group,
  called: "group",
  inputs: groupInputs,
  key: (inputs) => `${inputs.scope ?? ""}/${groupName(inputs).toLowerCase()}`,
  newId: () => descriptor("vssgp", newGuid()),
  idOf: (id) => id,
  check(inputs, cloud) {
    const ways = [inputs.displayName, inputs.mail, inputs.originId].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      throw invalid("GroupNameInvalid", "a group is named by exactly one of displayName, mail and originId");
    }
    if (inputs.displayName !== undefined) {
      checkName("group", inputs.displayName);
    }
    if (inputs.scope !== undefined && cloud.state.get(tokens.project, inputs.scope) === undefined) {
      throw missing("ProjectNotFound", `TF200016: the scope ${inputs.scope} is no project`);
    }
    inputs.members?.forEach((member) => requireSubject(cloud, member, "the member"));
  },
  duplicate: (inputs) =>
    conflict("GroupCreationException", `TF50302: a group named "${groupName(inputs)}" exists already in this scope`),
  within: (inputs) => (inputs.scope === undefined ? [] : [{ token: tokens.project, id: inputs.scope }]),
  computed(inputs, cloud, id, current) {
    const originId = inputs.originId ?? (current === undefined ? newGuid() : text(current, "originId"));
    return {
      displayName: groupName(inputs),
      descriptor: id,
      domain: groupDomain(cloud, inputs.scope),
      groupId: current === undefined ? newGuid() : text(current, "groupId"),
      mail: inputs.mail ?? "",
      members: inputs.members ?? current?.properties.members ?? [],
      origin: inputs.mail === undefined && inputs.originId === undefined ? "vsts" : "aad",
      originId,
      subjectKind: "group",
    };
  },
  show(entity, cloud) {
    const scope = cloud.state.get(tokens.project, text(entity, "scope"));
    return {
      principalName: `[${scope === undefined ? cloud.organization : text(scope, "name")}]\\${text(entity, "displayName")}`,
      url: `${cloud.address()}/devops/${cloud.organization}/_apis/Graph/Groups/${entity.id}`,
    };
  },
  beforeDelete(entity) {
    if (entity.hidden?.builtIn === true) {
      throw conflict(
        "GroupDeletionException",
        `TF50618: "${text(entity, "displayName")}" is the service's own group and stays`,
      );
    }
  },
});

/** Adds members to a group outside of a resource's doing. */
export function addMembers(cloud: Cloud, groupId: string, members: readonly string[]): void {
  const entity = cloud.state.get(tokens.group, groupId);
  if (entity !== undefined) {
    const all = new Set([...memberList(entity), ...members]);
    cloud.state.put({ ...entity, properties: { ...entity.properties, members: [...all] } });
  }
}

function removeMembers(cloud: Cloud, groupId: string, members: readonly string[]): void {
  const entity = cloud.state.get(tokens.group, groupId);
  if (entity !== undefined) {
    const left = memberList(entity).filter((member) => !members.includes(member));
    cloud.state.put({ ...entity, properties: { ...entity.properties, members: left } });
  }
}

function memberList(entity: Entity): string[] {
  return z.array(z.string()).catch([]).parse(entity.properties.members);
}

const membershipInputs = z.looseObject({
  group: z.string().min(1),
  members: z.array(z.string()),
  mode: z.enum(["add", "overwrite"]).default("add"),
});

const membershipRecord = recordKind<z.infer<typeof membershipInputs>>({
  token: tokens.groupMembership,
  called: "group membership",
  inputs: membershipInputs,
  within: (inputs) => [{ token: tokens.group, id: inputs.group }],
  check(inputs, cloud) {
    if (cloud.state.get(tokens.group, inputs.group) === undefined) {
      throw missing(
        "GraphSubjectNotFound",
        `VS860016: "${inputs.group}" is no group; the service finds no container for the members`,
      );
    }
    inputs.members.forEach((member) => requireSubject(cloud, member, "the member"));
  },
});

/** Members that a resource puts into a group; with mode `overwrite` it owns the whole list. */
export const groupMembership: Kind = {
  ...membershipRecord,
  async create(cloud, inputs) {
    const shown = await membershipRecord.create(cloud, inputs);
    apply(cloud, shown.properties, []);
    return shown;
  },
  async update(cloud, id, olds, news) {
    const before = cloud.state.get(tokens.groupMembership, id);
    const shown = await membershipRecord.update(cloud, id, olds, news);
    apply(cloud, shown.properties, before === undefined ? [] : memberList(before));
    return shown;
  },
  async delete(cloud, id) {
    const before = cloud.state.get(tokens.groupMembership, id);
    await membershipRecord.delete(cloud, id);
    if (before !== undefined) {
      removeMembers(cloud, text(before, "group"), memberList(before));
    }
  },
};

function apply(cloud: Cloud, properties: Properties, before: readonly string[]): void {
  const { group: groupId, members, mode } = membershipInputs.parse(properties);
  const entity = cloud.state.get(tokens.group, groupId);
  if (entity === undefined) {
    return;
  }
  removeMembers(cloud, groupId, mode === "overwrite" ? memberList(entity) : before);
  addMembers(cloud, groupId, members);
}
