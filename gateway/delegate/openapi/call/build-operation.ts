/**
 * Builds one operation of a document as a root field: its arguments, its type, and the REST call
 * behind it. What cannot be represented is returned as a reason, never left out silently.
 *
 * Header and cookie parameters never become arguments: documents declare credentials this way, and
 * a caller must not choose the gateway's.
 */
import {
  type GraphQLArgumentConfig,
  GraphQLBoolean,
  type GraphQLFieldConfig,
  GraphQLNonNull,
} from 'graphql';
import type { ChosenOperation } from '../document/choose-operations.ts';
import { describeParameter } from '../document/describe-parameter.ts';
import type { ApiParameter, ListedOperation } from '../document/list-operations.ts';
import { toSendable } from '../document/parameter-schema.ts';
import { pickAnswer } from '../document/pick-media-type.ts';
import { readShape } from '../document/read-shape.ts';
import { isLeaf } from '../document/scalar-shapes.ts';
import { toHintExtensions } from '../document/schema-hints.ts';
import { hasDefault, type Shape } from '../document/schema-shape.ts';
import { toDefaultExtensions } from '../document/service-default.ts';
import type { InputType, InputTypes } from '../types/input-types.ts';
import { toOutputType } from '../types/output-types.ts';
import type { TypeSpace } from '../types/type-space.ts';
import { compileRead } from './answer-shape.ts';
import { bodyArgument, buildBody } from './build-body.ts';
import { checkParameter } from './check-parameter.ts';
import type { IsElsewhere } from './other-paths.ts';
import { isPlainList, mayWrite, namesWritten, toQueryStyle } from './query-style.ts';
import type { PathArgument, RestAnswer, RestArgument, RestOperation } from './rest-operation.ts';
import { fieldsetOf, type SelectWanted, toFieldset } from './select-fields.ts';
import { sharedSegmentOf } from './shared-segment.ts';
import { assignNames, toFieldName, toPascal } from './wire-names.ts';

/** The context of root fields, provided by the executor. */
export interface RestContext {
  /** `fields` are the properties to ask for; undefined for all. */
  call(
    operation: RestOperation,
    args: Readonly<Record<string, unknown>>,
    fields: readonly string[] | undefined,
  ): Promise<unknown>;
}

export interface BuiltOperation {
  operation: RestOperation;
  field: GraphQLFieldConfig<unknown, RestContext>;
}

interface Building {
  chosen: ChosenOperation;
  space: TypeSpace;
  inputs: InputTypes;
  /** The sparse-fieldset parameter, which the gateway sets itself. */
  select: SelectWanted | undefined;
  args: Record<string, GraphQLArgumentConfig>;
  names: ReadonlyMap<string, string>;
}

const callable = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** The root field, or the reason why there is none. */
export function buildOperation(about: {
  chosen: ChosenOperation;
  space: TypeSpace;
  inputs: InputTypes;
  select: SelectWanted | undefined;
  isElsewhere: IsElsewhere | undefined;
}): BuiltOperation | string {
  const { chosen, space, isElsewhere } = about;
  const { operation: listed, root, field } = chosen;
  if (!callable.includes(listed.method)) return `${listed.method} has no place in a graph`;
  for (const why of listed.notes) space.note(listed.label, why);
  noteHeaders(listed, space);
  const select = hasParameter(listed, about.select) ? about.select : undefined;
  const names = nameArguments(listed, space, select);
  const building: Building = { ...about, select, args: Object.create(null), names };
  const path = buildPath(building);
  if (typeof path === 'string') return path;
  const query = buildQuery(building);
  if (typeof query === 'string') return query;
  const body = buildBody(building);
  if (typeof body === 'string') return body;
  const { type, accept, answer } = buildAnswer(chosen, space);
  const { label, method, description } = listed;
  const coordinate = `${root}.${field}`;
  const fieldset = select && toFieldset(select, type, (why) => space.note(label, why));
  const operation: RestOperation = {
    coordinate,
    label,
    method,
    path,
    isElsewhere,
    query,
    headers: Object.freeze({ accept }),
    body: body && {
      ...body,
      headers: Object.freeze({ accept, 'content-type': body.mediaType }),
    },
    answer,
    select: fieldset,
  };
  const bound = answer && space.compileBound(answer.shape, false);
  return {
    operation,
    field: {
      type,
      args: building.args,
      ...(description === undefined ? {} : { description }),
      resolve: async (_, args: Record<string, unknown>, context, info) => {
        const fields = fieldset && fieldsetOf(fieldset, type, info);
        const value = await context.call(operation, args, fields);
        return bound === undefined ? value : bound(value, context);
      },
    },
  };
}

function hasParameter({ parameters }: ListedOperation, select: SelectWanted | undefined): boolean {
  return parameters.some((each) => each.in === 'query' && each.name === select?.parameter);
}

function noteHeaders({ label, parameters }: ListedOperation, { note }: TypeSpace): void {
  const kept = parameters.filter((each) => each.in !== 'path' && each.in !== 'query');
  if (kept.length === 0) return;
  const names = kept.map((each) => `${each.name} (${each.in}${each.required ? ', required' : ''})`);
  note(label, `never an argument, send it by headers of the upstream: ${names.join(', ')}`);
}

function keyOf(parameter: ApiParameter): string {
  return `${parameter.in} ${parameter.name}`;
}

function nameArguments(
  listed: ListedOperation,
  { note }: TypeSpace,
  select: SelectWanted | undefined,
): Map<string, string> {
  const parameters = listed.parameters.filter(
    (each) => each.in === 'path' || (each.in === 'query' && each.name !== select?.parameter),
  );
  const wires = new Map(parameters.map((each) => [keyOf(each), each.name]));
  return assignNames(wires.keys(), {
    toName: (key) => toFieldName(wires.get(key) ?? key),
    textOf: (key) => wires.get(key) ?? key,
    collided: (key, name) => note(listed.label, `the argument for ${key} is called ${name}`),
    taken: listed.body === undefined ? [] : [bodyArgument],
  });
}

function buildPath(building: Building): (string | PathArgument)[] | string {
  const { path, parameters } = building.chosen.operation;
  const parts: (string | PathArgument)[] = [];
  const shapeOf = (name: string): Shape | undefined => {
    const described = parameters.find((each) => each.in === 'path' && each.name === name);
    return described && readShape(described.schema);
  };
  for (const [index, text] of path.split(/[{}]/).entries()) {
    if (index % 2 === 0) {
      if (!isPlainPath(text)) return 'the path is not written as a path';
      parts.push(text);
      continue;
    }
    const parameter = parameters.find((each) => each.in === 'path' && each.name === text);
    if (parameter === undefined) return `the path parameter ${text} is not described`;
    const input = toInput(building, parameter);
    const isText = isLeaf(input.shape) || isPlainList(input.shape);
    if (!isText || (parameter.style ?? 'simple') !== 'simple') {
      return `the path parameter ${text} has a form that cannot be sent`;
    }
    const fits = sharedSegmentOf(path, text, shapeOf);
    if (typeof fits === 'string') return fits;
    parts.push({ ...addArgument(building, { parameter, required: true, input }), fits });
  }
  return parts;
}

/** Templates are the operator's, but a `?` or dot segment in one is a mistake in the document. */
function isPlainPath(text: string): boolean {
  const isDotted = text.split('/').some((segment) => segment === '..');
  return /^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/.test(text) && !isDotted;
}

function buildQuery(building: Building): RestOperation['query'] | string {
  const { label, parameters } = building.chosen.operation;
  const built: RestOperation['query'][number][] = [];
  const queried = parameters.filter((each) => each.in === 'query');
  // The names that an object writes must not be subject to a rule on another argument.
  const taken = new Set(queried.map(({ name }) => name));
  for (const parameter of queried) {
    if (parameter.name === building.select?.parameter) continue;
    const input = parameter.hasContent ? undefined : toInput(building, parameter);
    const style = input && toQueryStyle(parameter, input.shape);
    const meets = style && [...taken].find((one) => mayWrite(parameter, { ...input, style }, one));
    if (input === undefined || style === undefined || meets !== undefined) {
      const what = meets === undefined ? 'has a form that cannot be sent' : `also writes ${meets}`;
      const why = `the query parameter ${parameter.name} ${what}`;
      if (parameter.required) return why;
      building.space.note(label, `${why}: left out`);
      continue;
    }
    const required = parameter.required && !hasDefault(parameter.schema);
    built.push({ ...addArgument(building, { parameter, required, input }), style });
    for (const name of namesWritten(parameter, { ...input, style })) taken.add(name);
  }
  return built;
}

function toInput(building: Building, parameter: ApiParameter): InputType {
  const { chosen, inputs, names } = building;
  const name = names.get(keyOf(parameter)) ?? parameter.name;
  return inputs.toInputType(toSendable(parameter.schema).schema, {
    hint: `${toPascal(chosen.field)}${toPascal(name)}`,
    wire: parameter.name,
    about: chosen.operation.label,
  });
}

function addArgument(
  building: Building,
  about: { parameter: ApiParameter; required: boolean; input: InputType },
): RestArgument {
  const { parameter, required, input } = about;
  const argument = building.names.get(keyOf(parameter)) ?? parameter.name;
  const { description, ownWords } = describeParameter(parameter);
  const { name: wire, schema } = parameter;
  building.args[argument] = {
    type: required ? new GraphQLNonNull(input.type) : input.type,
    ...(description === '' ? {} : { description }),
    extensions: {
      ...(description === ownWords ? {} : { ownWords }),
      ...toHintExtensions(schema, building.space.componentOf),
      ...toDefaultExtensions(schema),
    },
  };
  return { argument, wire, write: input.write, check: checkParameter(schema) };
}

/** Root fields are nullable: a failing upstream must not remove the others' data. */
function buildAnswer(
  chosen: ChosenOperation,
  space: TypeSpace,
): {
  type: GraphQLFieldConfig<unknown, RestContext>['type'];
  /** The media type to ask for. */
  accept: string;
  answer: RestAnswer | undefined;
} {
  const { operation: listed, field } = chosen;
  const picked = pickAnswer(listed.responses);
  for (const why of picked.notes) space.note(listed.label, why);
  if (picked.json === undefined) {
    return { type: GraphQLBoolean, accept: 'application/json', answer: undefined };
  }
  const { type, nullable, answer } = toOutputType(
    picked.json.schema,
    { hint: `${toPascal(field)}Response`, wire: '', about: listed.label },
    space,
  );
  const { mediaType: accept } = picked.json;
  const { mayBeEmpty } = picked;
  const read = compileRead(answer, space.upstream);
  return { type, accept, answer: { mayBeEmpty, nullable, shape: answer, read } };
}
