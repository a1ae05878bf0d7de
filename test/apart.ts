/**
 * Tests that run in a process of their own: they change modules, clocks, prototypes, the console or
 * the process for as long as they run, or measure it. All others share processes, and what these have
 * loaded.
 */
export const apart = [
  'attacks/alert-address',
  'attacks/alert-webhook',
  'attacks/answer-text',
  'attacks/api-keys',
  'attacks/caller-disconnect',
  'attacks/certificates-of-providers',
  'attacks/certificates-replaced',
  'attacks/console',
  'attacks/first-lock',
  'attacks/hostile-documents',
  'attacks/introspection-at-length',
  'attacks/operation-timeout',
  'attacks/provider-address',
  'attacks/rates-long-identity',
  'attacks/shadow-rates',
  'attacks/unread-requests',
  'attacks/upstream-hostile-http',
  'attacks/upstream-moved',
  'delegate/transport',
  'delegate/upstream-guard',
  'delegate/upstream-tls',
  'e2e/collector-certificates',
  'e2e/overload',
  'engine/failed-items',
  'engine/lift-inputs',
  'properties/upstream-slots',
  'rates/charge-operation',
  'rates/redis-sentinel',
  'time/turn-end',
  'watch/audit-event/closings',
  'watch/audit-log/hung-disk',
  'watch/forward/forwarder-outage',
].map((name) => `test/${name}.test.ts`);
