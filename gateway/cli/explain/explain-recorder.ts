/**
 * Replaces the transports: records what each upstream would be sent, sends nothing, and answers
 * with placeholder data, so that joins and links are followed.
 *
 * Headers are built as for a request, because a caller without a required claim gets nothing from
 * the upstream; they are not kept, because they hold credentials.
 */
import type { Config, UpstreamConfig } from '../../config.ts';
import { compileHeaders } from '../../delegate/transport/transport-headers.ts';
import type { Transport, UpstreamAnswer, UpstreamRequest } from '../../delegate/upstream.ts';
import type { LoadedGraph, LoadedSubgraph } from '../../graph.ts';
import { keyFieldsOf } from './explain-keys.ts';
import { answerGraphql } from './explain-play-graphql.ts';
import { answerRest } from './explain-play-rest.ts';

/** One request as an upstream would receive it. */
export interface RecordedRequest {
  readonly upstream: string;
  /** `GET /employees?limit=2`, or the text of a GraphQL document. */
  readonly request: string;
  /** Variables of a GraphQL document, if any. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Body of a REST call, if any. */
  readonly body?: unknown;
}

/** Most different requests of one operation; with more it is not explained. */
const requestsMax = 10_000;

const spanId = '0'.repeat(16);

export class RequestRecorder {
  readonly #config: Pick<Config, 'joins' | 'links'>;
  readonly #sent = new Map<string, RecordedRequest>();
  #subgraphs: LoadedGraph['subgraphs'] = new Map();

  constructor(config: Pick<Config, 'joins' | 'links'>) {
    this.#config = config;
  }

  /** The requests so far in order, without duplicates. */
  get requests(): readonly RecordedRequest[] {
    return [...this.#sent.values()];
  }

  /** Sets the schemas that answers are generated from. */
  answerFrom(subgraphs: LoadedGraph['subgraphs']): void {
    this.#subgraphs = subgraphs;
  }

  /** Throws if the upstream's header configuration is unsafe. */
  transportOf(upstream: UpstreamConfig): Transport {
    const { name } = upstream;
    const buildHeaders = compileHeaders({ ...upstream, upstream: name });
    return async (request, context) => {
      buildHeaders(request, context, spanId);
      const subgraph = this.#subgraphs.get(name);
      if (subgraph === undefined) throw new Error(`upstream ${name} was asked while it loaded`);
      this.#record(toRecorded(name, subgraph, request));
      return this.#answer(name, subgraph, request);
    };
  }

  #record(request: RecordedRequest): void {
    if (this.#sent.size >= requestsMax) {
      throw new Error(`more than ${requestsMax} different upstream requests`);
    }
    const key = JSON.stringify(request);
    if (!this.#sent.has(key)) this.#sent.set(key, request);
  }

  #answer(
    upstream: string,
    { schema, operations, prefix }: LoadedSubgraph,
    request: UpstreamRequest,
  ): UpstreamAnswer {
    const keys = keyFieldsOf(upstream, schema, this.#config);
    return operations === undefined
      ? answerGraphql({ schema, keys, prefix }, request)
      : answerRest({ schema, operations, keys }, request);
  }
}

function toRecorded(
  upstream: string,
  { operations }: LoadedSubgraph,
  { method, path, body }: UpstreamRequest,
): RecordedRequest {
  if (operations !== undefined) {
    const request = `${method} ${path}`;
    return { upstream, request, ...(body === undefined ? {} : { body: JSON.parse(body) }) };
  }
  const { query, variables } = JSON.parse(body ?? '{}');
  const hasSome = Object.keys(variables ?? {}).length > 0;
  return { upstream, request: query, ...(hasSome ? { variables } : {}) };
}
