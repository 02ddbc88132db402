import { strict as assert } from "node:assert";
import { leaves, mends, places } from "../expect";

const rule = "extra-index-url";
const from = "FROM python:3.13\n";

describe(rule, () => {
  for (const [line, mended] of [
    ["RUN pip install --extra-index-url https://h/ x", "RUN pip install --index-url https://h/ x"],
    ["RUN pip install --extra-index-url=https://h/ x", "RUN pip install --index-url=https://h/ x"],
    ["RUN pip install -i https://p/ --extra-index-url https://h/ x", "RUN pip install --index-url https://h/ x"],
    [
      "RUN pip install --extra-index-url https://h/ x --index-url https://p/",
      "RUN pip install --index-url https://h/ x",
    ],
    ["RUN PIP_EXTRA_INDEX_URL=https://h/ pip install x", "RUN PIP_INDEX_URL=https://h/ pip install x"],
    ["RUN export PIP_EXTRA_INDEX_URL=https://h/; pip install x", "RUN export PIP_INDEX_URL=https://h/; pip install x"],
    [
      'RUN --mount=type=secret,id=x,env=PIP_EXTRA_INDEX_URL,required=true test -n "$PIP_EXTRA_INDEX_URL" && pip install x',
      'RUN --mount=type=secret,id=x,env=PIP_INDEX_URL,required=true test -n "$PIP_INDEX_URL" && pip install x',
    ],
    ["ENV PIP_EXTRA_INDEX_URL=https://h/", "ENV PIP_INDEX_URL=https://h/"],
    ["RUN pip config set global.extra-index-url https://h/", "RUN pip config set global.index-url https://h/"],
  ] as const) {
    it(`makes ${mended} of ${line}`, () => {
      assert.deepEqual(
        places(rule, `${from}${line}\n`).map((place) => place.split(" ")[1]),
        ["error"],
      );
      mends(rule, `${from}${line}\n`, `${from}${mended}\n`);
    });
  }

  for (const line of [
    "RUN pip install --extra-index-url https://a/ --extra-index-url https://b/ x",
    'RUN ["pip", "install", "--extra-index-url", "https://h/", "x"]',
    "ENV PIP_INDEX_URL=https://p/ PIP_EXTRA_INDEX_URL=https://h/",
    "COPY <<EOF /etc/pip.conf\n[global]\nextra-index-url = https://h/\nEOF",
    "RUN --mount=type=secret,id=x,env=PIP_EXTRA_INDEX_URL,required=true PIP_INDEX_URL=https://p/ pip install x",
    "ARG PIP_EXTRA_INDEX_URL=https://h/",
  ]) {
    it(`finds, and does not mend, ${line.split("\n")[0]}`, () => leaves(rule, `${from}${line}\n`));
  }

  it("only advises for uv, which has an order of indexes", () => {
    assert.deepEqual(places(rule, `${from}RUN uv pip install --extra-index-url https://h/ x\n`), ["2:20 advice"]);
  });

  it("finds an option of a function that the script wrapped pip in", () => {
    assert.equal(places(rule, `${from}RUN feed_pip install --extra-index-url https://h/ x\n`).length, 1);
  });

  it("lets one index, and texts about the option, be", () => {
    for (const line of [
      "RUN pip install --index-url https://h/ x",
      "RUN echo extra-index-url",
      "ENV PIP_EXTRA_INDEX_URL=",
      "# --extra-index-url",
    ]) {
      assert.deepEqual(places(rule, `${from}${line}\n`), [], line);
    }
  });
});
