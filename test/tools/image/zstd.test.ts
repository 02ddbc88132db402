/** Large layers that zstd packed: unpacked by the machine's own program where it has one, with the same outcome. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { BrokenImageError } from "../../../tools/image";
import { unpacked } from "../../../tools/image/unpack";
import { findProgram } from "../../../tools/process";
import { zstdOf } from "./images";

/** Enough for a program to be worth its start. */
const content = Buffer.concat([randomBytes(1 << 20), Buffer.alloc(1 << 20, "text "), randomBytes(1 << 19)]);
const own = findProgram("zstd", process.env);

function sha256(pieces: readonly Buffer[]): string {
  const hash = createHash("sha256");
  for (const piece of pieces) hash.update(piece);
  return hash.digest("hex");
}

/** In pieces, as they come from a socket. */
function arriving(packed: Buffer): Readable {
  const count = Math.ceil(packed.length / 50_000);
  return Readable.from(
    Array.from({ length: count }, (_, index) => packed.subarray(index * 50_000, (index + 1) * 50_000)),
  );
}

describe("a large layer of zstd", () => {
  const path = process.env.PATH;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-test-"));
  });

  afterEach(() => {
    process.env.PATH = path;
    rmSync(folder, { recursive: true });
  });

  /** A program of this name that is all there is on PATH. */
  function onlyProgram(script: string): void {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "zstd"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, "zstd"), 0o755);
    process.env.PATH = bin;
  }

  async function read(packed: Buffer): Promise<string> {
    const pieces: Buffer[] = [];
    for await (const piece of unpacked(arriving(packed), "layer")) pieces.push(Buffer.from(piece));
    return sha256(pieces);
  }

  async function failureOf(packed: Buffer): Promise<BrokenImageError> {
    const failure = await read(packed).catch((error: unknown) => error);
    assert.ok(failure instanceof BrokenImageError, String(failure));
    return failure;
  }

  const here = "without a program";
  const machines: readonly [string, () => void][] = [
    [here, () => void (process.env.PATH = folder)],
    ...(own === undefined ? [] : [["with the machine's", () => undefined] as [string, () => void]]),
  ];
  for (const [what, prepare] of machines) {
    describe(what, () => {
      beforeEach(prepare);

      it("is what was packed, over several frames, also between frames that are skipped", async () => {
        assert.equal(await read(zstdOf(content)), sha256([content]));
        const skipped = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
        const frames = [skipped, zstdOf(content), skipped, zstdOf(content.subarray(7), 99_000), skipped];
        assert.equal(await read(Buffer.concat(frames)), sha256([content, content.subarray(7)]));
      });

      it("fails where it is cut off, wherever that is", async () => {
        const packed = zstdOf(content);
        for (const length of [packed.length - 1, packed.length - 200_000, (1 << 20) + 1]) {
          const { message, mend } = await failureOf(packed.subarray(0, length));
          assert.match(message, /^layer: the zstd content cannot be unpacked: ./);
          assert.match(mend, /cut off or damaged/);
        }
      });

      it("fails where it is damaged, and where something is behind it", async () => {
        const damaged = Buffer.from(zstdOf(content));
        // The kind of a block that no kind of block has; 100,000 bytes each, after a header of 6 bytes.
        damaged[6 + 20 * 100_003] = 0x06;
        assert.match((await failureOf(damaged)).message, /^layer: /);
        const { message } = await failureOf(Buffer.concat([zstdOf(content), Buffer.from("more bytes")]));
        assert.match(message, /after the packed content there is more/);
      });

      it("fails where a later frame asks for much memory", async () => {
        const greedy = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xf8, 1, 0, 0]);
        assert.match((await failureOf(Buffer.concat([zstdOf(content), greedy]))).message, /a window of \d+ MiB/);
      });

      it("may be left in the middle", async () => {
        for await (const piece of unpacked(arriving(zstdOf(content)), "layer")) {
          assert.ok(piece.length > 0);
          break;
        }
      });
    });
  }

  it("is unpacked by the program, to which nothing of the environment is told", async () => {
    const seen = join(folder, "seen");
    onlyProgram(`{ echo "$@"; export -p; } > "${seen}"; /bin/cat > /dev/null; echo unpacked`);
    process.env.WHEELHOUSE_TEST_SECRET = "kanarienvogel";
    try {
      assert.equal(await read(zstdOf(content)), sha256([Buffer.from("unpacked\n")]));
    } finally {
      delete process.env.WHEELHOUSE_TEST_SECRET;
    }
    const [line = "", ...environment] = readFileSync(seen, "utf8").trim().split("\n");
    assert.equal(line, "--decompress --stdout --quiet");
    assert.ok(!environment.join("\n").includes("kanarienvogel"));
  });

  it("is not taken for whole where the program has not taken all of it, whatever its exit code", async () => {
    onlyProgram("read -r line; echo enough");
    assert.match(
      (await failureOf(zstdOf(content))).message,
      /cannot be unpacked: .*zstd: it ended before it had taken/,
    );
  });

  it("is not taken for whole where the program fails after its last byte", async () => {
    onlyProgram("/bin/cat > /dev/null; echo all of it; echo 'out of luck' >&2; exit 3");
    assert.match((await failureOf(zstdOf(content))).message, /cannot be unpacked: .*zstd: out of luck$/);
  });

  it("fails by name where the program ends without taking what it is given, or is no program", async () => {
    onlyProgram("exit 7");
    assert.match((await failureOf(zstdOf(content))).message, /cannot be unpacked: .*zstd: exit code 7$/);
    writeFileSync(join(folder, "bin", "zstd"), "#!/nowhere/at/all\n");
    assert.match((await failureOf(zstdOf(content))).message, /cannot be unpacked: .*zstd: exit code 127$/);
  });

  it("leaves no process behind where its reader stops", async () => {
    const pid = join(folder, "pid");
    onlyProgram(`echo $$ > "${pid}"; echo first; while :; do read -r line; done`);
    for await (const piece of unpacked(arriving(zstdOf(content)), "layer")) {
      assert.equal(piece.toString(), "first\n");
      break;
    }
    const number = Number(readFileSync(pid, "utf8"));
    assert.ok(number > 1);
    assert.throws(() => process.kill(number, 0), /ESRCH/);
  });

  it("is not worth a program where it is small", async () => {
    const started = join(folder, "started");
    onlyProgram(`echo > "${started}"; exit 1`);
    const small = content.subarray(0, 100_000);
    assert.equal(await read(zstdOf(small)), sha256([small]));
    assert.equal(existsSync(started), false);
  });

  it("is the same from a real packer, which uses all kinds of blocks", function () {
    if (own === undefined) this.skip();
    const packed = execFileSync(own, ["--compress", "--stdout", "--quiet", "-3"], {
      input: content,
      maxBuffer: 2 * content.length,
    });
    return Promise.all([read(packed)]).then(([digest]) => assert.equal(digest, sha256([content])));
  });
});
