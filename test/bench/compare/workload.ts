/** What a workload is: a request for every count, and the answer it must have. */

/** How one gateway spells what all of them have. */
export interface Dialect {
  /** The type of `Query.employee(id:)`. */
  readonly id: string;
  /** The type of `Mutation.updateEmployee(input:)`. */
  readonly update: string;
}

export interface GraphQLRequest {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The same request as a plain proxy can forward it. */
export interface RestRequest {
  readonly method: 'GET' | 'PATCH';
  readonly path: string;
  readonly body?: unknown;
}

export interface Expected {
  readonly data: unknown;
  /** `path.joined.by.dots` of every FORBIDDEN error; none where absent. */
  readonly forbidden?: readonly string[];
}

export interface Workload {
  readonly name: string;
  readonly title: string;
  /** How many different requests an answer check looks at. */
  readonly samples: number;
  ask(count: number, dialect: Dialect): GraphQLRequest;
  forward(count: number): RestRequest;
  /** Where everybody may see everything. */
  open(count: number): Expected;
  /** Where access rules refuse and mask; as `open` where they do not. */
  ruled(count: number): Expected;
}
