/** Judges the check that a service connection, a pool or a repository may have: only pipelines that extend a certain template may use it. */
import type { ExpandedPipeline } from "../../model";
import type { Definition, RequiredTemplate, ResourceType, World } from "../world";
import { endpointNamed } from "./authorizations";
import { namedConnections, namedRepositories, repositoryNamed, same } from "./resources";

/** The template that a run extends, as it was really read. */
export interface ExtendedTemplate {
  readonly repositoryId: string;
  /** Full name of the branch or tag. */
  readonly ref: string;
  readonly path: string;
}

/** `templates/a.yml` for `/templates/a.yml` and `./templates/a.yml`. */
function plainPath(path: string): string {
  return path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/");
}

/** @param branch Of the run: what `self` is read at. */
export function extendedTemplate(
  pipeline: ExpandedPipeline,
  definition: Definition,
  branch: string,
  world: World,
): ExtendedTemplate | undefined {
  if (pipeline.extends === undefined) return undefined;
  const { repository, path } = pipeline.extends;
  if (repository === "self") return { repositoryId: definition.repositoryId, ref: branch, path };
  const resource = pipeline.main.repositories.find(({ alias }) => same(alias, repository));
  const found = resource && repositoryNamed(world, resource.name, definition.projectId);
  return resource && found && { repositoryId: found.id, ref: resource.ref, path };
}

function meets(template: ExtendedTemplate, wanted: RequiredTemplate, projectId: string, world: World): boolean {
  return (
    repositoryNamed(world, wanted.repository, projectId)?.id === template.repositoryId &&
    wanted.ref === template.ref &&
    plainPath(wanted.path) === plainPath(template.path)
  );
}

/** What a run uses that can have checks, with what messages call it. */
function usedResources(
  pipeline: ExpandedPipeline,
  definition: Definition,
  world: World,
): { type: ResourceType; id: string; called: string }[] {
  const { projectId } = definition;
  const endpoints = namedConnections(pipeline).flatMap(({ connection }) => {
    const found = endpointNamed(world, projectId, connection);
    return found === undefined
      ? []
      : [{ type: "endpoint" as const, id: found.id, called: `the service connection ${found.name}` }];
  });
  const repositories = namedRepositories(pipeline, definition, world).flatMap(({ repository }) =>
    repository === undefined
      ? []
      : [{ type: "repository" as const, id: repository.id, called: `the repository ${repository.name}` }],
  );
  const queues = pipeline.jobs.flatMap(({ pool }) => {
    const queue = world.queues.find(
      (one) => one.projectId === projectId && "name" in pool && same(one.name, pool.name),
    );
    return queue === undefined ? [] : [{ type: "queue" as const, id: queue.id, called: `the pool ${queue.name}` }];
  });
  return [...endpoints, ...repositories, ...queues];
}

/** What required-template checks refuse; one of a check's templates is enough. */
export function templateProblems(
  pipeline: ExpandedPipeline,
  definition: Definition,
  branch: string,
  world: World,
): string[] {
  const template = extendedTemplate(pipeline, definition, branch, world);
  const problems = usedResources(pipeline, definition, world).flatMap(({ type, id, called }) =>
    world.requiredTemplates
      .filter((check) => same(check.type, type) && check.resourceId === id)
      .filter(
        ({ templates, projectId }) =>
          template === undefined || !templates.some((wanted) => meets(template, wanted, projectId, world)),
      )
      .map(({ templates }) => {
        const wanted = templates.map(({ repository, ref, path }) => `${path} of ${repository} at ${ref}`).join(", or ");
        const extended =
          template === undefined
            ? "extends no template"
            : `extends ${template.path} of ${world.repositories.find((one) => one.id === template.repositoryId)?.name ?? "a repository"} at ${template.ref}`;
        return `Required template check failed: ${called} may only be used by pipelines that extend ${wanted}, and this one ${extended}. Extend that template`;
      }),
  );
  return [...new Set(problems)];
}
