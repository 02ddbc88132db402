/** Looks into a team's repository for what a specification needs. Nothing of the team's code runs. */
import { stat } from "node:fs/promises";
import * as path from "node:path";
import { parseDocument } from "yaml";
import { specName } from "../../spec/names";
import { description as descriptionRule } from "../../spec/texts";
import { UsageError } from "../errors";
import { isDockerfile, readImageClaims, type ImageClaims } from "./dockerfiles";
import { listFiles, type RepositoryFiles } from "./files";
import type { Inspection, ProjectFacts } from "./inspection";
import { readPyproject } from "./pyproject";
import { minorOf, wantedPython, type PythonClaim } from "./python";
import { readRemote } from "./remote";
import { findRequirements } from "./requirements";
import { readSetupCfg } from "./setup-cfg";

export type { Inspection, WantedPython } from "./inspection";

/**
 * Reads what the files at the root of a repository say, and finds its Dockerfiles and pipelines. Files over 1 MB, links
 * that leave the folder and what cannot be read are noted and left out.
 * @param folder of the repository, absolute or relative to the process' working folder.
 * @throws UsageError where it is no folder.
 */
export async function inspectRepository(folder: string): Promise<Inspection> {
  const status = await stat(folder).catch(() => undefined);
  if (status?.isDirectory() !== true) {
    throw new UsageError(`${folder} is not a folder`, "name the folder of the application's repository");
  }
  const files = await listFiles(folder);
  const notes: string[] = [];
  const projects = readProjects(files, notes);
  const found = findRequirements(files, projects.find(({ file }) => file === "pyproject.toml")?.requirements ?? "none");
  notes.push(...found.notes);
  const dockerfiles = files.paths
    .filter(isDockerfile)
    .filter((file, index) => index >= MOST_DOCKERFILES || files.read(file) !== undefined);
  const images = readImages(files, dockerfiles, notes);
  const pipelines = files.paths.filter(isPipeline);
  const python = wantedPython(pythonClaims(files, projects, images, pipelines), notes);
  const named = firstOf(projects, (project) => asSpecName(project.name));
  const name = named?.value ?? asSpecName(path.basename(path.resolve(folder)));
  const description = firstOf(projects, (project) => oneLine(project.description));
  const scripted = projects.find(({ scripts }) => scripts.length > 0);
  const remote = readRemote(folder);
  const bindep = ["bindep.txt", "other-requirements.txt"].find((file) => files.read(file) !== undefined);
  return {
    folder,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description.value }),
    ...(python === undefined ? {} : { python }),
    ...(found.requirements === undefined ? {} : { requirements: found.requirements }),
    ...(found.lock === undefined ? {} : { lock: found.lock }),
    saidBy: {
      ...(named === undefined ? {} : { name: named.file }),
      ...(description === undefined ? {} : { description: description.file }),
      ...(scripted === undefined ? {} : { scripts: scripted.file }),
    },
    scripts: [...new Set(projects.flatMap(({ scripts }) => scripts))],
    extras: [...new Set(projects.flatMap(({ extras }) => extras))],
    dockerfiles,
    ...(bindep === undefined ? {} : { bindep }),
    pipelines,
    ...(remote === undefined ? {} : { remote }),
    ports: images[0]?.claims.ports ?? [],
    notes: [...new Set([...notes, ...files.notes])],
  };
}

function readProjects(files: RepositoryFiles, notes: string[]): ProjectFacts[] {
  const pyproject = files.read("pyproject.toml");
  const setupCfg = files.read("setup.cfg");
  const projects = [
    ...(pyproject === undefined ? [] : [readPyproject(pyproject)]),
    ...(setupCfg === undefined ? [] : [readSetupCfg(setupCfg)]),
  ];
  notes.push(...projects.flatMap((project) => project.notes));
  if (files.paths.includes("setup.py")) notes.push("setup.py is code, and was not run: it may define console scripts");
  return projects;
}

interface ReadImage {
  readonly file: string;
  readonly claims: ImageClaims;
}

/** Enough for a repository with several images; each costs time to parse. */
const MOST_DOCKERFILES = 20;

function readImages(files: RepositoryFiles, dockerfiles: readonly string[], notes: string[]): ReadImage[] {
  return dockerfiles.slice(0, MOST_DOCKERFILES).flatMap((file) => {
    const text = files.read(file);
    if (text === undefined) return [];
    const claims = readImageClaims(text);
    if (claims === undefined) notes.push(`${file} has no FROM that could be read`);
    return claims === undefined ? [] : [{ file, claims }];
  });
}

/** By name, or by the folder that they lie in. */
function isPipeline(relative: string): boolean {
  return (
    /(?:^|\/)azure-?pipelines?[^/]*\.ya?ml$/i.test(relative) ||
    /^\.?(?:azure-?pipelines|azuredevops|pipelines)\/[^/]+\.ya?ml$/i.test(relative)
  );
}

/** What runs today counts more than what developers have, and that more than what would do. */
function pythonClaims(
  files: RepositoryFiles,
  projects: readonly ProjectFacts[],
  images: readonly ReadImage[],
  pipelines: readonly string[],
): PythonClaim[] {
  const versionFiles = ["runtime.txt", ".python-version"].flatMap((from) => {
    const text = files.read(from);
    return text === undefined ? [] : [{ from, minor: minorOf(text) }];
  });
  return [
    ...images.map(({ file, claims }) => ({ from: file, minor: claims.minor })),
    ...versionFiles,
    ...pipelines.slice(0, MOST_DOCKERFILES).map((from) => ({ from, minor: pipelinePython(files.read(from) ?? "") })),
    ...projects.map(({ file, requiresPython }) => ({ from: file, requires: requiresPython })),
  ];
}

/** `versionSpec` of the task UsePythonVersion, where it is one version. */
function pipelinePython(text: string): string | undefined {
  if (!text.includes("UsePythonVersion") || text.length > 200_000) return undefined;
  try {
    const versions = [...text.matchAll(/^\s*versionSpec:\s*(.{1,40})$/gm)].map((match) =>
      minorOf(String(parseDocument(match[1] ?? "", { prettyErrors: false }).toJS() ?? "").replace(/\.x$/, "")),
    );
    const [first] = versions;
    return versions.every((version) => version === first) ? first : undefined;
  } catch {
    return undefined;
  }
}

/** The first file whose word can be used, and that. */
function firstOf<Value>(
  projects: readonly ProjectFacts[],
  read: (project: ProjectFacts) => Value | undefined,
): { readonly value: Value; readonly file: string } | undefined {
  for (const project of projects) {
    const value = read(project);
    if (value !== undefined) return { value, file: project.file };
  }
  return undefined;
}

/** The name as one of a specification, where it can be made one. */
function asSpecName(written: string | undefined): string | undefined {
  const name = (written ?? "")
    .slice(0, 200)
    .normalize("NFKD")
    .toLowerCase()
    .replace(/\p{M}/gu, "")
    .replace(/ß/g, "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  return specName(name) === undefined ? name : undefined;
}

/** A description in the characters that a specification takes, in as many whole words as it takes. */
function oneLine(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const line = text
    .slice(0, 2000)
    .replace(/['"`´]/g, "’")
    .replace(/[^\p{L}\p{M}\p{N} .,:;!?()/&+_’–—-]+/gu, " ")
    .replace(/ +/g, " ")
    .trim();
  const short = line.length <= 200 ? line : line.slice(0, 200).replace(/\s+\S*$/, "");
  return descriptionRule(short) === undefined ? short : undefined;
}
