/** PipAuthenticate@1: gives pip's variables the address of feeds with the job's token (the task's source, version 1.277). */
import type { Inputs, Task, TaskHost } from "./task";
import type { Result } from "../model";

/** The part of an input that names a project-scoped or an organization's feed: at most the first two parts count. */
function feedOf(given: string): string {
  const [first = "", second] = given.split("/");
  return second === undefined ? first : `${first}/${second}`;
}

/** The address with a user and a password, encoded where they must be. */
function withCredentials(address: string, user: string, password: string): string {
  const url = new URL(address);
  url.username = user;
  url.password = password;
  return url.toString();
}

async function run(host: TaskHost, inputs: Inputs): Promise<Result> {
  try {
    const feeds = (inputs.get("artifactFeeds") ?? "").split(",").filter((feed) => feed !== "");
    if (feeds.length > 0) host.setSecret(host.jobToken);
    const addresses: string[] = [];
    for (const feed of feeds) {
      addresses.push(withCredentials(await host.feedIndex(feedOf(feed)), "build", host.jobToken));
    }
    const onlyExtra = inputs.get("onlyAddExtraIndex")?.toLowerCase() === "true";
    const [first] = addresses;
    if (!onlyExtra && first !== undefined) {
      host.setVariable("PIP_INDEX_URL", first);
      addresses.shift();
    }
    if (addresses.length > 0) host.setVariable("PIP_EXTRA_INDEX_URL", addresses.join(" "));
    host.line(`Successfully added auth for ${feeds.length} internal feeds and 0 external endpoint.`);
    return "succeeded";
  } catch (error) {
    host.error(error instanceof Error ? error.message : String(error));
    host.error("Failed to add authentication.");
    return "failed";
  }
}

export const pipAuthenticate: Task = {
  name: "PipAuthenticate@1",
  inputs: [
    { name: "artifactFeeds" },
    {
      name: "pythonDownloadServiceConnections",
      notHere: "there are no connections to feeds outside of the organization",
    },
    { name: "onlyAddExtraIndex", default: "false" },
    {
      name: "workloadIdentityServiceConnection",
      aliases: ["azureDevOpsServiceConnection"],
      notHere: "there is no Entra ID that would give a token for it",
    },
    { name: "feedUrl", notHere: "it belongs to workloadIdentityServiceConnection" },
  ],
  run,
};
