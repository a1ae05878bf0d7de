/**
 * Allows cross-origin reads for the exact origins of the configuration; no other origin is ever
 * echoed, and credentials are never allowed. Without origins no CORS header is sent.
 */
export interface CorsDecision {
  /** Headers to add to any response that follows. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether this request is a preflight: it is answered with 204 and walks no further. */
  readonly isPreflight: boolean;
}

/** Response headers that scripts in a browser may read. */
const exposed = 'ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id';

export function decideCors(
  origins: readonly string[],
  method: string,
  headers: Readonly<Record<string, string>>,
): CorsDecision {
  if (origins.length === 0) return { headers: {}, isPreflight: false };
  const origin = headers.origin;
  if (origin === undefined || !origins.includes(origin)) {
    return { headers: { vary: 'origin' }, isPreflight: false };
  }
  const isPreflight =
    method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  return {
    isPreflight,
    headers: {
      vary: 'origin',
      'access-control-allow-origin': origin,
      ...(isPreflight
        ? {
            'access-control-allow-methods': 'GET, POST',
            'access-control-allow-headers': 'authorization, content-type, dpop, traceparent',
            'access-control-max-age': '600',
          }
        : { 'access-control-expose-headers': exposed }),
    },
  };
}
