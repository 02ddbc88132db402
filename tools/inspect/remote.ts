/** Where a repository was cloned from, where that is Azure Repos: its names there, and nothing else of the address. */
import { readInside } from "../../spec/paths";

/** A repository of Azure Repos. */
export interface AzureRepository {
  readonly organization: string;
  readonly project: string;
  readonly name: string;
}

const LARGEST = 64 * 1024;

/** Reads git's configuration as text; git does not run, as its configuration can name programs. */
export function readRemote(folder: string): AzureRepository | undefined {
  const read = readInside(folder, ".git/config", LARGEST);
  if (read.kind !== "content") return undefined;
  let section = "";
  for (const line of read.bytes.toString("utf8").split(/\r?\n/)) {
    const header = /^\s*\[([^\]]*)\]/.exec(line)?.[1];
    if (header !== undefined) section = header;
    const address = /^\s*url\s*=\s*(\S+)\s*$/.exec(line)?.[1];
    if (section === 'remote "origin"' && address !== undefined) return fromAddress(address);
  }
  return undefined;
}

/**
 * The forms that Azure Repos shows under Clone.
 * Source: https://learn.microsoft.com/azure/devops/repos/git/clone
 */
function fromAddress(address: string): AzureRepository | undefined {
  const forms = [
    /^https:\/\/(?:[^/@]*@)?dev\.azure\.com\/(?<organization>[^/]+)\/(?<project>[^/]+)\/_git\/(?<name>[^/?#]+)\/?$/,
    /^https:\/\/(?:[^/@]*@)?(?<organization>[^./]+)\.visualstudio\.com\/(?:DefaultCollection\/)?(?<project>[^/]+)\/_git\/(?<name>[^/?#]+)\/?$/,
    /^(?:ssh:\/\/)?git@ssh\.dev\.azure\.com[:/]v3\/(?<organization>[^/]+)\/(?<project>[^/]+)\/(?<name>[^/?#]+)$/,
  ];
  const groups = forms.map((form) => form.exec(address)?.groups).find((found) => found !== undefined);
  try {
    return groups === undefined
      ? undefined
      : {
          organization: decodeURIComponent(groups.organization ?? ""),
          project: decodeURIComponent(groups.project ?? ""),
          name: decodeURIComponent(groups.name ?? ""),
        };
  } catch {
    return undefined; // An address with broken codes is none of Azure Repos'.
  }
}
