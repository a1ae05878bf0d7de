/**
 * From names on the wire to names in the graph. Real documents use kebab-case, dots, digits
 * first, and names that GraphQL or the gateway keeps for itself; two of them may want one name.
 *
 * Pure and stable: the same names in the same order always come out the same. A collision is
 * never merged: the later one gets a number, and the caller is told.
 */

const graphqlName = /^[_A-Za-z][_0-9A-Za-z]*$/;

/** `__` belongs to introspection, `fg_`, `fg1_` … to what the gateway adds to upstream queries. */
const reserved = /^(?:__|fgs?\d*_)/;

export function isFreeName(name: string): boolean {
  return graphqlName.test(name) && !reserved.test(name);
}

/** A field or argument name: valid names stay as they are, others become camelCase. */
export function toFieldName(wire: string): string {
  if (graphqlName.test(wire)) return outOfReserved(wire);
  const [first = '', ...rest] = wire.split(/[^0-9A-Za-z_]+/).filter((word) => word !== '');
  return outOfReserved(startOfName(first + rest.map(capitalised).join('')));
}

/** A type name: valid names stay as they are, others become PascalCase. */
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
 * Gives each wire name a graph name of its own, in order; `taken` names are not given.
 * `collided` hears of every one that did not get the name it wanted.
 */
export function assignNames<Wire extends string | number>(
  wires: Iterable<Wire>,
  about: {
    toName: (wire: Wire) => string;
    collided: (wire: Wire, name: string) => void;
    taken?: readonly string[];
  },
): Map<Wire, string> {
  const used = new Set(about.taken ?? []);
  const names = new Map<Wire, string>();
  for (const wire of wires) {
    const wanted = about.toName(wire);
    const name = firstFree(wanted, (each) => used.has(each));
    if (name !== wanted) about.collided(wire, name);
    used.add(name);
    names.set(wire, name);
  }
  return names;
}

/** `name`, or `name2`, `name3`, …: the first that is not taken. */
export function firstFree(name: string, isTaken: (name: string) => boolean): string {
  let free = name;
  for (let n = 2; isTaken(free); n += 1) free = `${name}${n}`;
  return free;
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function startOfName(name: string, whenEmpty = 'unnamed'): string {
  if (name === '') return whenEmpty;
  return /^\d/.test(name) ? `_${name}` : name;
}

function outOfReserved(name: string): string {
  return reserved.test(name) ? `x_${name}` : name;
}
