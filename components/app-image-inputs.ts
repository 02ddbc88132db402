/** Refuses what AppImage must not be given, before anything is built: credentials above all. */
import * as pulumi from "@pulumi/pulumi";
import { findCredential, isSecretName } from "../spec";

/** An input that cannot be, or that looks like a credential; it is not repeated, lest it get into a log. */
export class AppImageInputError extends Error {
  public constructor(input: string, why: string, mend: string) {
    super(`AppImage: ${input} ${why}: ${mend}`);
    this.name = "AppImageInputError";
  }
}

const forms = {
  registry: {
    pattern: /^(?=.{1,255}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i,
    mend: "give the login server alone, such as contoso.azurecr.io",
  },
  indexUrl: {
    pattern: /^https?:\/\/[^\s@?#]+$/,
    mend: "give the feed's index without credentials, such as https://<host>/…/simple/",
  },
  digest: { pattern: /^sha256:[0-9a-f]{64}$/, mend: "give a digest, sha256: and 64 hexadecimal digits" },
  image: {
    pattern: /^[a-z0-9][\w.:/-]{0,254}$/i,
    mend: "give an image with its tag, such as <registry>/python:3.13-slim",
  },
  builder: { pattern: /^[a-zA-Z][\w.-]{0,127}$/, mend: 'give the name that "docker buildx ls" shows' },
  tag: { pattern: /^\w[\w.-]{0,127}$/, mend: "give a tag: letters, digits, dots, dashes and underscores" },
} as const;

export type Form = keyof typeof forms;

/** The value, where it has the form, or is one of those, and holds no credential. */
export function checked(input: string, form: Form | readonly string[], value: string): string {
  refuseCredential(input, value);
  if (typeof form !== "string") {
    if (form.includes(value)) return value;
    throw new AppImageInputError(input, "is not one of the recipe's", `give one of ${form.join(", ")}`);
  }
  if (!forms[form].pattern.test(value)) {
    throw new AppImageInputError(input, "is not what is wanted", forms[form].mend);
  }
  return value;
}

/** Checks what is known at once, and the rest as soon as it is. */
export function checkedInput(value: pulumi.Input<string>, check: (value: string) => string): pulumi.Output<string> {
  return typeof value === "string" ? pulumi.output(check(value)) : pulumi.output(value).apply(check);
}

/** For bake variables that are given as they are. */
export function checkedVariable(name: string, value: string): string {
  if (isSecretName(name)) {
    throw new AppImageInputError(
      `variables.${name}`,
      "has a credential's name",
      "name it in secretVariables or secretFiles",
    );
  }
  refuseCredential(`variables.${name}`, value);
  return value;
}

/** The name of an environment variable. */
export function checkedVariableName(id: string, name: string): string {
  const input = `secretVariables["${id}"]`;
  refuseCredential(input, name);
  // Tokens are long and have no words: what could be one is not taken for a name.
  if (!/^[A-Za-z_]\w{0,63}$/.test(name) || /^[a-z0-9]{20,}$|[A-Za-z0-9]{32,}/.test(name)) {
    throw new AppImageInputError(
      input,
      "is not the name of an environment variable",
      "set a variable to the secret, and give the variable's name, such as WHEELHOUSE_NETRC",
    );
  }
  return name;
}

/** The path of a file. */
export function checkedFilePath(id: string, path: string): string {
  const input = `secretFiles["${id}"]`;
  refuseCredential(input, path);
  if (path === "" || path.length > 4096 || /[\p{Cc},"]/u.test(path) || /\b(machine|login|password)\s/.test(path)) {
    throw new AppImageInputError(input, "is not the path of a file", "write the secret to a file, and give its path");
  }
  return path;
}

function refuseCredential(input: string, value: string): void {
  const what = findCredential(value);
  if (what !== undefined) {
    throw new AppImageInputError(
      input,
      `looks like a credential (${what})`,
      "name it in secretVariables or secretFiles",
    );
  }
}
