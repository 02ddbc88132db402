/** Turns the values of engine events into what a reader may see: secrets masked, unknown ones named, texts as texts. */
import type { Shown } from "./model";

/**
 * What stands for a value that is known only after the update: the engine has one for each kind of value.
 * Source: pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go and sdk/nodejs/runtime/rpc.ts.
 */
const unknowns = new Set([
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** The key under which an object says that it is something else. Source: sdk/go/common/resource/sig/sig.go. */
const signature = "4dabf18193072939515e22adb298388d";
const signatures = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** What is written in place of them; no JSON text looks like these. */
const secretMark = "[secret]";
const unknownMark = "[known after apply]";

export function isUnknown(value: unknown): boolean {
  return typeof value === "string" && unknowns.has(value);
}

export function isSecret(value: unknown): boolean {
  return value === secretMark || signatureOf(value) === signatures.secret;
}

function signatureOf(value: unknown): unknown {
  return isRecord(value) ? value[signature] : undefined;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value holds others that can be compared one by one: an object of the engine's own making does not. */
export function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && value[signature] === undefined;
}

/**
 * @param path of the property: its last part and `file` say in which language a text is.
 * @param file path of the file that the text is for, where the resource names one.
 */
export function shownValue(value: unknown, path: string, file?: string): Shown {
  if (isSecret(value)) return { kind: "secret" };
  if (isUnknown(value)) return { kind: "unknown" };
  if (typeof value === "string" && /[\n\r]/.test(value.trimEnd())) {
    return { kind: "text", text: value.replace(/\r\n?/g, "\n"), language: languageOf(value, file ?? path) };
  }
  const json = typeof value === "string" ? longJson(value) : undefined;
  if (json !== undefined) return { kind: "text", text: json, language: "json" };
  return { kind: "value", text: oneLine(value) };
}

/** From which length on JSON on one line is spread over several. */
const longLine = 120;

/** JSON that somebody wrote on one long line, on many; nobody reads it otherwise. */
function longJson(text: string): string | undefined {
  if (text.length < longLine || !/^\s*[[{]/.test(text)) return undefined;
  try {
    return `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`;
  } catch {
    return undefined;
  }
}

/** As JSON, keys in their order, with marks for what is no plain value. */
function oneLine(value: unknown): string {
  if (isSecret(value)) return secretMark;
  if (isUnknown(value)) return unknownMark;
  if (value === undefined) return "null";
  if (Array.isArray(value)) return `[${value.map(oneLine).join(", ")}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  switch (value[signature]) {
    case signatures.asset:
      return `[asset ${hashOf(value)}]`;
    case signatures.archive:
      return `[archive ${hashOf(value)}]`;
    case signatures.resource:
      return `[resource ${typeof value.urn === "string" ? value.urn : ""}]`;
    case signatures.output:
      return value.secret === true ? secretMark : value.value === undefined ? unknownMark : oneLine(value.value);
    case undefined: {
      const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${oneLine(part)}`);
      return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
    }
    default:
      // A kind of a later engine: what it holds could be a secret.
      return secretMark;
  }
}

function hashOf(value: Readonly<Record<string, unknown>>): string {
  return typeof value.hash === "string" ? value.hash.slice(0, 12) : "";
}

/** Names as highlighters know them, both of Azure DevOps (highlight.js) and of GitHub (Linguist). */
function languageOf(text: string, file: string): string {
  const name = (file.split("/").at(-1) ?? "").toLowerCase();
  if (/(^|\.)dockerfile(\.|$)/.test(name) || /^\s*FROM\s+\S+/m.test(text.slice(0, 2000))) return "dockerfile";
  if (/\.ya?ml$/.test(name)) return "yaml";
  if (name.endsWith(".json") || /^\s*[[{]/.test(text)) return "json";
  if (/\.(sh|bash)$/.test(name) || text.startsWith("#!/bin/")) return "bash";
  if (/\.(c?js|mjs|ts)$/.test(name)) return "javascript";
  if (name.endsWith(".py")) return "python";
  if (name.endsWith(".toml")) return "toml";
  return /^[\w-]+:(\s|$)/m.test(text) && !/;\s*$/m.test(text) ? "yaml" : "text";
}
