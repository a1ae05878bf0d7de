/** Runs something again and again until the returned function is called. */
export type Every = (everyMs: number, run: () => void) => () => void;

/** By a timer that does not keep the process alive. */
export const everyUnref: Every = (everyMs, run) => {
  const timer = setInterval(run, everyMs).unref();
  return () => clearInterval(timer);
};
