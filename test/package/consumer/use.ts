/** Types of the room of specifications, by its own entry. */
import { formatProblem, type BaseImage, type RenderedFile } from "../../../spec";

export type { BaseImage, RenderedFile };

export function checkable(...files: readonly RenderedFile[]): string {
  const [first] = files;
  return formatProblem({ file: first?.path ?? "", line: 1, column: 1, path: "", message: "", mend: "" });
}
