/**
 * Numbers of 64 bits in tokens: past 2^53 a claim is rounded when it is read, and a rounded tenant
 * is the neighbour. Neither a header, nor a rule, nor a rate may take it for a value.
 */
import { describe, expect, it } from 'vitest';
import { compileCriterion } from '../../gateway/conditions/criterion.ts';
import { compileHeaders } from '../../gateway/delegate/transport/transport-headers.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { toCaller } from '../../gateway/identify/to-caller.ts';
import { readPinned } from '../../gateway/plan/pinned.ts';
import { toBucketKey } from '../../gateway/rates/bucket-key.ts';
import { newContext } from '../support/delegation.ts';

const neighbour = 9007199254740992;
const callerOf = (claims: string) =>
  toCaller(
    { claims: JSON.parse(claims), expiresAt: undefined, credentialHash: 'x' },
    { issuer: 'https://idp.example', scopes: 'scope', roles: 'roles', client: 'azp' },
  );

const tokens = [
  { name: 'by name', claims: '{"org":{"id":9007199254740993}}' },
  { name: 'below zero', claims: '{"org":{"id":-9007199254740993}}' },
  { name: 'beyond all numbers', claims: '{"org":{"id":1e999}}' },
  { name: 'in a list', claims: '{"org":{"id":[1,9007199254740993]}}' },
];

describe.each(tokens)('a claim that was rounded: $name', ({ claims }) => {
  const caller = callerOf(claims);

  it('is sent to nobody', () => {
    const headers = compileHeaders({ upstream: 'up', headers: { 'x-tenant': '{claims.org.id}' } });
    const context = newContext();
    context.record.caller = caller;
    const request = { method: 'GET', path: '/', label: 'query' };
    expect(() => headers(request, context, '0'.repeat(16))).toThrow(UpstreamFailure);
  });

  it.each(['ID', 'Float'] as const)('is no value of a pinned %s', (of) => {
    const pinned = { claim: ['org', 'id'], of };
    expect(readPinned(caller, { ...pinned, isList: false })).toBeUndefined();
    expect(readPinned(caller, { ...pinned, isList: true })).toBeUndefined();
  });

  it('is no value that a rule asks for', () => {
    const values = [neighbour, -neighbour, Number.POSITIVE_INFINITY];
    expect(compileCriterion({ kind: 'claims', claim: 'org.id', values })(caller)).toBe(false);
  });
});

it('counts as absent, for rates by claim', () => {
  const key = (claims: string) =>
    toBucketKey([{ kind: 'claim', path: ['org', 'id'] }], {
      network: '192.0.2.1',
      caller: callerOf(claims),
    });
  expect(key('{"org":{"id":9007199254740993}}')).toBe(key('{}'));
  expect(key('{"org":{"id":9007199254740991}}')).not.toBe(key('{}'));
});

it('is no pinned ID even where a caller was made with it', () => {
  const read = (id: number) =>
    readPinned({ claims: { id } }, { claim: ['id'], of: 'ID', isList: false });
  expect(read(neighbour)).toBeUndefined();
  expect(read(neighbour - 1)).toBe('9007199254740991');
});
