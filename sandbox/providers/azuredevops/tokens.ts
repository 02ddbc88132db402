/** Type tokens of the azuredevops provider, and facts that several of its resources share. */
import type { Autonaming, ImportForm } from "../rules";

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

/** Most resources are imported as `<project>/<id>`, where the project may be a name. */
export const projectQualified: ImportForm = { pattern: /^[^/]+\/[^/].*$/, form: "<project>/<id>" };

/** As {@link projectQualified}, but organization-wide resources go without a project. */
export const maybeProjectQualified: ImportForm = {
  pattern: /^([^/]+\/)?[^/]+$/,
  form: "<project>/<id>, or <id> in the organization",
};

/** What a permission may be; the service compares without regard to case. */
export const permissionStates = ["Allow", "Deny", "NotSet", "allow", "deny", "notset"];
