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
  readonly doublePeriod?: boolean;
  /** Whole names that the service keeps for itself, in lower case. */
  readonly reserved?: readonly string[];
  readonly code: string;
}

const devices = ["aux", "con", "nul", "prn"]
  .concat([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => `com${number}`))
  .concat([1, 2, 3, 4, 5, 6, 7, 8, 9].map((number) => `lpt${number}`));
const hiddenSegments = [
  "app_browsers",
  "app_code",
  "app_data",
  "app_globalresources",
  "app_localresources",
  "app_themes",
];
const reservedProjects = [
  ...devices,
  ...hiddenSegments,
  "app_webresources",
  "bin",
  "defaultcollection",
  "server",
  "signalr",
];

/** What projects, repositories and teams have in common. */
const usual = { most: 64, forbidden: "/:\\~&%;@'\"?<>|#$*}{,+=[]", start: "_.", end: "." } as const;
const accountCharacters = '"/\\[]:|<>+=;?*,';

const rules = {
  project: { ...usual, reserved: [...reservedProjects, "web", "web.config"], code: "TF200012" },
  repository: { ...usual, code: "TF401025" },
  team: { ...usual, reserved: devices, doublePeriod: false, code: "TF200013" },
  feed: {
    most: 64,
    forbidden: "@~;{}'+=,<>|/\\?:&$*\"#[]%",
    start: "_.",
    end: ".",
    spaces: false,
    code: "FeedNameInvalid",
  },
  // No list is published for the following; these are the characters that the service's pages refuse.
  "build definition": { most: 260, forbidden: '"/:<>\\|?*', end: ".", code: "DefinitionNameInvalid" },
  environment: { most: 128, forbidden: accountCharacters, code: "EnvironmentNameInvalid" },
  "variable group": { most: 256, forbidden: "", code: "VariableGroupNameInvalid" },
  "agent pool": { most: 128, forbidden: accountCharacters, code: "AgentPoolNameInvalid" },
  "agent queue": { most: 128, forbidden: accountCharacters, code: "AgentQueueNameInvalid" },
  group: { most: 256, forbidden: accountCharacters, end: ".", code: "GroupNameInvalid" },
  "service connection": { most: 256, forbidden: "", code: "ServiceEndpointNameInvalid" },
} as const satisfies Record<string, NameRule>;

export type NamedKind = keyof typeof rules;

/** Refuses a name that the service refuses, and says which of its rules the name breaks. */
export function checkName(kind: NamedKind, name: string): void {
  const rule: NameRule = rules[kind];
  const problem = problemOf(rule, name);
  if (problem !== undefined) {
    throw invalid(rule.code, `${rule.code}: the ${kind} name "${name}" ${problem}; choose another one`);
  }
}

function problemOf(rule: NameRule, name: string): string | undefined {
  if (name.trim() === "") {
    return "is empty";
  }
  if (name.length > rule.most) {
    return `has ${name.length} characters, and ${rule.most} are allowed`;
  }
  const forbidden = Array.from(name).find((character) => rule.forbidden.includes(character));
  if (forbidden !== undefined) {
    return `holds the character ${forbidden}`;
  }
  if (/[\p{Cc}\p{Cs}\u{10000}-\u{10ffff}]/u.test(name)) {
    return "holds a control character, or one beyond the basic plane";
  }
  if (rule.doublePeriod === false && name.includes("..")) {
    return "holds two periods in a row";
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
        : /["/:<>|?*$@%+]|\p{Cc}/u.test(path)
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
