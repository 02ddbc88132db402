/** Tests package indexes beside the feed: their declaration, and the applications that name them. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { PackageIndex, Problem, Settings } from "../../spec";
import { crossReferences } from "../../spec/cross-references";
import { problems, read } from "./settings";
import { app, baseImage, minimal, told } from "./specs";

const nexus = {
  name: "nexus",
  url: "https://packages.example.com/repository/python/simple/",
  connection: "Nexus (read)",
};

describe("Package indexes beside the feed", () => {
  it("are declared with a name, an address and, where they want credentials, a connection", () => {
    const open = { name: "wheels", url: "http://127.0.0.1:8080/simple" };
    deepEqual(read({ indexes: [nexus, open] }).indexes, [nexus, { ...open, connection: undefined }]);
  });

  it("never have credentials in their address", () => {
    for (const url of [
      "https://build:secret@packages.example.com/simple/",
      "https://token@packages.example.com/simple/",
    ]) {
      const found = problems({ indexes: [{ ...nexus, url }] });
      equal(found.length, 1, JSON.stringify(found));
      match(found[0]!.message, /user|password|token/);
      ok(!JSON.stringify(found).includes(url));
    }
  });

  it("are reached over https, but on the machine itself", () => {
    const [found] = problems({ indexes: [{ ...nexus, url: "http://packages.example.com/simple/" }] });
    match(found!.message, /clear/);
    equal(found!.path, "[0].url");
  });

  it("are more than a host", () => {
    for (const url of ["https://packages.example.com", "https://packages.example.com/"]) {
      match(problems({ indexes: [{ ...nexus, url }] })[0]!.message, /is a host, and not an index/);
    }
  });

  it("are there once, by name and by address, whatever the case and the last slash", () => {
    const same = { ...nexus, url: nexus.url.slice(0, -1) };
    deepEqual(told(problems({ indexes: [nexus, same] })), [
      '[1].name: "nexus" is the name of entry 1, too',
      `[1].url: ${JSON.stringify(same.url)} is the url of entry 1, too`,
    ]);
  });

  it("have names that a secret and a variable can be made of", () => {
    for (const name of ["Nexus", "1nexus", "nexus_", "a b", "-", "n".repeat(41)]) {
      match(problems({ indexes: [{ ...nexus, name }] })[0]!.message, /is not a name for a package index/, name);
    }
  });

  it("have connections whose names a pipeline can list", () => {
    match(problems({ indexes: [{ ...nexus, connection: "a,b" }] })[0]!.message, /service connection/);
    match(problems({ indexes: [{ ...nexus, connection: "$(x)" }] })[0]!.message, /service connection/);
  });
});

describe("An application's package indexes", () => {
  const platform = (indexes: readonly PackageIndex[]): Settings => ({ ...read({}), indexes });
  const between = (lines: string, indexes: readonly PackageIndex[]): readonly Problem[] =>
    crossReferences([baseImage('name: python-web\npython: "3.13"\n')], [app(minimal(lines))], platform(indexes));

  it("are names that the platform declares", () => {
    deepEqual(app(minimal("indexes: [nexus]")).problems, []);
    deepEqual(between("indexes: [nexus]", [nexus]), []);
  });

  it("are told where the platform does not know them, with the nearest", () => {
    const [found] = between("indexes: [nexsu]", [nexus]);
    equal(found?.message, '"nexsu" is not a package index of the platform');
    match(found.mend, /did you mean nexus\?/);
    equal(found.line, 3);
    equal(found.path, "indexes[0]");
    match(between("indexes: [nexus]", [])[0]?.mend ?? "", /wheelhouse:indexes.*upstream source/);
  });

  it("are named once each", () => {
    match(app(minimal("indexes: [nexus, nexus]")).problems[0]!.message, /is the same as entry 1/);
  });

  it("go with a Dockerfile of the team's own, which gets their secrets", () => {
    deepEqual(app(minimal("dockerfile: Dockerfile", "indexes: [nexus]")).problems, []);
  });
});

describe("The scanner for lists of software", () => {
  const digest = `sha256:${"0a".repeat(32)}`;

  it("is an image by its digest, with its tag or without", () => {
    for (const image of [`scanner@${digest}`, `registry.example.com:5000/team/scanner:1.9@${digest}`]) {
      equal(read({ sbomGenerator: image }).sbomGenerator, image);
    }
  });

  it("is never an image by its tag alone, which may be another one tomorrow", () => {
    for (const image of ["scanner", "scanner:1", `scanner@${digest.slice(0, -1)}`, `a,b=c@${digest}`, `@${digest}`]) {
      match(problems({ sbomGenerator: image })[0]!.message, /is not an image by its digest/, image);
    }
  });
});
