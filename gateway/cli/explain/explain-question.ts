/**
 * Reads the operation to explain as the walk of a request would: parsed, limited, validated against
 * the public schema, variables coerced. Adds, for the operator alone, what exists in the unified
 * graph but for no caller.
 */
import { type GraphQLSchema, parse } from 'graphql';
import type { Question } from '../../authorize/authorize.ts';
import { Refusal } from '../../decision.ts';
import { publicFaces } from '../../errors.ts';
import { pickOperation } from '../../limits/document.ts';
import { coerceVariables } from '../../limits/variables.ts';
import type { Snapshot } from '../../snapshot/snapshot.ts';
import { readArgument, readJsonArgument } from '../read-caller.ts';
import { closedIn } from './explain-closed.ts';

export interface ExplainQuestion extends Omit<Question, 'caller'> {}

/** Problems of the document or its variables. */
export interface DocumentProblems {
  readonly problems: readonly {
    readonly code: string;
    readonly message: string;
    readonly locations?: readonly { line: number; column: number }[];
    /** The coordinate, if it exists for no caller. */
    readonly coordinate?: string;
  }[];
}

const misfits = ['limits/syntax', 'limits/invalid', 'limits/operation-name', 'limits/variables'];

/** Returns the question, a limit's refusal, or the problems; throws Error for misused options. */
export async function readQuestion(
  snapshot: Snapshot,
  given: Readonly<Record<'query' | 'variables' | 'operation', string | undefined>>,
): Promise<ExplainQuestion | Refusal | DocumentProblems> {
  if (given.query === undefined) throw new Error('--query is missing: the document, or @FILE');
  const text = await readArgument(given.query, '--query');
  const variables =
    given.variables === undefined ? {} : await readJsonArgument(given.variables, '--variables');
  const against = {
    checkDocument: snapshot.checkDocument,
    schema: snapshot.public.schema,
  };
  const question = toQuestion(against, { text, variables, operation: given.operation });
  if (!isMisfit(question)) return question;
  const isParsed = question.reason === 'limits/invalid' || question.reason === 'limits/variables';
  const closed = isParsed ? closedIn(text, variables, snapshot) : [];
  return { problems: [...misfitsOf(text, question), ...closed] };
}

/** Whether the document or its variables are invalid for every caller. */
export const isMisfit = (question: ExplainQuestion | Refusal): question is Refusal =>
  question instanceof Refusal && misfits.includes(question.reason);

/** The problems of a misfit, worded for the author of the document. */
export const misfitsOf = (text: string, refusal: Refusal): DocumentProblems['problems'] =>
  problemsOf(refusal).map((one) => ({ ...one, ...syntaxOf(text, refusal) }));

/** Parses, limits and validates a document against a schema and coerces its variables. */
export function toQuestion(
  against: Pick<Snapshot, 'checkDocument'> & {
    readonly schema: GraphQLSchema;
  },
  given: {
    text: string;
    variables: Readonly<Record<string, unknown>>;
    operation?: string | undefined;
  },
): ExplainQuestion | Refusal {
  const checked = against.checkDocument(given.text);
  if (checked instanceof Refusal) return checked;
  const operation = pickOperation(checked, given.operation);
  if (operation instanceof Refusal) return operation;
  const variables = coerceVariables(against.schema, operation, given.variables);
  if (variables instanceof Refusal) return variables;
  const { fragments, conditionVariables } = checked;
  return { text: given.text, operation, fragments, conditionVariables, variables };
}

function problemsOf({ reason, errors }: Refusal): DocumentProblems['problems'] {
  if (errors.length === 0) {
    const { code, message } = publicFaces[reason];
    return [{ code, message }];
  }
  return errors.map(({ message, locations, extensions: { code } }) => ({
    code,
    message,
    ...(locations === undefined ? {} : { locations }),
  }));
}

/** The parser's message quotes the document, so it is for the document's author only. */
function syntaxOf(text: string, { reason }: Refusal): { message?: string } {
  if (reason !== 'limits/syntax') return {};
  try {
    parse(text);
    return {};
  } catch (error) {
    return error instanceof Error ? { message: error.message } : {};
  }
}
