/** A request to the admin port as its parts see it, and what they answer. */
export interface AdminRequest {
  /** Without the query. */
  readonly path: string;
  /** The query, without its `?`. */
  readonly search: string;
  /** Address of the socket's other end; '' where it is gone. */
  readonly peer: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Runs once when the answer was sent, or its reader is gone. */
  readonly release?: () => void;
}
