/** A feed's upstream sources are one declared list, with one public index in it. */
import { z } from "zod";
import { FEED, FEED_UPSTREAMS } from "../resource-types";
import { refersTo, stackRule, type StackResource, type StackViolation } from "../stack-rule";
import { at, elements, textOf, UNKNOWN } from "../values";

export const oneUpstreamSet = stackRule({
  name: "one-upstream-set",
  description: "Each feed has one declared list of upstream sources, with one public index at most.",
  severity: "high",
  mend: "Declare one FeedUpstreams for each feed, with one public source at most; further indexes become internal sources.",
  parameters: z.strictObject({
    publicSources: z.int().min(0).max(20).default(1).describe("Public sources that one feed may have."),
  }),
  types: [FEED, FEED_UPSTREAMS],
  check: (stack, { publicSources }) => {
    const lists = stack.ofType(FEED_UPSTREAMS);
    return [
      ...stack.ofType(FEED).flatMap((feed) => feedViolations(feed, lists)),
      ...lists.flatMap((list) => listViolations(list, publicSources)),
    ];
  },
});

function feedViolations(feed: StackResource, lists: readonly StackResource[]): StackViolation[] {
  const own = lists.filter((list) => refersTo(list, "feed", list.outputs.feed, feed, ["id", "name"]));
  if (own.length === 1) return [];
  const mend = "Declare one FeedUpstreams for it, with the whole list";
  return [
    own.length === 0
      ? {
          resource: feed,
          where: "upstream sources",
          what: "no list of them is declared",
          why: "a source that someone adds by hand is found by no preview",
          mend,
        }
      : {
          resource: feed,
          where: "upstream sources",
          what: `${own.length} lists of them are declared`,
          why: "each replaces the other's at every update",
          mend,
        },
  ];
}

function listViolations(list: StackResource, publicSources: number): StackViolation[] {
  const sources = elements(list.outputs.upstreams);
  const violations: StackViolation[] = [];
  const ofPublicKind = sources.filter((source) => at(source, "kind") === "public");
  if (ofPublicKind.length > publicSources) {
    violations.push({
      resource: list,
      where: "upstreams",
      what: `${ofPublicKind.length} of them are public, ${publicSources} may be`,
      why: "whoever publishes a name to any of them decides what is installed",
      mend: "Keep one public index, or set this rule's publicSources",
    });
  }
  sources.forEach((source, index) => {
    const location = textOf(at(source, "location"));
    if (location !== undefined && !isProtected(location)) {
      violations.push({
        resource: list,
        where: `upstreams[${index}].location`,
        what: "it is not an https address",
        why: "whoever is on the way can change packages",
        mend: "Write the https address of the index",
      });
    }
  });
  const names = sources.map((source) => at(source, "name")).filter((name) => name !== UNKNOWN && name !== undefined);
  if (new Set(names).size < names.length) {
    violations.push({
      resource: list,
      where: "upstreams",
      what: "two of them have one name",
      why: "nobody can tell which of them a package came from",
      mend: "Give each source a name of its own",
    });
  }
  return violations;
}

/** Internal sources are feeds, of which the location may be no address; this machine needs no protection on the way. */
function isProtected(location: string): boolean {
  return (
    !/^[a-z]+:\/\//i.test(location) ||
    /^(?:https|azure-feed):|^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?\//i.test(location)
  );
}
