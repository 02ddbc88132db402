import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readApplications, readPlatform } from "../../components";

describe("what a program reads", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-sources-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is refused in a project whose configuration keys would have another name than messages tell", async () => {
    await pulumi.runtime.setMocks({ newResource: () => ({ id: "", state: {} }), call: () => ({}) }, "acme", "test");
    assert.throws(
      () => readPlatform({ baseImages: folder, apps: folder }),
      (error: Error) =>
        pulumi.RunError.isInstance(error) && /named acme[^]*write name: wheelhouse in Pulumi\.yaml/.test(error.message),
    );
  });

  it("tells every mistake of a team's applications at once, without a stack trace", () => {
    writeFileSync(join(folder, "orders.yaml"), "name: orders\n");
    writeFileSync(join(folder, "billing.yaml"), "name: Billing\nbaseImage: python-web\n");
    assert.throws(
      () => readApplications(folder),
      (error: Error) =>
        pulumi.RunError.isInstance(error) &&
        error.message.includes("orders.yaml") &&
        error.message.includes("billing.yaml:1:7"),
    );
  });

  it("is every application of a folder, in the order of names", () => {
    for (const name of ["orders", "billing"]) {
      writeFileSync(join(folder, `${name}.yaml`), `name: ${name}\nbaseImage: python-web\n`);
    }
    mkdirSync(join(folder, "more"));
    assert.deepEqual(
      readApplications(folder).map(({ name }) => name),
      ["billing", "orders"],
    );
  });
});
