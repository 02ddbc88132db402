/** All generated pages of `docs/reference`, and their index. */
import type ts from "typescript";
import type { RenderedFile } from "../../../spec";
import { commandLinePage } from "./command-line";
import { componentPages } from "./components";
import { laidOut, type ReferencePage } from "./markdown";
import { messagesPage } from "./messages";
import { pipelinePages } from "./pipelines";
import { configurationPage, specPages } from "./schemas";

/** What the reference has, in the order in which it is read. @param program one with the components, where there is one. */
export async function referencePages(program?: ts.Program): Promise<readonly RenderedFile[]> {
  const groups: readonly (readonly [title: string, pages: readonly ReferencePage[]])[] = [
    ["What users write", [...specPages(), configurationPage()]],
    ["What is run", [await commandLinePage(), ...pipelinePages(), messagesPage()]],
    ["Components", await componentPages(program)],
  ];
  const index: ReferencePage = {
    path: "README.md",
    title: "Reference",
    about: "",
    from: ["test/docs/reference/index.ts"],
    body: [
      "Made from the code by `npm run render`; a test holds each page against it.",
      ...groups.flatMap(([title, pages]) => [
        `## ${title}`,
        pages.map((page) => `- [${page.title}](${page.path}): ${page.about}`).join("\n"),
      ]),
    ].join("\n\n"),
  };
  return Promise.all([index, ...groups.flatMap(([, pages]) => pages)].map(laidOut));
}
