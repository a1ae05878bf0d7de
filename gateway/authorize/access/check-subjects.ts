/**
 * Checks, at start, that whose data objects are can be read from the graph: a plain scalar field,
 * without required arguments, of an object type. Refuses to start where it cannot.
 */
import { type GraphQLSchema, getNullableType, isLeafType, isObjectType } from 'graphql';
import { MisfitError } from '../../files/misfit-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { SubjectFields } from '../operation/plan-subject.ts';

export interface CheckedSubjects {
  readonly fields: SubjectFields;
  /** The fields that hold subjects' ids, as coordinates. */
  readonly coordinates: ReadonlySet<string>;
}

/** Throws MisfitError naming the entry of `audit.subjects` that does not fit. */
export function checkSubjects(schema: GraphQLSchema, fields: SubjectFields): CheckedSubjects {
  const coordinates = new Set<string>();
  for (const [typeName, { field }] of fields) {
    const misfit = (what: string) =>
      new MisfitError(`audit.subjects.${typeName}: ${what}`, ['audit', 'subjects', typeName]);
    const type = schema.getType(typeName);
    if (!isObjectType(type)) {
      const known = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));
      throw misfit(`there is no object type ${typeName}${didYouMean(typeName, known)}`);
    }
    const found = type.getFields()[field];
    if (found === undefined) {
      const hint = didYouMean(field, Object.keys(type.getFields()));
      throw misfit(`there is no ${typeName}.${field}${hint}`);
    }
    const isPlain = isLeafType(getNullableType(found.type)) && found.args.length === 0;
    if (!isPlain) throw misfit(`${typeName}.${field} is no plain scalar`);
    coordinates.add(`${typeName}.${field}`);
  }
  return { fields, coordinates };
}
