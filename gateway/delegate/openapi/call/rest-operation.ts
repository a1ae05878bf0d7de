/** One REST call as made by a root field: where each argument goes, and how the answer is read. */
import type { AnswerShape } from './answer-shape.ts';
import type { IsElsewhere } from './other-paths.ts';
import type { Fieldset } from './select-fields.ts';
import type { FitsSegment } from './shared-segment.ts';

/**
 * How a query parameter is spelled: `deep` is `filter[name]=value`, `spread` is `name=value`, and
 * `nested` takes lists and objects inside as well (`filter[owner][0]=value`).
 */
export type QueryStyle =
  | 'one'
  | 'repeat'
  | 'comma'
  | 'space'
  | 'pipe'
  | 'deep'
  | 'nested'
  | 'spread';

export interface RestArgument {
  /** The argument's name in the graph, and the parameter's on the wire. */
  argument: string;
  wire: string;
  /** Converts a coerced value to the wire's. */
  write: (value: unknown) => unknown;
  /** The problem with a written value by the document's constraints; undefined if it fits. */
  check: (value: unknown) => string | undefined;
}

export interface PathArgument extends RestArgument {
  /** Set if the value shares its segment with other text. */
  readonly fits: FitsSegment | undefined;
}

export interface RestBody extends RestArgument {
  /** The headers of a call with this body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Serialises a written value; throws UpstreamFailure if that is impossible. */
  readonly toText: (value: unknown) => string;
}

export interface RestOperation {
  /** `Query.employee` */
  readonly coordinate: string;
  /** `GET /employees/{id}` */
  readonly label: string;
  readonly method: string;
  /** Literal text and the arguments between it. */
  readonly path: readonly (string | PathArgument)[];
  /** Set if a value could turn the path into another operation's. */
  readonly isElsewhere: IsElsewhere | undefined;
  readonly query: readonly (RestArgument & { style: QueryStyle })[];
  /** The headers of a call without a body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RestBody | undefined;
  /** Undefined if the document declares no JSON: the field is then true when the call succeeds. */
  readonly answer: RestAnswer | undefined;
  /** The query parameter that asks the upstream for some of its properties only. */
  readonly select: Fieldset | undefined;
}

export interface RestAnswer {
  /** Whether the document declares an answer without a body (204, 205) beside the JSON one. */
  readonly mayBeEmpty: boolean;
  readonly nullable: boolean;
  /** How the body is read; each field of a type below it has its own reading (`readingOf`). */
  readonly shape: AnswerShape;
  /** The result of `compileRead` for the shape. */
  readonly read: (value: unknown) => unknown;
}
