/** People beside the owner, each with a personal access token: whoever asks for a change does not also approve it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Cloud } from "../cloud";
import { conflict, invalid } from "../errors";
import { recordKind, text, type Kind } from "../kind";
import type { Entity } from "../state";
import { descriptor } from "./identities";
import { tokens } from "./tokens";

const inputs = z.strictObject({
  displayName: z.string().min(1),
  mail: z.email(),
  /** Kept as a hash only. */
  personalAccessToken: z.string().min(20),
});

function hash(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Members of the organization with the rights of a contributor in every project. The service's administrators invite them. */
export const person: Kind = recordKind<z.infer<typeof inputs>>({
  token: tokens.person,
  called: "person",
  inputs,
  key: ({ mail }) => mail.toLowerCase(),
  check({ personalAccessToken }, cloud, current) {
    const holder = personWith(cloud, personalAccessToken);
    if (holder !== undefined && holder.id !== current?.id) {
      throw invalid("InvalidArgument", "person: personalAccessToken: somebody else has this token");
    }
  },
  duplicate: ({ mail }) => conflict("AlreadyExists", `there is a person with the address ${mail} already`),
  split: ({ personalAccessToken, ...shown }) => ({ shown, hidden: { tokenHash: hash(personalAccessToken) } }),
  computed: ({ mail }) => ({ descriptor: descriptor("aad", mail), subjectKind: "user" }),
});

/** The person who has this token. */
export function personWith(cloud: Cloud, token: string): Entity | undefined {
  const wanted = hash(token);
  return cloud.state.list(tokens.person).find((entity) => entity.hidden?.tokenHash === wanted);
}

/** The person, or the service's own account, with this id. */
export function identityOf(cloud: Cloud, id: string): Entity | undefined {
  return cloud.state.get(tokens.person, id) ?? cloud.state.get(tokens.identity, id);
}

/** How commits name somebody. */
export function signatureOf(identity: Entity): { readonly name: string; readonly email: string } {
  const name = text(identity, "displayName");
  return { name, email: text(identity, "mail") || `${identity.id}@sandbox.localhost` };
}
