/** A map that is begun anew now and then is a map all the same. */
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PassingMap } from '../../gateway/caches/passing-map.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('set' as const), key: fc.nat(40) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), key: fc.nat(40) }) },
);

describe('a passing map', () => {
  it('holds what a Map holds, in the same order, whatever comes and goes', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 600 }), (steps) => {
        const map = new Map<number, number>();
        const passing = new PassingMap<number, number>();
        for (const [index, { do: what, key }] of steps.entries()) {
          if (what === 'set') {
            map.set(key, index);
            passing.set(key, index);
          } else expect(passing.delete(key)).toBe(map.delete(key));
          expect(passing.get(key)).toBe(map.get(key));
          expect(passing.size).toBe(map.size);
        }
        expect([...passing]).toEqual([...map]);
        expect([...passing.keys()]).toEqual([...map.keys()]);
      }),
    );
  });

  it('lets go of what has gone, though it is old itself', () => {
    expect(peakMb('new PassingMap()')).toBeLessThan(40);
    // Where this no longer holds, Maps have become as good.
    expect(peakMb('new Map()')).toBeGreaterThan(40);
  });
});

/** Heap that 60,000 objects of 4 KB need which come and go through a map that has become old. */
function peakMb(map: string): number {
  const code = `
    import { PassingMap } from ${JSON.stringify(new URL('../../gateway/caches/passing-map.ts', import.meta.url))};
    const map = ${map};
    const within = [];
    const comeAndGo = (count) => {
      let peak = 0;
      for (let index = 0; index < count; index += 1) {
        const one = { four: new Array(500).fill(index) };
        map.set(one, index);
        within.push(one);
        if (within.length > 8) map.delete(within.shift());
        if (index % 500 === 0) peak = Math.max(peak, process.memoryUsage().heapUsed);
      }
      while (within.length > 0) map.delete(within.shift());
      return peak;
    };
    comeAndGo(5_000);
    for (let round = 0; round < 4; round += 1) gc({ type: 'minor' });
    console.log(comeAndGo(60_000) / 1e6);
  `;
  const flags = ['--expose-gc', '--max-semi-space-size=32', '--input-type=module'];
  return Number(execFileSync(process.execPath, [...flags, '--eval', code]).toString());
}
