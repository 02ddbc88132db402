import assert from "node:assert/strict";
import { ask, found, places, UNKNOWN } from "../asking";
import { feed, upstreamsOf, type Declared } from "../declared";

const rule = "one-upstream-set";
const source = (name: string, location: unknown, kind = "public") => ({ name, protocol: "pypi", location, kind });
const sources = (...upstreams: unknown[]): Declared[] => [feed("feed"), upstreamsOf("list", "feed", { upstreams })];
const index = source("public", "https://index.example.com/simple/");

describe(rule, () => {
  it("lets one list with one public index pass, beside internal sources, and an empty list", () => {
    const internal = source("other", "azure-feed://contoso/other@local", "internal");
    assert.deepEqual(found(rule, sources(index, internal)), []);
    assert.deepEqual(found(rule, sources()), []);
  });

  it("knows the list of a program in another language, which the plugin declares", () => {
    const [own, list] = sources(index) as [Declared, Declared];
    assert.deepEqual(found(rule, [own, { ...list, token: "wheelhouse:index:FeedUpstreams" }]), []);
  });

  it("refuses a feed without a list, and one with two", () => {
    assert.deepEqual(found(rule, [feed("alone"), feed("feed"), upstreamsOf("list", "feed")]), ["alone"]);
    const [finding] = ask(rule, [feed("feed"), upstreamsOf("one", "feed"), upstreamsOf("two", "feed")]);
    assert.match(finding!.message, /Feed feed, upstream sources: 2 lists/);
  });

  it("knows the list of a feed by its id or its name, where these are written out", () => {
    const named = { ...upstreamsOf("list", "nothing"), args: { feed: "python", upstreams: [] } };
    assert.deepEqual(found(rule, [feed("python"), named]), []);
    const byId = { ...feed("python"), args: { id: "1234", name: "python" } };
    assert.deepEqual(found(rule, [byId, { ...named, args: { feed: "1234", upstreams: [] } }]), []);
  });

  it("refuses a second public index unless the organization wants it, and two of one name", () => {
    const other = source("other", "https://other.example.com/simple/");
    assert.deepEqual(places(rule, sources(index, other)), ["upstreams"]);
    assert.deepEqual(found(rule, sources(index, other), { publicSources: 2 }), []);
    assert.deepEqual(places(rule, sources(index, { ...other, name: "public", kind: "internal" })), ["upstreams"]);
  });

  it("refuses an index that is not reached by https, but for one on this machine", () => {
    assert.deepEqual(places(rule, sources(source("public", "http://index.example.com/simple/"))), [
      "upstreams[0].location",
    ]);
    assert.deepEqual(places(rule, sources(source("public", "http://127.0.0.1.example.com/simple/"))), [
      "upstreams[0].location",
    ]);
    assert.deepEqual(found(rule, sources(source("public", "http://127.0.0.1:3141/simple/"))), []);
  });

  it("waits for addresses, kinds and lists that are not known yet", () => {
    const later = { name: UNKNOWN, protocol: "pypi", location: UNKNOWN, kind: UNKNOWN };
    assert.deepEqual(found(rule, sources(later, later)), []);
    assert.deepEqual(found(rule, [feed("feed"), upstreamsOf("list", "feed", { upstreams: UNKNOWN })]), []);
  });
});
