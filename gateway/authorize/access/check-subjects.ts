/**
 * Checks, at start, that the configured data subjects can be read from the graph: each from a plain
 * scalar field without arguments on an object type. Otherwise the gateway does not start.
 */
import { type GraphQLSchema, getNullableType, isLeafType, isObjectType } from 'graphql';
import { MisfitError } from '../../files/misfit-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { SubjectFields } from '../operation/plan-subject.ts';

export interface CheckedSubjects {
  readonly fields: SubjectFields;
  /** The fields that hold the subjects' ids, as coordinates. */
  readonly coordinates: ReadonlySet<string>;
}

/** Throws MisfitError that names the unfit entry of `audit.subjects`. */
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
