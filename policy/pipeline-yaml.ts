/** Reads a pipeline's YAML, template expressions included, as plain maps, lists and texts. */
import {
  LineCounter,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
} from "yaml";

export interface PipelineText {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** @returns `undefined` for what is no YAML map */
export function readPipeline(text: string): PipelineText | undefined {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "silent", uniqueKeys: false });
  return document.errors.length === 0 && isMap(document.contents) ? { document, lines } : undefined;
}

/** The value at a path of keys, as plain data; `undefined` where there is none, or it cannot be read. */
export function plainAt({ document }: PipelineText, ...path: readonly string[]): unknown {
  const found = document.getIn(path, true);
  try {
    return isNode(found) ? (found.toJS(document) as unknown) : found;
  } catch {
    // Aliases of aliases that would fill the memory.
    return undefined;
  }
}

export function lineOf({ lines }: PipelineText, node: Node): number {
  return lines.linePos(node.range?.[0] ?? 0).line;
}

/** Variables that the file gives a value itself: each name, its value, and its line. */
export function givenVariables(
  pipeline: PipelineText,
): { readonly name: string; readonly value: string; readonly line: number }[] {
  const found: { name: string; value: string; line: number }[] = [];
  const add = (name: unknown, value: unknown, node: Node): void => {
    if (typeof name === "string" && typeof value === "string")
      found.push({ name, value, line: lineOf(pipeline, node) });
  };
  visit(pipeline.document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || (key.value !== "variables" && key.value !== "env")) return;
      if (isMap(value)) {
        for (const { key: name, value: given } of value.items) {
          if (isScalar(name) && isScalar(given)) add(name.value, given.value, given);
        }
      }
      if (isSeq(value)) {
        for (const item of value.items) {
          if (isMap(item)) add(item.get("name"), item.get("value"), item);
        }
      }
    },
  });
  return found;
}

const PULL_REQUEST = String.raw`(?:variables\[\s*'Build\.Reason'\s*\]|variables\.Build\.Reason)\s*,\s*'PullRequest'`;
const ONLY_FOR_THEM = new RegExp(String.raw`^\$\{\{\s*(?:else)?if\s+eq\(\s*${PULL_REQUEST}\s*\)\s*\}\}$`, "i");
const NEVER_FOR_THEM = new RegExp(String.raw`^\$\{\{\s*(?:else)?if\s+(?:and\(\s*)?ne\(\s*${PULL_REQUEST}\s*\)`, "i");
const ELSE = /^\$\{\{\s*(?:else\s*\}\}|elseif\b)/i;
/** A condition of a step or job that is no `or(…)`, and has to be met. */
const CONDITION = new RegExp(String.raw`^\s*(?:and\([^|]*)?ne\(\s*${PULL_REQUEST}\s*\)`, "i");

/**
 * Lines on which one of the texts stands as a value that a run for a pull request gets to see: not within
 * `${{ if ne(variables['Build.Reason'], 'PullRequest') }}`, nor in the `${{ else }}` of its opposite, nor in a step or job
 * with such a condition.
 */
export function seenByPullRequests(pipeline: PipelineText, texts: ReadonlySet<string>): number[] {
  const found: number[] = [];
  // By aliases a node can be in many places, and in itself.
  const seen = new Set<Node>();
  const walk = (node: unknown): void => {
    if (isAlias(node)) walk(node.resolve(pipeline.document));
    if (!isNode(node) || seen.has(node)) return;
    seen.add(node);
    if (isScalar(node) && typeof node.value === "string" && texts.has(node.value)) found.push(lineOf(pipeline, node));
    if (isSeq(node)) walkBranches(node.items, walk);
    if (isMap(node)) {
      const condition: unknown = node.get("condition");
      if (typeof condition === "string" && CONDITION.test(condition) && !/\bor\(/i.test(condition)) return;
      walkBranches(node.items, walk);
    }
  };
  walk(pipeline.document.contents);
  return found;
}

/** Items of a list, or pairs of a map, in order: what an `else` means depends on the `if` before it. */
function walkBranches(items: readonly unknown[], walk: (node: unknown) => void): void {
  let otherBranchIsTheirs = false;
  for (const item of items) {
    const pair = isPair(item) ? item : isMap(item) && item.items.length === 1 ? item.items[0] : undefined;
    const key = pair !== undefined && isScalar(pair.key) && typeof pair.key.value === "string" ? pair.key.value : "";
    const isElse = ELSE.test(key);
    const skipped = NEVER_FOR_THEM.test(key) || (isElse && otherBranchIsTheirs);
    otherBranchIsTheirs = ONLY_FOR_THEM.test(key) || (isElse && otherBranchIsTheirs);
    if (!skipped) walk(isPair(item) ? item.value : item);
  }
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value);
}
