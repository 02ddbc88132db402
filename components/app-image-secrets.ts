/** Where a build's secrets come from, as the docker provider takes it: names of variables and files. */
import { existsSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import type { RecipeFacts } from "../spec";
import { AppImageInputError, checkedFilePath, checkedVariableName } from "./app-image-inputs";

export interface SecretInputs {
  readonly secretVariables?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
  readonly secretFiles?: Readonly<Record<string, pulumi.Input<string>>> | undefined;
}

/** One secret of a build; what names it is no secret itself. */
export type SecretInput = { readonly id: string } & (
  { readonly env: pulumi.Output<string> } | { readonly src: pulumi.Output<string> }
);

/**
 * The sources for the secrets that a target wants. A Dockerfile of the team's own is offered more than it takes, so there what is not named is
 * left out. A source that is empty is warned of, for it matters only to a run that builds: a builder takes it for an empty secret, and the build
 * fails late.
 * @param resource that the warning is about
 * @throws AppImageInputError for one that is named twice, or not at all.
 */
export function secretSources(
  resource: pulumi.Resource,
  inputs: SecretInputs,
  kind: RecipeFacts["kind"],
  ids: readonly string[],
): SecretInput[] {
  return ids.flatMap((id): SecretInput[] => {
    const variable = sourceOf(inputs.secretVariables, id);
    const file = sourceOf(inputs.secretFiles, id);
    if (variable !== undefined && file !== undefined) {
      throw new AppImageInputError(`the secret "${id}"`, "has a variable and a file", "name one of them");
    }
    if (variable !== undefined) {
      return [{ id, env: named(id, variable, checkedVariableName).apply(warned(id, resource, emptyVariable)) }];
    }
    if (file !== undefined) {
      return [{ id, src: named(id, file, checkedFilePath).apply(warned(id, resource, emptyFile)) }];
    }
    if (kind === "own-dockerfile") return [];
    throw new AppImageInputError(
      `the secret "${id}"`,
      "has no source",
      `name the variable or file that holds it: secretVariables: { "${id}": "<VARIABLE>" }, or secretFiles`,
    );
  });
}

/** The source that is given for a secret; nothing that every object has from its prototype. */
function sourceOf(given: SecretInputs["secretFiles"], id: string): pulumi.Input<string> | undefined {
  return given !== undefined && Object.hasOwn(given, id) ? given[id] : undefined;
}

/** @throws AppImageInputError for a source of a secret that no target wants. */
export function refuseUnwanted({ secretVariables, secretFiles }: SecretInputs, wanted: readonly string[]): void {
  const stranger = [...Object.keys(secretVariables ?? {}), ...Object.keys(secretFiles ?? {})].find(
    (id) => !wanted.includes(id),
  );
  if (stranger !== undefined) {
    throw new AppImageInputError(
      `the secret "${stranger}"`,
      "is none of the recipe's",
      `it wants ${wanted.join(", ")}`,
    );
  }
}

/** A name that Pulumi keeps secret is none: somebody gave the value. */
function named(
  id: string,
  input: pulumi.Input<string>,
  check: (id: string, name: string) => string,
): pulumi.Output<string> {
  if (typeof input === "string") return pulumi.output(check(id, input));
  const output = pulumi.output(input);
  return pulumi.all([output, pulumi.isSecret(output)]).apply(([name, secret]) => {
    if (secret) {
      throw new AppImageInputError(
        `the source of the secret "${id}"`,
        "is a secret itself",
        "give the name of a variable or file that holds the secret, in plain text",
      );
    }
    return check(id, name);
  });
}

function warned(id: string, resource: pulumi.Resource, mend: (source: string) => string | undefined) {
  return (source: string): string => {
    const missing = mend(source);
    if (missing !== undefined) {
      void pulumi.log.warn(`the secret "${id}" is empty, so nothing can be built with it: ${missing}`, resource);
    }
    return source;
  };
}

function emptyVariable(name: string): string | undefined {
  const value = Object.hasOwn(process.env, name) ? process.env[name] : undefined;
  return (value ?? "").trim() === "" ? `set the environment variable ${name}` : undefined;
}

function emptyFile(path: string): string | undefined {
  return existsSync(path) && statSync(path).size > 0 ? undefined : `write it to ${path}`;
}
