/**
 * A list whose operations are each as dear as one may be: walked one behind the other without a pause,
 * ten of them would hold the process ten times as long as one, and nobody else be served meanwhile.
 */
import { expect, it } from 'vitest';
import type { Gateway, Inbound } from '../../gateway/gateway-options.ts';
import type { Caller } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { createBatching } from '../../gateway/walk/batch.ts';

it('lets others have their turn between its operations', async () => {
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const walked: number[] = [];
  const text = JSON.stringify([1, 2, 3, 4].map((id) => ({ query: `{ a${id} }` })));
  const gateway: Gateway = {
    async handle(_inbound, send, takeText) {
      takeText?.(text, {} as Caller);
      walked.push(turns);
      await send({ status: 200, headers: {}, body: `${walked.length}` });
    },
  };
  const answers: Answer[] = [];
  await createBatching(gateway, { operationsMax: 4 }).handle({} as Inbound, async (answer) => {
    answers.push(answer);
    return { aborted: false };
  });
  counting = false;
  expect(answers.map(({ body }) => body)).toEqual(['[1,2,3,4]']);
  expect(new Set(walked).size).toBe(4);
});
