import * as assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../../../tools/errors";
import { readSecrets, type SecretSources } from "../../../tools/scan";
import { readAllowList } from "../../../tools/scan/allow";

const password = "Zk3vP9-xQ7m";
const auth = Buffer.from(`ci:${password}`).toString("base64");

describe("the secrets of a scan", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  async function read(sources: SecretSources, environment: NodeJS.ProcessEnv = {}): Promise<[string, string][]> {
    const secrets = await readSecrets(sources, { environment, workingFolder: folder });
    return secrets.map(({ value, source }) => [value, source]);
  }

  const files: [string, string, [string, string][]][] = [
    [
      "netrc",
      `machine h.contoso.com login ci password ${password}\n`,
      [[password, "file secret: password of h.contoso.com"]],
    ],
    [
      "netrc with quotes, comments and several entries",
      `# x password no\nmachine a\n login ci\n password "two words"\ndefault login d password other-one\n`,
      [
        ["two words", "file secret: password of a"],
        ["other-one", "file secret: password of any host"],
      ],
    ],
    [
      "pip.conf",
      `[global]\nindex-url = https://ci:kr%40n%2Fich@feed.contoso.com/simple/\n`,
      [["kr@n/ich", "file secret: password for feed.contoso.com"]],
    ],
    [
      "uv.toml",
      `[[index]]\nurl = "https://ci:${password}@feed.contoso.com/simple/"`,
      [[password, "file secret: password for feed.contoso.com"]],
    ],
    [".pypirc", `[pypi]\nusername = ci\npassword = ${password}\n`, [[password, "file secret: password of pypi"]]],
    [
      "docker's configuration",
      JSON.stringify({ auths: { "contoso.azurecr.io": { auth }, "b.io": { identitytoken: "long-identity-token" } } }),
      [
        [password, "file secret: password for contoso.azurecr.io"],
        ["long-identity-token", "file secret: token for b.io"],
      ],
    ],
    [
      "a URL",
      `https://ci:${password}@feed.contoso.com/simple/\n`,
      [[password, "file secret: password for feed.contoso.com"]],
    ],
    [
      "several URLs",
      `https://ci:${password}@a.io/ https://abcdefgh12345678ijkl@b.io/`,
      [
        [password, "file secret: password for a.io"],
        ["abcdefgh12345678ijkl", "file secret: token for b.io"],
      ],
    ],
    ["the secret alone", ` ${password}\n`, [[password, "file secret"]]],
  ];
  for (const [what, text, expected] of files) {
    it(`are read from ${what}`, async () => {
      await writeFile(join(folder, "secret"), text);
      assert.deepEqual(await read({ files: ["secret"] }), expected);
      assert.deepEqual(
        await read({ variables: ["TOKEN"] }, { TOKEN: text }),
        expected.map(([value, source]) => [value, source.replace("file secret", "variable TOKEN")]),
      );
    });
  }

  it("are each looked for once, however often they are given", async () => {
    await writeFile(join(folder, "netrc"), `machine a login b password ${password}`);
    assert.equal((await read({ netrcFiles: ["netrc"], variables: ["T"] }, { T: password })).length, 1);
  });

  const refused: [string, SecretSources, NodeJS.ProcessEnv, string, RegExp][] = [
    ["an empty file", { files: ["secret"] }, {}, " \n", /secret is empty/],
    ["an empty netrc file", { netrcFiles: ["secret"] }, {}, "", /secret is empty/],
    ["a netrc file without a password", { netrcFiles: ["secret"] }, {}, "machine a login b\n", /no credential/],
    [
      "pip.conf without a credential",
      { files: ["secret"] },
      {},
      "[global]\nindex-url = https://feed.contoso.com/\n",
      /no credential/,
    ],
    [
      "a URL without a credential",
      { variables: ["URL"] },
      { URL: "https://feed.contoso.com/" },
      "",
      /URL holds .* no credential/,
    ],
    ["docker's configuration without a credential", { files: ["secret"] }, {}, '{"auths": {"a": {}}}', /no credential/],
    ["a missing file", { files: ["missing"] }, {}, "", /missing cannot be read/],
    ["a variable that is not set", { variables: ["TOKEN"] }, {}, "", /TOKEN is not set/],
    ["a variable named as what every object has", { variables: ["constructor"] }, {}, "", /constructor is not set/],
    ["a variable that is empty", { variables: ["TOKEN"] }, { TOKEN: " " }, "", /TOKEN is empty/],
    ["a short secret", { variables: ["TOKEN"] }, { TOKEN: "abc12" }, "", /variable TOKEN has fewer than 6 characters/],
    ["a secret that is a whole document", { variables: ["TOKEN"] }, { TOKEN: "x".repeat(9000) }, "", /9000 bytes/],
  ];
  for (const [what, sources, environment, text, message] of refused) {
    it(`are refused from ${what}, which would find nothing`, async () => {
      await writeFile(join(folder, "secret"), text);
      await assert.rejects(read(sources, environment), (error: UsageError) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.notEqual(error.mend, "");
        assert.doesNotMatch(error.message, /abc12|xxxx/);
        return true;
      });
    });
  }
});

describe("the allow list", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "wheelhouse-test-"));
  });

  afterEach(() => rm(folder, { recursive: true }));

  it("is read with its reasons", async () => {
    await writeFile(
      join(folder, "allow.yaml"),
      "allow:\n  - { path: a/**, secret: 0123456789ab, reason: published }\n",
    );
    assert.deepEqual(await readAllowList("allow.yaml", folder), [
      { path: "a/**", secret: "0123456789ab", reason: "published" },
    ]);
  });

  for (const [what, text, message] of [
    ["an entry without a reason", "allow: [{ path: a }]", /allow\.0\.reason/],
    ["an entry for everything", "allow: [{ reason: x }]", /needs a path or a secret/],
    ["a secret instead of its hash", "allow: [{ secret: hunter2hunter2, reason: x }]", /12 hex digits/],
    ["an unknown property", "allow: [{ file: a, reason: x }]", /file/],
    ["no list", "- a", /allow\.yaml/],
    ["no YAML", "allow: [", /allow\.yaml/],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      await writeFile(join(folder, "allow.yaml"), text);
      await assert.rejects(readAllowList("allow.yaml", folder), (error: UsageError) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("is refused when it is missing", async () => {
    await assert.rejects(readAllowList("none.yaml", folder), /none\.yaml cannot be read/);
  });
});
