/** Checks a parameter's value against the document; the value may be the text of a number. */
import { toCheckable, toSendable } from '../document/parameter-schema.ts';
import type { SchemaLike } from '../document/schema-shape.ts';
import { compileCheck } from './check-value.ts';

/** A value passes if any of its possible meanings to the service is permitted. */
export function checkParameter(schema: SchemaLike): (value: unknown) => string | undefined {
  const check = compileCheck(toCheckable(schema));
  const { meaningsOf } = toSendable(schema);
  if (meaningsOf === undefined) return check;
  return (value) => {
    const found = meaningsOf(value).map(check);
    return found.includes(undefined) ? undefined : found[0];
  };
}
