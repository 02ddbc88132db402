/** Names that Azure DevOps takes and refuses, kind by kind, from its published naming restrictions. */
import { invalid } from "../errors";

interface NameRule {
  /** Most characters. */
  readonly most: number;
  /** Characters that may not be part of a name. */
  readonly forbidden: string;
  /** What a name may not start with. */
  readonly start?: string;
  /** What a name may not end with. */
  readonly end?: string;
  readonly spaces?: boolean;
  /** Whole names that the service keeps for itself, in lower case. */
  readonly reserved?: readonly string[];
  readonly code: string;
}

const reservedProjects = [
  "app_browsers", "app_code", "app_data", "app_globalresources", "app_localresources", "app_themes", "app_webresources",
  "aux", "bin", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "com10", "con", "defaultcollection",
  "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9", "nul", "prn", "server", "signalr", "web", "web.config",
]; // prettier-ignore

const rules = {
  project: {
    most: 64,
    forbidden: "\\/:*?\"<>|;#${},+=[]'&%@~`",
    start: "_.",
    end: ".",
    reserved: reservedProjects,
    code: "TF200012",
  },
  repository: { most: 64, forbidden: "\\/:~&%;@'\"?<>|#$*}{,+=[]", start: "_.", end: ".", code: "TF401025" },
  feed: {
    most: 64,
    forbidden: "@~;{}'+=,<>|/\\?:&$*\"#[]%",
    start: "_.",
    end: ".",
    spaces: false,
    code: "FeedNameInvalid",
  },
  "build definition": { most: 260, forbidden: '"/:<>\\|?*', end: ".", code: "DefinitionNameInvalid" },
  environment: { most: 128, forbidden: '"/\\[]:|<>+=;?*,', code: "EnvironmentNameInvalid" },
  "variable group": { most: 256, forbidden: "", code: "VariableGroupNameInvalid" },
  "agent pool": { most: 128, forbidden: '"/\\[]:|<>+=;?*', code: "AgentPoolNameInvalid" },
  "agent queue": { most: 128, forbidden: '"/\\[]:|<>+=;?*', code: "AgentQueueNameInvalid" },
  team: { most: 64, forbidden: "\\/:*?\"<>|;#${},+=[]'&%~`", start: "_.", end: ".", code: "TF200013" },
  group: { most: 256, forbidden: '"/\\[]:|<>+=;?*,', end: ".", code: "GroupNameInvalid" },
  "service connection": { most: 256, forbidden: "", code: "ServiceEndpointNameInvalid" },
} as const satisfies Record<string, NameRule>;

export type NamedKind = keyof typeof rules;

/** Refuses a name that the service refuses, and says which of its rules the name breaks. */
export function checkName(kind: NamedKind, name: string): void {
  const problem = problemOf(rules[kind], name);
  if (problem !== undefined) {
    throw invalid(rules[kind].code, `${rules[kind].code}: the ${kind} name "${name}" ${problem}; choose another one`);
  }
}

function problemOf(rule: NameRule, name: string): string | undefined {
  if (name.trim() === "") {
    return "is empty";
  }
  if (name.length > rule.most) {
    return `has ${name.length} characters, and ${rule.most} are allowed`;
  }
  const forbidden = [...name].find((character) => rule.forbidden.includes(character));
  if (forbidden !== undefined) {
    return `holds the character ${forbidden}`;
  }
  if (/\p{Cc}/u.test(name)) {
    return "holds a control character";
  }
  if (rule.spaces === false && /\s/.test(name)) {
    return "holds a space";
  }
  if (rule.start?.includes(name.charAt(0)) === true) {
    return `starts with ${name.charAt(0)}`;
  }
  if (rule.end?.includes(name.charAt(name.length - 1)) === true) {
    return `ends with ${name.charAt(name.length - 1)}`;
  }
  if (name !== name.trim()) {
    return "starts or ends with a space";
  }
  return rule.reserved?.includes(name.toLowerCase()) === true ? "is kept for the service itself" : undefined;
}

/** Refuses a folder of pipelines that does not start with a backslash, ends with one, or holds what a folder may not. */
export function checkFolder(path: string): void {
  const problem = !path.startsWith("\\")
    ? "does not start with a backslash"
    : path.length > 1 && path.endsWith("\\")
      ? "ends with a backslash"
      : path.includes("\\\\")
        ? "has a part without a name"
        : /["/:<>|?*$@%]|\p{Cc}/u.test(path)
          ? "holds a forbidden character"
          : path.length > 400
            ? "is longer than 400 characters"
            : undefined;
  if (problem !== undefined) {
    throw invalid(
      "FolderPathInvalid",
      `the folder path "${path}" ${problem}; write it as \\folder or \\folder\\folder`,
    );
  }
}
