import { strict as assert } from "node:assert";
import { found, guard, leaves, mends, netrcMount, places } from "../expect";

const rule = "secret-in-argument";
const from = "FROM python:3.13\n";

describe(rule, () => {
  for (const name of [
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_EXTRA_URL",
    "UV_INDEX_URL",
    "UV_EXTRA_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX_FEED_PASSWORD",
    "FEED_ACCESSTOKEN",
    "SYSTEM_ACCESSTOKEN",
    "AZURE_PAT",
    "AZURE_DEVOPS_EXT_PAT",
    "GH_TOKEN",
    "TWINE_PASSWORD",
    "CLIENT_SECRET",
    "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS",
    "SSH_PRIVATE_KEY",
    "npm_token",
  ]) {
    it(`finds ARG ${name}`, () => assert.deepEqual(places(rule, `${from}ARG ${name}\n`), ["2:5 error"]));
  }

  for (const argument of [
    "TOKENIZERS_PARALLELISM=false",
    "PIP_NO_CACHE_DIR=1",
    "MAX_TOKENS=100",
    "TOKEN_LIMIT",
    "TOKEN_URL",
    "PASSWORD_FILE",
    "SECRET_NAME",
    "USE_TOKEN=yes",
    "INDEX_URL",
    "PIP_INDEX_URL=https://feed.example/simple/",
    "PATH_PREFIX",
    "COMPATIBILITY",
    "API_TOKEN=",
  ]) {
    it(`lets ARG ${argument} be`, () => assert.deepEqual(places(rule, `${from}ARG ${argument}\n`), []));
  }

  it("finds an address with a password as a default, before the first FROM and taken up again", () => {
    const text =
      "ARG SOURCE=https://build:s3cr3t@feed.example/simple/\nFROM a\nARG SOURCE\nRUN pip install -i $SOURCE x\n";
    assert.deepEqual(places(rule, text), ["1:5 error", "3:5 error"]);
    mends(
      rule,
      text,
      `ARG SOURCE=https://feed.example/simple/\nFROM a\nARG SOURCE\nRUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install -i $SOURCE x\n`,
    );
  });

  it("shows no credential in what it says", () => {
    const text = `${from}ARG SOURCE=https://build:s3cr3t@feed.example/simple/\nRUN pip install -i $SOURCE x\n`;
    assert.ok(!JSON.stringify(found(rule, text)).includes("s3cr3t"));
  });

  it("finds one that a RUN puts into an address through ENV and another stage", () => {
    const text =
      "FROM a AS one\nARG CODE\nENV MORE=$CODE\nFROM one\nRUN pip install --index-url https://build:$MORE@feed.example/simple/ x\n";
    assert.deepEqual(places(rule, text), ["2:5 error"]);
    mends(
      rule,
      text,
      `FROM a AS one\nFROM one\nRUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install --index-url https://feed.example/simple/ x\n`,
    );
  });

  it("finds one that is the whole index of a RUN without credentials", () => {
    const text = `${from}ARG FEED\nRUN pip install --index-url $FEED x\n`;
    assert.deepEqual(places(rule, text), ["2:5 error"]);
  });

  it("lets the address be an argument where the credentials come as a secret", () => {
    const text = `${from}ARG FEED\nRUN ${netrcMount} test -s /run/secrets/netrc && NETRC=/run/secrets/netrc pip install --index-url $FEED x\n`;
    assert.deepEqual(places(rule, text), []);
  });

  it("does not take the user's name in an address for its password", () => {
    const text = `${from}ARG ACCOUNT\nRUN --mount=type=secret,id=t,required=true test -s /run/secrets/t && pip install -i https://$ACCOUNT:$(cat /run/secrets/t)@feed.example/simple x\n`;
    assert.deepEqual(places(rule, text), []);
  });

  it("takes only its own name out of an ARG with several", () => {
    mends(
      rule,
      `${from}ARG VERSION=1 FEED_TOKEN REVISION\nRUN pip install -i https://x:\${FEED_TOKEN}@feed.example/simple/ x\n`,
      `${from}ARG VERSION=1 REVISION\nRUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install -i https://feed.example/simple/ x\n`,
    );
  });

  it("gives an install that does not run as root a secret that it can read", () => {
    const text = `${from}ARG PIP_INDEX_URL\nUSER 1000\nRUN pip install x\n`;
    const mended = `${from}ARG INDEX_URL\nUSER 1000\nRUN --mount=type=secret,id=netrc,target=/run/secrets/netrc,uid=1000,required=true \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc PIP_INDEX_URL="\${INDEX_URL:?is empty}"; \\\n    pip install x\n`;
    mends(rule, text, mended);
  });

  it("keeps the line ends of the file", () => {
    const text = "FROM a\r\nARG PIP_INDEX_URL\r\nRUN pip install x\r\n";
    const mended = `FROM a\r\nARG INDEX_URL\r\nRUN ${netrcMount} \\\r\n    ${guard("/run/secrets/netrc")}\r\n    export NETRC=/run/secrets/netrc PIP_INDEX_URL="\${INDEX_URL:?is empty}"; \\\r\n    pip install x\r\n`;
    mends(rule, text, mended);
  });

  for (const [why, rest] of [
    [
      "it is used in another way as well",
      "RUN pip install -i https://x:$FEED_TOKEN@feed.example/ x && curl -H $FEED_TOKEN https://feed.example\n",
    ],
    [
      "it is in single quotes of a script in another language",
      "RUN <<EOF\n#!/usr/bin/env python3\nimport os; os.environ['FEED_TOKEN']\nEOF\n",
    ],
    ["it is used in JSON form", 'RUN ["sh", "-c", "pip install -i https://x:$FEED_TOKEN@feed.example/ x"]\n'],
    [
      "the shell is another one",
      'SHELL ["powershell", "-Command"]\nRUN pip install -i https://x:$FEED_TOKEN@feed.example/ x\n',
    ],
    ["no RUN that is known uses it", "RUN make\n"],
    ["it is passed on by a LABEL", "LABEL a=$FEED_TOKEN\nRUN pip install -i https://x:$FEED_TOKEN@feed.example/ x\n"],
  ] as const) {
    it(`does not mend where ${why}`, () => leaves(rule, `${from}ARG FEED_TOKEN\n${rest}`));
  }

  it("does not mend an index that a script of the project may read", () => {
    leaves(rule, `${from}ARG PIP_INDEX_URL\nRUN pip install x\nRUN ./install.sh\n`);
  });
});
