/**
 * One gateway process's worth of charges: connects to the Redis named first, says `ready`, waits
 * for a line, charges one bucket 50 times at once and prints how many were granted and refused.
 */
import { once } from 'node:events';
import { of, redisStore } from './charges.ts';

const [, , url = '', prefix = ''] = process.argv;
const store = redisStore(url, { prefix });
while ((await store.charge([of({ amount: 0 })])).ok !== true) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
process.stdout.write('ready\n');
await once(process.stdin, 'data');
const outcomes = await Promise.all(Array.from({ length: 50 }, () => store.charge([of()])));
const count = (ok: boolean) => outcomes.filter((outcome) => outcome.ok === ok).length;
process.stdout.write(`${JSON.stringify({ granted: count(true), refused: count(false) })}\n`);
await store.close();
process.stdin.destroy();
