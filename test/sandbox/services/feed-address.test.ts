import { deepStrictEqual, strictEqual } from "node:assert/strict";

import {
  feedPath,
  isOfFeed,
  isPackageName,
  normalizedName,
  readFeedAddress,
  versionInFile,
} from "../../../sandbox/services/feed/address";

describe("a feed's address", () => {
  const read = (path: string): ReturnType<typeof readFeedAddress> => readFeedAddress(path.split("/"));

  it("has the project before the feed, or none", () => {
    strictEqual(
      feedPath({ organization: "acme", project: "My Project", name: "python" }),
      "/acme/My%20Project/_packaging/python/pypi/",
    );
    strictEqual(feedPath({ organization: "acme", name: "python" }), "/acme/_packaging/python/pypi/");
    strictEqual(read("Platform/_packaging/python/pypi/simple/")?.project, "Platform");
    strictEqual(read("_packaging/python/pypi/simple/")?.project, undefined);
  });

  it("tells what it is of", () => {
    const resources = ["simple/", "simple/flask/", "download/flask/3.1/flask-3.1.tar.gz", "upload/"].map(
      (rest) => read(`_packaging/python/pypi/${rest}`)?.resource,
    );
    deepStrictEqual(resources, [
      { kind: "list" },
      { kind: "package", name: "flask" },
      { kind: "download", name: "flask", version: "3.1", file: "flask-3.1.tar.gz" },
      { kind: "upload" },
    ]);
  });

  it("of another form is none", () => {
    for (const path of [
      "_packaging/python/npm/simple/",
      "_packaging/python/pypi/",
      "_packaging/python/pypi/other/",
      "_packaging/python/pypi/simple/a/b/",
      "_packaging/python/pypi/simple//",
      "_packaging/python/pypi/download/a/1/",
      "_packaging/python/pypi/download/a/1/b/c",
      "_packaging/python/pypi/upload/x",
      "_packaging//pypi/simple/",
      "a/b/_packaging/python/pypi/simple/",
      "python/pypi/simple/",
    ]) {
      strictEqual(read(path), undefined, path);
    }
  });

  it("is that of one feed, whatever its case, in its own project only", () => {
    const place = { organization: "acme", project: "Platform", name: "python" };
    strictEqual(isOfFeed({ project: "platform", feed: "Python" }, place), true);
    strictEqual(isOfFeed({ project: undefined, feed: "python" }, place), false);
    strictEqual(isOfFeed({ project: "Other", feed: "python" }, place), false);
    strictEqual(isOfFeed({ project: "Platform", feed: "python2" }, place), false);
  });
});

describe("a package's name", () => {
  it("is compared without case, with one dash for all that separates", () => {
    strictEqual(normalizedName("Foo__Bar.-baz"), "foo-bar-baz");
  });

  it("has letters and digits at its ends", () => {
    deepStrictEqual(["a", "a.b", "A-1", "", "-a", "a_", "../a", "a/b", "a b", "a:b@c"].map(isPackageName), [
      ...[true, true, true],
      ...Array<boolean>(7).fill(false),
    ]);
  });
});

describe("the version in a file's name", () => {
  const versions: [string, string, string | undefined][] = [
    ["flask-3.1.0-py3-none-any.whl", "flask", "3.1.0"],
    ["Foo_Bar-1.0-1-py3-none-any.whl", "foo-bar", "1.0"],
    ["foo-bar-1.0.tar.gz", "foo-bar", "1.0"],
    ["foo.bar-1.0.post1.zip", "foo-bar", "1.0.post1"],
    ["foo-bar-1.0-beta.tar.gz", "foo-bar", "1.0-beta"],
    ["foo-1.0.exe", "foo", undefined],
    ["foo-1.0-py2.7.egg", "foo", undefined],
    ["other-1.0.tar.gz", "foo", undefined],
    ["other-1.0-py3-none-any.whl", "foo", undefined],
    ["foo.tar.gz", "foo", undefined],
  ];
  for (const [file, name, version] of versions) {
    it(`${file} of ${name} is ${version ?? "none"}`, () => strictEqual(versionInFile(file, name), version));
  }
});
