import { strict as assert } from "node:assert";
import { found, mends, places } from "../expect";

const rule = "secret-not-required";
const from = "FROM python:3.13\n";

describe(rule, () => {
  it("finds a mount without required, and mends it", () => {
    const text = `${from}RUN --mount=type=cache,target=/x --mount=type=secret,id=t test -s /run/secrets/t && pip install x\n`;
    assert.deepEqual(places(rule, text), ["2:34 error"]);
    mends(
      rule,
      text,
      `${from}RUN --mount=type=cache,target=/x --mount=type=secret,id=t,required=true test -s /run/secrets/t && pip install x\n`,
    );
  });

  it("only advises where nothing is installed, and where it is written that the secret is optional", () => {
    assert.deepEqual(places(rule, `${from}RUN --mount=type=secret,id=t make\n`), ["2:5 advice"]);
    const [finding] = found(rule, `${from}RUN --mount=type=secret,id=t,required=false make\n`);
    assert.equal(finding!.severity, "advice");
    assert.equal(finding!.fixable, false);
  });

  it("lets required ones be, in every spelling, and mounts of other types", () => {
    for (const option of ["required", "required=true", "required=1", "REQUIRED=True"]) {
      assert.deepEqual(places(rule, `${from}RUN --mount=type=secret,id=t,${option} make\n`), [], option);
    }
    assert.deepEqual(places(rule, `${from}RUN --mount=type=ssh make\n`), []);
  });
});
