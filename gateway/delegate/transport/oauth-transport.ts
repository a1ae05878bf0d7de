/**
 * A transport whose calls carry the gateway's own token. A held token costs nothing; if the
 * upstream refuses one with 401, it is renewed once, and the second answer is final.
 */
import { recordUpstreamCall } from '../../request.ts';
import { toNotedFailure } from '../noted-failure.ts';
import type { CallContext, Transport, UpstreamRequest } from '../upstream.ts';
import type { TokenSource } from './oauth-token.ts';

type SendWith = (
  request: UpstreamRequest,
  context: CallContext,
  authorization: string,
) => ReturnType<Transport>;

/** A call without a token is not sent, and is recorded as failed. */
export function withToken(
  send: SendWith,
  tokens: TokenSource,
  { upstream, now }: { readonly upstream: string; readonly now: () => number },
): Transport {
  const obtain: (...call: Parameters<Transport>) => Promise<string> = async (request, context) => {
    const startedMs = now();
    try {
      return await tokens.obtain(context);
    } catch (error) {
      recordUpstreamCall(context.record, {
        upstream,
        operation: request.label,
        status: 0,
        durationMs: now() - startedMs,
        responseBytes: 0,
        ...toNotedFailure(error),
      });
      throw error;
    }
  };
  return async (request, context) => {
    const token = tokens.current() ?? (await obtain(request, context));
    const answer = await send(request, context, `Bearer ${token}`);
    if (answer.status !== 401 || !tokens.refuse(token)) return answer;
    const renewed = tokens.current() ?? (await obtain(request, context));
    return send(request, context, `Bearer ${renewed}`);
  };
}
