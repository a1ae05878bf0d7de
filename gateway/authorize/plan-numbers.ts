/** Numbers that stand for long texts in the keys of plans. */
import type { OperationDefinitionNode } from 'graphql';
import { LRUCache } from 'lru-cache';
import { createMemo } from '../caches/memo.ts';
import type { Grants } from './grants.ts';

/** Limit on the signatures that are kept with their numbers. */
const signaturesBytesMax = 8 * 1024 * 1024;

/**
 * Numbers the operations of checked documents; in a key, the number replaces text and name. An
 * operation belongs to one document and one schema; a document parsed again gets new numbers.
 */
export function createOperationNumbers(): (operation: OperationDefinitionNode) => number {
  const numbers = createMemo<OperationDefinitionNode, number>();
  let count = 0;
  return (operation) => {
    const known = numbers.get(operation);
    if (known !== undefined) return known;
    count += 1;
    numbers.set(operation, count);
    return count;
  };
}

/**
 * Numbers the signatures exactly, without hashing: with many rules a signature is long, and using
 * it as a key would hash it at every request. A signature that was evicted gets a new number.
 */
export function createSignatureNumbers(): (grants: Grants) => number {
  const numbers = new WeakMap<Grants, number>();
  const bySignature = new LRUCache<string, number>({
    maxSize: signaturesBytesMax,
    sizeCalculation: (_number, signature) => 200 + signature.length,
  });
  let count = 0;
  return (grants) => {
    const known = numbers.get(grants);
    if (known !== undefined) return known;
    const { signature } = grants;
    let number = bySignature.get(signature);
    if (number === undefined) {
      count += 1;
      number = count;
      bySignature.set(signature, number);
    }
    numbers.set(grants, number);
    return number;
  };
}
