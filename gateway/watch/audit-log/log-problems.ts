/** What can be wrong with a log, and where. */
import { basename, join } from 'node:path';

export type LogProblemCode =
  | 'no-link'
  | 'chain-broken'
  | 'records-missing'
  | 'out-of-order'
  | 'torn-tail'
  | 'root-mismatch'
  | 'bad-signature'
  | 'bad-checkpoints'
  | 'checkpoint-missing'
  | 'start-missing'
  | 'beginning-missing'
  | 'truncated'
  | 'empty';

export interface LogProblem {
  readonly code: LogProblemCode;
  readonly file: string;
  /** From 1; 1 where the problem is of the whole file. */
  readonly line: number;
  readonly seq: number;
  readonly message: string;
}

export interface Complaint {
  readonly code: LogProblemCode;
  readonly message: string;
  readonly seq: number;
  /** In the segment's lines; default: the whole file. */
  readonly line?: number;
  /** A file beside the segment's lines, as a whole. */
  readonly file?: string;
}

/** Bounded: a log that is wrong everywhere is wrong enough after a hundred. */
const problemsMax = 100;

export class LogProblems {
  readonly #directory: string;
  readonly all: LogProblem[] = [];
  /** The file that lines are of. */
  lines = '';

  constructor(directory: string) {
    this.#directory = directory;
  }

  add({ code, message, seq, line = 1, file }: Complaint): void {
    if (this.all.length >= problemsMax) return;
    this.all.push({
      ...{ code, seq, message },
      file: join(this.#directory, file ?? this.lines),
      line: file === undefined ? Math.max(1, line) : 1,
    });
  }

  /** Leaves out segments that begin up to this record: what retention takes away may be there in part. */
  forgetThrough(seq: number): void {
    const left = this.all.filter(({ file }) => !(beginningOf(file) <= seq));
    this.all.splice(0, this.all.length, ...left);
  }
}

/** First seq of the segment that a file is of; NaN where it is of none. */
const beginningOf = (file: string): number => Number(/^\d{16}(?=\.)/.exec(basename(file))?.[0]);
