/** The end of the story: a table of the images, for people. */
import type { PublishedImage } from "./images";

/** Bytes for people, in decimal units. */
export function describeBytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${(count / 1e3).toFixed(0)} kB`;
  return `${(count / 1e6).toFixed(count < 10e6 ? 1 : 0)} MB`;
}

const columns: readonly {
  readonly title: string;
  readonly right?: true;
  readonly cell: (image: PublishedImage) => string;
}[] = [
  { title: "image", cell: ({ name }) => name },
  { title: "size", right: true, cell: ({ bytes }) => describeBytes(bytes) },
  { title: "base", cell: ({ base }) => base },
  { title: "adds", right: true, cell: ({ packages }) => (packages === undefined ? "" : `${packages}`) },
  { title: "built in", right: true, cell: ({ report }) => `${(report.seconds.total ?? 0).toFixed(1)} s` },
  { title: "run", right: true, cell: ({ run }) => run.number },
  { title: "leaks", cell: ({ report }) => (report.leaks.length === 0 ? "none" : String(report.leaks.length)) },
];

/** Lines of the table, sorted by name; its first is the head. */
export function imageTable(images: Iterable<PublishedImage>): string[] {
  const sorted = [...images].sort((left, right) => (left.name < right.name ? -1 : 1));
  const cells = [columns.map(({ title }) => title), ...sorted.map((image) => columns.map(({ cell }) => cell(image)))];
  const widths = columns.map((_column, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
  return cells.map((row) =>
    ` ${row
      .map((cell, index) => {
        const width = widths[index] ?? 0;
        return columns[index]?.right === true ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")}`.trimEnd(),
  );
}
