/** Whether a contender's answers are the expected ones: data in whole, and refusals by path. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ask, type Question } from './ask.ts';
import { type Contender, expectedOf } from './contender.ts';
import type { Site } from './site.ts';
import type { Started } from './start-process.ts';
import type { Expected, Workload } from './workload.ts';

const answer = z.object({
  data: z.unknown(),
  errors: z
    .array(
      z.object({
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.object({ code: z.string().optional() }).optional(),
        message: z.string(),
      }),
    )
    .default([]),
});

/** What is wrong with one answer; undefined: nothing. Throws where none comes. */
export async function findDifference(url: string, question: Question): Promise<string | undefined> {
  const expected = expectedOf(question.contender, question.workload, question.count);
  if (expected === undefined) return undefined;
  const { status, body } = await ask(url, question);
  const read = answer.safeParse(body);
  if (status !== 200 || !read.success) return `${status} ${JSON.stringify(body).slice(0, 400)}`;
  return compare(read.data, expected);
}

function compare(found: z.output<typeof answer>, expected: Expected): string | undefined {
  // Some build their answers on objects without a prototype; the wire shows no difference.
  if (!isDeepStrictEqual(found.data, expected.data)) {
    return `expected ${JSON.stringify(expected.data).slice(0, 400)}, got ${JSON.stringify(found).slice(0, 400)}`;
  }
  const refused = found.errors.map(({ path = [], extensions, message }) =>
    extensions?.code === 'FORBIDDEN' ? path.join('.') : `${extensions?.code} ${message}`,
  );
  const [is, must] = [refused.toSorted(), (expected.forbidden ?? []).toSorted()];
  if (isDeepStrictEqual(is, must)) return undefined;
  return `expected errors ${must.slice(0, 5)}, got ${is.slice(0, 5)}`;
}

/** Throws at the first answer that is not as expected. */
export async function checkAnswers(
  contender: Contender,
  started: Started,
  { site, workloads }: { site: Site; workloads: readonly Workload[] },
): Promise<void> {
  for (const workload of workloads) {
    for (let count = 0; count < workload.samples; count += 1) {
      const question = { contender, workload, count, site };
      const difference = await findDifference(started.url(workload.name), question);
      if (difference !== undefined) {
        throw new Error(`${contender.name}, ${workload.name}, request ${count}: ${difference}`);
      }
    }
  }
}
