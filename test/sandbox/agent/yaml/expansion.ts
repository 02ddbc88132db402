/** Expands pipelines that a test writes out, and checks how others are refused. */
import { strict as assert } from "node:assert";
import { expandPipeline, PipelineFileError, type ExpandOptions } from "../../../../sandbox/agent/yaml";
import type { ExpandedPipeline, Job, Step } from "../../../../sandbox/agent/model";

/** Files by `path`, or `path@alias` for those of a repository resource. */
export type Files = Readonly<Record<string, string>>;

export const resources = `resources:
  repositories:
    - { repository: platform, type: git, name: Platform/templates }
`;

export async function expand(
  text: string,
  files: Files = {},
  options: Partial<ExpandOptions> = {},
): Promise<ExpandedPipeline> {
  return expandPipeline({
    file: "azure-pipelines.yml",
    text,
    load: ({ repository, path }) => {
      const name = repository === "self" ? path : `${path}@${repository}`;
      return Promise.resolve(Object.hasOwn(files, name) ? files[name] : undefined);
    },
    variables: new Map([
      ["Build.Reason", "Manual"],
      ["flavour", "plain"],
    ]),
    defaultPool: { name: "default", demands: [] },
    ...options,
  });
}

export async function onlyJob(...parameters: Parameters<typeof expand>): Promise<Job> {
  const { jobs } = await expand(...parameters);
  assert.equal(jobs.length, 1);
  return jobs[0]!;
}

/** The scripts of the only job's steps. */
export async function scripts(...parameters: Parameters<typeof expand>): Promise<string[]> {
  const { steps } = await onlyJob(...parameters);
  return steps.map((step: Step) => (step.kind === "script" ? step.script : step.kind));
}

/** The text that an expression gives, with parameters as YAML. */
export async function textOf(
  expression: string,
  parameters = "",
  options: Partial<ExpandOptions> = {},
): Promise<string> {
  const text = `${parameters === "" ? "" : `parameters:\n${parameters}\n`}steps:\n  - script: |-\n      >\${{ ${expression} }}<\n`;
  const [script] = await scripts(text, {}, options);
  return script!.slice(1, -1);
}

/** Checks that a pipeline is refused with its place, what is wrong, and a mend. */
export async function refused(
  run: Promise<unknown> | (() => unknown),
  place: string,
  what: RegExp,
  mend = /./,
): Promise<void> {
  const check = (error: unknown): true => {
    assert.ok(error instanceof PipelineFileError, `${String(error)} is no PipelineFileError`);
    const at = error.line === 0 ? error.file : `${error.file}:${error.line}:${error.column}`;
    assert.match(error.what, what);
    assert.equal(at, place, error.message);
    assert.match(error.mend, mend);
    assert.equal(error.message, `${place}  ${error.what}\n  ${error.mend}`);
    return true;
  };
  if (typeof run === "function") assert.throws(run, check);
  else await assert.rejects(run, check);
}
