/**
 * From an OpenAPI document to a subgraph: a GraphQL schema whose root fields are REST calls.
 *
 * Runs once, at boot. Nothing is lost or merged silently: an operation that cannot be
 * represented is in the report by method and path, a part that became opaque, was renamed or was
 * left out by its type or coordinate.
 */
import { type GraphQLFieldConfig, GraphQLObjectType, GraphQLSchema, validateSchema } from 'graphql';
import type { OpenAPIV3_1 } from 'openapi-types';
import { buildOperation, type RestContext } from './build-operation.ts';
import { chooseOperations, type OperationsWanted } from './choose-operations.ts';
import { createInputTypes } from './input-types.ts';
import { listComponents, listOperations } from './list-operations.ts';
import type { RestOperation } from './rest-operation.ts';
import { createTypeSpace } from './type-space.ts';

export interface ReportEntry {
  /** `GET /employees/{id}`, a coordinate, or a type. */
  operation: string;
  why: string;
  /** The operation does not exist in the graph; otherwise this is a note. */
  lost: boolean;
}

export interface TranslatedOpenApi {
  schema: GraphQLSchema;
  /** By coordinate: `Query.employee`. */
  operations: Map<string, RestOperation>;
  report: ReportEntry[];
}

type Fields = Record<string, GraphQLFieldConfig<unknown, RestContext>>;

/** Throws an Error for operations that the document does not have, and for an empty graph. */
export function translateOpenApi(about: {
  upstream: string;
  document: OpenAPIV3_1.Document;
  operations: OperationsWanted;
}): TranslatedOpenApi {
  const { upstream, document } = about;
  const report: ReportEntry[] = [];
  const note = createNotes(report);
  const listed = listOperations(document);
  const allChosen = chooseOperations({ upstream, listed, wanted: about.operations, note });
  const space = createTypeSpace({ upstream, components: listComponents(document), note });
  const inputs = createInputTypes(space);
  const fields: Record<'Query' | 'Mutation', Fields> = { Query: {}, Mutation: {} };
  const operations = new Map<string, RestOperation>();
  for (const chosen of allChosen) {
    const built = buildOperation({ chosen, space, inputs });
    if (typeof built === 'string') {
      report.push({ operation: chosen.operation.label, why: built, lost: true });
      continue;
    }
    fields[chosen.root][chosen.field] = built.field;
    operations.set(built.operation.coordinate, built.operation);
  }
  return { schema: buildSchema(upstream, fields, report), operations, report };
}

function buildSchema(
  upstream: string,
  fields: Record<'Query' | 'Mutation', Fields>,
  report: readonly ReportEntry[],
): GraphQLSchema {
  if (Object.keys(fields.Query).length === 0) {
    const lost = report.filter((entry) => entry.lost);
    const why = lost.map(({ operation, why }) => ` ${operation}: ${why}.`).join('');
    throw new Error(`upstream ${upstream}: its operations give no Query field.${why}`);
  }
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: fields.Query }),
    mutation:
      Object.keys(fields.Mutation).length === 0
        ? null
        : new GraphQLObjectType({ name: 'Mutation', fields: fields.Mutation }),
  });
  const [error] = validateSchema(schema);
  if (error !== undefined) {
    throw new Error(`upstream ${upstream}: no valid schema: ${error.message}`, { cause: error });
  }
  return schema;
}

/** One schema is often read in several places, which must not repeat its notes. */
function createNotes(report: ReportEntry[]): (operation: string, why: string) => void {
  const known = new Set<string>();
  return (operation, why) => {
    const key = JSON.stringify([operation, why]);
    if (known.has(key)) return;
    known.add(key);
    report.push({ operation, why, lost: false });
  };
}
