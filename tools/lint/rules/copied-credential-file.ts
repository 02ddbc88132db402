/** COPY or ADD of a file that holds credentials, such as .netrc, whether or not a later RUN removes it. */
import { copiesOf, landingPlace, type Copy, type CopySource } from "../copies";
import { planWithoutFile } from "../file-plan";
import type { Report, Rule } from "../finding";
import { credentialFile, type CredentialFile } from "../names";
import { namesFile, removedBy } from "../removals";
import type { Subject } from "../subject";
import { literalCredential } from "../variables";

export const copiedCredentialFile: Rule = {
  id: "copied-credential-file",
  severity: "error",
  about:
    "COPY or ADD of .netrc, pip.conf, .pypirc, .git-credentials, a private key, .env: removing it later does not help.",
  check(subject) {
    return copiesOf(subject.dockerfile.stages).flatMap((copy) =>
      copy.sources.flatMap((source) => {
        const file =
          credentialFile(source.path) ?? (copy.sources.length === 1 ? credentialFile(copy.destination) : undefined);
        return file === undefined || isHarmless(subject, copy, source) ? [] : [report(subject, copy, source, file)];
      }),
    );
  },
};

/** A here-document is seen, and so is a file of the context: a pip.conf need not have a token. */
function isHarmless(subject: Subject, copy: Copy, source: CopySource): boolean {
  const isPip = /pip\.(?:conf|ini)$/.test(source.path) || /pip\.(?:conf|ini)$/.test(copy.destination);
  if (!isPip) return false;
  const document = /^<<-?["']?([^"']+)/.exec(source.path)?.[1];
  const text =
    document === undefined
      ? copy.from === undefined
        ? subject.context?.read(source.path.replace(/^\.?\//, ""))
        : undefined
      : copy.instruction.documents.find(({ name }) => name === document)?.content.text;
  return text !== undefined && literalCredential(text) === undefined && !/:\/\/[^\s/]*\$[^\s/]*@/.test(text);
}

function report(subject: Subject, copy: Copy, source: CopySource, file: CredentialFile): Report {
  const place = landingPlace(copy, source);
  const removal =
    place === undefined
      ? undefined
      : subject.runs.find(
          (run) => run.stage === copy.stage && run.instruction.start > copy.instruction.start && removedBy(run, place),
        );
  const line = removal === undefined ? undefined : subject.dockerfile.source.place(removal.instruction.start).line;
  const last = subject.dockerfile.stages.at(-1);
  const why =
    line !== undefined
      ? `The RUN of line ${line} removes it from its own layer only: it stays in the layer of this ${copy.instruction.keyword}, where every viewer of layers shows it.`
      : copy.stage === last
        ? "It is in a layer of the image: everyone who can pull the image has it."
        : "It is in a layer of this stage: in the builder's storage and in every exported cache.";
  const name = file.secret;
  return {
    start: source.start,
    end: source.end,
    what: `${copy.instruction.keyword} brings ${file.what} into ${copy.stage === last ? "the image" : "a stage"}: ${source.path}`,
    why,
    mend:
      name === undefined
        ? elsewise(source.path)
        : "Mount it as a secret in the RUN that needs it, at the same place; add the file to .dockerignore.",
    fix: name === undefined || place === undefined ? undefined : planWithoutFile(subject, copy, source, place, name),
    example: [
      `RUN --mount=type=${namesFile(source.path, "id_rsa") ? "ssh" : `secret,id=${name ?? "file"},target=${place ?? "/run/secrets/file"},required=true`} …`,
    ],
  };
}

function elsewise(path: string): string {
  return /id_(?:rsa|dsa|ecdsa|ed25519)$|\.ssh\/?$/.test(path)
    ? "Use --mount=type=ssh in the RUN that needs it: the key stays in the agent."
    : path.includes(".env")
      ? "Give the container its environment when it starts; add the file to .dockerignore."
      : "Mount it as a secret in the RUN that needs it; add the file to .dockerignore.";
}
