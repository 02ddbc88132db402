/** Tests that environment markers are judged as Python would, for what is known of an image. */
import { strict as assert } from "node:assert";
import { markerHolds } from "../../../tools/resolve/markers";

const amd64 = { python: "3.13", platform: "linux/amd64" };
const arm64 = { python: "3.13", platform: "linux/arm64" };

describe("environment markers", () => {
  const cases: readonly [marker: string, holds: boolean | undefined][] = [
    ["", true],
    ["sys_platform == 'win32'", false],
    ["sys_platform != 'win32' and platform_python_implementation != 'PyPy'", true],
    ["os_name == 'nt' or platform_system == 'Linux'", true],
    ["platform_machine == 'x86_64'", true],
    ["platform_machine in 'aarch64 arm64'", false],
    ["platform_machine not in 'aarch64 arm64'", true],
    ["'linux' in sys_platform", true],
    ["python_version >= '3.9'", true],
    ["python_version < '3.13'", false],
    ["'3.14' > python_version", true],
    ["python_version == '3.*'", true],
    ["python_version in '3.12, 3.13'", true],
    ["python_full_version >= '3.13'", true],
    ["python_full_version >= '3.13.0'", true],
    ["python_full_version < '3.13.2'", undefined],
    ["python_full_version == '3.13.5'", undefined],
    ["python_full_version != '3.12.5'", true],
    ["python_full_version >= '3.14'", false],
    ["python_full_version < '3.13.2' or sys_platform == 'linux'", true],
    ["python_full_version < '3.13.2' and sys_platform == 'darwin'", false],
    ["(python_version < '3.11' or python_version >= '3.13') and implementation_name == 'cpython'", true],
    ["platform_release >= '6'", undefined],
    ["extra == 'dev'", false],
  ];
  for (const [marker, holds] of cases) {
    it(`judges ${marker === "" ? "an empty one" : marker} ${holds === undefined ? "as not known" : `as ${holds}`}`, () => {
      assert.equal(markerHolds(marker, amd64), holds);
    });
  }

  it("tells platforms of images apart", () => {
    assert.equal(markerHolds("platform_machine == 'aarch64'", amd64), false);
    assert.equal(markerHolds("platform_machine == 'aarch64'", arm64), true);
  });

  for (const wrong of [
    "python_version >",
    "sys_platform == 'linux' and",
    "(os_name == 'nt'",
    "'a' 'b'",
    "os_name == 'nt' )",
  ]) {
    it(`refuses ${wrong}`, () => assert.throws(() => markerHolds(wrong, amd64), SyntaxError));
  }
});
