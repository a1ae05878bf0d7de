/**
 * Cross-origin reading for the exact origins of the configuration; nobody else's origin is ever
 * repeated, and credentials are never allowed. Without origins no CORS header leaves.
 */
export interface CorsDecision {
  /** Headers to put on whatever answer follows. */
  readonly headers: Readonly<Record<string, string>>;
  /** This request is a preflight: answer it with 204 and walk no further. */
  readonly isPreflight: boolean;
}

/** What a browser's script may read of an answer besides its body. */
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
