/** Recipes and pipelines that are written to repositories hold no credential, and no place made for one. */
import { readBakeFile } from "../bake-file";
import { findCredentials, isSecretName, LineNumbers, type TextFinding } from "../credentials";
import { readDockerfile } from "../dockerfile";
import { givenVariables, readPipeline } from "../pipeline-yaml";
import { fileKind, placeInFile, showLines } from "../repository-file";
import { resourceRule } from "../resource-rule";
import { GIT_REPOSITORY_FILE } from "../resource-types";
import { textOf } from "../values";

export const noCredentialsInFiles = resourceRule({
  name: "no-credentials-in-files",
  description: "Files that are written to repositories hold no credential, and pass none as an argument or a variable.",
  severity: "critical",
  mend: "Take the credential out and revoke it; give builds a secret mount, and runs a secret variable.",
  types: [GIT_REPOSITORY_FILE],
  check: ({ inputs }) => {
    const content = textOf(inputs.content);
    if (content === undefined) return [];
    const path = textOf(inputs.file);
    const found = [...findCredentials(content), ...namedPlaces(content, path), ...buildArguments(content)];
    if (found.length === 0) return [];
    return [
      {
        where: `${placeInFile(path)}, ${showLines(found.map(({ line }) => line).toSorted((left, right) => left - right))}`,
        what: `it has ${[...new Set(found.map(({ what }) => what))].slice(0, 4).join(", ")}`,
        why: "whoever can read the repository, the build's history or the state has it, too",
        mend: "Take it out and revoke it; give builds a secret mount, and runs a secret variable",
      },
    ];
  },
});

/** Places that a credential is meant for, going by the name. */
function namedPlaces(content: string, path = ""): TextFinding[] {
  switch (fileKind(path)) {
    case "dockerfile":
      return readDockerfile(content)
        .variables.filter(({ name }) => isSecretName(name))
        .map(({ keyword, line }) => ({ what: `an ${keyword} with a secret's name`, line }));
    case "bake":
      return (readBakeFile(content)?.targets ?? []).flatMap(({ args }) =>
        args.filter(isSecretName).map((name) => ({
          what: "a build argument with a secret's name",
          line: lineOf(content, JSON.stringify(name)),
        })),
      );
    case "pipeline":
      return secretVariables(content);
    case "other":
      return [];
  }
}

/** Variables of a pipeline that are given in the file itself. What refers to a secret variable is as it should be. */
function secretVariables(content: string): TextFinding[] {
  const pipeline = readPipeline(content);
  if (pipeline === undefined) return [];
  return givenVariables(pipeline)
    .filter(({ name, value }) => isSecretName(name) && value !== "" && !/\$[({[]|^\/|^(?:true|false)$/.test(value))
    .map(({ line }) => ({ what: "a variable with a secret's name and a value", line }));
}

/** Build arguments on command lines, in scripts of every kind of file. */
function buildArguments(content: string): TextFinding[] {
  const lines = new LineNumbers(content);
  return Array.from(content.matchAll(/--build-arg(?:=|[ \t]{1,20})["']?([A-Za-z_]\w{0,100})/g))
    .filter(([, name = ""]) => isSecretName(name))
    .map(({ index }) => ({ what: "a build argument with a secret's name", line: lines.at(index) }));
}

function lineOf(content: string, part: string): number {
  return new LineNumbers(content).at(Math.max(0, content.indexOf(part)));
}
