/** Values as the engine sends them, without the marks of those that are secret. */

/** Key of the mark, and its value for a secret. Source: github.com/pulumi/pulumi, sdk/go/common/resource/sig. */
const MARK = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** The same value; what was secret in it goes to the service as it is, and back to the engine only as it was declared. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const entries = new Map<string, unknown>(Object.entries(value));
  if (entries.get(MARK) === SECRET) return plain(entries.get("value"));
  return Object.fromEntries([...entries].map(([key, inner]) => [key, plain(inner)]));
}
