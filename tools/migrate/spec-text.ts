/** The text of `apps/<name>.yaml`, checked as the platform checks it. */
import { Document, isMap, isSeq, visit } from "yaml";
import { checkApp } from "../../spec/check";
import type { App } from "../../spec";
import { formatProblem } from "../../spec/problem";

/** What a specification says; what is absent is left to its default. */
export interface WrittenSpec {
  readonly name: string;
  readonly description?: string | undefined;
  readonly team?: string | undefined;
  readonly baseImage: string;
  readonly repository: string | { readonly existing: string; readonly pipelineFile: string };
  readonly python?: string | undefined;
  readonly requirements?: string | undefined;
  readonly lock?: string | undefined;
  readonly scripts?: readonly string[] | undefined;
  readonly extras?: readonly string[] | undefined;
  readonly systemPackages?: string | undefined;
  readonly dockerfile?: string | undefined;
  readonly user?: string | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly ports?: readonly number[] | undefined;
  readonly healthcheck?: unknown;
  readonly branches?: readonly string[] | undefined;
  readonly pool?: unknown;
}

export interface CheckedSpec {
  readonly text: string;
  /** `undefined` where there are problems. */
  readonly app: App | undefined;
  /** Mistakes, as `wheelhouse check` shows them. */
  readonly problems: readonly string[];
}

export function specText(spec: WrittenSpec): CheckedSpec {
  const said = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined && !isEmpty(value)));
  const document = new Document(said, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_key, sequence) {
      sequence.flow = true;
    },
    Map(_key, mapping) {
      const plain = mapping.items.every(({ value }) => !isMap(value) && !isSeq(value));
      const isEnvironment = mapping === document.get("env");
      if (mapping !== document.contents && plain && !isEnvironment) mapping.flow = true;
    },
  });
  document.commentBefore = " yaml-language-server: $schema=../schemas/app.json";
  const text = document
    .toString({ lineWidth: 0, flowCollectionPadding: false })
    .replace(/\n\n/, "\n")
    .replace(/\{([^{}\n]+)\}/g, (_whole: string, inner: string) => `{ ${inner.trim()} }`);
  const { spec: app, problems } = checkApp({ file: `apps/${spec.name}.yaml`, bytes: Buffer.from(text) }, spec.name);
  return { text, app, problems: problems.map(formatProblem) };
}

function isEmpty(value: unknown): boolean {
  return (Array.isArray(value) || typeof value === "object") && value !== null && Object.keys(value).length === 0;
}
