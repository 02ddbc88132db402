/** Answers the questions of `wheelhouse new` in tests, and keeps what was asked. */
import { InterruptedError } from "../../../tools/errors";
import type { Questions } from "../../../tools/new/questions";

/** By the beginning of a question; what is not here is answered with what is proposed, and `interrupt` with Ctrl-C. */
export type Given = Readonly<Record<string, string | readonly string[] | boolean>>;

export interface Answering extends Questions {
  /** Each question with what was proposed. */
  readonly asked: string[];
}

/** A person who answers; a refused answer is an error of the test. */
export function answering(given: Given = {}): Answering {
  const asked: string[] = [];
  const answer = <Value>(question: string, proposed: Value): Promise<Value> => {
    asked.push(`${question} = ${JSON.stringify(proposed)}`);
    const [, value] = Object.entries(given).find(([start]) => question.startsWith(start)) ?? [];
    if (value === "interrupt") return Promise.reject(new InterruptedError());
    return Promise.resolve(value === undefined ? proposed : (value as Value));
  };
  return {
    asked,
    text: async (question, proposed, refuse) => {
      const text = await answer(question, proposed);
      const refusal = refuse(text);
      if (refusal !== undefined) throw new Error(`${question}: ${refusal}`);
      return text;
    },
    one: async (question, choices, proposed) => (await answer(question, proposed)) ?? choices[0]?.value ?? "",
    several: async (question, _choices, proposed) => [...(await answer(question, proposed))],
    yesOrNo: (question, proposed) => answer(question, proposed),
  };
}
