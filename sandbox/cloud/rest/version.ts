/** The version of the API that each call of Azure DevOps names. */
import type { Call } from "../call";
import { invalid } from "../errors";

/** Newest version that the service has. */
const newest = 7.2;

/**
 * Refuses a call that names no version where it must, or one that does not exist. The version stands in the query or in the `Accept`
 * header. Reading works without; changing does not.
 */
export function checkVersion({ query, request, method }: Call): void {
  const accepted = /api-version=([^;,\s]+)/.exec(request.headers.accept ?? "")?.[1];
  const version = query.get("api-version") ?? accepted;
  if (version === undefined) {
    if (method === "GET") {
      return;
    }
    throw invalid(
      "VssVersionNotSpecifiedException",
      `no api-version was given for the ${method} request: add ?api-version=7.1-preview.1 or the like to the address`,
    );
  }
  const form = /^(\d+\.\d+)(-preview(\.\d+)?)?$/.exec(version);
  if (form === null) {
    throw invalid("VssInvalidApiVersionException", `"${version}" is no version: write it like 7.1 or 7.1-preview.1`);
  }
  const number = Number(form[1]);
  if (number < 1 || number > newest) {
    throw invalid(
      "VssVersionOutOfRangeException",
      `the version ${version} is not served; the newest one is ${newest}-preview`,
    );
  }
  if (number === newest && form[2] === undefined) {
    throw invalid(
      "VssInvalidPreviewVersionException",
      `the version ${version} is under preview: write ${version}-preview`,
    );
  }
}
