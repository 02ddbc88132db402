/** `wheelhouse:preview`: which stacks a pull request on the platform's own repository previews, and how it gets at their state. */
import { z } from "zod";
import { findCredential } from "./credentials";
import { text, uniqueList } from "./fields";
import type { PreviewSettings } from "./model";
import { connectionName } from "./package-indexes";
import { quote, type Rule } from "./rule";

/** Kinds of state that the engine knows. Source: https://www.pulumi.com/docs/iac/concepts/state-and-backends/ */
const SCHEMES = ["azblob", "file", "gs", "https", "postgres", "s3"];

/**
 * Where the state is, as `pulumi login` takes it. It becomes a plain variable of the pipeline, in which Azure Pipelines expands macros,
 * and which everybody may read.
 */
const backendAddress: Rule = (written) => {
  if (findCredential(written) !== undefined || written.includes("@")) {
    return {
      message: "the address has a user, a password or a token in it",
      mend: "take it out; the preview signs in with its service connection",
    };
  }
  return new RegExp(`^(?:${SCHEMES.join("|")})://[A-Za-z0-9:/._~%?&=+,-]{1,400}$`).test(written)
    ? undefined
    : {
        message: `${quote(written)} is not an address of state`,
        mend: "write what pulumi login takes, such as azblob://state?storage_account=contoso",
      };
};

/** A stack, alone or with what it belongs to. A list of them is passed to a shell. */
const stackName: Rule = (written) =>
  /^[A-Za-z0-9_.-]{1,100}(?:\/[A-Za-z0-9_.-]{1,100}){0,2}$/.test(written) && !written.startsWith("-")
    ? undefined
    : {
        message: `${quote(written)} is not a stack's name`,
        mend: "write it as pulumi stack ls shows it, such as production or contoso/wheelhouse/production",
      };

export const preview = z.strictObject({
  backend: text(backendAddress, { description: "Where the state is, as pulumi login takes it." }),
  stacks: uniqueList(text(stackName, { description: "Name of a stack." })).check(z.minLength(1)),
  connection: text(connectionName, {
    description:
      "Service connection to Azure, by federation, whose identity may read what the stacks declare, and their state.",
  }).default("wheelhouse-preview"),
  variableGroup: z.int().min(1).optional(),
});

/** The preview in the form that the other rooms read. */
export function toPreview(written: z.infer<typeof preview>): PreviewSettings {
  const { backend, stacks, connection, variableGroup } = written;
  return { backend, stacks, connection, variableGroup };
}
