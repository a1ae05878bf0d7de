/**
 * Reads the cases against the graph and finds invalid queries, unknown names and coordinates that
 * the query does not touch. Problems of all files are reported together.
 */

import { Refusal } from '../../decision.ts';
import type { PolicyCase } from '../../files/cases-file.ts';
import type { Problem } from '../../files/config-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import { checkDocument } from '../../limits/document.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import {
  type ExplainQuestion,
  isMisfit,
  misfitsOf,
  toQuestion,
} from '../explain/explain-question.ts';
import { type Expectation, readExpected } from './cases-expected.ts';
import { type Place, placesIn } from './cases-places.ts';
import { toCasesSchema } from './cases-schema.ts';

export interface ReadCase {
  readonly one: PolicyCase;
  /** A refusal if a limit refuses the query for every caller. */
  readonly asked:
    | { readonly question: ExplainQuestion; readonly places: readonly Place[] }
    | Refusal;
  readonly named: ReadonlyMap<string, Expectation>;
}

/** Returns the case, or its problems. */
export function readCase(
  one: PolicyCase,
  snapshot: Pick<Snapshot, 'executable' | 'policy' | 'limits'>,
): ReadCase | readonly Problem[] {
  const { limits } = snapshot;
  const schema = toCasesSchema(snapshot);
  const { query, variables = {}, operation, source, path } = one;
  const question = toQuestion(
    { schema, checkDocument: (text) => checkDocument(text, schema, limits) },
    { text: query, variables, operation },
  );
  if (isMisfit(question)) return misfitProblems(one, question);
  const places = question instanceof Refusal ? undefined : placesIn(schema, question);
  const { named, problems } = readExpected(one, schema, places);
  const undeclared = question instanceof Refusal ? [] : undeclaredIn(one, question);
  if (problems.length + undeclared.length > 0) return [...undeclared, ...problems];
  if (question instanceof Refusal) return { one, asked: question, named };
  if (places === undefined) {
    const message = 'the query has too many fields, over all types they can stand at';
    return [source.problem({ path: [...path, 'query'], code: 'out-of-range', message })];
  }
  return { one, asked: { question, places }, named };
}

/**
 * Locations in the query are given by its own lines, which count from the text, not from the file.
 */
function misfitProblems(one: PolicyCase, refusal: Refusal): Problem[] {
  const { query, source, path } = one;
  const key = keys[refusal.reason] ?? 'query';
  const at = [...path, one[key] === undefined ? 'query' : key];
  return misfitsOf(query, refusal).map(({ message, locations = [] }) => {
    const [first] = locations;
    const place = first && ` (line ${first.line}, column ${first.column} of the query)`;
    return source.problem({ path: at, code: 'misfit', message: `${message}${place ?? ''}` });
  });
}

const keys: Readonly<Record<string, 'variables' | 'operation'>> = {
  'limits/variables': 'variables',
  'limits/operation-name': 'operation',
};

/** Requests may carry undeclared variables; in a case they are a mistake. */
function undeclaredIn(
  { variables = {}, source, path }: PolicyCase,
  { operation }: ExplainQuestion,
): Problem[] {
  const declared = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  return Object.keys(variables)
    .filter((name) => !declared.includes(name))
    .map((name) => {
      const message = `the operation has no variable $${name}${didYouMean(name, declared)}`;
      const at = [...path, 'variables', name];
      return source.problem({ path: at, part: 'key', code: 'unknown-name', message });
    });
}
