/**
 * The state shared by output and input types of one translation: the names in use, which schema has
 * which component's name, and the notes for the report.
 *
 * Two schemas never share a name, and none gets one because it came first: if several want a name,
 * a component keeps its own and every other gets a suffix derived from its place. All claims are
 * known only at the end, so the translation is repeated with the contested names.
 */
import { type CompileBound, createCompileBound } from '../call/bound-failures.ts';
import { assignNames, toTypeName, withSuffix } from '../call/wire-names.ts';
import { isSameSchema } from '../document/same-schema.ts';
import {
  isSchema,
  type JsonSchema,
  partsOf,
  requiredOf,
  type SchemaLike,
} from '../document/schema-shape.ts';
import { keyOfPlace, type TypePlace } from './type-place.ts';

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

type Family = 'output' | 'input' | 'enum' | 'union';

export interface TypeSpace {
  readonly upstream: string;
  readonly compileBound: CompileBound;
  /** Adds to the report: `about` is a type, a coordinate or an operation. */
  readonly note: (about: string, why: string) => void;
  /** Names that several schemas wanted in this run. */
  readonly collisions: ReadonlySet<string>;
  /** The component that a schema is, by its name in the document. */
  componentOf(schema: SchemaLike): string | undefined;
  /** Components that have a schema in their allOf. */
  extending(source: JsonSchema): string[];
  /** The name a schema should have: its component's, else one derived from its place. */
  wantedName(source: JsonSchema, hint: string): string;
  /**
   * The type for `source` named `wanted`: shared with an equal schema of that name, otherwise
   * created by `make` under a free name.
   */
  share<T extends object>(about: {
    family: Family;
    wanted: string;
    source: JsonSchema;
    place: TypePlace;
    make: (name: string) => T;
  }): T;
}

interface Given {
  source: JsonSchema;
  type: object;
}

export function createTypeSpace(about: {
  upstream: string;
  components: Readonly<Record<string, SchemaLike>>;
  contested: ReadonlySet<string>;
  note: (about: string, why: string) => void;
}): TypeSpace {
  const { components, contested, note } = about;
  const identities = identifyComponents(components);
  const componentNames = nameComponents(components, note);
  const owned = new Set(componentNames.values());
  const taken = new Set(builtIn);
  const bySource = new Map<string, Map<JsonSchema, object>>();
  const byName = new Map<string, Given[]>();
  const collisions = new Set<string>();

  const componentOf = (schema: SchemaLike): string | undefined =>
    isSchema(schema)
      ? identityKeys(schema)
          .map((key) => identities.get(key))
          .find((name) => name !== undefined)
      : undefined;

  /** Whether it is the component's own type: its output, because inputs are named after it. */
  const isOwner = (family: Family, wanted: string, source: JsonSchema): boolean => {
    const component = componentOf(source);
    if (component === undefined || family === 'input') return false;
    const written = components[component];
    return componentNames.get(component) === wanted && isSchema(written) && isSame(written, source);
  };

  function claim(family: Family, wanted: string, source: JsonSchema, place: TypePlace): string {
    const isFree = !taken.has(wanted);
    if (isFree && isOwner(family, wanted, source)) return take(wanted);
    if (owned.has(wanted) && family !== 'input') collisions.add(wanted);
    if (!isFree) collisions.add(wanted);
    if (isFree && !contested.has(wanted) && !collisions.has(wanted)) return take(wanted);
    const text = `${family} ${componentOf(source) ?? keyOfPlace(place)}`;
    const name = withSuffix(wanted, text, (each) => taken.has(each));
    note(name, `another schema is called ${wanted} as well`);
    return take(name);
  }

  function take(name: string): string {
    taken.add(name);
    return name;
  }

  return {
    upstream: about.upstream,
    compileBound: createCompileBound(about.upstream),
    note,
    collisions,
    componentOf,
    extending: (source) => {
      const isBase = (part: SchemaLike): boolean => part === source;
      return Object.keys(components).filter((name) => {
        const component = components[name];
        return isSchema(component) && partsOf(component.allOf).some(isBase);
      });
    },
    wantedName: (source, hint) => {
      const component = componentOf(source);
      return (component && componentNames.get(component)) ?? toTypeName(hint);
    },
    share({ family, wanted, source, place, make }) {
      const key = `${family} ${wanted}`;
      const namesakes = byName.get(key) ?? [];
      const known = bySource.get(family) ?? new Map<JsonSchema, object>();
      bySource.set(family, known);
      const same = known.get(source) ?? namesakes.find((each) => isSame(each.source, source))?.type;
      // A family holds one class of types: those created by its own `make`.
      if (same !== undefined) return same as ReturnType<typeof make>;
      const type = make(claim(family, wanted, source, place));
      known.set(source, type);
      byName.set(key, [...namesakes, { source, type }]);
      return type;
    },
  };
}

/**
 * Dereferencing keeps identity but loses names. A reference with siblings becomes a copy that still
 * shares the component's parts, so these carry the name as well.
 */
function identityKeys(schema: JsonSchema): object[] {
  const { properties, enum: values, oneOf, anyOf, allOf } = schema;
  return [schema, properties, values, oneOf, anyOf, allOf].filter(
    (key) => typeof key === 'object' && key !== null,
  );
}

function identifyComponents(components: Readonly<Record<string, SchemaLike>>): Map<object, string> {
  const names = new Map<object, string>();
  for (const component of Object.keys(components).sort()) {
    const schema = components[component];
    if (!isSchema(schema)) continue;
    for (const key of identityKeys(schema)) if (!names.has(key)) names.set(key, component);
  }
  return names;
}

function nameComponents(
  components: Readonly<Record<string, SchemaLike>>,
  note: (about: string, why: string) => void,
): Map<string, string> {
  return assignNames(Object.keys(components).sort(), {
    toName: toTypeName,
    taken: builtIn,
    collided: (component, name, wanted) =>
      note(name, `the schema ${component} cannot be called ${wanted}: the name is taken`),
  });
}

/** Equal in what determines the type; descriptions, examples and nullability may differ. */
function isSame(one: JsonSchema, other: JsonSchema): boolean {
  return one === other || isSameSchema(tellingOf(one), tellingOf(other));
}

function tellingOf(schema: JsonSchema): JsonSchema {
  const { properties, allOf, oneOf, anyOf, additionalProperties } = schema;
  const telling = { properties, allOf, oneOf, anyOf, additionalProperties, const: schema.const };
  return {
    ...Object.fromEntries(Object.entries(telling).filter(([, value]) => value !== undefined)),
    required: requiredOf(schema).toSorted(),
    enum: partsOf(schema.enum).filter((value) => value !== null),
  };
}
