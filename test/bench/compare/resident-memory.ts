/** What a process holds in memory. Linux. */
import { readFileSync } from 'node:fs';

/** Resident now, in MB; throws where the process is gone. */
export function rssMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
