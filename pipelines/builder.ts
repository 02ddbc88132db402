/** The steps that make a run's builder, by the driver that the platform has chosen. */
import type { BuilderSettings } from "../spec";
import { literal } from "./literal";
import type { CompileTimeChoice, Parameter, TaskStep } from "./model";
import { builderScript } from "./scripts";
import type { PipelineSettings } from "./settings";

/** What `buildx create` is called with: words of shell, and the variables in them. */
interface BuilderCall {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The call of a driver, and what to tell where it fails: text in double quotes of shell. */
interface DriverCall extends BuilderCall {
  readonly failure?: string;
}

type BuilderStep = ReturnType<typeof createStep> | TaskStep;

/** The builder of a platform that chooses none: made on the agent, so that every agent has it. */
const onAgent = { driver: "docker-container", image: undefined } as const;

/** Where the platform has a builder of its own, a pipeline may still take one on its agent. */
export function builderParameter({ builder }: Pick<PipelineSettings, "builder">): Parameter[] {
  const { driver } = builder;
  return driver === onAgent.driver
    ? []
    : [
        {
          name: "builder",
          displayName: `Builder: the platform's (${driver}), or one on the agent (${onAgent.driver})`,
          type: "string",
          default: driver,
          values: [driver, onAgent.driver],
        },
      ];
}

/** Comes after the login: a builder copies the registry's credentials when it is made. */
export function makeBuilder({ builder }: Pick<PipelineSettings, "builder">): (BuilderStep | CompileTimeChoice)[] {
  return builder.driver === onAgent.driver
    ? stepsOf(builder)
    : [{ when: `eq(parameters.builder, '${onAgent.driver}')`, then: stepsOf(onAgent), otherwise: stepsOf(builder) }];
}

function stepsOf(builder: BuilderSettings): BuilderStep[] {
  const files = builder.driver === "remote" ? certificateSteps(builder) : [];
  return [...files, createStep(callOf(builder))];
}

function createStep({ words, env, failure }: DriverCall) {
  return {
    script: builderScript(words, failure),
    displayName: "Make a builder",
    ...(Object.keys(env).length > 0 ? { env } : {}),
  };
}

function callOf(builder: BuilderSettings): DriverCall {
  switch (builder.driver) {
    case "docker-container": {
      const options = driverOptions({ image: builder.image });
      return { words: ["--driver docker-container", ...options.words, "--bootstrap"], env: options.env };
    }
    case "remote": {
      const certificates = builder.certificates === undefined ? undefined : certificateOptions;
      return {
        words: ["--driver remote", ...(certificates?.words ?? []), "--bootstrap", '"$BUILDER_ADDRESS"'],
        env: { BUILDER_ADDRESS: literal("builder.address", builder.address), ...certificates?.env },
        failure:
          "The builder at $BUILDER_ADDRESS does not answer: is it there, may this agent reach it, and do the certificates fit?",
      };
    }
    case "kubernetes": {
      const { namespace, replicas, image, requests, limits } = builder;
      const options = driverOptions({
        namespace,
        replicas: String(replicas),
        image,
        "requests.cpu": requests.cpu,
        "requests.memory": requests.memory,
        "limits.cpu": limits.cpu,
        "limits.memory": limits.memory,
      });
      return {
        words: ["--driver kubernetes", ...options.words, "--bootstrap"],
        env: options.env,
        failure:
          "No builder comes up in the namespace $BUILDER_NAMESPACE: has this agent a kubeconfig that may make deployments there, and the cluster room?",
      };
    }
  }
}

/** Options of a driver, each by a variable: values are never text of a script. */
function driverOptions(options: Readonly<Record<string, string | undefined>>): BuilderCall {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, value, variable: `BUILDER_${name.replace(".", "_").toUpperCase()}` }],
  );
  return {
    words: given.map(({ name, variable }) => `--driver-opt "${name}=$${variable}"`),
    env: Object.fromEntries(given.map(({ name, value, variable }) => [variable, literal(`builder.${name}`, value)])),
  };
}

/** Secure files by the name of the step that brings each, which is also how its path is known. */
const certificateFiles = { ca: "builderCa", certificate: "builderCertificate", key: "builderKey" } as const;

const certificateOptions: BuilderCall = {
  words: ["cacert=$BUILDER_CA", "cert=$BUILDER_CERTIFICATE", "key=$BUILDER_KEY"].map(
    (option) => `--driver-opt "${option}"`,
  ),
  env: {
    BUILDER_CA: pathOf(certificateFiles.ca),
    BUILDER_CERTIFICATE: pathOf(certificateFiles.certificate),
    BUILDER_KEY: pathOf(certificateFiles.key),
  },
};

/** Source: https://learn.microsoft.com/azure/devops/pipelines/tasks/reference/download-secure-file-v1 */
function pathOf(step: string): string {
  return `$(${step}.secureFilePath)`;
}

/** The agent removes what it downloaded at the end of the job. */
function certificateSteps({ certificates }: Extract<BuilderSettings, { driver: "remote" }>): TaskStep[] {
  if (certificates === undefined) return [];
  return (["ca", "certificate", "key"] as const).map((part) => ({
    task: "DownloadSecureFile@1",
    name: certificateFiles[part],
    displayName: `Bring the builder's ${part === "ca" ? "certificate authority" : part}`,
    inputs: { secureFile: literal(`builder.certificates.${part}`, certificates[part]) },
  }));
}
