import { strict as assert } from "node:assert";
import { guard, mends, netrcMount, places } from "../expect";

const rule = "missing-secret-mount";
const from = "FROM python:3.13\n";
const feed = "https://pkgs.dev.azure.com/contoso/_packaging/python/pypi/simple/";

describe(rule, () => {
  for (const line of [
    `RUN pip install --index-url ${feed} x`,
    `RUN apt-get update; python3 -m pip install -i ${feed} x`,
    `RUN uv pip install --default-index=${feed} x`,
    `RUN PIP_INDEX_URL=${feed} /venv/bin/pip3.13 install x`,
    `ENV PIP_INDEX_URL=${feed}\nRUN pip install x`,
    `ARG FEED=${feed}\nRUN pip install --index-url "$FEED" x`,
    `RUN ["pip", "install", "-i", "${feed}", "x"]`,
  ]) {
    it(`finds ${line.split("\n").at(-1)}`, () => {
      assert.deepEqual(
        places(rule, `${from}${line}\n`).map((place) => place.split(" ")[1]),
        ["error"],
      );
    });
  }

  it("only advises where the index may let everyone in", () => {
    assert.deepEqual(places(rule, `${from}RUN pip install -i https://nexus.example/repository/py/simple x\n`), [
      "2:1 advice",
    ]);
  });

  it("mends by a netrc", () => {
    mends(
      rule,
      `${from}RUN pip install --index-url ${feed} x\n`,
      `${from}RUN ${netrcMount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; \\\n    pip install --index-url ${feed} x\n`,
    );
  });

  it("lets the public index, other indexes, offline installs and mounted secrets be", () => {
    for (const line of [
      "RUN pip install x",
      "RUN pip install --index-url https://wheels.example/cpu torch",
      "RUN pip install --no-index --find-links /wheels x",
      `RUN ${netrcMount} NETRC=/run/secrets/netrc pip install -i ${feed} x`,
      `RUN echo ${feed}`,
      `ENV UV_DEFAULT_INDEX=${feed}\nRUN pip install x`,
    ]) {
      assert.deepEqual(places(rule, `${from}${line}\n`), [], line);
    }
  });
});
