/** Rules for addresses: of services, of package indexes, of networks. */
import { isIPv4 } from "node:net";
import { findCredential } from "./credentials";
import { quote, type Refusal, type Rule } from "./rule";

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/** `localhost`, `127.0.0.0/8` or `[::1]`: what never leaves the machine. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}

/**
 * Address of a service: `https:`, or `http:` on a loopback host; no user, no query, no fragment, and no character
 * that YAML or a shell could take for its own.
 */
export const serviceAddress: Rule = (text) => {
  if (findCredential(text) !== undefined || text.includes("@")) {
    return {
      message: "the address has a user, a password or a token in it",
      mend: "take it out; credentials come from the environment",
    };
  }
  const url = parseUrl(text);
  if (url === undefined || !/^https?:$/.test(url.protocol) || !/^[A-Za-z0-9:/._~%[\]-]+$/.test(text)) {
    return refuse(
      text,
      "it is not an https: URL of letters, digits and : / . _ ~ % -",
      "write it like https://dev.azure.com/contoso",
    );
  }
  return url.protocol === "https:" || isLoopback(url.hostname)
    ? undefined
    : refuse(text, "http: would send credentials in the clear", "write https:");
};

function refuse(text: string, why: string, mend: string): Refusal {
  return { message: `${quote(text)} is not an address that can be used: ${why}`, mend };
}

/** Address of an upstream: a service's address, or `azure-feed://…` for a feed of Azure Artifacts. */
export const upstreamLocation: Rule = (text) =>
  /^azure-feed:\/\/[A-Za-z0-9._/@%-]+$/.test(text) ? undefined : serviceAddress(text);

/** IPv4 address or range in CIDR form, which is what network rules of a container registry take. */
export const network: Rule = (text) => {
  const [address = "", prefix, ...rest] = text.split("/");
  const bits = Number(prefix ?? "32");
  const valid =
    isIPv4(address) &&
    rest.length === 0 &&
    (prefix === undefined || (/^(?:[0-9]|[12][0-9]|3[0-2])$/.test(prefix) && hostBitsAreZero(address, bits)));
  return valid
    ? undefined
    : {
        message: `${quote(text)} is not an IPv4 range`,
        mend: "write it like 203.0.113.0/24, with zeros after the prefix",
      };
};

function hostBitsAreZero(address: string, bits: number): boolean {
  const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  return value % 2 ** (32 - bits) === 0;
}
