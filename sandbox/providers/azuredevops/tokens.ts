/** Type tokens of the azuredevops provider, and facts that several of its resources share. */
import type { Cloud } from "../cloud";
import type { Autonaming } from "../rules";

/** `Git` as `azuredevops:index/git:Git`. */
export function resourceToken(name: string): string {
  return `azuredevops:index/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`;
}

/** `getProject` as `azuredevops:index/getProject:getProject`. */
export function functionToken(name: string): string {
  return `azuredevops:index/${name}:${name}`;
}

/** The provider names whatever has a `name` and is given none: a dash and seven hexadecimal digits. */
export const named: Autonaming = { property: "name", kind: "dash", digits: 7 };

export const lowerCase = (text: string): string => text.toLowerCase();

/** Ids are imported as `<project>/<id>`, where the project may be a name. */
export async function projectQualified(id: string, cloud: Cloud): Promise<string> {
  const [project = "", ...rest] = id.split("/");
  const own = rest.join("/");
  if (project === "" || own === "") {
    throw new Error(`"${id}" is not an id to import by: write <project>/<id>`);
  }
  await projectId(project, cloud);
  return own;
}

/** The id of a project that is given by id or by name. Throws where there is none. */
export async function projectId(project: string, cloud: Cloud): Promise<string> {
  const key = /^[0-9a-f]{8}-/i.test(project) ? "projectId" : "name";
  const found = await cloud.invoke(functionToken("getProject"), { [key]: project });
  const id = found["projectId"] ?? found["id"];
  if (typeof id !== "string") {
    throw new Error(`there is no project "${project}"`);
  }
  return id;
}

/** What a permission may be; the service compares without regard to case. */
export const permissionStates = ["Allow", "Deny", "NotSet", "allow", "deny", "notset"];
