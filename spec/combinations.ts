/** Properties of one file that do not go together, and properties that say the same thing twice. */
import type { Finding } from "./issues";
import { nearest } from "./nearest";
import { quote } from "./rule";

type Written = Readonly<Record<string, unknown>>;

/** What a Dockerfile of the team's own says itself, so that the property would have no effect. */
const SAID_BY_DOCKERFILE: Readonly<Record<string, string>> = {
  scripts: "one Dockerfile gives one image: take scripts out, and name the command in its ENTRYPOINT or CMD",
  requirements: "install them in the Dockerfile, which is given the feed's address and its credentials as secrets",
  lock: "install it in the Dockerfile, which is given the feed's address and its credentials as secrets",
  extras: "install them in the Dockerfile",
  systemPackages: "install them in the Dockerfile",
  user: "write USER in the Dockerfile",
  env: "write ENV in the Dockerfile",
  ports: "write EXPOSE in the Dockerfile",
  healthcheck: "write HEALTHCHECK in the Dockerfile",
};

/** Findings about an application's file that need more than one property. Tolerates values of any type. */
export function combinations(app: Written): Finding[] {
  return [...withDockerfile(app), ...extrasWithoutScript(app), ...lockIsRequirements(app)];
}

function withDockerfile(app: Written): Finding[] {
  if (app.dockerfile === undefined) {
    return [];
  }
  return Object.entries(SAID_BY_DOCKERFILE)
    .filter(([property]) => app[property] !== undefined)
    .map(([property, mend]) => ({
      path: [property],
      message: `${property} has no effect together with dockerfile`,
      mend: `${mend}; or take dockerfile out`,
      atKey: true,
    }));
}

function extrasWithoutScript(app: Written): Finding[] {
  const { extras, scripts } = app;
  if (typeof extras !== "object" || extras === null || Array.isArray(extras)) {
    return [];
  }
  const known = Array.isArray(scripts)
    ? scripts.filter((script) => typeof script === "string" && script.length <= 64)
    : [];
  return Object.keys(extras)
    .filter((key) => key !== "*" && !known.includes(key))
    .map((key) => {
      const near = nearest(key, known);
      const mend =
        known.length === 0
          ? "write a list for the one image: extras: [name], or name the scripts in scripts"
          : `${near === undefined ? "" : `did you mean ${near}? `}scripts has: ${known.join(", ")}; "*" is for every image`;
      return {
        path: ["extras", key],
        message: `${quote(key)} is not one of the application's scripts`,
        mend,
        atKey: true,
      };
    });
}

function lockIsRequirements(app: Written): Finding[] {
  return typeof app.lock === "string" && app.lock === app.requirements
    ? [
        {
          path: ["lock"],
          message: "it is the same file as requirements",
          mend: "take requirements out: a lock is used as it is",
          atKey: false,
        },
      ]
    : [];
}

/** Findings about a base image's file that need more than one property. */
export function baseImageCombinations(base: Written): Finding[] {
  const { upstream = "python", python, tag } = base;
  const ofTag = typeof tag === "string" ? /^([0-9]+\.[0-9]+)(?![0-9])/.exec(tag)?.[1] : undefined;
  const differs =
    typeof upstream === "string" &&
    /(?:^|\/)python$/.test(upstream) &&
    typeof python === "string" &&
    ofTag !== undefined &&
    ofTag !== python;
  return differs
    ? [
        {
          path: ["tag"],
          message: `the tag has Python ${ofTag}, but python is ${quote(python)}`,
          mend: "give both the same version",
          atKey: false,
        },
      ]
    : [];
}
