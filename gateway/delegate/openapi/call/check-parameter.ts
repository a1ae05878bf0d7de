/** What the document permits of a parameter's value, which may be a text in the place of a number. */
import { toCheckable, toSendable } from '../document/parameter-schema.ts';
import type { SchemaLike } from '../document/schema-shape.ts';
import { compileCheck } from './check-value.ts';

/** Whether any of what a value may mean to the service is what the document permits. */
export function checkParameter(schema: SchemaLike): (value: unknown) => string | undefined {
  const check = compileCheck(toCheckable(schema));
  const { meaningsOf } = toSendable(schema);
  return (value) => {
    const found = meaningsOf(value).map(check);
    return found.includes(undefined) ? undefined : found[0];
  };
}
