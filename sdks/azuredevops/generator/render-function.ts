/** Renders the file of one function: the call that answers with a promise, and the one that takes and gives outputs. */
import { DOCUMENTATION } from "./documentation";
import { nameOfToken, type SchemaFunction } from "./provider-schema";
import { renderComment, renderMembers, type Direction } from "./render-types";

export function renderFunction(token: string, called: SchemaFunction): string {
  const name = nameOfToken(token);
  const documentation = DOCUMENTATION[name];
  const members = (direction: Direction): string =>
    direction === "output"
      ? renderMembers(called.outputs.properties, called.outputs.required ?? [], documentation, {
          direction,
          inside: false,
        })
      : renderMembers(called.inputs?.properties ?? {}, called.inputs?.required, documentation, {
          direction,
          inside: false,
        });
  const stem = name.charAt(0).toUpperCase() + name.slice(1);
  const takesArguments = called.inputs !== undefined;
  const fallback = (called.inputs?.required ?? []).length === 0 ? " = {}" : "";
  const parameter = (type: string): string => (takesArguments ? `args: ${type}${fallback}, ` : "");
  const values = Object.keys(called.inputs?.properties ?? {}).map((input) => `${input}: args.${input}`);
  const sent = `{ ${values.join(", ")} }`;
  const parts = [
    `import * as pulumi from "@pulumi/pulumi";
    import { invokeOptions } from "./engine";`,
    `const TOKEN = ${JSON.stringify(token)};`,
    `${renderComment(documentation?.summary)}export function ${name}(
      ${parameter(`${stem}Args`)}opts?: pulumi.InvokeOptions,
    ): Promise<${stem}Result> {
      return pulumi.runtime.invoke(TOKEN, ${sent}, invokeOptions(opts)) as Promise<${stem}Result>;
    }`,
    `${renderComment(documentation?.summary)}export function ${name}Output(
      ${parameter(`${stem}OutputArgs`)}opts?: pulumi.InvokeOutputOptions,
    ): pulumi.Output<${stem}Result> {
      return pulumi.runtime.invokeOutput<${stem}Result>(TOKEN, ${sent}, invokeOptions(opts));
    }`,
    ...(takesArguments
      ? [
          `/** What \`${name}\` is asked. */
          export interface ${stem}Args {
            ${members("plain")}
          }`,
          `/** What \`${name}Output\` is asked. */
          export interface ${stem}OutputArgs {
            ${members("input")}
          }`,
        ]
      : []),
    `/** What \`${name}\` answers. */
    export interface ${stem}Result {
      ${members("output")}
    }`,
  ];
  return parts.join("\n\n");
}
