import { strict as assert } from "node:assert";
import { found, guard, leaves, mends, places } from "../expect";

const rule = "copied-credential-file";
const from = "FROM python:3.13\n";
const install = "RUN pip install -i https://feed.example/simple/ x\n";

describe(rule, () => {
  for (const line of [
    "COPY .netrc /root/",
    "COPY a .netrc b /x/",
    'COPY [".netrc", "/root/.netrc"]',
    "ADD --chmod=600 .pypirc /root/",
    "COPY pip.conf /etc/",
    "COPY .git-credentials /root/",
    "COPY .docker/config.json /root/.docker/config.json",
    "COPY keys/id_rsa /root/.ssh/id_rsa",
    "COPY .env .",
    "COPY .env.production /app/.env",
    "COPY credentials.txt /root/.netrc",
    "COPY --from=build /root/.netrc /root/.netrc",
    "ONBUILD COPY .netrc /root/",
    "COPY <<EOF /root/.netrc\nmachine x login y password z\nEOF",
    "COPY <<EOF /etc/pip.conf\n[global]\nindex-url = https://u:s3cr3t@feed.example/\nEOF",
  ]) {
    it(`finds ${line.split("\n")[0]}`, () => assert.equal(places(rule, `${from}${line}\n`).length, 1));
  }

  for (const line of [
    "COPY . .",
    "COPY .env.example /app/",
    "COPY id_rsa.pub /x/",
    "COPY netrc.py /x/",
    "COPY config.json /app/",
    "COPY <<EOF /etc/pip.conf\n[global]\nindex-url = https://feed.example/simple/\nEOF",
  ]) {
    it(`lets ${line.split("\n")[0]} be`, () => assert.deepEqual(places(rule, `${from}${line}\n`), []));
  }

  it("says of a RUN that removes the file that it does not help", () => {
    const [finding] = found(rule, `${from}COPY .netrc /root/.netrc\n${install}RUN rm -f ~/.netrc\n`);
    assert.match(finding!.why, /The RUN of line 4 removes it from its own layer only/);
  });

  it("mends a netrc by a mount at the same place, and drops what took care of the file", () => {
    mends(
      rule,
      `${from}WORKDIR /root\nCOPY a .netrc ./\nRUN chmod 600 .netrc && \\\n    pip install -i https://feed.example/simple/ x && \\\n    rm -rf /root/.netrc /tmp/x\n`,
      `${from}WORKDIR /root\nCOPY a ./\nRUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true \\\n    ${guard("/root/.netrc")}\n    pip install -i https://feed.example/simple/ x && \\\n    rm -rf /tmp/x\n`,
    );
  });

  it("mends a pip.conf the same way", () => {
    mends(
      rule,
      `${from}COPY pip.conf /etc/pip.conf\nRUN pip install x\n`,
      `${from}RUN --mount=type=secret,id=pip.conf,target=/etc/pip.conf,required=true \\\n    ${guard("/etc/pip.conf", "pip.conf")}\n    pip install x\n`,
    );
  });

  for (const [why, text] of [
    ["no RUN needs it", "COPY .netrc /root/\nCMD serve\n"],
    ["a RUN copies it on", `COPY .netrc /x/.netrc\nRUN cp /x/.netrc /root/\n${install}`],
    ["another stage takes it", `COPY .netrc /root/.netrc\n${install}FROM b\nCOPY --from=0 /root/.netrc /root/\n`],
    ["it is a key", `COPY id_rsa /root/.ssh/\n${install}`],
    ["its place is not known", `COPY .netrc $HOME/\n${install}`],
  ] as const) {
    it(`does not mend where ${why}`, () => leaves(rule, `${from}${text}`));
  }
});
