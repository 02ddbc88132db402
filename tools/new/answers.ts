/** Where an answer comes from: a flag, a person at a terminal, or what was found in the repository. */
import type { Rule } from "../../spec/rule";
import type { CommandContext } from "../context";
import { UsageError } from "../errors";
import type { Found } from "./found";
import type { Choice, Questions } from "./questions";

/** One thing to know. */
export interface Wanted<Value> {
  /** What it is, in words: `the name`. */
  readonly what: string;
  readonly flag: string;
  readonly given: Value | undefined;
  readonly found?: Found<Value> | undefined;
}

export class Answers {
  constructor(
    /** `undefined`: nobody is asked. */
    private readonly questions: Questions | undefined,
    private readonly context: Pick<CommandContext, "progress">,
  ) {}

  get areAsked(): boolean {
    return this.questions !== undefined;
  }

  /**
   * A text that a rule must allow; asked for where it is not given.
   * @throws UsageError for a flag whose value is refused, and where it is required and nowhere to be had.
   */
  async required(wanted: Wanted<string>, rule: Rule, mend: string): Promise<string> {
    const answer = await this.text(wanted, rule, true);
    if (answer === undefined) throw new UsageError(`${wanted.what} is missing`, mend);
    return answer;
  }

  /** As {@link required}, but an empty answer is none. */
  async optional(wanted: Wanted<string>, rule: Rule): Promise<string | undefined> {
    return await this.text(wanted, rule, false);
  }

  private async text(wanted: Wanted<string>, rule: Rule, required: boolean): Promise<string | undefined> {
    const { what, flag, given, found } = wanted;
    if (given !== undefined) return checked(given, rule, flag);
    if (this.questions === undefined) return this.taken(wanted);
    const none = required ? undefined : found === undefined ? "empty: none" : "- for none";
    const beside = [found?.from, none].filter((words) => words !== undefined).join("; ");
    const answer = await this.questions.text(
      `${capital(what)}${beside === "" ? "" : ` (${beside})`}`,
      found?.value ?? "",
      (text) => {
        if (!required && isNone(text)) return undefined;
        const refusal = rule(text);
        return refusal === undefined ? undefined : `${refusal.message}: ${refusal.mend}`;
      },
    );
    return !required && isNone(answer) ? undefined : answer;
  }

  /** Those of a list that are wanted; only what was found can be chosen. */
  async several(wanted: Wanted<readonly string[]>, rule: Rule): Promise<readonly string[]> {
    const { what, flag, given, found } = wanted;
    if (given !== undefined) return given.map((value) => checked(value, rule, flag));
    if (this.questions === undefined || found === undefined) return this.taken(wanted) ?? [];
    const choices = found.value.map((value) => ({ value }));
    return await this.questions.several(`${capital(what)} (${found.from})`, choices, found.value);
  }

  /**
   * One of several.
   * @param best taken where nobody is asked.
   * @throws UsageError where nobody is asked and none is the best.
   */
  async one(wanted: Wanted<string>, choices: readonly Choice[], best: string | undefined): Promise<string> {
    const { what, flag, given } = wanted;
    if (given !== undefined) return given;
    if (this.questions !== undefined && choices.length > 1) {
      return await this.questions.one(capital(what), choices, best ?? choices[0]?.value);
    }
    if (best !== undefined) {
      this.context.progress(`${what}: ${best}`);
      return best;
    }
    const list = choices.map(({ value, about }) => (about === undefined ? value : `${value} (${about})`)).join(", ");
    throw new UsageError(`${what} is missing: ${list} would do`, `choose one: ${flag} <name>`);
  }

  /** A question of yes or no; `otherwise` where nobody is asked. */
  async yesOrNo(question: string, proposed: boolean, otherwise: boolean): Promise<boolean> {
    return this.questions === undefined ? otherwise : await this.questions.yesOrNo(question, proposed);
  }

  /** What was found, said aloud where nobody is asked. */
  taken<Value>({ what, given, found }: Wanted<Value>): Value | undefined {
    if (given !== undefined) return given;
    if (found === undefined) return undefined;
    const shown = Array.isArray(found.value) ? found.value.join(", ") : String(found.value);
    this.context.progress(`${what}: ${shown} (${found.from})`);
    return found.value;
  }
}

/** @throws UsageError where the rule refuses the value. */
export function checked(value: string, rule: Rule, flag: string): string {
  const refusal = rule(value);
  if (refusal !== undefined) throw new UsageError(`${flag}: ${refusal.message}`, refusal.mend);
  return value;
}

/** An answer that was emptied comes back as what was proposed, so that a word for none is needed. */
function isNone(answer: string): boolean {
  return answer === "" || answer === "-";
}

function capital(words: string): string {
  const text = words.replace(/^the /, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
