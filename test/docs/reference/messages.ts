/** The reference page of messages: each with what its own words say of how to mend it, out of the sources. */
import { messages, type Message } from "../messages";
import { code, prose, table, type ReferencePage } from "./markdown";

interface Section {
  readonly title: string;
  readonly about: string;
  readonly has: (message: Message) => boolean;
}

const sections: readonly Section[] = [
  {
    title: "Specs and configuration",
    about:
      "Told before anything is declared, all at once, with file, line, column and property: by `pulumi preview`, `pulumi up` and `wheelhouse check`.",
    has: ({ file }) => file.startsWith("spec/"),
  },
  {
    title: "Rendering",
    about:
      "A value that cannot stand in a Dockerfile or pipeline. The loader refuses it before, so that only a program that makes components itself meets these.",
    has: ({ file, kind }) => /^(recipes|pipelines)\//.test(file) && kind !== "log",
  },
  {
    title: "`pulumi preview` and `pulumi up`",
    about: "By a component or by one of its REST requests.",
    has: ({ file }) => /^(components|provider)\//.test(file),
  },
  {
    title: "The log of a run",
    about:
      "Errors and warnings of a run’s own scripts. [troubleshooting.md](../troubleshooting.md) has the cause of each.",
    has: ({ kind, file }) => kind === "log" && /^(pipelines|recipes|tools)\//.test(file),
  },
  {
    title: "The command line",
    about: "The exit code says whose matter it is: 2 is input, 3 is something outside, 1 is a finding.",
    has: ({ kind, file }) => kind !== "log" && file.startsWith("tools/"),
  },
  {
    title: "The policy pack",
    about: "Of the pack itself and of its configuration; the findings of its rules name what they found.",
    has: ({ file }) => file.startsWith("policy/"),
  },
];

export function messagesPage(): ReferencePage {
  const all = messages();
  const homeless = all.filter((message) => !sections.some(({ has }) => has(message)));
  if (homeless.length > 0) throw new Error(`no section for ${homeless.map(({ text }) => text).join(" / ")}`);
  return {
    path: "messages.md",
    title: "Messages",
    about: "Every message, with its mend.",
    from: ["test/docs/messages.ts"],
    body: [
      "Every message that the sources have; `…` stands for what is known only when it happens. Where a message needs more than its own mend, " +
        "[troubleshooting.md](../troubleshooting.md) has the cause.",
      ...sections.flatMap(({ title, about, has }) => {
        const rows = rowsOf(all.filter(has));
        return rows.length === 0 ? [] : [`## ${title}`, about, table(["message", "mend", "ends with"], rows)];
      }),
    ].join("\n\n"),
  };
}

function rowsOf(list: readonly Message[]): readonly (readonly string[])[] {
  const rows = new Map(
    list.map(({ text, mend, kind }) => [`${text}|${mend}`, [code(text), prose(mend), ending(kind)]]),
  );
  return [...rows.values()].sort(([left = ""], [right = ""]) => (left < right ? -1 : left > right ? 1 : 0));
}

/** The exit code of the command line for a type of error. */
function ending(kind: string): string {
  if (/^(FindingsError)$/.test(kind)) return "1";
  if (/^(UsageError|InvalidReferenceError|InvalidArgumentError)$/.test(kind)) return "2";
  return /^(OutsideError|RegistryError|BrokenImageError|MissingContentError|UnfinishedScanError)$/.test(kind)
    ? "3"
    : "";
}
