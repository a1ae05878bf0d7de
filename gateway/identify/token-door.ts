/** What verifies tokens of one kind: the keys of an issuer, or an introspection endpoint. */
import type { Refusal } from '../decision.ts';
import type { VerifiedToken } from './token-cache.ts';

export interface TokenDoor {
  /**
   * A token that was not verified before, or whose basis is gone; `hash`: see toTokenHash; `header`:
   * of a JSON Web Token, not verified.
   */
  verify(
    token: string,
    hash: string,
    header: Readonly<Record<string, unknown>>,
  ): Promise<VerifiedToken | Refusal>;
  /** Reads what is needed now; throws Error where that fails and will not mend itself. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** What doors share: the clock, the cache, and the operator's ear. */
export interface DoorTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told what is wrong with an issuer, for the operator; holds no token. */
  readonly report: (problem: string) => void;
}
