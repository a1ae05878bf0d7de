/**
 * The console's part of the admin port: the page, its files, and the state that the page polls.
 * Read-only.
 *
 * Bounded, since the process that answers has other work: the states per second and at once are
 * limited, and answers not read in time are cut off. It answers only loopback addresses, whatever
 * address the admin port has, because it has no access control.
 */
import { isLoopbackHost } from '../addresses/outbound-address.ts';
import { type AdminAnswer, type AdminRequest, toJsonAnswer } from './admin-answer.ts';
import { isCursor } from './cursor.ts';
import type { PageFiles } from './page-files.ts';

export interface ConsoleDoorOptions {
  readonly files: PageFiles;
  /** Everything new since a cursor, as JSON. */
  readonly state: (after: string) => Promise<string>;
  /** Milliseconds, monotonic. */
  readonly clock: () => number;
}

/** Undefined if the path is not the console's; throws what `state` threw. */
export type ConsoleDoor = (
  request: AdminRequest,
) => Promise<AdminAnswer | undefined> | AdminAnswer | undefined;

/** States per second, for all pages together. */
export const statesPerSecondMax = 20;
/** States being made or read at the same time. */
export const statesAtOnceMax = 8;

export function createConsoleDoor({ files, state, clock }: ConsoleDoorOptions): ConsoleDoor {
  const mayAnswer = createPerSecond(statesPerSecondMax, clock);
  let open = 0;

  async function answerState(after: string): Promise<AdminAnswer> {
    if (!isCursor(after)) return toJsonAnswer(400, { status: 'no-cursor' });
    if (open >= statesAtOnceMax || !mayAnswer()) return busy;
    open += 1;
    const release = (): void => {
      open -= 1;
    };
    try {
      const body = await state(after);
      return { status: 200, type: 'application/json', body, headers: pageHeaders, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  return ({ path, search, peer }) => {
    if (path !== '/' && path !== '/console' && !path.startsWith('/console/')) return undefined;
    if (!isLoopbackHost(peer)) return toJsonAnswer(403, { status: 'refused', reason: notHere });
    if (path === '/console/state') {
      return answerState(new URLSearchParams(search).get('after') ?? '');
    }
    if (path === '/' || path === '/console') return toPage;
    const file = files.get(path.slice('/console/'.length));
    if (file === undefined) return undefined;
    return { status: 200, type: file.type, body: file.text, headers: pageHeaders };
  };
}

/** Answers the console's paths if the console is off. */
export const noConsole: ConsoleDoor = ({ path }) =>
  path === '/' || path === '/console' || path.startsWith('/console/')
    ? toJsonAnswer(404, { status: 'console-off', reason: isOff })
    : undefined;

const notHere =
  'the console has no lock and answers this machine alone: come through a tunnel, such as ssh -L';
const isOff =
  'the console is off: admin.console is false, or admin.host is no loopback address and admin.console is not set';

/**
 * Everything is loaded from here and from nowhere else: no foreign scripts, no framing, no text
 * parsed as markup. https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/
 */
const pageHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
});

const busy: AdminAnswer = {
  ...toJsonAnswer(429, { status: 'busy' }),
  headers: { 'retry-after': '1' },
};

const toPage: AdminAnswer = {
  ...toJsonAnswer(302, { status: 'found' }),
  headers: { location: '/console/' },
};

/** A token bucket. */
function createPerSecond(most: number, clock: () => number): () => boolean {
  let left = most;
  let atMs = clock();
  return () => {
    const nowMs = clock();
    left = Math.min(most, left + (most * Math.max(0, nowMs - atMs)) / 1_000);
    atMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
