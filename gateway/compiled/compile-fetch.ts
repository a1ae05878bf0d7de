/**
 * Compiles the selections of an executable document into what each upstream is asked for: every
 * field goes to the upstream that owns it, and keys are added only where joins and links need them.
 *
 * Asks for exactly the fields that the reference engine asks for. Throws `Unsupported` for anything
 * it does not recognise, and the reference engine takes the operation.
 */
import {
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isNonNullType,
  isObjectType,
  isUnionType,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { GraphParts, JoinPart, LinkPart, Source } from '../graph/graph-parts.ts';
import { listDepthOf } from '../graph/list-depth.ts';
import { keyAlias } from '../graph/rekey-rows.ts';
import { abstractText, askedBy, textOf, variablesIn } from './asked-text.ts';
import {
  addTo,
  asksOther,
  type Collected,
  collect,
  fromField,
  selectionSetsOf,
} from './collect.ts';
import { ByKeyCompiler } from './compile-by-key.ts';
import { restReadOf } from './compile-call.ts';
import { compileDecoder } from './decoder.ts';
import { createDecoderMeans, type DecoderMeans } from './decoder-means.ts';
import { refuseStricter } from './nullability.ts';
import {
  type Field,
  type Join,
  type Link,
  type ObjectPart,
  type Ordered,
  type Selection,
  Unsupported,
} from './program.ts';
import { toSelection, withKeysApart } from './selection.ts';

export interface FetchMeans {
  readonly parts: GraphParts;
  /** The schema that the document was validated against. */
  readonly schema: GraphQLSchema;
}

/** Compiles the selections of one operation; its methods throw Unsupported. */
export class FetchCompiler {
  readonly #means: FetchMeans;
  readonly #decoders = new Map<string, DecoderMeans>();
  readonly #keyed = new ByKeyCompiler((source) => this.decoderMeans(source));

  constructor(means: FetchMeans) {
    this.#means = means;
  }

  decoderMeans(source: Source): DecoderMeans {
    const means = this.#decoders.get(source.name) ?? createDecoderMeans(source);
    this.#decoders.set(source.name, means);
    return means;
  }

  /**
   * Compiles a selection on a type of the upstream; `stated` is the key that its rows must state.
   */
  selection(
    source: Source,
    typeName: string,
    sets: readonly SelectionSetNode[],
    stated?: string,
  ): Selection {
    const type = source.schema.getType(typeName);
    if (isObjectType(type)) {
      const part = this.part(source, type, collect(this.#means.schema, type, sets), stated);
      return toSelection(source, [part], part.typeName, textOf([], [part]));
    }
    if (!isAbstractType(type)) throw new Unsupported('type');
    if (source.kind === 'openapi' && !isUnionType(type)) throw new Unsupported('rest-interface');
    const possible = source.schema.getPossibleTypes(type);
    const parts = possible.map((one, index) =>
      withKeysApart(this.part(source, one, collect(this.#means.schema, one, sets), stated), index),
    );
    return toSelection(source, parts, undefined, abstractText(source, parts, sets));
  }

  /** Divides the fields of one object type among the upstreams that own them. */
  part(source: Source, type: GraphQLObjectType, collected: Collected, stated?: string): ObjectPart {
    const { parts } = this.#means;
    const fields = new Map<string, Field>();
    const elsewhere = new Map<string, Collected>();
    const linked: { rawKey: string; link: LinkPart; nodes: readonly FieldNode[] }[] = [];
    const order: Ordered[] = [];
    for (const [rawKey, { nodes, isPlain }] of collected) {
      const [node] = nodes;
      if (node === undefined || node.name.value === '__typename') continue;
      const name = node.name.value;
      const link = parts.links.get(`${type.name}.${name}`);
      const own = type.getFields()[name];
      if (link !== undefined) linked.push({ rawKey, link, nodes });
      else if (own !== undefined) fields.set(rawKey, this.field(source, type, own, rawKey, nodes));
      else addTo(elsewhere, this.#ownerOf(type.name, name), rawKey, { nodes, isPlain });
    }
    const join = parts.joins.get(type.name);
    const isPlain = [...collected.values()].some((one) => one.isPlain);
    if (join !== undefined && !isPlain && asksOther(collected, join.key)) {
      this.#addKey(fields, source, type, join.key);
    }
    for (const { link } of linked) {
      if (type.getFields()[link.from] !== undefined) this.#addKey(fields, source, type, link.from);
      else addTo(elsewhere, this.#ownerOf(type.name, link.from), link.from, fromField(link.from));
    }
    if (stated !== undefined) this.#addKey(fields, source, type, stated, keyAlias);
    const joins = [...elsewhere].map(([upstream, nodes]) =>
      this.#join(type.name, join, upstream, nodes),
    );
    const links = linked.map((one) => this.#link(one, type, joins));
    for (const [rawKey, { nodes }] of collected) {
      const ordered = this.#ordered(type.name, rawKey, nodes[0], fields, joins, links);
      if (ordered !== undefined) order.push(ordered);
    }
    return { typeName: type.name, fields: [...fields.values()], joins, links, order };
  }

  #ownerOf(typeName: string, name: string): string {
    const owner = this.#means.parts.owners.get(`${typeName}.${name}`);
    if (owner === undefined) throw new Unsupported('no-owner');
    return owner;
  }

  #ordered(
    typeName: string,
    rawKey: string,
    node: FieldNode | undefined,
    fields: ReadonlyMap<string, Field>,
    joins: readonly Join[],
    links: readonly Link[],
  ): Ordered | undefined {
    if (node === undefined || node.name.value === '__typename') return undefined;
    const { type } = this.#executableField(typeName, node.name.value);
    const joined = joins.flatMap((join) => join.part.fields);
    const field = fields.get(rawKey) ?? joined.find((one) => one.rawKey === rawKey);
    const link = links.find((one) => one.rawKey === rawKey);
    return { rawKey, type, selection: field?.selection ?? link?.selection };
  }

  #executableField(typeName: string, name: string): GraphQLField<unknown, unknown> {
    const type = this.#means.schema.getType(typeName);
    const field = isObjectType(type) ? type.getFields()[name] : undefined;
    if (field === undefined) throw new Unsupported('no-field');
    return field;
  }

  field(
    source: Source,
    type: GraphQLObjectType,
    definition: GraphQLField<unknown, unknown>,
    rawKey: string,
    nodes: readonly FieldNode[],
  ): Field {
    const [node] = nodes;
    const named = getNamedType(definition.type);
    const selection = isCompositeType(named)
      ? this.selection(source, named.name, selectionSetsOf(nodes))
      : undefined;
    const executable = this.#executableField(type.name, definition.name);
    refuseStricter(definition, executable);
    const rest = source.kind === 'openapi' ? restReadOf(source, definition) : undefined;
    return {
      name: definition.name,
      rawKey,
      sent: rest?.wire ?? rawKey,
      isWhole: rest !== undefined && rest.wire === undefined,
      asked: source.kind === 'openapi' || node === undefined ? '' : askedBy(node),
      variables: node === undefined ? [] : variablesIn(node),
      nonNull: isNonNullType(definition.type),
      read: rest?.read,
      takesText: rest?.takesText === true && isText(named.name, getNamedType(executable.type).name),
      isKey: false,
      selection,
      listDepth: listDepthOf(definition.type),
      decode: compileDecoder(
        { type: definition.type, executable: getNamedType(executable.type), selection },
        this.decoderMeans(source),
      ),
    };
  }

  /** Adds a key, unless the caller selected the same field under this result key. */
  #addKey(
    fields: Map<string, Field>,
    source: Source,
    type: GraphQLObjectType,
    name: string,
    rawKey: string = name,
  ): void {
    if (fields.has(rawKey)) return;
    const definition = type.getFields()[name];
    if (definition === undefined) throw new Unsupported('no-key');
    const node: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } };
    fields.set(rawKey, { ...this.field(source, type, definition, rawKey, [node]), isKey: true });
  }

  #join(typeName: string, join: JoinPart | undefined, upstream: string, nodes: Collected): Join {
    const target = join?.targets.get(upstream);
    const source = this.#means.parts.sources.get(upstream);
    if (join === undefined || target === undefined || source === undefined) {
      throw new Unsupported('no-join');
    }
    const type = source.schema.getType(typeName);
    if (!isObjectType(type)) throw new Unsupported('no-join');
    const part = this.part(source, type, nodes, join.key);
    // Joins and links start from the whole object, never from a joined part.
    if (part.joins.length > 0 || part.links.length > 0) throw new Unsupported('nested-join');
    const selection = toSelection(source, [part], typeName, textOf([], [part]));
    return { ...this.#keyed.compile(source, target, selection, true), key: join.key, part };
  }

  #link(
    linked: { rawKey: string; link: LinkPart; nodes: readonly FieldNode[] },
    type: GraphQLObjectType,
    joins: readonly Join[],
  ): Link {
    const { rawKey, link, nodes } = linked;
    const source = this.#means.parts.sources.get(link.target.upstream);
    if (source === undefined) throw new Unsupported('no-upstream');
    const stated = source.keyed.get(link.target.field);
    const selection = this.selection(source, link.target.type.name, selectionSetsOf(nodes), stated);
    const isOwn = type.getFields()[link.from] !== undefined;
    const after = joins.find((join) => join.part.fields.some((one) => one.rawKey === link.from));
    if (!isOwn && after === undefined) throw new Unsupported('no-key');
    return {
      ...this.#keyed.compile(source, link.target, selection, link.isKeyed),
      rawKey,
      from: link.from,
      after: isOwn ? undefined : after,
    };
  }
}

/** Whether a string passes unchanged: the upstream and the graph have the same text type. */
const isText = (sent: string, executable: string): boolean =>
  sent === executable && (sent === 'String' || sent === 'ID');
