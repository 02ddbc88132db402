/** Starts the built images of the samples and asks them what they are for: each check says what it saw, or fails with why. */
import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { Container, StartOptions } from "../../sandbox/containers";

/** Starts an image, as `startContainer` does; the caller binds what is the same for all, such as the registry's credentials. */
export type Start = (image: string, options: StartOptions) => Promise<Container>;

/** Seconds for a service to listen and for a worker to get to its work. */
const PATIENCE = 60;

/** 64 x 48 pixels: the left half red, the right half blue. */
const redAndBlue = Buffer.from(
  [
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMU",
    "FRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU",
    "FBQUFBQUFBT/wAARCAAwAEADASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAf/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8QA",
    "FgEBAQEAAAAAAAAAAAAAAAAAAAkH/8QAFBEBAAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEQMRAD8Ah4DHFAAAEcAVmTKAAWMBJlTU",
    "ABHAFZkygAFjASZU1AARwBWZMoAB/9k=",
  ].join(""),
  "base64",
);

/** What is the same for each image: it runs as nobody special, and holds no compiler and no credentials. */
async function confined(container: Container): Promise<void> {
  strictEqual((await container.exec(["id", "-u"])).output.trim(), "10001");
  const script = `
    for program in gcc cc g++; do command -v $program; done
    ls -d /run/secrets /root/.netrc /root/.config/pip /root/.cache /home/*/.netrc /app/.netrc 2>/dev/null
    env | grep -iE 'token|password|://[^/]*@' || true`;
  strictEqual((await container.exec(["sh", "-c", script])).output, "");
}

/** Waits for a line that has the service's port, fails with what it said when it ends or says nothing. */
async function listening(container: Container): Promise<string> {
  const state = { ended: false };
  void container.ended.then(() => {
    state.ended = true;
  });
  for (const deadline = Date.now() + PATIENCE * 1000; Date.now() < deadline && !state.ended;) {
    await sleep(20);
    const port = /\bport (\d+)/.exec(container.output())?.[1];
    if (port !== undefined) return `http://127.0.0.1:${port}`;
  }
  throw new Error(`it does not listen${state.ended ? ", and has ended" : ""}; it said:\n${container.output()}`);
}

async function until<T>(what: string, look: () => Promise<T | undefined>, container: Container): Promise<T> {
  for (const deadline = Date.now() + PATIENCE * 1000; Date.now() < deadline;) {
    await sleep(50);
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`${what} did not happen within ${PATIENCE} s; it said:\n${container.output()}`);
}

/** Does something with containers and a folder, and takes all of it away again whatever comes of it. */
async function during<T>(use: (folder: string, keep: (container: Container) => Container) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wheelhouse-answers-"));
  // Whoever the images run as.
  chmodSync(folder, 0o777);
  const containers: Container[] = [];
  const keep = (container: Container): Container => {
    containers.push(container);
    return container;
  };
  try {
    return await use(folder, keep);
  } finally {
    for (const container of containers) await container.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const post = (url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "content-type": "application/json", ...headers },
    signal: AbortSignal.timeout(30_000),
  });

const get = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(30_000) });

interface Order {
  id: string;
  status: string;
  cents: number;
}

/** The service takes an order, once however often it is sent, and the worker ships it; both are healthy and end when asked. */
export function checkOrders(start: Start, images: { api: string; worker: string }): Promise<string> {
  return during(async (folder, keep) => {
    const shared: StartOptions = {
      environment: {
        ORDERS_DATABASE: "/data/orders.db",
        ORDERS_HOST: "127.0.0.1",
        ORDERS_PORT: "0",
        ORDERS_POLL: "0.05",
      },
      mounts: [{ source: folder, target: "/data", readOnly: false }],
      readOnlyRoot: true,
    };
    const api = keep(await start(images.api, shared));
    const url = await listening(api);
    const order = { customer: "ann", lines: [{ item: "tea", quantity: 3, cents: 450 }] };
    const taken = await post(`${url}/orders`, order, { "idempotency-key": "one" });
    strictEqual(taken.status, 201);
    const placed = (await taken.json()) as Order;
    deepStrictEqual([placed.status, placed.cents], ["placed", 1350]);
    strictEqual((await post(`${url}/orders`, order, { "idempotency-key": "one" })).status, 200);
    strictEqual((await post(`${url}/orders`, { customer: "ann" })).status, 422);
    strictEqual((await get(`${url}/orders/none`)).status, 404);

    const worker = keep(await start(images.worker, shared));
    const metricsUrl = await listening(worker);
    const find = async (): Promise<Order> => (await (await get(`${url}/orders/${placed.id}`)).json()) as Order;
    const shipped = await until(
      "shipping the order",
      async () => {
        const found = await find();
        return found.status === "shipped" ? found : undefined;
      },
      worker,
    );
    strictEqual(shipped.cents, 1350);
    const metrics = await until(
      "counting the order",
      async () => {
        const text = await (await get(`${metricsUrl}/metrics`)).text();
        return text.includes('outcome="shipped"') ? text : undefined;
      },
      worker,
    );
    match(metrics, /^orders_events_handled_total\{outcome="shipped"\} 1$/m);

    for (const container of [api, worker]) {
      ok(await container.healthy(), `not healthy:\n${container.output()}`);
      await confined(container);
    }
    // Only the worker's image has the packages of its extra.
    const importMetrics = ["python", "-c", "import contoso_metrics"];
    strictEqual((await worker.exec(importMetrics)).code, 0);
    strictEqual((await api.exec(importMetrics)).code, 1);
    strictEqual(await worker.stop(), 0);
    await api.stop();
    return `order ${placed.id.slice(0, 8)} taken by the service and shipped by the worker`;
  });
}

/** A series of a line and a day of the week goes on exactly so. */
export function checkForecast(start: Start, image: string): Promise<string> {
  return during(async (folder, keep) => {
    const week = [12, 3, 0, 5, 8, 20, 31];
    const demand = (item: string, day: number): number =>
      item === "tea" ? 40 + 1.5 * day + (week[day % 7] ?? 0) : 200 - day;
    const date = (day: number): string => new Date(Date.UTC(2026, 2, 1 + day)).toISOString().slice(0, 10);
    const rows = ["date,item,quantity"];
    for (let day = 0; day < 56; day++) {
      for (const item of ["tea", "cup"]) rows.push(`${date(day)},${item},${demand(item, day)}`);
    }
    const file = join(folder, "orders.csv");
    writeFileSync(file, `${rows.join("\n")}\n`);
    const container = keep(
      await start(image, {
        command: ["python", "-m", "forecast", "/orders/orders.csv"],
        mounts: [{ source: folder, target: "/orders" }],
        readOnlyRoot: true,
      }),
    );
    const late = setTimeout(() => void container.stop(0), PATIENCE * 1000);
    const { code, output, errors } = await container.ended.finally(() => clearTimeout(late));
    strictEqual(code, 0, `it ended with ${code}:\n${output}${errors}`);
    const event = JSON.parse(output) as {
      kind: string;
      data: { items: { item: string; days: string[]; demand: number[]; method: string }[] };
    };
    strictEqual(event.kind, "demand.forecast");
    const days = [56, 57, 58, 59, 60, 61, 62];
    const expected = ["cup", "tea"].map((item) => ({
      item,
      days: days.map(date),
      demand: days.map((day) => demand(item, day)),
      method: "holt-winters",
    }));
    deepStrictEqual(event.data.items, expected);
    return `tea on ${date(56)}: ${expected[1]?.demand[0] ?? "?"}, as it must be`;
  });
}

/** Width and height, from the frame header that every JPEG has. Source: ITU T.81, B.2.2. */
export function jpegSize(picture: Buffer): { width: number; height: number } {
  ok(picture.length > 4 && picture.readUInt16BE(0) === 0xffd8, "it is no JPEG");
  ok(picture.readUInt16BE(picture.length - 2) === 0xffd9, "the JPEG is cut off");
  for (let at = 2; at + 9 < picture.length;) {
    const marker = picture.readUInt16BE(at);
    if (marker >= 0xffc0 && marker <= 0xffc3) {
      return { height: picture.readUInt16BE(at + 5), width: picture.readUInt16BE(at + 7) };
    }
    at += 2 + picture.readUInt16BE(at + 2);
  }
  throw new Error("the JPEG has no frame");
}

/** A picture becomes a smaller one that fits, of the same colour; what is no picture is refused. */
export function checkImaging(start: Start, image: string): Promise<string> {
  return during(async (_folder, keep) => {
    const container = keep(
      await start(image, {
        command: ["python", "-m", "imaging"],
        environment: { IMAGING_HOST: "127.0.0.1", IMAGING_PORT: "0" },
        readOnlyRoot: true,
      }),
    );
    const url = await listening(container);
    const send = (picture: Buffer): Promise<Response> =>
      fetch(`${url}/thumbnails?width=16&height=16`, {
        method: "POST",
        body: new Uint8Array(picture),
        signal: AbortSignal.timeout(30_000),
      });
    const answer = await send(redAndBlue);
    strictEqual(answer.status, 200);
    deepStrictEqual(jpegSize(Buffer.from(await answer.arrayBuffer())), { width: 16, height: 12 });
    const colour = Buffer.from((answer.headers.get("x-average-colour") ?? "").slice(1), "hex");
    const wanted = [120, 30, 120];
    ok(
      wanted.every((value, index) => Math.abs(value - (colour[index] ?? 255)) <= 8),
      colour.toString("hex"),
    );
    strictEqual((await send(Buffer.from("no picture"))).status, 422);
    // What compiling needed is not there, and what running needs is.
    const library = await container.exec([
      "python",
      "-c",
      "import contoso_thumbnail; print(contoso_thumbnail.__version__)",
    ]);
    strictEqual(library.code, 0, library.errors);
    await confined(container);
    await container.stop();
    return "a picture of 64 x 48 became a JPEG of 16 x 12";
  });
}

/** An invoice comes back as a page that sums it up. */
export function checkLegacy(start: Start, image: string): Promise<string> {
  return during(async (_folder, keep) => {
    const container = keep(
      await start(image, { environment: { LEGACY_HOST: "127.0.0.1", LEGACY_PORT: "0" }, readOnlyRoot: true }),
    );
    const url = await listening(container);
    const lines = [
      { item: "tea", quantity: 2, cents: 450 },
      { item: "cup", quantity: 1, cents: 1205 },
    ];
    const answer = await post(`${url}/invoices`, { number: 7, customer: "Ann & Sons", lines });
    strictEqual(answer.status, 200);
    const page = await answer.text();
    match(page, /<h1>Invoice 7<\/h1>/);
    match(page, /Ann &amp; Sons/);
    match(page, /<th>21\.05<\/th>/);
    strictEqual((await post(`${url}/invoices`, {})).status, 422);
    match(await (await get(`${url}/metrics`)).text(), /^legacy_invoices_total\{outcome="printed"\} 1$/m);
    ok(await container.healthy(), `not healthy:\n${container.output()}`);
    await confined(container);
    strictEqual(await container.stop(), 0);
    return "invoice 7 sums up to 21.05";
  });
}
