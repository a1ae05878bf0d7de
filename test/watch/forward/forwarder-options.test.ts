/** Endpoints and headers that cannot be used are refused before anything starts. */
import { describe, expect, it } from 'vitest';
import { createForwarder } from '../../../gateway/watch/forward/forwarder.ts';
import type { ForwarderOptions } from '../../../gateway/watch/forward/forwarder-options.ts';

describe('what cannot be configured', () => {
  const wrong: readonly { name: string; options: Partial<ForwarderOptions> }[] = [
    { name: 'no URL', options: { endpoint: 'collector:4318' } },
    { name: 'another scheme', options: { endpoint: 'ftp://collector' } },
    { name: 'credentials', options: { endpoint: 'https://a:b@collector' } },
    { name: 'a query', options: { endpoint: 'https://collector/?key=1' } },
    { name: 'a header with a newline', options: { headers: { a: 'b\r\nc: d' } } },
    { name: 'a header of our own', options: { headers: { 'Content-Type': 'text/plain' } } },
  ];
  it.each(wrong)('$name', ({ options }) => {
    const sound: ForwarderOptions = {
      directory: '.',
      endpoint: 'https://collector',
      notice: () => undefined,
      now: Date.now,
      random: Math.random,
    };
    expect(() => createForwarder(sound)).not.toThrow();
    expect(() => createForwarder({ ...sound, ...options })).toThrow(TypeError);
  });
});
