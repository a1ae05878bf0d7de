/** Whether a contender's answers are the expected ones: data in whole, and refusals by path. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { ask, type Question } from './ask.ts';
import { type Contender, expectedOf } from './contender.ts';
import type { Site } from './site.ts';
import type { Started } from './start-process.ts';
import type { Expected, Workload } from './workload.ts';
import { workloads } from './workloads.ts';

const answer = z.object({
  data: z.unknown().optional(),
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
  given: { site: Site; workloads: readonly Workload[] },
): Promise<void> {
  for (const workload of given.workloads) {
    for (let count = 0; count < workload.samples; count += 1) {
      const question = { contender, workload, count, site: given.site };
      const difference = await findDifference(started.url(workload.name), question);
      if (difference !== undefined) {
        throw new Error(`${contender.name}, ${workload.name}, request ${count}: ${difference}`);
      }
    }
  }
}

/** Throws where a secured contender gives data to a request without a token. */
export async function checkRefusal(
  contender: Contender,
  started: Started,
  site: Site,
): Promise<void> {
  const [workload] = workloads;
  if (!contender.isSecured || workload === undefined) return;
  const question = { contender: { ...contender, isSecured: false }, workload, count: 1, site };
  const { status, body } = await ask(started.url(workload.name), question);
  const { data } = answer.parse(body);
  if (status === 401 && (data === undefined || data === null)) return;
  throw new Error(`${contender.name}: ${status} ${JSON.stringify(body)} without a token`);
}
