/** Pipelines as text: keys in the order of the model, scripts as block scalars, nothing folded. */
import { Document, isMap, isSeq, visit } from "yaml";
import type { CompileTimeChoice, ExtendingPipeline, Pipeline, Step, Template } from "./model";

/** How a file is laid out. */
export interface Layout {
  /** Lines of the comment at the top, without `#`. */
  readonly header: readonly string[];
  /** `short`: entries of lists, and mappings of plain values, each on one line. Default `long`. */
  readonly form?: "short" | "long";
}

export function renderYaml(file: Template | Pipeline | ExtendingPipeline, layout: Layout): string {
  const document = new Document(withExpressionKeys(file), { aliasDuplicateObjects: false });
  if (layout.form === "short") putEntriesOnOneLine(document);
  document.commentBefore = layout.header.map((line) => ` ${line}`).join("\n");
  return document.toString({ lineWidth: 0, blockQuote: "literal", flowCollectionPadding: true });
}

function isChoice(step: Step | CompileTimeChoice): step is CompileTimeChoice {
  return "when" in step;
}

/** Puts each compile-time choice into the form that Azure Pipelines reads: list entries whose key is an expression. */
function withExpressionKeys(file: Template | Pipeline | ExtendingPipeline): object {
  if (!("jobs" in file)) return file;
  return { ...file, jobs: file.jobs.map((job) => ({ ...job, steps: job.steps.flatMap(stepEntries) })) };
}

function stepEntries(step: Step | CompileTimeChoice): object[] {
  if (!isChoice(step)) return [step];
  const otherwise = step.otherwise === undefined ? [] : [{ "${{ else }}": step.otherwise }];
  return [{ [`\${{ if ${step.when} }}`]: step.then }, ...otherwise];
}

function putEntriesOnOneLine(document: Document): void {
  visit(document, {
    Seq(_key, sequence) {
      const short = sequence.items.every((item) => !isMap(item) && !isSeq(item));
      if (short) sequence.flow = true;
      for (const item of sequence.items) if (isMap(item)) item.flow = true;
    },
    Map(_key, mapping) {
      if (mapping !== document.contents && mapping.items.every(({ value }) => !isMap(value) && !isSeq(value))) {
        mapping.flow = true;
      }
    },
  });
}
