/** `lookup` of node:dns, played: nobody can be asked to point a name of the Internet at a test. */
import type { LookupAddress, LookupAllOptions } from 'node:dns';

/** By name: what each lookup finds, one after the other; the last of them stays. None: not found. */
export type PlayedNames = ReadonlyMap<string, string[][]>;

/** The module with a lookup that knows these names alone. */
export function withPlayedLookup<Dns extends { readonly lookup: unknown }>(
  real: Dns,
  names: PlayedNames,
): Dns {
  const lookup = (
    name: string,
    _options: LookupAllOptions,
    done: (error: Error | null, found: LookupAddress[]) => void,
  ): void => {
    const left = names.get(name);
    const found = (left !== undefined && left.length > 1 ? left.shift() : left?.[0]) ?? [];
    done(
      found.length === 0 ? new Error('not found') : null,
      found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
  return { ...real, lookup };
}
