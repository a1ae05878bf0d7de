/**
 * Checks at start that an upstream can be asked for objects by key as a join or link requires, and
 * converts keys to values for its argument.
 *
 * A key that does not fit the argument is a failure of its own before anything is sent: never NaN,
 * never a guess.
 */
import {
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { KeyTarget } from '../../graph/graph-parts.ts';
import { listDepthOf } from '../../graph/list-depth.ts';
import { isKey } from '../../graph/upstream-value.ts';
import type { ComposedSubgraph, JoinTarget } from './stitch-config.ts';

/** The checked target; throws Error with what is wrong, prefixed by `where`. */
export function checkTarget(
  subgraph: ComposedSubgraph,
  target: JoinTarget,
  where: string,
): KeyTarget {
  const upstream = subgraph.name;
  const fields = subgraph.schema.getQueryType()?.getFields() ?? {};
  const field = fields[target.field];
  if (field === undefined) {
    const hint = didYouMean(target.field, Object.keys(fields));
    throw new Error(`${where}: ${upstream} has no Query.${target.field}${hint}`);
  }
  const at = `${where}: Query.${target.field} of ${upstream}`;
  const argument = field.args.find((candidate) => candidate.name === target.argument);
  if (argument === undefined) {
    const hint = didYouMean(
      target.argument,
      field.args.map(({ name }) => name),
    );
    throw new Error(`${at} has no argument ${target.argument}${hint}`);
  }
  const other = field.args.find((one) => one !== argument && isRequiredArgument(one));
  if (other !== undefined) throw new Error(`${at} also needs the argument ${other.name}`);
  const isBatch = target.batch ?? isListType(getNullableType(argument.type));
  const lists = isBatch ? 1 : 0;
  if (listDepthOf(argument.type) !== lists || listDepthOf(field.type) !== lists) {
    const shape = isBatch
      ? 'one list of keys and give one of objects'
      : 'one key and give one object';
    const found = `it takes ${argument.type} and gives ${field.type}`;
    throw new Error(`${at} must take ${shape} (batch: ${isBatch}); ${found}`);
  }
  const type = getNamedType(field.type);
  if (!isObjectType(type)) throw new Error(`${at} must give an object type, not ${type.name}`);
  const keyType = getNamedType(argument.type);
  if (!isLeafType(keyType)) throw new Error(`${at}: ${target.argument} must take a scalar`);
  const toKey = keyReader(upstream, keyType.name);
  const checked = { upstream, field: target.field, argument: target.argument, isBatch, type };
  return { ...checked, toKey: isBatch ? sendableAlone(subgraph, target, toKey) : toKey };
}

/** Keys that a REST upstream takes: one that it does not would fail all that are asked with it. */
function sendableAlone(
  { direct }: ComposedSubgraph,
  { field, argument }: JoinTarget,
  toKey: KeyTarget['toKey'],
): KeyTarget['toKey'] {
  const call = direct?.kind === 'openapi' ? direct.calls.get(`Query.${field}`) : undefined;
  if (call === undefined) return toKey;
  return (value) => {
    const key = toKey(value);
    if (key === null || key instanceof Error) return key;
    return call.refuses({ [argument]: [key] }) ?? key;
  };
}

function keyReader(upstream: string, typeName: string): KeyTarget['toKey'] {
  const isNumeric = typeName === 'Int' || typeName === 'Float';
  return (value) => {
    if (value === null || value === undefined) return null;
    if (value instanceof UpstreamFailure) return value;
    if (isKey(value)) {
      if (!isNumeric) return String(value);
      const number = Number(value);
      if (Number.isSafeInteger(number) && String(number) === String(value)) return number;
    }
    return new UpstreamFailure({ upstream, why: 'a key does not fit the argument' });
  };
}
