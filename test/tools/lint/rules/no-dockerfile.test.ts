import { strict as assert } from "node:assert";
import { found } from "../expect";

const rule = "no-dockerfile";
const what = (text: string) => found(rule, text).map((finding) => `${finding.line} ${finding.what}`);

describe(rule, () => {
  it("says what cannot be read, and where", () => {
    assert.deepEqual(what(""), ["1 there is no FROM"]);
    assert.deepEqual(what("# a comment\n"), ["1 there is no FROM"]);
    assert.deepEqual(what("hello world\n"), ['1 there is no instruction "HELLO"']);
    assert.deepEqual(what("RUN x\nFROM a\n"), ["1 RUN comes before the first FROM"]);
    assert.deepEqual(what("FROM a\nRUN <<EOF\nx\n"), ['2 the here-document "EOF" has no end']);
    assert.deepEqual(what("FROM a\nCOPY\n"), ["2 COPY has no arguments"]);
  });

  it("says that a file is too large, without reading it", () => {
    assert.match(what("FROM a\n" + "#".repeat(1_000_001))[0]!, /1000008 characters/);
  });

  it("lets every instruction be, ONBUILD, ARG before FROM and a byte order mark among them", () => {
    const text =
      '\uFEFFARG A=1\nFROM a:$A\nMAINTAINER x\nONBUILD RUN y\nEXPOSE 80\nVOLUME /x\nSTOPSIGNAL 9\nSHELL ["sh"]\n';
    assert.deepEqual(what(text), []);
  });
});
