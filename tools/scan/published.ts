/** Rules for what others publish: examples, test keys and self-tests that packages bring along, and that open nothing. */
import { type Hit } from "./search";

/** A place where packages put what is no one's secret. Given secrets are looked for there as everywhere. */
interface Rule {
  readonly name: string;
  readonly kinds: ReadonlySet<Hit["kind"]>;
  readonly isFor: (path: string) => boolean;
}

/** Kinds that test data is full of. A feed's token or a netrc entry has no business there. */
const examples: ReadonlySet<Hit["kind"]> = new Set(["private-key", "jwt", "url-credentials", "docker-auth"]);

/** Where Python and its packages are installed. */
const installed = /(?:^|\/)(?:(?:site|dist)-packages|lib\/python\d(?:\.\d+)?)\//;

/** Folders and files of tests, below that. */
const testFolders = /\/(?:tests?|testing|testdata|test[-_]data|tests?_\w+|\w+_tests?|testsuite|fixtures)\//;
const testFiles = /\/(?:test_[^/]*|[^/]*_test|conftest)\.py$/;

const documentation = /(?:^|\/)usr\/share\/(?:doc|man|info|gtk-doc)\//;

/** Cryptographic libraries of the distribution carry the keys of their self-tests. */
const systemLibrary = /(?:^|\/)(?:usr\/)?lib(?:64)?\/(?:[^/]+-linux-[^/]+\/)?[^/]+\.(?:so(?:\.\d+)*|a)$/;

const rules: readonly Rule[] = [
  {
    name: "test-data",
    kinds: examples,
    isFor: (path) => {
      const place = installed.exec(path);
      if (place === null) return false;
      const below = `/${path.slice(place.index + place[0].length)}`;
      return testFolders.test(below) || testFiles.test(below);
    },
  },
  {
    name: "documentation",
    kinds: new Set([...examples, "netrc", "pypirc"]),
    isFor: (path) => documentation.test(path),
  },
  { name: "system-library", kinds: new Set(["private-key"]), isFor: (path) => systemLibrary.test(path) },
];

/** The rule by which something in the form of a credential, in this file, is a published one. */
export function publishedRule(path: string, kind: Hit["kind"]): string | undefined {
  return rules.find(({ kinds, isFor }) => kinds.has(kind) && isFor(path))?.name;
}
