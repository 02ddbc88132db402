/** Which test files run in one process, and which groups of them run beside others. */
// @ts-check

/**
 * @typedef {object} Group
 * @property {string} title
 * @property {boolean} alone Whether nothing else may run beside it, since it measures time or memory.
 * @property {readonly string[]} files Paths in the checkout, sorted.
 */

/**
 * @typedef {object} Kind
 * @property {string} title
 * @property {boolean} [alone] Default: no.
 * @property {(file: string) => boolean} holds Asked only for files that no kind before it holds.
 */

/** What compares times with each other or holds them to a bound that a busy machine breaks. */
export const measuring = ["test/sandbox/providers/install.test.ts", "test/tools/scan/memory.test.ts"];

/** @type {readonly Kind[]} A file belongs to the first that holds it; what begins first is what takes longest. */
const kinds = [
  { title: "time and memory", alone: true, holds: (file) => measuring.includes(file) },
  { title: "the story of npm start", holds: (file) => file === "test/sandbox/whole/story.test.ts" },
  { title: "npm start ended by force", holds: (file) => file === "test/sandbox/whole/killed.test.ts" },
  { title: "with real programs", holds: (file) => file.includes("/whole/") },
  { title: "agents", holds: (file) => file.startsWith("test/sandbox/agent/") },
  { title: "the rest of the sandbox", holds: (file) => file.startsWith("test/sandbox/") },
  { title: "the package and the command line", holds: (file) => /^test\/(package|provider|tools)\//.test(file) },
  { title: "the platform", holds: () => true },
];

/**
 * Puts each file into exactly one group. None needs to be named here to be in one.
 * @param {readonly string[]} files Paths in the checkout.
 * @returns {Group[]} in the order in which they begin, those that run alone last; none is empty
 */
export function groupTests(files) {
  const left = new Set([...files].sort());
  const groups = kinds.map(({ title, alone = false, holds }) => {
    const own = [...left].filter(holds);
    for (const file of own) left.delete(file);
    return { title, alone, files: own };
  });
  const filled = groups.filter((group) => group.files.length > 0);
  return [...filled.filter(({ alone }) => !alone), ...filled.filter(({ alone }) => alone)];
}
