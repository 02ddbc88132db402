/** Tells browsers that a run changed, and sends the lines of a log as they are written, by server-sent events. */
import type { Exchange } from "./answer";
import { headersWith } from "./answer";
import type { LogFile } from "./log-file";
import { renderLine } from "./log-line";
import type { PageOptions } from "./options";

/** Changes that come closer together are told once. */
const gatherMilliseconds = 150;
/** How often a quiet connection is used, so that both sides see when it is gone. */
const beatMilliseconds = 15_000;
/** How often a log that grows is looked at. */
const lookMilliseconds = 250;
/** Lines that are sent at a time. */
const mostLines = 500;
/** Bytes that may wait for a slow reader until lines are held back. */
const mostWaiting = 1024 * 1024;

interface Stream {
  readonly isOpen: boolean;
  readonly isSlow: boolean;
  send(event: string, data: unknown, id?: number): void;
  end(): void;
  onClose(listener: () => void): void;
}

function open({ request, response }: Exchange): Stream {
  response.writeHead(200, headersWith({ "content-type": "text/event-stream; charset=utf-8" }));
  // A browser that lost the sandbox asks again after so many milliseconds.
  response.write("retry: 1000\n\n");
  const beat = setInterval(() => response.write(": still here\n\n"), beatMilliseconds);
  beat.unref();
  response.on("close", () => clearInterval(beat));
  request.socket.setNoDelay(true);
  return {
    get isOpen() {
      return !response.destroyed && !response.writableEnded;
    },
    get isSlow() {
      return response.writableLength > mostWaiting;
    },
    send(event, data, id) {
      if (response.destroyed || response.writableEnded) return;
      response.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    end: () => response.end(),
    onClose: (listener) => void response.on("close", listener),
  };
}

/** `change` with the ids of the runs that changed and the sandbox's clock; `hello` first, after which nothing is missed. */
export function serveChanges(exchange: Exchange, { runs, clock }: PageOptions): void {
  const stream = open(exchange);
  const changed = new Set<number>();
  let timer: NodeJS.Timeout | undefined;
  let said = clock().getTime() - Date.now();
  const tell = (): void => {
    timer = undefined;
    said = clock().getTime() - Date.now();
    stream.send("change", { runs: [...changed], now: clock().toISOString() });
    changed.clear();
  };
  const later = (): void => {
    timer ??= setTimeout(tell, gatherMilliseconds);
  };
  const listener = (id: number): void => {
    changed.add(id);
    later();
  };
  // The clock is set without any run's change.
  const watch = setInterval(() => {
    if (Math.abs(clock().getTime() - Date.now() - said) > 1000) later();
  }, 1000);
  watch.unref();
  runs.on("change", listener);
  stream.onClose(() => {
    runs.off("change", listener);
    clearTimeout(timer);
    clearInterval(watch);
  });
  stream.send("hello", { now: clock().toISOString() });
}

export interface Following {
  readonly log: LogFile;
  /** Number of the first line that is wanted. */
  readonly from: number;
  /** Whether the step has ended, so that nothing more is written. */
  readonly isWhole: () => Promise<boolean>;
}

/** `lines` with their HTML, `end` when the step has ended and all was sent. */
export async function serveLines(exchange: Exchange, { log, from, isWhole }: Following): Promise<void> {
  const stream = open(exchange);
  const resumed = Number(exchange.request.headers["last-event-id"]);
  let next = Number.isInteger(resumed) && resumed > from ? resumed : from;
  while (stream.isOpen) {
    // Asked before the log is read: what was written before the end is then read, too.
    const whole = await isWhole();
    const { lines: total } = await log.extent(whole);
    const lines = stream.isSlow ? [] : await log.read(next, mostLines);
    if (lines.length > 0) {
      next += lines.length;
      stream.send("lines", { html: lines.map((line) => renderLine(line).text).join(""), total, next }, next);
    }
    if (whole && next > total) {
      stream.send("end", { total });
      stream.end();
      return;
    }
    if (next > total || stream.isSlow) await pause(stream);
  }
}

function pause(stream: Stream): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, lookMilliseconds);
    timer.unref();
    stream.onClose(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
