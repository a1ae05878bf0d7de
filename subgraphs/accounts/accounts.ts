/**
 * Who can sign in to the demo, and what they get: pure but for chance. The people are invented, and
 * so are their passwords, which is the only reason that they stand here.
 */
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

export interface SignInAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** What a new password has to be. */
export const passwordRules = { lengthMin: 12, lengthMax: 200 } as const;

export interface AccountStore {
  readonly byEmail: ReadonlyMap<string, Account>;
  /** Checked where there is no account, so that time does not tell who has one. */
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

/** Cheap on purpose: a demo must not be slow, and there is nothing here to keep. */
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

/** Never throws for what a client sends. */
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
  // Nothing of the demo accepts a session, so none is kept.
  const session = randomBytes(24).toString('base64url');
  return { status: 200, body: { session, displayName: account.displayName } };
}
