/** Shows the steps where there is no terminal: one line when something goes on for a while, one when a step is done. */
import { ListrTaskEventType, ListrTaskState, type ListrRenderer, type ListrTaskObject } from "listr2";

import { describeDuration } from "../progress.mjs";

type Task = ListrTaskObject<unknown, typeof PlainRenderer, typeof PlainRenderer>;

/** Errors are not shown here: whoever runs the steps says them once. */
export class PlainRenderer implements ListrRenderer {
  public static readonly nonTTY = true;
  public static rendererOptions: never;
  public static rendererTaskOptions: never;

  public constructor(private readonly tasks: Task[]) {}

  public render(): void {
    for (const task of this.tasks) {
      let started = Date.now();
      task.on(ListrTaskEventType.OUTPUT, (output) => this.write(output));
      task.on(ListrTaskEventType.STATE, (state) => {
        const took = describeDuration(Date.now() - started);
        if (state === ListrTaskState.STARTED) started = Date.now();
        if (state === ListrTaskState.COMPLETED) this.write(`${task.title} (${took})`);
        if (state === ListrTaskState.FAILED) this.write(`${task.title}: failed after ${took}`);
      });
    }
  }

  public end(): void {
    // Every line is out already.
  }

  private write(line: string): void {
    process.stdout.write(`${line}\n`);
  }
}
