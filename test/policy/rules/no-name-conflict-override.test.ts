import assert from "node:assert/strict";
import { found, places, UNKNOWN } from "../asking";
import { feed, upstreamsOf } from "../declared";

const rule = "no-name-conflict-override";
const list = (more: Readonly<Record<string, unknown>> = {}) => upstreamsOf("list", "feed", more);

describe(rule, () => {
  it("lets a feed pass that says nothing of it, or says no", () => {
    const no = { allowUpstreamNameConflict: false, versionsFromExternalUpstreams: "Auto" };
    assert.deepEqual(found(rule, [feed("feed"), list(), list(no), list({ allowUpstreamNameConflict: UNKNOWN })]), []);
  });

  it("refuses to let public names in, for the feed, a source or a package, wherever that is said", () => {
    assert.deepEqual(places(rule, [list({ allowUpstreamNameConflict: true })]), ["allowUpstreamNameConflict"]);
    assert.deepEqual(places(rule, [list({ upstreams: [{}, { allowUpstreamNameConflict: "true" }] })]), [
      "upstreams[1].allowUpstreamNameConflict",
    ]);
    assert.deepEqual(
      places(rule, [list({ packages: { billing: { versionsFromExternalUpstreams: "AllowExternalVersions" } } })]),
      ["packages.billing.versionsFromExternalUpstreams"],
    );
    const aFeed = feed("feed");
    const whole = { ...aFeed, args: { ...aFeed.args, allowUpstreamNameConflict: true } };
    assert.deepEqual(found(rule, [whole]), ["feed"]);
  });

  it("is not led astray by names that every object has", () => {
    for (const name of ["__proto__", "constructor", "hasOwnProperty", "toString"]) {
      const inside = { allowUpstreamNameConflict: true };
      assert.deepEqual(found(rule, [list({ packages: { [name]: {} } })]), [], name);
      assert.deepEqual(places(rule, [list({ packages: { [name]: inside } })]), [
        `packages.${name}.allowUpstreamNameConflict`,
      ]);
    }
  });

  it("looks at feeds alone", () => {
    const other = { ...list({ allowUpstreamNameConflict: true }), token: "azuredevops:index/git:Git" };
    assert.deepEqual(found(rule, [other]), []);
  });
});
