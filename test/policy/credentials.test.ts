import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { findCredentials, isSecretName, LineNumbers } from "../../policy/credentials";
import { findCredential, isSecretName as isSecretNameOfSpecs } from "../../spec/credentials";
import { startProcessorTime } from "../processor-time";

const letters = (characters: string, length: number) =>
  fc
    .array(fc.constantFrom(...characters.split("")), { minLength: length, maxLength: length })
    .map((drawn) => drawn.join(""));
const lower = "abcdefghijklmnopqrstuvwxyz";
const digits = "0123456789";
const alphanumeric = lower + lower.toUpperCase() + digits;

/** A credential of each form, drawn by chance. */
const credentials: Readonly<Record<string, fc.Arbitrary<string>>> = {
  "a URL with a password": letters(alphanumeric, 20).map(
    (token) => `https://build:${token}@packages.example.com/simple/`,
  ),
  "a URL with a token": letters(alphanumeric, 20).map((token) => `https://${token}@packages.example.com/simple/`),
  "an Azure DevOps personal access token": fc.oneof(
    letters(`${lower}234567`, 51).map((token) => `7${token}`),
    fc.tuple(letters(alphanumeric, 76), letters(alphanumeric, 4)).map(([first, last]) => `${first}AZDO${last}`),
  ),
  "a client secret of Microsoft Entra": letters(alphanumeric, 34).map((token) => `abc8Q~${token}`),
  "an access key in a connection string": letters(alphanumeric, 86).map((key) => `AccountName=x;AccountKey=${key}==`),
  "a shared access signature": letters(alphanumeric, 40).map((key) => `https://x.example.com/a?sv=1&sig=${key}%3D`),
  "a GitHub token": letters(alphanumeric, 36).map((token) => `ghp_${token}`),
  "a PyPI token": letters(alphanumeric, 60).map((token) => `pypi-${token}`),
  "an npm token": letters(alphanumeric, 36).map((token) => `npm_${token}`),
  "an AWS access key": letters(lower.toUpperCase() + digits, 16).map((key) => `AKIA${key}`),
  "a Slack token": letters(digits, 20).map((token) => `xoxb-${token}`),
  "a JSON Web Token": fc
    .tuple(letters(alphanumeric, 20), letters(alphanumeric, 40), letters(alphanumeric, 30))
    .map(([header, claims, signature]) => `eyJ${header}.eyJ${claims}.${signature}`),
  "a private key": fc.constantFrom("RSA ", "EC ", "", "OPENSSH ").map((kind) => `-----BEGIN ${kind}PRIVATE KEY-----`),
  "a netrc entry": letters(alphanumeric, 20).map(
    (token) => `machine packages.example.com login build password ${token}`,
  ),
  "a docker login": letters(alphanumeric, 40).map(
    (token) => `{"auths": {"contoso.example.com": {"auth": "${token}"}}}`,
  ),
};

/** Text as people write it: words and signs, which are no credential however they fall. */
const prose = fc
  .array(
    fc.constantFrom(
      "pip",
      "install",
      "FROM",
      "https://example.com/a@b",
      "${TOKEN}",
      "@",
      ":",
      "a:b",
      "\n",
      "sha256:0a",
      "=",
    ),
  )
  .map((words) => words.join(" "));

describe("the search for credentials in files", () => {
  for (const [what, credential] of Object.entries(credentials)) {
    it(`finds ${what} in whatever is around it, on its line`, () => {
      fc.assert(
        fc.property(prose, credential, prose, (before, token, after) => {
          const text = `${before}\n  ${token}\n${after}`;
          const line = before.split("\n").length + 1;
          const found = findCredentials(text).filter((finding) => finding.what === what);
          assert.deepEqual(
            found.map((finding) => finding.line),
            [line],
          );
        }),
      );
    });

    it(`does not repeat ${what}`, () => {
      fc.assert(
        fc.property(credential, (token) => {
          const said = JSON.stringify(findCredentials(token));
          assert.ok(!said.includes(token.slice(-12)), said);
        }),
      );
    });
  }

  it("finds nothing in what people write", () => {
    fc.assert(fc.property(prose, (text) => assert.deepEqual(findCredentials(text), [])));
  });

  it("finds nothing where something stands for a credential", () => {
    const harmless = [
      "https://$USER:$TOKEN@example.com/simple/",
      "https://${USER}:${TOKEN}@example.com/simple/",
      "https://<user>:<token>@example.com/",
      "https://%s:%s@example.com/",
      "https://*@*/* | http://*@*/*)",
      "https://{user}:{password}@example.com",
      "machine %s\nlogin %s\npassword %s\n",
      "machine ${HOST} login ${USER} password ${TOKEN}",
      "AccountKey=$(key)",
      "git@example.com:contoso/orders.git",
      "ssh://git@example.com/contoso/orders.git",
      "https://example.com/@scope/package",
      `sha256:${"0a".repeat(32)}`,
      "-----BEGIN CERTIFICATE-----",
    ];
    for (const text of harmless) assert.deepEqual(findCredentials(text), [], text);
  });

  it("finds nothing in the recipes and pipelines of the golden files", () => {
    const folders = ["recipes/golden", "pipelines/golden"].map((folder) => join(__dirname, "..", folder));
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    assert.ok(files.length > 30);
    for (const file of files) assert.deepEqual(findCredentials(readFileSync(file, "utf8")), [], file);
  });

  it("finds every form that specs are refused for", () => {
    for (const [what, credential] of Object.entries(credentials)) {
      fc.assert(
        fc.property(credential, (token) => {
          if (findCredential(token) !== undefined) assert.notDeepEqual(findCredentials(token), [], what);
        }),
      );
    }
  });

  it("takes no longer for a long text than its length is worth", () => {
    const hostile = [
      "a:",
      "https://",
      "eyJ",
      "machine a login b ",
      "?sig=",
      "A",
      "7",
      "://:",
      '"auth": ',
      "-----BEGIN ",
    ];
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(300_000 / part.length));
      const taken = startProcessorTime();
      findCredentials(text);
      assert.ok(taken() < 3000, `${part}: ${String(taken())} ms`);
    }
  });
});

describe("names of variables", () => {
  it("that say they are secrets are told from those that say something about one", () => {
    const secret = [
      "NPM_TOKEN",
      "token",
      "dbPassword",
      "API_KEY",
      "feed.pat",
      "CLIENT-SECRET",
      "PGPASSWORD",
      "GITHUBTOKEN",
    ];
    const harmless = [
      "TOKENIZERS_PARALLELISM",
      "TOKEN_FILE",
      "PATH",
      "KEYBOARD",
      "PASSENGERS",
      "SECRET_NAME",
      "COMPAT",
      "INDEX_URL",
    ];
    assert.deepEqual(
      secret.filter((name) => !isSecretName(name)),
      [],
    );
    assert.deepEqual(harmless.filter(isSecretName), []);
  });

  it("that a spec is refused for are refused here, unless they say where a secret is", () => {
    const words = [
      "API",
      "KEY",
      "TOKEN",
      "PAT",
      "PASS",
      "SECRET",
      "X",
      "ACCESS",
      "CONNECTION",
      "STRING",
      "SAS",
      "PASSWORD",
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 }), (parts) => {
        const name = parts.join("_");
        if (isSecretNameOfSpecs(name)) assert.ok(isSecretName(name), name);
      }),
    );
  });
});

describe("lines of a text", () => {
  it("are counted as an editor counts them", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "\n", "\r\n", "bc")), fc.nat(), (parts, at) => {
        const text = parts.join("");
        const offset = text.length === 0 ? 0 : at % text.length;
        assert.equal(new LineNumbers(text).at(offset), text.slice(0, offset).split("\n").length);
      }),
    );
  });
});
