/** Questions at a terminal: what is asked of a person, and what asks it. */
import { InterruptedError } from "../errors";

/** One of several answers. */
export interface Choice {
  readonly value: string;
  /** What stands beside it. */
  readonly about?: string;
}

/** Each is answered by a person, or ends the command. Tests answer them by themselves. */
export interface Questions {
  /** @param refuse says what is wrong with an answer; `undefined` when nothing is. */
  text(question: string, proposed: string, refuse: (answer: string) => string | undefined): Promise<string>;
  one(question: string, choices: readonly Choice[], proposed: string | undefined): Promise<string>;
  several(question: string, choices: readonly Choice[], proposed: readonly string[]): Promise<string[]>;
  yesOrNo(question: string, proposed: boolean): Promise<boolean>;
}

/**
 * Questions at the process' terminal; they are written to standard error, since standard output is for the result.
 * @returns `undefined` where nobody sits at one.
 */
export async function questionsAtTerminal(signal: AbortSignal): Promise<Questions | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined;
  const { checkbox, confirm, input, select } = await import("@inquirer/prompts");
  const context = { input: process.stdin, output: process.stderr, signal };
  return {
    text: (message, proposed, refuse) =>
      answered(
        input(
          {
            message,
            ...(proposed === "" ? {} : { default: proposed, prefill: "editable" }),
            validate: (answer) => refuse(answer.trim()) ?? true,
          },
          context,
        ).then((answer) => answer.trim()),
      ),
    one: (message, choices, proposed) =>
      answered(
        select(
          { message, choices: choices.map(shown), ...(proposed === undefined ? {} : { default: proposed }) },
          context,
        ),
      ),
    several: (message, choices, proposed) =>
      answered(
        checkbox(
          {
            message,
            choices: choices.map((choice) => ({ ...shown(choice), checked: proposed.includes(choice.value) })),
          },
          context,
        ),
      ),
    yesOrNo: (message, proposed) => answered(confirm({ message, default: proposed }, context)),
  };
}

function shown({ value, about }: Choice): { value: string; name: string; short: string } {
  return { value, name: about === undefined ? value : `${value}  ${about}`, short: value };
}

/** Ctrl-C at a question, and an interrupt from outside, end the command as any interrupt does. */
async function answered<Answer>(question: Promise<Answer>): Promise<Answer> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof Error && ["ExitPromptError", "AbortPromptError"].includes(error.name)) {
      throw new InterruptedError();
    }
    throw error;
  }
}
