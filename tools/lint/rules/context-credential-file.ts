/** `COPY . .` that takes a file of credentials along, because .dockerignore does not leave it out. */
import { copiesOf } from "../copies";
import type { Rule } from "../finding";
import { credentialFile } from "../names";
import type { ContextFiles } from "../subject";
import { literalCredential } from "../variables";

export const contextCredentialFile: Rule = {
  id: "context-credential-file",
  severity: "error",
  about: "COPY of a folder with .netrc, .env or the like in it that .dockerignore does not name; needs --context.",
  check(subject) {
    const { context } = subject;
    if (context === undefined) return [];
    return copiesOf(subject.dockerfile.stages)
      .filter(({ from }) => from === undefined)
      .flatMap((copy) =>
        copy.sources.flatMap(({ path, start, end }) => {
          const taken = context.files
            .filter((file) => isIn(file, path))
            .filter((file) => holdsCredentials(file, context));
          if (taken.length === 0 || credentialFile(path) !== undefined) return [];
          const named = taken.slice(0, 5).join(", ") + (taken.length > 5 ? ` and ${taken.length - 5} more` : "");
          return [
            {
              start,
              end,
              what: `${copy.instruction.keyword} ${path} takes along ${named}`,
              why: "A copied file is in a layer, whether or not a later RUN removes it.",
              mend: `Add ${taken.length === 1 ? "it" : "them"} to .dockerignore, or copy the files that are needed by name.`,
              example: taken.slice(0, 5),
            },
          ];
        }),
      );
  },
};

/** Whether a file lies in a folder that is copied; a pattern stands for everything beside it. */
function isIn(file: string, source: string): boolean {
  const folder = source.replace(/^\.?\/+/, "").replace(/\/+$/, "");
  if (folder === "" || folder === "." || folder === "*") return true;
  return file.startsWith(`${folder}/`);
}

function holdsCredentials(file: string, context: ContextFiles): boolean {
  if (credentialFile(file) === undefined) return false;
  if (!/pip\.(?:conf|ini)$/.test(file)) return true;
  const text = context.read(file);
  return text === undefined || literalCredential(text) !== undefined;
}
