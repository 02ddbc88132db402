/** Finds the address of the public package index that this machine uses, to be the feed's upstream source. */
import { run } from "../process.mjs";

/** Stands where no index is configured: port 9 of this machine, where nothing answers. */
const nowhere = "http://127.0.0.1:9/simple/";

/** The address without user, password, query and fragment; nothing when it is no web address. */
export function withoutCredentials(address: string): string | undefined {
  let url: URL;
  try {
    url = new URL(address.trim());
  } catch {
    return undefined;
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  url.username = "";
  url.password = "";
  url.search = "";
  url.hash = "";
  return url.href;
}

async function pipSetting(environment: NodeJS.ProcessEnv): Promise<string> {
  const args = ["-m", "pip", "config", "get", "global.index-url"];
  const answer = await run("python3", args, { env: environment, allowFailure: true, timeoutSeconds: 20 });
  return answer.code === 0 ? answer.output : "";
}

/**
 * `WHEELHOUSE_PUBLIC_INDEX`, else what pip uses (`PIP_INDEX_URL`, then its configuration), without credentials. Where none is
 * set, an address on this machine at which nothing answers: no index is named in the project, and the platform can still be declared.
 */
export async function publicIndex(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const name of ["WHEELHOUSE_PUBLIC_INDEX", "PIP_INDEX_URL"]) {
    const address = withoutCredentials(environment[name] ?? "");
    if (address !== undefined) return address;
  }
  return withoutCredentials(await pipSetting(environment)) ?? nowhere;
}
