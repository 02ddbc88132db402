/** The pipeline file of a team that joins: what starts it, and the platform's template that it extends. */
import { Document, isMap, isSeq, visit } from "yaml";
import type { App, Pool } from "../../spec";

/** What the file has to know of the platform. */
export interface PlatformNames {
  /** Azure DevOps project with the template repository. */
  readonly project: string;
  readonly templateRepository: string;
}

/** Folder of the platform's pipelines in Azure DevOps, and the template that applications extend. */
export const PIPELINE_FOLDER = "\\wheelhouse";
const TEMPLATE = "templates/application.yml@wheelhouse";

/**
 * The text that the platform itself writes into repositories that it makes; a test holds the two equal.
 * @throws Error for a value that Azure Pipelines would expand, which no checked specification has.
 */
export function newPipeline(app: App, platform: PlatformNames): string {
  const base = `${PIPELINE_FOLDER}\\${app.baseImage}`;
  const name = `${platform.project}/${platform.templateRepository}`;
  for (const value of [name, base, app.name, ...app.branches, ...app.indexes]) refuseExpressions(value);
  const document = new Document(
    {
      trigger: app.branches,
      pr: "none",
      resources: {
        repositories: [{ repository: "wheelhouse", type: "git", name, ref: "refs/heads/main" }],
        pipelines: [{ pipeline: "base", source: base, trigger: { tags: ["published"] } }],
      },
      extends: {
        template: TEMPLATE,
        parameters: {
          app: app.name,
          ...(app.indexes.length === 0 ? {} : { indexes: app.indexes }),
          ...(app.pool === undefined ? {} : { pool: poolOf(app.pool) }),
        },
      },
    },
    { aliasDuplicateObjects: false },
  );
  putEntriesOnOneLine(document);
  document.commentBefore = ` Written by Wheelhouse for apps/${app.name}.yaml; the template says what a run does.`;
  return document.toString({ lineWidth: 0, blockQuote: "literal", flowCollectionPadding: true });
}

function refuseExpressions(value: string): void {
  if (/\$\{\{|\$\(|\$\[/.test(value)) throw new Error(`${JSON.stringify(value)} would be expanded by Azure Pipelines`);
}

function poolOf(pool: Pool): object {
  if (pool.kind === "hosted") return { vmImage: pool.vmImage };
  return { name: pool.name, ...(pool.demands.length === 0 ? {} : { demands: pool.demands }) };
}

function putEntriesOnOneLine(document: Document): void {
  visit(document, {
    Seq(_key, sequence) {
      if (sequence.items.every((item) => !isMap(item) && !isSeq(item))) sequence.flow = true;
      for (const item of sequence.items) if (isMap(item)) item.flow = true;
    },
    Map(_key, mapping) {
      const plain = mapping.items.every(({ value }) => !isMap(value) && !isSeq(value));
      if (mapping !== document.contents && plain) mapping.flow = true;
    },
  });
}
