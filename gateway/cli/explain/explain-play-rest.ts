/**
 * Simulates a REST upstream: placeholder JSON of the operation's return type, with the names used
 * on the wire.
 *
 * A REST call does not tell which parts of its answer are read, so all of it is generated,
 * breadth-first and bounded, because types may contain themselves.
 */
import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql';
import type { RestOperation } from '../../delegate/openapi/call/rest-operation.ts';
import type { UpstreamAnswer, UpstreamRequest } from '../../delegate/upstream.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import { type KeyFields, toStatedFields } from './explain-keys.ts';
import { madeUpLeaf } from './explain-made-up.ts';
import { readRestArguments } from './explain-rest-arguments.ts';

export interface PlayedRest {
  readonly schema: GraphQLSchema;
  readonly operations: ReadonlyMap<string, RestOperation>;
  readonly keys: KeyFields;
}

/** Most values in one answer, and their deepest nesting; the rest is left out. */
const placesMax = 20_000;
const depthMax = 64;

export function answerRest(played: PlayedRest, request: UpstreamRequest): UpstreamAnswer {
  const operation = [...played.operations.values()].find(({ label }) => label === request.label);
  if (operation === undefined) throw new Error(`${request.label} is no operation of the document`);
  if (operation.answer === undefined) return { status: 200, contentType: '', body: '' };
  const body = JSON.stringify(toBody(played, operation, request.path)) ?? 'null';
  return { status: 200, contentType: 'application/json', body };
}

function toBody(played: PlayedRest, operation: RestOperation, path: string): unknown {
  const [root, name] = splitCoordinate(operation.coordinate);
  const type = played.schema.getType(root);
  const field = isObjectType(type) ? type.getFields()[name] : undefined;
  if (field === undefined) throw new Error(`${operation.coordinate} is no field`);
  const made = makeUp(field.type);
  const args = readRestArguments(operation, path);
  const stated = toStatedFields(field, args, played.keys.get(operation.coordinate));
  const nullable = getNullableType(field.type);
  const item = isListType(nullable) ? getNullableType(nullable.ofType) : nullable;
  if (!isObjectType(item)) return made;
  const objects = stated.map((fields) => {
    const first: unknown = Array.isArray(made) ? made[0] : made;
    return { ...Object(first), ...toWire(item, fields) };
  });
  return isListType(nullable) ? objects : objects[0];
}

function toWire(type: GraphQLObjectType, fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [wireName(type, name), value]),
  );
}

function wireName(type: GraphQLObjectType, name: string): string {
  const wire = type.getFields()[name]?.extensions.wireName;
  return typeof wire === 'string' ? wire : name;
}

interface Place {
  readonly type: GraphQLOutputType;
  readonly depth: number;
  put(value: unknown): void;
}

function makeUp(root: GraphQLOutputType): unknown {
  let made: unknown;
  const pending: Place[] = [
    {
      type: root,
      depth: 0,
      put: (value) => {
        made = value;
      },
    },
  ];
  for (const [index, place] of pending.entries()) {
    if (index >= placesMax) break;
    fill(place, pending);
  }
  return made;
}

function fill({ type, put, ...place }: Place, pending: Place[]): void {
  const depth = place.depth + 1;
  if (depth > depthMax) return;
  const nullable = getNullableType(type);
  if (isListType(nullable)) {
    const list: unknown[] = [];
    pending.push({ type: nullable.ofType, depth, put: (value) => list.push(value) });
    put(list);
  } else if (isObjectType(nullable)) {
    const holder: Record<string, unknown> = Object.create(null);
    for (const field of Object.values(nullable.getFields())) {
      const wire = wireName(nullable, field.name);
      pending.push({
        type: field.type,
        depth,
        put: (value) => {
          holder[wire] = value;
        },
      });
    }
    put(holder);
  } else if (isLeafType(nullable)) {
    put(madeUpLeaf(nullable));
  }
}
