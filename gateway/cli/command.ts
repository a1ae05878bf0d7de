/** What every command receives: parsed options, and the process's streams and environment. */
import type { Environment } from '../files/environment-text.ts';

export interface CommandIo {
  readonly stdout: {
    /** Returns false while much of what was written waits for the reader. */
    write(text: string): unknown;
    /** Calls the listener once the reader has caught up. */
    once?(event: 'drain', listener: () => void): unknown;
    readonly writableLength?: number;
  };
  readonly stderr: { write(text: string): unknown };
  readonly env: Environment;
  /** Registers a listener for each request to reload the policies. */
  readonly onReload?: (listener: () => void) => void;
  /**
   * Registers a listener for the exit of the process, when only synchronous writes still complete.
   */
  readonly onExit?: (listener: () => void) => void;
  /** Registers a listener for each request to replace the workers. */
  readonly onExchange?: (listener: () => void) => void;
  /** Resident memory of the process. */
  readonly rssBytes?: () => number;
  /** Aborts when the process is asked to stop. */
  readonly stop: AbortSignal;
}

export interface CommandOptions {
  readonly config: string;
  readonly json: boolean;
  /** Positional arguments, for commands that take them. */
  readonly words?: readonly string[];
  /** Options of the command itself, as written. */
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
}
