/** What of a line may be shown. */
import { strict as assert } from "node:assert";
import { shown } from "../../../tools/lint/shown";

describe("a line that is shown", () => {
  for (const [line, visible] of [
    ["ENV API_TOKEN=abc B=2", "ENV API_TOKEN=*** B=2"],
    ["ENV API_TOKEN abc def", "ENV API_TOKEN ***"],
    ['    API_TOKEN="a b" \\', "    API_TOKEN=*** \\"],
    ["RUN x --api-token abc -p 1", "RUN x --api-token *** -p 1"],
    ['CMD ["x", "--password", "abc"]', 'CMD ["x", "--password", "***"]'],
    ["ARG F=https://build:abc@h/ G=https://abc@h/", "ARG F=https://build:***@h/ G=https://***@h/"],
    ["machine h login x password abc", "machine h login x password ***"],
    ["-H 'Authorization: Bearer abcdefgh123'", "-H 'Authorization: Bearer ***'"],
    [`x ${"ghp_" + "a1B2".repeat(9)} y`, "x *** y"],
  ] as const) {
    it(`is ${visible}`, () => assert.equal(shown(line), visible));
  }

  for (const line of [
    "RUN pip install -i https://build:${FEED_TOKEN}@h/simple/ x",
    'RUN FEED_TOKEN="$(cat /run/secrets/t)" fetch --token-file /x --api-token "$T" --token --yes',
    "ENV TOKENIZERS_PARALLELISM=false TOKEN_TTL=20",
    "RUN git clone ssh://git@h/x.git # password",
    'test -s /run/secrets/netrc || { echo "the secret netrc is empty" >&2; exit 1; }',
  ]) {
    it(`is as it is where nothing is to hide: ${line}`, () => assert.equal(shown(line), line));
  }
});
