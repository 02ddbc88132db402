import { strict as assert } from "node:assert";
import { found, guard, leaves, mends, netrcMount, places } from "../expect";

const rule = "secret-in-run";
const from = "FROM python:3.13\n";

describe(rule, () => {
  it("finds an address with a password, at its place behind a continued line", () => {
    const text = `${from}RUN pip install \\\n    # comment\n    -i https://build:s3cr3t@feed.example/simple/ x\n`;
    assert.deepEqual(places(rule, text), ["4:16 error"]);
    mends(
      rule,
      text,
      `${from}RUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install \\\n    # comment\n    -i https://feed.example/simple/ x\n`,
    );
  });

  it("finds tokens in here-documents, of RUN and of COPY, and in ADD's address", () => {
    const token = "ghp_" + "a1B2".repeat(9);
    assert.equal(places(rule, `${from}RUN <<EOF\ncurl -H "x: ${token}" h\nEOF\n`).length, 1);
    assert.equal(places(rule, `${from}COPY <<EOF /x\n${token}\nEOF\n`).length, 1);
    assert.equal(places(rule, `${from}ADD https://build:s3cr3t@feed.example/x.tar /x\n`).length, 1);
    assert.doesNotMatch(JSON.stringify(found(rule, `${from}RUN curl -H "x: ${token}" h\n`)), /a1B2a1B2/);
  });

  it("lets variables, secrets that are mounted and accounts without a password be", () => {
    for (const line of [
      'RUN --mount=type=secret,id=t,required=true curl -u "x:$(cat /run/secrets/t)" https://feed.example/',
      "RUN pip install git+ssh://git@example.org/x.git",
      "RUN git clone git@example.org:x.git",
      'RUN curl --password="$PW" https://example.org/@scope/x',
      "RUN pip install 'x @ https://example.org/x.whl'",
    ]) {
      assert.deepEqual(places(rule, `${from}${line}\n`), [], line);
    }
  });

  it("finds a variable that is set to a credential, going by its name", () => {
    assert.deepEqual(places(rule, `${from}RUN set -e; export FEED_TOKEN=abcdefgh; ./fetch\n`), ["2:20 error"]);
    assert.deepEqual(places(rule, `${from}RUN TOKEN_FILE=/x FEED_TOKEN=$T FEED_PASSWORD= ./fetch\n`), []);
  });

  it("does not take a program's own words for a password", () => {
    assert.deepEqual(places(rule, `${from}COPY <<EOF /x.py\npassword = ask()\nlogin(password=password)\nEOF\n`), []);
    assert.equal(places(rule, `${from}RUN ./serve 'Server=db;Password=s3cr3t'\n`).length, 1);
  });

  it("does not mend an address that something else than an installer is given", () => {
    leaves(rule, `${from}RUN curl -O https://build:s3cr3t@feed.example/x.tar\n`);
  });
});
