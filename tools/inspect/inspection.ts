/** What a look into a team's repository finds out: plain data, each with the place that says it. */

import type { AzureRepository } from "./remote";

/** Which Python the repository wants, and the file that says so. */
export interface WantedPython {
  /** Versions in the form of `Requires-Python`, such as `>=3.11,<4`, where a file says them. */
  readonly requires?: string;
  /** `major.minor`, such as `3.12`, where one version alone is meant. */
  readonly minor?: string;
  /** File that says `minor`, or else `requires`; relative. */
  readonly from: string;
}

/** Paths are relative to `folder`, with `/`. Absent: nothing in the repository says it. */
export interface Inspection {
  readonly folder: string;
  /** Name of the project, or else of the folder, as a name that a specification can have. */
  readonly name?: string;
  /** One line, in the characters that a specification takes. */
  readonly description?: string;
  readonly python?: WantedPython;
  /** `pyproject.toml`, or a requirements file that ends in `.txt` or `.in`. */
  readonly requirements?: string;
  /** A lock in the form of requirements with hashes. */
  readonly lock?: string;
  /** Console scripts, in the order of their file. */
  readonly scripts: readonly string[];
  readonly extras: readonly string[];
  /** Those nearest to the root first. */
  readonly dockerfiles: readonly string[];
  readonly bindep?: string;
  /** Azure Pipelines' files, those nearest to the root first. */
  readonly pipelines: readonly string[];
  /** TCP ports that the first Dockerfile exposes. */
  readonly ports: readonly number[];
  /** Which file says name, description and scripts; absent for a name that is the folder's. */
  readonly saidBy?: { readonly name?: string; readonly description?: string; readonly scripts?: string };
  /** Where it was cloned from, if that is Azure Repos. */
  readonly remote?: AzureRepository;
  /** What was looked at and could not be read or is not understood: code, files that are too large, formats of one tool. */
  readonly notes: readonly string[];
}

/** What one file says, before all is put together. */
export interface ProjectFacts {
  readonly file: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly requiresPython?: string | undefined;
  readonly scripts: readonly string[];
  readonly extras: readonly string[];
  /** Whether the file lists the project's packages; `perhaps`: it is a project, and names none itself. */
  readonly requirements: "listed" | "perhaps" | "none";
  readonly notes: readonly string[];
}
