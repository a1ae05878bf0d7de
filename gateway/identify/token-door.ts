/** Verifies tokens of one kind: by the keys of an issuer, or by an introspection endpoint. */
import type { Refusal } from '../decision.ts';
import type { VerifiedToken } from './token-cache.ts';

export interface PresentedToken {
  readonly token: string;
  /** The result of toTokenHash. */
  readonly hash: string;
  /** The header of a JSON Web Token, unverified; empty for others. */
  readonly header: Readonly<Record<string, unknown>>;
  /** The network that it came from. */
  readonly network: string;
}

export interface TokenDoor {
  /** Verifies a token that is not cached or whose basis is gone. */
  verify(presented: PresentedToken): Promise<VerifiedToken | Refusal>;
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
