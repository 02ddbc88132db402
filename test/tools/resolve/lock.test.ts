/** Tests that locks are read strictly, written in one form, and that what the base image has is taken out rightly. */
import { strict as assert } from "node:assert";
import * as fc from "fast-check";
import { UsageError } from "../../../tools/errors";
import { formatLock, parseLock, type Pin } from "../../../tools/resolve/lock";
import { conflicts, pinsForTargets, refuseConflicts, withoutBase } from "../../../tools/resolve/subtract";

const hash = (digit: string) => `sha256:${digit.repeat(64)}`;
const amd64 = { python: "3.13", platform: "linux/amd64" };
const arm64 = { python: "3.13", platform: "linux/arm64" };

function pin(name: string, version: string, marker = "", hashes = [hash("a")]): Pin {
  return { name, version, marker, hashes, line: 1 };
}

const names = (pins: readonly Pin[]) => pins.map(({ name, version }) => `${name}==${version}`);

describe("a lock", () => {
  it("is read with its markers, its hashes and the lines that its pins begin in", () => {
    const text = [
      "# made by a tool",
      "Typing.Extensions==4.12 ; python_version < '3.14' \\",
      `    --hash=${hash("b")} \\`,
      `    --hash=${hash("a")}   # two files`,
      "    # via something",
      `uvicorn[standard]==0.30 --hash ${hash("c")}`,
      "",
    ].join("\r\n");
    assert.deepEqual(parseLock(text, "lock.txt"), [
      { ...pin("typing-extensions", "4.12", "python_version < '3.14'", [hash("a"), hash("b")]), line: 2 },
      { ...pin("uvicorn", "0.30", "", [hash("c")]), line: 6 },
    ]);
  });

  const refused: readonly [text: string, message: RegExp][] = [
    ["--index-url https://pypi.example/simple", /^lock\.txt:1 {2}--index-url is no pin/],
    ["\n--extra-index-url=https://u:secret@pypi.example/simple", /^lock\.txt:2 {2}--extra-index-url is no pin/],
    ["-r other.txt", /^lock\.txt:1 {2}-r is no pin/],
    ["-e .", /^lock\.txt:1 {2}-e is no pin/],
    [`a>=1 --hash=${hash("a")}`, /is not pinned to one version/],
    [`a==1.* --hash=${hash("a")}`, /is not pinned to one version/],
    [`a @ https://files.example/a.whl --hash=${hash("a")}`, /is not pinned to one version/],
    ["a==1", /^lock\.txt:1 {2}a has no hash/],
    ["a==1 --hash=md5:00", /is not a SHA-2 hash/],
  ];
  for (const [text, message] of refused) {
    it(`is refused for ${JSON.stringify(text.trim().slice(0, 40))}, and no secret is repeated`, () => {
      assert.throws(
        () => parseLock(text, "lock.txt"),
        (error) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message + error.mend, /secret/);
          assert.notEqual(error.mend, "");
          return true;
        },
      );
    });
  }

  const arbitraryPin = fc.record({
    name: fc.stringMatching(/^[a-z][a-z0-9]{0,5}(-[a-z0-9]{1,4})?$/),
    version: fc.stringMatching(/^[0-9]{1,2}(\.[0-9]{1,2}){0,2}$/),
    marker: fc.constantFrom("", "sys_platform == 'win32'", "python_version >= '3.9'", "platform_machine == 'x86_64'"),
    hashes: fc.uniqueArray(fc.constantFrom("0", "3", "9", "a", "f").map(hash), { minLength: 1, maxLength: 3 }),
    line: fc.constant(1),
  });
  const pins = fc.uniqueArray(arbitraryPin, { selector: ({ name }) => name, maxLength: 12 });

  it("has one text whatever order its pins come in, and reads back to the same pins", () => {
    fc.assert(
      fc.property(pins, fc.nat(), (some, seed) => {
        const shuffled = [...some].sort(
          (left, right) => ((left.name.length * seed) % 7) - ((right.name.length * seed) % 7),
        );
        const normal = some.map((one) => ({ ...one, hashes: [...one.hashes].sort() }));
        const text = formatLock(normal, ["for a test"]);
        assert.equal(
          formatLock(
            shuffled.map((one) => ({ ...one, hashes: [...one.hashes].sort() })),
            ["for a test"],
          ),
          text,
        );
        const back = parseLock(text, "lock").map((one) => ({ ...one, line: 1 }));
        const byName = (left: Pin, right: Pin) => (left.name < right.name ? -1 : 1);
        assert.deepEqual([...back].sort(byName), [...normal].sort(byName));
        assert.equal(formatLock(parseLock(text, "lock"), ["for a test"]), text);
      }),
    );
  });

  it("without the base has no pin that the base gives every target, and lacks none that a target wants", () => {
    const targets = [amd64, arm64];
    fc.assert(
      fc.property(pins, pins, (application, base) => {
        const rest = withoutBase(application, base, targets);
        for (const one of application) {
          const same = base.find(({ name, version }) => name === one.name && version === one.version);
          const wanted = pinsForTargets([one], targets).length > 0;
          if (wanted && same === undefined) assert.ok(rest.includes(one));
          if (same?.marker === "" || !wanted) assert.ok(!rest.includes(one));
        }
        assert.deepEqual(withoutBase(rest, base, targets), rest);
      }),
    );
  });
});

describe("what an application adds to its base image", () => {
  it("keeps a pin that the base has in another version, or only where the application does not run", () => {
    const application = [pin("a", "1"), pin("b", "2"), pin("c", "3")];
    const base = [pin("a", "1"), pin("b", "1"), pin("c", "3", "sys_platform == 'win32'")];
    assert.deepEqual(names(withoutBase(application, base, [amd64])), ["b==2", "c==3"]);
  });

  it("keeps a pin that one platform's base lacks", () => {
    const base = [pin("a", "1", "platform_machine == 'x86_64'")];
    assert.deepEqual(names(withoutBase([pin("a", "1")], base, [amd64])), []);
    assert.deepEqual(names(withoutBase([pin("a", "1")], base, [amd64, arm64])), ["a==1"]);
  });

  it("leaves away what is for other systems, so that their releases build nothing anew", () => {
    const lock = [pin("colorama", "1", "sys_platform == 'win32'"), pin("uvloop", "1", "sys_platform != 'win32'")];
    assert.deepEqual(pinsForTargets(lock, [amd64, arm64]), [pin("uvloop", "1")]);
    const half = [pin("a", "1", "platform_machine == 'x86_64'")];
    assert.deepEqual(pinsForTargets(half, [amd64, arm64]), half);
  });

  it("conflicts with the base where both are wanted on one platform, and both are named", () => {
    const application = [{ ...pin("a", "2"), line: 7 }, pin("b", "2", "platform_machine == 'x86_64'")];
    const base = [pin("a", "1"), pin("b", "1", "platform_machine == 'aarch64'")];
    const found = conflicts(application, base, [amd64, arm64]);
    assert.deepEqual(
      found.map(({ pin: one }) => one.name),
      ["a"],
    );
    assert.throws(
      () => refuseConflicts(found, "requirements.lock", "python-web"),
      /requirements\.lock:7 {2}a==2, but python-web has a==1/,
    );
  });
});
