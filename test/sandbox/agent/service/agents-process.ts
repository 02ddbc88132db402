/** The agents' service as a process of its own, to be killed by a test: its jobs are real, its registry and feed are not there. */
import { startAgents, type CloudAccess } from "../../../../sandbox/agent/service";
import { FeedTokens } from "../../../../sandbox/services/feed/tokens";
import type { Services } from "../../../../sandbox/services/types";

const { folder, cloud, jobTokenKey } = JSON.parse(process.env.AGENTS_OF_A_TEST ?? "") as {
  readonly folder: string;
  readonly cloud: CloudAccess;
  readonly jobTokenKey: string;
};
const tokens = new FeedTokens(Date.now, jobTokenKey);
const services = {
  registry: { host: "127.0.0.1:1" },
  feed: { issueToken: tokens.issue.bind(tokens), revoke: tokens.revoke.bind(tokens) },
} as unknown as Services;

void startAgents({
  ...{ folder, cloud, services },
  feed: { organization: cloud.organization, project: "Platform", name: "python" },
  environment: { PATH: process.env.PATH },
  write: (line) => process.stdout.write(`${line}\n`),
}).then((agents) => {
  process.stdout.write("ready\n");
  process.on("SIGTERM", () => void agents.close().then(() => process.exit(0)));
});
