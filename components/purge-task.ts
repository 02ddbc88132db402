/** The nightly task that removes untagged manifests from a registry whose tier has no policy for it. */
import { stringify } from "yaml";

/** The part of a registry task's inputs that says what it does and when. */
export interface PurgeTask {
  readonly taskName: string;
  readonly status: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  readonly step: { readonly type: "EncodedTask"; readonly encodedTaskContent: string };
  readonly credentials: { readonly sourceRegistry: { readonly loginMode: string } };
  readonly trigger: {
    readonly timerTriggers: { readonly name: string; readonly schedule: string; readonly status: string }[];
  };
  /** Seconds. */
  readonly timeout: number;
}

const TIMEOUT_SECONDS = 3600;

/**
 * A task that runs `acr purge` at 02:17 UTC, when hardly anybody publishes: between its push by digest and its tag an
 * image is untagged. The filter's second half matches no tag, for `acr purge` would remove a tag that it matches.
 * Facts: learn.microsoft.com, «Automatically purge images from an Azure container registry».
 * @param days age at which an untagged manifest is removed; whole days.
 */
export function purgeTask(days: number): PurgeTask {
  const content = stringify(
    {
      version: "v1.1.0",
      steps: [
        {
          cmd: `acr purge --filter '.*:^$' --untagged --ago ${String(days)}d`,
          disableWorkingDirectoryOverride: true,
          timeout: TIMEOUT_SECONDS,
        },
      ],
    },
    { lineWidth: 0 },
  );
  return {
    taskName: "purge-untagged",
    status: "Enabled",
    platform: { os: "Linux", architecture: "amd64" },
    step: { type: "EncodedTask", encodedTaskContent: Buffer.from(content).toString("base64") },
    credentials: { sourceRegistry: { loginMode: "Default" } },
    trigger: { timerTriggers: [{ name: "nightly", schedule: "17 2 * * *", status: "Enabled" }] },
    timeout: TIMEOUT_SECONDS,
  };
}
