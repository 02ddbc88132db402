/** What the feeds hold, over the package managers' own protocols: nothing yet, which is said in their words. */
import { type Answer, type Call } from "../call";
import { requireFeed } from "../devops/feeds";
import { missing, ServiceError } from "../errors";
import { projectId } from "./repositories";

/** `[<project>/]_packaging/<feed>/pypi/simple/[<package>/]`: a feed that nobody has published to has an empty index. */
export function packages(call: Call): Answer {
  const at = call.parts.indexOf("_packaging");
  const [feed = "", protocol = "", index = "", name = "", ...more] = call.parts.slice(at + 1);
  if (at < 0 || at > 1 || protocol !== "pypi" || index !== "simple" || more.length > 0) {
    throw missing("ControllerNotFound", `there is nothing at ${call.parts.join("/")}`);
  }
  if (call.method !== "GET" && call.method !== "HEAD") {
    throw new ServiceError(405, "MethodNotAllowed", "nothing is published to feeds here");
  }
  const { id } = requireFeed(call.cloud, at === 0 ? undefined : projectId(call.cloud, call.parts[0] ?? ""), feed);
  if (name !== "") {
    throw missing("PackageNotFound", `the feed ${id} holds no package named ${name}`);
  }
  return {
    status: 200,
    headers: { "content-type": "text/html" },
    text: "<!DOCTYPE html>\n<html><body></body></html>\n",
  };
}
