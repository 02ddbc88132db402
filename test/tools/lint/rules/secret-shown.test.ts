import { strict as assert } from "node:assert";
import { leaves, mends, places } from "../expect";

const rule = "secret-shown";
const from = "FROM python:3.13\n";
const file = "--mount=type=secret,id=t,required=true";
const variable = "--mount=type=secret,id=t,env=T,required=true";

describe(rule, () => {
  for (const line of [
    `RUN ${variable} echo "$T"`,
    `RUN ${variable} env`,
    `RUN ${variable} printenv T`,
    `RUN ${file} cat /run/secrets/t`,
    `RUN ${file} token=$(cat /run/secrets/t); echo "token: $token"`,
    `RUN ${file} echo "$(cat /run/secrets/t)"`,
    `RUN ${file} bash -xc 'true'; curl -u "x:$(cat /run/secrets/t)" h`,
    "RUN --mount=type=secret,id=c,target=/etc/pip.conf,required=true pip config list",
  ]) {
    it(`finds, and does not mend, ${line}`, () => {
      assert.equal(places(rule, `${from}${line}\n`).length, 1);
      leaves(rule, `${from}${line}\n`);
    });
  }

  it("takes the x out of set -eux", () => {
    mends(
      rule,
      `${from}RUN ${file} set -eux; curl -u "x:$(cat /run/secrets/t)" h\n`,
      `${from}RUN ${file} set -eu; curl -u "x:$(cat /run/secrets/t)" h\n`,
    );
    mends(rule, `${from}RUN ${variable} set -x && curl -u "x:$T" h\n`, `${from}RUN ${variable} curl -u "x:$T" h\n`);
  });

  for (const line of [
    `RUN ${file} set -eux; test -s /run/secrets/t && NETRC=/run/secrets/t pip install -i https://h/ x`,
    `RUN ${file} cat /run/secrets/t | sha256sum`,
    `RUN ${file} token=$(cat /run/secrets/t) && curl -H "x: $token" h`,
    `RUN ${variable} echo "a message"`,
    `RUN ${variable} echo '$T'`,
    "RUN set -x; echo $HOME",
  ]) {
    it(`lets ${line} be`, () => assert.deepEqual(places(rule, `${from}${line}\n`), []));
  }
});
