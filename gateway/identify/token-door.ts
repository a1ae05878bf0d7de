/** Verifies tokens of one kind: by the keys of an issuer, or by an introspection endpoint. */
import type { Refusal } from '../decision.ts';
import type { VerifiedToken } from './token-cache.ts';

export interface TokenDoor {
  /**
   * Verifies a token that is not cached or whose basis is gone. `hash`: the result of toTokenHash;
   * `header`: that of a JSON Web Token, unverified.
   */
  verify(
    token: string,
    hash: string,
    header: Readonly<Record<string, unknown>>,
  ): Promise<VerifiedToken | Refusal>;
  /** Reads what is needed; throws Error if that fails and cannot recover by itself. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Shared by all doors. */
export interface DoorTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Receives what is wrong with an issuer, for the operator; contains no token. */
  readonly report: (problem: string) => void;
}
