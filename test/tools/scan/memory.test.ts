import * as assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../sandbox/process.mjs";
import { makeBundle } from "../../../tools/bundle.mjs";
import { type ScanReport } from "../../../tools/scan";
import { manySmallFiles, oneHugeFile, textLike, writeLayout, type LargeLayer } from "./large";

/** MB of memory that a scan may take, whatever the image. */
const limit = 150;
const token = "s3cr3t-Feed-T0ken-at-the-end";

describe("the memory of a scan", function () {
  this.timeout(180_000);
  let folder: string;
  /** Held while programs are started, so that their memory is seen not to be this one's. */
  let ballast: Buffer | undefined;

  before(async () => {
    ballast = Buffer.alloc(limit * 1e6, 1);
    folder = mkdtempSync(join(tmpdir(), "wheelhouse-test-"));
    await makeBundle(join(folder, "wheelhouse.cjs"));
    // The largest that this program has been. `resourceUsage().maxRSS` would not do: it begins with what the process that started it had.
    const note = `process.on("exit", () => {
      const { readFileSync, writeFileSync } = require("node:fs");
      writeFileSync(process.env.PEAK_FILE, /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))[1]);
    });`;
    writeFileSync(join(folder, "peak.cjs"), note);
  });

  after(() => {
    ballast = undefined;
    rmSync(folder, { recursive: true });
  });

  /** @param path where the scan finds programs. Default: as here. */
  async function scan(
    name: string,
    layers: readonly LargeLayer[],
    path = process.env.PATH,
  ): Promise<{ megabytes: number; report: ScanReport }> {
    await writeLayout(join(folder, name), layers);
    const peak = join(folder, "peak");
    const { output, code, errors } = await run(
      process.execPath,
      [
        "--require",
        join(folder, "peak.cjs"),
        join(folder, "wheelhouse.cjs"),
        "scan",
        name,
        "--secret-env",
        "TOKEN",
        "--json",
        "--quiet",
      ],
      {
        cwd: folder,
        env: { PATH: path, TOKEN: token, PEAK_FILE: peak },
        allowFailure: true,
        timeoutSeconds: 150,
      },
    );
    assert.ok(code === 0 || code === 1, errors);
    assert.equal(ballast?.length, limit * 1e6);
    rmSync(join(folder, name), { recursive: true });
    const { reports } = JSON.parse(output) as { reports: ScanReport[] };
    return { megabytes: Number(readFileSync(peak, "utf8")) / 1024, report: reports[0]! };
  }

  it(`stays under ${limit} MB for one file of 400 MB, and finds a secret at its very end`, async () => {
    const { megabytes, report } = await scan("huge", [
      oneHugeFile("data/huge.txt", textLike(8 << 20), 48, Buffer.from(token)),
    ]);
    assert.equal(report.scanned.bytes > 400e6, true);
    assert.deepEqual(
      report.findings.map(({ where }) => (where.in === "layer" ? [where.path, where.offset] : [])),
      [["data/huge.txt", 512 + 48 * (8 << 20)]],
    );
    assert.ok(megabytes < limit, `${megabytes} MB`);
  });

  it(`stays under ${limit} MB for 200,000 small files`, async () => {
    const { megabytes, report } = await scan("small", [await manySmallFiles(20_000, 10)]);
    assert.equal(report.scanned.bytes > 300e6, true);
    assert.ok(megabytes < limit, `${megabytes} MB`);
  });

  for (const [by, path] of [
    ["the program where there is one", () => process.env.PATH],
    ["itself", () => folder],
  ] as const) {
    it(`stays under ${limit} MB for zstd with the largest window that is read, unpacked by ${by}`, async () => {
      const block = Buffer.alloc(100_000, 0x61);
      const blockHeader = (last: number) => {
        const bytes = Buffer.alloc(3);
        bytes.writeUIntLE((block.length << 3) | last, 0, 3);
        return bytes;
      };
      const layer: LargeLayer = {
        mediaType: "application/octet-stream+zstd",
        parts: [
          // A window of 32 MiB.
          { bytes: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x78]), times: 1 },
          { bytes: Buffer.concat([blockHeader(0), block]), times: 800 },
          { bytes: Buffer.concat([blockHeader(1), block]), times: 1 },
        ],
      };
      const { megabytes, report } = await scan("window", [layer], path());
      assert.equal(report.scanned.bytes, 801 * block.length);
      assert.ok(megabytes < limit, `${megabytes} MB`);
    });
  }
});
