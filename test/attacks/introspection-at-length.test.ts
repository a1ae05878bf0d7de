/**
 * Introspection of a large schema, nested as deeply as it may be: a short document whose answer took
 * seconds, in which nobody else was served.
 */
import { buildSchema, execute, getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { introspect } from '../../gateway/authorize/view/introspect.ts';
import { createPause } from '../../gateway/time/pauses.ts';
import { Stopper } from '../../gateway/time/stop-signal.ts';

const count = 100;
const fields = (type: number): string =>
  Array.from({ length: 20 }, (_, at) => `f${at}(a: Int): T${(type + at) % count}`).join(' ');
const types = Array.from({ length: count }, (_, at) => `type T${at} { ${fields(at)} }`);
const wide = Array.from({ length: 400 }, (_, at) => `w${at}: T${at % count}`).join(' ');
const others = `
  interface I { old: Int @deprecated(reason: "gone") kept: Int }
  type A implements I { old: Int @deprecated kept: Int us(i: In, e: E @deprecated): [U!]! }
  union U = A | T0
  input In { old: Int @deprecated, kept: Int = 1 }
  enum E { OLD @deprecated KEPT }
`;
const schema = buildSchema(
  `type Query { t: T0 i: I } type Wide { ${wide} } ${types.join(' ')} ${others}`,
);

const nested = parse('{ __schema { types { name fields { type { fields { name } } } } } }');
const usual = parse(getIntrospectionQuery());
const named = Array.from(
  { length: 10 },
  (_, at) => `a${at}: __type(name: "Wide") { fields { type { fields { name } } } }`,
);
const byName = parse(`{ ${named.join(' ')} }`);

const notDeprecated = parse(
  '{ __schema { types { fields { name } inputFields { name } enumValues { name } } } }',
);
const byNames = parse(`
  {
    a: __type(name: "I") { ...F possibleTypes { ...F interfaces { ...F } } }
    b: __type(name: "In") { ...F }
    c: __type(name: "Nobody") { ...F }
    d: __type(name: "__Type") { ...F }
    e: __type(name: "A") { ...F fields(includeDeprecated: true) { type { ... on __Type { ...F } } } }
  }
  fragment F on __Type { kind name fields { name } inputFields { name } ofType { name } }
`);

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
  it.each([
    { name: 'of all types', document: nested },
    { name: 'of one type under many aliases', document: byName },
  ])('lets others be served meanwhile $name', async ({ document }) => {
    expect(await turnsOf(ask(document))).toBeGreaterThan(4);
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
      name: 'all that it can say',
      document: parse(
        getIntrospectionQuery({
          descriptions: true,
          specifiedByUrl: true,
          directiveIsRepeatable: true,
          schemaDescription: true,
          inputValueDeprecation: true,
          oneOf: true,
        }),
      ),
    },
    { name: 'what is not deprecated', document: notDeprecated },
    { name: 'types by their names', document: byNames },
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

  it('that ends early leaves no failure that nobody hears of', async () => {
    const unheard: unknown[] = [];
    const listener = (failure: unknown): void => void unheard.push(failure);
    process.on('unhandledRejection', listener);
    // Before the fields of a type have come, one of which is deprecated and left out.
    const pause = async (): Promise<void> => {
      throw new Error('gone');
    };
    const introspection = parse('{ __type(name: "I") { fields { name } } }');
    const asked = introspect(schema, { introspection }, {}, pause);
    await expect(asked).rejects.toThrow('introspection failed');
    await new Promise(setImmediate);
    process.off('unhandledRejection', listener);
    expect(unheard).toEqual([]);
  });
});
