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
  /** If it throws, the news is lost, and nothing else. */
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
  return new Reloader(options);
}

const looksPerRetryDefault = 30;

class Reloader<T> implements PolicyReloader<T> {
  readonly #options: PolicyReloaderOptions<T>;
  readonly #stop: () => void;
  #inForce: { readonly digest: string; readonly value: T };
  /** Digest of the files that did not load; undefined if they could not be read, or did load. */
  #failed: string | undefined;
  /** The last error reported. */
  #complaint: string | undefined;
  /** Looks until files that did not load are tried again. */
  #looksLeft = 0;
  #looking: Promise<void> | undefined;
  #isAgain = false;
  #isAsked = false;
  #isClosed = false;

  constructor(options: PolicyReloaderOptions<T>) {
    this.#options = options;
    this.#inForce = options.initial;
    const { every = everyUnref, everyMs } = options;
    this.#stop = every(everyMs, () => void this.#lookSometime());
  }

  current(): T {
    return this.#inForce.value;
  }

  isStale(): boolean {
    return this.#complaint !== undefined;
  }

  look(): Promise<void> {
    this.#isAsked = true;
    return this.#lookSometime();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  #lookSometime(): Promise<void> {
    if (this.#looking === undefined) this.#looking = this.#run();
    else this.#isAgain = true;
    return this.#looking;
  }

  async #run(): Promise<void> {
    do {
      this.#isAgain = false;
      await this.#lookOnce();
    } while (this.#isAgain && !this.#isClosed);
    this.#looking = undefined;
  }

  async #lookOnce(): Promise<void> {
    let found: string | undefined;
    const wasBad = this.isStale();
    if (this.#isAsked) this.#forgetComplaint();
    this.#isAsked = false;
    try {
      found = await this.#options.digest();
      if (this.#isClosed) return;
      if (found === this.#inForce.digest) return this.#keep(wasBad);
      this.#looksLeft -= 1;
      if (found === this.#failed && this.#looksLeft > 0) return;
      this.#take(await this.#options.load());
    } catch (error) {
      this.#complain(found, error);
    }
  }

  /** The files are as loaded; if they were bad in between, they were reverted. */
  #keep(wasBad: boolean): void {
    this.#forgetComplaint();
    const { digest } = this.#inForce;
    if (wasBad) this.#report({ kind: 'reloaded', from: digest, to: digest, problems: [] });
  }

  #take({ digest, value, notes }: Awaited<ReturnType<PolicyReloaderOptions<T>['load']>>): void {
    if (this.#isClosed) {
      this.#options.retire(value);
      return;
    }
    const old = this.#inForce;
    this.#inForce = { digest, value };
    this.#forgetComplaint();
    const about = { from: old.digest, to: digest, problems: [] };
    this.#report({ kind: 'reloaded', ...about, ...(notes && { notes }) });
    this.#options.retire(old.value);
  }

  #complain(found: string | undefined, error: unknown): void {
    if (this.#isClosed) return;
    const problems = (error instanceof Error ? error.message : String(error)).split('\n');
    this.#failed = found;
    this.#looksLeft = this.#options.looksPerRetry ?? looksPerRetryDefault;
    const complaint = [found, ...problems].join('\n');
    if (complaint === this.#complaint) return;
    this.#complaint = complaint;
    this.#report({ kind: 'failed', from: this.#inForce.digest, to: found, problems });
  }

  #forgetComplaint(): void {
    this.#failed = undefined;
    this.#complaint = undefined;
  }

  /** What is in force does not depend on the news of it: an exception must end no look. */
  #report(change: PolicyChange): void {
    try {
      this.#options.report(change);
    } catch {
      // The report was the only way to tell it.
    }
  }
}
