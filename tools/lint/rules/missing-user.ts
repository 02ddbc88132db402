/** An image that runs as root. */
import type { Instruction, Stage } from "../dockerfile";
import type { Rule } from "../finding";

export const missingUser: Rule = {
  id: "missing-user",
  severity: "advice",
  about: "A last stage that sets no user, or root: the container runs as root.",
  check(subject) {
    const last = subject.dockerfile.stages.at(-1);
    if (last === undefined) return [];
    const { user, image } = userOf(last);
    const name = user?.arguments.text.trim().replace(/["']/g, "").split(":")[0];
    // Wheelhouse's own base images, which a build knows as `base`, set a user.
    if (name === undefined ? image === "base" || image === "scratch" : name !== "root" && name !== "0") return [];
    const at = user ?? last.from;
    return [
      {
        start: at.start,
        end: user === undefined ? last.from.keywordEnd : at.end,
        what: user === undefined ? "the last stage sets no user" : "the last stage's user is root",
        why: "Whoever gets the application to run a command runs it as root, with everything in the container open to it.",
        mend: "Make an account and end with USER and its number, which orchestrators can check.",
        example: ["RUN useradd --uid 10001 --no-log-init --create-home app", "USER 10001"],
      },
    ];
  },
};

function userOf(last: Stage): { user: Instruction | undefined; image: string } {
  let stage = last;
  for (;;) {
    const user = stage.instructions.findLast(({ keyword, onbuild }) => keyword === "USER" && !onbuild);
    if (user !== undefined || stage.parent === undefined) return { user, image: stage.image };
    stage = stage.parent;
  }
}
