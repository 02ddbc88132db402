import { strict as assert } from "node:assert";
import { found, guard, leaves, mends, places } from "../expect";

const rule = "secret-may-be-empty";
const from = "FROM python:3.13\n";
const file = "--mount=type=secret,id=url,required=true";
const variable = "--mount=type=secret,id=url,env=PIP_INDEX_URL,required=true";

describe(rule, () => {
  it("finds a secret that pip would do without, and mends it by a test before all else", () => {
    const text = `${from}RUN ${file} pip install -i "$(cat /run/secrets/url)" x\n`;
    assert.deepEqual(places(rule, text), ["2:5 error"]);
    mends(
      rule,
      text,
      `${from}RUN ${file} \\\n    ${guard("/run/secrets/url", "url")}\n    pip install -i "$(cat /run/secrets/url)" x\n`,
    );
  });

  it("tests a variable by its length", () => {
    mends(
      rule,
      `${from}RUN ${variable} \\\n    pip install x\n`,
      `${from}RUN ${variable} \\\n    test -n "$PIP_INDEX_URL" || { echo "the secret url is empty" >&2; exit 1; }; \\\n    pip install x\n`,
    );
  });

  it("puts the test behind the first line of a script that names its shell", () => {
    mends(
      rule,
      `${from}RUN ${file} <<EOF\n#!/bin/bash\npip install -i "$(cat /run/secrets/url)" x\nEOF\n`,
      `${from}RUN ${file} <<EOF\n#!/bin/bash\ntest -s /run/secrets/url || { echo "the secret url is empty" >&2; exit 1; }\npip install -i "$(cat /run/secrets/url)" x\nEOF\n`,
    );
  });

  it("only advises for a netrc, without which an index refuses", () => {
    const [finding] = found(
      rule,
      `${from}RUN --mount=type=secret,id=netrc,required=true pip install -i https://h/ x\n`,
    );
    assert.equal(finding!.severity, "advice");
  });

  for (const check of [
    "test -s /run/secrets/url &&",
    "[ -s /run/secrets/url ] || exit 1;",
    '[[ -n "$(cat /run/secrets/url)" ]] &&',
    'url="$(cat /run/secrets/url)"; test -n "$url" &&',
    'url="$(cat /run/secrets/url)"; : "${url:?is empty}";',
    'check() { test -s "/run/secrets/$1" || exit 1; }; check url;',
    "if [ ! -s /run/secrets/url ]; then exit 1; fi;",
  ]) {
    it(`lets a RUN be that checks by ${check}`, () => {
      assert.deepEqual(places(rule, `${from}RUN ${file} ${check} pip install -i "$(cat /run/secrets/url)" x\n`), []);
    });
  }

  it("says nothing where nothing is installed", () => {
    assert.deepEqual(places(rule, `${from}RUN ${file} make\n`), []);
  });

  it("does not mend the JSON form", () => {
    leaves(rule, `${from}RUN ${variable} ["pip", "install", "x"]\n`);
  });
});
