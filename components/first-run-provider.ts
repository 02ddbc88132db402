/** What the engine's process for dynamic resources does for `FirstRun`: looks for a run of the pipeline, and queues one. */
import { credentialFrom } from "./azure-devops-credential";
import { machineClock, mayPass, RestError, sendJson, type RestOptions } from "./azure-devops-rest";

/** What a `FirstRun` is declared with. */
export interface FirstRunInputs {
  /** Root of Azure DevOps for the organization. */
  readonly organizationUrl: string;
  /** Name or GUID. */
  readonly project: string;
  readonly pipelineId: number;
  /** Full name. */
  readonly branch: string;
}

/** What the state remembers of it. No credential. */
export interface FirstRunOutputs extends FirstRunInputs {
  readonly runId: number;
}

/** The environment is read at each request: what the engine's process has then, never what the program had. */
const fromEnvironment: RestOptions = { credential: () => credentialFrom(process.env) };

/**
 * The version of both REST areas.
 * Source: https://learn.microsoft.com/rest/api/azure/devops/pipelines/runs/run-pipeline and …/build/builds/list
 */
const API_VERSION = "7.1";

/** Times that a run is asked for, when the answer gets lost. */
const ATTEMPTS = 5;

/** Milliseconds before the second of them, doubled before each that follows. */
const FIRST_DELAY = 1000;

/**
 * Queues a run, unless there is one. A request whose answer got lost may have queued it: so each further attempt begins
 * with looking again, after a while, as a run does not show at once.
 * @throws RestError with what to do, for what the service refuses.
 */
export async function create(
  inputs: FirstRunInputs,
  options: RestOptions = fromEnvironment,
): Promise<{ id: string; outs: FirstRunOutputs }> {
  const clock = options.clock ?? machineClock;
  for (let attempt = 1; ; attempt++) {
    try {
      const runId = (await newestRun(inputs, options)) ?? (await queueRun(inputs, options));
      const { organizationUrl, project, pipelineId, branch } = inputs;
      return { id: String(runId), outs: { organizationUrl, project, pipelineId, branch, runId } };
    } catch (error) {
      if (!mayPass(error) || attempt === ATTEMPTS) throw withWayOut(error);
    }
    await clock.sleep(FIRST_DELAY * 2 ** (attempt - 1));
  }
}

async function newestRun(inputs: FirstRunInputs, options: RestOptions): Promise<number | undefined> {
  const url = addressOf(inputs, `build/builds?definitions=${String(inputs.pipelineId)}&$top=1&`);
  const answer = await sendJson({ method: "GET", url, ...about(inputs) }, options);
  const runs = field(answer, "value");
  if (!Array.isArray(runs)) {
    throw new RestError(`${about(inputs).subject}: the service answered something that is no list of runs`, 200);
  }
  return runs.length === 0 ? undefined : numberOf(runs[0], inputs);
}

async function queueRun(inputs: FirstRunInputs, options: RestOptions): Promise<number> {
  const url = addressOf(inputs, `pipelines/${String(inputs.pipelineId)}/runs?`);
  const body = { resources: { repositories: { self: { refName: inputs.branch } } } };
  // Sent once: repeated blindly, it could start two runs.
  const answer = await sendJson({ method: "POST", url, body, once: true, ...about(inputs) }, options);
  return numberOf(answer, inputs);
}

function addressOf({ organizationUrl, project }: FirstRunInputs, rest: string): string {
  return `${organizationUrl.replace(/\/+$/, "")}/${encodeURIComponent(project)}/_apis/${rest}api-version=${API_VERSION}`;
}

function about({ pipelineId }: FirstRunInputs) {
  return {
    subject: `first run of pipeline ${String(pipelineId)}`,
    rights: "the scope Build (read and execute), and its user the permission to queue builds",
    parts: "organization, project and pipeline",
  } as const;
}

function numberOf(run: unknown, inputs: FirstRunInputs): number {
  const id = field(run, "id");
  if (typeof id !== "number" || !Number.isSafeInteger(id)) {
    throw new RestError(`${about(inputs).subject}: the service answered something that is no run`, 200);
  }
  return id;
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The service may refuse what only people can mend; the rest of the platform can do without this run. */
function withWayOut(error: unknown): unknown {
  if (!(error instanceof RestError)) return error;
  return new RestError(
    `${error.message}; mend it and run pulumi again, or set wheelhouse:firstRun to none and run the pipeline by hand`,
    error.status,
    { cause: error },
  );
}
