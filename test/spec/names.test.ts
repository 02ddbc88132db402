/** Tests the rules for names against what the services publish. */
import { deepEqual, equal, notEqual } from "node:assert/strict";
import fc from "fast-check";
import * as names from "../../spec/names";
import type { Rule } from "../../spec";

/** The published rules, said again by what they forbid, so that a slip in one of the two is seen. */
const FORBIDDEN = Array.from("/:\\~&%;@'\"?<>|#$*}{,+=[]");
const SYSTEM = [
  "PRN",
  "COM1",
  "COM9",
  "COM10",
  "LPT1",
  "LPT9",
  "NUL",
  "CON",
  "AUX",
  "SERVER",
  "SignalR",
  "DefaultCollection",
  "Web",
  "App_Data",
  "bin",
  "web.config",
];

function azureDevOpsAllows(name: string): boolean {
  return (
    name.length > 0 &&
    name.length <= 64 &&
    !FORBIDDEN.some((character) => name.includes(character)) &&
    !/[\u0000-\u001f\u007f-\u009f\ud800-\udfff]/.test(name) &&
    !name.startsWith("_") &&
    !name.startsWith(".") &&
    !name.endsWith(".") &&
    !SYSTEM.some((reserved) => reserved.toLowerCase() === name.toLowerCase())
  );
}

const PUBLISHED: Readonly<
  Record<string, { rule: Rule; allows: (name: string) => boolean; good: string[]; bad: string[] }>
> = {
  registryName: {
    rule: names.registryName,
    allows: (name) => /^[a-zA-Z0-9]{5,50}$/.test(name),
    good: ["abcde", "Contoso2026", "a".repeat(50)],
    bad: ["", "abcd", "a".repeat(51), "contoso-images", "contoso.images", "contoso_images", "größe12"],
  },
  resourceGroupName: {
    rule: names.resourceGroupName,
    allows: (name) =>
      name.length >= 1 && name.length <= 90 && /^[\p{L}\p{Nd}_.()-]+$/u.test(name) && !name.endsWith("."),
    good: ["wheelhouse", "rg-(prod)_1.x", "Größe", "a".repeat(90)],
    bad: ["", "a".repeat(91), "rg prod", "rg.", "rg/prod", "rg#1", "rg$"],
  },
  imageRepositoryName: {
    rule: names.imageRepositoryName,
    allows: (name) =>
      name.length < 256 && /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/.test(name),
    good: ["orders", "team/orders-api", "a__b", "a--b", "a.b", "0"],
    bad: ["", "Orders", "-orders", "orders-", "a..b", "a/", "/a", "a//b", "a:b", "a".repeat(256)],
  },
  organizationName: {
    rule: names.organizationName,
    allows: (name) => name.length <= 50 && /^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$/.test(name),
    good: ["contoso", "Contoso-2", "1"],
    bad: ["", "-contoso", "contoso-", "con.toso", "con toso", "größe", "a".repeat(51)],
  },
  projectName: {
    rule: names.projectName,
    allows: azureDevOpsAllows,
    good: ["Platform", "Größe 1", "a", "a-b_c.d (e)!", "a".repeat(64)],
    bad: [
      "",
      "_x",
      ".x",
      "x.",
      " x",
      "x ",
      "a".repeat(65),
      "con",
      "LPT3",
      "web",
      "Bin",
      "a\nb",
      "a\u200bb",
      "a\u2028b",
      "a`b",
      "😀",
      ...FORBIDDEN.map((character) => `a${character}b`),
      ...SYSTEM,
    ],
  },
  repositoryName: {
    rule: names.repositoryName,
    allows: azureDevOpsAllows,
    good: ["orders", "My Repository", "a.b"],
    bad: ["", "_x", "x.", ".git.", "a/b", "nul", "a".repeat(65), ...FORBIDDEN.map((character) => `a${character}b`)],
  },
  pipelineName: {
    rule: names.pipelineName,
    allows: azureDevOpsAllows,
    good: ["orders"],
    bad: ["a\\b", "a/b", "a?b", ""],
  },
  teamName: {
    rule: names.teamName,
    allows: (name) => azureDevOpsAllows(name) && !name.includes("..") && !name.includes("…"),
    good: ["commerce", "Commerce EU"],
    bad: ["a..b", "a…b", "a/b", "a,b", ""],
  },
  feedName: {
    rule: names.feedName,
    allows: (name) =>
      /^[\p{L}\p{N}]/u.test(name) &&
      /[\p{L}\p{N}]$/u.test(name) &&
      !Array.from("@~;{}'+=,<>|/\\?:&$*\"#[]% ").some((character) => name.includes(character)),
    good: ["python", "python-packages", "a.b_c", "P"],
    bad: ["", "a b", ".a", "_a", "a.", "a-", "a@b", "a`b", "a(b)c", "a%20b", "a".repeat(65), "a\tb"],
  },
  agentPoolName: {
    rule: names.agentPoolName,
    allows: (name) => name.length <= 64,
    good: ["Default", "Azure Pipelines", "linux-builders (EU)"],
    bad: ["", " a", "a ", "a'b", "a$b", "a/b", "a\nb"],
  },
  specName: {
    rule: names.specName,
    allows: (name) => azureDevOpsAllows(name) && /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*$/.test(name),
    good: ["orders", "order-service-2", "py"],
    bad: [
      "",
      "o",
      "Orders",
      "or_ders",
      "or.ders",
      "1orders",
      "-orders",
      "orders-",
      "or--ders",
      "o/rders",
      "con",
      "aux",
      "web",
      "server",
      "bin",
      "wheelhouse",
      "wheelhouse-x",
      "a".repeat(41),
      "${{x}}",
      "$(x)",
      "or ders",
      "orders\n",
    ],
  },
};

const anyName = fc.oneof(
  fc.string({ maxLength: 70, unit: "binary" }),
  fc.string({ maxLength: 70 }),
  fc.stringMatching(/^[A-Za-z0-9._ -]{1,66}$/),
  fc.stringMatching(/^[a-z][a-z0-9-]{0,45}$/),
  fc.constantFrom(...SYSTEM, ...FORBIDDEN),
);

describe("Rules for names", () => {
  for (const [name, { rule, allows, good, bad }] of Object.entries(PUBLISHED)) {
    it(`${name} allows what is published as allowed`, () => {
      deepEqual(
        good.filter((text) => rule(text) !== undefined),
        [],
      );
    });
    it(`${name} refuses what is published as refused`, () => {
      deepEqual(
        bad.filter((text) => rule(text) === undefined),
        [],
      );
    });
    it(`${name} allows nothing that the published rule refuses`, () => {
      fc.assert(fc.property(anyName, (text) => rule(text) !== undefined || allows(text)));
    });
    it(`${name} says why it refuses, and what to write instead, on one line each and without control characters`, () => {
      fc.assert(
        fc.property(anyName, (text) => {
          const refusal = rule(text);
          return (
            refusal === undefined ||
            [refusal.message, refusal.mend].every((line) => line.length > 5 && !/[\p{Cc}\u2028\u2029]/u.test(line))
          );
        }),
      );
    });
  }

  it("compare reserved names without letter case", () => {
    for (const name of ["CON", "con", "Con", "COM10", "lpt9"]) {
      notEqual(names.projectName(name), undefined, name);
    }
    equal(names.projectName("Console"), undefined);
    equal(names.projectName("COM11"), undefined);
  });
});
