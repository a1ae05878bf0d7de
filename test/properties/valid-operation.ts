import { type GraphQLSchema, parse, validate } from 'graphql';
import { generateOperation, type Operation } from './generate-operation.ts';
import type { Random } from './random.ts';

/** Random documents conflict with themselves now and then; those are not operations. */
export function validOperation(random: Random, schema: GraphQLSchema): Operation {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const operation = generateOperation(random, schema);
    if (validate(schema, parse(operation.query)).length === 0) return operation;
  }
  throw new Error('no valid operation in 200 attempts');
}
