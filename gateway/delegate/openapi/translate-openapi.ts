/**
 * Translates an OpenAPI document to a subgraph: a GraphQL schema whose root fields are REST calls.
 *
 * Runs once, at boot. Nothing is lost or merged silently: the report has every operation that
 * cannot be represented by method and path, and every part that became opaque, was renamed or was
 * left out by its type or coordinate.
 */
import { type GraphQLFieldConfig, GraphQLObjectType, GraphQLSchema, validateSchema } from 'graphql';
import { buildOperation, type RestContext } from './call/build-operation.ts';
import { createOtherPaths } from './call/other-paths.ts';
import type { RestOperation } from './call/rest-operation.ts';
import type { SelectWanted } from './call/select-fields.ts';
import type { ApiDocument } from './document/api-document.ts';
import {
  type ChosenOperation,
  chooseOperations,
  type OperationsWanted,
} from './document/choose-operations.ts';
import {
  type ListedOperation,
  listComponents,
  listOperations,
} from './document/list-operations.ts';
import { createInputTypes } from './types/input-types.ts';
import { createTypeSpace } from './types/type-space.ts';

export interface ReportEntry {
  /** `GET /employees/{id}`, a coordinate, or a type. */
  operation: string;
  why: string;
  /** Whether the operation is missing from the graph; otherwise this is a note. */
  lost: boolean;
}

export interface TranslatedOpenApi {
  schema: GraphQLSchema;
  /** By coordinate: `Query.employee`. */
  operations: Map<string, RestOperation>;
  report: ReportEntry[];
}

interface Translating {
  upstream: string;
  document: ApiDocument;
  operations: OperationsWanted;
  select?: SelectWanted | undefined;
}

type Fields = Record<string, GraphQLFieldConfig<unknown, RestContext>>;

/** Most runs until names are settled; each run settles at least one more. */
const runsMax = 20;

/** Throws Error for operations missing from the document, and for an empty graph. */
export function translateOpenApi(about: Translating): TranslatedOpenApi {
  const { listed, faults } = listOperations(about.document);
  checkSelect(about, listed);
  const contested = new Set<string>();
  const elsewhereOf = createOtherPaths(listed);
  for (let run = 0; run < runsMax; run += 1) {
    const { collisions, ...translated } = translateOnce(
      { ...about, listed, elsewhereOf },
      contested,
    );
    const others = [...collisions].filter((name) => !contested.has(name));
    if (others.length > 0) {
      for (const name of others) contested.add(name);
      continue;
    }
    for (const { label: operation, why } of relevant(faults, about.operations)) {
      translated.report.push({ operation, why, lost: true });
    }
    return translated;
  }
  throw new Error(`upstream ${about.upstream}: its types cannot be told apart by name`);
}

/** A map names its operations, and a fault in one of them has already refused to start. */
function relevant<T>(faults: readonly T[], wanted: OperationsWanted): readonly T[] {
  return typeof wanted === 'string' ? faults : [];
}

function checkSelect({ upstream, select }: Translating, listed: readonly ListedOperation[]): void {
  if (select === undefined) return;
  const isKnown = listed.some(({ parameters }) =>
    parameters.some((each) => each.in === 'query' && each.name === select.parameter),
  );
  if (isKnown) return;
  throw new Error(
    `upstream ${upstream}: select: no operation has a query parameter "${select.parameter}"`,
  );
}

function translateOnce(
  about: Translating & {
    listed: readonly ListedOperation[];
    elsewhereOf: ReturnType<typeof createOtherPaths>;
  },
  contested: ReadonlySet<string>,
): TranslatedOpenApi & { collisions: ReadonlySet<string> } {
  const { upstream, document, select, listed, elsewhereOf } = about;
  const report: ReportEntry[] = [];
  const note = createNotes(report);
  const components = listComponents(document);
  const chosen = chooseOperations({ upstream, listed, wanted: about.operations, note });
  const space = createTypeSpace({ upstream, components, contested, note });
  const inputs = createInputTypes(space);
  // In an order independent of the document's, on which names of types must not depend.
  const built = new Map(
    chosen
      .toSorted((one, other) => (coordinateOf(one) < coordinateOf(other) ? -1 : 1))
      .map((one) => {
        const isElsewhere = elsewhereOf(one.operation);
        return [one, buildOperation({ chosen: one, space, inputs, select, isElsewhere })] as const;
      }),
  );
  const fields: Record<'Query' | 'Mutation', Fields> = {
    Query: Object.create(null),
    Mutation: Object.create(null),
  };
  const operations = new Map<string, RestOperation>();
  for (const one of chosen) {
    const made = built.get(one) ?? 'not built';
    if (typeof made === 'string') {
      report.push({ operation: one.operation.label, why: made, lost: true });
      continue;
    }
    fields[one.root][one.field] = made.field;
    operations.set(made.operation.coordinate, made.operation);
  }
  const schema = buildSchema(upstream, fields, report);
  return { schema, operations, report, collisions: space.collisions };
}

function coordinateOf({ root, field }: ChosenOperation): string {
  return `${root}.${field}`;
}

function buildSchema(
  upstream: string,
  fields: Record<'Query' | 'Mutation', Fields>,
  report: readonly ReportEntry[],
): GraphQLSchema {
  if (Object.keys(fields.Query).length === 0) {
    const lost = report.filter((entry) => entry.lost).slice(0, 20);
    const why = lost.map(({ operation, why }) => `; ${operation}: ${why}`).join('');
    throw new Error(
      `upstream ${upstream}: its operations give no Query field, and a graph needs one: name a GET, or a POST that reads, as Query.name under "operations"${why}`,
    );
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

/** A schema is often read in several places, which must not repeat its notes. */
function createNotes(report: ReportEntry[]): (operation: string, why: string) => void {
  const known = new Set<string>();
  return (operation, why) => {
    const key = JSON.stringify([operation, why]);
    if (known.has(key)) return;
    known.add(key);
    report.push({ operation, why, lost: false });
  };
}
