/**
 * Finds the lines of a log that somebody looks for, without parsing the others: bytes are
 * searched as they come from the disk or out of decompression, several segments at a time, in
 * threads where there is much to search. Bounded: a few blocks per thread.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { eachLine, readBlocks, segmentsSince } from './read-segment.ts';
import { createSearchSegment, type LookFor } from './search-segment.ts';
import type { ThreadNews, ThreadOrder, ThreadTask } from './search-thread.ts';
import type { SegmentFiles } from './segment-names.ts';

/** Without texts every line is looked for. */
export interface Search extends LookFor {
  readonly sinceMs: number | undefined;
  /** Lines come in order within a segment; where no text is asked for, across segments as well. */
  readonly visit: (line: Buffer) => void;
}

/** From so many on, threads are worth their start. */
const threadedSegmentsMin = 6;
const threadsMax = 4;

export async function searchLog(directory: string, search: Search): Promise<void> {
  const segments = await segmentsSince(directory, search.sinceMs);
  if (search.texts.length === 0) return await visitAll(directory, segments, search.visit);
  if (segments.length >= threadedSegmentsMin) return await inThreads(directory, segments, search);
  const searchSegment = createSearchSegment(search);
  for (const segment of segments) {
    await searchSegment(directory, segment, (lines) => lines.forEach(search.visit));
  }
}

async function visitAll(
  directory: string,
  segments: readonly SegmentFiles[],
  visit: (line: Buffer) => void,
): Promise<void> {
  for (const segment of segments) {
    for await (const block of readBlocks(directory, segment)) {
      eachLine(block, (line) => {
        visit(line);
        return true;
      });
    }
  }
}

async function inThreads(
  directory: string,
  segments: readonly SegmentFiles[],
  { texts, epochsKnown, visit }: Search,
): Promise<void> {
  const threads = Math.min(availableParallelism(), threadsMax, segments.length);
  const queue = [...segments];
  const task = { directory, lookFor: { texts, epochsKnown } };
  await Promise.all(Array.from({ length: threads }, () => runThread(task, queue, visit)));
}

/** Takes segments from the queue until it is empty; rejects with what broke in the thread. */
async function runThread(
  task: ThreadTask,
  queue: SegmentFiles[],
  visit: (line: Buffer) => void,
): Promise<void> {
  const thread = new Worker(new URL('./search-thread.ts', import.meta.url), { workerData: task });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const order = (what: ThreadOrder): void => thread.postMessage(what);
  const next = (): void => {
    const segment = queue.shift();
    if (segment === undefined) resolve();
    else order({ kind: 'search', segment });
  };
  thread.on('error', reject);
  // After an end in good order this says nothing any more.
  thread.on('exit', () => reject(new Error('a search ended early')));
  thread.on('message', (news: ThreadNews) => {
    if (news.kind === 'done') return next();
    for (const line of news.lines) visit(Buffer.from(line.buffer, line.byteOffset, line.length));
    order({ kind: 'taken' });
  });
  try {
    next();
    await promise;
  } finally {
    await thread.terminate();
  }
}
