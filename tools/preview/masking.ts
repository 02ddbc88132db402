/** Takes the secrets of this process out of everything that a preview tells, before anything is made of it. */
import { isSecretName } from "../../spec";
import type { StackPreview } from "./model";

/** Names that do not say by themselves that they hold a secret; AzureCLI@2 sets the first one. */
const furtherNames = new Set(["SERVICEPRINCIPALKEY", "PULUMI_CONFIG_PASSPHRASE"]);

/** Below it a value would tear up every text that it happens to be part of. */
const shortest = 6;

/** Values that name no secret, although their variable sounds like one. */
const harmless = /^(true|false|\d{1,8}|https?:\/\/[^@\s]*|(\/|\.{1,2}\/|[A-Za-z]:\\)\S*)$/i;

/** Values of the variables whose names say that they are secrets. */
export function environmentSecrets(environment: NodeJS.ProcessEnv): readonly string[] {
  const values = Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && (isSecretName(name) || furtherNames.has(name.toUpperCase())) ? [value.trim()] : [],
  );
  return [...new Set(values)].filter((value) => value.length >= shortest && !harmless.test(value)).sort();
}

const mask = "[secret]";

/** Replaces each secret, in every form in which it could turn up in a text. */
export function masker(secrets: readonly string[]): (text: string) => string {
  const forms = [...new Set(secrets.flatMap(formsOf))]
    .filter((form) => form.length >= shortest)
    // The longest first, so that no part of it is left.
    .sort((left, right) => right.length - left.length || (left < right ? -1 : 1));
  if (forms.length === 0) return (text) => text;
  const pattern = new RegExp(forms.map((form) => form.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&")).join("|"), "g");
  return (text) => text.replace(pattern, mask);
}

function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const strict = url.replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= 12);
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    url,
    ...[url, strict].map((text) => text.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())),
    strict,
    Buffer.from(secret).toString("hex"),
    ...base64Forms(secret),
    // A key of several lines is torn apart by a diff.
    ...(lines.length > 1 ? lines : []),
  ];
}

/** What the secret alone decides of its base64, at each place that it can have in a group of three bytes. */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((alignment) => {
    const text = Buffer.concat([Buffer.alloc(alignment), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const core = text.slice(Math.ceil((alignment * 8) / 6), Math.floor(((alignment + bytes.length) * 8) / 6));
    return [core, core.replaceAll("+", "-").replaceAll("/", "_")];
  });
}

/** The same preview, without the secrets in any of its texts, names of properties included. */
export function maskPreview(preview: StackPreview, secrets: readonly string[]): StackPreview {
  if (secrets.length === 0) return preview;
  const masked = masker(secrets);
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return masked(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [masked(key), walk(part)]));
  };
  return walk(preview) as StackPreview;
}
