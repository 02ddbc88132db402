/** What is asked for, and what is shown for it. */
import type { Exchange } from "./answer";
import type { Html } from "./html";

/** One request, taken apart. */
export interface Visit extends Exchange {
  /** Decoded parts of the path. */
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

export interface Content {
  readonly title: string;
  readonly content: Html;
  /** Whether it follows changes of runs. Default: no. */
  readonly live?: boolean;
}
