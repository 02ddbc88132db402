import assert from "node:assert/strict";
import { found, UNKNOWN } from "../asking";
import { devops, PROJECT, type Declared } from "../declared";

const rule = "feed-roles-are-narrow";
const permission = (role: string): Declared => ({
  token: devops("FeedPermission"),
  name: role,
  args: { feedId: PROJECT, identityDescriptor: "vssgp.group", role },
});

describe(rule, () => {
  it("lets those pass who install, and those who save packages from upstream sources", () => {
    assert.deepEqual(found(rule, [permission("reader"), permission("Collaborator"), permission(UNKNOWN)]), []);
  });

  it("refuses who may publish or remove packages, unless the organization lets them", () => {
    const wide = [permission("contributor"), permission("administrator")];
    assert.deepEqual(found(rule, wide), ["contributor", "administrator"]);
    assert.deepEqual(found(rule, wide, { roles: ["reader", "contributor"] }), ["administrator"]);
  });
});
