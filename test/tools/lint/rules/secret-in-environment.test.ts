import { strict as assert } from "node:assert";
import { found, guard, leaves, mends, netrcMount, places } from "../expect";

const rule = "secret-in-environment";
const from = "FROM python:3.13\n";

describe(rule, () => {
  it("finds a credential by its name, and by its value", () => {
    assert.deepEqual(places(rule, `${from}ENV A=1 FEED_TOKEN=abcdefgh\n`), ["2:9 error"]);
    assert.deepEqual(places(rule, `${from}ENV PIP_INDEX_URL="https://build:s3cr3t@feed.example/simple/"\n`), [
      "2:5 error",
    ]);
    assert.deepEqual(places(rule, `${from}ENV SETTING ${"ghp_" + "a1B2".repeat(9)}\n`), ["2:5 error"]);
  });

  it("finds one that an ARG passes on, under whatever name", () => {
    assert.deepEqual(places(rule, `${from}ARG AZURE_PAT\nENV SETTING=x-\${AZURE_PAT}\n`), ["3:5 error"]);
    assert.deepEqual(
      places(rule, `${from}ARG CODE\nENV PIP_INDEX_URL=https://x:$CODE@feed.example/simple/\nRUN pip install x\n`),
      ["3:5 error"],
    );
  });

  it("lets addresses, switches and paths be", () => {
    const names =
      "PIP_INDEX_URL=https://feed.example/simple/ TOKENIZERS_PARALLELISM=false TOKEN_FILE=/run/secrets/t API_TOKEN= PIP_NO_CACHE_DIR=off";
    assert.deepEqual(places(rule, `${from}ENV ${names}\nENV PASSWORD_LENGTH 12\n`), []);
  });

  it("mends an address with a password by the address and a netrc for each install", () => {
    mends(
      rule,
      `${from}ENV A=1 \\\n    PIP_INDEX_URL="https://build:s3cr3t@feed.example/simple/"\nRUN pip install x\nRUN echo\n`,
      `${from}ENV A=1 \\\n    PIP_INDEX_URL="https://feed.example/simple/"\nRUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install x\nRUN echo\n`,
    );
  });

  it("does not mend a token that the container reads when it runs", () => {
    leaves(rule, `${from}ENV API_TOKEN=abcdefgh\nCMD serve\n`);
  });

  it("shows no credential in what it says", () => {
    const findings = found(rule, `${from}ENV API_TOKEN=abcdefgh DSN=https://u:s3cr3t@h/\n`);
    assert.equal(findings.length, 2);
    assert.doesNotMatch(JSON.stringify(findings), /abcdefgh|s3cr3t/);
  });
});
