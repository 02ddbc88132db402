import * as assert from "node:assert/strict";
import { generateKeyPairSync, randomInt } from "node:crypto";
import { type PatternKind } from "../../../tools/scan/patterns";
import { publishedRule } from "../../../tools/scan/published";
import { hashOf } from "../../../tools/scan/search";
import { find } from "./find";
import { startProcessorTime } from "../../processor-time";

function drawn(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const base62 = `${letters}${letters.toUpperCase()}0123456789`;
// Drawn anew for each run, so that no file of this repository has the form of a token.
const newToken = `${drawn(base62, 52)}JQQJ99${drawn(base62, 18)}AZDO${drawn(base62, 4)}`;
const oldToken = `a2b3c4${drawn("bcdfghjklmnpqrstvwxyz234567", 46)}`;
const jwt = (claims: object, header: object = { alg: "RS256", typ: "JWT" }) =>
  [JSON.stringify(header), JSON.stringify(claims)].map((part) => Buffer.from(part).toString("base64url")).join(".") +
  `.${drawn(base62, 86)}`;
const fresh = { sub: "build", iss: "app.vstoken", exp: Math.floor(Date.now() / 1000) + 3600 };
const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
const ed = generateKeyPairSync("ed25519").privateKey;
const pkcs8 = rsa.export({ type: "pkcs8", format: "pem" }).toString();
const encrypted = { cipher: "aes-128-cbc", passphrase: "x" };
const openssh = (() => {
  const body = Buffer.concat([Buffer.from("openssh-key-v1\0"), Buffer.alloc(150, 7)]).toString("base64");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.match(/.{1,70}/g)!.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
})();

interface Case {
  readonly what: string;
  readonly content: string;
  /** The credential itself. Default: not compared. */
  readonly value?: string;
  readonly kind?: PatternKind;
  readonly path?: string;
}

const password = "Zk3vP9-xQ7m";

const found: Record<PatternKind, readonly Case[]> = {
  "url-credentials": [
    {
      what: "a database's URL",
      content: `DB=postgresql+psycopg://app:${password}@db.internal:5432/orders`,
      value: password,
    },
    {
      what: "a password with encoded characters",
      content: "https://ci:kr%40n%2Fich-77@feed.contoso.com/x",
      value: "kr@n/ich-77",
    },
    {
      what: "a password with an at sign in it",
      content: `git clone https://me:a@b-${password}@git.contoso.com/r`,
      value: `a@b-${password}`,
    },
    {
      what: "a token in the user's place",
      content: `https://${oldToken}@pkgs.dev.azure.com/contoso/_packaging/f/pypi/simple/`,
      value: oldToken,
    },
    { what: "a token before x-oauth-basic", content: `https://${drawn(base62, 40)}:x-oauth-basic@github.com/a/b` },
    {
      what: "a long token as password",
      content: `https://build:${jwt(fresh)}@pkgs.dev.azure.com/contoso/`,
      kind: "url-credentials",
    },
    { what: "one on this machine", content: `http://build:${drawn(base62, 20)}@127.0.0.1:8080/simple/` },
    { what: "one in brackets and quotes", content: `("https://ci:${password}@contoso.com")`, value: password },
    { what: "one with an IPv6 host", content: `redis://:${password}@[fd00::1]:6379/0`, value: password },
  ],
  "index-url": [
    {
      what: "pip.conf",
      content: `[global]\nindex-url = https://ci:${password}@feed.contoso.com/simple/\n`,
      value: password,
    },
    {
      what: "pip.conf's further index",
      content: `extra-index-url=\n    https://ci:${password}@feed.contoso.com/simple/`,
      kind: "url-credentials",
    },
    {
      what: "uv.toml",
      content: `[[index]]\nurl = "https://ci:${password}@feed.contoso.com/simple/"\n`,
      value: password,
    },
    {
      what: "a variable of pip",
      content: `ENV PIP_EXTRA_INDEX_URL=https://ci:${password}@feed.contoso.com/simple/`,
      value: password,
    },
    {
      what: "an option in the history",
      content: `pip install --extra-index-url https://ci:${password}@feed.contoso.com/ x`,
      value: password,
    },
    { what: "a variable of uv", content: `UV_INDEX_URL='https://ci:${password}@feed.contoso.com/'`, value: password },
  ],
  netrc: [
    { what: "one line", content: `machine feed.contoso.com login ci password ${password}\n`, value: password },
    {
      what: "several lines",
      content: `# mine\nmachine feed.contoso.com\n\tlogin ci\n\tpassword ${password}\n`,
      value: password,
    },
    { what: "another order", content: `machine h.contoso.com password ${password} login ci`, value: password },
    {
      what: "a command that writes it",
      content: `printf 'machine h.contoso.com\\nlogin ci\\npassword ${password}\\n' > ~/.netrc`,
      value: password,
    },
    { what: "quotes", content: `machine h.contoso.com login ci password "two words 77"`, value: "two words 77" },
    {
      what: "no login, in a file of that name",
      content: `machine h.contoso.com password ${password}`,
      path: "root/.netrc",
    },
  ],
  pypirc: [
    {
      what: "a section of the public index",
      content: `[distutils]\nindex-servers =\n    pypi\n\n[pypi]\nusername = ci\npassword = ${password}\n`,
      value: password,
    },
    {
      what: "a section of one's own, by the file's name",
      content: `[feed]\nusername: ci\npassword: ${password}`,
      path: "home/app/.pypirc",
    },
  ],
  "pypi-token": [{ what: "a token", content: `TWINE_PASSWORD=pypi-AgEIcHlwaS5vcmc${drawn(base62, 120)}` }],
  "docker-auth": [
    {
      what: "an entry of config.json",
      content: JSON.stringify({
        auths: { "contoso.azurecr.io": { auth: Buffer.from(`ci:${password}`).toString("base64") } },
      }),
      value: password,
    },
    {
      what: "one within another document",
      content: JSON.stringify(JSON.stringify({ auth: Buffer.from(`ci:${password}`).toString("base64") })),
      value: password,
    },
    { what: "an identity token", content: `{"identitytoken": "${drawn(base62, 60)}"}` },
  ],
  "azure-devops-token": [
    { what: "a token of the present form", content: `export PAT=${newToken}\n`, value: newToken },
    { what: "a token of the older form", content: `token: "${oldToken}"`, value: oldToken },
    { what: "one after an escaped line end", content: `"a\\n${oldToken}\\n"`, value: oldToken },
    { what: "one at the end of the content", content: oldToken, value: oldToken },
  ],
  jwt: [
    { what: "a signed token", content: `Authorization: Bearer ${jwt(fresh)}` },
    {
      what: "a header with white space",
      content: `x=${jwt(fresh, { alg: "RS256" }).replace(/^[^.]+/, Buffer.from('{ "alg": "RS256" }').toString("base64url"))}`,
    },
    { what: "one without an end", content: jwt({ sub: "service" }, { kid: "1", alg: "HS256" }) },
    { what: "one that ended lately", content: jwt({ ...fresh, exp: Math.floor(Date.now() / 1000) - 86_400 }) },
    {
      what: "an encrypted one",
      content:
        [JSON.stringify({ alg: "RSA-OAEP", enc: "A256GCM" })]
          .map((part) => Buffer.from(part).toString("base64url"))
          .join("") + ".YWJj.YWJj.YWJj.YWJj",
    },
  ],
  "private-key": [
    { what: "PKCS #8", content: pkcs8 },
    { what: "PKCS #1", content: rsa.export({ type: "pkcs1", format: "pem" }).toString() },
    { what: "SEC 1", content: ec.export({ type: "sec1", format: "pem" }).toString() },
    { what: "Ed25519", content: ed.export({ type: "pkcs8", format: "pem" }).toString() },
    { what: "encrypted PKCS #8", content: rsa.export({ type: "pkcs8", format: "pem", ...encrypted }).toString() },
    { what: "encrypted PKCS #1", content: rsa.export({ type: "pkcs1", format: "pem", ...encrypted }).toString() },
    { what: "OpenSSH", content: openssh },
    { what: "one within JSON", content: JSON.stringify({ key: pkcs8 }) },
    {
      what: "one as strings of a program",
      content: pkcs8
        .split("\n")
        .map((line) => `  "${line}\\n"\n`)
        .join(""),
    },
    { what: "one with other line ends", content: pkcs8.replaceAll("\n", "\r\n") },
  ],
};

const notFound: Record<PatternKind, readonly string[]> = {
  "url-credentials": [
    "https://host.contoso.com/path?mail=a@b.com",
    "ssh://git@github.com/a/b",
    "git+ssh://deploy@git.contoso.com:22/a",
    "https://user:password@host",
    "https://user:pass@contoso.com/",
    "https://username:yourtoken@contoso.com/",
    "https://me:${TOKEN}@contoso.com/",
    "https://me:$TOKEN@contoso.com/",
    "https://me:$(FEED_TOKEN)@contoso.com/",
    "https://{user}:{password}@{host}/",
    "https://%s:%s@%s/",
    "https://me:%(password)s@contoso.com/",
    "https://<user>:<password>@contoso.com/",
    "https://me:****@contoso.com/",
    "https://ci:Zk3vP9-xQ7m@feed.example.com/",
    "https://ci:Zk3vP9-xQ7m@registry.test/",
    "amqp://guest:guest@localhost:5672//",
    "mysql://root:masterkey@localhost/",
    "postgresql://scott:tiger@localhost/test",
    "https://a:b@c.com/",
    "https://SAS_POLICY:SAS_KEY@contoso.com",
    "https://12927b5f211046b575ee51fd8b1ac34f@o1.ingest.contoso.io/1",
    "re.compile(r'https?://[^:]+:[^@]+@github')",
    "https://:@contoso.com/",
    "see http://contoso.com:8080, or ask admin@contoso.com",
    "x://y://z@",
  ],
  "index-url": [
    "index-url = https://feed.contoso.com/simple/",
    "extra-index-url = https://${USER}:${TOKEN}@feed.contoso.com/",
  ],
  netrc: [
    "machine learning needs no login or password here",
    "machine h.contoso.com login ci password <your password>",
    "machine h.contoso.com login ci password $TOKEN",
    "machine feed.example.com login ci password Zk3vP9-xQ7m",
    "machine x password y",
    "statemachine h.contoso.com login ci password Zk3vP9-xQ7m",
    "machine h.contoso.com login ci",
  ],
  pypirc: [
    "[server]\nusername = ci\npassword = Zk3vP9-xQ7m\n",
    "[pypi]\nusername = ci\npassword = <token>\n",
    "my password = Zk3vP9-xQ7m",
  ],
  "pypi-token": ["pypi-AgEIcHlwaS5vcmc...", "pypi-AgE"],
  "docker-auth": [
    '{"auth": "basic"}',
    '{"auth": "c29tZXRoaW5nZWxzZQ=="}',
    `{"auth": "${Buffer.from("username:password").toString("base64")}"}`,
    '{"auth": true}',
  ],
  "azure-devops-token": [
    "a".repeat(52),
    "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrst",
    "dsogdianvisargayiradicalsisposixsyriacwawjoiningtype",
    `x${oldToken}`,
    `${oldToken}2`,
    `${oldToken}_`,
    oldToken.slice(1),
    oldToken.toUpperCase(),
    newToken.slice(1),
    `${newToken}1`,
    newToken.replace("AZDO", "AZDX"),
  ],
  jwt: [
    "eyJhbGciOiJIUzI1NiJ9",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    jwt({ some: "payload" }),
    jwt({ sub: "x", exp: 1_500_000_000 }),
    `${Buffer.from('{"alg":"none"}').toString("base64url")}.${Buffer.from('{"sub":"x"}').toString("base64url")}.`,
    `${Buffer.from('{"typ":"text"}').toString("base64url")}.YWJj.YWJjYWJjYWJjYWJjYWJj`,
    "eyJhbGciOi.not-base64.json",
  ],
  "private-key": [
    `-----BEGIN PRIVATE KEY-----`,
    `if text.startswith("-----BEGIN RSA PRIVATE KEY-----"): load("-----END RSA PRIVATE KEY-----")`,
    `-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----\n${Buffer.alloc(100, 1).toString("base64")}\n-----END PRIVATE KEY-----`,
    "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1234567890123456789012345678901234567890\n-----END PUBLIC KEY-----",
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUb1234567890\n-----END CERTIFICATE-----",
  ],
};

describe("the search for credentials by their form", () => {
  for (const [kind, cases] of Object.entries(found) as [PatternKind, readonly Case[]][]) {
    for (const one of cases) {
      it(`finds ${kind}: ${one.what}`, () => {
        const context = { path: one.path ?? "etc/file" };
        for (const content of [one.content, `before \n${one.content}\n after`, `\0\u0001${one.content}\0`]) {
          const leaks = find(content, context).leaks.filter((leak) => leak.kind === (one.kind ?? kind));
          assert.equal(leaks.length, 1, JSON.stringify(find(content, context).hits));
          if (one.value !== undefined) assert.equal(leaks[0]!.secret, hashOf(one.value));
        }
      });
    }
  }

  for (const [kind, contents] of Object.entries(notFound)) {
    it(`takes for no ${kind} what is none`, () => {
      for (const content of contents) assert.deepEqual(find(content).leaks, [], content);
    });
  }

  it("finds a credential wherever the content is cut, once", () => {
    const content = `machine h.contoso.com login ci password ${password}\n${oldToken}\n${pkcs8}${jwt(fresh)} https://ci:${password}@contoso.com/ ${newToken}`;
    const whole = find(content).leaks;
    assert.equal(whole.length, 6);
    for (let cut = 1; cut < content.length; cut += 7) assert.deepEqual(find(content, { cuts: [cut] }).leaks, whole);
  });

  it("takes no time to speak of for content that is made to be slow", () => {
    const lines = [
      "://",
      "://a:",
      "machine ",
      "password=",
      `-----BEGIN PRIVATE KEY-----\n`,
      "eyJhbGciOi.",
      "AZDO",
      "a2",
      '"auth":"',
      "machine a login b ",
    ];
    for (const line of lines) {
      const content = line.repeat(Math.ceil(2_000_000 / line.length));
      const taken = startProcessorTime();
      find(content);
      // 2 MB; a quadratic way through it would take minutes.
      assert.ok(taken() < 10_000, `${line}: ${taken()} ms`);
    }
  });
});

describe("what packages publish", () => {
  const site = "opt/venv/lib/python3.13/site-packages";
  const cases: [string, Parameters<typeof publishedRule>[1], string | undefined][] = [
    [`${site}/tornado/test/test.key`, "private-key", "test-data"],
    [`${site}/twisted/conch/test/__pycache__/keydata.cpython-313.pyc`, "private-key", "test-data"],
    [`${site}/package/test_tokens.py`, "jwt", "test-data"],
    [`${site}/package/server.key`, "private-key", undefined],
    [`${site}/package/contest/server.key`, "private-key", undefined],
    ["opt/app/tests/server.key", "private-key", undefined],
    [`${site}/package/tests/data`, "azure-devops-token", undefined],
    [`${site}/package/tests/netrc`, "netrc", undefined],
    [`${site}/package/tests/data`, "literal", undefined],
    ["usr/share/doc/libxmlsec1-dev/examples/rsakey.pem", "private-key", "documentation"],
    ["usr/share/doc/x", "literal", undefined],
    ["srv/usr-share/doc/x", "private-key", undefined],
    ["usr/lib/x86_64-linux-gnu/libgnutls.so.30.34.3", "private-key", "system-library"],
    ["usr/lib/x86_64-linux-gnu/libgnutls.so.30.34.3", "url-credentials", undefined],
    [`${site}/package/native.so`, "private-key", undefined],
  ];
  for (const [path, kind, rule] of cases) {
    it(`${rule === undefined ? "is not" : "is"} a ${kind} in ${path}`, () =>
      assert.equal(publishedRule(path, kind), rule));
  }
});
