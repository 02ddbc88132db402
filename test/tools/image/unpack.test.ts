/** Unpacking a layer as it goes by. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { BrokenImageError } from "../../../tools/image";
import { unpacked } from "../../../tools/image/unpack";

describe("a large layer", () => {
  it("is unpacked without a listener more each time that its reader is slower", async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", warned);
    try {
      const content = randomBytes(12 << 20);
      const packed = gzipSync(content, { level: 1 });
      const parts = Array.from({ length: Math.ceil(packed.length / 16384) }, (_, index) =>
        packed.subarray(index * 16384, (index + 1) * 16384),
      );
      let length = 0;
      for await (const piece of unpacked(Readable.from(parts), "layer")) {
        length += piece.length;
        await turn();
      }
      await turn();
      assert.equal(length, content.length);
      assert.deepEqual(warnings, []);
    } finally {
      process.off("warning", warned);
    }
  });

  it("is told to be damaged also where its reader is slower than what brings it", async () => {
    const packed = gzipSync(randomBytes(4 << 20), { level: 1 });
    packed.fill(0xee, 2 << 20, (2 << 20) + 5000);
    const parts = Array.from({ length: Math.ceil(packed.length / 65536) }, (_, index) =>
      packed.subarray(index * 65536, (index + 1) * 65536),
    );
    const reading = (async () => {
      for await (const piece of unpacked(Readable.from(parts), "layer")) if (piece.length > 0) await sleep(2);
    })();
    await assert.rejects(reading, BrokenImageError);
  });
});
