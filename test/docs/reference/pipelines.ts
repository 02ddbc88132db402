/** The reference page of each pipeline: what starts it, its parameters, and each step with what it reads and when it runs. */
import { readFileSync } from "node:fs";
import * as path from "node:path";
import ts from "typescript";
import { parse } from "yaml";
import {
  renderApplicationPipeline,
  renderApplicationTemplate,
  renderBaseImagePipeline,
  renderBaseImageTemplate,
  renderPreviewPipeline,
  type PipelineSettings,
} from "../../../pipelines";
import * as imageScripts from "../../../pipelines/image-scripts";
import * as previewScripts from "../../../pipelines/preview-script";
import * as otherScripts from "../../../pipelines/scripts";
import { loadSpecs } from "../../../spec";
import { settings as testSettings } from "../../pipelines/settings";
import { root } from "../pages";
import { code, firstSentence, prose, table, type ReferencePage } from "./markdown";

interface Step {
  readonly checkout?: string;
  readonly task?: string;
  readonly script?: string;
  readonly displayName?: string;
  readonly condition?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

interface File {
  readonly parameters?: readonly {
    name: string;
    displayName?: string;
    type: string;
    default?: unknown;
    values?: readonly string[];
  }[];
  readonly jobs: readonly { timeoutInMinutes: number; steps: readonly Step[] }[];
}

/** Every feature in use, so that the page shows the steps of it. */
const settings: PipelineSettings = testSettings({
  indexes: [{ name: "nexus", url: "https://packages.example.com/repository/python/simple/", connection: "nexus" }],
});

export function pipelinePages(): ReferencePage[] {
  const specs = loadSpecs({ baseImages: path.join(root, "base-images"), apps: path.join(root, "apps") });
  const app = specs.apps.find(({ name }) => name === "orders") ?? specs.apps[0];
  const base = specs.baseImages.find(({ name }) => name === app?.baseImage);
  if (app === undefined || base === undefined) throw new Error("there are no samples");
  const main = (content: string): string => `\`\`\`yaml\n${content.trim()}\n\`\`\``;
  return [
    {
      path: "pipelines/application.md",
      title: "Pipeline of an application",
      about: "The template that every application’s pipeline extends.",
      from: ["pipelines/application-template.ts", "pipelines/application.ts"],
      body: [
        "It runs when a branch of the application is pushed, in a pull request to one (by a branch policy), and when the base image was published. The file in the application’s repository is its team’s, but for what the check on the push connection wants: that it extends the template.",
        main(renderApplicationPipeline(app, settings).content),
        ...templateBody(renderApplicationTemplate(settings).content),
        checks("wheelhouse-push"),
      ].join("\n\n"),
    },
    {
      path: "pipelines/base-image.md",
      title: "Pipeline of a base image",
      about: "The template that every base image’s pipeline extends.",
      from: ["pipelines/base-image-template.ts", "pipelines/base-image.ts"],
      body: [
        "It runs on its schedule, whether anything was committed or not, and when its files in the template repository change. A run that published something gets the build tag `published`, which starts the applications.",
        main(renderBaseImagePipeline(base, settings).content),
        ...templateBody(renderBaseImageTemplate(settings).content),
        checks("wheelhouse-push"),
      ].join("\n\n"),
    },
    {
      path: "pipelines/preview.md",
      title: "Pipeline of the platform’s own repository",
      about: "What a pull request on the platform’s repository runs.",
      from: ["pipelines/preview.ts"],
      body: [
        "A branch policy starts it for each pull request on the platform’s repository. It changes nothing and has no connection that pushes.",
        ...templateBody(renderPreviewPipeline(settings).content),
      ].join("\n\n"),
    },
  ];
}

function checks(connection: string): string {
  return [
    "## Checks",
    `Outside a pull request the run logs in by the connection \`${connection}\`. Azure Pipelines lets it in only if both hold: this pipeline is authorized for the connection, by itself, and its file extends \`templates/application.yml\` or \`templates/base-image.yml\` of the template repository’s main branch (required template). The first step holds the parameter against the pipeline’s own name.`,
  ].join("\n\n");
}

function templateBody(content: string): string[] {
  const { parameters = [], jobs } = parse(content) as File;
  const [job] = jobs;
  if (job === undefined || jobs.length > 1) throw new Error("a pipeline has one job");
  const described = scriptDescriptions();
  const steps = job.steps.flatMap((step) => stepsIn(step, ""));
  return [
    ...(parameters.length === 0
      ? []
      : [
          "## Parameters",
          table(
            ["name", "type", "default", "what it is"],
            parameters.map(({ name, type, default: otherwise, displayName, values }) => [
              code(name),
              values === undefined ? type : values.map(code).join(", "),
              otherwise === undefined
                ? "required"
                : name === "pool"
                  ? "`wheelhouse:pool`"
                  : code(JSON.stringify(otherwise)),
              prose(displayName ?? ""),
            ]),
          ),
        ]),
    "## Steps",
    `One job, stopped after ${job.timeoutInMinutes} minutes, in a workspace that is emptied before.`,
    table(
      ["step", "runs", "when", "what it does", "reads"],
      steps.map(({ step, only }, index) => [
        `${index + 1}. ${prose(step.displayName ?? `Check out ${step.checkout ?? ""}`)}`,
        runs(step),
        when(step, only),
        prose([aboutScript(scriptOf(step), described), taskAbout(step)].filter((text) => text !== "").join(" ")),
        Object.keys(step.env ?? {})
          .map(code)
          .join(" "),
      ]),
    ),
  ];
}

/** A step, or those that a template expression brings into the run. */
function stepsIn(step: Step, only: string): { readonly step: Step; readonly only: string }[] {
  const choices = Object.entries(step).filter(([key]) => key.startsWith("${{"));
  if (choices.length === 0) return [{ step, only }];
  return choices.flatMap(([key, steps]) => {
    const condition = /^\$\{\{ if (.*) \}\}$/.exec(key)?.[1];
    const words = condition === undefined ? "otherwise" : compileTime(condition);
    return (steps as readonly Step[]).flatMap((inner) => stepsIn(inner, words));
  });
}

function compileTime(condition: string): string {
  if (condition === "eq(variables['Build.Reason'], 'PullRequest')") return "in a pull request";
  const isIndex = /^containsValue\(parameters\.indexes, '.*'\)$/.test(condition);
  return isIndex ? "for each index of the parameter `indexes`" : code(condition);
}

const conditions: Readonly<Record<string, string>> = {
  "always()": "always",
  "succeededOrFailed()": "whatever came before, unless the run was cancelled",
  "and(succeeded(), eq(variables['wheelhouse.changed'], 'true'))": "something is new",
  "and(succeeded(), eq(variables['wheelhouse.ready'], 'true'))": "source and base image are there",
  "and(succeeded(), ne(variables['wheelhouse.ready'], 'false'))": "the source is there",
};

function when({ condition }: Step, only: string): string {
  const words = condition === undefined ? "" : (conditions[condition] ?? code(condition));
  return [only, words].filter((part) => part !== "").join("; ");
}

function runs(step: Step): string {
  const { task, script, checkout } = step;
  if (task === undefined && script === undefined) {
    return checkout === "self" ? "checkout of this repository" : "checkout of the template repository";
  }
  const command = /^\s*(?:npx --no-install )?wheelhouse ([a-z-]+) /m.exec(scriptOf(step))?.[1];
  const link = command === undefined ? [] : [`[wheelhouse ${command}](../command-line.md#wheelhouse-${command})`];
  return [...(task === undefined ? (command === undefined ? ["script"] : []) : [code(task)]), ...link].join(", ");
}

/** The script of a step, or of a task that runs one. */
function scriptOf({ script, inputs }: Step): string {
  const inner = inputs?.inlineScript;
  return script ?? (typeof inner === "string" ? inner : "");
}

function aboutScript(script: string, described: ReadonlyMap<string, string>): string {
  if (script.includes("docker buildx create")) return "A builder for this job, as `wheelhouse:builder` says.";
  return described.get(script.trim()) ?? "";
}

/** What the inputs of a task say, but for a script among them. */
function taskAbout({ inputs }: Step): string {
  return Object.entries(inputs ?? {})
    .filter(([key]) => key !== "inlineScript")
    .map(([key, value]) => code(`${key}: ${String(value)}`))
    .join(", ");
}

/** The first sentence of what is written above each script in the sources, by the script. */
function scriptDescriptions(): ReadonlyMap<string, string> {
  const described = new Map<string, string>();
  for (const [file, module] of [
    ["image-scripts.ts", imageScripts],
    ["preview-script.ts", previewScripts],
    ["scripts.ts", otherScripts],
  ] as const) {
    const text = readFileSync(path.join(root, "pipelines", file), "utf8");
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
    for (const statement of source.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const name = statement.declarationList.declarations[0]?.name.getText(source) ?? "";
      const script: unknown = Reflect.get(module, name);
      const [comment] = ts.getJSDocCommentsAndTags(statement);
      const about = comment === undefined ? "" : (ts.getTextOfJSDocComment(comment.comment) ?? "");
      if (typeof script === "string") described.set(script.trim(), firstSentence(about).replace(/^Needs:.*/, ""));
    }
  }
  return described;
}
