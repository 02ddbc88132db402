/** Settings of a platform for tests, with addresses that nobody has. */
import type { PipelineSettings } from "../../pipelines";

export function settings(parts: Partial<PipelineSettings> = {}): PipelineSettings {
  return {
    project: "Platform",
    templateRepository: "wheelhouse",
    feed: { name: "packages", scope: "project" },
    indexUrl: "https://packages.example.com/contoso/Platform/_packaging/packages/pypi/simple/",
    indexes: [],
    registry: "contoso.registry.example.com",
    pushConnection: "wheelhouse-push",
    pullConnection: "wheelhouse-pull",
    pool: { kind: "hosted", vmImage: "ubuntu-24.04" },
    builder: { driver: "docker-container", image: undefined },
    timeoutMinutes: { application: 60, baseImage: 120 },
    folder: "\\wheelhouse",
    ...parts,
  };
}
