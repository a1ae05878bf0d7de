/** Look-ups of a name that come while it is looked up. */
import type { LookupAddress } from 'node:dns';
import { expect, it, onTestFinished } from 'vitest';
import type { Resolve } from '../../gateway/addresses/shared-lookup.ts';
import { shareLookups } from '../../gateway/addresses/shared-lookup.ts';

function rig() {
  const asked: { readonly hostname: string; readonly done: Parameters<Resolve>[1] }[] = [];
  const lookup = shareLookups((hostname, done) => void asked.push({ hostname, done }));
  const answers: (string | undefined)[] = [];
  return {
    asked,
    answers,
    look: (hostname: string, family = 0) =>
      lookup(hostname, (error, all) => answers.push(error?.message ?? all[0]?.address), { family }),
  };
}

const at = (address: string): LookupAddress[] => [{ address, family: 4 }];

it('are one with it, and the next is another', () => {
  const { asked, answers, look } = rig();
  for (let count = 0; count < 30; count += 1) look('api.internal');
  expect(asked).toHaveLength(1);
  asked[0]?.done(null, at('10.0.0.1'));
  expect(answers).toEqual(Array.from({ length: 30 }, () => '10.0.0.1'));
  look('api.internal');
  asked[1]?.done(null, at('10.0.0.2'));
  expect(answers.at(-1)).toBe('10.0.0.2');
});

it('fail with it', () => {
  const { asked, answers, look } = rig();
  look('api.internal');
  look('api.internal');
  asked[0]?.done(new Error('EAI_AGAIN'), []);
  expect(answers).toEqual(['EAI_AGAIN', 'EAI_AGAIN']);
});

it('may ask for other names and families meanwhile', () => {
  const { asked, look } = rig();
  look('api.internal');
  look('idp.internal');
  look('api.internal', 6);
  expect(asked.map(({ hostname }) => hostname)).toEqual([
    'api.internal',
    'idp.internal',
    'api.internal',
  ]);
});

it('that could not begin keep no later one waiting', () => {
  let count = 0;
  const lookup = shareLookups((_hostname, done) => {
    count += 1;
    if (count === 1) throw new Error('no look-up');
    done(null, at('10.0.0.1'));
  });
  const answers: (string | undefined)[] = [];
  const look = (): void =>
    lookup('api.internal', (_error, all) => answers.push(all[0]?.address), {});
  expect(look).toThrow('no look-up');
  look();
  expect(answers).toEqual(['10.0.0.1']);
});

it('are all answered, whatever becomes of one, which is told', async () => {
  const told: unknown[] = [];
  const before = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', (error) => {
    told.push(error);
  });
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const one of before) process.on('unhandledRejection', one);
  });
  const fault = new Error('of another');
  let answer: Parameters<Resolve>[1] | undefined;
  const lookup = shareLookups((_hostname, done) => {
    answer = done;
  });
  const answers: (string | undefined)[] = [];
  lookup(
    'api.internal',
    () => {
      throw fault;
    },
    {},
  );
  lookup('api.internal', (_error, all) => answers.push(all[0]?.address), {});
  answer?.(null, at('10.0.0.1'));
  expect(answers).toEqual(['10.0.0.1']);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual([fault]);
});
