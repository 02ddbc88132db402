/** Logging commands, and what they do to the steps that follow. */
import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parseLoggingCommand } from "../../../../sandbox/agent/job/logging-command";
import { Machine, script, token } from "./harness";

describe("a logging command", () => {
  it("is read wherever in a line it begins, with properties and data unescaped", () => {
    assert.deepEqual(
      parseLoggingCommand("noise ##vso[Task.SetVariable Variable=a%3Bb;isSecret=true;empty=;]x%0Ay%AZP250D]"),
      {
        area: "task",
        event: "setvariable",
        properties: new Map([
          ["variable", "a;b"],
          ["issecret", "true"],
        ]),
        data: "x\ny%0D]",
      },
    );
  });

  for (const line of ["##vso[task.x", "##vso[task]x", "##vso[a.b.c]x", "##vso task.x]", ""]) {
    it(`is not what ${JSON.stringify(line)} is`, () => assert.equal(parseLoggingCommand(line), undefined));
  }
});

describe("logging commands of a step", () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => machine.remove());

  it("set variables for the steps that follow, in environment, macros and conditions", async () => {
    const told = await machine.run([
      script("echo '##vso[task.setvariable variable=my.var]some value' >&2\necho now:$MY_VAR"),
      script('echo "then:$MY_VAR $(my.VAR)"', { condition: "eq(variables['MY.var'], 'some value')" }),
      script("echo '##vso[task.setvariable variable=out;isoutput=true]42'", { name: "maker" }),
      script('echo "got:$MAKER_OUT $(maker.out) ${OUT-none}"'),
    ]);
    assert.match(told.log(0), /^now:$/m);
    assert.ok(!told.log(0).includes("##vso[task"), "a command is not shown");
    assert.match(told.log(1), /^then:some value some value$/m);
    assert.match(told.log(3), /^got:42 42 none$/m);
    assert.deepEqual([...told.outputs], [["maker.out", { value: "42", secret: false }]]);
  });

  it("keep a secret variable out of the environment and out of every line from its own on", async () => {
    const told = await machine.run([
      script("echo '##vso[task.setvariable variable=key;issecret=true]open-sesame'\nsleep 0.1\necho open-sesame"),
      script('echo "${KEY-unset} $(key)"; echo "##vso[task.setvariable variable=key]other-words"'),
      script('echo "${KEY-unset}" other-words'),
    ]);
    assert.ok(!told.everything.includes("open-sesame"));
    assert.match(told.log(1), /^unset \*\*\*$/m);
    assert.match(told.log(2), /^unset \*\*\*$/m, "once a secret, always a secret");
  });

  it("hide what setsecret names, also with several lines and in an error about the command itself", async () => {
    const told = await machine.run([
      script("echo '##vso[task.setsecret]first-line%0Asecond-line'; echo a first-line b; echo second-line"),
      script("echo '##vso[task.setvariable variable=x;issecret=true]one%0Aline-secret'", { condition: "always()" }),
      script("echo '##vso[task.setvariable issecret=true]nameless-secret'", { condition: "always()" }),
    ]);
    assert.deepEqual(told.results, ["succeeded", "failed", "failed"]);
    assert.match(told.log(0), /^a \*\*\* b$/m);
    assert.match(told.log(1), /Secrets cannot contain multiple lines/);
    for (const secret of ["first-line", "second-line", "line-secret", "nameless-secret"]) {
      assert.ok(!told.everything.includes(secret), secret);
    }
  });

  it("hide a secret that is written in pieces, with pauses between them", async () => {
    const told = await machine.run([
      script(
        "echo '##vso[task.setsecret]open-sesame'; printf 'x open-'; sleep 0.2; printf 'ses'; sleep 0.1; printf 'ame y\\n'",
      ),
    ]);
    assert.match(told.log(), /^x \*\*\* y$/m);
  });

  it("hide a secret on whichever stream it comes right after it was named", async () => {
    const told = await machine.run([
      script('for i in $(seq 1000 1200); do echo "##vso[task.setsecret]hush-$i"; echo "err hush-$i" >&2; done'),
    ]);
    assert.equal(told.lines[0]!.filter((line) => line === "err ***").length, 201);
    assert.ok(!told.log().includes("hush-1"));
  });

  it("hide the job's token in base64, wrapped base64 and URL-encoded", async () => {
    const told = await machine.run([
      script(
        [
          'printf "%s" "$T" | base64',
          'printf "build:%s" "$T" | base64 -w0; echo',
          'printf "user:%s\\n" "$T" | base64 -w 64',
          'node -p "encodeURIComponent(process.env.T)"',
          'printf "%s" "$T" | base64 -w0 | tr "+/" "-_"; echo',
          'printf "%s" "$T" | fold -w 40',
        ].join("\n"),
        { env: { T: "$(System.AccessToken)" } },
      ),
    ]);
    const output = told.lines[0]!.slice(told.lines[0]!.findIndex((line) => line.startsWith("[command]")) + 1, -1);
    for (const line of output) {
      // The last line of what was wrapped may be too short to be known again, and worth nothing.
      if (line !== "***") assert.ok(line.length < 12, line);
    }
    assert.ok(output.filter((line) => line === "***").length >= 8);
    const log = told.everything;
    for (let at = 0; at + 12 <= token.length; at += 1) assert.ok(!log.includes(token.slice(at, at + 12)));
  });

  it("refuse to change what is read-only", async () => {
    const told = await machine.run([
      script("echo '##vso[task.setvariable variable=system.accesstoken]x'"),
      script("echo '##vso[task.setvariable variable=fixed;isreadonly=true]1'", { condition: "always()" }),
      script("echo '##vso[task.setvariable variable=FIXED]2'", { condition: "always()" }),
      script("echo $FIXED", { condition: "always()" }),
    ]);
    assert.deepEqual(told.results, ["failed", "succeeded", "failed", "succeeded"]);
    assert.match(told.log(0), /Overwriting readonly variable 'system\.accesstoken' is not permitted/);
    assert.match(told.log(3), /^1$/m);
  });

  it("log issues, ten of a kind at most, and do not fail a step", async () => {
    const told = await machine.run([
      script(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo \"##vso[task.logissue type=warning;sourcepath=a.py;linenumber=$i;columnnumber=2;code=W1]careful\"; done\necho '##vso[task.logissue type=error]bad' >&2",
      ),
    ]);
    assert.equal(told.result, "succeeded");
    assert.equal(told.issues.filter(({ type }) => type === "warning").length, 10);
    assert.match(told.log(), /^##\[warning\]a\.py\(12,2\): warning W1: careful$/m);
    assert.deepEqual(told.issues.at(-1), { index: 0, type: "error", message: "bad" });
  });

  it("set a step's result, which is never better than what its process did", async () => {
    const told = await machine.run([
      script("echo '##vso[task.complete result=SucceededWithIssues]'"),
      script("echo '##vso[task.complete result=Succeeded]'; exit 1", { continueOnError: true }),
      script("echo '##vso[task.complete result=Failed]'"),
      script("echo '##vso[task.complete result=splendid]'", { condition: "always()" }),
    ]);
    assert.deepEqual(told.results, ["succeededWithIssues", "succeededWithIssues", "failed", "failed"]);
  });

  it("tag the build, give it a number, and put folders before PATH, the last one first", async () => {
    const told = await machine.run([
      script(
        "echo '##vso[build.addbuildtag]published'; echo '##vso[build.updatebuildnumber]2.0'; mkdir -p ~/a ~/b\nfor d in a b; do printf '#!/bin/sh\\necho from-%s\\n' $d > ~/$d/thing; chmod +x ~/$d/thing; echo \"##vso[task.prependpath]$HOME/$d\"; done",
      ),
      script("thing; echo $BUILD_BUILDNUMBER"),
    ]);
    assert.deepEqual([told.tags, told.numbers], [["published"], ["2.0"]]);
    assert.match(told.log(1), /^from-b\n2\.0$/m);
  });

  it("upload summaries, without secrets, and artifacts", async () => {
    const told = await machine.run([
      script(
        'mkdir -p out/sub; echo hi > out/sub/f; mkdir empty; printf "# Title\\nkey: $T\\n" > s.md\necho "##vso[task.uploadsummary]$PWD/s.md"\necho "##vso[artifact.upload artifactname=report;containerfolder=c]$PWD/out"\necho "##vso[artifact.upload artifactname=none]$PWD/empty"',
        { env: { T: "$(System.AccessToken)" } },
      ),
      script('echo "##vso[artifact.upload artifactname=x]$PWD/gone"'),
    ]);
    assert.deepEqual(told.summaries, ["# Title\nkey: ***\n"]);
    assert.equal(told.artifacts.length, 1);
    assert.deepEqual([told.artifacts[0]!.name, told.artifacts[0]!.container], ["report", "c"]);
    assert.equal(readFileSync(join(told.artifacts[0]!.folder, "sub/f"), "utf8"), "hi\n");
    assert.match(told.log(0), /Directory '.*empty' is empty\. Nothing will be added/);
    assert.match(told.log(1), /Path does not exist/);
    assert.equal(told.results[1], "failed");
    assert.deepEqual(
      readdirSync(join(machine.workFolder, "machine")).filter((name) => name.startsWith("summary")),
      [],
    );
  });

  it("upload no link that leads out of the agent's folder, or in a circle", async () => {
    const told = await machine.run([
      script('mkdir out in; touch in/f; ln -s ../in out/fine; echo "##vso[artifact.upload artifactname=a]$PWD/out"'),
      script('ln -s / out/root; echo "##vso[artifact.upload artifactname=b]$PWD/out"'),
      script('rm out/root; ln -s . out/loop; echo "##vso[artifact.upload artifactname=c]$PWD/out"', {
        condition: "always()",
      }),
    ]);
    assert.deepEqual(told.results, ["succeeded", "failed", "failed"]);
    assert.deepEqual(
      told.artifacts.map(({ name }) => name),
      ["a"],
    );
    assert.match(told.log(1), /out\/root is a link to \/, which is not in the agent's folder/);
    assert.match(told.log(2), /out\/loop is a link to a folder that it is in/);
  });

  it("that nobody knows are a warning, those of a known area an error that names them", async () => {
    const told = await machine.run([
      script("echo '##vso[nobody.does]x'; echo '##vso broken'; echo '##[group]shown'"),
      script("echo '##vso[task.addattachment type=a;name=b]/x'"),
      script("echo '##vso[task.dance]x'", { condition: "always()" }),
    ]);
    assert.deepEqual(told.results, ["succeeded", "failed", "failed"]);
    assert.match(told.log(0), /##\[warning\]Cannot find command extension for ##vso\[nobody\.command\]/);
    assert.match(told.log(0), /^##vso broken$/m);
    assert.match(told.log(0), /not a legal command/);
    assert.match(told.log(0), /^##\[group\]shown$/m);
    assert.match(told.log(1), /task\.addattachment\] is not supported by the sandbox's agent/);
    assert.match(told.log(2), /task\.dance\] is not a recognized command/);
  });

  it("are not carried out in part: one that is too long is refused, and its secret not shown", async () => {
    const told = await machine.run(
      [
        script(
          "printf '##vso[task.setvariable variable=big;issecret=true]'; for i in $(seq 200); do printf 'secret-part '; done; echo; echo after",
        ),
        script("echo ${BIG-unset}"),
      ],
      { limits: { lineBytes: 500 } },
    );
    assert.match(told.log(0), /##\[warning\]A logging command is longer than 500 bytes and was not carried out/);
    assert.ok(!told.log(0).split("Command Output")[1]!.includes("secret-part"));
    assert.match(told.log(0), /^after$/m);
  });
});
