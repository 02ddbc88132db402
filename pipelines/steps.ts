/** The steps that runs are made of, each from plain settings. */
import { indexSecret } from "../spec";
import { expressionText, literal } from "./literal";
import { changedVariable, installTools, readyVariable, report } from "./image-scripts";
import type { CheckoutStep, CompileTimeChoice, ScriptStep, Step, TaskStep } from "./model";
import { cleanUp, writeIndexSecret, writeSecrets } from "./scripts";
import { templateBranch, type PipelineSettings } from "./settings";

/** True, while templates are expanded, in the run of a pull request. */
export const inPullRequest = "eq(variables['Build.Reason'], 'PullRequest')";

type ConditionalStep = ScriptStep | TaskStep;

/** The steps of a base image's run that only come when something is new. */
export function ifChanged(steps: readonly (ConditionalStep | CompileTimeChoice)[]): (Step | CompileTimeChoice)[] {
  return onlyWhen(changedVariable, steps);
}

/** The steps of an application's run that only come when its base image is there. */
export function ifReady(steps: readonly (ConditionalStep | CompileTimeChoice)[]): (Step | CompileTimeChoice)[] {
  return onlyWhen(readyVariable, steps);
}

/** The steps of an application's run that come unless it is known already that there is nothing to build. */
export function unlessWaiting(steps: readonly ScriptStep[]): ScriptStep[] {
  return steps.map((step) => ({ ...step, condition: `and(succeeded(), ne(variables['${readyVariable}'], 'false'))` }));
}

/** At run time, by a variable that a step before them sets. */
function onlyWhen(
  variable: string,
  steps: readonly (ConditionalStep | CompileTimeChoice)[],
): (Step | CompileTimeChoice)[] {
  const condition = `and(succeeded(), eq(variables['${variable}'], 'true'))`;
  const conditional = (step: Step): Step => ("checkout" in step ? step : { ...step, condition });
  return steps.map((step) =>
    "when" in step
      ? {
          when: step.when,
          then: step.then.map(conditional),
          ...(step.otherwise === undefined ? {} : { otherwise: step.otherwise.map(conditional) }),
        }
      : { ...step, condition },
  );
}

/** The pipeline's own repository at the commit of the run. Default path: the job's source folder. */
export function checkOutSelf(path?: string): CheckoutStep {
  return { checkout: "self", ...(path === undefined ? {} : { path }), fetchDepth: 1, persistCredentials: false };
}

/**
 * The template repository with its recipes. Written out and not by an alias: a pipeline's own file could point an alias
 * at other recipes.
 */
export function checkOutTemplates(
  settings: Pick<PipelineSettings, "project" | "templateRepository">,
  path: string,
): CheckoutStep {
  const { project, templateRepository } = settings;
  return {
    checkout: `git://${literal("project", project)}/${literal("templateRepository", templateRepository)}@refs/heads/${templateBranch}`,
    path,
    fetchDepth: 1,
    persistCredentials: false,
  };
}

/** Access to the feed for this job: a token in a URL, then files for the build's secret mounts. */
export function authenticate(settings: PipelineSettings): Step[] {
  const { feed, project } = settings;
  const path = feed.scope === "project" ? `${project}/${feed.name}` : feed.name;
  return [
    {
      task: "PipAuthenticate@1",
      displayName: "Authenticate to the feed",
      inputs: { artifactFeeds: literal("feed", path), onlyAddExtraIndex: false },
    },
    {
      script: writeSecrets,
      displayName: "Write the build's secret files",
      env: { INDEX_URL: literal("indexUrl", settings.indexUrl) },
    },
  ];
}

/**
 * Access to the indexes beside the feed that a pipeline asks for by its parameter, each for itself: what the task leaves is
 * then one address, and no run has credentials that it does not need.
 */
export function authenticateToIndexes({ indexes }: Pick<PipelineSettings, "indexes">): CompileTimeChoice[] {
  return indexes.flatMap((index) => {
    const secret = indexSecret(index);
    if (index.connection === undefined || secret === undefined) return [];
    const name = expressionText("indexes", index.name);
    return {
      when: `containsValue(parameters.indexes, ${name})`,
      then: [
        {
          task: "PipAuthenticate@1",
          displayName: `Authenticate to ${index.name}`,
          inputs: {
            pythonDownloadServiceConnections: literal("indexes.connection", index.connection),
            onlyAddExtraIndex: true,
          },
        },
        {
          script: writeIndexSecret,
          displayName: `Write the secret file of ${index.name}`,
          env: { INDEX: index.name, INDEX_URL: literal("indexes.url", index.url), SECRET: secret },
        },
      ],
    };
  });
}

/** A login with a connection that is written out: the service resolves connections before a run has variables. */
function logIn(connection: string): TaskStep {
  return {
    task: "Docker@2",
    displayName: "Log in to the registry",
    inputs: { command: "login", containerRegistry: literal("connection", connection) },
  };
}

/** The connection that may push. */
export function logInToPush(settings: PipelineSettings): Step[] {
  return [logIn(settings.pushConnection)];
}

/** In a pull request the connection that may push is not even part of the run. */
export function logInByReason(settings: PipelineSettings): CompileTimeChoice[] {
  return [{ when: inPullRequest, then: [logIn(settings.pullConnection)], otherwise: [logIn(settings.pushConnection)] }];
}

/** What a run needs beside docker. `workingDirectory`: where the template repository is. */
export function tools(settings: PipelineSettings, workingDirectory: Pick<ScriptStep, "workingDirectory">): Step[] {
  const env = { INDEX_URL: literal("indexUrl", settings.indexUrl) };
  return [{ script: installTools, displayName: "Install uv", ...workingDirectory, env }];
}

/** What the run made, for people, also where it failed: a leak is told here, too. */
export function reportRun(): Step[] {
  return [{ script: report, displayName: "Report", condition: "succeededOrFailed()" }];
}

/** What every run ends with: no builder, no credentials, whether it worked or not. */
export function removeTraces(): Step[] {
  return [{ script: cleanUp, displayName: "Clean up", condition: "always()" }];
}
