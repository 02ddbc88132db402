import { strict as assert } from "node:assert";
import { guard, leaves, mends, places } from "../expect";

const rule = "secret-written-to-file";
const from = "FROM python:3.13\n";
const mount = "--mount=type=secret,id=netrc,required=true";

describe(rule, () => {
  for (const line of [
    `RUN ${mount} cp /run/secrets/netrc ~/.netrc`,
    `RUN ${mount} cat /run/secrets/netrc > /root/.netrc`,
    `RUN ${mount} cat /run/secrets/netrc | tee /root/x`,
    `RUN ${mount} install -m 600 /run/secrets/netrc /etc/`,
    'RUN echo "machine h login x password y" > ~/.netrc',
    'RUN printf "%s" "$KEY" >> /root/.ssh/id_rsa',
    "ARG FEED_TOKEN\nRUN pip config set global.index-url https://x:$FEED_TOKEN@h/simple/",
    `RUN ${mount} pip3 config --global set global.index-url "https://x:$(cat /run/secrets/netrc)@h/"`,
    'RUN --mount=type=secret,id=t,env=T,required=true git config --global url."https://x:$T@h/".insteadOf https://h/',
    "ARG GH_TOKEN\nRUN git clone https://$GH_TOKEN@h/x.git",
    "RUN docker login -u x -p y registry.example",
    "ARG FEED_PASSWORD\nRUN poetry config http-basic.feed x $FEED_PASSWORD",
    `RUN ${mount} <<EOF\ncp /run/secrets/netrc /etc/x\nEOF`,
    "RUN cat <<EOF > /root/.netrc\nmachine h\nEOF",
  ]) {
    it(`finds ${line.split("\n").slice(0, 2).join(" / ")}`, () => {
      assert.deepEqual(
        places(rule, `${from}${line}\n`).map((place) => place.split(" ")[1]),
        ["error"],
      );
    });
  }

  for (const line of [
    "RUN --mount=type=secret,id=netrc,target=/root/.netrc,required=true pip install x",
    `RUN ${mount} --mount=type=tmpfs,target=/tmp cp /run/secrets/netrc /tmp/netrc`,
    `RUN ${mount} test -s /run/secrets/netrc 2>/dev/null`,
    "RUN echo hello > /etc/motd",
    'RUN printf "[global]\\nindex-url = https://feed.example/simple/\\n" > /etc/pip.conf',
    "RUN pip config set global.index-url https://feed.example/simple/",
    "RUN git config --global user.name build && git clone git@h:x.git",
  ]) {
    it(`lets ${line} be`, () => assert.deepEqual(places(rule, `${from}${line}\n`), []));
  }

  it("advises against a copy that the same RUN removes, and mends it by telling the tools of the mounted file", () => {
    const text = `${from}RUN ${mount} cp /run/secrets/netrc ~/.netrc; chmod 600 ~/.netrc; pip install -i https://h/ x; rm ~/.netrc\n`;
    assert.deepEqual(places(rule, text), [`2:${5 + mount.length + 1} advice`]);
    mends(
      rule,
      text,
      `${from}RUN ${mount} \\\n    ${guard("/run/secrets/netrc")}\n    export NETRC=/run/secrets/netrc; pip install -i https://h/ x\n`,
    );
  });

  it("does not mend where git or curl, which know no NETRC, run", () => {
    leaves(rule, `${from}RUN ${mount} cp /run/secrets/netrc ~/.netrc && git clone https://h/x && rm ~/.netrc\n`);
  });

  it("does not mend where a later RUN needs the file", () => {
    leaves(rule, `${from}RUN ${mount} cp /run/secrets/netrc ~/.netrc && true\nRUN pip install -i https://h/ x\n`);
  });
});
