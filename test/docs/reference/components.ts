/** The reference page of each component: arguments, outputs and the resources that it declares, out of its types. */
import * as path from "node:path";
import type { Comment, DeclarationReflection } from "typedoc";
import type ts from "typescript";
import { makeProgram } from "../program";
import { root } from "../pages";
import { code, firstSentence, splitDefault, table, type ReferencePage } from "./markdown";
import { declaredResources } from "./resources";

/** What the spec's room writes down for users, seen from a component's page. */
const specPages: Readonly<Record<string, string>> = {
  App: "../apps.md",
  BaseImage: "../base-images.md",
  Settings: "../configuration.md",
};

const entry = "components/index.ts";

/** By name, in the order of the sources. */
type Exported = ReadonlyMap<string, DeclarationReflection>;

/** @param program one that is there already; making one takes seconds. */
export async function componentPages(program: ts.Program = makeProgram(new Map())): Promise<ReferencePage[]> {
  const exported = await reflections(program);
  const declared = declaredResources(path.join(root, "components"));
  const components = [...exported.values()].flatMap((component) => {
    const args = exported.get(`${component.name}Args`);
    return args === undefined ? [] : [{ component, args }];
  });
  return components.map(({ component, args }) => ({
    path: pagePath(component.name),
    title: component.name,
    about: firstSentence(textOf(component.comment)),
    from: [sourceOf(component)],
    body: body(component, args, declared.get(component.name) ?? [], exported),
  }));
}

/** What the components' room exports. TypeDoc takes over a second to load, so it is loaded here. */
async function reflections(program: ts.Program): Promise<Exported> {
  const { Application } = await import("typedoc");
  const application = await Application.bootstrap({
    excludeExternals: true,
    excludePrivate: true,
    skipErrorChecking: true,
    disableGit: true,
    sourceLinkTemplate: "{path}",
    readme: "none",
    sort: ["source-order"],
    logLevel: "Error",
  });
  const sourceFile = program.getSourceFile(path.join(root, entry));
  if (sourceFile === undefined) throw new Error(`${entry} is not in the program`);
  const project = application.converter.convert([{ program, sourceFile, displayName: entry }]);
  const children = [...(project.children ?? [])].sort((left, right) => (left.name < right.name ? -1 : 1));
  return new Map(children.map((child) => [child.name, child]));
}

/** `ArtifactsFeed` is `components/artifacts-feed.md`. */
function pagePath(name: string): string {
  return `components/${name.replace(/(?<=[a-z])(?=[A-Z])/g, "-").toLowerCase()}.md`;
}

function sourceOf(reflection: DeclarationReflection): string {
  const file = reflection.sources?.[0]?.fullFileName;
  if (file === undefined) throw new Error(`${reflection.name} has no source`);
  return path.relative(root, file);
}

function body(
  component: DeclarationReflection,
  args: DeclarationReflection,
  declares: readonly string[],
  exported: Exported,
): string {
  const outputs = (component.children ?? []).filter(({ type, flags }) => type !== undefined && !flags.isStatic);
  const errors = constructorErrors(component);
  const others = [...new Set([args, ...outputs].flatMap((one) => mentioned(one, exported)))].filter(
    (name) => name !== component.name && !exported.has(`${name}Args`) && !name.endsWith("Args"),
  );
  return [
    textOf(component.comment),
    `\`\`\`text\nnew ${component.name}(name: string, args: ${args.name}, options?: pulumi.${optionsOf(component)})\n\`\`\``,
    "## Arguments",
    properties(args.children ?? [], exported),
    ...(errors === "" ? [] : ["## Errors", errors]),
    ...(outputs.length === 0 ? [] : ["## Outputs", outputTable(outputs, exported)]),
    ...(declares.length === 0
      ? []
      : [
          "## Resources",
          "[resources.md](../../resources.md) says how many of each there are, and why their properties are as they are.",
          declares.map((type) => `- ${code(type)}`).join("\n"),
        ]),
    ...others.flatMap((name) => {
      const type = exported.get(name);
      if (type === undefined) return [];
      return [`## ${name}`, textOf(type.comment), properties(type.children ?? [], exported)];
    }),
  ].join("\n\n");
}

function optionsOf(component: DeclarationReflection): string {
  const parameters = component.children?.find(({ name }) => name === "constructor")?.signatures?.[0]?.parameters;
  const type = parameters?.find(({ name }) => name === "options")?.type?.toString() ?? "ComponentResourceOptions";
  return /\w+Options/.exec(type)?.[0] ?? type;
}

function constructorErrors(component: DeclarationReflection): string {
  const signature = component.children?.find(({ name }) => name === "constructor")?.signatures?.[0];
  const tags = signature?.comment?.blockTags.filter(({ tag }) => tag === "@throws") ?? [];
  return tags.map(({ content }) => `- ${content.map(({ text }) => text).join("")}`).join("\n");
}

function properties(list: readonly DeclarationReflection[], exported: Exported): string {
  return table(
    ["name", "type", "default", "what it is"],
    list.map((property) => {
      const said = splitDefault(textOf(property.comment));
      const otherwise = property.flags.isOptional ? (said.default ?? "none") : "required";
      return [code(property.name), typeText(property, exported), otherwise, said.text];
    }),
  );
}

function outputTable(list: readonly DeclarationReflection[], exported: Exported): string {
  return table(
    ["name", "type", "what it is"],
    list.map((property) => [code(property.name), typeText(property, exported), textOf(property.comment)]),
  );
}

/** The type as code, and links to what it is made of. */
function typeText(property: DeclarationReflection, exported: Exported): string {
  const text = (property.type?.toString() ?? "").replaceAll("OutputInstance<", "Output<");
  const words = new Set(text.match(/\b[A-Z]\w+/g));
  const links = [...words].flatMap((word) => {
    const target = specPages[word] ?? (exported.has(`${word}Args`) ? path.basename(pagePath(word)) : undefined);
    if (target !== undefined) return [`[${word}](${target})`];
    return exported.has(word) ? [`[${word}](#${word.toLowerCase()})`] : [];
  });
  return [code(text), ...links].join(" ");
}

/** Other exported types in a reflection's type, or in those of its properties, however deep. */
function mentioned(reflection: DeclarationReflection, exported: Exported, seen = new Set<string>()): string[] {
  for (const part of [reflection, ...(reflection.children ?? [])]) {
    for (const word of part.type?.toString().match(/\b[A-Z]\w+/g) ?? []) {
      const type = exported.get(word);
      if (type === undefined || seen.has(word)) continue;
      seen.add(word);
      mentioned(type, exported, seen);
    }
  }
  return [...seen];
}

function textOf(comment: Comment | undefined): string {
  return (comment?.summary ?? []).map(({ kind, text }) => (kind === "inline-tag" ? code(text) : text)).join("");
}
