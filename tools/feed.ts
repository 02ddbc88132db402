/** Gives a stream what it works on, as fast as it takes it. */
import { once } from "node:events";
import { type Writable } from "node:stream";

/**
 * Gives a stream all of an input, and ends it then. Where the stream fails, that is for its reader to see.
 * @param isOver Whether it takes no more. Default: once it is destroyed.
 * @returns whether it was given all.
 * @throws what the input throws.
 */
export async function feed(
  stream: Writable,
  input: AsyncIterable<Buffer>,
  isOver: () => boolean = () => stream.destroyed,
): Promise<boolean> {
  for await (const part of input) {
    if (isOver()) return false;
    if (!stream.write(part)) await roomOrEnd(stream);
  }
  stream.end();
  return true;
}

/** Waits until it takes more, or is over, and leaves no listener behind: a large layer waits some thousand times. */
async function roomOrEnd(stream: Writable): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    await Promise.race(["drain", "end", "close"].map((event) => once(stream, event, { signal })));
  } catch {
    // It failed, and is over.
  } finally {
    waiting.abort();
  }
}
