/** Artifacts feeds with their retention and their permissions. */
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid, missing } from "../errors";
import { parse, recordKind, text, type Kind, type Shown } from "../kind";
import { newGuid, type Entity } from "../state";
import { putBuildService, requireOwner, requireProject, requireSubject } from "./identities";
import { checkName } from "./names";
import { tokens } from "./tokens";

const feedInputs = z.looseObject({
  name: z.string(),
  projectId: z.string().optional(),
  features: z
    .array(z.looseObject({ permanentDelete: z.boolean().default(false), restore: z.boolean().default(false) }))
    .optional(),
});

function feedKey(projectId: string | undefined, name: string): string {
  return `${projectId ?? ""}/${name.toLowerCase()}`;
}

/** The feed with this name or id in a project, or, without a project, among those of the organization. */
export function findFeed(cloud: Cloud, projectId: string | undefined, nameOrId: string): Entity | undefined {
  const byName = cloud.state.byKey(tokens.feed, feedKey(projectId, nameOrId));
  const found = byName?.deletedAt === undefined ? byName : undefined;
  const entity = found ?? cloud.state.get(tokens.feed, nameOrId);
  return optionalText(entity, "projectId") === projectId ? entity : undefined;
}

function optionalText(entity: Entity | undefined, property: string): string | undefined {
  const value = entity?.properties[property];
  return typeof value === "string" ? value : undefined;
}

/** The feed, or the service's refusal: a feed of a project is not found without the project, nor the other way round. */
export function requireFeed(cloud: Cloud, projectId: string | undefined, nameOrId: string): Entity {
  const feed = findFeed(cloud, projectId, nameOrId);
  if (feed === undefined) {
    const place = projectId === undefined ? "of the organization" : `of the project ${projectId}`;
    throw missing(
      "FeedIdNotFound",
      `no feed ${place} has the name or id "${nameOrId}"; feeds of a project are found with the project, others without`,
    );
  }
  return feed;
}

function showFeed(entity: Entity): Shown {
  return { id: entity.id, properties: entity.properties };
}

/** The roles that the service gives on a new feed: its maker owns it, and the build account may save packages into it. */
function grantUsualRoles(cloud: Cloud, feed: Entity): void {
  const projectId = optionalText(feed, "projectId");
  const account = putBuildService(cloud, projectId === undefined ? undefined : requireProject(cloud, projectId));
  putPermission(cloud, feed, requireOwner(cloud), "administrator");
  putPermission(cloud, feed, account, "collaborator");
}

/** Feeds. Deletion is soft and keeps the name taken, unless the feed's features say otherwise. */
export const feed: Kind = {
  token: tokens.feed,
  create(cloud, properties) {
    const inputs = parse(feedInputs, properties, "feed");
    checkName("feed", inputs.name);
    if (inputs.projectId !== undefined) {
      requireProject(cloud, inputs.projectId);
    }
    const key = feedKey(inputs.projectId, inputs.name);
    const holder = cloud.state.byKey(tokens.feed, key);
    if (holder?.deletedAt !== undefined && inputs.features?.[0]?.restore === true) {
      const { token, id, within, hidden = {} } = holder;
      return showFeed(cloud.state.put({ token, id, key, within, hidden, properties: inputs }));
    }
    if (holder !== undefined) {
      throw conflict(
        "FeedNameAlreadyExists",
        holder.deletedAt === undefined
          ? `a feed named "${inputs.name}" exists already here`
          : `the name "${inputs.name}" belongs to a feed that was deleted on ${holder.deletedAt} and can still be restored: ` +
              "set features.restore, delete it permanently, or choose another name",
      );
    }
    const within = inputs.projectId === undefined ? [] : [{ token: tokens.project, id: inputs.projectId }];
    const hidden = {
      upstreamEnabled: false,
      upstreamSources: [],
      badgesEnabled: false,
      hideDeletedPackageVersions: true,
    };
    const entity = cloud.state.put({ token: tokens.feed, id: newGuid(), key, within, properties: inputs, hidden });
    grantUsualRoles(cloud, entity);
    return showFeed(entity);
  },
  read(cloud, id) {
    const entity = cloud.state.get(tokens.feed, id) ?? cloud.state.get(tokens.feed, id.slice(id.lastIndexOf("/") + 1));
    return entity === undefined ? undefined : showFeed(entity);
  },
  update(cloud, id, _olds, news) {
    const entity = cloud.state.get(tokens.feed, id) ?? requireFeed(cloud, undefined, id);
    const { name, projectId, ...rest } = parse(feedInputs, news, "feed");
    if (name !== text(entity, "name") || projectId !== optionalText(entity, "projectId")) {
      throw invalid("FeedUpdateInvalid", "name and project of a feed cannot be changed: make another feed");
    }
    // The provider sends an empty body, so nothing else of a feed changes.
    return showFeed(
      cloud.state.put({ ...entity, properties: { name, ...(projectId === undefined ? {} : { projectId }), ...rest } }),
    );
  },
  delete(cloud, id) {
    const entity = cloud.state.get(tokens.feed, id);
    if (entity === undefined) {
      throw missing("FeedIdNotFound", `there is no feed with the id ${id}`);
    }
    if (feedInputs.parse(entity.properties).features?.[0]?.permanentDelete === true) {
      cloud.state.remove(tokens.feed, id);
    } else {
      cloud.state.put({ ...entity, deletedAt: new Date().toISOString() });
    }
  },
  find(cloud, properties) {
    const { projectId, name } = parse(feedInputs, properties, "feed");
    return findFeed(cloud, projectId, name)?.id;
  },
};

const retentionInputs = z.looseObject({
  feedId: z.string(),
  projectId: z.string().optional(),
  countLimit: z.number().int(),
  daysToKeepRecentlyDownloadedPackages: z.number().int(),
});

/** How many versions of a package a feed keeps. There is one policy a feed; the id is the feed's. */
export const feedRetentionPolicy: Kind = recordKind<z.infer<typeof retentionInputs>>({
  token: tokens.feedRetentionPolicy,
  called: "retention policy",
  inputs: retentionInputs,
  overwrites: true,
  key: ({ feedId }) => feedId,
  newId: ({ feedId }) => feedId,
  within: ({ feedId }) => [{ token: tokens.feed, id: feedId }],
  check({ feedId, projectId, countLimit, daysToKeepRecentlyDownloadedPackages: days }, cloud) {
    requireFeed(cloud, projectId, feedId);
    if (countLimit < 1 || countLimit > 5000) {
      throw invalid("RetentionPolicyInvalid", `countLimit lies between 1 and 5000, and ${countLimit} does not`);
    }
    if (days < 1 || days > 4000) {
      throw invalid(
        "RetentionPolicyInvalid",
        `daysToKeepRecentlyDownloadedPackages lies between 1 and 4000, and ${days} does not`,
      );
    }
  },
});

const permissionInputs = z.looseObject({
  feedId: z.string(),
  projectId: z.string().optional(),
  identityDescriptor: z.string(),
  role: z.string(),
  displayName: z.string().optional(),
});

const roles = ["reader", "contributor", "collaborator", "administrator"];

function putPermission(cloud: Cloud, feedEntity: Entity, identity: Entity, role: string): void {
  const projectId = optionalText(feedEntity, "projectId");
  const identityDescriptor = text(identity, "descriptor");
  cloud.state.put({
    token: tokens.feedPermission,
    id: `fp-${newGuid()}`,
    key: `${feedEntity.id}/${identityDescriptor}`,
    within: permissionOwners(feedEntity.id, identity),
    properties: {
      feedId: feedEntity.id,
      ...(projectId === undefined ? {} : { projectId }),
      identityDescriptor,
      identityId: identity.id,
      role,
      displayName: text(identity, "displayName"),
    },
  });
}

function permissionOwners(feedId: string, identity: Entity): { token: string; id: string }[] {
  return [
    { token: tokens.feed, id: feedId },
    { token: identity.token, id: identity.id },
  ];
}

/** Who may do what with a feed. */
export const feedPermission: Kind = recordKind<z.infer<typeof permissionInputs>>({
  token: tokens.feedPermission,
  called: "feed permission",
  inputs: permissionInputs,
  key: ({ feedId, identityDescriptor }) => `${feedId}/${identityDescriptor}`,
  newId: () => `fp-${newGuid()}`,
  within: ({ feedId, identityDescriptor }, cloud) =>
    permissionOwners(feedId, requireSubject(cloud, identityDescriptor, "the identity")),
  check({ feedId, projectId, identityDescriptor, role }, cloud) {
    requireFeed(cloud, projectId, feedId);
    requireSubject(cloud, identityDescriptor, "the identity");
    if (!roles.includes(role)) {
      throw invalid("FeedRoleInvalid", `"${role}" is no role on a feed; there are ${roles.join(", ")}`);
    }
  },
  duplicate: ({ feedId, identityDescriptor }) =>
    conflict(
      "FeedPermissionExists",
      `the feed ${feedId} has a permission for ${identityDescriptor} already; the service itself makes the build account a collaborator`,
    ),
  computed({ identityDescriptor, displayName }, cloud) {
    const identity = requireSubject(cloud, identityDescriptor, "the identity");
    return {
      identityId: optionalText(identity, "groupId") ?? identity.id,
      displayName: displayName ?? text(identity, "displayName"),
    };
  },
});
