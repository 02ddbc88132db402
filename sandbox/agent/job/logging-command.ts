/** Reads logging commands: `##vso[area.event name=value;…]data` (Microsoft's "Logging commands"; the agent's Command.cs). */

export const commandMark = "##vso[";

export interface LoggingCommand {
  /** In small letters. */
  readonly area: string;
  /** In small letters. */
  readonly event: string;
  /** Names in small letters. */
  readonly properties: ReadonlyMap<string, string>;
  readonly data: string;
}

const escapes: readonly (readonly [string, string])[] = [
  ["%3B", ";"],
  ["%0D", "\r"],
  ["%0A", "\n"],
  ["%5D", "]"],
  ["%AZP25", "%"],
];

/** How a value is written in a command. */
export function escapeData(text: string): string {
  return text.replaceAll("%", "%AZP25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function unescape(text: string): string {
  return escapes.reduce((result, [escaped, plain]) => result.replaceAll(escaped, plain), text);
}

/** The command in a line, wherever in it that begins; nothing where there is none. */
export function parseLoggingCommand(line: string): LoggingCommand | undefined {
  const start = line.indexOf(commandMark);
  const end = start < 0 ? -1 : line.indexOf("]", start);
  if (end < 0) return undefined;
  const inside = line.slice(start + commandMark.length, end);
  const space = inside.indexOf(" ");
  const name = space < 0 ? inside : inside.slice(0, space);
  const [area, event, ...more] = name.split(".").filter((part) => part !== "");
  if (area === undefined || event === undefined || more.length > 0) return undefined;
  const properties = new Map<string, string>();
  for (const property of space < 0 ? [] : inside.slice(space + 1).split(";")) {
    const equals = property.indexOf("=");
    if (equals > 0 && equals < property.length - 1) {
      properties.set(property.slice(0, equals).toLowerCase(), unescape(property.slice(equals + 1)));
    }
  }
  return {
    area: area.toLowerCase(),
    event: event.toLowerCase(),
    properties,
    data: unescape(line.slice(end + 1)),
  };
}
