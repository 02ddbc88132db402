import assert from "node:assert/strict";
import { body, Changes } from "./changes";
import { call, TestCloud } from "./client";

interface Resource {
  readonly id: string;
  readonly area: string;
  readonly resourceName: string;
  readonly routeTemplate: string;
}

describe("what the API says of its own addresses", () => {
  let cloud: TestCloud;
  let changes: Changes;
  before(async () => {
    cloud = await TestCloud.start();
    changes = await Changes.start(cloud, "Located");
  });
  after(async () => {
    changes.end();
    await cloud.end();
  });

  async function areas(): Promise<{ name: string; locationUrl: string }[]> {
    return body(await cloud.call("GET", "/devops/acme/_apis/resourceAreas")).value as never;
  }

  const resourcesOf = async (area: string): Promise<Resource[]> =>
    body(await cloud.call("OPTIONS", `/devops/acme/_apis/${area}`)).value as never;

  it("leads to something at each of them", async () => {
    await changes.push("topic", { "topic.txt": "1" });
    const { pullRequestId } = await changes.open("topic");
    const repository = { repoId: changes.repositoryId, repoType: "TfsGit", ymlPath: "azure-pipelines.yml" };
    const inputs = { projectId: changes.projectId, name: "located", repository };
    const pipelineId = (await cloud.make("BuildDefinition", inputs)).id;
    const values: Record<string, string> = {
      project: "Located",
      repositoryId: "code",
      pullRequestId: String(pullRequestId),
      pipelineId,
    };
    const thread = await changes.requests("POST", `/${String(pullRequestId)}/threads`, {
      comments: [{ content: "x" }],
    });
    values.threadId = String(body(thread).id);
    let seen = 0;
    for (const { name, locationUrl } of await areas()) {
      for (const { area, resourceName, routeTemplate } of await resourcesOf(name)) {
        // As the service's clients do it: what has no value is left out with its slash.
        const path = routeTemplate
          .split("/")
          .map((part) =>
            part.replace(
              /\{\*?(\w+)\}/,
              (_all, key: string) => ({ area, resource: resourceName, ...values })[key] ?? "",
            ),
          )
          .filter((part) => part !== "")
          .join("/");
        const query =
          resourceName === "evaluations"
            ? `?artifactId=vstfs:///CodeReview/CodeReviewId/${changes.projectId}/${String(pullRequestId)}`
            : "";
        const { pathname } = new URL(path, locationUrl);
        assert.equal((await cloud.call("GET", `${pathname}${query}`)).status, 200, pathname);
        seen += 1;
      }
    }
    assert.ok(seen > 10);
  });

  it("is empty for an area that is not served, and is told to nobody without a token", async () => {
    assert.deepEqual(await resourcesOf("tfvc"), []);
    assert.deepEqual(await resourcesOf("constructor"), []);
    const path = "/devops/acme/_apis/git";
    assert.equal((await call(cloud.address, "OPTIONS", path, undefined, { authorization: "" })).status, 401);
  });
});
