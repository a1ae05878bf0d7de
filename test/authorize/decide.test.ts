/** How the rules on one coordinate combine for one caller. */
import { expect, it } from 'vitest';
import { decide } from '../../gateway/authorize/decide.ts';
import { createGrantsOf } from '../../gateway/authorize/grants.ts';
import { createConditionRules } from '../../gateway/authorize/shield-rules.ts';
import { policyOf, withScopes } from './policy-rig.ts';

const rule = (name: string, words: string) => `- { name: ${name}, fields: { T: [f] }, ${words} }\n`;
const everyone = rule('everyone', 'allow: everyone');
const a = rule('a', 'allow: { scopes: [a] }');
const b = rule('b', 'allow: { scopes: [b] }');
const needsR = rule('r', 'require: { scopes: [r] }');
const needsS = rule('s', 'require: { scopes: [s] }');
const masks = rule(
  'masks',
  'allow: { scopes: [whole] }, otherwise: [{ mask: last4, allow: { scopes: [m] } }, { mask: redact, allow: { scopes: [n] } }, reject]',
);
const never = rule('never', 'forbid: true');

const cases: readonly { name: string; given: string; as?: string[]; expect: string }[] = [
  { name: 'a grant', given: a, as: ['a'], expect: 'allow a' },
  { name: 'no grant', given: a, as: ['b'], expect: 'refuse deny: a' },
  { name: 'any of two grants', given: a + b, as: ['b'], expect: 'allow b' },
  { name: 'neither', given: a + b, expect: 'refuse deny: a, b' },
  { name: 'a grant and a requirement', given: a + needsR, as: ['a', 'r'], expect: 'allow a' },
  { name: 'the grant alone', given: a + needsR, as: ['a'], expect: 'refuse deny: r' },
  { name: 'the requirement alone', given: a + needsR, as: ['r'], expect: 'refuse deny: a' },
  {
    name: 'one requirement of two',
    given: everyone + needsR + needsS,
    as: ['s'],
    expect: 'refuse deny: r',
  },
  { name: 'a requirement is no grant', given: needsR, as: ['r'], expect: 'refuse deny: ' },
  {
    name: 'forbid, whatever else grants',
    given: everyone + never,
    expect: 'refuse deny, never: everyone',
  },
  {
    name: 'forbid, whatever mask is granted',
    given: masks + never,
    as: ['m'],
    expect: 'refuse reject, never: masks',
  },
  { name: 'whole before masked', given: masks, as: ['m', 'whole'], expect: 'allow masks' },
  { name: 'the first mask', given: masks, as: ['n', 'm'], expect: 'mask last4 masks' },
  { name: 'the second mask', given: masks, as: ['n'], expect: 'mask redact masks' },
  { name: 'no mask', given: masks, expect: 'refuse reject: masks' },
  {
    name: 'a mask without what is required',
    given: masks + needsR,
    as: ['m'],
    expect: 'refuse reject: r',
  },
];

it.each(cases)('$name', async ({ given, as = [], expect: expected }) => {
  const policy = policyOf('type Query { t: T } type T { f: String }', given);
  const field = policy.fields.get('T.f');
  if (field === undefined) throw new Error('there is no T.f');
  const grantsOf = createGrantsOf(createConditionRules(policy.conditions));
  const verdict = decide(field, await grantsOf(withScopes(...as)));
  const said = [
    verdict.kind,
    verdict.kind === 'mask' && ` ${verdict.mask}`,
    (verdict.kind === 'allow' || verdict.kind === 'mask') && ` ${verdict.rule.name}`,
    verdict.kind === 'refuse' && ` ${verdict.outcome}`,
    verdict.kind === 'refuse' && verdict.forbid && `, ${verdict.forbid.name}`,
    verdict.kind === 'refuse' && `: ${verdict.missing.map((one) => one.rule.name).join(', ')}`,
  ];
  expect(said.filter((part) => part !== false && part !== undefined).join('')).toBe(expected);
});
