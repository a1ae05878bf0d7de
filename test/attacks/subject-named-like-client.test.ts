/**
 * Someone whose subject is the name of an application: together with that application, whose tokens
 * have no subject, they would be one caller, and could spend its places and open its breakers.
 */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { toCallerName } from '../../gateway/caller-name.ts';
import { Refusal } from '../../gateway/decision.ts';
import type { Caller } from '../../gateway/request.ts';
import { createUserHash } from '../../gateway/watch/telemetry/user-hash.ts';
import {
  createDoor,
  createSigningKey,
  type Issuer,
  type SigningKey,
  signToken,
  startIssuer,
} from '../identify/loopback-issuer.ts';

let key: SigningKey;
let issuer: Issuer;
beforeAll(async () => {
  key = await createSigningKey('k1');
  issuer = await startIssuer([key.jwk]);
});
afterAll(() => issuer.close());

const names: { name: string; of: (caller: Caller) => string | undefined }[] = [
  { name: 'its requests in flight and failures', of: (caller) => toCallerName(caller, '') },
  { name: 'its traces', of: createUserHash('key') },
];

it.each(names)('$name are its own', async ({ of }) => {
  const door = createDoor(issuer.url);
  onTestFinished(() => door.close());
  const nameOf = async (claims: Record<string, unknown>): Promise<string | undefined> => {
    const caller = await door.use(await signToken({ key, claims }));
    if (caller instanceof Refusal) throw new Error(caller.reason);
    return of(caller);
  };
  const person = await nameOf({ sub: 'batch', azp: 'portal' });
  expect(await nameOf({ sub: 'batch', azp: 'app' })).toBe(person);
  const application = await nameOf({ sub: undefined, azp: 'batch' });
  expect(await nameOf({ sub: undefined, azp: 'batch', scope: '' })).toBe(application);
  const others = [{ sub: undefined }, { sub: undefined, scope: '' }];
  const all = [person, application, ...(await Promise.all(others.map(nameOf)))];
  expect(new Set(all).size).toBe(4);
});
