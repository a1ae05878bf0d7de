/**
 * Introspection of a large schema, nested as deeply as it may be: a short document whose answer took
 * seconds, in which nobody else was served.
 */
import { buildSchema, execute, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { introspect } from '../../gateway/authorize/introspect.ts';
import { createPause } from '../../gateway/pauses.ts';
import { Stopper } from '../../gateway/stop-signal.ts';

const count = 100;
const fields = (type: number): string =>
  Array.from({ length: 20 }, (_, at) => `f${at}(a: Int): T${(type + at) % count}`).join(' ');
const types = Array.from({ length: count }, (_, at) => `type T${at} { ${fields(at)} }`);
const schema = buildSchema(`type Query { t: T0 } ${types.join(' ')}`);

const nested = parse('{ __schema { types { name fields { type { fields { name } } } } } }');
const usual = parse(getIntrospectionQuery());

/** Turns of the event loop until the work has ended. */
async function turnsOf(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let isOver = false;
  const count = (): void => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work.finally(() => {
    isOver = true;
  });
  return turns;
}

const ask = (document: ReturnType<typeof parse>, signal = new Stopper()) =>
  introspect(schema, { introspection: document }, {}, createPause(signal));

describe('introspection at length', () => {
  it('lets others be served meanwhile', async () => {
    expect(await turnsOf(ask(nested))).toBeGreaterThan(4);
  });

  it('lets them be served as often where many ask at once', async () => {
    const one = await turnsOf(ask(nested));
    const four = await turnsOf(Promise.all([ask(nested), ask(nested), ask(nested), ask(nested)]));
    expect(four).toBeGreaterThan(2 * one);
  });

  it.each([
    { name: 'nested', document: nested },
    { name: 'the usual query', document: usual },
    {
      name: 'a type by its name',
      document: parse('{ __type(name: "T1") { name fields { name } } }'),
    },
  ])('says the same of $name', async ({ document }) => {
    const plain = await execute({ schema, document });
    expect(JSON.stringify(await ask(document))).toBe(JSON.stringify(plain.data));
  });

  it('ends when nobody waits for it any more', async () => {
    const signal = new Stopper();
    const asked = ask(nested, signal);
    signal.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('introspection failed');
  });
});
