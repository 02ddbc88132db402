/** The sandbox's two daemons: the stand-in clouds, and the agents with the services that their jobs need. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

import { z } from "zod";

import { checkout } from "../home.mjs";
import { Daemon } from "./daemon";
import { identity, type Sandbox, type Secrets } from "./sandbox";

/** The one feed that the agents' services serve, as the stack's configuration has it. */
export const feedPlace = { organization: identity.organization, project: "Platform", name: "python" } as const;

const room = join(checkout, "sandbox");

/** The clouds: no part of them needs more than node and git. */
export function cloudDaemon(sandbox: Sandbox): Daemon {
  return new Daemon(
    {
      called: "the stand-in clouds",
      log: "daemon",
      markVariable: "WHEELHOUSE_CLOUD_OF",
      codeVariable: "WHEELHOUSE_CLOUD_CODE",
      optionsVariable: "WHEELHOUSE_CLOUD_OPTIONS",
      program: ({ cloudProgram }) => cloudProgram,
      // The form of job tokens is the feed's, too.
      code: ({ cloudProgram }) => [dirname(cloudProgram), join(room, "services", "feed")],
      description: ({ cloud }) => join(cloud, "server.json"),
      probe: `/devops/${identity.organization}/_apis/projects?api-version=7.1`,
      startSeconds: 30,
    },
    sandbox,
  );
}

/** The agents, with registry, feed and builders. */
export function agentsDaemon(sandbox: Sandbox): Daemon {
  return new Daemon(
    {
      called: "the agents",
      log: "agents",
      markVariable: "WHEELHOUSE_AGENTS_OF",
      codeVariable: "WHEELHOUSE_AGENTS_CODE",
      optionsVariable: "WHEELHOUSE_AGENTS_OPTIONS",
      program: ({ agentsProgram }) => agentsProgram,
      code: ({ agentsProgram }) => [dirname(agentsProgram), join(room, "services"), join(room, "samples")],
      description: agentsFile,
      probe: "/control/state",
      // The package server makes its files at the first start.
      startSeconds: 120,
      // Folders of jobs, which nobody looks into from elsewhere.
      ownMountsVariable: "WHEELHOUSE_AGENTS_MOUNTS",
    },
    sandbox,
  );
}

function agentsFile({ agents }: Sandbox): string {
  return join(agents, "agents.json");
}

const agentsDescription = z.object({
  port: z.number().int(),
  /** `127.0.0.1:<port>` */
  registryHost: z.string(),
  /** `http://127.0.0.1:<port>` */
  feedAddress: z.string(),
  /** Folder with docker's `config.json` of somebody who may pull. */
  dockerConfig: z.string(),
});

/** Where the services of the running agents are. */
export type AgentsDescription = z.infer<typeof agentsDescription>;

/** What the agents' daemon wrote down of itself when it started. */
export function describeAgents(sandbox: Sandbox): AgentsDescription {
  return agentsDescription.parse(JSON.parse(readFileSync(agentsFile(sandbox), "utf8")));
}

/** Options of the clouds. @param services Where the registry and the feed are; without, both are empty shells. */
export function cloudOptions(
  sandbox: Sandbox,
  secrets: Secrets,
  services: AgentsDescription | undefined,
): Readonly<Record<string, unknown>> {
  const { personalAccessToken, clientSecret, jobTokenKey } = secrets;
  return {
    folder: sandbox.cloud,
    ...identity,
    personalAccessToken,
    clientSecret,
    ...(services === undefined
      ? {}
      : {
          jobTokenKey,
          registryHost: services.registryHost,
          packageIndex: { ...feedPlace, address: services.feedAddress },
        }),
  };
}

/** How this machine's npm finds packages: settings that the owner of a self-hosted agent gives every job. */
const npmSetting =
  /^npm_config_(registry|cache|userconfig|globalconfig|cafile|https?_proxy|proxy|noproxy|strict_ssl)$/i;

/** What every job gets, as from the file `.env` of a self-hosted agent. Jobs have a home folder of their own. */
function jobEnvironment(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const settings = Object.entries(environment).flatMap(([name, value]) =>
    npmSetting.test(name) && value !== undefined ? [[name, value] as const] : [],
  );
  const home = environment.HOME ?? homedir();
  return {
    npm_config_userconfig: join(home, ".npmrc"),
    npm_config_cache: join(home, ".npm"),
    ...Object.fromEntries(settings),
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    // As the engine of the sandbox has it: its provider plugins are on PATH.
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
}

/** Options of the agents. @param environment Of the command that starts them: how its npm finds packages, jobs find them, too. */
export function agentsOptions(
  sandbox: Sandbox,
  secrets: Secrets,
  environment: NodeJS.ProcessEnv,
): Readonly<Record<string, unknown>> {
  const { personalAccessToken, clientSecret, jobTokenKey } = secrets;
  return {
    folder: sandbox.agents,
    ...identity,
    feed: feedPlace,
    ...{ personalAccessToken, clientSecret, jobTokenKey },
    path: [sandbox.plugins],
    jobEnvironment: jobEnvironment(environment),
  };
}
