/**
 * One operation of a list that a fault of ours leaves without an answer: the others would wait for it
 * for ever, each with its place in flight.
 */
import { expect, it } from 'vitest';
import type { Gateway, Inbound } from '../../gateway/gateway-options.ts';
import type { Caller } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { createBatching } from '../../gateway/walk/batch.ts';

const fault = new TypeError('ours');
type Walk = (send: () => Promise<{ aborted: boolean }>) => Promise<void>;

const losing: Record<string, Walk> = {
  'throws at once': () => {
    throw fault;
  },
  rejects: () => Promise.reject(fault),
  'sends nothing': () => Promise.resolve(),
};

const cases = Object.entries(losing).flatMap(([name, lose]) =>
  [0, 1, 3].map((at) => ({ name: `operation ${at} ${name}`, lose, at })),
);

it.each(cases)('$name', async ({ lose, at }) => {
  const ended: string[] = [];
  let count = 0;
  const gateway: Gateway = {
    handle(_inbound, send, takeText) {
      takeText?.('[1,2,3,4]', {} as Caller);
      const index = count;
      count += 1;
      const answer = () => send({ status: 200, headers: {}, body: `${index}` });
      if (index === at) return lose(answer);
      return answer().then(({ aborted }) => void ended.push(`${index} ${aborted}`));
    },
  };
  const answers: Answer[] = [];
  const batching = createBatching(gateway, { operationsMax: 4 });
  const handled = batching.handle({} as Inbound, async (answer) => {
    answers.push(answer);
    return { aborted: false };
  });
  const outcome = await handled.catch((error: unknown) => error);
  expect(outcome).toBe(lose === losing['sends nothing'] ? undefined : fault);
  const others = [0, 1, 2, 3].filter((index) => index !== at);
  expect(ended.sort()).toEqual(others.map((index) => `${index} false`));
  expect(answers.map(({ body }) => JSON.parse(body))).toEqual([
    [0, 1, 2, 3].map((index) => (index === at ? internal : index)),
  ]);
});

const internal = {
  errors: [{ message: expect.any(String), extensions: { code: 'INTERNAL' } }],
  extensions: { requestId: '' },
};

it('a list whose answer cannot be sent ends for all its operations', async () => {
  const ended: unknown[] = [];
  const gateway: Gateway = {
    handle(_inbound, send, takeText) {
      takeText?.('[1,2]', {} as Caller);
      const sent = send({ status: 200, headers: {}, body: '1' });
      return sent.then(undefined, (error: unknown) => void ended.push(error)).then(() => undefined);
    },
  };
  await createBatching(gateway, { operationsMax: 2 }).handle({} as Inbound, () => {
    throw fault;
  });
  expect(ended).toEqual([fault, fault]);
});
