/** Where each part of the API is: the service's own clients ask this first, and build every address from the answer. */
import { list, type Answer, type Call } from "../call";

interface Resource {
  readonly id: string;
  readonly name: string;
  readonly route: string;
  /** Newest version of the resource itself, which stands behind `-preview.` in versions of the API. */
  readonly version: number;
}

const ofThread = "{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}/threads/{threadId}";
const ofRepository = "{project}/_apis/{area}/repositories/{repositoryId}/{resource}";

/** The ids are the service's own and the same everywhere. Areas that are asked for and not served are empty. */
const areas: Readonly<Record<string, { readonly id: string; readonly resources: readonly Resource[] }>> = {
  core: {
    id: "79134c72-4a58-4b42-976c-04e7115f32bf",
    resources: [
      {
        id: "603fe2ac-9723-48b9-88ad-09305aa6c6e1",
        name: "projects",
        route: "_apis/{resource}/{*projectId}",
        version: 4,
      },
    ],
  },
  git: {
    id: "4e080c62-fa21-4fbc-8fef-2a10a2b38049",
    resources: [
      {
        id: "225f7195-f9c7-4d14-ab28-a83f7ff77e1f",
        name: "repositories",
        route: "{project}/_apis/{area}/{resource}/{repositoryId}",
        version: 2,
      },
      { id: "2d874a60-a811-4f62-9c9f-963a6ea0a55b", name: "refs", route: ofRepository, version: 2 },
      { id: "c2570c3b-5b3f-41b8-98bf-5407bfde8d58", name: "commits", route: ofRepository, version: 2 },
      { id: "ea98d07b-3c87-4971-8ede-a613694ffb55", name: "pushes", route: `${ofRepository}/{pushId}`, version: 3 },
      { id: "fb93c0db-47ed-4a31-8c20-47552878fb44", name: "items", route: ofRepository, version: 1 },
      {
        id: "9946fd70-0d40-406e-b686-b4744cbbcc37",
        name: "pullRequests",
        route: `${ofRepository}/{pullRequestId}`,
        version: 2,
      },
      {
        id: "01a46dea-7d46-4d40-bc84-319e7c260d99",
        name: "pullRequests",
        route: "{project}/_apis/{area}/{resource}/{pullRequestId}",
        version: 2,
      },
      {
        id: "a5d28130-9cd2-40fa-9f08-902e7daa9efb",
        name: "pullRequests",
        route: "{project}/_apis/{area}/{resource}",
        version: 2,
      },
      {
        id: "4b6702c7-aa35-4b89-9c96-b9abf6d3e540",
        name: "reviewers",
        route:
          "{project}/_apis/{area}/repositories/{repositoryId}/pullRequests/{pullRequestId}/{resource}/{reviewerId}",
        version: 1,
      },
      { id: "ab6e2e5d-a0b7-4153-b64a-a4efe0d49449", name: "pullRequestThreads", route: ofThread, version: 1 },
      {
        id: "965a3ec7-5ed8-455a-bdcb-835a5ea7fe7b",
        name: "pullRequestThreadComments",
        route: `${ofThread}/comments/{commentId}`,
        version: 1,
      },
    ],
  },
  build: {
    id: "965220d5-5bb9-42cf-8d67-9b146df2a5a4",
    resources: [
      {
        id: "0cd358e1-9217-4d94-8269-1c1ee6f93dcf",
        name: "builds",
        route: "{project}/_apis/{area}/{resource}/{buildId}",
        version: 7,
      },
      {
        id: "dbeaf647-6167-421a-bda9-c9327b25e2e6",
        name: "definitions",
        route: "{project}/_apis/{area}/{resource}/{definitionId}",
        version: 7,
      },
    ],
  },
  pipelines: {
    id: "2e0bf237-8973-4ec9-a581-9c3d679d1776",
    resources: [
      {
        id: "7859261e-d2e9-4a68-b820-a5d84cc5bb3d",
        name: "runs",
        route: "{project}/_apis/{area}/{pipelineId}/{resource}/{runId}",
        version: 1,
      },
    ],
  },
  // Nothing of it is served; the service's client for pipelines looks for its address here all the same.
  wit: { id: "5264459e-e5e0-4bd8-b118-0985e68a4ec5", resources: [] },
  policy: {
    id: "fb13a388-40dd-4a04-b530-013a739c72ef",
    resources: [
      {
        id: "c23ddff5-229c-4d04-a80b-0fdce9f360c8",
        name: "evaluations",
        route: "{project}/_apis/{area}/{resource}/{evaluationId}",
        version: 1,
      },
    ],
  },
  location: {
    id: "00000051-0000-8888-8000-000000000000",
    resources: [
      {
        id: "e81700f7-3be2-46de-8624-2eb35882fcaa",
        name: "resourceAreas",
        route: "_apis/{resource}/{areaId}",
        version: 1,
      },
    ],
  },
};

/** `OPTIONS _apis/<area>` */
export function locations(area: string): Answer {
  const known = area.toLowerCase();
  const resources = Object.hasOwn(areas, known) ? (areas[known]?.resources ?? []) : [];
  return list(
    resources.map(({ id, name, route, version }) => ({
      id,
      area,
      resourceName: name,
      routeTemplate: route,
      resourceVersion: version,
      minVersion: "1.0",
      maxVersion: "7.2",
      releasedVersion: "7.1",
    })),
  );
}

/** `GET _apis/resourceAreas`: all areas are at one address here. */
export function resourceAreas({ cloud }: Call): Answer {
  const locationUrl = `${cloud.address()}/devops/${cloud.organization}/`;
  return list(Object.entries(areas).map(([name, { id }]) => ({ id, name, locationUrl })));
}
