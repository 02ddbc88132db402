/** Takes secrets out of the texts that a report shows: commands, paths, places in documents. */
import { type ContentScanner } from "./content";
import { type Finding, type LayerUse } from "./report";

const mask = "***";

/** A build argument in a history entry, as BuildKit writes it: `RUN |2 NAME=value NAME=value /bin/sh -c …`. */
const buildArguments = /^((?:RUN )?\|\d+ )(.*?)( \/bin\/\S+ .*)?$/s;

/** Names of build arguments whose values are not shown, whatever they are. */
const secretName = /token|secret|passw|\bpat\b|_pat\b|pat_|credential|auth|api_?key/i;

/** Makes the function that masks whatever the scanner finds in a text. */
export function redactor(scanner: ContentScanner): (text: string) => string {
  return (text) => {
    const bytes = Buffer.from(text);
    const parts: { start: number; end: number }[] = [];
    scanner.scanText(bytes, "", ({ offset, length }) => parts.push({ start: offset, end: offset + length }));
    if (parts.length === 0) return maskArguments(text);
    let shown = "";
    let position = 0;
    for (const { start, end } of parts.toSorted((one, other) => one.start - other.start)) {
      if (start >= position) shown += bytes.toString("utf8", position, start) + mask;
      position = Math.max(position, end);
    }
    return maskArguments(shown + bytes.toString("utf8", position));
  };
}

/** The same finding, with no secret in any text of it. */
export function redacted(finding: Finding, redact: (text: string) => string): Finding {
  const { where } = finding;
  switch (where.in) {
    case "file":
      return { ...finding, where: { ...where, path: redact(where.path) } };
    case "layer":
      return {
        ...finding,
        where: { ...where, path: redact(where.path), images: where.images.map((use) => redactedUse(use, redact)) },
      };
    case "document":
      return {
        ...finding,
        where: {
          ...where,
          ...(where.pointer === undefined ? {} : { pointer: redact(where.pointer) }),
          ...(where.command === undefined ? {} : { command: redact(where.command) }),
        },
      };
  }
}

function redactedUse(use: LayerUse, redact: (text: string) => string): LayerUse {
  return use.command === undefined ? use : { ...use, command: redact(use.command) };
}

function maskArguments(text: string): string {
  return text.replace(buildArguments, (_all, start: string, values: string, rest = "") => {
    const masked = values.replace(/(^|\s)(\w+)=(\S+)/g, (one, space: string, name: string) =>
      secretName.test(name) ? `${space}${name}=${mask}` : one,
    );
    return `${start}${masked}${rest as string}`;
  });
}
