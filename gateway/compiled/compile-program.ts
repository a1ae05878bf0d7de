/**
 * Compiles the root of an operation: which upstream is called for which root fields, in what order.
 */
import {
  type FieldNode,
  type GraphQLField,
  getNamedType,
  getOperationAST,
  isCompositeType,
  type OperationDefinitionNode,
  OperationTypeNode,
  print,
} from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { listDepthOf } from '../graph/list-depth.ts';
import { freePrefix } from '../plan/own-variables.ts';
import type { AuthorizedOperation } from '../plan/plan.ts';
import { askedBy, toWireType, variablesIn } from './asked-text.ts';
import { collect, selectionSetsOf } from './collect.ts';
import { compileArguments } from './compile-arguments.ts';
import { compileCall } from './compile-call.ts';
import { FetchCompiler, type FetchMeans } from './compile-fetch.ts';
import { compileDecoder } from './decoder.ts';
import { isRequired, refuseStricter } from './nullability.ts';
import {
  type GraphqlCall,
  type ObjectPart,
  type Program,
  type Root,
  type RootCall,
  Unsupported,
} from './program.ts';

type CompiledOperation = Pick<AuthorizedOperation, 'type' | 'document'>;

/** Compiles an operation with a document; Unsupported if the reference engine must take it. */
export function compileProgram(
  operation: CompiledOperation,
  means: FetchMeans,
): Program | Unsupported {
  try {
    return new ProgramCompiler(operation, means).compile();
  } catch (error) {
    if (error instanceof Unsupported) return error;
    throw error;
  }
}

interface RootField {
  readonly root: Root;
  readonly source: Source;
  readonly node: FieldNode;
  readonly definition: GraphQLField<unknown, unknown>;
  readonly coordinate: string;
  readonly asked: string;
  readonly variables: readonly string[];
}

class ProgramCompiler {
  readonly #operation: CompiledOperation;
  readonly #means: FetchMeans;
  readonly #fetch: FetchCompiler;
  readonly #definition: OperationDefinitionNode;

  constructor(operation: CompiledOperation, means: FetchMeans) {
    this.#operation = operation;
    this.#means = means;
    this.#fetch = new FetchCompiler(means);
    const definition = operation.document && getOperationAST(operation.document);
    if (definition === undefined || definition === null) throw new Unsupported('no-operation');
    this.#definition = definition;
  }

  compile(): Program {
    const { type } = this.#operation;
    if (type === OperationTypeNode.SUBSCRIPTION) throw new Unsupported('subscription');
    const definition = this.#definition;
    const declarations = toDeclarations(definition, this.#means.parts.sources.values());
    const fields = this.#rootFields();
    const isSerial = type === OperationTypeNode.MUTATION;
    const root: ObjectPart = {
      typeName: fields.typeName,
      fields: [],
      joins: [],
      links: [],
      order: fields.all.map(({ root: one }) => one),
    };
    return {
      calls: this.#calls(fields.all, isSerial, declarations),
      isSerial,
      root,
      declarations,
      keyPrefix: freePrefix('_k', variableNames(definition)),
    };
  }

  #rootFields(): { typeName: string; all: RootField[] } {
    const { schema } = this.#means;
    const rootType = schema.getRootType(this.#operation.type);
    if (rootType === undefined || rootType === null) throw new Unsupported('no-root');
    const collected = collect(schema, rootType, [this.#definition.selectionSet], false);
    const all: RootField[] = [];
    for (const [rawKey, { nodes }] of collected) {
      const [node] = nodes;
      if (node === undefined || node.name.value === '__typename') continue;
      all.push(this.#rootField(rawKey, node, nodes));
    }
    return { typeName: rootType.name, all };
  }

  #rootField(rawKey: string, node: FieldNode, nodes: readonly FieldNode[]): RootField {
    const { parts, schema } = this.#means;
    const name = node.name.value;
    const rootName = this.#operation.type === OperationTypeNode.MUTATION ? 'Mutation' : 'Query';
    const coordinate = `${rootName}.${name}`;
    if (parts.links.has(coordinate)) throw new Unsupported('root-link');
    const source = parts.sources.get(parts.owners.get(coordinate) ?? '');
    const own = source?.schema.getRootType(this.#operation.type);
    const definition = own?.getFields()[name];
    const executable = schema.getRootType(this.#operation.type)?.getFields()[name];
    if (source === undefined || definition === undefined || executable === undefined) {
      throw new Unsupported('no-owner');
    }
    const required = isRequired(source, `${own?.name}.${name}`);
    // Roots of a GraphQL upstream are nullable here only because several share one answer; the type
    // of such a root is enforced when it is read.
    if (!required && !rootMayBubble(definition, executable)) refuseStricter(definition, executable);
    const named = getNamedType(definition.type);
    const selection = isCompositeType(named)
      ? this.#fetch.selection(source, named.name, selectionSetsOf(nodes), source.keyed.get(name))
      : undefined;
    const decode = compileDecoder(
      {
        type: definition.type,
        executable: getNamedType(executable.type),
        selection,
        isOnly: true,
      },
      this.#fetch.decoderMeans(source),
    );
    const listDepth = listDepthOf(definition.type);
    const root: Root = { rawKey, type: executable.type, decode, required, selection, listDepth };
    const variables = [...variablesIn(node), ...(selection?.variables ?? [])];
    const asked = `${rawKey === name ? '' : `${rawKey}:`}${askedBy(node)}${selection?.text ?? ''}`;
    return { root, source, node, definition, coordinate, asked, variables };
  }

  #calls(
    fields: readonly RootField[],
    isSerial: boolean,
    declarations: Program['declarations'],
  ): RootCall[] {
    const groups: RootField[][] = [];
    const shared = new Map<string, RootField[]>();
    for (const field of fields) {
      const known = shared.get(field.source.name);
      if (field.source.kind === 'graphql' && !isSerial) {
        if (known !== undefined) {
          known.push(field);
          continue;
        }
        const group = [field];
        shared.set(field.source.name, group);
        groups.push(group);
      } else groups.push([field]);
    }
    return groups.map((group) => this.#call(group, declarations));
  }

  #call(group: readonly RootField[], declarations: Program['declarations']): RootCall {
    const [first] = group;
    if (first === undefined) throw new Unsupported('no-field');
    const { source } = first;
    if (source.kind === 'graphql') return this.#graphqlCall(source, group, declarations);
    const { coordinate, definition, node, root } = first;
    const called = compileCall(source, coordinate, definition, root.selection);
    const toArgs = compileArguments(source.schema, definition, node, this.#definition);
    return { kind: 'openapi', source, root, ...called, toArgs };
  }

  #graphqlCall(
    source: GraphqlCall['source'],
    group: readonly RootField[],
    declarations: Program['declarations'],
  ): GraphqlCall {
    const label = this.#operation.type === OperationTypeNode.MUTATION ? 'mutation' : 'query';
    const variables = [...new Set(group.flatMap((one) => one.variables))];
    const known = declarations.get(source);
    const declared = variables.map((name) => known?.get(name) ?? '').join(' ');
    const body = group.map(({ asked }) => asked).join(' ');
    const text = `${label}${declared === '' ? '' : `(${declared})`}{${body}}`;
    return {
      kind: 'graphql',
      source,
      roots: group.map(({ root }) => root),
      queryJson: JSON.stringify(text),
      label,
      variables,
    };
  }
}

function rootMayBubble(
  definition: GraphQLField<unknown, unknown>,
  executable: GraphQLField<unknown, unknown>,
): boolean {
  return String(executable.type) === `${String(definition.type)}!`;
}

function variableNames({ variableDefinitions = [] }: OperationDefinitionNode): string[] {
  return variableDefinitions.map(({ variable }) => variable.name.value);
}

function toDeclarations(
  { variableDefinitions = [] }: OperationDefinitionNode,
  sources: Iterable<Source>,
): Program['declarations'] {
  const declarations = new Map<Source, ReadonlyMap<string, string>>();
  if (variableDefinitions.length === 0) return declarations;
  for (const source of sources) {
    if (source.kind !== 'graphql') continue;
    const texts = variableDefinitions.map((one): [string, string] => {
      const { variable, type, defaultValue } = one;
      const fallback = defaultValue === undefined ? '' : ` = ${print(defaultValue)}`;
      const text = `${print(variable)}: ${toWireType(source, print(type))}${fallback}`;
      return [variable.name.value, text];
    });
    declarations.set(source, new Map(texts));
  }
  return declarations;
}
