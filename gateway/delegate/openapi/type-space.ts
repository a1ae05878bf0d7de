/**
 * What one translation shares between output and input types: the names that are given, which
 * schema carries which component's name, and the notes for the report.
 *
 * Two schemas never share a name silently: the later one gets a number, and a note.
 */
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema, SchemaLike } from './schema-shape.ts';
import { firstFree, toTypeName } from './wire-names.ts';

const builtIn = [
  'Query',
  'Mutation',
  'Subscription',
  'String',
  'Int',
  'Float',
  'Boolean',
  'ID',
  'JSON',
];

export interface TypeSpace {
  readonly upstream: string;
  /** Adds to the report: `about` is a type, a coordinate or an operation. */
  readonly note: (about: string, why: string) => void;
  /** The name a schema should have: its component's, else the one made from where it stands. */
  wantedName(source: JsonSchema, hint: string): string;
  /**
   * The type for `source` called `wanted`: an equal schema that has this name already shares its
   * type; otherwise `make` is given a free name.
   */
  share<T extends object>(about: {
    family: Family;
    wanted: string;
    source: JsonSchema;
    make: (name: string) => T;
  }): T;
}

type Family = 'output' | 'input' | 'enum';
type Known = Record<Family, Map<JsonSchema, object>>;

interface Given {
  source: JsonSchema;
  type: object;
}

export function createTypeSpace(about: {
  upstream: string;
  components: Readonly<Record<string, SchemaLike>>;
  note: (about: string, why: string) => void;
}): TypeSpace {
  const componentNames = nameComponents(about.components);
  const owners = nameOwners(about.components);
  const taken = new Set(builtIn);
  const bySource: Known = { output: new Map(), input: new Map(), enum: new Map() };
  const byName = new Map<string, Given[]>();
  const componentOf = (source: JsonSchema): string | undefined =>
    componentNames.get(source) ??
    (source.properties === undefined ? undefined : componentNames.get(source.properties));

  return {
    upstream: about.upstream,
    note: about.note,
    wantedName: (source, hint) => componentOf(source) ?? toTypeName(hint),
    share({ family, wanted, source, make }) {
      const namesakes = byName.get(`${family} ${wanted}`) ?? [];
      const same =
        bySource[family].get(source) ??
        namesakes.find((each) => isSameSchema(each.source, source))?.type;
      // A family holds one class of types: those that its own `make` made.
      if (same !== undefined) return same as ReturnType<typeof make>;
      const type = make(claim(wanted, source));
      bySource[family].set(source, type);
      byName.set(`${family} ${wanted}`, [...namesakes, { source, type }]);
      return type;
    },
  };

  function claim(wanted: string, source: JsonSchema): string {
    const name = firstFree(wanted, (each) => taken.has(each) || isReservedFor(each, source));
    if (name !== wanted) about.note(name, `another schema is called ${wanted} already`);
    taken.add(name);
    return name;
  }

  function isReservedFor(name: string, source: JsonSchema): boolean {
    const owner = owners.get(name);
    return owner !== undefined && !isSameSchema(owner, source);
  }
}

/**
 * Dereferencing keeps identity but loses names. A reference with siblings becomes a copy that
 * still shares the component's `properties`, so these carry the name as well.
 */
function nameComponents(components: Readonly<Record<string, SchemaLike>>): Map<object, string> {
  const names = new Map<object, string>();
  for (const [component, schema] of Object.entries(components)) {
    if (typeof schema !== 'object') continue;
    const name = toTypeName(component);
    for (const key of [schema, schema.properties]) {
      if (key !== undefined && !names.has(key)) names.set(key, name);
    }
  }
  return names;
}

/** A component keeps its name even where a schema without one wants it first. */
function nameOwners(components: Readonly<Record<string, SchemaLike>>): Map<string, JsonSchema> {
  const owners = new Map<string, JsonSchema>();
  for (const [component, schema] of Object.entries(components)) {
    const name = toTypeName(component);
    if (typeof schema === 'object' && !owners.has(name)) owners.set(name, schema);
  }
  return owners;
}

/** Equal in what makes the type; descriptions, examples and nullability may differ. */
function isSameSchema(one: JsonSchema, other: JsonSchema): boolean {
  const telling = (schema: JsonSchema): unknown[] => [
    schema.properties,
    new Set(schema.required ?? []),
    schema.allOf,
    schema.enum?.filter((value) => value !== null),
    schema.const,
  ];
  return one === other || isDeepStrictEqual(telling(one), telling(other));
}
