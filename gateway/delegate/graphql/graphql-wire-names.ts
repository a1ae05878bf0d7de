/**
 * Maps the type names of a GraphQL upstream between the graph and the wire, if `prefix` makes them
 * differ. Inside the gateway all names are public; the outgoing document has the upstream's own,
 * and `__typename` in the response is read as the public one.
 *
 * Built-in scalars, directives and root types called as in the graph (`Query`) keep their names: a
 * `query_root` to which fields lead back is a type like others there. Names of fields, arguments and enum
 * values are never changed: a prefix only tells the types of two upstreams apart.
 */
import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  type NamedTypeNode,
  type NameNode,
  type OperationTypeNode,
  specifiedScalarTypes,
  type TypeDefinitionNode,
  type TypeExtensionNode,
  visit,
} from 'graphql';

export interface WireNames {
  /** Converts a document with public names to the upstream's names. */
  toWire(document: DocumentNode): DocumentNode;
  /** Converts a type name of the graph to the upstream's. */
  toWireName(name: string): string;
  /** Converts a type name of the upstream to the graph's. */
  toPublic(name: string): string;
}

const sameNames: WireNames = {
  toWire: (document) => document,
  toWireName: (name) => name,
  toPublic: (name) => name,
};

const builtIn = new Set(specifiedScalarTypes.map(({ name }) => name));

/** `roots`: the upstream's root types that are called as in the graph. */
function createWireNames(prefix: string | undefined, roots: ReadonlySet<string>): WireNames {
  if (prefix === undefined) return sameNames;
  const isKept = (name: string): boolean => builtIn.has(name) || roots.has(name);
  const toWireName = (name: string): string =>
    isKept(name) || !name.startsWith(prefix) ? name : name.slice(prefix.length);
  return {
    toPublic: (name) => (isKept(name) ? name : prefix + name),
    toWireName,
    toWire: (document) => renameTypes(document, toWireName),
  };
}

/** The name mapping of a loaded subgraph. */
export function wireNamesOf(schema: GraphQLSchema, prefix: string | undefined): WireNames {
  const roots = [
    schema.getQueryType()?.name === defaultRoots.query ? [defaultRoots.query] : [],
    schema.getMutationType()?.name === defaultRoots.mutation ? [defaultRoots.mutation] : [],
  ].flat();
  return createWireNames(prefix, new Set(roots));
}

type Definition = TypeDefinitionNode | TypeExtensionNode;

/** SDL with all types but the roots prefixed; positions are kept, for messages. */
export function prefixTypes(document: DocumentNode, prefix: string): DocumentNode {
  return renameDefinitions(document, createWireNames(prefix, rootNames(document)).toPublic);
}

/** SDL with its types renamed in definitions and references. */
export function renameDefinitions(
  document: DocumentNode,
  rename: (name: string) => string,
): DocumentNode {
  const definitions = renameTypes(document, rename).definitions.map((definition) =>
    isTypeDefinition(definition)
      ? ({ ...definition, name: renamed(definition.name, rename) } as Definition)
      : definition,
  );
  return { ...document, definitions };
}

function renameTypes(document: DocumentNode, rename: (name: string) => string): DocumentNode {
  return visit(document, {
    NamedType: {
      leave(node): NamedTypeNode | undefined {
        const name = renamed(node.name, rename);
        return name === node.name ? undefined : { ...node, name };
      },
    },
  });
}

function renamed(node: NameNode, rename: (name: string) => string): NameNode {
  const value = rename(node.value);
  return value === node.value ? node : { ...node, value };
}

function isTypeDefinition(
  definition: DocumentNode['definitions'][number],
): definition is Definition {
  return /^(?:Scalar|Object|Interface|Union|Enum|InputObject)Type(?:Definition|Extension)$/.test(
    definition.kind,
  );
}

const defaultRoots: Readonly<Record<OperationTypeNode, string>> = {
  query: 'Query',
  mutation: 'Mutation',
  subscription: 'Subscription',
};

function rootNames(document: DocumentNode): ReadonlySet<string> {
  const written = document.definitions.flatMap((definition) =>
    definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
      ? (definition.operationTypes ?? [])
      : [],
  );
  const isWritten = document.definitions.some(({ kind }) => kind === Kind.SCHEMA_DEFINITION);
  const kept = written.filter(({ operation, type }) => type.name.value === defaultRoots[operation]);
  return new Set([
    ...kept.map(({ type }) => type.name.value),
    ...(isWritten ? [] : Object.values(defaultRoots)),
  ]);
}
