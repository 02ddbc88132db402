import { strict as assert } from "node:assert";
import { leaves, places } from "../expect";

const rule = "trusted-host";
const from = "FROM python:3.13\n";

describe(rule, () => {
  for (const line of [
    "RUN pip install --trusted-host feed.example x",
    "RUN pip install --trusted-host=feed.example x",
    "RUN uv pip install --allow-insecure-host feed.example x",
    "ENV PIP_TRUSTED_HOST=feed.example",
    "ARG PIP_TRUSTED_HOST",
    "RUN PIP_TRUSTED_HOST=feed.example pip install x",
    "RUN pip config set global.trusted-host feed.example",
  ]) {
    it(`finds, and does not mend, ${line}`, () => {
      assert.equal(places(rule, `${from}${line}\n`).length, 1);
      leaves(rule, `${from}${line}\n`);
    });
  }

  it("lets the machine itself be", () => {
    assert.deepEqual(
      places(rule, `${from}RUN pip install --trusted-host 127.0.0.1:8080 --trusted-host localhost x\n`),
      [],
    );
  });
});
