/**
 * The two scripts that Redis runs; each is one atomic step over all its buckets. They implement
 * memory-entries.ts (window.ts has the reasoning) by Redis's own clock, so the clocks of the
 * gateways do not matter. Within a bucket stamps never run backwards.
 *
 * A bucket is one string: a packed list of integers, alternating stamps and counts, each stamp but
 * the first as the difference from the one before. Integers are exact in Lua up to 2^53. Needs
 * Redis 6 or later (SET KEEPTTL) without eviction: an evicted bucket starts full again.
 */
import { createHash } from 'node:crypto';
import { entriesMax, exactLimitMax } from './window.ts';

export interface Script {
  readonly text: string;
  readonly sha: string;
}

const load = `
local function load(key)
  local bucket = { stamps = {}, counts = {}, size = 0 }
  local packed = redis.call('GET', key)
  if packed then
    local flat = cmsgpack.unpack(packed)
    local stamp = 0
    for at = 1, #flat, 2 do
      stamp = stamp + flat[at]
      bucket.size = bucket.size + 1
      bucket.stamps[bucket.size] = stamp
      bucket.counts[bucket.size] = flat[at + 1]
    end
  end
  return bucket
end

local function pack(bucket)
  local flat, before = {}, 0
  for at = 1, bucket.size do
    -- The newest stays, even with nothing in it: the stamps of a bucket must not run backwards.
    if bucket.counts[at] > 0 or at == bucket.size then
      flat[#flat + 1] = bucket.stamps[at] - before
      flat[#flat + 1] = bucket.counts[at]
      before = bucket.stamps[at]
    end
  end
  return flat
end
`;

/**
 * KEYS: the buckets; one may occur twice. ARGV, four for each: limit, window in ms, amount, and a
 * mode: 1 grants what is left, 2 (shadow mode) takes nothing if the amount does not fit. Answers
 * one flat list of integers: if granted, 1, then granted, stamp, remaining and reset for each; if
 * refused, 0, the index and its wait, then remaining and reset for each.
 */
const charge = `
${load}
local time = redis.call('TIME')
local clock = time[1] * 1000 + math.floor(time[2] / 1000)
local buckets = {}

local function open(key, window)
  local bucket = buckets[key]
  if bucket then return bucket end
  local found = load(key)
  bucket = { stamps = {}, counts = {}, size = 0, total = 0, window = window, changed = false }
  bucket.now = math.max(clock, found.stamps[found.size] or 0)
  for at = 1, found.size do
    -- By the clock: stamps of another limit or window may lie ahead of it.
    if clock - found.stamps[at] <= window then
      bucket.size = bucket.size + 1
      bucket.stamps[bucket.size] = found.stamps[at]
      bucket.counts[bucket.size] = found.counts[at]
      bucket.total = bucket.total + found.counts[at]
    end
  end
  buckets[key] = bucket
  return bucket
end

local function reset(bucket)
  for at = bucket.size, 1, -1 do
    if bucket.counts[at] > 0 then return bucket.stamps[at] + bucket.window + 1 - clock end
  end
  return 0
end

local function wait(bucket, limit, wanted)
  if wanted > limit then return bucket.window end
  local freed = 0
  for at = 1, bucket.size do
    freed = freed + bucket.counts[at]
    if bucket.total - freed + wanted <= limit then
      return bucket.stamps[at] + bucket.window + 1 - clock
    end
  end
  return bucket.window
end

local function add(bucket, limit, amount)
  local stamp = bucket.now
  if limit > ${exactLimitMax} then
    local slice = math.floor(bucket.now * 50 / bucket.window)
    stamp = math.ceil((slice + 1) * bucket.window / 50) - 1
  end
  local last = bucket.stamps[bucket.size]
  if last and (last >= stamp or bucket.size >= ${entriesMax}) then
    bucket.stamps[bucket.size] = math.max(last, stamp)
    bucket.counts[bucket.size] = bucket.counts[bucket.size] + amount
  else
    bucket.size = bucket.size + 1
    bucket.stamps[bucket.size] = stamp
    bucket.counts[bucket.size] = amount
  end
  bucket.total = bucket.total + amount
  bucket.changed = true
  return bucket.stamps[bucket.size]
end

local granted, before = { 1 }, { 0, 0, 0 }
local refused, longest = 0, -1
for index = 1, #KEYS do
  local limit = tonumber(ARGV[index * 4 - 3])
  local window = tonumber(ARGV[index * 4 - 2])
  local amount = tonumber(ARGV[index * 4 - 1])
  local partial = ARGV[index * 4] == '1'
  local bucket = open(KEYS[index], window)
  local left = limit - bucket.total
  before[#before + 1] = math.max(0, left)
  before[#before + 1] = reset(bucket)
  local take = amount
  if partial and left >= 1 then take = math.min(amount, left) end
  local stamp = 0
  if amount > 0 and take > left and ARGV[index * 4] == '2' then
    take = 0
  elseif amount > 0 and take > left then
    local needed = wait(bucket, limit, partial and 1 or amount)
    if needed > longest then refused, longest = index, needed end
  elseif amount > 0 then
    stamp = add(bucket, limit, take)
  end
  granted[#granted + 1] = take
  granted[#granted + 1] = stamp
  granted[#granted + 1] = math.max(0, limit - bucket.total)
  granted[#granted + 1] = reset(bucket)
end

if refused > 0 then
  before[2] = refused - 1
  before[3] = longest
  return before
end
for key, bucket in pairs(buckets) do
  if bucket.changed then
    local ttl = bucket.stamps[bucket.size] - clock + bucket.window + 1000
    redis.call('SET', key, cmsgpack.pack(pack(bucket)), 'PX', ttl)
  end
end
return granted
`;

/** KEYS: the buckets. ARGV, two for each: the stamp of the grant, the units to return. */
const giveBack = `
${load}
for index = 1, #KEYS do
  local stamp = tonumber(ARGV[index * 2 - 1])
  local amount = tonumber(ARGV[index * 2])
  local bucket = load(KEYS[index])
  for at = 1, bucket.size do
    if bucket.stamps[at] == stamp then
      bucket.counts[at] = math.max(0, bucket.counts[at] - amount)
      redis.call('SET', KEYS[index], cmsgpack.pack(pack(bucket)), 'KEEPTTL')
      break
    end
  end
end
return 1
`;

const toScript = (text: string): Script => ({
  text,
  sha: createHash('sha1').update(text).digest('hex'),
});

export const chargeScript = toScript(charge);
export const giveBackScript = toScript(giveBack);
