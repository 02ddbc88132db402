/** Mends Dockerfiles whose secrets have names of the team's own, or whose git and installers are told by other ways than usual. */
import { strict as assert } from "node:assert";
import { renderApplicationRecipe } from "../../../recipes";
import { lintDockerfile } from "../../../tools/lint";
import { mendDockerfile } from "../../../tools/migrate/mend-dockerfile";
import { OFFERED_SECRETS } from "../../../tools/migrate/mend-secrets";
import { application, baseImage } from "../../recipes/specs";

const feed = "pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/";

function mend(...lines: readonly string[]) {
  const text = ["FROM python:3.13-slim", ...lines, ""].join("\n");
  const context = { files: [], read: () => undefined };
  const options = { file: "Dockerfile", context, contextFolder: "", credentials: new Set<string>() };
  const mended = mendDockerfile(text, options);
  assert.equal(mendDockerfile(mended.text, options).text, mended.text, "a second time changes nothing");
  return mended;
}

/** Mended so that it builds on the platform: secrets that are offered, the feed alone, and no error of lint. */
function mendsAll(...lines: readonly string[]): string {
  const { text, missing } = mend(...lines);
  assert.deepEqual(missing, [], text);
  assert.deepEqual(
    lintDockerfile(text).filter(({ severity }) => severity === "error"),
    [],
    text,
  );
  const ids = Array.from(text.matchAll(/\bid=([^,\s]+)/g), ([, id = ""]) => id);
  assert.ok(
    ids.every((id) => OFFERED_SECRETS.includes(id)),
    text,
  );
  return text;
}

describe("mended Dockerfiles", () => {
  it("name secrets that recipes offer to Dockerfiles of teams, and know all of them", () => {
    const files = renderApplicationRecipe(application({ dockerfile: "Dockerfile" }), baseImage());
    const bake = JSON.parse(files.find(({ path }) => path.endsWith("docker-bake.json"))!.content) as {
      target: Record<string, { secret?: string[] }>;
    };
    const ids = Object.values(bake.target).flatMap(({ secret = [] }) =>
      secret.map((one) => /id=([^,]+)/.exec(one)?.[1]),
    );
    assert.deepEqual([...new Set(ids)].sort(), [...OFFERED_SECRETS].sort());
  });

  const tokens = {
    "in an address by substitution": [
      `RUN --mount=type=secret,id=pat pip install --index-url https://x:$(cat /run/secrets/pat)@${feed} six`,
    ],
    "in a variable of its own": [
      "RUN --mount=type=secret,id=pat,required=true \\",
      "    TOKEN=$(cat /run/secrets/pat) && \\",
      `    pip install --extra-index-url "https://x:\${TOKEN}@${feed}" six`,
    ],
    "in an exported variable": [
      `RUN --mount=type=secret,id=pat export TOKEN="$(cat /run/secrets/pat)"; pip install -i https://x:$TOKEN@${feed} six`,
    ],
    "in a variable of pip": [
      `RUN --mount=type=secret,id=pat export PIP_EXTRA_INDEX_URL=https://x:$(cat /run/secrets/pat)@${feed} && pip install six`,
    ],
    "as a variable": [
      `RUN --mount=type=secret,id=pat,env=PAT pip install --extra-index-url https://x:$PAT@${feed} six`,
    ],
  };
  for (const [name, lines] of Object.entries(tokens)) {
    it(`take the feed's netrc for a token ${name}`, () => {
      const text = mendsAll(...lines);
      assert.match(text, /--mount=type=secret,id=netrc,target=\S+,required=true/);
      assert.match(text, /\$\{INDEX_URL:\?is empty\}/);
      assert.doesNotMatch(text, /\bpat\b|\bPAT\b|TOKEN|EXTRA|pkgs\.dev/i);
      assert.match(text, /pip install .*six/);
    });
  }

  it("read the feed's address in place of one that is a secret, by the file or variable that they read before", () => {
    const file = mendsAll(
      'RUN --mount=type=secret,id=feed_url pip install --index-url "$(cat /run/secrets/feed_url)" six',
    );
    assert.match(file, /id=pip_index_url,.*target=\/run\/secrets\/feed_url/);
    assert.match(file, /--index-url "\$\(cat \/run\/secrets\/feed_url\)"/);
    const variable = mendsAll(
      "RUN --mount=type=secret,id=feed,target=/tmp/feed URL=$(cat /tmp/feed) && pip install --index-url $URL six",
    );
    assert.match(variable, /id=pip_index_url,target=\/tmp\/feed/);
    assert.match(
      mendsAll("RUN --mount=type=secret,id=feed,env=PIP_INDEX_URL pip install six"),
      /id=pip_index_url,env=/,
    );
  });

  it("have netrc and pip.conf by their own names where they were mounted in their places", () => {
    const netrc = mendsAll(
      `RUN --mount=type=secret,id=credentials,target=/root/.netrc pip install --index-url https://${feed} six`,
    );
    assert.match(netrc, /id=netrc,target=\/root\/\.netrc/);
    assert.match(
      mendsAll("RUN --mount=type=secret,target=/etc/pip.conf,id=pip_config pip install six"),
      /target=\/etc\/pip\.conf,id=pip\.conf/,
    );
  });

  it("keep a secret that is for something else, and tell of it with its line", () => {
    const { text, missing } = mend(
      "WORKDIR /app",
      "RUN --mount=type=secret,id=npm_token NPM_TOKEN=$(cat /run/secrets/npm_token) npm ci",
    );
    assert.match(text, /id=npm_token/);
    assert.deepEqual(
      missing.map(({ at, what }) => [at, what]),
      [["Dockerfile:3", "the secret npm_token is none that the platform gives to builds"]],
    );
  });

  it("keep a variable that another command reads", () => {
    const { text } = mend(
      `RUN --mount=type=secret,id=pat TOKEN=$(cat /run/secrets/pat) && pip install -i https://x:$TOKEN@${feed} six && curl -H "X: $TOKEN" https://example.com`,
    );
    assert.match(text, /TOKEN=\$\(cat \/run\/secrets\/pat\)/);
    assert.match(text, /id=pat/);
  });

  it("have no variable that names an index by an address with a credential, and install from the feed", () => {
    const text = mendsAll(
      "ARG FEED_TOKEN",
      `ENV PIP_EXTRA_INDEX_URL="https://x:\${FEED_TOKEN}@${feed}" PIP_NO_CACHE_DIR=1`,
      "RUN pip install six",
    );
    assert.match(text, /^ENV PIP_NO_CACHE_DIR=1$/m);
    assert.match(text, /PIP_INDEX_URL="\$\{INDEX_URL:\?is empty\}"/);
    assert.doesNotMatch(text, /FEED_TOKEN|EXTRA/);
  });

  it("keep an index's variable that a command reads by its name", () => {
    const { text } = mend(`ENV PIP_INDEX_URL=https://${feed}`, 'RUN echo "$PIP_INDEX_URL" && pip install six');
    assert.match(text, /^ENV PIP_INDEX_URL=/m);
  });

  it("give git no credential, neither in a RUN of its own nor in one that does more", () => {
    const alone = mend(
      "ARG PAT",
      'RUN git config --global url."https://${PAT}@dev.azure.com/c".insteadOf https://dev.azure.com/c',
    );
    assert.equal(alone.text, "FROM python:3.13-slim\n");
    assert.ok(alone.reasons.some(({ what }) => what.includes("git")));
    const more = mend(
      "ARG PAT",
      'RUN apt-get install -y git && git config --global url."https://x:$PAT@dev.azure.com/c".insteadOf https://dev.azure.com/c',
    );
    assert.match(more.text, /^RUN apt-get install -y git$/m);
    assert.doesNotMatch(more.text, /PAT/);
  });
});
