/**
 * Finds lines of a log without parsing the others. The bytes are searched as they are read or
 * decompressed, several segments at a time, in processes of their own if there are many. Bounded: a
 * few blocks per process.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { segmentsSince } from '../read-segment.ts';
import type { SegmentFiles } from '../segment-names.ts';
import type { SearchNews, SearchOrder, SearchTask } from './search-process.ts';
import { createSearchSegment, type LookFor } from './search-segment.ts';

export interface Search extends LookFor {
  readonly sinceMs: number | undefined;
  /** Lines come in order within a segment. */
  readonly visit: (line: Buffer) => void;
}

/** From this many segments on, starting processes pays off. */
const sharedSegmentsMin = 6;
const processesMax = 4;

export async function searchLog(directory: string, search: Search): Promise<void> {
  const segments = await segmentsSince(directory, search.sinceMs);
  if (segments.length >= sharedSegmentsMin) return await inProcesses(directory, segments, search);
  const searchSegment = createSearchSegment(search);
  for (const segment of segments) {
    await searchSegment(directory, segment, (lines) => lines.forEach(search.visit));
  }
}

async function inProcesses(
  directory: string,
  segments: readonly SegmentFiles[],
  { texts, epochsKnown, visit }: Search,
): Promise<void> {
  const processes = Math.min(availableParallelism(), processesMax, segments.length);
  const queue = [...segments];
  const task = { directory, lookFor: { texts, epochsKnown } };
  // A failure in one process ends the others too.
  const stopping = new AbortController();
  const { signal } = stopping;
  const run = () => runProcess({ task, signal }, queue, visit);
  try {
    await Promise.all(Array.from({ length: processes }, run));
  } finally {
    stopping.abort();
  }
}

/** Takes segments from the queue until it is empty; rejects with an error of the process. */
async function runProcess(
  { task, signal }: { readonly task: SearchTask; readonly signal: AbortSignal },
  queue: SegmentFiles[],
  visit: (line: Buffer) => void,
): Promise<void> {
  const searching = fork(new URL('./search-process.ts', import.meta.url), {
    serialization: 'advanced',
    signal,
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const order = (what: SearchOrder): void => {
    // A process that cannot be sent to is ending; its exit event gives the reason.
    searching.send(what, (error) => error !== null && searching.kill());
  };
  const next = (): void => {
    const segment = queue.shift();
    if (segment === undefined) resolve();
    else order({ kind: 'search', segment });
  };
  searching.on('error', reject);
  // After a regular end the promise is settled, and this has no effect.
  searching.on('exit', (code, by) => {
    const how = by ?? `exit code ${code}`;
    reject(new Error(`a process that searches the log ended early (${how}): nothing is answered`));
  });
  const take = (news: SearchNews): void => {
    if (news.kind === 'done') next();
    else if (news.kind === 'failed') reject(news.error);
    else {
      for (const line of news.lines) visit(Buffer.from(line.buffer, line.byteOffset, line.length));
      order({ kind: 'taken' });
    }
  };
  searching.on('message', (news: SearchNews) => {
    if (signal.aborted) return;
    try {
      take(news);
    } catch (error) {
      // The visitor threw, so it is given no more lines.
      reject(error);
    }
  });
  try {
    order({ kind: 'task', task });
    next();
    await promise;
  } finally {
    searching.kill();
  }
}
