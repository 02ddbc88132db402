/** Finds whom a container runs as: an image names its user by number or by a name in its own list of accounts. */
import { readFileSync } from "node:fs";

import { ContainerError } from "./errors";
import { lookAt, resolveIn } from "./rooted-path";

/** Whom a process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Groups beside the first one. */
  readonly additionalGids: readonly number[];
  readonly home: string;
}

const LARGEST_LIST = 4 * 1024 * 1024;
const HIGHEST = 2 ** 32 - 2;

/**
 * Reads `user`, `user:group` with names or numbers, as image configurations have them; empty is root.
 * @param root Folder with the image's files.
 * @throws ContainerError for a name that the image does not know.
 */
export function accountOf(root: string, user: string): Account {
  const [name = "", group] = user.split(":");
  const people = lines(root, "/etc/passwd");
  const groups = lines(root, "/etc/group");
  const wanted = name === "" ? "0" : name;
  const person = people.find((fields) => fields[0] === wanted) ?? people.find((fields) => fields[2] === wanted);
  const uid = number(person?.[2] ?? wanted);
  if (uid === undefined) throw unknown("user", wanted);
  const additionalGids =
    group === undefined && person !== undefined
      ? groups
          .filter((fields) => (fields[3] ?? "").split(",").includes(person[0] ?? ""))
          .flatMap((fields) => number(fields[2]) ?? [])
      : [];
  const gid = group === undefined || group === "" ? (number(person?.[3]) ?? 0) : groupNumber(groups, group);
  return { uid, gid, additionalGids, home: person?.[5] === undefined || person[5] === "" ? "/" : person[5] };
}

function groupNumber(groups: readonly string[][], group: string): number {
  const found = groups.find((fields) => fields[0] === group);
  const gid = number(found?.[2] ?? group);
  if (gid === undefined) throw unknown("group", group);
  return gid;
}

function number(text: string | undefined): number | undefined {
  const value = text !== undefined && /^[0-9]{1,10}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value <= HIGHEST ? value : undefined;
}

function unknown(kind: "user" | "group", name: string): ContainerError {
  return new ContainerError(
    `the image runs as ${kind} ${JSON.stringify(name)}, which it does not have`,
    `Name a ${kind} by its number, or make it in the image.`,
  );
}

/** The fields of each line. The file may be a link of the image's making, so it is looked for inside the image only. */
function lines(root: string, file: string): string[][] {
  const place = resolveIn(root, file, { followLast: true });
  const there = lookAt(place);
  if (there?.isFile() !== true || there.size > LARGEST_LIST) return [];
  return readFileSync(place, "utf8")
    .split("\n")
    .map((line) => line.trim().split(":"))
    .filter((fields) => fields.length >= 3);
}
