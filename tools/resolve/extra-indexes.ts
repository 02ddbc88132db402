/** The indexes beside the feed that a spec names in compatibility mode, with the credentials of the secret folder. */
import * as path from "node:path";
import type { IndexFacts } from "../../spec/recipe-facts";
import { readSecretFile } from "../credentials";
import { UsageError } from "../errors";
import type { ExtraIndex } from "../uv";

/**
 * @param secrets folder with one file an index: its address with credentials.
 * @throws UsageError where an index has a secret and no folder is named; OutsideError for a file that is missing or empty.
 */
export function readExtraIndexes(indexes: readonly IndexFacts[], secrets: string | undefined): ExtraIndex[] {
  return indexes.map(({ name, url, secret }) => {
    if (secret === undefined) return { name, url, credentials: undefined };
    if (secrets === undefined) {
      throw new UsageError(
        `the index ${name} wants credentials`,
        `name the folder that holds the file ${secret} with --secrets`,
      );
    }
    const file = path.join(secrets, secret);
    return { name, url, credentials: credentialsOf(readSecretFile(file).trim(), file) };
  });
}

/** The address itself is never shown: it holds the secret. */
function credentialsOf(text: string, file: string): ExtraIndex["credentials"] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`${file} holds no URL`, "write the index's address with its credentials into it");
  }
  if (url.password === "" && url.username === "") {
    throw new UsageError(`${file} has no credentials`, "write it as https://<user>:<token>@<host>/<path>");
  }
  return { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}
