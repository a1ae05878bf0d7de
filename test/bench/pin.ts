/**
 * Keeps processes off each other: what is measured has a core of its own, the bench and what it
 * plays have another.
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Puts a process, with all its threads, on one core; false where that cannot be done. */
export function pin(pid: number, core: number): boolean {
  if (availableParallelism() < 2 && core > 0) return false;
  return spawnSync('taskset', ['-a', '-c', '-p', String(core), String(pid)]).status === 0;
}
