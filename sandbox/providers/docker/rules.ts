/**
 * Rules of the image resources. Source of the facts: the resource schemas of kreuzwerker/terraform-provider-docker 4.5, which the
 * published Pulumi provider wraps. `build` is a set of one element there: whatever changes in it makes it another element, whose
 * context is new, and a new context replaces the resource.
 */
import type { CheckFailure } from "@pulumi/pulumi/provider";
import { isList, isMap, type PlainMap } from "../properties";
import type { ResourceRules } from "../rules";
import { imageToken } from "./tokens";

const buildDefaults = { "build.dockerfile": "Dockerfile", "build.remove": true };
const noImport = {
  pattern: /(?!)/,
  form: "none: the provider imports no image; declare it, and its creation finds or builds it",
};

/** With a file and a variable the provider joins both to one text, of which the builder understands neither. */
function checkSecrets({ build }: PlainMap): readonly CheckFailure[] {
  const secrets = isMap(build ?? null) ? (build as PlainMap).secrets : undefined;
  return (isList(secrets ?? null) ? (secrets as readonly PlainMap[]) : []).flatMap((secret, index) => {
    const given = ["src", "env"].filter((name) => (secret[name] ?? "") !== "");
    return given.length === 1
      ? []
      : [{ property: `build.secrets[${index}]`, reason: "takes a file (src) or a variable (env), one of them" }];
  });
}

export const rules: Readonly<Record<string, ResourceRules>> = {
  [imageToken("RemoteImage")]: {
    replaces: ["name", "build", "platform", "pullTriggers", "triggers"],
    unordered: ["pullTriggers"],
    conflicts: [["build", "pullTriggers"]],
    notBlank: ["name"],
    defaults: buildDefaults,
    check: checkSecrets,
    importForm: noImport,
  },
  [imageToken("RegistryImage")]: {
    autonaming: { property: "name", kind: "dash", digits: 7 },
    replaces: ["name", "build", "triggers"],
    notBlank: ["name"],
    defaults: { ...buildDefaults, keepRemotely: false, insecureSkipVerify: false },
    check: checkSecrets,
    importForm: noImport,
  },
  [imageToken("Tag")]: {
    replaces: ["sourceImage", "targetImage", "tagTriggers"],
    unordered: ["tagTriggers"],
    notBlank: ["sourceImage", "targetImage"],
    importForm: noImport,
  },
};
