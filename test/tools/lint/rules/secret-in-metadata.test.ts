import { strict as assert } from "node:assert";
import { places } from "../expect";

const rule = "secret-in-metadata";
const from = "FROM python:3.13\n";

describe(rule, () => {
  for (const line of [
    "LABEL feed=https://build:s3cr3t@feed.example/",
    "ARG API_TOKEN\nLABEL build=$API_TOKEN",
    "LABEL com.example.api-token=abcdefgh",
    'CMD ["serve", "--api-token", "abcdefgh"]',
    "ENTRYPOINT serve --password=abcdefgh",
    "HEALTHCHECK CMD curl -H 'Authorization: Bearer abcdefghijklmnop' http://127.0.0.1/",
    "CMD DATABASE=postgres://app:s3cr3t@db/app serve",
  ]) {
    it(`finds the credential of ${line.split("\n").at(-1)}`, () => {
      assert.equal(places(rule, `${from}${line}\n`).length, 1);
    });
  }

  for (const line of [
    "LABEL org.opencontainers.image.source=https://example.org/x",
    'CMD ["serve", "--token-file", "/run/secrets/token"]',
    'CMD serve --api-token "$API_TOKEN"',
    "HEALTHCHECK --timeout=3s CMD curl -f http://127.0.0.1:8000/health",
    'ENTRYPOINT ["serve"]',
    "LABEL token.limit=100",
  ]) {
    it(`lets ${line} be`, () => assert.deepEqual(places(rule, `${from}${line}\n`), []));
  }
});
