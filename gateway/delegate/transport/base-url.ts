/**
 * Resolves where an upstream's requests go: the configured URL, and paths that cannot escape it.
 * Fails closed.
 */
import type { Dispatcher } from 'undici';
import { UpstreamFailure } from '../../errors.ts';
import type { UpstreamRequest } from '../upstream.ts';

export interface BaseUrl {
  readonly origin: string;
  readonly path: string;
  /** The path without a trailing slash. */
  readonly prefix: string;
}

/** Throws Error if the URL is invalid or has parts that are not allowed. */
export function readBaseUrl(upstream: string, text: string): BaseUrl {
  if (!URL.canParse(text)) throw new Error(`upstream ${upstream}: url is no URL`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`upstream ${upstream}: url must be http or https`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Error(`upstream ${upstream}: url must hold no credentials, query or fragment`);
  }
  return { origin: url.origin, path: url.pathname, prefix: url.pathname.replace(/\/$/, '') };
}

/** `/` means the URL itself. Second check behind the callers' encoding: no path escapes the URL. */
export function toDispatch(
  upstream: string,
  base: BaseUrl,
  { method, path, body }: UpstreamRequest,
): Dispatcher.DispatchOptions {
  const mark = path.indexOf('?');
  const plain = mark < 0 ? path : path.slice(0, mark);
  const isUnsafe =
    !/^\/(?!\/)[\x21-\x7e]*$/.test(path) ||
    /[#\\]/.test(path) ||
    /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(plain);
  if (isUnsafe) throw new UpstreamFailure({ upstream, kind: 'request path refused' });
  const joined = path === '/' ? base.path : base.prefix + path;
  return { method, path: joined, headers: null, body: body ?? null };
}
