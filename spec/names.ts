/**
 * The published rules for names in Azure and Azure DevOps, each a pure function that says why a name is refused.
 * "naming-restrictions" below is https://learn.microsoft.com/azure/devops/organizations/settings/naming-restrictions
 */
import { everyRule, quote, showCharacter, type Refusal, type Rule } from "./rule";

/** Names that Windows and IIS keep for themselves; Azure DevOps refuses them, in any letter case. */
const SYSTEM_NAMES = [
  "aux",
  "con",
  "nul",
  "prn",
  "server",
  "signalr",
  "defaultcollection",
  "web",
  ...numbered("com", 10),
  ...numbered("lpt", 9),
];
const IIS_SEGMENTS = [
  "app_browsers",
  "app_code",
  "app_data",
  "app_globalresources",
  "app_localresources",
  "app_themes",
  "app_webresources",
  "bin",
  "web.config",
];
const RESERVED = new Set([...SYSTEM_NAMES, ...IIS_SEGMENTS]);

function numbered(word: string, last: number): string[] {
  return Array.from({ length: last }, (_, index) => `${word}${index + 1}`);
}

function refuse(kind: string, name: string, why: string, mend: string): Refusal {
  return { message: `${quote(name)} is not a name for ${kind}: ${why}`, mend };
}

function lengthBetween(kind: string, least: number, most: number): Rule {
  return (name) => {
    if (name.length < least) {
      return refuse(
        kind,
        name,
        name === "" ? "it is empty" : `it has ${name.length} characters`,
        `use ${least} to ${most} characters`,
      );
    }
    return name.length > most
      ? refuse(kind, name, `it has ${name.length} characters`, `use at most ${most} characters`)
      : undefined;
  };
}

/** Azure DevOps also refuses surrogates, so every character outside the basic plane; none of the other rules has any. */
function onlyCharacters(kind: string, allowed: RegExp, words: string): Rule {
  return (name) => {
    const character = Array.from(name).find((one) => one.length > 1 || !allowed.test(one));
    return character === undefined
      ? undefined
      : refuse(kind, name, `it has ${showCharacter(character)}`, `use only ${words}`);
  };
}

function matching(kind: string, pattern: RegExp, why: string, mend: string): Rule {
  return (name) => (pattern.test(name) ? undefined : refuse(kind, name, why, mend));
}

/**
 * What Azure DevOps' published rules have in common: no control or surrogate characters, none of
 * `/ : \ ~ & % ; @ ' " ? < > | # $ * } { , + = [ ]`, no leading underscore, no leading or trailing period.
 * Beyond these: no backtick, no leading or trailing space and no invisible character, since names get into YAML and shell.
 */
function azureDevOpsName(kind: string, longest: number): Rule {
  return everyRule(
    lengthBetween(kind, 1, longest),
    onlyCharacters(
      kind,
      /^[^\p{C}\p{Zl}\p{Zp}/:\\~&%;@'"?<>|#$*}{,+=[\]`]$/u,
      "letters, digits, spaces and - _ . ( ) !",
    ),
    matching(kind, /^[^_.]/, "it starts with an underscore or a period", "start it with a letter or a digit"),
    matching(kind, /[^.]$/, "it ends with a period", "end it with a letter or a digit"),
    matching(kind, /^\S(?:.*\S)?$/su, "it starts or ends with a space", "take the space away"),
    notReserved(kind),
  );
}

function notReserved(kind: string): Rule {
  return (name) =>
    RESERVED.has(name.toLowerCase())
      ? refuse(kind, name, "Windows and IIS keep it for themselves", "choose another name, such as one with a suffix")
      : undefined;
}

/**
 * Azure Container Registry: 5 to 50 letters and digits, unique in all of Azure.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry
 */
export const registryName: Rule = everyRule(
  onlyCharacters("a container registry", /^[A-Za-z0-9]$/, "letters and digits"),
  lengthBetween("a container registry", 5, 50),
);

/**
 * Resource group: 1 to 90 letters, digits, underscores, hyphens, periods and parentheses, not ending with a period.
 * Source: https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftresources
 */
export const resourceGroupName: Rule = everyRule(
  lengthBetween("a resource group", 1, 90),
  onlyCharacters("a resource group", /^[\p{Lu}\p{Ll}\p{Lt}\p{Lm}\p{Lo}\p{Nd}_.()-]$/u, "letters, digits and _ - . ( )"),
  matching("a resource group", /[^.]$/, "it ends with a period", "end it with a letter or a digit"),
);

/**
 * Repository of images: components of lowercase letters and digits, parted by `.`, `_`, `__` or hyphens, joined by `/`; at most 255 characters.
 * Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export const imageRepositoryName: Rule = everyRule(
  lengthBetween("an image repository", 1, 255),
  onlyCharacters("an image repository", /^[a-z0-9._/-]$/, "lowercase letters, digits and - _ . /"),
  matching(
    "an image repository",
    /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/,
    "its parts must begin and end with a letter or a digit, with single separators between them",
    "write it like orders-api",
  ),
);

/**
 * Azure DevOps organization: letters of the English alphabet, digits and hyphens, starting and ending with a letter or a digit, at most 50.
 * Source: naming-restrictions, Organization names.
 */
export const organizationName: Rule = everyRule(
  lengthBetween("an Azure DevOps organization", 1, 50),
  onlyCharacters("an Azure DevOps organization", /^[A-Za-z0-9-]$/, "letters, digits and hyphens"),
  matching(
    "an Azure DevOps organization",
    /^[^-](?:.*[^-])?$/,
    "it starts or ends with a hyphen",
    "start and end it with a letter or a digit",
  ),
);

/** Azure DevOps project: at most 64 characters, and the common rules. Source: naming-restrictions, Project names. */
export const projectName: Rule = azureDevOpsName("an Azure DevOps project", 64);

/** Git repository in Azure DevOps: at most 64 characters, and the common rules. Source: naming-restrictions, Azure Repos (Git). */
export const repositoryName: Rule = azureDevOpsName("a repository", 64);

/**
 * Team: at most 64 characters, no double period or ellipsis, and the common rules, which are stricter than those for security groups.
 * Source: naming-restrictions, Team names and Security groups.
 */
export const teamName: Rule = everyRule(
  azureDevOpsName("a team", 64),
  matching("a team", /^(?!.*(?:\.\.|…))/u, "it has a double period or an ellipsis", "use single periods"),
);

/**
 * Feed of Azure Artifacts: starts and ends with a letter or a digit; no spaces and none of `@ ~ ; { } ' + = , < > | / \ ? : & $ * " # [ ] %`.
 * Beyond the page: no ( ) ! ^ and no backtick. The page gives no length; 64 is what holds for the other names. Source: naming-restrictions, Azure Artifacts.
 */
export const feedName: Rule = everyRule(
  lengthBetween("a feed", 1, 64),
  onlyCharacters("a feed", /^[\p{L}\p{N}._-]$/u, "letters, digits and - _ ."),
  matching(
    "a feed",
    /^[\p{L}\p{N}](?:.*[\p{L}\p{N}])?$/u,
    "it must start and end with a letter or a digit",
    "write it like python-packages",
  ),
  notReserved("a feed"),
);

/**
 * Pipeline. Azure DevOps publishes no list for it and takes more than it should; so the common rules hold, which also keep
 * `resources.pipelines.source` (`\folder\name`) unambiguous, since they have no slash and no backslash.
 */
export const pipelineName: Rule = azureDevOpsName("a pipeline", 64);

/**
 * Agent pool or queue. No list is published; letters, digits, spaces and - _ . ( ) are what the service and its URLs take.
 */
export const agentPoolName: Rule = everyRule(
  lengthBetween("an agent pool", 1, 64),
  onlyCharacters("an agent pool", /^[\p{L}\p{N} _.()-]$/u, "letters, digits, spaces and - _ . ( )"),
  matching("an agent pool", /^\S(?:.*\S)?$/su, "it starts or ends with a space", "take the space away"),
);

const SPEC_NAME = "a base image or an application";

/**
 * Base image or application. The name is at once a pipeline, a repository, an image repository, a folder and a word in YAML
 * and shell; so it has what all of these take: 2 to 40 lowercase letters, digits and single hyphens, a letter first.
 */
export const specName: Rule = everyRule(
  lengthBetween(SPEC_NAME, 2, 40),
  onlyCharacters(SPEC_NAME, /^[a-z0-9-]$/, "lowercase letters, digits and single hyphens, such as order-service"),
  matching(SPEC_NAME, /^[a-z]/, "it does not start with a letter", "start it with a lowercase letter"),
  matching(SPEC_NAME, /^(?!.*--)/, "it has two hyphens in a row", "use single hyphens"),
  matching(SPEC_NAME, /[^-]$/, "it ends with a hyphen", "end it with a letter or a digit"),
  matching(
    SPEC_NAME,
    /^(?!wheelhouse(?:-|$))/,
    "the platform's own pipelines and repository are named so",
    "choose another name",
  ),
  notReserved(SPEC_NAME),
  repositoryName,
  pipelineName,
  imageRepositoryName,
);
