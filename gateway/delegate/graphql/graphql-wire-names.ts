/**
 * The names of a GraphQL upstream's types in the graph and on the wire, where `prefix` makes them
 * two. Inside the gateway there are only public names; the document that leaves holds the
 * upstream's own, and the `__typename` that comes back is read as the public one.
 *
 * Root types, built-in scalars and directives keep their names. Field, argument and enum value
 * names are never renamed: a prefix tells types of two upstreams apart, nothing else.
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
  /** A document in public names as the upstream understands it. */
  toWire(document: DocumentNode): DocumentNode;
  /** A type name of the graph as the upstream has it. */
  toWireName(name: string): string;
  /** A type name of the upstream as the graph has it. */
  toPublic(name: string): string;
}

const sameNames: WireNames = {
  toWire: (document) => document,
  toWireName: (name) => name,
  toPublic: (name) => name,
};

const builtIn = new Set(specifiedScalarTypes.map(({ name }) => name));

/** @param roots names of the upstream's root types, which are the graph's too */
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

/** The names of a loaded subgraph. */
export function wireNamesOf(schema: GraphQLSchema, prefix: string | undefined): WireNames {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  return createWireNames(prefix, new Set(roots.flatMap((root) => (root ? [root.name] : []))));
}

type Definition = TypeDefinitionNode | TypeExtensionNode;

/** SDL with every type of it renamed but the roots; positions stay, for messages. */
export function prefixTypes(document: DocumentNode, prefix: string): DocumentNode {
  return renameDefinitions(document, createWireNames(prefix, rootNames(document)).toPublic);
}

/** SDL with its types renamed, where they are defined and where they are used. */
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
  return new Set([
    ...written.map(({ type }) => type.name.value),
    ...(isWritten ? [] : Object.values(defaultRoots)),
  ]);
}
