/**
 * Holds the policies in use and loads new ones when their files change, or at once when asked. If a
 * set does not load, the old one stays in use and each distinct error is reported once. The cause
 * may lie outside of the policy files (a list of networks, a schema), so loading is retried after a
 * while, and at once when asked.
 *
 * Requests under way keep the policies they began with.
 */
import { type Every, everyUnref } from '../time/every.ts';

export interface PolicyChange {
  readonly kind: 'reloaded' | 'failed';
  /** Digest that was in use before; equals `to` if a bad set was reverted. */
  readonly from: string;
  /** Digest of the files as they are now; undefined if they cannot be read. */
  readonly to: string | undefined;
  /** One line per problem. */
  readonly problems: readonly string[];
  /** Remarks for the operator on the loaded policies, one line each. */
  readonly notes?: readonly string[] | undefined;
}

export interface PolicyReloaderOptions<T> {
  readonly initial: { readonly digest: string; readonly value: T };
  /** Computes the digest of the files as they are now. */
  readonly digest: () => Promise<string>;
  /** Loads and compiles everything; rejects if the policies are invalid. */
  readonly load: () => Promise<{
    readonly digest: string;
    readonly value: T;
    readonly notes?: readonly string[];
  }>;
  /** Receives the replaced value, to be closed once unused. */
  readonly retire: (old: T) => void;
  readonly report: (change: PolicyChange) => void;
  /** Interval of looks, in milliseconds. */
  readonly everyMs: number;
  /**
   * A set that failed to load is retried after this many looks, because loading is costly; default
   * 30.
   */
  readonly looksPerRetry?: number;
  /** Runs a function periodically until stopped; default: an unreferenced timer. */
  readonly every?: Every;
}

export interface PolicyReloader<T> {
  current(): T;
  /** Whether the files, when last looked at, differed from what is in force. */
  isStale(): boolean;
  /**
   * Looks now, and again if asked during a look. Retries a set that failed to load, and reports its
   * error again. Never rejects.
   */
  look(): Promise<void>;
  close(): void;
}

export function createPolicyReloader<T>(options: PolicyReloaderOptions<T>): PolicyReloader<T> {
  const { looksPerRetry = 30 } = options;
  let { digest, value } = options.initial;
  /** Digest of the files that did not load; undefined if they could not be read, or did load. */
  let failed: string | undefined;
  /** The last error reported. */
  let complaint: string | undefined;
  let looksLeft = 0;
  let looking: Promise<void> | undefined;
  let again = false;
  let isAsked = false;
  let closed = false;

  /** The files are as loaded; if they were bad in between, they were reverted. */
  function asTheyWere(wasBad: boolean): void {
    failed = complaint = undefined;
    if (wasBad) options.report({ kind: 'reloaded', from: digest, to: digest, problems: [] });
  }

  async function lookOnce(): Promise<void> {
    let found: string | undefined;
    const wasBad = complaint !== undefined;
    if (isAsked) failed = complaint = undefined;
    isAsked = false;
    try {
      found = await options.digest();
      if (closed) return;
      if (found === digest) {
        asTheyWere(wasBad);
        return;
      }
      looksLeft -= 1;
      if (found === failed && looksLeft > 0) return;
      const loaded = await options.load();
      if (closed) {
        options.retire(loaded.value);
        return;
      }
      const old = value;
      const from = digest;
      ({ digest, value } = loaded);
      failed = complaint = undefined;
      const { notes } = loaded;
      options.report({ kind: 'reloaded', from, to: digest, problems: [], ...(notes && { notes }) });
      options.retire(old);
    } catch (error) {
      const problems = (error instanceof Error ? error.message : String(error)).split('\n');
      failed = found;
      looksLeft = looksPerRetry;
      const about = [found, ...problems].join('\n');
      if (about === complaint) return;
      complaint = about;
      options.report({ kind: 'failed', from: digest, to: found, problems });
    }
  }

  async function run(): Promise<void> {
    do {
      again = false;
      await lookOnce();
    } while (again && !closed);
    looking = undefined;
  }

  const lookSometime = (): Promise<void> => {
    if (looking !== undefined) again = true;
    else looking = run();
    return looking ?? Promise.resolve();
  };
  const stop = (options.every ?? everyUnref)(options.everyMs, () => void lookSometime());
  return {
    current: () => value,
    isStale: () => complaint !== undefined,
    look() {
      isAsked = true;
      return lookSometime();
    },
    close() {
      closed = true;
      stop();
    },
  };
}
