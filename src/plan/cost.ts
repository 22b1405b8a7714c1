// Money: what invocations cost by a platform's price table. Comes in: prices, the memory of the function and how long it was
// billed for, or how long it can have been; goes out: USD, null where no price is known. Pure.
import type { Invocation } from '../generated/invocation.js';
import type { Cell } from '../generated/plan.js';
import type { Capabilities, Prices } from '../platforms/driver.js';
import { US_PER_S } from '../units.js';

const MB_PER_GB = 1024;

/** Of one invocation that took so long, rounded up as the platform rounds. */
export function invocationUsd(prices: Prices, memoryMb: number | null, us: number): number {
  const { granularityUs, minimumUs, usdPerRequest, usdPerGbS } = prices;
  const billedUs = Math.max(minimumUs, Math.ceil(us / granularityUs) * granularityUs);
  return usdPerRequest + gbSeconds(memoryMb, billedUs) * usdPerGbS;
}

/** What one invocation of a cell can cost: of a function that takes no time, and of one that uses its whole time limit. */
export function cellUsd(
  { memory_mb, timeout_s }: Pick<Cell, 'memory_mb' | 'timeout_s'>,
  { prices }: Pick<Capabilities, 'prices'>,
): { min: number; max: number } | null {
  if (prices === undefined) return null;
  return { min: invocationUsd(prices, memory_mb, 0), max: invocationUsd(prices, memory_mb, timeout_s * US_PER_S) };
}

/** How long the answer to an attempt was waited for: it cannot be billed for longer. */
export function waitedUs({ client_us = 0, connect_us = 0, queue_us = 0 }: Partial<Invocation>): number {
  return Math.max(0, client_us - connect_us - queue_us);
}

/**
 * What attempts of a cell have cost at most, from what the client saw: a limit of money that is held against it is not
 * overstepped unseen. Those without an outcome may have used their whole time.
 */
export function boundUsd(
  prices: Prices,
  { memory_mb, timeout_s }: Pick<Cell, 'memory_mb' | 'timeout_s'>,
  { requests, waitedUs: us, unknown }: { requests: number; waitedUs: number; unknown: number },
): number {
  const rounding = Math.max(prices.granularityUs, prices.minimumUs);
  const billedUs = us + unknown * timeout_s * US_PER_S + requests * rounding;
  return requests * prices.usdPerRequest + gbSeconds(memory_mb, billedUs) * prices.usdPerGbS;
}

function gbSeconds(memoryMb: number | null, us: number): number {
  return ((memoryMb ?? MB_PER_GB) / MB_PER_GB) * (us / US_PER_S);
}
