/** Who can be given rights: users and service identities, which the service makes itself, and how all are looked up. */
import { createHash } from "node:crypto";
import type { Cloud } from "../cloud";
import { missing } from "../errors";
import { text } from "../kind";
import { newGuid, type Entity, type Properties, type Reference } from "../state";
import { tokens } from "./tokens";

/** Name of the account that the personal access token belongs to. */
export const owner = { name: "Sandbox Owner", email: "owner@sandbox.localhost" } as const;

/** Id of the organization: made from its name, so that what is derived from it stays what it is. */
export function organizationId(cloud: Cloud): string {
  const digits = createHash("sha256").update(`${cloud.tenantId}/${cloud.organization}`).digest("hex");
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `a${digits.slice(17, 20)}`];
  return [...parts, digits.slice(20, 32)].join("-");
}

/** A subject descriptor: the kind of subject, and text that says nothing to a person. */
export function descriptor(subject: "vssgp" | "aad", id: string): string {
  return `${subject}.${Buffer.from(createHash("sha256").update(id).digest("hex").slice(0, 48)).toString("base64url")}`;
}

/** The group, team, user or service identity with this subject descriptor. */
export function subject(cloud: Cloud, wanted: string): Entity | undefined {
  return [tokens.group, tokens.team, tokens.identity, tokens.person]
    .flatMap((token) => cloud.state.list(token))
    .find((entity) => text(entity, "descriptor") === wanted);
}

/** The subject, or the service's refusal of a descriptor that it does not know. */
export function requireSubject(cloud: Cloud, wanted: string, what: string): Entity {
  const found = subject(cloud, wanted);
  if (found === undefined) {
    throw missing(
      "GraphSubjectNotFound",
      `VS860019: ${what} "${wanted}" is the descriptor of no group, team or identity here`,
    );
  }
  return found;
}

/** Name of the organization's own build account, and of a project's where one is given. */
export function buildServiceName(organization: string, project?: string): string {
  return `${project ?? "Project Collection"} Build Service (${organization})`;
}

/** Where an identity belongs: a project, or the organization. */
function place(projectId: string | undefined): readonly Reference[] {
  return projectId === undefined ? [] : [{ token: tokens.project, id: projectId }];
}

function put(cloud: Cloud, displayName: string, projectId: string | undefined, about: Properties): Entity {
  const key = `${projectId ?? ""}/${displayName.toLowerCase()}`;
  const existing = cloud.state.byKey(tokens.identity, key);
  const properties = { displayName, ...about };
  return (
    existing ?? cloud.state.put({ token: tokens.identity, id: newGuid(), key, within: place(projectId), properties })
  );
}

/** The account that runs builds, of a project or, without one, of the organization. It may be asked for again. */
export function putBuildService(cloud: Cloud, project?: Entity): Entity {
  const name = buildServiceName(cloud.organization, project === undefined ? undefined : text(project, "name"));
  const organization = organizationId(cloud);
  // The service writes both ids into the descriptor of a build account, so that programs can tell it without a look-up.
  const about = Buffer.from(`${organization}:Build:${project?.id ?? organization}`).toString("base64url");
  return put(cloud, name, project?.id, { descriptor: `svc.${about}`, subjectKind: "serviceIdentity" });
}

/** The account that every call of the sandbox is made by. */
export function requireOwner(cloud: Cloud): Entity {
  return put(cloud, owner.name, undefined, {
    descriptor: descriptor("aad", owner.email),
    subjectKind: "user",
    mail: owner.email,
  });
}

/** The project with this id, or the service's refusal. */
export function requireProject(cloud: Cloud, id: string): Entity {
  const project = cloud.state.get(tokens.project, id);
  if (project === undefined) {
    throw missing(
      "ProjectDoesNotExist",
      `TF200016: there is no project with the id ${id}; it was deleted, or the id is wrong`,
    );
  }
  return project;
}
