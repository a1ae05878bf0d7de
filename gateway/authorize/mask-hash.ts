/**
 * The keyed hash behind the mask `hash`: equal values of one class have equal hashes, so that
 * records can be matched without being read. HMAC-SHA-256 of class and value, cut to 96 bits. The
 * key prevents trying out short values: without it, the hash of an SSN gives away the SSN.
 */
import { randomBytes } from 'node:crypto';
import { createHmacSha256 } from '../hmac-sha256.ts';
import type { AccessRule } from './access/access-file.ts';
import type { Policy } from './policy.ts';

/** Makes the hash function for a coordinate's values. */
export type HashOf = (coordinate: string) => (text: string) => string;

/** 96 bits in base64url. */
const hashCharacters = 16;

/** A coordinate without a class is a domain of its own; several labels together are one domain. */
export function createHashOf({ fields }: Pick<Policy, 'fields'>, key: string): HashOf {
  const hmac = createHmacSha256(key, 'base64url');
  return (coordinate) => {
    const { classes = [] } = fields.get(coordinate) ?? {};
    const domain = JSON.stringify(classes.length > 0 ? classes : coordinate);
    return (text) => hmac(`${domain}\n${text}`).slice(0, hashCharacters);
  };
}

/** A key that no other process has. */
export function randomMaskKey(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether any rule uses the mask. */
export function asksForHash(rules: readonly AccessRule[]): boolean {
  return rules.some((rule) => rule.otherwise?.masks.some(({ mask }) => mask === 'hash') === true);
}
