/** Errors of what an answer keeps back are written as JSON by hand: they say what JSON.stringify would. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { publicFaces } from '../../gateway/errors.ts';
import { forbiddenErrorsMax, RefusalErrors, type WhyEmpty } from '../../gateway/refusal-errors.ts';

const asked: WhyEmpty = { acr: ['mfa', 'a "quoted" \\ one'], maxAgeS: 300 };
const name = fc.stringMatching(/^[_A-Za-z]\w{0,8}$/);
const path = fc.array(fc.oneof(name, fc.nat()), { minLength: 1, maxLength: 6 });
const why = fc.constantFrom<WhyEmpty>('authorize/denied', 'rates/limited', asked);
const refusal = fc.record({ coordinate: fc.constantFrom('Query.a', 'A.b', 'B.b'), path, why });

const expected = (reason: 'authorize/denied' | 'authorize/step-up' | 'rates/limited') => {
  const { message, code } = publicFaces[reason];
  return { message, code };
};

describe('errors of refused places', () => {
  test('are the JSON of message, path and extensions, in the order of the refusals', () => {
    fc.assert(
      fc.property(fc.array(refusal, { maxLength: 40 }), (refusals) => {
        const errors = new RefusalErrors();
        for (const one of refusals) errors.refuse(one.coordinate, () => one.path, one.why);
        const due = refusals.map((one) => {
          const isStepUp = one.why === asked;
          const reason = isStepUp ? 'authorize/step-up' : (one.why as 'authorize/denied');
          const { message, code } = expected(reason);
          const more = isStepUp ? { acr_values: 'mfa a "quoted" \\ one', max_age: 300 } : {};
          return {
            message,
            path: one.path,
            extensions: { code, coordinate: one.coordinate, ...more },
          };
        });
        expect(errors.list()).toEqual(due.map((one) => JSON.stringify(one)));
      }),
    );
  });

  test('so many of each code, and one more for the rest of each', () => {
    const errors = new RefusalErrors();
    const whys = ['authorize/denied', 'rates/limited', asked] as const;
    for (const one of whys) {
      for (let at = 0; at < forbiddenErrorsMax + 7; at += 1) errors.refuse('A.b', () => ['a'], one);
    }
    const list = errors.list();
    expect(list).toHaveLength((forbiddenErrorsMax + 1) * 3);
    const rest = (['authorize/denied', 'authorize/step-up', 'rates/limited'] as const).map(
      (one) => {
        const { message, code } = expected(one);
        return { message, extensions: { code, omitted: 7 } };
      },
    );
    expect(list.slice(-3).map((text) => JSON.parse(text))).toEqual(rest);
  });
});
