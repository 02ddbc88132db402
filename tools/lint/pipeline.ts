/** Build arguments in a pipeline that carry a credential: Azure Pipelines and GitHub workflows, in scripts and in tasks' inputs. */
import { isScalar, LineCounter, parseAllDocuments, visit, type Node, type Scalar } from "yaml";
import type { Finding, Report, Rule } from "./finding";
import { findingOf } from "./lint";
import { isCredentialName, isHarmlessValue, isIndexName } from "./names";
import { readShell } from "./shell";
import { SourceText } from "./source";
import { literalCredential } from "./variables";

export const secretInBuildArgument: Pick<Rule, "id" | "severity" | "about"> = {
  id: "secret-in-build-argument",
  severity: "error",
  about: "A pipeline that passes a credential by --build-arg, or by the build-args input of a task.",
};

export const noPipeline: Pick<Rule, "id" | "severity" | "about"> = {
  id: "no-pipeline",
  severity: "error",
  about: "A pipeline file that cannot be read as YAML.",
};

/** Inputs that hold one `NAME=value` a line, or a list of them. */
const ARGUMENT_INPUTS = /^(?:build[-_]?args|buildArguments|build-arguments)$/i;

/** Findings of any text, one that is no YAML among them. */
export function lintPipeline(text: string, file: string): Finding[] {
  const source = new SourceText(text);
  const documents = parseAllDocuments(text, { lineCounter: new LineCounter(), uniqueKeys: false });
  const reports: Report[] = [];
  for (const document of "empty" in documents ? [] : documents) {
    const [error] = document.errors;
    if (error !== undefined) return [findingOf(noPipeline, unreadable(error.pos[0]), source, file)];
    visit(document, {
      Pair(_key, pair) {
        const name = isScalar(pair.key) ? String(pair.key.value) : "";
        if (ARGUMENT_INPUTS.test(name)) reports.push(...inInput(pair.value as Node | null, text));
      },
      Scalar(key, node) {
        if (key !== "key" && typeof node.value === "string" && node.value.includes("--build-arg"))
          reports.push(...inScript(node, node.value, text));
      },
    });
  }
  const findings = reports.map((report) => findingOf(secretInBuildArgument, report, source, file));
  return findings.sort((left, right) => left.line - right.line || left.column - right.column);
}

function unreadable(at: number): Report {
  return {
    start: at,
    end: at,
    what: "the file cannot be read as YAML from here on",
    why: "Nothing of it can be checked.",
    mend: "Correct it; an editor that knows YAML shows the mistake.",
  };
}

/** `--build-arg NAME=value`, `--build-arg=NAME=value`, and `--build-arg NAME`, which takes the agent's variable. */
function inScript(node: Scalar, value: string, text: string): Report[] {
  const reports: Report[] = [];
  for (const { words } of readShell(value.replace(/\$\(([A-Za-z_][\w.]*)\)/g, "$${$1}"))) {
    words.forEach((word, index) => {
      const argument =
        word.text === "--build-arg" ? words[index + 1]?.text : /^--build-arg=(.*)$/s.exec(word.text)?.[1];
      const what = argument === undefined ? undefined : leak(argument);
      if (argument !== undefined && what !== undefined) reports.push(report(node, text, argument, what, "--build-arg"));
    });
  }
  return reports;
}

function inInput(node: Node | null, text: string): Report[] {
  const scalars: Scalar[] = [];
  if (node !== null) {
    visit(node, {
      Scalar(key, scalar) {
        if (key !== "key") scalars.push(scalar);
      },
    });
  }
  return scalars.flatMap((scalar) =>
    String(scalar.value)
      .split("\n")
      .flatMap((line) => {
        const what = leak(line.trim());
        return what === undefined ? [] : [report(scalar, text, line.trim(), what, "build-args")];
      }),
  );
}

/** Why `NAME=value` is a credential; `undefined` where it is none. */
function leak(argument: string): string | undefined {
  const parts = /^["']?([A-Za-z_][A-Za-z0-9_]*)(?:=([\s\S]*))?$/.exec(argument);
  const name = parts?.[1] ?? "";
  // Without a value the builder takes the agent's variable of that name.
  const value: string | undefined = parts?.[2];
  if (name === "") return undefined;
  if (value !== undefined && literalCredential(value) !== undefined)
    return `${name} with a credential that is written out`;
  const taken = Array.from(
    (value ?? `\${${name}}`).matchAll(
      /\$\{\{\s*([\w.-]+)\s*\}\}|\$\{([\w.]+)[^}]*\}|\$\(([\w.]+)\)|\$([A-Za-z_]\w*)|%([A-Za-z_]\w*)%|\$env:([A-Za-z_]\w*)/g,
    ),
  )
    .map((match) => match.slice(1).find((group: string | undefined) => group !== undefined) ?? "")
    .find(
      (source) =>
        source.startsWith("secrets.") || isSecretSource(source.replace(/^(?:env|variables|parameters|vars)\./, "")),
    );
  if (taken !== undefined) return `${name} from ${taken}`;
  if (isCredentialName(name) && !(value !== undefined && isHarmlessValue(value)))
    return `${name}, a credential going by its name`;
  return undefined;
}

function isSecretSource(name: string): boolean {
  const plain = name.replace(/\./g, "_");
  return isCredentialName(plain) || isIndexName(plain);
}

function report(node: Scalar, text: string, argument: string, what: string, how: string): Report {
  const [from = 0, to = from] = node.range ?? [];
  const name = /^["']?([A-Za-z_][A-Za-z0-9_]*)/.exec(argument)?.[1] ?? "";
  const lines = text.slice(from, to);
  const found = new RegExp(`(?:--build-arg(?:\\s+|=)["']?)?\\b${name}\\b`).exec(lines)?.index ?? 0;
  const length = /^\S*(?:[ \t]+\S+)?/.exec(lines.slice(found))?.[0].split("\n")[0]?.length ?? 0;
  return {
    start: from + found,
    end: from + found + Math.min(length, to - from - found),
    what: `${how} passes ${what}`,
    why: "A build argument is kept in the history of the image, in provenance and in exported caches.",
    mend: "Pass it as a secret, and read it in the one RUN that needs it.",
    example:
      how === "--build-arg"
        ? ["--secret id=netrc,src=<netrc file>", "--build-arg INDEX_URL=<address without credentials>"]
        : ["secret-files: netrc=<netrc file>", "build-args: INDEX_URL=<address without credentials>"],
  };
}
