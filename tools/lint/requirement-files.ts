/** The requirements files of the build context that a Dockerfile's RUNs install from. */
import { subjectOf, commandsOf, type ContextFiles } from "./subject";
import { installerOf } from "./installers";
import { baseName } from "./shell";

const OPTION = /^(?:-r|-c|--requirement|--constraint)$/;

/** Those that are in the context: by the path that a RUN names, or by its last part, as a COPY may have put it elsewhere. */
export function requirementsOf(
  dockerfile: string,
  context: ContextFiles | undefined,
): { name: string; text: string }[] {
  if (context === undefined) return [];
  const names = subjectOf(dockerfile).runs.flatMap((run) =>
    commandsOf(run).flatMap(({ command }) =>
      installerOf(command) === undefined
        ? []
        : command.words.flatMap(({ text }, index) => {
            if (OPTION.test(text)) return [command.words[index + 1]?.text ?? ""];
            const joined = /^(?:-r|-c|--requirement=|--constraint=)(\S+)$/.exec(text)?.[1];
            return joined === undefined ? [] : [joined];
          }),
    ),
  );
  const found = new Map<string, string>();
  for (const name of names) {
    const path = [name.replace(/^(?:\.?\/)+/, ""), baseName(name)].find((candidate) =>
      context.files.includes(candidate),
    );
    const text = path === undefined ? undefined : context.read(path);
    if (path !== undefined && text !== undefined) found.set(path, text);
  }
  return Array.from(found, ([name, text]) => ({ name, text }));
}
