/**
 * Converts names on the wire to names in the graph. Real documents use kebab-case, dots, leading
 * digits, and names that GraphQL or the gateway reserves; two of them may map to one name.
 *
 * Pure and stable: a name depends on what it names, not on what precedes it. Collisions are never
 * merged, and are reported to the caller.
 */
import { createHash } from 'node:crypto';
import { isReservedName } from '../../../graph/reserved-name.ts';

const graphqlName = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** `__` belongs to introspection, the rest to what the gateway adds to upstream queries. */
const isReserved = (name: string): boolean => name.startsWith('__') || isReservedName(name);

export function isFreeName(name: string): boolean {
  return graphqlName.test(name) && !isReserved(name);
}

/** A field or argument name: valid names stay unchanged, others become camelCase. */
export function toFieldName(wire: string): string {
  if (graphqlName.test(wire)) return outOfReserved(wire);
  const [first = '', ...rest] = wire.split(/[^0-9A-Za-z_]+/).filter((word) => word !== '');
  return outOfReserved(startOfName(first + rest.map(capitalised).join('')));
}

/** A type name: valid names stay unchanged, others become PascalCase. */
export function toTypeName(text: string): string {
  return graphqlName.test(text) ? outOfReserved(text) : outOfReserved(startOfName(toPascal(text)));
}

/** The part that a field contributes to the name of a type below it. */
export function toPascal(text: string): string {
  return text
    .split(/[^0-9A-Za-z]+/)
    .map(capitalised)
    .join('');
}

export function toEnumName(value: string | number): string {
  const text = typeof value === 'number' && value < 0 ? `MINUS_${-value}` : String(value);
  const name = startOfName(text.replaceAll(/[^0-9A-Za-z_]+/g, '_'), 'EMPTY');
  return /^(?:true|false|null)$/.test(name) ? `_${name}` : outOfReserved(name);
}

/**
 * Gives each wire name a graph name of its own. A wire name that is a valid graph name keeps it;
 * all colliding names get a suffix derived from their own text. So a name never depends on order,
 * and later additions never take a name that a policy uses for something else.
 */
export function assignNames<Wire extends string | number>(
  wires: Iterable<Wire>,
  about: {
    toName: (wire: Wire) => string;
    /** Called for every wire name that did not get the name it wanted. */
    collided: (wire: Wire, name: string, wanted: string) => void;
    /** The text of a wire name, if `Wire` encodes more. */
    textOf?: (wire: Wire) => string;
    /** Names that are not available. */
    taken?: readonly string[];
  },
): Map<Wire, string> {
  const { toName, textOf = String } = about;
  const all = [...new Set(wires)];
  const used = new Set(about.taken ?? []);
  const names = new Map<Wire, string>();
  const give = (wire: Wire, name: string): void => {
    used.add(name);
    names.set(wire, name);
  };
  for (const wire of all) {
    const name = toName(wire);
    if (name === textOf(wire) && !used.has(name)) give(wire, name);
  }
  const rest = all.filter((wire) => !names.has(wire));
  const uses = Map.groupBy(rest, toName);
  const isFree = (name: string): boolean => !used.has(name) && uses.get(name)?.length === 1;
  const colliding = rest.filter((wire) => !isFree(toName(wire)));
  for (const wire of rest) if (isFree(toName(wire))) give(wire, toName(wire));
  for (const wire of colliding) {
    const name = withSuffix(toName(wire), String(wire), (each) => used.has(each));
    about.collided(wire, name, toName(wire));
    give(wire, name);
  }
  return new Map(all.map((wire) => [wire, names.get(wire) ?? toName(wire)]));
}

/** `name` with some hex digits of `text`'s hash: more of them if the result is taken. */
export function withSuffix(name: string, text: string, isTaken: (name: string) => boolean): string {
  const digits = createHash('sha256').update(text).digest('hex');
  for (let length = 6; length <= digits.length; length += 1) {
    // The name `_`, as symbols become, would end up with the prefix `__` of introspection.
    const suffixed = outOfReserved(`${name}_${digits.slice(0, length)}`);
    if (!isTaken(suffixed)) return suffixed;
  }
  throw new Error(`no name is left for ${name}`);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function startOfName(name: string, whenEmpty = 'unnamed'): string {
  if (name === '') return whenEmpty;
  return /^\d/.test(name) ? `_${name}` : name;
}

/** A name that every object inherits (`constructor`) would be found on objects without it. */
function outOfReserved(name: string): string {
  return isReserved(name) || name in Object.prototype ? `x_${name}` : name;
}
