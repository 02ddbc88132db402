/** Allow-lists for every other text that a user writes: nothing that could break out of YAML, shell or a Dockerfile. */
import { isSecretName } from "./credentials";
import { everyRule, firstCharacterOutside, quote, showCharacter, type Refusal, type Rule } from "./rule";

const NO_BREAK_OUT = "nothing that YAML, a shell or a Dockerfile could take for its own";

/** Refuses the text by its first character that is not allowed, without showing the text itself. */
function onlyCharacters(what: string, allowed: RegExp, words: string): Rule {
  return (text) => {
    const character = firstCharacterOutside(allowed, text);
    return character === undefined
      ? undefined
      : { message: `${what} has ${showCharacter(character)}`, mend: `use only ${words}: ${NO_BREAK_OUT}` };
  };
}

function atMost(what: string, longest: number): Rule {
  return (text) =>
    text.length > longest
      ? { message: `${what} has ${text.length} characters`, mend: `use at most ${longest}` }
      : undefined;
}

function notEmpty(what: string): Rule {
  return (text) =>
    text.trim() === "" ? { message: `${what} is empty`, mend: "write it, or leave the property out" } : undefined;
}

/** One line of prose: letters and digits of any script, spaces and `. , : ; ! ? ( ) / & + - _ ’ – —`; at most 200 characters. */
export const description: Rule = everyRule(
  notEmpty("the description"),
  atMost("the description", 200),
  onlyCharacters(
    "the description",
    /^[\p{L}\p{M}\p{N} .,:;!?()/&+_’–—-]$/u,
    "one line of letters, digits, spaces and . , : ; ! ? ( ) / & + - _ ’",
  ),
);

/** Name of an environment variable (POSIX: letters, digits, underscore, no digit first; here at most 128 characters). */
export const environmentName: Rule = (text) => {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(text)) {
    return {
      message: `${quote(text)} is not a name for an environment variable`,
      mend: "use letters, digits and underscores, with no digit first, at most 128",
    };
  }
  return packageIndexName(text) ?? secretName(text);
};

const INDEX_VARIABLES =
  /^(?:PIP_(?:.*INDEX.*|CONFIG_FILE|FIND_LINKS|TRUSTED_HOST)|UV_(?:.*INDEX.*|FIND_LINKS|CONFIG_FILE|INSECURE_HOST)|NETRC)$/i;

function packageIndexName(name: string): Refusal | undefined {
  return INDEX_VARIABLES.test(name)
    ? {
        message: `${name} would change where packages come from`,
        mend: "take it out: the platform's feed is the only index, and the image knows its address",
      }
    : undefined;
}

function secretName(name: string): Refusal | undefined {
  if (!isSecretName(name) || /_(?:FILE|PATH)$/i.test(name)) {
    return undefined;
  }
  return {
    message: `${name} is named as a secret, and everything in env is readable in the image`,
    mend: `give it to the container at run time; a file's path may stand here as ${name}_FILE: /run/secrets/…`,
  };
}

/** Value of an environment variable, credentials being looked for elsewhere: ASCII letters, digits, spaces and `_ . , : / @ % + = ~ * ? -`; at most 1024 characters. */
export const environmentValue: Rule = everyRule(
  atMost("the value", 1024),
  onlyCharacters(
    "the value",
    /^[A-Za-z0-9 _.,:/@%+=~*?-]$/,
    "ASCII letters, digits, spaces and _ . , : / @ % + = ~ * ? -",
  ),
);

/** One word of a health check's command: as a value, but with no space; at most 256 characters. */
export const commandWord: Rule = everyRule(
  notEmpty("the word"),
  atMost("the word", 256),
  onlyCharacters(
    "the word",
    /^[A-Za-z0-9_.,:/@%+=~?-]$/,
    "ASCII letters, digits and _ . , : / @ % + = ~ ? - (the command runs without a shell; put more into a module of the application)",
  ),
);

/**
 * User of a container: a name as `useradd` of Debian takes it (lowercase letters, digits, `_`, `-`, at most 32), never root.
 * Source: useradd(8), CAVEATS.
 */
export const userName: Rule = (text) => {
  if (text === "root") {
    return { message: "an image must not run as root", mend: "take another name, such as app" };
  }
  return /^[a-z_][a-z0-9_-]{0,31}$/.test(text)
    ? undefined
    : {
        message: `${quote(text)} is not a name for a user`,
        mend: "use at most 32 lowercase letters, digits, _ and -, with a letter first",
      };
};

/** User that an application runs as: a name, or a number from 1 to 65534. */
export const runAsUser: Rule = (text) => {
  if (!/^[0-9]+$/.test(text)) {
    return userName(text);
  }
  const id = Number(text);
  if (id === 0) {
    return {
      message: "0 is root's number, and an image must not run as root",
      mend: "take another number, such as 1000",
    };
  }
  return id <= 65534 && !text.startsWith("0")
    ? undefined
    : { message: `${quote(text)} is not a user's number`, mend: "use 1 to 65534" };
};

/**
 * Branch: letters, digits and `. _ - /` of what git allows, without `refs/heads/` and without wildcards.
 * Source: https://git-scm.com/docs/git-check-ref-format
 */
export const branchName: Rule = (text) => {
  if (text.startsWith("refs/")) {
    return {
      message: `${quote(text)} is a full ref`,
      mend: `write the branch's name alone: ${quote(text.replace(/^refs\/(?:heads\/)?/, ""))}`,
    };
  }
  if (text.includes("*")) {
    return { message: `${quote(text)} is a pattern`, mend: "name each branch: its protection is by name" };
  }
  const wellFormed =
    /^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/.test(text) && !/\.\.|\/\/|\/[.-]|\.lock(?:\/|$)|[./]$/.test(text);
  return wellFormed
    ? undefined
    : {
        message: `${quote(text)} is not a branch that can be used here`,
        mend: "use letters, digits and . _ - /, such as main or release/2026",
      };
};

/**
 * Console script of a Python package: letters, digits, `_`, `.`, `-`, beginning with a letter or a digit, at most 64.
 * Source: https://packaging.python.org/specifications/entry-points/
 */
export const scriptName: Rule = (text) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) && /[A-Za-z0-9]$/.test(text)
    ? undefined
    : {
        message: `${quote(text)} is not a name for a console script`,
        mend: "use letters, digits and _ . -, as in [project.scripts] of pyproject.toml",
      };

/** Extra of a Python package. Source: https://packaging.python.org/specifications/core-metadata/#provides-extra-multiple-use */
export const extraName: Rule = (text) =>
  /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/.test(text)
    ? undefined
    : {
        message: `${quote(text)} is not a name for an extra`,
        mend: "use letters, digits and _ . -, as in [project.optional-dependencies] of pyproject.toml",
      };

/** Python version `3.<minor>`, from 3.9 on. */
export const pythonVersion: Rule = (text) => {
  const match = /^3\.([1-9][0-9]?)$/.exec(text);
  return match !== null && Number(match[1]) >= 9
    ? undefined
    : {
        message: `${quote(text)} is not a Python version that can be used`,
        mend: 'write major.minor in quotes, from "3.9" on, such as "3.12"',
      };
};

/**
 * Image without tag or digest: an optional registry host, then a repository.
 * Source: https://github.com/distribution/reference (the grammar of a reference).
 */
export const upstreamImage: Rule = (text) => {
  if (text.includes("@") || /:[^/]*$/.test(text.replace(/^[^/]*:[0-9]+\//, ""))) {
    return {
      message: `${quote(text)} has a tag or a digest`,
      mend: "write the image alone, and its tag as tag: …; the digest is looked up at each refresh",
    };
  }
  const component = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  const image = new RegExp(`^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?/)?${component}(?:/${component})*$`);
  return text.length <= 255 && image.test(text)
    ? undefined
    : {
        message: `${quote(text)} is not an image`,
        mend: "write it like python, or with its registry like registry.example.com/team/python",
      };
};

/**
 * Registry that stands for the public one, with a path or without: a host is what has a dot or a port, or is `localhost`;
 * anything else would be a repository of the public registry.
 * Source: https://github.com/distribution/reference (the grammar of a reference, and what makes its first part a domain).
 */
export const upstreamRegistry: Rule = (text) => {
  if (/^[a-z]+:\/\//i.test(text) || text.endsWith("/")) {
    return {
      message: `${quote(text)} is an address`,
      mend: "write the registry's host alone, or with a path and no slash at its end: contoso.azurecr.io/mirror",
    };
  }
  const [host = ""] = text.split("/");
  const port = Number(/:([0-9]+)$/.exec(host)?.[1] ?? "1");
  const [name = ""] = host.split(":");
  const hasHost = (/[.:]/.test(host) || host === "localhost") && !/\.\.|\.-|-\./.test(name) && name !== "";
  return hasHost &&
    port >= 1 &&
    port <= 65535 &&
    text.length <= 200 &&
    !text.includes("@") &&
    upstreamImage(`${text}/image`) === undefined
    ? undefined
    : {
        message: `${quote(text)} is not a registry`,
        mend: "write its host in lower case, with a port and a path where it has them: contoso.azurecr.io/mirror",
      };
};

/** Image by its digest, with its registry or without, so that what runs is what was looked at. */
export const imageByDigest: Rule = (text) => {
  const [, image = "", digest = ""] = /^(.*)@(sha256:[0-9a-f]{64})$/.exec(text) ?? [];
  const withoutTag = image.replace(/:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, "");
  return digest !== "" && upstreamImage(withoutTag) === undefined
    ? undefined
    : {
        message: `${quote(text)} is not an image by its digest`,
        mend: "write it like registry.example.com/team/scanner@sha256:…, with 64 hexadecimal digits",
      };
};

/** Image with a tag or a digest: one without is another one whenever its registry says so. */
export const taggedImage: Rule = (text) => {
  const [, image = "", tag] = /^(.+?)(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?$/.exec(text) ?? [];
  return (tag !== undefined && upstreamImage(image) === undefined) || imageByDigest(text) === undefined
    ? undefined
    : {
        message: `${quote(text)} is not an image with its tag or digest`,
        mend: "write it like registry.example.com/team/buildkit:v0.26.3",
      };
};

/** Tag of an image. Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */
export const imageTag: Rule = (text) =>
  /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(text)
    ? undefined
    : { message: `${quote(text)} is not a tag`, mend: "use letters, digits and _ . -, such as 3.12-slim" };

/** Demand of a job on its agent. Source: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/pool-demands */
export const demand: Rule = (text) =>
  /^[A-Za-z][A-Za-z0-9._-]{0,99}(?: -(?:equals|gtVersion) [A-Za-z0-9._:-]{1,100})?$/.test(text)
    ? undefined
    : { message: `${quote(text)} is not a demand`, mend: "write a capability's name, or name -equals value" };
