/** Tests `wheelhouse new base-image`: the files that it writes, and what it refuses. */
import { strict as assert } from "node:assert";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { loadSpecs } from "../../../spec";
import { findProject } from "../../../tools/check/project";
import { newBaseImage, type NewBaseImageOptions } from "../../../tools/new/base-image";
import { launched } from "../launched";
import { withPlatform } from "../platform";
import { answering, type Answering } from "./answering";

async function made(
  name: string | undefined,
  options: NewBaseImageOptions,
  questions?: Answering,
): Promise<Record<string, string>> {
  return await withPlatform({}, async (folder) => {
    const context = {
      environment: {},
      workingFolder: folder,
      signal: new AbortController().signal,
      out: () => undefined,
      progress: () => undefined,
      json: () => undefined,
    };
    return Object.fromEntries(
      (await newBaseImage(name, options, findProject(folder, undefined), context, questions)).files,
    );
  });
}

describe("wheelhouse new base-image", function () {
  this.timeout(30_000);

  it("writes base-image.yaml and requirements.in, and bindep.txt where it is asked for", async () => {
    const comment = "# yaml-language-server: $schema=../../schemas/base-image.json\n";
    assert.deepEqual(await made("py", { python: "3.12" }), {
      "base-image.yaml": `${comment}name: py\npython: "3.12"\n`,
      "requirements.in": "# What applications on py share. An application adds its own.\n",
    });
    const full = await made("py", {
      python: "3.12",
      description: "For all",
      packages: ["httpx>=0.27,<1"],
      systemPackages: ["libpq5 [platform:dpkg]"],
      schedule: "30 4 * * *",
    });
    assert.equal(
      full["base-image.yaml"],
      `${comment}name: py\ndescription: For all\npython: "3.12"\nschedule: 30 4 * * *\n`,
    );
    assert.match(full["requirements.in"] ?? "", /^#.*\nhttpx>=0\.27,<1\n$/);
    assert.match(full["bindep.txt"] ?? "", /^#.*\nlibpq5 \[platform:dpkg\]\n$/);
  });

  it("asks for the version, and proposes the newest of the other base images", async () => {
    const person = answering();
    const files = await made(
      undefined,
      {},
      {
        ...person,
        text: (question, proposed, refuse) =>
          person.text(question, question.startsWith("Name") ? "py" : proposed, refuse),
      },
    );
    assert.match(files["base-image.yaml"] ?? "", /\nname: py\npython: "3\.13"\n$/);
    assert.equal(person.asked[1], 'Python version (as python-data) = "3.13"');
    await assert.rejects(made("py", {}), {
      name: "UsageError",
      message: "the Python version is missing",
      mend: "say it: --python 3.13",
    });
    await assert.rejects(made(undefined, { python: "3.12" }), { mend: "name it: wheelhouse new base-image <name>" });
  });

  it("refuses what the platform would refuse, before anything is written", async () => {
    for (const [name, options, message] of [
      ["python-web", { python: "3.12" }, /base-images\/python-web is there already/],
      ["orders", { python: "3.12" }, /"orders" is already|is already base image orders/],
      ["py", { python: "3.12", packages: ["--index-url x"] }, /would change where packages come from/],
      ["py", { python: "3.12", packages: ["a b"] }, /is not a requirement/],
      ["py", { python: "3.12", systemPackages: ["$(x)"] }, /is not a line of bindep/],
      ["py", { python: "3.12", tag: "3.11-slim" }, /the tag has Python 3\.11/],
      ["py", { python: "3.12", upstream: "python:3" }, /--upstream: .*has a tag/],
      ["py", { python: "3.12", schedule: "daily" }, /--schedule: /],
      ["PY", { python: "3.12" }, /^name: /],
    ] as const) {
      await assert.rejects(
        made(name, options),
        (error: Error) => error.name === "UsageError" && message.test(error.message),
      );
    }
  });

  it("leaves a folder that loads, and nothing else", async () => {
    await withPlatform({}, async (folder) => {
      const ran = await launched(
        ["new", "base-image", "py", "--python", "3.12", "--system-packages", "libpq5"],
        folder,
      );
      assert.equal(ran.code, 0, ran.errors);
      assert.equal(
        ran.output,
        "wrote base-images/py/base-image.yaml\nwrote base-images/py/requirements.in\nwrote base-images/py/bindep.txt\n",
      );
      assert.deepEqual(readdirSync(path.join(folder, "base-images")).sort(), ["py", "python-data", "python-web"]);
      const { baseImages } = loadSpecs({
        baseImages: path.join(folder, "base-images"),
        apps: path.join(folder, "apps"),
      });
      assert.equal(baseImages[0]?.systemPackages?.includes("libpq5"), true);
      const again = await launched(["new", "base-image", "py", "--python", "3.11"], folder);
      assert.equal(again.code, 2);
      assert.match(readFileSync(path.join(folder, "base-images/py/base-image.yaml"), "utf8"), /"3\.12"/);
      const dry = await launched(["new", "base-image", "other", "--python", "3.11", "--dry-run"], folder);
      assert.match(dry.output, /^base-image\.yaml:\n# yaml[^]*\nrequirements\.in:\n#/);
      assert.ok(!existsSync(path.join(folder, "base-images/other")));
    });
  });
});
