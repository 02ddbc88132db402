/** What `docker login` writes into `config.json`: base64 of `user:password`, and identity tokens. */
import { type AnchoredPattern } from "./pattern";
import { isPlaceholder } from "./placeholders";

/** Quotes may be escaped, where the file lies in another document. */
const entry = /^"(?:auth|identitytoken)\\?"\s*:\s*\\?"([A-Za-z0-9+/_.=-]{8,8192})\\?"/;

/** Tells most of what is none by few characters. */
const beginning = /^"(?:auth|identitytoken)\\?"\s*:\s*\\?"[A-Za-z0-9+/_.=-]{8}/;

export const dockerAuthPattern: AnchoredPattern = {
  kind: "docker-auth",
  anchors: ['"auth"', '"auth\\', '"ident'],
  check(content, at, region) {
    if (!beginning.test(content.toString("latin1", at, Math.min(region.to, at + 64)))) return undefined;
    const [match, text] = entry.exec(content.toString("latin1", at, Math.min(region.to, at + 8300))) ?? [];
    if (match === undefined || text === undefined) return undefined;
    const end = at + match.length;
    if (match.startsWith('"i')) {
      if (text.length < 20) return undefined;
      return { start: at, end, value: text, ...(isPlaceholder(text) ? { excluded: "placeholder" } : {}) };
    }
    const pair = Buffer.from(text, "base64").toString("latin1").replace(/\0+$/, "");
    const split = pair.indexOf(":");
    // Anything else under this name is not of docker.
    if (split < 1 || /[^\x20-\x7e]/.test(pair)) return undefined;
    const password = pair.slice(split + 1);
    if (password === "") return undefined;
    return { start: at, end, value: password, ...(isPlaceholder(password) ? { excluded: "placeholder" } : {}) };
  },
};
