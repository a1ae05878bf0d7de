/**
 * Builds the body of an operation as the argument `input`: JSON if the document offers it,
 * otherwise a form. A body that cannot be sent is returned as a reason if required, else noted.
 */
import { type GraphQLArgumentConfig, GraphQLNonNull } from 'graphql';
import { UpstreamFailure } from '../../../errors.ts';
import type { ChosenOperation } from '../document/choose-operations.ts';
import type { ApiContent } from '../document/list-operations.ts';
import { formMediaType, pickForm, pickJson } from '../document/pick-media-type.ts';
import type { SchemaLike, Shape } from '../document/schema-shape.ts';
import { toDefaultExtensions } from '../document/service-default.ts';
import type { InputTypes } from '../types/input-types.ts';
import type { TypeSpace } from '../types/type-space.ts';
import { compileCheck } from './check-value.ts';
import { namesTaken, writeApart } from './further-names.ts';
import { planForm } from './plan-form.ts';
import type { RestBody } from './rest-operation.ts';
import { toPascal } from './wire-names.ts';
import { writeForm } from './write-form.ts';

interface Building {
  chosen: ChosenOperation;
  space: TypeSpace;
  inputs: InputTypes;
  args: Record<string, GraphQLArgumentConfig>;
}

type Body = Omit<RestBody, 'headers'> & { readonly mediaType: string };
type Write = Body['write'];

export const bodyArgument = 'input';

/** The body, undefined if none is sent, or the reason why the operation cannot be called. */
export function buildBody(building: Building): Body | undefined | string {
  const { chosen, space } = building;
  const { body, label, method } = chosen.operation;
  if (body === undefined) return undefined;
  const lose = (why: string): string | undefined => {
    if (body.required) return `${why} cannot be sent`;
    space.note(label, `${why} cannot be sent: left out`);
    return undefined;
  };
  if (method === 'GET') return lose('a GET with a body');
  const json = pickJson(body.content);
  if (json !== undefined) {
    const { schema, mediaType } = json;
    return addBody(building, { schema, checked: schema, mediaType, toText: JSON.stringify });
  }
  const form = pickForm(body.content);
  if (form === undefined) return lose(`a body of ${typesOf(body.content)}`);
  const plan = planForm(form, queryOf(building));
  if (typeof plan === 'string') return lose(plan);
  const { fields, leftOut, schema } = plan;
  if (leftOut.length > 0) {
    space.note(label, `of its form, left out for want of a clear spelling: ${leftOut.join(', ')}`);
  }
  if (fields.length === 0) return undefined;
  const refuse = (why: string) => new UpstreamFailure({ upstream: space.upstream, why });
  const toText = (value: unknown) => writeForm(fields, value, refuse);
  return addBody(building, { schema, checked: form.schema, mediaType: formMediaType, toText });
}

function addBody(
  building: Building,
  about: { schema: SchemaLike; checked: SchemaLike } & Pick<Body, 'mediaType' | 'toText'>,
): Body {
  const { schema, checked, ...rest } = about;
  const { chosen, inputs, args } = building;
  const { body, label } = chosen.operation;
  const { type, write, shape } = inputs.toInputType(schema, {
    hint: `${toPascal(chosen.field)}Input`,
    wire: '',
    about: label,
  });
  args[bodyArgument] = {
    type: body?.required ? new GraphQLNonNull(type) : type,
    // The service's own default is that of the whole schema, whatever part of it can be sent.
    extensions: toDefaultExtensions(checked),
  };
  const check = compileCheck(checked);
  return { argument: bodyArgument, wire: '', write: apart(building, shape, write), check, ...rest };
}

const queryOf = ({ chosen }: Building): string[] =>
  chosen.operation.parameters.flatMap((each) => (each.in === 'query' ? [each.name] : []));

/** Some services take these in a body for the real method, which would be another operation. */
const namesMethod = namesTaken([
  '_method',
  'X-HTTP-Method',
  'X-HTTP-Method-Override',
  'X-Method-Override',
]);

/**
 * Many services merge query and body: a name chosen by a caller must not replace a parameter, which
 * may be pinned or refused.
 */
function apart(building: Building, shape: Shape, write: Write): Write {
  const isParameter = namesTaken(queryOf(building));
  const isTaken = (name: string): boolean => namesMethod(name) || isParameter(name);
  const { upstream } = building.space;
  return writeApart(write, shape, {
    isTaken,
    refuse: (why) => new UpstreamFailure({ upstream, why }),
  });
}

function typesOf(content: ApiContent): string {
  return Object.keys(content).join(', ') || 'no media type';
}
