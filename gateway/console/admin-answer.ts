/** A request to the admin port as its handlers see it, and their answer. */
export interface AdminRequest {
  /** Without the query. */
  readonly path: string;
  /** The query, without its `?`. */
  readonly search: string;
  /** Address of the socket's other end; '' if the connection is gone. */
  readonly peer: string;
}

export interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called once when the answer has been sent or its reader is gone. */
  readonly release?: () => void;
}

export const toJsonAnswer = (status: number, body: object): AdminAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});
