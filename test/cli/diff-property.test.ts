/** What `diff` says widens is what brute force finds: every caller asks for everything, before and after. */
import { expect, test } from 'vitest';
import { compareCoordinates } from '../../gateway/cli/diff-coordinates.ts';
import { toSide } from '../../gateway/cli/diff-side.ts';
import { ConfigError } from '../../gateway/config-error.ts';
import { createRandom, type Random } from '../properties/random.ts';
import { askFor, coordinates, generateRule, peopleOf, type Side, sideOf } from './diff-oracle.ts';

interface Pair {
  readonly old: Side;
  readonly now: Side;
  readonly rules: readonly [readonly string[], readonly string[]];
}

/** Some rules, and the same with a few of them others; sets that refuse to start are no policies. */
function generatePair(random: Random): Pair {
  for (;;) {
    const before = Array.from({ length: 5 }, (_, index) => generateRule(random, index));
    const after = before.map((rule, index) =>
      random.chance(0.3) ? generateRule(random, index) : rule,
    );
    const option = () => ({ anonymousAllowed: random.chance(0.7), more: random.chance(0.5) });
    try {
      return {
        old: sideOf(before, option()),
        now: sideOf(after, option()),
        rules: [before, after],
      };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  }
}

interface Changes {
  readonly widens: readonly string[];
  readonly narrows: readonly string[];
}

async function byForce({ old, now }: Pair): Promise<Changes> {
  const [widens, narrows] = [new Set<string>(), new Set<string>()];
  for (const person of await peopleOf(old, now)) {
    for (const coordinate of coordinates) {
      const [was, is] = [
        await askFor(old, coordinate, person),
        await askFor(now, coordinate, person),
      ];
      if (is > was) widens.add(coordinate);
      if (is < was) narrows.add(coordinate);
    }
  }
  const inOrder = (found: ReadonlySet<string>) => coordinates.filter((one) => found.has(one));
  return { widens: inOrder(widens), narrows: inOrder(narrows) };
}

/** Without an input that no rule names where what it is given to is said to change likewise. */
function byDiff({ old, now }: Pair, forced: Changes): Changes {
  const [before, after] = [old, now].map(({ snapshot, anonymousAllowed }) =>
    toSide(snapshot, anonymousAllowed),
  );
  if (before === undefined || after === undefined) throw new Error('there are two');
  const isNamed = (coordinate: string) =>
    [before, after].some(
      ({ policy: { fields, inputs } }) => fields.has(coordinate) || inputs.has(coordinate),
    );
  const found = compareCoordinates(before, after);
  const complete = (kind: keyof Changes) => {
    const said = found[kind].map(({ coordinate }) => coordinate);
    const goesWith = (one: string) => !isNamed(one) && said.includes(holderOf(one));
    return coordinates.filter(
      (one) => said.includes(one) || (goesWith(one) && forced[kind].includes(one)),
    );
  };
  return { widens: complete('widens'), narrows: complete('narrows') };
}

const holderOf = (input: string): string =>
  input.startsWith('Filter') ? 'Query.find' : 'Query.list';

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

test('diff and brute force agree', { timeout: 120_000 }, async () => {
  let changes = 0;
  for (const seed of seeds) {
    const pair = generatePair(createRandom(seed));
    const forced = await byForce(pair);
    const found = byDiff(pair, forced);
    expect({ seed, rules: pair.rules, ...found }).toEqual({ seed, rules: pair.rules, ...forced });
    changes += found.widens.length + found.narrows.length;
  }
  // Pairs without a change would prove nothing.
  expect(changes).toBeGreaterThan(2 * seeds.length);
});
