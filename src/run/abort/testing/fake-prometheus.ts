import type { Prometheus, Sample } from '../../../model/ports.ts';

type Answer = Awaited<ReturnType<Prometheus['ask']>>;

/** An answer with these values, each of a series of its own. */
export function valuesOf(...values: readonly number[]): Answer {
  return {
    samples: values.map((value, at): Sample => ({ metric: {}, labels: `{zone="${at}"}`, value })),
    warnings: [],
  };
}

/** Answers as it is told to, by what is asked and how often it was asked before; an error is thrown. */
export function fakePrometheus(answer: (query: string, before: number) => Answer | Error): Prometheus {
  let asked = 0;
  return {
    ask: async (query) => {
      const said = answer(query, asked++);
      if (said instanceof Error) throw said;
      return said;
    },
  };
}
