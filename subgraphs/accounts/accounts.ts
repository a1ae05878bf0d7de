/**
 * The accounts of the demo and their sign-in: deterministic except for random salts and sessions.
 * People and passwords are invented, which is the only reason that passwords stand here.
 */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export interface SignInAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** Requirements for new passwords. */
export const passwordRules = { lengthMin: 12, lengthMax: 200 } as const;

export interface AccountStore {
  readonly byEmail: ReadonlyMap<string, Account>;
  /** Verified if there is no account, so that timing does not reveal which accounts exist. */
  readonly nobody: Account;
}

interface Account {
  readonly displayName: string;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const people = [
  { email: 'ada@example.test', displayName: 'Ada', password: 'correct horse battery staple' },
  { email: 'bo@example.test', displayName: 'Bo', password: 'seven green bottles' },
] as const;

const credentials = z.strictObject({
  email: z.string().min(3).max(200),
  password: z.string().min(1).max(passwordRules.lengthMax),
});

/** Cheap on purpose: the demo must be fast, and protects no real passwords. */
const cost = { N: 1_024 };
const hashBytes = 32;

export function createAccounts(): AccountStore {
  const byEmail = new Map(people.map(({ email, ...about }) => [email, toAccount(about)]));
  return {
    byEmail,
    nobody: toAccount({ displayName: '', password: randomBytes(32).toString('hex') }),
  };
}

function toAccount({ displayName, password }: { displayName: string; password: string }): Account {
  const salt = randomBytes(16);
  return { displayName, salt, hash: scryptSync(password, salt, hashBytes, cost) };
}

/** Verifies the credentials; never throws because of client input. */
export function signIn(store: AccountStore, body: unknown): SignInAnswer {
  const given = credentials.safeParse(body);
  if (!given.success) return { status: 400, body: { error: 'request body' } };
  const { email, password } = given.data;
  const account = store.byEmail.get(email.trim().toLowerCase()) ?? store.nobody;
  const isRight = timingSafeEqual(
    scryptSync(password, account.salt, hashBytes, cost),
    account.hash,
  );
  if (!isRight || account === store.nobody) return { status: 401, body: { error: 'credentials' } };
  // Nothing in the demo accepts a session, so none is stored.
  const session = randomBytes(24).toString('base64url');
  return { status: 200, body: { session, displayName: account.displayName } };
}
