/** Which base images an application can have, by the Python that it wants. */
import type { BaseImage } from "../../spec/model";
import { suggest } from "../../spec/nearest";
import { UsageError } from "../errors";
import type { WantedPython } from "../inspect";
import { pythonVersion, specifierTakes } from "../resolve/versions";

export type Base = Pick<BaseImage, "name" | "python" | "description">;

/** Base images that fit, the best ones first. */
export interface FittingBases {
  readonly fitting: readonly Base[];
  /** The one to take without asking; absent where several fit as well. */
  readonly best?: Base;
  /** What to know of it, such as another Python than that of today's image. */
  readonly note?: string;
}

/**
 * What the project requires decides; the version that it runs on today is preferred, and decides where it requires none.
 * @throws UsageError with the list where none fits.
 */
export function fittingBases(bases: readonly Base[], wanted: WantedPython | undefined): FittingBases {
  if (bases.length === 0) {
    throw new UsageError("the platform has no base image", "make one first: wheelhouse new base-image <name>");
  }
  const { requires, minor } = wanted ?? {};
  const fitting = bases.filter(({ python }) =>
    requires === undefined
      ? minor === undefined || python === minor
      : specifierTakes(requires, pythonVersion(python)) !== false,
  );
  if (wanted !== undefined && fitting.length === 0) throw noneFits(bases, wanted);
  const preferred = fitting.filter(({ python }) => python === minor);
  const first = preferred.length > 0 ? preferred : fitting;
  const [best] = first;
  const others = fitting.filter((base) => !first.includes(base));
  const isNewer = minor !== undefined && preferred.length === 0;
  return {
    fitting: [...first, ...others],
    ...(first.length === 1 && best !== undefined ? { best } : {}),
    ...(isNewer && wanted !== undefined
      ? { note: `${wanted.from} says Python ${minor}, and no base image has it` }
      : {}),
  };
}

/**
 * The base image of that name.
 * @throws UsageError where there is none, or where its Python is not one that is wanted.
 */
export function namedBase(bases: readonly Base[], name: string, wanted: WantedPython | undefined): Base {
  const base = bases.find((one) => one.name === name);
  if (base === undefined) {
    const known = bases.map((one) => one.name);
    const mend = known.length === 0 ? "make it first: wheelhouse new base-image" : suggest(name, known);
    throw new UsageError(`--base-image: ${JSON.stringify(name)} is not a base image of the platform`, mend);
  }
  const { requires } = wanted ?? {};
  if (
    wanted !== undefined &&
    requires !== undefined &&
    specifierTakes(requires, pythonVersion(base.python)) === false
  ) {
    throw noneFits([base], wanted);
  }
  return base;
}

function noneFits(bases: readonly Base[], { requires, minor, from }: WantedPython): UsageError {
  const exactly = minor !== undefined && (requires === undefined || requires === `==${minor}.*`);
  const wants = exactly ? minor : (requires ?? "");
  const list = bases.map(({ name, python }) => `${name} (${python})`).join(", ");
  const version = minor ?? /3\.[0-9]+/.exec(wants)?.[0] ?? "3.13";
  return new UsageError(
    `no base image fits: ${from} wants Python ${wants}, and there is ${list}`,
    `let the project take one of these, or make a base image: wheelhouse new base-image python-${version.replace(".", "-")} --python ${version}`,
  );
}
