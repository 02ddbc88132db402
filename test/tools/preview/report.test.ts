/** Tests what a report makes of the engine's events: what happens to each resource, why, and to whom it belongs. */
import { strict as assert } from "node:assert";
import { makeReport, type Change, type StackPreview } from "../../../tools/preview";
import {
  appUrn,
  diagnostic,
  fileType,
  leavingApplication,
  preview,
  recorded,
  stackOutputs,
  step,
  violation,
} from "./samples";

function reportOf(one: StackPreview, secrets: readonly string[] = []) {
  const report = makeReport([one], { secrets }).stacks[0];
  assert.ok(report !== undefined);
  return report;
}

function only(one: StackPreview): Change {
  const { changes } = reportOf(one);
  assert.equal(changes.length, 1, JSON.stringify(changes));
  return changes[0]!;
}

describe("the report of a preview", () => {
  it("counts each resource once, as the engine does", () => {
    const report = reportOf(recorded("small-change"));
    assert.equal(report.verdict, "changes");
    assert.deepEqual(report.counts, { create: 10, update: 1, replace: 0, delete: 7, import: 0, read: 0, drift: 0 });
    const summary = recorded("small-change").events.find(
      ({ summaryEvent }) => summaryEvent !== undefined,
    )!.summaryEvent!;
    assert.deepEqual(
      { create: report.counts.create, update: report.counts.update, delete: report.counts.delete },
      {
        create: summary.resourceChanges.create,
        update: summary.resourceChanges.update,
        delete: summary.resourceChanges.delete,
      },
    );
    // The engine counts the stack itself.
    assert.equal(report.unchanged, Number(summary.resourceChanges.same) - 1);
  });

  it("gives each resource to the application above it, and the rest to the platform", () => {
    const { changes } = reportOf(recorded("small-change"));
    const groups = changes.map(({ group }) => `${group.kind} ${group.name}`.trim());
    assert.deepEqual(
      [...new Set(groups)],
      ["platform", "application invoices", "application legacy", "application orders"],
    );
    assert.equal(groups.filter((group) => group === "application invoices").length, 8);
  });

  it("knows an application whose own name looks like the pattern, and one in a platform of another name", () => {
    const named = (name: string, parent?: string) =>
      only(
        preview([
          step({
            op: "create",
            name,
            type: "wheelhouse:index:AppImagePipeline",
            after: {},
            custom: false,
            ...(parent === undefined ? {} : { parent }),
          }),
        ]),
      ).group.name;
    assert.equal(named("wheelhouse-app-my-app-x"), "my-app-x");
    assert.equal(
      named("road-app-orders", "urn:pulumi:production::wheelhouse::wheelhouse:index:TeamApplications::road"),
      "orders",
    );
    assert.equal(named("a-app-b-app-c", "urn:pulumi:production::wheelhouse::wheelhouse:index:Platform::a-app-b"), "c");
    assert.equal(named("odd"), "odd");
  });

  it("knows the application of a resource whose component no event tells of", () => {
    const inner = step({
      op: "delete",
      name: "wheelhouse-app-orders-Dockerfile",
      type: fileType,
      parent: appUrn("orders"),
      before: {},
    });
    assert.deepEqual(only(preview([inner])).group, { kind: "application", name: "orders" });
  });

  it("shows a text as text and by its file's language, and what of it differs", () => {
    const { changes } = reportOf(recorded("small-change"));
    const update = changes.find(({ operation }) => operation === "update");
    assert.equal(update?.file, "apps/orders/Dockerfile");
    assert.deepEqual(
      update.properties.map(({ path, kind }) => [path, kind]),
      [["content", "update"]],
    );
    const { before, after } = update.properties[0]!;
    assert.ok(before?.kind === "text" && after?.kind === "text");
    assert.equal(after.language, "dockerfile");
    assert.ok(after.text.includes('ENV LOG_LEVEL="debug"\n') && !before.text.includes("LOG_LEVEL"));
  });

  it("says which properties force a replacement, with and without the provider's own account", () => {
    const replaced = reportOf(recorded("replacement")).changes.find(({ operation }) => operation === "replace");
    assert.deepEqual(replaced?.replacedBy, ["name"]);
    assert.deepEqual(
      replaced.properties.map(({ path, forcesReplacement }) => [path, forcesReplacement]),
      [
        ["content", false],
        ["name", true],
        ["tags.a", false],
        ["tags.b[1]", false],
      ],
    );
    const registry = reportOf(recorded("protected-registry")).changes.find(({ type }) => type.endsWith(".Registry"));
    assert.equal(registry?.operation, "replace");
    assert.equal(registry.protected, true);
    assert.deepEqual(registry.replacedBy, ["registryName"]);
  });

  it("counts a protected resource that the engine refuses to delete as to be deleted", () => {
    const report = reportOf(recorded("protected-deletion"));
    assert.equal(report.verdict, "failed");
    const gone = report.changes.filter(({ operation }) => operation === "delete");
    assert.deepEqual(
      gone.map(({ name, protected: guarded }) => [name, guarded]),
      [["base", true]],
    );
    assert.match(report.diagnostics[0]!.message, /cannot be deleted\nbecause it is protected/);
    assert.equal(report.diagnostics.length, 1, "«preview failed» says nothing more");
  });

  it("takes a deletion before a replacement that does not come for a deletion", () => {
    const events = [
      step({ op: "delete-replaced", name: "a", before: {} }),
      step({ op: "remove-pending-replace", name: "a", before: {} }),
    ];
    assert.equal(only(preview(events)).operation, "delete");
  });

  it("tells what is left of an earlier replacement from the resource that took its place", () => {
    const events = [
      step({ op: "update", name: "a", before: { x: 1 }, after: { x: 2 } }),
      step({ op: "delete", name: "a", before: {}, state: { delete: true, id: "old" } }),
    ];
    const { changes } = reportOf(preview(events));
    assert.deepEqual(
      changes.map(({ operation, leftover }) => [operation, leftover]),
      [
        ["delete", true],
        ["update", false],
      ],
    );
  });

  it("knows imports and reads, and leaves out reads that come on every run", () => {
    const events = [
      step({ op: "import", name: "a", after: { x: 1 } }),
      step({ op: "read", name: "b", after: { x: 1 } }),
      step({ op: "read", name: "c", before: { x: 1 }, after: { x: 1 } }),
    ];
    assert.deepEqual(
      reportOf(preview(events)).changes.map(({ name, operation }) => [name, operation]),
      [
        ["a", "import"],
        ["b", "read"],
      ],
    );
  });

  it("shows what a refresh found to be changed by others, and nothing where it found nothing", () => {
    const refresh = (name: string, outputs: Record<string, unknown>) => {
      const { resourcePreEvent, ...rest } = step({ op: "refresh", name, before: {}, after: {} });
      const metadata = resourcePreEvent!.metadata;
      const found = { ...metadata, old: { ...metadata.old!, outputs: { x: 1 } }, new: { ...metadata.new!, outputs } };
      return { ...rest, resOutputsEvent: { metadata: found } };
    };
    const change = only(preview([refresh("a", { x: 2 }), refresh("b", { x: 1 })]));
    assert.deepEqual([change.name, change.operation, change.properties[0]?.path], ["a", "drift", "x"]);
  });

  it("lists what changes whether or not anything of it can be seen", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "[secret]" };
    const one = step({
      op: "update",
      name: "a",
      before: { token: secret },
      after: { token: secret },
      more: { diffs: ["token"] },
    });
    assert.deepEqual(only(preview([one])).properties, [
      {
        path: "token",
        kind: "update",
        forcesReplacement: false,
        before: { kind: "secret" },
        after: { kind: "secret" },
      },
    ]);
  });

  it("leaves out what SDKs and the engine set for themselves, and providers", () => {
    const events = [
      step({ op: "update", name: "a", before: { __provider: "x", y: 1 }, after: { __provider: "z", y: 2 } }),
      step({ op: "update", name: "b", type: "pulumi:providers:azuredevops", before: { y: 1 }, after: { y: 2 } }),
    ];
    assert.deepEqual(
      only(preview(events)).properties.map(({ path }) => path),
      ["y"],
    );
  });

  it("names what is known only later, and never shows the engine's sign for it", () => {
    const text = JSON.stringify(reportOf(recorded("unknown-values")));
    assert.ok(!text.includes("04da6b54-80e4-46f7-96ec-b56ff0331ba9"));
    const created = reportOf(recorded("unknown-values")).changes.find(({ name }) => name === "a2");
    const shown = Object.fromEntries(created!.properties.map(({ path, after }) => [path, after]));
    assert.deepEqual(shown.name, { kind: "unknown" });
    assert.deepEqual(shown.list, { kind: "value", text: '[[known after apply], { "x": [known after apply] }]' });
    assert.deepEqual(shown.nest, { kind: "value", text: '{ "tok": [secret] }' });
    assert.deepEqual(shown.asset, { kind: "value", text: "[asset 8f434346648f]" });
  });

  it("never shows what is within a secret, whatever path leads into it", () => {
    const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:abc" };
    const one = step({
      op: "update",
      name: "a",
      before: { token: secret },
      after: { token: secret },
      detailedDiff: { "token.inner[0]": { diffKind: "update" as never, inputDiff: true } },
    });
    const text = JSON.stringify(only(preview([one])));
    assert.ok(!text.includes("v1:abc") && !text.includes("1b4706"), text);
    assert.match(text, /"before":\{"kind":"secret"\},"after":\{"kind":"secret"\}/);
  });

  it("masks values of a kind that it does not know", () => {
    const odd = { "4dabf18193072939515e22adb298388d": "ffffffffffffffffffffffffffffffff", value: "hunter2" };
    const text = JSON.stringify(reportOf(preview([step({ op: "create", name: "a", after: { x: odd, y: [odd] } })])));
    assert.ok(!text.includes("hunter2"), text);
  });

  it("compares lists of different lengths as a whole", () => {
    const one = step({ op: "update", name: "a", before: { list: ["b", "c"] }, after: { list: ["a", "b", "c"] } });
    const [property] = only(preview([one])).properties;
    assert.deepEqual([property?.path, property?.after], ["list", { kind: "value", text: '["a", "b", "c"]' }]);
  });

  it("reads paths with quotes and indexes as the engine writes them", () => {
    const one = step({
      op: "update",
      name: "a",
      before: { tags: { "a.b": [1, { c: "x" }] } },
      after: { tags: { "a.b": [1, { c: "y" }] } },
      detailedDiff: { 'tags["a.b"][1].c': { diffKind: "update-replace" as never, inputDiff: true } },
    });
    const [property] = only(preview([one])).properties;
    assert.deepEqual(property, {
      ...{ path: 'tags["a.b"][1].c', kind: "update", forcesReplacement: true },
      ...{ before: { kind: "value", text: '"x"' }, after: { kind: "value", text: '"y"' } },
    });
  });

  it("takes the state before from outputs where the provider compares with them", () => {
    const one = step({
      op: "update",
      name: "a",
      before: { x: "input" },
      after: { x: "new" },
      detailedDiff: { x: { diffKind: "update" as never, inputDiff: false } },
    });
    one.resourcePreEvent!.metadata.old!.outputs = { x: "from the cloud" };
    assert.deepEqual(only(preview([one])).properties[0]?.before, { kind: "value", text: '"from the cloud"' });
  });

  it("spreads JSON on one long line over several", () => {
    const json = JSON.stringify({ a: "x".repeat(80), b: [1, 2, 3], c: { d: "y".repeat(40) } });
    const [property] = only(preview([step({ op: "create", name: "a", after: { body: json } })])).properties;
    assert.ok(property?.after?.kind === "text");
    assert.equal(property.after.language, "json");
    assert.equal(property.after.text, `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`);
  });

  it("says that nothing changes where nothing does, outputs among it", () => {
    const same = [step({ op: "same", name: "a", before: {}, after: {} }), stackOutputs({ x: 1 }, { x: 1 })];
    assert.equal(reportOf(preview(same)).verdict, "unchanged");
    assert.equal(reportOf(preview(same)).unchanged, 1);
    const other = reportOf(preview([...same.slice(0, 1), stackOutputs({ x: 1 }, { x: 2 })]));
    assert.equal(other.verdict, "changes");
    assert.deepEqual(
      other.outputs.map(({ path }) => path),
      ["x"],
    );
  });

  it("is the same for events in another order", () => {
    const events = [
      ...leavingApplication("b"),
      ...leavingApplication("a"),
      violation("advisory", "p", "m"),
      diagnostic("warning", "w"),
      diagnostic("warning", "v"),
    ];
    const left = JSON.stringify(makeReport([preview(events)]));
    assert.equal(JSON.stringify(makeReport([preview([...events].reverse())])), left);
  });
});

describe("findings and diagnostics of a report", () => {
  it("puts mandatory findings first, and names all resources of equal ones", () => {
    const report = reportOf(recorded("policies"));
    assert.equal(report.verdict, "refused");
    assert.deepEqual(
      report.findings.map(({ level, policy, resources }) => [level, policy, resources.map(({ name }) => name)]),
      [
        ["mandatory", "no-x", ["base", "wheelhouse-app-new-docker-bake.json"]],
        ["advisory", "advice", ["wheelhouse-app-new-docker-bake.json"]],
        ["advisory", "stack-rule", []],
      ],
    );
    assert.ok(
      report.diagnostics.every(({ severity }) => severity === "warning"),
      "the engine's own «preview failed» is no error of its own",
    );
  });

  it("tells of a broken program, without the frames that are not the program's", () => {
    const report = reportOf(recorded("broken-program"));
    assert.equal(report.verdict, "failed");
    assert.equal(
      report.diagnostics[0]?.message,
      [
        "Running program '/agent/work/program.js' failed with an unhandled exception:",
        "Error: program broke:",
        "  at <b>x</b>",
        "    at Object.<anonymous> (/agent/work/program.js:32:26)",
      ].join("\n"),
    );
    assert.deepEqual(report.outputs, [], "outputs that the program did not come to are not gone");
  });

  it("says a thing once, and how often it was said", () => {
    const events = [diagnostic("warning", "slow\n"), diagnostic("warning", "slow"), diagnostic("info", "hello")];
    assert.deepEqual(reportOf(preview(events)).diagnostics, [{ severity: "warning", message: "slow", times: 2 }]);
  });

  it("leaves out which plugins a machine has", () => {
    assert.deepEqual(reportOf(recorded("small-change")).diagnostics, []);
  });

  it("keeps the engine's last word where nothing else says why", () => {
    const report = reportOf(preview([diagnostic("error", "preview failed")]));
    assert.equal(report.verdict, "failed");
    assert.deepEqual(
      report.diagnostics.map(({ message }) => message),
      ["preview failed"],
    );
  });
});
