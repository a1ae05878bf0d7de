/**
 * Converts the text of a JSON Web Key Set to the keys that may check signatures. Every key is
 * imported once, here, so that a broken key is reported to the operator when the set is read and
 * does not fail a caller's request.
 */
import { type CryptoKey, createLocalJWKSet, importJWK, type JWK, type JWTVerifyGetKey } from 'jose';
import { isJsonObject } from '../json-value.ts';

export interface Keys {
  readonly find: JWTVerifyGetKey;
  readonly count: number;
  /** Equal for two sets with the same keys. */
  readonly print: string;
}

/** Most keys accepted in one set; each costs an import. */
const keysMax = 100;
const rsaBitsMin = 2048;

/** The usable keys of a set, and why others were left out. Throws Error if it is no key set. */
export async function toUsableKeys(
  text: string,
  algorithms: readonly string[],
): Promise<{ keys: Keys; dropped: readonly string[] }> {
  const usable: JWK[] = [];
  const dropped: string[] = [];
  for (const [index, jwk] of toKeyList(text).entries()) {
    if (!mayVerify(jwk, algorithms)) continue;
    const flaw = await findFlaw(jwk, algorithms);
    if (flaw === undefined) usable.push(jwk);
    else dropped.push(`key ${index + 1}: ${flaw}`);
  }
  const print = usable.map((jwk) => JSON.stringify(jwk)).sort();
  const find = createLocalJWKSet({ keys: usable });
  return { keys: { find, count: usable.length, print: print.join('\n') }, dropped };
}

function toKeyList(text: string): JWK[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    throw new Error('not JSON');
  }
  const list = isJsonObject(set) ? set.keys : undefined;
  if (!Array.isArray(list) || !list.every(isJsonObject)) throw new Error('not a JSON Web Key Set');
  if (list.length > keysMax) throw new Error(`more than ${keysMax} keys`);
  return list;
}

/** Keys for other purposes (encryption, other algorithms) are no flaw. */
function mayVerify(jwk: JWK, algorithms: readonly string[]): boolean {
  if (jwk.use !== undefined && jwk.use !== 'sig') return false;
  return jwk.alg === undefined || algorithms.includes(jwk.alg);
}

async function findFlaw(jwk: JWK, algorithms: readonly string[]): Promise<string | undefined> {
  if (jwk.kty === 'oct') return 'a symmetric key';
  if (jwk.d !== undefined || jwk.priv !== undefined) return 'a private key';
  const tried = jwk.alg === undefined ? algorithms : [jwk.alg];
  let flaw = 'fits no accepted algorithm';
  for (const algorithm of tried) {
    try {
      const key = await importJWK(jwk, algorithm);
      if (key instanceof Uint8Array) continue;
      const weakness = rsaWeakness(key);
      if (weakness === undefined) return undefined;
      flaw = weakness;
    } catch {
      // The key is for another algorithm, or broken: reported below if no algorithm accepts it.
    }
  }
  return flaw;
}

function rsaWeakness(key: CryptoKey): string | undefined {
  if (rsaBits(key) < rsaBitsMin) return `an RSA key of fewer than ${rsaBitsMin} bits`;
  // With the exponent 1 a signature equals the signed value, so anyone can forge it.
  return hasExponent(key) ? undefined : 'an RSA key with an exponent that is none';
}

/** Odd and at least three; true for keys that are not RSA. */
function hasExponent({ algorithm }: CryptoKey): boolean {
  if (!('publicExponent' in algorithm)) return true;
  const bytes = algorithm.publicExponent;
  if (!(bytes instanceof Uint8Array)) return false;
  const last = bytes.at(-1) ?? 0;
  return last % 2 === 1 && (last > 1 || bytes.subarray(0, -1).some((byte) => byte !== 0));
}

function rsaBits(key: CryptoKey): number {
  const { algorithm } = key;
  if (!('modulusLength' in algorithm)) return rsaBitsMin;
  return typeof algorithm.modulusLength === 'number' ? algorithm.modulusLength : 0;
}
