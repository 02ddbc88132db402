/** Tells the story of the platform on what is up: every chapter with its progress, and the table at the end. */
import { Listr, type ListrTask, type ListrGetRendererClassFromValue } from "listr2";

import { PlainRenderer } from "../commands/plain-renderer";
import { startProgress } from "../progress.mjs";
import { shortStory, wholeStory } from "./chapters";
import { publishedImages } from "./images";
import type { Chapter, Stage } from "./stage";
import { imageTable } from "./table";

export { holdBackReleases } from "./chapters";
export { StoryStopped, type Stage } from "./stage";
export { StandInClouds } from "./stand-in-clouds";
export { Organization } from "./organization";

type StoryStep = ListrTask<object, ListrGetRendererClassFromValue<"default">, typeof PlainRenderer>;

function step(chapter: Chapter, stage: Stage, failed: (error: unknown) => void): StoryStep {
  const { title } = chapter;
  return {
    title,
    task: async (_context, task) => {
      const interval = process.stdout.isTTY ? 0.5 : 10;
      const progress = startProgress(title, (line) => (task.output = line), interval);
      try {
        task.title = `${title}: ${await chapter.tell(stage, progress.report)}`;
      } catch (error) {
        failed(error);
        throw error;
      } finally {
        progress.end();
      }
    },
  };
}

/** Tells chapters at the same time, each to its end; the failure of one ends the waiting of the others. @throws that failure */
async function tellTogether(chapters: readonly Chapter[], stage: Omit<Stage, "signal">): Promise<void> {
  const ending = new AbortController();
  const failures: unknown[] = [];
  const failed = (error: unknown): void => {
    failures.push(error);
    ending.abort();
  };
  const list = new Listr<object, "default", typeof PlainRenderer>(
    chapters.map((chapter) => step(chapter, { ...stage, signal: ending.signal }, failed)),
    {
      concurrent: true,
      exitOnError: false,
      renderer: "default",
      fallbackRenderer: PlainRenderer,
      fallbackRendererCondition: () => !process.stdout.isTTY,
      rendererOptions: { showErrorMessage: false, collapseSubtasks: false },
      // Its own way to end on a signal leaves the engine running.
      registerSignalListeners: false,
      ctx: {},
    },
  );
  await list.run();
  if (failures.length > 0) throw failures[0];
}

/**
 * Tells it. @param fast Only up to the first images.
 * @returns lines of the table of all images
 * @throws StoryStopped where a run failed that must not
 */
export async function tellStory(stage: Omit<Stage, "signal">, fast: boolean): Promise<string[]> {
  for (const chapters of fast ? shortStory : wholeStory) await tellTogether(chapters, stage);
  return imageTable(publishedImages(stage.records, await stage.control.runs()).values());
}
