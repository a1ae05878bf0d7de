/** What `diff` says widens is what brute force finds: every caller asks for everything, before and after. */
import { expect, test } from 'vitest';
import {
  type CoordinateChange,
  type CoordinateChanges,
  compareCoordinates,
} from '../../gateway/cli/diff/diff-coordinates.ts';
import { type Side as DiffSide, rankOf, toSide } from '../../gateway/cli/diff/diff-side.ts';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { createRandom, type Random } from '../properties/random.ts';
import {
  askFor,
  coordinates,
  generatePalette,
  generateRule,
  peopleOf,
  personWith,
  type Side,
  sideOf,
} from './diff-oracle.ts';

interface Pair {
  readonly old: Side;
  readonly now: Side;
  readonly rules: readonly [readonly string[], readonly string[]];
}

/** Some rules, and the same with a few of them others; sets that refuse to start are no policies. */
function generatePair(random: Random): Pair {
  for (;;) {
    const palette = generatePalette(random);
    const before = Array.from({ length: 5 }, (_, index) => generateRule(random, palette, index));
    const after = before.map((rule, index) =>
      random.chance(0.3) ? generateRule(random, palette, index) : rule,
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
function completed(found: CoordinateChanges, { old, now }: Pair, forced: Changes): Changes {
  const isNamed = (coordinate: string) =>
    [old, now].some(
      ({ snapshot: { policy } }) => policy.fields.has(coordinate) || policy.inputs.has(coordinate),
    );
  const complete = (kind: keyof Changes) => {
    const said = found[kind].filter(isMore).map(({ coordinate }) => coordinate);
    const goesWith = (one: string) => !isNamed(one) && said.includes(holderOf(one));
    return coordinates.filter(
      (one) => said.includes(one) || (goesWith(one) && forced[kind].includes(one)),
    );
  };
  return { widens: complete('widens'), narrows: complete('narrows') };
}

/** Whether somebody gets something else; who asks cannot tell what is hidden from what is refused. */
const isMore = ({ seen }: CoordinateChange): boolean =>
  seen !== undefined && Math.max(1, rankOf(seen.was)) !== Math.max(1, rankOf(seen.is));

const holderOf = (input: string): string =>
  input.startsWith('Filter') ? 'Query.find' : 'Query.list';

/** Examples who do not get what is said of them. */
async function wrongExamples({ widens, narrows }: CoordinateChanges, { old, now }: Pair) {
  const wrong: string[] = [];
  for (const { coordinate, seen } of [...widens, ...narrows]) {
    if (seen === undefined || !coordinates.includes(coordinate)) continue;
    const person = personWith(seen.caller.words);
    const [was, is] = [
      await askFor(old, coordinate, person),
      await askFor(now, coordinate, person),
    ];
    const isRight = was === Math.max(1, rankOf(seen.was)) && is === Math.max(1, rankOf(seen.is));
    if (!isRight) wrong.push(`${coordinate} for ${seen.caller.words.join(' and ')}: ${was}, ${is}`);
  }
  return wrong;
}

const seeds = Array.from({ length: 24 }, (_, index) => index + 1);

test('diff and brute force agree', { timeout: 120_000 }, async () => {
  let changes = 0;
  for (const seed of seeds) {
    const pair = generatePair(createRandom(seed));
    const { rules } = pair;
    const [before, after] = [pair.old, pair.now].map(({ snapshot, anonymousAllowed }) =>
      toSide(snapshot, anonymousAllowed),
    ) as [DiffSide, DiffSide];
    const found = compareCoordinates(before, after);
    const forced = await byForce(pair);
    const said = completed(found, pair, forced);
    expect({ seed, rules, ...said }).toEqual({ seed, rules, ...forced });
    expect({ seed, rules, wrong: await wrongExamples(found, pair) }).toEqual({
      seed,
      rules,
      wrong: [],
    });
    changes += found.widens.length + found.narrows.length;
  }
  // Pairs without a change would prove nothing.
  expect(changes).toBeGreaterThan(2 * seeds.length);
});
